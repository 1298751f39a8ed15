//! From the cells of a row to a count: what one thread has seen.

use jiff::civil::Date;

use super::account::{At, Reasons};
use super::cells::{Calendar, Cells, DAYS, Event};
use super::names::{Names, QuickMap, Texts};
use super::{By, Question};
use crate::geo::Point;
use crate::import::layout::{Layout, number};

/// So many different names of a column are taken; a column with more holds no names.
pub const MOST_NAMES: usize = 1_000_000;
/// So many spellings of days are remembered.
const MOST_DAYS: usize = 1 << 17;
/// Deaths of one event, as in the import.
pub const MOST_DEATHS: u32 = 1_000_000;

/// A cell that holds a whole number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whole {
    #[default]
    Missing,
    Wrong,
    Is(u32),
}

/// The number of a name beyond [`MOST_NAMES`].
pub const ONE_TOO_MANY: u32 = u32::MAX;

/// The point of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Where {
    #[default]
    Nowhere,
    Wrong,
    Is(Point),
}

impl Where {
    pub fn of(longitude: Option<f64>, latitude: Option<f64>) -> Self {
        match (longitude, latitude) {
            (Some(longitude), Some(latitude)) if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 => Self::Is(Point { longitude, latitude }),
            _ => Self::Wrong,
        }
    }
}

/// A row as its cells say; names by their numbers in the tally.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// Days since 1970-01-01; none where the cell is no day.
    pub day: Option<i32>,
    pub country: u32,
    pub admin_1: u32,
    pub admin_2: u32,
    pub at: Where,
    pub precision: Whole,
    /// Low, best, high.
    pub deaths: [Whole; 3],
    /// Number of ACLED's event type.
    pub kind: u32,
}

/// Why a row is not counted.
enum Out {
    Aside(String),
    Refused(String),
}

/// What one thread has counted.
pub struct Tally<'q> {
    question: &'q Question<'q>,
    layout: &'q Layout,
    calendar: &'q Calendar,
    /// Whether the layout knows `yyyy-mm-dd`.
    plain_days: bool,
    days: QuickMap<Box<[u8]>, Option<i32>>,
    pub countries: Texts,
    pub admin_1: Texts,
    pub admin_2: Texts,
    pub kinds: Texts,
    /// By event type: whether it is armed violence.
    armed: Vec<bool>,
    /// By the numbers of country and names, or of country and shape.
    areas: QuickMap<(u32, u32, u32), u32>,
    pub names: Names,
    pub cells: Cells,
    pub read: u64,
    pub unplaced: u64,
    pub aside: Reasons,
    pub refused: Reasons,
    /// Lines of each part of each delimited file.
    pub lines: Vec<(u32, u32, u64)>,
}

impl<'q> Tally<'q> {
    pub fn new(question: &'q Question<'q>, layout: &'q Layout, calendar: &'q Calendar) -> Self {
        Self {
            question,
            layout,
            calendar,
            plain_days: layout.date_formats.iter().any(|f| f == "%Y-%m-%d"),
            days: QuickMap::default(),
            countries: Texts::default(),
            admin_1: Texts::default(),
            admin_2: Texts::default(),
            kinds: Texts::default(),
            armed: Vec::new(),
            areas: QuickMap::default(),
            names: Names::default(),
            cells: Cells::default(),
            read: 0,
            unplaced: 0,
            aside: Reasons::default(),
            refused: Reasons::default(),
            lines: Vec::new(),
        }
    }

    /// A day in one of the layout's forms.
    pub fn day(&mut self, cell: &[u8]) -> Option<i32> {
        if let Some(day) = plain_day(cell).filter(|_| self.plain_days) {
            return Some(day);
        }
        if let Some(day) = self.days.get(cell) {
            return *day;
        }
        let day = self.layout.date(&text(cell)).map(days_of);
        if self.days.len() < MOST_DAYS {
            self.days.insert(cell.into(), day);
        }
        day
    }

