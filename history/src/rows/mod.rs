//! The rows of all tables. `schema.sql` says what each column is.

mod table;
mod work;

pub use table::{column, texts, Table, Tables};

pub use work::Work;

use crate::column::{Amount, Moment, Percentiles};
use serde_json::{Map, Value};
use table::{row, text};

text! {
	/// The state of a block of the rollup.
	#[derive(Default)]
	Status {
		/// It waits for its draw.
		#[default]
		Pending = "pending",
		/// A prover was drawn.
		Assigned = "assigned",
		/// Any account may prove it.
		Open = "open",
		/// It has a claim.
		Claimed = "claimed",
		/// It is part of the rollup.
		Verified = "verified",
		/// It was skipped.
		Skipped = "skipped",
		/// It was cancelled. It is settled later.
		Cancelled = "cancelled",
		/// It was settled in a gap of the history.
		Unknown = "unknown",
	}
}

text! {
	/// What became of a claim.
	Fate {
		/// It waits.
		Stored = "stored",
		/// Its prover made another one within its window.
		Replaced = "replaced",
		/// A dispute removed it as wrong.
		Removed = "removed",
		/// It had no second proof in time.
		Unconfirmed = "unconfirmed",
		/// What vouched for it was revoked.
		Voided = "voided",
		/// It is the block.
		Verified = "verified",
		/// The block was settled without it.
		NotChosen = "not_chosen",
		/// Its block was settled in a gap of the history.
		Unknown = "unknown",
	}
}

text! {
	/// What an account is to the pool.
	#[derive(Default)]
	Membership {
		/// It has a slot.
		Member = "member",
		/// It had one.
		Left = "left",
		/// It never had one.
		#[default]
		Outside = "outside",
	}
}

text! {
	/// The state of a slash.
	SlashState {
		/// Its tokens are on hold.
		Pending = "pending",
		/// Its tokens were taken.
		Applied = "applied",
		/// Its tokens were released.
		Cancelled = "cancelled",
		/// Its tokens were taken or released in a gap of the history.
		Unknown = "unknown",
	}
}

text! {
	/// A length of time.
	#[derive(Default)]
	Period {
		/// An hour.
		#[default]
		Hour = "hour",
		/// A day of UTC.
		Day = "day",
	}
}

row! {
	/// An event, as the chain reported it.
	EventRow in "event" by ["block", "idx"];
	/// The block of the chain.
	block: u64,
	/// Its index in the block.
	#[serde(rename = "index")]
	idx: u32,
	/// The time of the block.
	time: Option<i64>,
	/// The extrinsic that caused it.
	extrinsic: Option<u32>,
	/// The pallet.
	pallet: String,
	/// Its name.
	name: String,
	/// The block of the rollup that it is about.
	block_id: Option<u64>,
	/// The account that it is about.
	account: Option<String>,
	/// Its fields.
	fields: Map<String, Value>,
}

