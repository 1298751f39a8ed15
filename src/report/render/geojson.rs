use serde::Serialize;

use super::RenderError;
use crate::report::model::{RankRow, Report, Shape};
use crate::text::plain;

/// Decimals of a degree: a decimetre, far finer than the boundaries.
const DECIMALS: i32 = 6;

/// Colours from the lowest class to the highest.
const RAMP: [&str; 5] = ["#fef0d9", "#fdcc8a", "#fc8d59", "#d7301f", "#7f0000"];

/// Colour of a unit without a score.
const NO_CLASS: &str = "#e5e7eb";

/// The scored units as GeoJSON (RFC 7946), a unit a line: provinces as areas, crossings as points.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let rows = report.rankings.iter().flat_map(|table| table.rows.iter().map(move |row| (table.kind.as_str(), row)));
    let features: Result<Vec<String>, _> = rows.map(|(kind, row)| serde_json::to_string(&feature(report, kind, row))).collect();
    Ok(plain(&format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features?.join(",\n"))))
}

#[derive(Serialize)]
struct Feature<'r> {
    r#type: &'static str,
    id: &'r str,
    properties: Properties<'r>,
    /// Null for a unit whose boundaries nobody knows, as the standard has it.
    geometry: Option<Geometry>,
}

#[derive(Serialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point([f64; 2]),
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

/// One value a name, because the tables of map programs are flat.
#[derive(Serialize)]
struct Properties<'r> {
    unit: &'r str,
    kind: &'r str,
    as_of: &'r str,
    hindsight: bool,
    name_en: &'r str,
    name_fr: &'r str,
    name_ar: &'r str,
    pcodes: String,
    countries: String,
    rank: Option<usize>,
    rank_before: Option<usize>,
    rank_low: Option<usize>,
    rank_high: Option<usize>,
    score: Option<f64>,
    score_before: Option<f64>,
    best: f64,
    worst: f64,
    class: Option<&'r str>,
    class_en: Option<&'r str>,
    class_fr: Option<&'r str>,
    class_ar: Option<&'r str>,
    confidence: &'r str,
    alert: Option<&'r str>,
    colour: &'static str,
}

fn feature<'r>(report: &'r Report, kind: &'r str, row: &'r RankRow) -> Feature<'r> {
    let label = row.class_label.as_ref();
    let properties = Properties {
        unit: &row.unit,
        kind,
        as_of: &report.as_of,
        hindsight: report.hindsight,
        name_en: &row.name.en,
        name_fr: &row.name.fr,
        name_ar: &row.name.ar,
        pcodes: row.pcodes.join(";"),
        countries: row.countries.join(";"),
        rank: row.rank,
        rank_before: row.rank_before,
        rank_low: row.rank_low,
        rank_high: row.rank_high,
        score: row.score,
        score_before: row.score_before,
        best: row.best,
        worst: row.worst,
        class: row.class.as_deref(),
        class_en: label.map(|l| l.en.as_str()),
        class_fr: label.map(|l| l.fr.as_str()),
        class_ar: label.map(|l| l.ar.as_str()),
        confidence: &row.confidence,
        alert: row.severity.as_deref(),
        colour: colour(report, row.class.as_deref()),
    };
    let shape = report.shapes.iter().find(|s| s.unit == row.unit).map(|s| &s.shape);
    Feature { r#type: "Feature", id: &row.unit, properties, geometry: shape.and_then(geometry) }
}

fn geometry(shape: &Shape) -> Option<Geometry> {
    let place = |[x, y]: &[f64; 2]| [rounded(*x), rounded(*y)];
    let rings = |polygon: &Vec<Vec<[f64; 2]>>| polygon.iter().map(|ring| ring.iter().map(place).collect()).collect::<Vec<Vec<_>>>();
    match shape {
        Shape::Point(at) => Some(Geometry::Point(place(at))),
        Shape::Area(polygons) => match polygons.as_slice() {
            [] => None,
            [one] => Some(Geometry::Polygon(rings(one))),
            many => Some(Geometry::MultiPolygon(many.iter().map(rings).collect())),
        },
    }
}

/// Neighbours share their vertices, so that they still fit after rounding.
fn rounded(degrees: f64) -> f64 {
    let unit = 10_f64.powi(DECIMALS);
    (degrees * unit).round() / unit
}

/// The classes spread over the ramp, however many there are.
pub(super) fn colour(report: &Report, class: Option<&str>) -> &'static str {
    let classes = &report.method.classes;
    let place = classes.iter().position(|c| Some(c.id.as_str()) == class);
    let step = place.map(|i| i * (RAMP.len() - 1) / classes.len().saturating_sub(1).max(1));
    step.and_then(|i| RAMP.get(i)).copied().unwrap_or(NO_CLASS)
}
