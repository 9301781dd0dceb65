#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mfaguard_fuzz::run("change", data));
