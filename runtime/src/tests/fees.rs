//! Fees go to the author of the block, to the base unit.

use super::{
	chain::{apply, spendable, tipped, Chain, Claim},
	life::{drawn, prove},
};
use crate::{
	configs::{
		money::{EXISTENTIAL_DEPOSIT, UNIT},
		pool::DrawDelay,
		protocol::{MaxGasLimit, MaxTxListSize, FIRST_FEE_PER_GAS},
	},
	Authorship, Babe, Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System,
};
use frame_support::{weights::Weight, WeakBoundedVec};
use pallet_transaction_payment::{weights::SubstrateWeight, WeightInfo};
use prover_pool_rollup::{dev_secret, encode_list, Signer, GAS_PER_TRANSFER};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::{self, *};

/// A chain with four validators.
fn chain() -> Chain {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.run_to(1);
	chain
}

fn remark(len: usize) -> RuntimeCall {
	frame_system::Call::remark { remark: vec![0; len] }.into()
}

/// The fees of a block with these events, tips included.
fn fees(events: &[RuntimeEvent]) -> Balance {
	let fee = |event: &RuntimeEvent| match event {
		RuntimeEvent::TransactionPayment(
			pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
		) => *actual_fee,
		_ => 0,
	};
	events.iter().map(fee).sum()
}

/// What a transaction of Eve's changed.
#[derive(Debug, PartialEq)]
struct Changes {
	fee: Balance,
	paid: Balance,
	earned: Balance,
	burnt: Balance,
}

/// Makes a block by `author` with a transaction of Eve's.
fn changes(
	chain: &mut Chain,
	(claim, author): (Claim, Sr25519Keyring),
	(call, tip): (RuntimeCall, Balance),
) -> Changes {
	let read = || (spendable(Eve), spendable(author), Balances::total_issuance());
	let before = chain.inspect(read);
	let events = chain.block_with(claim, Vec::new(), || {
		let nonce = System::account_nonce(Eve.to_account_id());
		apply(tipped(Eve, nonce, call, tip)).expect("the call succeeds");
	});
	let after = chain.inspect(read);
	Changes {
		fee: fees(&events),
		paid: before.0 - after.0,
		earned: after.1 - before.1,
		burnt: before.2 - after.2,
	}
}

#[test]
fn the_author_earns_fee_and_tip_and_nothing_is_burnt() {
	let mut chain = chain();
	for (index, author, claim) in [
		(1, Bob, Claim::Primary),
		(2, Charlie, Claim::SecondaryVrf),
		(3, Dave, Claim::SecondaryPlain),
	] {
		chain.set_author(index, author);
		for tip in [0, 7 * UNIT] {
			let it = changes(&mut chain, (claim, author), (remark(9), tip));
			assert!(it.fee > tip);
			assert_eq!(it, Changes { fee: it.fee, paid: it.fee, earned: it.fee, burnt: 0 });
		}
	}
}

#[test]
fn an_author_pays_its_own_fee_to_itself() {
	let mut chain = chain();
	let read = || (spendable(Alice), Balances::total_issuance());
	let before = chain.inspect(read);
	let events = chain.block(vec![(Alice, remark(9))]);
	assert!(fees(&events) > 0);
	assert_eq!(chain.inspect(read), before);
}

/// Lets a validator whose account does not exist author the next blocks.
fn poor_author(chain: &mut Chain) -> Sr25519Keyring {
	let poor = One;
	chain.inspect(|| {
		let only = [(poor.public().into(), 1)];
		let only = WeakBoundedVec::try_from(only.to_vec()).expect("one is not too many");
		pallet_babe::Authorities::<Runtime>::put(only);
		pallet_session::Validators::<Runtime>::put(vec![poor.to_account_id()]);
		assert!(!System::account_exists(&poor.to_account_id()));
	});
	chain.set_author(0, poor);
	poor
}

