//! What was acknowledged, and whether the logs show it as it came about.

use super::message::{Fact, Note, entries_text, entry_text};
use super::node::{Chart, Config, Node};
use super::truth::Truth;
use super::{nurses, replicas};
use crate::check::history::{Append, AppendLog, Call, Place, SeenAs};
use crate::mechanism::causal_log::Dot;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Action, LongList, NodeId, Observer, SeenObject, Violation, World};

/// How long news may take in calm: at most 4 others are asked in turn, every 300 ms by a clock at most 5 %
/// slow: 1.3 s, a question, an answer, a sync, and some room for a log that is opened anew.
pub(super) const SPREAD_US: u64 = 2_000_000;
/// Until flags are settled, too: everybody has all, and somebody writes while nobody else does.
pub(super) const SETTLE_US: u64 = SPREAD_US + 4_000_000;
/// A log that lacks more acknowledged entries than this deserves a look.
const FAR_BEHIND: u64 = 4;

/// When something happened, and at which node.
type Moment = (u64, NodeId);

/// An entry that a nurse was told is in the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Told {
    pub(super) id: Dot,
    at_us: u64,
    nurse: NodeId,
    /// Who told her.
    pub(super) by: NodeId,
}

/// What happened so far.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sight of its own")]
pub(super) struct History {
    pub(super) truth: Truth,
    /// All entries, as they were written; and when.
    pub(super) written: LongList<(Dot, Note, Moment)>,
    /// Those that are acknowledged.
    pub(super) told: LongList<Told>,
    /// What took the place of an entry in which log, and when.
    overwritten: SmallMap<(Dot, NodeId), (Dot, u64)>,
    /// When each nurse last read.
    read_us: SmallMap<NodeId, u64>,
    /// When the network was last made whole.
    healed_us: Option<u64>,
    /// When a check was last acknowledged.
    checked_us: Option<u64>,
    /// A replica that had crashed found entries on its disk.
    pub(super) came_back: bool,
    /// Something waited for its past.
    pub(super) has_waited: bool,
    /// An entry came in a second copy.
    pub(super) has_folded: bool,
    /// A replica crashed.
    has_crashed: bool,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Sees(ref ids) => {
                self.read_us.insert(node, at_us);
                for id in ids {
                    self.truth.shown(node, *id);
                }
            }
            Fact::Appends { id, note } => {
                self.truth.written(node, id);
                self.written.push((id, note, (at_us, node)));
            }
            Fact::Told { id, by, .. } => {
                self.told.push(Told { id, at_us, nurse: node, by });
                let is_it = |it: &(Dot, Note, Moment)| (it.0, it.1) == (id, Note::Check);
                if self.written.iter().any(is_it) {
                    self.checked_us = Some(at_us);
                }
            }
            Fact::Overwrites { old, new } => {
                self.overwritten.insert((old, node), (new, at_us));
            }
            Fact::Waits(_) => self.has_waited = true,
            Fact::Folds(_) => self.has_folded = true,
            Fact::Serves(entries) => self.came_back |= self.has_crashed && entries > 0,
            Fact::GoesTo(_)
            | Fact::Takes { .. }
            | Fact::Hears { .. }
            | Fact::Doubts
            | Fact::Refuses(_) => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, world: &World<Node>) {
        if *action == Action::Heal {
            self.healed_us = Some(at_us);
        }
        if let Action::Crash(id) = action {
            self.has_crashed |= replicas(world.setup()).any(|it| it == *id);
        }
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_LOG)
    }
}

/// Clients see a log that grows. No promise says that it is linearizable: that places shift is seen there.
static THE_LOG: SeenAs<AppendLog, Fact> = SeenAs {
    name: "a log that only grows",
    specification: AppendLog,
    read: |asks, answer| {
        let Fact::Appends { id, .. } = asks else { return None };
        let place = answer
            .and_then(|it| if let Fact::Told { place, .. } = it { Some(*place) } else { None });
        let input = Append { item: entry_text(*id), place };
        Some(Call { key: "log".into(), input, output: place.map(Place) })
    },
};

