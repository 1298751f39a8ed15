//! Builds again when a bundled file changes, so that the program never carries an old copy.

fn main() {
    println!("cargo::rerun-if-changed=indicators");
    println!("cargo::rerun-if-changed=datasets");
    println!("cargo::rerun-if-changed=reports/forecasts.csv");
}