row! {
	/// A block of the rollup.
	#[derive(Default)]
	RollupBlock in "rollup_block" by ["id"];
	/// Its id.
	id: u64,
	/// Its state.
	status: Status,
	/// The account that pays for it.
	proposer: Option<String>,
	/// The hash of its list.
	tx_list_hash: Option<String>,
	/// The gas limit.
	gas_limit: Option<u32>,
	/// The protocol's price at the proposal.
	fee_per_gas: Option<u32>,
	/// The assigned prover.
	prover: Option<String>,
	/// The price agreed at the draw.
	reward_per_gas: Option<u32>,
	/// The last time at which a claim of the assigned prover is in time.
	deadline: Option<u64>,
	/// Why it was opened.
	open_cause: Option<String>,
	/// Why its assigned prover was slashed.
	fault: Option<String>,
	/// How many claims were accepted.
	claims: u32,
	/// How the prover of the verified claim is paid.
	verdict: Option<String>,
	/// The account whose claim was verified.
	proven_by: Option<String>,
	/// Its hash.
	block_hash: Option<String>,
	/// The gas that it uses.
	gas_used: Option<u32>,
	/// What the verified claim pays per gas.
	paid_per_gas: Option<u32>,
	/// Its proposal.
	proposed: Option<Moment>,
	/// Its draw.
	drawn: Option<Moment>,
	/// Since when any account may prove it.
	opened: Option<Moment>,
	/// Its first claim.
	claimed: Option<Moment>,
	/// The first claim of its assigned prover in time.
	delivered: Option<Moment>,
	/// The claim that was verified.
	proven: Option<Moment>,
	/// When it was verified, skipped, or settled after a cancellation.
	settled: Option<Moment>,
	/// The escrow at the proposal.
	escrow: Option<Amount>,
	/// What the proposer got back at the draw.
	returned_at_draw: Amount,
	/// What the prover received from the escrow.
	paid: Option<Amount>,
	/// What the proposer got back, at the draw and at the end.
	returned: Option<Amount>,
	/// What was forfeited.
	forfeited: Option<Amount>,
	/// True if the capacity of its assigned prover has returned.
	#[serde(skip)]
	released: bool,
	/// True if events of its life may be missing.
	spans_gap: bool,
}

row! {
	/// A claim on a block of the rollup.
	Claim in "claim" by ["block_id", "number"];
	/// The block.
	block_id: u64,
	/// Its number among the claims of the block.
	number: u32,
	/// The account that proved it.
	prover: String,
	/// The parent.
	parent_hash: String,
	/// The block on this parent.
	block_hash: String,
	/// The gas that the block uses.
	gas_used: u32,
	/// What it pays per gas.
	reward_per_gas: u32,
	/// What was held from the prover.
	bond: Amount,
	/// What was returned of it.
	bond_returned: Amount,
	/// What was forfeited of it.
	bond_forfeited: Amount,
	/// What vouched for the proof, as JSON.
	tag: String,
	/// Whether it has its second proof.
	confirmed: bool,
	/// The moment of the claim.
	claimed: Moment,
	/// What became of it.
	fate: Fate,
}

row! {
	/// An account that staked, proved, or lost a bond.
	#[derive(Default)]
	Prover in "prover" by ["account"];
	/// The account.
	account: String,
	/// What it is to the pool.
	status: Membership,
	/// Its slot.
	slot: Option<u32>,
	/// Its stake.
	stake: Amount,
	/// The sum of its exits.
	exits: Amount,
	/// Its price.
	reward_per_gas: Option<u32>,
	/// Its capacity; `None` if no event contains it.
	max_capacity: Option<u32>,
	/// Whether it paused, or was suspended and has not resumed.
	paused: bool,
	/// The last moment of its suspension.
	suspended_until: Option<u64>,
	/// Its last entry.
	entered: Option<Moment>,
	/// When it left.
	left: Option<Moment>,
	/// Whether it was replaced or ejected.
	forced: bool,
	/// Assignments that are not delivered.
	outstanding: u32,
	/// Assignments that are not closed.
	liable: u32,
	/// What it did since the history begins.
	#[serde(flatten)]
	work: Work,
	/// Assignments closed without a slash.
	served: u32,
	/// Of its slashes, those that were cancelled.
	forgiven: u32,
	/// What it received from slashes of others.
	bonuses: Amount,
	/// The sum of its slashes that were cancelled.
	slashes_cancelled: Amount,
	/// The sum of its bonds that were forfeited.
	bonds_forfeited: Amount,
	/// Its last act.
	last_seen: Option<Moment>,
	/// What the chain's own record counts: it begins again when the pool forgets the account.
	#[serde(skip)]
	record_assigned: u32,
	/// The same, of those served.
	#[serde(skip)]
	record_served: u32,
	/// The same, of those missed and not forgiven.
	#[serde(skip)]
	record_missed: u32,
	/// True if events of its life may be missing.
	spans_gap: bool,
}

