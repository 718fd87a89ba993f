//! What clients were told, judged as sessions, and what lies on the regions' disks.

use super::got::Got;
use super::message::{Entry, Fact, Mode, record_text, writes_text};
use super::node::Node;
use super::{clients, home_of, regions};
use crate::check::history::{Access, At, Completion, Guarantee, History as Told, session_breaches};
use crate::mechanism::lanes::Lanes;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Action, NodeId, Observer, Violation, World};
use crate::view::Tone;

/// An operation that took longer was of no use to the client.
pub(super) const IN_TIME_US: u64 = 500_000;
/// A region that lacks more of another's log than so many writes is behind.
pub(super) const FAR_BEHIND: u64 = 5;

/// The last number that a session wrote or saw of a record, and when.
type Latest = (u64, u64);

/// What a client has done with one record.
#[derive(Copy, Clone, Debug, Default, Hash)]
struct Past {
    wrote: Option<Latest>,
    saw: Option<Latest>,
}

impl Past {
    /// Returns the guarantees that seeing `number` now breaks, each with when it was given. Since of both
    /// kinds the greatest number is kept, one earlier operation of each is enough for the kernel's checker.
    fn broken_by(&self, number: u64) -> Vec<(Guarantee, Latest)> {
        let earlier = [(Access::Write, self.wrote), (Access::Read, self.saw)];
        let earlier: Vec<(Access, Latest)> =
            earlier.into_iter().filter_map(|(access, latest)| Some((access, latest?))).collect();
        let mut told = Told::new();
        let now = (Access::Read, (number, 0));
        for (access, (number, _)) in earlier.iter().copied().chain([now]) {
            // One session, one operation after the other: it cannot be refused.
            _ = told.invoke(0, At { key: 0, input: access });
            _ = told.complete(0, Completion::Answered(number));
        }
        // The two earlier ones need not have been in this order: only what is seen now is judged.
        let breaches = session_breaches(&told).into_iter().filter(|it| it.later == earlier.len());
        breaches.map(|breach| (breach.guarantee, earlier[breach.earlier].1)).collect()
    }
}

/// A client as its user knows it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Session {
    past: SmallMap<u16, Past>,
    /// The operation under way: since when, and of which mode.
    pub(super) open: Option<(u64, Mode)>,
    /// When it was last told anything.
    pub(super) told_us: u64,
}

/// A guarantee that was broken.
#[derive(Clone, Debug, Hash)]
pub(super) struct Breach {
    pub(super) client: NodeId,
    at_us: u64,
    record: u16,
    number: u64,
    before: Latest,
}

/// All that clients were told.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    pub(super) sessions: SmallMap<NodeId, Session>,
    /// By mode.
    pub(super) got: [Got; 3],
    /// The first of each kind.
    pub(super) own_write_missed: Option<Breach>,
    went_back: Option<Breach>,
    not_marked: Option<Breach>,
    /// The last client that was let wait for what it has seen, and when; the last that got an old answer
    /// that said so; the last write that went into a pocket, and that came out of one.
    pub(super) waited: Option<(u64, NodeId, u64)>,
    pub(super) marked: Option<(u64, NodeId, u16, u64)>,
    pub(super) queued: Option<(u64, NodeId, Entry)>,
    pub(super) drained: Option<(u64, NodeId, Entry)>,
    pub(super) failed_over: u64,
    pub(super) gaps: u64,
    pub(super) taken_over: u64,
    /// How long each region's log was when last something was done to the world, and the newest write
    /// that waited in a client's pocket then.
    logged: SmallMap<NodeId, u64>,
    pocketed: SmallMap<NodeId, u64>,
    pub(super) lanes: Lanes,
}

impl History {
    fn begins(&mut self, at_us: u64, client: NodeId, mode: Mode) {
        self.sessions.get_or_insert(client, Session::default()).open = Some((at_us, mode));
    }

    /// An operation is over; returns what clients of its mode got, to be counted on.
    fn ends(&mut self, at_us: u64, client: NodeId, is_done: bool) -> Option<(Mode, &mut Got)> {
        let session = self.sessions.get_mut(client)?;
        session.told_us = at_us;
        let (since_us, mode) = session.open.take()?;
        let got = &mut self.got[mode as usize];
        let took_us = at_us.saturating_sub(since_us);
        got.ends(took_us, is_done);
        Some((mode, got))
    }

