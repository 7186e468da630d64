//! The rules: what a list does to accounts.

use crate::{
	account::Account,
	error::Error,
	hash::{sha256, Hash},
	header::{Header, Proposal},
	signature::VERIFY_COMPRESSIONS,
	transfer::{decode_list, Address, SignedTransfer},
};
use alloc::{
	collections::{btree_map::Entry, BTreeMap},
	vec::Vec,
};

/// The most accounts of a rollup: the state tree has at most 31 levels above its leaves.
pub const MAX_ACCOUNTS: u32 = 1 << 31;

/// The compressions for a transfer that creates an account among 2²⁰, where no other transfer of
/// the block shares anything with it: 19 for its bytes in the list, 92 for its signature, two for
/// each leaf and 20 for each path, before and after, of the sender and the recipient's neighbour,
/// and after of the recipient. With 2³¹ accounts there are 55 more.
pub const COMPRESSIONS_PER_TRANSFER: u32 = 19 + VERIFY_COMPRESSIONS + 5 * (2 + 20);

/// The proving gas of every transfer in a list, whatever becomes of it: 330 for a compression,
/// about what one takes in a RISC Zero guest in cycles, with the code around it.
pub const GAS_PER_TRANSFER: u32 = 330 * COMPRESSIONS_PER_TRANSFER;

/// The result of a block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
	/// The block, with the state root after it and the gas that it used.
	pub header: Header,
	/// What became of each transfer, in the order of the list. Empty for a list that does not
	/// decode or exceeds the gas limit.
	pub effects: Vec<Effect>,
}

/// What became of a transfer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
	/// The recipient got the amount, the beneficiary the fee.
	Moved,
	/// The beneficiary got the fee. The balance did not cover the amount as well, or the
	/// recipient's account could not be created.
	FeeOnly,
	/// The balance did not cover the fee. The sender's nonce and key advanced all the same.
	Unpaid,
	/// Nothing changed.
	Refused(Refusal),
}

/// Why a transfer changed nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
	/// The sender has no account.
	UnknownSender,
	/// The nonce is not the account's, or the last one.
	WrongNonce,
	/// The signature is not by the account's present key.
	BadSignature,
}

/// Where an address is in a state.
pub(crate) enum Lookup {
	/// The account with this index has it.
	Found(u32),
	/// No account has it. The one with this index has the greatest address below it.
	After(u32),
}

/// The accounts of the parent's state.
pub(crate) trait Accounts {
	/// Returns how many there are.
	fn count(&self) -> u32;

	/// Returns where an address is.
	fn find(&self, address: &Address) -> Result<Lookup, Error>;

	/// Returns the account with this index.
	fn get(&self, index: u32) -> Result<Account, Error>;
}

/// What a block does.
pub(crate) struct Run {
	/// The proving gas.
	pub gas_used: u32,
	/// What became of each transfer.
	pub effects: Vec<Effect>,
	/// All accounts that the block read or changed, by index, as they are after it. If any is new,
	/// the last one before them is among these.
	pub touched: BTreeMap<u32, Account>,
	/// The number of accounts after the block.
	pub count: u32,
}

impl Run {
	/// Executes a list.
	pub fn new(parent: &impl Accounts, proposal: &Proposal, list: &[u8]) -> Result<Self, Error> {
		let empty = |gas_used| {
			Ok(Self {
				gas_used,
				effects: Vec::new(),
				touched: BTreeMap::new(),
				count: parent.count(),
			})
		};
		let Some(transfers) = decode_list(list) else { return empty(0) };
		let gas = (transfers.len() as u64).saturating_mul(GAS_PER_TRANSFER.into());
		let gas_used = match u32::try_from(gas) {
			Ok(gas) if gas <= proposal.gas_limit => gas,
			_ => return empty(proposal.gas_limit),
		};
		let mut changes = Changes::new(parent);
		let effects =
			transfers.iter().map(|signed| changes.transfer(signed)).collect::<Result<_, _>>()?;
		changes.pay_fees(&proposal.beneficiary)?;
		Ok(Self { gas_used, effects, count: changes.count(), touched: changes.accounts })
	}

	/// Returns the block, given the state root after it.
	pub fn outcome(
		self,
		parent: &Header,
		proposal: &Proposal,
		list: &[u8],
		state_root: Hash,
	) -> Outcome {
		let header = Header {
			parent: parent.hash(),
			id: proposal.id,
			list_hash: sha256(list),
			gas_limit: proposal.gas_limit,
			beneficiary: proposal.beneficiary,
			gas_used: self.gas_used,
			accounts: self.count,
			state_root,
		};
		Outcome { header, effects: self.effects }
	}
}

