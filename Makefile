# Two commands do everything on a fresh machine:
#
#   make run     set up what is missing, build, and play a small rollup market on a development chain
#   make test    set up what is missing, and run every check there is
#
# And on one machine, as in production:
#
#   make network      four validators, two provers' daemons and a proposer, until Ctrl-C
#   make test-faults  nodes and daemons killed, cut off, with full disks: what must survive, survives
#   make load         blocks filled for LOAD_SECONDS on NODES validators, with figures
#
# How long each takes is in README.md, "What was tried".
#
# PROFILE=release builds what users should run for real: slower to build, faster to run.
# SEALING is the time between two blocks of `make run`, in milliseconds.
PROFILE ?= dev
SEALING ?= 1000
# Random lives per property test of `make test-long`, and for how many seconds `make fuzz` runs each of
# its targets.
CASES ?= 8400
# How finely and how often `make weights` measures.
STEPS ?= 50
REPEAT ?= 20
FUZZ_SECONDS ?= 1800
# What `make bench` prints: a table, json alone, or a profile.
FORMAT ?= table
# For how long `make load` fills blocks, on how many validators.
LOAD_SECONDS ?= 600
NODES ?= 1
# `make network` keeps keys, databases and logs in this folder if it is given; else nothing is left.
FOLDER ?=
# How many pairs of runs `make simulate` makes of each attack, if other than the attack's own number, and the
# day that it prints.
RUNS ?=
DATE ?= $(shell date -u +%F)
# How thorough `make test-faults` is: full, or short, which is one of each.
FAULTS ?= full

target := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
next_runtime := $(target)/debug/wbuild/prover-pool-runtime/next_runtime.wasm
built_of = $(target)/$(if $(filter dev,$(1)),debug,$(1))
# If it is there, `make run` begins within minutes.
node := $(call built_of,$(PROFILE))/prover-pool-node
# The node, and the program that executes the demo rollup.
programs = PROVER_POOL_NODE=$(call built_of,$(1))/prover-pool-node PROVER_POOL_ROLLUP=$(call built_of,$(1))/prover-pool-rollup
cargo := scripts/cargo
# In tests the prover's daemon can be told to crash.
crashes := --features prover-pool-cli/fault-injection

.PHONY: run announce test setup build fmt lint integrity test-rust next-runtime test-e2e test-upgrade test-long fuzz test-benchmarks weights bench rollup-rate simulate bench-counts metadata check-alerts network test-faults test-faults-short load check-state

run: announce build
	@cd e2e && $(call programs,$(PROFILE)) exec node bin/story.mjs --sealing $(SEALING)

announce:
	@if [ -x "$(node)" ]; then \
		echo "run: the node is built. What has changed since is built now, then the story begins."; \
	else \
		echo "run: the node is built first, once: some ten minutes on two cores that do nothing else. It takes setup,"; \
		echo "run: then cargo, which shows its progress; near the end, the runtime is compiled to WebAssembly, and"; \
		echo "run: nothing moves for some minutes. Then the story begins."; \
	fi

setup:
	@scripts/setup

build: setup
	$(cargo) build --locked --profile $(PROFILE) -p prover-pool-node -p prover-pool-rollup-program

test: fmt lint integrity test-rust next-runtime test-e2e test-faults-short

fmt:
	@scripts/setup --tests
	cargo fmt --all --check

# The linter reads the runtime without its wasm, which is built with the tests.
lint: fmt
	SKIP_WASM_BUILD=1 $(cargo) clippy --locked --workspace --all-targets $(crashes) -- -D warnings

# Licences, sources and advisories of all dependencies; documentation; packages.
integrity: lint
	scripts/integrity

# Builds the wasm runtime and the node as well: some tests run the real binary.
test-rust: lint
	$(cargo) test --locked --workspace $(crashes)

# The runtime's next version, which is what an upgrade is tried with, and the Rust tests of that upgrade.
# The whole workspace is named so that nothing is compiled twice: features are those of test-rust.
next-runtime: setup
	$(cargo) test --locked --workspace --lib $(crashes) --features prover-pool-runtime/next-runtime tests::upgrade

test-e2e: test-rust next-runtime
	cd e2e && $(call programs,dev) NEXT_RUNTIME=$(next_runtime) npm test

# The upgrade alone.
test-upgrade: build next-runtime
	cd e2e && $(call programs,$(PROFILE)) NEXT_RUNTIME=$(next_runtime) node --test tests/upgrade.test.mjs

