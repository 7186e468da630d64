-- The history of a prover pool. `event`, `gap` and `meta` are facts; everything else is derived from them.
-- Amounts are decimal text of base units: they can have 128 bits. Where they are below 2^63, `CAST(x AS INTEGER)`
-- is exact. Times are milliseconds since 1970, by the chain's clock. Hashes and other bytes are 0x….
-- `X_block` and `X_time` are the block of the chain in which X happened, and its time.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Blocks whose events are missing. A block with an event that was not understood is a gap of one block.
CREATE TABLE gap (
	from_block INTEGER PRIMARY KEY,
	to_block INTEGER NOT NULL,
	before_time INTEGER,
	after_time INTEGER,
	reason TEXT NOT NULL
) STRICT;

CREATE TABLE event (
	block INTEGER NOT NULL,
	idx INTEGER NOT NULL,
	time INTEGER,
	extrinsic INTEGER,          -- null for hooks
	pallet TEXT NOT NULL,       -- `State`: what the chain's state says after the block
	name TEXT NOT NULL,
	block_id INTEGER,           -- the block of the rollup that it is about
	account TEXT,               -- the account that it is about
	fields TEXT NOT NULL,       -- JSON
	PRIMARY KEY (block, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_of_block ON event (block_id, block, idx) WHERE block_id IS NOT NULL;
CREATE INDEX event_of_account ON event (account, block, idx) WHERE account IS NOT NULL;

CREATE TABLE rollup_block (
	id INTEGER PRIMARY KEY,
	status TEXT NOT NULL,       -- pending, assigned, open, claimed, verified, skipped, cancelled;
	                            -- unknown: settled in a gap
	proposer TEXT,
	tx_list_hash TEXT,
	gas_limit INTEGER,
	fee_per_gas INTEGER,        -- the protocol's price at the proposal
	prover TEXT,                -- the assigned prover
	reward_per_gas INTEGER,     -- the price agreed at the draw
	deadline INTEGER,           -- the last time of the assigned prover's window, by the protocol's clock
	open_cause TEXT,
	fault TEXT,                 -- why the assigned prover was slashed
	claims INTEGER NOT NULL,
	verdict TEXT,               -- InTime, Failed, Rescued, Open
	proven_by TEXT,
	block_hash TEXT,
	gas_used INTEGER,
	paid_per_gas INTEGER,
	proposed_block INTEGER, proposed_time INTEGER,
	drawn_block INTEGER, drawn_time INTEGER,
	opened_block INTEGER, opened_time INTEGER,
	claimed_block INTEGER, claimed_time INTEGER,     -- the first claim
	delivered_block INTEGER, delivered_time INTEGER, -- the assigned prover's first claim in time
	proven_block INTEGER, proven_time INTEGER,       -- the claim that was verified
	settled_block INTEGER, settled_time INTEGER,
	escrow TEXT,
	returned_at_draw TEXT NOT NULL,
	paid TEXT,                  -- once settled: escrow = paid + returned + forfeited
	returned TEXT,
	forfeited TEXT,
	released INTEGER NOT NULL,  -- 1 if the capacity of the assigned prover has returned
	spans_gap INTEGER NOT NULL  -- 1 if events of its life may be missing
) STRICT;
CREATE INDEX rollup_block_waiting ON rollup_block (id) WHERE settled_block IS NULL;
CREATE INDEX rollup_block_status ON rollup_block (status, id);
CREATE INDEX rollup_block_prover ON rollup_block (prover, id);
CREATE INDEX rollup_block_proven_by ON rollup_block (proven_by, id);
CREATE INDEX rollup_block_proposer ON rollup_block (proposer, id);
CREATE INDEX rollup_block_proposed ON rollup_block (proposed_time);
CREATE INDEX rollup_block_drawn ON rollup_block (drawn_time);
CREATE INDEX rollup_block_drawn_block ON rollup_block (drawn_block, id);
CREATE INDEX rollup_block_opened ON rollup_block (opened_time);
CREATE INDEX rollup_block_settled ON rollup_block (settled_time);

CREATE TABLE claim (
	block_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	prover TEXT NOT NULL,
	parent_hash TEXT NOT NULL,
	block_hash TEXT NOT NULL,
	gas_used INTEGER NOT NULL,
	reward_per_gas INTEGER NOT NULL,
	bond TEXT NOT NULL,
	bond_returned TEXT NOT NULL,
	bond_forfeited TEXT NOT NULL,
	tag TEXT NOT NULL,          -- JSON
	confirmed INTEGER NOT NULL,
	claimed_block INTEGER NOT NULL, claimed_time INTEGER,
	fate TEXT NOT NULL,         -- stored, replaced, removed, unconfirmed, voided, verified, not_chosen;
	                            -- unknown: its block was settled in a gap
	PRIMARY KEY (block_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE prover (
	account TEXT PRIMARY KEY,
	status TEXT NOT NULL,       -- member, left, outside
	slot INTEGER,
	stake TEXT NOT NULL,
	exits TEXT NOT NULL,
	reward_per_gas INTEGER,
	max_capacity INTEGER,
	paused INTEGER NOT NULL,
	suspended_until INTEGER,
	entered_block INTEGER, entered_time INTEGER,
	left_block INTEGER, left_time INTEGER,
	forced INTEGER NOT NULL,
	outstanding INTEGER NOT NULL,
	liable INTEGER NOT NULL,
	assigned INTEGER NOT NULL,
	served INTEGER NOT NULL,
	in_time INTEGER NOT NULL,
	missed INTEGER NOT NULL,
	late INTEGER NOT NULL,
	forgiven INTEGER NOT NULL,
	rescued INTEGER NOT NULL,
	proved_open INTEGER NOT NULL,
	earned TEXT NOT NULL,
	bonuses TEXT NOT NULL,
	slashed TEXT NOT NULL,
	slashes_cancelled TEXT NOT NULL,
	bonds_forfeited TEXT NOT NULL,
	last_seen_block INTEGER, last_seen_time INTEGER,
	record_assigned INTEGER NOT NULL, -- what the chain's own record must say
	record_served INTEGER NOT NULL,
	record_missed INTEGER NOT NULL,
	spans_gap INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for each change of terms: the terms after it.
CREATE TABLE offer (
	account TEXT NOT NULL,
	at_block INTEGER NOT NULL, at_time INTEGER,
	idx INTEGER NOT NULL,
	change TEXT NOT NULL,       -- the name of the event
	stake TEXT NOT NULL,
	reward_per_gas INTEGER,
	max_capacity INTEGER,
	paused INTEGER NOT NULL,
	PRIMARY KEY (account, at_block, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE slash (
	block_id INTEGER PRIMARY KEY,
	who TEXT NOT NULL,
	amount TEXT NOT NULL,       -- from_exits + from_stake; once applied: to_rescuer + burnt
	from_exits TEXT NOT NULL,
	from_stake TEXT NOT NULL,
	fault TEXT NOT NULL,        -- Late, Rescued, RemovedProof, Skipped, Other
	slashed_block INTEGER NOT NULL, slashed_time INTEGER,
	due_at INTEGER,             -- from when on it can be applied, by the clock of the pool's periods; null if it was not deferred
	state TEXT NOT NULL,        -- pending, applied, cancelled; unknown: applied or cancelled in a gap
	resolved_block INTEGER, resolved_time INTEGER,
	rescuer TEXT,
	to_rescuer TEXT NOT NULL,
	burnt TEXT NOT NULL,        -- the rest, which the runtime's OnSlash receives: the demo burns it
	spans_gap INTEGER NOT NULL
) STRICT;
CREATE INDEX slash_of ON slash (who, block_id);
CREATE INDEX slash_at ON slash (slashed_time);
CREATE INDEX slash_state ON slash (state, block_id);

CREATE TABLE fee (
	at_block INTEGER NOT NULL, at_time INTEGER,
	idx INTEGER NOT NULL,
	fee_per_gas INTEGER NOT NULL,
	window INTEGER,             -- of a prover that is drawn then, by the protocol's clock
	PRIMARY KEY (at_block, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX fee_at ON fee (at_time);

-- Hours and days (UTC) that are over and in which something happened.
CREATE TABLE summary (
	period TEXT NOT NULL,       -- hour, day
	start INTEGER NOT NULL,     -- the first millisecond
	spans_gap INTEGER NOT NULL,
	proposed INTEGER NOT NULL,
	drawn INTEGER NOT NULL,
	opened INTEGER NOT NULL,
	verified INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	slashes INTEGER NOT NULL,
	-- Of the prices agreed at draws: nearest-rank percentiles.
	price_p5 INTEGER, price_p25 INTEGER, price_p50 INTEGER, price_p75 INTEGER, price_p95 INTEGER,
	-- Milliseconds from the draw or the opening to the verified claim, of blocks verified in the period.
	time_to_prove_p5 INTEGER, time_to_prove_p25 INTEGER, time_to_prove_p50 INTEGER, time_to_prove_p75 INTEGER,
	time_to_prove_p95 INTEGER,
	fee_last INTEGER,
	paid TEXT NOT NULL,
	returned TEXT NOT NULL,
	forfeited TEXT NOT NULL,
	slashed TEXT NOT NULL,
	PRIMARY KEY (period, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE prover_summary (
	period TEXT NOT NULL,
	start INTEGER NOT NULL,
	account TEXT NOT NULL,
	spans_gap INTEGER NOT NULL,
	assigned INTEGER NOT NULL,
	in_time INTEGER NOT NULL,
	late INTEGER NOT NULL,
	missed INTEGER NOT NULL,
	rescued INTEGER NOT NULL,
	proved_open INTEGER NOT NULL,
	earned TEXT NOT NULL,
	slashed TEXT NOT NULL,
	PRIMARY KEY (period, start, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX prover_summary_of ON prover_summary (account, period, start);
