//! What was typed, logged and taken, and whether the texts are what follows from it.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use super::beside::Beside;
use super::editor::Editor;
use super::message::{Fact, bytes_of};
use super::node::{Node, SERVER, clients, editors, server};
use super::server::SETTINGS;
use crate::mechanism::ot::{
    Client, Entry, Name, Operation, Store, comes_first, moved_over_each_other,
};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Action, Edits, LongList, NodeId, Observer, Violation, World};
use crate::view::TextState;

/// How long nothing may move in calm while something is still to come: the server opens its store again after
/// 60 ms, a client notices that an operation is overdue at its second question, asked every 500 ms by a clock
/// at most 5 % slow; then a way to the server and back, and syncs.
pub(super) const SPREAD_US: u64 = 1_500_000;
/// Until all are equal after the last disturbance: a client that has just started opens, and its person writes
/// for at most 4 s.
pub(super) const SETTLE_US: u64 = 5_000_000 + SPREAD_US;
/// A client that is further behind the log deserves a look.
const FAR_BEHIND: u32 = 8;

/// An operation of the server's log, and the text after it.
#[derive(Clone, Debug, Hash)]
pub(super) struct Logged {
    pub(super) at_us: u64,
    pub(super) entry: Entry,
    /// Over how many operations the server moved it.
    pub(super) moves: u32,
    text: Rc<str>,
}

/// What a client must show, worked out from the log and from what its person typed.
#[derive(Clone, Debug, Hash)]
pub(super) struct Shown {
    /// So many operations of the log.
    pub(super) revision: u32,
    /// And these of its own, as they are behind those.
    pub(super) waiting: VecDeque<(Name, Operation)>,
}

impl Shown {
    fn types(&mut self, name: Name, operation: Operation) {
        match self.waiting.back_mut() {
            Some((last, before)) if *last == name => *before = before.then(&operation),
            _ => self.waiting.push_back((name, operation)),
        }
    }

    /// Goes on by an operation of the log: both sides of each diamond.
    fn takes(&mut self, client: NodeId, at: u32, entry: &Entry) {
        self.revision = at + 1;
        if self.waiting.front().is_some_and(|(name, _)| *name == entry.name) {
            self.waiting.pop_front();
            return;
        }
        let mut theirs = entry.operation.clone();
        let is_first = comes_first(entry.name.site, client);
        for (_, own) in &mut self.waiting {
            (theirs, *own) = moved_over_each_other(&theirs, own, is_first);
        }
    }
}

/// What was done, and what came of it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// As the server noted it; what a crash of the server undid is not in it.
    pub(super) log: LongList<Logged>,
    names: BTreeSet<Name>,
    /// An operation that is in the log for the second time, and when it came there.
    twice: Option<(u64, Name)>,
    /// What each client must show that has opened the text.
    pub(super) clients: SmallMap<NodeId, Shown>,
    /// The last revision that a client has shown, when, and who.
    shown: (u32, u64, NodeId),
    /// How many operations the server found when it started last, when, and how many it added to a snapshot.
    pub(super) recovered: Option<(u32, u64, u32)>,
    /// When something was typed, logged or opened last.
    moved_us: u64,
    pub(super) has_typed: bool,
    /// A client took an operation while its own were waiting.
    pub(super) has_crossed: bool,
    /// The server was down.
    pub(super) server_fell: bool,
    /// How many operations were moved over one other, by anybody.
    moves: u64,
    /// How many operations were logged, and their bytes and those of the same keystrokes by the CRDT.
    costs: (u64, u64, u64),
    pub(super) beside: Beside,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            &Fact::Opens { revision, .. } => {
                self.clients.insert(node, Shown { revision, waiting: VecDeque::new() });
                let history = self.log.iter().take(revision as usize).map(|it| it.entry.name);
                self.beside.open(node, history);
            }
            Fact::Types(name, edit) => {
                self.has_typed = true;
                if let Some(shown) = self.clients.get_mut(node) {
                    shown.types(*name, Operation::of(edit));
                }
                self.beside.edit(node, *name, edit);
            }
            &Fact::Takes { at, name, moves, is_own } => {
                let entry = self.log.get(at as usize).map(|it| &it.entry);
                if let (Some(shown), Some(entry)) = (self.clients.get_mut(node), entry) {
                    shown.takes(node, at, entry);
                }
                if !is_own {
                    self.beside.take(node, name);
                }
                self.moves += u64::from(moves);
                self.has_crossed |= moves > 0;
                if at >= self.shown.0 {
                    self.shown = (at + 1, at_us, node);
                }
            }
            Fact::Logs { entry, moves, .. } => self.note(at_us, entry, *moves),
            &Fact::Recovers { revision, replayed } => {
                let texts = self.log.iter().take(revision as usize);
                self.names = texts.map(|it| it.entry.name).collect();
                self.log.truncate(revision as usize);
                self.recovered = Some((revision, at_us, replayed));
            }
            Fact::Serves | Fact::Doubts | Fact::Refuses(_) => {}
        }
        self.moved_us = at_us;
    }

    fn on_action(&mut self, _: u64, _: &Action, world: &World<Node>) {
        self.server_fell |= world.process(SERVER).is_none();
        for gone in clients(world).filter(|&id| world.process(id).is_none()) {
            self.clients.remove(gone);
            self.beside.close(gone);
        }
    }
}

