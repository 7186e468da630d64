//! Governance gets through when blocks are full, and only governance may use the share that is kept for it.

use super::{
	chain::{signed, Chain},
	proxies::by_proxy,
};
use crate::{
	configs::parameters::{
		dynamic::pool::{ExitPeriod, Parameters as Pool},
		RuntimeParameters,
	},
	genesis::ATTESTOR,
	BlockProposal, Executive, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use codec::Decode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	storage::{with_transaction, TransactionOutcome},
	traits::GetCallMetadata,
	weights::Weight,
};
use pallet_block_proposal::Call as Proposal;
use pallet_succinct_proofs::Call as Succinct;
use sp_core::{sr25519::Public, H256};
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};
use std::collections::BTreeSet;

/// Every call of governance.
fn governance() -> Vec<RuntimeCall> {
	let (hash, key) = (H256::zero(), Public::from_raw(ATTESTOR));
	let dispute =
		Proposal::dispute_claim { block_id: 1, parent_hash: hash, block_hash: hash, gas_used: 0 };
	let key_value = RuntimeParameters::Pool(Pool::ExitPeriod(ExitPeriod, Some(10)));
	vec![
		dispute.into(),
		Proposal::pause {}.into(),
		Proposal::unpause {}.into(),
		Proposal::reset { verified_hash: hash }.into(),
		Proposal::start { genesis_hash: hash, fee_per_gas: 1_000, delay: 1 }.into(),
		pallet_prover_pool::Call::cancel_slash { block_id: 1 }.into(),
		pallet_attestation::Call::register_key { key }.into(),
		pallet_attestation::Call::revoke_key { key }.into(),
		Succinct::register_system {
			system: Box::new(pallet_succinct_proofs::System::RiscZeroSegments),
		}
		.into(),
		Succinct::pause_system { system: 0 }.into(),
		Succinct::resume_system { system: 0 }.into(),
		Succinct::revoke_system { system: 0 }.into(),
		Succinct::register_program { system: 0, id: hash, delay: 1 }.into(),
		Succinct::pause_program { program: 0 }.into(),
		Succinct::resume_program { program: 0 }.into(),
		Succinct::revoke_program { program: 0 }.into(),
		crate::checked_parameters::Call::set_parameter { key_value }.into(),
		pallet_validators::Call::set_validators { validators: vec![Alice.to_account_id()] }.into(),
	]
}

pub fn sudo(call: RuntimeCall) -> RuntimeCall {
	pallet_sudo::Call::sudo { call: Box::new(call) }.into()
}

pub fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	pallet_utility::Call::batch_all { calls }.into()
}

pub fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// The ways in which a call of governance can be sent.
fn wrapped(call: RuntimeCall) -> Vec<RuntimeCall> {
	let unchecked = pallet_sudo::Call::sudo_unchecked_weight {
		call: Box::new(call.clone()),
		weight: Weight::from_parts(1_000, 0),
	};
	let derivative = pallet_utility::Call::as_derivative { index: 0, call: Box::new(call.clone()) };
	vec![
		call.clone(),
		sudo(call.clone()),
		unchecked.into(),
		derivative.into(),
		by_proxy(Alice, call.clone()),
		pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![Eve.to_account_id()],
			call: Box::new(call.clone()),
		}
		.into(),
		batch(vec![call.clone(), sudo(call.clone())]),
		sudo(batch(vec![call])),
	]
}

pub const REFUSED: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::BadSigner);

#[test]
fn governance_is_operational_however_it_is_wrapped() {
	Chain::development().inspect(|| {
		for call in governance().into_iter().flat_map(wrapped) {
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{call:?}");
		}
	});
}

#[test]
fn operational_transactions_of_all_but_sudo_are_invalid() {
	let mut chain = Chain::development();
	chain.run_to(1);
	for call in governance().into_iter().flat_map(wrapped) {
		assert_eq!(chain.validate(Bob, call.clone()), Err(REFUSED), "{call:?}");
		assert!(chain.validate(Alice, call).is_ok());
	}
	// So are those of the system, and a batch of an inherent, which is of the same class.
	let set_code = frame_system::Call::set_code { code: vec![] };
	assert_eq!(chain.validate(Bob, set_code), Err(REFUSED));
	let inherent = batch(vec![pallet_timestamp::Call::set { now: 0 }.into()]);
	assert_eq!(inherent.get_dispatch_info().class, DispatchClass::Operational);
	assert_eq!(chain.validate(Bob, inherent), Err(REFUSED));
	assert!(chain.validate(Bob, batch(vec![])).is_ok());
	// A batch with anything else in it is an ordinary transaction.
	let mixed = batch(vec![remark(), Proposal::pause {}.into()]);
	assert_eq!(mixed.get_dispatch_info().class, DispatchClass::Normal);
	assert!(chain.validate(Bob, mixed).is_ok());
	assert!(chain.validate(Bob, remark()).is_ok());
}

#[test]
fn nobody_is_sudo_once_the_key_is_removed() {
	let mut chain = Chain::development();
	chain.block(vec![(Alice, pallet_sudo::Call::remove_key {}.into())]);
	assert_eq!(chain.validate(Alice, sudo(Proposal::pause {}.into())), Err(REFUSED));
}

