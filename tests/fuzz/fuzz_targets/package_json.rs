#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::package_json(data));
