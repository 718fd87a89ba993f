//! `cargo xtask`: builds, serves and tests Faultline, installing what that takes.
//!
//! In Rust, so that it runs wherever the project does. What it says to a person goes to standard
//! error; standard output is for what was asked for.

mod bench;
mod browser;
mod build;
mod debian;
mod dist;
mod report;
mod serve;
mod step;
mod system;
mod test;
mod toolchain;
mod tools;
mod workspace;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask <command>

  serve [--port N]     build the page, serve it on 127.0.0.1 (port 8080) and print the address
  build                make dist/, a static site that works under any path
  test [--only GROUP]  run every check, or those of one group: lint, native, wasm or browser

Reports, as JSON on standard output:

  catalogue --json     every scenario: its number, name, invariants, safeguards and length
  run LINK-OR-NAME [--preset naive|hardened] [--seed N] [--set knob=value]… [--until 12.5s] --json
                       one run: what broke, which goals were reached, its digest and its link; a
                       name runs the default script with seed 1, a link its own actions
  campaign --seeds A..B [--rows NAME,…] [--preset naive|hardened] [--shrink] --json
  campaign --seeds A..B --on LINK [--orders] [--shrink] --json
                       runs of seeds A to B, both included (1..200 are 200 runs), with faults drawn
                       only from what each scenario claims to survive
  check-history --model register|cas-register|kv|queue|lock|list-append|rw-register FILE
                       [--consistency KIND] [--steps N] [--json]
                       judges a history of Jepsen's (log or EDN) or in JSON: is it linearizable, in
                       which window is it not, or not known after N steps (5,000,000); KIND may be
                       sequential, and for transactions read-uncommitted, read-committed,
                       snapshot-isolation, serializable, or, in real time, strong-snapshot-isolation
                       or strict-serializable; without --json as text
  bench [--json] [--quick] [SECTION …]
                       Faultline against its peers, measured side by side, as ratios; --quick only
                       shows that it works; sections: explorer, linearizability, ping_pong, run, wasm
  shots [--rows NAME,…] FOLDER
                       pictures of the gallery and of each scenario, light and dark, in three widths
";

/// A command line that means nothing, in one sentence.
#[derive(Debug)]
pub(crate) struct BadArguments(pub(crate) String);

impl fmt::Display for BadArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for BadArguments {}

fn main() -> ExitCode {
    match run(lexopt::Parser::from_env()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            if error.is::<BadArguments>() || error.is::<lexopt::Error>() {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the command line says; false if a check found something.
fn run(mut arguments: lexopt::Parser) -> Result<bool> {
    let command = match arguments.next()? {
        Some(Value(command)) => command.string()?,
        Some(Short('h') | Long("help")) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "serve" => serve::main(parse_port(arguments)?)?,
        "build" => {
            expect_end(arguments)?;
            build::main()?;
        }
        "test" => return test::main(parse_group(arguments)?),
        "finish-dist" => {
            expect_end(arguments)?;
            dist::finish()?;
        }
        "catalogue" => report::catalogue(arguments)?,
        "run" => report::run(arguments)?,
        "campaign" => report::campaign(arguments)?,
        "check-history" => report::check_history(arguments)?,
        "bench" => bench::main(arguments)?,
        "shots" => report::shots(arguments)?,
        "help" => eprint!("{HELP}"),
        unknown => {
            let sentence = format!("there is no command `{unknown}`: see cargo xtask help");
            return Err(BadArguments(sentence).into());
        }
    }
    Ok(true)
}

fn parse_port(mut arguments: lexopt::Parser) -> Result<u16> {
    let mut port = serve::PORT;
    while let Some(argument) = arguments.next()? {
        if argument != Long("port") {
            return Err(argument.unexpected().into());
        }
        port = arguments.value()?.parse()?;
    }
    Ok(port)
}

fn parse_group(mut arguments: lexopt::Parser) -> Result<Option<test::Group>> {
    let mut only = None;
    while let Some(argument) = arguments.next()? {
        if argument != Long("only") {
            return Err(argument.unexpected().into());
        }
        let name = arguments.value()?.string()?;
        only = Some(test::Group::named(&name).ok_or_else(|| {
            BadArguments(format!("--only takes lint, native, wasm or browser, not `{name}`"))
        })?);
    }
    Ok(only)
}

fn expect_end(mut arguments: lexopt::Parser) -> Result<()> {
    match arguments.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> lexopt::Parser {
        lexopt::Parser::from_args(words)
    }

    #[test]
    fn a_port_and_a_group_are_read() {
        assert_eq!(parse_port(arguments(&["--port", "9000"])).unwrap(), 9000);
        assert_eq!(parse_port(arguments(&[])).unwrap(), serve::PORT);
        assert_eq!(parse_group(arguments(&["--only=wasm"])).unwrap(), Some(test::Group::Wasm));
    }

    #[test]
    fn nonsense_is_a_bad_argument() {
        let error = run(arguments(&["dance"])).unwrap_err();
        assert!(error.is::<BadArguments>());
        assert!(parse_port(arguments(&["--port", "many"])).unwrap_err().is::<lexopt::Error>());
        assert!(parse_group(arguments(&["--only", "all"])).unwrap_err().is::<BadArguments>());
    }
}
