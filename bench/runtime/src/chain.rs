//! A chain with a prover pool, and no other pallet whose costs would count.

/// Defines a runtime in its own module, with a pool that uses this selection.
macro_rules! chain {
	($(#[$doc:meta])* $module:ident, $selection:ty) => {
		$(#[$doc])*
		#[allow(missing_docs)]
		pub mod $module {
			use crate::{MaxProvers, Seeds};
			#[cfg(feature = "std")]
			use crate::ACCOUNTS;
			use alloc::vec::Vec;
			use frame_support::{
				derive_impl, parameter_types,
				traits::{ConstBool, ConstU32, ConstU64},
				weights::constants::ParityDbWeight,
			};
			use frame_system::EnsureRoot;
			use sp_runtime::{
				generic, traits::{BlakeTwo256, IdentityLookup}, AccountId32, MultiSignature, Perbill,
			};

			type Header = generic::Header<u64, BlakeTwo256>;
			type Extrinsic =
				generic::UncheckedExtrinsic<AccountId32, RuntimeCall, MultiSignature, ()>;
			/// The chain's blocks. None is ever executed.
			pub type Block = generic::Block<Header, Extrinsic>;

			#[frame_support::runtime]
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
				pub type ProverLottery = pallet_prover_lottery::Pallet<Runtime>;
				#[runtime::pallet_index(3)]
				pub type ProverPool = pallet_prover_pool::Pallet<Runtime>;
			}

			parameter_types! {
				pub BlockWeights: frame_system::limits::BlockWeights = crate::block_weights();
				pub const SlashPoints: Perbill = Perbill::from_parts(2_500_000);
				pub const MinOverbid: Perbill = Perbill::from_percent(5);
				pub const EjectionThreshold: Perbill = Perbill::from_percent(50);
				pub MaxPausedShare: Perbill = Perbill::from_rational(1u32, 3);
				pub const MinStakePerCapacity: u128 = crate::MIN_STAKE_PER_CAPACITY;
				pub const MinCapacity: u32 = crate::CAPACITY;
			}

			#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
			impl frame_system::Config for Runtime {
				type AccountData = pallet_balances::AccountData<u128>;
				type AccountId = AccountId32;
				type Block = Block;
				type BlockHashCount = ConstU64<256>;
				type BlockWeights = BlockWeights;
				type DbWeight = ParityDbWeight;
				type Lookup = IdentityLookup<AccountId32>;
				type Nonce = u32;
			}

			#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
			impl pallet_balances::Config for Runtime {
				type AccountStore = System;
				type Balance = u128;
			}

			impl pallet_prover_lottery::Config for Runtime {
				type MaxProvers = MaxProvers;
				type PriceCeilingPercent = ConstU32<125>;
				type PriceFloorPercent = ConstU32<75>;
			}

			impl prover_pool_scan::Config for Runtime {
				type MaxProvers = MaxProvers;
				type PriceCeilingPercent = ConstU32<125>;
				type PriceFloorPercent = ConstU32<75>;
			}

			impl pallet_prover_pool::Config for Runtime {
				type BlockNumberProvider = System;
				type CancelSlashOrigin = EnsureRoot<AccountId32>;
				type Currency = Balances;
				type DrawDelay = ConstU64<1>;
				type DrawHandler = ();
				type EjectionThreshold = EjectionThreshold;
				type EntryDelay = ConstU64<{ crate::ENTRY_DELAY }>;
				type ExitPeriod = ConstU64<100_800>;
				type MaxAdmissions = ConstU32<64>;
				type MaxCapacity = ConstU32<256>;
				type MaxDrawsPerBlock = ConstU32<{ crate::MAX_DRAWS }>;
				type MaxExits = ConstU32<8>;
				type MaxLiability = ConstU64<403_200>;
				type MaxMisses = ConstU32<3>;
				type MaxPausedShare = MaxPausedShare;
				type MaxPendingDraws = ConstU32<128>;
				type MinCapacity = MinCapacity;
				type MinChangeDelay = ConstU64<600>;
				type MinOverbid = MinOverbid;
				type MinStakePerCapacity = MinStakePerCapacity;
				type OnSlash = ();
				type ProtocolOrigin = EnsureRoot<AccountId32>;
				type Randomness = Seeds<Runtime>;
				type RuntimeHoldReason = RuntimeHoldReason;
				type Selection = $selection;
				type SlashDeferral = ConstU64<0>;
				type SlashExitsFirst = ConstBool<false>;
				type SlashMultiplier = ConstU32<4>;
				type SlashPoints = SlashPoints;
				type SuspensionPeriod = ConstU64<600>;
				type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
			}

			/// The genesis of an empty pool, with accounts that can pay each other.
			#[cfg(feature = "std")]
			pub fn genesis() -> RuntimeGenesisConfig {
				RuntimeGenesisConfig {
					balances: pallet_balances::GenesisConfig {
						balances: ACCOUNTS.map(|who| (who, crate::ENDOWMENT)).to_vec(),
						..Default::default()
					},
					..Default::default()
				}
			}
		}
	};
}

chain! {
	/// A chain whose pool uses the lottery.
	with_lottery, pallet_prover_lottery::Lottery<Runtime>
}

chain! {
	/// A chain whose pool scans its members.
	with_scan, prover_pool_scan::Scan<Runtime, u128>
}
