//! Where and when did more happen than places and times alone explain?

use rayon::prelude::*;

use super::error::{StatsError, positive, replicates};
use super::geodesic::{EarthPoint, Position, chord_squared_of};
use super::random::Stream;

/// Most (centre, event) pairs that a scan keeps in memory.
const LARGEST_SCAN: usize = 200_000_000;

/// An event with place and day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanEvent {
    /// Where it was.
    pub position: Position,
    /// Day number.
    pub day: i64,
}

/// What the scan looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanOptions {
    /// Largest radius of a cylinder in km.
    pub max_radius_km: f64,
    /// Largest share of all events inside a circle, at most 0.5.
    pub max_share: f64,
    /// Longest cylinder in days (56 for eight weeks); at most half the period is used.
    pub max_days: u32,
    /// Days per time step (7 for weeks, 1 for days).
    pub step_days: u32,
    /// Fewest events in a cluster (2 or more).
    pub min_events: u32,
    /// Number of random permutations (999).
    pub replicates: u32,
    /// Seed of the permutations.
    pub seed: u64,
}

impl Default for ScanOptions {
    /// Circles to 150 km and half of the events, eight weeks in weekly steps, 999 replicates.
    fn default() -> Self {
        Self {
            max_radius_km: 150.0,
            max_share: 0.5,
            max_days: 56,
            step_days: 7,
            min_events: 2,
            replicates: 999,
            seed: 1,
        }
    }
}

/// A cylinder with more events than expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Position at the middle (that of an event).
    pub centre: Position,
    /// Distance to the farthest place inside, in km.
    pub radius_km: f64,
    /// First day of the cylinder.
    pub first_day: i64,
    /// Last day of the cylinder.
    pub last_day: i64,
    /// Events inside, by their index in the input.
    pub events: Vec<usize>,
    /// Expected number if places and times were independent.
    pub expected: f64,
    /// Logarithm of the likelihood ratio.
    pub log_likelihood_ratio: f64,
    /// Share of replicates whose best cylinder is at least as good, the observed one counted in; `None`
    /// without replicates.
    pub p: Option<f64>,
}

/// Scans for space–time clusters with Kulldorff's permutation statistic.
///
/// # Formula
/// ```text
/// cylinder A = circle z × time steps w;   c = events in A,  μ = n_z n_w / N
/// ln Λ = c ln(c/μ) + (N − c) ln((N − c)/(N − μ))     if c > μ, else 0
/// p    = (1 + #{ replicates with max ln Λ ≥ observed }) / (replicates + 1)
/// replicate: the days are shuffled over the places
/// ```
///
/// # Units and shape
/// Circles around each place with an event, growing place by place in km; windows of whole steps that end
/// anywhere (retrospective); the last step ends on the last day of the data. Clusters come best first; of those
/// that share an event only the best is kept. The p-values of the others are those of the best cylinder of a
/// replicate, hence conservative.
///
/// # Missing and degenerate values
/// Purely spatial and purely temporal patterns are conditioned away: a country that is always worse, or a month
/// that is worse everywhere, is no cluster. So is a growth of population or of reporting that is the same
/// everywhere, but *not* one that differs between places. Fewer than two distinct places or time steps leave
/// nothing to scan: an empty list. Events whose place is not exact must be left out. Equally distant places
/// enter a circle together.
///
/// # Errors
/// [`StatsError::OutOfRange`] for options outside their range; [`StatsError::TooMany`] if centres × events
/// within reach exceed 2·10⁸ (choose a smaller radius).
///
/// # Source
/// Kulldorff, Heffernan, Hartman, Assunção & Mostashari, *A space–time permutation scan statistic for disease
/// outbreak detection*, PLoS Medicine 2 (2005), e59. Agrees with a direct evaluation of every cylinder.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::scan::{ScanEvent, ScanOptions, scan};
/// let mut events = Vec::new();
/// for week in 0..20 {
///     let here = Position::new(-9.0 + 0.3 * f64::from(week % 5), 14.0)?;
///     events.push(ScanEvent { position: here, day: 7 * i64::from(week) });
/// }
/// for _ in 0..6 {
///     events.push(ScanEvent { position: Position::new(-11.4, 14.4)?, day: 70 });
/// }
/// let found = scan(&events, ScanOptions { replicates: 99, ..ScanOptions::default() })?;
/// assert_eq!(found[0].events, [20, 21, 22, 23, 24, 25]);
/// assert!(found[0].p.unwrap() <= 0.05);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn scan(events: &[ScanEvent], options: ScanOptions) -> Result<Vec<Cluster>, StatsError> {
    check(options)?;
    let Some(frame) = Frame::new(events, options)? else {
        return Ok(Vec::new());
    };
    let observed = frame.best_of_each_centre();
    let maxima: Vec<f64> = (0..options.replicates)
        .into_par_iter()
        .map_init(
            || Scratch::new(&frame),
            |scratch, replicate| {
                let mut steps = frame.step_of.clone();
                Stream::new(options.seed, u64::from(replicate)).shuffle(&mut steps);
                frame.maximum(&steps, scratch)
            },
        )
        .collect();
    Ok(frame.clusters(events, observed, &maxima))
}

