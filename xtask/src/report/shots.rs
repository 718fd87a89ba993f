//! `shots`: pictures of the gallery and of every row, for reviews and the README.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use anyhow::{Context, Result};
use faultline_core::check::Trial;
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::TimedAction;
use lexopt::prelude::*;
use serde_json::{Value, json};

use super::output;
use crate::step::Steps;
use crate::{BadArguments, browser, build, workspace};

/// The seed of every picture.
const SEED: u64 = 1;

/// `cargo xtask shots DIR`: builds the site, opens it in Chromium and takes the pictures.
pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let mut list = None;
    let mut folder: Option<PathBuf> = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rows") => list = Some(arguments.value()?.string()?),
            Value(path) if folder.is_none() => folder = Some(path.into()),
            other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
        }
    }
    let sentence = "shots takes the folder to put the pictures in";
    let folder = absolute(folder.ok_or_else(|| BadArguments(sentence.into()))?)?;
    let rows = output::rows(list.as_deref())?;
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be created", folder.display()))?;

    let mut pages = vec![json!({ "name": "gallery", "link": "#/gallery" })];
    for row in rows {
        pages.extend(pages_of(row));
    }
    let mut steps = Steps::new(build::STEPS + 1);
    build::page(|| steps.begin())?;
    let step = steps.begin();
    let chromium = browser::prepare_chromium(&step)?;
    let script = browser::prepare_node_packages(&step)?.join("shots.mjs");
    let mut command = Command::new("node");
    command.current_dir(workspace::root()).arg(script).arg(&folder).arg(json!(pages).to_string());
    // The script names each picture; standard output stays the report's.
    command.env("CHROMIUM", chromium).stdout(std::io::stderr());
    step.show("taking pictures", &mut command)?;
    output::print(&json!(pictures(&folder)?))
}

/// Returns what is to be seen of a row: naive at its first violation, hardened at the same time, and
/// the first beat of the lesson.
fn pages_of(row: &'static Scenario) -> Vec<Value> {
    let naive = Setup::new(row, Preset::Naive, SEED);
    let actions = row.script(&naive, 0);
    let broken_at_us = Trial::new(naive.clone(), actions.clone()).run_to_violation().at_us;
    let hardened = Setup::new(row, Preset::Hardened, SEED);
    let mut run = Run::new(naive.clone(), actions.clone());
    run.seek_time(row.horizon_us);
    let first_beat_us = run.simulation().beats().iter().flatten().min().copied();
    let page = |what: &str, setup: &Setup, actions: &[TimedAction], at_us: u64| {
        let link = link::format(setup, actions, Some(at_us), None);
        json!({ "name": format!("{}-{what}", row.slug), "link": link })
    };
    vec![
        page("naive", &naive, &actions, broken_at_us),
        page("hardened", &hardened, &actions, broken_at_us),
        page("lesson", &naive, &actions, first_beat_us.unwrap_or_default()),
    ]
}

fn pictures(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            files.push(path.display().to_string());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_seen_three_times_and_every_link_opens() {
        let row = faultline_core::scenario::find("test-panics").unwrap();
        let pages = pages_of(row);
        assert_eq!(pages.len(), 3);
        for page in pages {
            assert!(link::parse(page["link"].as_str().unwrap(), 0).is_ok());
        }
    }

    #[test]
    fn pictures_need_a_folder() {
        let error = main(lexopt::Parser::from_args(["--rows", "test-panics"])).unwrap_err();
        assert!(error.is::<BadArguments>());
    }
}
