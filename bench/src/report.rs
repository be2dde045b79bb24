//! How figures are shown: the median of pairs, its range, and a bar for the eye.

use crate::Plan;
use crate::load::Stats;
use crate::scene::Scene;
use anyhow::Result;
use std::time::Duration;

/// Flushes per second below which a durable figure tests the disk and not the program.
const SLOW_DISK: f64 = 1_000.0;

/// One side of one pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    /// Per second.
    pub(crate) rate: f64,
    /// What requests cost; references without requests have none.
    pub(crate) cost: Option<Cost>,
}

/// What one request cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Processor time of the serving process, microseconds.
    pub(crate) processor: f64,
    /// Latency.
    pub(crate) p50: Duration,
    /// Latency.
    pub(crate) p99: Duration,
}

impl Figure {
    /// A load's figure; `used` is the processor time of the serving process, microseconds.
    pub(crate) fn new(stats: &Stats, used: f64) -> Self {
        let processor = used / stats.count as f64;
        let cost = Cost { processor, p50: stats.p50, p99: stats.p99 };
        Self { rate: stats.rate, cost: Some(cost) }
    }

    /// A bare rate.
    pub(crate) const fn bare(rate: f64) -> Self {
        Self { rate, cost: None }
    }
}

/// What a ratio has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// The least.
    pub(crate) must: f64,
    /// Where it should go.
    pub(crate) aim: f64,
}

/// Figures and their references, pair by pair.
#[derive(Debug, Default)]
pub(crate) struct Pairs(Vec<(Figure, Figure)>);

impl Pairs {
    /// Adds one pair.
    pub(crate) fn push(&mut self, ours: Figure, reference: Figure) {
        self.0.push((ours, reference));
    }

    fn ratios(&self) -> Vec<f64> {
        let mut ratios: Vec<f64> = self.0.iter().map(|(a, b)| a.rate / b.rate).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }

    /// The reference's processor time for a request as a share of ours: steadier than rates when
    /// other programs run on the machine.
    fn processor_ratio(&self) -> Option<f64> {
        let share =
            |(ours, theirs): &(Figure, Figure)| Some(theirs.cost?.processor / ours.cost?.processor);
        self.0.iter().map(share).collect::<Option<Vec<f64>>>().map(median)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn side<'f>(figures: impl Iterator<Item = &'f Figure> + Clone) -> String {
    let rate = median(figures.clone().map(|f| f.rate).collect());
    let costs: Vec<Cost> = figures.filter_map(|f| f.cost).collect();
    if costs.is_empty() {
        return format!("{rate:.0}/s");
    }
    let of = |f: fn(&Cost) -> f64| median(costs.iter().map(f).collect());
    format!(
        "{rate:.0}/s, CPU {:.0} µs each, p50 {:.2} ms, p99 {:.2} ms",
        of(|c| c.processor),
        of(|c| c.p50.as_secs_f64() * 1e3),
        of(|c| c.p99.as_secs_f64() * 1e3),
    )
}

/// Prints a ratio, with its goal if it has one.
pub(crate) fn ratio(what: &str, reference: &str, goal: Option<Goal>, pairs: &Pairs) {
    let ratios = pairs.ratios();
    let (Some(low), Some(high)) = (ratios.first(), ratios.last()) else { return };
    let middle = median(ratios.clone());
    eprintln!("{what}");
    eprint!("  {middle:.2} of {reference} ({low:.2}-{high:.2})");
    if let Some(Goal { must, aim }) = goal {
        let filled = ((middle / aim).clamp(0.0, 1.5) * 20.0) as usize;
        let bar: String = (0..30).map(|i| if i < filled { '█' } else { '·' }).collect();
        let word = match middle {
            m if m >= aim => "reached",
            m if m >= must => "within",
            _ => "MISSED",
        };
        eprint!("; must {must:.2}, aim {aim:.2}: {word}  {bar}");
    }
    eprintln!();
    if let Some(share) = pairs.processor_ratio() {
        eprintln!("  by processor time {share:.2}");
    }
    eprintln!("  ours {}", side(pairs.0.iter().map(|(ours, _)| ours)));
    eprintln!("  {reference} {}", side(pairs.0.iter().map(|(_, theirs)| theirs)));
}

/// By how much two may differ that are to take the same time.
const SAME: f64 = 0.1;

/// Prints whether both take the same time.
pub(crate) fn same(what: &str, reference: &str, pairs: &Pairs) {
    ratio(what, reference, None, pairs);
    let middle = median(pairs.ratios());
    let word = if (middle - 1.0).abs() <= SAME { "within a tenth" } else { "MISSED" };
    eprintln!("  {middle:.2}: {word}");
}

/// Prints whether our rate is what it must be at least.
pub(crate) fn least(rate: f64, what: &str, pairs: &Pairs) {
    let ours = median(pairs.0.iter().map(|(ours, _)| ours.rate).collect());
    let word = if ours >= rate { "reached" } else { "MISSED" };
    eprintln!("  ours {ours:.0} {what}, must {rate:.0}: {word}");
}

/// Says so when flushes were too slow for a figure that waits for them.
pub(crate) fn disk(pairs: &Pairs) {
    let flushes = median(pairs.0.iter().map(|(_, f)| f.rate).collect());
    if flushes < SLOW_DISK {
        eprintln!("  the disk was busy ({flushes:.0} flushes/s): not a figure of the program");
    }
}

/// Prints what the rates are in megabytes when each thing counted has so many bytes.
pub(crate) fn bytes(each: f64, pairs: &Pairs) {
    let megabytes = |rates: Vec<f64>| median(rates) * each / 1e6;
    let ours = megabytes(pairs.0.iter().map(|(ours, _)| ours.rate).collect());
    let reference = megabytes(pairs.0.iter().map(|(_, reference)| reference.rate).collect());
    eprintln!("  ours {ours:.1} MB/s, reference {reference:.1} MB/s");
}

/// Says what the figures stand on.
pub(crate) fn machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = cpu.lines().filter(|l| l.starts_with("model name"));
    let model = models.next().unwrap_or_default();
    let cores = 1 + models.count();
    eprintln!("{cores} cores, {}", model.split(':').nth(1).unwrap_or("unknown").trim());
}

/// Says how transactions are measured.
pub(crate) fn method(plan: &Plan, scene: &Scene) {
    eprintln!(
        "{} interleaved pairs of {:?} after a warm-up, median (min-max); one worker each, server and \
         reference on core 0, load on core 1; TLS 1.3 with client certificates, keep-alive; {}, audit on",
        plan.pairs, plan.each, scene.database
    );
    if scene.nginx.is_none() {
        eprintln!("nginx is not installed: figures without W");
    }
}

/// Says how long the registry took to be filled.
pub(crate) fn loaded(entries: usize, took: Duration) {
    eprintln!("{entries} entries in the registry, loaded through ITI-42 in {} s", took.as_secs());
}

/// Prints a median latency, and by how much it grew since the registry was a tenth of its size.
pub(crate) fn growth(what: &str, p50: Duration, before: Option<Duration>, most: f64) {
    let micros = p50.as_secs_f64() * 1e6;
    match before {
        None => eprintln!("  {what}: p50 {micros:.0} µs"),
        Some(before) => {
            let times = p50.as_secs_f64() / before.as_secs_f64();
            let word = if times <= most { "reached" } else { "MISSED" };
            eprintln!("  {what}: p50 {micros:.0} µs, {times:.2} times; at most {most:.1}: {word}");
        }
    }
}

/// Prints what memory our program has now.
pub(crate) fn resident(scene: &Scene) -> Result<()> {
    eprintln!("  resident memory of the server: {} MB", scene.memory("VmRSS")? / 1_000_000);
    Ok(())
}

/// Prints the peak memory of our program over all runs.
pub(crate) fn memory(scene: &Scene) -> Result<()> {
    eprintln!("peak resident memory of the server: {} MB", scene.memory("VmHWM")? / 1_000_000);
    Ok(())
}