row! {
	/// The terms of a member after a change.
	Offer in "offer" by ["account", "at_block", "idx"];
	/// The member.
	account: String,
	/// When it changed.
	at: Moment,
	/// The index of the event.
	#[serde(skip)]
	idx: u32,
	/// The name of the event.
	change: String,
	/// The stake after it.
	stake: Amount,
	/// The price after it.
	reward_per_gas: Option<u32>,
	/// The capacity after it.
	max_capacity: Option<u32>,
	/// Whether it is paused after it.
	paused: bool,
}

row! {
	/// A slash.
	Slash in "slash" by ["block_id"];
	/// The block of the assignment.
	block_id: u64,
	/// The account that was slashed.
	who: String,
	/// The amount.
	amount: Amount,
	/// The part from exits.
	from_exits: Amount,
	/// The part from the stake.
	from_stake: Amount,
	/// The fault.
	fault: String,
	/// The moment of the slash.
	slashed: Moment,
	/// From when on its tokens can be taken, by the clock of the pool's periods; `None` if it was not deferred.
	due_at: Option<u64>,
	/// Its state.
	state: SlashState,
	/// When its tokens were taken or released.
	resolved: Option<Moment>,
	/// The account that proved the block instead.
	rescuer: Option<String>,
	/// What the rescuer received of it.
	to_rescuer: Amount,
	/// The rest of what was taken: the runtime decides where it goes.
	burnt: Amount,
	/// Whether events of its life may be missing.
	spans_gap: bool,
}

row! {
	/// The protocol's fee after a change.
	Fee in "fee" by ["at_block", "idx"];
	/// When it changed.
	at: Moment,
	/// The index of the event.
	idx: u32,
	/// The fee, per gas.
	fee_per_gas: u32,
	/// The window of a prover that is drawn then; `None` if no event contains it.
	window: Option<u64>,
}

row! {
	/// An hour or a day that is over.
	#[derive(Default)]
	Summary in "summary" by ["period", "start"];
	/// Hour or day.
	period: Period,
	/// Its first millisecond since 1970.
	start: i64,
	/// Whether blocks of it may be missing.
	spans_gap: bool,
	/// Proposals.
	proposed: u32,
	/// Draws that found a prover.
	drawn: u32,
	/// Blocks that were opened.
	opened: u32,
	/// Blocks that were verified.
	verified: u32,
	/// Blocks that were skipped.
	skipped: u32,
	/// Cancelled blocks that were settled.
	cancelled: u32,
	/// Slashes.
	slashes: u32,
	/// The prices agreed at draws.
	price: Option<Percentiles>,
	/// Milliseconds from the draw, or from the opening, to the claim that was verified; of blocks verified in it.
	time_to_prove: Option<Percentiles>,
	/// The last fee in it.
	fee_last: Option<u32>,
	/// What provers received from escrows.
	paid: Amount,
	/// What proposers got back of escrows that were settled.
	returned: Amount,
	/// What was forfeited of escrows that were settled.
	forfeited: Amount,
	/// The sum of slashes.
	slashed: Amount,
}

row! {
	/// What a prover did in an hour or a day that is over.
	ProverSummary in "prover_summary" by ["period", "start", "account"];
	/// Hour or day.
	period: Period,
	/// Its first millisecond since 1970.
	start: i64,
	/// The prover.
	account: String,
	/// Whether blocks of it may be missing.
	spans_gap: bool,
	/// What it did.
	#[serde(flatten)]
	work: Work,
}

row! {
	/// Blocks of the chain whose events are missing.
	Gap in "gap" by ["from_block"];
	/// The first of them.
	from_block: u64,
	/// The last of them.
	to_block: u64,
	/// The time of the last block before.
	before_time: Option<i64>,
	/// The time of the first block after.
	after_time: Option<i64>,
	/// Why.
	reason: String,
}
