//! What the chain is asked, typed. Each function takes the block after which it is asked, so that
//! several answers belong together.

pub mod clock;
pub mod pool;
pub mod rollup;
pub mod view;

/// How many entries of a list are asked for at once.
const PAGE: u32 = 500;
