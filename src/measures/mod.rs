//! How the raw value of an indicator is computed from the evidence: one measure a file.
//!
//! To add a measure: write its file with a type that implements [`Measure`], and name it in the
//! list at the end of this file. The type's fields are its parameters in `[measure]`. A measure that
//! needs all units at once implements [`Joint`] instead.

use jiff::civil::Date;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Unit, Window};
use crate::stats::decay;
use crate::text::Text;

mod attack;
pub(crate) mod ground;
pub(crate) mod places;
mod rates;

pub use attack::Attack;

/// Computes the raw value of an indicator for one unit.
pub trait Measure {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading;
}

/// Computes the raw values of an indicator for all units of a kind together, in their order.
pub trait Joint {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading>;
}

impl<M: Measure + Sync> Joint for M {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        units.par_iter().map(|unit| self.read(*unit, context)).collect()
    }
}

/// Share inside every interval of the project.
pub const LEVEL: f64 = 0.9;

/// What a measure may look at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub evidence: &'a Evidence<'a>,
    /// What counts as an attack.
    pub attack: &'a Attack,
}

/// A raw value with where it comes from, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub value: Option<f64>,
    /// Why there is no value.
    pub missing: Option<Text>,
    /// The value comes from a ledger or from a source with a threshold: it may be higher.
    pub at_least: bool,
    /// Months that an exhaustive source covers in full.
    pub window: Option<Window>,
    /// How the value came about.
    pub notes: Vec<Text>,
    /// Rows behind the value: `dataset:row`.
    pub rows: Vec<String>,
    /// What the value was made of, for studies of how sure it is.
    pub basis: Basis,
    /// The values that hold it with a probability of [`LEVEL`].
    pub interval: Option<(f64, f64)>,
}

/// What a value was made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Basis {
    /// Nothing that a study draws again.
    #[default]
    Fixed,
    /// A count of an exhaustive source: `value = events * per_event + offset`.
    Events { events: f64, per_event: f64, offset: f64 },
    /// A rate of events with a Gamma distribution: `value = shape * scale`, its mean.
    Rate { shape: f64, scale: f64 },
    /// A rate of deaths, likewise.
    Deaths { shape: f64, scale: f64 },
    /// The highest level of the facts, or of those that began last.
    Facts { facts: Vec<GradedLevel>, newest: bool },
}

/// A fact with a level and its Admiralty grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradedLevel {
    /// Id of the fact.
    pub fact: String,
    pub level: f64,
    pub from: Option<Date>,
    pub reliability: Option<String>,
    pub credibility: Option<String>,
}

impl Reading {
    pub fn missing(reason: Text) -> Self {
        Self { missing: Some(reason), ..Self::default() }
    }

    pub fn of(value: f64) -> Self {
        Self { value: Some(value), ..Self::default() }
    }

    pub fn at_least(mut self) -> Self {
        self.at_least = true;
        self
    }

    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    pub fn note(mut self, note: Text) -> Self {
        self.notes.push(note);
        self
    }

    pub fn notes(mut self, notes: impl IntoIterator<Item = Text>) -> Self {
        self.notes.extend(notes);
        self
    }

    pub fn rows(mut self, rows: Vec<String>) -> Self {
        self.rows = rows;
        self
    }

    pub fn basis(mut self, basis: Basis) -> Self {
        self.basis = basis;
        self
    }

    pub fn interval(mut self, interval: (f64, f64)) -> Self {
        self.interval = Some(interval);
        self
    }
}

/// Mean length of a month in days, for half-lives that are given in months.
const DAYS_PER_MONTH: f64 = 30.4375;

/// Sum over events, each weighing `0.5^(age / half_life_months)`; 0 without events.
fn decayed(evidence: &Evidence<'_>, days: impl Iterator<Item = Date>, half_life_months: f64) -> Option<f64> {
    let ages: Vec<f64> = days.map(|day| f64::from(crate::text::days_between(day, evidence.as_of.day))).collect();
    let weights = vec![1.0; ages.len()];
    decay::decayed_sum(&ages, &weights, half_life_months * DAYS_PER_MONTH).ok()
}

macro_rules! measures {
    ($($(#[$doc:meta])* $file:ident :: $kind:ident),* $(,)?) => {
        $(mod $file;)*

        /// A measure with its parameters, as `[measure]` of an indicator names it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name", rename_all = "snake_case")]
        pub enum AnyMeasure {
            $($(#[$doc])* $kind($file::$kind),)*
        }

        impl AnyMeasure {
            /// The raw values of all units of a kind, in their order.
            pub fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
                match self {
                    $(Self::$kind(measure) => measure.read_all(units, context),)*
                }
            }
        }
    };
}

measures! {
    /// Deadly events per 100,000 people and year.
    event_rate::EventRate,
    /// Deaths per 100,000 people and year.
    death_rate::DeathRate,
    /// Recent deadly events against what the record before predicts.
    acceleration::Acceleration,
    /// Attacks of the ledger, decayed with age: at least so many.
    recorded_attacks::RecordedAttacks,
    /// Most places struck by one actor on one day.
    synchronised_strikes::SynchronisedStrikes,
    /// Kinds of complex tactics seen.
    tactical_complexity::TacticalComplexity,
    /// Targets hit for the first time.
    first_time_targets::FirstTimeTargets,
    /// Ground that deadly attacks reached after a long quiet.
    new_ground::NewGround,
    /// Attacks around the unit, weighted by nearness and age.
    neighbour_pressure::NeighbourPressure,
    /// Attacks that a group claimed.
    claims_reach::ClaimsReach,
    /// Coded level of a status.
    status_level::StatusLevel,
    /// Distance from the seat to the nearest border.
    border_distance::BorderDistance,
    /// Share of attacks near a border.
    border_attacks::BorderAttacks,
    /// Trade roads that pass.
    trade_roads::TradeRoads,
    /// Distance to the capital.
    capital_distance::CapitalDistance,
    /// People.
    population::Population,
    /// The newest imported figure of a variable.
    figure::Figure,
    /// Deadly events within a distance, both sides of the border.
    catchment_events::CatchmentEvents,
    /// The post itself attacked.
    post_attacked::PostAttacked,
    /// Strikes on convoys and customs on the road.
    road_strikes::RoadStrikes,
    /// Distance to the nearest attack.
    nearest_attack::NearestAttack,
    /// Coded weight in trade.
    trade_weight::TradeWeight,
    /// Distance to the next crossing between the same countries.
    alternative_distance::AlternativeDistance,
}

/// Whether a ledger event concerns a unit: its province, or the crossing itself or a place within 50 km of it.
pub fn concerns(unit: Unit<'_>, event: &crate::datasets::LedgerEvent) -> bool {
    places::concerns(unit, event, 50.0)
}

/// Whether event rows cover all of some countries in a month.
pub fn covers_points(evidence: &Evidence<'_>, countries: &[&str], month: crate::text::Month) -> bool {
    places::covers_points(evidence, countries, month)
}
