//! Whether stamps keep their promises, judged by the causes that the kernel gives; of what the copies
//! show, [`super::copies`] judges.
//!
//! What happened before what is read off the kernel's own record ([`Pasts`]), and physical time off
//! its clocks. Of the nodes' words only those are taken that are to be judged: their stamps, and which
//! writes they say they made.

use super::message::{Fact, Stamps, WriteId};
use super::node::Node;
use crate::mechanism::small_map::SmallMap;
use crate::order::sort_by_key;
use crate::sim::{EventKind, Happened, LongList, Names, NodeId, Observer, Pasts, Violation, World};
use crate::view::instant;

/// Each event is compared with so many before it, both ways. A run that a viewer leaves alone has no
/// end; tests compare all pairs of whole runs.
const WINDOW: usize = 256;
/// Wall clocks further apart than this deserve a look: no network here takes so long.
pub(super) const FAR_APART_US: u64 = 250_000;

/// An event with its stamps.
#[derive(Clone, Debug, Hash)]
pub(super) struct Stamped {
    /// Its number in the run.
    pub(super) event: u32,
    /// Where it happened.
    pub(super) node: NodeId,
    /// From whom it heard something.
    pub(super) heard: Option<NodeId>,
    /// What was written in it.
    pub(super) wrote: Option<WriteId>,
    /// Its stamps.
    pub(super) stamps: Stamps,
}

impl Stamped {
    /// Says what happened, and then each stamp in the order of [`Stamps::CLOCKS`].
    pub(super) fn texts(&self, names: &Names) -> [String; 5] {
        let name = &names[self.node];
        let what = match (self.wrote, self.heard) {
            (Some(id), _) => format!("{name} writes {}", id.text(names)),
            (None, Some(from)) => format!("{name} hears {}", &names[from]),
            (None, None) => format!("{name} speaks"),
        };
        let [wall, lamport, hybrid, vector] = self.stamps.texts(names);
        [what, wall, lamport, hybrid, vector]
    }
}

/// A write, and the event in which it was made.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Write {
    /// Which one.
    pub(super) id: WriteId,
    /// The event's number in the run.
    pub(super) event: u32,
}

/// What a node's handler has begun with, and has not told yet.
#[derive(Copy, Clone, Debug, Default, Hash)]
struct Begun {
    at_us: u64,
    wall_us: u64,
    heard: Option<NodeId>,
    /// Its facts are still to come: the node is at work, and its state is ahead of what is known.
    is_open: bool,
}

/// Two events of whose order a clock says something wrong.
type Wrong = Option<(u32, u32)>;

/// All that happened, as far as it is judged.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// What happened before what, by the kernel.
    pub(super) pasts: Pasts,
    /// Every stamped event, in order.
    pub(super) stamped: LongList<Stamped>,
    /// The writes of each replica, in order, but for those that a crash undid.
    pub(super) writes: SmallMap<NodeId, LongList<Write>>,
    /// When an editor was last told that a write is kept.
    pub(super) acknowledged_us: Option<u64>,
    /// The two writes that the viewer picked, the older pick first.
    pub(super) picked: (Option<WriteId>, Option<WriteId>),
    /// A write has read two versions that had not seen each other.
    pub(super) was_reconciled: bool,
    /// A replica came back from a crash and knew its clock.
    pub(super) came_back: bool,
    /// The event that is being told.
    event: u32,
    begun: SmallMap<NodeId, Begun>,
    /// The least and the largest error that a wall clock had at any event, in microseconds.
    errors_us: Option<(i64, i64)>,
    wrong_vector: Wrong,
    wrong_lamport: Wrong,
    wrong_hybrid: Wrong,
    /// A hybrid stamp behind its wall clock, or further ahead than clocks are apart: of which event,
    /// and by how much more or less than allowed.
    strayed: Option<(u32, i64)>,
}

