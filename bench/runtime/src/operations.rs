//! The measured operations of the pool, and a state in which each of them is possible.

use alloc::vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
#[cfg(feature = "std")]
use frame_support::traits::fungible::Balanced;
use frame_support::{
	dispatch::{GetDispatchInfo, RawOrigin},
	traits::{tokens::IdAmount, Hooks, UnfilteredDispatchable},
	weights::Weight,
	BoundedVec,
};
use frame_system::{AccountInfo, Pallet as System};
use pallet_balances::{
	AccountData, Call as BalancesCall, Holds, Pallet as Balances, TotalIssuance,
};
use pallet_prover_pool::{
	Call, HoldReason, Listing, Pallet as Pool, Prover, Provers, Staker, Stakers,
};
use prover_pool_primitives::{BlockId, Candidate, Fault, PricePerGas, ProverPool, Selection};
use scale_info::TypeInfo;
use sp_runtime::{traits::IdentityLookup, AccountId32};

use crate::{account, ACCOUNTS, CAPACITY, ENDOWMENT, MIN_STAKE_PER_CAPACITY};

/// An operation of the pool, or the transfer with which all are compared.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Operation {
	/// The hook that draws for the requests that are due.
	Draw,
	/// The hook trait's method that releases a prover.
	Release,
	/// The hook trait's method that slashes, for a member that stays in the pool.
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
	frame_system::Config<
		AccountId = AccountId32,
		AccountData = AccountData<u128>,
		Lookup = IdentityLookup<AccountId32>,
	> + pallet_balances::Config<Balance = u128>
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
	let done = match operation {
		Operation::Draw => {
			let weight = Pool::<T>::on_initialize(System::<T>::block_number());
			weight.all_gt(Pool::<T>::draw_weight())
		},
		Operation::Release => <Pool<T> as ProverPool<_, _>>::release_prover(ASSIGNED).is_ok(),
		Operation::Slash => {
			let proof_reward = min_stake() / 1_000;
			<Pool<T> as ProverPool<_, _>>::slash_prover(ASSIGNED, proof_reward, Fault::Late, None)
				.is_ok()
		},
		Operation::Stake => stake::<T>().dispatch_bypass_filter(origin(account(0))).is_ok(),
		Operation::Exit => Call::<T>::exit {}.dispatch_bypass_filter(origin(account(1))).is_ok(),
		Operation::Unstake => Call::<T>::unstake { amount: min_stake() / 1_000_000 }
			.dispatch_bypass_filter(origin(account(1)))
			.is_ok(),
		Operation::SetTerms => {
			Call::<T>::set_terms { reward_per_gas: FEE + 1, max_capacity: CAPACITY }
				.dispatch_bypass_filter(origin(account(1)))
				.is_ok()
		},
		Operation::Transfer => BalancesCall::<T>::transfer_keep_alive {
			dest: ACCOUNTS[1].clone(),
			value: ENDOWMENT / 1_000,
		}
		.dispatch_bypass_filter(origin(ACCOUNTS[0].clone()))
		.is_ok(),
	};
	assert!(done, "{operation:?} is refused");
}

fn stake<T: Chain>() -> Call<T> {
	Call::stake { amount: new_stake(), reward_per_gas: FEE, max_capacity: CAPACITY }
}

/// Returns the charged weight of an operation, if a protocol uses it often.
pub fn weight_of<T: Chain>(operation: Operation) -> Option<Weight> {
	match operation {
		Operation::Draw => Some(Pool::<T>::draw_weight()),
		Operation::Release => Some(Pool::<T>::release_prover_weight()),
		Operation::Stake => Some(stake::<T>().get_dispatch_info().call_weight),
		_ => None,
	}
}

/// Adds the members `first..=last`, in the genesis block.
///
/// Their records are written directly, since filling a large pool by stakes takes minutes, and hours
/// with scans.
pub fn fill<T: Chain>(first: u32, last: u32) {
	let mut selection = T::Selection::open();
	let mut issued = 0;
	for prover_id in first..=last {
		let (who, stake) = (account(prover_id), stake_of(prover_id));
		let free = free_besides(stake);
		issued += free + stake;
		let data = AccountData { free, reserved: stake, ..Default::default() };
		let info = AccountInfo { providers: 1, consumers: 1, data, ..Default::default() };
		frame_system::Account::<T>::insert(&who, info);
		let hold = IdAmount { id: T::hold_reason(), amount: stake };
		Holds::<T>::insert(&who, BoundedVec::truncate_from(vec![hold]));
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
	TotalIssuance::<T>::mutate(|issuance| *issuance += issued);
	selection.save();
}

/// Prepares the chain so that each operation is possible once, in a block that has no events yet: one
/// block is assigned, and `draws` more requests are due.
#[cfg(feature = "std")]
pub fn prepare<T: Chain>(draws: u32) {
	begin_block::<T>(BEGINNING);
	request::<T>(ASSIGNED);
	begin_block::<T>(BEGINNING + 2);
	Pool::<T>::on_initialize(System::<T>::block_number());
	assert!(pallet_prover_pool::Assignments::<T>::contains_key(ASSIGNED), "a prover is drawn");
	for block_id in (DUE..).take(draws as usize) {
		request::<T>(block_id);
	}
	begin_block::<T>(BEGINNING + 4);
	let credit = Balances::<T>::issue(new_stake() + free_besides(new_stake()));
	assert!(Balances::<T>::resolve(&account(0), credit).is_ok(), "the account can receive");
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
	assert!(
		<Pool<T> as ProverPool<_, _>>::assign_prover(block_id, FEE).is_ok(),
		"the queue has space"
	);
}

/// Returns the free balance beside a stake.
fn free_besides(stake: u128) -> u128 {
	stake / 2 + ENDOWMENT
}

/// Returns between once and eleven times the smallest stake. No two of up to 100,003 members, a prime,
/// have the same.
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
