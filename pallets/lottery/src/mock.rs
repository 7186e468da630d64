//! A runtime with the lottery and nothing else, and the scan with the same parameters.

use frame_support::{derive_impl, parameter_types, weights::constants::RocksDbWeight};
use prover_pool_scan::Scan;
use sp_runtime::BuildStorage;

use crate as pallet_prover_lottery;

pub type Balance = u128;
pub type Lottery = crate::Lottery<Test>;
pub type Naive = Scan<Test, Balance>;
pub type Candidate = prover_pool_primitives::Candidate<Balance>;

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
	pub type ProverLottery = pallet_prover_lottery::Pallet<Test>;
}

parameter_types! {
	pub static MaxProvers: u32 = 4;
	pub static PriceFloorPercent: u32 = 75;
	pub static PriceCeilingPercent: u32 = 125;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = RocksDbWeight;
}

impl crate::Config for Test {
	type MaxProvers = MaxProvers;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
}

impl prover_pool_scan::Config for Test {
	type MaxProvers = MaxProvers;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
}

/// Builds externalities with a number of slots, and the default price band.
pub struct ExtBuilder {
	max_provers: u32,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { max_provers: 4 }
	}
}

impl ExtBuilder {
	pub fn max_provers(self, max_provers: u32) -> Self {
		Self { max_provers }
	}

	pub fn build(self) -> sp_io::TestExternalities {
		// Threads are reused: every test starts from the same values.
		MaxProvers::set(self.max_provers);
		PriceFloorPercent::set(75);
		PriceCeilingPercent::set(125);
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage();
		storage.expect("the genesis is valid").into()
	}

	/// Runs a test and checks the state afterwards.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			assert_eq!(ProverLottery::do_try_state(), Ok(()));
		});
	}
}
