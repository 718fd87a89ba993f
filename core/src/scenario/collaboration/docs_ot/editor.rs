//! A client: it shows its person's letters at once, and sends them when it may.

use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node, SERVER};
use super::view;
use crate::mechanism::ot::{Client, Entry, Name, Pending, Rules, Taken};
use crate::sim::{Boot, Cx, Kind, NodeId, Splice};
use crate::view::NodeView;

/// How many things a person does each time the client starts.
const DEEDS: u32 = 18;
/// Least and most time between two of them.
const DEED_US: (u64, u64) = (100_000, 220_000);
/// What each person writes, so that a reader sees whose it is.
const WORDS: [[&str; 6]; 5] = [
    ["an", "acorn", "at", "all", "apples", "are"],
    ["bees", "buzz", "by", "brooks", "be", "bold"],
    ["cats", "can", "climb", "cold", "crags", "calm"],
    ["dogs", "dig", "deep", "dens", "down", "dale"],
    ["eels", "ebb", "each", "eve", "else", "end"],
];

/// How a client works.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// What it keeps to.
    pub(super) rules: Rules,
    /// Time between two questions to the server.
    pub(super) ask_us: u64,
}

/// A client and its person.
#[derive(Clone, Debug, Hash)]
pub(super) struct Editor {
    me: NodeId,
    config: Config,
    /// Tells what it does in this life from what it did in others.
    session: u32,
    /// None until the server has told the text.
    pub(super) document: Option<Client>,
    /// Where the person writes.
    pub(super) caret: u32,
    deeds_left: u32,
    /// What was on its way already when the server was asked last.
    overdue: Option<Name>,
}

impl Editor {
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        let (document, overdue) = (None, None);
        Self { me, config, session: 0, document, caret: 0, deeds_left: DEEDS, overdue }
    }

    /// Makes an edit; the person writes on behind it.
    fn edit(&mut self, edit: Splice, cx: &mut Cx<'_, Node>) {
        let Some(document) = &mut self.document else { return };
        let mut place = self.caret;
        for (name, piece) in document.edit(edit) {
            place = piece.at + piece.length();
            cx.record(Fact::Types(name, piece));
        }
        self.caret = place;
        self.send(cx);
    }

    /// Sends what may be sent by now.
    fn send(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(document) = &mut self.document else { return };
        let news = document.send();
        let revision = document.revision();
        for Pending { name, operation, .. } in news {
            cx.send(SERVER, Msg::Submit { revision, name, operation });
        }
    }

    /// Asks for the text, or for what may be lost: news, and the confirmation of what is on its way for long.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(document) = &self.document else {
            return cx.send(SERVER, Msg::Open { session: self.session });
        };
        let revision = document.revision();
        let first = document.send_again().next().map(|it| it.name);
        if first.is_some() && first == self.overdue {
            for Pending { name, operation, .. } in document.send_again().cloned() {
                cx.send(SERVER, Msg::Submit { revision, name, operation });
            }
        }
        self.overdue = first;
        if self.config.rules.in_order {
            cx.send(SERVER, Msg::Since(revision));
        }
    }

    fn hear(&mut self, first: u32, entries: &[Entry], cx: &mut Cx<'_, Node>) {
        let Some(document) = &mut self.document else { return };
        for (at, entry) in (first..).zip(entries) {
            let name = entry.name;
            match document.take(at, entry, &mut self.caret) {
                Taken::Known => {}
                Taken::Own => cx.record(Fact::Takes { at, name, moves: 0, is_own: true }),
                Taken::Theirs { moves } => {
                    cx.record(Fact::Takes { at, name, moves, is_own: false });
                }
                Taken::Gap => {
                    cx.send(SERVER, Msg::Since(document.revision()));
                    break;
                }
            }
        }
        self.send(cx);
    }

    /// The person does something: mostly types on, sometimes at the beginning or at the end, or deletes a word.
    fn act(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(document) = &self.document else { return };
        let letters: Vec<char> = document.text().chars().collect();
        let length = u32::try_from(letters.len()).unwrap_or(u32::MAX);
        let words = &WORDS[self.me.index().saturating_sub(1) % WORDS.len()];
        let word = words[(DEEDS - self.deeds_left) as usize % words.len()];
        self.caret = self.caret.min(length);
        match cx.choose(10) {
            8 => {
                let before = letters.iter().take(self.caret as usize).rev();
                let spaces = before.clone().take_while(|it| **it == ' ').count();
                let word = before.skip(spaces).take_while(|it| **it != ' ').count();
                let deleted = u32::try_from(spaces + word).unwrap_or(0);
                let at = self.caret - deleted;
                return self.edit(Splice { at, deleted, inserted: String::new() }, cx);
            }
            7 => self.caret = 0,
            9 => self.caret = length,
            _ => {}
        }
        let at = self.caret;
        self.edit(Splice { at, ..Splice::insertion(&format!("{word} ")) }, cx);
    }
}

impl Kind<Node> for Editor {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.session = u32::try_from(cx.nonce(1 << 32)).unwrap_or(u32::MAX);
        self.ask(cx);
        let first_us = cx.jitter_us(0, self.config.ask_us);
        cx.set_timer(first_us, Timer::Ask);
        let first_deed_us = cx.jitter_us(0, DEED_US.1);
        cx.set_timer(first_deed_us, Timer::Person);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Write => self.act(cx),
            Msg::Edit(edit) => self.edit(edit, cx),
            Msg::Document { session, revision, text } => {
                if session == self.session && self.document.is_none() {
                    let names = (self.me, session);
                    self.document = Some(Client::open(names, self.config.rules, revision, text));
                    cx.record(Fact::Opens { session, revision });
                }
            }
            Msg::Entries(first, entries) => self.hear(first, &entries, cx),
            Msg::Open { .. } | Msg::Submit { .. } | Msg::Since(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        if timer == Timer::Ask {
            self.ask(cx);
            cx.set_timer(self.config.ask_us, Timer::Ask);
        } else {
            self.act(cx);
            self.deeds_left -= u32::from(self.document.is_some());
            if self.deeds_left > 0 {
                let next_us = cx.jitter_us(DEED_US.0, DEED_US.1);
                cx.set_timer(next_us, Timer::Person);
            }
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        view::editor(self)
    }
}