    /// Whether cells of some column stand for something else.
    pub fn has_codes(&self) -> bool {
        !self.layout.codes.is_empty()
    }

    /// A whole number from 0 to `most`, as people write it.
    pub fn whole(&self, column: &str, cell: &[u8], most: u32) -> Whole {
        if self.layout.codes.is_empty() && !cell.is_empty() && cell.len() <= 7 && cell.iter().all(u8::is_ascii_digit) {
            let n = cell.iter().fold(0_u32, |n, digit| n * 10 + u32::from(digit - b'0'));
            return if n <= most { Whole::Is(n) } else { Whole::Wrong };
        }
        let cell = text(cell);
        match self.layout.code(column, cell.trim()) {
            "" => Whole::Missing,
            other => match number(other) {
                Some(n) if n.fract() == 0.0 && (0.0..=f64::from(most)).contains(&n) => Whole::Is(n as u32),
                _ => Whole::Wrong,
            },
        }
    }

    /// Counts a row, or notes why not.
    pub fn take(&mut self, row: &Row, at: At) {
        self.read += 1;
        match self.event(row).and_then(|event| Ok((self.area(row)?, event))) {
            Ok((area, event)) => self.cells.add(area, &event, self.calendar),
            Err(Out::Aside(why)) => self.aside.note(&why, at),
            Err(Out::Refused(why)) => self.refused.note(&why, at),
        }
    }

    /// A row that has another number of cells than the header.
    pub fn ragged(&mut self, cells: usize, header: usize, at: At) {
        self.read += 1;
        self.refused.note(&format!("has {cells} cells where the header has {header}"), at);
    }

    fn event(&mut self, row: &Row) -> Result<Event, Out> {
        let refuse = |why: String| Err(Out::Refused(why));
        let Some(day) = row.day else {
            return refuse(format!("the date is none of {}", self.layout.date_formats.join(", ")));
        };
        if !DAYS.contains(&day) {
            return refuse("the date is not of the years 1900 to 2199".into());
        }
        if day > self.calendar.last() {
            return Err(Out::Aside("is dated after the as-of day".into()));
        }
        if self.layout.acled.is_some() && !self.is_armed(row.kind) {
            return Err(Out::Aside(format!("is of the type {}, which is not armed violence", text(self.kinds.text(row.kind)))));
        }
        let mut deaths = [None; 3];
        for ((to, cell), name) in deaths.iter_mut().zip(row.deaths).zip(["deaths_low", "deaths_best", "deaths_high"]) {
            *to = match cell {
                Whole::Missing => None,
                Whole::Is(n) => Some(n),
                Whole::Wrong => return refuse(format!("{name} is not a whole number from 0 to {MOST_DEATHS}")),
            };
        }
        if row.at == Where::Wrong {
            return refuse("latitude or longitude is not a number of degrees".into());
        }
        let imprecise = match row.precision {
            Whole::Missing => false,
            Whole::Is(n @ 1..=7) => n >= 4,
            Whole::Is(_) | Whole::Wrong => return refuse("where_prec is not a whole number from 1 to 7".into()),
        };
        Ok(Event { day, deaths, imprecise })
    }

    fn is_armed(&mut self, kind: u32) -> bool {
        for next in self.armed.len()..(kind as usize + 1).min(MOST_NAMES) {
            self.armed.push(crate::import::row::is_armed_violence(&text(self.kinds.text(next as u32))));
        }
        self.armed.get(kind as usize).copied().unwrap_or_default()
    }

