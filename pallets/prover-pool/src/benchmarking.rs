//! What [`weights`](crate::weights) are measured with: the worst case of every call, hook and method
//! of the hook trait.
//!
//! The protocol's origin may be unreachable, so its side is measured through the hook trait; the calls
//! do the same. All benchmarks run in a full pool with the selection of the runtime.

use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		Get,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use prover_pool_primitives::{BlockId, Fault, PricePerGas, ProverPool, Selection};
use sp_runtime::traits::{BlockNumberProvider, One, Saturating, Zero};

use crate::{account::Account, *};

/// What the benchmarks cannot set up themselves.
pub trait BenchmarkHelper {
	/// Makes [`Config::Randomness`] return a seed that is known since the parent of the present block.
	fn provide_seed();
}

/// For runtimes that always have a seed.
impl BenchmarkHelper for () {
	fn provide_seed() {}
}

/// The fee of all requests, and the price of most provers.
const FEE: PricePerGas = 1_000_000;
/// The block that is assigned.
const BLOCK: BlockId = 1 << 40;
/// When deferred slashes are due: later than block 1, which a benchmark that begins at block 0 sets before it
/// runs.
const DEFERRAL: u32 = 2;

/// Returns the smallest stake that R1 accepts.
fn min_stake<T: Config>() -> BalanceOf<T> {
	T::MinStakePerCapacity::get().saturating_mul(T::MinCapacity::get().into())
}

/// Returns a stake that outweighs all others so far that every draw chooses it.
fn huge_stake<T: Config>() -> BalanceOf<T> {
	min_stake::<T>().saturating_mul(1_000_000_000u32.into()).saturating_mul(1_000u32.into())
}

/// Funds an account with enough for a stake and everything else.
fn fund<T: Config>(who: &T::AccountId, stake: BalanceOf<T>) {
	let amount = stake.saturating_add(stake).saturating_add(T::Currency::minimum_balance());
	assert!(T::Currency::resolve(who, T::Currency::issue(amount)).is_ok(), "a deposit is refused");
}

fn stake<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
	let origin = RawOrigin::Signed(who.clone()).into();
	assert_ok!(Pallet::<T>::stake(origin, amount, FEE, T::MinCapacity::get()));
}

/// Adds a member with this stake.
fn member<T: Config>(index: u32, amount: BalanceOf<T>) -> T::AccountId {
	let who = account("member", index, 0);
	fund::<T>(&who, amount);
	stake::<T>(&who, amount);
	who
}

/// Returns the record of a member.
fn prover_of<T: Config>(who: &T::AccountId) -> ProverOf<T> {
	let account = Account::<T>::load(who.clone());
	account.member.expect("the account is a member").1
}

/// Removes all members, since a benchmark may begin with the provers of a genesis.
fn empty_pool<T: Config>() {
	let mut selection = T::Selection::open();
	for prover_id in selection.occupied_slots(1, u32::MAX) {
		let mut account = Account::<T>::load_member(prover_id).expect("the slot is occupied");
		account.vacate(&mut selection);
		account.save_with(&mut selection);
	}
	selection.save();
	let _ = Stakers::<T>::clear(u32::MAX, None);
}

/// Fills an empty pool but for `vacant` slots with members that no benchmark touches. Their prices lie
/// below, in and above the band around [`FEE`], so that its ends are in the middle of nodes that are far
/// from each other.
fn fill<T: Config>(vacant: u32) {
	empty_pool::<T>();
	let amount = min_stake::<T>() + min_stake::<T>();
	let mut selection = T::Selection::open();
	let count = T::Selection::max_provers().saturating_sub(vacant);
	for index in 0..count {
		let mut account = Account::<T>::load(account("filler", index, 0));
		account.staker.max_capacity = 1;
		let prover = Prover {
			account: account.who.clone(),
			stake: amount,
			// From a half to one and a half of the fee.
			reward_per_gas: FEE / 2 + (u64::from(index) * u64::from(FEE) / u64::from(count)) as u32,
			paused: false,
			entered_at: Zero::zero(),
			entered_in: Zero::zero(),
			changed_in: Zero::zero(),
			listing: Listing::Current,
		};
		let prover_id = selection.vacant_slot().expect("the pool is not full");
		account.occupy(prover_id, prover, &mut selection);
		account.save_with(&mut selection);
	}
	selection.save();
}

/// Advances the clock of periods beyond `period`.
fn wait<T: Config>(period: MomentOf<T>) {
	let now = T::BlockNumberProvider::current_block_number();
	T::BlockNumberProvider::set_block_number(now.saturating_add(period).saturating_add(One::one()));
}

