//! The same counts as a query, for engines that hold the events already.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{By, DAYS_PER_MONTH};
use crate::import::layout::Layout;

/// How a query is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Only what Spark, Trino, BigQuery, PostgreSQL and DuckDB share: no arithmetic of dates.
    Standard,
    DuckDb,
}

/// The query for a table of events in a layout: a row for each area and month that has an event.
///
/// # Formula
/// ```text
/// decayed_events = SUM(POWER(0.5, age / half_life_days)), age in days to the as-of day
/// ```
/// The standard dialect has no common way to subtract days, so it counts the days of both from year,
/// month and day, in years that begin in March.
///
/// # Missing
/// Countries and areas are as the source spells them; a row without an area has the empty text. By point
/// there is no query: there areas are counted by name.
pub fn query(layout: &Layout, by: By, table: &str, as_of: Date, half_life_months: f64, dialect: Dialect) -> String {
    let c = &layout.columns;
    let column = |names: &[String]| names.first().cloned();
    let text = |names: &[String]| column(names).map_or_else(|| "''".to_owned(), |n| format!("COALESCE({n}, '')"));
    let number = |names: &[String]| column(names).unwrap_or_else(|| "CAST(NULL AS INTEGER)".into());
    let area = match by {
        By::Country => "''".to_owned(),
        By::Admin1 | By::Point => text(&c.adm_1),
        By::Admin2 => format!("CONCAT({}, ' / ', {})", text(&c.adm_1), text(&c.adm_2)),
    };
    let country = layout.country.as_ref().map_or_else(|| text(&c.country), |code| format!("'{code}'"));
    let half_life = half_life_months * DAYS_PER_MONTH;
    let day = format!("CAST({} AS DATE)", number(&c.date));
    let mut out = format!("-- Events per area and month, sums decayed to {as_of} with a half-life of {half_life_months} months.\n");
    let _ = writeln!(out, "WITH chosen AS (\n  SELECT\n    {country} AS country,\n    {area} AS area,\n    {day} AS event_day,");
    let _ = writeln!(out, "    {} AS low,\n    {} AS best,\n    {} AS high", number(&c.deaths_low), number(&c.deaths_best), number(&c.deaths_high));
    let _ = writeln!(out, "  FROM {table}\n  WHERE {day} <= DATE '{as_of}'{}\n),", kinds(layout));
    let _ = write!(out, "{}", aged(as_of, dialect));
    let _ = writeln!(out, "SELECT\n  country,\n  area,\n  event_year,\n  event_month,");
    let _ = writeln!(out, "  COUNT(*) AS events,\n  SUM(CASE WHEN best > 0 THEN 1 ELSE 0 END) AS events_deadly,");
    let _ = writeln!(out, "  SUM(low) AS deaths_low,\n  SUM(best) AS deaths_best,\n  SUM(high) AS deaths_high,");
    let _ = writeln!(out, "  SUM(POWER(0.5E0, age / {half_life:e})) AS decayed_events,");
    let _ = writeln!(out, "  SUM(COALESCE(best, 0) * POWER(0.5E0, age / {half_life:e})) AS decayed_deaths");
    let _ = writeln!(out, "FROM aged\nGROUP BY country, area, event_year, event_month\nORDER BY country, area, event_year, event_month");
    out
}

/// ACLED also records what is no armed violence.
fn kinds(layout: &Layout) -> String {
    let Some(kind) = layout.acled.as_ref().and_then(|a| a.event_type.first()) else { return String::new() };
    let like = |pattern: &str| format!("LOWER({kind}) LIKE '{pattern}'");
    format!("\n    AND ({} OR {} OR {})", like("battle%"), like("%remote violence%"), like("violence against civilians%"))
}

/// The age of each event in days.
fn aged(as_of: Date, dialect: Dialect) -> String {
    let part = |name: &str| format!("EXTRACT({} FROM event_day) AS event_{}", name.to_uppercase(), name);
    if dialect == Dialect::DuckDb {
        let age = format!("date_diff('day', event_day, DATE '{as_of}') AS age");
        return format!("aged AS (\n  SELECT *, {}, {}, {age}\n  FROM chosen\n)\n", part("year"), part("month"));
    }
    let (year, month, day) = (i32::from(as_of.year()), i32::from(as_of.month()), i32::from(as_of.day()));
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let last = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day;
    format!(
        "parts AS (\n  SELECT *, {}, {}, EXTRACT(DAY FROM event_day) AS day_of_month\n  FROM chosen\n),\n\
         march AS (\n  SELECT *,\n    event_year - CASE WHEN event_month > 2 THEN 0 ELSE 1 END AS y,\n    event_month - CASE WHEN event_month > 2 THEN 3 ELSE -9 END AS m\n  FROM parts\n),\n\
         aged AS (\n  SELECT *,\n    {last} - (365 * y + FLOOR(y / 4E0) - FLOOR(y / 100E0) + FLOOR(y / 400E0) + FLOOR((153 * m + 2) / 5E0) + day_of_month) AS age\n  FROM march\n)\n",
        part("year"),
        part("month"),
    )
}
