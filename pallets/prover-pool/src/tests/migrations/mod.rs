//! What a runtime runs once: a change of the clock.

mod clock;
