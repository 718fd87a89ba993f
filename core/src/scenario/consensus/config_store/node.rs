//! A node of this world: a server, a service or a watcher.

use super::message::{Fact, Msg};
use super::server::Server;
use super::service::Service;
use super::watcher::Watcher;
use crate::mechanism::raft::{self, Raft};
use crate::mechanism::revisions::Request;
use crate::sim::{Boot, Cell, Cx, Describe, Names, NodeId, Process, SyncId, embed};
use crate::view::NodeView;

/// A server, or a client of one of two kinds.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Keeps the store.
    Server(Box<Server>),
    /// Changes what is in it.
    Service(Box<Service>),
    /// Wants to know what changes.
    Watcher(Box<Watcher>),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }

    /// Returns the watcher that this is, if it is one.
    pub(super) fn watcher(&self) -> Option<&Watcher> {
        if let Self::Watcher(watcher) = self { Some(watcher) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    const EPOCH: &'static str = "term";

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_start(boot, cx),
            Self::Service(_) => Service::think(cx),
            Self::Watcher(watcher) => watcher.list(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_message(from, msg, cx),
            Self::Service(service) => service.on_message(from, msg, cx),
            Self::Watcher(watcher) => watcher.on_message(from, msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_timer(timer, cx),
            Self::Service(service) => service.on_timer(timer, cx),
            Self::Watcher(watcher) => watcher.on_timer(timer, cx),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        if let Self::Server(server) = self {
            server.on_synced(sync, cx);
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Server(server) => server.view(&disk.0),
            Self::Service(service) => service.view(),
            Self::Watcher(watcher) => watcher.view(),
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Raft(raft::Timer),
    /// A server looks at its watches and leases.
    Tick,
    /// A service comes up with its next request.
    Think,
    /// A client asks again.
    Retry,
    /// A watcher has heard nothing for long.
    Silence,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Tick => "tick".into(),
            Self::Think => "think".into(),
            Self::Retry => "retry".into(),
            Self::Silence => "silence".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Tick => "looks at its watches and leases".into(),
            Self::Think => "has the next request ready".into(),
            Self::Retry => "asks again".into(),
            Self::Silence => "has heard nothing for long".into(),
        }
    }
}

/// What survives a crash: a server's term, vote and log, and a client's last number.
pub(super) type Disk = (raft::Disk<Request>, Cell<u32>);

embed!(Raft<Request> as Raft in Node, |disk| &mut disk.0);
