//! RPC methods in addition to those of every SDK node.

use crate::components::{FullBackend, FullClient, FullPool, SelectChain};
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use prover_pool_runtime::{opaque::Block, BlockNumber, Hash};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// The parts of the node that the methods need.
pub struct Deps {
	/// The client.
	pub client: Arc<FullClient>,
	/// The transaction pool, for the next nonce of an account.
	pub pool: Arc<FullPool>,
	/// The chain whose slots are reported.
	pub select_chain: SelectChain,
	/// The keys whose slots are reported.
	pub keystore: KeystorePtr,
	/// The worker that knows BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// The voters of GRANDPA.
	pub grandpa_authorities: SharedAuthoritySet<Hash, BlockNumber>,
	/// The state of GRANDPA's rounds.
	pub grandpa_voter: SharedVoterState,
	/// New justifications.
	pub grandpa_justifications: GrandpaJustificationStream<Block>,
	/// Proofs of finality.
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

impl Deps {
	/// Returns the methods, with subscriptions driven by `executor`.
	pub fn module(
		&self,
		executor: SubscriptionTaskExecutor,
	) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
		let mut module = RpcModule::new(());
		module.merge(System::new(self.client.clone(), self.pool.clone()).into_rpc())?;
		module.merge(TransactionPayment::new(self.client.clone()).into_rpc())?;
		module.merge(
			Babe::new(
				self.client.clone(),
				self.babe_worker.clone(),
				self.keystore.clone(),
				self.select_chain.clone(),
			)
			.into_rpc(),
		)?;
		module.merge(
			Grandpa::new(
				executor,
				self.grandpa_authorities.clone(),
				self.grandpa_voter.clone(),
				self.grandpa_justifications.clone(),
				self.finality_proofs.clone(),
			)
			.into_rpc(),
		)?;
		Ok(module)
	}
}
