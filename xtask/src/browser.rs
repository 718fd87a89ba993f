//! What the tests in a browser need: Chromium, its driver, Node.js and the packages of `tests/browser`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::step::Step;
use crate::system::{
    can_install_debian_packages, find_program, install_debian_packages, output_of,
};
use crate::workspace;

const NAMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
const ELSEWHERE: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];
/// One list for the WebAssembly tests and the end-to-end tests.
const FLAGS: &str = include_str!("../../tests/browser/chromium-flags.json");
const OLDEST_NODE: u32 = 20;

/// Finds Chromium or Chrome, or installs Chromium where it can.
pub(crate) fn prepare_chromium(step: &Step) -> Result<PathBuf> {
    prepare(step, "Chromium", find_chromium, "chromium")
        .context("no Chromium or Chrome was found: install one, or set CHROMIUM to its program")
}

/// Finds the program through which the WebAssembly tests steer the browser.
pub(crate) fn prepare_driver(step: &Step) -> Result<PathBuf> {
    prepare(step, "ChromeDriver", find_driver, "chromium-driver").context(
        "no chromedriver was found: install the one of your Chromium's version, or set \
         CHROMEDRIVER to its program",
    )
}

/// Describes the browser to the driver, and returns the file that does.
pub(crate) fn write_capabilities(chromium: &Path) -> Result<PathBuf> {
    let flags: Vec<String> = serde_json::from_str(FLAGS)?;
    let capabilities = json!({ "goog:chromeOptions": { "args": flags, "binary": chromium } });
    let folder = workspace::wasm_target()?;
    fs::create_dir_all(&folder)?;
    let file = folder.join("webdriver.json");
    fs::write(&file, serde_json::to_vec_pretty(&capabilities)?)?;
    Ok(file)
}

/// Installs the packages of `tests/browser` if they are not those of its lock file.
pub(crate) fn prepare_node_packages(step: &Step) -> Result<PathBuf> {
    let version = output_of(Command::new("node").arg("--version"));
    let major = version.as_deref().and_then(major_version);
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("the browser tests need Node.js {OLDEST_NODE} or newer: see nodejs.org");
    }
    let folder = workspace::root().join("tests/browser");
    let lock = fs::read(folder.join("package-lock.json"))?;
    // A copy of the lock file, made last, says that an installation came to its end.
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        step.say("Node.js packages: ready");
        return Ok(folder);
    }
    let mut install = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]);
    step.run("Node.js packages", "installing", &mut install)?;
    fs::write(&installed, lock)?;
    Ok(folder)
}

fn prepare(
    step: &Step,
    subject: &str,
    find: fn() -> Option<PathBuf>,
    package: &str,
) -> Result<PathBuf> {
    if find().is_none() && can_install_debian_packages() {
        install_debian_packages(step, subject, &[package])?;
    }
    let program = find().context("nothing of this name is on PATH")?;
    step.say(&format!("{subject}: {}", program.display()));
    Ok(program)
}

fn find_chromium() -> Option<PathBuf> {
    named("CHROMIUM")
        .or_else(|| NAMES.into_iter().find_map(find_program))
        .or_else(|| ELSEWHERE.into_iter().map(PathBuf::from).find(|file| file.is_file()))
}

fn find_driver() -> Option<PathBuf> {
    // CHROMEWEBDRIVER is how GitHub's machines name the folder of theirs.
    let hosted = || named("CHROMEWEBDRIVER").map(|folder| folder.join("chromedriver"));
    named("CHROMEDRIVER")
        .or_else(|| hosted().filter(|file| file.is_file()))
        .or_else(|| find_program("chromedriver"))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn major_version(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_tells_its_version() {
        assert_eq!(major_version("v20.20.2"), Some(20));
        assert_eq!(major_version("20"), None);
    }

    #[test]
    fn the_flags_are_a_list() {
        let flags: Vec<String> = serde_json::from_str(FLAGS).unwrap();
        assert!(flags.iter().all(|flag| flag.starts_with("--")));
    }
}
