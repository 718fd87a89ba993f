//! Every scenario file is registered, under its own name.

use std::fs;
use std::path::{Path, PathBuf};

use faultline_core::scenario::{all, find};

/// Returns every scenario file: those in the families' folders, but for the lists of modules.
fn scenario_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/scenario");
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("the folder can be read");
        entries.map(|entry| entry.expect("it can be read").path()).collect::<Vec<_>>()
    };
    let families = entries(&folder).into_iter().filter(|path| path.is_dir());
    let files = families.flat_map(|family| entries(&family));
    files.filter(|path| path.is_file() && !path.ends_with("mod.rs")).collect()
}

#[test]
fn every_scenario_file_is_registered_under_the_name_of_its_file() {
    let files = scenario_files();
    for file in &files {
        let source = fs::read_to_string(file).expect("the file can be read");
        let slug = source
            .split_once("    slug: \"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or_else(|| panic!("{} holds no scenario", file.display()), |(slug, _)| slug);
        assert!(find(slug).is_some(), "{slug} is not in the list of its family");
        let is_listed = all().any(|row| row.slug == slug);
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(!is_listed || stem == slug.replace('-', "_"), "{slug} is in {stem}.rs");
    }
    assert!(all().count() <= files.len(), "a row shares its file with another");
}
