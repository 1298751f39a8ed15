//! The log of forecasts as the report shows it: what this edition foretells, how earlier ones fared, and where there is no skill.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::datasets::REGIONS;
use crate::edition::{Edition, Sources};
use crate::foresight::{EditionForecasts, Group, HORIZONS, LogScores};
use crate::forecast_log::Foretold;
use crate::text::{Day, Text};

/// Forecasts of deadly events by province and month, and how those of earlier editions fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastRecord {
    /// In words.
    pub sentences: Vec<Text>,
    /// All forecasts of earlier editions, then by months ahead.
    pub lines: Vec<ForecastLine>,
    /// What was said and what came, by tenths of probability; empty tenths are left out.
    pub reliability: Vec<ReliabilityBin>,
    /// SHA-256 of the last row that an earlier edition wrote: it must be in the log for good.
    pub sealed: Option<String>,
    /// What this edition foretells; later ones score it.
    pub says: Vec<Foretold>,
}

/// How forecasts of one horizon fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastLine {
    /// None for all together.
    pub months_ahead: Option<u32>,
    pub scored: usize,
    /// Months with a deadly event.
    pub came_true: usize,
    /// The sum of the probabilities.
    pub expected: f64,
    pub brier: Option<f64>,
    /// Had each province’s own share of the 36 months before been said instead.
    pub brier_of_base_rate: Option<f64>,
    /// Counts inside the 90 % range.
    pub held: usize,
    /// Forecasts whose range goes beyond 0, and counts inside it.
    pub beyond_zero: usize,
    pub held_beyond_zero: usize,
    /// Months that no source covers yet.
    pub open: usize,
}

/// What was said and what came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReliabilityBin {
    pub cases: usize,
    /// Mean probability.
    pub said: f64,
    /// Share of months with a deadly event.
    pub came: f64,
}

/// What the edition foretells; nothing with hindsight or below the first level, where nothing is published.
pub(super) fn foretell(edition: &Edition<'_>) -> EditionForecasts {
    let evidence = &edition.evidence;
    if evidence.as_of.hindsight || evidence.data.layer.level != REGIONS { EditionForecasts::default() } else { EditionForecasts::of(evidence) }
}

/// What is foretold of a unit, in a line for its card.
pub(super) fn of_unit(foretold: &EditionForecasts, unit: &str) -> Option<Text> {
    let ahead: Vec<String> = foretold.rows.iter().filter(|row| row.unit == unit).map(|row| format!("{} {} ({})", row.month, percent(row.probability), range(row))).collect();
    let list = ahead.join(", ");
    (!ahead.is_empty()).then(|| Text {
        en: format!("Probability of a deadly event in the month, and the range that holds their number with 90 %: {list}."),
        fr: format!("Probabilité d’un événement meurtrier dans le mois, et fourchette contenant leur nombre à 90 % : {list}."),
        ar: format!("احتمال وقوع حدث مميت خلال الشهر، والمدى الذي يقع فيه عددها باحتمال 90 %: {list}."),
    })
}

/// The record with its sums and sentences.
pub(super) fn record(sources: &Sources, edition: &Edition<'_>, foretold: EditionForecasts) -> ForecastRecord {
    if foretold.rows.is_empty() {
        return ForecastRecord::default();
    }
    let day = Day(edition.as_of.day);
    let scores = |horizon: Option<u32>| LogScores::of(sources.forecasts.before(day).filter(|row| horizon.is_none_or(|h| row.horizon == h)), &foretold.known);
    let all = scores(None);
    let mut sentences = vec![fared(&all)];
    sentences.extend(no_skill(&foretold));
    sentences.extend(skill(&foretold));
    let by_horizon = HORIZONS.iter().map(|h| line(Some(*h), scores(Some(*h))));
    let reliability = all.bins.iter().map(|b| ReliabilityBin { cases: b.cases, said: b.said, came: b.came }).collect();
    let lines = if all.scored + all.open > 0 { std::iter::once(line(None, all)).chain(by_horizon).collect() } else { Vec::new() };
    ForecastRecord { sentences, lines, reliability, sealed: sources.forecasts.seal_before(day).map(str::to_owned), says: foretold.rows }
}

