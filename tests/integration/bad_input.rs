//! What a person sees who gives the program something wrong: one snapshot for each case.
//!
//! Each diagnostic tells the value, the place, the rule and the way out. Snapshots are read by a
//! person before they are accepted.

use super::support::*;

/// One test a case: what is done to the sound workspace, and a snapshot of what is said of it.
macro_rules! cases {
    ($start:ident: $($(#[doc = $what:literal])+ $name:ident: $change:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let change: fn(Draft) -> Draft = $change;
                let problems = change(Draft::$start()).problems();
                insta::with_settings!({ description => concat!($($what),+).trim(), omit_expression => true }, {
                    insta::assert_snapshot!(stringify!($name), problems);
                });
            }
        )+
    };
}

const EVENT_RATE: &str = "indicators/provinces/threat/event_rate.toml";
const LEVIES: &str = "indicators/provinces/control/levies.toml";
const TREE: &str = "indicators/provinces/framework.toml";
const RULE: &str = "indicators/rules/severe_threat.toml";

mod toml {
    use super::*;

    cases! {
        tiny:

        /// A quotation mark is missing.
        toml_syntax: |d| d.replace(EVENT_RATE, "direction = \"higher_is_riskier\"", "direction = \"higher_is_riskier");

        /// Two lines of one file cannot be read: both are told.
        toml_syntax_twice: |d| d.replace(EVENT_RATE, "name = \"event_rate\"", "name = \"event_rate").replace(EVENT_RATE, "en = \"Deadly attack rate\"", "en = Deadly attack rate");

        /// A key is misspelt.
        unknown_key: |d| d.replace(EVENT_RATE, "max_age_months", "max_age_month");

        /// A key at the top is not known.
        unknown_key_at_the_top: |d| d.replace(EVENT_RATE, "[label]", "colour = \"red\"\n\n[label]");

        /// A key is left out.
        missing_key: |d| d.replace(EVENT_RATE, "direction = \"higher_is_riskier\"\n", "");

        /// A key of an inner table is left out.
        missing_inner_key: |d| d.replace(EVENT_RATE, "reason = \"No deadly event in a covered year.\"\n", "");

        /// A text stands where a number is wanted.
        wrong_type: |d| d.replace(EVENT_RATE, "value = 4.34", "value = \"4.34\"");

        /// A fraction stands where a whole number is wanted.
        fraction_for_whole: |d| d.replace(EVENT_RATE, "window_months = 12", "window_months = 12.5");

        /// A single text stands where a list is wanted.
        text_for_list: |d| d.replace(LEVIES, "datasets = [\"status_facts\"]", "datasets = \"status_facts\"");

        /// A day is written in quotes.
        quoted_day: |d| d.replace(EVENT_RATE, "valid_from = 2010-01-01", "valid_from = \"2010-01-01\"");

        /// A day does not exist.
        impossible_day: |d| d.replace(EVENT_RATE, "valid_from = 2010-01-01", "valid_from = 2010-02-30");

        /// A day has a time of day.
        day_with_time: |d| d.replace(EVENT_RATE, "valid_from = 2010-01-01", "valid_from = 2010-01-01T12:00:00Z");

        /// Goalposts stand the wrong way round.
        goalposts_reversed: |d| d.replace(EVENT_RATE, "value = 0\n", "value = 9\n");

        /// Goalposts are the same.
        goalposts_zero_width: |d| d.replace(EVENT_RATE, "value = 4.34", "value = 0");

        /// A goalpost is not a number.
        goalpost_nan: |d| d.replace(EVENT_RATE, "value = 4.34", "value = nan");

        /// Bands are not in order.
        bands_out_of_order: |d| d.replace(LEVIES, "from = 1\n", "from = 2.5\n");

        /// A measure is misspelt.
        unknown_measure: |d| d.replace(EVENT_RATE, "name = \"event_rate\"", "name = \"event_rates\"");

        /// A measure does not have the parameter.
        unknown_measure_parameter: |d| d.replace(LEVIES, "open_days = 730", "half_life_days = 730");

        /// A dataset is not in the workspace.
        unknown_dataset: |d| d.replace(EVENT_RATE, "\"ucdp_events\", ", "\"ucdp_event\", ");

        /// A weight is below zero.
        weight_negative: |d| d.replace(TREE, "weight = 0.45", "weight = -0.45");

        /// A weight is not a number.
        weight_nan: |d| d.replace(TREE, "weight = 0.45", "weight = nan");

        /// All weights of a dimension are zero.
        weights_sum_to_zero: |d| d
            .replace(TREE, "weight = 0.3\nrationale = \"Sieges", "weight = 0\nrationale = \"Sieges")
            .replace(TREE, "weight = 0.25\nrationale = \"Levies", "weight = 0\nrationale = \"Levies")
            .replace(TREE, "weight = 0.3\nrationale = \"Roads", "weight = 0\nrationale = \"Roads")
            .replace(TREE, "weight = 0.15\nrationale = \"Camps", "weight = 0.0\nrationale = \"Camps");

        /// A dimension is below itself.
        cycle: |d| d.append(TREE, "\n[[dimension.child]]\nid = \"risk\"\nweight = 1\nrationale = \"A wrong turn.\"\n");

        /// Two dimensions hold each other and hang on nothing.
        island: |d| d.append(TREE, &(dimension("north", "south") + &dimension("south", "north")));

        /// Two indicators have the same name.
        duplicate_indicator: |d| d.replace(LEVIES, "id = \"levies\"", "id = \"event_rate\"");

        /// Two rules have the same name.
        duplicate_rule: |d| d.replace(RULE, "id = \"severe_threat\"", "id = \"partner_gap\"");

        /// Two recommendations have the same name.
        duplicate_recommendation: |d| d.replace("indicators/recommendations/transparency.toml", "id = \"transparency\"", "id = \"early_warning\"");

        /// An indicator hangs on two dimensions.
        two_parents: |d| d.append(TREE, "\n[[dimension.child]]\nid = \"levies\"\nweight = 0.1\nrationale = \"Once more.\"\n");

        /// An indicator joins a dimension, and another one lists it.
        joins_and_listed: |d| d.append(LEVIES, "\n[joins]\ndimension = \"protection\"\nweight = 0.1\nrationale = \"Once more.\"\n");

        /// An indicator joins a dimension that does not exist.
        joins_unknown: |d| d
            .append(LEVIES, "\n[joins]\ndimension = \"controls\"\nweight = 0.1\nrationale = \"Elsewhere.\"\n")
            .replace(TREE, "[[dimension.child]]\nid = \"levies\"\nweight = 0.25\nrationale = \"Levies show a claim to rule (D2, paragraph 9).\"\n", "");

        /// The tree names an indicator without a file.
        unknown_child: |d| d.replace(TREE, "id = \"event_rate\"", "id = \"event_rat\"");

        /// A rule uses a name that the framework does not have.
        rule_unknown_name: |d| d.replace(RULE, "threat >= 6.5", "thread >= 6.5");

        /// A condition cannot be read.
        rule_syntax: |d| d.replace(RULE, "threat >= 6.5 AND", "threat >= >= 6.5 AND");

        /// A condition compares a number with a text.
        rule_number_with_text: |d| d.replace(RULE, "threat >= 6.5", "threat >= 'high'");

        /// A condition ends too early.
        rule_cut_short: |d| d.replace(RULE, "community_reporting < 3)", "community_reporting <");

        /// A condition is a number, not true or false.
        rule_not_a_condition: |d| d.replace(RULE, "condition = \"threat >= 6.5 AND (community_reporting IS NULL OR community_reporting < 3)\"", "condition = \"threat + 1\"");

        /// A rule triggers a recommendation that does not exist.
        rule_unknown_recommendation: |d| d.replace(RULE, "recommendation = \"border_communities\"", "recommendation = \"border_community\"");

        /// A severity is not in the list.
        rule_unknown_severity: |d| d.replace(RULE, "severity = \"warning\"", "severity = \"urgent\"");

        /// A file is not UTF-8.
        toml_not_utf8: |d| {
            let latin1: Vec<u8> = d.text(EVENT_RATE).chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            d.set(EVENT_RATE, latin1)
        };

        /// A file is empty.
        toml_empty: |d| d.set(RULE, "");

        /// Editions are not in the order of time.
        editions_out_of_order: |d| d.replace("indicators/editions.toml", "2024-12-31", "2025-12-30");

        /// The tree is missing.
        no_framework: |d| d.remove(TREE);
    }

