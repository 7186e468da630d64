use frame_support::{
	assert_err, assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{
		fungible::InspectHold, GetStorageVersion, Hooks, KeyOwnerProofSystem, StorageVersion,
	},
	weights::Weight,
};
use pallet_session::{historical, NextKeys, QueuedKeys, WeightInfo as _};
use sp_core::crypto::key_types::DUMMY;
use sp_runtime::{
	testing::UintAuthorityId, traits::BadOrigin, DispatchError, DispatchResult, Perbill,
	RuntimeAppPublic,
};
use sp_staking::{
	offence::{Kind, Offence, OffenceError, ReportOffence},
	SessionIndex,
};

use crate::{mock::*, weights::WeightInfo as _, *};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;

fn set(validators: &[u64]) -> DispatchResult {
	ValidatorSet::set_validators(RuntimeOrigin::root(), validators.to_vec())
}

fn validators() -> Vec<u64> {
	Validators::<Test>::get().into_inner()
}

/// What the pallet and those of sessions have emitted in this block.
fn events() -> Vec<RuntimeEvent> {
	System::events().into_iter().map(|record| record.event).collect()
}

fn new_session(session_index: SessionIndex) -> RuntimeEvent {
	pallet_session::Event::NewSession { session_index }.into()
}

fn root_stored(index: SessionIndex) -> RuntimeEvent {
	historical::Event::RootStored { index }.into()
}

#[test]
fn the_genesis_has_the_validators_of_its_configuration() {
	test(|| {
		assert_eq!(validators(), [1, 2, 3]);
		assert_eq!(Session::validators(), [1, 2, 3]);
		assert_eq!(Told::get(), (false, vec![1, 2, 3], vec![1, 2, 3]));
	});
}

#[test]
#[should_panic(expected = "the genesis validators cannot be used: DuplicateValidator")]
fn no_genesis_has_a_validator_twice() {
	chain_of(&[1, 2, 1]);
}

#[test]
#[should_panic(expected = "the genesis validators cannot be used: TooManyValidators")]
fn no_genesis_has_too_many_validators() {
	chain_of(&[1, 2, 3, 4, 5]);
}

#[test]
#[should_panic(expected = "the genesis validator 9 has no session keys")]
fn no_genesis_has_a_validator_without_keys() {
	chain_of(&[1, STRANGER]);
}

#[test]
fn a_new_set_is_queued_for_an_epoch_and_then_authors() {
	test(|| {
		assert_ok!(set(&[4, 1]));
		assert_eq!(events(), [Event::ValidatorsChanged { validators: vec![4, 1] }.into()]);
		assert_eq!(validators(), [4, 1]);
		assert_eq!(Session::validators(), [1, 2, 3]);

		next_epoch();
		let queued = pallet_session::Event::NewQueued.into();
		assert_eq!(events(), [root_stored(2), queued, new_session(1)]);
		assert_eq!(Told::get(), (false, vec![1, 2, 3], vec![4, 1]));

		next_epoch();
		assert_eq!(events(), [root_stored(3), new_session(2)]);
		assert_eq!(Told::get(), (true, vec![4, 1], vec![4, 1]));
		assert_eq!(Session::validators(), [4, 1]);

		next_epoch();
		let pruned = historical::Event::RootsPruned { up_to: 0 }.into();
		assert_eq!(events(), [pruned, root_stored(4), new_session(3)]);
		assert_eq!(Told::get(), (false, vec![4, 1], vec![4, 1]));
	});
}

#[test]
fn a_set_that_is_replaced_before_it_is_queued_is_never_used() {
	test(|| {
		assert_ok!(set(&[4]));
		assert_ok!(set(&[5]));
		next_epoch();
		assert_eq!(Told::get(), (false, vec![1, 2, 3], vec![5]));
		// One that is queued has its epoch.
		assert_ok!(set(&[4]));
		next_epoch();
		assert_eq!(Told::get(), (true, vec![5], vec![4]));
		next_epoch();
		assert_eq!(Told::get(), (true, vec![4], vec![4]));
	});
}

#[test]
fn the_same_set_once_more_is_a_change() {
	test(|| {
		assert_ok!(set(&[1, 2, 3]));
		next_epoch();
		next_epoch();
		assert_eq!(Told::get(), (true, vec![1, 2, 3], vec![1, 2, 3]));
	});
}

