//! The edition that a command is about.

use clap::Args;
use jiff::civil::Date;

use super::{Failure, day};
use crate::edition::{Edition, Sources};

#[derive(Debug, Args)]
pub struct WhenArgs {
    /// Day of the edition, yyyy-mm-dd; the last listed edition that the data reach by default
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,

    /// Use what became known later, and say so
    #[arg(long)]
    pub hindsight: bool,
}

impl WhenArgs {
    /// # Errors
    /// What is no day, or no day where no edition is listed.
    pub fn day(&self, sources: &Sources) -> Result<Date, Failure> {
        day(self.as_of.as_deref(), sources)
    }

    /// # Errors
    /// As for [`WhenArgs::day`].
    pub fn edition<'s>(&self, sources: &'s Sources) -> Result<Edition<'s>, Failure> {
        Ok(Edition::compute(sources, self.day(sources)?, self.hindsight))
    }

    /// What stands after the day on the terminal.
    pub fn hindsight_words(&self) -> &'static str {
        if self.hindsight { ", with hindsight" } else { "" }
    }
}
