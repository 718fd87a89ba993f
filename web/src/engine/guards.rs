//! Which safeguard keeps which promise: read from the runs that are kept for that very purpose, so that
//! nothing is claimed that no run shows. Each was found by search, and is replayed by a test.

use crate::wire::Guard;

/// One run a line: row, what is off, what breaks, and the link.
const KEPT: &str = include_str!("../../../tests/kept.txt");

/// Returns the kept runs of a row in which one safeguard is missing.
pub(super) fn guards(slug: &str) -> Vec<Guard> {
    let of_row = KEPT.lines().filter_map(|line| {
        let mut parts = line.split(" | ");
        (parts.next()? == slug).then_some(())?;
        let switch = parts.next()?.strip_prefix("without ")?.to_owned();
        Some(Guard { switch, check: parts.next()?.into(), link: parts.next()?.into() })
    });
    of_row.collect()
}

#[cfg(test)]
mod tests {
    use faultline_core::scenario::{Preset, Setup, all};
    use faultline_core::view::Check;

    use super::*;

    #[test]
    fn every_guard_names_a_safeguard_and_a_promise_of_its_row() {
        for row in all() {
            let checks = (row.build)(&Setup::new(row, Preset::Naive, 1)).checks();
            let is_stated = |it: &Guard| checks.iter().any(|check: &Check| check.name == it.check);
            let guards = guards(row.slug);
            assert!(guards.iter().all(is_stated), "{}: {guards:?}", row.slug);
            for switch in row.switches {
                let has_run = guards.iter().any(|it| it.switch == switch.key);
                assert!(has_run, "{}: nothing shows what {} is for", row.slug, switch.key);
            }
        }
    }
}
