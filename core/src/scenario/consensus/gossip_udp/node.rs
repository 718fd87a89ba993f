//! A node that says where it serves, and passes on what it hears of others.

use super::message::{Address, Fact, Msg, Of, Timer, Why, sign_text};
use crate::mechanism::gossip::{Directory, Entry, Merge, Rule, Rumors, Spread, Version};
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::{Datum, NodeView, Role, Widget};

/// How often a node announces something by itself after each of its starts.
const ANNOUNCEMENTS: u32 = 4;
/// It begins to serve so long after its start, at the latest.
const BEGIN_US: u64 = 300_000;
/// Least and most time between two changes.
const CHANGE_US: (u64, u64) = (400_000, 1_000_000);
/// How many changes in a hundred are withdrawals.
const WITHDRAWALS_PERCENT: u8 = 35;

/// How a node gossips.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// Who tells whom in a contact.
    pub(super) spread: Spread,
    /// When a rumor is told no more.
    pub(super) rule: Rule,
    /// Which of two entries counts.
    pub(super) merge: Merge,
    /// A generation on disk goes up with every start.
    pub(super) has_generation: bool,
    /// What is withdrawn stays in the directory, marked.
    pub(super) keeps_tombstones: bool,
    /// Directories are compared for ever.
    pub(super) compares: bool,
    /// Time between two rounds of rumors.
    pub(super) round_us: u64,
    /// Time between two comparisons.
    pub(super) compare_us: u64,
}

/// A node with its directory.
#[derive(Clone, Debug, Hash)]
pub(super) struct Node {
    pub(super) me: NodeId,
    pub(super) config: Config,
    /// What it knows, its own entry included.
    pub(super) directory: Directory<Address>,
    /// What it tells.
    pub(super) rumors: Rumors,
    /// How many rumors it has told since it started, over all datagrams.
    pub(super) told: u64,
    /// Of its last announcement.
    version: Version,
    announcements_left: u32,
    /// It waits for its generation to be on disk.
    is_starting: bool,
}

