//! What did violence cost over five years, the recent years counting most?

use super::error::{StatsError, non_negative};

/// Weights of the years, the latest first: 52, 26, 13, 6 and 3 % of their sum.
pub const YEAR_WEIGHTS: [f64; 5] = [16.0, 8.0, 4.0, 2.0, 1.0];
/// What an incident counts.
pub const PER_INCIDENT: f64 = 1.0;
/// What a death counts.
pub const PER_DEATH: f64 = 3.0;

/// Incidents and deaths of one year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct YearToll {
    /// Number of incidents.
    pub incidents: u64,
    /// Number of deaths (the adopted figure).
    pub deaths: u64,
}

/// Weighted toll of up to five years.
///
/// # Formula
/// ```text
/// x = Σ_y g_y (1·incidents_y + 3·deaths_y) / Σ_y g_y,      g = 16 : 8 : 4 : 2 : 1, latest year first
/// ```
///
/// # Units and shape
/// Five entries, latest first; x is in incident-equivalents per year.
///
/// # Missing and degenerate values
/// A year without coverage is `None`; it drops out and the weights of the others are renormalised. If the
/// latest year is missing, or all are, there is no toll: `None`. A quiet covered year is a real 0.
///
/// # Source
/// Institute for Economics & Peace, *Global Terrorism Index*, methodology (incidents 1, deaths 3, years
/// 16 : 8 : 4 : 2 : 1). Injuries and hostages, which the GTI also counts, are not in the project's data.
///
/// # Example
/// ```
/// use tukhum::stats::impact::{YearToll, raw_impact};
/// let year = Some(YearToll { incidents: 7, deaths: 8 });
/// assert_eq!(raw_impact(&[year; 5]), Some(31.0));
/// ```
pub fn raw_impact(years: &[Option<YearToll>; 5]) -> Option<f64> {
    years[0]?;
    let (mut sum, mut weights) = (0.0, 0.0);
    for (year, weight) in years.iter().zip(YEAR_WEIGHTS) {
        if let Some(toll) = year {
            sum += weight * (PER_INCIDENT * toll.incidents as f64 + PER_DEATH * toll.deaths as f64);
            weights += weight;
        }
    }
    Some(sum / weights)
}

/// Puts a toll on a logarithmic scale from 0 to 10.
///
/// # Formula
/// ```text
/// score = 10 · ln(1 + x) / ln(1 + x_max),   at most 10
/// ```
///
/// # Units and shape
/// `x` and `x_max` in the unit of [`raw_impact`]; `x_max` is the largest toll of the comparison, stated in
/// the framework so that scores keep their meaning between editions.
///
/// # Missing and degenerate values
/// A missing toll stays missing with the caller. x = 0 gives 0; x beyond `x_max` gives 10.
///
/// # Errors
/// [`StatsError::OutOfRange`] for an x below 0 or an `x_max` that is not positive.
///
/// # Source
/// After the GTI's logarithmic bands; the GTI rounds into bands, this does not (not read at first hand).
///
/// # Example
/// ```
/// use tukhum::stats::impact::impact_score;
/// assert_eq!(impact_score(0.0, 500.0)?, 0.0);
/// assert_eq!(impact_score(500.0, 500.0)?, 10.0);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn impact_score(x: f64, x_max: f64) -> Result<f64, StatsError> {
    non_negative("x", x)?;
    super::error::positive("x_max", x_max)?;
    Ok((10.0 * x.ln_1p() / x_max.ln_1p()).min(10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_year_weighs_52_percent() {
        let toll = |incidents, deaths| Some(YearToll { incidents, deaths });
        let only_now = [toll(31, 0), toll(0, 0), toll(0, 0), toll(0, 0), toll(0, 0)];
        assert_eq!(raw_impact(&only_now), Some(16.0));
        let only_then = [toll(0, 0), toll(0, 0), toll(0, 0), toll(0, 0), toll(1, 10)];
        assert_eq!(raw_impact(&only_then), Some(1.0));
        assert_eq!(
            YEAR_WEIGHTS.map(|w| (w / 31.0 * 100.0).round()),
            [52.0, 26.0, 13.0, 6.0, 3.0]
        );
    }

    #[test]
    fn missing_years_drop_out_but_the_latest_is_needed() {
        let toll = Some(YearToll {
            incidents: 4,
            deaths: 0,
        });
        assert_eq!(raw_impact(&[toll, None, toll, None, None]), Some(4.0));
        assert_eq!(raw_impact(&[None, toll, toll, toll, toll]), None);
    }

    #[test]
    fn scores_are_bounded_and_bad_input_refused() {
        assert_eq!(impact_score(1e9, 10.0).unwrap(), 10.0);
        assert!(impact_score(-1.0, 10.0).is_err());
        assert!(impact_score(1.0, 0.0).is_err());
        assert!(impact_score(f64::NAN, 1.0).is_err());
    }
}
