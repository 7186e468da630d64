//! The lottery's index in lockstep with a sorted vector, by operations decoded from arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_lottery_index::oracle::run_bytes(data));
