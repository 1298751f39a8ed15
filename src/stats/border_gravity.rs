//! How closely does violence hug a border?

use super::error::{StatsError, positive};

/// Decay length of [`border_profile`] in km: the project's fit to the rings that OECD/SWAC publish.
pub const DECAY_KM: f64 = 167.0;
/// Radii of the rings in km.
pub const RINGS_KM: [f64; 4] = [10.0, 25.0, 50.0, 100.0];

/// Events within one distance of the border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ring {
    /// Distance from the line, inclusive.
    pub within_km: f64,
    /// Events within it.
    pub count: usize,
    /// Their share of all events.
    pub share: f64,
}

/// How events lie relative to a border.
#[derive(Debug, Clone, PartialEq)]
pub struct BorderProfile {
    /// Number of events.
    pub events: usize,
    /// Mean of `e^(−d / decay_km)`: 1 if all lie on the line, near 0 if all are far.
    pub gravity: f64,
    /// Events within 10, 25, 50 and 100 km, each ring holding the smaller ones.
    pub rings: [Ring; 4],
}

/// Sums up the distances of events to a border line.
///
/// # Formula
/// ```text
/// gravity   = (1/n) Σ e^(−d_i / decay_km)
/// share(r)  = #{ d_i ≤ r } / n            r = 10, 25, 50, 100 km
/// ```
///
/// # Units and shape
/// Distances in km to the *line* (not to a vertex or a centroid), one per event; for a profile per
/// neighbour the caller passes the distances to that neighbour's stretch. `decay_km` is
/// [`DECAY_KM`] in the project's indicators.
///
/// # Missing and degenerate values
/// Without events there is no profile: `Ok(None)`, not a gravity of 0. An event on the line has distance 0
/// and counts in every ring. Events whose place is not exact have no distance and are left out.
///
/// # Errors
/// [`StatsError::BadEntry`] for a distance that is negative or not finite; [`StatsError::OutOfRange`] for
/// a decay length that is not positive.
///
/// # Source
/// Rings: OECD/SWAC, *Borders and Conflicts in North and West Africa* (2022): 9 % of events within 10 km,
/// 15 % within 20 km, 25 % within 50 km, 1997–2021. The exponential is the project's fit, not theirs.
///
/// # Example
/// ```
/// use tukhum::stats::border_gravity::{DECAY_KM, border_profile};
/// let profile = border_profile(&[0.0, 30.0, 167.0], DECAY_KM)?.unwrap();
/// assert_eq!(profile.rings[2].count, 2); // within 50 km
/// assert!((profile.gravity - (1.0 + (-30.0_f64 / 167.0).exp() + (-1.0_f64).exp()) / 3.0).abs() < 1e-12);
/// assert_eq!(border_profile(&[], DECAY_KM)?, None);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn border_profile(
    distances_km: &[f64],
    decay_km: f64,
) -> Result<Option<BorderProfile>, StatsError> {
    positive("decay_km", decay_km)?;
    if let Some(index) = distances_km
        .iter()
        .position(|d| !(d.is_finite() && *d >= 0.0))
    {
        let rule = "must be finite and at least 0";
        return Err(StatsError::BadEntry {
            what: "distances_km",
            index,
            value: distances_km[index],
            rule,
        });
    }
    if distances_km.is_empty() {
        return Ok(None);
    }
    let n = distances_km.len() as f64;
    let gravity = distances_km
        .iter()
        .map(|d| (-d / decay_km).exp())
        .sum::<f64>()
        / n;
    let rings = RINGS_KM.map(|within_km| {
        let count = distances_km.iter().filter(|d| **d <= within_km).count();
        Ring {
            within_km,
            count,
            share: count as f64 / n,
        }
    });
    Ok(Some(BorderProfile {
        events: distances_km.len(),
        gravity,
        rings,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_inclusive_and_nested() {
        let profile = border_profile(&[10.0, 10.1, 25.0, 99.0, 100.1], DECAY_KM)
            .unwrap()
            .unwrap();
        assert_eq!(profile.rings.map(|ring| ring.count), [1, 3, 3, 4]);
        assert!((profile.rings[3].share - 0.8).abs() < 1e-15);
    }

    #[test]
    fn bad_distances_are_refused() {
        assert!(border_profile(&[-0.1], DECAY_KM).is_err());
        assert!(border_profile(&[f64::INFINITY], DECAY_KM).is_err());
        assert!(border_profile(&[1.0], 0.0).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn gravity_is_a_share_and_falls_with_distance(d in proptest::collection::vec(0.0_f64..2000.0, 1..50)) {
            let near = border_profile(&d, DECAY_KM).unwrap().unwrap().gravity;
            let far: Vec<f64> = d.iter().map(|x| x + 50.0).collect();
            let far = border_profile(&far, DECAY_KM).unwrap().unwrap().gravity;
            proptest::prop_assert!((0.0..=1.0).contains(&near) && far < near);
        }
    }
}
