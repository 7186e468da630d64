//! Runs a recording through this pallet, and compares everything after every operation.

use std::{collections::BTreeMap, fmt};

use prover_pool_primitives::{BlockId, Fault, OpenReason, PricePerGas};
use sp_core::{H256, U256};
use sp_io::hashing::keccak_256;
use sp_runtime::{DispatchResult, StateVersion};

use super::{
	answers::{answer, Deviation},
	pool::{assign_for_slash, compare, load, same, whole_weights, Difference, WholeWeight},
	recorded::Recorded,
	trace::{Call, Decimal, Operation, Pick, PoolEvent, Returned, Snapshot, Trace},
};
use crate::mock::*;

/// What was compared in one recording.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
	pub operations: usize,
	/// Operations that both refused.
	pub refused: usize,
	/// Draws with a prover, and draws without.
	pub draws: usize,
	pub open: usize,
	pub events: usize,
	pub snapshots: usize,
	/// Operations with the same effect and another answer.
	pub deviations: BTreeMap<Deviation, usize>,
}

impl Summary {
	pub fn add(&mut self, other: &Self) {
		self.operations += other.operations;
		self.refused += other.refused;
		self.draws += other.draws;
		self.open += other.open;
		self.events += other.events;
		self.snapshots += other.snapshots;
		for (why, count) in &other.deviations {
			*self.deviations.entry(*why).or_default() += count;
		}
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let Self { operations, refused, draws, open, events, snapshots, deviations } = self;
		write!(
			f,
			"{operations} operations compared ({refused} refused alike, {draws} draws, {open} open, \
			 {events} events, {snapshots} snapshots, {} with another answer)",
			deviations.values().sum::<usize>(),
		)
	}
}

/// The first operation after which this pallet and the recording differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
	pub trace: String,
	pub op: usize,
	pub difference: Difference,
}

impl fmt::Display for Mismatch {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let Difference { what, recorded, ours } = &self.difference;
		write!(f, "{} op {}: {what}: recorded {recorded}, here {ours}", self.trace, self.op)
	}
}

/// Returns how many operations of a recording this pallet must replay: all, if every operation belongs to
/// an assignment or none has a tag; else those before the first tag.
pub fn replayable(trace: &Trace) -> usize {
	let first_tag = trace.ops.iter().position(|op| op.tags().next().is_some());
	match first_tag {
		Some(index) if !trace.ledger => index,
		_ => trace.ops.len(),
	}
}

/// Replays all operations of a recording that this pallet must replay.
pub fn replay(trace: &Trace) -> Result<Summary, Mismatch> {
	let genesis = Recorded::genesis(trace);
	let ops = &trace.ops[..replayable(trace)];
	replay_from(trace, genesis, ops)
}

/// Replays `ops` from the state that was recorded before them.
pub fn replay_from(
	trace: &Trace,
	recorded: Recorded,
	ops: &[Operation],
) -> Result<Summary, Mismatch> {
	load(&recorded).execute_with(|| {
		let mut replay = Replay { trace, recorded, summary: Summary::default() };
		for op in ops {
			replay.step(op).map_err(|difference| Mismatch {
				trace: trace.name.clone(),
				op: op.index,
				difference,
			})?;
		}
		Ok(replay.summary)
	})
}

struct Replay<'a> {
	trace: &'a Trace,
	recorded: Recorded,
	summary: Summary,
}

