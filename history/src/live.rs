//! The history as it grows: the finalized blocks in the file, the best chain beyond them in memory, and
//! readers that are told of both.

use crate::{
	block::{kept, Block},
	error::Result,
	query::{self, Position, Row},
	reader::Reader,
	rows::EventRow,
	store::Store,
};
use std::{
	collections::VecDeque,
	sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

/// The most blocks that are kept in memory. Beyond them, where finality has stopped, only finalized blocks
/// and these are shown.
pub const MAX_OVERLAY: usize = 512;
/// How many messages a slow reader may be behind.
const BACKLOG: usize = 4_096;

/// What readers are told.
#[derive(Clone, Debug)]
pub enum News {
	/// How far the history reaches now.
	Position(Position),
	/// An event.
	Event(Row<EventRow>),
	/// The blocks after this one were replaced by others.
	Reverted(u64),
}

/// A history that grows while it is read.
pub struct Live {
	state: Mutex<State>,
	news: broadcast::Sender<News>,
}

struct State {
	reader: Reader,
	/// The blocks of the overlay, the oldest first.
	blocks: VecDeque<Block>,
}

impl Live {
	/// Follows the history that this reader reads.
	pub fn new(reader: Reader) -> Self {
		let state = Mutex::new(State { reader, blocks: VecDeque::new() });
		Self { state, news: broadcast::Sender::new(BACKLOG) }
	}

	/// A panic elsewhere leaves the state whole: the overlay is changed in transactions.
	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Returns what a query gives.
	pub fn read<T>(&self, query: impl FnOnce(&Reader) -> Result<T>) -> Result<T> {
		query(&self.state().reader)
	}

	/// Returns the news from now on.
	pub fn subscribe(&self) -> broadcast::Receiver<News> {
		self.news.subscribe()
	}

	/// Returns how many readers there are.
	pub fn readers(&self) -> usize {
		self.news.receiver_count()
	}

	/// Stores a finalized block as [`Store::append`] does, and takes it out of the overlay in the same moment for all
	/// readers.
	pub fn append(&self, store: &mut Store, block: &Block, missing: Option<&str>) -> Result<()> {
		let mut state = self.state();
		store.append(block, missing)?;
		let follows = state.blocks.front().is_some_and(|first| first.hash == block.hash);
		let reverts = !follows && !state.blocks.is_empty();
		if follows {
			state.blocks.pop_front();
		} else {
			state.blocks.clear();
		}
		let State { reader, blocks } = &*state;
		reader.set_overlay(blocks)?;
		if reverts {
			self.tell(News::Reverted(block.number.saturating_sub(1)));
		}
		self.tell_events(block, true);
		self.tell_position(&state)
	}

	/// Returns the number and the hash of each block of the overlay, the oldest first.
	pub fn overlay(&self) -> Vec<(u64, String)> {
		self.state().blocks.iter().map(|block| (block.number, block.hash.clone())).collect()
	}

	/// Puts the best chain in place of the blocks after `from`: the blocks that follow it. Blocks that do not
	/// follow the overlay are left out.
	pub fn set_best(&self, from: u64, blocks: Vec<Block>) -> Result<()> {
		let mut state = self.state();
		let kept = state.blocks.iter().take_while(|block| block.number <= from).count();
		let reverts = kept < state.blocks.len();
		if reverts {
			state.blocks.truncate(kept);
			let State { reader, blocks } = &*state;
			reader.set_overlay(blocks)?;
			self.tell(News::Reverted(from));
		}
		for block in blocks {
			let tip = match state.blocks.back() {
				Some(tip) => Some((tip.number, tip.hash.clone())),
				None => state.reader.last()?.map(|last| (last.number, last.hash)),
			};
			let follows = tip == Some((block.number.saturating_sub(1), block.parent_hash.clone()));
			if !follows || state.blocks.len() >= MAX_OVERLAY {
				break;
			}
			state.reader.extend_overlay(&block)?;
			self.tell_events(&block, false);
			state.blocks.push_back(block);
		}
		self.tell_position(&state)
	}

	/// There may be nobody to tell.
	fn tell(&self, news: News) {
		let _ = self.news.send(news);
	}

	fn tell_events(&self, block: &Block, is_final: bool) {
		for event in kept(&block.events) {
			self.tell(News::Event(Row { row: EventRow::of(block, event), is_final }));
		}
	}

	fn tell_position(&self, state: &State) -> Result<()> {
		if self.readers() > 0 {
			self.tell(News::Position(state.reader.read(query::position)?));
		}
		Ok(())
	}
}
