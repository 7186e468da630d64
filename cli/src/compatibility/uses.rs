//! What this program uses of the chain, and for what. Tests compare the list with the code.

use serde::{Serialize, Serializer};

/// A part of what this program does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Part {
	/// The daemon executes and proves what is assigned to its account.
	Proving,
	/// The key is that of a proxy.
	Proxies,
	/// The daemon shows the account's record in the pool, and its tokens.
	Account,
	/// The daemon proves blocks of others, and makes the calls that any account may make.
	Rescues,
	/// The daemon counts slashes and payments in finalized blocks.
	Counters,
	/// The daemon rebuilds the state of the rollup from the chain.
	Rebuilding,
	/// Refusals are recognised by their names.
	Refusals,
	/// The other commands.
	Commands,
}

impl Part {
	/// The parts of the daemon.
	pub const OF_DAEMON: [Part; 7] = [
		Part::Proving,
		Part::Proxies,
		Part::Account,
		Part::Rescues,
		Part::Counters,
		Part::Rebuilding,
		Part::Refusals,
	];

	/// Returns the name of the part, as in JSON and in labels of metrics.
	pub fn name(self) -> &'static str {
		match self {
			Part::Proving => "proving",
			Part::Proxies => "proxies",
			Part::Account => "account",
			Part::Rescues => "rescues",
			Part::Counters => "counters",
			Part::Rebuilding => "rebuilding",
			Part::Refusals => "refusals",
			Part::Commands => "commands",
		}
	}

	/// Returns what it means if the runtime does not fit this part.
	pub fn consequence(self) -> &'static str {
		match self {
			Part::Proving => "the daemon cannot prove, and waits",
			Part::Proxies => "a key cannot act for another account: with --for, the daemon waits",
			Part::Account => {
				"the daemon proves its assignments, rescues nothing, and does not show the account"
			},
			Part::Rescues => {
				"the daemon proves its assignments, rescues nothing, and leaves expire_request and \
				 skip_block to others"
			},
			Part::Counters => "the daemon does not count all slashes and payments",
			Part::Rebuilding => "the daemon cannot rebuild the state of the rollup from the chain",
			Part::Refusals => {
				"the daemon may submit a refused proof again instead of making another"
			},
			Part::Commands => "those that use it end with exit code 7",
		}
	}
}

impl Serialize for Part {
	fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
		to.serialize_str(self.name())
	}
}

/// Something that this program uses of the chain.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Use {
	/// Transactions: their format and their extensions.
	Transactions,
	/// A call that is made: pallet and call.
	Call(&'static str, &'static str),
	/// The call by which a key acts for another account. It is encoded by its bytes.
	ProxyCall,
	/// The arguments of a call that are read in blocks: pallet, call, names.
	Arguments(&'static str, &'static str, &'static [&'static str]),
	/// A storage item: pallet and name.
	Storage(&'static str, &'static str),
	/// A constant: pallet and name.
	Constant(&'static str, &'static str),
	/// A query of a runtime API: trait and method.
	Query(&'static str, &'static str),
	/// A query whose answer is decoded by its bytes: trait and method.
	Answer(&'static str, &'static str),
	/// The same, of a runtime API that a chain may lack.
	OptionalAnswer(&'static str, &'static str),
	/// An event: pallet and name.
	Event(&'static str, &'static str),
	/// An error: pallet and name.
	Error(&'static str, &'static str),
}

/// Everything that this program uses, by part, the most important first.
pub const USES: [(Part, &[Use]); 8] = [
	(Part::Proving, PROVING),
	(Part::Proxies, PROXIES),
	(Part::Account, ACCOUNT),
	(Part::Rescues, RESCUES),
	(Part::Counters, COUNTERS),
	(Part::Rebuilding, REBUILDING),
	(Part::Refusals, REFUSALS),
	(Part::Commands, COMMANDS),
];

