//! Which safeguards make a finding go away.

use super::Finding;
use crate::check::{Trial, is_within_claim};
use crate::scenario::{Preset, Setup};
use crate::view::{Cure, Incurable};

/// Returns the smallest sets of missing safeguards with which the same schedule breaks nothing, all of
/// one size, on the same knobs; an empty list if it breaks even with all of them: [`incurable`] then says
/// what. The run goes on until every goal's bound has passed, so that a cure that only delays the harm is
/// none.
pub fn cures(finding: &Trial) -> Vec<Cure> {
    let switches = finding.setup.scenario().switches;
    let missing: Vec<usize> =
        (0..switches.len()).filter(|&it| !finding.setup.switches()[it]).collect();
    for size in 0..=missing.len() {
        let sets = subsets(&missing, size);
        let cures = sets.into_iter().filter_map(|set| cure(finding, &set));
        let cures: Vec<Cure> = cures.collect();
        if !cures.is_empty() {
            return cures;
        }
    }
    Vec::new()
}

/// Returns what the same schedule breaks with all safeguards on, on the same knobs; `None` if it breaks
/// nothing then, so that there is a cure.
pub fn incurable(finding: &Trial) -> Option<Incurable> {
    let mut setup = finding.setup.clone();
    setup.apply(Preset::Hardened);
    let found = Finding::of(&Trial::new(setup, finding.actions.clone()))?;
    let link = found.link();
    let Finding { trial: Trial { setup, actions, .. }, check, reason, .. } = found;
    let claim = setup.scenario().survives.claim.into();
    let is_claimed = is_within_claim(&setup, &actions);
    Some(Incurable { check, reason, is_claimed, claim, link })
}

fn cure(finding: &Trial, set: &[usize]) -> Option<Cure> {
    let mut setup: Setup = finding.setup.clone();
    let keys = set.iter().map(|&place| finding.setup.scenario().switches[place].key);
    let keys: Vec<&str> = keys.collect();
    for key in &keys {
        setup.set(key, "on").ok()?;
    }
    let trial = Trial::new(setup, finding.actions.clone());
    if Finding::of(&trial).is_some() {
        return None;
    }
    let link = trial.link(Some(finding.until_us));
    Some(Cure { switches: keys.into_iter().map(Into::into).collect(), link })
}

/// Lists all subsets of `items` that have `size` items.
fn subsets(items: &[usize], size: usize) -> Vec<Vec<usize>> {
    let Some((&first, rest)) = items.split_first() else {
        return if size == 0 { vec![Vec::new()] } else { Vec::new() };
    };
    let mut sets = Vec::new();
    if size > 0 {
        for set in subsets(rest, size - 1) {
            sets.push(std::iter::once(first).chain(set).collect());
        }
    }
    sets.extend(subsets(rest, size));
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_of_each_size_are_all_there_once() {
        let items = [4, 5, 6, 7];
        let counts: Vec<usize> = (0..=5).map(|size| subsets(&items, size).len()).collect();
        assert_eq!(counts, [1, 4, 6, 4, 1, 0]);
        assert_eq!(subsets(&items, 2)[0], [4, 5]);
    }
}
