//! The examples at work in one runtime: the pool with another selection and another protocol.

// A test is no library; its macros expand to items without documentation.
#![allow(missing_docs)]

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, Hooks, Randomness},
};
use frame_system::EnsureRoot;
use pallet_block_proposal::{AnyOf, Either, ProofVerifier};
use pallet_prover_pool::{Event as PoolEvent, Stakers};
use prover_pool_examples::{
	cheapest::Cheapest,
	fault::{self, Reason},
	protocol, query,
	verifier::Notary,
};
use prover_pool_primitives::Fault;
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{BuildStorage, Perbill};

#[frame_support::runtime]
#[allow(missing_docs)]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type ProverPool = pallet_prover_pool::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type Protocol = protocol::Pallet<Runtime>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = pallet_balances::AccountData<u128>;
	type Block = frame_system::mocking::MockBlock<Runtime>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = u128;
}

impl protocol::Config for Runtime {
	type ProverPool = ProverPool;
}

/// A seed that is known since the parent.
pub struct Seeds;

impl Randomness<Option<H256>, u64> for Seeds {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		(Some(sp_io::hashing::blake2_256(subject).into()), System::block_number() - 1)
	}
}

parameter_types! {
	pub const Points: Perbill = Perbill::from_percent(10);
	pub const Zero: Perbill = Perbill::zero();
	pub const No: bool = false;
}

impl pallet_prover_pool::Config for Runtime {
	type BlockNumberProvider = System;
	type CancelSlashOrigin = EnsureRoot<u64>;
	type Currency = Balances;
	type DrawDelay = ConstU64<1>;
	type DrawHandler = Protocol;
	type EjectionThreshold = Zero;
	type EntryDelay = ConstU64<0>;
	type ExitPeriod = ConstU64<10>;
	type MaxAdmissions = ConstU32<4>;
	type MaxCapacity = ConstU32<100>;
	type MaxDrawsPerBlock = ConstU32<4>;
	type MaxExits = ConstU32<4>;
	type MaxLiability = ConstU64<100>;
	type MaxMisses = ConstU32<0>;
	type MaxPausedShare = Zero;
	type MaxPendingDraws = ConstU32<8>;
	type MinCapacity = ConstU32<1>;
	type MinChangeDelay = ConstU64<0>;
	type MinOverbid = Zero;
	type MinStakePerCapacity = ConstU128<10>;
	type OnSlash = ();
	type ProtocolOrigin = frame_system::EnsureNever<()>;
	type Randomness = Seeds;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Selection = Cheapest;
	type SlashDeferral = ConstU64<0>;
	type SlashExitsFirst = No;
	type SlashMultiplier = ConstU32<2>;
	type SlashPoints = Points;
	type SuspensionPeriod = ConstU64<10>;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
}

/// Runs `test` in block 1 with three members that ask 10, 20 and 30, and checks the invariants.
fn with_members(test: impl FnOnce()) {
	let mut storage = frame_system::GenesisConfig::<Runtime>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Runtime> {
		balances: (1..=3).map(|who| (who, 10_000)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		for who in 1..=3u64 {
			let price = 10 * who as u32;
			assert_ok!(ProverPool::stake(RuntimeOrigin::signed(who), 1_000, price, 1));
		}
		test();
		ProverPool::do_try_state().unwrap();
	});
}

/// Proposes a block and lets it be drawn. Returns the prover and its price.
fn draw(id: u64, fee: u32) -> (u64, u32) {
	assert_ok!(Protocol::propose(RuntimeOrigin::signed(1), id, fee));
	let now = System::block_number() + 2;
	System::set_block_number(now);
	ProverPool::on_initialize(now);
	let drawn = System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::ProverPool(PoolEvent::ProverAssigned { block_id, who, reward_per_gas })
			if block_id == id =>
		{
			Some((who, reward_per_gas))
		},
		_ => None,
	});
	drawn.expect("a prover is assigned")
}

#[test]
fn the_cheapest_is_drawn_at_the_second_price() {
	with_members(|| {
		assert_eq!(draw(1, 25), (1, 20));
		assert_eq!(protocol::Provers::<Runtime>::get(1), Some(1));
		// Its capacity is taken; the third asks more than the fee, which is the price then.
		assert_eq!(draw(2, 25), (2, 25));
		assert_ok!(Protocol::settle(RuntimeOrigin::root(), 1, true, 0));
		assert_eq!(draw(3, 50), (1, 30));
	});
}

#[test]
fn a_full_pool_replaces_the_smallest_stake() {
	with_members(|| {
		for who in 4..=17u64 {
			assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), who, 10_000));
			assert_ok!(ProverPool::stake(
				RuntimeOrigin::signed(who),
				1_000 + u128::from(who),
				40,
				1
			));
		}
		assert_eq!(Stakers::<Runtime>::get(1).prover_id, None);
		assert_eq!(Stakers::<Runtime>::get(17).prover_id, Some(1));
	});
}

#[test]
fn a_protocol_slashes_for_its_own_reason() {
	with_members(|| {
		draw(1, 25);
		assert_eq!(fault::slash::<ProverPool, u64, u128>(1, 5, Reason::DataWithheld), Ok(100));
		let slashed = System::events().into_iter().any(|record| {
			matches!(
				record.event,
				RuntimeEvent::ProverPool(PoolEvent::Slashed { fault: Fault::Other, .. })
			)
		});
		assert!(slashed);
	});
}

#[test]
fn a_query_sums_what_matures() {
	with_members(|| {
		System::set_block_number(2);
		assert_ok!(ProverPool::exit(RuntimeOrigin::signed(2)));
		System::set_block_number(5);
		assert_ok!(ProverPool::exit(RuntimeOrigin::signed(3)));
		assert_eq!(query::maturing_until::<Runtime>(11), 0);
		assert_eq!(query::maturing_until::<Runtime>(12), 1_000);
		assert_eq!(query::maturing_until::<Runtime>(15), 2_000);
	});
}

parameter_types! {
	pub static Notaries: (u8, u8) = (1, 2);
	pub First: ed25519::Public = notary(Notaries::get().0).public();
	pub Second: ed25519::Public = notary(Notaries::get().1).public();
}

fn notary(seed: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[seed; 32])
}

#[test]
fn two_verifiers_stand_side_by_side() {
	type Both = AnyOf<Notary<First>, Notary<Second>>;
	let instance = H256::repeat_byte(7);
	let proof =
		|kind: u8, seed: u8| [&[kind], &notary(seed).sign(instance.as_bytes()).0[..]].concat();
	let tag = |kind, seed| Both::verify(instance, &proof(kind, seed)).tag;
	assert_eq!(tag(0, 1), Some(Either::First(notary(1).public())));
	assert_eq!(tag(1, 2), Some(Either::Second(notary(2).public())));
	assert_eq!([tag(0, 2), tag(1, 1), tag(2, 1)], [None, None, None]);
	assert_eq!(Both::verify(H256::zero(), &proof(0, 1)).tag, None);
	// Another notary takes over: what the first has signed is void.
	let vouched = tag(0, 1).expect("signed");
	assert!(!Both::is_revoked(&vouched));
	Notaries::set((3, 2));
	assert!(Both::is_revoked(&vouched));
	assert_eq!(Both::verify_weight(33).ref_time(), 60_000_000);
}
