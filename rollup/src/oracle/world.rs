//! Full state, witness and model in lockstep.

use super::{Bytes, Model};
use crate::{
	dev_secret, encode_list, execute, Address, Effect, Error, Executed, Proposal, SignedTransfer,
	Signer, State, Witness, GAS_PER_TRANSFER, NULL_ADDRESS,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode};

/// Accounts that sign: the first have something at genesis, the others do not exist.
const SIGNERS: u32 = 6;
/// The signers with something at genesis.
const FUNDED: u32 = 4;

/// A rollup in lockstep with the model.
pub struct World {
	state: State,
	model: Model,
	supply: u128,
	addresses: Vec<Address>,
	/// Transfers that were in earlier lists, to be submitted again.
	earlier: Vec<SignedTransfer>,
}

impl Default for World {
	fn default() -> Self {
		Self::new()
	}
}

impl World {
	/// Returns a rollup with a few accounts.
	pub fn new() -> Self {
		let addresses: Vec<_> =
			(0..SIGNERS).map(|number| Signer::new(dev_secret(number)).address()).collect();
		let balances: BTreeMap<_, _> =
			addresses.iter().take(FUNDED as usize).map(|address| (*address, 1_000)).collect();
		let state = State::genesis(&balances).expect("a small supply");
		let model = Model::new(state.header().hash(), &balances);
		assert_eq!(state.header().state_root, model.root());
		Self { state, supply: model.supply(), model, addresses, earlier: Vec::new() }
	}

	/// Returns the state.
	pub fn state(&self) -> &State {
		&self.state
	}

	/// Executes a block of these choices in all ways, compares, and makes it the last one. Returns
	/// what became of its transfers.
	pub fn block(&mut self, bytes: &mut Bytes) -> Vec<Effect> {
		let count = bytes.below(5);
		let mut nonces = BTreeMap::new();
		let mut transfers = Vec::new();
		for _ in 0..count {
			transfers.push(self.signed_transfer(bytes, &mut nonces));
		}
		let mut list = encode_list(&transfers);
		self.earlier.extend(transfers);
		match bytes.below(16) {
			0 => list.truncate(bytes.below(list.len() + 1)),
			1 => list.push(bytes.byte()),
			2 | 3 => flip(&mut list, bytes),
			_ => (),
		}
		let gas = count as u32 * GAS_PER_TRANSFER;
		let proposal = Proposal {
			id: self.state.header().id + 1 + bytes.below(2) as u64,
			gas_limit: match bytes.below(8) {
				0 => gas.saturating_sub(1),
				1 => gas,
				2 => bytes.number() as u32,
				_ => u32::MAX,
			},
			beneficiary: self.address(bytes),
		};
		let executed = self.compare(&proposal, &list);
		self.attack_witness(&executed, &proposal, &list, bytes);
		self.state.apply(&executed).expect("executed on this state");
		assert_eq!(self.state.apply(&executed), Err(Error::WrongParent));
		assert_eq!(self.state.accounts(), self.model.accounts());
		assert_eq!(self.model.supply(), self.supply, "conservation");
		let restored = State::restore(*self.state.header(), self.state.accounts().to_vec());
		assert_eq!(restored.expect("the same").header(), self.state.header());
		executed.outcome.effects
	}

	/// Executes a block in all ways and compares.
	pub fn compare(&mut self, proposal: &Proposal, list: &[u8]) -> Executed {
		let parent = *self.state.header();
		let executed = self.state.execute(proposal, list).expect("conserved supply");
		let (header, effects) = self.model.execute(proposal, list);
		assert_eq!(executed.outcome.header, header);
		assert_eq!(executed.outcome.effects, effects);
		let witness = Witness::decode(&mut &executed.witness.encode()[..]).expect("encoded");
		assert_eq!(execute(&parent, &witness, proposal, list).as_ref(), Ok(&executed.outcome));
		executed
	}

