use super::*;
use crate::check::Trial;
use crate::scenario::Preset;
use crate::view::Check;

const OLDER: &str = "no replica ever replaces a version by an older one";
const BACK: &str = "a deleted key does not come back";

/// Runs the default script with these switches off and these knobs, and returns what breaks.
fn breaks(off: &[&str], knobs: &[(&str, &str)], seed: u64) -> Vec<String> {
    let mut setup = Setup::new(&SCENARIO, Preset::Hardened, seed);
    for key in off {
        setup.set(key, "off").expect("the row has it");
    }
    for (key, value) in knobs {
        setup.set(key, value).expect("the row has it");
    }
    let actions = SCENARIO.script(&setup, 0);
    let checks = Trial::new(setup, actions).run().checks;
    checks.into_iter().filter(Check::is_violated).map(|it| it.name).collect()
}

#[test]
fn repair_without_versions_spreads_what_is_old() {
    for seed in 1..=10 {
        assert!(breaks(&["versions"], &[], seed).contains(&OLDER.into()), "{seed}");
        assert!(breaks(&[], &[], seed).is_empty(), "{seed}");
    }
}

#[test]
fn what_is_removed_without_a_trace_comes_back() {
    for seed in 1..=10 {
        let broken = breaks(&["tombstones"], &[], seed);
        assert!(
            broken.contains(&OLDER.into()) && broken.contains(&BACK.into()),
            "{seed}: {broken:?}"
        );
    }
}

/// C is down for 3 s. A grace that is all that there is must be longer than that and the repair after it;
/// one that begins when all have confirmed may be shorter than a round of comparisons.
#[test]
fn a_grace_that_is_shorter_than_an_absence_brings_a_delete_back() {
    for seed in 1..=10 {
        let broken = breaks(&["confirmed"], &[("grace", "1000")], seed);
        assert!(broken.contains(&BACK.into()), "{seed}: {broken:?}");
        let confirmed = breaks(&[], &[("grace", "500"), ("interval", "500")], seed);
        assert!(confirmed.is_empty(), "{seed}: {confirmed:?}");
    }
}
