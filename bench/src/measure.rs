//! Measuring: taking turns, medians, and the peak of a process's memory.

use std::process::Command;
use std::time::Instant;

/// With this flag the program measures one thing's memory and nothing else: the peak of a process
/// can be read only once.
pub(crate) const MEMORY_FLAG: &str = "--memory-of";

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
    let start = Instant::now();
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

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Returns how many bytes this process's memory has grown at most while `work` was done, where the
/// system says so (Linux). Pages that were in use before count as its start.
pub(crate) fn peak_growth(work: impl FnOnce() -> u64) -> Option<(u64, u64)> {
    let before = status_bytes("VmRSS:")?;
    let done = work();
    let peak = status_bytes("VmHWM:")?;
    Some((done, peak.saturating_sub(before)))
}

fn status_bytes(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Runs this program once more to measure the memory of `what`; returns what it did and how many
/// bytes it took for that at its peak.
pub(crate) fn memory_of(what: &str) -> Option<(u64, u64)> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).args([MEMORY_FLAG, what]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (done, bytes) = text.trim().split_once(' ')?;
    Some((done.parse().ok()?, bytes.parse().ok()?))
}

/// Rounds to three significant digits or so: more would be noise.
pub(crate) fn rounded(value: f64) -> f64 {
    if value.abs() >= 100.0 { value.round() } else { (value * 100.0).round() / 100.0 }
}