/// Refuses options outside their range.
fn check(options: ScanOptions) -> Result<(), StatsError> {
    positive("max_radius_km", options.max_radius_km)?;
    replicates("replicates", options.replicates)?;
    let share = options.max_share;
    if !(share > 0.0 && share <= 0.5) {
        let rule = "must be above 0 and at most 0.5";
        return Err(StatsError::OutOfRange {
            what: "max_share",
            value: share,
            rule,
        });
    }
    let steps = [
        ("step_days", options.step_days, 1),
        ("max_days", options.max_days, options.step_days.max(1)),
        ("min_events", options.min_events, 2),
    ];
    for (what, value, least) in steps {
        if value < least {
            let rule = "must be at least 1 (step_days), one step (max_days), 2 (min_events)";
            return Err(StatsError::OutOfRange {
                what,
                value: f64::from(value),
                rule,
            });
        }
    }
    Ok(())
}

/// A cylinder found around a centre.
#[derive(Clone, Copy)]
struct Found {
    ratio: f64,
    centre: u32,
    /// Number of events of the centre's list inside the circle.
    inside: u32,
    first_step: u32,
    last_step: u32,
}

/// Everything about the events that permutation does not change.
struct Frame {
    options: ScanOptions,
    /// Time step of each event.
    step_of: Vec<u32>,
    /// Number of steps in the period, and in the longest window.
    steps: usize,
    longest: usize,
    last_day: i64,
    /// Events before each step: prefix sums over all events.
    before: Vec<u32>,
    /// For each centre the events within reach, nearest first, and the ends of groups at one distance.
    lists: Vec<CentreList>,
    /// `x ln x` for x = 0 ..= N.
    x_ln_x: Vec<f64>,
    /// Binary logarithm (in [`PER_OCTAVE`]ths, rounded down) of every count 0 ..= N; 0 for 0.
    log_count: Vec<u16>,
    /// The same of the events in the window of `length + 1` steps from `first`: `[first · longest + length]`.
    log_window: Vec<u16>,
    /// For each bucket of n_z · n_w: ln μ and ln(N − μ) at its lower end.
    bucket_logs: Vec<(f64, f64)>,
}

struct CentreList {
    centre: Position,
    events: Vec<u32>,
    /// Ends of groups of equally distant events within `events`.
    ends: Vec<u32>,
}

