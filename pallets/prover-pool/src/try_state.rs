//! The invariants, checked against the whole state (I1–I7 of `docs/protocol.md`).
//!
//! Always compiled, so that tests, `try-runtime` and runtimes that want to expose it share it; nothing
//! on chain calls it.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{
	account::Account, members::Members, Assignments, AssignmentsOf, BalanceOf, Config, DrawQueue,
	HoldReason, Pallet, Slots, Stakers,
};

type Check = Result<(), DispatchError>;

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	///
	/// # Errors
	/// A sentence that begins with the number of the invariant that does not hold.
	pub fn do_try_state() -> Check {
		Self::check_holds()?;
		Self::check_slots()?;
		Self::check_capacities()?;
		Self::check_ledger()?;
		Self::check_members()?;
		Self::check_index()?;
		Self::check_records()?;
		Self::check_queue()
	}

	/// I1: for every account, the tokens held for its stake and for its exit are what the records say.
	///
	/// A sum over records would miss an account that has a hold and no record, so this walks all
	/// accounts of the chain.
	fn check_holds() -> Check {
		let check = |who: &T::AccountId| -> Check {
			let (staker, prover) = Stakers::<T>::get(who);
			let stake = prover.map_or(BalanceOf::<T>::zero(), |prover| prover.staked_amount);
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Stake.into(), who) == stake,
				"I1: what is held for a stake is not what is staked"
			);
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Exit.into(), who) == staker.exit_amount,
				"I1: what is held for an exit is not what is exiting"
			);
			Ok(())
		};
		frame_system::Account::<T>::iter_keys().try_for_each(|who| check(&who))?;
		Stakers::<T>::iter_keys().try_for_each(|who| check(&who))
	}

	/// I2: slots and stakers point at each other, one to one.
	fn check_slots() -> Check {
		let mut slots = BTreeSet::new();
		for (who, (staker, prover)) in Stakers::<T>::iter() {
			ensure!(
				staker.prover_id.is_some() == prover.is_some(),
				"I2: an account has a slot without a prover, or a prover without a slot"
			);
			let (Some(prover_id), Some(prover)) = (staker.prover_id, prover) else { continue };
			ensure!(prover.who == who, "I2: the prover of an account is another's");
			ensure!(slots.insert(prover_id), "I2: a slot belongs to two accounts");
			ensure!(Slots::<T>::get(prover_id) == Some(who), "I2: a slot does not know its member");
		}
		Ok(())
	}

	/// I3: every member's free places are its capacity less the places taken.
	fn check_capacities() -> Check {
		for (staker, prover) in Stakers::<T>::iter_values() {
			ensure!(
				prover.is_none_or(|prover| prover.current_capacity == staker.places_left()),
				"I3: a member's free places are not what its duties leave"
			);
		}
		Ok(())
	}

	/// I4: `outstanding` and `liable` are what the ledger counts, and its two sides agree.
	fn check_ledger() -> Check {
		let mut duties = BTreeMap::<T::AccountId, (u32, u32)>::new();
		for (block_id, assignment) in Assignments::<T>::iter() {
			ensure!(
				AssignmentsOf::<T>::contains_key(&assignment.prover, block_id),
				"I4: an assignment is missing in the index by account"
			);
			let (outstanding, liable) = duties.entry(assignment.prover).or_default();
			*outstanding += u32::from(!assignment.released);
			*liable += 1;
		}
		for (who, block_id) in AssignmentsOf::<T>::iter_keys() {
			ensure!(
				Assignments::<T>::get(block_id).is_some_and(|assignment| assignment.prover == who),
				"I4: the index by account names an assignment that is not the account's"
			);
		}
		for who in duties.keys() {
			ensure!(Stakers::<T>::contains_key(who), "I4: a prover with assignments has no record");
		}
		for (who, (staker, _)) in Stakers::<T>::iter() {
			let counted = duties.get(&who).copied().unwrap_or_default();
			ensure!(
				(staker.outstanding, staker.liable) == counted,
				"I4: an account's duties are not what the ledger counts"
			);
		}
		Ok(())
	}

	/// I5: at most `MaxProvers` members, in slots `1..=MaxProvers`, each with a stake and a price.
	///
	/// As each slot has one member (I2), there are not more members than slots.
	fn check_members() -> Check {
		let max_provers = T::MaxProvers::get();
		for (staker, prover) in Stakers::<T>::iter_values() {
			let (Some(prover_id), Some(prover)) = (staker.prover_id, prover) else { continue };
			ensure!(
				(1..=max_provers).contains(&prover_id),
				"I5: a member has a slot that does not exist"
			);
			ensure!(!prover.staked_amount.is_zero(), "I5: a member has no stake");
			ensure!(!prover.reward_per_gas.is_zero(), "I5: a member has no price");
		}
		Ok(())
	}

	/// I6: the book and the index are what a scan of the members gives.
	fn check_index() -> Check {
		let standings =
			Stakers::<T>::iter_keys().filter_map(|who| Account::<T>::load(who).standing());
		Members::<T>::open().check(standings).map_err(DispatchError::Other)
	}

	/// I7: no record in which nothing is left; an exit has a clock exactly while there is one, and so has
	/// a liability.
	fn check_records() -> Check {
		for (staker, _) in Stakers::<T>::iter_values() {
			ensure!(!staker.is_empty(), "I7: nothing is left in a record");
			ensure!(
				staker.exit_requested_at.is_none() == staker.exit_amount.is_zero(),
				"I7: an exit's clock runs without an exit, or stands still with one"
			);
			ensure!(
				staker.liable_since.is_some() == (staker.liable > 0),
				"I7: a liability has no beginning, or a beginning without a liability"
			);
		}
		Ok(())
	}

	/// The draw queue: no id twice, none that is assigned, in the order of requests (R4).
	fn check_queue() -> Check {
		let queue = DrawQueue::<T>::get();
		let ids: BTreeSet<_> = queue.iter().map(|request| request.block_id).collect();
		ensure!(ids.len() == queue.len(), "R4: an id is pending twice");
		ensure!(
			ids.iter().all(|block_id| !Assignments::<T>::contains_key(block_id)),
			"R4: a pending id is assigned already"
		);
		ensure!(
			queue.windows(2).all(|pair| pair[0].requested_in <= pair[1].requested_in),
			"R4: a younger request is before an older one"
		);
		Ok(())
	}
}
