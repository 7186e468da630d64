//! The files of the page. They are compiled in.

use crate::{decoded::hex, Error, Result};
use sp_crypto_hashing::sha2_256;

/// The files that were there when this program was built.
static BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// The files of a page.
#[derive(Clone, Copy, Debug)]
pub struct Assets(pub(super) &'static [(&'static str, &'static [u8])]);

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
	/// Its path, without a slash in front.
	pub path: &'static str,
	/// Its bytes.
	pub content: &'static [u8],
}

impl Assets {
	/// Returns those of this program. Refused if it was built without them.
	pub fn built_in() -> Result<Self> {
		match BUILT_IN.is_empty() {
			false => Ok(Self(BUILT_IN)),
			true => Err(Error::Usage(
				"this prover-pool was built without its page: run `make dashboard`, and build prover-pool again"
					.into(),
			)),
		}
	}

	/// Returns the file at a path of a URL. Only files that are listed can be found.
	pub fn find(&self, path: &str) -> Option<Asset> {
		let path = match path.strip_prefix('/')? {
			"" => "index.html",
			path => path,
		};
		let found = self.0.iter().find(|(name, _)| *name == path);
		found.map(|(path, content)| Asset { path, content })
	}
}

impl Asset {
	/// Returns its type.
	pub fn kind(&self) -> &'static str {
		match self.path.rsplit_once('.').map_or("", |(_, extension)| extension) {
			"html" => "text/html; charset=utf-8",
			"js" | "mjs" => "text/javascript; charset=utf-8",
			"css" => "text/css; charset=utf-8",
			"json" | "map" => "application/json",
			"webmanifest" => "application/manifest+json",
			"svg" => "image/svg+xml",
			"png" => "image/png",
			"ico" => "image/x-icon",
			"woff2" => "font/woff2",
			"wasm" => "application/wasm",
			"txt" => "text/plain; charset=utf-8",
			_ => "application/octet-stream",
		}
	}

	/// Returns how long it may be kept. Names in `assets` contain a hash of the content.
	pub fn caching(&self) -> &'static str {
		match self.path.starts_with("assets/") {
			true => "public, max-age=31536000, immutable",
			false => "no-cache",
		}
	}

	/// Returns the tag of its content.
	pub fn tag(&self) -> String {
		format!("\"{}\"", hex(&sha2_256(self.content)[..16]))
	}
}
