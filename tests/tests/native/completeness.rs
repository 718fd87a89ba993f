//! "Complete" is said only if nothing was left out: not what a node chooses when it starts, not what
//! only a node that has crashed chooses, and no way in which a disk can come back.

use std::collections::BTreeSet;
use std::hash::Hash;

use faultline_core::check::{
    Budget, ByHand, Counterexample, Exploration, Explorer, Limit, Progress, Status, Step,
    Traversal, Uniform, walk,
};
use faultline_core::scenario::{Faults, Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Cx, FileSystem as _, Files, Invariant, NodeId, Observed, Process, Spec, Violation, World,
    digest_of,
};
use faultline_core::view::NodeView;

use crate::kernel::puppet::{Bell, Note, Say};

/// What the few nodes of a small world do, and what must not come of it.
trait Tiny: Clone + Default + Hash + 'static {
    const NODES: u16 = 1;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node<Self>>);

    fn on_bell(&mut self, _: &mut Cx<'_, Node<Self>>) {}

    /// Whether this is broken, whatever the nodes are like that run.
    fn is_broken(_: &[&Self]) -> bool {
        false
    }
}

#[derive(Clone, Default, Hash)]
struct Node<T>(T);

impl<T: Tiny> Process for Node<T> {
    type Msg = Say;
    type Timer = Bell;
    type Disk = Files;
    type Fact = Note;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        self.0.on_start(boot, cx);
    }

    fn on_message(&mut self, _: NodeId, _: Say, _: &mut Cx<'_, Self>) {}

    fn on_timer(&mut self, _: Bell, cx: &mut Cx<'_, Self>) {
        self.0.on_bell(cx);
    }

    fn view(&self, _: &Files) -> NodeView {
        NodeView::default()
    }
}

impl<T: Tiny> Node<T> {
    const SPEC: &'static Spec<Self, ()> = &Spec {
        invariants: &[Invariant {
            name: "nothing bad happens",
            check: |world, ()| Self::check(world),
        }],
        ..Spec::bare(
            |_| (0..T::NODES).map(|number| format!("N{number}")).collect(),
            |_, _| Self::default(),
        )
    };

    const SCENARIO: &'static Scenario = &Scenario {
        survives: Faults { victims: |_| vec![NodeId(0)], down_at_once: |_| 1, ..Faults::NONE },
        ..Scenario::unlisted("tiny", |setup| Observed::boxed(Self::SPEC, setup))
    };

    fn check(world: &World<Self>) -> Result<(), Violation> {
        let running: Vec<&T> =
            world.ids().filter_map(|id| world.process(id)).map(|node| &node.0).collect();
        if T::is_broken(&running) { Err(Violation::new("it is bad", [])) } else { Ok(()) }
    }

    fn model() -> ByHand {
        let budget = Budget { crashes: 1, ..Budget::default() };
        ByHand::new(Setup::new(Self::SCENARIO, Preset::Naive, 1), budget, u64::MAX)
    }
}

/// Explores a small world in both orders, which must agree, and tells how that went.
fn explored<T: Tiny>(exploration: &Exploration) -> (Progress, Option<Counterexample<Step>>) {
    let [breadth, depth] = [Traversal::BreadthFirst, Traversal::DepthFirst].map(|order| {
        let mut explorer =
            Explorer::new(Node::<T>::model(), Exploration { order, ..exploration.clone() });
        let progress = explorer.run_to_end();
        (progress, explorer.counterexample().cloned())
    });
    assert_eq!(breadth.0.status, depth.0.status);
    let is_complete = breadth.0.status == Status::Complete;
    assert!(!is_complete || breadth.0.distinct == depth.0.distinct, "{breadth:?} {depth:?}");
    breadth
}

fn progress<T: Tiny>() -> (Status, u64) {
    let (progress, _) = explored::<T>(&Exploration { goes_on: true, ..Exploration::default() });
    (progress.status, progress.distinct)
}

/// Each of two nodes chooses when it starts for the first time, and never again. `FIRST` and `SECOND`
/// are what they must not choose.
#[derive(Clone, Default, Hash)]
struct Starts<const FIRST: u64, const SECOND: u64>(Option<u64>);

impl<const FIRST: u64, const SECOND: u64> Tiny for Starts<FIRST, SECOND> {
    const NODES: u16 = 2;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node<Self>>) {
        self.0 = (boot == Boot::Fresh).then(|| cx.choose(3));
    }

    fn is_broken(running: &[&Self]) -> bool {
        matches!(running, [Self(Some(a)), Self(Some(b))] if (*a, *b) == (FIRST, SECOND))
    }
}

/// Nobody has started, N0 has in three ways, both have in nine; N0 is down after each, or has forgotten
/// its choice.
#[test]
fn what_a_node_chooses_when_it_starts_is_explored_and_is_a_run() {
    assert_eq!(progress::<Starts<9, 9>>(), (Status::Complete, 1 + 3 + 9 + 3 + 3));
    let (progress, found) = explored::<Starts<1, 2>>(&Exploration::default());
    assert_eq!(progress.status, Status::Violated);
    assert!(Node::<Starts<1, 2>>::model().replay(&found.expect("it is violated")).is_ok());
}

