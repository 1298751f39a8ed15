//! What an import did, for the reader: every row is accounted for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::place::Placed;
use super::row::Row;
use crate::diagnostics::visible;

/// So many places of a reason are shown.
const EXAMPLES: usize = 3;

/// The account of one import.
#[derive(Debug, Default)]
pub struct Account {
    pub read: usize,
    /// Rows that the dataset did not have.
    pub added: usize,
    /// Rows that another release states otherwise.
    pub revised: usize,
    /// Rows that are in the dataset as they stand.
    pub unchanged: usize,
    /// Events of earlier releases that this one covers and no longer has.
    pub withdrawn: usize,
    /// Rows whose id came again in the same files; the later one holds.
    pub repeated: usize,
    /// By reason: rows, and where the first ones stand.
    pub aside: BTreeMap<String, (usize, Vec<String>)>,
    pub refused: BTreeMap<String, (usize, Vec<String>)>,
    pub placed: Placed,
    /// First and last day.
    pub span: Option<(String, String)>,
    /// Rows by `where_prec`, 0 for none.
    pub precision: BTreeMap<i64, usize>,
    /// Rows that are counted, and of which the layout has something to say.
    pub remarks: BTreeMap<String, usize>,
    pub notes: Vec<String>,
}

impl Account {
    pub(super) fn note(list: &mut BTreeMap<String, (usize, Vec<String>)>, why: String, place: String) {
        let (count, examples) = list.entry(why).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(place);
        }
    }

    pub(super) fn count(&mut self, rows: &[Row]) {
        let days = || rows.iter().map(|r| r.date.as_str());
        self.span = days().min().zip(days().max()).map(|(a, b)| (a.to_owned(), b.to_owned()));
        for row in rows {
            *self.precision.entry(row.where_prec.unwrap_or_default()).or_default() += 1;
        }
    }

    /// The account in words.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let total = |list: &BTreeMap<String, (usize, Vec<String>)>| list.values().map(|(n, _)| n).sum::<usize>();
        let kept = self.added + self.revised + self.unchanged;
        let _ = writeln!(out, "rows read       {:>8}", self.read);
        let _ = writeln!(out, "  kept          {kept:>8}  ({} new, {} revised, {} unchanged)", self.added, self.revised, self.unchanged);
        let _ = writeln!(out, "  repeated      {:>8}  (the later row of an id holds)", self.repeated);
        let _ = writeln!(out, "  set aside     {:>8}", total(&self.aside));
        list(&mut out, &self.aside);
        let _ = writeln!(out, "  refused       {:>8}", total(&self.refused));
        list(&mut out, &self.refused);
        if self.withdrawn > 0 {
            let _ = writeln!(out, "withdrawn       {:>8}  (in an earlier release, no longer in this one)", self.withdrawn);
        }
        if let Some((from, to)) = &self.span {
            let _ = writeln!(out, "days            {from} to {to}");
        }
        let rows: usize = self.precision.values().sum();
        if rows > 0 {
            let share = |n: usize| 100.0 * n as f64 / rows as f64;
            let coarse: usize = self.precision.iter().filter(|(p, _)| **p >= 4).map(|(_, n)| n).sum();
            let each: Vec<String> = self.precision.iter().map(|(p, n)| if *p == 0 { format!("none: {n}") } else { format!("{p}: {n}") }).collect();
            let _ = writeln!(out, "where_prec      {}; {:.1} % are 4 or above and never feed a point", each.join(", "), share(coarse));
        }
        let placed = &self.placed;
        let _ = writeln!(out, "provinces       {} by name, {} by their point, {} without either", placed.by_name, placed.by_point, placed.nowhere);
        for ((country, name), (n, units)) in &placed.ambiguous {
            let _ = writeln!(out, "  ambiguous: {name} ({country}), {n} rows: {}", units.join(" or "));
        }
        for ((country, name), (n, near)) in &placed.unmatched {
            let near = if near.is_empty() { String::new() } else { format!("; near: {}", near.join(", ")) };
            let _ = writeln!(out, "  unknown: {name} ({country}), {n} rows{near}");
        }
        if placed.swapped > 0 {
            let _ = writeln!(out, "  {} points lie outside of their country, and would lie in it if latitude and longitude were exchanged: check the columns", placed.swapped);
        }
        for (why, n) in &self.remarks {
            let _ = writeln!(out, "note            {why}: {n} of the rows");
        }
        for note in &self.notes {
            let _ = writeln!(out, "note            {note}");
        }
        // Names and values of the file are in it.
        visible(&out).into_owned()
    }
}

/// The reasons with their numbers and first places.
pub(super) fn list(out: &mut String, reasons: &BTreeMap<String, (usize, Vec<String>)>) {
    for (why, (n, examples)) in reasons {
        let _ = writeln!(out, "    {n:>8}  {why}: {}", examples.join(", "));
    }
}
