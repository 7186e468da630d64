//! `why`: what happened to a block of the rollup, in words.

use crate::{
	args::{history::WhyArgs, Global},
	output::{write_line, Format},
	Error, Result,
};
use prover_pool_history::{query, Reader};
use serde_json::json;

/// Shows the sentences, from the file alone.
pub fn run(global: &Global, args: WhyArgs) -> Result<()> {
	let reader = Reader::open(&args.db.file)?;
	let detail = query::block(&reader, args.block)?.ok_or_else(|| {
		Error::Usage(format!(
			"the history has no block {}: has it been proposed, and is the history filled up to then?",
			args.block
		))
	})?;
	match global.output {
		Format::Table => write_line(&detail.why.join("\n")),
		Format::Json => {
			write_line(&json!({ "block_id": args.block, "why": detail.why }).to_string())
		},
		Format::Csv => Err(Format::no_csv()),
	}
}