impl Frame {
    fn new(events: &[ScanEvent], options: ScanOptions) -> Result<Option<Self>, StatsError> {
        let days = events.iter().map(|event| event.day);
        let (Some(first_day), Some(last_day)) = (days.clone().min(), days.max()) else {
            return Ok(None);
        };
        let step_days = i64::from(options.step_days);
        let span = last_day.saturating_sub(first_day);
        let steps = usize::try_from(span / step_days + 1).unwrap_or(usize::MAX);
        if steps > 1_000_000 {
            let what = "time steps of the period";
            return Err(StatsError::TooMany {
                what,
                limit: 1_000_000,
                found: steps,
            });
        }
        let step_of: Vec<u32> = events
            .iter()
            .map(|event| (steps - 1) as u32 - ((last_day - event.day) / step_days) as u32)
            .collect();
        let longest = ((options.max_days / options.step_days) as usize).min(steps / 2);
        if longest == 0 {
            return Ok(None);
        }
        if steps * longest > LARGEST_SCAN {
            let (what, found) = ("time steps × steps of the longest window", steps * longest);
            return Err(StatsError::TooMany {
                what,
                limit: LARGEST_SCAN,
                found,
            });
        }
        let lists = centre_lists(events, options)?;
        if lists.len() < 2 {
            return Ok(None);
        }
        let mut before = vec![0_u32; steps + 1];
        step_of
            .iter()
            .for_each(|&step| before[step as usize + 1] += 1);
        for step in 0..steps {
            before[step + 1] += before[step];
        }
        let x_ln_x = (0..=events.len())
            .map(|x| {
                if x == 0 {
                    0.0
                } else {
                    x as f64 * (x as f64).ln()
                }
            })
            .collect();
        let total = events.len() as f64;
        let log_count: Vec<u16> = (0..=events.len())
            .map(|x| {
                if x == 0 {
                    0
                } else {
                    ((x as f64).log2() * PER_OCTAVE).floor() as u16
                }
            })
            .collect();
        let log_window = (0..steps)
            .flat_map(|first| {
                (0..longest).map(move |length| (first, (first + length + 1).min(steps)))
            })
            .map(|(first, end)| log_count[(before[end] - before[first]) as usize])
            .collect();
        let bucket_logs = (0..=2 * usize::from(log_count[events.len()]) + 2)
            .map(|bucket| {
                let mu = (bucket as f64 / PER_OCTAVE).exp2() * (1.0 - 1e-12) / total;
                (mu.ln(), (total - mu).max(f64::MIN_POSITIVE).ln())
            })
            .collect();
        Ok(Some(Self {
            options,
            step_of,
            steps,
            longest,
            last_day,
            before,
            lists,
            x_ln_x,
            log_count,
            log_window,
            bucket_logs,
        }))
    }

    /// Logarithm of the likelihood ratio; `product` is n_z · n_w.
    fn log_ratio(&self, count: u32, product: u64) -> f64 {
        let total = self.step_of.len() as f64;
        let (c, mu) = (f64::from(count), product as f64 / total);
        if c <= mu {
            return 0.0;
        }
        let outside = self.step_of.len() - count as usize;
        self.x_ln_x[count as usize] - c * mu.ln() + self.x_ln_x[outside]
            - (total - c) * (total - mu).ln()
    }

    /// The best cylinder of every centre in the observed data.
    fn best_of_each_centre(&self) -> Vec<Found> {
        (0..self.lists.len())
            .into_par_iter()
            .map_init(
                || Scratch::new(self),
                |scratch, centre| {
                    scratch.reset(self);
                    let mut best = Found {
                        ratio: 0.0,
                        centre: centre as u32,
                        inside: 0,
                        first_step: 0,
                        last_step: 0,
                    };
                    self.scan_centre(centre, &self.step_of, scratch, &mut best);
                    best
                },
            )
            .filter(|found| found.ratio > 0.0)
            .collect()
    }

    /// The largest log ratio over all cylinders for events at the given steps.
    fn maximum(&self, step_of: &[u32], scratch: &mut Scratch) -> f64 {
        scratch.reset(self);
        let mut best = Found {
            ratio: 0.0,
            centre: 0,
            inside: 0,
            first_step: 0,
            last_step: 0,
        };
        for centre in 0..self.lists.len() {
            self.scan_centre(centre, step_of, scratch, &mut best);
        }
        best.ratio
    }

