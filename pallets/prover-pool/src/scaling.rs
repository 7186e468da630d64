//! What the pool's operations cost at any size is measured with: pools of any size, and each operation
//! alone. See the crate `prover-pool-bench` of this repository.
//!
//! Unlike the benchmarks that [weights](crate::weights) are made with, which look for the worst case of
//! one pool's size, these bring about an ordinary case, the same for every size: a full pool in which
//! nobody's stake is like another's, prices lie below, in and above the band, and no exit is free.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::traits::Get;
use prover_pool_primitives::{BlockId, PricePerGas, ProverPool};
use scale_info::TypeInfo;
use sp_runtime::traits::{Saturating, TrailingZeroInput};

use crate::{scan, BalanceOf, Config, Pallet, WeightInfo};

/// What is measured.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Operation {
	/// The hook that draws, with one request that is due, without the protocol's handler (R4).
	Assign,
	/// Of a member (R6).
	Release,
	/// Of a member, which stays in the pool; nobody reported it (R7).
	Slash,
	/// Of a new prover, in place of the smallest (R1).
	Stake,
	/// Of a member (R2).
	Exit,
}

/// How the pool finds whom it looks for.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Variant {
	/// By its index.
	Index,
	/// By a look at every slot.
	Scan,
}

/// The fee of all requests. The band around it is 7 500 to 12 500 in most runtimes.
const FEE: PricePerGas = 10_000;
/// The block that is assigned.
const BLOCK: BlockId = 1 << 40;

/// The account of the member that entered as number `index`, from 1 on; 0 is the newcomer.
fn account<T: Config>(index: u32) -> T::AccountId {
	let entropy = (b"prover-pool/scaling", index).using_encoded(sp_io::hashing::blake2_256);
	T::AccountId::decode(&mut TrailingZeroInput::new(&entropy)).expect("any bytes are an account")
}

/// The member that exits: from the middle of the pool.
fn leaver<T: Config>() -> T::AccountId {
	account::<T>(T::MaxProvers::get().div_ceil(2))
}

/// The smallest stake that anybody may have.
fn min_stake<T: Config>() -> BalanceOf<T> {
	T::MinStakePerCapacity::get().saturating_mul(T::MinCapacity::get().into())
}

/// What the newcomer stakes: more than about half of the members.
fn new_stake<T: Config>() -> BalanceOf<T> {
	min_stake::<T>().saturating_mul(6u32.into())
}

/// Does the operation once, in the state that `prepare` made, and panics if it cannot be done.
pub fn run<T: Config>(variant: Variant, operation: Operation) {
	scan::set(variant == Variant::Scan);
	match operation {
		Operation::Assign => {
			let weight = Pallet::<T>::draw_due(frame_system::Pallet::<T>::block_number());
			assert_ne!(weight, T::WeightInfo::on_initialize(), "something was drawn");
		},
		Operation::Release => <Pallet<T> as ProverPool<_, BalanceOf<T>>>::release_prover(BLOCK)
			.expect("somebody is assigned"),
		Operation::Slash => {
			let proof_reward = min_stake::<T>() / 1_000u32.into();
			<Pallet<T> as ProverPool<_, _>>::slash_prover(BLOCK, proof_reward, None)
				.expect("somebody is assigned");
		},
		Operation::Stake => {
			Pallet::<T>::do_stake(&account::<T>(0), new_stake::<T>(), FEE, T::MinCapacity::get())
				.expect("the smallest is outbid")
		},
		Operation::Exit => Pallet::<T>::do_exit(&leaver::<T>()).expect("a member may leave"),
	}
}

#[cfg(feature = "std")]
pub use state::{fill, prepare};

/// The states to measure in. They are made by the host: a runtime has no use for it.
#[cfg(feature = "std")]
mod state {
	use super::*;
	use crate::{account::Account, members::Members, tokens, Prover, StakerOf};
	use frame_support::traits::fungible::{Balanced, Inspect};
	use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};

	/// In which block requests are made. Everybody has been in the pool for so long that no delay
	/// counts.
	const REQUESTED_IN: u32 = 1_000_000;

	/// Puts `size` members into an empty pool, in the genesis block, in which there are no events.
	///
	/// They are written rather than staked, or filling a large pool by scans would take hours.
	pub fn fill<T: Config>(variant: Variant, size: u32) {
		scan::set(false);
		let mut members = Members::<T>::open();
		let now = Pallet::<T>::now();
		let max_capacity = T::MinCapacity::get();
		for index in 1..=size {
			let (who, staked_amount) = (account::<T>(index), stake::<T>(index));
			fund::<T>(&who, staked_amount);
			tokens::hold_stake::<T>(&who, staked_amount).expect("it was given enough");
			let staker = StakerOf::<T> {
				max_capacity,
				prover_id: Some(index),
				last_changed_at: Some(now),
				..Default::default()
			};
			let prover = Prover {
				who: who.clone(),
				staked_amount,
				reward_per_gas: price(index),
				current_capacity: staker.places_left(),
				// Not 0: that is a genesis, which waits for nothing.
				entered_in: 1u32.into(),
				waiting: false,
			};
			Account::<T>::new(who, staker, Some(prover)).save_with(&mut members);
		}
		members.close();
		if variant == Variant::Scan {
			scan::convert::<T>();
		}
	}

	/// Brings about the state in which the operation can be done once: within a block that has no
	/// events yet. The runtime's randomness must give a seed that became known in the block before.
	pub fn prepare<T: Config>(variant: Variant, operation: Operation) {
		scan::set(variant == Variant::Scan);
		begin_block::<T>(REQUESTED_IN.into());
		if matches!(operation, Operation::Assign | Operation::Release | Operation::Slash) {
			Pallet::<T>::do_assign_prover(BLOCK, FEE, false).expect("the queue is empty");
		}
		begin_block::<T>((REQUESTED_IN + 2).into());
		match operation {
			Operation::Assign | Operation::Exit => {},
			Operation::Release | Operation::Slash => {
				Pallet::<T>::draw_due(System::<T>::block_number());
			},
			Operation::Stake => fund::<T>(&account::<T>(0), new_stake::<T>()),
		}
		System::<T>::reset_events();
		// Draws happen while a block is initialised, everything else after it.
		if operation != Operation::Assign {
			System::<T>::note_finished_initialize();
		}
	}

	fn begin_block<T: Config>(number: BlockNumberFor<T>) {
		System::<T>::set_block_number(number - 1u32.into());
		System::<T>::initialize(&number, &Default::default(), &Default::default());
	}

	/// Gives tokens for a stake, and half as many again, so that the account stays alive besides it.
	fn fund<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
		let amount = amount
			.saturating_add(amount / 2u32.into())
			.saturating_add(T::Currency::minimum_balance());
		assert!(T::Currency::resolve(who, T::Currency::issue(amount)).is_ok(), "can receive");
	}

	/// Between once and eleven times the smallest stake. Up to 100 003 members, which is prime, no two
	/// have the same.
	fn stake<T: Config>(index: u32) -> BalanceOf<T> {
		let rank = u64::from(index) * 61_803 % 100_003;
		let step = min_stake::<T>() / 10_000u32.into();
		min_stake::<T>().saturating_add(step.saturating_mul((rank as u32).into()))
	}

	/// Between a half and one and a half times the fee: a quarter of all below the band, a quarter above
	/// it.
	fn price(index: u32) -> PricePerGas {
		let spread = u64::from(index) * 6_180 % u64::from(FEE + 1);
		FEE / 2 + spread as PricePerGas
	}
}
