//! The invariants, checked against the whole state (I1–I7 of `docs/protocol.md`).
//!
//! Always compiled, so that tests, `try-runtime` and runtimes that want to expose it share it; nothing
//! on chain calls it.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use prover_pool_primitives::Selection;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError,
};

use crate::{
	account::Account, tokens, Assignments, AssignmentsOf, BalanceOf, Config, DrawQueue, Listing,
	OrderedKey, Pallet, PendingChanges, PendingSlashes, Provers, SlashSchedule, Stakers,
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
		Self::check_listings()?;
		Self::check_ledger()?;
		Self::check_members()?;
		Self::check_selection()?;
		Self::check_records()?;
		Self::check_queue()?;
		Self::check_slashes()?;
		Self::check_suspensions()
	}

	/// I1: for every account, what is held is stake + exits + pending slashes.
	///
	/// A sum over records would miss an account that has a hold and no record, so this walks all
	/// accounts of the chain.
	fn check_holds() -> Check {
		let mut pending = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for slash in PendingSlashes::<T>::iter_values() {
			pending.entry(slash.who).or_default().saturating_accrue(slash.amount);
		}
		let check = |who: &T::AccountId| -> Check {
			let account = Account::<T>::load(who.clone());
			let owed = account
				.stake()
				.saturating_add(account.staker.exits_total())
				.saturating_add(pending.get(who).copied().unwrap_or_default());
			ensure!(
				tokens::held::<T>(who) == owed,
				"I1: what is held is not the sum of stake, exits and pending slashes"
			);
			Ok(())
		};
		frame_system::Account::<T>::iter_keys().try_for_each(|who| check(&who))?;
		pending.keys().try_for_each(&check)?;
		Stakers::<T>::iter_keys().try_for_each(|who| check(&who))
	}

	/// I2: slots and stakers point at each other, one to one.
	fn check_slots() -> Check {
		for (prover_id, prover) in Provers::<T>::iter() {
			ensure!(
				Stakers::<T>::get(&prover.account).prover_id == Some(prover_id),
				"I2: a member's account does not have its slot"
			);
		}
		for (who, staker) in Stakers::<T>::iter() {
			let Some(prover_id) = staker.prover_id else { continue };
			ensure!(
				Provers::<T>::get(prover_id).is_some_and(|prover| prover.account == who),
				"I2: an account's slot belongs to another account or to none"
			);
		}
		Ok(())
	}

	/// I3: a member's offer differs from the one that draws use exactly while a change of it waits, and
	/// draws never use more stake than there is.
	///
	/// That the selection has what the listings say is I6.
	fn check_listings() -> Check {
		let waiting: BTreeSet<OrderedKey> = Provers::<T>::iter()
			.filter_map(|(prover_id, prover)| prover.pending_key(prover_id))
			.collect();
		ensure!(
			PendingChanges::<T>::iter_keys().eq(waiting),
			"I3: the queue of changes is not that of the members whose offer waits"
		);
		for prover in Provers::<T>::iter_values() {
			let offer = prover.offer(Stakers::<T>::get(&prover.account).max_capacity);
			ensure!(
				prover.listing != Listing::Changing(offer),
				"I3: a change waits that changes nothing"
			);
			ensure!(
				prover.listing == prover.listing.map(|older| older.limited_to(offer.stake)),
				"I3: an offer that waits has more stake than there is"
			);
		}
		Ok(())
	}

	/// I4: outstanding, liable and the duties of exits are what the ledger counts, and its two sides
	/// agree.
	fn check_ledger() -> Check {
		let mut duties = BTreeMap::<T::AccountId, (u32, alloc::vec::Vec<_>)>::new();
		for (block_id, assignment) in Assignments::<T>::iter() {
			ensure!(
				AssignmentsOf::<T>::contains_key(&assignment.prover, block_id),
				"I4: an assignment is missing in the index by account"
			);
			let (outstanding, drawn) = duties.entry(assignment.prover).or_default();
			*outstanding += u32::from(!assignment.released);
			drawn.push(assignment.drawn_at);
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
		for (who, staker) in Stakers::<T>::iter() {
			let (outstanding, drawn) = duties.remove(&who).unwrap_or_default();
			ensure!(
				(staker.outstanding, staker.liable as usize) == (outstanding, drawn.len()),
				"I4: an account's duties are not what the ledger counts"
			);
			for exit in &staker.exits {
				let answers = drawn.iter().filter(|drawn_at| exit.answers_for(**drawn_at)).count();
				ensure!(
					exit.duties as usize == answers,
					"I4: an exit's duties are not what the ledger counts"
				);
			}
		}
		Ok(())
	}

	/// I5: at most `MaxProvers` members, in slots `1..=MaxProvers`, each with a stake and a price.
	///
	/// As each slot has one member (I2), there are not more members than slots.
	fn check_members() -> Check {
		let max_provers = T::Selection::max_provers();
		for (prover_id, prover) in Provers::<T>::iter() {
			ensure!(
				(1..=max_provers).contains(&prover_id),
				"I5: a member has a slot that does not exist"
			);
			ensure!(!prover.stake.is_zero(), "I5: a member has no stake");
			ensure!(prover.reward_per_gas > 0, "I5: a member has no price");
		}
		Ok(())
	}

	/// I6: the selection's own check, against what the records say.
	fn check_selection() -> Check {
		let members = Provers::<T>::iter_keys().filter_map(|prover_id| {
			let account = Account::<T>::load_member(prover_id)?;
			let outstanding = account.staker.outstanding;
			let candidate = account.listed_offer().map(|offer| offer.candidate(outstanding));
			Some((prover_id, candidate))
		});
		T::Selection::open().check(members).map_err(DispatchError::Other)
	}

	/// I7: no record in which nothing is left, a suspension that is over aside; no exit of 0; exits in
	/// the order of their ids.
	fn check_records() -> Check {
		let now = Self::now();
		for staker in Stakers::<T>::iter_values() {
			ensure!(
				!staker.is_empty(now) || staker.suspended_until.is_some(),
				"I7: nothing is left in a record"
			);
			ensure!(
				staker.exits.iter().all(|exit| !exit.amount.is_zero()),
				"I7: nothing is left in an exit"
			);
			ensure!(
				staker.exits.windows(2).all(|pair| pair[0].id < pair[1].id),
				"I7: an account's exits are not in the order of their ids"
			);
		}
		Ok(())
	}

	/// R4: the draw queue has no id twice, none that is assigned or whose slash is pending, and is in
	/// the order of requests.
	fn check_queue() -> Check {
		let queue = DrawQueue::<T>::get();
		let ids: BTreeSet<_> = queue.iter().map(|request| request.block_id).collect();
		ensure!(ids.len() == queue.len(), "R4: an id is pending twice");
		ensure!(
			ids.iter().all(|block_id| !Assignments::<T>::contains_key(block_id)
				&& !PendingSlashes::<T>::contains_key(block_id)),
			"R4: a pending id is assigned or slashed already"
		);
		ensure!(
			queue.windows(2).all(|pair| pair[0].requested_in <= pair[1].requested_in),
			"R4: a younger request is before an older one"
		);
		Ok(())
	}

	/// R7: the schedule of slashes is that of the pending slashes, and none of their ids is assigned.
	fn check_slashes() -> Check {
		let scheduled: BTreeSet<OrderedKey> = PendingSlashes::<T>::iter()
			.map(|(block_id, slash)| OrderedKey::new(slash.due_at, block_id))
			.collect();
		ensure!(
			SlashSchedule::<T>::iter_keys().eq(scheduled),
			"R7: the schedule of slashes is not that of the pending slashes"
		);
		ensure!(
			PendingSlashes::<T>::iter_keys()
				.all(|block_id| !Assignments::<T>::contains_key(block_id)),
			"R7: the block of a pending slash is assigned"
		);
		Ok(())
	}

	/// R10: a suspended member is paused, in its records and for draws.
	fn check_suspensions() -> Check {
		let now = Self::now();
		for prover in Provers::<T>::iter_values() {
			let is_suspended = Stakers::<T>::get(&prover.account).is_suspended(now);
			let for_draws = prover.listing.own_offer().map_or(prover.paused, |offer| offer.paused);
			ensure!(
				!is_suspended || (prover.paused && for_draws),
				"R10: a suspended member is not paused"
			);
		}
		Ok(())
	}
}