    /// Grows the circle of one centre and keeps the best cylinder.
    ///
    /// A window's ratio falls while the circle grows without adding events to it, so that after each group
    /// only windows that hold one of the group's events can be better than before.
    fn scan_centre(&self, centre: usize, step_of: &[u32], scratch: &mut Scratch, best: &mut Found) {
        let list = &self.lists[centre];
        let mut start = 0;
        for &end in &list.ends {
            let group = &list.events[start as usize..end as usize];
            for &event in group {
                scratch.counts[step_of[event as usize] as usize + self.longest] += 1;
            }
            let circle = Circle {
                centre: centre as u32,
                inside: end,
            };
            for &event in group {
                self.scan_windows(circle, step_of[event as usize] as usize, scratch, best);
            }
            start = end;
        }
        for &event in &list.events {
            scratch.counts[step_of[event as usize] as usize + self.longest] = 0;
        }
    }

    /// Tries the windows that hold `step`.
    ///
    /// A count is held against the smallest one that could beat the best ratio so far, looked up by the
    /// logarithm of n_z · n_w; whole sets of windows are passed over when the count of the largest cannot beat
    /// it at the expectation of the smallest.
    fn scan_windows(&self, circle: Circle, step: usize, scratch: &mut Scratch, best: &mut Found) {
        let longest = self.longest;
        let Scratch {
            counts,
            ahead,
            critical,
        } = scratch;
        let log_inside = usize::from(self.log_count[circle.inside as usize]);
        // `counts` is padded by `longest` on both sides: counts[step + longest] belongs to `step`.
        let around = &counts[step + 1..step + 2 * longest];
        let smallest = usize::from(self.log_window[step * longest]);
        if around.iter().sum::<u32>() < critical[log_inside + smallest] {
            return;
        }
        // ahead[k]: events in the steps after `step`, up to k steps later.
        let (behind, after) = around.split_at(longest);
        let mut sum = 0;
        for (slot, count) in ahead[1..].iter_mut().zip(after) {
            sum += count;
            *slot = sum;
        }
        let mut left = 0;
        for (back, count) in behind.iter().rev().enumerate().take(step + 1) {
            left += count;
            let first = step - back;
            let windows = (longest - back).min(self.steps - step);
            let logs = &self.log_window[first * longest + back..][..windows];
            let ahead = &ahead[..windows];
            let middle = windows / 2;
            for part in [0..middle, middle..windows] {
                let Some(&most) = ahead[part.clone()].last() else {
                    continue;
                };
                if left + most < critical[log_inside + usize::from(logs[part.start])] {
                    continue;
                }
                for later in part {
                    let count = left + ahead[later];
                    if count >= critical[log_inside + usize::from(logs[later])] {
                        self.keep_better(circle, count, first, step + later, critical, best);
                    }
                }
            }
        }
    }

    /// Computes the ratio of a window that may be the best, and keeps it if it is.
    fn keep_better(
        &self,
        circle: Circle,
        count: u32,
        first: usize,
        last: usize,
        critical: &mut [u32],
        best: &mut Found,
    ) {
        let in_window = self.before[last + 1] - self.before[first];
        let ratio = self.log_ratio(count, u64::from(circle.inside) * u64::from(in_window));
        if ratio > best.ratio {
            let (first_step, last_step) = (first as u32, last as u32);
            *best = Found {
                ratio,
                centre: circle.centre,
                inside: circle.inside,
                first_step,
                last_step,
            };
            self.raise(critical, ratio);
        }
    }

    /// Sets for each bucket the smallest count whose ratio can exceed `ratio`.
    fn raise(&self, critical: &mut [u32], ratio: f64) {
        let total = self.step_of.len();
        let mut count = self.options.min_events as usize;
        for (slot, (ln_mu, ln_outside)) in critical.iter_mut().zip(&self.bucket_logs) {
            // The needed count grows with the expectation: go on from the last bucket's.
            while count < total {
                let (inside, outside) = (count as f64, (total - count) as f64);
                let reached = self.x_ln_x[count] - inside * ln_mu + self.x_ln_x[total - count]
                    - outside * ln_outside;
                // Below the expectation the formula is positive too, and the ratio is 0.
                if inside.ln() > *ln_mu && reached > ratio * (1.0 - 1e-9) {
                    break;
                }
                count += 1;
            }
            *slot = count as u32;
        }
    }

