//! `catalogue`: every registered row, as a report and as the gallery reads it.

use anyhow::Result;
use faultline_core::scenario::{Preset, Scenario, Setup, all};
use faultline_core::view::CheckKind;
use lexopt::prelude::*;
use serde_json::{Value, json};

use super::output;
use super::source::Source;

/// `cargo xtask catalogue --json`.
pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    while let Some(argument) = arguments.next()? {
        if argument != Long("json") {
            return Err(argument.unexpected().into());
        }
    }
    let rows = all().map(row).collect::<Result<Vec<Value>>>()?;
    output::print(&json!(rows))
}

fn row(row: &'static Scenario) -> Result<Value> {
    let source = Source::of(row.slug)?;
    let checks = Setup::new(row, Preset::Hardened, 1).build().checks();
    let invariants = checks.into_iter().filter(|check| check.kind == CheckKind::Invariant);
    Ok(json!({
        "seed": row.seeds.join(", "),
        "slug": row.slug,
        "family": row.family.title(),
        "revision": row.revision_text(),
        "presets": Preset::ALL.map(Preset::key),
        "invariants": invariants.map(|check| check.name).collect::<Vec<_>>(),
        "switches": row.switches.iter().map(|switch| switch.key).collect::<Vec<_>>(),
        "scenario_lines": source.scenario_lines,
        "view_lines": source.view_lines,
    }))
}

/// Returns the rows as the gallery reads them. The page's own module carries no scenario, so its
/// texts come from here.
pub(crate) fn for_page() -> Result<String> {
    let card = |row: &Scenario| {
        Ok(json!({
            "slug": row.slug,
            "title": row.title,
            "family": row.family.title(),
            "question": row.question,
            "promise": row.promise,
            "seeds": row.seeds,
            "difficulty": row.difficulty,
            "prerequisites": row.prerequisites,
            "primitives": row.primitives,
            "sources": Source::of(row.slug)?.addresses(),
        }))
    };
    let cards = all().map(card).collect::<Result<Vec<Value>>>()?;
    Ok(serde_json::to_string(&cards)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_reported_and_has_a_card() {
        let cards: Vec<Value> = serde_json::from_str(&for_page().unwrap()).unwrap();
        assert_eq!(cards.len(), all().count());
        for (row, card) in all().zip(cards) {
            assert_eq!(card["slug"], row.slug);
            let report = super::row(row).unwrap();
            assert!(report["scenario_lines"].as_u64() > report["view_lines"].as_u64());
            assert!(report["invariants"].as_array().is_some_and(|names| !names.is_empty()));
        }
    }

    #[test]
    fn anything_but_json_is_refused() {
        assert!(main(lexopt::Parser::from_args(["--xml"])).is_err());
    }
}
