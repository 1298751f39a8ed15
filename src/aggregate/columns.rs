//! Which column of a file says what.

use crate::diagnostics::{Diagnostic, Place};
use crate::import::layout::Layout;

use super::By;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Absent,
    /// Number of the column, from 0.
    Column(usize),
    /// The same for the whole file: from a folder `name=value`.
    Same(String),
}

/// The columns that are counted by.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Number of columns of the file.
    pub width: usize,
    pub date: Origin,
    pub country: Origin,
    pub admin_1: Origin,
    pub admin_2: Origin,
    pub latitude: Origin,
    pub longitude: Origin,
    pub precision: Origin,
    /// Low, best, high.
    pub deaths: [Origin; 3],
    /// ACLED's event type.
    pub kind: Origin,
}

impl Columns {
    /// Finds the columns by the layout, in the file's header and in the folders that it lies in.
    ///
    /// # Errors
    /// Columns that are needed and absent.
    pub fn find(layout: &Layout, by: By, path: &str, header: &[String], folders: &[(String, String)]) -> Result<Self, Diagnostic> {
        let header: Vec<String> = header.iter().map(|h| h.to_lowercase()).collect();
        let find = |names: &[String]| {
            let column = names.iter().find_map(|n| header.iter().position(|h| *h == n.to_lowercase())).map(Origin::Column);
            let folder = || names.iter().find_map(|n| folders.iter().find(|(key, _)| key.eq_ignore_ascii_case(n))).map(|(_, value)| Origin::Same(value.clone()));
            column.or_else(folder).unwrap_or(Origin::Absent)
        };
        let c = &layout.columns;
        let only = |wanted: bool, names: &[String]| if wanted { find(names) } else { Origin::Absent };
        let columns = Self {
            width: header.len(),
            date: find(&c.date),
            country: only(layout.country.is_none(), &c.country),
            admin_1: only(matches!(by, By::Admin1 | By::Admin2), &c.adm_1),
            admin_2: only(by == By::Admin2, &c.adm_2),
            latitude: only(by == By::Point, &c.latitude),
            longitude: only(by == By::Point, &c.longitude),
            precision: find(&c.where_prec),
            deaths: [find(&c.deaths_low), find(&c.deaths_best), find(&c.deaths_high)],
            kind: layout.acled.as_ref().map_or(Origin::Absent, |a| find(&a.event_type)),
        };
        let needed = [
            ("date", &columns.date, true),
            ("country", &columns.country, layout.country.is_none()),
            ("adm_1", &columns.admin_1, matches!(by, By::Admin1 | By::Admin2)),
            ("adm_2", &columns.admin_2, by == By::Admin2),
            ("latitude", &columns.latitude, by == By::Point),
            ("longitude", &columns.longitude, by == By::Point),
            ("event_type", &columns.kind, layout.acled.is_some()),
        ];
        let absent: Vec<&str> = needed.into_iter().filter(|(_, origin, needed)| *needed && **origin == Origin::Absent).map(|(name, ..)| name).collect();
        if absent.is_empty() {
            return Ok(columns);
        }
        Err(Diagnostic::error("missing-column", format!("no column for {}", absent.join(", ")), Place::file(path))
            .rule("an event is counted by its day, its country and what --by asks for")
            .help("name the columns in a mapping (--map), or count --by something that the file has"))
    }

    /// Numbers of the columns that are read, in their order.
    pub fn read(&self) -> Vec<usize> {
        let [low, best, high] = &self.deaths;
        let all = [&self.date, &self.country, &self.admin_1, &self.admin_2, &self.latitude, &self.longitude, &self.precision, low, best, high, &self.kind];
        let mut found: Vec<usize> = all.into_iter().filter_map(|o| if let Origin::Column(i) = o { Some(*i) } else { None }).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
