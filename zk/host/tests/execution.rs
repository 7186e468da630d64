//! The guest in the emulator: it agrees with native execution, and refuses what is not right.

use codec::Encode;
use proptest::prelude::*;
use prover_pool_rollup::{
	decode_list, dev_genesis, dev_secret, encode_list, execute as execute_natively, Address,
	Effect, Error, Proposal, SignedTransfer, Signer, State, DEV_ACCOUNTS, DEV_BALANCE,
	GAS_PER_TRANSFER,
};
use prover_pool_zk_host::{
	execute, image::GUEST_ELF, samples, ExecutionError, Input, InstanceHash, SEGMENT_PO2,
};

/// Returns what the guest commits to.
fn guest(input: &Input) -> Result<InstanceHash, ExecutionError> {
	let journal = execute(GUEST_ELF, &input.frames(), 20)?.journal;
	Ok(journal.try_into().expect("the journal is one hash"))
}

/// Returns the guest's reason not to halt.
fn refusal(frames: &[u8]) -> String {
	match execute(GUEST_ELF, frames, 20) {
		Err(ExecutionError::Refused(reason)) => reason,
		Err(other) => panic!("{other}"),
		Ok(_) => panic!("the guest halts"),
	}
}

/// A transfer of a random list, which need not be right.
#[derive(Clone, Debug)]
struct Draft {
	/// The number of the sender: a development account, or one without an account.
	from: u32,
	/// The number of the recipient, likewise.
	to: u32,
	amount: u64,
	fee: u64,
	/// What is changed after the signature.
	fault: Fault,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
	None,
	Nonce,
	Amount,
	Chain,
}

fn draft() -> impl Strategy<Value = Draft> {
	let account = || 0..DEV_ACCOUNTS + 3;
	let amount = prop_oneof![Just(0), 1..2_000u64, Just(DEV_BALANCE), Just(u64::MAX)];
	let fee = prop_oneof![4 => 0..3u64, 1 => Just(DEV_BALANCE + 1)];
	let fault = prop_oneof![
		5 => Just(Fault::None),
		1 => Just(Fault::Nonce),
		1 => Just(Fault::Amount),
		1 => Just(Fault::Chain),
	];
	(account(), account(), amount, fee, fault).prop_map(|(from, to, amount, fee, fault)| Draft {
		from,
		to,
		amount,
		fee,
		fault,
	})
}

/// What becomes of the bytes of a list.
#[derive(Clone, Copy, Debug)]
enum Damage {
	None,
	Truncated,
	Longer,
}

#[derive(Clone, Debug)]
struct Block {
	drafts: Vec<Draft>,
	damage: Damage,
	/// Whether the list exceeds the gas limit.
	poor: bool,
	beneficiary: u32,
}

fn block() -> impl Strategy<Value = Block> {
	let damage = prop_oneof![8 => Just(Damage::None), 1 => Just(Damage::Truncated), 1 => Just(Damage::Longer)];
	(prop::collection::vec(draft(), 0..5), damage, prop::bool::weighted(0.1), 0..DEV_ACCOUNTS + 3)
		.prop_map(|(drafts, damage, poor, beneficiary)| Block { drafts, damage, poor, beneficiary })
}

/// The keepers of the secrets of all accounts.
struct Wallets(Vec<Signer>);

impl Wallets {
	fn new() -> Self {
		Self((0..DEV_ACCOUNTS + 3).map(|number| Signer::new(dev_secret(number))).collect())
	}

	fn address(&self, number: u32) -> Address {
		self.0[number as usize].address()
	}

	fn sign(&mut self, draft: &Draft) -> SignedTransfer {
		let to = self.address(draft.to);
		let signed = self.0[draft.from as usize].sign(to, draft.amount, draft.fee);
		let mut signed = signed.expect("a low nonce");
		match draft.fault {
			Fault::None => {},
			Fault::Nonce => signed.transfer.nonce += 1,
			Fault::Amount => signed.transfer.amount ^= 1,
			Fault::Chain => signed.signature.chains[7] ^= 1,
		}
		signed
	}