impl Observer<Node> for History {
    fn on_event(&mut self, event: &Happened) {
        let (kind, node) = (event.record.kind, event.record.node);
        self.pasts.add(event);
        self.event = event.number;
        match kind {
            // What a handler at work has begun ends in the second; a sync begins nothing.
            EventKind::Synced | EventKind::Finished | EventKind::Fell => return,
            EventKind::Recovered => self.drop_undone_writes(node),
            EventKind::Started
            | EventKind::Delivered
            | EventKind::TimerFired
            | EventKind::Refused => {}
        }
        let (at_us, wall_us) = (event.record.at_us, event.wall_us);
        let peer = event.record.peer;
        let heard = Some(peer).filter(|&it| it != node && it != NodeId::OUTSIDE);
        self.begun.insert(node, Begun { at_us, wall_us, heard, is_open: true });
    }

    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Stamped(stamps) => {
                let Begun { heard, .. } = self.close(node);
                self.judge(node, stamps);
                let (event, stamps) = (self.event, stamps.clone());
                self.stamped.push(Stamped { event, node, heard, wrote: None, stamps });
            }
            Fact::Wrote(id, read) => {
                self.was_reconciled |= read.len() > 1;
                let last = self.stamped.len().saturating_sub(1);
                if let Some(stamped) = self.stamped.get_mut(last) {
                    stamped.wrote = Some(*id);
                }
                let write = Write { id: *id, event: self.event };
                self.writes.get_or_insert(node, LongList::default()).push(write);
            }
            Fact::Acknowledged(id) => {
                self.acknowledged_us = Some(at_us);
                let event = self.write(*id).map(|write| write.event);
                self.pasts.settle(node, event);
            }
            Fact::CameBack(events) => self.came_back |= *events > 0,
            Fact::Picked(id) => {
                self.close(node);
                self.picked = (self.picked.1, Some(*id));
            }
        }
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        super::copies::remark(world, self, node)
    }
}

impl History {
    /// A handler tells what it has done.
    fn close(&mut self, node: NodeId) -> Begun {
        let begun = self.begun.get_or_insert(node, Begun::default());
        begun.is_open = false;
        *begun
    }

    /// Holds an event's stamps against those before it and against physical time.
    fn judge(&mut self, node: NodeId, stamps: &Stamps) {
        let event = self.event;
        let window = self.stamped.len().saturating_sub(WINDOW);
        for earlier in self.stamped.iter_from(window) {
            if self.pasts.is_undone(earlier.event) {
                continue;
            }
            let is_before = self.pasts.happens_before(earlier.event, event);
            let (wrong_vector, wrong_lamport, wrong_hybrid) =
                misjudged(&earlier.stamps, stamps, is_before);
            let pair = (earlier.event, event);
            for (is_wrong, wrong) in [
                (wrong_vector, &mut self.wrong_vector),
                (wrong_lamport, &mut self.wrong_lamport),
                (wrong_hybrid, &mut self.wrong_hybrid),
            ] {
                *wrong = wrong.or(is_wrong.then_some(pair));
            }
        }
        let Begun { at_us, wall_us, .. } = self.begun.get(node).copied().unwrap_or_default();
        let error_us = signed(wall_us).saturating_sub(signed(at_us));
        let (least_us, most_us) = self.errors_us.unwrap_or((error_us, error_us));
        let (least_us, most_us) = (least_us.min(error_us), most_us.max(error_us));
        self.errors_us = Some((least_us, most_us));
        let ahead_us = signed(stamps.hybrid.physical_us).saturating_sub(signed(wall_us));
        let apart_us = most_us.saturating_sub(least_us);
        let strays = !(0..=apart_us).contains(&ahead_us);
        self.strayed = self.strayed.or(strays.then_some((event, ahead_us)));
    }

    /// Judges the same events again, with other stamps.
    #[cfg(test)]
    pub(super) fn rejudge(&mut self, change: impl Fn(&mut Stamped)) {
        let events: Vec<Stamped> = self.stamped.iter().cloned().collect();
        (self.stamped, self.errors_us) = (LongList::default(), None);
        for mut it in events {
            let at_us = self.pasts.place(it.event).map_or(0, |(_, at_us)| at_us);
            let begun = Begun { at_us, wall_us: it.stamps.wall_us, ..Begun::default() };
            self.begun.insert(it.node, begun);
            self.event = it.event;
            change(&mut it);
            self.judge(it.node, &it.stamps);
            self.stamped.push(it);
        }
    }

