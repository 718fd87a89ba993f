//! Whether the copies show what they should: of all that was written, what nobody has replaced.

use super::judge::{FAR_APART_US, History, Write};
use super::message::{WriteId, ids_text, vector_text};
use super::node::Node;
use crate::scenario::Setup;
use crate::sim::{LongList, NodeId, Violation, World};
use crate::view::instant;

/// A write that a replica should show and does not.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The replica.
    pub(super) at: NodeId,
    /// The write.
    pub(super) lost: WriteId,
    /// What is shown instead although the lost write had seen it.
    pub(super) undone_by: Option<WriteId>,
}

/// Lists what replicas should show and do not: of the writes that they were told of, those that no
/// later one of these replaces.
pub(super) fn missing(
    world: &World<Node>,
    history: &History,
    is_undone: bool,
) -> impl Iterator<Item = Missing> {
    world.up().filter(move |(id, _)| !history.is_at_work(*id)).filter_map(move |(at, node)| {
        let newest = history.newest(history.pasts.last(at)?);
        let missing = |write: &Write| !node.shown().any(|shown| shown == write.id);
        newest.into_iter().filter(missing).find_map(|write| {
            let was_seen = |shown: &WriteId| {
                let shown = history.write(*shown);
                shown.is_some_and(|it| history.pasts.happens_before(it.event, write.event))
            };
            let undone_by = node.shown().find(was_seen);
            let missing = Missing { at, lost: write.id, undone_by };
            (undone_by.is_some() == is_undone).then_some(missing)
        })
    })
}

/// A replica that was told of an answer does not show instead what the answer answered.
pub(super) fn nothing_is_undone(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(Missing { at, lost, undone_by: Some(shown) }) = missing(world, history, true).next()
    else {
        return Ok(());
    };
    let names = world.names();
    let (lost_text, shown_text) = (lost.text(names), shown.text(names));
    let reason = format!(
        "{} shows {shown_text} and has dropped {lost_text}, whose writer had read {shown_text}",
        &names[at]
    );
    let moments = [shown, lost].into_iter().filter_map(|it| history.moment(it));
    Err(Violation::new(reason, [at, lost.by]).of(moments.chain([(world.now_us(), at)])))
}

/// A replica shows every write that it was told of, unless somebody who had seen it has written since.
pub(super) fn nothing_is_lost(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(Missing { at, lost, .. }) = missing(world, history, false).next() else {
        return Ok(());
    };
    let names = world.names();
    let shown = world.process(at).map(|node| ids_text(node.shown(), names)).unwrap_or_default();
    let (lost_text, at_name) = (lost.text(names), &names[at]);
    let reason =
        format!("{at_name} has dropped {lost_text}, which nobody has replaced, and shows {shown}");
    let moments = history.moment(lost).into_iter().chain([(world.now_us(), at)]);
    Err(Violation::new(reason, [at, lost.by]).of(moments))
}

/// Returns true if all replicas are up and show the same.
pub(super) fn agree(world: &World<Node>, _: &History) -> bool {
    let mut nodes = world.ids().map(|id| world.process(id));
    let Some(first) = world.process(NodeId(0)).filter(|it| it.shown().next().is_some()) else {
        return false;
    };
    nodes.all(|node| node.is_some_and(|node| node.shown().eq(first.shown())))
}

/// How long all replicas may take to agree at some moment: everybody tells everybody in turn, by a
/// clock at most 5 % slow, and some room for writes on their way.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    (setup.knob("nodes") - 1) * setup.knob("gossip") * 1_100 + 2_000_000
}

/// Returns the most versions that a replica shows side by side.
pub(super) fn most_siblings(world: &World<Node>, _: &History) -> i64 {
    let most = world.up().map(|(_, node)| node.shown().count()).max();
    i64::try_from(most.unwrap_or_default()).unwrap_or(i64::MAX)
}

/// Returns how many replicas do not show what they should.
pub(super) fn deprived(world: &World<Node>, history: &History) -> i64 {
    let both = [true, false].map(|is_undone| missing(world, history, is_undone).count());
    i64::try_from(both[0] + both[1]).unwrap_or(i64::MAX)
}

/// No replica shows several versions.
pub(super) fn nothing_to_reconcile(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let Some((id, node)) = world.up().find(|(_, node)| node.shown().nth(1).is_some()) else {
        return Ok(());
    };
    let names = world.names();
    let shown = ids_text(node.shown(), names);
    let reason = format!("{} shows {shown}, of which none had seen the other", &names[id]);
    Err(Violation::new(reason, [id]))
}

/// A write was acknowledged since something was last done to the world.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    history.acknowledged_us.is_some_and(|at_us| at_us >= world.disturbed_at_us())
}

