//! What tests do and look at, in few words.

use super::*;

pub fn now() -> Time {
	Clock::<Test>::get()
}

pub fn block(id: BlockId) -> Block<Test> {
	Blocks::<Test>::get(id).expect("the block waits for verification")
}

pub fn chain() -> ChainState<Time> {
	Chain::<Test>::get().expect("the protocol was started")
}

pub fn assignment(id: BlockId) -> Assignment<Test> {
	block(id).assignment().expect("the block is assigned").clone()
}

pub fn deadline(id: BlockId) -> Time {
	assignment(id).deadline
}

/// The assigned prover's claim.
pub fn claim_in_time(id: BlockId) -> Option<Claim<Test>> {
	block(id).claim_in_time().cloned()
}

/// The claims of others on a parent.
pub fn claims_on(id: BlockId, parent: H256) -> Vec<Claim<Test>> {
	Claims::<Test>::get(id, parent).to_vec()
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// Drops the weight from an answer, so that tests compare the rest.
pub fn plain(answer: DispatchResultWithPostInfo) -> DispatchResult {
	answer.map(|_| ()).map_err(|refused| refused.error)
}

/// The transaction list of a block: any bytes.
pub fn tx_list(id: BlockId) -> Vec<u8> {
	id.encode()
}

pub const GAS_LIMIT: Gas = 3_000;
pub const GAS_USED: Gas = 2_000;
/// What vouches for proofs, by default.
pub const TAG: u8 = 7;

pub fn try_propose(who: AccountId, tx_list: Vec<u8>, gas_limit: Gas) -> DispatchResult {
	let any = PricePerGas::MAX;
	plain(BlockProposal::propose_block(signed(who), tx_list, gas_limit, BENEFICIARY, any))
}

/// Proposes a block, which is pending then.
pub fn propose() -> BlockId {
	let id = chain().next_id;
	assert_ok!(try_propose(PROPOSER, tx_list(id), GAS_LIMIT));
	id
}

/// Proposes blocks and lets the pool draw for them.
pub fn propose_drawn(count: u64) -> Vec<BlockId> {
	let ids = (0..count).map(|_| propose()).collect();
	next_block();
	ids
}

/// A block that [`ASSIGNED`] must prove.
pub fn assigned_block() -> BlockId {
	let id = propose_drawn(1)[0];
	assert_eq!(assignment(id).prover, ASSIGNED);
	id
}

/// A block that any account may prove.
pub fn open_block() -> BlockId {
	let id = propose_drawn(1)[0];
	assert!(block(id).is_open());
	id
}

/// Returns the hash of a rightly executed block on this parent.
pub fn hash_on(id: BlockId, parent: H256) -> H256 {
	sp_runtime::traits::BlakeTwo256::hash_of(&(id, parent))
}

/// The right parent of each waiting block, as any account computes it by executing the lists in order.
pub fn right_parent(id: BlockId) -> H256 {
	let chain = chain();
	let first = chain.cancelled.map_or(chain.head, |cancelled| cancelled.below);
	(first..id).fold(chain.verified_hash, |parent, id| hash_on(id, parent))
}

/// The right execution of a block on this parent.
pub fn execution(id: BlockId, parent: H256) -> Execution {
	Execution { parent_hash: parent, block_hash: hash_on(id, parent), gas_used: GAS_USED }
}

/// A wrong execution of a block on this parent, which differs by `variant`.
pub fn wrong(id: BlockId, parent: H256, variant: u8) -> Execution {
	Execution { block_hash: H256::repeat_byte(variant), ..execution(id, parent) }
}

/// A proof that the verifier accepts, of whatever execution.
pub fn proof_of(who: AccountId, id: BlockId, execution: Execution, tag: u8) -> Vec<u8> {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let instance = BlockProposal::instance_hash(id, parent_hash, block_hash, gas_used, who);
	[instance.unwrap_or_default().as_bytes(), &[tag]].concat()
}

pub fn submit(who: AccountId, id: BlockId, execution: Execution, proof: Vec<u8>) -> DispatchResult {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let origin = signed(who);
	plain(BlockProposal::prove_block(origin, id, parent_hash, block_hash, gas_used, proof))
}

pub fn prove_tagged(who: AccountId, id: BlockId, execution: Execution, tag: u8) -> DispatchResult {
	submit(who, id, execution, proof_of(who, id, execution, tag))
}

/// Proves a block with this execution.
pub fn prove_with(who: AccountId, id: BlockId, execution: Execution) -> DispatchResult {
	prove_tagged(who, id, execution, TAG)
}

/// Proves a block rightly on this parent.
pub fn prove_on(who: AccountId, id: BlockId, parent: H256) -> DispatchResult {
	prove_with(who, id, execution(id, parent))
}

/// Proves a block rightly on its right parent.
pub fn prove(who: AccountId, id: BlockId) -> DispatchResult {
	prove_on(who, id, right_parent(id))
}

/// Proves blocks rightly on their right parents.
pub fn prove_all(who: AccountId, ids: &[BlockId]) {
	for id in ids {
		assert_ok!(prove(who, *id));
	}
}

pub fn dispute(id: BlockId, execution: Execution) -> DispatchResult {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	BlockProposal::dispute_claim(signed(DISPUTER), id, parent_hash, block_hash, gas_used)
}

pub fn skip(who: AccountId, id: BlockId) -> DispatchResult {
	BlockProposal::skip_block(signed(who), id)
}

pub fn try_verify(max: u32) -> DispatchResult {
	plain(BlockProposal::verify_blocks(signed(BENEFICIARY), max))
}

/// Settles all that can be.
pub fn verify() {
	assert_ok!(try_verify(100));
}

/// Clears the claims on these parents of a settled block.
pub fn clear_on(id: BlockId, parents: &[H256]) -> DispatchResultWithPostInfo {
	let parents = parents.to_vec().try_into().expect("there are not too many");
	BlockProposal::clear_claims(signed(BENEFICIARY), id, parents)
}

/// Clears all claims of a settled block.
pub fn clear(id: BlockId) -> DispatchResult {
	plain(clear_on(id, &Claims::<Test>::iter_key_prefix(id).collect::<Vec<_>>()))
}

/// Waits for the cooldown and settles all that can be.
pub fn cool_down_and_verify() {
	run_for(Cooldown::get());
	verify();
}

/// Lets a block expire and skips it.
pub fn let_expire_and_skip(id: BlockId) {
	let expires_after = block(id).expires_after(ExpiryPeriod::get()).expect("drawn");
	let provable_until = chain().head_since + MinProofWindow::get();
	run_to(now().max(expires_after.max(provable_until) + 1));
	assert_ok!(skip(RESCUER, id));
}

/// Returns the weight of a read of the database.
pub fn one_read() -> Weight {
	RocksDbWeight::get().reads(1)
}

/// Returns the weight of a write to the database.
pub fn one_write() -> Weight {
	RocksDbWeight::get().writes(1)
}

/// This pallet's events since the last time, oldest first.
pub fn events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	forget_events();
	events
}

