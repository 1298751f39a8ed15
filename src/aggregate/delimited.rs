//! Delimited text, plain or gzipped, in blocks that end where a record ends.

use std::io::{self, BufRead, Read};

use csv::ByteRecord;

use super::account::At;
use super::columns::{Columns, Origin};
use super::tally::{MOST_DEATHS, MOST_NAMES, ONE_TOO_MANY, Row, Tally, Where, Whole, text};
use crate::import::layout::number;

/// Bytes that are read at once.
const BLOCK: usize = 4 << 20;
/// No record is longer than this: a quote that is never closed would take the rest of the file.
const LONGEST: usize = 64 << 20;

/// A piece of a file: whole records.
pub struct Block {
    pub file: u32,
    pub part: u32,
    pub bytes: Vec<u8>,
    pub delimiter: u8,
}

/// Cuts a text into blocks.
pub struct Blocks<R> {
    from: R,
    file: u32,
    part: u32,
    pub delimiter: u8,
    /// What lies behind the last border.
    rest: Vec<u8>,
    done: bool,
}

impl<R: Read> Blocks<R> {
    pub fn new(from: R, file: u32, delimiter: u8) -> Self {
        Self { from, file, part: 0, delimiter, rest: Vec::new(), done: false }
    }

    /// The next block; none at the end.
    ///
    /// # Errors
    /// What reading the file says, and a record longer than 64 MiB.
    pub fn next_block(&mut self) -> Option<io::Result<Block>> {
        if self.done {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.rest.len() + BLOCK + 1);
        bytes.append(&mut self.rest);
        let mut scan = Scan::default();
        loop {
            let before = bytes.len();
            if let Err(error) = self.from.by_ref().take(BLOCK as u64).read_to_end(&mut bytes) {
                self.done = true;
                return Some(Err(error));
            }
            self.done = bytes.len() == before;
            let border = if self.done { Some(bytes.len()) } else { scan.last_border(&bytes, self.delimiter) };
            match border {
                Some(border) => {
                    self.rest = bytes.get(border..).unwrap_or_default().to_vec();
                    bytes.truncate(border);
                    break;
                }
                None if bytes.len() > LONGEST => {
                    self.done = true;
                    return Some(Err(io::Error::other("a cell in quotes goes on for more than 64 MiB: a quote is not closed")));
                }
                None => {}
            }
        }
        if bytes.is_empty() {
            return None;
        }
        let part = self.part;
        self.part += 1;
        Some(Ok(Block { file: self.file, part, bytes, delimiter: self.delimiter }))
    }
}

/// Looks for quotes, from where it stopped the last time.
#[derive(Default)]
struct Scan {
    at: usize,
    /// A cell in quotes is open.
    open: bool,
    /// End of the last line outside quotes.
    border: Option<usize>,
}

impl Scan {
    /// The end of the last record that is complete.
    ///
    /// As the reader takes it: a quote opens a cell only where the cell begins, and two quotes inside stand for one.
    fn last_border(&mut self, bytes: &[u8], delimiter: u8) -> Option<usize> {
        while let Some(found) = bytes.get(self.at..).and_then(|rest| memchr::memchr(b'"', rest)) {
            let quote = self.at + found;
            if !self.open {
                self.look_for_line_end(bytes, quote);
                let before = quote.checked_sub(1).and_then(|i| bytes.get(i)).copied();
                self.open = before.is_none_or(|b| b == delimiter || matches!(b, b'\n' | b'\r'));
                self.at = quote + 1;
                continue;
            }
            match bytes.get(quote + 1) {
                Some(b'"') => self.at = quote + 2,
                // The next read tells whether this quote is one of two.
                None => {
                    self.at = quote;
                    return self.border;
                }
                Some(_) => {
                    self.open = false;
                    self.at = quote + 1;
                }
            }
        }
        if !self.open {
            self.look_for_line_end(bytes, bytes.len());
            self.at = bytes.len();
        }
        self.border
    }

    /// Notes the last line end between where it is and `to`, which lies outside quotes.
    fn look_for_line_end(&mut self, bytes: &[u8], to: usize) {
        let found = bytes.get(self.at..to).and_then(|outside| memchr::memrchr(b'\n', outside));
        self.border = found.map(|i| self.at + i + 1).or(self.border);
    }
}

