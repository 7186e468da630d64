//! What is measured: each operation of the pool, in a state in which it can be done once.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::RawOrigin,
	traits::{Hooks, UnfilteredDispatchable},
};
use frame_system::Pallet as System;
use pallet_balances::Call as BalancesCall;
use pallet_prover_pool::{BalanceOf, Call, MomentOf, Pallet};
use prover_pool_primitives::{BlockId, Fault, PricePerGas};
use scale_info::TypeInfo;
use sp_runtime::{traits::StaticLookup, AccountId32};

use crate::{account, ACCOUNTS, CAPACITY, ENDOWMENT, ENTRY_DELAY, MIN_STAKE_PER_CAPACITY};

/// An operation of the pool, or the transfer that all are compared with.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Operation {
	/// The hook that draws, with one request that is due.
	Draw,
	/// A release.
	Release,
	/// A slash of a member that stays in the pool.
	Slash,
	/// The stake of a new member in place of the smallest, in a full pool.
	Stake,
	/// The exit of a member.
	Exit,
	/// A part of a stake becomes an exit.
	Unstake,
	/// A member changes its price.
	SetTerms,
	/// `balances.transfer_keep_alive` between two accounts that exist.
	Transfer,
}

/// The runtimes that are measured.
pub trait Chain:
	frame_system::Config<AccountId = AccountId32, Lookup = sp_runtime::traits::IdentityLookup<AccountId32>>
	+ pallet_balances::Config<Balance = u128>
	+ pallet_prover_pool::Config<
		Currency = pallet_balances::Pallet<Self>,
		BlockNumberProvider = System<Self>,
	>
{
}

impl Chain for crate::chain::with_lottery::Runtime {}
impl Chain for crate::chain::with_scan::Runtime {}

/// The fee of all requests.
const FEE: PricePerGas = 1_000_000;
/// The block that is assigned.
const BLOCK: BlockId = 1 << 40;
/// The block in which a request is made. All members entered long before.
const REQUESTED_IN: u32 = 1_000_000;

/// Returns the smallest stake that R1 accepts.
fn min_stake() -> u128 {
	MIN_STAKE_PER_CAPACITY * u128::from(CAPACITY)
}

/// Returns the stake of the newcomer: more than that of about half of the members.
fn new_stake() -> u128 {
	6 * min_stake()
}

/// Does the operation once, in the state that `prepare` made. Panics if it cannot be done.
pub fn run<T: Chain>(operation: Operation)
where
	BalanceOf<T>: From<u128>,
{
	let signed = |who: AccountId32| RawOrigin::Signed(who).into();
	let root = || RawOrigin::Root.into();
	let done = match operation {
		Operation::Draw => {
			Pallet::<T>::on_initialize(System::<T>::block_number());
			assert!(pallet_prover_pool::Assignments::<T>::contains_key(BLOCK), "a prover is drawn");
			return;
		},
		Operation::Release => {
			Call::<T>::release_prover { block_id: BLOCK }.dispatch_bypass_filter(root())
		},
		Operation::Slash => Call::<T>::slash_prover {
			block_id: BLOCK,
			proof_reward: (min_stake() / 1_000).into(),
			fault: Fault::Late,
			reporter: None,
		}
		.dispatch_bypass_filter(root()),
		Operation::Stake => Call::<T>::stake {
			amount: new_stake().into(),
			reward_per_gas: FEE,
			max_capacity: CAPACITY,
		}
		.dispatch_bypass_filter(signed(account(0))),
		Operation::Exit => Call::<T>::exit {}.dispatch_bypass_filter(signed(account(1))),
		Operation::Unstake => Call::<T>::unstake { amount: (min_stake() / 1_000_000).into() }
			.dispatch_bypass_filter(signed(account(1))),
		Operation::SetTerms => {
			Call::<T>::set_terms { reward_per_gas: FEE + 1, max_capacity: CAPACITY }
				.dispatch_bypass_filter(signed(account(1)))
		},
		Operation::Transfer => BalancesCall::<T>::transfer_keep_alive {
			dest: <T::Lookup as StaticLookup>::unlookup(ACCOUNTS[1].clone()),
			value: ENDOWMENT / 1_000,
		}
		.dispatch_bypass_filter(signed(ACCOUNTS[0].clone())),
	};
	assert!(done.is_ok(), "the operation is refused: {done:?}");
}

