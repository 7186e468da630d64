//! What a runtime runs once when an upgrade changes what this pallet's storage means or how it is laid
//! out.

mod clock;
mod v2;

pub use clock::{MoveClock, Records, RecordsOf};
#[cfg(any(test, feature = "scaling"))]
pub(crate) use v2::old;
pub use v2::IndexMembers;
