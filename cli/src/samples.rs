//! Sample blocks of the demo rollup, to measure a prover with. They are of no chain.

use crate::{
	chain::{AccountId, H256},
	execution::{Executed, Parent, Proposal, Step},
	prover::Input,
	Error, Result,
};
use prover_pool_rollup::{
	dev_genesis, dev_secret, encode_list, sha256, SignedTransfer, Signer, State, DEV_ACCOUNTS,
	GAS_PER_TRANSFER,
};
use std::collections::BTreeSet;

/// A sample block, and its right result.
#[derive(Clone, Debug)]
pub struct Sample {
	/// The number of its transfers.
	pub transfers: u32,
	/// The block, on the sample before or on the rollup's genesis block.
	pub input: Input,
	/// The result of its execution.
	pub executed: Executed,
}

/// Returns the most transfers in a block with this gas limit, and a list of at most `max_list_size` bytes.
pub fn most_transfers(gas_limit: u32, max_list_size: u32) -> u32 {
	/// The most bytes in front of the transfers: their number.
	const PREFIX: u32 = 4;
	let by_size = max_list_size.saturating_sub(PREFIX) / SignedTransfer::SIZE as u32;
	(gas_limit / GAS_PER_TRANSFER).min(by_size)
}

/// Returns up to `count` numbers of transfers that rise evenly to `most`, rounded down, from 1 on.
pub fn sizes(most: u32, count: u16) -> BTreeSet<u32> {
	let part = |step: u16| u64::from(most) * u64::from(step) / u64::from(count);
	(1..=count).map(|step| part(step).max(1) as u32).collect()
}

/// Returns blocks with these numbers of transfers, one on another.
///
/// Each transfer creates an account, which is the most work that a transfer can be.
pub fn samples(sizes: impl IntoIterator<Item = u32>, gas_limit: u32) -> Result<Vec<Sample>> {
	let mut chain = Chain {
		// Each of their keys signs once, as in any rollup.
		senders: (0..DEV_ACCOUNTS).map(|number| Signer::new(dev_secret(number))).collect(),
		accounts: DEV_ACCOUNTS,
		state: dev_genesis(),
		gas_limit,
	};
	sizes.into_iter().map(|transfers| chain.next(transfers)).collect()
}

/// The rollup after the samples so far.
struct Chain {
	senders: Vec<Signer>,
	/// The number of development accounts that it has.
	accounts: u32,
	state: State,
	gas_limit: u32,
}

impl Chain {
	/// Adds a block.
	fn next(&mut self, transfers: u32) -> Result<Sample> {
		let tx_list = encode_list(&self.transfers(transfers)?);
		let parent = self.state.header();
		let parent = Parent { id: parent.id, hash: parent.hash().into() };
		let proposal = Proposal {
			block_id: parent.id + 1,
			tx_list_hash: sha256(&tx_list).into(),
			gas_limit: self.gas_limit,
			beneficiary: AccountId(self.senders[0].address()),
		};
		let step = Step { proposal, parent };
		let of_rollup = prover_pool_rollup::Proposal {
			id: proposal.block_id,
			gas_limit: proposal.gas_limit,
			beneficiary: proposal.beneficiary.0,
		};
		let executed = self.state.execute(&of_rollup, &tx_list).map_err(internal)?;
		self.state.apply(&executed).map_err(internal)?;
		let header = self.state.header();
		let executed =
			Executed { step, block_hash: header.hash().into(), gas_used: header.gas_used };
		let input = Input { genesis_hash: no_chain(), step, tx_list };
		Ok(Sample { transfers, input, executed })
	}

	/// Signs transfers from all accounts in turn, each to a new one.
	fn transfers(&mut self, count: u32) -> Result<Vec<SignedTransfer>> {
		let mut list = Vec::new();
		for _ in 0..count {
			let to = Signer::new(dev_secret(self.accounts)).address();
			let sender = &mut self.senders[(self.accounts % DEV_ACCOUNTS) as usize];
			list.push(sender.sign(to, 1, 1).map_err(internal)?);
			self.accounts += 1;
		}
		Ok(list)
	}
}

/// Returns the genesis hash in the statements on samples. No chain has it, so a proof of one is valid
/// nowhere.
fn no_chain() -> H256 {
	sha256(b"prover-pool calibrate").into()
}

fn internal(error: impl std::fmt::Display) -> Error {
	Error::Internal(format!("no sample block: {error}"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use prover_pool_rollup::{decode_list, Effect};

	#[test]
	fn sizes_rise_evenly_to_the_largest() {
		for (most, count, expected) in [
			(104, 4, &[26, 52, 78, 104][..]),
			(104, 1, &[104]),
			(10, 4, &[2, 5, 7, 10]),
			(2, 4, &[1, 2]),
			(1, 32, &[1]),
		] {
			assert_eq!(sizes(most, count), expected.iter().copied().collect(), "{most} in {count}");
		}
	}

	/// The demo chain's limits: 8 million gas are 109 transfers, 120 KiB are 104.
	#[test]
	fn the_largest_block_is_within_both_limits() {
		assert_eq!(most_transfers(8_000_000, u32::MAX), 109);
		assert_eq!(most_transfers(8_000_000, 120 * 1_024), 104);
		assert_eq!(most_transfers(GAS_PER_TRANSFER, 120 * 1_024), 1);
		assert_eq!(most_transfers(GAS_PER_TRANSFER - 1, 120 * 1_024), 0);
		assert_eq!(most_transfers(8_000_000, 0), 0);
		let [largest] = &samples([104], 8_000_000).unwrap()[..] else { panic!("one block") };
		assert!(largest.input.tx_list.len() <= 120 * 1_024);
		assert_eq!(largest.executed.gas_used, 104 * GAS_PER_TRANSFER);
	}

	#[test]
	fn every_transfer_creates_an_account() {
		let samples = samples([1, 20], 8_000_000).unwrap();
		let mut state = dev_genesis();
		let mut accounts = state.accounts().len();
		for (id, sample) in (1..).zip(&samples) {
			let Step { proposal, parent } = sample.input.step;
			assert_eq!((proposal.block_id, parent.id), (id, id - 1));
			assert_eq!(parent.hash, H256(state.header().hash()));
			let list = decode_list(&sample.input.tx_list).unwrap();
			assert_eq!(list.len(), sample.transfers as usize);
			let of_rollup = prover_pool_rollup::Proposal {
				id,
				gas_limit: proposal.gas_limit,
				beneficiary: proposal.beneficiary.0,
			};
			let executed = state.execute(&of_rollup, &sample.input.tx_list).unwrap();
			assert!(executed.outcome.effects.iter().all(|effect| *effect == Effect::Moved));
			state.apply(&executed).unwrap();
			assert_eq!(sample.executed.block_hash, H256(state.header().hash()));
			accounts += list.len();
			assert_eq!(state.accounts().len(), accounts);
		}
	}
}
