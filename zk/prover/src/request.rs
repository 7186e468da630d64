//! The daemon's request for a proof.

use crate::prove;
use prover_pool_rollup_program::{Execution, Prove, Reason};
use prover_pool_zk_host::Input;

/// Proves the block of a request, if its instance is the one that is asked for. Returns the bytes of the proof.
/// Segments have at most `2^segment_po2` cycles; `report` receives lines for the operator.
///
/// # Errors
/// Says why there is no proof. Nothing is proven if the state of the parent is missing, or if the
/// block or its prover is not the one that the instance names.
pub fn answer(
	request: &Prove,
	segment_po2: usize,
	report: impl FnMut(&str),
) -> Result<Vec<u8>, Reason> {
	let Execution { parent, proposal, executed } =
		request.block.execute()?.ok_or("the state of the parent is not known")?;
	let input = Input {
		parent: *parent.header(),
		witness: executed.witness,
		proposal,
		list: request.block.tx_list.clone(),
		genesis_hash: request.genesis_hash,
		prover: request.prover,
	};
	prove(&input, &request.instance, segment_po2, report).map_err(|error| error.to_string())
}