#[test]
fn sets_that_cannot_validate_are_refused() {
	test(|| {
		let cases: [(&[u64], Error); 5] = [
			(&[], Error::NoValidators),
			(&[1, 2, 1], Error::DuplicateValidator),
			(&[1, 2, 3, 4, 5], Error::TooManyValidators),
			(&[STRANGER], Error::NoKeys),
			(&[1, 2, STRANGER], Error::NoKeys),
		];
		for (validators, error) in cases {
			assert_noop!(set(validators), error);
		}
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			assert_noop!(ValidatorSet::set_validators(origin, vec![1]), BadOrigin);
		}
	});
}

/// Registers the keys of an account that has none.
fn register(who: u64) -> DispatchResult {
	let keys = keys_of(who);
	let proof = keys.key.sign(&codec::Encode::encode(&who)).expect("test keys sign");
	Session::set_keys(RuntimeOrigin::signed(who), keys, codec::Encode::encode(&proof))
}

fn deposit(who: u64) -> u64 {
	Balances::balance_on_hold(&pallet_session::HoldReason::Keys.into(), &who)
}

#[test]
fn an_account_with_new_keys_can_validate_and_has_its_deposit_back_afterwards() {
	test(|| {
		assert_ok!(register(STRANGER));
		assert_eq!(deposit(STRANGER), DEPOSIT);
		assert_ok!(set(&[1, STRANGER]));
		next_epoch();
		next_epoch();
		assert_eq!(Session::validators(), [1, STRANGER]);
		let purge = || ValidatorSet::purge_keys(RuntimeOrigin::signed(STRANGER));
		assert_noop!(purge(), Error::IsValidator);

		// It may go as soon as governance has removed it, although it authors until the next epoch ends.
		assert_ok!(set(&[1]));
		assert_ok!(purge());
		assert_eq!((deposit(STRANGER), NextKeys::<Test>::get(STRANGER)), (0, None));
		assert_noop!(purge(), pallet_session::Error::<Test>::NoKeys);
		next_epoch();
		assert_eq!(Told::get(), (false, vec![1, STRANGER], vec![1]));
		next_epoch();
		assert_eq!(Told::get(), (true, vec![1], vec![1]));
	});
}

#[test]
fn validators_keep_their_keys_and_others_may_remove_them() {
	test(|| {
		for who in [1, 2, 3] {
			assert_noop!(ValidatorSet::purge_keys(RuntimeOrigin::signed(who)), Error::IsValidator);
		}
		for who in [4, 5] {
			assert_ok!(ValidatorSet::purge_keys(RuntimeOrigin::signed(who)));
			assert_noop!(set(&[1, who]), Error::NoKeys);
		}
		let without = pallet_session::Error::<Test>::NoKeys;
		assert_noop!(ValidatorSet::purge_keys(RuntimeOrigin::signed(STRANGER)), without);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(ValidatorSet::purge_keys(origin), BadOrigin);
		}
		next_epoch();
		next_epoch();
		assert_eq!(Session::validators(), [1, 2, 3]);
	});
}

#[test]
fn a_block_weighs_what_its_hook_does() {
	test(|| {
		let (check, rotate) = (
			<Test as Config>::WeightInfo::check_epoch(),
			<Test as Config>::WeightInfo::rotate_session(),
		);
		assert!(rotate.all_gt(check) && check.all_gt(Weight::zero()));
		let weights: Vec<_> = (2..=10).map(|_| next_block()).collect();
		let expected = [check, check, check, rotate, check, check, check, check, rotate];
		assert_eq!(weights, expected);
	});
}

#[test]
fn calls_weigh_what_they_do() {
	let info = |count| {
		let validators = vec![0; count];
		crate::Call::<Test>::set_validators { validators }.get_dispatch_info()
	};
	assert_eq!(info(3).class, DispatchClass::Operational);
	assert_eq!(info(3).call_weight, <Test as Config>::WeightInfo::set_validators(3));
	assert!(info(4).call_weight.all_gt(info(3).call_weight));
	let purge = crate::Call::<Test>::purge_keys {}.get_dispatch_info();
	assert!(purge.call_weight.any_gt(<Test as pallet_session::Config>::WeightInfo::purge_keys()));
	assert_eq!(purge.class, DispatchClass::Normal);
}

/// An offence of one validator.
struct Twice {
	slot: u64,
	who: u64,
}

impl Offence<(u64, ())> for Twice {
	const ID: Kind = *b"tests:two blocks";
	type Slot = u64;