/// The delimiter of a first line, and its cells if it is a header.
pub fn first_line(reader: &mut impl BufRead) -> io::Result<(u8, Vec<String>, bool)> {
    let mut line = Vec::new();
    // A file that does not start with a line of text has none.
    reader.take(1 << 20).read_until(b'\n', &mut line)?;
    let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
    let line = text(bytes);
    let delimiter = crate::import::source::delimited::delimiter(&line);
    let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(line.as_bytes());
    let cells: Vec<String> = records.records().next().and_then(Result::ok).map(|r| r.iter().map(|c| c.trim().to_owned()).collect()).unwrap_or_default();
    let headed = cells.first().is_some_and(|c| c.parse::<f64>().is_err());
    Ok((delimiter, cells, headed))
}

/// Counts the records of a block. `width` is the number of cells of the header, which the first block may hold.
pub fn take(block: &Block, columns: &Columns, headed: bool, tally: &mut Tally<'_>) {
    let constant = Constant::new(columns, tally);
    tally.lines.push((block.file, block.part, memchr::memchr_iter(b'\n', &block.bytes).count() as u64));
    // Lines that end in a carriage return alone are the reader's, too.
    let lone_return = memchr::memchr(b'\r', &block.bytes).is_some_and(|i| block.bytes.get(i + 1) != Some(&b'\n'));
    if !lone_return && memchr::memchr(b'"', &block.bytes).is_none() {
        return take_plain(block, columns, headed, &constant, tally);
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(block.delimiter).buffer_capacity(1 << 16).from_reader(block.bytes.as_slice());
    let mut record = ByteRecord::new();
    let mut first = headed && block.part == 0;
    // Reading bytes from memory does not fail.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        if std::mem::take(&mut first) || is_blank(&record) {
            continue;
        }
        let at = At { file: block.file, part: block.part, row: record.position().map_or(0, csv::Position::line) };
        if record.len() != columns.width {
            tally.ragged(record.len(), columns.width, at);
        } else if record.get(0).is_some_and(|c| c.starts_with(b"#")) && record.iter().all(|c| c.is_empty() || c.starts_with(b"#")) {
            tally.read += 1;
            tally.aside.note("is a line of HXL hashtags", at);
        } else {
            let row = row(|i| record.get(i).unwrap_or_default(), columns, &constant, tally);
            tally.take(&row, at);
        }
    }
}

/// The same for a block without a quote: lines are records, delimiters end cells.
fn take_plain(block: &Block, columns: &Columns, headed: bool, constant: &Constant, tally: &mut Tally<'_>) {
    let mut rest = block.bytes.as_slice();
    let mut ends = Vec::with_capacity(columns.width);
    let mut number = 0;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        number += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if (headed && block.part == 0 && number == 1) || line.iter().all(|b| b.is_ascii_whitespace() || *b == block.delimiter) {
            continue;
        }
        ends.clear();
        ends.extend(memchr::memchr_iter(block.delimiter, line));
        ends.push(line.len());
        let at = At { file: block.file, part: block.part, row: number };
        let cell = |i: usize| {
            let start = i.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| end + 1);
            ends.get(i).and_then(|end| line.get(start..*end)).unwrap_or_default()
        };
        if ends.len() != columns.width {
            tally.ragged(ends.len(), columns.width, at);
        } else if line.first() == Some(&b'#') && (0..ends.len()).all(|i| cell(i).is_empty() || cell(i).starts_with(b"#")) {
            tally.read += 1;
            tally.aside.note("is a line of HXL hashtags", at);
        } else {
            let row = row(cell, columns, constant, tally);
            tally.take(&row, at);
        }
    }
}

fn is_blank(record: &ByteRecord) -> bool {
    record.get(0).is_none_or(<[u8]>::is_empty) && record.iter().all(|c| c.trim_ascii().is_empty())
}

/// Numbers of the names that hold for a whole file.
struct Constant {
    country: Option<u32>,
    admin_1: Option<u32>,
    admin_2: Option<u32>,
}

