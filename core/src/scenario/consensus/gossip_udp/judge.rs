//! What the nodes have said of themselves, and whether the directories show it.

use super::message::{Address, Fact, entry_text};
use super::node::Node;
use super::spread::Spreading;
use crate::mechanism::gossip::{Entry, Version};
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{Action, LongList, NodeId, Observer, Violation, World};
use crate::view::instant;

/// So many comparisons later, all nodes know. A directory that hears of a change only when others call
/// it, in a network that loses 30 %, misses a comparison of all 15 others with a chance of 1/2: after
/// 30 of them with one in a billion.
const COMPARISONS: u64 = 30;
/// Clocks may be slow by 5 %, and a comparison takes a few latencies.
const ROOM_US: u64 = 100_000;
/// So long, nobody can know everybody.
const BEGINNING_US: u64 = 500_000;
/// More out-of-date entries than that in a hundred deserve a look.
const MANY_PERCENT: u64 = 40;

/// One announcement.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word {
    at_us: u64,
    entry: Entry<Address>,
}

/// An older word that a directory took over after a newer one.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Relapse {
    id: NodeId,
    from: NodeId,
    owner: NodeId,
    entry: Entry<Address>,
}

/// All that was said, and the latest of it that each directory has shown.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// By owner, in order.
    words: SmallMap<NodeId, LongList<Word>>,
    /// For each directory and each owner: how many of the owner's words are as old as the newest that
    /// the directory has shown since its node started, and when it first showed that.
    shown: SmallMap<NodeId, SmallMap<NodeId, (u32, u64)>>,
    /// A version that stands for two words of a node, and when they were said.
    used_twice: Option<(NodeId, Version, [u64; 2])>,
    /// Who was frozen, and when it woke up last.
    woken: SmallMap<NodeId, u64>,
    /// The first old word that somebody took over from a node that had been frozen.
    pub(super) relapse: Option<Relapse>,
    /// When somebody last said something.
    last_us: u64,
    /// How changes have spread.
    pub(super) spreading: Spreading,
    /// A node has come back and said something since.
    pub(super) has_come_back: bool,
    coming_back: Option<NodeId>,
    /// A directory has replaced what it had of another node by something newer.
    pub(super) has_replaced: bool,
    /// Whose tombstone a directory has taken over, and when it last did.
    buried: SmallMap<NodeId, u64>,
}

impl History {
    /// Returns true if a directory has taken a tombstone over: this node's, or anybody's.
    pub(super) fn has_buried(&self, owner: Option<NodeId>) -> bool {
        owner.map_or(!self.buried.is_empty(), |owner| self.buried.get(owner).is_some())
    }

    /// Returns an owner's words as numbers from 1: which one this entry is.
    fn number_of(&self, owner: NodeId, entry: &Entry<Address>) -> Option<u32> {
        let is_it = |word: &Word| {
            (word.entry.value, word.entry.is_deleted) == (entry.value, entry.is_deleted)
        };
        let place = self.words.get(owner)?.iter().position(is_it)?;
        u32::try_from(place + 1).ok()
    }

    fn word(&self, owner: NodeId, number: u32) -> Option<&Word> {
        self.words.get(owner)?.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Returns how many words an owner has said until then.
    fn said_until(&self, owner: NodeId, until_us: u64) -> u32 {
        let words = self.words.get(owner).into_iter().flat_map(LongList::iter);
        let count = words.take_while(|word| word.at_us <= until_us).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Returns the last thing that an owner has said.
    pub(super) fn last_word(&self, owner: NodeId) -> Option<&Entry<Address>> {
        self.words.get(owner)?.last().map(|word| &word.entry)
    }

    fn on_says(&mut self, at_us: u64, owner: NodeId, entry: Entry<Address>) {
        let words = self.words.get_or_insert(owner, LongList::default());
        if let Some(first) = words.iter().find(|word| word.entry.version == entry.version) {
            self.used_twice.get_or_insert((owner, entry.version, [first.at_us, at_us]));
        }
        words.push(Word { at_us, entry });
        let number = u32::try_from(words.len()).unwrap_or(u32::MAX);
        self.note(at_us, owner, owner, number);
        self.last_us = at_us;
        self.spreading.on_says(at_us, owner, entry);
        self.has_come_back |= self.coming_back == Some(owner);
    }

    /// A directory shows this word of an owner; returns true if it has shown a newer one.
    fn note(&mut self, at_us: u64, id: NodeId, owner: NodeId, number: u32) -> bool {
        let shown = self.shown.get_or_insert(id, SmallMap::default());
        let newest = shown.get_or_insert(owner, (number, at_us));
        if number > newest.0 {
            *newest = (number, at_us);
        }
        number < newest.0
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Says(entry) => self.on_says(at_us, node, entry),
            Fact::Learns { from, why, owner, entry } => {
                let number = self.number_of(owner, &entry);
                let shown = self.shown.get(node).and_then(|it| it.get(owner)).map(|it| it.0);
                self.has_replaced |= shown.is_some() && number > shown;
                let is_old = number.is_some_and(|number| self.note(at_us, node, owner, number));
                let was_frozen = self.woken.get(from).is_some();
                let relapse = Relapse { id: node, from, owner, entry };
                self.relapse = self.relapse.or((is_old && was_frozen).then_some(relapse));
                if entry.is_deleted {
                    self.buried.insert(owner, at_us);
                }
                self.spreading.on_learns(at_us, (from, node), why, (owner, entry));
            }
            Fact::Forgets(owner, value) => {
                let gone = Entry { version: Version::default(), value, is_deleted: true };
                if let Some(number) = self.number_of(owner, &gone) {
                    self.note(at_us, node, owner, number);
                }
            }
            Fact::ComesBack => {
                // Its directory begins anew: what it hears first may be old.
                self.shown.remove(node);
                self.coming_back = Some(node);
            }
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        if let Action::Resume(node) = action {
            self.woken.insert(*node, at_us);
        }
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        remark(world, self, node)
    }
}

/// Returns true if versions decide, so that they mean something.
fn has_versions(world: &World<Node>) -> bool {
    world.setup().is_on("versions")
}

/// A directory that shows an older word of an owner than it has shown, with the numbers of both.
struct BackStep<'a> {
    id: NodeId,
    owner: NodeId,
    entry: &'a Entry<Address>,
    newest: &'a Word,
    /// When the directory first showed the newest.
    since_us: u64,
}

impl BackStep<'_> {
    /// Returns when the directory showed the newer word, and when it went back.
    fn sides(&self, world: &World<Node>) -> [(u64, NodeId); 2] {
        [self.since_us, world.now_us()].map(|at_us| (at_us, self.id))
    }
}

