//! What is done to the group: Figure 8 by real faults, and what may come on top of it.
//!
//! Which server wins an election is up to the servers. The script only cuts links so that one of them
//! alone reaches a majority: whoever stands in the middle of a star can win, and nobody else.

use super::judge::{readers, servers, writers};
use crate::order::sort_by_key;
use crate::scenario::Setup;
use crate::sim::{Action, InputValue, NodeId, TimedAction};

/// The command that sends a writer to a server, by its place in the list.
const WRITE_THROUGH: u16 = 1;
/// The command with which a server leaves the group, or returns to it.
const LEAVE_OR_RETURN: u16 = 3;

/// Actions, each at its time.
#[derive(Default)]
struct Script(Vec<TimedAction>);

impl Script {
    fn at(&mut self, ms: u64, action: Action) {
        self.0.push(TimedAction { at_us: 1_000 * ms, action });
    }

    fn cut(&mut self, ms: u64, a: NodeId, b: NodeId) {
        self.at(ms, Action::Cut { from: a, to: b });
        self.at(ms, Action::Cut { from: b, to: a });
    }

    fn mend(&mut self, ms: u64, a: NodeId, b: NodeId) {
        self.at(ms, Action::Mend { from: a, to: b });
        self.at(ms, Action::Mend { from: b, to: a });
    }

    fn write_through(&mut self, ms: u64, client: NodeId, server: NodeId) {
        let value = InputValue::Number(i64::from(server.0) + 1);
        self.at(ms, Action::CommandWith { command: WRITE_THROUGH, node: client, value });
    }
}

/// Figure 8, from (a) to (d). With other than five servers and two writers it is what it comes to; it
/// needs logs that are alike at first, so none of it is done to those of Figure 7.
pub(super) fn figure_8(setup: &Setup) -> Vec<TimedAction> {
    if super::is_figure_7(setup) {
        return Vec::new();
    }
    let servers: Vec<NodeId> = servers(setup).collect();
    let [s1, s2, s3, .., s5] = servers[..] else { return Vec::new() };
    let rest = &servers[3..servers.len() - 1];
    let writers: Vec<NodeId> = writers(setup).collect();
    let (c1, others) = (writers[0], &writers[1..]);
    let mut script = Script::default();

    // (a) S1 leads. When all has been copied, C1 writes something that reaches S2 and nobody else.
    for client in writers.iter().copied().chain(readers(setup)) {
        script.at(370, Action::Partition(vec![client]));
    }
    script.at(400, Action::Partition(vec![s1, s2, c1]));
    script.mend(400, c1, s1);
    script.write_through(401, c1, s1);
    // (b) S1 crashes. S5 alone reaches a majority, by way of S3 and S4.
    for id in rest {
        script.cut(400, s3, *id);
    }
    script.at(570, Action::Crash(s1));
    // It takes a write of its own, which reaches nobody.
    script.at(1_100, Action::Partition(vec![s5]));
    for client in others {
        script.mend(1_100, *client, s5);
        script.write_through(1_105, *client, s5);
    }
    // (c) S5 crashes. S1 is back, and reaches a majority by way of S2 and S3.
    script.at(1_240, Action::Crash(s5));
    script.at(1_250, Action::Partition(vec![c1]));
    for client in others {
        script.at(1_250, Action::Cut { from: *client, to: s5 });
    }
    script.at(1_300, Action::Restart(s1));
    script.mend(1_300, s1, s3);
    // C1 asks once more, and no new write of its gets through.
    script.mend(2_100, c1, s1);
    script.write_through(2_101, c1, s1);
    script.at(2_112, Action::Cut { from: c1, to: s1 });
    // (d) S1 crashes. S5 is back, and reaches everybody.
    script.at(2_200, Action::Crash(s1));
    script.at(2_250, Action::Restart(s5));
    for id in servers[1..servers.len() - 1].iter().copied() {
        script.mend(2_250, s5, id);
    }
    script.at(3_000, Action::Heal);
    script.at(3_100, Action::Restart(s1));
    sort_by_key(&mut script.0, |timed| timed.at_us);
    script.0
}

/// Figure 7: its logs are there at the start, and S1 makes all alike; then it crashes, and any other
/// can lead.
pub(super) fn figure_7(setup: &Setup) -> Vec<TimedAction> {
    let mut script = Script::default();
    for s1 in servers(setup).take(1) {
        script.at(1_000, Action::Crash(s1));
        script.at(2_000, Action::Restart(s1));
    }
    script.0
}

/// The last server leaves, and the second; both return.
pub(super) fn members_change(setup: &Setup) -> Vec<TimedAction> {
    let servers: Vec<NodeId> = servers(setup).collect();
    let mut script = Script::default();
    let ([_, s2, asked, ..], Some(last)) = (&servers[..], servers.last()) else {
        return Vec::new();
    };
    for (ms, server) in [(4_000, last), (4_500, s2), (5_200, s2), (5_800, last)] {
        let value = InputValue::Number(i64::from(server.0) + 1);
        script.at(ms, Action::CommandWith { command: LEAVE_OR_RETURN, node: *asked, value });
    }
    script.0
}

/// A server is away for so long that it needs a snapshot, and its disk tears what it wrote last.
pub(super) fn one_is_away(setup: &Setup) -> Vec<TimedAction> {
    let fault = crate::sim::DiskFault::TornSectors { bytes: 100 };
    let Some(s3) = servers(setup).nth(2) else { return Vec::new() };
    let mut script = Script::default();
    script.at(3_600, Action::Disk { node: s3, fault });
    script.at(3_650, Action::Crash(s3));
    script.at(6_200, Action::Restart(s3));
    script.0
}
