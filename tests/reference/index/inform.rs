//! INFORM Sahel (132 first-level units, June 2017 workflow) and the Global Risk Index 2020.
//!
//! Published scores carry one decimal. INFORM Sahel does not round in between, so that computing
//! from published leaves moves each level by at most 0.05 plus the propagated rounding of the
//! leaves: ±0.1 is held, as recorded with the data.

use super::data::{Reference, within};
use tukhum::index::*;

/// Difference in units of 0.1 minus a hair for decimal fractions that floats do not hold.
const TENTH: f64 = 0.1 + 1e-9;

/// A tree written as `(id, operator, children with weights)`, root first; what is no node is a leaf.
type Text<'a> = &'a [(&'a str, Operator, &'a [(&'a str, f64)])];

fn tree(text: Text) -> Tree {
    let mut leaves: Vec<String> = Vec::new();
    let nodes = text
        .iter()
        .map(|(id, operator, children)| {
            let children = children
                .iter()
                .map(|&(child, weight)| {
                    if let Some(n) = text.iter().position(|t| t.0 == child) {
                        return (Child::Node(n), weight);
                    }
                    leaves.push(child.to_string());
                    (Child::Leaf(leaves.len() - 1), weight)
                })
                .collect();
            Node::new(*id, operator.clone(), 0.0, children)
        })
        .collect();
    Tree::new(leaves, nodes, 0).unwrap()
}

/// Published scores; −99 is the source's mark for missing.
fn published(data: &Reference, column: &str) -> Vec<Option<f64>> {
    data.numbers(column).into_iter().map(|cell| cell.filter(|v| *v != -99.0)).collect()
}

/// Largest difference per node between our values and the published ones, leaves published.
fn worst(tree: &Tree, data: &Reference, decimals: Option<u8>) -> Vec<(String, f64, usize)> {
    let columns: Vec<Vec<Option<f64>>> = tree
        .leaves()
        .iter()
        .map(|leaf| if data.has(leaf) { published(data, leaf) } else { vec![None; data.rows.len()] })
        .collect();
    let evaluations: Vec<Evaluation> = (0..data.rows.len())
        .map(|i| {
            let row: Vec<Option<f64>> = columns.iter().map(|c| c[i]).collect();
            match decimals {
                Some(decimals) => tree.evaluate_rounded(&row, decimals),
                None => tree.evaluate(&row),
            }
        })
        .collect();
    tree.nodes()
        .iter()
        .enumerate()
        .filter(|(_, node)| data.has(&node.id))
        .map(|(n, node)| {
            let published = published(data, &node.id);
            let differences: Vec<f64> =
                evaluations.iter().zip(&published).filter_map(|(e, p)| Some((e.values[n]? - (*p)?).abs())).collect();
            let over = differences.iter().filter(|d| **d > TENTH).count();
            (node.id.clone(), differences.iter().copied().fold(0.0, f64::max), over)
        })
        .collect()
}

#[test]
fn sahel() {
    let Some(data) = Reference::read("inform/inform_sahel_adm1_scores.csv") else { return };
    let inverted = || Operator::InformInvertedGeometric;
    let one = |ids: &'static [&'static str]| -> Vec<(&'static str, f64)> { ids.iter().map(|id| (*id, 1.0)).collect() };
    let (root, cc, ha, vu) =
        (one(&["HA", "VU", "CC"]), one(&["CC.INS", "CC.INF"]), one(&["HA.NAT", "HA.HUM"]), one(&["VU.SEV", "VU.VGR"]));
    let vgr = one(&["VU.VGR.UP", "VU.VGR.OG"]);
    let inf = one(&["CC.INF.COM", "CC.INF.PHY", "CC.INF.AHC"]);
    let ins = one(&["CC.INS.DRR", "CC.INS.GOV"]);
    let nat = one(&["HA.NAT.LD", "HA.NAT.FP", "HA.NAT.FL", "HA.NAT.DR"]);
    let hum = one(&["HA.HUM.CON", "HA.HUM.PV"]);
    let sev = [("VU.SEV.PD", 2.0), ("VU.SEV.INQ", 1.0), ("VU.SEV.AD", 1.0)];
    let og = one(&["VU.VGR.OG.U5", "VU.VGR.OG.HE", "VU.VGR.OG.NATDIS-REL", "VU.VGR.OG.FS"]);
    let whole: Text = &[
        ("INFORM", Operator::Geometric { floor: 0.1 }, &root),
        ("CC", inverted(), &cc),
        ("HA", inverted(), &ha),
        ("VU", inverted(), &vu),
        ("VU.VGR", inverted(), &vgr),
        ("CC.INF", Operator::Arithmetic, &inf),
        ("CC.INS", Operator::Arithmetic, &ins),
        ("HA.HUM", Operator::ScaledMax { factors: vec![0.66, 0.33] }, &hum),
        ("HA.NAT", inverted(), &nat),
        ("VU.SEV", Operator::Arithmetic, &sev),
        ("VU.VGR.OG", inverted(), &og),
    ];
    // Each node from its published children.
    for (id, operator, children) in whole {
        let alone = tree(&[(*id, operator.clone(), children)]);
        for (node, largest, over) in worst(&alone, &data, None) {
            eprintln!("INFORM Sahel {node} from its children: largest {largest:.3}, {over} of 132 beyond 0.1");
            within(&format!("INFORM Sahel {node}"), largest, TENTH);
        }
    }
    // The whole tree from the leaves.
    for (node, largest, over) in worst(&tree(whole), &data, None) {
        eprintln!("INFORM Sahel whole tree, {node}: largest {largest:.3}, {over} of 132 beyond 0.1");
    }
    let (_, largest, _) = worst(&tree(whole), &data, None).remove(0);
    within("INFORM Sahel, whole tree", largest, WHOLE_TREE);
}

const WHOLE_TREE: f64 = TENTH;

#[test]
fn global_risk_index_2020() {
    let Some(data) = Reference::read("inform/inform_gri_2020_v040.csv") else { return };
    let index = tree(&[(
        "INFORM RISK",
        Operator::Geometric { floor: 0.1 },
        &[("HAZARD & EXPOSURE", 1.0), ("VULNERABILITY", 1.0), ("LACK OF COPING CAPACITY", 1.0)],
    )]);
    let inverted = |id: &'static str, a: &'static str, b: &'static str| {
        tree(&[(id, Operator::InformInvertedGeometric, &[(a, 1.0), (b, 1.0)])])
    };
    for tree in [
        index,
        inverted("HAZARD & EXPOSURE", "Natural", "Human"),
        inverted("VULNERABILITY", "Socio-Economic Vulnerability", "Vulnerable Groups"),
        inverted("LACK OF COPING CAPACITY", "Institutional", "Infrastructure"),
        inverted("Vulnerable Groups", "Uprooted people", "Other Vulnerable Groups"),
    ] {
        // The workbook rounds half up to one decimal at every stage, so that from rounded
        // children the published value comes out exactly.
        for (node, largest, over) in worst(&tree, &data, Some(1)) {
            eprintln!("INFORM GRI 2020 {node}: largest {largest:.3}, {over} of 191 beyond 0.1");
            within(&format!("INFORM GRI 2020 {node}"), largest, GRI);
        }
    }
    let (risk, class) = (data.numbers("INFORM RISK"), data.text("RISK CLASS"));
    let classes = Classes::inform();
    for (score, published) in risk.iter().zip(&class) {
        let Some(score) = score else { continue };
        assert_eq!(classes.name_of(*score), published.to_lowercase().replace(' ', "_"), "{score}");
    }
}

/// Exact: the published decimals come out, up to the last bit of a decimal fraction.
const GRI: f64 = 1e-9;
