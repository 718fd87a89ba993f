//! What the persons did, and whether their copies show it.

use std::collections::BTreeSet;

use super::copy::{Copy, Letter};
use super::message::Fact;
use super::node::Editor;
use crate::mechanism::clock::VersionVector;
use crate::mechanism::crdt::sequence::Id;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{LongList, NodeId, Observer, Violation, World};

/// How long news may take in calm: at most 4 others are asked in turn, every 300 ms by a clock at most 5 %
/// slow: 1.3 s, a question, an answer and a sync, and some room.
pub(super) const SPREAD_US: u64 = 2_000_000;
/// Until every copy has what was saved before the last fault: a person who has just started edits for 2.8 s,
/// by a slow clock 3 s.
pub(super) const SETTLE_US: u64 = 3_000_000 + SPREAD_US;
/// A copy that lacks more edits than this deserves a look.
const FAR_BEHIND: u64 = 25;

/// An item as it was typed.
#[derive(Clone, Debug, Hash)]
pub(super) struct Typed {
    at_us: u64,
    id: Id,
    length: u32,
    row: Id,
    seen: VersionVector,
    item: String,
}

impl Typed {
    fn letters(&self) -> impl Iterator<Item = Id> {
        (0..self.length).map(|by| self.id.later(by))
    }
}

/// What the persons did.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The items typed, in order, without those that a crash undid before they were saved.
    pub(super) typed: LongList<Typed>,
    /// The letters struck out by anybody.
    struck: BTreeSet<Id>,
    /// When each editor last marked each letter, on its Lamport clock.
    marked: SmallMap<(NodeId, Id), u32>,
    /// How many edits of each editor are saved.
    pub(super) saved: VersionVector,
    /// When each copy last heard of something.
    heard_us: SmallMap<NodeId, u64>,
    /// When somebody last edited or started.
    last_us: u64,
    /// Somebody has heard of an edit of somebody else.
    pub(super) has_heard: bool,
    /// Somebody came back with edits of its own.
    pub(super) came_back: bool,
}

impl Observer<Editor> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            &Fact::Typed { id, length, row, ref seen, ref item } => {
                let (seen, item) = (seen.clone(), item.clone());
                self.typed.push(Typed { at_us, id, length, row, seen, item });
            }
            Fact::Struck(letters) => self.struck.extend(letters),
            Fact::Emboldened { letters, at } => {
                for &letter in letters {
                    self.marked.insert((node, letter), *at);
                }
            }
            &Fact::Saved(edits) => {
                let news = edits.saturating_sub(self.saved.updates(node));
                self.saved.advance(node, news);
                return;
            }
            Fact::Heard => {
                self.has_heard = true;
                self.heard_us.insert(node, at_us);
                return;
            }
            &Fact::CameBack(edits) => {
                self.came_back |= edits > 0;
                let edits = edits.max(self.saved.updates(node));
                let is_gone = |it: &Typed| it.id.agent == node && u64::from(it.id.counter) >= edits;
                let kept: Vec<Typed> =
                    self.typed.iter().filter(|it| !is_gone(it)).cloned().collect();
                self.typed = LongList::default();
                for item in kept {
                    self.typed.push(item);
                }
                self.marked.retain(|(by, _), _| by != node);
            }
        }
        self.last_us = at_us;
    }
}

impl History {
    /// Returns the items typed, by the names of their first letters.
    fn by_name(&self) -> Vec<&Typed> {
        let mut items: Vec<&Typed> = self.typed.iter().collect();
        crate::order::sort_by_key(&mut items, |it| it.id);
        items
    }
}

/// Returns the item with this letter.
fn item_of<'a>(by_name: &[&'a Typed], letter: Id) -> Option<&'a Typed> {
    let before = by_name.partition_point(|it| it.id <= letter);
    let item = by_name[..before].last()?;
    (item.id.agent == letter.agent && letter.counter - item.id.counter < item.length)
        .then_some(item)
}

