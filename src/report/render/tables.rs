//! The report as tables of one language, for a workbook: numbers stay numbers and days stay days.

use jiff::civil::Date;

use super::words::{figure_words, need_words, significant};
use crate::assessment::{Answer, Item};
use crate::report::model::{Card, ClaimLine, FactLine, IndicatorLine, RankingTable, Report};
use crate::say;
use crate::text::{Arg, Language, Text, country, label, parse_day, plain, say, semicolon, term};
use crate::track_record::Said;

/// A table with a name.
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A number in full, and how many of its decimals are shown.
    Number(f64, Shown),
    Day(Date),
}

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Full,
    Decimals(usize),
    /// In percent with a decimal.
    Percent,
}

impl Cell {
    fn text(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(plain(text)) }
    }

    fn number(x: Option<f64>, shown: Shown) -> Self {
        x.map_or(Self::Empty, |x| Self::Number(x, shown))
    }

    fn score(x: Option<f64>) -> Self {
        Self::number(x, Shown::Decimals(1))
    }

    fn share(x: Option<f64>) -> Self {
        Self::number(x, Shown::Percent)
    }

    fn count(n: Option<usize>) -> Self {
        Self::number(n.map(|n| n as f64), Shown::Decimals(0))
    }

    /// A day; a text that is none, such as a range of days, stays as it is.
    fn day(text: &str) -> Self {
        parse_day(text).map_or_else(|| Self::text(text), Self::Day)
    }

    /// A whole number that is written as text, or the text.
    fn figure(text: &str) -> Self {
        text.parse::<u32>().map_or_else(|_| Self::text(text), |n| Self::count(Some(n as usize)))
    }
}

/// Every table of the report.
pub fn tables(report: &Report, language: Language) -> Vec<Table> {
    let w = Writer { report, language };
    let mut all = vec![w.summary(), w.changes(), w.actions()];
    all.extend(report.rankings.iter().map(|table| w.ranking(table)));
    all.extend([w.drivers(), w.alerts(), w.recommendations(), w.follow_up(), w.events(), w.facts(), w.hot_spots()]);
    all.extend([w.assessment(), w.track_record(), w.statements(), w.method(), w.indicators(), w.data(), w.gaps()]);
    all
}

struct Writer<'r> {
    report: &'r Report,
    language: Language,
}

