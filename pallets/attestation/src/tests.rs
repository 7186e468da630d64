//! Who registers keys, and what counts as a proof: everything with real signatures.

use codec::Encode;
use frame_support::{
	assert_noop, assert_ok, derive_impl, dispatch::GetDispatchInfo, parameter_types,
};
use frame_system::EnsureRoot;
use sp_core::Pair;
use sp_runtime::{traits::BadOrigin, BuildStorage};

use crate::{self as pallet_attestation, *};

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Attestations = pallet_attestation::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	pub const MaxAttestationKeys: u32 = 2;
}

impl Config for Test {
	type AdminOrigin = EnsureRoot<u64>;
	type MaxAttestationKeys = MaxAttestationKeys;
	type WeightInfo = weights::SubstrateWeight<Test>;
}

type Event = crate::Event<Test>;
type Error = crate::Error<Test>;

fn pair(seed: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[seed; 32])
}

fn key(seed: u8) -> sr25519::Public {
	pair(seed).public()
}

/// Runs a test on a chain that starts with the keys of these seeds, and checks the invariants after it.
fn execute(seeds: &[u8], test: impl FnOnce()) {
	let keys = seeds.iter().map(|seed| key(*seed)).collect();
	let genesis = RuntimeGenesisConfig {
		attestations: pallet_attestation::GenesisConfig { keys, ..Default::default() },
		..Default::default()
	};
	sp_io::TestExternalities::from(genesis.build_storage().unwrap()).execute_with(|| {
		System::set_block_number(1);
		test();
		assert_ok!(Attestations::do_try_state());
	})
}

/// An empty chain on a host that keeps keys, which benchmarks sign with.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn with_keystore() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext
}

fn events() -> Vec<Event> {
	System::read_events_for_pallet::<Event>()
}

const INSTANCE: H256 = H256::repeat_byte(0x42);

fn attest(seed: u8, message: &[u8]) -> Attestation {
	Attestation { public: key(seed), signature: pair(seed).sign(message) }
}

fn verify(instance: H256, proof: &[u8]) -> Verification<sr25519::Public> {
	<Attestations as ProofVerifier>::verify(instance, proof)
}

fn accepted(instance: H256, attestation: &Attestation) -> bool {
	verify(instance, &attestation.encode()).tag.is_some()
}

#[test]
fn keys_are_registered_and_revoked_by_the_administrator_alone() {
	execute(&[], || {
		let root = RuntimeOrigin::root;
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			assert_noop!(Attestations::register_key(origin.clone(), key(1)), BadOrigin);
			assert_noop!(Attestations::revoke_key(origin, key(1)), BadOrigin);
		}
		assert_noop!(Attestations::revoke_key(root(), key(1)), Error::NotRegistered);
		assert_ok!(Attestations::register_key(root(), key(1)));
		assert_noop!(Attestations::register_key(root(), key(1)), Error::AlreadyRegistered);
		assert_ok!(Attestations::register_key(root(), key(2)));
		assert_noop!(Attestations::register_key(root(), key(3)), Error::TooManyKeys);
		assert_ok!(Attestations::revoke_key(root(), key(1)));
		assert_ok!(Attestations::register_key(root(), key(3)));
		assert_eq!(
			events(),
			[
				Event::KeyRegistered { key: key(1) },
				Event::KeyRegistered { key: key(2) },
				Event::KeyRevoked { key: key(1) },
				Event::KeyRegistered { key: key(3) },
			]
		);
		let mut keys = Attestations::keys();
		keys.sort();
		let mut expected = [key(2), key(3)];
		expected.sort();
		assert_eq!(keys, expected);
	});
}

#[test]
fn a_proof_is_a_signature_of_the_instance_by_a_registered_key() {
	execute(&[1], || {
		let proof = attest(1, INSTANCE.as_bytes());
		assert!(accepted(INSTANCE, &proof));
		assert!(Attestations::accepts(INSTANCE, proof.encode()));
		// Another instance, another key, somebody else's signature.
		assert!(!accepted(H256::zero(), &proof));
		assert!(!accepted(INSTANCE, &attest(2, INSTANCE.as_bytes())));
		assert!(!accepted(INSTANCE, &Attestation { public: key(2), ..proof.clone() }));
		let forged = Attestation { public: key(1), ..attest(2, INSTANCE.as_bytes()) };
		assert!(!accepted(INSTANCE, &forged));
		// The bytes of the hash, not a text or a hash of them.
		assert!(!accepted(INSTANCE, &attest(1, format!("{INSTANCE:?}").as_bytes())));

		assert_ok!(Attestations::revoke_key(RuntimeOrigin::root(), key(1)));
		assert!(!accepted(INSTANCE, &proof));
	});
}

