//! What [`weights`](crate::weights) are measured with: the worst case of every part from which calls
//! and hooks are charged.
//!
//! Blocks are put into storage as they would be after long lives, with every proof and bar that they
//! have room for and all tokens that they account for. The pool knows none of them: what it does is
//! declared by the pool itself and charged besides, and its refusal is all that is measured here.

use alloc::{collections::BTreeSet, vec, vec::Vec};
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
use frame_system::RawOrigin;
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, PricePerGas};
use sp_core::H256;
use sp_runtime::traits::{One, Saturating, Zero};

use crate::{windows::Invalidated, *};

/// What the benchmarks cannot bring about themselves.
pub trait BenchmarkHelper {
	/// A proof of this instance that [`Config::ProofVerifier`] accepts from now on.
	fn proof(instance: H256) -> Vec<u8>;
}

/// The last verified hash.
const VERIFIED: H256 = H256::repeat_byte(0xaa);

/// The fee of all blocks.
fn fee<T: Config>() -> PricePerGas {
	T::MinFeePerGas::get().max(100)
}

/// The hash that the proof in this place gives a block.
fn hash(block_id: BlockId, place: u32) -> H256 {
	sp_io::hashing::blake2_256(&(block_id, place).encode()).into()
}

/// An account with enough for a block's escrow and a proof's bond.
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
fn start<T: Config>() {
	let _ = Blocks::<T>::clear(u32::MAX, None);
	let mut chain = ChainState::starting_from(VERIFIED);
	chain.open = 1;
	Chain::<T>::put(chain);
	Averages::<T>::put(MovingAverages::starting_at(fee::<T>(), 10u32));
	let now = T::MaxProofWindow::get()
		.saturating_add(T::ExpiryPeriod::get())
		.saturating_add(T::Cooldown::get())
		.saturating_add(T::MinProofWindow::get());
	Clock::<T>::put(now.saturating_mul(2u32.into()));
}

/// An assignment to `prover` that began with the rollup, with a window until `deadline`.
fn assigned<T: Config>(
	prover: &T::AccountId,
	deadline: TimeOf<T>,
) -> Status<T::AccountId, TimeOf<T>> {
	Status::Assigned(Assignment {
		prover: prover.clone(),
		reward_per_gas: fee::<T>(),
		start: Zero::zero(),
		deadline,
		released: false,
		failed: false,
	})
}

/// A proof by its own prover, with a bond, as old as the rollup.
fn proof<T: Config>(block_id: BlockId, place: u32, parent_hash: H256) -> ProofOf<T> {
	let prover = funded::<T>("prover", place);
	let bond = T::ProofBond::get();
	assert_ok!(Pallet::<T>::hold(HoldReason::ProofBond, &prover, bond));
	Proof {
		prover,
		block_hash: hash(block_id, place),
		parent_hash,
		gas_used: T::MaxGasLimit::get() / 2,
		reward_per_gas: fee::<T>(),
		bond,
		proven_at: One::one(),
	}
}

/// The next block, with these proofs and all bars that it has room for.
fn insert<T: Config>(status: Status<T::AccountId, TimeOf<T>>, proofs: Vec<ProofOf<T>>) -> BlockId {
	let gas_limit = T::MaxGasLimit::get();
	let escrow = Pallet::<T>::escrow_at(gas_limit, fee::<T>());
	let proposer = funded::<T>("proposer", 0);
	assert_ok!(Pallet::<T>::hold(HoldReason::Escrow, &proposer, escrow));
	let block_id = Chain::<T>::mutate(|chain| {
		chain.next_id += 1;
		chain.next_id - 1
	});
	let bars = (0..T::MaxBarredProofs::get())
		.map(|index| (hash(0, index), account("barred", index, 0)))
		.collect::<Vec<_>>();
	let block = Block::<T> {
		proposer: proposer.clone(),
		beneficiary: proposer,
		tx_list_hash: H256::zero(),
		gas_limit,
		fee_per_gas: fee::<T>(),
		proposed_at: Zero::zero(),
		escrow: Escrow { initial: escrow, held: escrow },
		status,
		disputed_at: None,
		proofs: BoundedVec::truncate_from(proofs),
		barred: BoundedVec::truncate_from(bars),
	};
	Blocks::<T>::insert(block_id, block);
	block_id
}

