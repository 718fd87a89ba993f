//! What the reports share: how they are printed, and how rows and presets are named.

use std::io::{self, Write};

use anyhow::Result;
use faultline_core::scenario::{Preset, Scenario, all, find};
use serde_json::Value;

use crate::BadArguments;

/// Prints a report.
pub(super) fn print(report: &Value) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

/// Finds the rows of a list such as `single-leader,g-counter`; all listed rows if there is none.
pub(super) fn rows(list: Option<&str>) -> Result<Vec<&'static Scenario>> {
    let Some(list) = list else { return Ok(all().collect()) };
    let row = |slug: &str| {
        let sentence = || BadArguments(format!("there is no scenario called `{slug}`"));
        Ok(find(slug.trim()).ok_or_else(sentence)?)
    };
    list.split(',').map(row).collect()
}

/// Reads a preset's name.
pub(super) fn preset(name: &str) -> Result<Preset> {
    let named = Preset::ALL.into_iter().find(|preset| preset.key() == name);
    Ok(named
        .ok_or_else(|| BadArguments(format!("--preset takes naive or hardened, not `{name}`")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_name() {
        assert_eq!(rows(None).unwrap().len(), all().count());
        assert_eq!(rows(Some("test-panics")).unwrap()[0].slug, "test-panics");
        assert!(rows(Some("test-panics,nothing")).is_err());
    }

    #[test]
    fn presets_are_found_by_name() {
        assert_eq!(preset("hardened").unwrap(), Preset::Hardened);
        assert!(preset("brave").is_err());
    }
}
