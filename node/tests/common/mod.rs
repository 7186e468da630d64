//! Runs the real program, and kills it at the end of a test.

use std::{
	fs::{self, File},
	process::{Child, Command, Output, Stdio},
	thread::sleep,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longer than any wait on a busy machine.
const PATIENCE: Duration = Duration::from_secs(400);

/// A running program; killed when dropped.
pub struct Node {
	process: Child,
	output: TempDir,
}

impl Node {
	/// Starts the program.
	pub fn start<I: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = I>) -> Self {
		// Files, because a pipe that nobody reads would fill up.
		let output = TempDir::new().unwrap();
		let file = |name| File::create(output.path().join(name)).unwrap();
		let process = Command::new(env!("CARGO_BIN_EXE_prover-pool-node"))
			.args(args)
			.stdin(Stdio::null())
			.stdout(file("stdout"))
			.stderr(file("stderr"))
			.spawn()
			.unwrap();
		Self { process, output }
	}

	/// Returns the program's standard error so far.
	pub fn stderr(&self) -> String {
		let bytes = fs::read(self.output.path().join("stderr")).unwrap();
		String::from_utf8_lossy(&bytes).into_owned()
	}

	/// Waits until the program has written `text` to standard error.
	pub fn wait_for(&mut self, text: &str) {
		self.wait(text, |node| node.stderr().contains(text).then_some(()));
	}

	/// Asks the program to end, as a service manager does.
	pub fn terminate(mut self) -> Output {
		let pid = self.process.id().to_string();
		assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
		self.wait_for_end()
	}

	/// Waits until the program ends by itself.
	pub fn wait_for_end(&mut self) -> Output {
		let status = self.wait("its end", |node| node.process.try_wait().unwrap());
		let stdout = fs::read(self.output.path().join("stdout")).unwrap();
		Output { status, stdout, stderr: self.stderr().into_bytes() }
	}

	fn wait<T>(&mut self, event: &str, mut happened: impl FnMut(&mut Self) -> Option<T>) -> T {
		let start = Instant::now();
		loop {
			if let Some(result) = happened(self) {
				return result;
			}
			assert!(start.elapsed() < PATIENCE, "waited for {event} in vain: {}", self.stderr());
			sleep(Duration::from_millis(50));
		}
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}
