use minijinja::value::Serde;
use minijinja::context;

use super::RenderError;
use super::words::environment;
use crate::report::model::Report;
use crate::text::Language;

/// The report as one HTML file: no outside request, no script, readable at any width.
pub fn render(report: &Report, language: Language) -> Result<String, RenderError> {
    let mut env = environment(language, true)?;
    env.add_template("report.html", include_str!("report.html.j2"))?;
    env.add_template("forecasts.html", include_str!("forecasts.html.j2"))?;
    let direction = if language == Language::Ar { "rtl" } else { "ltr" };
    let page = context! { r => Serde(report), map => Serde(&report.map), language => Serde(language), direction => direction, style => include_str!("report.css") };
    Ok(env.get_template("report.html")?.render(page)?)
}
