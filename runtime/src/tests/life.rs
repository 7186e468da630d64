//! A block from its proposal to its settlement.
