//! A model of BABE: who may author in which slot, and what an author can do about it.
//!
//! Time is a row of slots. In each slot every author has a *primary* claim by lot, with probability
//! 1 − (1 − c)^share, and one author, chosen by hash with its share as probability, has the *secondary* one.
//! A block of either kind carries the VRF output of its author in that slot. Each author knows its own outputs
//! in advance and those of others when their blocks are public.
//!
//! The fork choice counts primary blocks, and a tie goes to the block that was public first. Honest authors
//! publish whatever they may: a primary block if there is one in the slot (of several, one by hash), else the
//! secondary one.
//!
//! One author may do otherwise. [`Babe::paths`] lists what it can do: leave its slots empty (*withholding*),
//! or build a primary block beside the secondary block of the slot before, which the fork choice then drops
//! (*replacing*). With k slots in a row it chooses among up to 2^k chains.

use crate::runtime::AccountId;
use pallet_vrf_accumulator::VrfOutput;
use sp_io::hashing::blake2_256;

/// The number of a slot.
pub type Slot = u64;

/// How many slots [`Babe::paths`] looks ahead, unless set otherwise.
pub const LOOK_AHEAD: u32 = 6;

/// An author of blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Author {
	/// The account that earns by its blocks.
	pub who: AccountId,
	/// The share of all slots. All shares add up to 1.
	pub share: f64,
}

/// A block of the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Authored {
	/// Its slot.
	pub slot: Slot,
	/// The index of its author.
	pub author: usize,
	/// True if its slot was claimed as a primary one.
	pub primary: bool,
	/// Its VRF output.
	pub output: VrfOutput,
}

/// Who may author in a slot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claims {
	/// The authors with a primary claim, in the order in which their blocks spread.
	pub primary: Vec<usize>,
	/// The author with the secondary claim.
	pub secondary: usize,
}

/// One way in which the chain can go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
	/// The next blocks of the chain. None, if the author leaves all its slots empty.
	pub blocks: Vec<Authored>,
	/// Of how many of them, from the first on, the author knows the output when it decides.
	pub known: usize,
	/// How many blocks of its own the author gave up.
	pub withheld: u32,
	/// The blocks of others that the fork choice drops.
	pub replaced: u32,
	/// The slot after the path.
	pub next_slot: Slot,
}

impl Path {
	/// Returns the outputs that the author knows when it decides.
	pub fn known_outputs(&self) -> Vec<VrfOutput> {
		self.blocks.iter().take(self.known).map(|block| block.output).collect()
	}

	/// Adds a block whose output the author knows.
	fn push(&mut self, block: Authored) {
		self.blocks.push(block);
		self.known = self.blocks.len();
	}
}

/// The slots of a run.
#[derive(Clone, Debug)]
pub struct Babe {
	/// The authors.
	pub authors: Vec<Author>,
	/// The probability that a slot has a primary block.
	pub primary_probability: f64,
	/// How many slots [`Babe::paths`] looks ahead. The number of paths grows as 2 to its power.
	pub look_ahead: u32,
	seed: [u8; 32],
	next_slot: Slot,
}

/// The share of primary slots on the demo chain.
pub const DEMO_PRIMARY_PROBABILITY: f64 = 0.25;

impl Babe {
	/// Returns the slots of the run with this seed.
	pub fn new(authors: Vec<Author>, seed: u64) -> Self {
		let seed = blake2_256(&[&b"slots"[..], &seed.to_le_bytes()].concat());
		Self {
			authors,
			primary_probability: DEMO_PRIMARY_PROBABILITY,
			look_ahead: LOOK_AHEAD,
			seed,
			next_slot: 1,
		}
	}

	/// Returns slots in which `attacker` has this share, and one honest account the rest. The attacker is
	/// the author 0.
	pub fn two(attacker: AccountId, share: f64, others: AccountId, seed: u64) -> Self {
		let author = |who, share| Author { who, share };
		Self::new(vec![author(attacker, share), author(others, 1.0 - share)], seed)
	}

