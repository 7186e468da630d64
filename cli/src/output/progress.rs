//! A progress line on standard error, on a terminal only.

use std::{
	io::{stderr, IsTerminal, Write},
	sync::atomic::{AtomicBool, Ordering},
};

/// The line. It is cleared when dropped.
#[derive(Debug)]
pub struct Progress {
	shown: bool,
	written: AtomicBool,
}

impl Progress {
	/// Creates a line that is shown on a terminal.
	pub fn new() -> Self {
		Self { shown: stderr().is_terminal(), written: AtomicBool::new(false) }
	}

	/// Creates a line that is never shown.
	pub fn silent() -> Self {
		Self { shown: false, written: AtomicBool::new(false) }
	}

	/// Replaces the line.
	pub fn say(&self, what: &str) {
		if self.shown {
			self.written.store(true, Ordering::Relaxed);
			// Returns to the start of the line and clears it. A failure is not an error.
			let _ = write!(stderr(), "\r\x1b[2K{what}").and_then(|()| stderr().flush());
		}
	}

	/// Clears the line.
	pub fn clear(&self) {
		if self.written.swap(false, Ordering::Relaxed) {
			let _ = write!(stderr(), "\r\x1b[2K").and_then(|()| stderr().flush());
		}
	}
}

impl Default for Progress {
	fn default() -> Self {
		Self::new()
	}
}

impl Drop for Progress {
	fn drop(&mut self) {
		self.clear();
	}
}