const NOTHING_BREAKS: &str = "played as a run, in which time passes, this breaks nothing";

/// Chooses only if it recovers, and only rarely twice.
#[derive(Clone, Default, Hash)]
struct Recovers(Vec<u64>);

impl Tiny for Recovers {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node<Self>>) {
        if boot == Boot::Recovered {
            self.0.push(cx.choose(4));
            if self.0 == [3] {
                self.0.push(cx.choose(2));
            }
        }
    }

    fn is_broken(running: &[&Self]) -> bool {
        running.iter().any(|it| it.0 == [3, 1])
    }
}

/// Up, down, and recovered in five ways.
#[test]
fn what_only_a_crashed_node_chooses_is_explored() {
    assert_eq!(progress::<Recovers>(), (Status::Complete, 1 + 1 + 5));
    let (progress, found) = explored::<Recovers>(&Exploration::default());
    assert_eq!(progress.status, Status::Violated);
    assert!(Node::<Recovers>::model().replay(&found.expect("it is violated")).is_ok());
}

/// A walk makes every choice sometimes as well.
#[test]
fn a_walk_makes_every_choice_sometimes() {
    let model = Node::<Recovers>::model();
    let walked = |seed| walk(&model, 0, &mut Uniform::new(seed), 9).into_counterexample();
    assert!((0..100).any(|seed| walked(seed).is_some()));
}

/// Writes seven sectors twice each and syncs nothing: any version of any of them may survive.
#[derive(Clone, Default, Hash)]
struct Writes;

fn write(disk: &mut Files) {
    let file = disk.create("log").expect("there is room");
    for byte in [b'a', b'b'] {
        for sector in 0..7 {
            disk.write_at(file, sector * 512, &[byte; 512]).expect("there is room");
        }
    }
}

impl Tiny for Writes {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node<Self>>) {
        if boot == Boot::Fresh {
            write(cx.disk_mut());
        }
    }
}

#[test]
fn every_disk_that_a_crash_can_leave_is_explored_however_many_there_are() {
    let mut disk = Files::default();
    write(&mut disk);
    let left: BTreeSet<u64> = disk.crash_outcomes().map(|left| digest_of(&left)).collect();
    assert!(left.len() > 3_000, "{}", left.len());
    // Up, and down and up again with each of them.
    assert_eq!(progress::<Writes>(), (Status::Complete, 1 + 2 * left.len() as u64));
}

#[test]
fn an_exploration_that_stops_among_the_outcomes_of_a_crash_is_not_complete() {
    for (exploration, limit) in [
        (Exploration { step_limit: 1_000, ..Exploration::default() }, Limit::Steps),
        (Exploration { state_limit: 1_000, ..Exploration::default() }, Limit::States),
        (Exploration { depth_limit: 2, ..Exploration::default() }, Limit::Depth),
        (Exploration { option_limit: 2, ..Exploration::default() }, Limit::Options),
    ] {
        let mut explorer = Explorer::new(Node::<Writes>::model(), exploration);
        assert_eq!(explorer.run_to_end().status, Status::Limited(limit));
    }
}

/// Draws a number that nobody else has, and then one that matters.
#[derive(Clone, Default, Hash)]
struct DrawsName(u64, u64);

impl Tiny for DrawsName {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node<Self>>) {
        *self = Self(cx.choose(1 << 40), cx.choose(2));
    }

    fn is_broken(running: &[&Self]) -> bool {
        running.iter().any(|it| it.1 == 1)
    }
}

#[test]
fn a_choice_among_too_many_options_is_not_gone_through_and_the_others_are() {
    assert_eq!(progress::<DrawsName>().0, Status::Limited(Limit::Options));
    assert_eq!(explored::<DrawsName>(&Exploration::default()).0.status, Status::Violated);
}

/// Two bells, and the clock when they rang.
#[derive(Clone, Default, Hash)]
struct ReadsClock(Vec<u64>);

impl Tiny for ReadsClock {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node<Self>>) {
        cx.set_timer(1_000, Bell(0));
    }

    fn on_bell(&mut self, cx: &mut Cx<'_, Node<Self>>) {
        self.0.push(cx.now_us());
        cx.set_timer(1_000, Bell(0));
    }

    fn is_broken(running: &[&Self]) -> bool {
        running.iter().any(|it| it.0.len() > 1 && it.0[0] == it.0[1])
    }
}

/// In the model time stands still; in a run it does not.
#[test]
fn what_needs_time_to_stand_still_is_not_passed_for_a_run() {
    let mut explorer = Explorer::new(Node::<ReadsClock>::model(), Exploration::default());
    assert_eq!(explorer.run_to_end().status, Status::Violated);
    let found = explorer.counterexample().expect("it is violated");
    assert_eq!(explorer.model().replay(found).err().as_deref(), Some(NOTHING_BREAKS));
}
