#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::azure_pipelines(data));
