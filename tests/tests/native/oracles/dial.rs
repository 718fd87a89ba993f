//! The row `quorum-dial` against the figures that its lesson names: it runs what the tests beside this one
//! run alone.

use faultline_core::check::draw_schedule;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::TimedAction;
use faultline_core::view::{CheckKind, HistoryVerdict, Widget};
use faultline_core::witness::Witness;

/// Returns the row with these dials and switches.
fn setup(preset: Preset, seed: u64, dials: &[(&str, &str)]) -> Setup {
    let mut setup = Setup::of("quorum-dial", preset, seed).expect("it is listed");
    for (key, value) in dials {
        setup.set(key, value).expect("the row has it");
    }
    setup
}

fn played(setup: Setup, actions: Vec<TimedAction>, until_us: u64) -> Run {
    let mut run = Run::new(setup, actions);
    run.seek_time(until_us);
    run
}

/// Returns the numbers at the beginnings of the fields of a panel.
fn shown(run: &Run, title: &str) -> Vec<f64> {
    let panels = run.simulation().scene().panels;
    let panel = panels.into_iter().find(|panel| panel.title == title).expect("the panel is there");
    let number = |widget: Widget| {
        let Widget::Field { value, .. } = widget else { panic!("a field") };
        let digits = value.text.split(|c: char| !c.is_ascii_digit() && c != '.').next();
        digits.and_then(|it| it.parse().ok()).expect("a number")
    };
    panel.widgets.into_iter().map(number).collect()
}

/// Source: Bailis et al. 2012 (PBS), section 3.1, equation 1: 2/3 for N = 3, R = W = 1. Tolerance 2 %.
#[test]
fn the_row_is_stale_as_often_as_pbs_says() {
    let (mut reads, mut missed) = (0.0, 0.0);
    for seed in 1..=16 {
        let setup = setup(Preset::Naive, seed, &[("clients", "2")]);
        let run = played(setup, Vec::new(), 150_000_000);
        let [counted, stale, formula] = shown(&run, "Stale reads")[..] else { panic!("three") };
        assert!((formula - 66.7).abs() < 0.01, "{formula}");
        (reads, missed) = (reads + counted, missed + stale);
    }
    let (found, expected) = (missed / reads, 2.0 / 3.0);
    println!("{found:.4} of {expected:.4}, from {reads} reads");
    assert!(reads > 12_000.0, "{reads}");
    assert!((found - expected).abs() / expected <= 0.02, "{found}");
}

/// What the row's invariants say of a run, and what the general checker says of what its clients saw.
fn judged(setup: Setup) -> (bool, bool, bool) {
    // Without faults two reads seldom fit beside one write.
    let actions = draw_schedule(&setup, setup.seed);
    let run = played(setup, actions, 6_000_000);
    let holds = |name: &str| {
        let checks = run.simulation().checks();
        let check =
            checks.into_iter().find(|it| it.kind == CheckKind::Invariant && it.name == name);
        !check.expect("the row has it").is_violated()
    };
    let regular = holds("a read returns the latest acknowledged write, or one under way");
    let atomic = holds("reads and writes take effect one at a time");
    let mut witness = Witness::new(&run);
    while !witness.follow(&run, 100_000) {}
    let testimony = witness.testimony().expect("clients see a register");
    let object = testimony.object().expect("clients see a register");
    let verdict = object.judge(testimony.operations(), 10_000_000);
    let linearizable = match verdict {
        HistoryVerdict::Possible { .. } => true,
        HistoryVerdict::Impossible { .. } => false,
        HistoryVerdict::Unknown { .. } => panic!("the checker ran out of steps"),
    };
    (regular, atomic, linearizable)
}

/// Source: Attiya, Bar-Noy & Dolev 1995 (ABD): regular without the write-back, atomic with it. Exact: over
/// the same seeds, non-linearizable histories and none; and whatever is off, the row's own judgement
/// is that of the general checker.
#[test]
fn the_checker_tells_regular_from_linearizable() {
    let of = |off: &[(&str, &str)]| -> Vec<(bool, bool, bool)> {
        let dials = [off, &[("clients", "5")]].concat();
        (1..=60).map(|seed| judged(setup(Preset::Hardened, seed, &dials))).collect()
    };
    let without = of(&[("write-back", "off")]);
    let (with, no_versions) = (of(&[]), of(&[("versions", "off")]));
    assert!(with.iter().all(|it| *it == (true, true, true)), "{with:?}");
    assert!(without.iter().all(|(regular, ..)| *regular), "{without:?}");
    assert!(without.iter().any(|(.., linearizable)| !linearizable), "{without:?}");
    for (_, atomic, linearizable) in without.into_iter().chain(with).chain(no_versions) {
        assert_eq!(atomic, linearizable);
    }
}
