//! The rollup with its whole state, with witnesses and beside a naive model, in blocks decoded from
//! arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_pool_rollup::oracle::run_bytes(data));
