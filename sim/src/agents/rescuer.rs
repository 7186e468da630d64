//! Provers of what others have failed to prove.

use crate::{chain::Chain, runtime::*};
use pallet_block_proposal::{Delivery, Status};
use prover_pool_primitives::{BlockId, PricePerGas};
use std::collections::BTreeMap;

/// One account that rescues by the rule of the shipped daemon (`Policy` in `cli/src/daemon/rescue.rs`): it
/// begins up to two blocks later than it may, so that several daemons do not all begin at once, and only if
/// the reward, with the bonus, is worth the proof. It skips what expires.
#[derive(Clone, Debug)]
pub struct Rescuer {
	/// The account.
	pub who: AccountId,
	/// The least reward per gas.
	pub least_reward: PricePerGas,
	/// What a proof costs it per gas.
	pub cost_per_gas: f64,
	/// How long its proof takes, in blocks.
	pub delay: BlockNumber,
	/// It begins up to this many blocks later than it may.
	pub stagger: BlockNumber,
	/// True if the author of the present block leaves out its claims. It tries again in the next one.
	pub left_out: bool,
	/// True if it skips heads that expired.
	pub skips: bool,
	/// Blocks to look at, by the block of the chain in which it does.
	pub(crate) watch: BTreeMap<BlockNumber, Vec<BlockId>>,
	/// Blocks whose proof is made, by the block of the chain in which it is ready.
	pub(crate) ready: BTreeMap<BlockNumber, Vec<BlockId>>,
}

/// The stagger of the shipped daemon.
const STAGGER: BlockNumber = 2;
/// The time between two looks at a block that does not pay yet.
const PATIENCE: BlockNumber = 3;

impl Rescuer {
	/// Returns a rescuer whose proofs cost nothing and are ready at once.
	pub fn new(who: AccountId) -> Self {
		Self {
			who,
			least_reward: 1,
			cost_per_gas: 0.0,
			delay: 0,
			stagger: STAGGER,
			left_out: false,
			skips: true,
			watch: BTreeMap::new(),
			ready: BTreeMap::new(),
		}
	}

	/// Takes in the draws of the present block, begins the rescues that are due, and claims those that are
	/// ready.
	pub fn act(&mut self, chain: &mut Chain) {
		let (now, clock) = (chain.now(), chain.clock());
		for draw in chain.draws() {
			let since = match draw.outcome {
				Ok((_, _, deadline)) => now + 1 + deadline.saturating_sub(clock),
				Err(_) => now + 1,
			};
			self.watch.entry(since + self.stagger(draw.block_id)).or_default().push(draw.block_id);
		}
		for block_id in take_until(&mut self.watch, now) {
			self.look(chain, block_id, now, clock);
		}
		if !self.left_out {
			for block_id in take_until(&mut self.ready, now) {
				let _ = chain.prove(self.who, block_id);
			}
		}
		if self.skips {
			self.skip(chain, clock);
		}
	}

	/// Looks at a block at another time: a claim of it was removed.
	pub fn watch(&mut self, block_id: BlockId, at: BlockNumber) {
		self.watch.entry(at).or_default().push(block_id);
	}

	fn look(&mut self, chain: &mut Chain, block_id: BlockId, now: BlockNumber, clock: BlockNumber) {
		let Some(block) = chain.block(block_id) else { return };
		if block.claims > 0 && chain.has_right_claim(block_id) {
			return;
		}
		let reward = match &block.status {
			Status::Pending => return,
			Status::Open { .. } => chain.reward(block_id).unwrap_or(0),
			Status::Assigned(it) => match it.delivery {
				Delivery::Claimed(_) if chain.has_right_claim(block_id) => return,
				Delivery::Due | Delivery::Claimed(_) if clock <= it.deadline => {
					// The clock stood still meanwhile.
					return self.watch(block_id, now + 1 + it.deadline - clock);
				},
				_ if it.prover == self.who => return,
				// A claim in time on a wrong parent is worth nothing.
				_ => {
					let bonus = crate::parameters::statics::RescueBonus::get();
					it.reward_per_gas.saturating_add(bonus.mul_floor(it.reward_per_gas))
				},
			},
		};
		if reward < self.least_reward {
			return self.watch(block_id, now + PATIENCE);
		}
		let list = chain.list(block_id);
		if self.cost_per_gas > 0.0 {
			let cost = chain.cost(list.gas_used, 1) as f64 * self.cost_per_gas * list.effort;
			chain.pay_outside(self.who, -(cost as i128));
		}
		let delay = (self.delay as f64 * list.effort).ceil() as BlockNumber;
		self.ready.entry(now + delay).or_default().push(block_id);
	}

	/// Skips the head if it expired, and looks at it only where that is possible.
	fn skip(&self, chain: &mut Chain, clock: BlockNumber) {
		let state = chain.rollup();
		let period = crate::parameters::statics::ExpiryPeriod::get();
		if state.head == state.next_id || clock < state.head_since + period {
			return;
		}
		let Some(head) = chain.block(state.head) else { return };
		if head.expires_after(period).is_some_and(|last| clock > last) {
			let _ = chain.skip(self.who, state.head);
		}
	}

	fn stagger(&self, block_id: BlockId) -> BlockNumber {
		let seed = [self.who.to_le_bytes(), block_id.to_le_bytes()].concat();
		u64::from(sp_io::hashing::blake2_256(&seed)[0]) % (self.stagger + 1)
	}
}

/// Removes and returns what is due.
fn take_until(queue: &mut BTreeMap<BlockNumber, Vec<BlockId>>, now: BlockNumber) -> Vec<BlockId> {
	if queue.first_key_value().is_none_or(|(at, _)| *at > now) {
		return Vec::new();
	}
	let later = queue.split_off(&(now + 1));
	std::mem::replace(queue, later).into_values().flatten().collect()
}
