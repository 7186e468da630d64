//! What [`weights`](crate::weights) are measured with: the worst case of every part from which calls
//! and hooks are charged.
//!
//! Blocks are put into storage as they would be after long use, with every claim and bar that they
//! have room for and all tokens that they account for. The pool knows none of them: what it does is
//! declared by the pool itself and charged besides, and its refusal is all that is measured here.

use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		EnsureOrigin, Get,
	},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, PricePerGas};
use sp_core::H256;
use sp_runtime::traits::{One, Saturating, Zero};

use crate::*;

/// What the benchmarks cannot set up themselves.
pub trait BenchmarkHelper {
	/// Returns a proof of this instance that [`Config::ProofVerifier`] accepts from now on.
	fn proof(instance: H256) -> Vec<u8>;
}

/// The verified hash.
const VERIFIED: H256 = H256::repeat_byte(0xaa);
/// Another parent.
const ELSEWHERE: H256 = H256::repeat_byte(0xbb);

/// The fee of all blocks.
fn fee<T: Config>() -> PricePerGas {
	T::MinFeePerGas::get()
}

/// An account with enough for a block's escrow and a claim's bond.
fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	fund::<T>(&who);
	who
}

fn fund<T: Config>(who: &T::AccountId) {
	let escrow = Pallet::<T>::escrow_at(T::MaxGasLimit::get(), fee::<T>());
	let amount = escrow
		.saturating_add(T::ProofBond::get())
		.saturating_mul(2u32.into())
		.saturating_add(T::Currency::minimum_balance());
	assert!(T::Currency::resolve(who, T::Currency::issue(amount)).is_ok(), "a deposit is refused");
}

/// An empty rollup whose clock shows a time at which all periods may have passed.
fn begin<T: Config>() {
	let _ = Blocks::<T>::clear(u32::MAX, None);
	let mut chain = ChainState::starting_from(VERIFIED);
	chain.open = 1;
	Chain::<T>::put(chain);
	Averages::<T>::put(MovingAverages::starting_at(fee::<T>(), 10u32, Zero::zero()));
	let now = T::MaxProofWindow::get()
		.saturating_add(T::ExpiryPeriod::get())
		.saturating_add(T::Cooldown::get())
		.saturating_add(T::MinProofWindow::get());
	Clock::<T>::put(now.saturating_mul(2u32.into()));
}

/// A tag of what vouches for proofs.
fn tag<T: Config>() -> TagOf<T> {
	let proof = T::BenchmarkHelper::proof(VERIFIED);
	T::ProofVerifier::verify(VERIFIED, &proof).tag.expect("the helper's proofs are accepted")
}

/// The claim that differs from others by `place`, by an account of its own, as old as the rollup.
fn claim<T: Config>(place: u32, parent_hash: H256, bond: BalanceOf<T>) -> Claim<T> {
	let prover = funded::<T>("prover", place);
	assert_ok!(Pallet::<T>::hold(HoldReason::ProofBond, &prover, bond));
	Claim {
		prover,
		execution: execution::<T>(place, parent_hash),
		reward_per_gas: fee::<T>(),
		bond,
		tag: tag::<T>(),
		claimed_at: One::one(),
	}
}

fn execution<T: Config>(place: u32, parent_hash: H256) -> Execution {
	let block_hash = sp_io::hashing::blake2_256(&place.encode()).into();
	Execution { parent_hash, block_hash, gas_used: T::MaxGasLimit::get() / 2 }
}

/// Claims of others on a parent.
fn claims<T: Config>(count: u32, parent_hash: H256) -> ClaimsOf<T> {
	let bond = T::ProofBond::get();
	BoundedVec::truncate_from((0..count).map(|p| claim::<T>(p, parent_hash, bond)).collect())
}

/// An assignment that began with the rollup.
fn assigned<T: Config>(delivery: Delivery<T>) -> Status<T> {
	let prover = match &delivery {
		Delivery::Claimed(claim) => claim.prover.clone(),
		Delivery::Due | Delivery::Removed => account("late", 0, 0),
	};
	let deadline = T::MaxProofWindow::get();
	let reward_per_gas = fee::<T>();
	Status::Assigned(Assignment { prover, reward_per_gas, start: Zero::zero(), deadline, delivery })
}

