//! What this process has used.

use rustix::time::{clock_gettime, ClockId};
use std::{fmt, fs};

/// The processor time and memory that this process has used until now.
pub struct Resources {
	/// The time of all processors together, in seconds.
	cpu_seconds: f64,
	/// The most memory that it had at once, in bytes, where the system says so: on Linux.
	peak_bytes: Option<u64>,
}

impl Resources {
	/// Asks the system.
	pub fn used() -> Self {
		let time = clock_gettime(ClockId::ProcessCPUTime);
		let status = fs::read_to_string("/proc/self/status").ok();
		Self {
			cpu_seconds: time.tv_sec as f64 + time.tv_nsec as f64 / 1e9,
			peak_bytes: status.as_deref().and_then(peak_bytes),
		}
	}
}

impl fmt::Display for Resources {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "{:.1} s of CPU", self.cpu_seconds)?;
		match self.peak_bytes {
			Some(bytes) => write!(formatter, ", {:.2} GB of memory", bytes as f64 / 1e9),
			None => Ok(()),
		}
	}
}

/// Returns the peak of resident memory that `/proc/self/status` states, which is in units of 1,024
/// bytes.
fn peak_bytes(status: &str) -> Option<u64> {
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
	use super::peak_bytes;

	#[test]
	fn the_peak_of_memory_is_read_where_it_is_stated() {
		let status = "Name:\tprover\nVmPeak:\t   99 kB\nVmHWM:\t  615424 kB\nVmRSS:\t 1 kB\n";
		assert_eq!(peak_bytes(status), Some(615_424 * 1024));
		assert_eq!(peak_bytes("VmHWM:\tmuch\n"), None);
		assert_eq!(peak_bytes(""), None);
	}
}
