use super::RenderError;
use crate::report::model::RankingTable;

/// A ranking as CSV: full precision, p-codes as keys, empty where there is no value.
///
/// A text cell that a spreadsheet would take for a formula gets an apostrophe in front.
pub fn render(table: &RankingTable) -> Result<String, RenderError> {
    let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let failed = |e: ::csv::Error| RenderError::Csv(e.to_string());
    let mut header: Vec<&str> = vec![
        "rank", "rank_before", "unit", "pcodes", "name_en", "name_fr", "name_ar", "countries", "score", "score_before", "best", "worst",
        "class", "confidence", "alert", "rank_low", "rank_high", "p_high", "tied_with",
    ];
    header.extend(table.dimensions.iter().map(|d| d.id.as_str()));
    out.write_record(&header).map_err(failed)?;
    let number = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
    let rank = |x: Option<usize>| x.map(|x| x.to_string()).unwrap_or_default();
    for row in &table.rows {
        let mut cells = vec![
            rank(row.rank),
            rank(row.rank_before),
            safe(&row.unit),
            safe(&row.pcodes.join(";")),
            safe(&row.name.en),
            safe(&row.name.fr),
            safe(&row.name.ar),
            safe(&row.countries.join(";")),
            number(row.score),
            number(row.score_before),
            row.best.to_string(),
            row.worst.to_string(),
            row.class.clone().unwrap_or_default(),
            row.confidence.clone(),
            row.severity.clone().unwrap_or_default(),
            rank(row.rank_low),
            rank(row.rank_high),
            number(row.p_high),
            safe(&row.tied_with.join(";")),
        ];
        cells.extend(row.dimensions.iter().map(|d| number(*d)));
        out.write_record(&cells).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|e| RenderError::Csv(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| RenderError::Csv(e.to_string()))
}

fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
