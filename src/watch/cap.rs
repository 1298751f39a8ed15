//! News as one message of the Common Alerting Protocol.

use std::fmt::Write as _;

use super::{Change, Kind, Named, News};
use crate::datasets::sha256;
use crate::edition::Edition;
use crate::evidence::Unit;
use crate::rules::Severity;
use crate::text::{Day, parse_day};

/// A moment as CAP writes it: `2025-07-31T06:00:00-00:00`, where `-00:00` is UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent(String);

impl Sent {
    /// Midnight UTC at the start of a day.
    pub fn at_start_of(day: Day) -> Self {
        Self(format!("{day}T00:00:00-00:00"))
    }

    /// Reads a date and time with an offset in hours and minutes; `+00:00` becomes CAP's `-00:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = "dddd-dd-ddTdd:dd:ddsdd:dd";
        let fits = |(want, c): (char, char)| match want {
            'd' => c.is_ascii_digit(),
            's' => c == '+' || c == '-',
            other => c == other,
        };
        if text.len() != shape.len() || !shape.chars().zip(text.chars()).all(fits) {
            return None;
        }
        let number = |at: usize| text.get(at..at + 2).and_then(|t| t.parse::<u8>().ok());
        parse_day(text.get(..10)?)?;
        let below = |at: usize, limit: u8| number(at).is_some_and(|n| n < limit);
        let offset = number(20)? < 14 || text.ends_with("14:00");
        let fine = below(11, 24) && below(14, 60) && below(17, 60) && offset && below(23, 60);
        fine.then(|| Self(text.replace("+00:00", "-00:00")))
    }
}

/// What the caller says about the message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who sends it: a name that no other sender has, such as an internet domain.
    pub sender: String,
    pub sent: Sent,
    /// Not a real alert.
    pub exercise: bool,
}

/// Radius of a crossing's area: the catchment in which attacks concern it.
const CROSSING_KM: u32 = 50;

/// One message with an `info` for each piece of news; none without news.
///
/// # Formula
/// ```text
/// alarm, warning, watch   urgency Immediate, Expected, Future   severity Severe, Moderate, Minor
/// ended                   urgency Past, severity Minor, responseType AllClear
/// rule                    certainty Possible: a condition holds, no probability is claimed
/// surge                   certainty Likely: it may be chance, with the declared share of false ones
/// first time, operation   certainty Observed: a source recorded it
/// ```
/// Scope is always Restricted. The identifier is made of the day and of what is told, so that the
/// same news gives the same message.
///
/// # Units and shape
/// A province's area is its polygons (without holes, which CAP cannot say), a crossing's a circle of
/// 50 km; degrees with four decimals. A unit without shape has its name and id only.
///
/// # Errors
/// None: a name that CAP does not allow is refused before, and characters that XML does not allow are
/// left out.
///
/// # Source
/// OASIS, Common Alerting Protocol Version 1.2, 1 July 2010.
pub fn cap(news: &[News], edition: &Edition<'_>, message: &Message) -> Option<String> {
    let as_of = news.first()?.as_of;
    let told: String = news.iter().map(|n| format!("{} {:?} {:?}\n", n.id, n.change, n.severity)).collect();
    let digest = sha256(told.as_bytes());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
    let mut xml = Xml { out: &mut out, depth: 1 };
    xml.leaf("identifier", &format!("tukhum-{as_of}-{}", digest.get(..16).unwrap_or_default()));
    xml.leaf("sender", &message.sender);
    xml.leaf("sent", &message.sent.0);
    xml.leaf("status", if message.exercise { "Exercise" } else { "Actual" });
    xml.leaf("msgType", "Alert");
    xml.leaf("scope", "Restricted");
    xml.leaf("restriction", "For early warning and protection; not for publication.");
    for piece in news {
        xml.open("info");
        info(&mut xml, piece, edition, message);
        xml.close("info");
    }
    out.push_str("</alert>\n");
    Some(out)
}