    fn sees(
        &mut self,
        (at_us, client): (u64, NodeId),
        record: u16,
        number: u64,
        label: Option<u64>,
    ) {
        let Some(session) = self.sessions.get_mut(client) else { return };
        let past = session.past.get_or_insert(record, Past::default());
        let broken = past.broken_by(number);
        if past.saw.is_none_or(|(saw, _)| saw < number) {
            past.saw = Some((number, at_us));
        }
        let Some((mode, got)) = self.ends(at_us, client, true) else { return };
        got.answers += 1;
        match (broken.is_empty(), label) {
            (false, Some(_)) => got.marked += 1,
            (false, None) => got.unmarked += 1,
            (true, Some(_)) => got.doubted += 1,
            (true, None) => {}
        }
        let lane = match (broken.is_empty(), label) {
            (_, Some(_)) => ("old, and says so", Tone::Warn),
            (true, None) => ("answered", Tone::Good),
            (false, None) => ("old, unmarked", Tone::Bad),
        };
        self.lanes.turn(at_us, client, lane, None);
        if label.is_some() {
            self.marked = Some((at_us, client, record, number));
        }
        for (guarantee, before) in broken {
            let breach = Breach { client, at_us, record, number, before };
            let first = match (mode, guarantee) {
                (Mode::Strict, Guarantee::ReadYourWrites) => &mut self.own_write_missed,
                (Mode::Strict, _) => &mut self.went_back,
                (Mode::Available | Mode::Queue, _) if label.is_none() => &mut self.not_marked,
                (Mode::Available | Mode::Queue, _) => continue,
            };
            first.get_or_insert(breach);
        }
    }

    fn wrote(&mut self, at_us: u64, client: NodeId, entry: Entry) {
        let session = self.sessions.get_or_insert(client, Session::default());
        let past = session.past.get_or_insert(entry.record, Past::default());
        if past.wrote.is_none_or(|(wrote, _)| wrote < entry.number) {
            past.wrote = Some((entry.number, at_us));
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Reads { mode, .. } | Fact::Writes { mode, .. } => self.begins(at_us, node, mode),
            Fact::Sees { record, number, label, .. } => {
                self.sees((at_us, node), record, number, label);
            }
            Fact::Stored { entry, .. } => {
                self.wrote(at_us, node, entry);
                self.ends(at_us, node, true);
                self.lanes.turn(at_us, node, ("answered", Tone::Good), None);
            }
            Fact::Queues { entry, .. } => {
                self.wrote(at_us, node, entry);
                if let Some((_, got)) = self.ends(at_us, node, true) {
                    got.queued += 1;
                }
                self.queued = Some((at_us, node, entry));
                self.lanes.turn(at_us, node, ("write in its pocket", Tone::Warn), None);
            }
            Fact::GivesUp { .. } => {
                if let Some((_, got)) = self.ends(at_us, node, false) {
                    got.given_up += 1;
                }
                self.lanes.turn(at_us, node, ("no writes", Tone::Bad), None);
            }
            Fact::Drains(entry) => self.drained = Some((at_us, node, entry)),
            Fact::LetsWait { client, missing } => {
                self.waited = Some((at_us, client, missing));
                self.lanes.turn(at_us, client, ("waits", Tone::Bad), None);
            }
            Fact::FailsOver(_) => {
                self.failed_over += 1;
                self.lanes.turn(at_us, node, ("waits", Tone::Bad), None);
            }
            Fact::IsBack => {
                if let Some(session) = self.sessions.get_mut(node) {
                    session.open = None;
                }
            }
            Fact::FindsGap(..) => self.gaps += 1,
            Fact::TakesOver(..) => self.taken_over += 1,
            Fact::Travels(_) | Fact::Appends(..) => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, world: &World<Node>) {
        self.lanes.on_action(at_us, action);
        for home in regions(world.setup()) {
            self.logged.insert(home, log(world, home).len() as u64);
        }
        for client in clients(world.setup()) {
            let newest = world.disk(client).1.get().queue.last().copied();
            self.pocketed.insert(client, newest.unwrap_or_default());
        }
    }

    /// Says of a region by how many writes its copy is behind.
    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        let setup = world.setup();
        let is_region = regions(setup).any(|region| region == node);
        let behind = regions(setup).map(|of| lag(world, node, of)).sum::<u64>();
        (is_region && behind > 0).then(|| format!("{behind} behind"))
    }
}

