//! `bench`: Faultline against its peers, measured by a package outside the workspace.
//!
//! The peers need flags and a lock file of their own and must never get into the product's, so this
//! only builds that package and runs it. Which sections there are, it knows best itself.

use std::process::Command;

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::BadArguments;
use crate::step::Steps;
use crate::workspace;

/// The package's exit status for arguments that mean nothing.
const BAD_ARGUMENTS: i32 = 2;

/// `cargo xtask bench [--json] [--quick] [SECTION …]`: builds the benchmarks and runs them; what they
/// print is the report.
pub(crate) fn main(arguments: lexopt::Parser) -> Result<()> {
    let arguments = parse(arguments)?;
    let mut steps = Steps::new(2);
    let building = steps.begin();
    let subject = "benchmarks";
    building.run(subject, "compiling them and their peers", &mut cargo("build")?)?;
    let measuring = steps.begin();
    measuring.say("measuring, which takes minutes; nothing else should run meanwhile");
    let status = cargo("run")?.arg("--").args(&arguments).status()?;
    match status.code() {
        Some(0) => Ok(()),
        Some(BAD_ARGUMENTS) => {
            Err(BadArguments(format!("cargo xtask bench {}", arguments.join(" "))).into())
        }
        _ => bail!("the benchmarks ended with {status}"),
    }
}

/// The arguments as the package takes them: flags first.
fn parse(mut arguments: lexopt::Parser) -> Result<Vec<String>> {
    let mut flags = Vec::new();
    let mut sections = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("json") => flags.push("--json".to_owned()),
            Long("quick") => flags.push("--quick".to_owned()),
            Value(section) => sections.push(section.string()?),
            other @ (Short(_) | Long(_)) => return Err(other.unexpected().into()),
        }
    }
    flags.append(&mut sections);
    Ok(flags)
}

/// A command of Cargo on the package, in a target folder of its own.
fn cargo(what: &str) -> Result<Command> {
    let mut command = Command::new("cargo");
    command
        .args([what, "--quiet", "--release", "--manifest-path"])
        .arg(workspace::root().join("bench/Cargo.toml"))
        .env("CARGO_TARGET_DIR", workspace::target()?.join("bench"));
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_first_and_others_are_refused() {
        let parsed = |words: &[&str]| parse(lexopt::Parser::from_args(words));
        assert_eq!(parsed(&["run", "--json"]).unwrap(), ["--json", "run"]);
        assert!(parsed(&["--fast"]).unwrap_err().is::<lexopt::Error>());
    }
}
