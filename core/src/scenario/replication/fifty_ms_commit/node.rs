//! A node: a server of the home region, a copy in another one, or a client; and what each has on disk.

use super::message::{Fact, Msg, Timer};
use super::remote::Remote;
use super::server::Server;
use crate::mechanism::raft::{self, Log, Raft, StableFile};
use crate::mechanism::writer::{Write, Writer};
use crate::sim::{Boot, Cell, Cx, Kind, NodeId, Process, SyncId, embed, kinds};
use crate::view::NodeView;

/// What survives a crash: a server's log in bytes, a copy of it in another region, a client's last number.
pub(super) type Disk = (StableFile<Write>, (Cell<Log<Write>>, Cell<u32>));

kinds! {
    /// One node.
    Node in "term" {
        /// One of the home region's.
        Server(Server),
        /// The copy in another region.
        Remote(Remote),
        /// Writes.
        Client(Writer),
    }
}

impl Node {
    /// Returns the server that it is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}

impl Kind<Node> for Writer {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| Process::on_start(self, boot, cx));
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Writer(msg) = msg {
            cx.lift(|cx| Process::on_message(self, from, msg, cx));
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        if let Timer::Writer(timer) = timer {
            cx.lift(|cx| Process::on_timer(self, timer, cx));
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| Process::on_synced(self, sync, cx));
    }

    fn view(&self, disk: &Disk) -> NodeView {
        Process::view(self, &disk.1.1)
    }
}

impl raft::Host for Node {
    type Command = Write;
    type Stable = StableFile<Write>;

    fn raft(&self) -> Option<&Raft<Write, StableFile<Write>>> {
        self.server().map(|server| &server.raft)
    }

    fn stable(disk: &Disk) -> &StableFile<Write> {
        &disk.0
    }
}

embed!(Raft<Write, StableFile<Write>> as Raft in Node, |disk| &mut disk.0);
embed!(Writer as Writer in Node, |disk| &mut disk.1.1);
