//! An editor that works without anybody else: the algorithm, and what each safeguard adds to it.

use super::copy::{Copy, Letter, Placed, Whole};
use super::message::{End, Fact, Marks, Msg, Timer};
use super::view;
use crate::mechanism::clock::VersionVector;
use crate::mechanism::crdt::sequence::{Algorithm, Id, Sequence};
use crate::sim::{Boot, Cell, Cx, NodeId, Process, Splice, SyncId};
use crate::view::NodeView;

/// How many things a person does each time the editor starts.
const DEEDS: u32 = 8;
/// Least and most time between two of them.
const DEED_US: (u64, u64) = (150_000, 350_000);
/// What each person writes, so that a reader sees whose it is.
const ITEMS: [[&str; 6]; 5] = [
    ["figs", "plum", "kiwi", "pear", "lime", "dates"],
    ["milk", "tea", "cola", "beer", "soda", "wine"],
    ["rice", "rye", "oats", "nuts", "corn", "peas"],
    ["soap", "glue", "pins", "tape", "rope", "nails"],
    ["eggs", "ham", "cod", "beef", "tuna", "lamb"],
];

/// Of what is typed at once, so many letters are told.
const TOLD_LETTERS: usize = 40;

/// How edits are kept and told.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Editing {
    /// The text is saved as a whole, and the last save wins.
    Whole,
    /// Edits name places.
    Places,
    /// Edits name letters.
    Letters(Algorithm),
}

/// How an editor works.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// How edits are kept and told.
    pub(super) editing: Editing,
    /// An edit is on disk before it counts as saved and is told.
    pub(super) is_durable: bool,
    /// Editors ask for what they lack for ever, instead of telling each edit once.
    pub(super) asks: bool,
    /// Of two marks the later stays, not the one that arrives last.
    pub(super) has_stamps: bool,
    /// Time between two rounds.
    pub(super) round_us: u64,
}

/// Where what a person types in a row goes on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Spot {
    /// Before all others.
    Top,
    /// After all others.
    Bottom,
    /// Behind this letter; nothing stands there at the beginning.
    Behind(Option<Id>),
}

/// The list and how it looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct List {
    pub(super) copy: Copy,
    pub(super) marks: Marks,
}

/// An editor and its person.
#[derive(Clone, Debug, Hash)]
pub(super) struct Editor {
    me: NodeId,
    pub(super) config: Config,
    pub(super) list: List,
    /// What the person types in a row: where, and the first letter of it.
    row: Option<(Spot, Id)>,
    deeds_left: u32,
    /// How many edits of its own it has said to be saved.
    saved: u64,
    /// What it has told, where everything is told once, and whether there is more of its own.
    told: VersionVector,
    has_untold: bool,
    /// Which editor is asked next, counted from this one.
    next_peer: u16,
}

fn length(letters: usize) -> u32 {
    u32::try_from(letters).unwrap_or(u32::MAX)
}

/// Returns the items of a list: where each begins, and how many letters it has.
fn items(letters: &[Letter]) -> Vec<(u32, u32)> {
    let mut items = Vec::new();
    let mut begin = 0;
    for ((_, letter), place) in letters.iter().zip(1..) {
        if *letter == ' ' {
            items.push((begin, place - begin));
            begin = place;
        }
    }
    items
}

