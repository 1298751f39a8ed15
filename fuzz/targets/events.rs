//! Any bytes as a table: in the format that TUKHUM_FORMAT names, or else in the one that they say. `sheet` and
//! `content` are the XML of a sheet in XLSX and in ODS.
#![no_main]

use tukhum::import::source::Format;
use tukhum_fuzz::{FORMAT, file, table};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| table(&file(bytes), FORMAT.as_deref().and_then(Format::named), None));