/// Returns the logs of the replicas that have theirs open.
pub(super) fn charts(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Chart)> {
    world.up().filter_map(|(id, node)| Some((id, node.chart()?)))
}

fn shown(chart: &Chart) -> impl Iterator<Item = Dot> + '_ {
    chart.lines().iter().map(|line| line.id)
}

/// Returns the first entry that is no longer in the log that acknowledged it: not there while its replica
/// runs, and not on the disk while it does not.
pub(super) fn lost<'a>(world: &World<Node>, it: &'a History) -> Option<&'a Told> {
    let config = Config::of(world.setup());
    replicas(world.setup()).find_map(|id| {
        let chart = world.process(id).and_then(Node::chart);
        let mut on_disk: Vec<Dot> = match chart {
            Some(_) => Vec::new(),
            None => config.ids_on(world.disk(id)).unwrap_or_default(),
        };
        crate::order::sort(&mut on_disk);
        let has = |entry: Dot| match chart {
            Some(chart) => chart.has(entry),
            None => on_disk.binary_search(&entry).is_ok(),
        };
        it.told.iter().filter(|told| told.by == id).find(|told| !has(told.id))
    })
}

/// Returns true if an entry is not in the log of the running replica that acknowledged it.
pub(super) fn is_lost(world: &World<Node>, told: &Told) -> bool {
    let chart = world.process(told.by).and_then(Node::chart);
    chart.is_some_and(|chart| !chart.has(told.id))
}

/// What a replica said is in its log stays there, crashes or not.
pub(super) fn acknowledged_stays(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(told) = lost(world, it) else { return Ok(()) };
    let (what, by) = (entry_text(told.id), &world.names()[told.by]);
    let (how, moment) = match it.overwritten.get((told.id, told.by)) {
        Some((new, at_us)) => {
            (format!("{} stands in its place", entry_text(*new)), Some((*at_us, told.by)))
        }
        None => ("it went with the memory".into(), None),
    };
    let nurse = &world.names()[told.nurse];
    let reason = format!("{what}, which {by} acknowledged to {nurse}, is not in {by}'s log: {how}");
    let moments = [(told.at_us, told.nurse)].into_iter().chain(moment);
    Err(Violation::new(reason, [told.by, told.nurse]).of(moments))
}

/// Whatever two logs both have, they show in one order.
pub(super) fn one_order(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let charts: Vec<(NodeId, &Chart)> = charts(world).collect();
    for (nth, (one, chart)) in charts.iter().enumerate() {
        for (other, its) in &charts[nth + 1..] {
            let mut ours = shown(chart).filter(|id| its.has(*id));
            let mut theirs = shown(its).filter(|id| chart.has(*id));
            let differ = ours.by_ref().zip(theirs.by_ref()).find(|(ours, theirs)| ours != theirs);
            if let Some((first, second)) = differ {
                let reason = format!(
                    "{} shows {} before {}, and {} shows them the other way round",
                    &world.names()[*one],
                    entry_text(first),
                    entry_text(second),
                    &world.names()[*other],
                );
                let moments = [first, second].into_iter().filter_map(|id| it.moment(id));
                return Err(Violation::new(reason, [*one, *other]).of(moments));
            }
        }
    }
    Ok(())
}

/// An entry stands in a log below all that its nurse had been shown when she wrote it, and all of that is there.
pub(super) fn follows_its_past(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for (id, chart) in charts(world) {
        if let Some(entry) = it.truth.out_of_order(shown(chart)) {
            let above: Vec<Dot> = shown(chart).take_while(|above| *above != entry).collect();
            let missing = it.truth.missing(entry, &above);
            let before = missing.map_or("something".into(), entry_text);
            let reason = format!(
                "{} shows {} without {before} above it, which its nurse had read",
                &world.names()[id],
                entry_text(entry)
            );
            let moments = missing.into_iter().chain([entry]).filter_map(|id| it.moment(id));
            return Err(Violation::new(reason, [id]).of(moments));
        }
    }
    Ok(())
}

