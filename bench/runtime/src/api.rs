//! The runtime API of the wasm.

#![allow(missing_docs)]

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{traits::Block as BlockT, ExtrinsicInclusionMode};
use sp_version::RuntimeVersion;

use crate::{
	chain::with_lottery::{Block, Runtime},
	Operation, Setting,
};

sp_api::decl_runtime_apis! {
	/// The functions that the host calls.
	pub trait BenchApi {
		/// See [`Setting::fill`].
		fn fill(setting: Setting, first: u32, last: u32);
		/// See [`Setting::run`].
		fn run(setting: Setting, operation: Operation);
		/// See [`Setting::measure`].
		fn measure(setting: Setting, operation: Operation, repeats: u32) -> Vec<u64>;
	}
}

/// The version of the wasm. Only its list of APIs is read.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("prover-pool-bench"),
	impl_name: Cow::Borrowed("prover-pool-bench"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

sp_api::impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(_block: <Block as BlockT>::LazyBlock) {
			unimplemented!("no block is executed")
		}

		fn initialize_block(_header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			unimplemented!("no block is executed")
		}
	}

	impl crate::api::BenchApi<Block> for Runtime {
		fn fill(setting: Setting, first: u32, last: u32) {
			setting.fill(first, last)
		}

		fn run(setting: Setting, operation: Operation) {
			setting.run(operation)
		}

		fn measure(setting: Setting, operation: Operation, repeats: u32) -> Vec<u64> {
			setting.measure(operation, repeats)
		}
	}
}
