//! What tests do and look at, in few words.

use frame_support::traits::{
	fungible::{Inspect, InspectHold, Mutate},
	tokens::Preservation,
	OnFinalize, OnIdle, OnInitialize,
};
use prover_pool_primitives::{
	BlockId, DrawOutcome, Fault, OpenReason, PoolError, PricePerGas, ProverPool as Pool, Selection,
};
use sp_core::U256;
use sp_runtime::DispatchResult;

use super::*;
use crate::{AssignmentOf, Exit, ExitId, HoldReason, ProverId, ProverOf, ProverRowOf};

// Time.

/// Runs the hooks of all pallets up to the start of system block `n`. The clock of periods stands still.
pub fn run_to_block(n: u64) {
	while System::block_number() < n {
		let block = System::block_number();
		ProverPool::on_idle(block, IdleWeight::get());
		AllPalletsWithSystem::on_finalize(block);
		System::set_block_number(block + 1);
		AllPalletsWithSystem::on_initialize(block + 1);
	}
}

pub fn run_blocks(n: u64) {
	run_to_block(System::block_number() + n);
}

/// Moves the clock of periods. The system's block number stands still.
pub fn advance_clock(n: Moment) {
	Now::mutate(|now| *now += n);
}

// The provers' side.

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn stake(
	who: AccountId,
	amount: Balance,
	reward_per_gas: PricePerGas,
	max_capacity: Capacity,
) -> DispatchResult {
	ProverPool::stake(signed(who), amount, reward_per_gas, max_capacity)
}

pub fn exit(who: AccountId) -> DispatchResult {
	ProverPool::exit(signed(who))
}

pub fn withdraw(who: AccountId) -> DispatchResult {
	ProverPool::withdraw(signed(who))
}

pub fn stake_extra(who: AccountId, amount: Balance) -> DispatchResult {
	ProverPool::stake_extra(signed(who), amount)
}

pub fn unstake(who: AccountId, amount: Balance) -> DispatchResult {
	ProverPool::unstake(signed(who), amount)
}

pub fn restake(who: AccountId, exit: ExitId) -> DispatchResult {
	ProverPool::restake(signed(who), exit)
}

pub fn set_terms(
	who: AccountId,
	reward_per_gas: PricePerGas,
	max_capacity: Capacity,
) -> DispatchResult {
	ProverPool::set_terms(signed(who), reward_per_gas, max_capacity)
}

pub fn pause(who: AccountId) -> DispatchResult {
	ProverPool::pause(signed(who))
}

pub fn resume(who: AccountId) -> DispatchResult {
	ProverPool::resume(signed(who))
}

// The protocol's side, through the hook trait.

pub fn request(block_id: BlockId) -> Result<(), PoolError> {
	request_at(block_id, FEE)
}

pub fn request_at(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::assign_prover(block_id, fee_per_gas)
}

pub fn release(block_id: BlockId) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::release_prover(block_id)
}

pub fn slash(block_id: BlockId, proof_reward: Balance) -> Result<Balance, PoolError> {
	<ProverPool as Pool<_, _>>::slash_prover(block_id, proof_reward, Fault::Late, None)
}

pub fn slash_for(
	block_id: BlockId,
	proof_reward: Balance,
	reporter: AccountId,
	reward: Balance,
) -> Result<Balance, PoolError> {
	let reporter = Some((reporter, reward));
	<ProverPool as Pool<_, _>>::slash_prover(block_id, proof_reward, Fault::Late, reporter)
}

pub fn discharge(block_id: BlockId) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::discharge_prover(block_id)
}

/// Requests a prover for a block at a fee, draws with this seed as soon as one may be used, and returns
/// the outcome. The clock of periods stands still.
pub fn draw(block_id: BlockId, fee_per_gas: PricePerGas, seed: U256) -> Option<Outcome> {
	request_at(block_id, fee_per_gas).unwrap();
	RawSeeds::mutate(|seeds| seeds.insert(block_id, seed));
	run_blocks(DrawDelay::get() + 1);
	Outcomes::get().into_iter().rfind(|(id, _)| *id == block_id).map(|(_, outcome)| outcome)
}

/// Requests a prover for a block and draws `who`. The clock of periods stands still.
pub fn assign(block_id: BlockId, who: AccountId) {
	request(block_id).unwrap();
	run_blocks(DrawDelay::get());
	aim(block_id, who, FEE);
	run_blocks(1);
	assert_eq!(assignment(block_id).map(|assignment| assignment.prover), Some(who));
}

/// Sets a seed for the block that draws `who`, if nothing changes before.
pub fn aim(block_id: BlockId, who: AccountId, fee: PricePerGas) {
	let seed = seed_for(who, fee).expect("no seed found that draws the account");
	RawSeeds::mutate(|seeds| seeds.insert(block_id, seed));
}

