//! A connection to a node of the chain, and the chain's own properties.

use crate::{
	amount::Token,
	chain::{AccountId, At, Config, Events, Online, Rpc, H256},
	output::printable,
	ss58,
	timeout_client::TimeoutClient,
	Error, Result,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use subxt::{
	backend::{BlockRef, LegacyBackend},
	config::substrate::{Digest, DigestItem},
	rpcs::{rpc_params, utils::url_is_secure, LegacyRpcMethods, RpcClient},
};
use tokio::time::timeout;

/// The time limit of a connection: a node that listens and does not answer is as good as none.
const CONNECT: Duration = Duration::from_secs(10);
/// The time limit of each answer, once there is a connection.
const ANSWER: Duration = Duration::from_secs(30);
/// The default prefix of addresses: that of chains without one of their own.
const DEFAULT_PREFIX: u64 = 42;
/// The default symbol of a token.
const DEFAULT_SYMBOL: &str = "UNIT";

/// A connection to a node.
#[derive(Clone, Debug)]
pub struct Client {
	url: String,
	online: Online,
	rpc: Rpc,
	properties: Properties,
}

/// The properties that a chain reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Properties {
	/// Its name.
	pub name: String,
	/// True for development chains, where publicly known keys may be used.
	pub development: bool,
	/// Its token.
	pub token: Token,
	/// The prefix of its addresses.
	pub prefix: u16,
}

impl Client {
	/// Connects to the first of these nodes that answers. An entry may have several nodes,
	/// separated by commas. Unencrypted connections to other machines have to be allowed.
	pub async fn connect(urls: &[String], allow_insecure: bool) -> Result<Self> {
		let mut failures = Vec::new();
		for url in urls.iter().flat_map(|list| list.split(',')).map(str::trim) {
			Self::check_url(url, allow_insecure)?;
			match timeout(CONNECT, Self::connect_to(url)).await {
				Ok(Ok(client)) => return Ok(client),
				Ok(Err(Error::Connection(reason))) => failures.push(format!("{url} ({reason})")),
				Ok(Err(other)) => return Err(other),
				Err(_) => failures.push(format!("{url} (no answer in {CONNECT:?})")),
			}
		}
		Err(Error::Connection(format!(
			"no node answers: {}; is it running, and is --url right?",
			failures.join(", ")
		)))
	}

	/// Refused if the URL is not valid, or needs `--insecure`.
	pub fn check_url(url: &str, allow_insecure: bool) -> Result<()> {
		let instead = match url.split_once("://") {
			None => Some(format!("ws://{url}")),
			Some(("http", rest)) => Some(format!("ws://{rest}")),
			Some(("https", rest)) => Some(format!("wss://{rest}")),
			Some(_) => None,
		};
		if let Some(instead) = instead {
			return Err(Error::Usage(format!(
				"--url `{url}` does not name a WebSocket: use {instead}"
			)));
		}
		let secure = url_is_secure(url).map_err(|e| Error::Usage(format!("--url `{url}`: {e}")))?;
		if !secure && !allow_insecure {
			return Err(Error::Usage(format!(
				"--url `{url}` is not encrypted: use wss://, or allow it with --insecure"
			)));
		}
		Ok(())
	}

	async fn connect_to(url: &str) -> Result<Self> {
		let unreachable = |e: &dyn std::fmt::Display| Error::Connection(innermost(&e.to_string()));
		let client = RpcClient::from_insecure_url(url).await.map_err(|e| unreachable(&e))?;
		let client = RpcClient::new(TimeoutClient::new(client, ANSWER));
		let rpc = LegacyRpcMethods::new(client.clone());
		let properties = Properties::ask(&client, &rpc).await?;
		// This backend answers for any block by its hash. The newer one answers only for blocks
		// that the node has announced and not dropped; here the best chain counts.
		let backend = LegacyBackend::<Config>::builder().build(client);
		let online = Online::from_backend(Arc::new(backend)).await?;
		Ok(Self { url: url.into(), online, rpc, properties })
	}

	/// Returns the URL of the node.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Returns the chain's properties.
	pub fn properties(&self) -> &Properties {
		&self.properties
	}

	/// Returns the chain's token.
	pub fn token(&self) -> &Token {
		&self.properties.token
	}

	/// Returns the address of an account on this chain.
	pub fn address(&self, account: &AccountId) -> String {
		self.properties.address(account)
	}

	/// Returns the account of an address of this chain.
	pub fn account(&self, address: &str) -> Result<AccountId> {
		ss58::decode(address, self.properties.prefix)
	}

	/// Returns the library's own connection.
	pub fn online(&self) -> &Online {
		&self.online
	}

	/// Returns the RPC methods.
	pub fn rpc(&self) -> &Rpc {
		&self.rpc
	}

	/// Returns the genesis hash: the identity of the chain.
	pub fn genesis_hash(&self) -> H256 {
		self.online.genesis_hash()
	}

	/// Returns the chain after its best block.
	pub async fn best(&self) -> Result<At> {
		let missing = || Error::Connection("the node has no best block".into());
		let hash = self.rpc.chain_get_block_hash(None).await?.ok_or_else(missing)?;
		self.at(hash).await
	}

	/// Returns the chain after its last finalized block.
	pub async fn finalized(&self) -> Result<At> {
		Ok(self.online.at_current_block().await?)
	}

	/// Returns the hash of the block with this number on the node's best chain, if the node has it.
	pub async fn block_hash(&self, number: u64) -> Result<Option<H256>> {
		Ok(self.rpc.chain_get_block_hash(Some(number.into())).await?)
	}

	/// Returns the chain after this block.
	pub async fn at(&self, hash: H256) -> Result<At> {
		Ok(self.online.at_block(BlockRef::from_hash(hash)).await?)
	}

