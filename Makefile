# Two commands do everything on a fresh machine:
#
#   make run     set up what is missing, build, and play a small rollup market on a development chain
#   make test    set up what is missing, and run every check there is
#
# And on one machine, as in production:
#
#   make network      runs four validators, two provers' daemons and a proposer, until Ctrl-C
#   make test-faults  kills nodes and daemons, cuts connections, fills disks, and checks what must survive
#   make test-outages does the same for outages, power cuts, lost databases, and more; takes hours
#   make load         fills blocks for LOAD_SECONDS on NODES validators, and prints figures
#
# For real proofs:
#
#   make zk           builds the program that proves blocks of the demo rollup in a zkVM
#   make guest        rebuilds what is proven, and compares it with what is committed
#   make test-zk      tests both, with real proofs, also on a node
#   make run-zk       builds what is missing, and plays a rollup whose blocks are proven in the zkVM
#
# For the page in the browser:
#
#   make dashboard       builds the page that the command line serves; with PROFILE=release that of releases
#   make test-dashboard  tests it in a real browser, against the node and the demo
#
# README.md, "What was tried", has durations.
#
# PROFILE=release is for real use: slower to build, faster to run.
# SEALING is the time between two blocks of `make run`, in milliseconds.
PROFILE ?= dev
SEALING ?= 1000
# The number of random sequences per property test of `make test-long`.
CASES ?= 8400
# The seconds for which `make fuzz` runs each of its targets.
FUZZ_SECONDS ?= 1800
# The steps of a component's range, and the repeats of each step, in `make weights`.
STEPS ?= 50
REPEAT ?= 20
# The output of `make bench`: table, json, counts or profile.
FORMAT ?= table
# The seconds for which `make load` fills blocks, and its number of validators.
LOAD_SECONDS ?= 600
NODES ?= 1
# The folder in which `make network` keeps keys, databases and logs. Without it, nothing is kept.
FOLDER ?=
# The pairs of runs of each attack in `make simulate`, instead of the attack's own number, and the date that
# it prints.
RUNS ?=
DATE ?= $(shell date -u +%F)
# The extent of `make test-faults`: full, or short, with fewer repeats.
FAULTS ?= full
# The length of the outage in `make test-outages`, in seconds.
OUTAGE_SECONDS ?= 7200

target := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
next_runtime := $(target)/debug/wbuild/prover-pool-runtime/next_runtime.wasm
built_of = $(target)/$(if $(filter dev,$(1)),debug,$(1))
# If this file exists, `make run` starts within minutes.
node := $(call built_of,$(PROFILE))/prover-pool-node
# The node, the program that executes the demo rollup, and the command line.
programs = PROVER_POOL_NODE=$(call built_of,$(1))/prover-pool-node PROVER_POOL_ROLLUP=$(call built_of,$(1))/prover-pool-rollup \
	PROVER_POOL_CLI=$(call built_of,$(1))/prover-pool