pub fn forget_events() {
	System::reset_events();
}

/// The pool's slashes since the last time: amount and reason.
pub fn slashes() -> Vec<(Balance, Fault)> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::ProverPool(pallet_prover_pool::Event::Slashed {
				amount, fault, ..
			}) => Some((amount, fault)),
			_ => None,
		})
		.collect()
}

/// Everything that an account has, held or free.
pub fn balance(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

pub fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

/// Returns what every account has, to compare with later.
pub fn balances() -> BTreeMap<AccountId, Balance> {
	frame_system::Account::<Test>::iter_keys().map(|who| (who, balance(who))).collect()
}

/// Returns what `who` gained since then; negative if it lost.
pub fn gain(before: &BTreeMap<AccountId, Balance>, who: AccountId) -> i128 {
	balance(who) as i128 - before.get(&who).copied().unwrap_or_default() as i128
}

pub fn cost(gas: Gas, price: PricePerGas) -> Balance {
	(u128::from(BaseGas::get()) + u128::from(gas)) * u128::from(price)
}

/// Sends all free funds but `amount` away.
pub fn leave_free(who: AccountId, amount: Balance) {
	let excess = Balances::balance(&who) - amount;
	assert_ok!(Balances::transfer(&who, &TREASURY, excess, Preservation::Expendable));
}