	/// Executes the block with a witness that was changed: the result is the same, or an error.
	fn attack_witness(
		&self,
		executed: &Executed,
		proposal: &Proposal,
		list: &[u8],
		bytes: &mut Bytes,
	) {
		let mut witness = executed.witness.clone();
		let position = bytes.below(witness.accounts.len() + 1);
		match bytes.below(8) {
			0 => drop(witness.siblings.pop()),
			1 => witness.siblings.push([bytes.byte(); 32]),
			2 => witness.accounts.truncate(position),
			3 if position < witness.accounts.len() => drop(witness.accounts.remove(position)),
			4 if position < witness.accounts.len() => {
				witness.accounts.insert(position, witness.accounts[position]);
			},
			5 => {
				let index = bytes.below(self.state.accounts().len());
				witness.accounts.insert(position, (index as u32, self.state.accounts()[index]));
			},
			_ => {
				let mut encoded = witness.encode();
				flip(&mut encoded, bytes);
				let Ok(changed) = Witness::decode(&mut &encoded[..]) else { return };
				witness = changed;
			},
		}
		match execute(self.state.header(), &witness, proposal, list) {
			Ok(outcome) => assert_eq!(outcome, executed.outcome),
			Err(error) => {
				assert!(matches!(error, Error::WrongWitness | Error::IncompleteWitness), "{error}");
			},
		}
	}

	/// Returns an address: of a signer, of the null account, beside an existing one, or a new one.
	fn address(&self, bytes: &mut Bytes) -> Address {
		match bytes.below(8) {
			0 => NULL_ADDRESS,
			1 => {
				let accounts = self.state.accounts();
				let mut address = accounts[bytes.below(accounts.len())].address;
				let last = address.last_mut().expect("32 bytes");
				*last = last.wrapping_add(bytes.byte());
				address
			},
			2 => [bytes.byte(); 32],
			_ => self.addresses[bytes.below(self.addresses.len())],
		}
	}

	/// Returns a transfer by a signer, or what an attacker makes of one. `nonces` are those that
	/// the list's earlier transfers leave if they are valid.
	fn signed_transfer(
		&self,
		bytes: &mut Bytes,
		nonces: &mut BTreeMap<Address, u64>,
	) -> SignedTransfer {
		let number = bytes.below(SIGNERS as usize);
		let from = self.addresses[number];
		let account = self.state.account(&from);
		let balance = account.map_or(0, |account| account.balance);
		let nonce = nonces.entry(from).or_insert(account.map_or(0, |account| account.nonce));
		let fee = match bytes.below(4) {
			0 => 0,
			1 => balance,
			_ => u64::from(bytes.byte()),
		};
		let amount = match bytes.below(8) {
			0 => 0,
			1 => balance,
			2 => balance.saturating_sub(fee),
			3 => bytes.number(),
			_ => u64::from(bytes.byte()),
		};
		let attack = bytes.below(16);
		if attack == 0 {
			// A nonce that is too high or, after it, all others of this signer too low.
			*nonce += 1;
		}
		let mut signer = Signer::resume(dev_secret(number as u32), *nonce);
		let mut signed = signer.sign(self.address(bytes), amount, fee).expect("a low nonce");
		*nonce = signer.nonce();
		match attack {
			1 if !self.earlier.is_empty() => {
				signed = self.earlier[bytes.below(self.earlier.len())].clone();
			},
			2 => signed.transfer.to = self.address(bytes),
			3 => signed.transfer.from = self.address(bytes),
			4 => {
				let mut encoded = signed.encode();
				flip(&mut encoded, bytes);
				signed = SignedTransfer::decode(&mut &encoded[..]).expect("any bytes of its size");
			},
			_ => (),
		}
		signed
	}
}

/// Changes one bit.
fn flip(encoded: &mut [u8], bytes: &mut Bytes) {
	if encoded.is_empty() {
		return;
	}
	let at = bytes.below(encoded.len());
	encoded[at] ^= 1 << bytes.below(8);
}