const PROVING: &[Use] = &[
	Use::Transactions,
	Use::Call("BlockProposal", "prove_block"),
	Use::Call("System", "remark"),
	Use::Arguments("BlockProposal", "propose_block", &["tx_list", "gas_limit", "beneficiary"]),
	Use::Storage("BlockProposal", "Chain"),
	Use::Storage("BlockProposal", "Claims"),
	Use::Storage("BlockProposal", "Clock"),
	Use::Storage("BlockProposal", "PausedUntil"),
	Use::Constant("BlockProposal", "BaseGas"),
	Use::Constant("BlockProposal", "Cooldown"),
	Use::Constant("BlockProposal", "ExpiryPeriod"),
	Use::Constant("BlockProposal", "MaxFeeStep"),
	Use::Constant("BlockProposal", "MaxPause"),
	Use::Constant("BlockProposal", "MaxProofSize"),
	Use::Constant("BlockProposal", "MaxTxListSize"),
	Use::Constant("BlockProposal", "MinProofWindow"),
	Use::Constant("BlockProposal", "OpenRewardEnd"),
	Use::Constant("BlockProposal", "ProofBond"),
	Use::Constant("BlockProposal", "RescueBonus"),
	Use::Query("BlockProposalApi", "blocks"),
	Use::Query("BlockProposalApi", "revoked"),
	Use::Answer("AccountNonceApi", "account_nonce"),
	Use::Answer("BlockBuilder", "apply_extrinsic"),
];

const PROXIES: &[Use] =
	&[Use::ProxyCall, Use::OptionalAnswer("CallSimulationApi", "simulate_call")];

const ACCOUNT: &[Use] = &[
	Use::Storage("System", "Account"),
	Use::Query("ProverPoolApi", "get_assignments"),
	Use::Query("ProverPoolApi", "get_staker"),
];

const RESCUES: &[Use] = &[
	Use::Call("BlockProposal", "expire_request"),
	Use::Call("BlockProposal", "skip_block"),
	Use::Query("BlockProposalApi", "reward_per_gas"),
];

const COUNTERS: &[Use] = &[
	Use::Event("BlockProposal", "BlockVerified"),
	Use::Event("BlockProposal", "BondSettled"),
	Use::Event("BlockProposal", "ClaimRemoved"),
	Use::Event("BlockProposal", "ClaimVoided"),
	Use::Event("ProverPool", "Exited"),
	Use::Event("ProverPool", "SlashCancelled"),
	Use::Event("ProverPool", "Slashed"),
	Use::Event("ProverPool", "Suspended"),
];

const REBUILDING: &[Use] = &[
	Use::Event("BlockProposal", "BlockProposed"),
	Use::Event("BlockProposal", "BlockVerified"),
	Use::Event("BlockProposal", "Reset"),
	Use::Event("BlockProposal", "Started"),
];

const REFUSALS: &[Use] = &[
	Use::Event("Proxy", "ProxyExecuted"),
	Use::Event("Sudo", "Sudid"),
	Use::Event("System", "ExtrinsicFailed"),
	Use::Error("BlockProposal", "AlreadyProven"),
	Use::Error("BlockProposal", "Barred"),
	Use::Error("BlockProposal", "Cancelled"),
	Use::Error("BlockProposal", "GasOverLimit"),
	Use::Error("BlockProposal", "InvalidProof"),
	Use::Error("BlockProposal", "NoFunds"),
	Use::Error("BlockProposal", "NotStarted"),
	Use::Error("BlockProposal", "NothingToClear"),
	Use::Error("BlockProposal", "ProofTooLong"),
	Use::Error("BlockProposal", "TooEarly"),
	Use::Error("BlockProposal", "TooManyForks"),
	Use::Error("BlockProposal", "TxListTooLong"),
	Use::Error("BlockProposal", "UnknownBlock"),
	Use::Error("BlockProposal", "UnknownClaim"),
	Use::Error("ProverPool", "NoPendingSlash"),
	Use::Error("ProverPool", "NotInPool"),
	Use::Error("ProverPool", "UnknownBlock"),
	Use::Error("ProverPool", "UnknownExit"),
	Use::Error("Proxy", "NotProxy"),
	Use::Error("System", "CallFiltered"),
];

