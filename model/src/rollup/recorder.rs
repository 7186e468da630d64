//! Records the calls of the two pallets to each other, and passes them on.

use super::runtime::{
	AccountId, Balance, BlockProposal, Draws, PoolCalls, ProverPool, RuntimeEvent, System,
};
use frame_support::weights::Weight;
use prover_pool_primitives::{
	BlockId, DrawHandler, DrawOutcome, Fault, PoolError, PricePerGas, ProverPool as Hooks,
};

/// A call of the pool by the protocol, with the pool's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PoolCall {
	Assign {
		block_id: BlockId,
		fee_per_gas: PricePerGas,
		answer: Result<(), PoolError>,
	},
	Release {
		block_id: BlockId,
		answer: Result<(), PoolError>,
	},
	Slash {
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
		answer: Result<Balance, PoolError>,
		/// The tokens that this call released from the pool's holds: an ejected prover is first paid its
		/// free exits.
		withdrawn: Vec<(AccountId, Balance)>,
	},
	Discharge {
		block_id: BlockId,
		answer: Result<(), PoolError>,
	},
}

/// The recorder between the two pallets.
pub struct Recorder;

fn record(call: PoolCall) {
	PoolCalls::mutate(|calls| calls.push(call));
}

macro_rules! forward {
	($($name:ident: $type:ty;)*) => {
		$(fn $name() -> $type {
			<ProverPool as Hooks<AccountId, Balance>>::$name()
		})*
	};
}

impl Hooks<AccountId, Balance> for Recorder {
	fn assign_prover(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError> {
		let answer = <ProverPool as Hooks<_, Balance>>::assign_prover(block_id, fee_per_gas);
		record(PoolCall::Assign { block_id, fee_per_gas, answer });
		answer
	}

	fn release_prover(block_id: BlockId) -> Result<(), PoolError> {
		let answer = <ProverPool as Hooks<_, Balance>>::release_prover(block_id);
		record(PoolCall::Release { block_id, answer });
		answer
	}

	fn slash_prover(
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) -> Result<Balance, PoolError> {
		let before = System::event_count() as usize;
		let answer =
			<ProverPool as Hooks<_, _>>::slash_prover(block_id, proof_reward, fault, reporter);
		let new = System::events().into_iter().skip(before);
		let withdrawn = new.filter_map(|record| match record.event {
			RuntimeEvent::ProverPool(pallet_prover_pool::Event::Withdrawn { who, amount }) => {
				Some((who, amount))
			},
			_ => None,
		});
		let withdrawn = withdrawn.collect();
		record(PoolCall::Slash { block_id, proof_reward, fault, reporter, answer, withdrawn });
		answer
	}

	fn discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		let answer = <ProverPool as Hooks<_, Balance>>::discharge_prover(block_id);
		record(PoolCall::Discharge { block_id, answer });
		answer
	}

	forward! {
		free_capacity: u64;
		assign_prover_weight: Weight;
		draw_weight: Weight;
		release_prover_weight: Weight;
		slash_prover_weight: Weight;
		discharge_prover_weight: Weight;
		free_capacity_weight: Weight;
	}
}

impl DrawHandler<AccountId> for Recorder {
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<AccountId>) {
		Draws::mutate(|draws| draws.push((block_id, outcome.clone())));
		BlockProposal::on_draw(block_id, outcome);
	}

	fn on_draw_weight() -> Weight {
		BlockProposal::on_draw_weight()
	}
}
