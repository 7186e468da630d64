//! The lottery's index beside a sorted vector, with operations decoded from the fuzzer's bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prover_lottery_index::oracle::run_bytes(data));
