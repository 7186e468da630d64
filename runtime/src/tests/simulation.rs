//! What a call would do is found without doing it.

use super::{
	chain::Chain,
	governance::{batch, remark, sudo},
	proxies::by_proxy,
};
use crate::{simulation::simulate_call, Runtime, RuntimeCall};
use pallet_block_proposal::{Call as Proposal, Error};
use pallet_prover_pool::Call as Pool;
use sp_keyring::Sr25519Keyring::*;
use sp_runtime::{DispatchError, DispatchResult};

/// A chain after a block that has dispatched a call in vain, for another account.
fn chain() -> Chain {
	let mut chain = Chain::development();
	chain.block(vec![(Alice, sudo(Proposal::unpause {}.into()))]);
	chain
}

fn simulated(chain: &mut Chain, call: impl Into<RuntimeCall>) -> DispatchResult {
	let call = call.into();
	chain.inspect(|| simulate_call(Alice.to_account_id(), call))
}

#[test]
fn a_call_is_simulated_without_an_effect() {
	let mut chain = chain();
	let root = |chain: &mut Chain| {
		chain.inspect(|| sp_io::storage::root(sp_core::storage::StateVersion::V1))
	};
	let before = root(&mut chain);
	assert_eq!(simulated(&mut chain, remark()), Ok(()));
	assert_eq!(simulated(&mut chain, sudo(Proposal::pause {}.into())), Ok(()));
	let not_in_pool = pallet_prover_pool::Error::<Runtime>::NotInPool.into();
	assert_eq!(simulated(&mut chain, Pool::pause {}), Err(not_in_pool));
	assert_eq!(root(&mut chain), before);
}

#[test]
fn what_is_dispatched_for_another_account_is_seen() {
	let mut chain = chain();
	let unpause = sudo(Proposal::unpause {}.into());
	assert_eq!(simulated(&mut chain, unpause), Err(Error::<Runtime>::NotPaused.into()));
	let not_proxy = pallet_proxy::Error::<Runtime>::NotProxy.into();
	assert_eq!(simulated(&mut chain, by_proxy(Bob, remark())), Err(not_proxy));
}

#[test]
fn what_fits_no_block_is_not_simulated() {
	let verify = RuntimeCall::from(Proposal::verify_blocks { max: 128 });
	let huge = batch(vec![verify; 1_000]);
	assert_eq!(simulated(&mut chain(), huge), Err(DispatchError::Exhausted));
}