	/// Returns the next slot.
	pub fn next_slot(&self) -> Slot {
		self.next_slot
	}

	/// Returns a number for each (author, slot, purpose), uniform over all.
	fn hash(&self, purpose: u8, author: usize, slot: Slot) -> [u8; 32] {
		let mut bytes = [0; 49];
		bytes[..32].copy_from_slice(&self.seed);
		bytes[32..40].copy_from_slice(&slot.to_le_bytes());
		bytes[40..48].copy_from_slice(&(author as u64).to_le_bytes());
		bytes[48] = purpose;
		blake2_256(&bytes)
	}

	/// Returns the same as a number from 0 to 1.
	fn uniform(&self, purpose: u8, author: usize, slot: Slot) -> f64 {
		let hash = self.hash(purpose, author, slot);
		let bytes: [u8; 8] = hash[..8].try_into().unwrap_or_default();
		u64::from_le_bytes(bytes) as f64 / 2f64.powi(64)
	}

	/// Returns the VRF output of an author in a slot, which the author alone knows before its block.
	pub fn output(&self, author: usize, slot: Slot) -> VrfOutput {
		self.hash(0, author, slot)
	}

	/// Returns a number from 0 to 1 for each purpose and index, for whatever else is random in a run.
	pub fn chance(&self, purpose: u8, index: u64) -> f64 {
		self.uniform(purpose, usize::MAX, index)
	}

	/// Returns whether an author may claim a slot, as far as it knows before the slot: another author's
	/// primary block may still come first.
	pub fn may_claim(&self, author: usize, slot: Slot) -> bool {
		let claims = self.claims(slot);
		claims.secondary == author || claims.primary.contains(&author)
	}

	/// Returns who may author in a slot.
	pub fn claims(&self, slot: Slot) -> Claims {
		let wins = |author: &usize| {
			let share = self.authors[*author].share;
			self.uniform(1, *author, slot) < 1.0 - (1.0 - self.primary_probability).powf(share)
		};
		let mut primary: Vec<_> = (0..self.authors.len()).filter(wins).collect();
		primary.sort_by_key(|author| self.hash(2, *author, slot));
		let mut point = self.uniform(3, 0, slot);
		let owner = self.authors.iter().position(|author| {
			point -= author.share;
			point < 0.0
		});
		Claims { primary, secondary: owner.unwrap_or(self.authors.len() - 1) }
	}

	fn authored(&self, author: usize, slot: Slot, primary: bool) -> Authored {
		Authored { slot, author, primary, output: self.output(author, slot) }
	}

	/// Returns the block that a slot has if all authors publish.
	fn honest_block(&self, slot: Slot) -> Authored {
		let claims = self.claims(slot);
		match claims.primary.first() {
			Some(author) => self.authored(*author, slot, true),
			None => self.authored(claims.secondary, slot, false),
		}
	}

	/// Returns the block that a slot has if all authors but this one publish.
	fn block_without(&self, me: usize, slot: Slot) -> Option<Authored> {
		let claims = self.claims(slot);
		match claims.primary.iter().find(|author| **author != me) {
			Some(author) => Some(self.authored(*author, slot, true)),
			None if claims.secondary != me => Some(self.authored(claims.secondary, slot, false)),
			None => None,
		}
	}

	/// Returns the next block if everybody is honest. No slot stays empty.
	pub fn honest(&mut self) -> Authored {
		let slot = self.next_slot;
		self.next_slot += 1;
		self.honest_block(slot)
	}

	/// Returns what the author with this index can make of the next slots, with all outputs that it knows
	/// when it decides. The first path is the honest one. If the author has nothing to decide in the next
	/// slot, that is the only one.
	///
	/// A path ends with the first slot that is left to others.
	pub fn paths(&self, attacker: usize) -> Vec<Path> {
		let start = Path { next_slot: self.next_slot, ..Path::default() };
		let mut ends = Vec::new();
		self.explore(attacker, start, 0, &mut ends);
		ends
	}

