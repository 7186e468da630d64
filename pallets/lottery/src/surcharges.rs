//! The weight that a benchmark with a full pool does not measure: more levels than the measured
//! pool had, and the worst case of splits and joins, which random operations hardly ever meet.

use codec::MaxEncodedLen;
use frame_support::{traits::Get, weights::Weight};
use prover_lottery_index::max_height_ever;

use crate::{slots::PAGE, Bitmap, Config, Node, NODE_WIDTH};

/// The levels of the measured pool: 1,024 members, which cannot have a third level.
const MEASURED_LEVELS: u64 = 2;

/// Returns the most levels of a pool of this runtime's size.
fn levels<T: Config>() -> u64 {
	max_height_ever(T::MaxProvers::get(), NODE_WIDTH).into()
}

/// Returns the weight of reading and writing nodes.
fn nodes<T: Config>(reads: u64, writes: u64) -> Weight {
	let proof_size = reads.saturating_mul(Node::max_encoded_len() as u64);
	T::DbWeight::get().reads_writes(reads, writes).saturating_add(Weight::from_parts(0, proof_size))
}

/// A draw reads three nodes on every level but the top one.
pub(crate) fn draw<T: Config>() -> Weight {
	let extra = levels::<T>().saturating_sub(MEASURED_LEVELS);
	nodes::<T>(extra.saturating_mul(3), 0)
}

/// An update reads and writes one node on every level.
pub(crate) fn update<T: Config>() -> Weight {
	let extra = levels::<T>().saturating_sub(MEASURED_LEVELS);
	nodes::<T>(extra, extra)
}

/// A candidate with a new price is removed and inserted. With h levels, the removal reads and
/// writes up to 2 h − 1 nodes (joins on every level). The insertion reads h nodes and writes up to
/// 2 h + 1 (splits on every level). A benchmark measures h of each. In a pool of several pages, a
/// slot also takes a page.
pub(crate) fn reorder<T: Config>() -> Weight {
	let levels = levels::<T>();
	let measured = MEASURED_LEVELS.min(levels).saturating_mul(2);
	let reads = levels.saturating_mul(3).saturating_sub(1).saturating_sub(measured);
	let writes = levels.saturating_mul(4).saturating_sub(measured);
	let reordered = nodes::<T>(reads, writes);
	if T::MaxProvers::get() <= PAGE {
		return reordered;
	}
	reordered
		.saturating_add(T::DbWeight::get().reads_writes(1, 1))
		.saturating_add(Weight::from_parts(0, Bitmap::max_encoded_len() as u64))
}
