#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::poetry_lock(data));
