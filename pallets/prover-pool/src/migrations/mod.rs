//! What a runtime runs once when an upgrade changes the meaning or the layout of this pallet's storage.

mod clock;

pub use clock::{MoveClock, Records, RecordsOf};
