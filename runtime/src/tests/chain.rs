//! A chain in a test: Alice, or an authority that a test names, authors its blocks through the same entry
//! points that a node uses.

use crate::{
	configs::consensus::SLOT_DURATION, Attestation, Babe, Balance, Balances, Block, BlockProposal,
	Executive, Header, Nonce, ProverPool, Runtime, RuntimeCall, RuntimeEvent, SignedPayload,
	SuccinctProofs, System, TxExtension, UncheckedExtrinsic, Validators, VrfAccumulator,
};
use codec::Encode;
use frame_support::traits::fungible::Inspect;
use serde_json::Value;
use sp_consensus_babe::{
	digests::{PreDigest, PrimaryPreDigest, SecondaryPlainPreDigest, SecondaryVRFPreDigest},
	make_vrf_sign_data, Slot, BABE_ENGINE_ID,
};
use sp_core::{crypto::VrfSecret, sr25519::vrf::VrfSignature};
use sp_genesis_builder::{runtime_decl_for_genesis_builder::GenesisBuilder, PresetId};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
	generic::Era,
	traits::Header as _,
	transaction_validity::{TransactionSource, TransactionValidity},
	Digest, DigestItem, DispatchError,
};

/// How the author of a block claims its slot.
#[derive(Clone, Copy)]
pub enum Claim {
	Primary,
	SecondaryVrf,
	SecondaryPlain,
}

/// The slot of the first block.
pub const FIRST_SLOT: u64 = 1_000;

/// A chain and its best block.
pub struct Chain {
	state: TestExternalities,
	parent: Header,
	slot: u64,
	author: (u32, Sr25519Keyring),
}

impl Chain {
	/// A chain at its genesis, built as a node builds it: the preset is merged into the default
	/// configuration, and all of that becomes state.
	pub fn from_preset(preset: &str) -> Self {
		let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).expect("valid JSON");
		let get = |id: Option<&str>| Runtime::get_preset(&id.map(PresetId::from));
		let mut config = json(get(None).expect("there is a default"));
		merge(&mut config, json(get(Some(preset)).expect("the preset exists")));

		let mut state = TestExternalities::new_empty();
		state.execute_with(|| {
			<Runtime as GenesisBuilder<Block>>::build_state(config.to_string().into_bytes())
				.expect("the genesis can be built")
		});
		let parent = Header::new(
			0,
			Default::default(),
			Default::default(),
			Default::default(),
			Default::default(),
		);
		// Any slot but 0 may be the first.
		Self { state, parent, slot: FIRST_SLOT, author: (0, Sr25519Keyring::Alice) }
	}

	/// The chain that `--dev` starts.
	pub fn development() -> Self {
		Self::from_preset(sp_genesis_builder::DEV_RUNTIME_PRESET)
	}

	/// Lets the host keep keys, as that of a node does.
	pub fn with_keystore(mut self) -> Self {
		self.state.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		self
	}

	/// The slot of the next block.
	pub fn slot(&self) -> u64 {
		self.slot
	}

	/// The digest of the best block.
	pub fn digest(&self) -> &Digest {
		&self.parent.digest
	}

	/// Reads, or meddles with, the state after the best block.
	pub fn inspect<R>(&mut self, look: impl FnOnce() -> R) -> R {
		self.state.execute_with(look)
	}

	/// The number of the best block.
	pub fn number(&self) -> u32 {
		self.parent.number
	}

	/// Lets another authority author the next blocks, by its place among them.
	pub fn set_author(&mut self, authority_index: u32, who: Sr25519Keyring) {
		self.author = (authority_index, who);
	}

	/// Authors a block with these transactions and returns its events. The block must be valid and
	/// every call in it succeed.
	pub fn block(&mut self, calls: Vec<(Sr25519Keyring, RuntimeCall)>) -> Vec<RuntimeEvent> {
		self.block_with(Claim::SecondaryVrf, calls, || ())
	}

	/// The verdict on a transaction, as the pool of transactions asks for it.
	pub fn validate(
		&mut self,
		who: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> TransactionValidity {
		let (call, hash) = (call.into(), self.parent.hash());
		self.inspect(|| {
			let nonce = System::account_nonce(who.to_account_id());
			let source = TransactionSource::External;
			Executive::validate_transaction(source, signed(who, nonce, call), hash)
		})
	}

	/// Authors empty blocks up to this number and returns the events of the last.
	pub fn run_to(&mut self, number: u32) -> Vec<RuntimeEvent> {
		let mut events = Vec::new();
		while self.number() < number {
			events = self.block(Vec::new());
		}
		events
	}

	/// Leaves slots empty.
	pub fn skip_slots(&mut self, count: u64) {
		self.slot += count;
	}

	/// Authors a block whose slot is claimed in this way. `during` runs where transactions do, after
	/// the hooks that begin a block.
	pub fn block_with(
		&mut self,
		claim: Claim,
		calls: Vec<(Sr25519Keyring, RuntimeCall)>,
		during: impl FnOnce(),
	) -> Vec<RuntimeEvent> {
		let (slot, author) = (self.slot, self.author);
		let (number, parent_hash) = (self.parent.number + 1, self.parent.hash());
		let (header, events) = self.state.execute_with(|| {
			let digest = Digest { logs: vec![pre_digest(claim, slot, author)] };
			Executive::initialize_block(&Header::new(
				number,
				Default::default(),
				Default::default(),
				parent_hash,
				digest,
			));
			let now = pallet_timestamp::Call::set { now: slot * SLOT_DURATION };
			apply(UncheckedExtrinsic::new_bare(now.into())).expect("the time fits the slot");
			for (who, call) in calls {
				let nonce = System::account_nonce(who.to_account_id());
				apply(signed(who, nonce, call)).expect("the call succeeds");
			}
			during();
			let header = Executive::finalize_block();
			let events = System::read_events_no_consensus().map(|record| record.event).collect();
			check_state();
			(header, events)
		});
		self.parent = header;
		self.slot += 1;
		events
	}
}