	/// Follows one path. Honest choices come first.
	fn explore(&self, me: usize, path: Path, depth: u32, ends: &mut Vec<Path>) {
		let slot = path.next_slot;
		let block = self.honest_block(slot);
		let is_first = depth == 0;
		if depth >= self.look_ahead {
			return ends.push(path);
		}
		if block.author == me {
			let mut publish = path.clone();
			publish.push(block);
			publish.next_slot += 1;
			self.explore(me, publish, depth + 1, ends);

			// Without it another block of the slot may stand, or none.
			let mut withhold = path;
			withhold.withheld += 1;
			withhold.next_slot += 1;
			match self.block_without(me, slot) {
				// The author sees its output when it is too late.
				Some(other) => {
					withhold.blocks.push(other);
					ends.push(withhold);
				},
				None => self.explore(me, withhold, depth + 1, ends),
			}
			return;
		}
		if !is_first {
			return ends.push(path);
		}
		let next = self.honest_block(slot + 1);
		match next.author == me && next.primary && !block.primary {
			// The author has seen the block when it decides in the next slot.
			true => {
				let mut beside = path.clone();
				let mut both = path;
				both.push(block);
				both.push(next);
				both.next_slot += 2;
				self.explore(me, both, depth + 2, ends);
				beside.push(next);
				beside.replaced += 1;
				beside.next_slot += 2;
				self.explore(me, beside, depth + 2, ends);
			},
			false => {
				let mut only = path;
				only.blocks.push(block);
				only.next_slot += 1;
				ends.push(only);
			},
		}
	}

	/// Goes on along a path of [`Self::paths`].
	pub fn take(&mut self, path: &Path) {
		self.next_slot = path.next_slot;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The shares of primary slots and of blocks are those of the model.
	#[test]
	fn shares_of_blocks_are_shares_of_authors() {
		let mut babe = Babe::two(1, 0.3, 2, 7);
		let blocks: Vec<_> = (0..20_000).map(|_| babe.honest()).collect();
		let share = |count: usize| count as f64 / blocks.len() as f64;
		let mine = share(blocks.iter().filter(|block| block.author == 0).count());
		let primary = share(blocks.iter().filter(|block| block.primary).count());
		assert!((mine - 0.3).abs() < 0.015, "{mine}");
		assert!((primary - 0.25).abs() < 0.015, "{primary}");
	}

	/// An author can replace a secondary block in 0.75 · (1 − 0.75^s) of all slots that are not its own.
	#[test]
	fn replacing_is_as_frequent_as_the_documentation_says() {
		let mut babe = Babe::two(1, 0.25, 2, 8);
		let (mut slots, mut replacing) = (0u32, 0u32);
		for _ in 0..20_000 {
			let paths = babe.paths(0);
			slots += 1;
			replacing += u32::from(paths.iter().any(|path| path.replaced > 0));
			babe.honest();
		}
		let expected = 0.75f64 * 0.75 * (1.0 - 0.75f64.powf(0.25));
		let share = f64::from(replacing) / f64::from(slots);
		assert!((share - expected).abs() < 0.01, "{share} {expected}");
	}

	/// The first path is what happens if the author is honest.
	#[test]
	fn the_first_path_is_the_honest_one() {
		let mut babe = Babe::two(1, 0.5, 2, 9);
		for _ in 0..1_000 {
			let path = babe.paths(0).remove(0);
			assert_eq!((path.withheld, path.replaced), (0, 0));
			let mut honest = babe.clone();
			for block in &path.blocks {
				assert_eq!(honest.honest(), *block);
			}
			babe.take(&path);
			assert_eq!(babe.next_slot(), honest.next_slot());
		}
	}
}
