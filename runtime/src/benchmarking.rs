//! What weights are measured with: `make weights` runs these on the runtime as it is built for it.
#![warn(missing_docs)]

use crate::{
	AllPalletsWithSystem, Attestation, BlockProposal, ProverPool, Runtime, SuccinctProofs, System,
	Validators, VrfAccumulator,
};
use alloc::{string::String, vec, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{Hooks, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use sp_core::H256;

frame_benchmarking::define_benchmarks!(
	[pallet_attestation, Attestation]
	[pallet_block_proposal, BlockProposal]
	[pallet_prover_pool, ProverPool]
	[pallet_succinct_proofs, SuccinctProofs]
	[pallet_validators, Validators]
	[pallet_vrf_accumulator, VrfAccumulator]
);

/// Returns what there is to measure.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measures.
///
/// # Errors
/// What went wrong in a benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	// What every block reads and writes anyway costs a pallet nothing.
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

/// Provides the VRF output of a parent where there was none.
pub struct Outputs;

impl pallet_vrf_accumulator::benchmarking::BenchmarkHelper for Outputs {
	fn provide_output() {
		pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some([0x5e; 32]));
	}
}

/// Provides the pool's benchmarks with a seed.
pub struct Seeds;

impl pallet_prover_pool::benchmarking::BenchmarkHelper for Seeds {
	fn provide_seed() {
		<Outputs as pallet_vrf_accumulator::benchmarking::BenchmarkHelper>::provide_output();
		VrfAccumulator::on_initialize(System::block_number());
	}
}

/// Proves by a signature, the first kind of proofs on this chain.
pub struct Proofs;

impl pallet_block_proposal::benchmarking::BenchmarkHelper for Proofs {
	fn proof(instance: H256) -> Vec<u8> {
		let proof = pallet_attestation::benchmarking::proof_by_new_key::<Runtime>(instance);
		[vec![0], proof].concat()
	}
}