fn line(months_ahead: Option<u32>, s: LogScores) -> ForecastLine {
    ForecastLine {
        months_ahead,
        scored: s.scored,
        came_true: s.came_true,
        expected: s.expected,
        brier: s.brier,
        brier_of_base_rate: s.brier_of_base_rate,
        held: s.held,
        beyond_zero: s.beyond_zero,
        held_beyond_zero: s.held_beyond_zero,
        open: s.open,
    }
}

fn fared(s: &LogScores) -> Text {
    let (Some(brier), Some(base)) = (s.brier, s.brier_of_base_rate) else {
        return Text {
            en: "No forecast that an earlier edition wrote down can be scored yet.".into(),
            fr: "Aucune prévision consignée par une édition antérieure ne peut encore être évaluée.".into(),
            ar: "لا يمكن بعد تقييم أي توقّع دوّنه إصدار سابق.".into(),
        };
    };
    let (n, came, expected, held, beyond, inside) = (s.scored, s.came_true, s.expected, s.held, s.beyond_zero, s.held_beyond_zero);
    let better = brier < base;
    Text {
        en: format!(
            "Of {n} forecasts that earlier editions wrote down, {came} months had a deadly event, where the probabilities add up to {expected:.1}; Brier score {brier:.3} (0 is best), {} {base:.3} of each province’s own share of the 36 months before. The 90 % range held {held} of {n} counts, and {inside} of {beyond} where it goes beyond 0.",
            if better { "beside the" } else { "NO BETTER than the" }
        ),
        fr: format!(
            "Sur {n} prévisions consignées par des éditions antérieures, {came} mois ont connu un événement meurtrier, pour une somme des probabilités de {} ; score de Brier {} (0 est parfait), {} celui de la part propre de chaque province sur les 36 mois précédents ({}). La fourchette à 90 % contenait {held} des {n} nombres, et {inside} sur {beyond} là où elle dépasse 0.",
            comma(expected, 1),
            comma(brier, 3),
            if better { "à côté de" } else { "PAS MEILLEUR que" },
            comma(base, 3)
        ),
        ar: format!(
            "من بين {n} توقّعًا دوّنتها إصدارات سابقة شهد {came} شهرًا حدثًا مميتًا، ومجموع الاحتمالات {expected:.1}؛ درجة برير {brier:.3} (0 هي الأفضل)، {} درجة حصة كل إقليم في الأشهر الـ36 السابقة ({base:.3}). وقع العدد ضمن مدى 90 % في {held} من {n}، وفي {inside} من {beyond} حيث يتجاوز المدى الصفر.",
            if better { "إلى جانب" } else { "ليست أفضل من" }
        ),
    }
}

const GROUPS: [Group; 5] = [Group::Violent, Group::Quiet, Group::QuietWest, Group::Crossings, Group::CrossingsWest];

/// Horizons of a group, each with its events, cases and skill.
fn of_group(foretold: &EditionForecasts, group: Group) -> Vec<(u32, usize, usize, Option<f64>)> {
    foretold.skill.iter().filter(|(_, g, _)| *g == group).map(|(h, _, s)| (*h, s.events, s.cases, s.brier_skill)).collect()
}

