//! The statement that a proof proves is written down twice: in the pallet, and in the rollup's crate, whose
//! programs know no runtime. This is the place that keeps both the same.

use super::chain::Chain;
use crate::{AccountId, Runtime};
use pallet_block_proposal::{instance_hash_of, Block, Escrow, Execution, Status};
use prover_pool_rollup::{sha256, Instance};
use sp_core::H256;

/// Returns 32 bytes that differ for each instance and field.
fn any_bytes(instance: u64, field: u8) -> [u8; 32] {
	sha256(&[&instance.to_le_bytes()[..], &[field]].concat())
}

/// Returns a number that differs likewise; some instances have only zeros, some only the largest.
fn any_number(instance: u64, field: u8) -> u32 {
	match instance % 8 {
		6 => 0,
		7 => u32::MAX,
		_ => u32::from_le_bytes(any_bytes(instance, field)[..4].try_into().expect("four bytes")),
	}
}

#[test]
fn the_pallet_and_the_rollup_agree_on_instances() {
	assert_eq!(pallet_block_proposal::INSTANCE_TAG, prover_pool_rollup::INSTANCE_TAG);
	Chain::development().inspect(|| {
		for n in 0..256 {
			let (bytes, number) = (|field| any_bytes(n, field), |field| any_number(n, field));
			let instance = Instance {
				genesis_hash: bytes(0),
				block_id: u64::from(number(1)) << 32 | u64::from(number(2)),
				list_hash: bytes(3),
				gas_limit: number(4),
				beneficiary: bytes(5),
				parent_hash: bytes(6),
				block_hash: bytes(7),
				gas_used: number(8),
				prover: bytes(9),
			};
			frame_system::BlockHash::<Runtime>::insert(0, H256(instance.genesis_hash));
			let block = Block::<Runtime> {
				// Nothing of this is in the instance.
				proposer: AccountId::new(bytes(10)),
				fee_per_gas: number(11),
				proposed_at: number(12),
				escrow: Escrow { initial: 1, held: 1 },
				status: Status::Pending,
				removed_at: None,
				claims: 0,
				barred: Default::default(),
				// All of this is.
				beneficiary: AccountId::new(instance.beneficiary),
				tx_list_hash: H256(instance.list_hash),
				gas_limit: instance.gas_limit,
			};
			let execution = Execution {
				parent_hash: H256(instance.parent_hash),
				block_hash: H256(instance.block_hash),
				gas_used: instance.gas_used,
			};
			let prover = AccountId::new(instance.prover);
			let hash = instance_hash_of::<Runtime>(instance.block_id, &block, &execution, &prover);
			assert_eq!(hash, H256(instance.hash()), "{instance:?}");
		}
	});
}