	fn list(&mut self, block: &Block) -> Vec<u8> {
		let mut list =
			encode_list(&block.drafts.iter().map(|draft| self.sign(draft)).collect::<Vec<_>>());
		match block.damage {
			Damage::None => {},
			Damage::Truncated => {
				list.pop();
			},
			Damage::Longer => list.push(0),
		}
		list
	}
}

/// Executes a block natively and in the guest, and compares.
fn agree(state: &mut State, wallets: &mut Wallets, id: u64, block: &Block) {
	let list = wallets.list(block);
	let gas = GAS_PER_TRANSFER * block.drafts.len() as u32;
	let proposal = Proposal {
		id,
		gas_limit: if block.poor { gas.saturating_sub(1) } else { gas },
		beneficiary: wallets.address(block.beneficiary),
	};
	let executed = state.execute(&proposal, &list).unwrap();
	let (genesis_hash, prover) = ([id as u8; 32], [3; 32]);
	let input = Input {
		parent: *state.header(),
		witness: executed.witness.clone(),
		proposal,
		list,
		genesis_hash,
		prover,
	};
	let expected = executed.outcome.header.instance(genesis_hash, prover).hash();
	assert_eq!(guest(&input), Ok(expected));
	state.apply(&executed).unwrap();
}

proptest! {
	#![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

	#[test]
	fn guest_and_native_execution_agree_on_random_blocks(
		blocks in prop::collection::vec(block(), 1..4),
	) {
		let (mut state, mut wallets) = (dev_genesis(), Wallets::new());
		for (id, block) in (1..).zip(&blocks) {
			agree(&mut state, &mut wallets, id, block);
		}
	}

	/// Lists of which no part is right are empty blocks.
	#[test]
	fn guest_and_native_execution_agree_on_random_bytes(
		list in prop::collection::vec(any::<u8>(), 0..200),
	) {
		let mut input = samples::block(0).unwrap();
		input.list = list;
		prop_assert_eq!(guest(&input), Ok(input.instance().unwrap()));
	}
}

/// The guest's own copies and comparisons of memory, by a program in the zkVM that tries them.
#[test]
fn copies_and_comparisons_of_memory_are_right() {
	let execution = execute(include_bytes!("../../guest/memory-test.elf"), &[], 20).unwrap();
	assert_eq!(execution.journal, [1; 32]);
}

#[test]
fn a_full_list_is_executed_in_several_segments() {
	let input = samples::block(40).unwrap();
	let whole = execute(GUEST_ELF, &input.frames(), 21).unwrap();
	let parts = execute(GUEST_ELF, &input.frames(), 17).unwrap();
	assert_eq!(whole.journal, input.instance().unwrap());
	assert_eq!(parts.journal, whole.journal);
	assert_eq!(whole.segments.len(), 1);
	assert!(parts.segments.len() > 8, "{}", parts.segments.len());
	let chained = |pair: &[_]| match pair {
		[before, after] => before == after,
		_ => false,
	};
	let states: Vec<_> = parts
		.segments
		.iter()
		.flat_map(|segment| [segment.claim.pre_state, segment.claim.post_state])
		.collect();
	assert!(states[1..states.len() - 1].chunks(2).all(chained));
	assert!(parts.segments.iter().all(|segment| segment.po2 <= 17));
}

#[test]
fn accounts_are_created_among_many() {
	let input = samples::block_of_new_accounts(3, 2_000).unwrap();
	assert_eq!(guest(&input), Ok(input.instance().unwrap()));
	let Input { parent, witness, proposal, list, .. } = &input;
	let outcome = execute_natively(parent, witness, proposal, list).unwrap();
	assert_eq!(outcome.effects, [Effect::Moved; 3]);
	assert_eq!(outcome.header.accounts, input.parent.accounts + 3);
}

