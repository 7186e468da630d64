//! The state tree: a binary Merkle tree over the accounts in the order of their creation.

use crate::hash::{Domain, Hash};
use alloc::vec::Vec;

/// The right child of a node that has a left one only, which is the last of its level. Nothing that
/// is hashed has this hash.
pub(crate) const ABSENT: Hash = [0; 32];

/// A node's level, counted from the leaves, and its index in that level.
pub(crate) type Position = (usize, u32);

/// Returns the root of a tree of `count` leaves from some of them and the siblings of their paths.
///
/// `nodes` are these leaves by ascending index below `count`, at least one. `sibling` returns the
/// hash of a node that exists and is on no path; it is asked level by level from the leaves, in
/// each by ascending index. `computed` is called with every node of the paths above the leaves.
///
/// Returns `None` if `sibling` does, or if there is no leaf.
pub(crate) fn root(
	count: u32,
	mut nodes: Vec<(u32, Hash)>,
	mut sibling: impl FnMut(Position) -> Option<Hash>,
	mut computed: impl FnMut(Position, &Hash),
) -> Option<Hash> {
	let mut width = count;
	let mut level = 0;
	while width > 1 {
		let mut read = 0;
		let mut written = 0;
		while let Some(&(index, hash)) = nodes.get(read) {
			read += 1;
			let (left, right) = if index % 2 == 1 {
				(sibling((level, index - 1))?, hash)
			} else {
				match nodes.get(read) {
					Some(&(next, right)) if next == index + 1 => {
						read += 1;
						(hash, right)
					},
					_ if index + 1 < width => (hash, sibling((level, index + 1))?),
					_ => (hash, ABSENT),
				}
			};
			let parent = Domain::Node.hash_pair(&left, &right);
			computed((level + 1, index / 2), &parent);
			nodes[written] = (index / 2, parent);
			written += 1;
		}
		nodes.truncate(written);
		width = width.div_ceil(2);
		level += 1;
	}
	nodes.first().map(|(_, root)| *root)
}

/// All nodes of a tree, level by level from the leaves.
#[derive(Clone, Debug)]
pub(crate) struct Tree(Vec<Vec<Hash>>);

impl Tree {
	/// Returns the tree over these leaves, of which there is at least one.
	pub fn new(leaves: Vec<Hash>) -> Self {
		let mut levels = Vec::new();
		let mut level = leaves;
		while level.len() > 1 {
			let parents = level
				.chunks(2)
				.map(|children| {
					Domain::Node.hash_pair(&children[0], children.get(1).unwrap_or(&ABSENT))
				})
				.collect();
			levels.push(core::mem::replace(&mut level, parents));
		}
		levels.push(level);
		Self(levels)
	}

	/// Returns the root.
	pub fn root(&self) -> Hash {
		self.0.last().and_then(|level| level.first()).copied().unwrap_or(ABSENT)
	}

	/// Returns the node at this position, if it exists.
	pub fn get(&self, (level, index): Position) -> Option<Hash> {
		self.0.get(level)?.get(index as usize).copied()
	}

	/// Replaces a node, or appends it to its level. Positions must come in the order in which
	/// [`root`] computes them, after the leaves.
	pub fn set(&mut self, (level, index): Position, hash: Hash) {
		if self.0.len() <= level {
			self.0.resize_with(level + 1, Vec::new);
		}
		let nodes = &mut self.0[level];
		match nodes.get_mut(index as usize) {
			Some(node) => *node = hash,
			None => nodes.push(hash),
		}
	}
}
