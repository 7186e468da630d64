//! Crashes on purpose, for tests. With the feature `fault-injection`, and only then, an option
//! makes the daemon abort at a step of its work, without any cleanup.

/// A step of the work on a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Step {
	/// A task is due, its proof not started.
	BeforeProving,
	/// The proof is being made.
	WhileProving,
	/// It is finished, but not submitted.
	BeforeSubmitting,
	/// Its transaction is signed and saved, but not submitted.
	BeforeSending,
	/// It is submitted, but not seen in a block.
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
	/// Creates the faults of the arguments.
	#[cfg(feature = "fault-injection")]
	pub fn new(crash_at: Option<Step>) -> Self {
		Self { crash_at }
	}

	/// Aborts the program at this step, if requested.
	#[cfg(feature = "fault-injection")]
	pub fn reach(self, step: Step) {
		if self.crash_at == Some(step) {
			eprintln!("crashing at {step:?}, as requested");
			std::process::abort();
		}
	}

	/// Does nothing without the feature.
	#[cfg(not(feature = "fault-injection"))]
	pub fn reach(self, _: Step) {}
}
