//! Input that is legal and says little: each has a defined answer, nothing stands for "unknown" in silence.

use super::border_gravity::border_profile;
use super::both_sides::both_sides;
use super::diffusion::diffusion;
use super::drift::{DriftEvent, DriftOptions, drift};
use super::empirical_bayes::shrink;
use super::exposed::Exposed;
use super::geodesic::Position;
use super::getis_ord::{Neighbourhood, getis_ord};
use super::grid::Grid;
use super::kernel::{PressureEvent, pressure};
use super::knox::knox;
use super::moran_local::{NoLocalStatistic, moran_local};
use super::new_ground::{Novelty, new_ground};
use super::scan::{ScanEvent, ScanOptions, scan};
use super::scdi::scdi;
use super::trend::trend;
use super::volatility::volatility;
use super::weights::Weights;

fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude).unwrap()
}

fn scanned(places: &[Position], days: &[i64]) -> Vec<super::scan::Cluster> {
    let events: Vec<ScanEvent> = places.iter().zip(days).map(|(&position, &day)| ScanEvent { position, day }).collect();
    scan(&events, ScanOptions { replicates: 19, ..ScanOptions::default() }).unwrap()
}

fn drifted(places: &[Position], days: &[i64]) -> Result<super::drift::Drift, super::StatsError> {
    let events: Vec<DriftEvent> =
        places.iter().zip(days).enumerate().map(|(i, (&position, &day))| DriftEvent { position, day, actor: 0, block: i as u32 }).collect();
    drift(&events, DriftOptions::default())
}

/// No events: nothing found, or the reason why nothing can be said.
#[test]
fn empty_windows() {
    assert!(scanned(&[], &[]).is_empty());
    assert!(drifted(&[], &[]).is_err());
    assert_eq!(knox(&[], &[], 10.0, 10, 19, 1).unwrap().ratio, None);
    assert_eq!(pressure(&[at(0.0, 0.0)], &[], 75.0).unwrap(), [0.0]);
    assert_eq!(border_profile(&[], 167.0).unwrap(), None);
    assert_eq!(both_sides(&[], 0, 90, 50.0).unwrap().weaker_side(), 0);
    assert_eq!(scdi(&[], 2500.0, 1.0).unwrap().nearest_neighbour_ratio, None);
    assert!(new_ground(&[], &[], Grid::new(25.0).unwrap(), 730, 0).unwrap().is_empty());
    // No coverage is not the same as no events.
    assert!(shrink(&[None, None]).is_err());
    assert_eq!(shrink(&[Some(Exposed::new(0, 1.0).unwrap()), None]).unwrap().rates[0].unwrap().rate, 0.0);
    assert!(volatility(&[None], &[Some(1), Some(2)], 2.0, 0.5).is_err());
    assert!(trend(&[], 4, 1.0).is_err());
}

/// One event is no pattern.
#[test]
fn one_event() {
    let here = [at(-9.0, 14.0)];
    assert!(scanned(&here, &[5]).is_empty());
    assert!(drifted(&here, &[5]).is_err());
    assert_eq!(knox(&here, &[5], 10.0, 10, 19, 1).unwrap().ratio, None);
    assert_eq!(scdi(&here, 2500.0, 1.0).unwrap().nearest_neighbour_ratio, None);
    assert_eq!(new_ground(&[800], &here, Grid::new(25.0).unwrap(), 730, 0).unwrap(), [Novelty::FirstOnRecord]);
    let felt = pressure(&here, &[PressureEvent { position: here[0], weight: 1.0, own_target: None }], 75.0).unwrap();
    assert!((felt[0] - 1.0).abs() < 1e-12);
}

/// All at one point, and the same event many times over: no place stands out, and no movement.
#[test]
fn one_point_and_duplicates() {
    let (places, days) = ([at(-9.0, 14.0); 12], [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330]);
    assert!(scanned(&places, &days).is_empty(), "one place leaves nothing to scan");
    let still = drifted(&places, &days).unwrap();
    assert!(still.west_km_per_year.abs() < 1e-9 && still.north_km_per_year.abs() < 1e-9);
    assert_eq!(still.p_west, Some(1.0));
    assert_eq!(scdi(&places, 2500.0, 1.0).unwrap().nearest_neighbour_ratio, Some(0.0));
    assert_eq!(knox(&places, &days, 10.0, 5, 99, 1).unwrap().p, Some(1.0));
    // The same event twelve times: one day, so no movement can be told.
    assert!(drifted(&places, &[7; 12]).is_err());
    assert!(scanned(&places, &[7; 12]).is_empty());
    let twice = new_ground(&[800, 800], &places[..2], Grid::new(25.0).unwrap(), 730, 0).unwrap();
    assert_eq!(twice, [Novelty::FirstOnRecord; 2], "a duplicate does not make its twin known");
}