#[test]
fn a_fee_that_the_author_cannot_receive_is_burnt() {
	let mut chain = chain();
	let poor = poor_author(&mut chain);
	let by = (Claim::SecondaryVrf, poor);
	let it = changes(&mut chain, by, (remark(9), 0));
	assert!(it.fee < EXISTENTIAL_DEPOSIT, "{it:?}");
	assert_eq!(it, Changes { fee: it.fee, paid: it.fee, earned: 0, burnt: it.fee });
	chain.inspect(|| assert!(!System::account_exists(&poor.to_account_id())));

	// One that is large enough makes the account, and then all are received.
	for len in [2_000, 9] {
		let it = changes(&mut chain, by, (remark(len), 0));
		assert_eq!(it.fee > EXISTENTIAL_DEPOSIT, len == 2_000, "{it:?}");
		assert_eq!(it, Changes { fee: it.fee, paid: it.fee, earned: it.fee, burnt: 0 });
	}
}

/// Nodes refuse such a block. The runtime has nobody to pay.
#[test]
fn without_a_known_author_fees_are_burnt() {
	let mut chain = chain();
	let strangers_index = chain.inspect(|| Babe::authorities().len() as u32);
	chain.set_author(strangers_index, Ferdie);
	let it = changes(&mut chain, (Claim::SecondaryVrf, Ferdie), (remark(9), UNIT));
	assert!(it.fee > UNIT);
	assert_eq!(it, Changes { fee: it.fee, paid: it.fee, earned: 0, burnt: it.fee });
	chain.inspect(|| assert_eq!(Authorship::author(), None));
}

#[test]
fn the_weight_of_a_fee_contains_its_deposit() {
	let charged =
		<Runtime as pallet_transaction_payment::Config>::WeightInfo::charge_transaction_payment();
	let without: Weight = SubstrateWeight::<Runtime>::charge_transaction_payment();
	let account = <Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1);
	assert_eq!(charged, without + account);
}

/// A list that fills the size of lists, which is less than what fills the gas limit.
fn full_list() -> Vec<u8> {
	let mut signer = Signer::new(dev_secret(0));
	let to = signer.address();
	let mut sign = || signer.sign(to, 1, 1).expect("a low nonce");
	let of_one = encode_list(&[sign()]).len();
	let count = MaxTxListSize::get() as usize / of_one;
	assert!(count as u32 * GAS_PER_TRANSFER <= MaxGasLimit::get());
	let list = encode_list(&(0..count).map(|_| sign()).collect::<Vec<_>>());
	assert!(list.len() + of_one > MaxTxListSize::get() as usize);
	list
}

/// The proposal of a full block of the rollup and the proof of one: what the simulator takes for the earnings
/// of a block's author (`prover_pool_sim::parameters::BLOCK_FEES`).
#[test]
fn a_block_with_a_full_block_of_the_rollup_earns_its_author_what_the_simulator_says() {
	let mut chain = Chain::development();
	chain.run_to(5);
	let earned = |chain: &mut Chain, calls| {
		let before = chain.inspect(|| spendable(Alice));
		let events = chain.block(calls);
		let earned = chain.inspect(|| spendable(Alice)) - before;
		assert_eq!(earned, fees(&events));
		earned
	};
	let propose = pallet_block_proposal::Call::propose_block {
		tx_list: full_list(),
		gas_limit: MaxGasLimit::get(),
		beneficiary: Ferdie.to_account_id(),
		max_fee_per_gas: FIRST_FEE_PER_GAS,
	};
	let of_proposal = earned(&mut chain, vec![(Ferdie, propose.into())]);
	chain.run_to(chain.number() + DrawDelay::get());
	let (prover, _) = drawn(&chain.block(Vec::new())).expect("drawn now");
	let proof = prove(&mut chain, prover);
	let of_proof = earned(&mut chain, vec![(prover, proof)]);
	let hundredths = (of_proposal + of_proof) * 100 / UNIT;
	assert_eq!(hundredths, 13, "{of_proposal} and {of_proof}");
}
