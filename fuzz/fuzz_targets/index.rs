//! Sequences of operations, decoded from whatever the fuzzer comes up with, on the index and a vector.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_pool_index::oracle::run_bytes(data));
