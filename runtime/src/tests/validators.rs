//! Validators that change while the chain runs, what they cannot do, and a GRANDPA that has stalled.

use super::{
	chain::{pre_digest, Chain, Claim},
	governance::sudo,
};
use crate::{
	configs::{
		consensus::{KeyDeposit, EPOCH_DURATION_IN_BLOCKS, EPOCH_DURATION_IN_SLOTS},
		system::RuntimeBlockWeights,
	},
	opaque::SessionKeys,
	AccountId, Authorship, Babe, Balances, Block, BlockNumber, Executive, Grandpa, Hash, Header,
	Historical, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Session, System, Validators,
};
use codec::{Decode, Encode};
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::{fungible::InspectHold, KeyOwnerProofSystem},
};
use pallet_validators::{Equivocations, WeightInfo};
use sp_consensus_babe::{digests::CompatibleDigestItem, runtime_decl_for_babe_api::BabeApi, Slot};
use sp_consensus_grandpa::{
	runtime_decl_for_grandpa_api::GrandpaApi, ConsensusLog, ScheduledChange, GRANDPA_ENGINE_ID,
};
use sp_core::Pair;
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, *},
};
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	transaction_validity::TransactionSource,
	Digest, DigestItem, DispatchError,
};
use sp_session::MembershipProof;

const EPOCH: BlockNumber = EPOCH_DURATION_IN_BLOCKS;

/// A chain of Alice, Bob, Charlie and Dave.
fn chain() -> Chain {
	Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET).with_keystore()
}

fn accounts(who: &[Sr25519Keyring]) -> Vec<AccountId> {
	who.iter().map(|who| who.to_account_id()).collect()
}

fn set(who: &[Sr25519Keyring]) -> RuntimeCall {
	sudo(pallet_validators::Call::set_validators { validators: accounts(who) }.into())
}

/// The keys that the presets give a validator.
fn keys_of(who: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
	SessionKeys { babe: who.public().into(), grandpa: grandpa.public().into() }
}

/// The authorities of BABE and of GRANDPA.
fn authorities(chain: &mut Chain) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
	chain.inspect(|| {
		let babe = Babe::authorities().iter().map(|(key, _)| key.encode()).collect();
		let grandpa = Grandpa::grandpa_authorities().iter().map(|(key, _)| key.encode()).collect();
		(babe, grandpa)
	})
}

/// The same of validators with these keys.
fn authorities_of(keys: &[SessionKeys]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
	let babe = keys.iter().map(|keys| keys.babe.encode()).collect();
	(babe, keys.iter().map(|keys| keys.grandpa.encode()).collect())
}

/// Makes blocks until the first one of the next epoch, by the validator with this place in the set of then.
/// Returns the events of that block.
fn next_epoch(chain: &mut Chain, author: (u32, Sr25519Keyring)) -> Vec<RuntimeEvent> {
	let first = (chain.number() - 1) / EPOCH * EPOCH + EPOCH + 1;
	chain.run_to(first - 1);
	chain.set_author(author.0, author.1);
	chain.block(Vec::new())
}

/// The events of sessions, validators and GRANDPA.
fn of_sessions(events: Vec<RuntimeEvent>) -> Vec<RuntimeEvent> {
	let is = |event: &RuntimeEvent| {
		matches!(
			event,
			RuntimeEvent::Session(_)
				| RuntimeEvent::Historical(_)
				| RuntimeEvent::Validators(_)
				| RuntimeEvent::Grandpa(_)
		)
	};
	events.into_iter().filter(is).collect()
}

fn new_authorities(keys: &[SessionKeys]) -> RuntimeEvent {
	let authority_set = keys.iter().map(|keys| (keys.grandpa.clone(), 1)).collect();
	pallet_grandpa::Event::NewAuthorities { authority_set }.into()
}

fn new_session(session_index: u32) -> RuntimeEvent {
	pallet_session::Event::NewSession { session_index }.into()
}

fn root_stored(index: u32) -> RuntimeEvent {
	pallet_session::historical::Event::<Runtime>::RootStored { index }.into()
}

/// A chain whose account Eve has registered keys that its host keeps.
fn chain_with_eves_keys() -> (Chain, SessionKeys) {
	let mut chain = chain();
	chain.run_to(1);
	let who = Eve.to_account_id();
	let generated = chain.inspect(|| who.using_encoded(|who| SessionKeys::generate(who, None)));
	let (keys, proof) = (generated.keys, generated.proof.encode());
	let call = pallet_session::Call::set_keys { keys: keys.clone(), proof };
	chain.block(vec![(Eve, call.into())]);
	let held =
		chain.inspect(|| Balances::balance_on_hold(&pallet_session::HoldReason::Keys.into(), &who));
	assert_eq!(held, KeyDeposit::get());
	(chain, keys)
}

