//! What must fit and what things cost.
