//! The simulator's parameters are those of the demo chain, and only those of a runtime that can exist.

use codec::{Decode, Encode};
use frame_support::traits::Get;
use prover_pool_runtime::{
	configs::{money, parameters::dynamic::pool as tunables, pool, protocol},
	AccountId, RuntimeCall, Signature, TransactionPayment, TxExtension, UncheckedExtrinsic,
};
use prover_pool_sim::{
	parameters::{Parameters, BLOCK_FEES},
	runtime::{EXISTENTIAL_DEPOSIT, UNIT},
	world::CALL_FEE,
};
use sp_core::{sr25519, H256};
use sp_runtime::{traits::TrailingZeroInput, Perbill};
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

/// Returns the fee of a transaction, without a tip, on the demo chain, in tokens.
fn fee(call: impl Into<RuntimeCall>) -> f64 {
	let signature = Signature::Sr25519(sr25519::Signature::default());
	let extension = TxExtension::decode(&mut TrailingZeroInput::zeroes()).expect("no tip");
	let signer = AccountId::new([1; 32]).into();
	let transaction = UncheckedExtrinsic::new_signed(call.into(), signer, signature, extension);
	let len = transaction.encoded_size() as u32;
	TransactionPayment::query_info(transaction, len).partial_fee as f64 / UNIT as f64
}

/// A test of the runtime shows that the author of the block gets them.
#[test]
fn fees_are_the_demo_chains() {
	BasicExternalities::new_empty().execute_with(|| {
		let proposal = fee(pallet_block_proposal::Call::propose_block {
			tx_list: vec![0; protocol::MaxTxListSize::get() as usize],
			gas_limit: protocol::MaxGasLimit::get(),
			beneficiary: AccountId::new([1; 32]),
			max_fee_per_gas: protocol::FIRST_FEE_PER_GAS,
		});
		let proof = fee(pallet_block_proposal::Call::prove_block {
			block_id: 1,
			parent_hash: H256::zero(),
			block_hash: H256::zero(),
			gas_used: protocol::MaxGasLimit::get(),
			// A key and its signature.
			proof: vec![0; 96],
		});
		let fees = proposal + proof;
		assert!((BLOCK_FEES..BLOCK_FEES + 0.01).contains(&fees), "{proposal} and {proof}");
		let amount = money::UNIT;
		let stake = pallet_prover_pool::Call::stake { amount, reward_per_gas: 1, max_capacity: 1 };
		let stake = fee(stake);
		assert!((CALL_FEE - 0.001..CALL_FEE).contains(&stake), "{stake}");
	});
}

/// The demo's authors lose more by leaving out a block than they gain by its draw, even if their next block
/// takes up its transactions, with a third of the slots and of the weight.
#[test]
fn fees_of_a_block_are_more_than_withholding_it_is_worth() {
	let demo = Parameters::demo();
	let gas = f64::from(demo.base_gas) + f64::from(demo.max_gas_limit);
	let reward = gas * f64::from(demo.first_fee_per_gas) / UNIT as f64;
	for share in [0.25, 1.0 / 3.0] {
		// A proof costs half of what it earns. The draw that is given up is won with that share all the same.
		let gained = share * reward / 2.0;
		let lost = (1.0 - share) * BLOCK_FEES;
		assert!(lost > 4.0 * gained, "{share}: {lost} {gained}");
	}
}

/// Each is refused by the pallet that it belongs to.
#[test]
fn impossible_parameters_are_refused_with_the_pallets_sentences() {
	type Change = fn(&mut Parameters);
	let refused: [(Change, &str); 9] = [
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
			|it| it.entry_delay = it.draw_delay,
			"prover pool: set EntryDelay above DrawDelay, or to 0 for none, or members see a request and pause \
			 before its draw",
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
