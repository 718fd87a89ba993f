//! The search finds what is planted, says what it has seen, and asks its finds the right questions.

use faultline_core::check::{
    Finding, Survey, Trial, attempt, cures, forks, future, incurable, measure, measures, shrink,
    smallest, told,
};
use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::{Faults, Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, Boot, Cx, Environment, Files, Invariant, NodeId, Observed, Process, Spec, TextKind,
    TextLine, TimedAction, Violation, World,
};
use faultline_core::view::NodeView;
use faultline_core::view::{Strategy, Tally};
use faultline_tests::all;

use crate::kernel::puppet::{Bell, Note, Say};

/// Who has to be heard first, second, …: five steps in one of ninety orders. The first needs one node to
/// be slow, which is what priorities are good at; the second turns from one to the other each time.
const PLANTED: [[u16; 5]; 2] = [[2, 2, 3, 3, 1], [1, 3, 2, 3, 1]];
/// More tries than any strategy should need.
const TRIES: u64 = 1_000;

/// Three nodes say something twice each; the first one listens, and must not hear them in one order.
#[derive(Clone, Default, Hash)]
struct Listener(Vec<u16>);

impl Process for Listener {
    type Msg = Say;
    type Timer = Bell;
    type Disk = Files;
    type Fact = Note;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        if cx.me() != NodeId(0) {
            cx.send(NodeId(0), Say(1));
            cx.send(NodeId(0), Say(1));
        }
    }

    fn on_message(&mut self, from: NodeId, _: Say, _: &mut Cx<'_, Self>) {
        self.0.push(from.0);
    }

    fn on_timer(&mut self, _: Bell, _: &mut Cx<'_, Self>) {}

    fn view(&self, _: &Files) -> NodeView {
        NodeView::default()
    }
}

/// A row in which one of the planted orders breaks a promise.
struct Plant<const ORDER: usize>;

impl<const ORDER: usize> Plant<ORDER> {
    const SPEC: &'static Spec<Listener, ()> = &Spec {
        environment: |_| Environment::uniform((1_000, 50_000), (0, 0)),
        invariants: &[Invariant {
            name: "the planted order is not heard",
            check: |world, ()| Self::not_heard(world),
        }],
        ..Spec::bare(|_| ["L", "A", "B", "C"].map(str::to_owned).into(), |_, _| Listener::default())
    };

    const SCENARIO: &'static Scenario = &Scenario {
        survives: Faults { victims: |_| vec![NodeId(0)], ..Faults::NONE },
        horizon_us: 200_000,
        ..Scenario::unlisted("planted", |setup| Observed::boxed(Self::SPEC, setup))
    };

    fn not_heard(world: &World<Listener>) -> Result<(), Violation> {
        let heard = |it: &Listener| it.0.starts_with(&PLANTED[ORDER]);
        let is_heard = world.process(NodeId(0)).is_some_and(heard);
        if is_heard { Err(Violation::new("it was heard", [NodeId(0)])) } else { Ok(()) }
    }
}

/// Returns the number of the first try that finds what is planted.
fn tries_to_find(plant: &'static Scenario, strategy: Strategy) -> Option<u64> {
    let setup = Setup::new(plant, Preset::Naive, 1);
    (1..=TRIES).find(|&number| attempt(&setup, strategy, number).1.is_some())
}

#[test]
fn a_planted_order_of_five_steps_is_found() {
    for plant in [Plant::<0>::SCENARIO, Plant::<1>::SCENARIO] {
        let swarm = tries_to_find(plant, Strategy::Swarm);
        let priorities = tries_to_find(plant, Strategy::Priorities);
        let mut survey = Survey::new(&Setup::new(plant, Preset::Naive, 1));
        let surveyed = survey.run(u64::MAX);
        let states = surveyed.states;
        eprintln!(
            "tries to find: swarm {swarm:?}, priorities {priorities:?}; states of a survey: {states}"
        );
        let finding = survey.finding().expect("it breaks as a run, too").expect("it is found");
        assert_eq!(finding.check, "the planted order is not heard");
        assert!(surveyed.is_over && !surveyed.is_complete);
        assert!(swarm.is_some());
    }
    // Who has to be slow is found by priorities in few tries, and by chance in many.
    let [swarm, priorities] = [Strategy::Swarm, Strategy::Priorities]
        .map(|strategy| tries_to_find(Plant::<0>::SCENARIO, strategy).expect("it is found"));
    assert!(priorities < swarm, "{priorities} against {swarm}");
}

