//! Blocks of a made-up chain, and markets on it.
#![allow(dead_code)] // No test uses all of it.

use prover_pool_history::{
	block::{Block, Chain, Event, STATE},
	Error, Reader, Store,
};
use rusqlite::Connection;
use serde_json::{json, Map, Value};
use std::{
	collections::VecDeque,
	path::{Path, PathBuf},
};

/// The time of block 0.
pub const START: i64 = 1_700_000_000_000;
/// Milliseconds between two blocks.
pub const BLOCK_TIME: i64 = 6_000;

/// The chain of all tests.
pub fn chain() -> Chain {
	Chain {
		name: "Made up".into(),
		genesis_hash: "0xaa".into(),
		symbol: "UNIT".into(),
		decimals: 12,
		ss58_prefix: 42,
	}
}

/// Returns the fields of an event.
pub fn fields(value: Value) -> Map<String, Value> {
	let Value::Object(fields) = value else { panic!("fields have names") };
	fields
}

/// Returns the hash of a block on the branch with this letter.
pub fn hash(branch: char, number: u64) -> String {
	format!("0x{branch}{number:x}")
}

/// Makes blocks that follow each other.
pub struct Blocks {
	number: u64,
	parent: String,
	branch: char,
	pub step: i64,
	time: i64,
}

impl Default for Blocks {
	fn default() -> Self {
		Self { number: 0, parent: "0xaa".into(), branch: 'a', step: BLOCK_TIME, time: START }
	}
}

impl Blocks {
	/// Goes on after this block, on the branch with this letter.
	pub fn after(block: &Block, branch: char) -> Self {
		let (number, parent) = (block.number, block.hash.clone());
		Self { number, parent, branch, step: BLOCK_TIME, time: block.time.unwrap() }
	}

	/// Returns the next block, with these events: `Pallet.Event` and its fields. Events of calls have the
	/// extrinsic 1, those of the state none.
	pub fn next(&mut self, events: &[(&str, Value)]) -> Block {
		self.number += 1;
		self.time += self.step;
		let hash = hash(self.branch, self.number);
		let parent_hash = std::mem::replace(&mut self.parent, hash.clone());
		let events = events.iter().zip(0..).map(|((name, data), index)| {
			let (pallet, name) = name.split_once('.').unwrap();
			Event {
				index,
				extrinsic: (pallet != STATE).then_some(1),
				pallet: pallet.into(),
				name: name.into(),
				fields: fields(data.clone()),
			}
		});
		Block {
			number: self.number,
			hash,
			parent_hash,
			time: Some(self.time),
			spec_version: 1,
			events: events.collect(),
			undecoded: None,
		}
	}

	/// Skips blocks.
	pub fn skip(&mut self, count: u64) {
		self.number += count;
		self.time += self.step * count as i64;
		self.parent = hash(self.branch, self.number);
	}
}

/// Returns a block in which nothing is paid: proposed by Bob at the fee of 10 000.
pub fn proposed(id: u64, escrow: u128) -> (&'static str, Value) {
	let data = json!({
		"block_id": id, "proposer": "5Bob", "tx_list_hash": format!("0x{id:064x}"), "gas_limit": 4_000_000,
		"fee_per_gas": 10_000, "escrow": escrow.to_string(),
	});
	("BlockProposal.BlockProposed", data)
}

