#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::pre_commit(data));
