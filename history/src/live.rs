//! The history as it grows: the finalized blocks in the file, the best chain beyond them in memory, and a stream of
//! what happens.
//!
//! Several queries run at once, each on a connection of its own. Neither they nor the writer wait for each other.

use crate::{
	block::{kept, Block},
	error::{Error, Result},
	overlay::Overlay,
	query::{self, Position, Row},
	reader::Reader,
	rows::EventRow,
	store::Store,
};
use std::{
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{broadcast, Semaphore};

/// How many queries run at once. Others wait.
const QUERIES: usize = 4;
/// How many messages a slow receiver may be behind.
const BACKLOG: usize = 4_096;

/// What receivers of the stream get.
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
	file: PathBuf,
	overlay: Arc<Overlay>,
	queries: Arc<Semaphore>,
	/// Readers that run no query. A reader keeps its connection and its compiled statements.
	idle: Mutex<Vec<Reader>>,
	/// Reads positions for the stream: it never waits for a query. It shows no overlay.
	finalized: Mutex<Reader>,
	news: broadcast::Sender<News>,
}

/// A lock that a panic elsewhere does not break.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
	/// Opens the history in this file.
	pub fn open(file: &Path) -> Result<Self> {
		let finalized = Reader::open(file)?;
		let overlay = Overlay::default();
		overlay.lock().finalized = finalized.last()?.map(|last| (last.number, last.hash));
		Ok(Self {
			file: file.into(),
			overlay: Arc::new(overlay),
			queries: Arc::new(Semaphore::new(QUERIES)),
			idle: Mutex::default(),
			finalized: Mutex::new(finalized),
			news: broadcast::Sender::new(BACKLOG),
		})
	}

	/// Returns the answer of a query, which runs in a thread for work that blocks.
	pub async fn read<T: Send + 'static>(
		self: &Arc<Self>,
		query: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
	) -> Result<T> {
		let permit = self.queries.clone().acquire_owned().await.map_err(|_| Error::Ended)?;
		let live = self.clone();
		let answer = tokio::task::spawn_blocking(move || {
			// Returned when the query ends, even if its client is gone.
			let _permit = permit;
			let idle = lock(&live.idle).pop();
			let reader = match idle {
				Some(reader) => reader,
				None => Reader::with_overlay(&live.file, live.overlay.clone())?,
			};
			let answer = query(&reader);
			lock(&live.idle).push(reader);
			answer
		});
		answer.await.map_err(|_| Error::Ended)?
	}

	/// Returns the news from now on.
	pub fn subscribe(&self) -> broadcast::Receiver<News> {
		self.news.subscribe()
	}

	/// Returns how many receivers there are.
	pub fn receivers(&self) -> usize {
		self.news.receiver_count()
	}

	/// Stores a finalized block as [`Store::append`] does, and removes it from the overlay.
	pub fn append(&self, store: &mut Store, block: &Block, missing: Option<&str>) -> Result<()> {
		store.append(block, missing)?;
		if self.overlay.lock().finalize(block) {
			self.send(News::Reverted(block.number.saturating_sub(1)));
		}
		self.send_events(block, true);
		self.send_position()
	}

	/// Returns the number and the hash of each block of the overlay, the oldest first.
	pub fn overlay(&self) -> Vec<(u64, String)> {
		let blocks = self.overlay.blocks();
		blocks.iter().map(|block| (block.number, block.hash.clone())).collect()
	}

	/// Replaces the blocks after `from` by these blocks of the best chain. Blocks that do not follow the overlay are
	/// left out.
	pub fn set_best(&self, from: u64, blocks: Vec<Block>) -> Result<()> {
		let mut overlay = self.overlay.lock();
		if overlay.truncate(from) {
			self.send(News::Reverted(from));
		}
		for block in blocks.into_iter().map(Arc::new) {
			if !overlay.push(block.clone()) {
				break;
			}
			self.send_events(&block, false);
		}
		drop(overlay);
		self.send_position()
	}

	fn send(&self, news: News) {
		// Without receivers this is an error.
		let _ = self.news.send(news);
	}

	fn send_events(&self, block: &Block, is_final: bool) {
		if self.receivers() == 0 {
			return;
		}
		for event in kept(&block.events) {
			self.send(News::Event(Row { row: EventRow::of(block, event), is_final }));
		}
	}

	fn send_position(&self) -> Result<()> {
		if self.receivers() > 0 {
			let finalized = lock(&self.finalized).read(query::position)?;
			let best = self.overlay.lock().best.back().map(|block| block.number);
			self.send(News::Position(Position { best, ..finalized }));
		}
		Ok(())
	}
}