    /// Turns the best cylinders into clusters that share no event.
    fn clusters(
        &self,
        events: &[ScanEvent],
        mut found: Vec<Found>,
        maxima: &[f64],
    ) -> Vec<Cluster> {
        found.sort_by(|a, b| b.ratio.total_cmp(&a.ratio).then(a.centre.cmp(&b.centre)));
        let mut taken = vec![false; events.len()];
        let mut clusters = Vec::new();
        for cylinder in found {
            let list = &self.lists[cylinder.centre as usize];
            let circle = &list.events[..cylinder.inside as usize];
            let window = cylinder.first_step..=cylinder.last_step;
            let mut members: Vec<usize> = circle
                .iter()
                .map(|&event| event as usize)
                .filter(|&event| window.contains(&self.step_of[event]))
                .collect();
            if members.iter().any(|&event| taken[event]) {
                continue;
            }
            members.sort_unstable();
            members.iter().for_each(|&event| taken[event] = true);
            let (first, last) = (cylinder.first_step as usize, cylinder.last_step as usize);
            let in_window = f64::from(self.before[last + 1] - self.before[first]);
            let step_days = i64::from(self.options.step_days);
            let end_of = |step: usize| {
                self.last_day
                    .saturating_sub(step_days * (self.steps - 1 - step) as i64)
            };
            let as_good = maxima
                .iter()
                .filter(|maximum| **maximum >= cylinder.ratio - 1e-9)
                .count();
            clusters.push(Cluster {
                centre: list.centre,
                radius_km: circle.last().map_or(0.0, |&event| {
                    EarthPoint::from(list.centre)
                        .distance_km(&events[event as usize].position.into())
                }),
                first_day: end_of(first).saturating_sub(step_days - 1),
                last_day: end_of(last),
                events: members,
                expected: f64::from(cylinder.inside) * in_window / events.len() as f64,
                log_likelihood_ratio: cylinder.ratio,
                p: (!maxima.is_empty()).then(|| (as_good + 1) as f64 / (maxima.len() + 1) as f64),
            });
        }
        clusters
    }
}

/// Events within reach of each distinct place, nearest first.
fn centre_lists(events: &[ScanEvent], options: ScanOptions) -> Result<Vec<CentreList>, StatsError> {
    let points: Vec<EarthPoint> = events.iter().map(|event| event.position.into()).collect();
    let limit = chord_squared_of(options.max_radius_km);
    let most = (options.max_share * events.len() as f64).floor() as usize;
    let mut centres: Vec<usize> = (0..events.len()).collect();
    let key = |&index: &usize| {
        (
            events[index].position.longitude(),
            events[index].position.latitude(),
        )
    };
    centres.sort_by(|a, b| {
        let ((ax, ay), (bx, by)) = (key(a), key(b));
        ax.total_cmp(&bx).then(ay.total_cmp(&by)).then(a.cmp(b))
    });
    centres.dedup_by(|a, b| key(a) == key(b));
    centres.sort_unstable();
    if centres.len().saturating_mul(most) > LARGEST_SCAN {
        // The bound counts pairs as if all were within reach; look at the true number before refusing.
        let pairs: usize = centres
            .par_iter()
            .map(|&centre| {
                points
                    .iter()
                    .filter(|p| points[centre].chord_squared(p) <= limit)
                    .count()
                    .min(most)
            })
            .sum();
        if pairs > LARGEST_SCAN {
            let what = "pairs of a centre and an event within reach";
            return Err(StatsError::TooMany {
                what,
                limit: LARGEST_SCAN,
                found: pairs,
            });
        }
    }
    Ok(centres
        .par_iter()
        .map(|&centre| {
            let mut near: Vec<(f64, u32)> = points
                .iter()
                .enumerate()
                .map(|(event, point)| (points[centre].chord_squared(point), event as u32))
                .filter(|(chord, _)| *chord <= limit)
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut ends = Vec::new();
            let mut kept = 0;
            for group in near.chunk_by(|a, b| a.0 == b.0) {
                if kept + group.len() > most {
                    break;
                }
                kept += group.len();
                ends.push(kept as u32);
            }
            let events_near = near[..kept].iter().map(|(_, event)| *event).collect();
            CentreList {
                centre: events[centre].position,
                events: events_near,
                ends,
            }
        })
        .collect())
}