/// Returns a draw: the protocol's event comes within the pool's.
pub fn drawn(id: u64, prover: &str, price: u32, returned: u128) -> [(&'static str, Value); 2] {
	let pool = json!({ "block_id": id, "who": prover, "reward_per_gas": price });
	let protocol = json!({
		"block_id": id, "prover": prover, "reward_per_gas": price, "deadline": 100 + id,
		"returned": returned.to_string(),
	});
	[("ProverPool.ProverAssigned", pool), ("BlockProposal.BlockAssigned", protocol)]
}

/// Returns a claim.
pub fn claimed(id: u64, prover: &str, price: u32, bond: u128) -> (&'static str, Value) {
	let data = json!({
		"block_id": id, "prover": prover, "parent_hash": format!("0x{:x}", id - 1),
		"block_hash": format!("0x{id:x}"), "gas_used": 1_000_000, "reward_per_gas": price,
		"bond": bond.to_string(), "tag": { "Left": "0x11" },
	});
	("BlockProposal.BlockClaimed", data)
}

/// Returns an event of the pool that names a block and an account.
pub fn of_pool(name: &'static str, id: u64, who: &str) -> (&'static str, Value) {
	(name, json!({ "block_id": id, "who": who }))
}

/// Returns a verification.
pub fn verified(
	id: u64,
	prover: &str,
	verdict: &str,
	[paid, returned, forfeited]: [u128; 3],
) -> (&'static str, Value) {
	let data = json!({
		"block_id": id, "block_hash": format!("0x{id:x}"), "prover": prover, "verdict": verdict,
		"paid": paid.to_string(), "returned": returned.to_string(), "forfeited": forfeited.to_string(),
	});
	("BlockProposal.BlockVerified", data)
}

/// Returns an entry.
pub fn staked(who: &str, slot: u32, amount: u128, price: u32, free: u32) -> (&'static str, Value) {
	let data = json!({
		"who": who, "prover_id": slot, "amount": amount.to_string(), "reward_per_gas": price,
		"current_capacity": free,
	});
	("ProverPool.Staked", data)
}

/// Returns a slash.
pub fn slashed(
	id: u64,
	who: &str,
	[exits, stake]: [u128; 2],
	fault: &str,
) -> (&'static str, Value) {
	let data = json!({
		"block_id": id, "who": who, "amount": (exits + stake).to_string(), "from_exits": exits.to_string(),
		"from_stake": stake.to_string(), "fault": fault,
	});
	("ProverPool.Slashed", data)
}

/// Returns an event about an amount of an account.
pub fn amount_of(name: &'static str, who: &str, amount: u128) -> (&'static str, Value) {
	(name, json!({ "who": who, "amount": amount.to_string() }))
}

/// Returns what the chain's state says of a block that is not settled. Of a block with a prover: its account, price,
/// deadline, and whether its capacity has returned.
pub fn waiting(
	id: u64,
	status: &str,
	prover: Option<(&str, u32, u64, bool)>,
	escrow: u128,
	held: u128,
) -> (&'static str, Value) {
	let mut data = json!({
		"block_id": id, "proposer": "5Bob", "tx_list_hash": format!("0x{id:064x}"), "gas_limit": 4_000_000,
		"fee_per_gas": 10_000, "escrow": escrow.to_string(), "held": held.to_string(), "status": status,
		"open": status == "open", "released": false, "prover": null,
	});
	if let Some((account, price, deadline, released)) = prover {
		data["prover"] = account.into();
		data["reward_per_gas"] = price.into();
		data["deadline"] = deadline.into();
		data["released"] = released.into();
	}
	("State.Block", data)
}

/// The parts of a rollup block's life, at its distance from the proposal in blocks of the chain.
const LIFE: u64 = 12;

/// An endless market: one block proposed in each block of the chain, drawn in the next one, claimed six later
/// and verified twelve later. One block in `miss` is rescued, and its prover slashed.
pub struct Market {
	blocks: Blocks,
	per_block: u64,
	miss: u64,
	next_id: u64,
	waiting: VecDeque<(u64, u64)>,
	members: u32,
	pub events: u64,
}

impl Market {
	pub fn new(members: u32, per_block: u64, miss: u64) -> Self {
		let waiting = VecDeque::new();
		Self { blocks: Blocks::default(), per_block, miss, next_id: 1, waiting, members, events: 0 }
	}

	/// Makes the next block, whose time is this much later.
	pub fn next(&mut self, step: i64) -> Block {
		let mut events = Vec::new();
		let now = self.blocks.number + 1;
		if now == 1 {
			for member in 0..self.members {
				events.push(staked(&name(member), member + 1, UNIT * 100, 9_000 + member, 8));
			}
		}
		for (id, proposed_at) in &self.waiting {
			self.life(*id, now - proposed_at, &mut events);
		}
		self.waiting.retain(|(_, proposed_at)| now - proposed_at < LIFE);
		for _ in 0..self.per_block {
			events.push(proposed(self.next_id, 100_000));
			events.push((
				"ProverPool.ProverRequested",
				json!({ "block_id": self.next_id, "fee_per_gas": 10_000 }),
			));
			self.waiting.push_back((self.next_id, now));
			self.next_id += 1;
		}
		self.events += events.len() as u64;
		self.blocks.step = step;
		self.blocks.next(&events)
	}

	fn life(&self, id: u64, age: u64, events: &mut Vec<(&'static str, Value)>) {
		let prover = name((id % u64::from(self.members)) as u32);
		let price = 9_000 + (id % 7 * 300) as u32;
		let misses = id.is_multiple_of(self.miss);
		match age {
			1 => events.extend(drawn(id, &prover, price, 10_000)),
			6 if !misses => {
				events.push(claimed(id, &prover, price, 0));
				events.push(of_pool("ProverPool.ProverReleased", id, &prover));
			},
			6 => events.push(claimed(id, "5Rescuer", price, UNIT)),
			LIFE if !misses => {
				events.push(of_pool("ProverPool.ProverDischarged", id, &prover));
				events.push(verified(id, &prover, "InTime", [60_000, 40_000, 0]));
				let fee = json!({ "fee_per_gas": 10_000 + id % 50, "window": 20 });
				events.push(("BlockProposal.AveragesUpdated", fee));
			},
			LIFE => {
				events.push(slashed(id, &prover, [0, 5_000], "Rescued"));
				events.push(amount_of("Balances.Deposit", "5Rescuer", 700));
				events.push((
					"BlockProposal.BondSettled",
					json!({
						"block_id": id, "prover": "5Rescuer", "returned": UNIT.to_string(), "forfeited": "0",
					}),
				));
				events.push(verified(id, "5Rescuer", "Rescued", [60_000, 40_000, 0]));
			},
			_ => {},
		}
	}
}

/// A token.
pub const UNIT: u128 = 1_000_000_000_000;

/// Returns the name of a member.
pub fn name(member: u32) -> String {
	format!("5Member{member}")
}

/// A history in a folder of its own.
pub struct Folder(tempfile::TempDir);

impl Folder {
	pub fn new() -> Self {
		Self(tempfile::tempdir().unwrap())
	}

	pub fn file(&self) -> PathBuf {
		self.0.path().join("history.db")
	}

	pub fn store(&self) -> Store {
		Store::open(&self.file(), &chain()).unwrap()
	}

	pub fn reader(&self) -> Reader {
		Reader::open(&self.file()).unwrap()
	}

	/// Stores these blocks.
	pub fn with(blocks: &[Block]) -> Self {
		let folder = Self::new();
		let mut store = folder.store();
		for block in blocks {
			store.append(block, None).unwrap();
		}
		folder
	}
}

/// Returns all rows of all tables, as text.
pub fn dump(file: &Path) -> Vec<String> {
	let connection = Connection::open(file).unwrap();
	let mut lines = Vec::new();
	let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
	let mut statement = connection.prepare(tables).unwrap();
	let tables = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
	for table in tables.map(Result::unwrap) {
		let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
		let columns = statement.column_count();
		let rows = statement.query_map([], |row| {
			let values = (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
			Ok(format!("{table} {}", values.collect::<Vec<_>>().join(" ")))
		});
		lines.extend(rows.unwrap().map(Result::unwrap));
	}
	lines.sort();
	lines
}

/// Returns the first blocks of a chain.
pub fn blocks(count: usize) -> Vec<Block> {
	let mut market = Market::new(4, 2, 5);
	(0..count).map(|_| market.next(400_000)).collect()
}

/// Stores the first blocks, as far as they are not stored.
pub fn replay(file: &Path, count: usize) -> Result<(), Error> {
	let mut store = Store::open(file, &chain())?;
	let last = store.last()?.map_or(0, |last| last.number);
	let blocks = blocks(count);
	let mut left = blocks.iter().filter(|block| block.number > last);
	left.try_for_each(|block| store.append(block, None))
}