impl Node {
    /// Makes a node that knows nothing.
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        Self {
            me,
            config,
            directory: Directory::default(),
            rumors: Rumors::default(),
            told: 0,
            version: Version::default(),
            announcements_left: ANNOUNCEMENTS,
            is_starting: false,
        }
    }

    /// Returns where it serves, if it does.
    pub(super) fn address(&self) -> Option<Address> {
        let own = self.directory.get(self.me);
        own.filter(|entry| !entry.is_deleted).map(|entry| entry.value)
    }

    /// Announces an address, or that it is withdrawn.
    fn say(&mut self, value: Address, is_deleted: bool, cx: &mut Cx<'_, Self>) {
        if self.config.merge == Merge::NewestWins {
            self.version = self.version.next();
        }
        let entry = Entry { version: self.version, value, is_deleted };
        self.directory.write(self.me, entry);
        self.rumors.begin(self.me);
        cx.record(Fact::Says(entry));
    }

    /// From here on it may serve.
    fn begin(&mut self, cx: &mut Cx<'_, Self>) {
        self.is_starting = false;
        let begin_us = cx.jitter_us(0, BEGIN_US);
        cx.set_timer(begin_us, Timer::Change);
    }

    fn move_on(&mut self, cx: &mut Cx<'_, Self>) {
        if !self.is_starting {
            let address = Address(cx.nonce(1 << 40));
            self.say(address, false, cx);
        }
    }

    fn withdraw(&mut self, cx: &mut Cx<'_, Self>) {
        let Some(address) = self.address() else { return };
        self.say(address, true, cx);
        if !self.config.keeps_tombstones {
            // Nothing is kept of it, so all that can be done is to tell everybody once.
            self.directory.forget(self.me);
            self.rumors.end(self.me);
            for peer in NodeId::first(cx.node_count()).filter(|peer| *peer != self.me) {
                cx.send(peer, Msg::Forget(address));
            }
        }
    }

    /// Draws somebody else, everybody as likely.
    fn somebody(&self, cx: &mut Cx<'_, Self>) -> NodeId {
        let place = cx.choose(u64::from(cx.node_count()) - 1);
        let place = u16::try_from(place).unwrap_or(0);
        NodeId(if place < self.me.0 { place } else { place + 1 })
    }

    /// Returns the entries of which it tells, and counts the contact if it will not hear of it.
    fn tell_rumors(&mut self, cx: &mut Cx<'_, Self>) -> Vec<Of> {
        let owners: Vec<NodeId> = self.rumors.owners().collect();
        let entry = |&owner: &NodeId| Some((owner, *self.directory.get(owner)?));
        let entries: Vec<Of> = owners.iter().filter_map(entry).collect();
        if !self.config.rule.has_feedback {
            for owner in owners {
                self.rumors.told(owner, false, self.config.rule, |options| cx.choose(options));
            }
        }
        self.told += entries.len() as u64;
        entries
    }

    fn everything(&self) -> Vec<Of> {
        self.directory.iter().map(|(owner, entry)| (owner, *entry)).collect()
    }

    /// Begins a contact with somebody.
    fn call(&mut self, why: Why, cx: &mut Cx<'_, Self>) {
        let spread = self.config.spread;
        let entries = match why {
            _ if !spread.tells() => Vec::new(),
            Why::Rumors => self.tell_rumors(cx),
            Why::Compare => self.everything(),
        };
        let asks = spread.asks();
        if asks || !entries.is_empty() {
            let peer = self.somebody(cx);
            cx.send(peer, Msg::Tell { why, entries, asks });
        }
    }

    fn hear(&mut self, from: NodeId, why: Why, (owner, entry): Of, cx: &mut Cx<'_, Self>) -> bool {
        // Nobody else knows better where this node serves.
        let is_news = owner != self.me && self.directory.hear(owner, entry, self.config.merge);
        if is_news {
            self.rumors.begin(owner);
            cx.record(Fact::Learns { from, why, owner, entry });
        }
        is_news
    }

    fn on_told(&mut self, from: NodeId, why: Why, told: Vec<Of>, cx: &mut Cx<'_, Self>) {
        let mut heard = Vec::new();
        for of in told {
            heard.push((of.0, of.1.value, self.hear(from, why, of, cx)));
        }
        if why == Why::Rumors && self.config.rule.has_feedback && !heard.is_empty() {
            cx.send(from, Msg::Heard(heard));
        }
    }

    fn answer(&mut self, to: NodeId, why: Why, told: &[Of], cx: &mut Cx<'_, Self>) {
        let entries = match why {
            Why::Rumors => self.tell_rumors(cx),
            Why::Compare => self.directory.news_to(told, self.config.merge),
        };
        if !entries.is_empty() {
            cx.send(to, Msg::Tell { why, entries, asks: false });
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    /// The generation: how often the node has started. Directories are heard again.
    type Disk = Cell<u64>;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            cx.record(Fact::ComesBack);
        }
        let first_round_us = cx.jitter_us(0, self.config.round_us);
        cx.set_timer(first_round_us, Timer::Round);
        if self.config.compares {
            let first_compare_us = cx.jitter_us(0, self.config.compare_us);
            cx.set_timer(first_compare_us, Timer::Compare);
        }
        if self.config.has_generation {
            // Nobody may hear of a generation that a crash could make this node use again.
            *cx.disk_mut().get_mut() += 1;
            self.version.generation = *cx.disk().get();
            self.is_starting = true;
            cx.sync();
        } else {
            self.begin(cx);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Move => self.move_on(cx),
            Msg::Withdraw => self.withdraw(cx),
            Msg::Tell { why, entries, asks } => {
                if asks {
                    // What this node is about to hear would be no news to the sender.
                    self.answer(from, why, &entries, cx);
                }
                self.on_told(from, why, entries, cx);
            }
            Msg::Heard(heard) => {
                for (owner, address, was_news) in heard {
                    let is_told = |entry: &Entry<Address>| entry.value == address;
                    if self.directory.get(owner).is_some_and(is_told) {
                        let rule = self.config.rule;
                        self.rumors.told(owner, was_news, rule, |options| cx.choose(options));
                    }
                }
            }
            Msg::Forget(address) => {
                let known = self.directory.get(from);
                if known.is_some_and(|entry| entry.value == address) {
                    self.directory.forget(from);
                    self.rumors.end(from);
                    cx.record(Fact::Forgets(from, address));
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Change => {
                if self.address().is_some() && cx.chance(WITHDRAWALS_PERCENT) {
                    self.withdraw(cx);
                } else {
                    self.move_on(cx);
                }
                self.announcements_left -= 1;
                if self.announcements_left > 0 {
                    let next_us = cx.jitter_us(CHANGE_US.0, CHANGE_US.1);
                    cx.set_timer(next_us, Timer::Change);
                }
            }
            Timer::Round => {
                self.call(Why::Rumors, cx);
                cx.set_timer(self.config.round_us, Timer::Round);
            }
            Timer::Compare => {
                self.call(Why::Compare, cx);
                cx.set_timer(self.config.compare_us, Timer::Compare);
            }
        }
    }

    fn on_synced(&mut self, _: SyncId, cx: &mut Cx<'_, Self>) {
        self.begin(cx);
    }

    fn view(&self, disk: &Cell<u64>) -> NodeView {
        let known = self.directory.iter().filter(|(_, entry)| !entry.is_deleted).count();
        let tombstones = self.directory.iter().count() - known;
        let told = self.rumors.owners().filter_map(|owner| self.directory.get(owner));
        let address = self.directory.get(self.me).map_or("nowhere".into(), sign_text);
        NodeView::new(Role::Peer, address.clone()).showing(known).meaning("addresses known").with([
            Widget::field("Serves at", address),
            Widget::field("Addresses known", known),
            Widget::field("Tombstones", tombstones),
            Widget::chips("Rumors it tells", told.map(|entry| sign_text(entry).into())),
            Widget::field("Generation on disk", Datum::from(*disk.durable()).durable()),
        ])
    }
}
