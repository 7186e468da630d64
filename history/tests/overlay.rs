//! The best chain beyond the finalized blocks: shown as such, and discarded by a reorganisation.

mod common;

use common::*;
use prover_pool_history::{
	block::Block,
	live::News,
	overlay::MAX_OVERLAY,
	query::{self, Blocks as Which, Events, Paging, Range},
	rows::Status,
	Error, Live, Reader,
};
use std::sync::{mpsc, Arc};
use tokio::sync::{broadcast::Receiver, oneshot};

/// Returns everything that a reader can ask for, as JSON.
fn answers(reader: &Reader) -> Vec<String> {
	let json = |value: serde_json::Result<String>| value.unwrap();
	let paging = Paging { limit: 1_000, cursor: None };
	let all = Which::default();
	let mut answers = vec![
		json(serde_json::to_string(&query::market(reader).unwrap())),
		json(serde_json::to_string(&query::blocks(reader, &all, &paging).unwrap())),
		json(serde_json::to_string(&query::fees(reader, Range::default(), &paging).unwrap())),
		json(serde_json::to_string(&query::slashes(reader, None, None, &paging).unwrap())),
		json(serde_json::to_string(&query::events(reader, &Events::default(), &paging).unwrap())),
		json(serde_json::to_string(
			&query::provers(reader, None, query::Sort::Account, &paging).unwrap(),
		)),
	];
	for id in 1..30 {
		answers.push(json(serde_json::to_string(&query::block(reader, id).unwrap())));
	}
	answers
}

/// Returns answers without what differs between finalized rows and others.
fn without_finality(answers: Vec<String>) -> Vec<String> {
	let best = |text: String| match (text.find("\"position\":"), text.find(",\"gaps\":")) {
		(Some(from), Some(to)) => format!("{}{}", &text[..from], &text[to..]),
		_ => text,
	};
	answers
		.into_iter()
		.map(|text| {
			let text = text.replace("\"final\":false", "\"final\":true");
			best(text)
				.replace(
					" \"The last of this is not finalized, and a reorganisation may revert it.\"",
					"",
				)
				.replace(
					",\"The last of this is not finalized, and a reorganisation may revert it.\"",
					"",
				)
		})
		.collect()
}

fn market_blocks(count: usize) -> Vec<Block> {
	let mut market = Market::new(3, 1, 4);
	(0..count).map(|_| market.next(BLOCK_TIME)).collect()
}

/// Returns everything that can be asked of a history that grows.
async fn shown(live: &Arc<Live>) -> Vec<String> {
	live.read(|reader| Ok(answers(reader))).await.unwrap()
}

/// Follows the history of this folder, with these blocks as the best chain beyond it.
fn live(folder: &Folder, best: &[Block]) -> Arc<Live> {
	let live = Live::open(&folder.file()).unwrap();
	live.set_best(0, best.to_vec()).unwrap();
	Arc::new(live)
}

#[tokio::test]
async fn rows_of_the_overlay_are_those_that_the_file_will_have() {
	let blocks = market_blocks(40);
	for finalized in [1, 5, 13, 20, 39] {
		let folder = Folder::with(&blocks[..finalized]);
		let shown = shown(&live(&folder, &blocks[finalized..])).await;
		assert!(shown.iter().any(|text| text.contains("\"final\":false")));
		let all = Folder::with(&blocks);
		assert_eq!(
			without_finality(shown),
			without_finality(answers(&all.reader())),
			"{finalized}"
		);
		// Nothing of it is in the file.
		assert_eq!(dump(&folder.file()), dump(&Folder::with(&blocks[..finalized]).file()));
	}
}

#[tokio::test]
async fn a_reorganisation_discards_what_it_replaces() {
	let blocks = market_blocks(30);
	let folder = Folder::with(&blocks[..20]);
	let live = live(&folder, &[]);
	let untouched = shown(&live).await;
	let mut news = live.subscribe();
	live.set_best(20, blocks[20..].to_vec()).unwrap();
	assert_eq!(live.overlay().len(), 10);
	assert_ne!(shown(&live).await, untouched);
	received(&mut news);

	// Another branch after block 24.
	let mut other = Blocks::after(&blocks[23], 'b');
	let branch = [other.next(&[proposed(1_000, 7)]), other.next(&[])];
	live.set_best(24, branch.to_vec()).unwrap();
	let text = received(&mut news);
	assert_eq!(text[0], "reverted to 24");
	assert!(text.contains(&"event BlockProposed in 25, not final".to_string()), "{text:?}");
	assert_eq!(text.last().unwrap(), "position 20, best 26");
	let branch: Vec<_> = blocks[20..24].iter().chain(&branch).cloned().collect();
	let expected = Folder::with(&blocks[..20]);
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &branch)).await);

	// Back to the finalized block.
	live.set_best(20, Vec::new()).unwrap();
	assert_eq!(shown(&live).await, untouched);
}

