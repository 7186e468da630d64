//! Accounts for which others act: a cold account and its hot keys, and accounts of several keys.

use super::money::deposit;
use crate::{Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{parameter_types, traits::InstanceFilter};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

/// Which calls a key may make for the account that names it as its proxy.
///
/// A key should have one type for an account: without a type in the call, the chain takes the first of this
/// list, and no other.
///
/// There is no type for everything but transfers: a proposal spends tokens, and so does a stake that is not
/// proven for.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum ProxyType {
	/// All calls.
	#[default]
	Any,
	/// All calls of the pool. Its tokens never go to another account.
	Staking,
	/// What a prover's daemon needs: claims, and to pause and resume the member.
	Proving,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		use pallet_block_proposal::Call as Proposal;
		use pallet_prover_pool::Call as Pool;
		match self {
			Self::Any => true,
			Self::Staking => matches!(call, RuntimeCall::ProverPool(_)),
			Self::Proving => matches!(
				call,
				RuntimeCall::BlockProposal(Proposal::prove_block { .. })
					| RuntimeCall::ProverPool(Pool::pause {} | Pool::resume {})
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		*self == Self::Any || self == other
	}
}

parameter_types! {
	/// An entry whose key is an account, with the amount of the deposit.
	pub const ProxyDepositBase: Balance = deposit(1, 32 + 16);
	/// An account, its type and its delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 32 + 1 + 4);
	/// More machines and people than act for one prover. The pallet reads all of them for each call by proxy, so
	/// the weight of one grows with it.
	pub const MaxProxies: u32 = 32;
	/// An entry whose key is an account, with the amount of the deposit.
	pub const AnnouncementDepositBase: Balance = deposit(1, 32 + 16);
	/// An account, the hash of a call, and a block's number.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 32 + 32 + 4);
	/// As many as proxies.
	pub const MaxPending: u32 = 32;
	/// An entry whose key is an account and the hash of a call, with a moment, the amount of the deposit, its
	/// account and the length of a list.
	pub const MultisigDepositBase: Balance = deposit(1, 32 + 32 + 8 + 16 + 32 + 4);
	/// An account that has approved.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// The usual limit: all signatories are in each transaction.
	pub const MaxSignatories: u32 = 100;
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	type MaxPending = MaxPending;
	type MaxProxies = MaxProxies;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = MaxSignatories;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}
