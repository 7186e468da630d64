//! What happens meanwhile: one line on standard error that replaces itself, and only on a terminal.

use std::{
	io::{stderr, IsTerminal, Write},
	sync::atomic::{AtomicBool, Ordering},
};

/// The line. It is wiped when dropped.
#[derive(Debug)]
pub struct Progress {
	shown: bool,
	written: AtomicBool,
}

impl Progress {
	/// A line that is shown if there is somebody to read it.
	pub fn new() -> Self {
		Self { shown: stderr().is_terminal(), written: AtomicBool::new(false) }
	}

	/// A line that is never shown.
	pub fn silent() -> Self {
		Self { shown: false, written: AtomicBool::new(false) }
	}

	/// Replaces the line.
	pub fn say(&self, what: &str) {
		if self.shown {
			self.written.store(true, Ordering::Relaxed);
			// To the beginning of the line, and wipe it. If nobody can read it, nothing is lost.
			let _ = write!(stderr(), "\r\x1b[2K{what}").and_then(|()| stderr().flush());
		}
	}

	/// Wipes the line.
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