    fn dimension(id: &str, child: &str) -> String {
        format!(
            "\n[[dimension]]\nid = \"{id}\"\nlabel = {{ en = \"{id}\", fr = \"{id}\", ar = \"{id}\" }}\noperator = {{ kind = \"arithmetic\" }}\n\
             operator_reason = \"A test.\"\nminimum_coverage = 0.5\ncoverage_reason = \"A test.\"\n\n\
             [[dimension.child]]\nid = \"{child}\"\nweight = 1\nrationale = \"A test.\"\n"
        )
    }
}

mod manifest {
    use super::*;

    cases! {
        small:

        /// The table was changed after the manifest was written.
        hash_differs: |d| d.replace(&table("trade"), "trucks, lower bound", "trucks, upper bound");

        /// The table is not there.
        table_missing: |d| d.remove(&table("trade"));

        /// The manifest is not there.
        manifest_missing: |d| d.remove(&manifest("trade"));

        /// A manifest cannot be read: what other files say of its table is not held against them.
        manifest_unreadable: |d| d.replace(&manifest("status_facts"), "kind = \"ledger\"", "kind = ledger");

        /// Coverage ends before it begins.
        coverage_reversed: |d| d.replace(&manifest("trade"), "from = 2010-01-01", "from = 2030-01-01");

        /// A dataset says that it is exhaustive, but not of what.
        exhaustive_without_coverage: |d| {
            let text = d.text(&manifest("ucdp_counts_25_1_country")).to_owned();
            let start = text.find("[[coverage]]").expect("it has coverage");
            let end = text.find("[[column]]").expect("it has columns");
            d.set(&manifest("ucdp_counts_25_1_country"), text[..start].to_owned() + &text[end..])
        };

        /// An exhaustive dataset of events does not say which of two sources goes before.
        exhaustive_without_precedence: |d| d.replace(&manifest("ucdp_events"), "precedence = 3\n", "");

        /// The name of a dataset is not that of its folder.
        id_not_folder: |d| d.replace(&manifest("trade"), "id = \"trade\"", "id = \"commerce\"");

        /// A shape does not exist.
        unknown_shape: |d| d.replace(&manifest("trade"), "shape = \"trade\"", "shape = \"trades\"");
    }
}

