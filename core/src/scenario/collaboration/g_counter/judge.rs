//! What the visitors were told, and whether it is true.

use super::message::{Fact, signed, slot_text};
use super::node::Node;
use crate::mechanism::crdt::PnCounter;
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Cause, EventKind, Happened, LongList, NodeId, Observer, Violation, World};

/// How long news may take in calm. At most 9 nodes tell each of 8 peers in turn, every 200 ms by a
/// clock at most 5 % slow, even if nobody passes anything on: 1.7 s, one latency, and some room.
pub(super) const SPREAD_US: u64 = 2_000_000;
/// How long it may take after the last fault until every copy has the clicks acknowledged before. Slots
/// need only [`SPREAD_US`]. A sum of deltas does not tell which clicks it is made of, so it can be
/// compared only when no new ones come: the visitors of a node that has just started come for 2.4 s,
/// by a slow clock 2.5 s.
pub(super) const SETTLE_US: u64 = 3_000_000 + SPREAD_US;
/// A copy that misses the truth by more clicks than this deserves a look.
const FAR_OFF: u64 = 12;

/// Every click and every acknowledgement, from which a count is judged.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// Every click, acknowledged or not, by node.
    pub(super) clicked: PnCounter,
    /// Every acknowledged click, by node.
    pub(super) acknowledged: PnCounter,
    /// Every acknowledgement in order: when, by whom, and what.
    acknowledgements: LongList<(u64, NodeId, i64)>,
    /// The deltas in each copy's sum, by sender and number, and when each was added, until one was
    /// added again.
    added: SmallMap<NodeId, LongList<(NodeId, u32, u64)>>,
    /// The first delta that a copy added again: the copy's node, the sender and the number, and when it
    /// was added first and again.
    added_again: Option<(NodeId, NodeId, u32, [u64; 2])>,
    /// What each copy must know, since its node was told so after it last started.
    told: SmallMap<NodeId, PnCounter>,
    /// When somebody last clicked or was told something.
    pub(super) last_us: u64,
    /// When each copy last changed.
    changed_us: SmallMap<NodeId, u64>,
    /// When each node last came back from a crash.
    came_back_us: SmallMap<NodeId, u64>,
    /// The last messages that came: to whom, and the event in which they were sent.
    came: Recent<(NodeId, u32), 64>,
    /// One message has come twice.
    pub(super) came_twice: bool,
    /// A node has found clicks of its own on its disk after a crash.
    pub(super) came_back: bool,
}

impl History {
    /// Returns how many clicks have been acknowledged.
    pub(super) fn acknowledgements(&self) -> u64 {
        self.acknowledgements.len() as u64
    }

    /// Returns what had been acknowledged at `until_us`, the first click in any case.
    pub(super) fn acknowledged_until(&self, until_us: u64) -> PnCounter {
        let mut acknowledged = PnCounter::default();
        let first_us = self.acknowledgements.get(0).map_or(0, |(at_us, ..)| *at_us);
        let until_us = until_us.max(first_us);
        let in_time = self.acknowledgements.iter().take_while(|(at_us, ..)| *at_us <= until_us);
        in_time.for_each(|&(_, node, by)| acknowledged.count(node, by));
        acknowledged
    }

    /// Returns when a node acknowledged its last click, and when it came back from its last crash, if
    /// it did: what it forgot, and how it could.
    fn last_of(&self, node: NodeId) -> impl Iterator<Item = (u64, NodeId)> {
        let own = self.acknowledgements.iter().filter(|(_, by, _)| *by == node);
        let told_us = own.map(|(at_us, ..)| *at_us).max();
        told_us.into_iter().chain(self.came_back_us.get(node).copied()).map(move |it| (it, node))
    }

    /// Puts a delta into the copy at `node`, where it should not be yet.
    fn add(&mut self, at_us: u64, node: NodeId, (from, number): (NodeId, u32)) {
        if self.added_again.is_some() {
            return;
        }
        let added = self.added.get_or_insert(node, LongList::default());
        let first = added.iter().find(|it| (it.0, it.1) == (from, number));
        self.added_again = first.map(|it| (node, from, number, [it.2, at_us]));
        added.push((from, number, at_us));
    }
}

impl Observer<Node> for History {
    fn on_event(&mut self, event: &Happened) {
        let record = &event.record;
        let Cause::Event(sent) = record.cause else { return };
        if record.kind == EventKind::Delivered && !self.came_twice {
            let message = (record.node, sent);
            self.came_twice = self.came.iter().any(|it| *it == message);
            self.came.push(message);
        }
    }

    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        self.changed_us.insert(node, at_us);
        match *fact {
            Fact::Learns { ref told, .. } => {
                return self.told.get_or_insert(node, PnCounter::default()).merge(told);
            }
            Fact::Clicked(click) => self.clicked.count(node, click.by),
            Fact::Acknowledged(click) => {
                self.acknowledged.count(node, click.by);
                self.acknowledgements.push((at_us, node, click.by));
            }
            Fact::Added { from, number } => return self.add(at_us, node, (from, number)),
            Fact::CameBack(own) => {
                self.came_back |= own != (0, 0);
                self.came_back_us.insert(node, at_us);
                // Its copy began anew: hearing a delta again is no second time, and what it was told
                // it may have forgotten.
                self.added.remove(node);
                self.told.remove(node);
            }
        }
        self.last_us = at_us;
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        remark(world, self, node)
    }
}

