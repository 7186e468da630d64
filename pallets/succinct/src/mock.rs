//! A runtime with the registry alone, with systems whose secrets are known.

use frame_support::{assert_ok, derive_impl, ord_parameter_types, parameter_types};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_core::H256;
use sp_runtime::{traits::BadOrigin, BuildStorage};
use succinct_proof_verifier::{toy, System as ProofSystem};

pub use crate::{self as pallet_succinct_proofs, *};

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
	pub type Proofs = pallet_succinct_proofs::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = frame_support::weights::constants::RocksDbWeight;
}

/// May pause, and nothing else.
pub const PAUSER: u64 = 7;

ord_parameter_types! {
	pub const Pauser: u64 = PAUSER;
}

parameter_types! {
	pub static MaxSystems: u32 = 3;
	pub static MaxPrograms: u32 = 4;
	pub const MinActivationDelay: u64 = 5;
}

impl Config for Test {
	type AdminOrigin = EnsureRoot<u64>;
	type PauseOrigin = EnsureSignedBy<Pauser, u64>;
	type BlockNumberProvider = System;
	type MaxSystems = MaxSystems;
	type MaxPrograms = MaxPrograms;
	type MinActivationDelay = MinActivationDelay;
	type WeightInfo = weights::SubstrateWeight<Test>;
}

pub type Event = crate::Event<Test>;
pub type Error = crate::Error<Test>;

pub const INSTANCE: H256 = H256::repeat_byte(0x42);

/// The indices of the systems with which the chain of [`execute`] starts.
pub const SEGMENTS: SystemIndex = 0;
pub const RISC_ZERO: SystemIndex = 1;
pub const SP1: SystemIndex = 2;

/// The systems of [`execute`], in the order of their indices.
pub fn systems() -> Vec<ProofSystem> {
	vec![ProofSystem::RiscZeroSegments, toy::risc_zero(), toy::sp1()]
}

pub fn id(number: u8) -> H256 {
	H256::repeat_byte(number)
}

/// An empty chain.
pub fn new_test_ext() -> sp_io::TestExternalities {
	chain(vec![], vec![])
}

/// A chain that starts with these systems and programs.
pub fn chain(
	systems: Vec<ProofSystem>,
	programs: Vec<(SystemIndex, H256)>,
) -> sp_io::TestExternalities {
	let genesis = RuntimeGenesisConfig {
		proofs: pallet_succinct_proofs::GenesisConfig { systems, programs, ..Default::default() },
		..Default::default()
	};
	let mut ext = sp_io::TestExternalities::from(genesis.build_storage().unwrap());
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a test on a chain that starts with all three systems and these programs, and checks the invariants
/// after it.
pub fn execute(programs: &[(SystemIndex, H256)], test: impl FnOnce()) {
	chain(systems(), programs.to_vec()).execute_with(|| {
		test();
		assert_ok!(Proofs::do_try_state());
	});
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

pub fn pauser() -> RuntimeOrigin {
	RuntimeOrigin::signed(PAUSER)
}

/// All origins that may nothing here, or only what another one may not.
pub fn others(allowed: RuntimeOrigin) -> Vec<RuntimeOrigin> {
	let all = [root(), pauser(), RuntimeOrigin::signed(1), RuntimeOrigin::none()];
	all.into_iter().filter(|origin| origin.caller != allowed.caller).collect()
}

/// Checks that nobody but this origin may make the call.
pub fn only(allowed: RuntimeOrigin, call: impl Fn(RuntimeOrigin) -> sp_runtime::DispatchResult) {
	for origin in others(allowed) {
		frame_support::assert_noop!(call(origin), BadOrigin);
	}
}

pub fn events() -> Vec<Event> {
	System::read_events_for_pallet::<Event>()
}

/// A proof of the instance by a program of a toy system, which names the program.
pub fn proof(index: ProgramIndex, system: SystemIndex, id: H256, instance: H256) -> Vec<u8> {
	let proof = toy::prove(&systems()[usize::from(system)], &id.0, &instance.0, 9).unwrap();
	named(index, &proof)
}

pub fn named(index: ProgramIndex, proof: &[u8]) -> Vec<u8> {
	[&index.to_le_bytes(), proof].concat()
}
