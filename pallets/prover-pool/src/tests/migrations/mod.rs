//! What a runtime runs once: a change of the clock, a change of the layout.

mod clock;
mod index;
mod large;
