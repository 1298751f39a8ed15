//! Which of many small p-values remain when the many tests are counted?

use super::error::StatsError;

/// Adjusts p-values so that those at or below q hold a share of false alarms of at most q.
///
/// # Formula
/// ```text
/// sorted p(1) ≤ … ≤ p(m):   q(i) = min over j ≥ i of  m p(j) / j,  at most 1
/// ```
///
/// # Units and shape
/// One p-value per test, in any order; the adjusted values come back in the same order.
///
/// # Missing and degenerate values
/// A test that could not be made is `None`, stays `None` and does not count among the m. Equal
/// p-values get equal adjusted values. An empty slice gives an empty vector.
///
/// # Errors
/// [`StatsError::BadEntry`] for a p-value outside 0 to 1.
///
/// # Source
/// Benjamini & Hochberg, *Controlling the false discovery rate*, JRSS B 57 (1995), 289–300. Valid for
/// independent and for positively dependent tests (Benjamini & Yekutieli 2001), which neighbouring
/// units are. Agrees with SciPy `false_discovery_control`.
///
/// # Example
/// ```
/// use tukhum::stats::benjamini_hochberg::adjust;
/// let q = adjust(&[Some(0.01), None, Some(0.04), Some(0.03)])?;
/// assert_eq!(q[1], None);
/// assert!((q[0].unwrap() - 0.03).abs() < 1e-12);
/// assert!((q[3].unwrap() - 0.04).abs() < 1e-12);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn adjust(p_values: &[Option<f64>]) -> Result<Vec<Option<f64>>, StatsError> {
    let mut present = Vec::with_capacity(p_values.len());
    for (index, p) in p_values.iter().enumerate() {
        let Some(p) = *p else { continue };
        if !(0.0..=1.0).contains(&p) {
            return Err(StatsError::BadEntry {
                what: "p_values",
                index,
                value: p,
                rule: "must lie between 0 and 1; a test that could not be made is None",
            });
        }
        present.push((p, index));
    }
    present.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let tests = present.len() as f64;
    let mut adjusted = vec![None; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(p, index)) in present.iter().enumerate().rev() {
        smallest = smallest.min(p * tests / (rank + 1) as f64);
        adjusted[index] = Some(smallest);
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated_share};
    use crate::stats::random::Stream;

    #[test]
    fn agrees_with_scipy() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/rates.json"));
        for case in 0..reference.cases("/benjamini_hochberg") {
            let p = reference.numbers(&format!("/benjamini_hochberg/{case}/p"));
            let q = adjust(&p.iter().copied().map(Some).collect::<Vec<_>>()).unwrap();
            let expected = reference.numbers(&format!("/benjamini_hochberg/{case}/adjusted"));
            reference.compare_all(&q.into_iter().flatten().collect::<Vec<_>>(), &expected);
        }
        // The same products and quotients: rounding only.
        reference.finish(
            "benjamini_hochberg against SciPy false_discovery_control",
            1e-14,
        );
    }

    #[test]
    fn bad_entries_are_named() {
        let error = adjust(&[Some(0.5), Some(1.5)]).unwrap_err().to_string();
        assert!(error.starts_with("p_values[1] is 1.5"), "{error}");
        assert!(adjust(&[Some(f64::NAN)]).is_err());
        assert_eq!(adjust(&[]).unwrap(), vec![]);
    }

    #[test]
    fn the_false_discovery_rate_is_kept() {
        // 67 units, 7 of them real (p around 10⁻⁴): mean share of false alarms among alarms at 10 %.
        let runs = 2000;
        let mut share = 0.0;
        for run in 0..runs {
            let mut stream = Stream::new(6, run);
            let p: Vec<Option<f64>> = (0..67)
                .map(|unit| {
                    Some(if unit < 7 {
                        stream.uniform() * 2e-4
                    } else {
                        stream.uniform()
                    })
                })
                .collect();
            let alarms: Vec<usize> = adjust(&p)
                .unwrap()
                .iter()
                .enumerate()
                .filter(|(_, q)| q.unwrap() <= 0.1)
                .map(|(i, _)| i)
                .collect();
            let wrong = alarms.iter().filter(|&&unit| unit >= 7).count();
            share += if alarms.is_empty() {
                0.0
            } else {
                wrong as f64 / alarms.len() as f64
            };
        }
        // Expected: 0.1 · 60/67 = 0.0896.
        calibrated_share(
            "benjamini_hochberg false discovery rate at 10 %",
            share / runs as f64,
            runs as usize,
            0.0896,
            0.08..=0.10,
        );
    }
}
