//! Crashes on purpose, for tests: with the feature `fault-injection` only, the daemon can be told to end
//! at a step of its work as if it were killed, without any cleaning up.

/// A step of the work on a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Step {
	/// A task is due, its proof not begun.
	BeforeProving,
	/// The proof is being made.
	WhileProving,
	/// It is made, but not sent.
	BeforeSubmitting,
	/// Its transaction is signed and noted, but not sent.
	BeforeSending,
	/// It is sent, but not seen in a block.
	AfterSubmitting,
	/// It was seen in a block.
	AfterInclusion,
}

/// The step at which to crash, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
	#[cfg(feature = "fault-injection")]
	crash_at: Option<Step>,
}

impl Faults {
	/// What the arguments say.
	#[cfg(feature = "fault-injection")]
	pub fn new(crash_at: Option<Step>) -> Self {
		Self { crash_at }
	}

	/// Ends the program here, if it should.
	#[cfg(feature = "fault-injection")]
	pub fn reach(self, step: Step) {
		if self.crash_at == Some(step) {
			eprintln!("crashing at {step:?}, as told");
			std::process::abort();
		}
	}

	/// Does nothing: this program is not made for tests.
	#[cfg(not(feature = "fault-injection"))]
	pub fn reach(self, _: Step) {}
}