impl History {
    fn note(&mut self, at_us: u64, entry: &Entry, moves: u32) {
        if !self.names.insert(entry.name) {
            self.twice = self.twice.or(Some((at_us, entry.name)));
        }
        let text = entry.operation.apply(self.text_at(self.revision()).unwrap_or_default()).into();
        let ot = bytes_of(self.revision(), entry.name, &entry.operation);
        let (count, bytes, beside) = self.costs;
        self.costs = (count + 1, bytes + ot, beside + self.beside.bytes_of(entry.name));
        self.moves += u64::from(moves);
        self.log.push(Logged { at_us, entry: entry.clone(), moves, text });
    }

    /// Returns how many operations the server's log has.
    pub(super) fn revision(&self) -> u32 {
        u32::try_from(self.log.len()).unwrap_or(u32::MAX)
    }

    /// Returns the text after so many of them; none if there are not so many.
    pub(super) fn text_at(&self, revision: u32) -> Option<&str> {
        match revision.checked_sub(1) {
            None => Some(""),
            Some(last) => self.log.get(last as usize).map(|it| &*it.text),
        }
    }

    /// Returns bytes in all and what they are per operation logged, in tenths.
    fn tenths(&self, all: u64) -> u64 {
        10 * all / self.costs.0.max(1)
    }

    /// Returns per operation, in tenths: bytes and moves; and the same of the CRDT: bytes and pieces taken.
    pub(super) fn per_operation(&self) -> [(u64, u64); 2] {
        let (_, bytes, beside) = self.costs;
        [(bytes, self.moves), (beside, self.beside.pieces)]
            .map(|(bytes, work)| (self.tenths(bytes), self.tenths(work)))
    }
}

/// A letter, whose it is, and whether the server has confirmed it.
pub(super) type Letter = (Option<NodeId>, TextState, char);

/// Returns a client's text by what accounts for each letter: the log, or its person since. What neither accounts
/// for is nobody's. Without a client: the text of the log.
pub(super) fn letters(it: &History, client: Option<(NodeId, &Editor)>) -> Vec<Letter> {
    let shown = client.and_then(|(id, _)| it.clients.get(id));
    let revision = shown.map_or(it.revision(), |it| it.revision);
    let mut letters = Vec::new();
    for Entry { name, operation } in it.log.iter().take(revision as usize).map(|it| &it.entry) {
        operation.apply_to(&mut letters, |letter| (Some(name.site), TextState::Kept, letter));
    }
    for (name, operation) in shown.into_iter().flat_map(|it| &it.waiting) {
        operation.apply_to(&mut letters, |letter| (Some(name.site), TextState::Inserted, letter));
    }
    if let Some(document) = client.and_then(|(_, editor)| editor.document.as_ref()) {
        let expected: String = letters.iter().map(|it| it.2).collect();
        for strange in Edits::between(&expected, document.text()).in_turn() {
            let strange = Operation::of(strange);
            strange.apply_to(&mut letters, |letter| (None, TextState::Inserted, letter));
        }
    }
    letters
}

/// Says what is wrong with a client's text, if something is.
fn wrong_with(id: NodeId, editor: &Editor, it: &History) -> Option<String> {
    let (document, shown) = (editor.document.as_ref()?, it.clients.get(id)?);
    let (revision, has) = (shown.revision, it.revision());
    let Some(base) = it.text_at(revision) else {
        return Some(format!("shows operation {revision}, and the server's log ends with {has}"));
    };
    let own = shown.waiting.iter().map(|(_, operation)| operation);
    let expected = own.fold(base.to_owned(), |text, own| own.apply(&text));
    (expected != document.text()).then(|| {
        format!(
            "does not show what the log says at revision {revision} and what was typed there since"
        )
    })
}

/// Every client shows the text of the server's log at its revision, with all that its person typed since and
/// nothing else.
pub(super) fn texts_follow_the_log(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for (id, editor) in editors(world) {
        if let Some(wrong) = wrong_with(id, editor, it) {
            let reason = format!("{} {wrong}", &world.names()[id]);
            let last = it.log.last().map(|last| (last.at_us, SERVER));
            return Err(Violation::new(reason, [id]).of(last));
        }
    }
    Ok(())
}

/// No operation is in the log twice.
pub(super) fn once_each(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some((at_us, name)) = it.twice else { return Ok(()) };
    let first = it.log.iter().find(|it| it.entry.name == name).map(|it| (it.at_us, SERVER));
    let reason = format!("an operation by {} took effect twice", &world.names()[name.site]);
    Err(Violation::new(reason, [SERVER, name.site]).of(first.into_iter().chain([(at_us, SERVER)])))
}