const COMMANDS: &[Use] = &[
	Use::Call("BlockProposal", "clear_claims"),
	Use::Call("BlockProposal", "dispute_claim"),
	Use::Call("BlockProposal", "pause"),
	Use::Call("BlockProposal", "propose_block"),
	Use::Call("BlockProposal", "reset"),
	Use::Call("BlockProposal", "start"),
	Use::Call("BlockProposal", "unpause"),
	Use::Call("BlockProposal", "verify_blocks"),
	Use::Call("ProverPool", "apply_slash"),
	Use::Call("ProverPool", "cancel_slash"),
	Use::Call("ProverPool", "discharge_prover"),
	Use::Call("ProverPool", "exit"),
	Use::Call("ProverPool", "pause"),
	Use::Call("ProverPool", "restake"),
	Use::Call("ProverPool", "resume"),
	Use::Call("ProverPool", "set_terms"),
	Use::Call("ProverPool", "stake"),
	Use::Call("ProverPool", "stake_extra"),
	Use::Call("ProverPool", "unstake"),
	Use::Call("ProverPool", "withdraw"),
	Use::Call("ProverPool", "withdraw_for"),
	Use::Call("Sudo", "sudo"),
	Use::Storage("Babe", "CurrentSlot"),
	Use::Storage("BlockProposal", "Blocks"),
	Use::Storage("BlockProposal", "Leftovers"),
	Use::Storage("ProverPool", "Assignments"),
	Use::Storage("ProverPool", "DrawQueue"),
	Use::Storage("ProverPool", "PendingSlashes"),
	Use::Storage("ProverPool", "Stakers"),
	Use::Storage("Timestamp", "Now"),
	Use::Constant("Babe", "ExpectedBlockTime"),
	Use::Constant("Balances", "ExistentialDeposit"),
	Use::Constant("BlockProposal", "MaxDelayPenalty"),
	Use::Constant("BlockProposal", "MaxFeePerGas"),
	Use::Constant("BlockProposal", "MaxGasLimit"),
	Use::Constant("BlockProposal", "MaxUnverifiedBlocks"),
	Use::Constant("BlockProposal", "MinFeePerGas"),
	Use::Constant("ProverLottery", "PriceCeilingPercent"),
	Use::Constant("ProverLottery", "PriceFloorPercent"),
	Use::Query("AttestationApi", "keys"),
	Use::Query("BlockProposalApi", "claims"),
	Use::Query("BlockProposalApi", "fee_per_gas"),
	Use::Query("BlockProposalApi", "instance_hash"),
	Use::Query("ProverPoolApi", "get_capacity"),
	Use::Query("ProverPoolApi", "get_parameters"),
	Use::Query("ProverPoolApi", "get_prover_weights"),
	Use::Query("ProverPoolApi", "get_provers"),
	Use::Query("ProverPoolApi", "next_exit"),
	Use::Query("ProverPoolApi", "odds"),
	Use::Query("ProverPoolApi", "simulate_exit"),
	Use::Query("ProverPoolApi", "simulate_stake"),
	Use::Query("ProverPoolApi", "simulate_unstake"),
	Use::Query("ProverPoolApi", "simulate_withdraw"),
	Use::Answer("TransactionPaymentApi", "query_info"),
	Use::Event("BlockProposal", "BlockCancelled"),
	Use::Event("BlockProposal", "BlockSkipped"),
	Use::Event("TransactionPayment", "TransactionFeePaid"),
];

#[cfg(test)]
#[path = "uses_tests.rs"]
mod tests;