/// Returns true if a node is back, the network is whole, and all copies are equal and exact.
pub(super) fn is_healed(world: &World<Node>, history: &History) -> bool {
    let is_exact = worst_copy(world, history).is_some_and(|(off, _)| off == 0);
    history.came_back && world.network().is_whole() && is_exact && agree(world)
}

/// Says what was acknowledged, and what copies show.
pub(super) fn totals_in_words(world: &World<Node>, history: &History) -> String {
    let shown = |(id, node): (NodeId, &Node)| format!("{} {}", &world.names()[id], node.value());
    let shown: Vec<String> = world.up().map(shown).collect();
    format!("{} of {} acknowledged clicks", shown.join(", "), history.acknowledged.value())
}

/// Answers the second bet once all copies are exact again, or all is said and nothing that was sent is
/// still on its way: 0 if no copy shows too much, but some too little; 1 if all show the acknowledged
/// clicks; 2 if some show too much.
pub(super) fn what_copies_show(world: &World<Node>, history: &History) -> Option<u8> {
    let truth = history.acknowledged.value();
    let most = world.up().map(|(_, node)| node.value()).max()?;
    let least = world.up().map(|(_, node)| node.value()).min()?;
    let answer = if most > truth { 2 } else { u8::from(least == truth) };
    (is_healed(world, history) || is_quiet(world, history)).then_some(answer)
}

/// A copy may be behind, but it adds no delta again, and no slot in it holds more clicks than the
/// slot's owner was asked to count: ups and downs apart, since they would hide each other.
pub(super) fn no_click_counts_twice(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    if let Some((id, from, number, moments)) = history.added_again {
        let (name, sender) = (&world.names()[id], &world.names()[from]);
        let reason = format!("{name} has added {sender}'s delta {number} again");
        return Err(Violation::new(reason, [id, from]).of(moments.map(|at_us| (at_us, id))));
    }
    let Some((id, owner)) = counted_twice(copies(world), history) else { return Ok(()) };
    let counted = world.process(id).map(|node| node.known.slot(owner)).unwrap_or_default();
    let (counted, clicked) = (slot_text(counted), slot_text(history.clicked.slot(owner)));
    let (name, owner_name) = (&world.names()[id], &world.names()[owner]);
    let reason =
        format!("{name} counts {counted} for {owner_name}, whose visitors clicked {clicked}");
    Err(Violation::new(reason, [id, owner])
        .of(history.last_of(owner).chain([(world.now_us(), id)])))
}

/// Returns a copy and a slot in it that holds more clicks than were made at the slot's owner.
fn counted_twice<'a>(mut copies: impl Copies<'a>, history: &History) -> Option<(NodeId, NodeId)> {
    copies.find_map(|(id, copy)| Some((id, copy.ahead_of(&history.clicked)?)))
}

/// What a node acknowledged is in its own slot, or on its disk while it is down.
pub(super) fn nothing_is_forgotten(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let setup = world.setup();
    // A single vector holds only what ups and downs come to.
    let is_net = setup.is_on("vector") && !setup.is_on("two-vectors");
    for id in world.ids() {
        let (told, held) = (history.acknowledged.slot(id), own_slot(world, id));
        if told != held && !(is_net && PnCounter::net(told) == PnCounter::net(held)) {
            let place = if world.process(id).is_some() { "own slot" } else { "disk" };
            let (name, told, held) = (&world.names()[id], slot_text(told), slot_text(held));
            let reason = format!("{name} has acknowledged {told}, but its {place} holds {held}");
            return Err(Violation::new(reason, [id]).of(history.last_of(id)));
        }
    }
    Ok(())
}

/// A slot only grows, wherever there is a copy of it.
///
/// Only its owner raises a slot, so a copy ahead of the owner shows that the owner went back, after
/// somebody had heard of it. What nobody had heard of may go back and do no harm. Any other copy
/// goes back if it holds less than its node was told since it started.
pub(super) fn no_slot_goes_back(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let names = world.names();
    if let Some((id, owner)) = ahead_of_owner(copies(world), &own_slots(world)) {
        let copy = world.process(id).map(|node| node.known.slot(owner)).unwrap_or_default();
        let (own, copy) = (slot_text(own_slot(world, owner)), slot_text(copy));
        let (name, holder) = (&names[owner], &names[id]);
        let reason = format!("{name}'s slot is at {own}, but {holder} has heard {copy}");
        return Err(Violation::new(reason, [owner, id]).of(history.last_of(owner)));
    }
    let Some((id, owner)) = unlearned(copies(world), history) else { return Ok(()) };
    let (name, owner_name) = (&names[id], &names[owner]);
    let reason = format!("{name} knows less of {owner_name}'s slot than it was told");
    Err(Violation::new(reason, [id, owner])
        .of(history.last_of(owner).chain([(world.now_us(), id)])))
}

