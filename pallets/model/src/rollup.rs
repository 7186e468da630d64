//! The protocol, with a real pool, beside its model.

use codec::{Decode, Encode};

/// Nothing yet.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum Step {}

/// Does nothing yet.
pub fn run(_steps: &[Step]) {}