# Both pallets against their models for more than a million steps each, optimised.
test-long: setup
	SKIP_WASM_BUILD=1 PROPTEST_CASES=$(CASES) $(cargo) test --locked --release -p prover-pool-model -- --nocapture

# The fuzzer (cargo install cargo-fuzz), FUZZ_SECONDS for each of its targets: the calls, with the
# recordings of the original as a beginning, the index, and the rollup. It needs a nightly compiler, or, by
# RUSTC_BOOTSTRAP, a stable one that acts as one. Memory needs no sanitizer: the code is safe Rust, and
# what is looked for is a difference to the models.
fuzz_run = SKIP_WASM_BUILD=1 RUSTC_BOOTSTRAP=1 $(cargo) fuzz run --target-dir $(target)/fuzz --sanitizer none $(1) -- \
	-max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=60 -print_final_stats=1

fuzz: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked -p prover-pool-model --example seeds -- \
		pallets/prover-pool/conformance fuzz/corpus/calls
	$(call fuzz_run,calls)
	$(call fuzz_run,index)
	$(call fuzz_run,rollup)

# Every benchmark once, in the pallets' own mocks. Not with test-rust: its feature compiles FRAME anew.
test-benchmarks: setup
	SKIP_WASM_BUILD=1 $(cargo) test --locked --lib \
		-p pallet-prover-pool -p pallet-block-proposal -p pallet-attestation -p pallet-vrf-accumulator \
		--features pallet-prover-pool/runtime-benchmarks \
		--features pallet-block-proposal/runtime-benchmarks \
		--features pallet-attestation/runtime-benchmarks \
		--features pallet-vrf-accumulator/runtime-benchmarks benchmarking

# Measures the release runtime and writes the pallets' weights.rs, with command and machine in them.
weights: setup
	STEPS=$(STEPS) REPEAT=$(REPEAT) scripts/weights

# What each operation of the pool costs with 32 to 100,000 members, by the lottery and by a scan, optimised.
# Only the figures go to standard output.
bench:
	@scripts/bench --format $(FORMAT)

# How many transfers of the rollup a core executes in a second, optimised.
rollup-rate: setup
	$(cargo) run --locked --release -p prover-pool-rollup --example rate

# What attacks earn and where they begin to pay, optimised: writes docs/economics.md and its plots.
simulate: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked --release -p prover-pool-sim -- report --date $(DATE) $(if $(RUNS),--runs $(RUNS))

# Writes down the costs that do not depend on the machine, which a test compares.
bench-counts: setup
	$(cargo) run --locked -p prover-pool-bench -- --format counts >bench/tests/counts.txt

# The runtime's description of itself that the command line is generated from, the types that docs/clients.md
# offers for Python, and the hash that hardware wallets sign. Tests of the runtime compare them.
metadata: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked --quiet -p prover-pool-runtime --example metadata -- \
		cli/metadata.scale docs/clients/python-types.json runtime/metadata-hash.txt

# The alert rules that docs/operating.md offers, and their tests. promtool comes with Prometheus.
check-alerts:
	@command -v promtool >/dev/null || { echo "promtool is missing (Debian: prometheus)" >&2; exit 1; }
	promtool check rules docs/operating/alerts.yml
	promtool test rules docs/operating/alerts_test.yml

# Checks the pallets' invariants on states of real nodes: see runtime/examples/check_state.rs.
check-state: setup
	SKIP_WASM_BUILD=1 $(cargo) build --locked -p prover-pool-runtime --example check_state

network_tools = $(call programs,$(PROFILE)) PROVER_POOL_CLI=$(target)/debug/prover-pool \
	CHECK_STATE=$(target)/debug/examples/check_state ATTEST=$(target)/debug/examples/attest

# One of each fault, with what test-rust has built.
test-faults-short: test-e2e
	cd e2e && FAULTS=short $(network_tools) node bin/faults.mjs

network: build
	$(cargo) build --locked -p prover-pool-cli
	@cd e2e && $(network_tools) exec node bin/network.mjs $(if $(FOLDER),--folder "$(abspath $(FOLDER))")

# First the prover's daemon against a development node, also killed at every step of its work; this
# builds the daemon as faults want it. Then networks: docs/network.md.
test-faults: build check-state
	$(call programs,$(PROFILE)) $(cargo) test --locked -p prover-pool-cli $(crashes) --test daemon --examples
	cd e2e && FAULTS=$(FAULTS) $(network_tools) node bin/faults.mjs

# Figures are for PROFILE=release; a machine that does nothing else.
load: build check-state
	@cd e2e && $(network_tools) exec node bin/load.mjs --nodes $(NODES) --seconds $(LOAD_SECONDS)
