//! Any bytes as boundaries: GeoJSON, GeoPackage, FlatGeobuf, an archive, or with TUKHUM_FORMAT=shapes the two files
//! of a shapefile with the length of the first before them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tukhum_fuzz::areas(&tukhum_fuzz::file(bytes)));
