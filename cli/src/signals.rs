//! Signals that end the program.

use crate::Result;

/// Waits for Ctrl-C, or for a service manager's request to end.
pub(crate) async fn interrupted() -> Result<()> {
	#[cfg(unix)]
	{
		use tokio::signal::unix::{signal, SignalKind};
		let mut terminate = signal(SignalKind::terminate())?;
		tokio::select! {
			result = tokio::signal::ctrl_c() => result?,
			_ = terminate.recv() => {},
		}
	}
	#[cfg(not(unix))]
	tokio::signal::ctrl_c().await?;
	Ok(())
}
