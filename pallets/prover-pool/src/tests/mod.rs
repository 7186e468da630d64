//! Tests by topic. The rules they cite are those of `docs/protocol.md`.