impl Editor {
    /// Makes an editor with an empty list.
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        let copy = match config.editing {
            Editing::Whole => Copy::Whole(Whole::default()),
            Editing::Places => Copy::Placed(Placed::default()),
            Editing::Letters(algorithm) => Copy::Named(Sequence::new(algorithm)),
        };
        let list = List { copy, marks: Marks::default() };
        Self {
            me,
            config,
            list,
            row: None,
            deeds_left: DEEDS,
            saved: 0,
            told: VersionVector::default(),
            has_untold: false,
            next_peer: 0,
        }
    }

    fn own_edits(&self, list: &List) -> u64 {
        list.copy.version().updates(self.me)
    }

    /// Types an item at one end of the list.
    fn type_in(&mut self, end: End, item: &str, cx: &mut Cx<'_, Self>) {
        // An item is a word: whatever else was typed would be several, or none.
        let word: String = item.chars().filter(|it| !it.is_whitespace()).collect();
        if word.is_empty() {
            return;
        }
        let (spot, place) = match end {
            End::Top => (Spot::Top, 0),
            End::Bottom => (Spot::Bottom, length(self.list.copy.letters().len())),
        };
        self.insert(spot, place, &format!("{word} "), cx);
        self.save(cx);
    }

    /// Deletes an item, counted from 0.
    fn strike(&mut self, number: u64, cx: &mut Cx<'_, Self>) {
        let letters = self.list.copy.letters();
        let item = items(&letters).get(usize::try_from(number).unwrap_or(0)).copied();
        if let Some((place, length)) = item {
            self.delete(&letters, (place, length), cx);
            self.save(cx);
        }
    }

    /// Edits the text as it is by now.
    fn edit(&mut self, edit: Splice, cx: &mut Cx<'_, Self>) {
        let letters = self.list.copy.letters();
        let edit = edit.within(length(letters.len()));
        if edit.is_empty() {
            return;
        }
        if edit.deleted > 0 {
            self.delete(&letters, (edit.at, edit.deleted), cx);
        }
        if !edit.inserted.is_empty() {
            let before = edit.at.checked_sub(1).and_then(|place| letters.get(place as usize));
            self.insert(Spot::Behind(before.map(|(id, _)| *id)), edit.at, &edit.inserted, cx);
        }
        self.save(cx);
    }

    fn insert(&mut self, spot: Spot, place: u32, text: &str, cx: &mut Cx<'_, Self>) {
        let counter = u32::try_from(self.own_edits(&self.list)).unwrap_or(u32::MAX);
        let id = Id { agent: self.me, counter };
        let length = length(text.chars().count());
        let row = self.row.filter(|(at, _)| *at == spot).map_or(id, |(_, first)| first);
        let next = match spot {
            Spot::Top | Spot::Bottom => spot,
            Spot::Behind(_) => Spot::Behind(Some(id.later(length.saturating_sub(1)))),
        };
        self.row = Some((next, row));
        let seen = self.list.copy.version();
        self.list.copy.edit(self.me, cx.wall_us(), place, 0, text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let item = words.join(" ").chars().take(TOLD_LETTERS).collect();
        cx.record(Fact::Typed { id, length, row, seen, item });
        self.has_untold = true;
    }

    fn delete(&mut self, letters: &[Letter], (place, length): (u32, u32), cx: &mut Cx<'_, Self>) {
        self.row = None;
        self.list.copy.edit(self.me, cx.wall_us(), place, length, "");
        let struck = letters.iter().skip(place as usize).take(length as usize);
        cx.record(Fact::Struck(struck.map(|(id, _)| *id).collect()));
        self.has_untold = true;
    }

    /// Makes an item bold, or plain again.
    fn embolden(&mut self, number: u64, cx: &mut Cx<'_, Self>) {
        let letters = self.list.copy.letters();
        let Some(&(place, length)) = items(&letters).get(usize::try_from(number).unwrap_or(0))
        else {
            return;
        };
        let marks = &mut self.list.marks;
        let at = marks.next_time();
        let is_bold = marks.get(letters[place as usize].0).copied().unwrap_or(false);
        let item = letters.iter().skip(place as usize).take(length as usize);
        let letters: Vec<Id> = item.map(|(id, _)| *id).collect();
        for &id in &letters {
            marks.write(id, !is_bold, at, self.me);
        }
        cx.record(Fact::Emboldened { letters, at });
        self.has_untold = true;
        self.save(cx);
    }

    /// Saves the list. What others have heard of must never be unlearned.
    fn save(&mut self, cx: &mut Cx<'_, Self>) {
        if self.config.is_durable {
            *cx.disk_mut().get_mut() = Some(self.list.clone());
            cx.sync();
        } else {
            let list = self.list.clone();
            self.saved(&list, cx);
        }
    }

    /// From here on others may hear of it.
    fn saved(&mut self, list: &List, cx: &mut Cx<'_, Self>) {
        let own = self.own_edits(list);
        if own > self.saved {
            self.saved = own;
            cx.record(Fact::Saved(own));
        }
        if !self.config.asks && self.has_untold {
            // An edit made since then waits for a sync of its own.
            self.has_untold = *list != self.list;
            let news = list.copy.since(&self.told);
            self.told = list.copy.version();
            let me = self.me;
            for peer in NodeId::first(cx.node_count()).filter(|&id| id != me) {
                cx.send(peer, Msg::Tell(news.clone(), list.marks.clone()));
            }
        }
    }

    fn hear(&mut self, told: Msg, cx: &mut Cx<'_, Self>) {
        let Msg::Tell(news, marks) = told else { return };
        let before = self.list.clone();
        self.list.copy.apply(news);
        if self.config.has_stamps {
            self.list.marks.merge(&marks);
        } else {
            self.list.marks.overwrite(&marks);
        }
        if self.list != before {
            if self.list.copy != before.copy {
                self.row = None;
            }
            cx.record(Fact::Heard);
            self.save(cx);
        }
    }

    /// The person does something: mostly types at the top, sometimes at the end, strikes out or marks.
    fn act(&mut self, cx: &mut Cx<'_, Self>) {
        let items = items(&self.list.copy.letters()).len() as u64;
        let own = &ITEMS[self.me.index() % ITEMS.len()];
        let deed = cx.choose(10);
        if items > 2 && (deed == 7 || deed == 8) {
            self.strike(cx.choose(items), cx);
        } else if items > 0 && deed == 9 {
            self.embolden(cx.choose(items), cx);
        } else {
            let item = own[(DEEDS - self.deeds_left) as usize % own.len()];
            self.type_in(if deed == 6 { End::Bottom } else { End::Top }, item, cx);
        }
    }
}