fn info(xml: &mut Xml<'_>, news: &News, edition: &Edition<'_>, message: &Message) {
    let ended = news.change == Change::Ended;
    let (urgency, severity) = match news.severity {
        _ if ended => ("Past", "Minor"),
        Severity::Alarm => ("Immediate", "Severe"),
        Severity::Warning => ("Expected", "Moderate"),
        Severity::Watch => ("Future", "Minor"),
    };
    let certainty = match news.kind {
        Kind::Rule => "Possible",
        Kind::Surge => "Likely",
        Kind::FirstTime | Kind::Operation => "Observed",
    };
    let event = match news.kind {
        Kind::Rule => "risk alert",
        Kind::Surge => "surge of deadly events",
        Kind::FirstTime => "first-time target",
        Kind::Operation => "synchronised operation",
    };
    let change = match news.change {
        Change::New => "new",
        Change::Escalated => "escalated",
        Change::Ended => "ended",
    };
    let units: Vec<&str> = news.units.iter().map(|u| u.name.as_str()).collect();
    xml.leaf("language", "en");
    xml.leaf("category", "Security");
    xml.leaf("event", event);
    xml.leaf("responseType", if ended { "AllClear" } else { "Monitor" });
    xml.leaf("urgency", urgency);
    xml.leaf("severity", severity);
    xml.leaf("certainty", certainty);
    xml.leaf("senderName", &message.sender);
    xml.leaf("headline", &format!("{} ({change}): {}", units.join(", "), news.headline));
    if !news.detail.is_empty() {
        xml.leaf("description", &news.detail);
    }
    if let Some(advice) = &news.advice {
        xml.leaf("instruction", advice);
    }
    for (name, value) in [("id", news.id.as_str()), ("change", change), ("as-of", &news.as_of.to_string())] {
        xml.open("parameter");
        xml.leaf("valueName", name);
        xml.leaf("value", value);
        xml.close("parameter");
    }
    for unit in &news.units {
        xml.open("area");
        area(xml, unit, edition);
        xml.close("area");
    }
}

fn area(xml: &mut Xml<'_>, named: &Named, edition: &Edition<'_>) {
    xml.leaf("areaDesc", &named.name);
    let unit = edition.unit(&named.id).map(|(_, u)| u.unit);
    let mut code = None;
    match unit {
        Some(Unit::Province(province)) => {
            code = province.iso_3166_2.as_deref();
            for polygon in edition.evidence.map.provinces.get(&named.id).iter().flat_map(|shape| shape.polygons.iter()) {
                let ring: Vec<String> = polygon.exterior().0.iter().map(|c| format!("{:.4},{:.4}", c.y, c.x)).collect();
                if ring.len() >= 4 && ring.first() == ring.last() {
                    xml.leaf("polygon", &ring.join(" "));
                }
            }
        }
        Some(Unit::Crossing(crossing)) => xml.leaf("circle", &format!("{:.4},{:.4} {CROSSING_KM}", crossing.at.latitude, crossing.at.longitude)),
        None => {}
    }
    for (name, value) in [("tukhum", Some(named.id.as_str())), ("ISO 3166-2", code)] {
        let Some(value) = value else { continue };
        xml.open("geocode");
        xml.leaf("valueName", name);
        xml.leaf("value", value);
        xml.close("geocode");
    }
}

struct Xml<'a> {
    out: &'a mut String,
    depth: usize,
}

impl Xml<'_> {
    fn open(&mut self, name: &str) {
        let _ = writeln!(self.out, "{:1$}<{name}>", "", 2 * self.depth);
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        let _ = writeln!(self.out, "{:1$}</{name}>", "", 2 * self.depth);
    }

    fn leaf(&mut self, name: &str, text: &str) {
        let _ = write!(self.out, "{:1$}<{name}>", "", 2 * self.depth);
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\t' | '\n' => self.out.push(c),
                // XML 1.0 has no other control characters and no noncharacters.
                c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
                c => self.out.push(c),
            }
        }
        let _ = writeln!(self.out, "</{name}>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_cap_wants_them() {
        let read = |text| Sent::parse(text).map(|s| s.0);
        assert_eq!(read("2025-07-31T06:00:00+00:00").as_deref(), Some("2025-07-31T06:00:00-00:00"));
        assert_eq!(read("2025-07-31T06:00:00+05:30").as_deref(), Some("2025-07-31T06:00:00+05:30"));
        for wrong in ["", "2025-07-31", "2025-07-31T06:00:00Z", "2025-02-30T06:00:00+00:00", "2025-07-31T24:00:00+00:00", "2025-07-31T06:60:00+00:00", "2025-07-31T06:00:00+15:00", "2025-07-31T06:00:00.5+00", "2025-07-31T06:00:00+14:30", "٢٠٢٥-07-31T06:00:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Sent::at_start_of(Day(jiff::civil::date(2025, 7, 31))), Sent("2025-07-31T00:00:00-00:00".into()));
    }
}
