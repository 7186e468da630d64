//! What the accounts of a simulated chain do, and the market that they make together.
//!
//! An agent acts once in each block, with what it saw in the blocks before. Agents are plain structs; an
//! attack uses those that it needs, and moves its own accounts by the calls of [`Chain`].

pub mod governance;
pub mod proposers;
pub mod provers;
pub mod rescuer;

pub use governance::Governance;
pub use proposers::Proposers;
pub use provers::{Profile, Provers};
pub use rescuer::Rescuer;

use crate::chain::Chain;
use pallet_vrf_accumulator::VrfOutput;

/// All honest agents of a chain.
#[derive(Clone, Debug, Default)]
pub struct Market {
	/// Those who prove what is assigned to them.
	pub provers: Provers,
	/// Those who propose.
	pub proposers: Proposers,
	/// Those who prove what others have failed to prove, and who skip what nobody proves.
	pub rescuers: Vec<Rescuer>,
	/// Who removes wrong claims.
	pub governance: Governance,
}

impl Market {
	/// Passes a block with this output, and lets all agents act in it: provers first, then governance,
	/// rescuers and proposers.
	pub fn pass_block(&mut self, chain: &mut Chain, output: VrfOutput) {
		chain.pass_block(output);
		self.act(chain);
	}

	/// Lets all agents act in the present block.
	pub fn act(&mut self, chain: &mut Chain) {
		self.provers.act(chain);
		self.governance.act(chain);
		for rescuer in &mut self.rescuers {
			rescuer.act(chain);
		}
		self.proposers.act(chain);
	}
}