/// Finds a directory that has gone back, to an owner's older word after a newer one: after an address
/// or after its withdrawal.
fn back_step<'a>(
    world: &'a World<Node>,
    history: &'a History,
    after_withdrawal: bool,
) -> Option<BackStep<'a>> {
    for (id, node) in world.up() {
        let Some(shown) = history.shown.get(id) else { continue };
        for (owner, entry) in node.directory.iter().filter(|(owner, _)| *owner != id) {
            let Some(&(newest_number, since_us)) = shown.get(owner) else { continue };
            let Some(newest) = history.word(owner, newest_number) else { continue };
            let is_same = newest.entry == *entry;
            if is_same || newest.entry.is_deleted != after_withdrawal {
                continue;
            }
            let number = history.number_of(owner, entry);
            if number.is_some_and(|number| number < newest_number) {
                return Some(BackStep { id, owner, entry, newest, since_us });
            }
        }
    }
    None
}

pub(super) fn nothing_goes_back(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(step) = back_step(world, history, false) else { return Ok(()) };
    let (name, owner) = (&world.names()[step.id], &world.names()[step.owner]);
    let (old, new) = (entry_text(step.entry), entry_text(&step.newest.entry));
    let reason = format!("{name} says that {owner} is at {old}, after it had shown {new}");
    Err(Violation::new(reason, [step.id, step.owner]).of(step.sides(world)))
}

pub(super) fn nothing_comes_back(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(step) = back_step(world, history, true) else { return Ok(()) };
    let (name, owner) = (&world.names()[step.id], &world.names()[step.owner]);
    let old = entry_text(step.entry);
    let reason = format!("{name} had heard that {owner} withdrew, and shows {old} again");
    Err(Violation::new(reason, [step.id, step.owner]).of(step.sides(world)))
}

pub(super) fn versions_are_unique(world: &World<Node>, history: &History) -> Result<(), Violation> {
    match history.used_twice {
        Some((owner, Version { generation, number }, moments)) if has_versions(world) => {
            let name = &world.names()[owner];
            let reason = format!("{name} has said two things as version {generation}.{number}");
            Err(Violation::new(reason, [owner]).of(moments.map(|at_us| (at_us, owner))))
        }
        Some(_) | None => Ok(()),
    }
}

/// How long it may take after the last fault until all know what was said before.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    COMPARISONS * setup.knob("compare") * 1_050 + ROOM_US
}

/// Returns true if neither faults nor announcements have stirred anything for so long.
pub(super) fn is_quiet(world: &World<Node>, history: &History) -> bool {
    let is_late = |since_us: u64| world.now_us() > since_us + settle_us(world.setup());
    // Whether all is calm takes a look at every node, so first comes what is cheap.
    is_late(history.last_us) && world.calm_since_us().is_some_and(is_late)
}

/// Returns true if what a directory shows of an owner is the last thing that the owner has said.
pub(super) fn is_right(history: &History, node: &Node, owner: NodeId) -> bool {
    let said = |entry: &Entry<Address>| (!entry.is_deleted).then_some(entry.value);
    let (shown, said) = (node.directory.get(owner).map(said), history.last_word(owner).map(said));
    shown.flatten() == said.flatten()
}

