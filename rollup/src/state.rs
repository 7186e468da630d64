//! Execution with the whole state, which also makes witnesses.

use crate::{
	account::{Account, NULL_ADDRESS},
	error::{Error, GenesisError},
	execution::{Accounts, Lookup, Outcome, Run, MAX_ACCOUNTS},
	hash::Hash,
	header::{Header, Proposal},
	transfer::Address,
	tree::{self, Position, Tree},
	witness::Witness,
};
use alloc::{collections::BTreeMap, vec::Vec};

/// All accounts after a block.
#[derive(Clone, Debug)]
pub struct State {
	header: Header,
	accounts: Vec<Account>,
	indices: BTreeMap<Address, u32>,
	tree: Tree,
}

/// A block that was executed on a [`State`], which it has not changed.
#[derive(Clone, Debug)]
pub struct Executed {
	/// The result.
	pub outcome: Outcome,
	/// What [`execute`](crate::execute) needs for the same block.
	pub witness: Witness,
	/// The accounts that the block read or changed, as they are after it.
	accounts: BTreeMap<u32, Account>,
	/// The nodes of their paths, from the leaves upwards.
	nodes: Vec<(Position, Hash)>,
}

impl State {
	/// Returns the state of the genesis block with these balances. The same balances give the same
	/// block. [`NULL_ADDRESS`] is added with nothing if it is not among them.
	///
	/// # Errors
	/// [`GenesisError::ExcessiveSupply`] or [`GenesisError::TooManyAccounts`].
	pub fn genesis(balances: &BTreeMap<Address, u64>) -> Result<Self, GenesisError> {
		balances
			.values()
			.try_fold(0u64, |sum, balance| sum.checked_add(*balance))
			.ok_or(GenesisError::ExcessiveSupply)?;
		let mut balances = balances.clone();
		balances.entry(NULL_ADDRESS).or_default();
		let nexts = balances.keys().skip(1).copied().chain([NULL_ADDRESS]);
		let accounts = balances
			.iter()
			.zip(nexts)
			.map(|((address, balance), next)| Account::new(*address, next, *balance))
			.collect();
		let header = Header {
			parent: Hash::default(),
			id: 0,
			list_hash: Hash::default(),
			gas_limit: 0,
			beneficiary: NULL_ADDRESS,
			gas_used: 0,
			accounts: u32::try_from(balances.len())
				.ok()
				.filter(|count| *count <= MAX_ACCOUNTS)
				.ok_or(GenesisError::TooManyAccounts)?,
			state_root: Hash::default(),
		};
		let mut state = Self::with_header(header, accounts);
		state.header.state_root = state.root();
		Ok(state)
	}

	/// Returns the state after the block with this header, given all accounts by their indices, as
	/// [`Self::accounts`] returns them.
	///
	/// # Errors
	/// [`Error::WrongWitness`] if they are not those that the header commits to.
	pub fn restore(header: Header, accounts: Vec<Account>) -> Result<Self, Error> {
		if accounts.is_empty() || accounts.len() != header.accounts as usize {
			return Err(Error::WrongWitness);
		}
		let state = Self::with_header(header, accounts);
		if state.root() != header.state_root {
			return Err(Error::WrongWitness);
		}
		Ok(state)
	}

	/// Returns a state of which the header's root is not checked.
	fn with_header(header: Header, accounts: Vec<Account>) -> Self {
		let indices =
			(0..).zip(&accounts).map(|(index, account)| (account.address, index)).collect();
		let tree = Tree::new(accounts.iter().map(Account::leaf).collect());
		Self { header, accounts, indices, tree }
	}

	/// Returns the root of the tree.
	fn root(&self) -> Hash {
		self.tree.root()
	}

	/// Returns the block that this is the state after.
	pub fn header(&self) -> &Header {
		&self.header
	}

	/// Returns the account with this address.
	pub fn account(&self, address: &Address) -> Option<&Account> {
		self.accounts.get(*self.indices.get(address)? as usize)
	}

	/// Returns all accounts by index.
	pub fn accounts(&self) -> &[Account] {
		&self.accounts
	}

	/// Executes a block on top of this one, and changes nothing.
	///
	/// # Errors
	/// [`Error::ExcessiveSupply`], which no descendant of a genesis block returns.
	pub fn execute(&self, proposal: &Proposal, list: &[u8]) -> Result<Executed, Error> {
		let mut run = Run::new(self, proposal, list)?;
		let accounts = core::mem::take(&mut run.touched);
		let mut witness = Witness::default();
		for index in accounts.range(..self.header.accounts).map(|(index, _)| *index) {
			witness.accounts.push((index, self.get(index)?));
		}
		let leaves: Vec<_> =
			accounts.iter().map(|(index, account)| (*index, account.leaf())).collect();
		let mut nodes: Vec<_> = leaves.iter().map(|(index, leaf)| ((0, *index), *leaf)).collect();
		let state_root = if leaves.is_empty() {
			self.header.state_root
		} else {
			let sibling = |position| {
				let sibling = self.tree.get(position)?;
				witness.siblings.push(sibling);
				Some(sibling)
			};
			let computed = |position, hash: &Hash| nodes.push((position, *hash));
			tree::root(run.count, leaves, sibling, computed).ok_or(Error::IncompleteWitness)?
		};
		let outcome = run.outcome(&self.header, proposal, list, state_root);
		Ok(Executed { outcome, witness, accounts, nodes })
	}

	/// Makes this the state after a block that was executed on it.
	///
	/// # Errors
	/// [`Error::WrongParent`] if the block was executed on another one. Nothing changes.
	pub fn apply(&mut self, executed: &Executed) -> Result<(), Error> {
		if executed.outcome.header.parent != self.header.hash() {
			return Err(Error::WrongParent);
		}
		for (index, account) in &executed.accounts {
			match self.accounts.get_mut(*index as usize) {
				Some(present) => *present = *account,
				None => {
					self.accounts.push(*account);
					self.indices.insert(account.address, *index);
				},
			}
		}
		for (position, hash) in &executed.nodes {
			self.tree.set(*position, *hash);
		}
		self.header = executed.outcome.header;
		Ok(())
	}
}

impl Accounts for State {
	fn count(&self) -> u32 {
		self.header.accounts
	}

	fn find(&self, address: &Address) -> Result<Lookup, Error> {
		// The null account is below every address.
		let below = self.indices.range(..=*address).next_back();
		let (found, index) = below.ok_or(Error::IncompleteWitness)?;
		Ok(if found == address { Lookup::Found(*index) } else { Lookup::After(*index) })
	}

	fn get(&self, index: u32) -> Result<Account, Error> {
		self.accounts.get(index as usize).copied().ok_or(Error::IncompleteWitness)
	}
}
