//! Puzzles: each can be solved within its budget and at its par, and nobody solves it by waiting.
//!
//! `tests/puzzles.txt` keeps a solution of each. `UPDATE_PUZZLES=1` searches for those that are
//! missing: schedules within the budget are drawn at random, of every kind that
//! the budget names, and the one with the fewest faults is kept.

use faultline_core::check::{draw_schedule, grades, is_within_claim};
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::{self, Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, CommandView, FaultKind, InputValue, InputView, NodeId, Splice, Stream, TimedAction,
};
use faultline_core::view::{CheckKind, Grade, PuzzleView};
use faultline_tests::{all, updated};

use crate::faults;

const KEPT: &str = include_str!("../../puzzles.txt");

/// How many schedules are drawn for a puzzle whose solution is missing.
const TRIES: u64 = 20_000;

/// Every puzzle with its row and its index there.
fn puzzles() -> impl Iterator<Item = (&'static Scenario, usize, PuzzleView)> {
    all().flat_map(|row| {
        let puzzles = Setup::new(row, Preset::Naive, 1).build().puzzles();
        puzzles.into_iter().enumerate().map(move |(index, puzzle)| (row, index, puzzle))
    })
}

fn kept_link(row: &Scenario, puzzle: &PuzzleView) -> Option<&'static str> {
    KEPT.lines().find_map(|line| {
        let (begin, link) = line.rsplit_once(" | ")?;
        begin.starts_with(&format!("{} | {} |", row.slug, puzzle.title)).then_some(link)
    })
}

fn graded(setup: Setup, actions: Vec<TimedAction>, at_us: u64, index: usize) -> Grade {
    let mut run = Run::new(setup, actions);
    run.seek_time(at_us);
    grades(&run).swap_remove(index)
}

#[test]
fn a_kept_link_solves_each_puzzle_at_par() {
    for (row, index, puzzle) in puzzles() {
        let kept = kept_link(row, &puzzle);
        let link =
            kept.unwrap_or_else(|| panic!("{}: no solution of “{}”", row.slug, puzzle.title));
        let opened = link::parse(link, 0).unwrap_or_else(|error| panic!("{link}: {error}"));
        let (actions, at_us) = (opened.actions.unwrap_or_default(), opened.at_us.unwrap_or(0));
        let grade = graded(opened.setup.clone(), actions.clone(), at_us, index);
        assert!(grade.is_solved(), "{link} does not solve “{}”: {grade:?}", puzzle.title);
        assert_eq!(grade.used(), puzzle.par, "“{}” has another par: {link}", puzzle.title);
        // What is not needed is no solution: without any of its faults it is none.
        for left_out in 0..actions.len() {
            let mut fewer = actions.clone();
            if FaultKind::of(&fewer.remove(left_out).action).is_some() {
                let grade = graded(opened.setup.clone(), fewer, at_us, index);
                assert!(!grade.is_solved(), "{link}: action {left_out} is not needed");
            }
        }
        // In another setup it is another question.
        let mut other = opened.setup.clone();
        other.apply(if puzzle.preset == Preset::Naive { Preset::Hardened } else { Preset::Naive });
        assert!(!graded(other, actions, at_us, index).is_solved(), "{link}");
    }
}

#[test]
fn nobody_solves_a_puzzle_by_waiting() {
    for (row, index, puzzle) in puzzles() {
        for seed in 1..=20 {
            let setup = Setup::new(row, puzzle.preset, seed);
            let grade = graded(setup, Vec::new(), 2 * row.horizon_us, index);
            assert!(grade.is_set_up && grade.reached_us.is_none(), "{}: {seed}", puzzle.title);
            assert_eq!(grade.used(), 0);
        }
    }
}

