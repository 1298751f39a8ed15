use super::support::*;
#[test]
fn time() {
    use tukhum::*;
    let ws = Draft::small().0;
    for _ in 0..3 { 
        let mut p = diagnostics::Diagnostics::default();
        let t = std::time::Instant::now(); let d = datasets::Datasets::load(&ws, &mut p); eprintln!("datasets {:?}", t.elapsed());
        let t = std::time::Instant::now(); for (path, b) in ws.below("datasets/") { if path.ends_with("manifest.toml") { toml_file::read::<datasets::Manifest>(path, b, &mut p); } } eprintln!("manifests {:?}", t.elapsed());
        let names = d.manifests.keys().map(String::as_str).collect();
        let t = std::time::Instant::now(); let f = framework::Framework::load(&ws, framework::UnitKind::Provinces, &names, &mut p); eprintln!("framework {:?}", t.elapsed());
        let t = std::time::Instant::now(); rules::Rules::load(&ws, &[f.as_ref().unwrap()], &Default::default(), &mut p); eprintln!("rules {:?}", t.elapsed());
        let t = std::time::Instant::now(); datasets::Resolver::new(&d); eprintln!("resolver {:?}", t.elapsed());
        let t = std::time::Instant::now(); for b in ws.files.values() { datasets::sha256(b); } eprintln!("sha {:?}", t.elapsed());
        let t = std::time::Instant::now(); for _ in 0..88 { schemars::schema_for!(framework::file::IndicatorFile).to_value(); } eprintln!("schemas {:?}", t.elapsed());
        let t = std::time::Instant::now(); for (path, b) in ws.files.iter() { if path.ends_with(".toml") { toml::de::DeTable::parse_recoverable(std::str::from_utf8(b).unwrap()); } } eprintln!("toml {:?}", t.elapsed());
    }
}
