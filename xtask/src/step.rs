//! Numbered steps on standard error: what happens now, for how long already, and what it ends as.

use std::io::{self, BufRead, BufReader, IsTerminal, PipeReader, Write, pipe};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a log without a terminal hears that a long step is still alive.
const HEARTBEAT: Duration = Duration::from_mins(1);
/// How often a terminal's progress line is drawn anew.
const REDRAW: Duration = Duration::from_millis(200);

/// Hands out steps in order: `[1/5]`, `[2/5]`, …
pub(crate) struct Steps {
    total: usize,
    begun: usize,
}

impl Steps {
    /// Counts to `total`.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, begun: 0 }
    }

    /// The next step; it prints nothing before it has something to say.
    pub(crate) fn begin(&mut self) -> Step {
        self.begun += 1;
        Step { prefix: format!("[{}/{}]", self.begun, self.total) }
    }
}

/// One step: every line it prints starts with its number.
#[derive(Clone)]
pub(crate) struct Step {
    prefix: String,
}

impl Step {
    /// Prints one line.
    pub(crate) fn say(&self, text: &str) {
        eprintln!("{} {text}", self.prefix);
    }

    /// Runs a command that may take long (`subject: doing …`), hiding what it prints unless it fails.
    pub(crate) fn run(&self, subject: &str, doing: &str, command: &mut Command) -> Result<()> {
        let started = Instant::now();
        let (status, lines) = self.follow(&format!("{subject}: {doing}"), command)?;
        if !status.success() {
            for line in &lines {
                eprintln!("    {line}");
            }
            bail!("{subject}: {} failed ({status})", name(command));
        }
        self.say(&format!("{subject}: done in {}", elapsed(started.elapsed())));
        Ok(())
    }

    /// As `run`, for a command that may well fail: says nothing of why.
    pub(crate) fn attempt(
        &self,
        subject: &str,
        doing: &str,
        command: &mut Command,
    ) -> Result<bool> {
        let (status, _) = self.follow(&format!("{subject}: {doing}"), command)?;
        Ok(status.success())
    }

    /// Runs a command whose output is what the person came for.
    pub(crate) fn show(&self, what: &str, command: &mut Command) -> Result<()> {
        self.say(what);
        let status =
            command.status().with_context(|| format!("{} could not be started", name(command)))?;
        if !status.success() {
            bail!("{what}: {} failed ({status})", name(command));
        }
        Ok(())
    }

    /// Runs a command to its end, meanwhile shows that time passes, and returns what it printed.
    fn follow(&self, what: &str, command: &mut Command) -> Result<(ExitStatus, Vec<String>)> {
        let started = Instant::now();
        let (output, writer) = pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let spawned = command.spawn();
        // The command keeps the pipe's writing end until it is given another, and as long as
        // anybody keeps it, reading does not end.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child =
            spawned.with_context(|| format!("{} could not be started", name(command)))?;
        let printed = lines_of(output);
        let terminal = io::stderr().is_terminal();
        if !terminal {
            self.say(&format!("{what} …"));
        }
        let mut lines = Vec::new();
        let mut next_heartbeat = HEARTBEAT;
        loop {
            match printed.recv_timeout(REDRAW) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if terminal {
                self.redraw(what, started.elapsed(), lines.last());
            } else if started.elapsed() >= next_heartbeat {
                self.say(&format!("{what} … {}", elapsed(started.elapsed())));
                next_heartbeat += HEARTBEAT;
            }
        }
        if terminal {
            eprint!("\r\x1b[2K");
        }
        Ok((child.wait()?, lines))
    }

    fn redraw(&self, what: &str, passed: Duration, last: Option<&String>) {
        let detail: String = last.map_or("", |line| line.trim()).chars().take(40).collect();
        eprint!("\r\x1b[2K{} {what} … {} {detail}", self.prefix, elapsed(passed));
        // A progress line that cannot be drawn is no reason to stop.
        drop(io::stderr().flush());
    }
}

/// Reads lines in a thread of its own, so that waiting for one can end without one.
fn lines_of(output: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                break;
            }
        }
    });
    receiver
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// A duration as a person says it: `42 s`, `3 min 07 s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        assert_eq!(elapsed(Duration::from_millis(41_900)), "41 s");
        assert_eq!(elapsed(Duration::from_secs(187)), "3 min 07 s");
    }

    #[test]
    fn steps_count() {
        let mut steps = Steps::new(3);
        assert_eq!(steps.begin().prefix, "[1/3]");
        assert_eq!(steps.begin().prefix, "[2/3]");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let step = Steps::new(1).begin();
        let error =
            step.run("nothing", "looking", &mut Command::new("no-such-program")).unwrap_err();
        assert!(format!("{error:#}").starts_with("no-such-program could not be started"));
    }
}
