//! The server: it puts everybody's operations into one order.

use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node};
use super::view;
use crate::mechanism::mount::{AGAIN_US, Due, Mount, Turn};
use crate::mechanism::ot::{Context, Entry, Name, Operation, Store};
use crate::mechanism::wal::Settings;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How the log lies on the disk.
pub(super) const SETTINGS: Settings =
    Settings { is_summed: true, refuses_damage: true, sectors_tear: true };

/// How a server works.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// Safeguard: an operation is moved over everything that its author had not seen.
    pub(super) context: Context,
    /// Safeguard: an operation that comes again is known by its name.
    pub(super) knows_repeats: bool,
    /// Safeguard: nothing is told that a crash can undo.
    pub(super) waits_for_sync: bool,
    /// A snapshot is taken after so many operations.
    pub(super) snapshot_each: u32,
}

/// The server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    config: Config,
    pub(super) kept: Mount<Store>,
    /// So many operations have been passed on.
    told: u32,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self { config, kept: Mount::default(), told: 0 }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let opened = Store::open(SETTINGS, self.config.snapshot_each, cx.disk_mut());
        let turn = self.kept.mount(opened);
        if let Some(store) = self.kept.store() {
            // Whoever was not told asks.
            self.told = store.revision();
            let (snapshot, replayed) = store.snapshot();
            cx.record(Fact::Recovers { revision: snapshot + replayed, replayed });
        }
        self.look(turn, cx);
    }

    /// Does what is to be done after the store did something.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        if let Some(error) = self.kept.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.doubts {
            cx.record(Fact::Doubts);
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Reopen);
        }
        if turn.serves {
            cx.record(Fact::Serves);
        }
        let safe = self.safe();
        if self.told < safe {
            let news = self.entries(self.told);
            for client in NodeId::first(cx.node_count()).skip(1) {
                cx.send(client, Msg::Entries(self.told, news.clone()));
            }
            self.told = safe;
        }
    }

    /// Returns how many operations may be told.
    fn safe(&self) -> u32 {
        let Some(store) = self.kept.serving() else { return 0 };
        if self.config.waits_for_sync { store.durable() } else { store.revision() }
    }

    /// Returns what may be told of what follows on a revision.
    fn entries(&self, revision: u32) -> Vec<Entry> {
        let count = self.safe().saturating_sub(revision) as usize;
        self.kept
            .serving()
            .map_or_else(Vec::new, |store| store.since(revision).take(count).cloned().collect())
    }

    fn answer(&self, to: NodeId, revision: u32, cx: &mut Cx<'_, Node>) {
        let entries = self.entries(revision);
        if !entries.is_empty() {
            cx.send(to, Msg::Entries(revision, entries));
        }
    }

    fn on_submit(
        &mut self,
        from: NodeId,
        (revision, name): (u32, Name),
        operation: &Operation,
        cx: &mut Cx<'_, Node>,
    ) {
        // Who has seen more than there is speaks of what this server has lost.
        let Some(store) = self.kept.serving().filter(|it| revision <= it.revision()) else {
            return;
        };
        if self.config.knows_repeats {
            let next = store.next_number(name);
            if name.number < next {
                return self.answer(from, revision, cx);
            }
            if name.number > next {
                // The one before it was lost, and will come again.
                return;
            }
        }
        let at = store.revision();
        let context = self.config.context;
        let take = |store: &mut Store, disk: &mut Disk| {
            store.take((revision, name), operation, context, disk)
        };
        let Some((taken, turn)) = self.kept.with(cx.disk_mut(), take) else { return };
        let entry = self.kept.store().and_then(|it| it.since(at).next().cloned());
        if let (Ok(moves), Some(entry)) = (taken, entry) {
            cx.record(Fact::Logs { at, entry, moves });
        }
        self.look(turn, cx);
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Open { session } => {
                let revision = self.safe();
                if let Some(store) = self.kept.serving() {
                    let text = store.text_at(revision);
                    cx.send(from, Msg::Document { session, revision, text });
                }
            }
            Msg::Submit { revision, name, operation } => {
                self.on_submit(from, (revision, name), &operation, cx);
            }
            Msg::Since(revision) => self.answer(from, revision, cx),
            Msg::Write | Msg::Edit(_) | Msg::Document { .. } | Msg::Entries(..) => {}
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        if self.kept.come_back() == Due::Mount {
            self.open(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let turn = self.kept.with(cx.disk_mut(), |store, disk| store.synced(disk, sync));
        if let Some(((), turn)) = turn {
            self.look(turn, cx);
        }
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let turn = self.kept.with(cx.disk_mut(), |store, _| store.sync_failed(sync));
        if let Some(((), turn)) = turn {
            self.look(turn, cx);
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        view::server(self)
    }
}
