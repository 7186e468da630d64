//! The blocks of the best chain beyond the finalized ones, in memory. All readers of a history share them.

use crate::block::Block;
use std::{
	collections::VecDeque,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The most blocks in an overlay. If finality stops, the blocks after these are not shown.
pub const MAX_OVERLAY: usize = 512;

/// The overlay.
#[derive(Debug, Default)]
pub struct Overlay(Mutex<Blocks>);

/// The blocks of an overlay.
#[derive(Debug, Default)]
pub struct Blocks {
	/// The number and the hash of the last finalized block that is stored.
	pub finalized: Option<(u64, String)>,
	/// The blocks after it, the oldest first.
	pub best: VecDeque<Arc<Block>>,
}

impl Overlay {
	/// Returns the blocks, to be changed. A panic cannot leave them half changed: each change is a single one.
	pub fn lock(&self) -> MutexGuard<'_, Blocks> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Returns the blocks, the oldest first.
	pub fn blocks(&self) -> Vec<Arc<Block>> {
		self.lock().best.iter().cloned().collect()
	}
}

impl Blocks {
	/// Removes a block that is finalized now. Returns true if another block of this number was the best one: then
	/// all are removed.
	pub fn finalize(&mut self, block: &Block) -> bool {
		self.finalized = Some((block.number, block.hash.clone()));
		match self.best.front() {
			None => false,
			Some(first) if first.hash == block.hash => {
				self.best.pop_front();
				false
			},
			Some(_) => {
				self.best.clear();
				true
			},
		}
	}

	/// Removes the blocks after this number. Returns whether there were any.
	pub fn truncate(&mut self, last: u64) -> bool {
		let kept = self.best.iter().take_while(|block| block.number <= last).count();
		let is_shorter = kept < self.best.len();
		self.best.truncate(kept);
		is_shorter
	}

	/// Adds the next block. Returns false if it does not follow the last one, or if there are too many.
	pub fn push(&mut self, block: Arc<Block>) -> bool {
		let tip = match self.best.back() {
			Some(tip) => Some((tip.number, &tip.hash)),
			None => self.finalized.as_ref().map(|(number, hash)| (*number, hash)),
		};
		let follows = tip
			.is_some_and(|(number, hash)| block.number == number + 1 && block.parent_hash == *hash);
		if !follows || self.best.len() >= MAX_OVERLAY {
			return false;
		}
		self.best.push_back(block);
		true
	}
}

/// Returns those of these blocks that follow a finalized one, if they do.
pub fn following<'a>(blocks: &'a [Arc<Block>], number: u64, hash: &str) -> &'a [Arc<Block>] {
	let stored = blocks.iter().take_while(|block| block.number <= number).count();
	match &blocks[stored..] {
		[first, ..] if first.number == number + 1 && first.parent_hash == hash => &blocks[stored..],
		_ => &[],
	}
}
