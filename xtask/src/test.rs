//! `test`: everything that must hold, part by part, with a table of how long each took.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::browser;
use crate::build;
use crate::step::{Step, Steps, elapsed};
use crate::system::output_of;
use crate::toolchain::{TARGET, Toolchain};
use crate::tools::WASM_BINDGEN;
use crate::workspace;

/// What `--only` chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Formatting, lints, documentation: nothing runs.
    Lint,
    /// Tests on this machine.
    Native,
    /// The same code compiled to WebAssembly, in a browser.
    Wasm,
    /// The site, used as a person uses it.
    Browser,
}

impl Group {
    /// The group of this name, as written after `--only`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "lint" => Some(Self::Lint),
            "native" => Some(Self::Native),
            "wasm" => Some(Self::Wasm),
            "browser" => Some(Self::Browser),
            _ => None,
        }
    }
}

struct Part {
    group: Group,
    name: &'static str,
    run: fn(&Step) -> Result<()>,
}

/// Cheapest first, so that a slip is known soon.
const PARTS: [Part; 8] = [
    Part { group: Group::Lint, name: "formatting", run: formatting },
    Part { group: Group::Lint, name: "lints", run: lints },
    Part { group: Group::Lint, name: "documentation", run: documentation },
    Part { group: Group::Native, name: "native tests", run: native_tests },
    Part { group: Group::Native, name: "documentation tests", run: documentation_tests },
    Part { group: Group::Wasm, name: "WebAssembly tests", run: wasm_tests },
    Part { group: Group::Browser, name: "site", run: site },
    Part { group: Group::Browser, name: "browser tests", run: browser_tests },
];

struct Outcome {
    name: &'static str,
    passed: bool,
    took: Duration,
}

/// `cargo xtask test`: runs the parts, all of them even if one fails; false if one did.
pub(crate) fn main(only: Option<Group>) -> Result<bool> {
    let parts: Vec<&Part> =
        PARTS.iter().filter(|part| only.is_none_or(|group| part.group == group)).collect();
    let mut steps = Steps::new(parts.len());
    let mut outcomes = Vec::new();
    for part in parts {
        let step = steps.begin();
        step.say(part.name);
        let started = Instant::now();
        let result = (part.run)(&step);
        if let Err(error) = &result {
            step.say(&format!("{} failed: {error:#}", part.name));
        }
        let took = started.elapsed();
        outcomes.push(Outcome { name: part.name, passed: result.is_ok(), took });
    }
    io::stdout().write_all(report(&outcomes).as_bytes())?;
    Ok(outcomes.iter().all(|outcome| outcome.passed))
}

fn report(outcomes: &[Outcome]) -> String {
    let line =
        |name: &str, result: &str, took| format!("{name:<22} {result:<8} {:>13}\n", elapsed(took));
    let mut text = String::from("\n");
    for outcome in outcomes {
        text += &line(outcome.name, if outcome.passed { "passed" } else { "FAILED" }, outcome.took);
    }
    text += &line("in all", "", outcomes.iter().map(|outcome| outcome.took).sum());
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    text + &format!("{passed} passed, {} failed\n", outcomes.len() - passed)
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root()).args(arguments);
    command
}

/// The benchmarks are formatted as well; compiling their peers would take longer than it is worth here.
fn formatting(step: &Step) -> Result<()> {
    step.show("cargo fmt", &mut cargo(&["fmt", "--all", "--check"]))?;
    let benchmarks = ["fmt", "--manifest-path", "bench/Cargo.toml", "--all", "--check"];
    step.show("cargo fmt of the benchmarks", &mut cargo(&benchmarks))
}

/// The page's crates compile for this machine too, and are linted so: Debian's compiler, the
/// only one with the page's target on some machines, has lints of another version.
fn lints(step: &Step) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step.show("cargo clippy", &mut cargo(&arguments))
}

fn documentation(step: &Step) -> Result<()> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    step.show("cargo doc", command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn native_tests(step: &Step) -> Result<()> {
    if output_of(&mut cargo(&["nextest", "--version"])).is_some() {
        step.show("cargo nextest", &mut cargo(&["nextest", "run", "--workspace"]))
    } else {
        step.show("cargo test", &mut cargo(&["test", "--workspace", "--all-targets"]))
    }
}

fn documentation_tests(step: &Step) -> Result<()> {
    step.show("cargo test --doc", &mut cargo(&["test", "--workspace", "--doc"]))
}

fn wasm_tests(step: &Step) -> Result<()> {
    let toolchain = Toolchain::prepare(step)?;
    let wasm_bindgen = WASM_BINDGEN.prepare(step)?;
    let chromium = browser::prepare_chromium(step)?;
    let driver = browser::prepare_driver(step)?;
    let mut command = toolchain.command("cargo", &[wasm_bindgen])?;
    command
        .args(["test", "--package", "faultline-tests", "--tests", "--target", TARGET])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", browser::write_capabilities(&chromium)?);
    // The runner's own limit of 20 seconds is for unit tests; these simulate whole systems.
    set_default(&mut command, "WASM_BINDGEN_TEST_TIMEOUT", "600");
    step.show("cargo test in Chromium", &mut command)
}

fn site(step: &Step) -> Result<()> {
    let dist = build::page(|| step.clone())?;
    crate::dist::print_sizes(step, &dist)
}

fn browser_tests(step: &Step) -> Result<()> {
    if !workspace::dist().join("index.html").is_file() {
        bail!("there is no site to test");
    }
    let chromium = browser::prepare_chromium(step)?;
    let folder = browser::prepare_node_packages(step)?;
    let mut tests = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            tests.push(path);
        }
    }
    if tests.is_empty() {
        bail!("{} holds no tests", folder.display());
    }
    tests.sort();
    let mut command = Command::new("node");
    command.current_dir(folder).args(["--test", "--test-reporter=spec"]).args(tests);
    command.env("CHROMIUM", chromium);
    step.show("node --test", &mut command)
}

fn set_default(command: &mut Command, variable: &str, value: &str) {
    command.env(variable, env::var_os(variable).unwrap_or_else(|| OsString::from(value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_sums_up() {
        let outcome = |name, passed| Outcome { name, passed, took: Duration::from_secs(61) };
        let text = report(&[outcome("lints", true), outcome("native tests", false)]);
        assert!(text.contains("native tests           FAILED      1 min 01 s\n"), "{text}");
        assert!(
            text.ends_with("in all                             2 min 02 s\n1 passed, 1 failed\n")
        );
    }

    #[test]
    fn every_group_has_a_name_and_a_part() {
        for name in ["lint", "native", "wasm", "browser"] {
            let group = Group::named(name).unwrap();
            assert!(PARTS.iter().any(|part| part.group == group));
        }
        assert_eq!(Group::named("all"), None);
    }
}
