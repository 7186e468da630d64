//! What nodes and clients may ask the runtime.
//!
//! Besides what any chain of this kind answers, there are the queries of the pool (`ProverPoolApi`), of the
//! protocol (`BlockProposalApi`) and of its verifiers (`AttestationApi`, `SuccinctProofsApi`), and [`simulation`].

// The macro adds items without documentation: `RuntimeApi`, `RuntimeApiImpl`, the versions' table.
#![allow(missing_docs)]

use crate::{
	configs::consensus::{EpochDuration, BABE_GENESIS_EPOCH_CONFIG},
	genesis, simulation, AccountId, Attestation, Babe, Balance, Block, BlockNumber, BlockProposal,
	Executive, Grandpa, Historical, InherentDataExt, Nonce, ProverPool, Runtime, RuntimeCall,
	RuntimeGenesisConfig, SuccinctProofs, System, TransactionPayment, VERSION,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::KeyOwnerProofSystem,
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
	weights::Weight,
};
use pallet_block_proposal::{BlockRow, Claim, TagOf};
use pallet_prover_pool::{
	AssignmentRowOf, Capacity, ExitOf, OfferOf, ParametersOf, ProverId, ProverRowOf, SimulationOf,
	StakerRowOf, WeightRow,
};
use pallet_succinct_proofs::{Program, ProgramIndex, Refusal, SystemIndex, SystemRecord};
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_api::impl_runtime_apis;
use sp_core::{crypto::KeyTypeId, sr25519, OpaqueMetadata, H256};
use sp_genesis_builder::PresetId;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, DispatchError, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block)
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			query_id: ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, ViewFunctionDispatchError> {
			Runtime::execute_view_function(query_id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: InherentData,
		) -> CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch_config = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: EpochDuration::get(),
				c: epoch_config.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch_config.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			_slot: sp_consensus_babe::Slot,
			authority_id: sp_consensus_babe::AuthorityId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			let proof = Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))?;
			Some(sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			let key_owner_proof = key_owner_proof.decode()?;
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn generate_key_ownership_proof(
			_set_id: sp_consensus_grandpa::SetId,
			authority_id: sp_consensus_grandpa::AuthorityId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			let proof = Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))?;
			Some(sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				NumberFor<Block>,
			>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			let key_owner_proof = key_owner_proof.decode()?;
			Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(
			owner: Vec<u8>,
			seed: Option<Vec<u8>>,
		) -> OpaqueGeneratedSessionKeys {
			crate::opaque::SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			crate::opaque::SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
		for Runtime
	{
		fn query_info(
			uxt: <Block as BlockT>::Extrinsic,
			len: u32,
		) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}

		fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<
		Block,
		Balance,
		RuntimeCall,
	> for Runtime {
		fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, len)
		}

		fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(json: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(json)
		}

		fn get_preset(id: &Option<PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
		}

		fn preset_names() -> Vec<PresetId> {
			genesis::preset_names()
		}
	}

	impl pallet_prover_pool::runtime_api::ProverPoolApi<Block, AccountId, Balance, BlockNumber, BlockNumber>
		for Runtime
	{
		fn get_staker(who: AccountId) -> StakerRowOf<Runtime> {
			ProverPool::get_staker(who)
		}

		fn get_capacity() -> u64 {
			ProverPool::get_capacity()
		}

		fn get_provers(start: ProverId, limit: u32) -> Vec<ProverRowOf<Runtime>> {
			ProverPool::get_provers(start, limit)
		}

		fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<WeightRow> {
			ProverPool::get_prover_weights(fee_per_gas, start, limit)
		}

		fn get_assignments(
			who: AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<AssignmentRowOf<Runtime>> {
			ProverPool::get_assignments(who, after, limit)
		}

		fn get_parameters() -> ParametersOf<Runtime> {
			ProverPool::get_parameters()
		}

		fn odds(fee_per_gas: PricePerGas, offer: OfferOf<Runtime>) -> u64 {
			ProverPool::odds(fee_per_gas, offer)
		}

		fn next_exit(who: AccountId) -> Option<ExitOf<Runtime>> {
			ProverPool::next_exit(who)
		}

		fn simulate_stake(
			who: AccountId,
			amount: Balance,
			reward_per_gas: PricePerGas,
			max_capacity: Capacity,
		) -> Result<SimulationOf<Runtime>, DispatchError> {
			ProverPool::simulate_stake(who, amount, reward_per_gas, max_capacity)
		}

		fn simulate_exit(who: AccountId) -> Result<SimulationOf<Runtime>, DispatchError> {
			ProverPool::simulate_exit(who)
		}

		fn simulate_unstake(
			who: AccountId,
			amount: Balance,
		) -> Result<SimulationOf<Runtime>, DispatchError> {
			ProverPool::simulate_unstake(who, amount)
		}

		fn simulate_withdraw(who: AccountId) -> Result<SimulationOf<Runtime>, DispatchError> {
			ProverPool::simulate_withdraw(who)
		}
	}

	impl pallet_block_proposal::runtime_api::BlockProposalApi<
		Block,
		AccountId,
		BlockRow<Runtime>,
		Claim<Runtime>,
		TagOf<Runtime>,
	> for Runtime {
		fn fee_per_gas() -> PricePerGas {
			BlockProposal::fee_per_gas()
		}

		fn is_paused() -> bool {
			BlockProposal::is_paused()
		}

		fn blocks(from: BlockId, limit: u32) -> Vec<BlockRow<Runtime>> {
			BlockProposal::blocks(from, limit)
		}

		fn claims(block_id: BlockId, limit: u32) -> Vec<Claim<Runtime>> {
			BlockProposal::claims(block_id, limit)
		}

		fn revoked(tags: Vec<TagOf<Runtime>>) -> Vec<TagOf<Runtime>> {
			BlockProposal::revoked(tags)
		}

		fn reward_per_gas(block_id: BlockId) -> Option<PricePerGas> {
			BlockProposal::reward_per_gas(block_id)
		}

		fn instance_hash(
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
			prover: AccountId,
		) -> Option<H256> {
			BlockProposal::instance_hash(block_id, parent_hash, block_hash, gas_used, prover)
		}
	}

	impl pallet_attestation::runtime_api::AttestationApi<Block> for Runtime {
		fn keys() -> Vec<sr25519::Public> {
			Attestation::keys()
		}

		fn accepts(instance: H256, proof: Vec<u8>) -> bool {
			Attestation::accepts(instance, proof)
		}
	}

	impl pallet_succinct_proofs::runtime_api::SuccinctProofsApi<Block, BlockNumber> for Runtime {
		fn systems() -> Vec<(SystemIndex, SystemRecord)> {
			SuccinctProofs::systems()
		}

		fn programs() -> Vec<(ProgramIndex, Program<BlockNumber>)> {
			SuccinctProofs::programs()
		}

		fn accepts(instance: H256, proof: Vec<u8>) -> bool {
			SuccinctProofs::accepts(instance, proof)
		}

		fn explain(instance: H256, proof: Vec<u8>) -> Result<ProgramIndex, Refusal> {
			SuccinctProofs::explain(instance, proof)
		}
	}

	impl simulation::CallSimulationApi<Block, AccountId, RuntimeCall> for Runtime {
		fn simulate_call(who: AccountId, call: RuntimeCall) -> Result<(), DispatchError> {
			simulation::simulate_call(who, call)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (
			Vec<frame_benchmarking::BenchmarkList>,
			Vec<frame_support::traits::StorageInfo>,
		) {
			crate::benchmarking::metadata(extra)
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarking::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(
			checks: frame_try_runtime::UpgradeCheckSelect,
		) -> (Weight, Weight) {
			let weight = Executive::try_runtime_upgrade(checks)
				.expect("an upgrade that fails its checks must be seen");
			(weight, crate::configs::system::RuntimeBlockWeights::get().max_block)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select)
				.expect("a block that fails its checks must be seen")
		}
	}
}