/// A command is no fault: one that reaches the goal would be a solution without any.
#[test]
fn no_command_alone_solves_a_puzzle() {
    let mut solved = Vec::new();
    for (row, index, puzzle) in puzzles() {
        let setup = Setup::new(row, puzzle.preset, 1);
        for action in commands(&setup) {
            let asked = vec![TimedAction { at_us: 100_000, action: action.clone() }];
            let grade = graded(setup.clone(), asked, 2 * row.horizon_us, index);
            if grade.reached_us.is_some() {
                solved.push(format!("{}: {action:?} solves “{}”", row.slug, puzzle.title));
            }
        }
    }
    assert_eq!(solved, Vec::<String>::new());
}

/// Every command, asked of the first who takes it, with as much as it takes.
fn commands(setup: &Setup) -> Vec<Action> {
    let asked = |(command, it): (u16, CommandView)| {
        let node = *it.nodes.first()?;
        let many = |letters: u16| "ab ".chars().cycle().take(letters.into()).collect::<String>();
        let value = match it.input {
            InputView::Nothing => return Some(Action::Command { command, node }),
            InputView::Number { max, .. } => InputValue::Number(max),
            InputView::Text { max_chars, .. } => InputValue::Text(many(max_chars)),
            InputView::Edit { max_chars, .. } => {
                InputValue::Edit(Splice::insertion(&many(max_chars)))
            }
            InputView::Choice { default, .. } => InputValue::Choice(default),
            InputView::Node { .. } => InputValue::Number(1),
            InputView::Point { default: (x, y), .. } => InputValue::Point { x, y },
        };
        Some(Action::CommandWith { command, node, value })
    };
    (0..).zip(setup.build().commands()).filter_map(asked).collect()
}

/// Who watches a script has not begun the puzzle, whatever comes of it.
#[test]
fn no_script_of_the_row_solves_a_puzzle() {
    for (row, index, puzzle) in puzzles() {
        for script in 0..row.scripts.len() {
            let setup = Setup::new(row, puzzle.preset, 42).for_script(script);
            let actions = row.script(&setup, script);
            let mut faults = actions.iter().filter(|it| FaultKind::of(&it.action).is_some());
            let has_fault = faults.next().is_some();
            let grade = graded(setup, actions, 2 * row.horizon_us, index);
            assert_eq!(grade.follows_script, has_fault, "{}: script {script}", row.slug);
            assert!(!grade.is_solved(), "{}: script {script} solves {}", row.slug, puzzle.title);
        }
    }
}

/// A puzzle that breaks a promise is one of the naive design: the hardened one keeps it whatever is
/// done within its claim.
#[test]
fn no_search_solves_a_broken_promise_with_the_safeguards_on() {
    for (row, index, puzzle) in puzzles().filter(|(.., puzzle)| puzzle.preset == Preset::Naive) {
        for seed in 1..=60 {
            let setup = Setup::new(row, Preset::Hardened, seed);
            let actions = draw_schedule(&setup, seed);
            assert!(is_within_claim(&setup, &actions));
            let grade = graded(setup, actions, 2 * row.horizon_us, index);
            assert_eq!(grade.reached_us, None, "“{}” with seed {seed}", puzzle.title);
        }
    }
}

#[test]
fn a_puzzle_reads_well_and_names_what_there_is() {
    for (row, _, puzzle) in puzzles() {
        let PuzzleView { title, task, hint, budget, par, .. } = &puzzle;
        assert!((5..=40).contains(&title.chars().count()), "{title}");
        assert!(task.chars().count() <= 140 && hint.chars().count() <= 140, "{title}");
        assert!([task, hint].iter().all(|text| text.ends_with(['.', '?'])), "{title}");
        let allowed: u16 = budget.iter().map(|(_, count)| count).sum();
        assert!(*par >= 1 && *par <= allowed, "{title}");
        let kinds: std::collections::BTreeSet<_> = budget.iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), budget.len(), "{}: {title} names a kind twice", row.slug);
    }
}

