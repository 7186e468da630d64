//! Random runs of the protocol.

use proptest::{collection::vec, prelude::*};
use prover_pool_model::rollup::Step;

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		28 => any::<(u8, u8, u8, u8)>()
			.prop_map(|(by, list, gas, max_fee)| Step::Propose { by, list, gas, max_fee }),
		30 => any::<(u8, u8)>().prop_map(|(block, gas)| Step::Duty { block, gas }),
		28 => any::<(u8, u8, u8, u8, u8)>().prop_map(|(by, block, parent, gas, flaw)| {
			Step::Prove { by, block, parent, gas, flaw }
		}),
		8 => any::<(u8, u8, u8)>()
			.prop_map(|(block, claim, flaw)| Step::Confirm { block, claim, flaw }),
		6 => (0..4u8).prop_map(|max| Step::Verify { max }),
		3 => any::<u8>().prop_map(|block| Step::Expire { block }),
		6 => any::<u8>().prop_map(|block| Step::Skip { block }),
		4 => any::<(u8, u8)>().prop_map(|(block, claim)| Step::Dispute { block, claim }),
		5 => (any::<u8>(), prop_oneof![4 => 0..4u8, 1 => 128u8..])
			.prop_map(|(block, parents)| Step::Clear { block, parents }),
		2 => (any::<u8>(), prop::bool::weighted(0.4))
			.prop_map(|(tag, revoked)| Step::Revoke { tag, revoked }),
		2 => any::<(bool, u8)>().prop_map(|(end, by)| Step::Pause { end, by }),
		1 => any::<u8>().prop_map(|hash| Step::Reset { hash }),
		1 => any::<(u8, u8)>().prop_map(|(fee, by)| Step::Start { fee, by }),
		3 => (any::<u8>(), any::<u8>(), 0..100u8, 0..6u8).prop_map(
			|(by, amount, price, capacity)| Step::Stake { by, amount, price, capacity }
		),
		3 => any::<(u8, bool)>().prop_map(|(by, withdraw)| Step::Leave { by, withdraw }),
		3 => any::<u8>().prop_map(|block| Step::SelfDischarge { block }),
		3 => any::<(u8, u8)>().prop_map(|(who, amount)| Step::Fund { who, amount }),
		5 => (any::<u8>(), 0..30u8).prop_map(|(who, left)| Step::Drain { who, left }),
		2 => prop_oneof![3 => any::<u8>().prop_map(Some), 1 => Just(None)].prop_map(Step::Seed),
		1 => prop::bool::weighted(0.7).prop_map(Step::Admit),
		2 => any::<u8>().prop_map(Step::Idle),
		1 => any::<(u8, u8)>()
			.prop_map(|(parameter, value)| Step::Tune { parameter, value }),
		24 => prop_oneof![12 => 1..3u8, 2 => 3..9u8, 1 => 9..30u8]
			.prop_map(|blocks| Step::Pass { blocks }),
	]
}

/// A run of up to `most` steps.
pub fn any_run(most: usize) -> impl Strategy<Value = Vec<Step>> {
	vec(step(), 1..=most)
}