/// Finds a seed that draws `who` now, if there is one, however small its share.
///
/// The seeds of a member are those between two borders: where both ends of a range draw the same member,
/// all of it does.
pub fn seed_for(who: AccountId, fee: PricePerGas) -> Option<U256> {
	let prover_id = staker(who).prover_id?;
	let selection: Lottery = Selection::<Balance>::open();
	let drawn = |seed: U256| Selection::<Balance>::draw(&selection, fee, seed).ok();
	let draws_who = |seed| drawn(seed).is_some_and(|drawn| drawn.prover_id == prover_id);
	let mut ranges = std::collections::VecDeque::from([(U256::zero(), U256::MAX)]);
	while let Some((low, high)) = ranges.pop_front() {
		if let Some(seed) = [low, high].into_iter().find(|seed| draws_who(*seed)) {
			return Some(seed);
		}
		let middle = low + (high - low) / 2;
		if middle > low && drawn(low) != drawn(high) {
			ranges.extend([(low, middle), (middle, high)]);
		}
	}
	None
}

// What there is.

pub fn staker(who: AccountId) -> Staker {
	crate::Stakers::<Test>::get(who)
}

pub fn has_record(who: AccountId) -> bool {
	crate::Stakers::<Test>::contains_key(who)
}

/// The record of the account's slot.
pub fn prover(who: AccountId) -> Option<ProverOf<Test>> {
	staker(who).prover_id.and_then(crate::Provers::<Test>::get)
}

/// The account as the query shows it, while it is a member.
pub fn prover_row(who: AccountId) -> Option<ProverRowOf<Test>> {
	ProverPool::get_staker(who).prover
}

/// The account in a slot.
pub fn slot(prover_id: ProverId) -> Option<AccountId> {
	crate::Provers::<Test>::get(prover_id).map(|prover| prover.account)
}

/// The exits of an account.
pub fn exits(who: AccountId) -> Vec<Exit<Balance, Moment>> {
	staker(who).exits.into_inner()
}

/// An exit without duties.
pub fn an_exit(id: ExitId, amount: Balance, matures_at: Moment) -> Exit<Balance, Moment> {
	Exit { id, amount, matures_at, duties: 0 }
}

pub fn assignment(block_id: BlockId) -> Option<AssignmentOf<Test>> {
	crate::Assignments::<Test>::get(block_id)
}

pub fn pending() -> Vec<BlockId> {
	crate::DrawQueue::<Test>::get().iter().map(|request| request.block_id).collect()
}

/// Returns what is held for the pool.
pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Staked.into(), &who)
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// Moves tokens between accounts, so that `who` has exactly `amount` free.
pub fn set_free(who: AccountId, amount: Balance) {
	let now = free(who);
	if now < amount {
		Balances::transfer(&BANK, &who, amount - now, Preservation::Preserve).unwrap();
	} else if now > amount {
		Balances::transfer(&who, &BANK, now - amount, Preservation::Expendable).unwrap();
	}
}

/// All events of the pool since the last call.
pub fn pool_events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}

/// All outcomes reported to the protocol since the last call.
pub fn outcomes() -> Vec<(BlockId, Outcome)> {
	Outcomes::take()
}

// Events and outcomes, in short.

pub fn staked(
	who: AccountId,
	prover_id: ProverId,
	amount: Balance,
	reward_per_gas: PricePerGas,
	current_capacity: Capacity,
) -> Event {
	Event::Staked { who, prover_id, amount, reward_per_gas, current_capacity }
}

pub fn exited(who: AccountId, amount: Balance, exit: ExitId) -> Event {
	Event::Exited { who, amount, exit: Some(exit), forced: false }
}

pub fn forced_out(who: AccountId, amount: Balance, exit: ExitId) -> Event {
	Event::Exited { who, amount, exit: Some(exit), forced: true }
}

pub fn withdrawn(who: AccountId, amount: Balance) -> Event {
	Event::Withdrawn { who, amount }
}

pub fn requested(block_id: BlockId) -> Event {
	Event::ProverRequested { block_id, fee_per_gas: FEE }
}

pub fn drawn(block_id: BlockId, who: AccountId, reward_per_gas: PricePerGas) -> Event {
	Event::ProverAssigned { block_id, who, reward_per_gas }
}

pub fn slashed(
	block_id: BlockId,
	who: AccountId,
	from_exits: Balance,
	from_stake: Balance,
) -> Event {
	let amount = from_exits + from_stake;
	Event::Slashed { block_id, who, amount, from_exits, from_stake, fault: Fault::Late }
}

pub fn drew(prover: AccountId, reward_per_gas: PricePerGas) -> Outcome {
	DrawOutcome::Assigned { prover, reward_per_gas }
}

pub fn open(reason: OpenReason) -> Outcome {
	DrawOutcome::Open { reason }
}