#[test]
fn a_validator_joins_with_new_keys_and_another_leaves() {
	let (mut chain, eves) = chain_with_eves_keys();
	let old = [
		keys_of(Alice, Ed25519Keyring::Alice),
		keys_of(Bob, Ed25519Keyring::Bob),
		keys_of(Charlie, Ed25519Keyring::Charlie),
		keys_of(Dave, Ed25519Keyring::Dave),
	];
	let new = [old[1].clone(), eves, old[0].clone()];
	assert_eq!(authorities(&mut chain), authorities_of(&old));

	let events = chain.block(vec![(Alice, set(&[Bob, Eve, Alice]))]);
	let validators = accounts(&[Bob, Eve, Alice]);
	let changed = pallet_validators::Event::ValidatorsChanged { validators: validators.clone() };
	assert_eq!(of_sessions(events), [changed.into()]);

	// In the next epoch it is announced …
	let events = next_epoch(&mut chain, (0, Alice));
	let queued = pallet_session::Event::NewQueued.into();
	assert_eq!(of_sessions(events), [root_stored(2), queued, new_session(1)]);
	assert_eq!(authorities(&mut chain), authorities_of(&old));
	let announced = chain.digest().convert_first(|log| log.as_next_epoch_descriptor());
	let announced: Vec<_> = announced
		.expect("an epoch begins")
		.authorities
		.iter()
		.map(|(key, _)| key.encode())
		.collect();
	assert_eq!(announced, authorities_of(&new).0);

	// … and in the one after it, the new set authors and votes.
	let events = next_epoch(&mut chain, (2, Alice));
	assert_eq!(of_sessions(events), [root_stored(3), new_session(2), new_authorities(&new)]);
	assert_eq!(authorities(&mut chain), authorities_of(&new));
	chain.inspect(|| assert_eq!(Session::validators(), validators));
	// Only then is who left gone, and may take its keys with it.
	let purge = pallet_validators::Call::purge_keys {};
	chain.block(vec![(Dave, purge.into())]);
	chain.set_author(0, Bob);
	let mut author = None;
	chain.block_with(Claim::SecondaryVrf, Vec::new(), || author = Authorship::author());
	assert_eq!(author, Some(Bob.to_account_id()));
	next_epoch(&mut chain, (2, Alice));
	assert_eq!(authorities(&mut chain), authorities_of(&new));
}

#[test]
fn a_validator_replaces_its_keys() {
	let mut chain = chain();
	chain.run_to(1);
	let who = Bob.to_account_id();
	let generated = chain.inspect(|| who.using_encoded(|who| SessionKeys::generate(who, None)));
	let (keys, proof) = (generated.keys, generated.proof.encode());
	// For another account the proof does not count.
	let call = pallet_session::Call::set_keys { keys: keys.clone(), proof };
	let by = |who: Sr25519Keyring| RuntimeOrigin::signed(who.to_account_id());
	let stolen = chain.inspect(|| RuntimeCall::from(call.clone()).dispatch(by(Eve)));
	let invalid = pallet_session::Error::<Runtime>::InvalidProof.into();
	assert_eq!(stolen.map_err(|failed| failed.error), Err(invalid));

	chain.block(vec![(Bob, call.into())]);
	next_epoch(&mut chain, (0, Alice));
	let events = next_epoch(&mut chain, (0, Alice));
	let now = [
		keys_of(Alice, Ed25519Keyring::Alice),
		keys,
		keys_of(Charlie, Ed25519Keyring::Charlie),
		keys_of(Dave, Ed25519Keyring::Dave),
	];
	assert_eq!(authorities(&mut chain), authorities_of(&now));
	assert_eq!(of_sessions(events), [root_stored(3), new_session(2), new_authorities(&now)]);
}

#[test]
fn the_chain_goes_on_if_all_validators_try_to_remove_their_keys() {
	let mut chain = chain();
	chain.run_to(1);
	let purge = RuntimeCall::from(pallet_session::Call::purge_keys {});
	let attempts: [(RuntimeCall, DispatchError); 3] = [
		(purge.clone(), frame_system::Error::<Runtime>::CallFiltered.into()),
		(
			pallet_utility::Call::batch_all { calls: vec![purge] }.into(),
			frame_system::Error::<Runtime>::CallFiltered.into(),
		),
		(
			pallet_validators::Call::purge_keys {}.into(),
			pallet_validators::Error::<Runtime>::IsValidator.into(),
		),
	];
	for who in [Alice, Bob, Charlie, Dave] {
		for (call, error) in attempts.clone() {
			let origin = RuntimeOrigin::signed(who.to_account_id());
			let result = chain.inspect(|| call.dispatch(origin)).map_err(|failed| failed.error);
			assert_eq!(result, Err(error));
		}
	}
	for _ in 0..4 {
		next_epoch(&mut chain, (0, Alice));
	}
	chain.inspect(|| assert_eq!(Session::validators(), accounts(&[Alice, Bob, Charlie, Dave])));
}

