//! The recordings as they are in the files: `conformance/README.md` describes the format.

use std::{collections::BTreeMap, path::Path, str::FromStr};

use prover_pool_primitives::{BlockId, PricePerGas};
use serde::{de::Error as _, Deserialize, Deserializer};
use sp_core::H256;

use crate::{
	mock::{AccountId, Balance, Moment},
	Capacity, ProverId,
};

/// One recording: one fresh pool, one token, one clock.
#[derive(Clone, Debug, Deserialize)]
pub struct Trace {
	pub name: String,
	/// No operation has a tag.
	pub strict: bool,
	/// Every operation names its assignment, and discharges are recorded.
	#[serde(default)]
	pub ledger: bool,
	pub genesis: Genesis,
	pub ops: Vec<Operation>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Genesis {
	#[serde(rename = "bal")]
	pub balances: BTreeMap<Account, Decimal<Balance>>,
}

/// One call of the original, or time that passes, with its results.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
	#[serde(rename = "i")]
	pub index: usize,
	#[serde(rename = "t")]
	pub now: Moment,
	#[serde(rename = "ph")]
	pub parent_hash: H256,
	#[serde(flatten)]
	pub call: Call,
	/// The caller.
	pub by: Option<Account>,
	pub ok: Option<bool>,
	pub err: Option<String>,
	#[serde(rename = "ret")]
	pub returned: Option<Returned>,
	#[serde(rename = "rand")]
	pub random_word: Option<H256>,
	pub pick: Option<Pick>,
	#[serde(rename = "ev", default)]
	pub events: Vec<PoolEvent>,
	#[serde(rename = "d", default)]
	pub delta: Delta,
	#[serde(rename = "cap")]
	pub capacity: u64,
	#[serde(default)]
	pub info: Info,
	#[serde(rename = "quirk", default)]
	pub quirks: Vec<String>,
	#[serde(rename = "note", default)]
	pub notes: Vec<String>,
	#[serde(rename = "full")]
	pub snapshot: Option<Snapshot>,
}

impl Operation {
	/// Returns whether the original executed it.
	pub fn executed(&self) -> bool {
		self.ok == Some(true)
	}

	pub fn tags(&self) -> impl Iterator<Item = &str> {
		self.quirks.iter().chain(&self.notes).map(String::as_str)
	}

	pub fn has_tag(&self, tag: &str) -> bool {
		self.tags().any(|own| own == tag)
	}
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", content = "args", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Call {
	Stake { amount: Decimal<Balance>, reward_per_gas: PricePerGas, max_capacity: Capacity },
	Exit {},
	Withdraw {},
	AssignProver { block_id: Decimal<BlockId>, fee_per_gas: PricePerGas },
	ReleaseProver { addr: Account },
	SlashProver { block_id: Decimal<BlockId>, addr: Account, proof_reward: Decimal<Balance> },
	Advance {},
	Discharge { block_id: Decimal<BlockId> },
}

/// What `assignProver` returned.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Returned {
	pub prover: Option<Account>,
	pub reward_per_gas: PricePerGas,
}

/// How a draw went.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Pick {
	/// The sum of all weights.
	pub total: Decimal<u128>,
	/// The random word modulo the total, unless that is 0.
	#[serde(rename = "r")]
	pub point: Option<Decimal<u128>>,
	/// The slot drawn; 0 for none.
	pub slot: ProverId,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "name", content = "args", rename_all_fields = "camelCase")]
pub enum PoolEvent {
	Staked {
		addr: Account,
		amount: Decimal<Balance>,
		reward_per_gas: PricePerGas,
		current_capacity: Capacity,
	},
	Exited {
		addr: Account,
		/// The sum of all exits of the account.
		amount: Decimal<Balance>,
	},
	Withdrawn {
		addr: Account,
		amount: Decimal<Balance>,
	},
	Slashed {
		block_id: Decimal<BlockId>,
		addr: Account,
		amount: Decimal<Balance>,
	},
}

/// What changed, with its new values.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Delta {
	#[serde(rename = "bal", default)]
	pub balances: BTreeMap<Account, Decimal<Balance>>,
	#[serde(rename = "stk", default)]
	pub stakers: BTreeMap<Account, StakerRecord>,
	#[serde(rename = "slot", default)]
	pub slots: BTreeMap<Decimal<ProverId>, SlotRecord>,
}

/// `[exitRequestedAt, exitAmount, maxCapacity, slot]`; a slot of 0 means none.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct StakerRecord {
	pub exit_requested_at: Moment,
	pub exit_amount: Decimal<Balance>,
	pub max_capacity: Capacity,
	pub slot: ProverId,
}

/// `[account or null, stakedAmount, rewardPerGas, currentCapacity]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct SlotRecord {
	pub who: Option<Account>,
	pub staked_amount: Decimal<Balance>,
	pub reward_per_gas: PricePerGas,
	pub current_capacity: Capacity,
}

/// What the driver of the original knew of a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
	/// The assignment concerned.
	pub blk: Option<Decimal<BlockId>>,
	/// The second half of the slash just before it.
	#[serde(default)]
	pub closing: bool,
	/// `open` or `released`: the state of the assignment slashed.
	pub state: Option<String>,
	pub from_exit: Option<Decimal<Balance>>,
	pub from_stake: Option<Decimal<Balance>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Snapshot {
	#[serde(rename = "bal")]
	pub balances: BTreeMap<Account, Decimal<Balance>>,
	pub supply: Decimal<Balance>,
	#[serde(rename = "stk")]
	pub stakers: BTreeMap<Account, StakerRecord>,
	/// The first is slot 1.
	pub slots: Vec<SlotRecord>,
	#[serde(rename = "cap")]
	pub capacity: u64,
	pub weights: Vec<Weights>,
}

/// The original's weights at one fee, by slot: both lists are 0 without free capacity.
#[derive(Clone, Debug, Deserialize)]
pub struct Weights {
	pub fee: PricePerGas,
	#[serde(rename = "w")]
	pub weights: Vec<Decimal<u128>>,
	#[serde(rename = "erpg")]
	pub effective_prices: Vec<PricePerGas>,
	pub total: Decimal<u128>,
}

/// A number that the files write as text, because it may exceed the range of JSON numbers.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Decimal<T>(pub T);

impl<'de, T: FromStr> Deserialize<'de> for Decimal<T>
where
	T::Err: std::fmt::Display,
{
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let digits = String::deserialize(deserializer)?;
		digits.parse().map(Self).map_err(D::Error::custom)
	}
}

/// An account of a recording, which calls it `a00`, `a01`, … or `protocol`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Account(pub AccountId);

impl Account {
	/// Away from the named accounts of the mock.
	const FIRST: AccountId = 1_000;
	pub const PROTOCOL: Self = Self(Self::FIRST - 1);
}

impl TryFrom<String> for Account {
	type Error = String;

	fn try_from(label: String) -> Result<Self, String> {
		if label == "protocol" {
			return Ok(Self::PROTOCOL);
		}
		let number = label.strip_prefix('a').and_then(|digits| digits.parse::<AccountId>().ok());
		number
			.map(|number| Self(Self::FIRST + number))
			.ok_or_else(|| format!("{label} is no account"))
	}
}

impl Trace {
	/// Reads one file.
	pub fn read(path: &Path) -> Self {
		let file = std::fs::File::open(path)
			.unwrap_or_else(|error| panic!("{} cannot be opened: {error}", path.display()));
		serde_json::from_reader(std::io::BufReader::new(file))
			.unwrap_or_else(|error| panic!("{} is no recording: {error}", path.display()))
	}
}
