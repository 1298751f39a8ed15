//! Any bytes as a mapping, for an event file that is good.
#![no_main]

use tukhum::import::Mapping;

const FILE: &[u8] = b"code,jour,pays,lieu,lat,lon,type,auteur\n1,31/07/2025,Mali,Kayes,\"14,45\",-11.43,attaque,JNIM\n2,1 ao\xc3\xbbt 2025,MLI,,,,3,\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| match Mapping::parse("mapping.toml", bytes) {
    Ok(mapping) => tukhum_fuzz::table(FILE, None, Some(mapping)),
    Err(problems) => drop(problems.render(true)),
});