/// Buckets of n_z · n_w per doubling: each spans 1.1 %.
const PER_OCTAVE: f64 = 64.0;

/// A circle that grows around a centre.
#[derive(Clone, Copy)]
struct Circle {
    centre: u32,
    /// Events inside.
    inside: u32,
}

/// Working memory of one thread.
struct Scratch {
    /// Events per step inside the growing circle, padded on both sides.
    counts: Vec<u32>,
    /// Running sums of the steps ahead of the one in hand.
    ahead: Vec<u32>,
    /// For each bucket the smallest count that can beat the best ratio so far.
    critical: Vec<u32>,
}

impl Scratch {
    fn new(frame: &Frame) -> Self {
        Self {
            counts: vec![0; frame.steps + 2 * frame.longest],
            ahead: vec![0; frame.longest],
            critical: vec![0; frame.bucket_logs.len()],
        }
    }

    fn reset(&mut self, frame: &Frame) {
        self.counts.fill(0);
        self.critical.fill(frame.options.min_events);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated, on_one_and_three_threads, powerful};

    fn event(longitude: f64, latitude: f64, day: i64) -> ScanEvent {
        ScanEvent {
            position: Position::new(longitude, latitude).unwrap(),
            day,
        }
    }

    fn options(replicates: u32, seed: u64) -> ScanOptions {
        ScanOptions {
            replicates,
            seed,
            ..ScanOptions::default()
        }
    }

    #[test]
    fn agrees_with_a_direct_evaluation() {
        let mut reference =
            Reference::new(include_str!("../../tests/reference/stats/clusters.json"));
        let mut permuted =
            Reference::new(include_str!("../../tests/reference/stats/clusters.json"));
        for case in 0..reference.cases("/scan") {
            let at = |field: &str| format!("/scan/{case}/{field}");
            let longitudes = reference.numbers(&at("longitude"));
            let latitudes = reference.numbers(&at("latitude"));
            let days = reference.integers(&at("day"));
            let events: Vec<ScanEvent> = (0..days.len())
                .map(|i| event(longitudes[i], latitudes[i], days[i] as i64))
                .collect();
            let settings = ScanOptions {
                max_radius_km: reference.number(&at("max_radius_km")),
                max_days: reference.number(&at("max_days")) as u32,
                step_days: reference.number(&at("step_days")) as u32,
                ..options(999, 3)
            };
            let found = scan(&events, settings).unwrap();
            let members: Vec<f64> = found[0].events.iter().map(|&e| e as f64).collect();
            let (ratio, expected) = (
                reference.number(&at("log_ratio")),
                reference.number(&at("expected")),
            );
            let expected_members = reference.numbers(&at("members"));
            reference.compare(found[0].log_likelihood_ratio, ratio);
            reference.compare(found[0].expected, expected);
            reference.compare_all(&members, &expected_members);
            let p = permuted.number(&at("p"));
            permuted.compare(found[0].p.unwrap(), p);
        }
        // Rounding of logarithms.
        reference.finish(
            "scan: ratio, expectation and members against a direct scan",
            1e-11,
        );
        // Two Monte Carlo p-values with 999 replicates each: four standard errors √(2·0.25/999) = 0.0224.
        permuted.finish("scan p against a direct scan (Monte Carlo)", 0.0895);
    }

