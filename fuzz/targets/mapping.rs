//! Any bytes as a mapping, for an event file that is good.
#![no_main]

use tukhum::diagnostics::Diagnostics;
use tukhum::import::Layout;
use tukhum::toml_file;

const FILE: &[u8] = b"code,jour,pays,lieu,lat,lon,type,auteur\n1,31/07/2025,Mali,Kayes,\"14,45\",-11.43,attaque,JNIM\n2,1 ao\xc3\xbbt 2025,MLI,,,,3,\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut problems = Diagnostics::default();
    match toml_file::read::<Layout>("mapping.toml", bytes, &mut problems) {
        Some((layout, _)) => tukhum_fuzz::events(FILE, Some(layout)),
        None => drop(problems.render(true)),
    }
});
