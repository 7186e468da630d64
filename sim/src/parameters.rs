//! The parameters of a simulated chain.
//!
//! The runtime reads them from statics of the thread, as one thread runs one chain at a time.

use crate::runtime::{Balance, BlockNumber, BlockProposal, Lottery, ProverPool, UNIT};
use frame_support::{parameter_types, traits::Hooks};
use prover_pool_primitives::{Capacity, Gas, PricePerGas};
use sp_runtime::Perbill;
use std::panic::{catch_unwind, UnwindSafe};

/// One minute in blocks of the demo chain.
pub const MINUTES: BlockNumber = 10;
/// One hour in blocks of the demo chain.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// One day in blocks of the demo chain.
pub const DAYS: BlockNumber = 24 * HOURS;

/// The fees of a proposal of the largest list and of a proof of it on the demo chain, in tokens, rounded down. The
/// demo chain pays them to the author of the block, and a block of the rollup in each of its blocks is the
/// demand that attacks are measured at.
pub const BLOCK_FEES: f64 = 0.13;

macro_rules! parameters {
	($($(#[$doc:meta])* $field:ident, $name:ident: $type:ty = $value:expr;)*) => {
		/// All parameters of a chain: the `Config` items of the same names. Periods are in blocks of the
		/// chain, prices and amounts in base units.
		#[derive(Clone, Debug, PartialEq)]
		pub struct Parameters {
			$($(#[$doc])* pub $field: $type,)*
		}

		/// What the runtime reads.
		pub mod statics {
			#![allow(missing_docs)]
			use super::*;

			parameter_types! {
				$(pub static $name: $type = $value;)*
			}
		}

		impl Parameters {
			/// Returns the demo chain's.
			pub fn demo() -> Self {
				Self { $($field: $value,)* }
			}

			/// Makes them those of the chain that this thread runs.
			pub fn apply(&self) {
				$(statics::$name::set(self.$field);)*
			}
		}
	};
}

parameters! {
	// The protocol's.
	/// The fixed gas of each block.
	base_gas, BaseGas: Gas = 2_000_000;
	/// The highest gas limit.
	max_gas_limit, MaxGasLimit: Gas = 8_000_000;
	/// The longest transaction list, in bytes.
	max_tx_list_size, MaxTxListSize: u32 = 120 * 1024;
	/// The longest proof, in bytes.
	max_proof_size, MaxProofSize: u32 = 640 * 1024;
	/// The most blocks that wait for verification.
	max_unverified_blocks, MaxUnverifiedBlocks: u32 = 128;
	/// The most blocks of one proposer that wait for their draw.
	max_pending_per_proposer, MaxPendingPerProposer: u32 = 16;
	/// The most open and pending blocks while the pool has no free capacity.
	max_open_blocks, MaxOpenBlocks: u32 = 32;
	/// The most claims on one parent.
	max_forks, MaxForks: u32 = 4;
	/// The most removed claims of a block that stay barred.
	max_barred, MaxBarred: u32 = 16;
	/// The shortest window.
	min_proof_window, MinProofWindow: BlockNumber = 2 * MINUTES;
	/// The longest window.
	max_proof_window, MaxProofWindow: BlockNumber = 10 * MINUTES;
	/// The window in percent of the average delay.
	window_multiplier, WindowMultiplier: u32 = 200;
	/// The time from a claim to its verification.
	cooldown, Cooldown: BlockNumber = MINUTES / 2;
	/// The time after which a block that nobody proves may be skipped.
	expiry_period, ExpiryPeriod: BlockNumber = 10 * MINUTES;
	/// The longest pause.
	max_pause, MaxPause: BlockNumber = HOURS;
	/// What an open block pays at first, in percent of the fee.
	open_reward_start, OpenRewardStart: u32 = 75;
	/// What an open block pays at last, in percent of the fee.
	open_reward_end, OpenRewardEnd: u32 = 150;
	/// The rescuer's share of the slash, as a share of the reward.
	rescue_bonus, RescueBonus: Perbill = Perbill::from_percent(10);
	/// The share of its reward that a prover loses when it uses its whole window.
	max_delay_penalty, MaxDelayPenalty: Perbill = Perbill::from_parts(25_000_000);
	/// How many full blocks the averages look back on.
	averaging_factor, AveragingFactor: u32 = 100;
	/// The lowest fee per gas.
	min_fee_per_gas, MinFeePerGas: PricePerGas = 1_000;
	/// The highest fee per gas.
	max_fee_per_gas, MaxFeePerGas: PricePerGas = 200_000;
	/// The share by which the fee moves within one block of the chain, at most.
	max_fee_step, MaxFeeStep: Perbill = Perbill::from_percent(1);
	/// The bond of a claim by another than the assigned prover.
	proof_bond, ProofBond: Balance = UNIT;

	// The lottery's.
	/// The number of slots.
	max_provers, MaxProvers: u32 = 1_024;
	/// The lower end of the price band, in percent of the fee.
	price_floor_percent, PriceFloorPercent: u32 = 75;
	/// The upper end of the price band, in percent of the fee.
	price_ceiling_percent, PriceCeilingPercent: u32 = 125;

	// The pool's.
	/// The most exits of an account.
	max_exits, MaxExits: u32 = 8;
	/// The smallest capacity.
	min_capacity, MinCapacity: Capacity = 4;
	/// The largest capacity.
	max_capacity, MaxCapacity: Capacity = 128;
	/// The smallest stake per unit of capacity.
	min_stake_per_capacity, MinStakePerCapacity: Balance = 10 * UNIT;
	/// How long an exit lasts.
	exit_period, ExitPeriod: BlockNumber = 7 * DAYS;
	/// How long a member stays at least.
	min_change_delay, MinChangeDelay: BlockNumber = HOURS;
	/// The share of what answers that a slash takes, divided by the capacity.
	slash_points, SlashPoints: Perbill = Perbill::from_parts(2_500_000);
	/// The multiple of the reward that a slash takes at least.
	slash_multiplier, SlashMultiplier: u32 = 4;
	/// True if a slash takes exits before the stake.
	slash_exits_first, SlashExitsFirst: bool = false;
	/// How long the tokens of a slash stay on hold.
	slash_deferral, SlashDeferral: BlockNumber = 5 * MINUTES;
	/// How many misses in a row suspend.
	max_misses, MaxMisses: u32 = 3;
	/// How long a suspension lasts.
	suspension_period, SuspensionPeriod: BlockNumber = HOURS;
	/// The largest share of the listed stake that suspensions may leave paused.
	max_paused_share, MaxPausedShare: Perbill = Perbill::from_percent(25);
	/// The share by which a newcomer must exceed the smallest stake to replace it.
	min_overbid, MinOverbid: Perbill = Perbill::from_percent(5);
	/// The share of its minimum stake below which a member is ejected.
	ejection_threshold, EjectionThreshold: Perbill = Perbill::from_percent(50);
	/// The age at which a prover may close its own assignment.
	max_liability, MaxLiability: BlockNumber = 28 * DAYS;
	/// How long entries and changes wait until draws use them.
	entry_delay, EntryDelay: BlockNumber = 10;
	/// How long after its request the seed of a draw becomes known.
	draw_delay, DrawDelay: BlockNumber = 3;
	/// The most requests that wait.
	max_pending_draws, MaxPendingDraws: u32 = 128;
	/// The most draws in a block.
	max_draws_per_block, MaxDrawsPerBlock: u32 = 16;
	/// The most entries and changes that are listed in a block.
	max_admissions, MaxAdmissions: u32 = 64;

	// The rollup's beginning.
	/// The first fee per gas.
	first_fee_per_gas, FirstFeePerGas: PricePerGas = 10_000;
	/// The first average delay.
	first_delay, FirstDelay: BlockNumber = 2 * MINUTES;
}

impl Parameters {
	/// Checks that a runtime with these parameters can exist, by the pallets' own `integrity_test`.
	///
	/// # Errors
	/// The pallet's sentence, which says what to change.
	pub fn check(&self) -> Result<(), String> {
		self.apply();
		sentence(<Lottery as Hooks<BlockNumber>>::integrity_test)?;
		sentence(<ProverPool as Hooks<BlockNumber>>::integrity_test)?;
		sentence(<BlockProposal as Hooks<BlockNumber>>::integrity_test)?;
		let fees = self.min_fee_per_gas..=self.max_fee_per_gas;
		if !fees.contains(&self.first_fee_per_gas) {
			return Err("set the first fee within MinFeePerGas and MaxFeePerGas".into());
		}
		Ok(())
	}
}

/// Runs a check that panics with a sentence.
fn sentence(check: impl FnOnce() + UnwindSafe) -> Result<(), String> {
	catch_unwind(check).map_err(|panic| {
		let owned = panic.downcast_ref::<String>().cloned();
		let fixed = panic.downcast_ref::<&str>().map(|it| it.to_string());
		owned.or(fixed).unwrap_or_else(|| "the parameters are impossible".into())
	})
}
