//! The pool beside its model.