#[test]
fn every_try_is_its_own_and_the_same_each_time() {
    let setup = Setup::new(Plant::<0>::SCENARIO, Preset::Naive, 1);
    for strategy in [Strategy::Swarm, Strategy::Priorities] {
        let digest = |number| {
            let (tally, finding) = attempt(&setup, strategy, number);
            (tally, finding.map(|it| it.link()))
        };
        assert_eq!(digest(7), digest(7));
    }
    for row in all() {
        let setup = Setup::new(row, Preset::Hardened, 1);
        let (tally, finding) = attempt(&setup, Strategy::Swarm, 3);
        assert!(finding.is_none(), "{}: {}", row.slug, finding.unwrap().link());
        assert_eq!((tally.tries, tally.unconfirmed), (1, 0));
        assert_eq!(tally.events, u64::from(tally.deepest));
    }
}

#[test]
fn tallies_add_up_in_any_order() {
    let setup = Setup::of("g-counter", Preset::Hardened, 1).unwrap();
    let tallies: Vec<Tally> =
        (1..=6).map(|number| attempt(&setup, Strategy::Swarm, number).0).collect();
    let sum = |tallies: &mut dyn Iterator<Item = &Tally>| {
        let mut sum = Tally::default();
        tallies.for_each(|tally| sum.add(tally));
        sum
    };
    assert_eq!(sum(&mut tallies.iter()), sum(&mut tallies.iter().rev()));
    assert_eq!(sum(&mut tallies.iter()).tries, 6);
}

/// Returns the first find of the search in a naive design, as small as it gets.
fn small_find(row: &'static Scenario) -> Finding {
    let setup = Setup::new(row, Preset::Naive, 1);
    let found = (1..=TRIES).find_map(|number| attempt(&setup, Strategy::Swarm, number).1);
    let found = found.unwrap_or_else(|| panic!("{}: nothing is found", row.slug));
    let small = shrink(&found.trial, |_| true).expect("it breaks something");
    let small = Finding::of(&small).expect("it still does");
    assert_eq!(small.check, found.check);
    small
}

#[test]
fn in_every_row_a_find_shrinks_and_some_safeguards_prevent_it() {
    for row in all() {
        let found = small_find(row);
        let cures = cures(&found.trial);
        let sets: Vec<_> = cures.iter().map(|it| it.switches.join("+")).collect();
        let size = found.trial.actions.len();
        eprintln!("{}: “{}” in {size} actions; prevented by {sets:?}", row.slug, found.check);
        assert!(!cures.is_empty(), "{}: {}", row.slug, found.link());
        for cure in &cures {
            assert!(!cure.switches.is_empty());
            let opened = link::parse(&cure.link, 1).unwrap();
            let trial = Trial::new(opened.setup, opened.actions.unwrap());
            assert!(Finding::of(&trial).is_none(), "{}", cure.link);
        }
    }
}

#[test]
fn a_future_is_the_run_that_its_link_opens() {
    for row in all() {
        let found = small_find(row);
        let moments = forks(&found, 8);
        assert!(moments.is_sorted() && moments.len() >= 2, "{}: {moments:?}", row.slug);
        assert!(*moments.last().unwrap() <= found.at_us);
        for (at_us, seed) in [(moments[0], 1), (moments[0], 2), (*moments.last().unwrap(), 1)] {
            let future = future(&found, at_us, seed);
            let opened = link::parse(&future.link, 9).unwrap();
            let actions = opened.actions.unwrap();
            let reseed = TimedAction { at_us, action: Action::Reseed(seed) };
            assert!(actions.contains(&reseed), "{}", future.link);
            let again = Finding::of(&Trial::new(opened.setup, actions));
            let fails = again.is_some_and(|it| it.check == found.check);
            assert_eq!(future.fails, fails, "{}", future.link);
        }
    }
}

#[test]
fn luck_drawn_anew_changes_what_comes_and_survives_a_link() {
    let setup = Setup::of("single-leader", Preset::Hardened, 1).unwrap();
    let digest = |action: Option<Action>| {
        let actions = action.map(|action| TimedAction { at_us: 500_000, action });
        let trial = Trial::new(setup.clone(), actions.into_iter().collect());
        let opened = link::parse(&trial.link(None), 9).unwrap();
        assert_eq!(opened.actions.unwrap(), trial.actions);
        trial.run().digest
    };
    let [own, one, two] = [None, Some(1), Some(2)].map(|it| digest(it.map(Action::Reseed)));
    assert_ne!(one, two);
    assert_ne!(own, two);
    // The run's own seed is no other luck, and the action then does nothing.
    assert!(setup.build().why_not(&Action::Reseed(1)).is_some());
}

