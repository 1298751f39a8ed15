use super::RenderError;
use crate::report::model::Report;

/// The report as JSON, two spaces of indentation, full precision.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