impl Constant {
    fn new(columns: &Columns, tally: &mut Tally<'_>) -> Self {
        let number = |origin: &Origin, texts: &mut super::names::Texts| match origin {
            Origin::Column(_) => None,
            Origin::Same(text) => texts.number(text.as_bytes(), MOST_NAMES),
            Origin::Absent => texts.number(b"", MOST_NAMES),
        };
        Self {
            country: number(&columns.country, &mut tally.countries),
            admin_1: number(&columns.admin_1, &mut tally.admin_1),
            admin_2: number(&columns.admin_2, &mut tally.admin_2),
        }
    }
}

fn row<'c>(of: impl Fn(usize) -> &'c [u8], columns: &Columns, constant: &Constant, tally: &mut Tally<'_>) -> Row {
    let cell = |origin: &Origin| match origin {
        Origin::Column(i) => of(*i).trim_ascii(),
        _ => &[],
    };
    let whole = |name: &str, origin: &Origin, most: u32| match origin {
        Origin::Column(i) => tally.whole(name, of(*i).trim_ascii(), most),
        Origin::Same(_) | Origin::Absent => Whole::Missing,
    };
    let [low, best, high] = &columns.deaths;
    let deaths = [whole("deaths_low", low, MOST_DEATHS), whole("deaths_best", best, MOST_DEATHS), whole("deaths_high", high, MOST_DEATHS)];
    let precision = whole("where_prec", &columns.precision, 7);
    let degrees = |origin: &Origin| std::str::from_utf8(cell(origin)).ok().and_then(|c| c.parse().ok().or_else(|| number(c)));
    let at = match columns.latitude {
        Origin::Column(_) if cell(&columns.latitude).is_empty() || cell(&columns.longitude).is_empty() => Where::Nowhere,
        Origin::Column(_) => Where::of(degrees(&columns.longitude), degrees(&columns.latitude)),
        _ => Where::Nowhere,
    };
    let name = |texts: &mut super::names::Texts, same: Option<u32>, origin: &Origin| same.or_else(|| texts.number(cell(origin), MOST_NAMES)).unwrap_or(ONE_TOO_MANY);
    Row {
        day: match &columns.date {
            Origin::Same(day) => tally.day(day.as_bytes()),
            origin => tally.day(cell(origin)),
        },
        country: name(&mut tally.countries, constant.country, &columns.country),
        admin_1: name(&mut tally.admin_1, constant.admin_1, &columns.admin_1),
        admin_2: name(&mut tally.admin_2, constant.admin_2, &columns.admin_2),
        at,
        precision,
        deaths,
        kind: if columns.kind == Origin::Absent { 0 } else { name(&mut tally.kinds, None, &columns.kind) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the size of the reads, blocks put together are the text, and each ends with a record.
    #[test]
    fn blocks_end_where_records_end() {
        let text = "a,b\n1,\"x\n\"\"y\"\"\n\"\n2,5\" gun\n3,\"\"\n\"q\n\",4\n";
        let expected: Vec<ByteRecord> = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).byte_records().map(Result::unwrap).collect();
        for cut in 1..text.len() {
            let mut scan = Scan::default();
            let _ = scan.last_border(&text.as_bytes()[..cut], b',');
            let border = Scan::default().last_border(&text.as_bytes()[..cut], b',').unwrap_or(0);
            let again = scan.last_border(text.as_bytes(), b',');
            assert_eq!(again, Some(text.len()), "a scan that goes on at {cut}");
            let parts = [&text[..border], &text[border..]];
            let found: Vec<ByteRecord> = parts
                .iter()
                .flat_map(|part| csv::ReaderBuilder::new().has_headers(false).from_reader(part.as_bytes()).into_byte_records().map(Result::unwrap).collect::<Vec<_>>())
                .collect();
            assert_eq!(found, expected, "cut at {cut}, border at {border}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_the_reading() {
        let endless = io::Cursor::new(b"a,b\n1,\"".to_vec()).chain(io::repeat(b'x'));
        let mut blocks = Blocks::new(endless, 0, b',');
        assert_eq!(blocks.next_block().and_then(Result::ok).map(|b| b.bytes), Some(b"a,b\n".to_vec()));
        assert!(blocks.next_block().is_some_and(|b| b.is_err()));
        assert!(blocks.next_block().is_none());
    }
}