    /// The area that a row is counted for.
    fn area(&mut self, row: &Row) -> Result<u32, Out> {
        let key = match self.question.by {
            By::Country => (row.country, 0, 0),
            By::Admin1 => (row.country, row.admin_1, 0),
            By::Admin2 => (row.country, row.admin_1, row.admin_2),
            By::Point => {
                let precise = !matches!(row.precision, Whole::Is(n) if n >= 4);
                let shape = match row.at {
                    Where::Is(at) if precise => (self.question.locate)(at),
                    _ => None,
                };
                (row.country, shape.map_or(0, |shape| shape as u32 + 1), 0)
            }
        };
        let number = match self.areas.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.named(key)?;
                self.areas.insert(key, number);
                number
            }
        };
        if self.question.by != By::Country && self.names.area(number).is_some_and(|(_, area)| area.is_empty()) {
            self.unplaced += 1;
        }
        Ok(number)
    }

    fn named(&mut self, (country, first, second): (u32, u32, u32)) -> Result<u32, Out> {
        if [country, first, second].contains(&ONE_TOO_MANY) {
            return Err(Out::Refused(format!("comes after {MOST_NAMES} other names of a column")));
        }
        let country = match &self.layout.country {
            Some(country) => country.clone(),
            None => text(self.countries.text(country)).trim().to_owned(),
        };
        let country = self.question.countries.code(&country).map_or(country, str::to_owned);
        if country.is_empty() {
            return Err(Out::Refused("has no country".into()));
        }
        let name = |texts: &Texts, number| text(texts.text(number)).trim().to_owned();
        let area = match self.question.by {
            By::Country => String::new(),
            By::Admin1 => name(&self.admin_1, first),
            By::Admin2 => {
                let (first, second) = (name(&self.admin_1, first), name(&self.admin_2, second));
                if first.is_empty() || second.is_empty() { first + &second } else { format!("{first} / {second}") }
            }
            By::Point => {
                let shape = first.checked_sub(1).and_then(|i| self.question.shapes.get(i as usize));
                shape.filter(|(of, _)| *of == country).map(|(_, id)| id.clone()).unwrap_or_default()
            }
        };
        if self.names.len() >= MOST_NAMES {
            return Err(Out::Refused(format!("comes after {MOST_NAMES} other areas")));
        }
        Ok(self.names.number(country, area))
    }

    /// Adds what another thread has counted.
    pub fn merge(mut self, other: Self) -> Self {
        let names = &mut self.names;
        let numbers: Vec<u32> =
            (0..other.names.len() as u32).filter_map(|n| other.names.area(n)).map(|(c, a)| names.number(c.to_owned(), a.to_owned())).collect();
        self.cells.merge(&other.cells, |n| numbers.get(n as usize).copied());
        self.read += other.read;
        self.unplaced += other.unplaced;
        self.aside.merge(other.aside);
        self.refused.merge(other.refused);
        self.lines.extend(other.lines);
        self
    }
}

/// Text of a cell: UTF-8, else Windows-1252, as in the import.
pub fn text(cell: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => text.into(),
        Err(_) => cell.iter().map(|b| crate::import::source::delimited::windows_1252(*b).unwrap_or('\u{fffd}')).collect::<String>().into(),
    }
}

pub fn days_of(date: Date) -> i32 {
    crate::text::days_between(super::EPOCH, date)
}

/// `yyyy-mm-dd` of the calendar, in days since 1970-01-01.
fn plain_day(cell: &[u8]) -> Option<i32> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *cell else { return None };
    let digit = |b: u8| b.is_ascii_digit().then(|| i32::from(b - b'0'));
    let year = digit(y0)? * 1000 + digit(y1)? * 100 + digit(y2)? * 10 + digit(y3)?;
    let (month, day) = (digit(m0)? * 10 + digit(m1)?, digit(d0)? * 10 + digit(d1)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    // Years that begin in March: leap days come last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    (1..=length).contains(&day).then(|| 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_days_are_those_of_the_calendar() {
        for day in DAYS.step_by(7) {
            assert_eq!(plain_day(super::super::date_of(day).to_string().as_bytes()), Some(day));
        }
        for wrong in ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-1-1", "20240101", "2024-01-0x", ""] {
            assert_eq!(plain_day(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(plain_day(b"1970-01-01"), Some(0));
    }
}
