//! The change of the layout with a hundred thousand members.

use std::time::Instant;

use codec::Encode;
use frame_support::{
	storage::unhashed,
	traits::{tokens::IdAmount, Get, GetStorageVersion, StorageVersion},
};
use frame_system::limits::BlockWeights;
use pallet_balances::{AccountData, Holds};

use super::index::{migrate, one};
use crate::{migrations::old, mock::*, Books, HoldReason, Pages, Staker, Stakers};

const MEMBERS: u32 = 100_000;

/// A member as storage version 1 has it, with its tokens.
fn put_old(slot: u32) {
	let who = AccountId::from(slot);
	let stake = 200 + Balance::from(slot % 1_000);
	let staker: StakerOf = Staker {
		max_capacity: 4,
		prover_id: Some(slot),
		last_changed_at: Some(START),
		..Default::default()
	};
	unhashed::put_raw(&Stakers::<Test>::hashed_key_for(who), &staker.encode());
	old::Provers::<Test>::insert(
		slot,
		old::SlotOf::<Test> {
			who,
			staked_amount: stake,
			// All over the range, in no order, none of them twice.
			reward_per_gas: slot.wrapping_mul(2_654_435_761),
			current_capacity: 4,
			entered_in: 0,
		},
	);
	let held = IdAmount { id: HoldReason::Stake.into(), amount: stake };
	Holds::<Test>::insert(who, frame_support::BoundedVec::truncate_from(vec![held]));
	frame_system::Account::<Test>::insert(
		who,
		frame_system::AccountInfo {
			providers: 1,
			consumers: 1,
			data: AccountData { free: 10, reserved: stake, ..Default::default() },
			..Default::default()
		},
	);
}

#[test]
fn a_hundred_thousand_members_move_within_half_of_each_block() {
	ExtBuilder::default().max_provers(MEMBERS).build().execute_with(|| {
		NodeWidth::set(64);
		let started = Instant::now();
		(1..=MEMBERS).for_each(put_old);
		StorageVersion::new(1).put::<ProverPool>();
		let built = started.elapsed();

		let limits: BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
		let half = limits.max_block / 2;
		let steps = migrate(half);
		let moved = started.elapsed() - built;
		let in_a_step = (half.ref_time() / one().ref_time()) as u32;
		assert_eq!(steps, MEMBERS / in_a_step + 1);

		assert_eq!(ProverPool::on_chain_storage_version(), 2);
		assert_eq!(old::Provers::<Test>::iter_keys().next(), None);
		let root = Books::<Test>::get().root;
		assert_eq!(root.len, MEMBERS);
		assert_eq!(ProverPool::get_capacity(), 4 * u64::from(MEMBERS));
		// A hundred thousand are 97 pages, and a part of the next.
		assert_eq!(Pages::<Test>::iter().count(), 97);
		assert!((0..97).all(|page| Books::<Test>::get().full.has(page)));
		ProverPool::do_try_state().unwrap();
		println!(
			"{MEMBERS} members, {steps} steps of up to {in_a_step}, index of height {}; built in {built:?}, \
			 moved in {moved:?}, checked in {:?}",
			root.height,
			started.elapsed() - built - moved,
		);
	})
}