/// The invariants of the pallets: of ours always, of all others with `try-runtime`.
pub fn check_state() {
	ProverPool::do_try_state().expect("the pool's invariants hold");
	BlockProposal::do_try_state().expect("the protocol's invariants hold");
	Attestation::do_try_state().expect("the attestations' invariants hold");
	SuccinctProofs::do_try_state().expect("the succinct proofs' invariants hold");
	VrfAccumulator::do_try_state().expect("the accumulator's invariants hold");
	Validators::do_try_state().expect("the validators' invariants hold");
	#[cfg(feature = "try-runtime")]
	<crate::AllPalletsWithSystem as frame_support::traits::TryState<crate::BlockNumber>>::try_state(
		System::block_number(),
		frame_support::traits::TryStateSelect::All,
	)
	.expect("all invariants hold");
}

/// Returns what an account could spend if it could be reaped.
pub fn spendable(who: Sr25519Keyring) -> Balance {
	Balances::balance(&who.to_account_id())
}

/// A transaction as a wallet signs it: immortal, without a tip, without the metadata's hash.
pub fn signed(who: Sr25519Keyring, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
	tipped(who, nonce, call, 0)
}

/// The same with a tip.
pub fn tipped(
	who: Sr25519Keyring,
	nonce: Nonce,
	call: RuntimeCall,
	tip: Balance,
) -> UncheckedExtrinsic {
	let extension: TxExtension = (
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		crate::check_operational::CheckOperational,
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	);
	let payload = SignedPayload::new(call.clone(), extension.clone()).expect("can be signed");
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	UncheckedExtrinsic::new_signed(call, who.to_account_id().into(), signature.into(), extension)
}

/// Applies a valid extrinsic in a block.
pub fn apply(extrinsic: UncheckedExtrinsic) -> Result<(), DispatchError> {
	Executive::apply_extrinsic(extrinsic).expect("the extrinsic is valid")
}

/// An author's claim of a slot for a block on the present state.
pub fn pre_digest(
	claim: Claim,
	slot: u64,
	(authority_index, author): (u32, Sr25519Keyring),
) -> DigestItem {
	let slot = Slot::from(slot);
	// The genesis' epoch starts with the first block.
	let begun = Babe::genesis_slot() != Slot::from(0);
	let epoch = if begun && slot >= Babe::next_epoch().start_slot {
		Babe::next_epoch()
	} else {
		Babe::current_epoch()
	};
	let vrf_signature: VrfSignature =
		author.pair().vrf_sign(&make_vrf_sign_data(&epoch.randomness, slot, epoch.epoch_index));
	let pre_digest = match claim {
		Claim::Primary => {
			PreDigest::Primary(PrimaryPreDigest { authority_index, slot, vrf_signature })
		},
		Claim::SecondaryVrf => {
			PreDigest::SecondaryVRF(SecondaryVRFPreDigest { authority_index, slot, vrf_signature })
		},
		Claim::SecondaryPlain => {
			PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot })
		},
	};
	DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())
}

/// Merges a JSON patch into a configuration (RFC 7386).
fn merge(into: &mut Value, patch: Value) {
	match (into, patch) {
		(Value::Object(into), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(Value::Null), value);
			}
		},
		(into, patch) => *into = patch,
	}
}
