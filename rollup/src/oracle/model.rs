//! The naive model.

use crate::{
	hash::Domain, Account, Address, Effect, Hash, Header, Proposal, Refusal, SignedTransfer,
	GAS_PER_TRANSFER, NULL_ADDRESS,
};
use alloc::{
	collections::{btree_map::Entry, BTreeMap},
	vec::Vec,
};
use codec::{Compact, Decode, Encode};

/// What the model knows of an account.
#[derive(Clone, Debug)]
pub struct Record {
	/// Its index: the number of accounts that were there before it.
	pub index: u32,
	/// The hash of its present key.
	pub key: Hash,
	/// What it has.
	pub balance: u64,
	/// The number of its transfers.
	pub nonce: u64,
}

/// A rollup as a map of accounts. The root is computed anew from all of them.
#[derive(Clone, Debug)]
pub struct Model {
	/// All accounts.
	pub records: BTreeMap<Address, Record>,
	/// The hash of the last block.
	pub hash: Hash,
}

impl Model {
	/// Returns the model of a genesis block with this header hash and these balances.
	pub fn new(hash: Hash, balances: &BTreeMap<Address, u64>) -> Self {
		let mut model = Self { records: BTreeMap::new(), hash };
		if !balances.contains_key(&NULL_ADDRESS) {
			model.credit(&NULL_ADDRESS, 0);
		}
		for (address, balance) in balances {
			model.credit(address, *balance);
		}
		model
	}

	/// Returns the sum of all balances.
	pub fn supply(&self) -> u128 {
		self.records.values().map(|record| u128::from(record.balance)).sum()
	}

	/// Returns all accounts by index.
	pub fn accounts(&self) -> Vec<Account> {
		let nexts = self.records.keys().skip(1).copied().chain([NULL_ADDRESS]);
		let mut accounts: Vec<_> = self
			.records
			.iter()
			.zip(nexts)
			.map(|((address, record), next)| {
				let Record { index, key, balance, nonce } = *record;
				(index, Account { address: *address, next, key, balance, nonce })
			})
			.collect();
		accounts.sort_by_key(|(index, _)| *index);
		accounts.into_iter().map(|(_, account)| account).collect()
	}

	/// Returns the root of the tree over all accounts.
	pub fn root(&self) -> Hash {
		let leaves: Vec<_> = self.accounts().iter().map(leaf).collect();
		subtree(&leaves, leaves.len().next_power_of_two())
	}

	/// Adds to a balance, also of an account that is new.
	fn credit(&mut self, address: &Address, amount: u64) {
		let index = self.records.len() as u32;
		match self.records.entry(*address) {
			Entry::Occupied(mut entry) => entry.get_mut().balance += amount,
			Entry::Vacant(entry) => {
				entry.insert(Record { index, key: *address, balance: amount, nonce: 0 });
			},
		}
	}

	/// Executes a block.
	pub fn execute(&mut self, proposal: &Proposal, list: &[u8]) -> (Header, Vec<Effect>) {
		let mut effects = Vec::new();
		let mut gas_used = 0;
		if let Some(transfers) = transfers(list) {
			let gas = transfers.len() as u128 * u128::from(GAS_PER_TRANSFER);
			if gas > u128::from(proposal.gas_limit) {
				gas_used = proposal.gas_limit;
			} else {
				gas_used = gas as u32;
				let mut fees = 0;
				effects = transfers.iter().map(|signed| self.transfer(signed, &mut fees)).collect();
				if fees > 0 {
					self.credit(&proposal.beneficiary, fees);
				}
			}
		}
		let header = Header {
			parent: self.hash,
			id: proposal.id,
			list_hash: crate::sha256(list),
			gas_limit: proposal.gas_limit,
			beneficiary: proposal.beneficiary,
			gas_used,
			accounts: self.records.len() as u32,
			state_root: self.root(),
		};
		self.hash = header.hash();
		(header, effects)
	}

	fn transfer(&mut self, signed: &SignedTransfer, fees: &mut u64) -> Effect {
		let transfer = &signed.transfer;
		let Some(sender) = self.records.get_mut(&transfer.from) else {
			return Effect::Refused(Refusal::UnknownSender);
		};
		if sender.nonce != transfer.nonce {
			return Effect::Refused(Refusal::WrongNonce);
		}
		if !signed.signature.verify(transfer, &sender.key) {
			return Effect::Refused(Refusal::BadSignature);
		}
		sender.nonce += 1;
		sender.key = transfer.next_key;
		if sender.balance < transfer.fee {
			return Effect::Unpaid;
		}
		sender.balance -= transfer.fee;
		*fees += transfer.fee;
		if sender.balance < transfer.amount {
			return Effect::FeeOnly;
		}
		sender.balance -= transfer.amount;
		if transfer.amount > 0 {
			self.credit(&transfer.to, transfer.amount);
		}
		Effect::Moved
	}
}

/// Returns the transfers of a list: a compact number, then that number of pieces of a fixed length.
fn transfers(list: &[u8]) -> Option<Vec<SignedTransfer>> {
	(0..=list.len() / SignedTransfer::SIZE).find_map(|count| {
		let prefix = Compact(count as u32).encode();
		let transfers = list.strip_prefix(&prefix[..])?;
		(transfers.len() == count * SignedTransfer::SIZE).then(|| {
			transfers
				.chunks(SignedTransfer::SIZE)
				.map(|mut bytes| SignedTransfer::decode(&mut bytes).expect("any bytes of its size"))
				.collect()
		})
	})
}

/// Returns the hash of an account: its SCALE encoding and zeros in two blocks.
fn leaf(account: &Account) -> Hash {
	let mut bytes = account.encode();
	bytes.resize(128, 0);
	let blocks: Vec<_> = bytes.chunks(64).map(|chunk| chunk.iter().copied().collect()).collect();
	Domain::Leaf.hash(&blocks)
}

/// Returns the root of a subtree with room for `width` leaves.
fn subtree(leaves: &[Hash], width: usize) -> Hash {
	if leaves.is_empty() {
		return Hash::default();
	}
	if width == 1 {
		return leaves[0];
	}
	let (left, right) = leaves.split_at(leaves.len().min(width / 2));
	Domain::Node.hash_pair(&subtree(left, width / 2), &subtree(right, width / 2))
}
