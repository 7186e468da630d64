//! The rollup with its whole state, with witnesses and beside a naive model, with blocks decoded from the
//! fuzzer's bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_pool_rollup::oracle::run_bytes(data));