/// What any client has shown as part of the document is never forgotten: the server has it while it runs; and
/// while it is down, snapshot and log on its disk come to the text that they came to.
pub(super) fn nothing_is_forgotten(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let (shown, at_us, client) = it.shown;
    let kept = if let Some(server) = server(world) {
        let Some(store) = server.kept.store() else { return Ok(()) };
        (store.revision(), it.text_at(store.revision()) == Some(store.text()))
    } else {
        // What nobody could open says nothing.
        let Ok((names, text)) = Store::read(SETTINGS, world.disk(SERVER)) else { return Ok(()) };
        let has = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let is_log = it.log.iter().map(|it| it.entry.name).take(names.len()).eq(names);
        (has, is_log && it.text_at(has) == Some(&*text))
    };
    let start = it.recovered.map(|(_, start_us, _)| (start_us, SERVER));
    match kept {
        (_, false) => {
            let reason = "snapshot and log of the server do not come to the text that they came to";
            Err(Violation::new(reason, [SERVER]).of(start))
        }
        (has, true) if has < shown => {
            let name = &world.names()[client];
            let reason =
                format!("{name} has shown operation {shown}, and the server has only {has}");
            let moments = [(at_us, client)].into_iter().chain(start);
            Err(Violation::new(reason, [SERVER, client]).of(moments))
        }
        (_, true) => Ok(()),
    }
}

/// Returns true if in calm nothing has moved for as long as anything may wait.
pub(super) fn is_quiet(world: &World<Node>, it: &History) -> bool {
    let since_us = world.calm_since_us().map(|calm_us| calm_us.max(it.moved_us));
    since_us.is_some_and(|since_us| world.now_us() > since_us + SPREAD_US)
}

/// Returns true if in addition the server has confirmed everything that was typed.
pub(super) fn everything_is_in(world: &World<Node>, it: &History) -> bool {
    it.has_typed && it.clients.values().all(|it| it.waiting.is_empty()) && agree(world, it)
}

/// Returns a client that does not show what the server has.
fn dissenter(world: &World<Node>) -> Option<NodeId> {
    let text = server(world).and_then(|it| it.kept.serving()).map(Store::text);
    clients(world).find(|&id| {
        let document = world.process(id).and_then(Node::editor).and_then(|it| it.document.as_ref());
        text.is_none() || document.map(Client::text) != text
    })
}

/// Returns true if the server and all clients show the same.
pub(super) fn agree(world: &World<Node>, _: &History) -> bool {
    dissenter(world).is_none()
}

/// Once quiet, the server and all clients show the same text.
pub(super) fn equal_once_quiet(world: &World<Node>, it: &History) -> Result<(), Violation> {
    match is_quiet(world, it).then(|| dissenter(world)).flatten() {
        Some(id) => {
            let reason = format!(
                "{} and the server show different texts, and nothing is on its way",
                &world.names()[id]
            );
            let last = it.log.last().map(|last| (last.at_us, SERVER));
            Err(Violation::new(reason, [id, SERVER]).of(last))
        }
        None => Ok(()),
    }
}

/// Returns how far the client is behind the log that is furthest behind, and which it is.
pub(super) fn furthest_behind(world: &World<Node>, it: &History) -> Option<(u32, NodeId)> {
    let behind = editors(world).filter_map(|(id, editor)| {
        let document = editor.document.as_ref()?;
        Some((it.revision().saturating_sub(document.revision()), id))
    });
    behind.max()
}

pub(super) fn clients_are_close(world: &World<Node>, it: &History) -> Result<(), Violation> {
    match furthest_behind(world, it) {
        Some((behind, id)) if behind > FAR_BEHIND => {
            let reason = format!("{} is {behind} operations behind the log", &world.names()[id]);
            Err(Violation::new(reason, [id]))
        }
        _ => Ok(()),
    }
}

/// Returns true if the server is back, the network whole, and all texts are equal.
pub(super) fn is_healed(world: &World<Node>, it: &History) -> bool {
    it.server_fell && world.network().is_whole() && everything_is_in(world, it)
}

/// Returns true if a client's text is the same by the CRDT; nothing if it has none.
pub(super) fn is_same_beside(editor: &Editor, id: NodeId, it: &History) -> Option<bool> {
    Some(it.beside.copy(id)?.text() == editor.document.as_ref()?.text())
}

/// Says who shows what.
pub(super) fn texts_in_words(world: &World<Node>, it: &History) -> String {
    if let Err(violation) = texts_follow_the_log(world, it) {
        return violation.reason;
    }
    let letters = it.text_at(it.revision()).unwrap_or_default().chars().count();
    if agree(world, it) {
        return format!(
            "everybody shows the same {letters} letters, after {} operations",
            it.revision()
        );
    }
    format!("every client shows what the log of {} operations says at its revision", it.revision())
}