/// Inserts the next block, with the claims of others on a parent, one more elsewhere, and all bars that
/// it has room for.
fn insert<T: Config>(status: Status<T>, parent_hash: H256, others: ClaimsOf<T>) -> BlockId {
	let gas_limit = T::MaxGasLimit::get();
	let escrow = Pallet::<T>::escrow_at(gas_limit, fee::<T>());
	let proposer = funded::<T>("proposer", 0);
	assert_ok!(Pallet::<T>::hold(HoldReason::Escrow, &proposer, escrow));
	let block_id = Chain::<T>::mutate_extant(|chain| {
		chain.next_id += 1;
		chain.next_id - 1
	});
	let bars = (0..T::MaxBarred::get()).map(|n| execution::<T>(1_000 + n, parent_hash));
	let block = Block::<T> {
		proposer: proposer.clone(),
		beneficiary: proposer,
		tx_list_hash: H256::zero(),
		gas_limit,
		fee_per_gas: fee::<T>(),
		proposed_at: Zero::zero(),
		escrow: Escrow { initial: escrow, held: escrow },
		status,
		removed_at: None,
		claims: others.len() as u32 + 1,
		barred: BoundedVec::truncate_from(bars.collect()),
	};
	Blocks::<T>::insert(block_id, block);
	if !others.is_empty() {
		Claims::<T>::insert(block_id, parent_hash, others);
	}
	let elsewhere =
		BoundedVec::truncate_from(vec![claim::<T>(500, ELSEWHERE, T::ProofBond::get())]);
	Claims::<T>::insert(block_id, ELSEWHERE, elsewhere);
	block_id
}

/// A block that waits for its draw.
fn insert_pending<T: Config>() -> BlockId {
	let block_id = insert::<T>(Status::Pending, VERIFIED, BoundedVec::default());
	let proposer = Blocks::<T>::get(block_id).expect("it was inserted").proposer;
	Chain::<T>::mutate_extant(|chain| chain.pending = 1);
	// Not the only one, so that the entry stays.
	PendingOf::<T>::insert(proposer, 2);
	block_id
}

fn chain<T: Config>() -> ChainStateOf<T> {
	Chain::<T>::get().expect("the rollup was begun")
}

