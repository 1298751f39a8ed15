//! Parquet, a piece of a row group after the other, with only the columns that are counted by.

use polars::prelude::*;
use polars_io::SerReader;
use polars_io::mmap::MmapBytesReader;
use polars_io::parquet::metadata::FileMetadataRef;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};

use super::account::At;
use super::columns::{Columns, Origin};
use super::names::{QuickMap, Texts};
use super::tally::{MOST_DEATHS, MOST_NAMES, ONE_TOO_MANY, Row, Tally, Where, Whole};
use crate::guarded::guarded;
use crate::parquet;

/// Rows that are read at once.
const PIECE: usize = 1 << 20;

/// What the end of a file says of it.
pub struct Head {
    pub metadata: FileMetadataRef,
    pub columns: Vec<String>,
}

/// # Errors
/// A file that is no Parquet, or has columns of types that are not read.
pub fn head(file: Box<dyn MmapBytesReader>) -> PolarsResult<Head> {
    whole(|| {
        let mut reader = parquet::open(file).map_err(|why| PolarsError::ComputeError(why.into()))?;
        let columns = reader.schema()?.iter_names().map(|n| n.to_string()).collect();
        Ok(Head { metadata: reader.get_metadata()?.clone(), columns })
    })
}

/// What is read, or that the file is damaged.
fn whole<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    guarded(read).unwrap_or_else(|why| Err(PolarsError::ComputeError(why.into())))
}

/// First row and number of rows of each piece: a row group, or a part of a large one.
pub fn pieces(head: &Head) -> Vec<(usize, usize)> {
    let mut first = 0;
    let mut out = Vec::new();
    for group in &head.metadata.row_groups {
        let rows = group.num_rows();
        // Pieces of a group are read from its beginning: equal ones, not a rest.
        let size = rows.div_ceil(rows.div_ceil(PIECE).max(1)).max(1);
        out.extend((0..rows).step_by(size).map(|start| (first + start, size.min(rows - start))));
        first += rows;
    }
    out
}

/// Counts the rows of a piece.
///
/// # Errors
/// A damaged file.
pub fn take(file: Box<dyn MmapBytesReader>, head: &Head, piece: (usize, usize), columns: &Columns, number: u32, tally: &mut Tally<'_>) -> PolarsResult<()> {
    let mut reader = ParquetReader::new(file);
    reader.set_metadata(head.metadata.clone());
    let read = columns.read();
    let frame = whole(|| reader.with_slice(Some(piece)).with_projection(Some(read.clone())).read_parallel(ParallelStrategy::None).finish())?;
    let series = |origin: &Origin| match origin {
        Origin::Column(i) => read.iter().position(|r| r == i).and_then(|place| frame.columns().get(place)),
        _ => None,
    };
    let rows = frame.height();
    let days = match &columns.date {
        Origin::Same(day) => vec![tally.day(day.as_bytes()); rows],
        origin => days(series(origin), rows, tally)?,
    };
    let country = numbers(series(&columns.country), &columns.country, rows, &mut tally.countries)?;
    let admin_1 = numbers(series(&columns.admin_1), &columns.admin_1, rows, &mut tally.admin_1)?;
    let admin_2 = numbers(series(&columns.admin_2), &columns.admin_2, rows, &mut tally.admin_2)?;
    let kinds = numbers(series(&columns.kind), &columns.kind, rows, &mut tally.kinds)?;
    let at = points(series(&columns.longitude), series(&columns.latitude), rows)?;
    let precision = wholes("where_prec", series(&columns.precision), rows, 7, tally)?;
    let mut deaths = Vec::with_capacity(3);
    for (name, origin) in ["deaths_low", "deaths_best", "deaths_high"].into_iter().zip(&columns.deaths) {
        deaths.push(wholes(name, series(origin), rows, MOST_DEATHS, tally)?);
    }
    let number_at = |list: &[Whole], i: usize| list.get(i).copied().unwrap_or_default();
    let text = |list: &[u32], i: usize| list.get(i).or(list.first()).copied().unwrap_or_default();
    for (i, day) in days.into_iter().enumerate() {
        let mut of = [Whole::Missing; 3];
        of.iter_mut().zip(&deaths).for_each(|(to, list)| *to = number_at(list, i));
        let row = Row {
            day,
            country: text(&country, i),
            admin_1: text(&admin_1, i),
            admin_2: text(&admin_2, i),
            at: at.get(i).copied().unwrap_or_default(),
            precision: number_at(&precision, i),
            deaths: of,
            kind: text(&kinds, i),
        };
        tally.take(&row, At { file: number, part: 0, row: (piece.0 + i) as u64 + 1 });
    }
    Ok(())
}

