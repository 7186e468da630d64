//! The statement that a proof proves.

use codec::Encode;
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::traits::Zero;

use crate::{Block, Config, Execution};

/// What separates this pallet's instances from everything else that is signed or proven. The digit
/// is the version of the layout.
pub const INSTANCE_TAG: [u8; 16] = *b"block-proposal/2";

/// Returns the instance: SHA-256 over the following fields, one after another.
///
/// ```text
/// genesis hash of this chain    T::Hash, 32 bytes
/// "block-proposal/2"            16 bytes
/// block id                      u64, little endian
/// transaction-list hash         32 bytes, SHA-256 of the list
/// gas limit                     u32, little endian
/// beneficiary                   AccountId
/// parent hash                   32 bytes
/// block hash                    32 bytes
/// gas used                      u32, little endian
/// prover                        AccountId
/// ```
///
/// With accounts of 32 bytes it has 224 bytes. A proof of it cannot be replayed on another chain or for
/// another block, and is worth nothing to any account but its prover (Life 3). Gas limit and beneficiary
/// are in it because a fork of this chain may have given the same id and the same list to another
/// proposal.
///
/// `Instance::hash` of `prover-pool-rollup` computes the same for programs that know no runtime; the demo
/// runtime's tests compare both.
pub fn instance_hash_of<T: Config>(
	block_id: BlockId,
	block: &Block<T>,
	execution: &Execution,
	prover: &T::AccountId,
) -> H256 {
	let genesis_hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let instance = (
		(genesis_hash, INSTANCE_TAG, block_id),
		(block.tx_list_hash, block.gas_limit, &block.beneficiary),
		(parent_hash, block_hash, gas_used),
		prover,
	);
	instance.using_encoded(sp_io::hashing::sha2_256).into()
}