/// Returns a copy and a slot in it that is ahead of its owner's own.
fn ahead_of_owner<'a>(
    mut copies: impl Copies<'a>,
    own_slots: &PnCounter,
) -> Option<(NodeId, NodeId)> {
    copies.find_map(|(id, copy)| Some((id, copy.ahead_of(own_slots)?)))
}

/// Returns a copy and a slot in it that is behind what its node was told.
fn unlearned<'a>(mut copies: impl Copies<'a>, history: &History) -> Option<(NodeId, NodeId)> {
    copies.find_map(|(id, copy)| Some((id, history.told.get(id)?.ahead_of(copy)?)))
}

/// The copies of the count, each with its node.
trait Copies<'a>: Iterator<Item = (NodeId, &'a PnCounter)> {}

impl<'a, I: Iterator<Item = (NodeId, &'a PnCounter)>> Copies<'a> for I {}

/// Returns the copies at the nodes that are up.
fn copies(world: &World<Node>) -> impl Copies<'_> {
    world.up().map(|(id, node)| (id, &node.known))
}

/// Returns every node's own slot.
fn own_slots(world: &World<Node>) -> PnCounter {
    let mut slots = PnCounter::default();
    for owner in world.ids() {
        let (up, down) = own_slot(world, owner);
        slots.increments.increment(owner, up);
        slots.decrements.increment(owner, down);
    }
    slots
}

/// Returns a node's own slot: as the node has it, or as its disk would give it back.
pub(super) fn own_slot(world: &World<Node>, owner: NodeId) -> (u64, u64) {
    let on_disk = || world.disk(owner).durable().slot(owner);
    world.process(owner).map_or_else(on_disk, |node| node.known.slot(owner))
}

pub(super) fn exact_once_quiet(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let truth = history.acknowledged.value();
    match world.up().find(|(_, node)| node.value() != truth) {
        Some((id, node)) if is_quiet(world, history) => {
            let (name, shown) = (&world.names()[id], node.value());
            let reason = format!("{name} shows {shown}, the acknowledged clicks come to {truth}");
            let last = history.acknowledgements.last().map(|(at_us, by, _)| (*at_us, *by));
            let changed = history.changed_us.get(id).map(|at_us| (*at_us, id));
            Err(Violation::new(reason, [id]).of(last.into_iter().chain(changed)))
        }
        _ => Ok(()),
    }
}

/// Returns true if neither faults nor clicks have stirred anything for as long as news may take.
pub(super) fn is_quiet(world: &World<Node>, history: &History) -> bool {
    let since_us = world.calm_since_us().map(|calm_us| calm_us.max(history.last_us));
    since_us.is_some_and(|since_us| world.now_us() > since_us + SPREAD_US)
}

pub(super) fn clicks_are_everywhere(world: &World<Node>, history: &History) -> bool {
    let Some(calm_us) = world.calm_since_us() else { return false };
    let before_calm = history.acknowledged_until(calm_us);
    let has_all = |(_, node): (NodeId, &Node)| before_calm <= node.known;
    // Deltas do not tell whose clicks a copy holds: there all copies must agree and be right.
    let are_exact = agree(world) && worst_copy(world, history).is_some_and(|(off, _)| off == 0);
    before_calm != PnCounter::default() && (are_exact || world.up().all(has_all))
}

/// Returns true if all nodes are up and show the same for the same reason.
pub(super) fn agree(world: &World<Node>) -> bool {
    let mut nodes = world.ids().map(|id| world.process(id));
    let Some(first) = world.process(NodeId(0)) else { return false };
    nodes.all(|node| node.is_some_and(|node| node.agrees_with(first)))
}

pub(super) fn are_apart(world: &World<Node>, _: &History) -> bool {
    let knows_more = |a: &Node, b: &Node| a.known.partial_cmp(&b.known).is_none();
    world.up().any(|(_, a)| world.up().any(|(_, b)| knows_more(a, b)))
}

pub(super) fn copies_are_close(world: &World<Node>, history: &History) -> Result<(), Violation> {
    match worst_copy(world, history) {
        Some((off, id)) if off > FAR_OFF => {
            let (name, truth) = (&world.names()[id], history.acknowledged.value());
            let reason = format!("{name} is {off} clicks off the acknowledged total of {truth}");
            Err(Violation::new(reason, [id]))
        }
        _ => Ok(()),
    }
}

