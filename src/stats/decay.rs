//! How much violence lies behind a unit, the recent counting more than the old.

use super::error::{StatsError, all_weights, positive, same_length};

/// Sums events by an exponentially fading memory.
///
/// # Formula
/// ```text
/// h = Σ_i w_i · 0.5^(age_i / half_life)
/// ```
///
/// # Units and shape
/// Ages and half-life in days; one weight per event (1 for counts, deaths for deaths). h has the
/// unit of the weights.
///
/// # Missing and degenerate values
/// No events is 0 if the record covers the unit: whether it does, the caller knows, and passes a
/// missing unit on as missing. An event so old that its share underflows adds 0.
///
/// # Errors
/// [`StatsError::LengthMismatch`]; [`StatsError::OutOfRange`] for a half-life that is not positive;
/// [`StatsError::BadEntry`] for a negative age (an event after the as-of date: it must not be
/// known yet) or a weight that is negative or not finite.
///
/// # Source
/// The decay functions of VIEWS: Hegre et al., *ViEWS: a political violence early-warning system*,
/// Journal of Peace Research 56 (2019), 155–174.
///
/// # Example
/// ```
/// use tukhum::stats::decay::decayed_sum;
/// // One attack today and one a half-life ago.
/// assert_eq!(decayed_sum(&[0.0, 180.0], &[1.0, 1.0], 180.0)?, 1.5);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn decayed_sum(
    age_days: &[f64],
    weights: &[f64],
    half_life_days: f64,
) -> Result<f64, StatsError> {
    same_length("age_days", age_days.len(), "weights", weights.len())?;
    positive("half_life_days", half_life_days)?;
    all_weights(weights.iter().copied())?;
    let mut sum = 0.0;
    for (index, (&age, &weight)) in age_days.iter().zip(weights).enumerate() {
        sum += weight * decay_factor(index, age, half_life_days)?;
    }
    Ok(sum)
}

/// `0.5^(age / half_life)` for one event, after a check of its age.
pub(crate) fn decay_factor(
    index: usize,
    age_days: f64,
    half_life_days: f64,
) -> Result<f64, StatsError> {
    if age_days.is_finite() && age_days >= 0.0 {
        Ok((-age_days / half_life_days).exp2())
    } else {
        let rule = "must be finite and at least 0: an event after the as-of date is not known yet";
        Err(StatsError::BadEntry {
            what: "age_days",
            index,
            value: age_days,
            rule,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_events_on_paper() {
        // 4·1 + 2·½ + 1·¼ = 5.25
        let sum = decayed_sum(&[0.0, 90.0, 180.0], &[4.0, 2.0, 1.0], 90.0).unwrap();
        assert_eq!(sum, 5.25);
        assert_eq!(decayed_sum(&[], &[], 90.0).unwrap(), 0.0);
        assert_eq!(decayed_sum(&[1e300], &[1.0], 1.0).unwrap(), 0.0);
    }

    #[test]
    fn future_events_and_bad_weights_are_refused() {
        assert!(decayed_sum(&[-1.0], &[1.0], 90.0).is_err());
        assert!(decayed_sum(&[1.0], &[f64::NAN], 90.0).is_err());
        assert!(decayed_sum(&[1.0], &[1.0], 0.0).is_err());
        assert!(decayed_sum(&[1.0], &[], 90.0).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn a_half_life_later_half_is_left(ages in proptest::collection::vec(0.0_f64..3000.0, 0..50)) {
            let weights = vec![1.0; ages.len()];
            let now = decayed_sum(&ages, &weights, 120.0).unwrap();
            let later: Vec<f64> = ages.iter().map(|age| age + 120.0).collect();
            let half = decayed_sum(&later, &weights, 120.0).unwrap();
            proptest::prop_assert!((half - now / 2.0).abs() <= 1e-12 * now.max(1.0));
        }
    }
}
