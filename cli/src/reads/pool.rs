//! The pool's runtime API and storage.

use super::{whole, PAGE};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId},
	Refusal, Result,
};
use api::{
	runtime_apis::prover_pool_api::ProverPoolApi,
	runtime_types::{
		pallet_prover_pool::{rows, staker, types},
		sp_runtime::DispatchError,
	},
};

/// The number of a slot in the pool.
pub type ProverId = u32;
/// The number of an exit among those of its account.
pub type ExitId = u32;
/// A member of the pool.
pub type ProverRow = rows::ProverRow<AccountId, Balance, u32, u32>;
/// What the pool knows of an account.
pub type StakerRow = rows::StakerRow<AccountId, Balance, u32, u32>;
/// The status of a member in draws.
pub type MemberStatus = rows::MemberStatus<u32>;
/// Price, capacity and stake of a member.
pub type Offer = types::Offer<Balance>;
/// An amount that has left the stake and waits until it may be withdrawn.
pub type Exit = staker::Exit<Balance, u32>;
/// What an account did with its assignments.
pub type TrackRecord = types::TrackRecord;
/// An assignment that is not closed, with its block.
pub type AssignmentRow = rows::AssignmentRow<AccountId, u32>;
/// A duty to prove a block.
pub type Assignment = types::Assignment<AccountId, u32>;
/// A member's weight in a draw.
pub type WeightRow = rows::WeightRow;
/// A slash whose tokens are still on hold.
pub type PendingSlash = types::PendingSlash<AccountId, Balance, u32>;
/// An account before and after a call.
pub type Simulation = rows::Simulation<AccountId, Balance, u32, u32>;
/// The live parameters.
pub type Parameters = rows::Parameters<Balance, u32, u32>;

/// One whole, in the unit of shares.
pub const SHARE_UNIT: u64 = 1_000_000_000_000_000_000;
/// One whole, in the unit of the parameters that are shares.
const BILLION: u128 = 1_000_000_000;

impl MemberStatus {
	/// The names of all statuses.
	pub const NAMES: [&'static str; 4] = ["active", "entering", "paused", "suspended"];

	/// Returns the name of the status.
	pub fn name(&self) -> &'static str {
		match self {
			MemberStatus::Active => "active",
			MemberStatus::Entering => "entering",
			MemberStatus::Paused => "paused",
			MemberStatus::Suspended { .. } => "suspended",
		}
	}
}

fn pool() -> ProverPoolApi {
	api::runtime_apis().prover_pool_api()
}

/// Returns what the pool knows of an account; an empty record for an unknown one.
pub async fn staker(at: &At, who: AccountId) -> Result<StakerRow> {
	Ok(at.runtime_apis().call(pool().get_staker(who)).await?)
}

/// Returns the accounts of which the pool knows something.
pub async fn staker_accounts(at: &At) -> Result<Vec<AccountId>> {
	let mut stakers = at.storage().iter(api::storage().prover_pool().stakers(), ()).await?;
	let mut accounts = Vec::new();
	while let Some(entry) = stakers.next().await {
		let (account,) = entry?.key()?.decode()?;
		accounts.push(account);
	}
	Ok(accounts)
}

/// Returns all members, in the order of their slots.
pub async fn provers(at: &At) -> Result<Vec<ProverRow>> {
	provers_by(at, PAGE).await
}

/// Returns all members, read in pages of this size.
pub async fn provers_by(at: &At, page: u32) -> Result<Vec<ProverRow>> {
	whole(async |last: Option<&ProverRow>| {
		let start = last.map_or(1, |prover| prover.prover_id + 1);
		Ok(at.runtime_apis().call(pool().get_provers(start, page)).await?)
	})
	.await
}

/// Returns the weight of each member in a draw of the next block at this fee.
pub async fn weights(at: &At, fee_per_gas: u32) -> Result<Vec<WeightRow>> {
	weights_by(at, fee_per_gas, PAGE).await
}

/// Returns all weights, read in pages of this size.
pub async fn weights_by(at: &At, fee_per_gas: u32, page: u32) -> Result<Vec<WeightRow>> {
	whole(async |last: Option<&WeightRow>| {
		let start = last.map_or(1, |weight| weight.prover_id + 1);
		Ok(at.runtime_apis().call(pool().get_prover_weights(fee_per_gas, start, page)).await?)
	})
	.await
}

/// Returns the assignments of an account that are not closed, in the order of their blocks.
pub async fn assignments(at: &At, who: AccountId) -> Result<Vec<AssignmentRow>> {
	let mut rows = assignments_by(at, who, PAGE).await?;
	rows.sort_by_key(|row| row.block_id);
	Ok(rows)
}

/// Returns the same, read in pages of this size, in the order of storage.
pub async fn assignments_by(at: &At, who: AccountId, page: u32) -> Result<Vec<AssignmentRow>> {
	whole(async |last: Option<&AssignmentRow>| {
		let after = last.map(|row| row.block_id);
		Ok(at.runtime_apis().call(pool().get_assignments(who, after, page)).await?)
	})
	.await
}

