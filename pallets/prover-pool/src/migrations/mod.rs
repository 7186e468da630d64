//! What a runtime runs once when an upgrade changes what this pallet's storage means or how it is laid
//! out.

mod clock;

pub use clock::{MoveClock, Records, RecordsOf};