/// On the line itself: within every ring, on neither side.
#[test]
fn events_on_the_border() {
    use super::both_sides::{BorderEvent, Side};
    let profile = border_profile(&[0.0, 0.0], 167.0).unwrap().unwrap();
    assert_eq!((profile.gravity, profile.rings.map(|r| r.count)), (1.0, [2; 4]));
    let line = BorderEvent { day: 0, distance_km: 0.0, side: Side::OnTheLine };
    assert!(!both_sides(&[line, line], 0, 90, 50.0).unwrap().both());
}

/// A cluster across the antimeridian is the same cluster as elsewhere.
#[test]
fn across_the_antimeridian() {
    let shifted = |by: f64| -> Vec<Position> {
        let longitudes = [-0.4, 0.3, -0.1, 0.2, 3.0, -3.0, 2.0, -2.0, 4.0, -4.0];
        longitudes.map(|x: f64| at((x + by + 180.0).rem_euclid(360.0) - 180.0, 12.0)).to_vec()
    };
    let days = [100, 101, 102, 103, 0, 30, 60, 150, 180, 210];
    let (here, seam) = (scanned(&shifted(0.0), &days), scanned(&shifted(180.0), &days));
    assert_eq!(here.len(), seam.len());
    assert!(!here.is_empty() && here[0].events == seam[0].events && here[0].p == seam[0].p);
    let (a, b) = (drifted(&shifted(0.0), &days).unwrap(), drifted(&shifted(180.0), &days).unwrap());
    assert!((a.west_km_per_year - b.west_km_per_year).abs() < 1e-6);
    let weights = Weights::within(&shifted(180.0), 100.0).unwrap();
    assert_eq!(weights, Weights::within(&shifted(0.0), 100.0).unwrap());
}

/// A unit without area, people or neighbours has no density, diffusion or local statistic.
#[test]
fn units_without_area_and_islands() {
    assert!(scdi(&[at(0.0, 0.0)], 0.0, 1.0).is_err());
    assert!(Exposed::new(1, 0.0).is_err());
    assert!(diffusion(&[], &[], 1).is_err());
    // Unit 3 is an island; unit 4's only neighbour has no value.
    let weights = Weights::binary(&[vec![1], vec![0, 2], vec![1], vec![], vec![5], vec![4]]).unwrap();
    let values = [Some(1.0), Some(5.0), Some(2.0), Some(9.0), Some(3.0), None];
    let moran = moran_local(&values, &weights, 99, 1).unwrap();
    let g = getis_ord(&values, &weights, Neighbourhood::WithSelf, 99, 1).unwrap();
    assert!(moran[0].is_ok() && g[0].is_ok());
    for unit in [3, 4] {
        assert_eq!(moran[unit].err(), Some(NoLocalStatistic::NoNeighbours));
        assert_eq!(g[unit].err(), Some(NoLocalStatistic::NoNeighbours));
    }
    assert_eq!(moran[5].err(), Some(NoLocalStatistic::MissingValue));
    // Weights of nothing but islands.
    let alone = Weights::binary(&[vec![], vec![], vec![]]).unwrap();
    let values = [Some(1.0), Some(2.0), Some(3.0)];
    assert!(moran_local(&values, &alone, 99, 1).unwrap().iter().all(|r| r.err() == Some(NoLocalStatistic::NoNeighbours)));
}

/// Without replicates the statistic stands and has no p.
#[test]
fn no_permutations() {
    let weights = Weights::binary(&[vec![1], vec![0, 2], vec![1]]).unwrap();
    let values = [Some(1.0), Some(5.0), Some(2.0)];
    assert!(moran_local(&values, &weights, 0, 1).unwrap().iter().flatten().all(|m| m.p.is_none() && m.q.is_none() && m.z.is_none()));
    assert!(getis_ord(&values, &weights, Neighbourhood::WithoutSelf, 0, 1).unwrap().iter().flatten().all(|g| g.p.is_none()));
    let places = [at(0.0, 0.0), at(0.0, 0.1), at(1.0, 0.0), at(1.0, 1.0)];
    assert_eq!(knox(&places, &[0, 1, 50, 90], 20.0, 5, 0, 1).unwrap().p, None);
    let events: Vec<ScanEvent> = places.iter().chain(&places[..2]).zip([0, 1, 50, 90, 1, 1]).map(|(&position, day)| ScanEvent { position, day }).collect();
    let found = scan(&events, ScanOptions { replicates: 0, ..ScanOptions::default() }).unwrap();
    assert!(!found.is_empty() && found.iter().all(|c| c.p.is_none()));
    let events: Vec<DriftEvent> = (0..9).map(|i| DriftEvent { position: at(f64::from(i), 0.0), day: i64::from(i) * 40, actor: 0, block: i as u32 }).collect();
    let bare = drift(&events, DriftOptions { bootstraps: 0, permutations: 0, ..DriftOptions::default() }).unwrap();
    assert_eq!((bare.p_west, bare.west_interval), (None, None));
}