#[test]
fn an_epoch_that_was_skipped_is_one_session() {
	let mut chain = chain();
	chain.run_to(3);
	chain.skip_slots(5 * EPOCH_DURATION_IN_SLOTS);
	let events = chain.block_with(Claim::SecondaryPlain, Vec::new(), || ());
	assert_eq!(of_sessions(events), [root_stored(2), new_session(1)]);
	chain.inspect(|| assert_eq!(Babe::epoch_index(), 5));
}

#[test]
fn a_rotation_weighs_little_of_a_block() {
	let weight = <Runtime as pallet_validators::Config>::WeightInfo::rotate_session();
	assert!((weight * 50).all_lte(RuntimeBlockWeights::get().max_block), "{weight:?}");
}

/// GRANDPA's announcements in the digest of a block.
fn grandpa_logs(digest: &Digest) -> Vec<ConsensusLog<BlockNumber>> {
	let log = |item: &DigestItem| match item {
		DigestItem::Consensus(GRANDPA_ENGINE_ID, bytes) => {
			ConsensusLog::decode(&mut &bytes[..]).ok()
		},
		_ => None,
	};
	digest.logs.iter().filter_map(log).collect()
}

/// Charlie and Dave are gone for good: governance names the others, and notes the stall when they are queued.
#[test]
fn a_stalled_grandpa_goes_on_with_those_that_are_left() {
	let mut chain = chain();
	chain.block(vec![]);
	chain.block(vec![(Alice, set(&[Alice, Bob]))]);
	next_epoch(&mut chain, (0, Alice));
	assert!(grandpa_logs(chain.digest()).is_empty());

	let (delay, finalized) = (6, 2);
	let note = pallet_grandpa::Call::note_stalled { delay, best_finalized_block_number: finalized };
	chain.block(vec![(Alice, sudo(note.into()))]);
	next_epoch(&mut chain, (0, Alice));
	let left = [keys_of(Alice, Ed25519Keyring::Alice), keys_of(Bob, Ed25519Keyring::Bob)];
	let next_authorities = left.iter().map(|keys| (keys.grandpa.clone(), 1)).collect();
	let change = ScheduledChange { next_authorities, delay };
	assert_eq!(grandpa_logs(chain.digest()), [ConsensusLog::ForcedChange(finalized, change)]);
	chain.inspect(|| {
		assert_eq!(Grandpa::stalled(), None);
		// Nodes count one change as well.
		assert_eq!(Grandpa::current_set_id(), 1);
	});

	chain.run_to(chain.number() + delay - 1);
	assert_ne!(authorities(&mut chain).1, authorities_of(&left).1);
	let events = chain.block(Vec::new());
	assert_eq!(of_sessions(events), [new_authorities(&left)]);
	assert_eq!(authorities(&mut chain), authorities_of(&left));
}

/// A block of Alice's in this slot, sealed. `salt` makes it differ from another one.
fn sealed(slot: u64, salt: u8) -> Header {
	let logs = vec![pre_digest(Claim::SecondaryPlain, slot, (0, Alice))];
	let state_root = Hash::repeat_byte(salt);
	let mut header =
		Header::new(9, Default::default(), state_root, Default::default(), Digest { logs });
	let signature = Alice.pair().sign(header.hash().as_ref());
	header.digest_mut().push(DigestItem::babe_seal(signature.into()));
	header
}

fn equivocated(kind: &[u8; 16]) -> RuntimeEvent {
	let validator = Alice.to_account_id();
	pallet_validators::Event::Equivocated { validator, kind: *kind }.into()
}

/// Reports by Eve. The first is counted, the second is known, and a pool would not take it.
fn report_twice(chain: &mut Chain, call: RuntimeCall, kind: &[u8; 16], known: DispatchError) {
	let events = chain.block(vec![(Eve, call.clone())]);
	assert_eq!(of_sessions(events), [equivocated(kind)]);
	let again = chain.inspect(|| call.dispatch(RuntimeOrigin::signed(Eve.to_account_id())));
	assert_eq!(again.map_err(|failed| failed.error), Err(known));
}