/// Returns how many blocks could be assigned now.
pub async fn capacity(at: &At) -> Result<u64> {
	Ok(at.runtime_apis().call(pool().get_capacity()).await?)
}

/// Returns how many requests wait for their draw.
pub async fn draw_queue(at: &At) -> Result<usize> {
	let queue = at.storage().fetch(api::storage().prover_pool().draw_queue(), ()).await?;
	Ok(queue.decode()?.0.len())
}

/// Returns the live parameters.
pub async fn parameters(at: &At) -> Result<Parameters> {
	Ok(at.runtime_apis().call(pool().get_parameters()).await?)
}

/// Returns the ends of the price band, in percent of the fee.
pub fn band_percents(at: &At) -> Result<(u32, u32)> {
	let constants = || api::constants().prover_lottery();
	let at = at.constants();
	let floor = at.entry(constants().price_floor_percent())?;
	Ok((floor, at.entry(constants().price_ceiling_percent())?))
}

/// Returns the share that one more member with this offer would have in draws at this fee, in parts
/// of [`SHARE_UNIT`].
pub async fn odds(at: &At, fee_per_gas: u32, offer: Offer) -> Result<u64> {
	Ok(at.runtime_apis().call(pool().odds(fee_per_gas, offer)).await?)
}

/// Returns the exit of an account that can be withdrawn first.
pub async fn next_exit(at: &At, who: AccountId) -> Result<Option<Exit>> {
	Ok(at.runtime_apis().call(pool().next_exit(who)).await?)
}

/// Returns what `stake` would do. Refused as the call would be.
pub async fn simulate_stake(
	at: &At,
	who: AccountId,
	amount: Balance,
	reward_per_gas: u32,
	max_capacity: u32,
) -> Result<Simulation> {
	let call = pool().simulate_stake(who, amount, reward_per_gas, max_capacity);
	simulated(at, at.runtime_apis().call(call).await?)
}

/// Returns what `exit` would do. Refused as the call would be.
pub async fn simulate_exit(at: &At, who: AccountId) -> Result<Simulation> {
	simulated(at, at.runtime_apis().call(pool().simulate_exit(who)).await?)
}

/// Returns what `unstake` would do. Refused as the call would be.
pub async fn simulate_unstake(at: &At, who: AccountId, amount: Balance) -> Result<Simulation> {
	simulated(at, at.runtime_apis().call(pool().simulate_unstake(who, amount)).await?)
}

/// Returns what `withdraw` would do. Refused as the call would be.
pub async fn simulate_withdraw(at: &At, who: AccountId) -> Result<Simulation> {
	simulated(at, at.runtime_apis().call(pool().simulate_withdraw(who)).await?)
}

fn simulated(at: &At, result: Result<Simulation, DispatchError>) -> Result<Simulation> {
	result.or_else(|error| Err(Refusal::of_call(&error, at)?.into()))
}

