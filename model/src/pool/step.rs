//! The steps of a run of the pool.

use codec::{Decode, Encode};

/// A step of a run: plain numbers, all of which are valid, so that every input of a fuzzer is useful.
/// Accounts are indices. From 64 on, an index selects among the accounts for which the step makes sense:
/// members, paused members, accounts with exits. Ids are chosen from the existing ones. Amounts may be
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
	/// The clock of periods advances.
	#[codec(index = 16)]
	Advance {
		/// By how much.
		by: u32,
	},
	/// The clock of periods advances to the moment at which something changes for an account, if there is one.
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
		/// The number from which seeds are made, or 0 for no seeds.
		seed: u8,
		/// The age of a seed; 255 for that of the parent block.
		age: u8,
	},
	/// The weight that blocks have for slashes changes.
	#[codec(index = 20)]
	Idle {
		/// The number of slashes for which there is weight; 255 for all.
		slashes: u8,
	},
	/// Sets whether the protocol calls the pool back after a draw.
	#[codec(index = 21)]
	CallBack {
		/// It calls back if the number is odd.
		on: u8,
	},
	/// The receiver of slashes changes.
	#[codec(index = 22)]
	SlashesTo {
		/// Index of an account. From 8 on, slashes are burned.
		to: u8,
	},
	/// A multi-block migration begins or ends.
	#[codec(index = 23)]
	Migrate {
		/// It begins if the number is odd.
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
		/// The amount; 0 removes the freeze.
		amount: u32,
	},
}

/// Kinds of amounts.
pub mod kind {
	/// A threshold, plus or minus the number modulo 4: the stake that outbids the smallest member, the reward
	/// for which a slash leaves the least stake, the amount after which the stake is the minimum.
	pub const EDGE: u8 = 4;
	/// The amount that can be transferred, put on hold or unstaked, less the number modulo [`REST`].
	pub const ALL: u8 = 5;
	/// The limit of the rest that is left.
	pub const REST: u64 = 16;
	/// The amount that the pool holds, less the number modulo [`REST`].
	pub const HELD: u8 = 6;
	/// The number, times 2⁶⁴.
	pub const HUGE: u8 = 7;
	/// The number itself. All other kinds count as this one.
	pub const PLAIN: u8 = 0;
	/// How many there are.
	pub const COUNT: u8 = 8;
}

/// Callers of the protocol's side.
pub mod caller {
	/// The hook trait. All other callers count as this one.
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
