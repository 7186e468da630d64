# Two commands do everything on a fresh machine:
#
#   make run     set up what is missing, build, and play a small rollup market on a development chain
#   make test    set up what is missing, and run every check there is
#
# PROFILE=release builds what users should run for real: slower to build, faster to run.
PROFILE ?= dev
SEALING ?= 1000
export OPENSSL_NO_VENDOR = 1
# Where the lock file is, also if the target directory lies outside.
export WASM_BUILD_WORKSPACE_HINT = $(CURDIR)
# Debian's own toolchain in /usr/bin, where rustup could not add the wasm target (see scripts/setup).
ifneq ($(wildcard /usr/lib/rustlib/src/rust/library),)
export PATH := /usr/bin:$(PATH)
endif

target := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
node := $(target)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/prover-pool-node

.PHONY: run test setup build fmt lint test-rust test-e2e

run: setup build
	cd e2e && exec node bin/story.mjs --node $(node) --sealing $(SEALING)

setup:
	@scripts/setup

build: setup
	cargo build --locked --profile $(PROFILE) -p prover-pool-node

test: fmt lint test-rust test-e2e

fmt:
	@scripts/setup --tests
	cargo fmt --all --check

# The runtime's wasm is built with the tests; the linter reads the same source without it.
lint: fmt
	SKIP_WASM_BUILD=1 cargo clippy --locked --workspace --all-targets -- -D warnings

# Builds the wasm runtime and the node as well: some tests run the binary.
test-rust: lint
	cargo test --locked --workspace

test-e2e: test-rust
	cd e2e && PROVER_POOL_NODE=$(target)/debug/prover-pool-node npm test