/// Says that a guarantee was broken: what was told before, and what then.
fn violation(world: &World<Node>, breach: &Breach, before: &str, marked: &str) -> Violation {
    let &Breach { client, at_us, record, number, before: (earlier, earlier_us) } = breach;
    let (names, regions) = (world.names(), world.setup().count("regions"));
    let name = &names[client];
    let whose = match NodeId(regions + record) {
        owner if owner == client => "its own record".to_owned(),
        owner => format!("{}'s record", &names[owner]),
    };
    let now = match number {
        0 => "finds nothing there".to_owned(),
        _ => format!("reads version {number}"),
    };
    let reason = format!("{name} {before} version {earlier} of {whose}, and then {now}{marked}");
    let by = world.process(client).and_then(Node::client).map(|it| NodeId(it.asks.into()));
    Violation::new(reason, [client].into_iter().chain(by))
        .of([(earlier_us, client), (at_us, client)])
}

/// A strict client's read includes all that it has written itself.
pub(super) fn reads_see_own_writes(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let breach = it.own_write_missed.as_ref();
    breach.map_or(Ok(()), |breach| Err(violation(world, breach, "has written", "")))
}

/// A strict client's read includes all that its earlier reads included.
pub(super) fn reads_never_go_back(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let breach = it.went_back.as_ref();
    breach.map_or(Ok(()), |breach| Err(violation(world, breach, "has read", "")))
}

/// An answer that is older than what its session wrote or saw says so, unless the client is strict.
pub(super) fn old_answers_say_so(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let breach = it.not_marked.as_ref();
    let marked = ", without a word that it is old";
    breach.map_or(Ok(()), |breach| Err(violation(world, breach, "knows", marked)))
}

/// Returns a region's log as its disk has it.
fn log(world: &World<Node>, home: NodeId) -> &[Entry] {
    &world.disk(home).0.get().log
}

/// A record's home has its writes in the order in which they were made, and each once. Logs grow by one
/// entry an event, so their last entries are looked at.
pub(super) fn writes_are_once_and_in_order(
    world: &World<Node>,
    _: &History,
) -> Result<(), Violation> {
    for home in regions(world.setup()) {
        let Some((last, before)) = log(world, home).split_last() else { continue };
        let earlier = before.iter().rev().find(|entry| entry.record == last.record);
        if let Some(earlier) = earlier.filter(|earlier| earlier.number >= last.number) {
            let (name, last, earlier) = (&world.names()[home], last.text(), earlier.text());
            let reason = format!("{name} writes {last} behind {earlier}");
            return Err(Violation::new(reason, [home]).of([(world.now_us(), home)]));
        }
    }
    Ok(())
}

/// A region has of each log all that its vector says: the last write of every record up to there.
pub(super) fn vectors_are_true(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let setup = world.setup();
    for region in regions(setup) {
        let store = world.disk(region).0.get();
        for (record, _) in (0..).zip(clients(setup)) {
            let home = home_of(record, setup.count("regions"));
            let through = usize::try_from(store.vector.updates(home)).unwrap_or(usize::MAX);
            let log = log(world, home);
            let mut upto = log[..through.min(log.len())].iter().rev();
            let written = upto.find(|entry| entry.record == record).map_or(0, |it| it.number);
            let has = store.records.get(record).map_or(0, |it| it.0);
            if has != written || through > log.len() {
                let names = world.names();
                let reason = format!(
                    "{} claims {}'s log up to {through}, where {} stands, and has {}",
                    &names[region],
                    &names[home],
                    record_text(record, written),
                    record_text(record, has)
                );
                return Err(Violation::new(reason, [region, home]).of([(world.now_us(), region)]));
            }
        }
    }
    Ok(())
}

/// Returns the greatest lag: how many entries, who lacks them, and whose they are.
pub(super) fn worst_lag(world: &World<Node>) -> (u64, NodeId, NodeId) {
    let setup = world.setup();
    let pairs = regions(setup).flat_map(|of| regions(setup).map(move |at| (at, of)));
    let lag = |(at, of): (NodeId, NodeId)| (lag(world, at, of), at, of);
    pairs.map(lag).max_by_key(|it| it.0).unwrap_or_default()
}

/// Returns how many entries of a region's log another region lacks.
pub(super) fn lag(world: &World<Node>, at: NodeId, of: NodeId) -> u64 {
    let has = world.disk(at).0.get().vector.updates(of);
    (log(world, of).len() as u64).saturating_sub(has)
}

/// An operator wants to know of a region that hangs back.
pub(super) fn copies_are_close(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let (lag, at, of) = worst_lag(world);
    if lag <= FAR_BEHIND {
        return Ok(());
    }
    let names = world.names();
    let reason = format!("{} lacks {} of {}'s log", &names[at], writes_text(lag), &names[of]);
    Err(Violation::new(reason, [at, of]))
}