#[test]
fn every_row_can_be_measured() {
    for row in all() {
        let setup = Setup::new(row, Preset::Hardened, 1);
        let actions = faultline_tests::default_actions(&setup);
        let (names, values) = (measures(&setup), measure(&setup, &actions, 5));
        assert_eq!(names.len(), values.len(), "{}", row.slug);
        assert_eq!(values, measure(&setup, &actions, 5), "{}", row.slug);
        assert!(values.iter().any(Option::is_some), "{}", row.slug);
        for (name, value) in names.iter().zip(&values) {
            let breaks = name.label == "time until a promise breaks";
            assert!(!breaks || value.is_none(), "{}: {value:?}", row.slug);
        }
    }
}

#[test]
fn the_smallest_world_of_a_row_has_its_fewest_nodes() {
    for row in all() {
        let usual = Setup::new(row, Preset::Naive, 1);
        let nodes = |setup: &Setup| setup.build().names().count();
        assert!(nodes(&smallest(&usual)) <= nodes(&usual), "{}", row.slug);
    }
}

#[test]
fn a_find_is_told_with_what_others_did_in_between() {
    for row in all() {
        let found = small_find(row);
        let mut run = Run::new(found.trial.setup.clone(), found.trial.actions.clone());
        run.seek_time(found.at_us);
        let lines = told(&found, &run);
        let count = |kind| lines.iter().filter(|line| line.kind == kind).count();
        assert_eq!(count(TextKind::Action), found.trial.actions.len(), "{}", row.slug);
        assert!(lines.is_sorted_by_key(|line| line.at_us), "{}", row.slug);
        let verdict = lines.iter().rfind(|line| line.kind == TextKind::Verdict);
        assert!(verdict.is_some_and(|it| it.text.contains(&found.check)), "{}", row.slug);
    }
}

/// What the story of one find was told without: who took over, and so dropped what was written.
#[test]
fn a_find_of_a_lost_write_tells_who_took_over() {
    let found = small_find(faultline_core::scenario::find("raft-log").unwrap());
    let mut run = Run::new(found.trial.setup.clone(), found.trial.actions.clone());
    run.seek_time(found.at_us);
    let lines = told(&found, &run);
    let takes_over = |line: &TextLine| {
        line.kind == TextKind::Event && line.text.contains("becomes leader of term")
    };
    assert!(lines.iter().any(takes_over), "{lines:?}");
}

#[test]
fn what_no_safeguard_cures_is_said_with_what_breaks_all_the_same() {
    let setup = Setup::new(Plant::<0>::SCENARIO, Preset::Naive, 1);
    let found = (1..=TRIES).find_map(|number| attempt(&setup, Strategy::Swarm, number).1).unwrap();
    assert!(cures(&found.trial).is_empty(), "the row has no safeguards");
    let otherwise = incurable(&found.trial).expect("with all of its safeguards on it breaks");
    assert_eq!((otherwise.check, otherwise.is_claimed), (found.check.clone(), true));
    // Where something cures, there is nothing to be said of what does not.
    let found = small_find(all().next().unwrap());
    assert!(!cures(&found.trial).is_empty() && incurable(&found.trial).is_none());
}

#[test]
fn what_a_survey_covers_is_said_in_the_words_of_the_row() {
    for row in all() {
        let setup = Setup::new(row, Preset::Naive, 1);
        let covers = Survey::new(&setup).run(1).covers;
        let word = setup.build().epoch_word();
        assert!(covers.contains(&format!("no {word} above")), "{}: {covers}", row.slug);
        assert!(!covers.starts_with(';'), "{}: {covers}", row.slug);
    }
    let mut survey = Survey::new(&Setup::of("raft-log", Preset::Hardened, 1).unwrap());
    assert!(!survey.run(10).is_over);
    survey.give_up("there was no room");
    let surveyed = survey.run(10);
    assert!(surveyed.is_over && !surveyed.is_complete);
    assert_eq!(surveyed.gave_up.as_deref(), Some("there was no room"));
}
