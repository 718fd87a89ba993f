//! The list of every scenario.

use super::{Scenario, collaboration, consensus, diagnostics, replication, storage};

/// The families in the order of the catalogue.
const FAMILIES: &[&[&Scenario]] =
    &[consensus::SCENARIOS, replication::SCENARIOS, collaboration::SCENARIOS, storage::SCENARIOS];

/// Returns every listed scenario, by family.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// Finds a scenario by its slug, the unlisted ones included.
pub fn find(slug: &str) -> Option<&'static Scenario> {
    all().chain(diagnostics::SCENARIOS.iter().copied()).find(|scenario| scenario.slug == slug)
}
