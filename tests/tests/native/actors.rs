//! Processes explored as actors: whatever was sent can arrive at any time, and a crash can come before a
//! disk has synced.

use std::collections::BTreeSet;
use std::rc::Rc;

use faultline_core::check::{
    Actors, Budget, Exploration, Explorer, Progress, Status, Traversal, Troupe,
};
use faultline_core::sim::{Actor, Boot, Cell, Cx, NodeId, Process};
use faultline_core::view::NodeView;

use crate::kernel::puppet::{Bell, Note, Say};

/// The first node asks twice; the second writes down what it is asked, and says when it has.
#[derive(Clone, Hash)]
struct Writer {
    /// Whether it says so only when it is true.
    waits: bool,
    told: BTreeSet<u32>,
}

impl Process for Writer {
    type Msg = Say;
    type Timer = Bell;
    type Disk = Cell<BTreeSet<u32>>;
    type Fact = Note;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        if cx.me() == NodeId(0) {
            cx.send(NodeId(1), Say(1));
            cx.send(NodeId(1), Say(2));
        }
    }

    fn on_message(&mut self, from: NodeId, Say(number): Say, cx: &mut Cx<'_, Self>) {
        if cx.me() == NodeId(0) {
            self.told.insert(number);
            return;
        }
        cx.disk_mut().get_mut().insert(number);
        if self.waits {
            cx.send_after_sync(from, Say(number));
        } else {
            cx.sync();
            cx.send(from, Say(number));
        }
    }

    fn on_timer(&mut self, _: Bell, _: &mut Cx<'_, Self>) {}

    fn view(&self, _: &Self::Disk) -> NodeView {
        NodeView::default()
    }
}

struct Pair {
    waits: bool,
}

impl Troupe for Pair {
    type Process = Writer;
    type Observer = ();

    fn spawn(&self, _: NodeId) -> Writer {
        Writer { waits: self.waits, told: BTreeSet::new() }
    }

    fn command(&self, _: u16, _: NodeId, _: &Actor<Writer>) -> Option<Say> {
        None
    }

    fn fires(&self, _: NodeId, _: Bell) -> bool {
        false
    }

    fn is_dead(&self, _: &Actor<Writer>, _: NodeId, _: &Say) -> bool {
        false
    }

    fn violation(&self, actors: &[Rc<Actor<Writer>>], (): &()) -> Option<String> {
        let told = &actors[0].process()?.told;
        let is_lost = !told.is_subset(actors[1].disk().durable());
        is_lost.then(|| "what was said to be written is lost".into())
    }
}

/// Returns how far the exploration came and a counterexample in words.
fn explored(waits: bool, crashes: u16) -> (Progress, Vec<String>) {
    let budget = Budget { crashes, ..Budget::default() };
    let model: Actors<Pair, 2> = Actors::new(Pair { waits }, budget);
    let order = Traversal::BreadthFirst;
    let mut explorer = Explorer::new(model, Exploration { order, ..Exploration::default() });
    let progress = explorer.run_to_end();
    let found = explorer.counterexample().into_iter();
    let acts = found.flat_map(|it| &it.path.actions);
    (progress, acts.map(|act| explorer.model().words(act)).collect())
}

/// Each number is not written, written, or written and told, whichever comes first: three ways each.
#[test]
fn a_message_that_was_delivered_is_no_other_state() {
    let (progress, found) = explored(true, 0);
    assert_eq!((progress.status, progress.distinct), (Status::Complete, 9));
    assert!(found.is_empty());
}

#[test]
fn a_crash_can_come_before_a_disk_has_synced() {
    let (progress, found) = explored(true, 2);
    assert_eq!(progress.status, Status::Complete);
    assert!(found.is_empty());
    let (progress, found) = explored(false, 1);
    assert_eq!(progress.status, Status::Violated);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("and crashes before it has synced"), "{found:?}");
}
