//! Tests by topic. The rules they cite are those of `docs/protocol.md`.

mod deferral;
mod draws;
mod ejection;
mod entering;
mod entry_delay;
mod exits;
mod leaving;
mod offers;
mod replacing;
mod settlement;
mod slashing;
mod suspension;
