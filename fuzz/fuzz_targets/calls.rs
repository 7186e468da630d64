//! Sequences of calls, decoded from the fuzzer's bytes, on pallet and model.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_pool_model::run_bytes(data));