	/// Returns the events of this block, and the chain whose description fits them: that before the
	/// block if it has set another code, since the code before has made it.
	pub async fn events(&self, hash: H256) -> Result<(At, Events)> {
		let at = self.at(hash).await?;
		let events = at.events().fetch().await?;
		let header = self.rpc.chain_get_header(Some(hash)).await?;
		let sets_code =
			|digest: &Digest| digest.logs.contains(&DigestItem::RuntimeEnvironmentUpdated);
		match header.filter(|header| sets_code(&header.digest)) {
			None => Ok((at, events)),
			Some(header) => {
				let before = self.at(header.parent_hash).await?;
				let events = before.events().from_bytes(events.bytes().to_vec());
				Ok((before, events))
			},
		}
	}
}

impl Properties {
	/// Returns the address of an account on this chain.
	pub fn address(&self, account: &AccountId) -> String {
		ss58::encode(account, self.prefix)
	}

	async fn ask(client: &RpcClient, rpc: &Rpc) -> Result<Self> {
		let name = rpc.system_chain().await?;
		let kind: Value = client.request("system_chainType", rpc_params![]).await?;
		let properties: Value = client.request("system_properties", rpc_params![]).await?;
		Self::read(name, &kind, &properties)
	}

	/// Parses the answers of a node. A chain with several tokens names its own first.
	fn read(name: String, kind: &Value, properties: &Value) -> Result<Self> {
		let first = |key: &str| match &properties[key] {
			Value::Array(all) => all.first().cloned().unwrap_or(Value::Null),
			single => single.clone(),
		};
		let symbol = first("tokenSymbol").as_str().unwrap_or(DEFAULT_SYMBOL).to_string();
		let decimals = first("tokenDecimals").as_u64().unwrap_or(0);
		let prefix = first("ss58Format").as_u64().unwrap_or(DEFAULT_PREFIX);
		let prefix = u16::try_from(prefix).ok().filter(|prefix| *prefix <= ss58::MAX_PREFIX);
		let Some(prefix) = prefix else {
			return Err(Error::Incompatible(
				"the prefix of the chain's addresses is not valid".into(),
			));
		};
		let token = Token::new(symbol, u32::try_from(decimals).unwrap_or(u32::MAX))?;
		let development = matches!(kind.as_str(), Some("Development" | "Local"));
		Ok(Self { name: printable(&name).into_owned(), development, token, prefix })
	}
}

/// Returns the last sentence of an error: errors of connections name every layer that they passed.
fn innermost(message: &str) -> String {
	let mut start = 0;
	for (colon, _) in message.match_indices(": ") {
		if message[colon + 2..].contains(' ') {
			start = colon + 2;
		}
	}
	message[start..].to_string()
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn read(kind: Value, properties: Value) -> Result<Properties> {
		Properties::read("Chain".into(), &kind, &properties)
	}

	#[test]
	fn a_chain_names_its_token() {
		let said = json!({ "tokenSymbol": "DOT", "tokenDecimals": 10, "ss58Format": 0 });
		let properties = read(json!("Live"), said).unwrap();
		assert_eq!(properties.token, Token::new("DOT", 10).unwrap());
		assert_eq!(properties.prefix, 0);
		assert!(!properties.development);
	}

	#[test]
	fn the_first_of_several_tokens_is_the_chains_own() {
		let said = json!({ "tokenSymbol": ["A", "B"], "tokenDecimals": [12, 6] });
		let properties = read(json!("Local"), said).unwrap();
		assert_eq!(properties.token, Token::new("A", 12).unwrap());
		assert!(properties.development);
	}

	#[test]
	fn a_silent_chain_has_the_defaults() {
		let properties = read(json!({ "Custom": "x" }), json!({})).unwrap();
		assert_eq!(properties.token, Token::new("UNIT", 0).unwrap());
		assert_eq!(properties.prefix, 42);
		assert!(!properties.development);
	}

	#[test]
	fn a_url_names_a_web_socket() {
		for (url, instead) in [
			("127.0.0.1:9944", "use ws://127.0.0.1:9944"),
			("http://127.0.0.1:9944", "use ws://127.0.0.1:9944"),
			("https://example.org", "use wss://example.org"),
			("ws://example.org", "use wss://, or allow it with --insecure"),
		] {
			let error = Client::check_url(url, false).unwrap_err();
			assert_eq!(error.exit_code(), 2);
			assert!(error.to_string().ends_with(instead), "{error}");
		}
		for url in ["ws://127.0.0.1:9944", "ws://localhost:9944", "wss://example.org"] {
			Client::check_url(url, false).unwrap();
		}
	}

	#[test]
	fn the_innermost_sentence_of_an_error_is_kept() {
		for (message, kept) in [
			(
				"RPC error: client error: Connection refused (os error 111)",
				"Connection refused (os error 111)",
			),
			("RPC error: timeout reached: 10s", "timeout reached: 10s"),
			("closed", "closed"),
			("", ""),
		] {
			assert_eq!(innermost(message), kept);
		}
	}

	#[test]
	fn absurd_properties_are_refused() {
		for said in [
			json!({ "tokenDecimals": 40 }),
			json!({ "ss58Format": 70_000 }),
			json!({ "tokenSymbol": "base" }),
			json!({ "tokenSymbol": "\u{1b}[2K" }),
		] {
			assert_eq!(read(json!("Live"), said).unwrap_err().exit_code(), 7);
		}
	}

	#[test]
	fn names_cannot_control_a_terminal() {
		let properties = Properties::read("A\u{1b}[2K B".into(), &json!("Live"), &json!({}));
		assert_eq!(properties.unwrap().name, "A[2K B");
	}
}
