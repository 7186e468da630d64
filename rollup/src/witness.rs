//! Execution with a witness: only the state that a block touches.

use crate::{
	account::Account,
	error::Error,
	execution::{Accounts, Lookup, Outcome, Run},
	hash::Hash,
	header::{Header, Proposal},
	transfer::Address,
	tree,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode};

/// The part of a state that a block touches, and the hashes that connect it with the state root.
#[derive(Clone, Debug, Default, Decode, Encode, Eq, PartialEq)]
pub struct Witness {
	/// The accounts that the block reads, as they are before it, by ascending index.
	pub accounts: Vec<(u32, Account)>,
	/// The hashes beside the paths of these accounts: from the leaves upwards, in each level by
	/// ascending index.
	pub siblings: Vec<Hash>,
}

/// Executes a block with the state that it touches. The parent is known by its hash alone: its
/// header, which has that hash, says the state root, and the witness is checked against it.
///
/// # Errors
/// [`Error::WrongWitness`] or [`Error::IncompleteWitness`], or [`Error::ExcessiveSupply`] on a
/// parent that is not a descendant of a genesis block. An unnecessary account in the witness is no
/// error.
pub fn execute(
	parent: &Header,
	witness: &Witness,
	proposal: &Proposal,
	list: &[u8],
) -> Result<Outcome, Error> {
	let state = PartialState::new(parent, witness)?;
	let run = Run::new(&state, proposal, list)?;
	let state_root = state.root_after(&run)?;
	Ok(run.outcome(parent, proposal, list, state_root))
}

/// The accounts of a witness, which are those of the parent's state.
struct PartialState<'a> {
	parent: &'a Header,
	witness: &'a Witness,
	/// The positions of the accounts in the witness.
	by_address: BTreeMap<Address, usize>,
}

impl<'a> PartialState<'a> {
	/// Checks a witness. It may be empty, for a block that touches nothing.
	fn new(parent: &'a Header, witness: &'a Witness) -> Result<Self, Error> {
		let ascending = witness.accounts.is_sorted_by(|(left, _), (right, _)| left < right);
		let exist = witness.accounts.iter().all(|(index, _)| *index < parent.accounts);
		if !ascending || !exist {
			return Err(Error::WrongWitness);
		}
		let state = Self {
			parent,
			witness,
			by_address: witness
				.accounts
				.iter()
				.enumerate()
				.map(|(position, (_, account))| (account.address, position))
				.collect(),
		};
		let leaves = witness.accounts.iter().map(|(index, account)| (*index, account.leaf()));
		if state.root(parent.accounts, leaves.collect())? != parent.state_root {
			return Err(Error::WrongWitness);
		}
		Ok(state)
	}

	/// Returns the state root with these leaves, which are those of the witness and new ones. Any
	/// number of siblings but the right one is an error.
	fn root(&self, count: u32, leaves: Vec<(u32, Hash)>) -> Result<Hash, Error> {
		let mut siblings = self.witness.siblings.iter();
		if leaves.is_empty() && siblings.len() == 0 {
			return Ok(self.parent.state_root);
		}
		let root = tree::root(count, leaves, |_| siblings.next().copied(), |_, _| ());
		root.filter(|_| siblings.len() == 0).ok_or(Error::WrongWitness)
	}

	/// Returns the state root after a block.
	///
	/// The siblings are those of the witness: a new leaf is on a path, and all to the left of it is
	/// on the path of the last leaf before, which the witness has if the block creates accounts.
	fn root_after(&self, run: &Run) -> Result<Hash, Error> {
		let known = self
			.witness
			.accounts
			.iter()
			.map(|(index, account)| (*index, run.touched.get(index).unwrap_or(account).leaf()));
		let new = run.touched.range(self.parent.accounts..);
		let new = new.map(|(index, account)| (*index, account.leaf()));
		self.root(run.count, known.chain(new).collect())
	}
}

impl Accounts for PartialState<'_> {
	fn count(&self) -> u32 {
		self.parent.accounts
	}

	fn find(&self, address: &Address) -> Result<Lookup, Error> {
		let below = self.by_address.range(..=*address).next_back();
		let (_, position) = below.ok_or(Error::IncompleteWitness)?;
		match self.witness.accounts.get(*position) {
			Some((index, account)) if account.address == *address => Ok(Lookup::Found(*index)),
			Some((index, account)) if account.next_is_beyond(address) => Ok(Lookup::After(*index)),
			_ => Err(Error::IncompleteWitness),
		}
	}

	fn get(&self, index: u32) -> Result<Account, Error> {
		let accounts = &self.witness.accounts;
		let position = accounts
			.binary_search_by_key(&index, |(index, _)| *index)
			.map_err(|_| Error::IncompleteWitness)?;
		accounts.get(position).map(|(_, account)| *account).ok_or(Error::IncompleteWitness)
	}
}
