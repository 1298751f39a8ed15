//! Any bytes as a table: in the format that TUKHUM_FORMAT names, or else in the one that they say.
#![no_main]

use std::sync::LazyLock;

use tukhum::import::source::Format;

static FORMAT: LazyLock<Option<Format>> = LazyLock::new(|| Format::named(&std::env::var("TUKHUM_FORMAT").ok()?));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tukhum_fuzz::table(bytes, *FORMAT, None));