/// Returns the assignment of a block, if it is not closed.
pub async fn assignment(at: &At, id: BlockId) -> Result<Option<Assignment>> {
	let value = at.storage().try_fetch(api::storage().prover_pool().assignments(), (id,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

/// Returns the pending slash of a block.
pub async fn pending_slash(at: &At, id: BlockId) -> Result<Option<PendingSlash>> {
	let slashes = api::storage().prover_pool().pending_slashes();
	let value = at.storage().try_fetch(slashes, (id,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

/// Returns all pending slashes, in the order of their blocks.
pub async fn pending_slashes(at: &At) -> Result<Vec<(BlockId, PendingSlash)>> {
	let slashes = api::storage().prover_pool().pending_slashes();
	let mut entries = at.storage().iter(slashes, ()).await?;
	let mut slashes = Vec::new();
	while let Some(entry) = entries.next().await {
		let entry = entry?;
		let (block_id,) = entry.key()?.decode()?;
		slashes.push((block_id, entry.value().decode()?));
	}
	slashes.sort_by_key(|(block_id, _)| *block_id);
	Ok(slashes)
}

/// The state of an exit (R3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitState {
	/// The exit period is not over.
	Maturing,
	/// The exit period is over, and the exit still answers for assignments.
	Liable,
	/// The exit can be withdrawn.
	Free,
}

/// Returns the state of an exit at `now`.
pub fn exit_state(exit: &Exit, now: u32) -> ExitState {
	match exit.duties {
		_ if now <= exit.matures_at => ExitState::Maturing,
		0 => ExitState::Free,
		_ => ExitState::Liable,
	}
}

/// Returns the stake that a newcomer to a full pool must exceed; `None` if a slot is vacant, or if no member
/// is ranked yet (R1).
pub fn stake_to_beat(provers: &[ProverRow], max_provers: u32, min_overbid: u32) -> Option<Balance> {
	let taken = provers.iter().filter(|row| row.prover_id <= max_provers).count();
	if taken < max_provers as usize {
		return None;
	}
	let ranked = provers.iter().filter(|row| !matches!(row.status, MemberStatus::Entering));
	let stakes = ranked.map(|row| row.listed.as_ref().map_or(row.offer.stake, |it| it.stake));
	stakes.min().map(|lowest| outbidding(lowest, min_overbid))
}

/// Returns a stake and this share of it, in parts of 10⁹, rounded up.
fn outbidding(stake: Balance, overbid: u32) -> Balance {
	let (whole, rest) = (stake / BILLION, stake % BILLION);
	let overbid = u128::from(overbid);
	let share = whole.saturating_mul(overbid).saturating_add((rest * overbid).div_ceil(BILLION));
	stake.saturating_add(share)
}

/// Returns the last moment at which a member cannot leave or reduce its stake (R2).
pub fn bound_until(prover: &ProverRow, min_change_delay: u32) -> u32 {
	prover.entered_at.saturating_add(min_change_delay)
}

/// Returns the last block whose draws do not use the member's present offer; `None` if draws use it
/// (R5, R9).
pub fn unlisted_until(prover: &ProverRow, entry_delay: u32) -> Option<u32> {
	let since = match (&prover.status, &prover.listed) {
		(MemberStatus::Entering, _) => prover.entered_in,
		(_, Some(_)) => prover.changed_in,
		_ => return None,
	};
	Some(since.saturating_add(entry_delay))
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub const OFFER: Offer =
		Offer { stake: 80, reward_per_gas: 9_000, max_capacity: 4, paused: false };

	/// Returns a member that entered at moment 5, in block 7, and changed its offer in block 9.
	pub fn member() -> ProverRow {
		ProverRow {
			prover_id: 3,
			account: AccountId([1; 32]),
			offer: OFFER,
			current_capacity: 4,
			status: MemberStatus::Active,
			listed: None,
			entered_at: 5,
			entered_in: 7,
			changed_in: 9,
			record: TrackRecord { assigned: 0, served: 0, missed: 0, misses_in_a_row: 0 },
		}
	}

	#[test]
	fn a_newcomer_to_a_full_pool_outbids_the_lowest_listed_stake() {
		let row =
			|prover_id, stake| ProverRow { prover_id, offer: Offer { stake, ..OFFER }, ..member() };
		let entering = ProverRow { status: MemberStatus::Entering, ..row(3, 10) };
		let listed = Some(Offer { stake: 60, ..OFFER });
		let pool = [row(1, 100), ProverRow { listed, ..row(2, 200) }, entering];
		assert_eq!(stake_to_beat(&pool, 3, 50_000_000), Some(63));
		assert_eq!(stake_to_beat(&pool, 4, 50_000_000), None);
		assert_eq!(stake_to_beat(&pool[2..], 1, 50_000_000), None);
		// A slot beyond the limit, which was lowered, leaves another one vacant.
		assert_eq!(stake_to_beat(&pool[1..], 2, 50_000_000), None);
		let entering_only = [ProverRow { status: MemberStatus::Entering, ..row(1, 10) }];
		assert_eq!(stake_to_beat(&entering_only, 1, 50_000_000), None);
	}

	#[test]
	fn a_stake_is_outbid_by_a_share_of_it() {
		for (stake, overbid, expected) in [
			(100, 50_000_000, 105),
			(101, 50_000_000, 107),
			(101, 0, 101),
			(3_000_000_000, 1, 3_000_000_003),
			(u128::MAX, 1_000_000_000, u128::MAX),
		] {
			assert_eq!(outbidding(stake, overbid), expected, "{stake}");
		}
	}

	#[test]
	fn an_exit_is_free_after_its_date_without_duties() {
		for (matures_at, duties, now, state) in [
			(20, 0, 20, ExitState::Maturing),
			(20, 0, 21, ExitState::Free),
			(20, 2, 20, ExitState::Maturing),
			(20, 2, 21, ExitState::Liable),
			(u32::MAX, 0, u32::MAX, ExitState::Maturing),
		] {
			let exit = Exit { id: 1, amount: 1, matures_at, duties };
			assert_eq!(exit_state(&exit, now), state, "{exit:?} at {now}");
		}
	}

	#[test]
	fn a_member_is_bound_after_its_entry() {
		assert_eq!(bound_until(&member(), 600), 605);
		assert_eq!(bound_until(&member(), u32::MAX), u32::MAX);
	}

	#[test]
	fn draws_learn_of_entries_and_changes_after_the_delay() {
		assert_eq!(unlisted_until(&member(), 20), None);
		let entering = ProverRow { status: MemberStatus::Entering, ..member() };
		assert_eq!(unlisted_until(&entering, 20), Some(27));
		let changing = ProverRow { listed: Some(Offer { stake: 70, ..OFFER }), ..member() };
		assert_eq!(unlisted_until(&changing, 20), Some(29));
	}
}