    #[test]
    fn nothing_to_scan_is_an_empty_list() {
        let none = |events: &[ScanEvent]| scan(events, options(9, 0)).unwrap().is_empty();
        assert!(none(&[]));
        assert!(none(&[event(0.0, 0.0, 0)]));
        assert!(none(&[event(0.0, 0.0, 0), event(0.0, 0.0, 90)])); // one place
        assert!(none(&[event(0.0, 0.0, 5), event(1.0, 0.0, 5)])); // one step
        let bare = scan(
            &[
                event(0.0, 0.0, 0),
                event(0.0, 0.0, 0),
                event(9.0, 0.0, 90),
                event(9.0, 0.0, 180),
            ],
            options(0, 0),
        );
        assert!(bare.unwrap().iter().all(|cluster| cluster.p.is_none()));
    }

    #[test]
    fn bad_options_and_days_are_refused() {
        let events = [event(0.0, 0.0, 0), event(1.0, 0.0, 90)];
        for bad in [
            ScanOptions {
                max_radius_km: 0.0,
                ..options(9, 0)
            },
            ScanOptions {
                max_share: 0.6,
                ..options(9, 0)
            },
            ScanOptions {
                step_days: 0,
                ..options(9, 0)
            },
            ScanOptions {
                max_days: 3,
                ..options(9, 0)
            },
            ScanOptions {
                min_events: 1,
                ..options(9, 0)
            },
        ] {
            assert!(scan(&events, bad).is_err(), "{bad:?}");
        }
        assert!(
            scan(
                &[event(0.0, 0.0, i64::MIN), event(1.0, 0.0, i64::MAX)],
                options(9, 0)
            )
            .is_err()
        );
    }

    #[test]
    fn clusters_cross_the_antimeridian_and_duplicates_count() {
        let mut events: Vec<ScanEvent> = (0..30)
            .map(|i| event(170.0 + 0.2 * f64::from(i % 7), 0.0, 10 * i64::from(i)))
            .collect();
        events.extend([
            event(179.95, 0.0, 150),
            event(-179.95, 0.0, 150),
            event(179.95, 0.0, 151),
            event(-179.95, 0.0, 151),
        ]);
        let found = scan(&events, options(99, 0)).unwrap();
        assert_eq!(found[0].events, [30, 31, 32, 33]);
        assert!(found[0].radius_km < 12.0);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let mut stream = Stream::new(3, 0);
        let events: Vec<ScanEvent> = (0..60)
            .map(|_| {
                event(
                    4.0 * stream.uniform(),
                    4.0 * stream.uniform(),
                    (365.0 * stream.uniform()) as i64,
                )
            })
            .collect();
        let (one, three) = on_one_and_three_threads(|| scan(&events, options(49, 8)).unwrap());
        assert_eq!(one, three);
    }

    #[test]
    fn size_and_power() {
        // 70 events in a year, places denser in the north and times denser in summer, but independent; then
        // with seven events of one fortnight moved to one town.
        let (runs, mut alarms, mut found) = (240, 0, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(31, run);
            let mut events: Vec<ScanEvent> = (0..70)
                .map(|_| {
                    let (x, y) = (5.0 * stream.uniform(), 5.0 * stream.uniform().sqrt());
                    event(
                        x,
                        y,
                        (364.0 * (0.7 * stream.uniform() + 0.3 * stream.uniform())) as i64,
                    )
                })
                .collect();
            let quiet = scan(&events, options(99, run)).unwrap();
            alarms += usize::from(quiet.first().is_some_and(|c| c.p.unwrap() <= 0.1));
            for (index, slot) in events.iter_mut().take(7).enumerate() {
                *slot = event(1.0 + 0.02 * index as f64, 1.0, 200 + 2 * index as i64);
            }
            let planted = scan(&events, options(99, run)).unwrap();
            found += usize::from(planted[0].p.unwrap() <= 0.05 && planted[0].events.contains(&3));
        }
        let margin = 3.0 * (0.1_f64 * 0.9 / runs as f64).sqrt();
        calibrated(
            "scan size 10 %",
            alarms,
            runs,
            0.1,
            (0.1 - margin)..=(0.1 + margin),
        );
        powerful(
            "scan at 5 %, seven events in a town and a fortnight",
            found,
            runs,
            0.8,
        );
    }
}
