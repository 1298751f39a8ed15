use super::RenderError;
use crate::report::model::Report;
use crate::text::plain;

/// The report as JSON, two spaces of indentation, full precision; `docs/schemas/report.json` describes it.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    // Marks of direction are letters as they are in JSON, and stand in texts only.
    Ok(plain(&text))
}
