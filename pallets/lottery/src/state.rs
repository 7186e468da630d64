//! The stored state of the lottery.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::storage::unhashed;
use prover_lottery_index::Root;
use prover_pool_primitives::ListedStake;
use scale_info::TypeInfo;

use crate::{Bitmap, Config, Node, State, LOG_TARGET, NODE_WIDTH};

/// The reason why a state cannot be used: its nodes have another width.
pub(crate) const OTHER_WIDTH: &str =
	"I6: the stored nodes have another width than NODE_WIDTH: restore it, or migrate them";

/// The reason why a state cannot be used: its bytes are not one.
pub(crate) const UNDECODABLE: &str =
	"I6: the stored state cannot be decoded: restore the type, or migrate it";

/// Everything that nearly every operation needs, in one value.
#[derive(Clone, Decode, Default, Encode, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct LotteryState {
	/// The root of the index. First, so that its width can be read if the rest cannot be decoded.
	pub root: Root,
	/// The top node of the index. The others are in [`Nodes`](crate::Nodes).
	pub top_node: Option<Node>,
	/// The sum of the candidates' drawable capacity.
	pub free_capacity: u64,
	/// The sums of the candidates' stakes.
	pub listed_stake: ListedStake<u128>,
	/// The highest page that has ever had an occupied slot.
	pub last_page: u32,
	/// The occupied slots of the first page. The other pages are in [`Pages`](crate::Pages).
	pub first_page: Bitmap,
	/// The pages of which every slot is occupied.
	pub full_pages: Bitmap,
}

impl LotteryState {
	/// Reads the state, or the default if none is stored.
	///
	/// # Errors
	/// The reason why the stored value cannot be used. It is logged as well. (Not `defensive!`: the
	/// cause is an upgrade, not the logic of this code.)
	pub(crate) fn read<T: Config>() -> Result<Self, &'static str> {
		Self::try_read::<T>().inspect_err(|reason| log::error!(target: LOG_TARGET, "{reason}"))
	}

	fn try_read<T: Config>() -> Result<Self, &'static str> {
		if let Ok(state) = State::<T>::try_get() {
			return if state.root.has_width(NODE_WIDTH) { Ok(state) } else { Err(OTHER_WIDTH) };
		}
		let Some(bytes) = unhashed::get_raw(&State::<T>::hashed_key()) else {
			return Ok(Self::default());
		};
		match Root::decode(&mut &bytes[..]) {
			Ok(root) if !root.has_width(NODE_WIDTH) => Err(OTHER_WIDTH),
			_ => Err(UNDECODABLE),
		}
	}
}
