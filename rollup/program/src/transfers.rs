//! Transfers between development accounts.

use crate::Reason;
use prover_pool_rollup::{
	dev_secret, encode_list, sha256, Address, SignedTransfer, Signer, State, DEV_ACCOUNTS,
};

/// The accounts that send, each at its next nonce.
pub struct Senders(Vec<(u32, Signer)>);

impl Senders {
	/// Returns the development accounts with these numbers, as they are in this state.
	pub fn new(numbers: &[u32], state: &State) -> Result<Self, Reason> {
		let resume = |number: &u32| {
			let account = state.account(&dev_address(*number));
			let nonce = account.ok_or(format!("account {number} does not exist"))?.nonce;
			Ok((*number, Signer::resume(dev_secret(*number), nonce)))
		};
		let senders = numbers.iter().map(resume).collect::<Result<Vec<_>, Reason>>()?;
		if senders.is_empty() {
			return Err("there is no account to send from".into());
		}
		Ok(Self(senders))
	}

	/// Returns a list with this number of transfers. The accounts with the fewest transfers are
	/// first.
	pub fn list(&mut self, count: u32) -> Result<Vec<u8>, Reason> {
		let transfers = (0..count).map(|_| self.transfer()).collect::<Result<Vec<_>, _>>()?;
		Ok(encode_list(&transfers))
	}

	fn transfer(&mut self) -> Result<SignedTransfer, Reason> {
		let least = self.0.iter_mut().min_by_key(|(number, signer)| (signer.nonce(), *number));
		let (number, signer) = least.ok_or("there is no account to send from")?;
		let Terms { to, amount, fee } = terms(*number, signer.nonce());
		signer.sign(dev_address(to), amount, fee).map_err(|error| error.to_string())
	}
}

/// What an account sends.
struct Terms {
	to: u32,
	amount: u64,
	fee: u64,
}

/// Returns what an account sends with a nonce. It is always the same, for a one-time key must never
/// sign two transfers, even if a list is made again.
fn terms(number: u32, nonce: u64) -> Terms {
	let mut seed = b"prover-pool-rollup/transfer".to_vec();
	seed.extend(number.to_le_bytes());
	seed.extend(nonce.to_le_bytes());
	let [a, b, c, d, ..] = sha256(&seed);
	// Any account but itself.
	let distance = 1 + u32::from(a) % (DEV_ACCOUNTS - 1);
	Terms {
		to: (number + distance) % DEV_ACCOUNTS,
		amount: 1 + u64::from(u16::from_le_bytes([b, c]) % 1_000),
		fee: 1 + u64::from(d % 3),
	}
}

/// Returns the address of a development account.
pub fn dev_address(number: u32) -> Address {
	Signer::new(dev_secret(number)).address()
}