/// Returns by how much each running copy misses the acknowledged total, and whose it is.
fn errors(world: &World<Node>, history: &History) -> impl Iterator<Item = (u64, NodeId)> {
    let truth = history.acknowledged.value();
    world.up().map(move |(id, node)| (node.value().abs_diff(truth), id))
}

/// Returns by how much the worst running copy misses the acknowledged total, and whose it is.
pub(super) fn worst_copy(world: &World<Node>, history: &History) -> Option<(u64, NodeId)> {
    errors(world, history).max()
}

/// Returns true if a paused node's copy is far off.
pub(super) fn is_paused_far_off(world: &World<Node>, history: &History) -> bool {
    errors(world, history).any(|(off, id)| off > FAR_OFF && !world.is_running(id))
}

/// Says by how much a copy misses what the visitors were told.
fn remark(world: &World<Node>, history: &History, id: NodeId) -> Option<String> {
    let off = world.process(id)?.value() - history.acknowledged.value();
    (off != 0).then(|| format!("off by {}", signed(off)))
}

#[cfg(test)]
mod tests {
    // No run has these states: each is made by hand, as a wrong merge would leave it.

    use super::super::message::Click;
    use super::*;

    const N1: NodeId = NodeId(0);
    const N2: NodeId = NodeId(1);

    fn copy(clicks: &[(NodeId, i64)]) -> PnCounter {
        let mut copy = PnCounter::default();
        for &(owner, by) in clicks {
            copy.count(owner, by);
        }
        copy
    }

    fn history(facts: &[(NodeId, Fact)]) -> History {
        let mut history = History::default();
        for ((node, fact), at_us) in facts.iter().zip(1..) {
            history.on_fact(at_us, *node, fact);
        }
        history
    }

    fn learns(told: &[(NodeId, i64)]) -> Fact {
        Fact::Learns { from: N1, told: copy(told) }
    }

    #[test]
    fn a_merge_that_adds_counts_twice() {
        let click = |by| (N1, Fact::Clicked(Click { number: 0, by }));
        let clicked = history(&[click(2), click(-1)]);
        let judged = |known: PnCounter| counted_twice([(N2, &known)].into_iter(), &clicked);
        assert_eq!(judged(copy(&[(N1, 2), (N1, -1)])), None);
        assert_eq!(judged(copy(&[(N1, 4)])), Some((N2, N1)));
        assert_eq!(judged(copy(&[(N1, 2), (N1, -2)])), Some((N2, N1)));
        // Ups and downs would hide each other in a total.
        assert_eq!(judged(copy(&[(N1, 3), (N1, -2)])), Some((N2, N1)));
        assert_eq!(judged(copy(&[(N2, 1)])), Some((N2, N2)));
    }

    #[test]
    fn a_copy_that_lowers_a_foreign_slot_goes_back() {
        let told = history(&[(N2, learns(&[(N1, 3), (N1, -1)])), (N2, learns(&[(N1, 2)]))]);
        let judged = |known: PnCounter| unlearned([(N2, &known)].into_iter(), &told);
        assert_eq!(judged(copy(&[(N1, 3), (N1, -1)])), None);
        assert_eq!(judged(copy(&[(N1, 2), (N1, -1)])), Some((N2, N1)));
        assert_eq!(judged(copy(&[(N1, 3)])), Some((N2, N1)));
        // The same total, made of other clicks.
        assert_eq!(judged(copy(&[(N1, 2)])), Some((N2, N1)));
        assert_eq!(judged(copy(&[])), Some((N2, N1)));
    }

    #[test]
    fn a_restarted_node_may_have_forgotten_what_it_was_told() {
        let told = history(&[(N2, learns(&[(N1, 3)])), (N2, Fact::CameBack((0, 0)))]);
        assert_eq!(unlearned([(N2, &copy(&[]))].into_iter(), &told), None);
    }

    #[test]
    fn an_owner_that_goes_back_is_behind_a_copy_of_its_slot() {
        let known = copy(&[(N1, 3), (N2, 1)]);
        let judged = |own: PnCounter| ahead_of_owner([(N2, &known)].into_iter(), &own);
        assert_eq!(judged(copy(&[(N1, 3), (N2, 1)])), None);
        assert_eq!(judged(copy(&[(N1, 2), (N2, 1)])), Some((N2, N1)));
    }

    #[test]
    fn a_delta_that_is_added_again_is_seen() {
        let add = |number| (N2, Fact::Added { from: N1, number });
        assert_eq!(history(&[add(1), add(2)]).added_again, None);
        let again = history(&[add(1), add(2), add(1)]).added_again;
        assert_eq!(again, Some((N2, N1, 1, [1, 3])));
    }
}