/// A block that waits for its draw.
fn insert_pending<T: Config>() -> BlockId {
	let block_id = insert::<T>(Status::Pending, Vec::new());
	let proposer = Blocks::<T>::get(block_id).expect("it was inserted").proposer;
	Chain::<T>::mutate(|chain| chain.pending = 1);
	// Not the only one, so that the entry stays.
	PendingOf::<T>::insert(proposer, 2);
	block_id
}

/// `f` proofs of the next block, all on parents that are not the last verified hash.
fn forks<T: Config>(f: u32) -> Vec<ProofOf<T>> {
	let block_id = Chain::<T>::get().next_id;
	(0..f).map(|place| proof::<T>(block_id, place, hash(0, place))).collect()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A proposal with a list of `l` bytes. The pool's request is in it too, though it is charged
	/// besides.
	#[benchmark]
	fn propose_block(l: Linear<0, { T::MaxTxListSize::get() }>) -> Result<(), BenchmarkError> {
		start::<T>();
		let origin =
			T::ProposerOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let proposer = T::ProposerOrigin::ensure_origin(origin.clone())
			.map_err(|_| BenchmarkError::Weightless)?;
		fund::<T>(&proposer);
		let tx_list = vec![0x42; l as usize];

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, tx_list, T::MaxGasLimit::get(), proposer.clone());

		let block = Blocks::<T>::get(1).expect("the block was proposed");
		assert_eq!(block.status, Status::Pending);
		assert_eq!(PendingOf::<T>::get(proposer), 1);
		Ok(())
	}

	/// A bonded proof of the head after the assigned prover's deadline, while all places are taken: the
	/// latest fork gives way, and its bond is forfeited. Its verification, charged besides, is in it
	/// too.
	#[benchmark]
	fn prove_block() {
		start::<T>();
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller);
		let late = account("late", 0, 0);
		let proofs = forks::<T>(T::MaxForks::get());
		let block_id = insert::<T>(assigned::<T>(&late, Zero::zero()), proofs);
		let evidence = Evidence {
			tx_list_hash: H256::zero(),
			block_hash: hash(block_id, u32::MAX),
			parent_hash: VERIFIED,
			gas_used: T::MaxGasLimit::get(),
		};
		let block = Blocks::<T>::get(block_id).expect("it was inserted");
		let instance = instance_hash_of::<T>(block_id, &block, &evidence, &caller);
		let bytes = T::BenchmarkHelper::proof(instance);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), block_id, 0, evidence, bytes);

		let proofs = Blocks::<T>::get(block_id).expect("it waits").proofs;
		assert_eq!(proofs.len() as u32, T::MaxForks::get());
		assert_eq!(proofs.last().map(|proof| &proof.prover), Some(&caller));
		let displaced: T::AccountId = account("prover", T::MaxForks::get() - 1, 0);
		assert!(Pallet::<T>::held(HoldReason::ProofBond, &displaced).is_zero());
	}

	/// Looking at a head full of proofs that cannot be verified.
	#[benchmark]
	fn verify_blocks() {
		start::<T>();
		let late = account("late", 0, 0);
		let proofs = forks::<T>(T::MaxForks::get());
		insert::<T>(assigned::<T>(&late, Zero::zero()), proofs);
		let answer;

		#[block]
		{
			answer = Pallet::<T>::do_verify(1);
		}

		assert_eq!(answer.map_err(|e| e.error), Err(Error::<T>::NothingToVerify.into()));
		assert_eq!(Chain::<T>::get().head, 1);
	}

	/// One verification with its settlement, of a block with `f` proofs. All but one lose their
	/// bonds. The prover was in time, so that the averages change, and yet has a bond to get back: no
	/// real one has both. Nothing is restarted.
	#[benchmark]
	fn verify_block(f: Linear<1, { T::MaxForks::get() }>) {
		start::<T>();
		let mut proofs = forks::<T>(f);
		// The last to be found.
		let winner = proofs.last_mut().expect("there is at least one");
		winner.parent_hash = VERIFIED;
		let (prover, verified_hash) = (winner.prover.clone(), winner.block_hash);
		insert::<T>(assigned::<T>(&prover, T::MaxProofWindow::get()), proofs);
		// There is a next block, which has to be read.
		insert::<T>(Status::Open { opened_at: Zero::zero(), frozen_reward: None }, forks::<T>(f));
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::verify_up_to(1, &mut meter);
		}

		let chain = Chain::<T>::get();
		assert_eq!((chain.verified_id, chain.verified_hash), (1, verified_hash));
		assert!(Averages::<T>::get().delay < MovingAverages::starting_at(0, 10u32).delay);
		assert_eq!(
			meter.consumed(),
			Pallet::<T>::weight_of_verification(),
			"nothing was restarted"
		);
	}

	/// Looking through `n` full blocks that build on each other, and restarting all of them.
	#[benchmark]
	fn restart_windows(n: Linear<1, { T::MaxUnverifiedBlocks::get() }>) {
		start::<T>();
		let mut parents = forks::<T>(T::MaxForks::get());
		let dead: BTreeSet<H256> = parents.iter().map(|proof| proof.block_hash).collect();
		for _ in 0..n {
			let block_id = Chain::<T>::get().next_id;
			for (place, proof) in parents.iter_mut().enumerate() {
				proof.parent_hash = proof.block_hash;
				proof.block_hash = hash(block_id, place as u32);
			}
			let in_time = parents.last().expect("there are two at least").prover.clone();
			insert::<T>(assigned::<T>(&in_time, T::MaxProofWindow::get()), parents.clone());
		}
		let at = Clock::<T>::get();
		let looked_at;

		#[block]
		{
			looked_at = Pallet::<T>::restart_windows(Invalidated { from: 1, hashes: dead, at });
		}

		assert_eq!(looked_at, n);
		for block_id in 1..=u64::from(n) {
			let block = Blocks::<T>::get(block_id).expect("it waits");
			assert_eq!(block.proofs.len() as u32, T::MaxForks::get() - 1);
			assert_eq!(block.assignment().map(|assignment| assignment.start), Some(at));
		}
	}

	/// Opening a block that was not drawn.
	#[benchmark]
	fn expire_request() {
		start::<T>();
		let block_id = insert_pending::<T>();
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), block_id);

		assert!(Blocks::<T>::get(block_id).is_some_and(|block| block.is_open()));
		assert_eq!(Chain::<T>::get().pending, 0);
	}

	/// One skip with its settlement, of a block with `f` proofs that all get their bonds back.
	#[benchmark]
	fn skip_block(f: Linear<1, { T::MaxForks::get() }>) {
		start::<T>();
		let late = account("late", 0, 0);
		let block_id = insert::<T>(assigned::<T>(&late, Zero::zero()), forks::<T>(f));
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), block_id);

		assert!(!Blocks::<T>::contains_key(block_id));
		let last: T::AccountId = account("prover", f - 1, 0);
		assert!(Pallet::<T>::held(HoldReason::ProofBond, &last).is_zero());
		let proposer: T::AccountId = account("proposer", 0, 0);
		assert!(Pallet::<T>::held(HoldReason::Escrow, &proposer).is_zero());
	}

	/// Removing the last of all proofs that a block has room for, while all bars are taken.
	#[benchmark]
	fn dispute_proof() -> Result<(), BenchmarkError> {
		start::<T>();
		let late = account("late", 0, 0);
		let proofs = forks::<T>(T::MaxForks::get());
		let last = proofs.last().expect("there are two at least").clone();
		let block_id = insert::<T>(assigned::<T>(&late, Zero::zero()), proofs);
		let origin =
			T::DisputeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, block_id, last.parent_hash, last.prover.clone());

		let block = Blocks::<T>::get(block_id).expect("it waits");
		assert_eq!(block.proofs.len() as u32, T::MaxForks::get() - 1);
		assert!(block.is_barred(last.parent_hash, &last.prover));
		assert!(Pallet::<T>::held(HoldReason::ProofBond, &last.prover).is_zero());
		Ok(())
	}

	/// The handler of a draw that found somebody: a part of the escrow goes back.
	#[benchmark]
	fn on_draw() {
		start::<T>();
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

	/// Counting a block.
	#[benchmark]
	fn on_poll() {
		let before = Clock::<T>::get();
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::tick(&mut meter);
		}

		assert_eq!(Clock::<T>::get(), before.saturating_add(One::one()));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