impl Writer<'_> {
    fn table(&self, name: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
        Table { name: self.word(name), columns: columns.iter().map(|key| self.word(key)).collect(), rows }
    }

    /// A text of the catalogue that takes no arguments.
    fn word(&self, key: &str) -> String {
        plain(say(key, &[]).get(self.language))
    }

    fn t(&self, text: &Text) -> Cell {
        Cell::text(text.get(self.language))
    }

    fn label(&self, key: &str) -> Cell {
        self.t(&label(key))
    }

    fn clauses<'t>(&self, list: impl IntoIterator<Item = &'t Text>) -> Cell {
        self.joined(list.into_iter().map(|text| text.get(self.language).to_owned()))
    }

    fn joined(&self, list: impl IntoIterator<Item = String>) -> Cell {
        Cell::text(&list.into_iter().collect::<Vec<_>>().join(&semicolon(self.language)))
    }

    /// Labels of words that the model gives.
    fn labels(&self, words: &[String]) -> Cell {
        self.clauses(&words.iter().map(|word| label(word)).collect::<Vec<_>>())
    }

    fn yes(&self, flag: bool) -> Cell {
        self.label(if flag { "yes" } else { "no" })
    }

    fn countries(&self, codes: &[String]) -> Cell {
        self.clauses(&codes.iter().map(|code| country(code)).collect::<Vec<_>>())
    }

    fn class(&self, id: Option<&String>) -> Cell {
        let named = |id: &String| self.report.method.classes.iter().find(|c| c.id == *id).map_or_else(|| Cell::text(id), |c| self.t(&c.label));
        id.map_or(Cell::Empty, named)
    }

    fn name_of(&self, unit: &str) -> Cell {
        self.report.cards.iter().find(|c| c.unit == unit).map_or_else(|| Cell::text(unit), |c| self.t(&c.name))
    }

    fn summary(&self) -> Table {
        let r = self.report;
        let mut rows: Vec<(&str, Cell)> = vec![("sheet.report_title", self.label("title")), ("labels.edition", Cell::day(&r.as_of))];
        if r.hindsight {
            rows.push(("labels.edition", self.label("hindsight")));
        }
        rows.extend(r.headline.iter().map(|line| ("labels.answer", self.t(line))));
        rows.extend(r.summary.iter().map(|line| ("labels.changed", self.t(line))));
        rows.extend(r.track_record.sentences.iter().map(|line| ("labels.track_record", self.t(line))));
        rows.extend(r.hot_spots.notes.iter().map(|line| ("labels.hot_spots", self.t(line))));
        rows.extend([("labels.method", self.label("scale")), ("labels.method", self.label("purpose"))]);
        rows.extend([("labels.method", self.t(&r.method.attack)), ("labels.method", self.t(&r.method.confidence))]);
        rows.push(("labels.seed", Cell::Number(r.method.seed as f64, Shown::Decimals(0))));
        self.table("sheet.summary", &["sheet.section", "sheet.text"], rows.into_iter().map(|(section, cell)| vec![Cell::Text(self.word(section)), cell]).collect())
    }

    fn changes(&self) -> Table {
        let columns = ["sheet.ranking", "sheet.id", "labels.unit", "sheet.rank_before", "labels.rank", "sheet.score_before", "labels.score", "sheet.class_before", "labels.class", "sheet.new_alerts", "sheet.ended_alerts"];
        let rows = self.report.changes.iter().map(|c| {
            vec![
                self.label(&c.kind),
                Cell::text(&c.unit),
                self.t(&c.name),
                Cell::count(c.rank_before),
                Cell::count(c.rank),
                Cell::score(c.score_before),
                Cell::score(c.score),
                self.class(c.class_before.as_ref()),
                self.class(c.class.as_ref()),
                self.joined(c.new_alerts.iter().cloned()),
                self.joined(c.ended_alerts.iter().cloned()),
            ]
        });
        self.table("sheet.changes", &columns, rows.collect())
    }

    fn actions(&self) -> Table {
        let columns = ["sheet.audience", "sheet.severity", "sheet.recommendation", "sheet.text", "sheet.id", "labels.unit", "sheet.rules"];
        let items = self.report.actions.iter().flat_map(|group| group.items.iter().map(move |item| (group, item)));
        let rows = items.flat_map(|(group, item)| {
            item.units.iter().map(|u| {
                vec![self.label(&group.audience), self.label(&u.severity), self.t(&item.title), self.t(&item.text), Cell::text(&u.unit), self.t(&u.name), self.joined(u.rules.iter().cloned())]
            })
        });
        self.table("sheet.actions", &columns, rows.collect())
    }

    fn ranking(&self, table: &RankingTable) -> Table {
        let name = format!("sheet.{}", table.kind);
        let front = ["labels.rank", "sheet.rank_low", "sheet.rank_high", "sheet.rank_before", "sheet.id", "labels.unit", "sheet.pcodes", "labels.country", "labels.score", "sheet.score_before", "labels.class"];
        let mut out = self.table(&name, &front, Vec::new());
        let class = table.certainty.as_ref().and_then(|c| c.class.as_ref());
        out.columns.extend(class.map(|c| plain(say!("sheet.at_or_above", class = &c.label).get(self.language))));
        out.columns.extend(["sheet.best", "sheet.worst"].map(|key| self.word(key)));
        out.columns.extend(table.dimensions.iter().map(|d| plain(d.label.get(self.language))));
        out.columns.extend(["labels.confidence", "labels.alert", "sheet.not_told_apart"].map(|key| self.word(key)));
        let rows = table.rows.iter().map(|r| {
            let mut cells = vec![
                Cell::count(r.rank),
                Cell::count(r.rank_low),
                Cell::count(r.rank_high),
                Cell::count(r.rank_before),
                Cell::text(&r.unit),
                self.t(&r.name),
                self.joined(r.pcodes.iter().cloned()),
                self.countries(&r.countries),
                Cell::score(r.score),
                Cell::score(r.score_before),
                r.class_label.as_ref().map_or(Cell::Empty, |l| self.t(l)),
            ];
            cells.extend(class.map(|_| Cell::share(r.p_high)));
            cells.extend([Cell::score(Some(r.best)), Cell::score(Some(r.worst))]);
            cells.extend(r.dimensions.iter().map(|d| Cell::score(*d)));
            let tied = r.tied_with.iter().filter_map(|id| table.rows.iter().find(|o| o.unit == *id)).map(|o| &o.name);
            cells.extend([self.label(&r.confidence), r.severity.as_ref().map_or(Cell::Empty, |s| self.label(s)), self.clauses(tied)]);
            cells
        });
        out.rows = rows.collect();
        out
    }

    /// A row for each pair of a card and something on it, after the unit's code and name.
    fn of_cards<'r, T: 'r>(&'r self, list: impl Fn(&'r Card) -> &'r [T], cells: impl Fn(&'r Card, &'r T) -> Vec<Cell>) -> Vec<Vec<Cell>> {
        let pairs = self.report.cards.iter().flat_map(|card| list(card).iter().map(move |item| (card, item)));
        pairs.map(|(card, item)| [vec![Cell::text(&card.unit), self.t(&card.name)], cells(card, item)].concat()).collect()
    }

    fn drivers(&self) -> Table {
        let columns = [
            "sheet.id", "labels.unit", "labels.dimension", "labels.indicator", "labels.value", "sheet.interval_low", "sheet.interval_high", "sheet.unit_of_measurement",
            "labels.at_least", "labels.score", "labels.contribution", "sheet.from_month", "sheet.to_month", "labels.how", "labels.missing", "sheet.rows",
        ];
        let rows = self.of_cards(|card| &card.indicators, |card, i| {
            let [low, high] = i.interval.map_or([None; 2], |[low, high]| [Some(low), Some(high)]);
            let [from, to] = i.window.as_ref().map_or([Cell::Empty, Cell::Empty], |w| w.each_ref().map(|month| Cell::text(month)));
            vec![
                self.dimension(card, i),
                self.t(&i.label),
                Cell::number(i.raw, Shown::Full),
                Cell::number(low, Shown::Full),
                Cell::number(high, Shown::Full),
                self.t(&i.unit_of_measurement),
                self.yes(i.at_least),
                Cell::score(i.score),
                Cell::number(i.contribution, Shown::Decimals(2)),
                from,
                to,
                self.clauses(&i.notes),
                i.missing.as_ref().map_or(Cell::Empty, |why| self.t(why)),
                self.joined(i.rows.iter().cloned()),
            ]
        });
        self.table("sheet.drivers", &columns, rows)
    }

    fn dimension(&self, card: &Card, line: &IndicatorLine) -> Cell {
        let table = self.report.rankings.iter().find(|t| t.kind == card.kind);
        let named = table.and_then(|t| t.dimensions.iter().find(|d| d.id == line.dimension));
        named.map_or_else(|| Cell::text(&line.dimension), |d| self.t(&d.label))
    }

    fn alerts(&self) -> Table {
        let columns = ["sheet.id", "labels.unit", "sheet.severity", "labels.alert", "sheet.condition", "labels.triggered_by", "sheet.recommendation", "sheet.audience", "labels.ends_when", "labels.missing"];
        let advice = |id: &str| self.report.recommendations.iter().find(|x| x.id == id).map_or_else(|| Cell::text(id), |x| self.t(&x.title));
        let value = |x: &Option<f64>| x.map_or_else(|| "–".to_owned(), |x| significant(x, self.language));
        let mut rows = self.of_cards(|card| &card.alerts, |_, a| {
            let values = a.values.iter().map(|(name, x)| format!("{name} = {}", value(x)));
            vec![self.label(&a.severity), self.t(&a.label), Cell::text(&a.condition), self.joined(values), advice(&a.recommendation), self.labels(&a.audience), self.t(&a.ends_when), Cell::Empty]
        });
        rows.extend(self.of_cards(|card| &card.undetermined, |_, u| {
            let mut cells = vec![self.label("not_determined"), self.t(&u.label)];
            cells.resize(columns.len() - 3, Cell::Empty);
            cells.push(self.clauses(&u.missing));
            cells
        }));
        self.table("sheet.alerts", &columns, rows)
    }

    fn recommendations(&self) -> Table {
        let rows = self.report.recommendations.iter().map(|x| vec![self.t(&x.title), self.t(&x.text), self.joined(x.asked_by.iter().cloned())]);
        self.table("sheet.recommendations", &["sheet.recommendation", "sheet.text", "labels.asked_by"], rows.collect())
    }

    fn follow_up(&self) -> Table {
        let fact = |f: &FactLine| format!("{} ({}, {}, {})", f.value, f.from.as_deref().unwrap_or("–"), f.source, f.grade);
        let rows = self.report.follow_up.iter().map(|f| {
            let facts = if f.facts.is_empty() { self.label("no_follow_up") } else { self.joined(f.facts.iter().map(fact)) };
            vec![Cell::text(&f.unit), self.t(&f.name), self.t(&f.label), self.label(&f.state), facts]
        });
        self.table("sheet.follow_up", &["sheet.id", "labels.unit", "labels.alert", "sheet.state", "labels.facts"], rows.collect())
    }

    fn events(&self) -> Table {
        let columns = ["sheet.id", "labels.unit", "labels.date", "labels.place", "labels.what", "labels.deaths", "labels.first_time", "sheet.note", "labels.claims", "labels.source", "sheet.address", "labels.grade", "sheet.row"];
        let rows = self.of_cards(|card| &card.events, |_, e| {
            vec![
                Cell::day(&e.date),
                self.t(&e.place),
                self.t(&e.what),
                Cell::figure(e.deaths.get(self.language)),
                self.yes(e.first_time),
                e.note.as_ref().map_or(Cell::Empty, |note| self.t(note)),
                self.joined(e.claims.iter().map(|c| self.claim(c))),
                self.t(&e.source),
                Cell::text(&e.url),
                Cell::text(&e.grade),
                Cell::text(&e.row),
            ]
        });
        self.table("sheet.events", &columns, rows)
    }

    fn claim(&self, c: &ClaimLine) -> String {
        let (comma, colon) = (self.word("labels.comma"), self.word("labels.colon"));
        let adopted = if c.adopted { format!("{comma} {}", self.word("labels.adopted")) } else { String::new() };
        let said = [c.figure.get(self.language), c.text.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        format!("{}{comma} {}{colon} {said} ({}{comma} {}{adopted})", c.claimant.get(self.language), c.metric.get(self.language), c.source, c.grade)
    }

    fn facts(&self) -> Table {
        let columns = ["sheet.id", "labels.unit", "labels.from", "labels.to", "sheet.theme", "labels.what", "labels.level", "sheet.partner", "labels.source", "sheet.address", "labels.grade", "sheet.row"];
        let day = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::day);
        let rows = self.of_cards(|card| &card.facts, |_, f| {
            vec![
                day(&f.from),
                day(&f.to),
                self.t(&f.theme),
                Cell::text(&f.value),
                Cell::number(f.level.map(|n| n as f64), Shown::Decimals(0)),
                Cell::text(f.partner.as_deref().unwrap_or_default()),
                Cell::text(&f.source),
                Cell::text(&f.url),
                Cell::text(&f.grade),
                Cell::text(&f.row),
            ]
        });
        self.table("sheet.facts", &columns, rows)
    }

    fn hot_spots(&self) -> Table {
        let columns = ["labels.kind", "labels.place", "sheet.latitude", "sheet.longitude", "sheet.radius", "labels.from", "labels.to", "labels.events", "sheet.expected", "sheet.z", "sheet.p", "sheet.q", "sheet.chance"];
        let hot = &self.report.hot_spots;
        let full = |x: f64| Cell::Number(x, Shown::Full);
        let mut rows: Vec<Vec<Cell>> = hot
            .provinces
            .iter()
            .map(|h| {
                let mut cells = vec![self.label("hot_spot"), self.t(&h.name)];
                cells.resize(columns.len() - 4, Cell::Empty);
                cells.extend([Cell::Number(h.z, Shown::Decimals(2)), full(h.p), full(h.q), self.yes(h.may_be_chance)]);
                cells
            })
            .collect();
        rows.extend(hot.clusters.iter().map(|c| {
            vec![
                self.label("cluster"),
                self.t(&c.place),
                Cell::Number(c.latitude, Shown::Decimals(3)),
                Cell::Number(c.longitude, Shown::Decimals(3)),
                Cell::score(Some(c.radius_km)),
                Cell::day(&c.from),
                Cell::day(&c.to),
                Cell::count(Some(c.events)),
                Cell::score(Some(c.expected)),
                Cell::Empty,
                full(c.p),
                Cell::Empty,
                self.yes(c.may_be_chance),
            ]
        }));
        self.table("sheet.hot_spots", &columns, rows)
    }

    fn assessment(&self) -> Table {
        let columns = ["labels.item", "sheet.question", "labels.answer", "labels.missing", "labels.figures", "sheet.findings", "labels.rows_used", "labels.overturned", "labels.coming_weeks"];
        let mut rows: Vec<Vec<Cell>> = self.report.assessment.iter().flat_map(|a| &a.items).map(|i| self.item(i)).collect();
        // The sentences around the items, in the column of the answers.
        let sentences = self.report.headline.iter().chain(&self.report.answer);
        rows.extend(sentences.map(|line| [vec![Cell::Empty, Cell::Empty, self.t(line)], vec![Cell::Empty; columns.len() - 3]].concat()));
        self.table("sheet.assessment", &columns, rows)
    }

    fn item(&self, i: &Item) -> Vec<Cell> {
        let answer = match i.answer {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Undetermined => "not_determined",
        };
        vec![
            Cell::text(&i.id),
            self.t(&i.question),
            self.label(answer),
            self.joined(i.needs.iter().map(|n| need_words(n, self.language))),
            self.joined(i.figures.iter().map(|f| figure_words(f, self.language))),
            self.clauses(&i.findings),
            self.joined(i.used.iter().map(|u| format!("{} {} {} – {}", u.rows, u.dataset, u.from, u.to))),
            self.t(&i.falsifier),
            self.clauses(&i.turns),
        ]
    }

    fn track_record(&self) -> Table {
        let columns = ["labels.edition_of", "labels.statement", "labels.to", "labels.scored", "labels.came_true", "labels.expected", "sheet.brier", "labels.brier_of_share", "labels.open"];
        let rows = self.report.track_record.editions.iter().map(|e| {
            vec![
                Cell::day(&e.edition),
                self.t(&e.text),
                Cell::day(&e.until),
                Cell::count(Some(e.scored)),
                Cell::count(Some(e.came_true)),
                Cell::score(Some(e.expected)),
                Cell::number(e.brier, Shown::Decimals(3)),
                Cell::number(e.brier_of_share, Shown::Decimals(3)),
                Cell::count(Some(e.open)),
            ]
        });
        self.table("sheet.track_record", &columns, rows.collect())
    }

    fn statements(&self) -> Table {
        let columns = ["labels.edition_of", "labels.statement", "sheet.id", "labels.unit", "sheet.probability", "sheet.window_end", "sheet.outcome", "sheet.brier", "sheet.known_from"];
        let record = &self.report.track_record;
        let said = |s: &Said| {
            let (id, name) = s.unit.as_ref().map_or((Cell::Empty, Cell::Empty), |u| (Cell::text(u), self.name_of(u)));
            vec![Cell::Day(s.edition.0), Cell::text(&s.statement), id, name, Cell::share(Some(s.probability)), Cell::Day(s.window_end.0)]
        };
        let scored = record.scored.iter().map(|s| [said(&s.said), vec![self.yes(s.outcome), Cell::Number(s.brier, Shown::Decimals(3)), Cell::text(&s.known_from)]].concat());
        let open = record.open.iter().chain(&record.says).map(|s| [said(s), vec![Cell::Text(self.word("sheet.not_yet")), Cell::Empty, Cell::Empty]].concat());
        self.table("sheet.statements", &columns, scored.chain(open).collect())
    }

    fn method(&self) -> Table {
        let columns = ["sheet.ranking", "labels.dimension", "labels.operator", "labels.coverage", "sheet.part", "labels.weights"];
        let mut rows: Vec<Vec<Cell>> = self
            .report
            .method
            .trees
            .iter()
            .flat_map(|n| n.children.iter().map(move |(name, weight)| (n, name, weight)))
            .map(|(n, name, weight)| vec![self.label(&n.kind), self.t(&n.dimension), self.t(&n.operator), Cell::Number(n.minimum_coverage, Shown::Full), self.t(name), Cell::Number(*weight, Shown::Full)])
            .collect();
        // The classes with their lower edges close the table.
        rows.extend(self.report.method.classes.iter().map(|c| {
            let edge = c.at_or_above.map_or(Cell::Empty, |x| Cell::text(&format!("≥ {}", significant(x, self.language))));
            vec![self.label("class"), self.t(&c.label), edge, Cell::Empty, Cell::Empty, Cell::Empty]
        }));
        self.table("sheet.method", &columns, rows)
    }

    fn indicators(&self) -> Table {
        let columns = ["sheet.ranking", "labels.indicator", "sheet.definition", "labels.dimension", "sheet.unit_of_measurement", "labels.weight", "sheet.risk_direction", "labels.scoring", "labels.asked_by"];
        let notes = self.report.rankings.iter().flat_map(|t| t.indicators.iter().map(move |i| (t, i)));
        let rows = notes.map(|(t, i)| {
            let dimension = t.dimensions.iter().find(|d| d.id == i.dimension).map_or_else(|| Cell::text(&i.dimension), |d| self.t(&d.label));
            let riskier = self.word(if i.higher_is_riskier { "sheet.higher" } else { "sheet.lower" });
            vec![
                self.label(&t.kind),
                self.t(&i.label),
                self.t(&i.definition),
                dimension,
                self.t(&i.unit_of_measurement),
                Cell::share(Some(i.effective_weight)),
                Cell::Text(riskier),
                self.t(&i.scoring),
                self.joined(i.asked_by.iter().cloned()),
            ]
        });
        self.table("sheet.indicators", &columns, rows.collect())
    }

    fn data(&self) -> Table {
        let columns = ["labels.dataset", "sheet.name", "sheet.citation", "labels.kind", "labels.vintage", "labels.licence"];
        let rows = self.report.data.iter().map(|d| {
            vec![Cell::text(&d.id), Cell::text(&d.title), Cell::text(&d.citation), self.t(&term(&d.kind, &d.kind)), self.t(&d.vintage), Cell::text(&d.licence)]
        });
        self.table("sheet.data", &columns, rows.collect())
    }

    fn gaps(&self) -> Table {
        self.table("sheet.gaps", &["labels.gaps"], self.report.gaps.iter().map(|g| vec![self.t(g)]).collect())
    }
}

/// The text with a mark that tells how much was cut, if it is longer than a cell may be.
///
/// Workbooks count in units of UTF-16.
pub fn cut(text: &str, most: usize, language: Language) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let total = text.chars().count();
    let mark = |n: usize| plain(say!("sheet.cut", n = Arg::from(n)).get(language));
    // The mark for the whole text is the longest that there can be.
    let room = most.saturating_sub(mark(total).encode_utf16().count());
    let mut used = 0;
    let kept: String = text.chars().take_while(|c| { used += c.len_utf16(); used <= room }).collect();
    format!("{kept}{}", mark(total - kept.chars().count()))
}