#[test]
fn a_proof_is_96_bytes_long_and_no_bytes_are_accepted_or_panic_by_chance() {
	execute(&[1], || {
		let proof = attest(1, INSTANCE.as_bytes()).encode();
		assert_eq!(proof.len(), 96);
		assert_eq!(Attestation::max_encoded_len(), 96);
		let verify = |bytes: &[u8]| verify(INSTANCE, bytes).tag.is_some();
		assert!(verify(&proof));
		assert!(!verify(&[&proof[..], &[0]].concat()), "trailing bytes");
		for length in 0..proof.len() {
			assert!(!verify(&proof[..length]));
		}
		for place in 0..proof.len() {
			let mut changed = proof.clone();
			changed[place] ^= 1;
			assert!(!verify(&changed), "byte {place}");
		}
		assert!(!verify(&[0; 96]) && !verify(&[0xff; 96]));
	});
}

#[test]
fn a_verification_weighs_what_it_did() {
	type W = <Test as Config>::WeightInfo;
	execute(&[1], || {
		let most = <Attestations as ProofVerifier>::verify_weight(96);
		assert_eq!(most, <W as WeightInfo>::verify_proof());
		let weight = |proof: &[u8]| verify(INSTANCE, proof).weight;
		assert_eq!(weight(&attest(1, INSTANCE.as_bytes()).encode()), most);
		assert_eq!(weight(&attest(1, b"another message").encode()), most);
		// A key that is not registered is looked up; what is no attestation costs nothing.
		let unknown = attest(2, INSTANCE.as_bytes()).encode();
		assert_eq!(weight(&unknown), <W as WeightInfo>::look_up_key());
		assert_eq!(weight(&[1; 95]), Weight::zero());
	});
}

#[test]
fn the_tag_is_the_key_until_it_is_revoked() {
	execute(&[1], || {
		let tag = verify(INSTANCE, &attest(1, INSTANCE.as_bytes()).encode()).tag;
		assert_eq!(tag, Some(key(1)));
		let is_revoked = <Attestations as ProofVerifier>::is_revoked;
		assert!(!is_revoked(&key(1)) && is_revoked(&key(2)));
		assert_ok!(Attestations::revoke_key(RuntimeOrigin::root(), key(1)));
		assert!(is_revoked(&key(1)));
		let weight = <Attestations as ProofVerifier>::is_revoked_weight();
		assert_eq!(weight, <Test as Config>::WeightInfo::look_up_key());
	});
}

/// Zeros decode to the identity of the group, for which a signature of zeros is valid for every message.
#[test]
fn attack_f15_the_key_for_which_everybody_can_sign() {
	execute(&[], || {
		let identity = sr25519::Public::from_raw([0; 32]);
		let mut forged = [0; 64];
		forged[63] = 0x80;
		let proof = Attestation { public: identity, signature: forged.into() };
		// It would be accepted …
		AttestationKeys::<Test>::insert(identity, ());
		assert!(accepted(INSTANCE, &proof));
		AttestationKeys::<Test>::remove(identity);
		// … so it is never registered.
		let register = |key| Attestations::register_key(RuntimeOrigin::root(), key);
		assert_noop!(register(identity), Error::InvalidKey);
		// Nor is what is no key at all: not a point, or not in its only encoding.
		for bytes in [[0xff; 32], [1; 32]] {
			assert_noop!(register(sr25519::Public::from_raw(bytes)), Error::InvalidKey);
		}
		assert_ok!(register(key(1)));
	});
}

#[test]
#[should_panic(expected = "cannot be registered")]
fn a_genesis_with_an_unusable_key_is_refused() {
	let keys = vec![sr25519::Public::from_raw([0; 32])];
	let attestations = pallet_attestation::GenesisConfig { keys, ..Default::default() };
	let _ = RuntimeGenesisConfig { attestations, ..Default::default() }.build_storage();
}

#[test]
fn its_calls_are_operational() {
	for call in [Call::<Test>::register_key { key: key(1) }, Call::revoke_key { key: key(1) }] {
		assert_eq!(
			call.get_dispatch_info().class,
			frame_support::dispatch::DispatchClass::Operational
		);
	}
}

#[test]
fn a_chain_starts_with_its_genesis_keys() {
	execute(&[1, 2], || {
		assert_eq!(AttestationKeys::<Test>::count(), 2);
		assert!(accepted(INSTANCE, &attest(2, INSTANCE.as_bytes())));
	});
}

#[test]
#[should_panic(expected = "cannot be registered")]
fn a_genesis_with_too_many_keys_is_refused() {
	execute(&[1, 2, 3], || {});
}

#[test]
fn both_invariants_can_fail() {
	execute(&[1, 2], || {
		AttestationKeys::<Test>::insert(key(3), ());
		let expected = DispatchError::Other("there are too many keys");
		assert_eq!(Attestations::do_try_state(), Err(expected));
		AttestationKeys::<Test>::remove(key(3));

		let path = AttestationKeys::<Test>::hashed_key_for(key(1));
		sp_io::storage::clear(&path);
		let expected = DispatchError::Other("keys are miscounted");
		assert_eq!(Attestations::do_try_state(), Err(expected));
		AttestationKeys::<Test>::insert(key(1), ());
		sp_io::storage::clear(&path);
		AttestationKeys::<Test>::initialize_counter();
	});
}
