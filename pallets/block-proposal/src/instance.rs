//! The statement that a proof proves.

use crate::*;
use codec::Encode;
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::traits::Zero;

/// What separates this pallet's instances from everything else that is signed or proven. The digit
/// is the version of the layout.
pub const INSTANCE_TAG: [u8; 16] = *b"block-proposal/1";

/// The instance hash: BLAKE2-256 over the SCALE encoding of the tuple
///
/// ```text
/// ( genesis hash of this chain   T::Hash, 32 bytes
/// , "block-proposal/1"           [u8; 16]
/// , block id                     u64, little endian
/// , transaction-list hash        [u8; 32], BLAKE2-256 of the list
/// , gas limit                    u32, little endian
/// , beneficiary                  AccountId
/// , block hash                   [u8; 32]
/// , parent hash                  [u8; 32]
/// , gas used                     u32, little endian
/// , prover                       AccountId )
/// ```
///
/// which is its fields one after another: 224 bytes with 32-byte hashes and accounts. A proof of it
/// cannot be replayed on another chain or for another block, and is worth nothing to anybody but
/// its prover (Life 3). Gas limit and beneficiary are in it because a fork of this chain may have
/// given the same id and the same list to another proposal.
pub fn instance_hash_of<T: Config>(
	block_id: BlockId,
	block: &Block<T>,
	evidence: &Evidence,
	prover: &T::AccountId,
) -> H256 {
	let genesis_hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let instance = (
		(genesis_hash, INSTANCE_TAG, block_id),
		(evidence.tx_list_hash, block.gas_limit, &block.beneficiary),
		(evidence.block_hash, evidence.parent_hash, evidence.gas_used),
		prover,
	);
	instance.using_encoded(sp_io::hashing::blake2_256).into()
}
