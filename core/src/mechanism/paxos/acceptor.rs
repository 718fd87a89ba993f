//! An acceptor: remembers what it has promised and accepted.

use super::message::{Ballot, Fact, Message, Timer};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::NodeView;

/// What an acceptor remembers of one decree, on disk (section 2.2).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vote {
    /// It accepts nothing below this ballot.
    pub promised: Ballot,
    /// What it has accepted in the highest ballot so far.
    pub accepted: Option<(Ballot, u64)>,
}

/// What an acceptor remembers, by decree.
pub type Votes = SmallMap<u32, Vote>;

/// An acceptor.
#[derive(Copy, Clone, Debug, Hash)]
pub struct Acceptor {
    /// Whether it keeps its promises. Without them it accepts whatever comes.
    pub promises: bool,
}

impl Process for Acceptor {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<Votes>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, _: &mut Cx<'_, Self>) {}

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        let (decree, ballot, value) = match msg {
            Message::Prepare { decree, ballot } => (decree, ballot, None),
            Message::Accept { decree, ballot, value } => (decree, ballot, Some(value)),
            Message::Promised { .. } | Message::Accepted { .. } | Message::Refused { .. } => return,
        };
        let keeps_word = self.promises;
        let vote = cx.disk_mut().get_mut().get_or_insert(decree, Vote::default());
        if keeps_word && ballot < vote.promised {
            let promised = vote.promised.number;
            return cx.send_after_sync(from, Message::Refused { decree, ballot, promised });
        }
        vote.promised = ballot;
        let answer = match value {
            None => Message::Promised { decree, ballot, accepted: vote.accepted },
            Some(value) => {
                vote.accepted = Some((ballot, value));
                Message::Accepted { decree, ballot }
            }
        };
        cx.send_after_sync(from, answer);
    }

    fn on_timer(&mut self, _: Timer, _: &mut Cx<'_, Self>) {}

    fn view(&self, _: &Cell<Votes>) -> NodeView {
        NodeView::default()
    }
}
