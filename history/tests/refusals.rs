//! Files that are refused, with nothing written to them.

mod common;

use common::*;
use prover_pool_history::{block::Chain, Reader, Store};
use rusqlite::Connection;
use std::{fs, path::Path};

fn refused(file: &Path, chain: &Chain) -> String {
	let before = fs::read(file).ok();
	let error = Store::open(file, chain).err().unwrap().to_string();
	assert_eq!(fs::read(file).ok(), before, "{error}");
	error.replace(&file.display().to_string(), "FILE")
}

#[test]
fn the_history_of_another_chain() {
	let folder = Folder::with(&[Blocks::default().next(&[])]);
	let other = Chain { genesis_hash: "0xbb".into(), ..chain() };
	assert_eq!(
		refused(&folder.file(), &other),
		"FILE is the history of the chain with genesis hash 0xaa, and the node's is 0xbb: name another file, or a \
		 node of that chain"
	);
	// Its own chain goes on with it.
	assert_eq!(folder.store().last().unwrap().unwrap().number, 1);
}

#[test]
fn tables_of_a_later_version() {
	let folder = Folder::with(&[]);
	let connection = Connection::open(folder.file()).unwrap();
	connection.pragma_update(None, "user_version", 2).unwrap();
	drop(connection);
	let expected = "FILE has version 2 of the tables, and this program knows 1: use a later prover-pool, or name \
		another file";
	assert_eq!(refused(&folder.file(), &chain()), expected);
	let error = Reader::open(&folder.file()).err().unwrap().to_string();
	assert!(error.ends_with("use a later prover-pool, or name another file"), "{error}");
}

#[test]
fn files_that_are_something_else() {
	let folder = Folder::new();
	let expected = "FILE is not a history of a prover pool: name another file";
	fs::write(folder.file(), "dear diary, ".repeat(100)).unwrap();
	assert_eq!(refused(&folder.file(), &chain()), expected);
	fs::remove_file(folder.file()).unwrap();
	let connection = Connection::open(folder.file()).unwrap();
	connection.execute_batch("CREATE TABLE diary (entry TEXT)").unwrap();
	drop(connection);
	assert_eq!(refused(&folder.file(), &chain()), expected);
	let error = Store::open(folder.file().parent().unwrap(), &chain()).err().unwrap().to_string();
	assert!(error.ends_with("is not a history of a prover pool: name another file"), "{error}");
}

#[test]
fn folders_and_files_that_are_not_there() {
	let folder = Folder::new();
	let missing = folder.file().join("none").join("history.db");
	let error = Store::open(&missing, &chain()).err().unwrap().to_string();
	assert!(error.ends_with("is the folder there, and may it be written?"), "{error}");
	let error = Reader::open(&folder.file()).err().unwrap().to_string();
	assert!(error.contains("make it with `prover-pool index --db "), "{error}");
	assert!(!folder.file().exists());
}

#[test]
fn blocks_out_of_order() {
	let mut chain = Blocks::default();
	let blocks = [chain.next(&[]), chain.next(&[]), chain.next(&[])];
	let folder = Folder::with(&blocks[..2]);
	let mut store = folder.store();
	let mut refused = |block| store.append(block, None).unwrap_err().to_string();
	let expected = "block 2 cannot be stored: the history has blocks up to 2 already";
	assert_eq!(refused(&blocks[1]), expected);
	let mut other = blocks[2].clone();
	other.parent_hash = "0xb2".into();
	let text = refused(&other);
	assert!(text.starts_with("block 3 does not follow block 2 of the history"), "{text}");
	store.append(&blocks[2], None).unwrap();
}
