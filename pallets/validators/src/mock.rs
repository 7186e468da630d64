//! A chain of five blocks per epoch, with five accounts that have keys. The first three are validators.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks},
	weights::{constants::RocksDbWeight, Weight},
};
use frame_system::EnsureRoot;
use pallet_session::{historical, SessionHandler, ShouldEndSession};
use sp_runtime::{
	impl_opaque_keys,
	testing::UintAuthorityId,
	traits::{ConvertInto, OpaqueKeys},
	BuildStorage, KeyTypeId, RuntimeAppPublic,
};

use crate::{self as pallet_validators, NoIdentification};

pub const EPOCH: u64 = 5;
pub const DEPOSIT: u64 = 10;
/// The accounts with keys.
pub const WITH_KEYS: [u64; 5] = [1, 2, 3, 4, 5];
/// An account without keys.
pub const STRANGER: u64 = 9;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type ValidatorSet = pallet_validators::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type Session = pallet_session::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type Historical = historical::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = RocksDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl_opaque_keys! {
	pub struct Keys {
		pub key: UintAuthorityId,
	}
}

/// The keys of an account.
pub fn keys_of(who: u64) -> Keys {
	Keys { key: UintAuthorityId(who) }
}

parameter_types! {
	/// What the consensus was told last: whether the authorities change, they, and those after them.
	pub static Told: (bool, Vec<u64>, Vec<u64>) = Default::default();
}

/// Stands for BABE and GRANDPA.
pub struct Consensus;

impl SessionHandler<u64> for Consensus {
	const KEY_TYPE_IDS: &'static [KeyTypeId] = &[UintAuthorityId::ID];

	fn on_genesis_session<Ks: OpaqueKeys>(validators: &[(u64, Ks)]) {
		Told::set((false, accounts(validators), accounts(validators)));
	}

	fn on_new_session<Ks: OpaqueKeys>(changed: bool, now: &[(u64, Ks)], next: &[(u64, Ks)]) {
		Told::set((changed, accounts(now), accounts(next)));
	}

	fn on_disabled(_validator: u32) {}
}

fn accounts<Ks>(validators: &[(u64, Ks)]) -> Vec<u64> {
	validators.iter().map(|(who, _)| *who).collect()
}

/// Every fifth block begins an epoch.
pub struct Epochs;

impl ShouldEndSession<u64> for Epochs {
	fn should_end_session(now: u64) -> bool {
		now.is_multiple_of(EPOCH)
	}
}

impl pallet_session::Config for Test {
	type Currency = Balances;
	type DisablingStrategy = ();
	type KeyDeposit = ConstU64<DEPOSIT>;
	type Keys = Keys;
	type NextSessionRotation = ();
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = Consensus;
	type SessionManager = historical::NoteHistoricalRoot<Test, ValidatorSet>;
	type ShouldEndSession = ValidatorSet;
	type ValidatorId = u64;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = ();
}

impl historical::Config for Test {
	type FullIdentification = ();
	type FullIdentificationOf = NoIdentification;
	type RuntimeEvent = RuntimeEvent;
}

impl crate::Config for Test {
	type EpochEnd = Epochs;
	type GovernanceOrigin = EnsureRoot<u64>;
	type MaxValidators = ConstU32<4>;
	type ReportPeriod = ConstU32<3>;
	type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

/// A chain that starts with these validators.
pub fn chain_of(validators: &[u64]) -> sp_io::TestExternalities {
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: WITH_KEYS.into_iter().chain([STRANGER]).map(|who| (who, 100)).collect(),
			..Default::default()
		},
		session: pallet_session::GenesisConfig {
			keys: WITH_KEYS.map(|who| (who, who, keys_of(who))).into(),
			..Default::default()
		},
		validator_set: pallet_validators::GenesisConfig { validators: validators.to_vec() },
		..Default::default()
	};
	genesis.build_storage().unwrap().into()
}

/// A chain that starts with the first three accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
	chain_of(&WITH_KEYS[..3])
}

/// Runs a test in block 1; the invariants must hold afterwards.
pub fn test(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		System::set_block_number(1);
		test();
		assert_ok!(ValidatorSet::do_try_state());
	});
}

/// Begins the next block. Returns the weight of its hook.
pub fn next_block() -> Weight {
	let now = System::block_number() + 1;
	System::reset_events();
	System::set_block_number(now);
	let weight = ValidatorSet::on_initialize(now);
	assert_eq!(Session::on_initialize(now), Weight::zero(), "the session pallet rotates nothing");
	weight
}

/// Goes to the first block of the next epoch.
pub fn next_epoch() {
	next_block();
	while !Epochs::should_end_session(System::block_number()) {
		next_block();
	}
}
