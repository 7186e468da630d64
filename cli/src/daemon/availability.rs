//! Reports pauses and suspensions of the account: logs changes, and sets the metrics.

use super::metrics::Metrics;
use crate::reads::pool::{MemberStatus, StakerRow};
use tracing::{info, warn};

/// A state that the operator should know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Availability {
	/// Draws can choose the account, now or when its entry delay is over.
	#[default]
	Available,
	/// The account is not a member.
	Outside,
	/// The member is paused, or its suspension is over and it has not resumed.
	Paused,
	/// The member is suspended and cannot resume.
	Suspended {
		/// The last moment of the suspension.
		until: u32,
	},
}

impl Availability {
	/// Returns the availability of this account.
	pub fn of(staker: &StakerRow) -> Self {
		match staker.prover.as_ref().map(|member| &member.status) {
			None => Self::Outside,
			Some(MemberStatus::Active | MemberStatus::Entering) => Self::Available,
			Some(MemberStatus::Paused) => Self::Paused,
			Some(MemberStatus::Suspended { until }) => Self::Suspended { until: *until },
		}
	}

	/// Records the present state. The daemon never resumes a member on its own: a suspension means
	/// that something is wrong with it.
	pub fn observe(&mut self, staker: &StakerRow, metrics: &Metrics) {
		metrics.misses_in_a_row.set(staker.record.misses_in_a_row.into());
		self.change_to(Self::of(staker), metrics);
	}

	fn change_to(&mut self, now: Self, metrics: &Metrics) {
		metrics.paused.set((now == Self::Paused).into());
		metrics.suspended.set(matches!(now, Self::Suspended { .. }).into());
		if *self == now {
			return;
		}
		match now {
			Self::Available => info!("the account takes part in draws"),
			Self::Outside => warn!("the account is not in the pool"),
			Self::Paused => {
				warn!("the member is paused and not drawn: `prover-pool resume` ends this")
			},
			Self::Suspended { until } => warn!(
				until,
				"the member is suspended and not drawn: find out why it missed its deadlines, then \
				 `prover-pool resume` when the suspension is over"
			),
		}
		*self = now;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_and_suspensions_are_exported() {
		let metrics = Metrics::new().unwrap();
		let mut availability = Availability::default();
		for (now, paused, suspended) in [
			(Availability::Available, 0, 0),
			(Availability::Suspended { until: 9 }, 0, 1),
			(Availability::Paused, 1, 0),
			(Availability::Available, 0, 0),
			(Availability::Outside, 0, 0),
		] {
			availability.change_to(now, &metrics);
			assert_eq!((metrics.paused.get(), metrics.suspended.get()), (paused, suspended));
			assert_eq!(availability, now);
		}
	}
}
