//! One account in one operation: read once, changed in memory, written once.

use frame_support::defensive;
use sp_runtime::traits::UniqueSaturatedInto;

use crate::{
	members::{Members, Standing},
	BalanceOf, Config, ProverOf, StakerOf, Stakers, Turn,
};

/// What the pool knows of an account, and what the book knew of it when it was read.
pub(crate) struct Account<T: Config> {
	pub who: T::AccountId,
	pub staker: StakerOf<T>,
	/// Its slot, if it is in the pool.
	pub prover: Option<ProverOf<T>>,
	noted: Option<Standing>,
}

impl<T: Config> Account<T> {
	/// Reads an account, of which nothing need be known.
	pub fn load(who: T::AccountId) -> Self {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			let mut account = crate::scan::load::<T>(who);
			account.noted = account.standing();
			return account;
		}
		let (staker, prover) = Stakers::<T>::get(&who);
		let mut account = Self::new(who, staker, prover);
		account.noted = account.standing();
		account
	}

	/// An account that is not in the pool's books yet.
	pub fn new(who: T::AccountId, staker: StakerOf<T>, prover: Option<ProverOf<T>>) -> Self {
		Self { who, staker, prover, noted: None }
	}

	/// Its place in the pool, as the book is to know it.
	pub fn standing(&self) -> Option<Standing> {
		let prover = self.prover.as_ref()?;
		let Some(slot) = self.staker.prover_id else {
			defensive!("a member has no slot");
			return None;
		};
		Some(Standing {
			slot,
			price: prover.reward_per_gas,
			stake: prover.staked_amount.unique_saturated_into(),
			places: prover.current_capacity,
			waits: prover
				.waiting
				.then(|| Turn::new(prover.entered_in.unique_saturated_into(), slot)),
		})
	}

	/// Its live stake.
	pub fn stake(&self) -> BalanceOf<T> {
		self.prover.as_ref().map(|prover| prover.staked_amount).unwrap_or_default()
	}

	/// Brings the book in line with the account, and the free places with its duties (I3).
	pub fn note(&mut self, members: &mut Members<T>) {
		self.count_places();
		let standing = self.standing();
		if standing != self.noted {
			members.note(&self.who, self.noted, standing);
			self.noted = standing;
		}
	}

	/// Writes the account while the book is open.
	pub fn save_with(mut self, members: &mut Members<T>) {
		self.note(members);
		self.write();
	}

	/// Writes the account. The book is opened only if it is concerned.
	pub fn save(mut self) {
		self.count_places();
		if self.standing() != self.noted {
			let mut members = Members::<T>::open();
			self.note(&mut members);
			members.close();
		}
		self.write();
	}

	fn count_places(&mut self) {
		if let Some(prover) = &mut self.prover {
			prover.current_capacity = self.staker.places_left();
		}
	}

	/// A record in which nothing is left is removed (I7).
	fn write(self) {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return crate::scan::save(self);
		}
		if self.staker.is_empty() {
			Stakers::<T>::remove(&self.who);
		} else {
			Stakers::<T>::insert(&self.who, (self.staker, self.prover));
		}
	}
}