/// Applies a transaction within a block.
fn apply(who: Sr25519Keyring, call: RuntimeCall) -> Result<(), TransactionValidityError> {
	let nonce = System::account_nonce(who.to_account_id());
	Executive::apply_extrinsic(signed(who, nonce, call)).map(|_| ())
}

#[test]
fn attack_f7_crowding_a_dispute_out() {
	use super::chain::Claim;
	let mut chain = Chain::development();
	let events = chain.block_with(Claim::SecondaryVrf, vec![], || {
		// Somebody has filled the block with ordinary transactions.
		let limits = <Runtime as frame_system::Config>::BlockWeights::get();
		let most = limits.get(DispatchClass::Normal).max_total.expect("there is a limit");
		let used = *System::block_weight().get(DispatchClass::Normal);
		System::register_extra_weight_unchecked(most.saturating_sub(used), DispatchClass::Normal);
		let exhausted = InvalidTransaction::ExhaustsResources.into();
		assert_eq!(apply(Bob, remark()), Err(exhausted));
		// Governance still gets through, and nobody else does by the same way.
		assert_eq!(apply(Bob, sudo(Proposal::pause {}.into())), Err(REFUSED));
		assert_eq!(apply(Alice, sudo(Proposal::pause {}.into())), Ok(()));
		assert!(BlockProposal::is_paused());
	});
	let paused = |event: &RuntimeEvent| {
		matches!(event, RuntimeEvent::BlockProposal(pallet_block_proposal::Event::Paused { .. }))
	};
	assert!(events.iter().any(paused));
}

#[test]
fn the_extension_adds_no_bytes_and_has_a_weight() {
	use codec::Encode;
	use sp_runtime::traits::TransactionExtension;
	let extension = crate::check_operational::CheckOperational;
	assert!(extension.encode().is_empty());
	assert!(extension.weight(&remark()).any_gt(Weight::zero()));
}

/// Every call of the runtime, with some arguments.
pub fn every_call() -> Vec<RuntimeCall> {
	let indices = (0..=u8::MAX).flat_map(|pallet| (0..=u8::MAX).map(move |call| [pallet, call]));
	let with = |index: [u8; 2], filler| {
		let bytes = [&index[..], &[filler; 1_024]].concat();
		RuntimeCall::decode(&mut &bytes[..]).ok()
	};
	indices.filter_map(|index| with(index, 0).or_else(|| with(index, 1))).collect()
}

pub fn name_of(call: &RuntimeCall) -> String {
	let name = call.get_call_metadata();
	format!("{}.{}", name.pallet_name, name.function_name)
}

#[test]
fn every_call_that_can_be_made_is_looked_at() {
	let all = RuntimeCall::get_module_names().iter().flat_map(|pallet| {
		RuntimeCall::get_call_names(pallet).iter().map(move |call| format!("{pallet}.{call}"))
	});
	let seen: BTreeSet<_> = every_call().iter().map(name_of).collect();
	let missing: Vec<_> = all.filter(|name| !seen.contains(name)).collect();
	assert_eq!(missing, Vec::<String>::new());
}

/// Returns whether the call is refused because of its origin, from an ordinary account and without a signature, as
/// nodes report equivocations.
fn needs_governance(call: RuntimeCall) -> bool {
	let require_sudo = pallet_sudo::Error::<Runtime>::RequireSudo.into();
	let origins = [RuntimeOrigin::signed(Bob.to_account_id()), RuntimeOrigin::none()];
	origins.into_iter().all(|origin| {
		let result = with_transaction(|| {
			let result = call.clone().dispatch(origin);
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
		});
		let outcome = result.expect("the layers of storage suffice");
		let refused = outcome.map(|_| ()).map_err(|failed| failed.error);
		[Err(DispatchError::BadOrigin), Err(require_sudo)].contains(&refused)
	})
}

/// What docs/governance.md says.
const PAGE: &str = include_str!("../../../docs/governance.md");

/// The calls that it names, as `Pallet.call`.
fn documented() -> BTreeSet<String> {
	let code = PAGE.split('`').skip(1).step_by(2);
	code.filter(|code| {
		code.split_once('.').is_some_and(|(pallet, call)| {
			let is_name = |text: &str, first: fn(&char) -> bool| {
				text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
					&& text.chars().next().as_ref().is_some_and(first)
			};
			is_name(pallet, char::is_ascii_uppercase) && is_name(call, char::is_ascii_lowercase)
		})
	})
	.map(String::from)
	.collect()
}

#[test]
fn every_call_of_governance_is_documented() {
	let calls: BTreeSet<_> = Chain::development().inspect(|| {
		every_call()
			.iter()
			.filter(|call| call.get_dispatch_info().class != DispatchClass::Mandatory)
			.filter(|call| needs_governance((*call).clone()))
			.map(name_of)
			.collect()
	});
	assert_eq!(documented(), calls);
}

#[test]
fn every_dynamic_parameter_is_documented() {
	let names = super::metadata::dynamic_parameters();
	assert!(names.iter().any(|name| name == "ExitPeriod"), "{names:?}");
	for name in names {
		assert!(PAGE.contains(&format!("`{name}`")), "{name}");
	}
}
