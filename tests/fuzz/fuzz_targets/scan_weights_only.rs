#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::scan_weights_only(data));
