//! The first parameters of a run of the pool, and the change of one by a step.

use super::types::{Parameters, PARTS};

/// The first parameters of a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Preset {
	/// Few slots and short periods, so that events often coincide.
	Small,
	/// Those with which recordings of the original replay.
	Conformance,
	/// The demo's, with fewer slots and cheaper stakes.
	Demo,
}

/// The settings that do not change in a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
	/// The first parameters.
	pub preset: Preset,
	/// `MaxExits`, which bounds storage.
	pub max_exits: u32,
}

impl Settings {
	/// Returns the settings of a byte.
	pub fn from_byte(byte: u8) -> Self {
		let preset = match byte % 3 {
			0 => Preset::Small,
			1 => Preset::Conformance,
			_ => Preset::Demo,
		};
		Self { preset, max_exits: 1 + u32::from(byte / 3 % 4) }
	}

	/// Returns a byte of these settings.
	pub fn to_byte(self) -> u8 {
		let preset = match self.preset {
			Preset::Small => 0,
			Preset::Conformance => 1,
			Preset::Demo => 2,
		};
		preset + 3 * (self.max_exits.saturating_sub(1) % 4) as u8
	}

	pub(super) fn first_parameters(self, max_pending_draws: u32) -> Parameters {
		let small = Parameters {
			max_provers: 3,
			max_exits: self.max_exits,
			min_capacity: 2,
			max_capacity: 1_000,
			min_stake_per_capacity: 50,
			exit_period: 100,
			min_change_delay: 10,
			slash_points: 200_000_000,
			slash_multiplier: 4,
			slash_exits_first: false,
			slash_deferral: 0,
			max_misses: 0,
			suspension_period: 50,
			max_paused_share: PARTS,
			price_floor_percent: 75,
			price_ceiling_percent: 125,
			min_overbid: 0,
			ejection_threshold: 0,
			max_liability: 400,
			entry_delay: 0,
			draw_delay: 1,
			max_pending_draws,
			max_draws_per_block: 3,
			max_admissions: 64,
		};
		match self.preset {
			Preset::Small => small,
			Preset::Conformance => {
				Parameters { max_capacity: u32::MAX, slash_exits_first: true, ..small }
			},
			Preset::Demo => Parameters {
				max_provers: 4,
				min_capacity: 1,
				max_capacity: 64,
				slash_points: 2_500_000,
				slash_deferral: 20,
				max_misses: 2,
				max_paused_share: PARTS / 3,
				min_overbid: 50_000_000,
				ejection_threshold: 500_000_000,
				entry_delay: 10,
				draw_delay: 3,
				max_admissions: 8,
				..small
			},
		}
	}
}

/// The order in which `change` counts parameters.
pub mod parameter {
	#![allow(missing_docs)]
	pub const MAX_PROVERS: u8 = 0;
	pub const MIN_CAPACITY: u8 = 1;
	pub const MIN_STAKE_PER_CAPACITY: u8 = 2;
	pub const EXIT_PERIOD: u8 = 3;
	pub const MIN_CHANGE_DELAY: u8 = 4;
	pub const SLASH_POINTS: u8 = 5;
	pub const SLASH_MULTIPLIER: u8 = 6;
	pub const PRICE_FLOOR: u8 = 7;
	pub const PRICE_CEILING: u8 = 8;
	pub const MIN_OVERBID: u8 = 9;
	pub const EJECTION_THRESHOLD: u8 = 10;
	pub const MAX_LIABILITY: u8 = 11;
	pub const ENTRY_DELAY: u8 = 12;
	pub const MAX_DRAWS_PER_BLOCK: u8 = 13;
	pub const DRAW_DELAY: u8 = 14;
	pub const MAX_CAPACITY: u8 = 15;
	pub const SLASH_EXITS_FIRST: u8 = 16;
	pub const SLASH_DEFERRAL: u8 = 17;
	pub const MAX_MISSES: u8 = 18;
	pub const SUSPENSION_PERIOD: u8 = 19;
	pub const MAX_ADMISSIONS: u8 = 20;
	pub const MAX_PAUSED_SHARE: u8 = 21;
	pub const COUNT: u8 = 22;
}

/// Changes a parameter. Every value is within the bounds that `integrity_test` checks, and slots above
/// `highest_slot` are vacant.
pub(super) fn change(parameters: &mut Parameters, which: u8, value: u32, highest_slot: u32) {
	let share = u64::from(value) % (PARTS + 1);
	let (number, period) = (value, u64::from(value));
	match which % parameter::COUNT {
		parameter::MAX_PROVERS => parameters.max_provers = (1 + number % 5).max(highest_slot),
		parameter::MIN_CAPACITY => parameters.min_capacity = 1 + number % 40,
		parameter::MIN_STAKE_PER_CAPACITY => {
			parameters.min_stake_per_capacity = (1 + number % 20_000).into();
		},
		parameter::EXIT_PERIOD => parameters.exit_period = period % 700_000,
		parameter::MIN_CHANGE_DELAY => parameters.min_change_delay = period % 4_000,
		parameter::SLASH_POINTS => parameters.slash_points = share,
		parameter::SLASH_MULTIPLIER => parameters.slash_multiplier = number,
		parameter::PRICE_FLOOR => parameters.price_floor_percent = number % 101,
		parameter::PRICE_CEILING => parameters.price_ceiling_percent = 100 + number % 1_000,
		parameter::MIN_OVERBID => parameters.min_overbid = share,
		parameter::EJECTION_THRESHOLD => parameters.ejection_threshold = share,
		parameter::MAX_LIABILITY => parameters.max_liability = period % 2_500_000,
		parameter::ENTRY_DELAY => parameters.entry_delay = period % 11,
		parameter::MAX_DRAWS_PER_BLOCK => parameters.max_draws_per_block = 1 + number % 4,
		parameter::DRAW_DELAY => parameters.draw_delay = 1 + period % 3,
		parameter::MAX_CAPACITY => parameters.max_capacity = number,
		parameter::SLASH_EXITS_FIRST => parameters.slash_exits_first = number % 2 == 1,
		parameter::SLASH_DEFERRAL => parameters.slash_deferral = period % 1_000,
		parameter::MAX_MISSES => parameters.max_misses = number % 4,
		parameter::SUSPENSION_PERIOD => parameters.suspension_period = 1 + period % 1_000,
		parameter::MAX_ADMISSIONS => parameters.max_admissions = 1 + number % 4,
		_ => parameters.max_paused_share = share.max(1),
	}
	parameters.max_liability = parameters.max_liability.max(parameters.min_change_delay + 1);
	parameters.max_capacity = parameters.max_capacity.max(parameters.min_capacity);
	if parameters.entry_delay > 0 {
		parameters.entry_delay = parameters.entry_delay.max(parameters.draw_delay + 1);
	}
}
