//! The things that happen to the pool.

use codec::{Decode, Encode};

/// Something that happens to the pool: plain numbers, all of which mean something, so that a fuzzer
/// wastes none. The names of accounts are indices; from 64 on only accounts count that the step makes
/// sense for: members, paused ones, those with exits. Ids are chosen from those that exist, sums may be
/// relative to a balance: see the constants here.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum Step {
	/// R1, by a prover, with a sum of a kind.
	#[codec(index = 0)]
	Stake {
		/// Index of a prover.
		who: u8,
		/// The kind of the amount: see [`kind`].
		kind: u8,
		/// The amount, if the kind asks for one.
		amount: u64,
		/// The price.
		price: u32,
		/// The capacity; the highest 256 numbers stand for the highest 256 capacities.
		capacity: u16,
	},
	/// R2.
	#[codec(index = 1)]
	Exit {
		/// Index of a prover.
		who: u8,
	},
	/// R3: `withdraw`, or `withdraw_for` by another account.
	#[codec(index = 2)]
	Withdraw {
		/// Index of the account that is paid.
		who: u8,
		/// Index of the account that calls; from 8 on the account itself.
		by: u8,
	},
	/// R9.
	#[codec(index = 3)]
	StakeExtra {
		/// Index of a prover.
		who: u8,
		/// The kind of the amount.
		kind: u8,
		/// The amount, if the kind asks for one.
		amount: u64,
	},
	/// R9.
	#[codec(index = 4)]
	Unstake {
		/// Index of a prover.
		who: u8,
		/// The kind of the amount.
		kind: u8,
		/// The amount, if the kind asks for one.
		amount: u64,
	},
	/// R9.
	#[codec(index = 5)]
	Restake {
		/// Index of a prover.
		who: u8,
		/// Which of its exits: an existing one below 240, if there is one.
		exit: u8,
	},
	/// R9.
	#[codec(index = 6)]
	SetTerms {
		/// Index of a prover.
		who: u8,
		/// The price.
		price: u32,
		/// The capacity, as in [`Step::Stake`].
		capacity: u16,
	},
	/// R9.
	#[codec(index = 7)]
	Pause {
		/// Index of a prover.
		who: u8,
	},
	/// R9, R10.
	#[codec(index = 8)]
	Resume {
		/// Index of a prover.
		who: u8,
	},
	/// R4.
	#[codec(index = 9)]
	Request {
		/// The caller: see [`caller`].
		caller: u8,
		/// Which block: a new one below 240, else one that is known.
		id: u8,
		/// The fee.
		fee: u32,
	},
	/// R6.
	#[codec(index = 10)]
	Release {
		/// The caller.
		caller: u8,
		/// Which block: an assigned one below 240, else one that is pending, slashed or unknown.
		id: u8,
	},
	/// R7.
	#[codec(index = 11)]
	Slash {
		/// The caller.
		caller: u8,
		/// Which block, as in [`Step::Release`].
		id: u8,
		/// The kind of the proof's reward.
		kind: u8,
		/// The proof's reward, if the kind asks for one.
		reward: u64,
		/// The reason.
		fault: u8,
		/// Index of the reporter; none from 8 on.
		reporter: u8,
		/// The most that the reporter gets.
		most: u32,
	},
	/// R8.
	#[codec(index = 12)]
	Discharge {
		/// The caller.
		caller: u8,
		/// Which block, as in [`Step::Release`].
		id: u8,
	},
	/// R7: a deferred slash.
	#[codec(index = 13)]
	ApplySlash {
		/// Index of the account that calls.
		by: u8,
		/// Which block: one with a pending slash below 240, else any other.
		id: u8,
	},
	/// R7: a deferred slash.
	#[codec(index = 14)]
	CancelSlash {
		/// The caller; the hook trait has no such method, its origin calls.
		caller: u8,
		/// Which block, as in [`Step::ApplySlash`].
		id: u8,
	},
	/// Blocks pass, at most four.
	#[codec(index = 15)]
	Blocks {
		/// How many more than one.
		more: u8,
	},
	/// The clock of periods goes on.
	#[codec(index = 16)]
	Advance {
		/// By how much.
		by: u32,
	},
	/// The clock of periods goes on to where something changes for an account, if that is to come.
	#[codec(index = 17)]
	AdvanceTo {
		/// Index of a prover.
		who: u8,
		/// What changes: its first exit matures, its delay ends, its oldest duty is overdue, its
		/// suspension ends, the first slash is due.
		edge: u8,
		/// 0: the last moment before, 1: the first after.
		after: u8,
	},
	/// A parameter changes.
	#[codec(index = 18)]
	Parameter {
		/// Which.
		which: u8,
		/// To which value, within its bounds.
		value: u32,
	},
	/// The source of seeds changes.
	#[codec(index = 19)]
	Seed {
		/// What seeds are made of; none with 0.
		seed: u8,
		/// How old a seed is; 255: as old as the parent block.
		age: u8,
	},
	/// The weight that blocks have for slashes changes.
	#[codec(index = 20)]
	Idle {
		/// For how many slashes there is weight; 255: for all.
		slashes: u8,
	},
	/// The protocol calls back when it hears of a draw, or does not.
	#[codec(index = 21)]
	CallBack {
		/// Does, if odd.
		on: u8,
	},
	/// The receiver of slashes changes.
	#[codec(index = 22)]
	SlashesTo {
		/// Index of an account; burned from 8 on.
		to: u8,
	},
	/// A multi-block migration begins or ends.
	#[codec(index = 23)]
	Migrate {
		/// Begins, if odd.
		on: u8,
	},
	/// Tokens are sent.
	#[codec(index = 24)]
	Transfer {
		/// Index of an account.
		from: u8,
		/// Index of an account.
		to: u8,
		/// The kind of the sum.
		kind: u8,
		/// The sum, if the kind asks for one.
		amount: u32,
	},
	/// Another pallet freezes tokens.
	#[codec(index = 25)]
	Freeze {
		/// Index of an account.
		who: u8,
		/// How many; 0 thaws.
		amount: u32,
	},
}

/// Kinds of sums.
pub mod kind {
	/// As much as just decides, give or take what the number leaves modulo 4: a stake as large as the
	/// smallest must be outbid with, a reward for which a slash leaves what must be left, an amount after
	/// which the stake is the minimum.
	pub const EDGE: u8 = 4;
	/// What can be transferred, put on hold or unstaked, less what the number leaves modulo [`REST`].
	pub const ALL: u8 = 5;
	/// How little may be left of all.
	pub const REST: u64 = 16;
	/// What the pool holds, less the same.
	pub const HELD: u8 = 6;
	/// The number, times 2⁶⁴.
	pub const HUGE: u8 = 7;
	/// The number itself: every kind that is nothing else.
	pub const PLAIN: u8 = 0;
	/// How many there are.
	pub const COUNT: u8 = 8;
}

/// Callers of the protocol's side.
pub mod caller {
	/// The hook trait: what is nothing else.
	pub const HOOK: u8 = 0;
	/// `ProtocolOrigin`.
	pub const ORIGIN: u8 = 4;
	/// The prover of the block itself.
	pub const OWN: u8 = 6;
	/// A prover, whose index is the rest.
	pub const PROVER: u8 = 7;
	/// How many there are.
	pub const COUNT: u8 = 8;
}
