//! The pool beside its model.
//!
//! [`run`] makes a chain and a model, does the same things to both and compares everything that they
//! show after each: results with the names of errors, events, every record in storage, all queries,
//! balances, what reached the handler and `OnSlash`. Draws are the model's own: only the seeds are
//! shared. After each step the pool's invariants must hold, and a call that was refused must have
//! changed nothing.

mod compare;
mod draws;
mod inputs;
mod life;
mod lockstep;
mod model;
mod queries;
mod rules;
// A runtime is no interface, and what its macros make asks for a feature `std`.
#[allow(missing_docs, unexpected_cfgs)]
mod runtime;
mod seeds;
mod settlement;
mod shown;
mod staking;
mod step;
mod summary;
mod tokens;
mod words;

pub use life::{parameter, Life, Preset};
pub use lockstep::{run, run_broken};
pub use rules::Rule;
pub use step::{caller, kind, Step};
pub use summary::Summary;