/// Copies with the same edits show the same text.
pub(super) fn same_edits_same_text(world: &World<Editor>, _: &History) -> Result<(), Violation> {
    let copies: Vec<(NodeId, &Copy, VersionVector)> =
        world.up().map(|(id, node)| (id, &node.list.copy, node.list.copy.version())).collect();
    for (nth, (one, copy, version)) in copies.iter().enumerate() {
        for (other, its, its_version) in &copies[nth + 1..] {
            if version == its_version && copy.letters() != its.letters() {
                let (one_name, other_name) = (&world.names()[*one], &world.names()[*other]);
                let reason =
                    format!("{one_name} and {other_name} have the same edits and different texts");
                return Err(Violation::new(reason, [*one, *other]));
            }
        }
    }
    Ok(())
}

/// What a person typed and saved stays in the person's own copy, or on the disk while the editor is down, unless
/// somebody struck it out.
pub(super) fn nothing_vanishes(world: &World<Editor>, history: &History) -> Result<(), Violation> {
    for id in world.ids() {
        let list = world.process(id).map(|node| &node.list);
        let list = list.or_else(|| world.disk(id).durable().as_ref());
        let letters = list.map(|list| list.copy.letters()).unwrap_or_default();
        let mut there: Vec<Id> = letters.iter().map(|(letter, _)| *letter).collect();
        crate::order::sort(&mut there);
        let saved = history.saved.updates(id);
        let own = history.typed.iter().filter(|it| it.id.agent == id);
        let gone = |letter: &Id| {
            u64::from(letter.counter) < saved
                && there.binary_search(letter).is_err()
                && !history.struck.contains(letter)
        };
        for item in own {
            if item.letters().any(|letter| gone(&letter)) {
                let name = &world.names()[id];
                let place = if world.process(id).is_some() { "list" } else { "disk" };
                let reason = format!(
                    "“{}”, which {name} typed and saved and nobody struck out, is not on {name}'s {place}",
                    item.item
                );
                let heard = history.heard_us.get(id).map(|&at_us| (at_us, id));
                let moments = [(item.at_us, id)].into_iter().chain(heard);
                return Err(Violation::new(reason, [id]).of(moments));
            }
        }
    }
    Ok(())
}

/// Between letters that somebody typed in a row stands nothing of somebody who had not seen them.
pub(super) fn rows_stay_whole(world: &World<Editor>, history: &History) -> Result<(), Violation> {
    let by_name = history.by_name();
    for (id, node) in world.up() {
        let letters = node.list.copy.letters();
        let items: Vec<Option<&Typed>> =
            letters.iter().map(|(letter, _)| item_of(&by_name, *letter)).collect();
        let mut rows: SmallMap<Id, (usize, usize)> = SmallMap::default();
        for (item, at) in items.iter().zip(0..) {
            if let Some(item) = item {
                rows.get_or_insert(item.row, (at, at)).1 = at;
            }
        }
        for (row, &(first, last)) in rows.iter() {
            let is_strange =
                |it: &Typed| it.row != row && it.seen.updates(row.agent) <= u64::from(row.counter);
            let strange = (first..last).find(|&at| items[at].is_some_and(is_strange));
            if let Some(at) = strange {
                let author = letters[at].0.agent;
                let names = world.names();
                let reason = format!(
                    "at {}, “{}” by {} stands in the middle of what {} typed in a row",
                    &names[id],
                    items[at].map_or("", |it| &*it.item),
                    &names[author],
                    &names[row.agent],
                );
                let typed = [items[first], items[at]].into_iter().flatten();
                let moments = typed.map(|it| (it.at_us, it.id.agent));
                return Err(Violation::new(reason, [id, row.agent, author]).of(moments));
            }
        }
    }
    Ok(())
}

/// What a person marked looks so, or as somebody marked it who may have known of that.
pub(super) fn no_mark_goes_back(world: &World<Editor>, history: &History) -> Result<(), Violation> {
    for ((id, letter), &at) in history.marked.iter() {
        let Some(node) = world.process(id) else { continue };
        if node.list.marks.time(letter).is_none_or(|its| its < at) {
            let name = &world.names()[id];
            let reason = format!("what {name} marked looks as it did before that");
            let heard = history.heard_us.get(id).map(|&at_us| (at_us, id));
            return Err(Violation::new(reason, [id]).of(heard));
        }
    }
    Ok(())
}

