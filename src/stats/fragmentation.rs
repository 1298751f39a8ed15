//! How many armed groups share the violence?

use super::error::StatsError;

/// Number of groups, plain and weighed by their share of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fragmentation {
    /// Distinct groups with at least one event.
    pub groups: usize,
    /// Effective number of groups: 1 if one does nearly everything, equal to `groups` if all do alike.
    pub effective_groups: f64,
}

/// Counts the groups behind the events of a period.
///
/// # Formula
/// ```text
/// groups = #{ g : n_g > 0 },      effective = (Σ n_g)² / Σ n_g²
/// ```
///
/// # Units and shape
/// One entry per non-state group: its number of events in 12 months. Which actors are non-state groups, and
/// which names are one group, is settled before.
///
/// # Missing and degenerate values
/// Events by unknown actors are left out by the caller, who says how many. Without any event there are 0
/// groups and no effective number: `Ok(None)`, because a quiet unit is not "united".
///
/// # Errors
/// [`StatsError::OutOfRange`] if the counts add up to more than 10¹⁵.
///
/// # Source
/// Groups: ACLED Conflict Index, fragmentation. Effective number: Laakso & Taagepera, *Effective number of
/// parties*, Comparative Political Studies 12 (1979), 3–27.
///
/// # Example
/// ```
/// use tukhum::stats::fragmentation::fragmentation;
/// let result = fragmentation(&[6, 2, 0])?.unwrap();
/// assert_eq!((result.groups, result.effective_groups), (2, 1.6));
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn fragmentation(events_by_group: &[u64]) -> Result<Option<Fragmentation>, StatsError> {
    let total: f64 = events_by_group.iter().map(|&n| n as f64).sum();
    if total > 1e15 {
        let rule = "must be at most 1e15";
        return Err(StatsError::OutOfRange {
            what: "sum of events",
            value: total,
            rule,
        });
    }
    let groups = events_by_group.iter().filter(|n| **n > 0).count();
    let squares: f64 = events_by_group.iter().map(|&n| (n as f64).powi(2)).sum();
    Ok((groups > 0).then(|| Fragmentation {
        groups,
        effective_groups: total * total / squares,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_groups_count_fully() {
        assert_eq!(
            fragmentation(&[5; 4]).unwrap().unwrap().effective_groups,
            4.0
        );
        assert_eq!(fragmentation(&[]).unwrap(), None);
        assert_eq!(fragmentation(&[0, 0]).unwrap(), None);
        assert!(fragmentation(&[u64::MAX]).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn the_effective_number_lies_between_one_and_all(counts in proptest::collection::vec(0_u64..1000, 1..30)) {
            if let Some(result) = fragmentation(&counts).unwrap() {
                proptest::prop_assert!(result.effective_groups >= 1.0 - 1e-12);
                proptest::prop_assert!(result.effective_groups <= result.groups as f64 + 1e-9);
            }
        }
    }
}
