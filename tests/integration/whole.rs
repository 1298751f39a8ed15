//! Good files of every kind, to be broken.

use polars::prelude::*;
use polars_io::prelude::{ParquetCompression, ParquetWriter};

use super::import_formats::{ods_row, ods_table};
use super::made::{good, good_sheet};
use super::made_areas::{dbf, flatgeobuf_of, geojson, geopackage, rows, shp, units};
use super::packed::{gzip, ods, shapefile, workbook, zip};

/// A good file, or the part of one that is to be broken.
pub struct Whole {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The file around the part: what is broken inside an archive must be read, not stopped by a checksum.
    pub packed: fn(&[u8]) -> Vec<u8>,
}

pub fn whole() -> Vec<Whole> {
    let csv = good();
    let units = units();
    let plain = <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>;
    let files: Vec<(&'static str, Vec<u8>, fn(&[u8]) -> Vec<u8>)> = vec![
        ("good.csv", csv.clone().into_bytes(), plain),
        ("good-16.csv", [0xff, 0xfe].into_iter().chain(csv.encode_utf16().flat_map(u16::to_le_bytes)).collect(), plain),
        ("good.csv.gz", gzip(csv.as_bytes()), plain),
        ("good.zip", zip(&[("good.csv", csv.as_bytes())]), plain),
        ("good.xlsx", workbook(good_sheet().as_bytes()), plain),
        ("good-sheet.xlsx", good_sheet().into_bytes(), workbook),
        ("good-content.ods", good_content().into_bytes(), ods),
        ("good.parquet", parquet(ParquetCompression::Uncompressed), plain),
        ("good-packed.parquet", parquet(ParquetCompression::Snappy), plain),
        ("good.geojson", geojson(&units), plain),
        ("good.gpkg", geopackage(&units, 4326), plain),
        ("good.fgb", flatgeobuf_of(&units, 4326, false), plain),
        ("good-indexed.fgb", flatgeobuf_of(&units, 4326, true), plain),
        ("good-shapes.zip", shp(&units), |shp| shapefile(shp, &dbf(&rows(&super::made_areas::units()), 0))),
        ("good-cells.zip", dbf(&rows(&units), 0), |dbf| shapefile(&shp(&super::made_areas::units()), dbf)),
    ];
    files.into_iter().map(|(name, bytes, packed)| Whole { name, bytes, packed }).collect()
}

/// The content of a good OpenDocument spreadsheet.
pub fn good_content() -> String {
    ods_table(&good().lines().map(|l| ods_row(&l.split(',').collect::<Vec<_>>())).collect::<String>())
}

/// The two files of a shapefile behind one another, the length of the first before them.
pub fn shapes_and_cells() -> Vec<u8> {
    let (shp, dbf) = (shp(&units()), dbf(&rows(&units()), 0));
    [&(shp.len() as u32).to_le_bytes()[..], &shp, &dbf].concat()
}

/// The good rows in Parquet, with a column of each type that tables have.
pub fn parquet(compression: ParquetCompression) -> Vec<u8> {
    let text = good();
    let mut lines = text.lines().map(|l| l.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |(i, name): (usize, &&str)| {
        let cells = || rows.iter().map(|r| r[i]);
        let name = PlSmallStr::from(*name);
        match name.as_str() {
            "id" | "best" => Column::new(name, cells().map(|c| c.parse::<i64>().ok()).collect::<Vec<_>>()),
            "latitude" | "longitude" => Column::new(name, cells().map(|c| c.parse::<f64>().ok()).collect::<Vec<_>>()),
            "date_end" => Column::new(name, vec![19_052_i32; rows.len()]).cast(&DataType::Date).expect("days"),
            _ => Column::new(name, cells().collect::<Vec<_>>()),
        }
    };
    let mut frame = DataFrame::new(rows.len(), header.iter().enumerate().map(column).collect()).expect("a table");
    let mut out = Vec::new();
    ParquetWriter::new(&mut out).with_compression(compression).finish(&mut frame).expect("Parquet");
    out
}