/// Returns true if neither faults nor edits have stirred anything for as long as news may take.
pub(super) fn is_quiet(world: &World<Editor>, history: &History) -> bool {
    let since_us = world.calm_since_us().map(|calm_us| calm_us.max(history.last_us));
    since_us.is_some_and(|since_us| world.now_us() > since_us + SPREAD_US)
}

/// Returns an editor that shows something else than the first, or that is down.
fn dissenter(world: &World<Editor>) -> Option<NodeId> {
    let shown = |id: NodeId| {
        let node = world.process(id)?;
        let letters = node.list.copy.letters();
        let bold = |(letter, _): &Letter| node.list.marks.get(*letter).copied().unwrap_or(false);
        Some(letters.into_iter().map(|it| (it, bold(&it))).collect::<Vec<_>>())
    };
    let first = shown(NodeId(0));
    world.ids().find(|&id| first.is_none() || shown(id) != first)
}

/// Returns true if all editors are up and show the same.
pub(super) fn agree(world: &World<Editor>, _: &History) -> bool {
    dissenter(world).is_none()
}

/// Once quiet, all copies show the same text with the same marks.
pub(super) fn equal_once_quiet(world: &World<Editor>, history: &History) -> Result<(), Violation> {
    match is_quiet(world, history).then(|| dissenter(world)).flatten() {
        Some(id) => {
            let (name, first) = (&world.names()[id], &world.names()[NodeId(0)]);
            let reason =
                format!("{name} and {first} show different lists, and nothing is on its way");
            let heard = history.heard_us.get(id).map(|&at_us| (at_us, id));
            Err(Violation::new(reason, [id, NodeId(0)]).of(heard))
        }
        None => Ok(()),
    }
}

/// Returns how many saved edits each copy lacks, and whose it is.
fn lacks(world: &World<Editor>, history: &History) -> impl Iterator<Item = (u64, NodeId)> {
    world.up().map(|(id, node)| {
        let version = node.list.copy.version();
        let lack = |of| history.saved.updates(of).saturating_sub(version.updates(of));
        (world.ids().map(lack).sum(), id)
    })
}

/// Returns how many saved edits the copy lacks that lacks most, and whose it is.
pub(super) fn worst_copy(world: &World<Editor>, history: &History) -> Option<(u64, NodeId)> {
    lacks(world, history).max()
}

/// Returns true if a paused editor lacks many saved edits.
pub(super) fn is_paused_far_behind(world: &World<Editor>, history: &History) -> bool {
    lacks(world, history).any(|(lack, id)| lack > FAR_BEHIND && !world.is_running(id))
}

pub(super) fn copies_are_close(world: &World<Editor>, history: &History) -> Result<(), Violation> {
    match worst_copy(world, history) {
        Some((lack, id)) if lack > FAR_BEHIND => {
            let reason = format!("{} lacks {lack} saved edits", &world.names()[id]);
            Err(Violation::new(reason, [id]))
        }
        _ => Ok(()),
    }
}

/// Two copies each have edits that the other lacks.
pub(super) fn are_apart(world: &World<Editor>, _: &History) -> bool {
    let versions: Vec<VersionVector> =
        world.up().map(|(_, node)| node.list.copy.version()).collect();
    versions.iter().any(|one| versions.iter().any(|other| one.conflicts_with(other)))
}

/// Returns true if the network is whole after somebody came back, and all copies are equal.
pub(super) fn is_healed(world: &World<Editor>, history: &History) -> bool {
    history.came_back && world.network().is_whole() && agree(world, history)
}

/// Says what every copy shows.
pub(super) fn lists_in_words(world: &World<Editor>, history: &History) -> String {
    let shown = world.up().map(|(id, node)| {
        let text: String = node.list.copy.letters().iter().map(|(_, letter)| *letter).collect();
        (&world.names()[id], text)
    });
    let mut shown: Vec<(&str, String)> = shown.collect();
    if agree(world, history) {
        shown.truncate(1);
        shown[0].0 = "Everybody";
    }
    let words = shown.iter().map(|(who, text)| format!("{who} has “{}”", text.trim_end()));
    words.collect::<Vec<_>>().join(", ")
}
