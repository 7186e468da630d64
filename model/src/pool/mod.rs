//! Compares the pool with its model.
//!
//! [`run`] makes a chain and a model, takes the same steps on both, and compares them after each: results
//! with the names of errors, events, every record in storage, all queries, balances, and the calls of the
//! handler and `OnSlash`. The model draws by itself: only the seeds are shared. After each step the pool's
//! invariants must hold, and a refused call must have changed nothing.

mod compare;
mod draws;
mod inputs;
mod lockstep;
mod model;
mod queries;
mod rules;
mod settings;
// The runtime is private, and its macros generate code with a feature `std`.
mod read;
#[allow(missing_docs, unexpected_cfgs)]
mod runtime;
mod seeds;
mod settlement;
mod staking;
mod step;
mod summary;
mod tokens;
mod types;

pub use lockstep::{run, run_broken};
pub use rules::Rule;
pub use settings::{parameter, Preset, Settings};
pub use step::{caller, kind, Step};
pub use summary::Summary;
