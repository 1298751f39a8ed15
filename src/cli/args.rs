use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::when::WhenArgs;
use crate::report::render;
use crate::text::Language;

/// Seed of everything that is drawn by chance, where none is given.
pub const SEED: u64 = 20_250_701;

/// Scores provinces and border crossings for the risk that armed-group violence reaches them,
/// and writes ranked, explained, dated reports.
///
/// Without --workspace, the folders `indicators` and `datasets` of the current folder are used when
/// both exist, else the data inside the program.
///
/// Exit codes: 0 fine, 1 findings, 2 failure.
#[derive(Debug, Parser)]
#[command(name = "tukhum", version, max_term_width = 80)]
pub struct Arguments {
    /// Folder with `indicators` and `datasets`
    #[arg(long, short, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,

    /// Administrative level of the units that are scored; admin2 and admin3 need boundaries of that level
    #[arg(long, global = true, value_enum, default_value = "admin1")]
    pub units: UnitsArg,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnitsArg {
    Admin1,
    Admin2,
    Admin3,
}

impl UnitsArg {
    pub fn level(self) -> u8 {
        match self {
            Self::Admin1 => 1,
            Self::Admin2 => 2,
            Self::Admin3 => 3,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an edition: report as page, text and workbook, tables, map layer, data
    Report(ReportArgs),
    /// Print a ranking
    Score(ScoreArgs),
    /// Explain a unit's score: drivers, rows, alerts, what would move it
    Explain(ExplainArgs),
    /// Answer "strategic shift or circumstantial escalation?" by the declared battery
    Assess(AssessArgs),
    /// Open the workspace in the browser: editions with live weights, changes, weight sets to save
    ///
    /// Listens on this machine alone, on an address that nobody can guess.
    Studio(StudioArgs),
    /// Tell what is new since the last run, for a scheduled job
    ///
    /// Rules that newly fire, escalate or end, surges, first-time targets and synchronised
    /// operations are told once each: the state file keeps what was told. When nothing is new,
    /// nothing is said.
    ///
    /// Exit codes: 0 nothing new at or above the severity, 1 something, 2 failure.
    Watch(WatchArgs),
    /// Show which ranks and scores moved between two editions, and why
    Compare(CompareArgs),
    /// Show what would change if a raw value of a unit or a weight were another
    Whatif(WhatIfArgs),
    /// Show how sure the ranks are, and what their doubt comes from
    Sensitivity(SensitivityArgs),
    /// Show nominal weight, effective weight and importance side by side, for each weight set
    Weights(WeightsArgs),
    /// Show whether the indicators fit together, and what each of them does to the ranks
    Coherence(CoherenceArgs),
    /// Tell whether the ranking, or any baseline, has foreseen violence
    Backtest(BacktestArgs),
    /// Foretell deadly events of the months ahead, with what drives each probability
    Forecast(ForecastArgs),
    /// Propose weights that would have ranked better, or say that the analysts' should stay
    Tune(TuneArgs),
    /// Compute an index on any table: COINr's iMeta and iData, or a TOML file and a table
    Index(IndexArgs),
    /// Import event files as they were downloaded into the workspace
    Import(ImportArgs),
    /// Count event files of any size by area and month
    ///
    /// CSV (plain or .gz), Parquet, or folders of them with parts such as year=2024/month=07. Memory
    /// does not grow with the number of rows. The result is a file for `tukhum import`.
    Aggregate(AggregateArgs),
    /// Show the datasets with their releases and coverage, or compare two sources
    Sources(SourcesArgs),
    /// Download a publisher's file into the workspace; nothing else goes to the network
    Fetch(FetchArgs),
    /// Check the workspace and report all problems at once
    Check,
    /// Write the bundled workspace into a new folder, to start one's own
    Init(InitArgs),
    /// Print shell completions
    Completions(CompletionArgs),
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub when: WhenArgs,

    /// Folder in which the edition's own folder is written
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,

    /// Seed of everything that is drawn by chance
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,

    /// Forms to write, all of the usual ones by default
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORM,…", default_values_t = render::Format::USUAL)]
    pub formats: Vec<render::Format>,

    /// Languages to write
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LANGUAGE,…", default_values_t = Language::ALL)]
    pub lang: Vec<Language>,

    /// Write a row of HXL hashtags under the header of CSV tables
    #[arg(long)]
    pub hxl: bool,
}

impl ReportArgs {
    pub fn wanted(&self) -> render::Wanted {
        render::Wanted { formats: self.formats.iter().copied().collect(), languages: self.lang.iter().copied().collect(), hxl: self.hxl }
    }
}

#[derive(Debug, Args)]
pub struct StudioArgs {
    /// Port on this machine; a free one by default
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Which ranking
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Province or crossing, by any of its names or spellings, in any script
    pub unit: String,

    #[command(flatten)]
    pub when: WhenArgs,

    /// Say why the unit stands above or below this one
    #[arg(long, value_name = "UNIT")]
    pub against: Option<String>,
}

#[derive(Debug, Args)]
pub struct AssessArgs {
    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: AssessFormat,

    /// Seed of everything that is drawn by chance
    #[arg(long, default_value_t = 20250701)]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AssessFormat {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Day up to which is looked, yyyy-mm-dd; a scheduled job gives today
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,

    /// File that keeps what was told; made by the first run
    #[arg(long, value_name = "FILE", default_value = "tukhum-watch.json")]
    pub state: PathBuf,

    /// From which severity on something new makes exit code 1
    #[arg(long, value_enum, default_value = "warning")]
    pub severity: SeverityArg,

    /// Words, one JSON object a line, or a message of the Common Alerting Protocol 1.2
    #[arg(long, value_enum, default_value = "text")]
    pub format: WatchFormat,

    /// For cap: who sends the message, a name that no other sender has
    #[arg(long, value_name = "NAME", required_if_eq("format", "cap"))]
    pub sender: Option<String>,

    /// For cap: moment of sending, yyyy-mm-ddThh:mm:ss±hh:mm; the start of the day, UTC, by default
    #[arg(long, value_name = "MOMENT")]
    pub sent: Option<String>,

    /// For cap: status Exercise, not Actual
    #[arg(long)]
    pub exercise: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    Text,
    Jsonl,
    Cap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityArg {
    Watch,
    Warning,
    Alarm,
}

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Earlier edition: its folder, or its day below `reports`
    pub before: String,
    /// Later edition
    pub after: String,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct SensitivityArgs {
    /// Which framework
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    /// Unit whose score the indices and weight ranges are about; the ranks of all if not given
    #[arg(long, value_name = "UNIT")]
    pub of: Option<String>,

    /// Say how often the unit of --of is above this one
    #[arg(long, value_name = "UNIT", requires = "of")]
    pub against: Option<String>,

    /// Number of draws
    #[arg(long, default_value_t = 1000)]
    pub draws: usize,

    /// Each weight moves by up to this share of itself
    #[arg(long, default_value_t = 0.25, conflicts_with = "dirichlet")]
    pub phi: f64,

    /// Draw the weights of each dimension from a Dirichlet distribution of this concentration instead
    #[arg(long, value_name = "C")]
    pub dirichlet: Option<f64>,

    /// Seed of everything that is drawn by chance
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,

    /// Ranks up to this one count as the top
    #[arg(long, default_value_t = 5, value_name = "K")]
    pub top: usize,

    /// Base points of the Sobol indices; 0 leaves them out
    #[arg(long, default_value_t = 256, value_name = "N")]
    pub points: usize,

    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct WhatIfArgs {
    /// Province or crossing, by any of its names or spellings, in any script
    pub unit: String,

    /// Changes: indicator=value for a raw value of the unit (or indicator=missing), weight.ID=w for
    /// the weight of an indicator or dimension within its dimension
    #[arg(required = true, value_name = "NAME=VALUE")]
    pub changes: Vec<String>,

    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct WeightsArgs {
    #[command(subcommand)]
    pub action: Option<WeightsAction>,

    /// Which framework
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    /// Weight set: `analysts` or a file of indicators/<kind>/weights/; all if not given
    #[arg(long, value_name = "NAME")]
    pub set: Option<String>,

    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct CoherenceArgs {
    /// Which framework
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    #[command(flatten)]
    pub when: WhenArgs,

    /// CSV has the correlations
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct BacktestArgs {
    /// Which units
    #[arg(value_enum, default_value = "provinces")]
    pub kind: PanelArg,

    /// What is foretold of the month: any deadly event, their count, the first after six quiet
    /// months, or more than the unit's own history gave a chance of 5 %
    #[arg(long, value_enum, default_value = "any")]
    pub target: TargetArg,

    /// Months ahead
    #[arg(long, value_name = "MONTHS", value_delimiter = ',', default_value = "1,2,3,6,12")]
    pub horizons: Vec<u32>,

    /// First origin, yyyy-mm; January 2022 for the workspace's data, on which no choice was made
    #[arg(long, value_name = "MONTH")]
    pub from: Option<String>,

    /// Last origin, yyyy-mm; the last that the data allow by default
    #[arg(long, value_name = "MONTH")]
    pub to: Option<String>,

    /// Months until a month is known, where the releases of the time are not at hand
    #[arg(long, value_name = "MONTHS", default_value_t = 1)]
    pub reporting_delay: u32,

    /// Score units of these countries only, ISO 3166-1 alpha-3
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub countries: Vec<String>,

    /// For crossings: kilometres around them
    #[arg(long, value_name = "KM", default_value_t = 50.0)]
    pub radius: f64,

    /// Table of counts instead of the workspace's: unit, month, events, and deadly, deaths,
    /// latitude, longitude, country, region if there are any
    #[arg(long, value_name = "CSV")]
    pub counts: Option<PathBuf>,

    /// Leave out the index, which takes an edition per origin
    #[arg(long)]
    pub without_index: bool,

    /// Replicates of the bootstrap over origins that intervals come from
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub replicates: u64,

    /// Seed of everything that is drawn by chance
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// Which units
    #[arg(value_enum, default_value = "provinces")]
    pub kind: PanelArg,

    /// Day of the forecast, yyyy-mm-dd: it is made at the end of that month, or of the one before
    /// if the day is not its last; the last that the counts reach by default
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,

    /// Months ahead
    #[arg(long, value_name = "MONTHS", value_delimiter = ',', default_value = "1,3,6,12")]
    pub horizons: Vec<u32>,

    /// Months until a month is known, where the releases of the time are not at hand
    #[arg(long, value_name = "MONTHS", default_value_t = 1)]
    pub reporting_delay: u32,

    /// Tell the surroundings too, not the ranked units alone
    #[arg(long)]
    pub all: bool,

    /// Table of counts instead of the workspace's, as for `backtest`
    #[arg(long, value_name = "CSV")]
    pub counts: Option<PathBuf>,

    /// For crossings: kilometres around them
    #[arg(long, value_name = "KM", default_value_t = 50.0)]
    pub radius: f64,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct TuneArgs {
    /// Which ranking
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    /// Months ahead
    #[arg(long, value_name = "MONTHS", default_value_t = 1)]
    pub horizon: u32,

    /// For crossings: kilometres around them
    #[arg(long, value_name = "KM", default_value_t = 50.0)]
    pub radius: f64,

    /// Folder for the proposal as a new weight set, such as indicators/provinces/weights; written
    /// only if the gain is surely above 0, and never over a file that is there
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,

    /// Seed of the bootstrap
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PanelArg {
    Provinces,
    Admin2,
    Crossings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TargetArg {
    Any,
    Count,
    Onset,
    Surge,
}

#[derive(Debug, Subcommand)]
pub enum WeightsAction {
    /// Show which ranks and classes move from one weight set to another
    Compare(CompareSetsArgs),
}

#[derive(Debug, Args)]
pub struct CompareSetsArgs {
    /// First weight set
    pub a: String,
    /// Second weight set
    pub b: String,

    /// Which framework
    #[arg(value_enum, default_value = "provinces")]
    pub kind: KindArg,

    #[command(flatten)]
    pub when: WhenArgs,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("model").required(true).args(["imeta", "framework"])))]
pub struct IndexArgs {
    /// COINr's iMeta as CSV: Level, iCode, Direction, Weight, Parent, Type
    #[arg(long, value_name = "CSV", requires = "idata")]
    pub imeta: Option<PathBuf>,

    /// COINr's iData as CSV: uCode and a column per indicator
    #[arg(long, value_name = "CSV", requires = "imeta")]
    pub idata: Option<PathBuf>,

    /// Index in one TOML file: columns, normalisations, tree (see docs/schemas/index.json)
    #[arg(long, value_name = "TOML", requires = "data")]
    pub framework: Option<PathBuf>,

    /// Table of units and indicators as CSV
    #[arg(long, value_name = "CSV", requires = "framework")]
    pub data: Option<PathBuf>,

    /// Treat outliers by COINr's rule: winsorise at most five points, else take a logarithm
    #[arg(long, requires = "imeta")]
    pub treat: bool,

    /// Fill gaps: mean, median, group-mean or group-median
    #[arg(long, value_name = "HOW", requires = "imeta")]
    pub impute: Option<String>,

    /// Column of iData with the groups, where iMeta has not exactly one
    #[arg(long, value_name = "COLUMN", requires = "impute")]
    pub group: Option<String>,

    /// minmax[:LOW:HIGH], zscore[:MEAN:DEVIATION], goalposts[:LOW:HIGH], rank, borda, percentile,
    /// target, maximum, fraction or reference:UNIT
    #[arg(long, value_name = "METHOD", default_value = "minmax:0:100", conflicts_with = "framework")]
    pub normalise: String,

    /// arithmetic, geometric[:FLOOR], harmonic[:FLOOR], power:P[:FLOOR], or copeland at the top
    #[arg(long, value_name = "MEAN", default_value = "arithmetic", conflicts_with = "framework")]
    pub operator: String,

    /// Share of a node's children that a unit must have, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, conflicts_with = "framework")]
    pub min_coverage: f64,

    /// Folder for treated.csv, normalised.csv, scores.csv, ranks.csv, weights.csv and changes.csv
    #[arg(long, value_name = "DIR", default_value = "index")]
    pub out: PathBuf,

    /// Write index.json as well
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder to write into; it must not hold a workspace yet
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct CompletionArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Provinces,
    Crossings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Json,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files of one release: tables as CSV, XLSX, ODS, Parquet or JSON, plain, .gz or in a .zip; or boundaries
    /// as GeoJSON, zipped shapefiles, GeoPackage or FlatGeobuf
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Name of the dataset; a name of the source by default
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,

    /// Name of the release; the version in the file's name by default
    #[arg(long)]
    pub release: Option<String>,

    /// Day on which the release became known, yyyy-mm-dd
    #[arg(long, value_name = "DAY")]
    pub published: Option<String>,

    /// Countries that the release covers in full, ISO 3166-1 alpha-3; those with rows by default
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub areas: Vec<String>,

    /// First day that the release covers; the first month with a row by default
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,

    /// Last day that the release covers; the last month with a row by default
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,

    /// Among sources of the same area and time the lowest number is used; 0 by default, 10 for boundaries
    #[arg(long, value_name = "NUMBER")]
    pub precedence: Option<u32>,

    /// Boundaries: administrative level of the units, 0 to 3; what the columns tell by default
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: Option<u8>,

    /// Sheet of a workbook; the first that looks like a known table by default
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,

    /// Format of the files; what their first bytes say by default
    #[arg(long, value_name = "FORMAT", value_parser = crate::import::source::Format::ALL.map(|(_, name, _)| name))]
    pub format: Option<String>,

    /// What the columns mean, in a TOML file
    #[arg(long, value_name = "MAPPING")]
    pub map: Option<PathBuf>,

    /// Print a first mapping for the file, and import nothing
    #[arg(long)]
    pub guess: bool,
}

#[derive(Debug, Args)]
pub struct AggregateArgs {
    /// Event files, or folders of them: UCDP, ACLED, or any table with --map
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// What events are counted by
    #[arg(long, value_enum, default_value = "admin1")]
    pub by: AreaArg,

    /// What the columns mean, in a TOML file
    #[arg(long, value_name = "MAPPING")]
    pub map: Option<PathBuf>,

    /// Last day that is counted, yyyy-mm-dd; adds sums that are decayed to this day
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,

    /// Months after which an event weighs half in decayed sums
    #[arg(long, value_name = "MONTHS", default_value_t = 6.0, requires = "as_of")]
    pub half_life_months: f64,

    /// Name of the release in the result
    #[arg(long, default_value = "1")]
    pub release: String,

    /// File to write, .csv or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AreaArg {
    Country,
    /// The source's name of the first-level unit
    Admin1,
    /// The source's names of the first- and second-level unit
    Admin2,
    /// The province of the workspace that the point lies in
    Point,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SourcesArgs {
    #[command(subcommand)]
    pub action: Option<SourcesAction>,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub enum SourcesAction {
    /// Compare the counts of two exhaustive sources where both cover the same months
    Compare(CompareSourcesArgs),
    /// Print the counting of `tukhum aggregate` as SQL, for events that lie in a database
    Sql(SqlArgs),
}

#[derive(Debug, Args)]
pub struct CompareSourcesArgs {
    /// First dataset
    pub a: String,
    /// Second dataset
    pub b: String,

    /// All units or all months, instead of the unit-months that differ most
    #[arg(long, value_enum)]
    pub by: Option<SourcesBy>,

    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SourcesBy {
    Unit,
    Month,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// Spark, Trino, BigQuery and PostgreSQL take `standard`
    #[arg(long, value_enum, default_value = "standard")]
    pub dialect: DialectArg,

    /// Columns of the table: a layout that the program knows (ucdp or acled), or a mapping in TOML
    #[arg(long, value_name = "LAYOUT", default_value = "ucdp")]
    pub layout: String,

    /// Table or view with the events
    #[arg(long, default_value = "events")]
    pub table: String,

    /// What events are counted by
    #[arg(long, value_enum, default_value = "admin1")]
    pub by: AreaArg,

    /// Last day that is counted, to which sums are decayed, yyyy-mm-dd
    #[arg(long, value_name = "DAY")]
    pub as_of: String,

    /// Months after which an event weighs half in decayed sums
    #[arg(long, value_name = "MONTHS", default_value_t = 6.0)]
    pub half_life_months: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DialectArg {
    Standard,
    Duckdb,
}

#[derive(Debug, Args)]
pub struct FetchArgs {
    #[command(subcommand)]
    pub source: FetchSource,

    /// TOML file with ucdp_token, acled_email, acled_password, readable by its owner alone; the
    /// environment's TUKHUM_UCDP_TOKEN, TUKHUM_ACLED_EMAIL, TUKHUM_ACLED_PASSWORD come first
    #[arg(long, global = true, value_name = "FILE")]
    pub credentials: Option<PathBuf>,

    /// Largest download in bytes
    #[arg(long, global = true, value_name = "BYTES", default_value_t = 2 << 30)]
    pub largest: u64,

    /// Another server, for tests
    #[arg(long, global = true, value_name = "URL", hide = true)]
    pub base_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum FetchSource {
    /// Events of UCDP GED or Candidate; needs a token
    Ucdp {
        /// Release: 25.1 is a yearly one, 25.0.7 the Candidate release of July 2025
        #[arg(long, value_name = "VERSION")]
        version: String,
        /// Countries, ISO 3166-1 alpha-3 or Gleditsch–Ward numbers; all by default
        #[arg(long, value_name = "CODES", value_delimiter = ',')]
        country: Vec<String>,
        /// First day on which an event may end
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Last day on which an event may end
        #[arg(long, value_name = "DAY")]
        to: Option<String>,
    },
    /// Events of ACLED; needs an account
    Acled {
        /// Countries, ISO 3166-1 alpha-3 or ACLED's names
        #[arg(long, required = true, value_name = "CODES", value_delimiter = ',')]
        country: Vec<String>,
        /// First day
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day
        #[arg(long, value_name = "DAY")]
        to: String,
    },
    /// Boundaries of a country's administrative level
    Geoboundaries {
        /// Country, ISO 3166-1 alpha-3
        #[arg(long, value_name = "CODE")]
        country: String,
        /// Administrative level
        #[arg(long, value_name = "LEVEL", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=5))]
        level: u8,
    },
    /// A file of the Humanitarian Data Exchange
    Hdx {
        /// Dataset: the last part of its page's address, such as cod-ab-mli
        dataset: String,
        /// File, by name, id or format
        #[arg(long, value_name = "NAME")]
        resource: Option<String>,
    },
}