#[tokio::test]
async fn a_finalized_block_leaves_the_overlay() {
	let blocks = market_blocks(30);
	let folder = Folder::with(&blocks[..20]);
	let mut store = folder.store();
	let live = live(&folder, &blocks[20..]);
	shown(&live).await;
	let mut news = live.subscribe();
	live.append(&mut store, &blocks[20], None).unwrap();
	let text = received(&mut news);
	assert!(text.iter().all(|line| !line.starts_with("reverted")), "{text:?}");
	assert!(text.contains(&"event BlockProposed in 21, final".to_string()), "{text:?}");
	assert_eq!(text.last().unwrap(), "position 21, best 30");
	let expected = Folder::with(&blocks[..21]);
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &blocks[21..])).await);

	// Another one than the best chain had.
	let mut other = Blocks::after(&blocks[20], 'b');
	live.append(&mut store, &other.next(&[proposed(1_000, 7)]), None).unwrap();
	assert_eq!(received(&mut news)[0], "reverted to 21");
	assert_eq!(live.overlay(), []);
	let shown =
		live.read(|reader| query::blocks(reader, &Which::default(), &Paging::default())).await;
	let first = &shown.unwrap().items[0];
	assert_eq!((first.row.id, first.row.status, first.is_final), (1_000, Status::Pending, true));
}

#[tokio::test]
async fn a_block_that_is_stored_and_still_in_the_overlay_is_shown_once() {
	let blocks = market_blocks(30);
	let folder = Folder::with(&blocks[..20]);
	let live = live(&folder, &blocks[20..]);
	shown(&live).await;
	// As between the two steps of `Live::append`.
	folder.store().append(&blocks[20], None).unwrap();
	let expected = Folder::with(&blocks[..21]);
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &blocks[21..])).await);
	// A block of another branch: nothing of the overlay follows it.
	let other = Blocks::after(&blocks[20], 'b').next(&[proposed(1_000, 7)]);
	folder.store().append(&other, None).unwrap();
	expected.store().append(&other, None).unwrap();
	assert_eq!(shown(&live).await, answers(&expected.reader()));
}

#[tokio::test]
async fn queries_wait_neither_for_each_other_nor_does_the_writer() {
	let blocks = market_blocks(30);
	let folder = Folder::with(&blocks[..20]);
	let mut store = folder.store();
	let live = live(&folder, &blocks[20..25]);
	let (end, ended) = mpsc::channel::<()>();
	let (start, started) = oneshot::channel();
	let slow = live.clone();
	let slow = tokio::spawn(async move {
		slow.read(move |reader| {
			reader.read(|connection| {
				let first =
					connection.query_row("SELECT MAX(block) FROM event", [], |row| row.get(0));
				start.send(()).unwrap();
				ended.recv().unwrap();
				let last =
					connection.query_row("SELECT MAX(block) FROM event", [], |row| row.get(0));
				Ok::<(i64, i64), _>((first?, last?))
			})
		})
		.await
	});
	started.await.unwrap();
	let mut news = live.subscribe();
	live.append(&mut store, &blocks[20], None).unwrap();
	live.set_best(25, blocks[25..].to_vec()).unwrap();
	assert_eq!(received(&mut news).last().unwrap(), "position 21, best 30");
	let expected = Folder::with(&blocks[..21]);
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &blocks[21..])).await);
	// The slow one still reads the state that it began with.
	end.send(()).unwrap();
	assert_eq!(slow.await.unwrap().unwrap(), (25, 25));
}

#[tokio::test]
async fn a_query_that_fails_or_panics_leaves_the_others_right() {
	let blocks = market_blocks(30);
	let folder = Folder::with(&blocks[..20]);
	let live = live(&folder, &blocks[20..25]);
	let wrong = |reader: &Reader| reader.read(|it| it.execute("no SQL", []));
	assert!(live.read(wrong).await.is_err());
	let expected = Folder::with(&blocks[..20]);
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &blocks[20..25])).await);
	live.set_best(25, blocks[25..].to_vec()).unwrap();
	assert!(live.read(wrong).await.is_err());
	for _ in 0..10 {
		let error = live.read::<()>(|_| panic!("on purpose")).await.unwrap_err();
		assert!(matches!(error, Error::Ended), "{error}");
	}
	assert_eq!(shown(&live).await, shown(&self::live(&expected, &blocks[20..])).await);
}

#[test]
fn blocks_that_do_not_follow_are_left_out_and_memory_is_bounded() {
	let mut chain = Blocks::default();
	let blocks: Vec<_> = (0..MAX_OVERLAY + 20).map(|_| chain.next(&[])).collect();
	let folder = Folder::with(&blocks[..1]);
	let live = live(&folder, &[]);
	live.set_best(1, vec![blocks[2].clone()]).unwrap();
	assert_eq!(live.overlay(), []);
	live.set_best(1, blocks[1..].to_vec()).unwrap();
	assert_eq!(live.overlay().len(), MAX_OVERLAY);
}

/// Returns the news in words.
fn received(news: &mut Receiver<News>) -> Vec<String> {
	let mut lines = Vec::new();
	while let Ok(it) = news.try_recv() {
		lines.push(match it {
			News::Position(it) => format!(
				"position {}, best {}",
				it.finalized.unwrap(),
				it.best.map_or("none".into(), |best| best.to_string())
			),
			News::Event(it) => {
				let finality = if it.is_final { "final" } else { "not final" };
				format!("event {} in {}, {finality}", it.row.name, it.row.block)
			},
			News::Reverted(to) => format!("reverted to {to}"),
		});
	}
	lines
}