/// A log flags an entry if and only if another one there is its sibling, by what nurses were shown, and none
/// there follows on both.
pub(super) fn siblings_are_flagged(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for (id, chart) in charts(world) {
        let entries: Vec<Dot> = shown(chart).collect();
        let unsettled = it.truth.unsettled(&entries);
        let flagged: Vec<Dot> = chart.unsettled().collect();
        if unsettled != flagged {
            let differs = |one: &[Dot], other: &[Dot]| {
                one.iter().copied().find(|entry| !other.contains(entry))
            };
            let replica = &world.names()[id];
            let (entry, reason) = match differs(&unsettled, &flagged) {
                Some(entry) => (
                    Some(entry),
                    format!(
                        "{replica} does not flag {}, whose nurse had not read what stands beside it",
                        entry_text(entry)
                    ),
                ),
                None => (
                    differs(&flagged, &unsettled),
                    format!(
                        "{replica} flags {}, where nothing is unsettled",
                        entries_text(&flagged)
                    ),
                ),
            };
            let moments = entry.and_then(|entry| it.moment(entry));
            return Err(Violation::new(reason, [id]).of(moments));
        }
    }
    Ok(())
}

/// An entry is one line, however often its nurse had to ask.
pub(super) fn once(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for (id, chart) in charts(world) {
        let mut lines: Vec<Dot> = shown(chart).collect();
        crate::order::sort(&mut lines);
        if let Some(pair) = lines.windows(2).find(|pair| pair[0] == pair[1]) {
            let (what, name) = (entry_text(pair[0]), &world.names()[id]);
            let reason = format!("{what} is twice in {name}'s log: two doses where one was given");
            return Err(Violation::new(reason, [id]).of(it.moment(pair[0])));
        }
    }
    Ok(())
}

/// Counts the entries that a log lacks and a nurse was told of until then.
fn lacks(chart: &Chart, it: &History, until_us: u64) -> u64 {
    it.told.iter().filter(|told| told.at_us <= until_us && !chart.has(told.id)).count() as u64
}

/// In calm, what was acknowledged a while ago is in every log.
pub(super) fn spreads(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let now_us = world.now_us();
    let is_calm = world.calm_since_us().is_some_and(|since_us| now_us > since_us + SPREAD_US);
    let Some(until_us) = now_us.checked_sub(SPREAD_US).filter(|_| is_calm) else { return Ok(()) };
    for id in replicas(world.setup()) {
        let chart = world.process(id).and_then(Node::chart);
        let is_missing =
            |told: &&Told| told.at_us <= until_us && !chart.is_some_and(|chart| chart.has(told.id));
        if let Some(told) = it.told.iter().find(is_missing) {
            let (what, by) = (entry_text(told.id), &world.names()[told.by]);
            let name = &world.names()[id];
            let reason = format!("{name} lacks {what}, which {by} acknowledged long ago");
            return Err(Violation::new(reason, [id, told.by]).of([(told.at_us, told.nurse)]));
        }
    }
    Ok(())
}

/// Returns how many acknowledged entries the log lacks that lacks most, and whose it is.
pub(super) fn worst(world: &World<Node>, it: &History) -> Option<(u64, NodeId)> {
    charts(world).map(|(id, chart)| (lacks(chart, it, world.now_us()), id)).max()
}

/// An operator wants to know of a log that is far behind.
pub(super) fn logs_are_close(world: &World<Node>, it: &History) -> Result<(), Violation> {
    match worst(world, it) {
        Some((count, id)) if count > FAR_BEHIND => {
            let reason = format!("{} lacks {count} acknowledged entries", &world.names()[id]);
            Err(Violation::new(reason, [id]))
        }
        _ => Ok(()),
    }
}