    fn drop_undone_writes(&mut self, node: NodeId) {
        let Some(writes) = self.writes.get_mut(node) else { return };
        while writes.last().is_some_and(|write| self.pasts.is_undone(write.event)) {
            writes.truncate(writes.len() - 1);
        }
    }

    /// Returns a write by its name; the last, if a crash has let a name be given twice.
    pub(super) fn write(&self, id: WriteId) -> Option<Write> {
        let writes = self.writes.get(id.by)?;
        (0..writes.len()).rev().filter_map(|at| writes.get(at)).find(|it| it.id == id).copied()
    }

    /// Returns the last write of each replica that event `event` knows of, if that is any.
    pub(super) fn last_known(&self, event: u32) -> impl Iterator<Item = Write> {
        let knows = move |write: &Write| {
            write.event == event || self.pasts.happens_before(write.event, event)
        };
        self.writes.iter().filter_map(move |(_, writes)| {
            let newest_first = (0..writes.len()).rev().filter_map(|at| writes.get(at));
            newest_first.copied().find(knows)
        })
    }

    /// Returns the writes that nobody has replaced, as far as event `event` knows.
    pub(super) fn newest(&self, event: u32) -> Vec<Write> {
        let known: Vec<Write> = self.last_known(event).collect();
        let is_replaced = |write: &Write| {
            known.iter().any(|later| self.pasts.happens_before(write.event, later.event))
        };
        known.iter().filter(|write| !is_replaced(write)).copied().collect()
    }

    /// Returns when and where a write was made.
    pub(super) fn moment(&self, id: WriteId) -> Option<(u64, NodeId)> {
        let (node, at_us) = self.pasts.place(self.write(id)?.event)?;
        Some((at_us, node))
    }

    /// Returns true if a handler of this node has begun and not told yet what it has done.
    pub(super) fn is_at_work(&self, id: NodeId) -> bool {
        self.begun.get(id).is_some_and(|begun| begun.is_open)
    }

    /// Returns the last events, newest first.
    pub(super) fn last_stamped(&self, count: usize) -> impl Iterator<Item = &Stamped> {
        (0..self.stamped.len()).rev().filter_map(|at| self.stamped.get(at)).take(count)
    }

    /// Returns the stamps of a write.
    pub(super) fn stamps_of(&self, write: Write) -> Option<&Stamps> {
        let newest_first = (0..self.stamped.len()).rev().filter_map(|at| self.stamped.get(at));
        newest_first.take_while(|it| it.event >= write.event).last().map(|it| &it.stamps)
    }

    /// Returns the two writes that are compared, with their stamps.
    pub(super) fn compared(&self) -> Option<[(Write, &Stamps); 2]> {
        let (a, b) = self.picked()?;
        Some([(a, self.stamps_of(a)?), (b, self.stamps_of(b)?)])
    }

    /// Returns the two writes that the viewer picked, or else the last write and the last one of
    /// somebody else before it.
    fn picked(&self) -> Option<(Write, Write)> {
        let picked = self.picked.0.zip(self.picked.1);
        if let Some((a, b)) = picked.and_then(|(a, b)| self.write(a).zip(self.write(b))) {
            return Some(if a.event <= b.event { (a, b) } else { (b, a) });
        }
        let mut lasts: Vec<Write> =
            self.writes.iter().filter_map(|(_, writes)| writes.last().copied()).collect();
        sort_by_key(&mut lasts, |write| write.event);
        let last = lasts.pop()?;
        Some((lasts.pop()?, last))
    }

    /// Returns how far wall clocks were apart at most.
    pub(super) fn apart_us(&self) -> u64 {
        self.errors_us.map_or(0, |(least_us, most_us)| least_us.abs_diff(most_us))
    }
}

/// Returns a reading as a signed number; one that a mad clock gives is cut off.
fn signed(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}

