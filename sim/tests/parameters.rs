//! The simulator's parameters are those of the demo chain, and only those of a runtime that can exist.

use frame_support::traits::Get;
use prover_pool_runtime::configs::{money, parameters::dynamic::pool as tunables, pool, protocol};
use prover_pool_sim::{
	parameters::Parameters,
	runtime::{EXISTENTIAL_DEPOSIT, UNIT},
};
use sp_runtime::Perbill;
use sp_state_machine::BasicExternalities;

/// Reads the runtime's parameters, at their values before governance sets any.
fn of_the_runtime() -> Parameters {
	let time = u64::from;
	Parameters {
		base_gas: protocol::BaseGas::get(),
		max_gas_limit: protocol::MaxGasLimit::get(),
		max_tx_list_size: protocol::MaxTxListSize::get(),
		max_proof_size: protocol::MaxProofSize::get(),
		max_unverified_blocks: protocol::MaxUnverifiedBlocks::get(),
		max_pending_per_proposer: protocol::MaxPendingPerProposer::get(),
		max_open_blocks: protocol::MaxOpenBlocks::get(),
		max_forks: protocol::MaxForks::get(),
		max_barred: protocol::MaxBarred::get(),
		min_proof_window: time(protocol::MinProofWindow::get()),
		max_proof_window: time(protocol::MaxProofWindow::get()),
		window_multiplier: protocol::WindowMultiplier::get(),
		cooldown: time(protocol::Cooldown::get()),
		expiry_period: time(protocol::ExpiryPeriod::get()),
		max_pause: time(protocol::MaxPause::get()),
		open_reward_start: protocol::OpenRewardStart::get(),
		open_reward_end: protocol::OpenRewardEnd::get(),
		rescue_bonus: protocol::RescueBonus::get(),
		max_delay_penalty: protocol::MaxDelayPenalty::get(),
		averaging_factor: protocol::AveragingFactor::get(),
		min_fee_per_gas: protocol::MinFeePerGas::get(),
		max_fee_per_gas: protocol::MaxFeePerGas::get(),
		max_fee_step: protocol::MaxFeeStep::get(),
		proof_bond: protocol::ProofBond::get(),
		max_provers: pool::MaxProvers::get(),
		price_floor_percent: pool::PriceFloorPercent::get(),
		price_ceiling_percent: pool::PriceCeilingPercent::get(),
		max_exits: pool::MaxExits::get(),
		min_capacity: tunables::MinCapacity::get(),
		max_capacity: tunables::MaxCapacity::get(),
		min_stake_per_capacity: tunables::MinStakePerCapacity::get(),
		exit_period: time(tunables::ExitPeriod::get()),
		min_change_delay: time(tunables::MinChangeDelay::get()),
		slash_points: tunables::SlashPoints::get(),
		slash_multiplier: tunables::SlashMultiplier::get(),
		slash_exits_first: pool::SlashExitsFirst::get(),
		slash_deferral: time(tunables::SlashDeferral::get()),
		max_misses: tunables::MaxMisses::get(),
		suspension_period: time(tunables::SuspensionPeriod::get()),
		max_paused_share: tunables::MaxPausedShare::get(),
		min_overbid: tunables::MinOverbid::get(),
		ejection_threshold: tunables::EjectionThreshold::get(),
		max_liability: time(tunables::MaxLiability::get()),
		entry_delay: time(tunables::EntryDelay::get()),
		draw_delay: time(pool::DrawDelay::get()),
		max_pending_draws: pool::MaxPendingDraws::get(),
		max_draws_per_block: pool::MaxDrawsPerBlock::get(),
		max_admissions: pool::MaxAdmissions::get(),
		first_fee_per_gas: protocol::FIRST_FEE_PER_GAS,
		first_delay: time(protocol::FIRST_DELAY),
	}
}

#[test]
fn the_demo_is_the_demo_chain() {
	// Some are stored by the chain, once governance has set them.
	BasicExternalities::new_empty().execute_with(|| {
		assert_eq!(Parameters::demo(), of_the_runtime());
		let secured = <protocol::MaxSecuredReward as Get<u128>>::get();
		assert_eq!(prover_pool_sim::runtime::MaxSecuredReward::get(), secured);
	});
	assert_eq!((UNIT, EXISTENTIAL_DEPOSIT), (money::UNIT, money::EXISTENTIAL_DEPOSIT));
	assert_eq!(Parameters::demo().check(), Ok(()));
}

/// Each is refused by the pallet that it belongs to.
#[test]
fn impossible_parameters_are_refused_with_the_pallets_sentences() {
	type Change = fn(&mut Parameters);
	let refused: [(Change, &str); 8] = [
		(|it| it.max_provers = 0, "prover lottery: set MaxProvers between 1 and 1,048,576"),
		(
			|it| it.price_floor_percent = 101,
			"prover lottery: set PriceFloorPercent to at most 100",
		),
		(|it| it.min_capacity = 0, "prover pool: set MinCapacity to at least 1"),
		(
			|it| it.draw_delay = 0,
			"prover pool: set DrawDelay to at least 1, or seeds are known at the request",
		),
		(
			|it| it.max_exits = 0,
			"prover pool: set MaxExits to at least 1, or stakes cannot leave",
		),
		(
			|it| it.max_fee_step = Perbill::zero(),
			"block proposal: set MaxFeeStep to more than 0, or the fee never moves",
		),
		(
			|it| it.min_stake_per_capacity = UNIT,
			"block proposal: lower MaxFeePerGas or raise the pool's MinStakePerCapacity: at 125 % of \
			 that fee a full block pays more than MaxSecuredReward, and failing costs less than proving",
		),
		(
			|it| it.first_fee_per_gas = it.max_fee_per_gas + 1,
			"set the first fee within MinFeePerGas and MaxFeePerGas",
		),
	];
	for (change, sentence) in refused {
		let mut parameters = Parameters::demo();
		change(&mut parameters);
		assert_eq!(parameters.check(), Err(sentence.to_string()));
	}
}
