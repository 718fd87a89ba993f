//! `run`: one run from beginning to end, named by a link or by its scenario.

use anyhow::Result;
use faultline_core::check::{Outcome, Trial};
use faultline_core::link;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::view::{Check, CheckKind, Verdict};
use lexopt::prelude::*;
use serde_json::{Value, json};

use super::output;
use crate::BadArguments;

/// The seed if none is named: reports are the same every time.
const USUAL_SEED: u64 = 1;

/// What the command line says.
#[derive(Debug, Default)]
struct Request {
    run: String,
    preset: Option<Preset>,
    seed: Option<u64>,
    set: Vec<(String, String)>,
    until_us: Option<u64>,
}

/// `cargo xtask run <link-or-slug>`.
pub(crate) fn main(arguments: lexopt::Parser) -> Result<()> {
    let (trial, claim) = Request::read(arguments)?.trial()?;
    let outcome = trial.run();
    if let Some(digest) = claim {
        let verdict = if digest == outcome.digest { "reproduced to the bit" } else { "differs" };
        eprintln!("the run of this link {verdict}");
    }
    output::print(&report(&trial, &outcome))
}

impl Request {
    fn read(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut request = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Value(run) if request.run.is_empty() => request.run = run.string()?,
                Long("preset") => {
                    request.preset = Some(output::preset(&arguments.value()?.string()?)?);
                }
                Long("seed") => request.seed = Some(arguments.value()?.parse()?),
                Long("set") => request.set.push(knob(&arguments.value()?.string()?)?),
                Long("until") => request.until_us = Some(time(&arguments.value()?.string()?)?),
                Long("json") => {}
                other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        if request.run.is_empty() {
            let sentence = "run takes a link or the name of a scenario: see cargo xtask help";
            return Err(BadArguments(sentence.into()).into());
        }
        Ok(request)
    }

    /// Returns the run that is asked for, and the digest that its link says it has at its end.
    fn trial(&self) -> Result<(Trial, Option<u64>)> {
        let fragment = match self.run.find("#/s/") {
            Some(at) => self.run[at..].to_owned(),
            None => format!("#/s/{}", self.run),
        };
        let bad = |sentence: String| anyhow::Error::from(BadArguments(sentence));
        let opened = link::parse(&fragment, USUAL_SEED).map_err(|error| bad(error.to_string()))?;
        let mut setup = opened.setup;
        self.preset.into_iter().for_each(|preset| setup.apply(preset));
        self.seed.into_iter().for_each(|seed| setup.seed = seed);
        for (key, value) in &self.set {
            setup.set(key, value).map_err(|error| bad(error.to_string()))?;
        }
        let actions = opened.actions.unwrap_or_else(|| default_actions(&setup));
        let mut trial = Trial::new(setup, actions);
        // A link stands for the run up to where its cursor was.
        trial.until_us = self.until_us.or(opened.at_us).unwrap_or(trial.until_us);
        let is_changed = self.preset.is_some() || self.seed.is_some() || !self.set.is_empty();
        let claim = opened.digest.filter(|_| !is_changed && self.until_us.is_none());
        Ok((trial, claim))
    }
}

fn default_actions(setup: &Setup) -> Vec<faultline_core::sim::TimedAction> {
    setup.scenario().script(setup, 0)
}

fn knob(text: &str) -> Result<(String, String)> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| BadArguments(format!("--set takes knob=value, not `{text}`")))?;
    Ok((key.into(), value.into()))
}

fn time(text: &str) -> Result<u64> {
    Ok(link::parse_time(text)
        .ok_or_else(|| BadArguments(format!("--until takes a time such as 12.5s, not `{text}`")))?)
}

/// Returns what came of a run.
fn report(trial: &Trial, outcome: &Outcome) -> Value {
    let setup = &trial.setup;
    let goals = outcome.checks.iter().filter(|check| check.kind == CheckKind::Goal);
    let goal = |goal: &Check| {
        let is_reached = matches!(goal.verdict, Verdict::Reached { .. });
        json!({ "name": goal.name, "reached": is_reached })
    };
    let at_us = Some(outcome.at_us);
    json!({
        "slug": setup.scenario().slug,
        "preset": setup.preset().map_or("custom", Preset::key),
        "seed": setup.seed,
        "digest": format!("{:016x}", outcome.digest),
        "events": outcome.events,
        "virtual_time_us": outcome.at_us,
        "violations": outcome.checks.iter().filter_map(violation).collect::<Vec<_>>(),
        "goals": goals.map(goal).collect::<Vec<_>>(),
        "link": link::format(setup, &trial.actions, at_us, Some(outcome.digest)),
    })
}

fn violation(check: &Check) -> Option<Value> {
    let is_violated = check.is_violated();
    match &check.verdict {
        Verdict::Broken { at_us, reason, .. } if is_violated => {
            Some(json!({ "invariant": check.name, "at_us": at_us, "reason": reason }))
        }
        Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str]) -> Result<Request> {
        Request::read(lexopt::Parser::from_args(words))
    }

    #[test]
    fn a_name_gives_the_default_run_and_its_link_gives_it_again() {
        let (trial, claim) = request(&["test-panics", "--seed", "7"]).unwrap().trial().unwrap();
        assert_eq!((trial.setup.seed, claim), (7, None));
        let outcome = trial.run();
        let report = report(&trial, &outcome);
        assert_eq!(report["virtual_time_us"], outcome.at_us);
        let link = report["link"].as_str().unwrap();
        let address = format!("https://example.org/faultline/{link}");
        let (again, claim) = request(&[&address]).unwrap().trial().unwrap();
        assert_eq!(claim, Some(again.run().digest));
    }

    #[test]
    fn bad_arguments_are_one_sentence() {
        let bad = [
            request(&[]).unwrap_err(),
            request(&["test-panics", "--until", "noon"]).unwrap_err(),
            request(&["test-panics", "--set", "speed"]).unwrap_err(),
            request(&["nothing"]).unwrap().trial().unwrap_err(),
            request(&["test-panics", "--set", "speed=9"]).unwrap().trial().unwrap_err(),
            request(&["#/s/test-panics?a=damaged"]).unwrap().trial().unwrap_err(),
        ];
        for error in bad {
            assert!(error.is::<BadArguments>(), "{error:?}");
            assert!(!error.to_string().contains('\n'));
        }
        assert!(request(&["--seed", "many"]).unwrap_err().is::<lexopt::Error>());
    }
}
