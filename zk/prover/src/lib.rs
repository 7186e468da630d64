//! The prover command that proves blocks of the demo rollup in a zkVM.

mod proving;
mod request;
mod resources;

pub use proving::{prove, words, ProvingError};
pub use request::answer;
pub use resources::Resources;
