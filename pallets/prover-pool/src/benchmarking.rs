//! What [`weights`](crate::weights) are measured with: the worst case of every call, hook and method
//! of the hook trait.
//!
//! The origin of the protocol may be nobody, so its side is measured through the hook trait; the
//! calls do the same.

use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		Get,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use prover_pool_primitives::{BlockId, PricePerGas, ProverPool};
use sp_runtime::traits::{BlockNumberProvider, One, Saturating, Zero};

use crate::{account::Account, members::Members, *};

/// What the benchmarks cannot bring about themselves.
pub trait BenchmarkHelper {
	/// Makes [`Config::Randomness`] give a seed that is known since the parent of the present block.
	fn provide_seed();
}

/// For runtimes whose seeds are always there.
impl BenchmarkHelper for () {
	fn provide_seed() {}
}

/// The fee of all requests, and the price of most provers.
const FEE: PricePerGas = 1_000_000;
/// The block that is assigned.
const BLOCK: BlockId = 1 << 40;

/// The smallest stake that anybody may have.
fn min_stake<T: Config>() -> BalanceOf<T> {
	T::MinStakePerCapacity::get().saturating_mul(T::MinCapacity::get().into())
}

/// A stake that so far outweighs all others that every draw falls on it.
fn huge_stake<T: Config>() -> BalanceOf<T> {
	min_stake::<T>().saturating_mul(1_000_000_000u32.into()).saturating_mul(1_000u32.into())
}

/// Gives tokens for a stake, and as many again for everything else.
fn fund<T: Config>(who: &T::AccountId, stake: BalanceOf<T>) {
	let amount = stake.saturating_add(stake).saturating_add(T::Currency::minimum_balance());
	assert!(T::Currency::resolve(who, T::Currency::issue(amount)).is_ok(), "a deposit is refused");
}

fn stake<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
	let origin = RawOrigin::Signed(who.clone()).into();
	assert_ok!(Pallet::<T>::stake(origin, amount, FEE, T::MinCapacity::get()));
}

/// A new member with this stake.
fn member<T: Config>(index: u32, amount: BalanceOf<T>) -> T::AccountId {
	let who = account("member", index, 0);
	fund::<T>(&who, amount);
	stake::<T>(&who, amount);
	who
}

/// Takes everybody out of the pool, as if nobody had ever been in it: a benchmark may begin with the
/// provers of a genesis.
fn empty_pool<T: Config>() {
	let _ = Stakers::<T>::clear(u32::MAX, None);
	let _ = Slots::<T>::clear(u32::MAX, None);
	let _ = Nodes::<T>::clear(u32::MAX, None);
	let _ = Pages::<T>::clear(u32::MAX, None);
	let _ = Waiting::<T>::clear(u32::MAX, None);
	Books::<T>::kill();
}

/// Fills the pool but for `vacant` slots. Nobody has holds or is ever touched: they are there to be in
/// the index. Their prices lie below, in and above the band around [`FEE`], so that its ends are in
/// the middle of nodes that are far from each other.
fn fill<T: Config>(vacant: u32) {
	let amount = min_stake::<T>() + min_stake::<T>();
	let mut members = Members::<T>::open();
	let count = T::MaxProvers::get().saturating_sub(vacant);
	for index in 0..count {
		let who: T::AccountId = account("filler", index, 0);
		let slot = index.saturating_add(1);
		let staker = Staker { prover_id: Some(slot), max_capacity: 1, ..Default::default() };
		let prover = Prover {
			who: who.clone(),
			staked_amount: amount,
			// From a half to one and a half of the fee.
			reward_per_gas: FEE / 2 + (u64::from(index) * u64::from(FEE) / u64::from(count)) as u32,
			current_capacity: 1,
			entered_in: Zero::zero(),
			waiting: false,
		};
		Account::<T>::new(who, staker, Some(prover)).save_with(&mut members);
	}
	members.close();
}

/// Lets this much time pass on the clock of periods, and more.
fn wait<T: Config>(period: MomentOf<T>) {
	let now = T::BlockNumberProvider::current_block_number();
	T::BlockNumberProvider::set_block_number(now.saturating_add(period).saturating_add(One::one()));
}

