//! What is new since the last run: said once, in three forms, and never lost.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tukhum::rules::Severity;
use tukhum::watch::{self, Change, Kind, Message, News, Sent, State, WatchList, cap, observe, tell};

use super::support::*;

fn list() -> WatchList {
    WatchList::load(Draft::bundled().workspace(), &mut Default::default()).expect("a watch list")
}

fn told(before: Option<&State>, day: jiff::civil::Date) -> (Vec<News>, State) {
    tell(before, observe(&SOURCES, &EDITIONS[&day], Some(&list())), day)
}

fn of<'n>(news: &'n [News], id: &str) -> Option<&'n News> {
    news.iter().find(|n| n.id == id)
}

/// The first run says all, the second nothing, a later one what is new, escalated and ended.
#[test]
fn everything_is_told_once() {
    let (first, state) = told(None, BEFORE);
    assert!(first.len() > 20 && first.iter().all(|n| n.change == Change::New && n.since == n.as_of));
    let fired: BTreeSet<String> = EDITIONS[&BEFORE].alerts.fired.iter().map(|a| format!("rule/{}/{}", a.rule.id, a.unit)).collect();
    let rules: BTreeSet<String> = first.iter().filter(|n| n.kind == Kind::Rule).map(|n| n.id.clone()).collect();
    assert_eq!(rules, fired);

    let (second, same) = told(Some(&state), BEFORE);
    assert_eq!((second, &same), (vec![], &state));

    let (later, after) = told(Some(&state), AFTER);
    let told_again: Vec<&str> = later.iter().filter(|n| n.change == Change::New && of(&first, &n.id).is_some()).map(|n| n.id.as_str()).collect();
    assert_eq!(told_again, Vec::<&str>::new());
    let wave = of(&later, "operation/JNIM/2025-07-01").expect("the wave of 1 July");
    assert_eq!((wave.severity, wave.change), (Severity::Alarm, Change::New));
    assert!(["Diboli", "Kayes", "Sandaré", "Nioro", "Gogui", "Molodo", "Niono"].iter().all(|town| wave.detail.contains(town)), "{}", wave.detail);
    assert!(of(&later, "first_time/EV-20250701-GOG").is_some_and(|n| n.units.iter().any(|u| u.id == "ml-mr-gogui")));
    let gogui = of(&later, "rule/crossing_post_hit/ml-mr-gogui").expect("the post at Gogui was hit");
    assert_eq!((gogui.change, gogui.severity, gogui.was), (Change::Escalated, Severity::Alarm, Some(Severity::Watch)));
    for gone in later.iter().filter(|n| n.change == Change::Ended) {
        assert!(of(&first, &gone.id).is_some() && !after.told.iter().any(|t| t.signal.id == gone.id), "{}", gone.id);
        assert_eq!(gone.since.0, BEFORE);
    }
    assert!(later.iter().any(|n| n.change == Change::Ended));
    // The most severe first, what ended last.
    let order: Vec<_> = later.iter().map(|n| (n.change == Change::Ended, std::cmp::Reverse(n.severity))).collect();
    assert!(order.is_sorted());
    let ids: BTreeSet<&str> = later.iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids.len(), later.len(), "an id is told once");
    // The state after both runs holds what a first run on the later day would tell, and what is left open.
    let fresh: BTreeSet<String> = told(None, AFTER).0.into_iter().map(|n| n.id).collect();
    let kept: BTreeSet<String> = after.told.iter().map(|t| t.signal.id.clone()).collect();
    assert!(fresh.is_subset(&kept));
}

/// Without a watch list only rules are told.
#[test]
fn a_workspace_without_a_list_has_rules() {
    let draft = Draft::tiny().remove("indicators/watch.toml");
    let (sources, list, _) = watch::load(draft.workspace()).unwrap_or_else(|p| panic!("{p}"));
    assert!(list.is_none() && observe(&sources, &tukhum::edition::Edition::compute(&sources, AFTER, false), None).signals.iter().all(|s| s.signal.kind == Kind::Rule));
}

