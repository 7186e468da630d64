# Two commands do everything on a fresh machine:
#
#   make run     set up what is missing, build, and play a small rollup market on a development chain
#   make test    set up what is missing, and run every check there is
#
# PROFILE=release builds what users should run for real: slower to build, faster to run.
# SEALING is the time between two blocks of `make run`, in milliseconds.
PROFILE ?= dev
SEALING ?= 1000

target := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
next_runtime := $(target)/debug/wbuild/prover-pool-runtime/next_runtime.wasm
node_of = $(target)/$(if $(filter dev,$(1)),debug,$(1))/prover-pool-node
cargo := scripts/cargo

.PHONY: run test setup build fmt lint integrity test-rust next-runtime test-e2e test-upgrade

run: build
	@cd e2e && exec node bin/story.mjs --node $(call node_of,$(PROFILE)) --sealing $(SEALING)

setup:
	@scripts/setup

build: setup
	$(cargo) build --locked --profile $(PROFILE) -p prover-pool-node

test: fmt lint integrity test-rust next-runtime test-e2e

fmt:
	@scripts/setup --tests
	cargo fmt --all --check

# The linter reads the runtime without its wasm, which is built with the tests.
lint: fmt
	SKIP_WASM_BUILD=1 $(cargo) clippy --locked --workspace --all-targets -- -D warnings

# Licences, sources and advisories of all dependencies; documentation; packages.
integrity: lint
	scripts/integrity

# Builds the wasm runtime and the node as well: some tests run the real binary.
test-rust: lint
	$(cargo) test --locked --workspace

# The runtime's next version, which is what an upgrade is tried with, and the Rust tests of that upgrade.
# The whole workspace is named so that nothing is compiled twice: features are those of test-rust.
next-runtime: setup
	$(cargo) test --locked --workspace --lib --features prover-pool-runtime/next-runtime tests::upgrade

test-e2e: test-rust next-runtime
	cd e2e && PROVER_POOL_NODE=$(call node_of,dev) NEXT_RUNTIME=$(next_runtime) npm test

# The upgrade alone.
test-upgrade: build next-runtime
	cd e2e && PROVER_POOL_NODE=$(call node_of,$(PROFILE)) NEXT_RUNTIME=$(next_runtime) \
		node --test tests/upgrade.test.mjs
