//! Measuring: taking turns, medians, and the peak of a process's memory.
//!
//! Time is the processor's, of all threads together: what else the machine does meanwhile slows
//! everybody down, but not one contestant for the time of another.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// With this flag the program does one thing and reports on it: the peak of a process's memory can
/// be read only once, and only a process can be stopped from outside.
pub(crate) const ALONE_FLAG: &str = "--alone";

/// How often to repeat.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Enough to see whether it works.
    Quick,
    /// Enough to quote.
    Full,
}

impl Effort {
    /// Returns how many times each contestant runs.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Quick => 1,
            Self::Full => 5,
        }
    }
}

/// Does something and returns how much of it a second; `None` if nothing was done.
pub(crate) fn timed(work: impl FnOnce() -> u64) -> Option<f64> {
    let start = ProcessTime::now();
    let done = work();
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let rate = done as f64 / start.elapsed().as_secs_f64();
    (done > 0).then_some(rate)
}

/// Lets contestants, who each measure their rate, take turns; returns each one's median.
pub(crate) fn take_turns(
    effort: Effort,
    contestants: &[&dyn Fn() -> Option<f64>],
) -> Vec<Option<f64>> {
    let mut rates = vec![Vec::new(); contestants.len()];
    for _ in 0..effort.rounds() {
        for (contestant, rates) in contestants.iter().zip(&mut rates) {
            rates.extend(contestant());
        }
    }
    rates.into_iter().map(median).collect()
}

fn median(values: Vec<f64>) -> Option<f64> {
    percentile(values, 50)
}

/// Returns the value that so many percent of the values are below.
pub(crate) fn percentile(mut values: Vec<f64>, percent: usize) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied()
}

/// What a process did that did nothing else.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Alone {
    /// How much it did.
    pub(crate) done: u64,
    /// How long that took.
    pub(crate) seconds: f64,
    /// By how many bytes its memory has grown at most, where the system says so (Linux).
    pub(crate) bytes: Option<u64>,
}

/// Does one thing in this process and prints what [`alone`] reads.
pub(crate) fn print_alone(work: impl FnOnce() -> u64) {
    let before = status_bytes("VmRSS:");
    let start = ProcessTime::now();
    let done = work();
    let seconds = start.elapsed().as_secs_f64();
    let peak = status_bytes("VmHWM:");
    let bytes = before.zip(peak).map(|(before, peak)| peak.saturating_sub(before));
    println!("{done} {seconds} {}", bytes.map_or_else(String::new, |bytes| bytes.to_string()));
}

/// Runs this program once more to do one thing alone; `None` if it fails or takes longer than
/// `limit`.
pub(crate) fn alone(what: &str, limit: Option<Duration>) -> Option<Alone> {
    let program = std::env::current_exe().ok()?;
    let start = Instant::now();
    let mut child =
        Command::new(program).args([ALONE_FLAG, what]).stdout(Stdio::piped()).spawn().ok()?;
    while child.try_wait().ok()?.is_none() {
        if limit.is_some_and(|limit| start.elapsed() > limit) {
            child.kill().ok()?;
            child.wait().ok()?;
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?;
    let mut words = text.split_whitespace();
    Some(Alone {
        done: words.next()?.parse().ok()?,
        seconds: words.next()?.parse().ok()?,
        bytes: words.next().and_then(|word| word.parse().ok()),
    })
}

fn status_bytes(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Rounds to three significant digits or so: more would be noise.
pub(crate) fn rounded(value: f64) -> f64 {
    if value.abs() >= 100.0 { value.round() } else { (value * 100.0).round() / 100.0 }
}

/// Rounds to three significant digits, however small the value.
pub(crate) fn significant(value: f64) -> f64 {
    let digits = value.abs().log10().floor();
    let unit = if digits.is_finite() { 10_f64.powf(digits - 2.0) } else { 1.0 };
    (value / unit).round() * unit
}
