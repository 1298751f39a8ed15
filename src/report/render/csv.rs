use super::RenderError;
use crate::report::model::{RankRow, RankingTable};
use crate::text::plain;

/// Columns before those of the dimensions: name, HXL hashtag, cell. `{unit}` is `#adm1` or, for crossings, `#loc`.
const COLUMNS: &[(&str, &str, fn(&RankRow) -> String)] = &[
    ("rank", "#indicator+rank", |r| written(r.rank)),
    ("rank_before", "#indicator+rank+before", |r| written(r.rank_before)),
    ("unit", "{unit}+id", |r| r.unit.clone()),
    ("pcodes", "{unit}+code+list", |r| r.pcodes.join(";")),
    ("name_en", "{unit}+name+i_en", |r| r.name.en.clone()),
    ("name_fr", "{unit}+name+i_fr", |r| r.name.fr.clone()),
    ("name_ar", "{unit}+name+i_ar", |r| r.name.ar.clone()),
    ("countries", "#country+code+v_iso3+list", |r| r.countries.join(";")),
    ("score", "#indicator+score", |r| written(r.score)),
    ("score_before", "#indicator+score+before", |r| written(r.score_before)),
    ("best", "#indicator+score+min", |r| r.best.to_string()),
    ("worst", "#indicator+score+max", |r| r.worst.to_string()),
    ("class", "#indicator+class", |r| r.class.clone().unwrap_or_default()),
    ("confidence", "#indicator+confidence", |r| r.confidence.clone()),
    ("alert", "#severity+alert", |r| r.severity.clone().unwrap_or_default()),
    ("rank_low", "#indicator+rank+min", |r| written(r.rank_low)),
    ("rank_high", "#indicator+rank+max", |r| written(r.rank_high)),
    ("p_high", "#indicator+probability", |r| written(r.p_high)),
    ("tied_with", "{unit}+id+tied+list", |r| r.tied_with.join(";")),
];

/// A ranking as CSV: full precision, p-codes as keys, empty where there is no value.
///
/// With `hxl`, a row of hashtags of the Humanitarian Exchange Language stands under the header. A text cell
/// that a spreadsheet would take for a formula gets an apostrophe in front.
pub fn render(table: &RankingTable, hxl: bool) -> Result<String, RenderError> {
    let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let failed = |e: ::csv::Error| RenderError::Csv(e.to_string());
    let dimensions = || table.dimensions.iter().map(|d| d.id.as_str());
    out.write_record(COLUMNS.iter().map(|(name, ..)| *name).chain(dimensions())).map_err(failed)?;
    if hxl {
        let unit = table.level.map_or_else(|| "#loc".to_owned(), |level| format!("#adm{level}"));
        let tags = COLUMNS.iter().map(|(_, tag, _)| tag.replace("{unit}", &unit)).chain(dimensions().map(hashtag));
        out.write_record(tags).map_err(failed)?;
    }
    for row in &table.rows {
        let cells = COLUMNS.iter().map(|(_, _, cell)| cell(row)).chain(row.dimensions.iter().map(|d| written(*d)));
        out.write_record(cells.map(|cell| safe(&plain(&cell)))).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|e| RenderError::Csv(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| RenderError::Csv(e.to_string()))
}

fn written<T: ToString>(x: Option<T>) -> String {
    x.map(|x| x.to_string()).unwrap_or_default()
}

/// The hashtag of a dimension's score: attributes have small letters, digits and low lines only.
fn hashtag(dimension: &str) -> String {
    let attribute: String = dimension.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    format!("#indicator+score+{attribute}")
}

fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