/// Where forecasts made as if in the past were no better than the plain share of events, or nothing can be told.
fn no_skill(foretold: &EditionForecasts) -> Option<Text> {
    let mut parts: [Vec<String>; 3] = Default::default();
    for group in GROUPS {
        let weak: Vec<_> = of_group(foretold, group).into_iter().filter(|(.., skill)| !skill.is_some_and(|s| s > 0.0)).collect();
        if weak.is_empty() {
            continue;
        }
        let horizons = joined(weak.iter().map(|w| w.0.to_string()));
        let events = joined(weak.iter().map(|w| w.1.to_string()));
        let cases = joined(weak.iter().map(|w| w.2.to_string()));
        let Text { en, fr, ar } = name(group);
        let [english, french, arabic] = &mut parts;
        english.push(format!("{en} (months ahead: {horizons}; events: {events}; cases: {cases})"));
        french.push(format!("{fr} (mois d’avance : {horizons} ; événements : {events} ; cas : {cases})"));
        arabic.push(format!("{ar} (أشهر مقدّمًا: {horizons}؛ أحداث: {events}؛ حالات: {cases})"));
    }
    let [en, fr, ar] = parts;
    (!en.is_empty()).then(|| Text {
        en: format!("No skill over the plain share of events at the last 24 origins, or too few events to tell: {}. Do not act on the forecast there.", en.join("; ")),
        fr: format!("Aucun apport par rapport à la simple part d’événements sur les 24 dernières origines, ou trop peu d’événements pour en juger : {}. Ne pas agir sur la prévision dans ces cas.", fr.join(" ; ")),
        ar: format!("لا مهارة تفوق الحصة البسيطة للأحداث في آخر 24 نقطة انطلاق، أو الأحداث أقل من أن تسمح بالحكم: {}. لا يُبنى على التوقّع هناك.", ar.join("؛ ")),
    })
}

/// Where they were better.
fn skill(foretold: &EditionForecasts) -> Option<Text> {
    let mut parts: [Vec<String>; 3] = Default::default();
    for group in GROUPS {
        let good: Vec<(u32, f64)> = of_group(foretold, group).into_iter().filter_map(|(h, .., s)| Some((h, s.filter(|s| *s > 0.0)?))).collect();
        if good.is_empty() {
            continue;
        }
        let horizons = joined(good.iter().map(|g| g.0.to_string()));
        let Text { en, fr, ar } = name(group);
        let [english, french, arabic] = &mut parts;
        english.push(format!("{en} {} (months ahead: {horizons})", joined(good.iter().map(|g| format!("{:.2}", g.1)))));
        french.push(format!("{fr} {} (mois d’avance : {horizons})", good.iter().map(|g| comma(g.1, 2)).collect::<Vec<_>>().join(" / ")));
        arabic.push(format!("{ar} {} (أشهر مقدّمًا: {horizons})", joined(good.iter().map(|g| format!("{:.2}", g.1)))));
    }
    let [en, fr, ar] = parts;
    (!en.is_empty()).then(|| Text {
        en: format!("Brier skill over that share elsewhere: {}.", en.join("; ")),
        fr: format!("Gain de Brier sur cette part ailleurs : {}.", fr.join(" ; ")),
        ar: format!("مهارة برير فوق تلك الحصة في ما عدا ذلك: {}.", ar.join("؛ ")),
    })
}

fn name(group: Group) -> Text {
    let (en, fr, ar) = match group {
        Group::Violent => ("provinces with violence in the last six known months", "provinces violentes au cours des six derniers mois connus", "أقاليم شهدت عنفًا في آخر ستة أشهر معلومة"),
        Group::Quiet => ("quiet provinces", "provinces calmes", "أقاليم هادئة"),
        Group::QuietWest => ("first events in quiet provinces west of 6° W", "premiers événements dans les provinces calmes à l’ouest de 6° O", "أوائل الأحداث في الأقاليم الهادئة غرب خط 6° غربًا"),
        Group::Crossings => ("within 50 km of border crossings", "à moins de 50 km des postes frontières", "ضمن 50 كم من المعابر الحدودية"),
        Group::CrossingsWest => ("within 50 km of border crossings west of 6° W", "à moins de 50 km des postes frontières à l’ouest de 6° O", "ضمن 50 كم من المعابر الحدودية غرب خط 6° غربًا"),
    };
    Text { en: en.into(), fr: fr.into(), ar: ar.into() }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn comma(x: f64, decimals: usize) -> String {
    format!("{x:.decimals$}").replace('.', ",")
}

fn range(row: &Foretold) -> String {
    if row.low == row.high { row.low.to_string() } else { format!("{}–{}", row.low, row.high) }
}

/// What is not certain never reads 0 or 100.
fn percent(p: f64) -> String {
    match p {
        p if p < 0.005 => "< 1 %".into(),
        p if p > 0.995 => "> 99 %".into(),
        p => format!("{:.0} %", p * 100.0),
    }
}
