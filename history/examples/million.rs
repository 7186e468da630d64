//! Indexes a million events of a made-up market, and prints the rate and the peak memory.
//!
//! ```sh
//! cargo run --release -p prover-pool-history --example million
//! ```

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Folder, Market, BLOCK_TIME};
use prover_pool_history::query::{self, Blocks, Paging};
use std::time::{Duration, Instant};

const EVENTS: u64 = 1_000_000;

fn main() {
	let folder = Folder::new();
	let mut store = folder.store();
	// One block of the rollup in each block of the chain, by a hundred members; one in fifty is rescued.
	let mut market = Market::new(100, 1, 50);
	let (mut storing, mut blocks) = (Duration::ZERO, 0u64);
	while market.events < EVENTS {
		let block = market.next(BLOCK_TIME);
		let start = Instant::now();
		store.append(&block, None).expect("the block is stored");
		storing += start.elapsed();
		blocks += 1;
	}
	let seconds = storing.as_secs_f64();
	println!(
		"{} events in {blocks} blocks: {seconds:.1} s, {:.0} events and {:.0} blocks per second",
		market.events,
		market.events as f64 / seconds,
		blocks as f64 / seconds
	);
	println!("peak memory {} MiB", peak_memory() / 1024);
	let size = std::fs::metadata(folder.file()).map_or(0, |data| data.len());
	println!("file {} MiB", size / 1024 / 1024);

	let start = Instant::now();
	store.rebuild().expect("the rows are rebuilt");
	println!("all rows rebuilt in {:.1} s", start.elapsed().as_secs_f64());
	println!("peak memory {} MiB", peak_memory() / 1024);

	let reader = folder.reader();
	let of = |prover: Option<String>| Blocks { prover, ..Blocks::default() };
	let ask = |name: &str, question: &dyn Fn()| {
		let start = Instant::now();
		question();
		println!("{name}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
	};
	let paging = Paging::default();
	ask("market", &|| drop(query::market(&reader)));
	ask("blocks", &|| drop(query::blocks(&reader, &of(None), &paging)));
	ask("blocks of a prover", &|| {
		drop(query::blocks(&reader, &of(Some(common::name(7))), &paging));
	});
	ask("a prover", &|| drop(query::prover(&reader, &common::name(7))));
	ask("feed of the proposer", &|| drop(query::feed(&reader, "5Bob", 100)));
	ask("fees", &|| drop(query::fees(&reader, query::Range::default(), &paging)));
}

/// Returns the peak of the resident memory in KiB, as Linux counts it.
fn peak_memory() -> u64 {
	let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
	let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
	line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
