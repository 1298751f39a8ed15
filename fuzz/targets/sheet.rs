//! Any bytes as a table of units and numbers.
#![no_main]

use tukhum::diagnostics::Diagnostics;
use tukhum::tables::Sheet;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut problems = Diagnostics::default();
    if let Some(sheet) = Sheet::read("made.csv", bytes, &mut problems) {
        for column in 0..2 {
            let _ = (sheet.numbers(column, &mut problems), sheet.keys(column, &mut problems));
        }
    }
    let _ = problems.render(true);
});
