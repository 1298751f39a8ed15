//! Opens Parquet: polars believes the lengths in the headers of pages, so they are looked at first.

use polars_io::SerReader;
use polars_io::mmap::{MmapBytesReader, ReaderBytes};
use polars_io::parquet::metadata::FileMetadataRef;
use polars_io::parquet::read::ParquetReader;
use polars_parquet_format::PageHeader;
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;

/// Bytes of a page when unpacked. The format advises 8 KB, writers make 1 MB.
const LARGEST_PAGE: usize = 256 << 20;

/// A reader of a file whose pages hold as many values as the end of the file says.
///
/// Only headers are read, not the pages.
///
/// # Errors
/// A file that is no Parquet, or is damaged. A reader may still panic on damaged pages: see [`crate::guarded`].
///
/// # Source
/// Apache Parquet format 2.12, `PageHeader` in `parquet.thrift`.
pub fn open<R: MmapBytesReader>(mut file: R) -> Result<ParquetReader<R>, String> {
    let metadata = ParquetReader::new(&mut file).get_metadata().map_err(|e| e.to_string())?.clone();
    check(&metadata, &ReaderBytes::from(&mut file))?;
    let mut reader = ParquetReader::new(file);
    reader.set_metadata(metadata);
    Ok(reader)
}

fn check(metadata: &FileMetadataRef, bytes: &[u8]) -> Result<(), String> {
    for (number, group) in metadata.row_groups.iter().enumerate() {
        for column in group.parquet_columns() {
            let of = |why: String| format!("column `{}` of row group {number} {why}", column.descriptor().path_in_schema.join("."));
            let values = usize::try_from(column.num_values()).map_err(|_| of("has fewer values than none".into()))?;
            let flat = column.descriptor().descriptor.max_rep_level == 0;
            if flat && values != group.num_rows() {
                return Err(of(format!("has {values} values for {} rows", group.num_rows())));
            }
            let range = column.byte_range();
            let (from, to) = (usize::try_from(range.start).ok(), usize::try_from(range.end).ok());
            let chunk = from.zip(to).and_then(|(from, to)| bytes.get(from..to)).ok_or_else(|| of("lies outside the file".into()))?;
            pages(chunk, values).map_err(of)?;
        }
    }
    Ok(())
}

/// Goes from header to header until all values of a column are accounted for; a dictionary comes first, if there is one.
fn pages(chunk: &[u8], mut values: usize) -> Result<(), String> {
    let mut rest = chunk;
    while values > 0 || (rest.len() == chunk.len() && !rest.is_empty()) {
        let mut header = TCompactInputProtocol::new(&mut rest, chunk.len());
        let header = PageHeader::read_from_in_protocol(&mut header).map_err(|e| format!("has a page without a header: {e}"))?;
        let size = usize::try_from(header.uncompressed_page_size).ok().filter(|size| *size <= LARGEST_PAGE);
        size.ok_or_else(|| format!("has a page of {} bytes, at most {LARGEST_PAGE} are read", header.uncompressed_page_size))?;
        let held = header.data_page_header.map(|h| h.num_values).or(header.data_page_header_v2.map(|h| h.num_values)).unwrap_or(0);
        values = usize::try_from(held).ok().and_then(|held| values.checked_sub(held)).ok_or_else(|| format!("has a page of {held} values where {values} are left"))?;
        rest = usize::try_from(header.compressed_page_size).ok().and_then(|size| rest.get(size..)).ok_or("has a page that ends outside it")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use polars::prelude::*;
    use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;

    use super::*;

    /// A column of three values, and the place of its first page's header.
    fn file() -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        let column = Column::new("civilians".into(), [Some(true), None, Some(false)]);
        let mut frame = DataFrame::new(3, vec![column]).unwrap();
        polars_io::parquet::write::ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        let metadata = ParquetReader::new(Cursor::new(&bytes)).get_metadata().unwrap().clone();
        let start = metadata.row_groups[0].parquet_columns()[0].byte_range().start as usize;
        (bytes, start)
    }

    fn with(change: impl Fn(&mut PageHeader)) -> Vec<u8> {
        let (mut bytes, start) = file();
        let mut rest = &bytes[start..];
        let mut header = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut rest, 1000)).unwrap();
        let length = bytes.len() - start - rest.len();
        change(&mut header);
        let mut changed = Vec::new();
        header.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut changed)).unwrap();
        assert_eq!(changed.len(), length, "a header as long as before");
        bytes[start..start + length].copy_from_slice(&changed);
        bytes
    }

    #[test]
    fn pages_that_lie_are_refused() {
        assert!(open(Cursor::new(file().0)).is_ok());
        for lie in [-1, 4, 63] {
            // Believed, −1 is memory for 2⁶⁴ values, and the program is ended.
            let bytes = with(|header| {
                let v1 = header.data_page_header.as_mut().map(|h| &mut h.num_values);
                let v2 = header.data_page_header_v2.as_mut().map(|h| &mut h.num_values);
                *v1.or(v2).unwrap() = lie;
            });
            let error = open(Cursor::new(bytes)).err().unwrap();
            assert!(error.contains(&format!("column `civilians` of row group 0 has a page of {lie} values where 3 are left")), "{error}");
        }
        let error = open(Cursor::new(with(|header| header.uncompressed_page_size = -2))).err().unwrap();
        assert!(error.contains("a page of -2 bytes"), "{error}");
    }
}