	fn offenders(&self) -> Vec<(u64, ())> {
		vec![(self.who, ())]
	}

	fn session_index(&self) -> SessionIndex {
		0
	}

	fn validator_set_count(&self) -> u32 {
		3
	}

	fn slot(&self) -> u64 {
		self.slot
	}

	fn slash_fraction(&self, _offenders: u32) -> Perbill {
		Perbill::zero()
	}
}

fn report(who: u64, slot: u64) -> Result<(), OffenceError> {
	ValidatorSet::report_offence(vec![STRANGER], Twice { slot, who })
}

fn is_known(who: u64, slot: u64) -> bool {
	<ValidatorSet as ReportOffence<u64, _, Twice>>::is_known_offence(&[(who, ())], &slot)
}

#[test]
fn equivocations_are_counted_once() {
	test(|| {
		let equivocated =
			|validator| Event::Equivocated { validator, kind: *b"tests:two blocks" }.into();
		assert!(!is_known(2, 7));
		assert_eq!(report(2, 7), Ok(()));
		assert_eq!(events(), [equivocated(2)]);
		assert!(is_known(2, 7));
		assert_eq!(report(2, 7), Err(OffenceError::DuplicateReport));
		assert_eq!(events(), [equivocated(2)]);
		// In another slot, or by another validator, it is another.
		assert!(!is_known(2, 8) && !is_known(3, 7));
		assert_eq!(report(2, 8), Ok(()));
		assert_eq!(report(3, 7), Ok(()));
		assert_eq!(events(), [equivocated(2), equivocated(2), equivocated(3)]);
		assert_eq!([1, 2, 3].map(Equivocations::<Test>::get), [0, 2, 1]);
	});
}

#[test]
fn the_oldest_equivocation_is_forgotten() {
	test(|| {
		let most = u64::from(MAX_KNOWN);
		(0..most).for_each(|slot| assert_eq!(report(1, slot), Ok(())));
		assert!(is_known(1, 0));
		assert_eq!(report(1, most), Ok(()));
		assert!(!is_known(1, 0) && is_known(1, 1) && is_known(1, most));
		assert_eq!(KnownEquivocations::<Test>::get().len(), most as usize);
		assert_eq!(Equivocations::<Test>::get(1), MAX_KNOWN + 1);
	});
}

#[test]
fn the_owner_of_a_key_can_be_proven_for_the_report_period() {
	test(|| {
		let key = (DUMMY, UintAuthorityId(3).to_raw_vec());
		let key = (key.0, &key.1[..]);
		let proof = Historical::prove(key).expect("3 is a validator");
		// The proof is of session 0, and sessions are kept for three.
		assert_ok!(set(&[1]));
		for session in 1..=3 {
			next_epoch();
			assert_eq!(Session::current_index(), session);
			let owner = Historical::check_proof(key, proof.clone());
			assert_eq!(owner, Some((3, ())), "in session {session}");
		}
		next_epoch();
		assert_eq!(Historical::check_proof(key, proof), None);
	});
}

#[test]
fn try_state_finds_each_broken_invariant() {
	let broken = |damage: fn(), message: &'static str| {
		new_test_ext().execute_with(|| {
			assert_ok!(ValidatorSet::do_try_state());
			damage();
			assert_err!(ValidatorSet::do_try_state(), DispatchError::Other(message));
		});
	};
	let put = |validators: Vec<u64>| {
		Validators::<Test>::put(BoundedVec::truncate_from(validators));
	};
	broken(Validators::<Test>::kill, "there are no validators");
	let twice = || Validators::<Test>::put(BoundedVec::truncate_from(vec![1, 2, 2]));
	broken(twice, "a validator is in the set twice");
	broken(|| NextKeys::<Test>::remove(2), "a validator has no keys");
	let queued = "the validators are not those that are queued";
	broken(|| Validators::<Test>::put(BoundedVec::truncate_from(vec![1, 2])), queued);
	broken(|| QueuedKeys::<Test>::put(vec![(1, keys_of(1))]), queued);
	// Until the next rotation they differ.
	new_test_ext().execute_with(|| {
		put(vec![1, 2]);
		Changed::<Test>::put(true);
		assert_ok!(ValidatorSet::do_try_state());
	});
}

#[test]
fn the_configuration_is_in_order() {
	test(ValidatorSet::integrity_test);
	assert_eq!(ValidatorSet::in_code_storage_version(), StorageVersion::new(1));
}