/// Returns true if an entry is no more than its place in a log, counted from 0, and another log has another
/// one there.
pub(super) fn collides(world: &World<Node>, place: usize, entry: Dot) -> bool {
    let config = Config::of(world.setup());
    let mut there = charts(world).filter_map(|(_, chart)| *config.slots(chart).get(place)?);
    !config.has_dots && there.any(|line| line.id != entry)
}

/// Returns how many entries are flagged in the log that flags most.
pub(super) fn flagged(world: &World<Node>) -> u64 {
    charts(world).map(|(_, chart)| chart.unsettled().count() as u64).max().unwrap_or_default()
}

/// Returns true if a log flags entries that `replica` took before the network was made whole, and such that
/// another one did.
pub(super) fn flags_both_sides(world: &World<Node>, it: &History, replica: NodeId) -> bool {
    let taken_apart = |id: Dot| {
        let told = it.told.iter().find(|told| told.id == id)?;
        (told.at_us < it.healed_us?).then_some(told.by)
    };
    charts(world).any(|(_, chart)| {
        let by: Vec<NodeId> = chart.unsettled().filter_map(taken_apart).collect();
        by.contains(&replica) && by.iter().any(|other| *other != replica)
    })
}

/// All replicas are up and show the same.
pub(super) fn agree(world: &World<Node>) -> bool {
    let mut logs = charts(world).map(|(_, chart)| shown(chart).collect::<Vec<Dot>>());
    let first = logs.next();
    charts(world).count() == replicas(world.setup()).len()
        && logs.all(|log| Some(&log) == first.as_ref())
}

/// All logs are equal, and nobody has to look at anything.
pub(super) fn is_settled(world: &World<Node>, it: &History) -> bool {
    !it.written.is_empty() && agree(world) && flagged(world) == 0
}

/// Every nurse was shown the log since the last disturbance.
pub(super) fn all_are_served(world: &World<Node>, it: &History) -> bool {
    let since_us = world.disturbed_at_us();
    nurses(world.setup()).all(|id| it.read_us.get(id).is_some_and(|at_us| *at_us >= since_us))
}

impl History {
    /// Lists the last so many entries that were written.
    pub(super) fn last_written(&self, count: usize) -> impl Iterator<Item = (Dot, Note)> + '_ {
        let before = self.written.len().saturating_sub(count);
        self.written.iter().skip(before).map(|(id, note, _)| (*id, *note))
    }

    fn moment(&self, id: Dot) -> Option<Moment> {
        self.written.iter().find(|it| it.0 == id).map(|it| it.2)
    }

    /// Returns the first entries that replicas which do not reach each other acknowledged since the cut.
    pub(super) fn on_both_sides(&self, world: &World<Node>) -> Option<(Dot, Dot)> {
        let is_replica = |id| replicas(world.setup()).any(|it| it == id);
        let mut cuts = world.network().cuts().filter(|cut| is_replica(cut.0) && is_replica(cut.1));
        cuts.find_map(|(from, to, since_us)| {
            let of = |replica: NodeId| {
                let mut all = self.told.iter().filter(|it| it.at_us > since_us && it.by == replica);
                all.next().map(|told| told.id)
            };
            of(from).zip(of(to))
        })
    }

    /// Returns an acknowledged entry that was overwritten after the network was made whole, and by what.
    pub(super) fn overwritten_since_heal(&self) -> Option<(Dot, Dot)> {
        let healed_us = self.healed_us?;
        self.told.iter().find_map(|told| {
            let (new, at_us) = self.overwritten.get((told.id, told.by))?;
            (*at_us >= healed_us).then_some((told.id, *new))
        })
    }

    /// Returns true if a check was acknowledged after the network was made whole.
    pub(super) fn checked_since_heal(&self) -> bool {
        self.healed_us.zip(self.checked_us).is_some_and(|(healed, checked)| checked > healed)
    }

    /// Returns true if the network was made whole.
    pub(super) fn is_healed(&self) -> bool {
        self.healed_us.is_some()
    }
}