page := dashboard/$(if $(filter dev,$(PROFILE)),dist-development,dist)
page_sources := cli/metadata.scale cli/src/error/advice.json $(shell find dashboard/index.html dashboard/*.json \
	dashboard/*.ts dashboard/public dashboard/src -type f -not -path '*/generated/*')
cargo := scripts/cargo
# In tests the prover's daemon has a feature to crash at a chosen step.
crashes := --features prover-pool-cli/fault-injection

.PHONY: run announce test setup build fmt lint integrity test-rust next-runtime test-e2e test-upgrade test-long fuzz test-benchmarks weights bench rollup-rate simulate bench-counts metadata check-alerts network test-faults test-faults-short test-outages load check-state zk guest run-zk test-zk dashboard test-page test-dashboard

run: announce build
	@cd e2e && $(call programs,$(PROFILE)) exec node bin/demo.mjs --sealing $(SEALING)

announce:
	@if [ -x "$(node)" ]; then \
		echo "run: the node is built. Changes since then are built now, then the demo starts."; \
	else \
		echo "run: the node is built first, once: 10 to 20 minutes on two idle cores. The set-up runs first,"; \
		echo "run: then cargo, which shows its progress. Near the end it compiles the runtime to WebAssembly and"; \
		echo "run: prints nothing for some minutes. Then the demo starts."; \
	fi

setup:
	@scripts/setup

build: dashboard
	$(cargo) build --locked --profile $(PROFILE) -p prover-pool-node -p prover-pool-rollup-program -p prover-pool-cli

test: fmt check-alerts test-page lint integrity test-rust next-runtime test-e2e test-faults-short

fmt:
	@scripts/setup --tests
	cargo fmt --all --check

# Without the runtime's wasm, which the tests build.
lint: fmt
	SKIP_WASM_BUILD=1 $(cargo) clippy --locked --workspace --all-targets $(crashes) -- -D warnings

# Licences, sources and advisories of all dependencies; documentation; packages.
integrity: lint
	scripts/integrity

# Also builds the wasm runtime and the node, since some tests run the real binary.
test-rust: lint dashboard/dist-development/index.html
	$(cargo) test --locked --workspace $(crashes)

# The runtime's next version, for the tests of an upgrade, and the Rust tests of that upgrade. It names the whole
# workspace so that features are those of test-rust, and nothing is compiled twice.
next-runtime: setup
	$(cargo) test --locked --workspace --lib $(crashes) --features prover-pool-runtime/next-runtime tests::upgrade

test-e2e: test-rust next-runtime
	cd e2e && $(call programs,dev) NEXT_RUNTIME=$(next_runtime) npm test

# The page that the command line embeds. Only that of development builds can sign by development accounts.
dashboard: $(page)/index.html
dashboard/dist-development/index.html: $(page_sources) | setup
	cd dashboard && npm run --silent build:development
dashboard/dist/index.html: $(page_sources) | setup
	cd dashboard && npm run --silent build

# What the page computes, its size, and what a release may not contain.
test-page: dashboard/dist/index.html dashboard/dist-development/index.html
	cd dashboard && npm test && node --test browser/bundle.test.mjs

# In Chromium, against the node and the demo market.
test-dashboard: test-page test-rust next-runtime
	cd dashboard && $(call programs,dev) NEXT_RUNTIME=$(next_runtime) npm run test:browser

# The upgrade alone.
test-upgrade: build next-runtime
	cd e2e && $(call programs,$(PROFILE)) NEXT_RUNTIME=$(next_runtime) node --test tests/upgrade.test.mjs

# Both pallets against their models, optimised: more than a million steps of the pool.
test-long: setup
	SKIP_WASM_BUILD=1 PROPTEST_CASES=$(CASES) $(cargo) test --locked --release -p prover-pool-model -- --nocapture

# The fuzzer (cargo install cargo-fuzz), FUZZ_SECONDS for each of its targets: the calls, seeded with the
# recordings of the original, the index, the rollup, and proofs. It needs a nightly compiler, or RUSTC_BOOTSTRAP with a
# stable one. It runs without a sanitizer: the code is safe Rust, and the fuzzer looks for differences to the
# models.
fuzz_run = SKIP_WASM_BUILD=1 RUSTC_BOOTSTRAP=1 $(cargo) fuzz run --target-dir $(target)/fuzz --sanitizer none $(1) -- \
	-max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=60 -print_final_stats=1

fuzz: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked -p prover-pool-model --example seeds -- \
		pallets/prover-pool/conformance fuzz/corpus/calls
	$(call fuzz_run,calls)
	$(call fuzz_run,index)
	$(call fuzz_run,rollup)
	$(call fuzz_run,proofs)

# Every benchmark once, in the pallets' mocks. Not a part of test-rust, since the feature recompiles FRAME.
test-benchmarks: setup
	SKIP_WASM_BUILD=1 $(cargo) test --locked --lib \
		-p pallet-prover-pool -p pallet-block-proposal -p pallet-attestation -p pallet-vrf-accumulator \
		-p pallet-succinct-proofs \
		--features pallet-prover-pool/runtime-benchmarks \
		--features pallet-block-proposal/runtime-benchmarks \
		--features pallet-attestation/runtime-benchmarks \
		--features pallet-succinct-proofs/runtime-benchmarks \
		--features pallet-vrf-accumulator/runtime-benchmarks benchmarking

# Measures the release runtime and writes the pallets' weights.rs, with command and machine in them.
weights: setup
	STEPS=$(STEPS) REPEAT=$(REPEAT) scripts/weights

# Measures the pool's operations with 32 to 100,000 members, by the lottery and by a scan, optimised. Only the
# figures go to standard output.
bench:
	@scripts/bench --format $(FORMAT)

# Measures the rollup's transfers per second and core, optimised.
rollup-rate: setup
	$(cargo) run --locked --release -p prover-pool-rollup --example rate

# Simulates attacks and their profits, optimised. Writes docs/economics.md and its plots.
simulate: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked --profile simulation --features silent -p prover-pool-sim -- \
		report --date $(DATE) $(if $(RUNS),--runs $(RUNS))

# Writes the costs that do not depend on the machine. A test compares them.
bench-counts: setup
	$(cargo) run --locked -p prover-pool-bench -- --format counts >bench/tests/counts.txt

# Writes the metadata from which the command line is generated, the types for Python in docs/clients.md, and the
# hash that hardware wallets sign. Tests of the runtime compare them.
metadata: setup
	SKIP_WASM_BUILD=1 $(cargo) run --locked --quiet -p prover-pool-runtime --example metadata -- \
		cli/metadata.scale docs/clients/python-types.json runtime/metadata-hash.txt

# Checks the alert rules of docs/operating.md and runs their tests.
check-alerts:
	@scripts/setup --tests
	promtool check rules docs/operating/alerts.yml
	promtool test rules docs/operating/alerts_test.yml

# Builds the check of the pallets' invariants on states of real nodes: runtime/examples/check_state.rs.
check-state: setup
	SKIP_WASM_BUILD=1 $(cargo) build --locked -p prover-pool-runtime --example check_state

network_tools = $(call programs,$(PROFILE)) PROVER_POOL_CLI=$(target)/debug/prover-pool \
	CHECK_STATE=$(target)/debug/examples/check_state ATTEST=$(target)/debug/examples/attest

# Each fault, with fewer repeats, by the binaries of test-rust.
test-faults-short: test-e2e
	cd e2e && FAULTS=short $(network_tools) node bin/faults.mjs

network: build
	$(cargo) build --locked -p prover-pool-cli
	@cd e2e && $(network_tools) exec node bin/network.mjs $(if $(FOLDER),--folder "$(abspath $(FOLDER))")

# First tests the prover's daemon on a development node, killed at every step of its work. This also builds the
# daemon with the feature that the other faults need. Then the faults on networks: docs/network.md.
test-faults: build check-state
	$(call programs,$(PROFILE)) $(cargo) test --locked -p prover-pool-cli $(crashes) --test daemon --examples
	cd e2e && FAULTS=$(FAULTS) $(network_tools) node bin/faults.mjs

# The long form of what takes long.
outages := outage power keys full-pool warp upgrade
test-outages: build check-state next-runtime
	$(cargo) build --locked -p prover-pool-cli $(crashes)
	cd e2e && FAULTS=long OUTAGE_SECONDS=$(OUTAGE_SECONDS) NEXT_RUNTIME=$(next_runtime) $(network_tools) \
		node bin/faults.mjs $(outages:%=faults/%.test.mjs)

# Measure with PROFILE=release, on an idle machine.
load: build check-state
	@cd e2e && $(network_tools) exec node bin/load.mjs --nodes $(NODES) --seconds $(LOAD_SECONDS)

# A workspace of its own, always optimised: cold, it compiles C++ for some minutes.
zk_target := $(target)/zk

zk: setup
	cd zk && cargo build --locked --release --target-dir $(zk_target) -p prover-pool-zk

# Needs the compiler whose output is committed, with the sources of its standard library: zk/README.md.
guest: setup
	CARGO_TARGET_DIR=$(zk_target) zk/build-guest --check

# Real time: a proof takes a minute or two on two cores.
run-zk: announce build zk
	@cd e2e && $(call programs,$(PROFILE)) PROVER_POOL_ZK=$(zk_target)/release/prover-pool-zk \
		exec node bin/demo-zk.mjs $(if $(filter 1000,$(SEALING)),,--sealing $(SEALING))

test-zk: build zk
	cd zk && cargo fmt --all --check
	cd zk/guest && cargo fmt --all --check
	cd zk && cargo clippy --locked --release --target-dir $(zk_target) --all-targets -- -D warnings
	cd zk && cargo test --locked --release --target-dir $(zk_target)
	cd e2e && $(call programs,$(PROFILE)) PROVER_POOL_ZK=$(zk_target)/release/prover-pool-zk \
		node --test zk/*.test.mjs