/// A member that has a free exit besides its stake, which it may leave with at once.
fn member_with_free_exit<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
	fund::<T>(who, amount + amount);
	stake::<T>(who, amount + amount);
	wait::<T>(T::MinChangeDelay::get());
	// Half of it stays behind as an exit.
	stake::<T>(who, amount);
	wait::<T>(T::ExitPeriod::get().saturating_add(T::MinChangeDelay::get()));
	assert_eq!(Stakers::<T>::get(who).0.exit_amount, amount);
}

/// Goes on to a system block in which everybody in the pool takes part in draws, and a seed younger
/// than all requests is there.
fn next_draws<T: Config>() -> BlockNumberFor<T> {
	let now = frame_system::Pallet::<T>::block_number()
		.saturating_add(T::EntryDelay::get())
		.saturating_add(3u32.into());
	frame_system::Pallet::<T>::set_block_number(now);
	crate::waiting::admit::<T>(now);
	T::BenchmarkHelper::provide_seed();
	now
}

/// Fills the queue up to `length` with requests of the present block.
fn fill_queue<T: Config>(length: u32) {
	for index in DrawQueue::<T>::get().len() as u32..length {
		assert_ok!(Pallet::<T>::do_assign_prover(index.into(), FEE, false));
	}
}

/// A new member that has one place only, so that its last one is taken by one assignment.
fn with_one_place<T: Config>(amount: BalanceOf<T>) -> T::AccountId {
	let who = member::<T>(0, amount);
	let mut account = Account::<T>::load(who.clone());
	account.staker.max_capacity = 1;
	account.save();
	who
}

/// Lets a member wait, whatever the delay is.
fn make_wait<T: Config>(who: &T::AccountId) {
	let mut account = Account::<T>::load(who.clone());
	let prover = account.prover.as_mut().expect("it is a member");
	prover.entered_in = One::one();
	prover.waiting = true;
	account.save();
}