/// Says which of the clocks (vector, Lamport, hybrid) break their promise for two events, of which the
/// first happened before the second or else neither happened before the other.
fn misjudged(a: &Stamps, b: &Stamps, is_before: bool) -> (bool, bool, bool) {
    let order = a.vector.partial_cmp(&b.vector);
    let expected = is_before.then_some(std::cmp::Ordering::Less);
    let grows = |grows: bool| is_before && !grows;
    (order != expected, grows(a.lamport < b.lamport), grows(a.hybrid < b.hybrid))
}

/// Mattern's theorem: a → b ⇔ V(a) < V(b), both ways.
pub(super) fn vectors_tell_causes(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((a, b)) = history.wrong_vector else { return Ok(()) };
    let is_before = history.pasts.happens_before(a, b);
    let truth = if is_before { "happened before" } else { "is concurrent with" };
    Err(two_events(
        world,
        history,
        (a, b),
        &format!("{truth} the second, and their vectors deny it"),
    ))
}

/// Lamport's clock condition: a → b ⇒ C(a) < C(b). Nothing is promised for concurrent events.
pub(super) fn lamport_grows(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(pair) = history.wrong_lamport else { return Ok(()) };
    let what = "happened before the second, and its Lamport stamp is no smaller";
    Err(two_events(world, history, pair, what))
}

/// Kulkarni et al. 2014: e → f ⇒ its stamp is smaller (theorem 1); l ≥ pt (theorem 2); and l − pt ≤ ε
/// (corollary 1), where ε is by how much wall clocks were ever apart in this run.
pub(super) fn hybrid_is_near(world: &World<Node>, history: &History) -> Result<(), Violation> {
    if let Some(pair) = history.wrong_hybrid {
        let what = "happened before the second, and its hybrid stamp is no smaller";
        return Err(two_events(world, history, pair, what));
    }
    let Some((event, ahead_us)) = history.strayed else { return Ok(()) };
    let place = history.pasts.place(event);
    let (node, at_us) = place.unwrap_or_default();
    let (ahead, apart) = (ahead_us / 1_000, history.apart_us() / 1_000);
    let reason = format!(
        "at {} {}'s hybrid clock is {ahead} ms ahead of its wall clock; clocks were at most \
         {apart} ms apart",
        instant(at_us),
        &world.names()[node]
    );
    Err(Violation::new(reason, [node]).of([(at_us, node)]))
}

fn two_events(world: &World<Node>, history: &History, (a, b): (u32, u32), what: &str) -> Violation {
    let place = |event| history.pasts.place(event).unwrap_or_default();
    let say = |(node, at_us): (NodeId, u64)| {
        format!("the event at {} of {}", &world.names()[node], instant(at_us))
    };
    let reason = format!("{} (the first) {what}: {}", say(place(a)), say(place(b)));
    let sides = [place(a), place(b)];
    let moments = sides.map(|(node, at_us)| (at_us, node));
    Violation::new(reason, sides.map(|(node, _)| node)).of(moments)
}

/// Returns by how much the hybrid clock that is furthest ahead of true time is ahead, in milliseconds.
pub(super) fn hybrid_ahead_ms(world: &World<Node>, _: &History) -> i64 {
    let stamps = world.up().filter_map(|(_, node)| node.stamps.as_ref());
    let furthest_us = stamps.map(|it| it.hybrid.physical_us).max().unwrap_or_default();
    signed(furthest_us.saturating_sub(world.now_us())) / 1_000
}

/// No two wall clocks are far apart now.
pub(super) fn clocks_are_close(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let error_us = |id| (world.clock(id).error_us(world.now_us()), id);
    let (least, most) = (world.ids().map(error_us).min(), world.ids().map(error_us).max());
    let Some(((least_us, behind), (most_us, ahead))) = least.zip(most) else { return Ok(()) };
    let apart_us = most_us.abs_diff(least_us);
    if apart_us <= FAR_APART_US {
        return Ok(());
    }
    let (behind_name, ahead_name) = (&world.names()[behind], &world.names()[ahead]);
    let reason =
        format!("{ahead_name}'s wall clock is {} ms ahead of {behind_name}'s", apart_us / 1_000);
    Err(Violation::new(reason, [ahead, behind]))
}