/// Adds a member with [`Config::MaxExits`] free exits besides its stake, that may leave at once.
fn member_with_free_exits<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
	let exits: BalanceOf<T> = T::MaxExits::get().into();
	let all = amount.saturating_mul(exits.saturating_add(One::one()));
	fund::<T>(who, all);
	stake::<T>(who, all);
	list_all::<T>();
	wait::<T>(T::MinChangeDelay::get());
	for _ in 0..T::MaxExits::get() {
		assert_ok!(Pallet::<T>::unstake(RawOrigin::Signed(who.clone()).into(), amount));
	}
	assert_eq!(Stakers::<T>::get(who).exits.len() as u32, T::MaxExits::get());
	wait::<T>(T::ExitPeriod::get());
}

/// Lists everything that waits: the next draws use all offers.
fn list_all<T: Config>() {
	let now = frame_system::Pallet::<T>::block_number()
		.saturating_add(T::EntryDelay::get())
		.saturating_add(T::DrawDelay::get())
		.saturating_add(3u32.into());
	frame_system::Pallet::<T>::set_block_number(now);
	let mut selection = T::Selection::open();
	for _ in 0..3 {
		Pallet::<T>::admit(Pallet::<T>::due_changes(now), &mut selection);
	}
	selection.save();
}

/// Advances to a system block in which draws use all offers, with a seed that all requests may use.
fn next_draws<T: Config>() -> BlockNumberFor<T> {
	list_all::<T>();
	T::BenchmarkHelper::provide_seed();
	frame_system::Pallet::<T>::block_number()
}

/// Fills the queue up to `length` with requests of the present block.
fn fill_queue<T: Config>(length: u32) {
	for index in DrawQueue::<T>::get().len() as u32..length {
		assert_ok!(Pallet::<T>::do_assign_prover(index.into(), FEE, false));
	}
}

/// Adds a member whose only unit of capacity is taken by one assignment.
fn with_one_unit<T: Config>(amount: BalanceOf<T>) -> T::AccountId {
	let who = member::<T>(0, amount);
	list_all::<T>();
	limit_to_one_unit::<T>(&who);
	who
}

/// Leaves a listed member one unit of capacity, whatever the runtime's minimum is.
fn limit_to_one_unit<T: Config>(who: &T::AccountId) {
	let mut account = Account::<T>::load(who.clone());
	account.staker.max_capacity = 1;
	account.save();
}

/// Draws a prover for [`BLOCK`], and for nothing else.
fn assign<T: Config>() -> T::AccountId {
	assert_ok!(Pallet::<T>::do_assign_prover(BLOCK, FEE, false));
	let now = next_draws::<T>();
	Pallet::<T>::draw_due(now);
	Assignments::<T>::get(BLOCK).expect("a prover was drawn").prover
}

/// Changes the price of a member, so that a change waits, and begins the next system block.
fn change_price<T: Config>(who: &T::AccountId) {
	let origin = RawOrigin::Signed(who.clone()).into();
	assert_ok!(Pallet::<T>::set_terms(origin, FEE / 2, T::MinCapacity::get()));
	let next = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
	frame_system::Pallet::<T>::set_block_number(next);
}

/// Adds a member that is listed and whose next change goes to the queue.
fn changing_member<T: Config>(amount: BalanceOf<T>) -> T::AccountId {
	fill::<T>(1);
	let who = member::<T>(0, amount);
	fund::<T>(&who, amount);
	list_all::<T>();
	// A change waits already: the next one moves it in the queue.
	change_price::<T>(&who);
	wait::<T>(T::MinChangeDelay::get());
	who
}

/// Slashes the prover of [`BLOCK`] by everything but less than it may keep, and returns the amount.
fn slash_all<T: Config>(prover: &T::AccountId, reporter: &T::AccountId) -> BalanceOf<T> {
	let held = tokens::held::<T>(prover);
	let left = T::EjectionThreshold::get().mul_floor(min_stake::<T>()) / 2u32.into();
	let proof_reward = held.saturating_sub(left) / T::SlashMultiplier::get().max(1).into();
	let reward = T::Currency::minimum_balance();
	<Pallet<T> as ProverPool<_, _>>::slash_prover(
		BLOCK,
		proof_reward,
		Fault::Late,
		Some((reporter.clone(), reward)),
	)
	.expect("the block is assigned")
}