/// A goal that names an invariant names one that there is, else it could never come true.
#[test]
fn goals_come_true_with_what_they_name() {
    for (row, index, puzzle) in puzzles() {
        let link = kept_link(row, &puzzle).unwrap_or_default();
        let Ok(opened) = link::parse(link, 0) else {
            panic!("no solution of “{}”", puzzle.title)
        };
        let mut run = Run::new(opened.setup, opened.actions.unwrap_or_default());
        run.seek_time(opened.at_us.unwrap_or_default());
        let reached_us = run.simulation().puzzle_reached_us(index).expect("it is solved");
        run.seek_time(reached_us.saturating_sub(1));
        assert_eq!(run.simulation().puzzle_reached_us(index), None, "{link}");
        let breaks = |run: &Run| {
            let checks = run.simulation().checks();
            checks.iter().filter(|it| it.kind == CheckKind::Invariant && it.is_violated()).count()
        };
        let before = breaks(&run);
        run.seek_time(reached_us);
        assert!(puzzle.preset == Preset::Hardened || breaks(&run) > before, "{link}");
    }
}

/// The grade counts what bit before the goal came true, and nothing else.
#[test]
fn only_faults_that_did_something_in_time_count() {
    let row = scenario::find("g-counter").expect("it is listed");
    let setup = Setup::new(row, Preset::Naive, 1);
    let at = |at_us, action| TimedAction { at_us, action };
    let idle = vec![
        at(100_000, Action::Restart(NodeId(0))),
        at(100_000, Action::Cut { from: NodeId(0), to: NodeId(0) }),
        at(110_000, Action::Crash(NodeId(1))),
        at(110_000, Action::Crash(NodeId(1))),
        at(120_000, Action::Restart(NodeId(1))),
        at(9_000_000, Action::Crash(NodeId(2))),
    ];
    let grade = graded(setup.clone(), idle.clone(), 1_000_000, 0);
    assert_eq!(grade.used(), 1, "{grade:?}");
    assert!(!grade.is_within_budget(), "a crash is not in this budget");
    let later = graded(setup.clone(), idle, 10_000_000, 0);
    let is_late = later.reached_us.is_some_and(|reached_us| reached_us < 9_000_000);
    assert_eq!(later.used(), if is_late { 1 } else { 2 });
    let mut turned = setup;
    turned.set("nodes", "3").expect("a knob");
    assert!(!graded(turned, Vec::new(), 0, 0).is_set_up);
}