fn emergency<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::EmergencyOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A proposal with a list of `l` bytes. The pool's request is in it too, though it is charged
	/// besides.
	#[benchmark]
	fn propose_block(l: Linear<0, { T::MaxTxListSize::get() }>) -> Result<(), BenchmarkError> {
		begin::<T>();
		let origin =
			T::ProposerOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let proposer = T::ProposerOrigin::ensure_origin(origin.clone())
			.map_err(|_| BenchmarkError::Weightless)?;
		fund::<T>(&proposer);
		let tx_list = vec![0x42; l as usize];
		let limit = T::MaxGasLimit::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, tx_list, limit, proposer.clone(), PricePerGas::MAX);

		let block = Blocks::<T>::get(1).expect("the block was proposed");
		assert_eq!(block.status, Status::Pending);
		assert_eq!(PendingOf::<T>::get(proposer), 1);
		Ok(())
	}

	/// A bonded claim of a late block on the last place of its parent. Its verification, charged
	/// besides, is in it too.
	#[benchmark]
	fn prove_block() {
		begin::<T>();
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller);
		let others = claims::<T>(T::MaxForks::get().saturating_sub(2), VERIFIED);
		let block_id = insert::<T>(assigned::<T>(Delivery::Due), VERIFIED, others);
		let execution = execution::<T>(77, VERIFIED);
		let block = Blocks::<T>::get(block_id).expect("it was inserted");
		let instance = instance_hash_of::<T>(block_id, &block, &execution, &caller);
		let proof = T::BenchmarkHelper::proof(instance);
		let Execution { parent_hash, block_hash, gas_used } = execution;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), block_id, parent_hash, block_hash, gas_used, proof);

		let stored = Claims::<T>::get(block_id, VERIFIED);
		assert_eq!(stored.len() as u32, T::MaxForks::get() - 1);
		assert_eq!(stored.last().map(|claim| &claim.prover), Some(&caller));
	}

	/// A look at a head whose claims on the verified hash fill all places and cannot be verified yet.
	/// The look-ups of their tags, charged besides, are in it too.
	#[benchmark]
	fn look_at_head() {
		begin::<T>();
		let now = Clock::<T>::get();
		let mut others = claims::<T>(T::MaxForks::get(), VERIFIED);
		others.iter_mut().for_each(|claim| claim.claimed_at = now.saturating_add(One::one()));
		insert::<T>(assigned::<T>(Delivery::Due), VERIFIED, others);
		let answer;

		#[block]
		{
			answer = Pallet::<T>::do_verify(1);
		}

		assert_eq!(answer.map_err(|e| e.error), Err(Error::<T>::NothingToVerify.into()));
		assert_eq!(chain::<T>().head, 1);
	}

	/// One verification with its settlement: the assigned prover was in time, so that the averages
	/// change; the bonds of `f` claims of others go back; one claim elsewhere is left.
	#[benchmark]
	fn verify_block(f: Linear<1, { T::MaxForks::get() }>) {
		begin::<T>();
		let winner = claim::<T>(600, VERIFIED, Zero::zero());
		let verified_hash = winner.execution.block_hash;
		let status = assigned::<T>(Delivery::Claimed(winner));
		insert::<T>(status, VERIFIED, claims::<T>(f, VERIFIED));
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::settle_within(&mut meter);
		}

		let chain = chain::<T>();
		assert_eq!((chain.verified_id, chain.verified_hash), (1, verified_hash));
		let before = MovingAverages::starting_at(0, 10u32, BlockNumberFor::<T>::zero());
		assert!(Averages::<T>::get().delay < before.delay);
		assert_eq!(Leftovers::<T>::get(1).map(|leftover| leftover.claims), Some(1));
		let last: T::AccountId = account("prover", f - 1, 0);
		assert!(Pallet::<T>::held(HoldReason::ProofBond, &last).is_zero());
	}

	/// The settlement of a cancelled block that waits for its draw and has claims left, which no real
	/// one has: all counters change.
	#[benchmark]
	fn cancel_block() {
		begin::<T>();
		let block_id = insert_pending::<T>();
		let block = Blocks::<T>::get(block_id).expect("it waits");
		let mut chain = chain::<T>();
		chain.cancelled = Some(Cancellation { below: 2, at: Zero::zero(), slashing: true });

		#[block]
		{
			Pallet::<T>::settle_cancelled(chain, block);
		}

		assert!(!Blocks::<T>::contains_key(block_id));
		assert!(Leftovers::<T>::contains_key(block_id));
		let proposer: T::AccountId = account("proposer", 0, 0);
		assert!(Pallet::<T>::held(HoldReason::Escrow, &proposer).is_zero());
	}

	/// Clearing `c` claims on one parent of a settled block, whose bonds go back; one elsewhere is left.
	#[benchmark]
	fn clear_claims(c: Linear<0, { T::MaxForks::get() }>) {
		begin::<T>();
		let leftover = Leftover { claims: c + 1, bonds_forfeited: false };
		Leftovers::<T>::insert(1, leftover);
		Claims::<T>::insert(1, VERIFIED, claims::<T>(c, VERIFIED));
		let answer;

		#[block]
		{
			answer = Pallet::<T>::do_clear(1, &[VERIFIED]);
		}

		assert_eq!(answer.is_ok(), c > 0);
		assert!(!Claims::<T>::contains_key(1, VERIFIED));
		assert_eq!(Leftovers::<T>::get(1).map(|leftover| leftover.claims), Some(1));
	}

	/// Opening a block that was not drawn.
	#[benchmark]
	fn expire_request() {
		begin::<T>();
		let block_id = insert_pending::<T>();
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), block_id);

		assert!(Blocks::<T>::get(block_id).is_some_and(|block| block.is_open()));
		assert_eq!(chain::<T>().pending, 0);
	}

	/// A skip of a block with claims on another parent, behind which one waits.
	#[benchmark]
	fn skip_block() {
		begin::<T>();
		let block_id = insert::<T>(assigned::<T>(Delivery::Due), ELSEWHERE, BoundedVec::default());
		insert::<T>(assigned::<T>(Delivery::Due), ELSEWHERE, BoundedVec::default());
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), block_id);

		assert!(!Blocks::<T>::contains_key(block_id));
		assert!(Leftovers::<T>::contains_key(block_id));
		assert!(chain::<T>().is_cancelled(block_id + 1));
	}

	/// Removing the last of all claims for which a parent has room, while all bars are taken.
	#[benchmark]
	fn dispute_claim() -> Result<(), BenchmarkError> {
		begin::<T>();
		let others = claims::<T>(T::MaxForks::get(), VERIFIED);
		let last = others.last().expect("there are two at least").clone();
		let status = Status::Open { opened_at: Zero::zero(), fixed_reward: None };
		let block_id = insert::<T>(status, VERIFIED, others);
		let origin =
			T::DisputeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let Execution { parent_hash, block_hash, gas_used } = last.execution;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, block_id, parent_hash, block_hash, gas_used);

		let left = Claims::<T>::get(block_id, VERIFIED);
		assert_eq!(left.len() as u32, T::MaxForks::get() - 1);
		let block = Blocks::<T>::get(block_id).expect("it waits");
		assert!(block.barred.contains(&last.execution));
		assert!(Pallet::<T>::held(HoldReason::ProofBond, &last.prover).is_zero());
		Ok(())
	}

	/// The handler of a draw that found a prover: a part of the escrow goes back.
	#[benchmark]
	fn on_draw() {
		begin::<T>();
		let block_id = insert_pending::<T>();
		let prover: T::AccountId = account("prover", 0, 0);
		let outcome = DrawOutcome::Assigned { prover: prover.clone(), reward_per_gas: fee::<T>() };

		#[block]
		{
			<Pallet<T> as DrawHandler<T::AccountId>>::on_draw(block_id, outcome);
		}

		let block = Blocks::<T>::get(block_id).expect("it waits");
		assert_eq!(block.assignment().map(|assignment| &assignment.prover), Some(&prover));
		assert!(block.escrow.held < block.escrow.initial);
	}

	/// Counting the block with which a pause ends.
	#[benchmark]
	fn on_poll() {
		let before = Clock::<T>::get();
		PausedUntil::<T>::put(frame_system::Pallet::<T>::block_number());
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::tick(&mut meter);
		}

		assert_eq!(Clock::<T>::get(), before.saturating_add(One::one()));
		assert!(!PausedUntil::<T>::exists());
	}

	#[benchmark]
	fn pause() -> Result<(), BenchmarkError> {
		let origin = emergency::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(Pallet::<T>::is_paused());
		Ok(())
	}

	#[benchmark]
	fn unpause() -> Result<(), BenchmarkError> {
		let origin = emergency::<T>()?;
		assert_ok!(Pallet::<T>::do_pause());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(!Pallet::<T>::is_paused());
		Ok(())
	}

	/// A reset while a block waits.
	#[benchmark]
	fn reset() -> Result<(), BenchmarkError> {
		begin::<T>();
		insert::<T>(assigned::<T>(Delivery::Due), VERIFIED, BoundedVec::default());
		let origin = emergency::<T>()?;
		assert_ok!(Pallet::<T>::do_pause());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, ELSEWHERE);

		assert_eq!(chain::<T>().verified_hash, ELSEWHERE);
		assert!(chain::<T>().is_cancelled(1));
		Ok(())
	}

	#[benchmark]
	fn start() -> Result<(), BenchmarkError> {
		Chain::<T>::kill();
		let origin = emergency::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, VERIFIED, fee::<T>(), One::one());

		assert_eq!(chain::<T>().verified_hash, VERIFIED);
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
