//! Any bytes as boundaries: GeoJSON, GeoPackage, FlatGeobuf, or an archive.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tukhum_fuzz::areas(bytes));
