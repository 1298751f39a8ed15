//! Filling gaps. None by default: a filled cell is a guess, and every guess is listed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{mean, median, present};

/// How gaps of a column are filled.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Imputation {
    /// They stay.
    #[default]
    None,
    /// Mean of the units that have a value.
    Mean,
    /// Median of the units that have a value.
    Median,
    /// Mean of the units of the same group that have a value.
    GroupMean,
    /// Median of the units of the same group that have a value.
    GroupMedian,
    /// The unit's own latest earlier value, if it is not too old.
    LastValue {
        /// Oldest value that is used, in periods.
        maximum_age: u32,
    },
}

/// What [`impute`] may look at besides the column.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImputationSource<'a> {
    /// Group of each row, for the group methods; a row without a group is not filled.
    pub groups: &'a [Option<usize>],
    /// Earlier columns, the latest first: age in periods and values per row.
    pub history: &'a [(u32, &'a [Option<f64>])],
}

/// A filled cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilledCell {
    /// Row of the cell; it was missing before.
    pub row: usize,
    /// The value given.
    pub after: f64,
    /// Number of values it was taken from.
    pub from: usize,
    /// Age in periods, for the last value.
    pub age: Option<u32>,
}

/// A column after imputation.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputed {
    /// One value per row.
    pub values: Vec<Option<f64>>,
    /// Every cell that was filled.
    pub filled: Vec<FilledCell>,
    /// Rows that stay missing.
    pub left: Vec<usize>,
}

/// Fills the gaps of a column.
///
/// # Formula
/// Mean, median (of the column or of the row's group), or the latest value no older than the
/// limit.
///
/// # Units and shape
/// One value per row, in the indicator's unit.
///
/// # Missing and degenerate values
/// A gap stays where there is nothing to fill it from: an empty column or group, no group, no
/// value young enough.
///
/// # Source
/// OECD/JRC, *Handbook on Constructing Composite Indicators* (2008), step 3; agrees with COINr
/// `i_mean`, `i_median`, `i_mean_grp`, `i_median_grp`.
pub fn impute(column: &[Option<f64>], method: Imputation, source: ImputationSource<'_>) -> Imputed {
    let mut groups: BTreeMap<Option<usize>, Vec<f64>> = BTreeMap::new();
    let group_of = |row: usize| source.groups.get(row).copied().flatten();
    let grouped = matches!(method, Imputation::GroupMean | Imputation::GroupMedian);
    for (row, cell) in column.iter().enumerate() {
        if let Some(v) = cell.filter(|v| v.is_finite()) {
            groups.entry(if grouped { group_of(row) } else { None }).or_default().push(v);
        }
    }
    let centre: BTreeMap<Option<usize>, (Option<f64>, usize)> = groups
        .into_iter()
        .map(|(group, x)| {
            let value = match method {
                Imputation::Mean | Imputation::GroupMean => mean(&x),
                Imputation::Median | Imputation::GroupMedian => median(&x),
                Imputation::None | Imputation::LastValue { .. } => None,
            };
            (group, (value, x.len()))
        })
        .collect();
    let fill = |row: usize| match method {
        Imputation::None => None,
        Imputation::LastValue { maximum_age } => last_value(row, maximum_age, source.history),
        Imputation::GroupMean | Imputation::GroupMedian if group_of(row).is_none() => None,
        _ => {
            let key = if grouped { group_of(row) } else { None };
            let (value, from) = centre.get(&key)?;
            value.map(|after| FilledCell { row, after, from: *from, age: None })
        }
    };
    let mut imputed = Imputed { values: Vec::with_capacity(column.len()), filled: Vec::new(), left: Vec::new() };
    for (row, cell) in column.iter().enumerate() {
        let mut value = cell.filter(|v| v.is_finite());
        if value.is_none() {
            match fill(row) {
                Some(cell) => {
                    value = Some(cell.after);
                    imputed.filled.push(cell);
                }
                None => imputed.left.push(row),
            }
        }
        imputed.values.push(value);
    }
    imputed
}

fn last_value(row: usize, maximum_age: u32, history: &[(u32, &[Option<f64>])]) -> Option<FilledCell> {
    history
        .iter()
        .filter(|(age, _)| *age <= maximum_age)
        .filter_map(|(age, column)| Some((*age, column.get(row).copied().flatten().filter(|v| v.is_finite())?)))
        .min_by_key(|(age, _)| *age)
        .map(|(age, after)| FilledCell { row, after, from: 1, age: Some(age) })
}

/// Share of the rows of a column that have a value; 0 for an empty column.
pub fn share_present(column: &[Option<f64>]) -> f64 {
    if column.is_empty() { 0.0 } else { present(column).len() as f64 / column.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: [Option<f64>; 8] = [Some(5.0), None, Some(7.0), Some(8.0), None, Some(10.0), Some(11.0), Some(30.0)];

    #[test]
    fn mean_and_median_agree_with_coinr() {
        // reference_coinr vectors.json, "gap".
        let none = ImputationSource::default();
        assert_eq!(impute(&GAP, Imputation::Mean, none).values[1], Some(11.833333333333334));
        let m = impute(&GAP, Imputation::Median, none);
        assert_eq!(m.values[4], Some(9.0));
        assert_eq!(m.filled[0], FilledCell { row: 1, after: 9.0, from: 6, age: None });
        let kept = impute(&GAP, Imputation::None, none);
        assert_eq!((kept.values.as_slice(), kept.left), (GAP.as_slice(), vec![1, 4]));
    }

    #[test]
    fn groups_and_last_values() {
        let groups = [Some(0), Some(0), Some(0), Some(1), None, Some(1), Some(1), Some(2)];
        let source = ImputationSource { groups: &groups, history: &[] };
        let g = impute(&GAP, Imputation::GroupMean, source);
        assert_eq!((g.values[1], g.values[4]), (Some(6.0), None));
        assert_eq!(g.left, [4]);
        let (old, older) = ([None, Some(1.0), None, None, None], [None, Some(2.0), None, None, Some(3.0)]);
        let history: [(u32, &[Option<f64>]); 2] = [(1, &old), (3, &older)];
        let source = ImputationSource { groups: &[], history: &history };
        let l = impute(&GAP, Imputation::LastValue { maximum_age: 2 }, source);
        assert_eq!((l.values[1], l.values[4]), (Some(1.0), None));
        assert_eq!(l.filled[0].age, Some(1));
        assert_eq!(impute(&GAP, Imputation::LastValue { maximum_age: 3 }, source).values[4], Some(3.0));
        assert_eq!(impute(&[None], Imputation::Mean, source).left, [0]);
    }
}