/// Deadly events that come thick in one province are a surge there and nowhere else.
#[test]
fn a_planted_surge_is_told() {
    let planted = |events: u32| {
        let row = |r: &Row| r.get("release") == "25.0.6" && r.get("adm_1") == "Sikasso region" && r.get("deaths_best").parse::<i64>().is_ok_and(|d| d > 0);
        let plant = |draft: Draft, i: u32| draft.append_copy("ucdp_events", row, &[("event_id", &format!("99000{i}")), ("date", "2025-06-15")]);
        let (sources, list, _) = watch::load((0..events).fold(Draft::bundled(), plant).workspace()).unwrap_or_else(|p| panic!("{p}"));
        let seen = observe(&sources, &tukhum::edition::Edition::compute(&sources, AFTER, false), list.as_ref());
        seen.signals.into_iter().filter(|s| s.signal.kind == Kind::Surge).map(|s| s.signal.id).collect::<Vec<_>>()
    };
    assert_eq!(planted(12), ["surge/ML-3"]);
    assert_eq!(planted(0), Vec::<String>::new());
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Draft::small().write(folder.path());
    folder
}

fn look(at: &Path, more: &[&str]) -> Output {
    run(at, &[&["watch", "--as-of", "2025-07-31"], more].concat())
}

/// 1 when something at or above the severity is new, 0 when not; the second run says nothing.
#[test]
fn exit_codes_follow_the_news() {
    let folder = folder();
    let at = folder.path();
    let first = look(at, &[]);
    assert_eq!(first.status.code(), Some(1), "{}", stderr(&first));
    assert!(stdout(&first).starts_with("As of 2025-07-31, told for the first time: "));
    assert!(stdout(&first).lines().all(|l| l.chars().count() <= 80));
    let state = std::fs::read(at.join("tukhum-watch.json")).expect("the state is kept");
    let second = look(at, &["--severity", "watch"]);
    assert_eq!((second.status.code(), stdout(&second), stderr(&second)), (Some(0), "", ""));
    assert_eq!(std::fs::read(at.join("tukhum-watch.json")).expect("the state is kept"), state);
    for (severity, code) in [("watch", 1), ("warning", 1), ("alarm", 1)] {
        let found = look(at, &["--severity", severity, "--format", "jsonl", "--state", severity]);
        assert_eq!(found.status.code(), Some(code), "{severity}");
        for line in stdout(&found).lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            assert!(line["id"].as_str().is_some_and(|id| !id.is_empty()) && line["change"] == "new", "{line}");
        }
    }
    // Only what is below the severity is new: fine, and told all the same.
    let mut known: serde_json::Value = serde_json::from_slice(&state).expect("the state is JSON");
    known["told"].as_array_mut().expect("signals").retain(|s| s["severity"] != "watch");
    std::fs::write(at.join("tukhum-watch.json"), known.to_string()).expect("the state is written");
    let low = look(at, &[]);
    assert_eq!(low.status.code(), Some(0), "{}", stderr(&low));
    assert!(stdout(&low).contains("\nwatch NEW ") && !stdout(&low).contains("\nalarm "));
}