impl Process for Editor {
    type Msg = Msg;
    type Timer = Timer;
    /// The list with all its edits: the log of what was done while nobody could be reached.
    type Disk = Cell<Option<List>>;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            if let Some(list) = cx.disk().get() {
                self.list = list.clone();
                self.told = list.copy.version();
            }
            self.saved = self.own_edits(&self.list);
            cx.record(Fact::CameBack(self.saved));
        }
        self.next_peer = u16::try_from(cx.choose(u64::from(cx.node_count()) - 1)).unwrap_or(0);
        let first_round_us = cx.jitter_us(0, self.config.round_us);
        cx.set_timer(first_round_us, Timer::Round);
        let first_deed_us = cx.jitter_us(0, DEED_US.1);
        cx.set_timer(first_deed_us, Timer::Person);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Type(end, item) => self.type_in(end, &item, cx),
            Msg::Edit(edit) => self.edit(edit, cx),
            Msg::Strike(number) => self.strike(u64::from(number.saturating_sub(1)), cx),
            Msg::Embolden(number) => self.embolden(u64::from(number.saturating_sub(1)), cx),
            Msg::Ask(version) => {
                let on_disk = cx.disk().durable().as_ref();
                let list = if self.config.is_durable { on_disk } else { Some(&self.list) };
                if let Some(List { copy, marks }) = list {
                    let news = copy.since(&version);
                    if news.pieces() > 0 || !marks.is_empty() {
                        let marks = marks.clone();
                        cx.send(from, Msg::Tell(news, marks));
                    }
                }
            }
            Msg::Tell(..) => self.hear(msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Person => {
                self.act(cx);
                self.deeds_left -= 1;
                if self.deeds_left > 0 {
                    let next_us = cx.jitter_us(DEED_US.0, DEED_US.1);
                    cx.set_timer(next_us, Timer::Person);
                }
            }
            Timer::Round => {
                if self.config.asks {
                    let peer = (self.me.0 + 1 + self.next_peer) % cx.node_count();
                    self.next_peer = (self.next_peer + 1) % (cx.node_count() - 1);
                    cx.send(NodeId(peer), Msg::Ask(self.list.copy.version()));
                }
                cx.set_timer(self.config.round_us, Timer::Round);
            }
        }
    }

    fn on_synced(&mut self, _: SyncId, cx: &mut Cx<'_, Self>) {
        if let Some(list) = cx.disk().durable().clone() {
            self.saved(&list, cx);
        }
    }

    fn view(&self, disk: &Self::Disk) -> NodeView {
        view::editor(self, disk.durable().as_ref())
    }
}