#[test]
fn two_blocks_in_one_slot_are_counted() {
	let mut chain = chain();
	chain.run_to(3);
	let slot = Slot::from(chain.slot() - 1);
	let (first_header, second_header) = chain.inspect(|| (sealed(*slot, 1), sealed(*slot, 2)));
	let offender = sp_consensus_babe::AuthorityId::from(Alice.public());
	let proof: MembershipProof = chain
		.inspect(|| {
			let id = offender.clone();
			<Runtime as BabeApi<Block>>::generate_key_ownership_proof(slot, id)
		})
		.and_then(|proof| proof.decode())
		.expect("Alice is an authority");
	let equivocation_proof =
		sp_consensus_babe::EquivocationProof { offender, slot, first_header, second_header };
	let call = pallet_babe::Call::<Runtime>::report_equivocation {
		equivocation_proof: Box::new(equivocation_proof.clone()),
		key_owner_proof: proof.clone(),
	};
	// An epoch later, after a change of the validators, it is still known who had the key.
	chain.block(vec![(Alice, set(&[Bob]))]);
	next_epoch(&mut chain, (0, Alice));
	next_epoch(&mut chain, (0, Bob));

	// As a node's own transaction it is valid, until it is reported.
	let unsigned = pallet_babe::Call::report_equivocation_unsigned {
		equivocation_proof: Box::new(equivocation_proof),
		key_owner_proof: proof,
	};
	let validate = |chain: &mut Chain| {
		let transaction = crate::UncheckedExtrinsic::new_bare(unsigned.clone().into());
		// It begins a block.
		let result = chain.inspect(|| {
			with_transaction(|| {
				let parent = System::parent_hash();
				let source = TransactionSource::Local;
				let validity = Executive::validate_transaction(source, transaction, parent);
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(validity))
			})
		});
		result.expect("the layers of storage suffice")
	};
	assert!(validate(&mut chain).is_ok());
	let known = pallet_babe::Error::<Runtime>::DuplicateOffenceReport.into();
	report_twice(&mut chain, call.into(), b"babe:equivocatio", known);
	assert!(validate(&mut chain).is_err());
	chain.inspect(|| assert_eq!(Equivocations::<Runtime>::get(Alice.to_account_id()), 1));
}

/// A vote of Alice's in round 1 of set 0, with its signature.
fn prevote(target: Hash) -> ((Hash, BlockNumber), [u8; 64]) {
	let vote = (target, 1u32);
	// Message 0 is a prevote.
	let message = (0u8, vote, 1u64, 0u64).encode();
	(vote, Ed25519Keyring::Alice.sign(&message).0)
}

#[test]
fn two_votes_in_one_round_are_counted() {
	let mut chain = chain();
	chain.run_to(3);
	let identity = sp_consensus_grandpa::AuthorityId::from(Ed25519Keyring::Alice.public());
	let votes = (prevote(Hash::repeat_byte(1)), prevote(Hash::repeat_byte(2)));
	// The set's id, the kind of vote, the round, who, and the votes.
	let encoded = (0u64, 0u8, 1u64, identity.clone(), votes).encode();
	let equivocation_proof = Decode::decode(&mut &encoded[..]).expect("that is its encoding");
	let key_owner_proof = chain
		.inspect(|| {
			<Runtime as GrandpaApi<Block>>::generate_key_ownership_proof(0, identity.clone())
		})
		.and_then(|proof| proof.decode())
		.expect("Alice is an authority");
	let call = pallet_grandpa::Call::<Runtime>::report_equivocation {
		equivocation_proof: Box::new(equivocation_proof),
		key_owner_proof,
	};
	let known = pallet_grandpa::Error::<Runtime>::DuplicateOffenceReport.into();
	report_twice(&mut chain, call.into(), b"grandpa:equivoca", known);
}

#[test]
fn nobody_can_prove_the_ownership_of_a_strangers_key() {
	chain().inspect(|| {
		let key = |who: Sr25519Keyring| {
			(sp_consensus_babe::KEY_TYPE, sp_consensus_babe::AuthorityId::from(who.public()))
		};
		assert!(Historical::prove(key(Alice)).is_some_and(|proof| {
			Historical::check_proof(key(Alice), proof.clone()) == Some((Alice.to_account_id(), ()))
				&& Historical::check_proof(key(Eve), proof).is_none()
		}));
		assert_eq!(pallet_validators::Validators::<Runtime>::get().len(), 4);
		assert_eq!(Validators::do_try_state(), Ok(()));
	});
}
