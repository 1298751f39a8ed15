//! One figure per unit, variable and period from all the rows that speak of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Period;

/// What a row says of a variable of a unit, or of a part of the unit.
#[derive(Clone, Debug)]
pub struct Stated {
    /// Which part of the unit the row is about; empty where only the unit itself is named.
    pub part: String,
    /// The row is of a table that has each part of a smaller level once.
    pub snapshot: bool,
    pub period: Period,
    /// None: the row says that it is missing.
    pub value: Option<f64>,
    pub place: String,
}

/// One figure and where it stands, or the reason why there is none and where that shows.
pub type Settled = Result<(Period, f64, String), (&'static str, String)>;

/// Settles what the rows of one unit and variable say.
///
/// Rows that say the same count once. Where `sum`, the parts of a unit (districts, or several codes that it
/// holds) are added up, if each has a value. A table that has each district once is a snapshot, dated by
/// the newest period of its parts; otherwise each period is added up by itself, and districts need to be as
/// many as in the period with most. Different values of one part and period contradict each other, and
/// none is taken.
pub fn settle(stated: Vec<Stated>, sum: bool) -> (Vec<Settled>, usize) {
    let mut repeated = 0;
    let mut by_key: BTreeMap<(Period, String), Stated> = BTreeMap::new();
    let mut torn: BTreeMap<Period, String> = BTreeMap::new();
    for row in stated {
        let key = (row.period.clone(), if sum { row.part.clone() } else { String::new() });
        match by_key.get(&key) {
            Some(first) if first.value == row.value => repeated += 1,
            Some(first) if first.value.is_some() && row.value.is_some() => {
                torn.insert(row.period.clone(), format!("{}: {} and {}", row.period, first.place, row.place));
            }
            Some(first) if first.value.is_some() => repeated += 1,
            _ => {
                by_key.insert(key, row);
            }
        }
    }
    let mut out: Vec<Settled> = torn.values().map(|place| Err(("two rows state different values", place.clone()))).collect();
    by_key.retain(|(period, _), _| !torn.contains_key(period));
    let parts: BTreeSet<&str> = by_key.values().map(|s| s.part.as_str()).collect();
    if !sum || parts.len() < 2 {
        out.extend(by_key.into_values().filter_map(|s| Some(Ok((s.period, s.value?, s.place)))));
        return (out, repeated);
    }
    let snapshot = parts.len() == by_key.len() && by_key.values().all(|s| s.snapshot);
    let mut groups: BTreeMap<Period, Vec<&Stated>> = BTreeMap::new();
    let newest = by_key.keys().map(|(period, _)| period.clone()).max().unwrap_or_default();
    for row in by_key.values() {
        groups.entry(if snapshot { newest.clone() } else { row.period.clone() }).or_default().push(row);
    }
    let most = groups.values().map(Vec::len).max().unwrap_or_default();
    out.extend(groups.into_iter().map(|(period, rows)| added(period, &rows, most)));
    (out, repeated)
}

/// The sum of the parts of a period, if all are there.
fn added(period: Period, rows: &[&Stated], most: usize) -> Settled {
    let values: Vec<f64> = rows.iter().filter_map(|r| r.value).collect();
    let first = rows.first().map_or("", |r| r.place.as_str());
    if values.len() < rows.len() {
        return Err(("a part has no value, so there is no sum", format!("{period}: {} of {} parts, {first}", rows.len() - values.len(), rows.len())));
    }
    if rows.len() < most {
        return Err(("parts are absent, so there is no sum", format!("{period}: {} of {most} parts, {first}", rows.len())));
    }
    let source = if rows.len() == 1 { first.to_owned() } else { format!("{first} and {} more rows", rows.len() - 1) };
    Ok((period, values.iter().sum(), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(part: &str, year: i16, value: Option<f64>) -> Stated {
        Stated { part: part.into(), snapshot: false, period: Period { year, day: None }, value, place: format!("{part}-{year}") }
    }

    fn values(settled: Vec<Settled>) -> Vec<Option<(i16, f64)>> {
        settled.into_iter().map(|s| s.ok().map(|(p, v, _)| (p.year, v))).collect()
    }

    #[test]
    fn parts_add_up_only_when_all_are_there() {
        let once = || vec![row("a", 2023, Some(1.0)), row("b", 2021, Some(2.0))];
        let snapshot = once().into_iter().map(|s| Stated { snapshot: true, ..s }).collect();
        assert_eq!(values(settle(snapshot, true).0), [Some((2023, 3.0))], "each part once in the table: one snapshot");
        assert_eq!(values(settle(once(), true).0), [Some((2021, 2.0)), Some((2023, 1.0))], "a code that took the place of another is no second part");
        let series = vec![row("a", 2022, Some(1.0)), row("b", 2022, Some(2.0)), row("a", 2023, Some(5.0))];
        assert_eq!(values(settle(series, true).0), [Some((2022, 3.0)), None], "a period without all parts has no sum");
        let gap = vec![row("a", 2022, Some(1.0)), row("b", 2022, None)];
        assert_eq!(values(settle(gap, true).0), [None]);
    }

    #[test]
    fn what_contradicts_itself_is_not_taken() {
        let torn = vec![row("a", 2022, Some(1.0)), row("b", 2022, Some(2.0)), row("a", 2023, Some(4.0)), row("a", 2023, Some(4.0))];
        let (settled, repeated) = settle(torn, false);
        assert_eq!((values(settled), repeated), (vec![None, Some((2023, 4.0))], 1));
    }
}
