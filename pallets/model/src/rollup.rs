//! The protocol, with a real pool, beside its model.