/// Days since 1970-01-01 from dates, times or texts.
fn days(column: Option<&Column>, rows: usize, tally: &mut Tally<'_>) -> PolarsResult<Vec<Option<i32>>> {
    let Some(column) = column else { return Ok(vec![None; rows]) };
    Ok(match column.dtype() {
        DataType::Date | DataType::Datetime(..) => column.cast(&DataType::Date)?.cast(&DataType::Int32)?.i32()?.iter().collect(),
        _ => {
            let texts = column.cast(&DataType::String)?;
            let mut last: Option<(&str, Option<i32>)> = None;
            let mut out = Vec::with_capacity(rows);
            for cell in texts.str()?.iter() {
                let cell = cell.unwrap_or_default().trim();
                let day = match last {
                    Some((same, day)) if same == cell => day,
                    _ => tally.day(cell.as_bytes()),
                };
                last = Some((cell, day));
                out.push(day);
            }
            out
        }
    })
}

/// Numbers of names; a single one where it is the same for the whole file.
fn numbers(column: Option<&Column>, origin: &Origin, rows: usize, texts: &mut Texts) -> PolarsResult<Vec<u32>> {
    let mut number = |text: &[u8]| texts.number(text.trim_ascii(), MOST_NAMES).unwrap_or(ONE_TOO_MANY);
    let Some(column) = column else {
        return Ok(vec![number(if let Origin::Same(text) = origin { text.as_bytes() } else { &[] })]);
    };
    let cells = column.cast(&DataType::String)?;
    let mut out = Vec::with_capacity(rows);
    for chunk in cells.str()?.downcast_iter() {
        // Equal views of a piece are equal texts; different ones may be.
        let mut seen: QuickMap<u128, u32> = QuickMap::default();
        let all = cells.null_count() == 0;
        for (i, view) in chunk.views().iter().enumerate() {
            out.push(if all || chunk.get(i).is_some() {
                *seen.entry(view.as_u128()).or_insert_with(|| number(chunk.value(i).as_bytes()))
            } else {
                number(&[])
            });
        }
    }
    Ok(out)
}

/// Whole numbers; empty without the column.
fn wholes(name: &str, column: Option<&Column>, rows: usize, most: u32, tally: &Tally<'_>) -> PolarsResult<Vec<Whole>> {
    let Some(column) = column else { return Ok(Vec::new()) };
    if matches!(column.dtype(), DataType::String) || tally.has_codes() {
        let texts = column.cast(&DataType::String)?;
        return Ok(texts.str()?.iter().map(|cell| cell.map_or(Whole::Missing, |c| tally.whole(name, c.trim().as_bytes(), most))).collect());
    }
    let mut out = Vec::with_capacity(rows);
    if column.dtype().is_float() {
        let numbers = column.cast(&DataType::Float64)?;
        let whole = |n: f64| if n.fract() == 0.0 && (0.0..=f64::from(most)).contains(&n) { Whole::Is(n as u32) } else { Whole::Wrong };
        out.extend(numbers.f64()?.iter().map(|cell| cell.map_or(Whole::Missing, whole)));
    } else {
        let numbers = column.cast(&DataType::Int64)?;
        let whole = |n: i64| u32::try_from(n).ok().filter(|n| *n <= most).map_or(Whole::Wrong, Whole::Is);
        out.extend(numbers.i64()?.iter().map(|cell| cell.map_or(Whole::Missing, whole)));
    }
    Ok(out)
}

fn points(longitude: Option<&Column>, latitude: Option<&Column>, rows: usize) -> PolarsResult<Vec<Where>> {
    let Some((longitude, latitude)) = longitude.zip(latitude) else { return Ok(Vec::new()) };
    let (longitude, latitude) = (longitude.cast(&DataType::Float64)?, latitude.cast(&DataType::Float64)?);
    let mut out = Vec::with_capacity(rows);
    for (x, y) in longitude.f64()?.iter().zip(latitude.f64()?.iter()) {
        out.push(if x.is_none() && y.is_none() { Where::Nowhere } else { Where::of(x, y) });
    }
    Ok(out)
}
