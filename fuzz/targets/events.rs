//! Any bytes as an event file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tukhum_fuzz::events(bytes, None));
