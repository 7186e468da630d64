//! What [`weights`](crate::weights) are measured with: the worst case of every call, hook and method
//! of the hook trait.
//!
//! The origin of the protocol may be nobody, so its side is measured through the hook trait; the
//! calls do the same.

use alloc::vec::Vec;
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

use crate::*;

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
const FEE: PricePerGas = 100;
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
	let _ = Provers::<T>::clear(u32::MAX, None);
	let _ = Stakers::<T>::clear(u32::MAX, None);
}

/// Fills the pool up to `m` members, each with twice the smallest stake, and returns them.
fn fill<T: Config>(m: u32) -> Vec<T::AccountId> {
	(0..m).map(|index| member::<T>(index, min_stake::<T>() + min_stake::<T>())).collect()
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
	assert_eq!(Stakers::<T>::get(who).exit_amount, amount);
}

/// Goes on to a system block in which everybody in the pool takes part in draws, and a seed younger
/// than all requests is there.
fn next_draws<T: Config>() -> BlockNumberFor<T> {
	let now = frame_system::Pallet::<T>::block_number()
		.saturating_add(T::EntryDelay::get())
		.saturating_add(3u32.into());
	frame_system::Pallet::<T>::set_block_number(now);
	T::BenchmarkHelper::provide_seed();
	now
}

/// Fills the queue up to `length` with requests of the present block.
fn fill_queue<T: Config>(length: u32) {
	for index in DrawQueue::<T>::get().len() as u32..length {
		assert_ok!(Pallet::<T>::do_assign_prover(index.into(), FEE, false));
	}
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

	/// Into a full pool: the caller's free exit is paid out, the smallest member, in slot `m`, is
	/// replaced, and its free exit paid out too. A member that stakes again costs less: the slot that
	/// it leaves is vacant, so it replaces nobody.
	///
	/// The pool is full whatever `m` is, since only in a full one anybody is replaced. Weights are for
	/// pools of `MaxProvers` slots.
	#[benchmark]
	fn stake(m: Linear<1, { T::MaxProvers::get() }>) {
		empty_pool::<T>();
		let caller: T::AccountId = whitelisted_caller();
		member_with_free_exit::<T>(&caller, min_stake::<T>());
		assert_ok!(Pallet::<T>::exit(RawOrigin::Signed(caller.clone()).into()));
		fill::<T>(m - 1);
		let smallest: T::AccountId = account("smallest", 0, 0);
		member_with_free_exit::<T>(&smallest, min_stake::<T>());
		for index in m..T::MaxProvers::get() {
			member::<T>(index, min_stake::<T>() + min_stake::<T>());
		}
		// Enough for any overbid that is not above the whole stake.
		let amount = min_stake::<T>().saturating_mul(3u32.into());
		fund::<T>(&caller, amount);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount, FEE, T::MinCapacity::get());

		assert_eq!(Provers::<T>::get(m).map(|prover| prover.who), Some(caller.clone()));
		assert!(Stakers::<T>::get(&caller).exit_amount.is_zero(), "the caller was paid");
		let replaced = Stakers::<T>::get(&smallest);
		assert_eq!((replaced.prover_id, replaced.exit_amount), (None, min_stake::<T>()));
	}

	/// With a free exit from before.
	#[benchmark]
	fn exit() {
		let caller: T::AccountId = whitelisted_caller();
		empty_pool::<T>();
		member_with_free_exit::<T>(&caller, min_stake::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		let staker = Stakers::<T>::get(&caller);
		assert_eq!((staker.prover_id, staker.exit_amount), (None, min_stake::<T>()));
		let now = T::BlockNumberProvider::current_block_number();
		assert_eq!(staker.exit_requested_at, Some(now), "the old exit was paid");
	}

	/// Of all that an account had: its record is removed.
	#[benchmark]
	fn withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		empty_pool::<T>();
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

	/// One draw among `m` members that falls on the last, out of a full queue. The handler is not in
	/// it.
	#[benchmark]
	fn draw(m: Linear<1, { T::MaxProvers::get() }>) {
		empty_pool::<T>();
		fill::<T>(m - 1);
		let last = member::<T>(m - 1, huge_stake::<T>());
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

	/// Of a member.
	#[benchmark]
	fn release_prover() {
		empty_pool::<T>();
		let prover = member::<T>(0, min_stake::<T>());
		assign::<T>();

		#[block]
		{
			assert_ok!(<Pallet<T> as ProverPool<_, _>>::release_prover(BLOCK));
		}

		assert_eq!(Stakers::<T>::get(&prover).outstanding, 0);
	}

	/// Takes the whole exit and so much of the stake that its prover is forced out; a part goes to a
	/// reporter whose account comes into being by it.
	#[benchmark]
	fn slash_prover() {
		empty_pool::<T>();
		let amount = min_stake::<T>();
		let prover: T::AccountId = account("member", 0, 0);
		fund::<T>(&prover, amount + amount);
		super::stake::<T>(&prover, amount + amount);
		wait::<T>(T::MinChangeDelay::get());
		super::stake::<T>(&prover, amount);
		assign::<T>();
		// Half of what would let it stay.
		let left = T::EjectionThreshold::get().mul_floor(amount) / 2u32.into();
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

		let staker = Stakers::<T>::get(&prover);
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
		let prover = member::<T>(0, min_stake::<T>());
		assign::<T>();
		wait::<T>(T::MaxLiability::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), BLOCK);

		assert!(!Assignments::<T>::contains_key(BLOCK));
		assert_eq!(Stakers::<T>::get(&prover).liable, 0);
	}

	/// The sum of the free places of `m` members.
	#[benchmark]
	fn free_capacity(m: Linear<1, { T::MaxProvers::get() }>) {
		empty_pool::<T>();
		fill::<T>(m);
		next_draws::<T>();
		let places;

		#[block]
		{
			places = <Pallet<T> as ProverPool<_, BalanceOf<T>>>::free_capacity();
		}

		assert_eq!(places, u64::from(m) * u64::from(T::MinCapacity::get()));
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
