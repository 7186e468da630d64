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
node_of = $(target)/$(if $(filter dev,$(1)),debug,$(1))/prover-pool-node
cargo := scripts/cargo

.PHONY: run test setup build fmt lint integrity test-rust test-e2e

run: build
	@cd e2e && exec node bin/story.mjs --node $(call node_of,$(PROFILE)) --sealing $(SEALING)

setup:
	@scripts/setup

build: setup
	$(cargo) build --locked --profile $(PROFILE) -p prover-pool-node

test: fmt lint integrity test-rust test-e2e

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

test-e2e: test-rust
	cd e2e && PROVER_POOL_NODE=$(call node_of,dev) npm test
