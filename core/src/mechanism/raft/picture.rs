//! What a server shows of itself: its part, its progress, its log.

use super::log::{Command, Content, Index};
use super::server::{Raft, Role};
use super::stable::Stable;
use crate::sim::NodeId;
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Role as ViewRole, Tone, Widget};

/// How many entries of a log are shown.
const SHOWN: u64 = 10;

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Shows this server.
    pub(super) fn show(&self, disk: &D) -> NodeView {
        let (term, log) = (disk.get().term, &disk.get().log);
        let (role, label, pips) = match &self.role {
            Role::Follower => (ViewRole::Follower, "follows", None),
            Role::Prober { grants } => {
                let pips = (u32::try_from(grants.len()).unwrap_or(0), self.majority());
                (ViewRole::Candidate, "would like to lead", Some(pips))
            }
            // Nobody is asked; it only waits for its own disk.
            Role::Candidate { .. } if !self.is_voting() => {
                (ViewRole::Candidate, "takes over", None)
            }
            Role::Candidate { votes, needed, .. } => {
                let pips = (u32::try_from(votes.len()).unwrap_or(0), *needed);
                (ViewRole::Candidate, "asks for votes", Some(pips))
            }
            Role::Leader(_) => (ViewRole::Leader, "leads", None),
        };
        let last = log.last().index;
        let first = last.saturating_sub(SHOWN - 1).max(log.base().index + 1);
        let cells = (first..=last).filter_map(|index| Self::cell(index, self.commit, disk));
        NodeView { pips, ..NodeView::new(role, label) }.in_epoch((term > 0).then_some(term)).with([
            Widget::field("committed up to entry", self.commit),
            Widget::cells(format!("log from entry {first}"), cells),
        ])
    }

    /// Shows this server where servers have names: also whom it follows, and for whom it has voted.
    pub fn view_with_names(&self, disk: &D, name: impl Fn(NodeId) -> String) -> NodeView {
        let mut view = self.show(disk);
        if view.role == ViewRole::Follower {
            let follows = self.leader.map(|id| format!("follows {}", name(id)));
            view.label = follows.unwrap_or_else(|| "knows no leader".into());
        }
        if self.is_voting() {
            let vote = self.vote(disk).map_or("nobody".into(), name);
            view.widgets.insert(0, Widget::field("voted for", vote));
        }
        view
    }

    /// Shows this server where the servers are called S1, S2 and so on.
    pub fn view_as_server(&self, disk: &D) -> NodeView {
        self.view_with_names(disk, |id| format!("S{}", id.0 + 1))
    }

    /// Returns the entry at `index` as a cell: its term, and whether it is committed and durable.
    pub fn cell(index: Index, commit: Index, disk: &D) -> Option<Datum> {
        let entry = disk.get().log.get(index)?;
        let text = match &entry.content {
            Content::Blank => "·".into(),
            Content::Command(command) => command.label(),
            Content::Members(members) => format!("{}×S", members.len()),
        };
        let durable = disk.durable().log.get(index) == Some(entry);
        let committed = index <= commit;
        Some(Datum { text, epoch: Some(entry.term), committed, durable, ..Datum::default() })
    }

    /// Shows the last entries of several servers' logs, one row a server.
    pub fn logs(servers: &[(&str, &Self, &D)]) -> Widget {
        let rows = servers.iter().map(|&(name, server, disk)| (name, Some(server.commit), disk));
        Self::logs_and_disks(&rows.collect::<Vec<_>>(), |_, _| false)
    }

    /// Shows the last entries of several servers' logs, those of servers that are down from their
    /// disks: of these nobody knows how far they have committed. Entries that are wrong, by their place
    /// and the digest of the log up to them, are marked.
    pub fn logs_and_disks(
        servers: &[(&str, Option<Index>, &D)],
        is_wrong: impl Fn(Index, u64) -> bool,
    ) -> Widget {
        let last = servers.iter().map(|(.., disk)| disk.get().log.last().index).max();
        let last = last.unwrap_or_default();
        let first = last.saturating_sub(SHOWN - 1).max(1);
        let row = |&(name, commit, disk): &(&str, Option<Index>, &D)| {
            let kept_from = disk.get().log.base().index + 1;
            let (first, known) = (first.max(kept_from), commit.unwrap_or_default());
            let entry = |index| {
                let cell = Self::cell(index, known, disk)?;
                let digest = disk.get().log.digest_at(index);
                let is_wrong = digest.is_some_and(|digest| is_wrong(index, digest));
                Some(if is_wrong { cell.toned(Tone::Bad) } else { cell })
            };
            let entries = (first..=last).map_while(entry);
            let row = LogRow::new(name, first, entries).kept_from(kept_from);
            match commit {
                Some(commit) => row.with_pointer("committed", commit),
                None => row.toned(Tone::Muted),
            }
        };
        let rows = servers.iter().map(row).collect();
        Widget::LogMatrix(LogMatrix { label: "last entries".into(), rows })
    }
}
