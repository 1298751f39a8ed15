//! The command line: arguments in, library call, words out. One file per command.

mod aggregate;
mod args;
mod assess;
mod backtest;
mod check;
mod coherence;
mod compare;
mod complete;
mod explain;
mod fetch;
mod forecast;
mod import;
mod import_boundaries;
mod index;
mod init;
mod paragraph;
mod progress;
mod report;
mod score;
mod sensitivity;
mod sources;
mod studio;
mod table;
mod tune;
mod watch;
mod weights;
mod what_if;
mod when;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anstream::AutoStream;
use clap::{CommandFactory, Parser};
use jiff::civil::Date;

use crate::datasets::Resolver;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, near_names};
use crate::edition::Sources;
use crate::text::parse_day;
use crate::workspace::Workspace;
use args::{Arguments, Command};

/// Everything was fine.
const FINE: u8 = 0;
/// The program ran and found something: problems in a check, differences in a comparison.
const FINDINGS: u8 = 1;
/// The program could not do what it was asked.
const FAILURE: u8 = 2;

/// Why a command could not do what it was asked.
pub(crate) enum Failure {
    Problems(Diagnostics),
    /// The reader of a pipe went away: nothing more to say.
    Closed,
}

impl From<Diagnostics> for Failure {
    fn from(problems: Diagnostics) -> Self {
        Self::Problems(problems)
    }
}

impl From<Diagnostic> for Failure {
    fn from(problem: Diagnostic) -> Self {
        let mut problems = Diagnostics::default();
        problems.push(problem);
        Self::Problems(problems)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Diagnostic::error("output", error.to_string(), Place::Argument)
            .rule("what is asked for can be written")
            .help("check the path, the permissions and the space left")
            .into()
    }
}

/// Runs the program and gives its exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { FAILURE } else { FINE });
        }
    };
    let mut out = AutoStream::auto(std::io::stdout());
    match run(&arguments, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?)) {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Closed) => ExitCode::from(FINE),
        Err(Failure::Problems(problems)) => {
            tell(&problems);
            ExitCode::from(FAILURE)
        }
    }
}

fn run(arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    match &arguments.command {
        Command::Report(a) => report::run(a, &open(arguments)?, out),
        Command::Score(a) => score::run(a, &open(arguments)?, out),
        Command::Explain(a) => explain::run(a, &open(arguments)?, out),
        Command::Assess(a) => assess::run(a, &open(arguments)?, out),
        Command::Studio(a) => studio::run(a, arguments, out),
        Command::Watch(a) => watch::run(a, arguments, out),
        Command::Whatif(a) => what_if::run(a, &open(arguments)?, out),
        Command::Sensitivity(a) => sensitivity::run(a, &open(arguments)?, out),
        Command::Weights(a) => weights::run(a, &open(arguments)?, out),
        Command::Compare(a) => compare::run(a, out),
        Command::Coherence(a) => coherence::run(a, &open(arguments)?, out),
        Command::Backtest(a) => backtest::run(a, arguments, out),
        Command::Forecast(a) => forecast::run(a, arguments, out),
        Command::Tune(a) => tune::run(a, &open(arguments)?, out),
        Command::Index(a) => index::run(a, out),
        Command::Import(a) => import::run(a, arguments, out),
        Command::Aggregate(a) => aggregate::run(a, arguments, out),
        Command::Sources(a) => sources::run(a, arguments, out),
        Command::Fetch(a) => fetch::run(a, arguments, out),
        Command::Check => check::run(arguments, out),
        Command::Init(a) => init::run(a, out),
        Command::Completions(a) => complete::completions(a, Arguments::command(), out),
        Command::Man => complete::man(Arguments::command(), out),
    }
}

/// The workspace that was asked for, else the one in the current folder, else the bundled one.
fn workspace(arguments: &Arguments) -> Result<Workspace, Diagnostics> {
    match &arguments.workspace {
        Some(folder) => Workspace::read(folder),
        None if Workspace::is_at(Path::new(".")) => Workspace::read(Path::new(".")),
        None => Ok(Workspace::bundled()),
    }
}

/// Reads and checks the workspace with the units that were asked for; warnings are told on standard error.
fn open(arguments: &Arguments) -> Result<Sources, Failure> {
    open_level(arguments, arguments.units.level())
}

/// The same with units of a level.
fn open_level(arguments: &Arguments, level: u8) -> Result<Sources, Failure> {
    load(&workspace(arguments)?, level)
}

/// Checks a workspace that was read.
fn load(workspace: &Workspace, level: u8) -> Result<Sources, Failure> {
    let (sources, warnings) = Sources::load_level(workspace, level)?;
    if !warnings.is_empty() {
        tell(&warnings);
    }
    Ok(sources)
}

/// Writes diagnostics to standard error, coloured if that is a terminal and NO_COLOR is not set.
fn tell(problems: &Diagnostics) {
    let mut err = AutoStream::auto(std::io::stderr());
    let colour = std::io::stderr().is_terminal();
    let _ = err.write_all(problems.render(colour).as_bytes());
    let _ = writeln!(err, "{}", counted(problems));
}

fn counted(problems: &Diagnostics) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    format!("{}, {}", plural(problems.errors(), "error"), plural(problems.warnings(), "warning"))
}

/// The day of an edition: the one given, else the last listed edition that the data reach.
fn day(given: Option<&str>, sources: &Sources) -> Result<Date, Failure> {
    match given {
        Some(text) => given_day(text),
        None => sources.default_day().ok_or_else(|| {
            Diagnostic::error("no-day", "no edition is listed", Place::file("indicators/editions.toml"))
                .rule("without --as-of the last listed edition is written")
                .help("give --as-of, or list an edition")
                .into()
        }),
    }
}

fn given_day(text: &str) -> Result<Date, Failure> {
    parse_day(text).ok_or_else(|| {
        Diagnostic::error("wrong-day", format!("`{text}` is not a day"), Place::Argument)
            .rule("days are written yyyy-mm-dd")
            .help("for example --as-of 2025-07-31")
            .into()
    })
}

/// The unit that a reader means, by any alias in any script.
fn resolve<'s>(name: &str, resolver: &'s Resolver, scored: impl Fn(&str) -> bool) -> Result<&'s str, Failure> {
    let found = resolver.units(name);
    let units: Vec<&str> = found.iter().copied().filter(|u| scored(u)).collect();
    match units.as_slice() {
        [unit] => Ok(unit),
        [] => {
            let folded = crate::datasets::fold(name);
            let near = near_names(&folded, resolver.spellings().filter(|s| resolver.units(s).iter().any(|u| scored(u))));
            let help = if near.is_empty() {
                "list the units with `tukhum score`".to_owned()
            } else {
                format!("did you mean {}?", near.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
            };
            let message = if found.is_empty() {
                format!("no unit is called `{name}`")
            } else {
                format!("`{name}` is {}, which is not scored", found.join(", "))
            };
            Err(Diagnostic::error("unknown-unit", message, Place::Argument)
                .rule("a unit is a scored province or crossing, by any of its names")
                .help(help)
                .into())
        }
        several => Err(Diagnostic::error("ambiguous-unit", format!("`{name}` may be {}", several.join(" or ")), Place::Argument)
            .rule("a name means one unit")
            .help("use the id")
            .into()),
    }
}