/// Searches for solutions that are missing, and writes all down.
#[test]
fn update_if_asked_to() {
    if std::env::var_os("UPDATE_PUZZLES").is_none() {
        return;
    }
    let mut lines = Vec::new();
    for (row, index, puzzle) in puzzles() {
        let solution = kept_link(row, &puzzle).and_then(|link| {
            let kept = link::parse(link, 0).ok()?;
            let (actions, at_us) = (kept.actions.unwrap_or_default(), kept.at_us.unwrap_or(0));
            let grade = graded(kept.setup.clone(), actions.clone(), at_us, index);
            let is_par = grade.is_solved() && grade.used() == puzzle.par;
            is_par.then(|| link::format(&kept.setup, &actions, Some(at_us), None))
        });
        match solution.or_else(|| search(row, &puzzle, index)) {
            Some(link) => {
                let faults = puzzle.par;
                lines.push(format!("{} | {} | {faults} | {link}", row.slug, puzzle.title));
            }
            None => eprintln!("{}: nothing solves “{}”", row.slug, puzzle.title),
        }
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/puzzles.txt"), updated(KEPT, &lines))
        .expect("it can be written");
}

/// Draws schedules within the budget and returns the link with the fewest faults that solves it.
fn search(row: &'static Scenario, puzzle: &PuzzleView, index: usize) -> Option<String> {
    let mut best: Option<(u16, String)> = None;
    for number in 1..=TRIES {
        let setup = Setup::new(row, puzzle.preset, 1 + number % 5);
        let fewest = best.as_ref().map_or(u16::MAX, |(used, _)| *used);
        if fewest <= puzzle.par {
            break;
        }
        let actions = draw_within(&setup, &puzzle.budget, number, fewest);
        let grade = graded(setup.clone(), actions.clone(), row.horizon_us, index);
        if grade.is_solved() && grade.used() < fewest {
            let (used, at_us) = (grade.used(), grade.reached_us);
            eprintln!("“{}”: {used} faults by try {number}", puzzle.title);
            best = Some((used, link::format(&setup, &actions, at_us, None)));
        }
    }
    best.map(|(_, link)| link)
}

fn draw_within(
    setup: &Setup,
    budget: &[(FaultKind, u16)],
    number: u64,
    fewer_than: u16,
) -> Vec<TimedAction> {
    let mut stream = Stream::new(number, "puzzle");
    let victims = (setup.scenario().survives.victims)(setup);
    let mut drawn: Vec<FaultKind> = Vec::new();
    for &(kind, allowed) in budget {
        let count = stream.range(0, u64::from(allowed));
        drawn.extend((0..count).map(|_| kind));
    }
    for place in (1..drawn.len()).rev() {
        drawn.swap(place, stream.index(place + 1));
    }
    drawn.truncate(usize::from(fewer_than.saturating_sub(1)));
    // Faults help each other if they come close together.
    let mut at_ms = stream.range(200, setup.scenario().horizon_us / 2_000);
    let time = |_: &FaultKind| {
        let reach_ms = if stream.chance(70) { 60 } else { 1_000 };
        at_ms += stream.range(0, reach_ms);
        1_000 * at_ms
    };
    let mut times: Vec<u64> = drawn.iter().map(time).collect();
    times.sort_unstable();
    let mut actions: Vec<TimedAction> = Vec::new();
    for (kind, at_us) in drawn.into_iter().zip(times) {
        let sender_of_dropped = |timed: &TimedAction| {
            let Action::DropMessage(name) = &timed.action else { return None };
            victims.contains(&name.from).then_some(name.from)
        };
        let dropped = actions.iter().rev().find_map(sender_of_dropped);
        // Whoever sent what was lost would send it again.
        let node = dropped.filter(|_| stream.chance(60));
        let node = node.unwrap_or_else(|| victims[stream.index(victims.len())]);
        let mut run = Run::new(setup.clone(), actions.clone());
        run.seek_time(at_us - 1);
        let end_us = at_us + 1_000 * stream.range(50, 2_000);
        if let Some((begin, end)) = faults::draw(&mut stream, kind, node, run.simulation()) {
            actions.push(TimedAction { at_us, action: begin });
            actions.extend(end.map(|action| TimedAction { at_us: end_us, action }));
        }
        actions.sort_by_key(|timed| timed.at_us);
    }
    actions
}

/// A puzzle may have a budget of any kind.
#[test]
fn the_search_draws_every_kind_of_fault() {
    const KINDS: [FaultKind; 14] = [
        FaultKind::Crash,
        FaultKind::Pause,
        FaultKind::Cut,
        FaultKind::Hold,
        FaultKind::Drop,
        FaultKind::Duplicate,
        FaultKind::Delay,
        FaultKind::Loss,
        FaultKind::Duplication,
        FaultKind::Clock,
        FaultKind::Slow,
        FaultKind::Disk,
        FaultKind::Timer,
        FaultKind::ByHand,
    ];
    for row in all() {
        let setup = Setup::new(row, Preset::Naive, 1);
        for kind in KINDS {
            let drawn = |number| draw_within(&setup, &[(kind, 2)], number, u16::MAX);
            let drawn: Vec<TimedAction> = (1..=20).flat_map(drawn).collect();
            let kinds = || drawn.iter().filter_map(|timed| FaultKind::of(&timed.action));
            assert!(kinds().count() > 0 && kinds().all(|it| it == kind), "{}: {kind:?}", row.slug);
        }
    }
}