/// Accounts on top of the parent's.
struct Changes<'a, A> {
	parent: &'a A,
	/// All accounts that were read, as they are now.
	accounts: BTreeMap<u32, Account>,
	/// The indices of the accounts that the block has created.
	created: BTreeMap<Address, u32>,
	/// The fees that the beneficiary will get.
	fees: u64,
}

impl<'a, A: Accounts> Changes<'a, A> {
	fn new(parent: &'a A) -> Self {
		Self { parent, accounts: BTreeMap::new(), created: BTreeMap::new(), fees: 0 }
	}

	/// Returns the number of accounts. At most [`MAX_ACCOUNTS`], as [`Self::create`] refuses more.
	fn count(&self) -> u32 {
		self.parent.count().saturating_add(self.created.len() as u32)
	}

	/// Returns the account with this index.
	fn account(&mut self, index: u32) -> Result<&mut Account, Error> {
		Ok(match self.accounts.entry(index) {
			Entry::Occupied(entry) => entry.into_mut(),
			Entry::Vacant(entry) => entry.insert(self.parent.get(index)?),
		})
	}

	/// Returns where an address is.
	fn find(&mut self, address: &Address) -> Result<Lookup, Error> {
		let created = self.created.range(..=*address).next_back();
		let created = created.map(|(address, index)| (*address, *index));
		if let Some((found, index)) = created {
			if found == *address {
				return Ok(Lookup::Found(index));
			}
		}
		match self.parent.find(address)? {
			Lookup::Found(index) => {
				self.account(index)?;
				Ok(Lookup::Found(index))
			},
			Lookup::After(index) => {
				let below = self.account(index)?.address;
				Ok(Lookup::After(match created {
					Some((created, index)) if created > below => index,
					_ => index,
				}))
			},
		}
	}

	/// Creates an account after the one with index `after`. Returns whether there was room for it.
	fn create(&mut self, address: &Address, after: u32, balance: u64) -> Result<bool, Error> {
		let index = self.count();
		if index >= MAX_ACCOUNTS {
			return Ok(false);
		}
		if self.created.is_empty() {
			// The tree grows to the right of the last leaf, so its path is needed.
			self.account(index.checked_sub(1).ok_or(Error::IncompleteWitness)?)?;
		}
		let next = core::mem::replace(&mut self.account(after)?.next, *address);
		self.accounts.insert(index, Account::new(*address, next, balance));
		self.created.insert(*address, index);
		Ok(true)
	}

	/// Adds to the balance of an account.
	fn credit(&mut self, index: u32, amount: u64) -> Result<(), Error> {
		let account = self.account(index)?;
		account.balance = account.balance.checked_add(amount).ok_or(Error::ExcessiveSupply)?;
		Ok(())
	}

	/// Executes a transfer.
	fn transfer(&mut self, signed: &SignedTransfer) -> Result<Effect, Error> {
		let transfer = &signed.transfer;
		let Lookup::Found(from) = self.find(&transfer.from)? else {
			return Ok(Effect::Refused(Refusal::UnknownSender));
		};
		let sender = self.account(from)?;
		let next_nonce = match sender.nonce.checked_add(1) {
			Some(next_nonce) if sender.nonce == transfer.nonce => next_nonce,
			_ => return Ok(Effect::Refused(Refusal::WrongNonce)),
		};
		if !signed.signature.verify(transfer, &sender.key) {
			return Ok(Effect::Refused(Refusal::BadSignature));
		}
		// The key is used up, whatever follows.
		sender.nonce = next_nonce;
		sender.key = transfer.next_key;
		let Some(balance) = sender.balance.checked_sub(transfer.fee) else {
			return Ok(Effect::Unpaid);
		};
		sender.balance = balance;
		self.fees = self.fees.checked_add(transfer.fee).ok_or(Error::ExcessiveSupply)?;
		let Some(balance) = balance.checked_sub(transfer.amount) else {
			return Ok(Effect::FeeOnly);
		};
		if transfer.amount == 0 {
			return Ok(Effect::Moved);
		}
		match self.find(&transfer.to)? {
			Lookup::Found(to) => {
				self.account(from)?.balance = balance;
				self.credit(to, transfer.amount)?;
			},
			Lookup::After(after) => {
				if !self.create(&transfer.to, after, transfer.amount)? {
					return Ok(Effect::FeeOnly);
				}
				self.account(from)?.balance = balance;
			},
		}
		Ok(Effect::Moved)
	}

	/// Pays the fees of the block to the beneficiary, or to the null account if the beneficiary has
	/// no account and none can be created.
	fn pay_fees(&mut self, beneficiary: &Address) -> Result<(), Error> {
		if self.fees == 0 {
			return Ok(());
		}
		match self.find(beneficiary)? {
			Lookup::Found(index) => self.credit(index, self.fees),
			Lookup::After(after) if self.create(beneficiary, after, self.fees)? => Ok(()),
			Lookup::After(_) => self.credit(0, self.fees),
		}
	}
}
