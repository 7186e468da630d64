//! What is measured: each operation of the pool, in a state in which all of them can be done.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{GetDispatchInfo, RawOrigin},
	traits::{
		fungible::{Balanced, MutateHold},
		Hooks, UnfilteredDispatchable,
	},
	weights::Weight,
};
use frame_system::Pallet as System;
use pallet_balances::{Call as BalancesCall, Pallet as Balances};
use pallet_prover_pool::{
	Call, HoldReason, Listing, Pallet, Prover, Provers, Staker, Stakers, WeightInfo,
};
use prover_pool_primitives::{BlockId, Candidate, Fault, PricePerGas, Selection};
use scale_info::TypeInfo;
use sp_runtime::{traits::IdentityLookup, AccountId32};

use crate::{account, ACCOUNTS, CAPACITY, ENDOWMENT, MIN_STAKE_PER_CAPACITY};

/// An operation of the pool, or the transfer that all are compared with.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Operation {
	/// The hook that draws for the requests that are due.
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
	frame_system::Config<AccountId = AccountId32, Lookup = IdentityLookup<AccountId32>>
	+ pallet_balances::Config<Balance = u128>
	+ pallet_prover_pool::Config<Currency = Balances<Self>, BlockNumberProvider = System<Self>>
{
	/// Returns the pool's reason for holds.
	fn hold_reason() -> <Self as pallet_balances::Config>::RuntimeHoldReason;
}

impl Chain for crate::chain::with_lottery::Runtime {
	fn hold_reason() -> <Self as pallet_balances::Config>::RuntimeHoldReason {
		HoldReason::Staked.into()
	}
}

impl Chain for crate::chain::with_scan::Runtime {
	fn hold_reason() -> <Self as pallet_balances::Config>::RuntimeHoldReason {
		HoldReason::Staked.into()
	}
}

/// The fee of all requests.
const FEE: PricePerGas = 1_000_000;
/// The block that is assigned.
const ASSIGNED: BlockId = 1 << 40;
/// The first of the blocks whose draws are due.
#[cfg(feature = "std")]
const DUE: BlockId = 2 << 40;
/// The number of the block in which the first request is made. All members entered long before.
#[cfg(feature = "std")]
const BEGINNING: u32 = 1_000_000;

/// Returns the smallest stake that R1 accepts.
fn min_stake() -> u128 {
	MIN_STAKE_PER_CAPACITY * u128::from(CAPACITY)
}

/// Returns the stake of the newcomer: more than that of about half of the members.
fn new_stake() -> u128 {
	6 * min_stake()
}

/// Does the operation once, in a state that [`prepare`] made. Panics if it is refused.
pub fn run<T: Chain>(operation: Operation) {
	let origin = |who: AccountId32| RawOrigin::Signed(who).into();
	let root = || RawOrigin::Root.into();
	let done = match operation {
		Operation::Draw => {
			let weight = Pallet::<T>::on_initialize(System::<T>::block_number());
			assert!(weight.all_gt(weight_of_draw::<T>()), "a prover is drawn");
			return;
		},
		Operation::Release => release::<T>().dispatch_bypass_filter(root()),
		Operation::Slash => Call::<T>::slash_prover {
			block_id: ASSIGNED,
			proof_reward: min_stake() / 1_000,
			fault: Fault::Late,
			reporter: None,
		}
		.dispatch_bypass_filter(root()),
		Operation::Stake => stake::<T>().dispatch_bypass_filter(origin(account(0))),
		Operation::Exit => Call::<T>::exit {}.dispatch_bypass_filter(origin(account(1))),
		Operation::Unstake => Call::<T>::unstake { amount: min_stake() / 1_000_000 }
			.dispatch_bypass_filter(origin(account(1))),
		Operation::SetTerms => {
			Call::<T>::set_terms { reward_per_gas: FEE + 1, max_capacity: CAPACITY }
				.dispatch_bypass_filter(origin(account(1)))
		},
		Operation::Transfer => BalancesCall::<T>::transfer_keep_alive {
			dest: ACCOUNTS[1].clone(),
			value: ENDOWMENT / 1_000,
		}
		.dispatch_bypass_filter(origin(ACCOUNTS[0].clone())),
	};
	assert!(done.is_ok(), "the operation is refused: {done:?}");
}

fn weight_of_draw<T: Chain>() -> Weight {
	<T as pallet_prover_pool::Config>::WeightInfo::draw()
		.saturating_add(T::Selection::draw_surcharge())
		.saturating_add(T::Selection::update_surcharge())
}

