//! What a call would do: a query for clients.
//!
//! Clients try a transaction on the state of the best block before they submit it. That shows why a call would be
//! refused, unless it dispatches another call for another account: `proxy` and `sudo` succeed whatever
//! becomes of it, and report its result in an event, which a client does not get from a trial.
#![warn(missing_docs)]

use crate::{
	configs::system::RuntimeBlockWeights, AccountId, RuntimeCall, RuntimeEvent, RuntimeOrigin,
	System,
};
use codec::Codec;
use frame_support::{
	dispatch::GetDispatchInfo,
	storage::{with_transaction, TransactionOutcome},
};
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

sp_api::decl_runtime_apis! {
	/// Tries calls, without an effect.
	pub trait CallSimulationApi<AccountId, Call>
	where
		AccountId: Codec,
		Call: Codec,
	{
		/// Returns what would become of the call, signed by `who`, in the next block. If it dispatches another
		/// call for another account, as `proxy`, `sudo` and `as_multi` do: what would become of that. `Exhausted`
		/// if no block has room for it.
		fn simulate_call(who: AccountId, call: Call) -> Result<(), DispatchError>;
	}
}

/// See [`CallSimulationApi`](runtime_decl_for_call_simulation_api::CallSimulationApi::simulate_call).
pub fn simulate_call(who: AccountId, call: RuntimeCall) -> DispatchResult {
	let info = call.get_dispatch_info();
	let limits = RuntimeBlockWeights::get();
	let most = limits.get(info.class).max_extrinsic.unwrap_or(limits.max_block);
	if info.call_weight.any_gt(most) {
		return Err(DispatchError::Exhausted);
	}
	with_transaction(|| TransactionOutcome::Rollback(dispatch(who, call)))
}

/// Dispatches a call. Fails if it, or a call that it dispatches for another account, fails.
fn dispatch(who: AccountId, call: RuntimeCall) -> DispatchResult {
	// Those of the block before.
	System::reset_events();
	call.dispatch(RuntimeOrigin::signed(who)).map_err(|failed| failed.error)?;
	let mut results =
		System::read_events_no_consensus().filter_map(|record| result_of_another(record.event));
	results.try_for_each(|result| result)
}

/// Returns the result of a call that was dispatched for another account.
fn result_of_another(event: RuntimeEvent) -> Option<DispatchResult> {
	match event {
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result })
		| RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result, .. })
		| RuntimeEvent::Sudo(
			pallet_sudo::Event::Sudid { sudo_result: result }
			| pallet_sudo::Event::SudoAsDone { sudo_result: result },
		) => Some(result),
		_ => None,
	}
}
