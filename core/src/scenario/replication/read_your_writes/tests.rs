//! The row alone: what is in a pocket is sent also by who writes faster than a pocket is emptied.

use super::*;
use crate::run::Run;
use crate::scenario::Preset;
use crate::view::{CheckKind, Verdict};

#[test]
fn who_writes_often_does_not_put_off_what_waits() {
    for seed in 1..=20 {
        let mut setup = Setup::of(SCENARIO.slug, Preset::Hardened, seed).expect("it is listed");
        setup.set("choice", "queue").expect("it is offered");
        setup.set("writes", "95").expect("it is in range");
        let script = SCENARIO.script(&setup, 0);
        let mut run = Run::new(setup, script);
        run.seek_time(2 * SCENARIO.horizon_us);
        let checks = run.simulation().checks().into_iter();
        let broken = checks.filter(|it| matches!(it.verdict, Verdict::Broken { .. }));
        let broken = broken.filter(|it| it.kind != CheckKind::Alert).map(|it| it.name);
        assert_eq!(broken.collect::<Vec<_>>(), Vec::<String>::new(), "seed {seed}");
    }
}