#[test]
fn every_part_of_the_input_is_in_the_instance() {
	let input = samples::block(1).unwrap();
	let same = guest(&input).unwrap();
	let changed = |change: fn(&mut Input)| {
		let mut other = input.clone();
		change(&mut other);
		let committed = guest(&other).unwrap();
		assert_eq!(Ok(committed), other.instance());
		committed
	};
	for other in [
		changed(|input| input.proposal.id += 1),
		changed(|input| input.proposal.gas_limit += 1),
		changed(|input| input.proposal.beneficiary = input.witness.accounts[1].1.address),
		changed(|input| input.list.truncate(100)),
		changed(|input| input.genesis_hash[31] ^= 1),
		changed(|input| input.prover[0] ^= 1),
		changed(|input| input.parent.id += 1),
		// The tree of one more account has the same root here, but it is another parent.
		changed(|input| input.parent.accounts += 1),
	] {
		assert_ne!(other, same);
	}
}

#[test]
fn a_witness_that_lies_has_no_proof() {
	const WRONG: &str = "the witness is wrong or incomplete";
	let input = samples::block(2).unwrap();
	assert!(guest(&input).is_ok());
	let lie = |change: fn(&mut Input), error: Error| {
		let mut other = input.clone();
		change(&mut other);
		assert_eq!(other.instance(), Err(error));
		assert_eq!(refusal(&other.frames()), WRONG);
	};
	lie(|input| input.witness.accounts[0].1.balance += 1, Error::WrongWitness);
	lie(|input| input.witness.accounts[0].1.nonce += 1, Error::WrongWitness);
	lie(|input| input.witness.accounts[0].0 += 1, Error::WrongWitness);
	lie(|input| input.witness.siblings[0][0] ^= 1, Error::WrongWitness);
	lie(
		|input| {
			input.witness.siblings.pop();
		},
		Error::WrongWitness,
	);
	lie(|input| input.witness.siblings.push([0; 32]), Error::WrongWitness);
	lie(|input| input.parent.state_root[0] ^= 1, Error::WrongWitness);
	lie(|input| input.witness = Default::default(), Error::IncompleteWitness);
}

#[test]
fn an_input_that_does_not_decode_has_no_proof() {
	let input = samples::block(1).unwrap();
	let frames = input.frames();
	assert_eq!(decode_list(&input.list).unwrap().len(), 1);
	for length in [0, 3, 4, 100, frames.len() - input.list.len() - 1, frames.len() - 1] {
		assert_eq!(refusal(&frames[..length]), "the input is too short", "{length}");
	}
	// A length of nearly 4 GiB, and one that memory cannot hold.
	for length in [u32::MAX, 0xf000_0000] {
		let mut frames = frames.clone();
		frames[..4].copy_from_slice(&length.to_le_bytes());
		assert!(execute(GUEST_ELF, &frames, 20).is_err());
	}
	// Trailing bytes, and a number of accounts that is not there.
	let first = (input.parent, &input.witness, input.proposal).encode();
	for part in [[&first[..], &[0; 65]].concat(), [&first[..164], &[0xfe; 64]].concat(), vec![]] {
		let frames = [&(part.len() as u32).to_le_bytes()[..], &part, &[0; 4]].concat();
		assert_eq!(refusal(&frames), "the input does not decode");
	}
}

#[test]
fn sizes_of_segments_that_cannot_be_proven_are_refused() {
	let frames = samples::block(0).unwrap().frames();
	for po2 in [0, SEGMENT_PO2.start() - 1, SEGMENT_PO2.end() + 1, usize::MAX] {
		let refused = execute(GUEST_ELF, &frames, po2).map(|_| ());
		assert_eq!(refused, Err(ExecutionError::SegmentSize(po2)));
	}
	for po2 in [*SEGMENT_PO2.start(), *SEGMENT_PO2.end()] {
		assert!(execute(GUEST_ELF, &frames, po2).is_ok(), "{po2}");
	}
}

#[test]
fn what_is_no_program_is_refused() {
	let frames = samples::block(0).unwrap().frames();
	for elf in [&[][..], b"no program", &GUEST_ELF[..1_000]] {
		assert!(matches!(execute(elf, &frames, 20), Err(ExecutionError::Emulator(_))));
	}
}