/// Each wrong argument or state is refused with 2, and the state stays as it was.
#[test]
fn what_is_wrong_is_told() {
    let folder = folder();
    let at = folder.path();
    look(at, &[]);
    let state = at.join("tukhum-watch.json");
    let sound = std::fs::read_to_string(&state).expect("the state is kept");
    let mut said = String::new();
    let mut refused = |what: &str, text: &str, arguments: &[&str]| {
        std::fs::write(&state, text).expect("the state is written");
        let output = look(at, arguments);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""), "{what}");
        assert_eq!(std::fs::read_to_string(&state).expect("the state is there"), text, "{what}: the state was written over");
        said.push_str(&format!("# {what}\n{}\n", stderr(&output)));
    };
    refused("cut in the middle", &sound[..sound.len() / 2], &[]);
    refused("empty", "", &[]);
    refused("another file", "{\"name\": \"other\"}", &[]);
    refused("another format", &sound.replace(watch::FORMAT, "tukhum-watch-9"), &[]);
    refused("a severity that does not exist", &sound.replacen("\"watch\"", "\"dire\"", 1), &[]);
    refused("an impossible day", &sound.replacen("2025-07-31", "2025-02-30", 1), &[]);
    refused("a day before the state's", &sound.replacen("2025-07-31", "2025-08-01", 1), &[]);
    refused("a folder for the state", &sound, &["--state", "datasets"]);
    refused("cap without a sender", &sound, &["--format", "cap"]);
    refused("a sender with a space", &sound, &["--format", "cap", "--sender", "early warning"]);
    refused("a moment with Z", &sound, &["--format", "cap", "--sender", "a", "--sent", "2025-07-31T06:00:00Z"]);
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(said) });
    // Bytes that are no text.
    std::fs::write(&state, [0xff, 0xfe, 0]).expect("the state is written");
    assert_eq!(look(at, &[]).status.code(), Some(2));
    // A state that cannot be written: what is new is said, and the failure.
    std::fs::write(at.join("file"), "").expect("a file");
    let nowhere = look(at, &["--state", "file/state.json"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", stderr(&nowhere));
}

/// One test a case: what is done to the watch list, and a snapshot of what is said of it.
macro_rules! lists {
    ($($(#[doc = $what:literal])+ $name:ident: $from:literal => $to:literal;)+) => {
        $(
            #[test]
            fn $name() {
                let draft = Draft::tiny().replace("indicators/watch.toml", $from, $to);
                let problems = watch::load(draft.workspace()).err().expect("the list is refused").render(false);
                insta::with_settings!({ description => concat!($($what),+).trim(), omit_expression => true }, {
                    insta::assert_snapshot!(stringify!($name), problems);
                });
            }
        )+
    };
}

lists! {
    /// A window of no months.
    list_months: "window_months = { value = 3," => "window_months = { value = 0,";
    /// A baseline that is no whole number of windows.
    list_baseline: "baseline_months = { value = 24," => "baseline_months = { value = 25,";
    /// A false discovery rate above 1.
    list_rate: "value = 0.1," => "value = 10,";
    /// A floor that is not a number.
    list_floor: "sd_floor = { value = 1," => "sd_floor = { value = nan,";
    /// Steps that fall.
    list_steps: "places = 6" => "places = 4";
    /// A severity that does not exist.
    list_severity: "[first_time]\nseverity = \"warning\"" => "[first_time]\nseverity = \"dire\"";
    /// A number without a reason.
    list_reason: "reason = \"as in the indicators of threat: older counts are no news\"" => "";
}

/// `check` finds what is wrong with the list, beside what is wrong elsewhere.
#[test]
fn check_reads_the_list() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let draft = Draft::tiny().replace("indicators/watch.toml", "places = 6", "places = 4");
    draft.replace("indicators/provinces/threat/event_rate.toml", "value = 4.34", "value = 0").write(folder.path());
    let output = run(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error[wrong-steps]") && stderr(&output).contains("error[goalposts-zero-width]"), "{}", stderr(&output));
}

/// A reader that goes away was told nothing: the next run says it.
#[test]
fn what_nobody_read_is_told_again() {
    let folder = folder();
    let mut child = program(folder.path()).args(["watch", "--as-of", "2025-07-31"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    assert!(!folder.path().join("tukhum-watch.json").exists());
}

/// A run that is killed leaves the old state or the new one, whole.
#[test]
fn a_killed_run_leaves_a_whole_state() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    Draft::tiny().write(at);
    let state = at.join("tukhum-watch.json");
    let start = |day: &str| program(at).args(["watch", "--as-of", day]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let read = || std::fs::read(&state).expect("the state is there");
    assert!(start("2024-12-31").wait().is_ok());
    let old = read();
    let began = Instant::now();
    assert!(start("2025-07-31").wait().is_ok());
    let (new, duration) = (read(), began.elapsed());
    assert!(old != new);
    let mut killed = 0;
    for turn in 0..20 {
        std::fs::write(&state, &old).expect("the old state is put back");
        let mut child = start("2025-07-31");
        sleep(duration.mul_f64((f64::from(turn) * 0.618_034).fract()) + Duration::from_micros(200));
        child.kill().expect("it can be killed");
        killed += u32::from(!child.wait().expect("it ends").success());
        let now = read();
        assert!(now == old || now == new, "turn {turn}");
    }
    println!("{killed} of 20 runs killed");
    assert!(killed >= 5);
}

/// A CAP message keeps to the schema of version 1.2, and the same news gives the same bytes.
#[test]
fn cap_messages_keep_to_the_schema() {
    let (_, state) = told(None, BEFORE);
    let (mut news, _) = told(Some(&state), AFTER);
    news[0].headline = "a < b & \"c\" > d\u{1}\u{FFFE}".into();
    let message = Message { sender: "watch@example.org".into(), sent: Sent::at_start_of(news[0].as_of), exercise: true };
    let text = cap(&news, &EDITIONS[&AFTER], &message).expect("there is news");
    assert_eq!(cap(&news, &EDITIONS[&AFTER], &message).as_ref(), Some(&text));
    assert_eq!(cap(&[], &EDITIONS[&AFTER], &message), None);
    let alert = xml::read(&text);
    let problems = xml::problems(&alert);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(alert.children.iter().filter(|e| e.name == "info").count(), news.len());
    for (name, value) in [("status", "Exercise"), ("scope", "Restricted"), ("msgType", "Alert"), ("sent", "2025-07-31T00:00:00-00:00")] {
        assert_eq!(alert.texts(name), [value]);
    }
    assert_eq!(alert.texts("restriction").len(), 1, "a restricted message says to whom");
    let ended = alert.children.iter().find(|i| i.texts("urgency") == ["Past"]).expect("something ended");
    assert_eq!(ended.texts("responseType"), ["AllClear"]);
    let circles = text.matches("<circle>").count();
    assert!(circles > 0 && text.contains("<polygon>"));
    // The check can fail: wrong order, unknown word, UTC as Z, open polygon, missing element.
    for (from, to) in [
        ("<status>Exercise</status>\n  <msgType>Alert</msgType>", "<msgType>Alert</msgType>\n  <status>Exercise</status>"),
        ("<urgency>Past</urgency>", "<urgency>Gone</urgency>"),
        ("-00:00</sent>", "Z</sent>"),
        ("<scope>Restricted</scope>", ""),
        (" 50</circle>", "</circle>"),
        ("<event>risk alert</event>", "<event>risk alert</event><event>risk alert</event>"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!xml::problems(&xml::read(&text.replacen(from, to, 1))).is_empty(), "{to} is not noticed");
    }
}

/// As much of XML as the messages use, and the schema of CAP 1.2 (OASIS, 1 July 2010) as a table.
mod xml {
    #[derive(Debug, Default)]
    pub struct Element {
        pub name: String,
        pub text: String,
        pub children: Vec<Element>,
    }

    impl Element {
        pub fn texts(&self, name: &str) -> Vec<&str> {
            self.children.iter().filter(|c| c.name == name).map(|c| c.text.as_str()).collect()
        }
    }

    pub fn read(text: &str) -> Element {
        let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
        let mut open = vec![Element::default()];
        for piece in body.split('<').skip(1) {
            let (tag, after) = piece.split_once('>').expect("a tag ends");
            if let Some(name) = tag.strip_prefix('/') {
                let done = open.pop().expect("it was opened");
                assert_eq!(done.name, name);
                open.last_mut().expect("it has a parent").children.push(done);
            } else {
                let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                assert!(attributes.is_empty() || attributes == "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"", "{attributes}");
                let plain = after.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                open.push(Element { name: name.into(), text: plain.trim_end().into(), children: vec![] });
            }
        }
        let mut root = open.pop().expect("a root");
        assert!(open.is_empty() && root.children.len() == 1);
        root.children.remove(0)
    }

    /// Least and most times that an element stands (0: any number), and what it holds.
    type Rule = (&'static str, usize, usize, Holds);

    #[derive(Clone, Copy)]
    enum Holds {
        Text,
        OneOf(&'static [&'static str]),
        Like(fn(&str) -> bool),
        Parts(&'static [Rule]),
    }
    use Holds::{Like, OneOf, Parts, Text};

    const PAIR: &[Rule] = &[("valueName", 1, 1, Text), ("value", 1, 1, Text)];
    const AREA: &[Rule] = &[
        ("areaDesc", 1, 1, Text), ("polygon", 0, 0, Like(polygon)), ("circle", 0, 0, Like(circle)), ("geocode", 0, 0, Parts(PAIR)),
        ("altitude", 0, 1, Like(number)), ("ceiling", 0, 1, Like(number)),
    ];
    const INFO: &[Rule] = &[
        ("language", 0, 1, Text),
        ("category", 1, 0, OneOf(&["Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"])),
        ("event", 1, 1, Text),
        ("responseType", 0, 0, OneOf(&["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"])),
        ("urgency", 1, 1, OneOf(&["Immediate", "Expected", "Future", "Past", "Unknown"])),
        ("severity", 1, 1, OneOf(&["Extreme", "Severe", "Moderate", "Minor", "Unknown"])),
        ("certainty", 1, 1, OneOf(&["Observed", "Likely", "Possible", "Unlikely", "Unknown"])),
        ("audience", 0, 1, Text), ("eventCode", 0, 0, Parts(PAIR)), ("effective", 0, 1, Like(moment)), ("onset", 0, 1, Like(moment)),
        ("expires", 0, 1, Like(moment)), ("senderName", 0, 1, Text), ("headline", 0, 1, Text), ("description", 0, 1, Text),
        ("instruction", 0, 1, Text), ("web", 0, 1, Text), ("contact", 0, 1, Text), ("parameter", 0, 0, Parts(PAIR)), ("area", 0, 0, Parts(AREA)),
    ];
    const ALERT: &[Rule] = &[
        ("identifier", 1, 1, Like(name)), ("sender", 1, 1, Like(name)), ("sent", 1, 1, Like(moment)),
        ("status", 1, 1, OneOf(&["Actual", "Exercise", "System", "Test", "Draft"])),
        ("msgType", 1, 1, OneOf(&["Alert", "Update", "Cancel", "Ack", "Error"])),
        ("source", 0, 1, Text),
        ("scope", 1, 1, OneOf(&["Public", "Restricted", "Private"])),
        ("restriction", 0, 1, Text), ("addresses", 0, 1, Text), ("code", 0, 0, Text), ("note", 0, 1, Text), ("references", 0, 1, Text),
        ("incidents", 0, 1, Text), ("info", 0, 0, Parts(INFO)),
    ];

    pub fn problems(alert: &Element) -> Vec<String> {
        let mut found = Vec::new();
        parts(alert, ALERT, &mut found);
        found
    }

    fn parts(element: &Element, rules: &[Rule], found: &mut Vec<String>) {
        let mut rest = element.children.as_slice();
        for (name, least, most, holds) in rules {
            let here = rest.iter().take_while(|c| c.name == *name).count();
            if here < *least || (*most > 0 && here > *most) {
                found.push(format!("{here} {name} in {}", element.name));
            }
            for child in &rest[..here] {
                let fine = match holds {
                    Text => child.children.is_empty() && !child.text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{FFFE}'),
                    OneOf(words) => words.contains(&child.text.as_str()),
                    Like(fits) => fits(&child.text),
                    Parts(inner) => {
                        parts(child, inner, found);
                        true
                    }
                };
                if !fine {
                    found.push(format!("{name}: {:?}", child.text));
                }
            }
            rest = &rest[here..];
        }
        found.extend(rest.iter().map(|c| format!("{} stands wrong in {}", c.name, element.name)));
    }

    fn name(text: &str) -> bool {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || ",<&".contains(c))
    }

    fn moment(text: &str) -> bool {
        let shape = "0000-00-00T00:00:00+00:00";
        text.len() == shape.len() && text.chars().zip(shape.chars()).all(|(c, s)| match s {
            '0' => c.is_ascii_digit(),
            '+' => c == '+' || c == '-',
            other => c == other,
        }) && !text.ends_with("+00:00")
    }

    fn number(text: &str) -> bool {
        text.parse::<f64>().is_ok_and(f64::is_finite)
    }

    fn point(text: &str) -> bool {
        let within = |part: &str, limit: f64| part.parse::<f64>().is_ok_and(|x| x.abs() <= limit);
        text.split_once(',').is_some_and(|(latitude, longitude)| within(latitude, 90.0) && within(longitude, 180.0))
    }

    fn polygon(text: &str) -> bool {
        let points: Vec<&str> = text.split(' ').collect();
        points.len() >= 4 && points.first() == points.last() && points.iter().all(|p| point(p))
    }

    fn circle(text: &str) -> bool {
        text.split_once(' ').is_some_and(|(centre, radius)| point(centre) && radius.parse::<f64>().is_ok_and(|r| r >= 0.0))
    }
}