/// Draws a prover for [`BLOCK`], and for nothing else.
fn assign<T: Config>() -> T::AccountId {
	assert_ok!(Pallet::<T>::do_assign_prover(BLOCK, FEE, false));
	let now = next_draws::<T>();
	Pallet::<T>::draw_due(now);
	Assignments::<T>::get(BLOCK).expect("a prover was drawn").prover
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Into a full pool: the caller's free exit is paid out, the smallest member is replaced, and its free
	/// exit paid out too. A member that stakes again costs less: the slot that it leaves is vacant, so
	/// it replaces nobody.
	#[benchmark]
	fn stake() {
		empty_pool::<T>();
		fill::<T>(1);
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exit::<T>(&caller, min_stake::<T>());
		assert_ok!(Pallet::<T>::exit(RawOrigin::Signed(caller.clone()).into()));
		let smallest: T::AccountId = account("smallest", 0, 0);
		member_with_free_exit::<T>(&smallest, min_stake::<T>());
		let slot = Stakers::<T>::get(&smallest).0.prover_id;
		// Enough for any overbid that is not above the whole stake.
		let amount = min_stake::<T>().saturating_mul(3u32.into());
		fund::<T>(&caller, amount);

		// At another end of the index than where the replaced one is.
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount, FEE / 2, T::MinCapacity::get());

		let (staker, _) = Stakers::<T>::get(&caller);
		assert_eq!(staker.prover_id, slot);
		assert!(staker.exit_amount.is_zero(), "the caller was paid");
		let (replaced, _) = Stakers::<T>::get(&smallest);
		assert_eq!((replaced.prover_id, replaced.exit_amount), (None, min_stake::<T>()));
	}

	/// With a free exit from before.
	#[benchmark]
	fn exit() {
		let caller: T::AccountId = whitelisted_caller();
		empty_pool::<T>();
		fill::<T>(1);
		member_with_free_exit::<T>(&caller, min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		let (staker, _) = Stakers::<T>::get(&caller);
		assert_eq!((staker.prover_id, staker.exit_amount), (None, min_stake::<T>()));
		let now = T::BlockNumberProvider::current_block_number();
		assert_eq!(staker.exit_requested_at, Some(now), "the old exit was paid");
	}

	/// Of all that an account had: its record is removed.
	#[benchmark]
	fn withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		empty_pool::<T>();
		fill::<T>(1);
		member_with_free_exit::<T>(&caller, min_stake::<T>());
		assert_ok!(Pallet::<T>::exit(RawOrigin::Signed(caller.clone()).into()));
		wait::<T>(T::ExitPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!Stakers::<T>::contains_key(&caller));
	}

	/// A request that takes the last place of the queue, without its draw.
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
	/// the one who is drawn, and who has no free place then. The handler is not in it.
	#[benchmark]
	fn draw() {
		empty_pool::<T>();
		fill::<T>(1);
		let last = with_one_place::<T>(huge_stake::<T>());
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

	/// One member's turn to take part in draws: in a full pool, less the start of a block.
	#[benchmark]
	fn admit() {
		empty_pool::<T>();
		fill::<T>(1);
		let who = member::<T>(0, min_stake::<T>());
		make_wait::<T>(&who);
		let now = T::EntryDelay::get().saturating_add(3u32.into());

		#[block]
		{
			crate::waiting::admit::<T>(now);
		}

		assert!(Stakers::<T>::get(&who).1.is_some_and(|prover| !prover.waiting));
		assert_eq!(Waiting::<T>::iter_keys().count(), 0);
	}

	/// Of a member that had no free place.
	#[benchmark]
	fn release_prover() {
		empty_pool::<T>();
		fill::<T>(1);
		let prover = with_one_place::<T>(huge_stake::<T>());
		assign::<T>();

		#[block]
		{
			assert_ok!(<Pallet<T> as ProverPool<_, _>>::release_prover(BLOCK));
		}

		assert_eq!(Stakers::<T>::get(&prover).0.outstanding, 0);
	}

	/// Takes the whole exit and so much of the stake that its prover is forced out; a part goes to a
	/// reporter whose account comes into being by it.
	#[benchmark]
	fn slash_prover() {
		empty_pool::<T>();
		fill::<T>(1);
		let amount = huge_stake::<T>();
		let prover: T::AccountId = account("member", 0, 0);
		fund::<T>(&prover, amount + amount);
		super::stake::<T>(&prover, amount + amount);
		wait::<T>(T::MinChangeDelay::get());
		super::stake::<T>(&prover, amount);
		assert_eq!(assign::<T>(), prover);
		// Half of what would let it stay.
		let left = T::EjectionThreshold::get().mul_floor(min_stake::<T>()) / 2u32.into();
		let slashed = amount + amount - left;
		let proof_reward = slashed / T::SlashMultiplier::get().max(1).into();
		let reporter: T::AccountId = account("reporter", 0, 0);
		let reward = T::Currency::minimum_balance();

		#[block]
		{
			assert_ok!(<Pallet<T> as ProverPool<_, _>>::slash_prover(
				BLOCK,
				proof_reward,
				Some((reporter.clone(), reward)),
			));
		}

		let (staker, _) = Stakers::<T>::get(&prover);
		assert_eq!(staker.prover_id, None, "it was forced out");
		assert!(
			staker.exit_amount <= left + T::SlashMultiplier::get().into(),
			"the rest is exiting"
		);
		assert_eq!(T::Currency::balance(&reporter), reward);
	}

	/// Of a member, by itself: dearer than by the protocol, or than a cancelled request.
	#[benchmark]
	fn discharge_prover() {
		empty_pool::<T>();
		fill::<T>(1);
		let prover = with_one_place::<T>(huge_stake::<T>());
		assign::<T>();
		wait::<T>(T::MaxLiability::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), BLOCK);

		assert!(!Assignments::<T>::contains_key(BLOCK));
		assert_eq!(Stakers::<T>::get(&prover).0.liable, 0);
	}

	/// The sum of the free places.
	#[benchmark]
	fn free_capacity() {
		empty_pool::<T>();
		fill::<T>(0);
		let places;

		#[block]
		{
			places = <Pallet<T> as ProverPool<_, BalanceOf<T>>>::free_capacity();
		}

		assert_eq!(places, u64::from(T::MaxProvers::get()));
	}

	/// One account of the old layout, a member, into a pool that is full but for it.
	#[benchmark]
	fn migrate_account() {
		use crate::migrations::IndexMembers;

		empty_pool::<T>();
		fill::<T>(1);
		let who = member::<T>(0, min_stake::<T>());
		let mut members = Members::<T>::open();
		IndexMembers::<T>::undo(who.clone(), &mut members);
		members.close();

		#[block]
		{
			let mut members = Members::<T>::open();
			IndexMembers::<T>::migrate(who.clone(), &mut members);
			members.close();
		}

		assert!(Stakers::<T>::get(&who).1.is_some());
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