/// An operator wants to know of clients that get no answer.
pub(super) fn nobody_waits(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let waits = |(id, session): (NodeId, &Session)| {
        let (since_us, mode) = session.open?;
        let waits_us = world.now_us().saturating_sub(since_us);
        (waits_us > IN_TIME_US && world.is_running(id)).then_some((id, waits_us, mode))
    };
    let Some((id, waits_us, mode)) = it.sessions.iter().find_map(waits) else { return Ok(()) };
    let (name, mode) = (&world.names()[id], mode.name());
    let reason = format!("{name} ({mode}) has waited for {} ms", waits_us / 1_000);
    Err(Violation::new(reason, [id]))
}

/// Returns true if a client has been told something since the last fault, and what was in its pocket then
/// is stored. Who writes more often than a message comes and goes always has something in its pocket.
pub(super) fn is_served_again(world: &World<Node>, it: &History, client: NodeId) -> bool {
    let Some(calm_us) = world.calm_since_us() else { return false };
    let is_told = it.sessions.get(client).is_some_and(|it| it.told_us > calm_us);
    let before = it.pocketed.get(client).copied().unwrap_or_default();
    is_told && world.disk(client).1.get().queue.iter().all(|number| *number > before)
}

/// Everybody was answered after the last fault, what waited in a pocket when it ended is stored, and what
/// was written by then is everywhere.
pub(super) fn all_is_well_again(world: &World<Node>, it: &History) -> bool {
    let setup = world.setup();
    let has = |at: NodeId, of| world.disk(at).0.get().vector.updates(of);
    let has_all = |at| it.logged.iter().all(|(of, before)| has(at, of) >= *before);
    clients(setup).all(|id| is_served_again(world, it, id)) && regions(setup).all(has_all)
}

#[cfg(test)]
mod tests {
    // No run has these facts in this order: each is made by hand.

    use super::*;

    const CLIENT: NodeId = NodeId(3);

    fn history(mode: Mode, steps: &[Fact]) -> History {
        let mut history = History::default();
        for (fact, at_us) in steps.iter().zip(1..) {
            history.on_fact(at_us, CLIENT, &Fact::Reads { id: at_us, record: 0, mode });
            history.on_fact(at_us, CLIENT, fact);
        }
        history
    }

    fn sees(record: u16, number: u64, label: Option<u64>) -> Fact {
        Fact::Sees { id: 1, record, number, label }
    }

    fn stored(number: u64) -> Fact {
        Fact::Stored { id: 1, entry: Entry { record: 0, number } }
    }

    #[test]
    fn an_own_write_that_is_not_seen_is_told_from_a_read_that_goes_back() {
        let fine = history(Mode::Strict, &[stored(2), sees(0, 2, None), sees(1, 0, None)]);
        assert!(fine.own_write_missed.is_none() && fine.went_back.is_none());
        let missed = history(Mode::Strict, &[stored(2), sees(0, 1, None)]);
        assert!(missed.own_write_missed.is_some() && missed.went_back.is_none());
        let back = history(Mode::Strict, &[stored(2), sees(1, 9, None), sees(1, 8, None)]);
        assert!(back.own_write_missed.is_none() && back.went_back.is_some());
        assert_eq!(back.went_back.map(|it| it.before), Some((9, 2)));
    }

    #[test]
    fn an_old_answer_has_to_say_so_and_a_mark_excuses_no_strict_one() {
        let steps = |label| [stored(2), sees(0, 1, label)];
        let marked = history(Mode::Available, &steps(Some(1)));
        assert!(marked.not_marked.is_none() && marked.got[1].marked == 1);
        let unmarked = history(Mode::Available, &steps(None));
        assert!(unmarked.not_marked.is_some() && unmarked.got[1].unmarked == 1);
        assert!(history(Mode::Strict, &steps(Some(1))).own_write_missed.is_some());
    }

    #[test]
    fn what_a_session_saw_stays_seen_when_it_sees_less_later() {
        let steps = [sees(1, 5, None), sees(1, 3, Some(2)), sees(1, 4, None)];
        let after = history(Mode::Queue, &steps);
        assert_eq!(after.not_marked.map(|it| (it.before.0, it.number)), Some((5, 4)));
    }

    #[test]
    fn a_write_that_was_given_up_is_not_in_time() {
        let entry = Entry { record: 0, number: 1 };
        let got = history(Mode::Available, &[Fact::GivesUp { id: 1, entry }, stored(2)]).got[1];
        assert_eq!((got.over, got.in_time, got.given_up), (2, 1, 1));
    }
}
