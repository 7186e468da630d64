//! Fees and agreed prices.

use super::{cursor, page, rows, Conditions, Page, Paging, Range, Row};
use crate::{
	column::Moment,
	error::Result,
	reader::Reader,
	rows::{Fee, RollupBlock},
};
use rusqlite::{types::Value as Sql, Connection};
use serde::Serialize;

/// The order of fees, the latest first.
const LATEST_FEE: &str = "at_block DESC, idx DESC";

/// A fee, or a price that was agreed.
#[derive(Clone, Debug, Serialize)]
pub struct FeePoint {
	/// `fee` or `agreed`.
	pub kind: &'static str,
	/// When.
	pub at: Moment,
	/// Base units per gas.
	pub price: u32,
	/// The block that was drawn.
	pub block_id: Option<u64>,
	/// The window of a prover that is drawn then.
	pub window: Option<u64>,
	/// False if it is not finalized.
	#[serde(rename = "final")]
	pub is_final: bool,
}

/// Returns fees and agreed prices, the latest first.
pub fn fees(reader: &Reader, range: Range, paging: &Paging) -> Result<Page<FeePoint>> {
	// Of one block: prices before fees, then by block of the rollup or index of the event.
	let at = cursor::<3>(paging)?;
	let limit = paging.limit();
	let list = |connection: &Connection| -> rusqlite::Result<Vec<(FeePoint, [i64; 3])>> {
		let mut of_fees = Conditions::default();
		let mut of_prices = Conditions::default();
		of_prices.add("drawn_block IS NOT NULL AND reward_per_gas IS NOT NULL", []);
		of_fees.range("at_time", range);
		of_prices.range("drawn_time", range);
		if let Some(at) = at {
			let values = || at.map(Sql::Integer);
			of_fees.add("(at_block, 0, idx) < (?, ?, ?)", values());
			of_prices.add("(drawn_block, 1, id) < (?, ?, ?)", values());
		}
		let fees: Vec<Row<Fee>> = rows(connection, &of_fees, LATEST_FEE, limit + 1)?;
		let prices: Vec<Row<RollupBlock>> =
			rows(connection, &of_prices, "drawn_block DESC, id DESC", limit + 1)?;
		let mut points: Vec<_> = fees.iter().map(FeePoint::of_fee).collect();
		points.extend(prices.iter().filter_map(FeePoint::of_price));
		points.sort_by_key(|(_, key)| std::cmp::Reverse(*key));
		points.truncate(limit + 1);
		Ok(points)
	};
	reader.read(|connection| {
		let key =
			|(_, [block, kind, index]): &(FeePoint, [i64; 3])| format!("{block}.{kind}.{index}");
		let Page { items, next, position } = page(connection, list(connection)?, limit, key)?;
		let items = items.into_iter().map(|(point, _)| point).collect();
		Ok(Page { items, next, position })
	})
}

impl FeePoint {
	fn of_fee(fee: &Row<Fee>) -> (Self, [i64; 3]) {
		let Fee { at, idx, fee_per_gas: price, window } = fee.row;
		let point = Self { kind: "fee", at, price, block_id: None, window, is_final: fee.is_final };
		(point, [at.block as i64, 0, idx.into()])
	}

	fn of_price(block: &Row<RollupBlock>) -> Option<(Self, [i64; 3])> {
		let RollupBlock { id, drawn, reward_per_gas, .. } = &block.row;
		let (at, price) = ((*drawn)?, (*reward_per_gas)?);
		let is_final = block.is_final;
		let point = Self { kind: "agreed", at, price, block_id: Some(*id), window: None, is_final };
		Some((point, [at.block as i64, 1, *id as i64]))
	}
}

/// Returns the last change of the fee.
pub(super) fn latest_fee(connection: &Connection) -> rusqlite::Result<Option<FeePoint>> {
	let fees: Vec<Row<Fee>> = rows(connection, &Conditions::default(), LATEST_FEE, 1)?;
	Ok(fees.first().map(|fee| FeePoint::of_fee(fee).0))
}