#[cfg(feature = "std")]
pub use state::{fill, prepare};

/// The states to measure in. The host makes them.
#[cfg(feature = "std")]
mod state {
	use super::*;
	use frame_support::traits::fungible::{Balanced, MutateHold};
	use pallet_prover_pool::{HoldReason, Listing, Prover, Provers, Staker, Stakers};
	use prover_pool_primitives::{Candidate, Selection};

	/// Puts `size` members into an empty pool, in the genesis block, in which there are no events.
	///
	/// They are written rather than staked, or filling a large pool by scans would take hours.
	pub fn fill<T: Chain>(size: u32)
	where
		BalanceOf<T>: From<u128>,
		MomentOf<T>: From<u32>,
	{
		let mut selection = T::Selection::open();
		for prover_id in 1..=size {
			let (who, stake) = (account(prover_id), stake_of(prover_id));
			fund::<T>(&who, stake);
			let reason: <T as pallet_prover_pool::Config>::RuntimeHoldReason =
				HoldReason::Staked.into();
			T::Currency::hold(&reason, &who, stake.into()).expect("the account is funded");
			let reward_per_gas = price_of(prover_id);
			let staker = Staker::<T> {
				prover_id: Some(prover_id),
				max_capacity: CAPACITY,
				..Default::default()
			};
			let prover = Prover {
				account: who.clone(),
				stake: stake.into(),
				reward_per_gas,
				paused: false,
				entered_at: 1u32.into(),
				entered_in: 1u32.into(),
				changed_in: 1u32.into(),
				listing: Listing::Current,
			};
			let candidate = Candidate {
				stake: stake.into(),
				reward_per_gas,
				free_capacity: CAPACITY,
				paused: false,
			};
			selection.occupy(prover_id);
			selection.update(prover_id, None, Some(candidate));
			Provers::<T>::insert(prover_id, prover);
			Stakers::<T>::insert(&who, staker);
		}
		selection.save();
	}

	/// Brings the chain to where the operation can be done once, in a block that has no events yet.
	pub fn prepare<T: Chain>(operation: Operation)
	where
		BalanceOf<T>: From<u128>,
	{
		begin_block::<T>(REQUESTED_IN);
		let draws = [Operation::Draw, Operation::Release, Operation::Slash];
		if draws.contains(&operation) {
			Call::<T>::assign_prover { block_id: BLOCK, fee_per_gas: FEE }
				.dispatch_bypass_filter(RawOrigin::Root.into())
				.expect("the queue is empty");
		}
		begin_block::<T>(REQUESTED_IN + 2 + ENTRY_DELAY as u32);
		match operation {
			Operation::Release | Operation::Slash => {
				Pallet::<T>::on_initialize(System::<T>::block_number());
			},
			Operation::Stake => fund::<T>(&account(0), new_stake()),
			_ => {},
		}
		System::<T>::reset_events();
		// Draws happen while a block is initialised, everything else after it.
		if operation != Operation::Draw {
			System::<T>::note_finished_initialize();
		}
	}

	fn begin_block<T: Chain>(number: u32) {
		System::<T>::set_block_number((number - 1).into());
		System::<T>::initialize(&number.into(), &Default::default(), &Default::default());
	}

	/// Gives an account tokens for a stake, and half as many again, so that it stays alive besides it.
	fn fund<T: Chain>(who: &AccountId32, stake: u128) {
		let credit = pallet_balances::Pallet::<T>::issue(stake + stake / 2 + ENDOWMENT);
		assert!(pallet_balances::Pallet::<T>::resolve(who, credit).is_ok(), "can receive");
	}

	/// Between once and eleven times the smallest stake. Up to 100,003 members, which is prime, no two
	/// have the same.
	fn stake_of(index: u32) -> u128 {
		let rank = u64::from(index) * 61_803 % 100_003;
		min_stake() + min_stake() / 10_000 * u128::from(rank)
	}

	/// Between a half and one and a half times the fee: a quarter of all below the band, a quarter above
	/// it.
	fn price_of(index: u32) -> PricePerGas {
		let spread = u64::from(index) * 6_180 % u64::from(FEE + 1);
		FEE / 2 + spread as PricePerGas
	}
}