/// Returns how many writes the copy that is furthest behind has not heard of.
pub(super) fn unheard(world: &World<Node>, history: &History) -> i64 {
    let unheard_by = |(id, _): (NodeId, &Node)| {
        let last = history.pasts.last(id).unwrap_or_default();
        let knows =
            |write: &Write| write.event == last || history.pasts.happens_before(write.event, last);
        let of_writer = |(_, writes): (NodeId, &LongList<Write>)| {
            let newest_first = (0..writes.len()).rev().filter_map(|at| writes.get(at));
            newest_first.take_while(|write| !knows(write)).count()
        };
        history.writes.iter().map(of_writer).sum::<usize>()
    };
    i64::try_from(world.up().map(unheard_by).max().unwrap_or_default()).unwrap_or(i64::MAX)
}

/// A copy shows a write whose writer had read one that was stamped far in the future.
pub(super) fn answers_the_future(world: &World<Node>, history: &History) -> bool {
    let is_of_future = |write: &Write| {
        let at_us = history.pasts.place(write.event).map_or(0, |(_, at_us)| at_us);
        history.stamps_of(*write).is_some_and(|it| it.wall_us > at_us + FAR_APART_US)
    };
    let answers = |id: WriteId| {
        let event = history.write(id).map(|write| write.event);
        event.is_some_and(|event| {
            history.last_known(event).any(|read| read.id.by != id.by && is_of_future(&read))
        })
    };
    world.up().any(|(_, node)| node.shown().any(answers))
}

/// Answers the first bet: 0 if an answer was dropped for what it answers, 1 if it is shown.
pub(super) fn answer_or_answered(world: &World<Node>, history: &History) -> Option<u8> {
    if nothing_is_undone(world, history).is_err() {
        return Some(0);
    }
    answers_the_future(world, history).then_some(1)
}

/// Returns true if both sides have written since the cut, which lasts.
pub(super) fn both_write(world: &World<Node>, history: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let has_written = |(_, writes): &(NodeId, &LongList<Write>)| {
        let last = writes.last().and_then(|it| history.moment(it.id));
        last.is_some_and(|(at_us, _)| at_us > since_us)
    };
    let writers = history.writes.iter().filter(has_written);
    let [smaller, larger] = writers.fold([0, 0], |[smaller, larger], (id, _)| {
        if id < super::SECOND_SIDE { [smaller + 1, larger] } else { [smaller, larger + 1] }
    });
    world.network().cuts().next().is_some() && smaller > 0 && larger > 0
}

/// Returns a copy that shows writes of both sides of the cut beside each other.
pub(super) fn both_sides(world: &World<Node>) -> Option<NodeId> {
    if world.disturbed_at_us() < super::HEALED_US || !world.network().is_whole() {
        return None;
    }
    let shows_both = |(_, node): &(NodeId, &Node)| {
        let of = |is_smaller| node.shown().any(|it| (it.by < super::SECOND_SIDE) == is_smaller);
        of(true) && of(false)
    };
    world.up().find(shows_both).map(|(id, _)| id)
}

/// Answers the second bet, once the sides of the cut meet: 0 if one side's write was dropped, 1 if both
/// sides' are shown.
pub(super) fn after_the_cut(world: &World<Node>, history: &History) -> Option<u8> {
    if world.network().is_whole() && nothing_is_lost(world, history).is_err() {
        return Some(0);
    }
    both_sides(world).map(|_| 1)
}

/// Says what a copy shows or has dropped now that the sides meet.
pub(super) fn the_meeting_in_words(world: &World<Node>, history: &History) -> String {
    let names = world.names();
    if let Err(violation) = nothing_is_lost(world, history) {
        return violation.reason;
    }
    let Some(id) = both_sides(world) else { return String::new() };
    let versions = world.process(id).into_iter().flat_map(|node| &node.kept.versions);
    let told: Vec<String> = versions
        .map(|it| {
            let vector = vector_text(|id| it.contains.updates(id), names.ids());
            format!("{} {vector}", it.id.text(names))
        })
        .collect();
    format!("{} shows {}: none contains another", &names[id], told.join(" beside "))
}

/// Says whether an answer was dropped for what it answered, and by which stamps.
pub(super) fn the_answer_in_words(world: &World<Node>, history: &History) -> String {
    let names = world.names();
    let stamp = |id: WriteId| {
        let stamps = history.write(id).and_then(|it| history.stamps_of(it));
        format!("{}, stamped {}", id.text(names), instant(stamps.map_or(0, |it| it.wall_us)))
    };
    match missing(world, history, true).next() {
        Some(Missing { at, lost, undone_by: Some(shown) }) => {
            format!("{} shows {}, and dropped the answer {}", &names[at], stamp(shown), stamp(lost))
        }
        Some(_) | None => "The answer is shown, and what it answered is replaced".into(),
    }
}

/// Says what a copy has lost.
pub(super) fn remark(world: &World<Node>, history: &History, id: NodeId) -> Option<String> {
    let lost = [true, false].into_iter().flat_map(|it| missing(world, history, it));
    let lost: Vec<_> = lost.filter(|it| it.at == id).map(|it| it.lost).collect();
    (!lost.is_empty()).then(|| format!("lost {}", ids_text(lost, world.names())))
}