mod csv {
    use super::*;

    cases! {
        small:

        /// The table lacks a column that the manifest describes.
        missing_column: |d| d.replace_in_table("trade", ",unit,year,", ",units,year,");

        /// The table has a column that the manifest does not describe.
        undescribed_column: |d| {
            let text: String = d.text(&table("trade")).lines().enumerate().map(|(i, l)| format!("{l},{}\n", if i == 0 { "colour" } else { "red" })).collect();
            d.set_table("trade", text)
        };

        /// A byte is not UTF-8.
        invalid_utf8: |d| {
            let mut bytes = d.text(&table("ledger_events")).as_bytes().to_vec();
            let at = bytes.windows(2).position(|w| w == "é".as_bytes()).expect("it has an é");
            bytes.splice(at..at + 2, [0xe9]);
            d.set_table("ledger_events", bytes)
        };

        /// The file begins with a byte order mark.
        byte_order_mark: |d| {
            let text = format!("\u{feff}{}", d.text(&table("trade")));
            d.set_table("trade", text)
        };

        /// Lines end in CR LF.
        crlf: |d| {
            let text = d.text(&table("trade")).replace('\n', "\r\n");
            d.set_table("trade", text)
        };

        /// One row is too short, one too long.
        ragged_rows: |d| d.append_line("trade", "Kidira,,lorries,1").append_line("trade", "Kidira,,lorries,1,lorries,2024,,,,2024-01-01,day,B,2,too much");

        /// A day does not exist.
        date_not_in_calendar: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("date", "2025-02-30")]);

        /// A year is that of another age.
        date_in_another_age: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("date", "0203-07-01")]);

        /// An event became known before it happened.
        date_after_published: |d| d.append_copy("ledger_events", |r| r.get("published") == "2022-12-01", &[("event_id", "EV-X"), ("date", "2023-01-01")]);

        /// A point lies outside the world.
        outside_the_world: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("latitude", "151.1"), ("longitude", "-181")]);

        /// The lowest number of deaths is above the highest.
        low_above_high: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("deaths_low", "9"), ("deaths_best", "4"), ("deaths_high", "3")]);

        /// Deaths are below zero.
        negative_deaths: |d| d.append_copy("ucdp_events", |_| true, &[("event_id", "1"), ("deaths_best", "-3")]);

        /// A number is a word.
        not_a_number: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("deaths_best", "four")]);

        /// A number has a comma as decimal mark.
        decimal_comma: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("latitude", "15,1")]);

        /// An id occurs twice.
        duplicated_id: |d| d.append_copy("ledger_events", |_| true, &[]);

        /// A unit of one table has the id of a unit of another.
        duplicated_unit: |d| d.append_copy("crossings", |_| true, &[("id", "ML-1")]);

        /// A required cell is empty.
        empty_cell: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("actor", "")]);

        /// A value is not in the column's list.
        value_not_in_list: |d| d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("actor_kind", "rebels")]);

        /// A row names a province that no table of units has.
        unknown_unit: |d| d.append_copy("status_facts", |_| true, &[("fact_id", "F-X"), ("unit_ids", "ML-1;ML-11")]);

        /// A unit is gone that many rows name: the first are listed, the rest counted.
        unit_gone: |d| d.replace_in_table("crossings", "\nml-sn-diboli-kidira,", "\nml-sn-diboli,");

        /// A claim is about an event that the ledger does not have.
        unknown_event: |d| d.append_copy("ledger_claims", |r| !r.get("event_id").is_empty(), &[("claim_id", "C-X"), ("event_id", "EV-NOWHERE")]);

        /// A table is empty.
        empty_file: |d| d.set_table("trade", "");

        /// One table has foreign line ends, a ragged row, a foreign column, an impossible day and a number out of bounds: all are told.
        everything_at_once: |d| {
            let d = d.append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("date", "2025-02-30"), ("latitude", "95")]).append_line("ledger_events", "EV-Y,2025-07-01");
            let text = d.text(&table("ledger_events")).replacen("outcome", "outcomes", 1).replace('\n', "\r\n");
            d.set_table("ledger_events", text)
        };

        /// More cells are wrong than anybody wants to read: the first are listed, the rest counted.
        many_wrong_cells: |d| d.change_rows("ledger_events", |_| true, |r| r.set("date_precision", "roughly"));

        /// Boundaries are no GeoJSON.
        broken_geometry: |d| {
            let path = "datasets/boundaries/boundaries.geojson";
            let half = d.text(path)[..20_000].to_owned();
            let hash = tukhum::datasets::sha256(half.as_bytes());
            let old = tukhum::datasets::sha256(d.text(path).as_bytes());
            d.replace("datasets/boundaries/manifest.toml", &old, &hash).set(path, half)
        };
    }

    /// A table with a header and no row is sound: nothing is known, and the edition says so.
    #[test]
    fn header_only_is_an_empty_table() {
        let header = |d: Draft, dataset: &str| {
            let line = d.text(&table(dataset)).lines().next().expect("it has a header").to_owned() + "\n";
            d.set_table(dataset, line)
        };
        let draft = ["trade", "status_facts", "ledger_claims", "ledger_events", "ucdp_events"].into_iter().fold(Draft::small(), header);
        let sources = draft.read();
        assert!(sources.datasets.ledger.is_empty() && sources.datasets.facts.is_empty());
        let report = files(&sources, AFTER);
        assert!(report["report.md"].contains("Kayes"), "units stay in the report");
    }
}

/// Six different problems in six files come up in one run.
#[test]
fn all_problems_in_one_run() {
    let draft = Draft::small()
        .replace(EVENT_RATE, "value = 4.34", "value = 0")
        .replace(LEVIES, "open_days = 730", "open_day = 730")
        .replace(RULE, "recommendation = \"border_communities\"", "recommendation = \"nothing\"")
        .replace("indicators/crossings/framework.toml", "weight = 0.45", "weight = -1")
        .append_copy("ledger_events", |_| true, &[("event_id", "EV-X"), ("date", "2025-02-30")])
        .remove(&table("trade"));
    let problems = draft.problems();
    for code in ["goalposts-zero-width", "unknown-key", "unknown-name", "weight-negative", "absurd-date", "no-table"] {
        assert!(problems.contains(&format!("error[{code}]")), "{code} is not among them:\n{problems}");
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(problems) });
}