fn stake<T: Chain>() -> Call<T> {
	Call::stake { amount: new_stake(), reward_per_gas: FEE, max_capacity: CAPACITY }
}

fn release<T: Chain>() -> Call<T> {
	Call::release_prover { block_id: ASSIGNED }
}

/// Returns the weight that an operation is charged, if it is one that a protocol does often.
pub fn weight_of<T: Chain>(operation: Operation) -> Option<Weight> {
	match operation {
		Operation::Draw => Some(weight_of_draw::<T>()),
		Operation::Release => Some(release::<T>().get_dispatch_info().call_weight),
		Operation::Stake => Some(stake::<T>().get_dispatch_info().call_weight),
		_ => None,
	}
}

/// Adds the members `first..=last`, in the genesis block.
///
/// They are written rather than staked, or filling a large pool by scans would take hours.
pub fn fill<T: Chain>(first: u32, last: u32) {
	let mut selection = T::Selection::open();
	for prover_id in first..=last {
		let (who, stake) = (account(prover_id), stake_of(prover_id));
		fund::<T>(&who, stake);
		let held = Balances::<T>::hold(&T::hold_reason(), &who, stake);
		assert!(held.is_ok(), "the account is funded");
		let candidate = Candidate {
			stake,
			reward_per_gas: price_of(prover_id),
			free_capacity: CAPACITY,
			paused: false,
		};
		selection.occupy(prover_id);
		selection.update(prover_id, None, Some(candidate));
		let prover = Prover {
			account: who.clone(),
			stake,
			reward_per_gas: candidate.reward_per_gas,
			paused: false,
			entered_at: 1u32.into(),
			entered_in: 1u32.into(),
			changed_in: 1u32.into(),
			listing: Listing::Current,
		};
		Provers::<T>::insert(prover_id, prover);
		let staker = Staker::<T> {
			prover_id: Some(prover_id),
			max_capacity: CAPACITY,
			..Default::default()
		};
		Stakers::<T>::insert(&who, staker);
	}
	selection.save();
}

/// Brings the chain to where each operation can be done once, in a block that has no events yet: one
/// block is assigned, and `draws` more requests are due.
#[cfg(feature = "std")]
pub fn prepare<T: Chain>(draws: u32) {
	begin_block::<T>(BEGINNING);
	request::<T>(ASSIGNED);
	begin_block::<T>(BEGINNING + 2);
	Pallet::<T>::on_initialize(System::<T>::block_number());
	assert!(pallet_prover_pool::Assignments::<T>::contains_key(ASSIGNED), "a prover is drawn");
	for block_id in (DUE..).take(draws as usize) {
		request::<T>(block_id);
	}
	begin_block::<T>(BEGINNING + 4);
	fund::<T>(&account(0), new_stake());
	System::<T>::reset_events();
	System::<T>::note_finished_initialize();
}

#[cfg(feature = "std")]
fn begin_block<T: Chain>(number: u32) {
	System::<T>::set_block_number((number - 1).into());
	System::<T>::initialize(&number.into(), &Default::default(), &Default::default());
}

#[cfg(feature = "std")]
fn request<T: Chain>(block_id: BlockId) {
	let request = Call::<T>::assign_prover { block_id, fee_per_gas: FEE };
	let requested = request.dispatch_bypass_filter(RawOrigin::Root.into());
	assert!(requested.is_ok(), "the queue has space");
}

/// Gives an account tokens for a stake, and half as many again, so that it stays alive besides it.
fn fund<T: Chain>(who: &AccountId32, stake: u128) {
	let credit = Balances::<T>::issue(stake + stake / 2 + ENDOWMENT);
	assert!(Balances::<T>::resolve(who, credit).is_ok(), "the account can receive");
}

/// Returns between once and eleven times the smallest stake. Up to 100,003 members, which is prime, no
/// two have the same.
fn stake_of(index: u32) -> u128 {
	let rank = u64::from(index) * 61_803 % 100_003;
	min_stake() + min_stake() / 10_000 * u128::from(rank)
}

/// Returns between a half and one and a half times the fee: a quarter of all below the band, a quarter
/// above it.
fn price_of(index: u32) -> PricePerGas {
	let spread = u64::from(index) * 6_180 % u64::from(FEE + 1);
	FEE / 2 + spread as PricePerGas
}