/// Stores a deferred slash of a member with a reporter whose account does not exist.
fn deferred_slash<T: Config>() -> (T::AccountId, T::AccountId) {
	let who = member::<T>(0, huge_stake::<T>());
	let reporter: T::AccountId = account("reporter", 0, 0);
	let amount = min_stake::<T>();
	let now = T::BlockNumberProvider::current_block_number();
	let due_at = now.saturating_add(DEFERRAL.into());
	let suspended_until = Some(due_at);
	let mut account = Account::<T>::load(who.clone());
	account.change_prover(|prover| prover.stake.saturating_reduce(amount));
	account.staker.suspended_until = suspended_until;
	account.staker.record.count_missed();
	account.save();
	let slash = PendingSlash {
		who: who.clone(),
		amount,
		fault: Fault::Late,
		reporter: Some((reporter.clone(), T::Currency::minimum_balance())),
		due_at,
		suspended_until,
		served: 0,
	};
	Pallet::<T>::defer_slash(BLOCK, slash);
	(who, reporter)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Into a full pool: the caller's free exits are paid out, the smallest member is replaced, and its
	/// free exits paid out too. A member that stakes again costs less: the slot that it leaves is
	/// vacant, so it replaces no member.
	#[benchmark]
	fn stake() {
		fill::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exits::<T>(&caller, min_stake::<T>());
		let mut leaving = Account::<T>::load(caller.clone());
		let mut selection = T::Selection::open();
		leaving.vacate(&mut selection);
		leaving.save_with(&mut selection);
		selection.save();
		let smallest: T::AccountId = account("smallest", 0, 0);
		member_with_free_exits::<T>(&smallest, min_stake::<T>());
		let slot = Stakers::<T>::get(&smallest).prover_id;
		// Enough for any overbid that is not above the whole stake.
		let amount = min_stake::<T>().saturating_mul(3u32.into());
		fund::<T>(&caller, amount);

		// At another end of the order than the member that is replaced.
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount, FEE / 2, T::MinCapacity::get());

		let staker = Stakers::<T>::get(&caller);
		assert_eq!(staker.prover_id, slot);
		assert!(staker.exits.is_empty(), "the caller was paid");
		let replaced = Stakers::<T>::get(&smallest);
		assert_eq!((replaced.prover_id, replaced.exits.len()), (None, 1));
	}

	/// With free exits from before.
	#[benchmark]
	fn exit() {
		fill::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exits::<T>(&caller, min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		let staker = Stakers::<T>::get(&caller);
		assert_eq!((staker.prover_id, staker.exits.len()), (None, 1));
	}

	/// Of all exits of an account.
	#[benchmark]
	fn withdraw() {
		fill::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exits::<T>(&caller, min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(Stakers::<T>::get(&caller).exits.is_empty());
	}

	/// While another change waits.
	#[benchmark]
	fn stake_extra() {
		let caller = changing_member::<T>(min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), min_stake::<T>());

		assert_eq!(prover_of::<T>(&caller).stake, min_stake::<T>() + min_stake::<T>());
	}

	/// While another change waits, with free exits from before.
	#[benchmark]
	fn unstake() {
		fill::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exits::<T>(&caller, min_stake::<T>() + min_stake::<T>());
		change_price::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), min_stake::<T>());

		assert_eq!(Stakers::<T>::get(&caller).exits.len(), 1);
	}

	/// While another change waits.
	#[benchmark]
	fn restake() {
		let caller = changing_member::<T>(min_stake::<T>() + min_stake::<T>());
		assert_ok!(Pallet::<T>::unstake(
			RawOrigin::Signed(caller.clone()).into(),
			min_stake::<T>()
		));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0);

		assert!(Stakers::<T>::get(&caller).exits.is_empty());
	}

	/// While another change waits.
	#[benchmark]
	fn set_terms() {
		let caller = changing_member::<T>(min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), FEE * 2, T::MinCapacity::get());

		assert_eq!(prover_of::<T>(&caller).reward_per_gas, FEE * 2);
	}

	/// While another change waits.
	#[benchmark]
	fn pause() {
		let caller = changing_member::<T>(min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(prover_of::<T>(&caller).paused);
	}

	/// While another change waits.
	#[benchmark]
	fn resume() {
		let caller = changing_member::<T>(min_stake::<T>());
		assert_ok!(Pallet::<T>::pause(RawOrigin::Signed(caller.clone()).into()));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!prover_of::<T>(&caller).paused);
	}

	/// A request that fills the queue, without its draw.
	#[benchmark]
	fn assign_prover() {
		fill_queue::<T>(T::MaxPendingDraws::get() - 1);

		#[block]
		{
			assert_ok!(<Pallet<T> as ProverPool<_, _>>::assign_prover(BLOCK, FEE));
		}

		assert_eq!(DrawQueue::<T>::get().len() as u32, T::MaxPendingDraws::get());
	}

	/// One draw out of a full queue, in a full pool whose band begins and ends in other nodes than that of
	/// the member that is drawn, which has no free capacity then. Without the handler.
	#[benchmark]
	fn draw() {
		fill::<T>(1);
		let last = with_one_unit::<T>(huge_stake::<T>());
		assert_ok!(Pallet::<T>::do_assign_prover(BLOCK, FEE, false));
		let now = next_draws::<T>();
		// Of this block, so not due yet.
		fill_queue::<T>(T::MaxPendingDraws::get());

		#[block]
		{
			Pallet::<T>::draw_due(now);
		}

		assert_eq!(Assignments::<T>::get(BLOCK).map(|assignment| assignment.prover), Some(last));
		assert_eq!(DrawQueue::<T>::get().len() as u32, T::MaxPendingDraws::get() - 1);
	}

	/// The listing of a changed price: the member moves in the order of prices.
	#[benchmark]
	fn admit() {
		let who = changing_member::<T>(min_stake::<T>());
		// Whatever the delay of the runtime is, the change waits.
		let mut account = Account::<T>::load(who.clone());
		let old = OfferOf::<T> { reward_per_gas: FEE, ..account.offer().expect("it is a member") };
		account.change_prover(|prover| prover.listing = Listing::Changing(old));
		account.save();
		let now = frame_system::Pallet::<T>::block_number().saturating_add(T::EntryDelay::get());

		#[block]
		{
			let mut selection = T::Selection::open();
			Pallet::<T>::admit(Pallet::<T>::due_changes(now), &mut selection);
			selection.save();
		}

		assert_eq!(prover_of::<T>(&who).listing, Listing::Current);
		assert_eq!(PendingChanges::<T>::iter_keys().count(), 0);
	}

	/// Of a member that had no free capacity.
	#[benchmark]
	fn release_prover() {
		fill::<T>(1);
		let prover = with_one_unit::<T>(huge_stake::<T>());
		assign::<T>();

		#[block]
		{
			assert_ok!(<Pallet<T> as ProverPool<_, _>>::release_prover(BLOCK));
		}

		assert_eq!(Stakers::<T>::get(&prover).outstanding, 0);
	}

	/// Takes a part of each of [`Config::MaxExits`] exits and so much of the stake that its prover is
	/// ejected, at the miss for which it is suspended; a part is for a reporter whose account does not exist
	/// yet.
	#[benchmark]
	fn slash_prover() {
		fill::<T>(1);
		let amount = huge_stake::<T>();
		let exits = T::MaxExits::get();
		let all = amount.saturating_mul(exits.saturating_add(1).into());
		let prover = member::<T>(0, all);
		list_all::<T>();
		wait::<T>(T::MinChangeDelay::get());
		for _ in 0..exits {
			assert_ok!(Pallet::<T>::unstake(RawOrigin::Signed(prover.clone()).into(), amount));
		}
		limit_to_one_unit::<T>(&prover);
		assert_eq!(assign::<T>(), prover);
		Stakers::<T>::mutate(&prover, |staker| {
			staker.record.misses_in_a_row = T::MaxMisses::get().saturating_sub(1);
		});
		let reporter: T::AccountId = account("reporter", 0, 0);

		#[block]
		{
			slash_all::<T>(&prover, &reporter);
		}

		assert_eq!(Stakers::<T>::get(&prover).prover_id, None, "it was ejected");
	}

	/// Of a member by its own call, which costs more than by the protocol or than a cancelled request.
	#[benchmark]
	fn discharge_prover() {
		fill::<T>(1);
		let prover = with_one_unit::<T>(huge_stake::<T>());
		assign::<T>();
		wait::<T>(T::MaxLiability::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), BLOCK);

		assert!(!Assignments::<T>::contains_key(BLOCK));
		assert_eq!(Stakers::<T>::get(&prover).liable, 0);
	}

	/// With a reporter whose account comes into being.
	#[benchmark]
	fn apply_slash() {
		fill::<T>(1);
		let (_, reporter) = deferred_slash::<T>();
		wait::<T>(DEFERRAL.into());
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), BLOCK);

		assert_eq!(T::Currency::balance(&reporter), T::Currency::minimum_balance());
	}

	/// Of a slash that caused a suspension.
	#[benchmark]
	fn cancel_slash() {
		fill::<T>(1);
		let (who, _) = deferred_slash::<T>();

		#[block]
		{
			assert_ok!(Pallet::<T>::do_cancel_slash(BLOCK));
		}

		assert_eq!(Stakers::<T>::get(&who).suspended_until, None);
		assert!(!PendingSlashes::<T>::contains_key(BLOCK));
	}

	/// The sum of the free capacity.
	#[benchmark]
	fn free_capacity() {
		fill::<T>(0);
		let capacity;

		#[block]
		{
			capacity = <Pallet<T> as ProverPool<_, BalanceOf<T>>>::free_capacity();
		}

		assert_eq!(capacity, u64::from(T::Selection::max_provers()));
	}

	/// The start of a block with a full queue in which nothing is due.
	#[benchmark]
	fn on_initialize() {
		let now = next_draws::<T>();
		fill_queue::<T>(T::MaxPendingDraws::get());

		#[block]
		{
			Pallet::<T>::draw_due(now);
		}

		assert_eq!(DrawQueue::<T>::get().len() as u32, T::MaxPendingDraws::get());
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