/// Returns a directory and an owner of whom it does not show the latest.
fn out_of_date(world: &World<Node>, history: &History) -> Option<(NodeId, NodeId)> {
    world.up().find_map(|(id, node)| {
        let owner = world.ids().find(|owner| !is_right(history, node, *owner))?;
        Some((id, owner))
    })
}

pub(super) fn all_agree_in_the_end(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    if !is_quiet(world, history) {
        return Ok(());
    }
    let Some((id, owner)) = out_of_date(world, history) else { return Ok(()) };
    let text = |entry: Option<&Entry<Address>>| entry.map_or("nothing".into(), entry_text);
    let shown = text(world.process(id).and_then(|node| node.directory.get(owner)));
    let said = text(history.last_word(owner));
    let (name, owner_name) = (&world.names()[id], &world.names()[owner]);
    let reason = format!(
        "{name} is wrong about {owner_name}, long after the last change: it shows {shown}, and \
         {owner_name} has said {said}"
    );
    let said_us = history.words.get(owner).and_then(LongList::last).map(|it| (it.at_us, owner));
    let newest = history.shown.get(id).and_then(|shown| shown.get(owner));
    let moments = said_us.into_iter().chain(newest.map(|(_, since_us)| (*since_us, id)));
    Err(Violation::new(reason, [id, owner]).of(moments))
}

/// Says who took old news over from whom, or that nobody did.
pub(super) fn relapse_in_words(world: &World<Node>, history: &History) -> String {
    let names = world.names();
    let Some(Relapse { id, from, owner, entry }) = history.relapse else {
        let woken = names.list(history.woken.iter().map(|(id, _)| id));
        return format!("Nothing that {woken} told was older than what others had shown");
    };
    let awake = history.woken.get(from).copied().map(instant).unwrap_or_default();
    let (from, to, owner, old) = (&names[from], &names[id], &names[owner], entry_text(&entry));
    format!("{from}, awake since {awake}, told {to} that {owner} is at {old}; {to} had heard newer")
}

/// Whether everybody who runs knows what was said before the last fault ended, or later words.
pub(super) fn all_have_heard(world: &World<Node>, history: &History) -> bool {
    let Some(calm_us) = world.calm_since_us() else { return false };
    let has_heard = |node: &Node, owner: NodeId| {
        let least = history.said_until(owner, calm_us).max(1);
        let known = node.directory.get(owner).and_then(|it| history.number_of(owner, it));
        let is_latest = history.last_word(owner).is_some() && is_right(history, node, owner);
        is_latest || known.is_some_and(|number| number >= least)
    };
    world.up().all(|(_, node)| world.ids().all(|owner| has_heard(node, owner)))
}

/// Returns how many rumors were told, by the nodes that run, for each node and announcement, in
/// hundredths: Demers' m, where all had their time.
pub(super) fn traffic_hundredths(world: &World<Node>, history: &History) -> i64 {
    let told: u64 = world.up().map(|(_, node)| node.told).sum();
    let announcements: u64 = history.words.values().map(|words| words.len() as u64).sum();
    (100 * told / (announcements * world.ids().len() as u64).max(1)).cast_signed()
}

/// Returns the traffic so far, m, and the residue that push leaves at this traffic, e^−m (Demers et
/// al. 1987, section 1.4), in words.
pub(super) fn traffic_and_residue(world: &World<Node>, history: &History) -> (String, String) {
    let hundredths = u32::try_from(traffic_hundredths(world, history)).unwrap_or_default();
    let residue = libm::exp(-f64::from(hundredths) / 100.0);
    let traffic = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    (traffic, format!("{:.1} %", 100.0 * residue))
}

/// Returns how many entries of running nodes' directories are not what their owners said last, and
/// how many there are.
pub(super) fn stale(world: &World<Node>, history: &History) -> (u64, u64) {
    let (mut stale, mut all) = (0, 0);
    for (_, node) in world.up() {
        all += world.ids().len() as u64;
        stale += world.ids().filter(|owner| !is_right(history, node, *owner)).count() as u64;
    }
    (stale, all)
}

pub(super) fn stale_percent(world: &World<Node>, history: &History) -> u64 {
    let (stale, all) = stale(world, history);
    (100 * stale).checked_div(all).unwrap_or_default()
}

pub(super) fn few_are_stale(world: &World<Node>, history: &History) -> Result<(), Violation> {
    if world.now_us() < BEGINNING_US || stale_percent(world, history) <= MANY_PERCENT {
        return Ok(());
    }
    let (stale, all) = stale(world, history);
    Err(Violation::new(format!("{stale} of {all} entries are out of date"), []))
}

/// Says of a node of whom it shows what is out of date.
fn remark(world: &World<Node>, history: &History, id: NodeId) -> Option<String> {
    let node = world.process(id)?;
    let is_old =
        |owner: &NodeId| node.directory.get(*owner).is_some() && !is_right(history, node, *owner);
    let old: Vec<&str> = world.ids().filter(is_old).map(|owner| &world.names()[owner]).collect();
    match old.len() {
        0 => None,
        1 | 2 => Some(format!("old: {}", old.join(" "))),
        many => Some(format!("{many} old")),
    }
}
