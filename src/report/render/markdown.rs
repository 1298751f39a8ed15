use minijinja::value::Serde;
use minijinja::context;

use super::RenderError;
use super::words::environment;
use crate::report::model::Report;
use crate::text::Language;

/// The report as Markdown (CommonMark with tables).
pub fn render(report: &Report, language: Language) -> Result<String, RenderError> {
    let mut env = environment(language, false)?;
    env.add_template("report.md", include_str!("report.md.j2"))?;
    env.add_template("forecasts.md", include_str!("forecasts.md.j2"))?;
    Ok(env.get_template("report.md")?.render(context! { r => Serde(report) })?)
}
