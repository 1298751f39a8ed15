//! Counts as a table, in the columns that `tukhum import` reads.

use std::io;

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;

use super::Aggregate;

/// The table, column by column.
fn frame(counts: &Aggregate, release: &str) -> PolarsResult<DataFrame> {
    let cells = || counts.counts.values();
    let keys = || counts.counts.keys();
    let rows = counts.counts.len();
    let deaths = |i: usize| cells().map(move |c| c.deaths.get(i).and_then(|d| d.value())).collect::<Vec<Option<u64>>>();
    let mut frame = df!(
        "release" => vec![release; rows],
        "country" => keys().map(|(country, ..)| country.as_str()).collect::<Vec<_>>(),
        "area_kind" => vec![counts.by.area_kind(); rows],
        "area" => keys().map(|(_, area, _)| Some(area.as_str()).filter(|a| !a.is_empty())).collect::<Vec<_>>(),
        "month" => keys().map(|(.., month)| month.first_day().to_string()).collect::<Vec<_>>(),
        "period_months" => vec![1_u64; rows],
        "events" => cells().map(|c| c.events).collect::<Vec<_>>(),
        "events_deadly" => cells().map(|c| c.deadly).collect::<Vec<_>>(),
        "deaths_low" => deaths(0),
        "deaths_best" => deaths(1),
        "deaths_high" => deaths(2),
        "events_imprecise" => cells().map(|c| c.imprecise).collect::<Vec<_>>(),
    )?;
    if counts.decayed {
        frame.with_column(Column::new("decayed_events".into(), cells().map(super::Cell::decayed_events).collect::<Vec<_>>()))?;
        frame.with_column(Column::new("decayed_deaths".into(), cells().map(super::Cell::decayed_deaths).collect::<Vec<_>>()))?;
    }
    Ok(frame)
}

/// The counts as CSV; a sum that no row states is empty.
///
/// # Errors
/// None that a table of counts can have; what the writer says is passed on.
pub fn csv(counts: &Aggregate, release: &str) -> io::Result<Vec<u8>> {
    let frame = frame(counts, release).map_err(io::Error::other)?;
    let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    out.write_record(frame.get_column_names().iter().map(|n| n.as_str())).map_err(io::Error::other)?;
    let texts = frame
        .columns()
        .iter()
        .map(|column| match column.dtype() {
            // The shortest text that reads as the same number.
            DataType::Float64 => column.f64().map(|c| c.iter().map(|x| x.map(|x| x.to_string())).collect::<Vec<_>>()),
            _ => column.cast(&DataType::String).and_then(|c| c.str().map(|c| c.iter().map(|x| x.map(str::to_owned)).collect())),
        })
        .collect::<PolarsResult<Vec<Vec<Option<String>>>>>()
        .map_err(io::Error::other)?;
    for row in 0..frame.height() {
        let cells = texts.iter().map(|column| column.get(row).and_then(|c| c.as_deref()).unwrap_or_default());
        out.write_record(cells).map_err(io::Error::other)?;
    }
    out.into_inner().map_err(|e| io::Error::other(e.to_string()))
}

/// The counts as Parquet.
///
/// # Errors
/// As for [`csv()`].
pub fn parquet(counts: &Aggregate, release: &str) -> io::Result<Vec<u8>> {
    let mut frame = frame(counts, release).map_err(io::Error::other)?;
    let mut out = Vec::new();
    ParquetWriter::new(&mut out).finish(&mut frame).map_err(io::Error::other)?;
    Ok(out)
}
