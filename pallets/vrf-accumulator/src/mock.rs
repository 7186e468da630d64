//! A chain whose blocks have the outputs that a test gives them.

use frame_support::{
	derive_impl, parameter_types,
	traits::{Hooks, Randomness},
};
use sp_runtime::{testing::H256, BuildStorage};

use crate::{self as pallet_vrf_accumulator, VrfOutput, VrfSource};

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
	pub type VrfAccumulator = pallet_vrf_accumulator::Pallet<Test>;
}

parameter_types! {
	/// The output of the parent.
	pub static ParentOutput: Option<VrfOutput> = None;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl crate::Config for Test {
	type VrfSource = Outputs;
	type WeightInfo = crate::weights::SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Outputs;
}

pub struct Outputs;

impl VrfSource for Outputs {
	fn parent_output() -> Option<VrfOutput> {
		ParentOutput::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Outputs {
	fn provide_output() {
		ParentOutput::set(Some([0x5e; 32]));
	}
}

/// A chain in block 1, the parent of which is the genesis.
pub fn new_test_ext() -> sp_io::TestExternalities {
	ParentOutput::set(None);
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs a test in block 1; the invariants must hold afterwards.
pub fn test(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		VrfAccumulator::on_initialize(1);
		test();
		VrfAccumulator::do_try_state().unwrap();
	});
}

/// Ends the present block, which had this output, and begins the next.
pub fn end_block(output: Option<VrfOutput>) {
	let next = System::block_number() + 1;
	ParentOutput::set(output);
	System::set_block_number(next);
	VrfAccumulator::on_initialize(next);
}

/// Ends a block with an output for each of these numbers.
pub fn end_blocks(outputs: impl IntoIterator<Item = u8>) {
	outputs.into_iter().for_each(|byte| end_block(Some([byte; 32])));
}

pub fn random(subject: &[u8]) -> (Option<H256>, u64) {
	VrfAccumulator::random(subject)
}