impl Replay<'_> {
	/// One operation: the same answer, the same events, and the same state afterwards.
	fn step(&mut self, op: &Operation) -> Result<(), Difference> {
		Now::set(op.now);
		let before = self.recorded.clone();
		let root = || sp_io::storage::root(StateVersion::V1);
		let root_before = op.err.is_some().then(root);

		let answered = self.perform(op)?;
		same("answer", answer(self.trace, op), answered)?;
		if let Some(root_before) = root_before {
			same("storage root after a refusal", root_before, root())?;
			self.summary.refused += 1;
		}

		self.recorded.apply(self.trace, op);
		let expected = self.expected_events(op, &before);
		same("events", &expected, &pool_events())?;
		same("recorded capacity", op.capacity, self.recorded.capacity())?;
		// Capacity that the original returns later has returned here already.
		let freed = self.recorded.closing.and_then(|who| self.recorded.slot_of(who)).is_some();
		same("capacity", op.capacity + u64::from(freed), ProverPool::get_capacity())?;
		compare(&self.recorded)?;
		if let Some(snapshot) = &op.snapshot {
			self.check_snapshot(snapshot)?;
			self.summary.snapshots += 1;
		}

		self.summary.operations += 1;
		self.summary.events += expected.len();
		if let Some(why) = Deviation::of(self.trace, op) {
			*self.summary.deviations.entry(why).or_default() += 1;
		}
		Ok(())
	}

	/// Makes the recorded call here, and returns this pallet's answer.
	fn perform(&mut self, op: &Operation) -> Result<DispatchResult, Difference> {
		// Only the protocol may call its side: root in the mock.
		let by = op.by.map_or(0, |who| who.0);
		let protocol = if op.err.is_some() { signed(by) } else { RuntimeOrigin::root() };
		let block_of_info = op.info.blk.map_or(0, |block_id| block_id.0);
		Ok(match &op.call {
			Call::Advance {} => Ok(()),
			Call::Stake { amount, reward_per_gas, max_capacity } => {
				stake(by, amount.0, *reward_per_gas, *max_capacity)
			},
			Call::Exit {} => exit(by),
			Call::Withdraw {} => withdraw(by),
			Call::AssignProver { block_id, fee_per_gas } => {
				same("random word", op.random_word, Some(random_word(op, block_id.0)))?;
				let requested = ProverPool::assign_prover(protocol, block_id.0, *fee_per_gas);
				if requested.is_ok() {
					self.draw(op, block_id.0, *fee_per_gas)?;
				}
				requested
			},
			Call::ReleaseProver { .. } => match Deviation::of(self.trace, op) {
				Some(Deviation::ClosingRelease | Deviation::ReleaseOfNothing) => Ok(()),
				_ => ProverPool::release_prover(protocol.clone(), block_of_info).and_then(|()| {
					if self.trace.ledger {
						return Ok(());
					}
					// Without a ledger the recording does not say when an assignment ends: the release
					// is its last operation.
					ProverPool::discharge_prover(protocol, block_of_info)
				}),
			},
			Call::SlashProver { block_id, addr, proof_reward } => {
				let block_id = block_id.0;
				if op.executed() && !self.trace.ledger {
					same("assignment under the id of a slash", None, assignment(block_id))?;
					assign_for_slash(&self.recorded, block_id, addr.0, op.now);
				}
				ProverPool::slash_prover(protocol, block_id, proof_reward.0, Fault::Late, None)
			},
			Call::Discharge { block_id } => {
				ProverPool::discharge_prover(RuntimeOrigin::root(), block_id.0)
			},
		})
	}

	/// Runs the draw for a request with a seed that draws the recorded prover, after a check that the
	/// original's random word draws the same from the weights here.
	fn draw(
		&mut self,
		op: &Operation,
		block_id: BlockId,
		fee: PricePerGas,
	) -> Result<(), Difference> {
		let weights = whole_weights(fee);
		let picked = pick(&weights, random_word(op, block_id));
		let drawn = weights.get(&picked.slot).copied().unwrap_or_default();
		same("draw", op.pick.as_ref(), Some(&picked))?;
		let Some(Returned { prover, reward_per_gas }) = op.returned else {
			return same("recorded outcome of the draw", true, false);
		};
		same("price agreed", reward_per_gas, drawn.effective_price)?;
		same("prover drawn", prover.map(|who| who.0), slot(picked.slot))?;
		run_blocks(1);
		if let Some(prover) = prover {
			same("recorded prover can be drawn", true, drawn.weight > 0)?;
			aim(block_id, prover.0, fee);
			self.summary.draws += 1;
		} else {
			self.summary.open += 1;
		}
		run_blocks(1);
		Ok(())
	}

	/// Returns the events of this pallet that say what the recorded ones say, and those that the original
	/// does not have. `before` is the state before the operation.
	fn expected_events(&self, op: &Operation, before: &Recorded) -> Vec<Event> {
		if op.ok == Some(false) {
			return Vec::new();
		}
		// The exits that the stake joins which leaves in this operation.
		let mut exits = before.clone();
		let mut events = Vec::new();
		for event in &op.events {
			events.push(self.expected_event(op, event, before, &exits));
			if let PoolEvent::Withdrawn { addr, .. } = event {
				exits.stakers.remove(&addr.0);
			}
		}
		match &op.call {
			Call::AssignProver { block_id, fee_per_gas } => {
				let (block_id, fee_per_gas) = (block_id.0, *fee_per_gas);
				events.push(Event::ProverRequested { block_id, fee_per_gas });
				events.push(match self.recorded.ledger.get(&block_id) {
					Some(assignment) => {
						drawn(block_id, assignment.prover, assignment.reward_per_gas)
					},
					None => {
						let reason = match (fee_per_gas, before.slots.is_empty()) {
							(0, _) => OpenReason::ZeroFee,
							(_, true) => OpenReason::EmptyPool,
							(_, false) => OpenReason::NoFreeCapacity,
						};
						Event::ProverNotFound { block_id, reason }
					},
				});
			},
			Call::ReleaseProver { addr } if Deviation::of(self.trace, op).is_none() => {
				let (block_id, who) = (op.info.blk.map_or(0, |block_id| block_id.0), addr.0);
				events.push(Event::ProverReleased { block_id, who });
				if !self.trace.ledger {
					events.push(Event::ProverDischarged { block_id, who });
				}
			},
			Call::SlashProver { block_id, addr, .. } if op.events.is_empty() => {
				events.push(slashed(block_id.0, addr.0, 0, 0));
			},
			Call::Discharge { block_id } => {
				let block_id = block_id.0;
				let who = before.ledger.get(&block_id).map_or(0, |assignment| assignment.prover);
				events.push(Event::ProverDischarged { block_id, who });
			},
			_ => {},
		}
		events
	}

	fn expected_event(
		&self,
		op: &Operation,
		event: &PoolEvent,
		before: &Recorded,
		exits: &Recorded,
	) -> Event {
		match event {
			PoolEvent::Staked { addr, amount, reward_per_gas, current_capacity } => {
				let prover_id = self.recorded.record(addr.0).slot;
				staked(addr.0, prover_id, amount.0, *reward_per_gas, *current_capacity)
			},
			PoolEvent::Exited { addr, amount } => Event::Exited {
				who: addr.0,
				// The original's event has the new sum of exits, this pallet's what joined them.
				amount: amount.0.saturating_sub(exits.record(addr.0).exit_amount.0),
				exit: Some(0),
				forced: op.by != Some(*addr),
			},
			PoolEvent::Withdrawn { addr, amount } => withdrawn(addr.0, amount.0),
			PoolEvent::Slashed { block_id, addr, amount } => {
				let who = addr.0;
				let exit = |recorded: &Recorded| recorded.record(who).exit_amount.0;
				// Where the recording does not name the parts, they are what is missing.
				let from_exits = match op.info.from_exit {
					Some(from_exit) => from_exit.0,
					None => exit(before).saturating_sub(exit(&self.recorded)),
				};
				let from_stake = match op.info.from_stake {
					Some(from_stake) => from_stake.0,
					None => before.stake_of(who).saturating_sub(self.recorded.stake_of(who)),
				};
				Event::Slashed {
					block_id: block_id.0,
					who,
					amount: amount.0,
					from_exits,
					from_stake,
					fault: Fault::Late,
				}
			},
		}
	}

	/// Checks the recording's own full state, and the weights at its three fees.
	fn check_snapshot(&self, snapshot: &Snapshot) -> Result<(), Difference> {
		same("snapshot agrees with the deltas", true, self.recorded.agrees_with(snapshot))?;
		for recorded in &snapshot.weights {
			let ours = whole_weights(recorded.fee);
			let of_slot = |slot: u32| ours.get(&slot).copied().unwrap_or_default();
			for ((slot, weight), price) in
				(1..).zip(&recorded.weights).zip(&recorded.effective_prices)
			{
				let recorded = WholeWeight { weight: weight.0, effective_price: *price };
				same(&format!("weight of slot {slot}"), recorded, of_slot(slot))?;
			}
			let total = ours.values().map(|whole| whole.weight).sum();
			same("sum of weights", recorded.total.0, total)?;
		}
		Ok(())
	}
}

/// Returns the original's random word: the hash of its last block and the id.
fn random_word(op: &Operation, block_id: BlockId) -> H256 {
	let id = H256::from_low_u64_be(block_id);
	H256(keccak_256(&[op.parent_hash.as_bytes(), id.as_bytes()].concat()))
}

/// Returns the original's draw: the first slot at which the sum of whole weights exceeds the point.
fn pick(weights: &BTreeMap<u32, WholeWeight>, random_word: H256) -> Pick {
	let total: u128 = weights.values().map(|whole| whole.weight).sum();
	let word = U256::from_big_endian(random_word.as_bytes());
	let Some(point) = word.checked_rem(total.into()).map(|point| point.low_u128()) else {
		return Pick { total: Decimal(0), point: None, slot: 0 };
	};
	let mut sum = 0;
	let chosen = weights.iter().find(|(_, whole)| {
		sum += whole.weight;
		sum > point
	});
	let slot = chosen.map_or(0, |(slot, _)| *slot);
	Pick { total: Decimal(total), point: Some(Decimal(point)), slot }
}
