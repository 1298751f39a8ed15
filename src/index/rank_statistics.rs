//! What draws say about ranks: intervals, probabilities, and which units cannot be told apart.

use super::moments::{mean, quantile, sorted};
use super::rank::rank;

/// Draws arranged by unit.
#[derive(Debug, Clone, PartialEq)]
pub struct RankStatistics {
    draws: usize,
    /// Per unit: rank and score in each draw, in the order of the draws.
    scores: Vec<Vec<Option<f64>>>,
    ranks: Vec<Vec<f64>>,
    ascending_scores: Vec<Vec<f64>>,
}

/// Summary of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct RankSummary {
    /// Draws in which the unit has a score.
    pub draws: usize,
    /// Mean rank.
    pub mean_rank: f64,
    /// 5 % quantile of the rank.
    pub low_rank: f64,
    /// Median rank.
    pub median_rank: f64,
    /// 95 % quantile of the rank.
    pub high_rank: f64,
    /// 5 % quantile of the score.
    pub low_score: f64,
    /// Median score.
    pub median_score: f64,
    /// 95 % quantile of the score.
    pub high_score: f64,
}

impl RankStatistics {
    /// Ranks every draw; `draws` holds the scores of all units per draw.
    ///
    /// # Missing and degenerate values
    /// A unit without a score in a draw has no rank there and does not count in its quantiles.
    pub fn new(units: usize, draws: &[Vec<Option<f64>>]) -> Self {
        let mut scores = vec![Vec::with_capacity(draws.len()); units];
        let mut ranks = vec![Vec::with_capacity(draws.len()); units];
        for draw in draws {
            let ranked = rank(draw);
            for unit in 0..units {
                scores[unit].push(draw.get(unit).copied().flatten().filter(|s| s.is_finite()));
                if let Some(r) = ranked.get(unit).copied().flatten() {
                    ranks[unit].push(r as f64);
                }
            }
        }
        let ascending_scores =
            scores.iter().map(|s| sorted(&s.iter().flatten().copied().collect::<Vec<f64>>())).collect();
        let ranks = ranks.iter().map(|r| sorted(r)).collect();
        RankStatistics { draws: draws.len(), scores, ranks, ascending_scores }
    }

    /// Number of draws.
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Summary of a unit; missing if it has no score in any draw.
    ///
    /// # Formula
    /// Quantiles of type 7 at 5, 50 and 95 %.
    pub fn summary(&self, unit: usize) -> Option<RankSummary> {
        let (ranks, scores) = (self.ranks.get(unit)?, self.ascending_scores.get(unit)?);
        Some(RankSummary {
            draws: ranks.len(),
            mean_rank: mean(ranks)?,
            low_rank: quantile(ranks, 0.05)?,
            median_rank: quantile(ranks, 0.5)?,
            high_rank: quantile(ranks, 0.95)?,
            low_score: quantile(scores, 0.05)?,
            median_score: quantile(scores, 0.5)?,
            high_score: quantile(scores, 0.95)?,
        })
    }

    /// Probability that the unit is among the first `k`: the share of its draws with rank ≤ k.
    pub fn probability_rank_at_most(&self, unit: usize, k: usize) -> Option<f64> {
        let ranks = self.ranks.get(unit).filter(|r| !r.is_empty())?;
        Some(ranks.partition_point(|r| *r <= k as f64) as f64 / ranks.len() as f64)
    }

    /// Probability that the unit's score is at or above an edge, for example of the class "high".
    pub fn probability_score_at_least(&self, unit: usize, edge: f64) -> Option<f64> {
        let scores = self.ascending_scores.get(unit).filter(|s| !s.is_empty())?;
        Some((scores.len() - scores.partition_point(|s| *s < edge)) as f64 / scores.len() as f64)
    }

    /// Probability that unit `a` scores above unit `b`, over the draws in which both have a score;
    /// equal scores count half.
    pub fn probability_above(&self, a: usize, b: usize) -> Option<f64> {
        let (mut above, mut both) = (0.0, 0.0);
        for (x, y) in self.scores.get(a)?.iter().zip(self.scores.get(b)?) {
            if let (Some(x), Some(y)) = (x, y) {
                both += 1.0;
                above += if x > y {
                    1.0
                } else if x == y {
                    0.5
                } else {
                    0.0
                };
            }
        }
        (both > 0.0).then(|| above / both)
    }

    /// Groups of units that cannot be told apart, in order of median rank.
    ///
    /// # Formula
    /// Units are taken by median rank (then mean rank, then place). A unit joins the group while
    /// the group's first unit is above it with a probability below `certainty`; otherwise it
    /// starts the next group.
    ///
    /// # Missing and degenerate values
    /// A unit without a rank is in no group.
    pub fn tie_groups(&self, certainty: f64) -> Vec<Vec<usize>> {
        let mut order: Vec<(f64, f64, usize)> = (0..self.ranks.len())
            .filter_map(|unit| self.summary(unit).map(|s| (s.median_rank, s.mean_rank, unit)))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (_, _, unit) in order {
            let first = groups.last().and_then(|g| g.first()).copied();
            let apart = first.and_then(|first| self.probability_above(first, unit)).is_none_or(|p| p >= certainty);
            match groups.last_mut() {
                Some(group) if !apart => group.push(unit),
                _ => groups.push(vec![unit]),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let draws = [
            vec![Some(9.0), Some(5.0), Some(4.0), None],
            vec![Some(9.0), Some(4.0), Some(5.0), None],
            vec![Some(8.0), Some(5.0), Some(5.0), None],
            vec![Some(8.0), Some(6.0), Some(1.0), None],
        ];
        let s = RankStatistics::new(4, &draws);
        assert_eq!(s.summary(3), None);
        let b = s.summary(1).unwrap();
        assert_eq!((b.draws, b.mean_rank, b.median_rank), (4, 2.25, 2.0));
        // h = 3 · 0.95 = 2.85: between 2 and 3. One rounding.
        assert!(b.low_rank == 2.0 && (b.high_rank - 2.85).abs() < 1e-15 * 4.0);
        assert_eq!(s.probability_rank_at_most(2, 2), Some(0.5));
        assert_eq!(s.probability_score_at_least(1, 5.0), Some(0.75));
        assert_eq!(s.probability_above(1, 2), Some(0.625));
        assert_eq!(s.probability_above(1, 3), None);
        assert_eq!(s.tie_groups(0.95), [vec![0], vec![1, 2]]);
        assert_eq!(s.tie_groups(0.5), [vec![0], vec![1], vec![2]]);
    }
}
