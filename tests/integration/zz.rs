use super::support::*;
#[test]
fn zz() {
    let draft = Draft::tiny();
    let header = format!("{}\n", draft.text(&table("crossings")).lines().next().expect("it has a header"));
    let regions: String = draft.text(&table("units")).lines().filter(|l| l.starts_with("unit_id") || l.starts_with("ML-")).map(|l| format!("{l}\n")).collect();
    let d = draft.set_table("crossings", header).set_table("units", regions);
    eprintln!("{}", d.problems());
}
