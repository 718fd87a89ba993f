//! What is done to the store and its watchers.

use super::judge::{servers, services, watchers};
use crate::scenario::Setup;
use crate::sim::{Action, InputValue, NodeId, TimedAction};

/// The command that sets the flag, by its place in the list.
const SET_FLAG: u16 = 0;

fn at(ms: u64, action: Action) -> TimedAction {
    TimedAction { at_us: 1_000 * ms, action }
}

fn set_flag(setup: &Setup, ms: u64, on: bool) -> Option<TimedAction> {
    let node = services(setup).last()?;
    let value = InputValue::Choice(u16::from(!on));
    Some(at(ms, Action::CommandWith { command: SET_FLAG, node, value }))
}

/// The last server: the first watcher watches there.
fn last_server(setup: &Setup) -> Option<NodeId> {
    servers(setup).next_back()
}

/// The last server is cut off, and while its watcher looks for another one the flag is turned off.
pub(super) fn missed(setup: &Setup) -> Vec<TimedAction> {
    let cut = last_server(setup).map(|id| at(1_000, Action::Partition(vec![id])));
    let (on, off) = (set_flag(setup, 400, true), set_flag(setup, 1_020, false));
    on.into_iter().chain(cut).chain(off).chain([at(2_500, Action::Heal)]).collect()
}

/// The last watcher is frozen while revisions are compacted.
pub(super) fn away_for_too_long(setup: &Setup) -> Vec<TimedAction> {
    let Some(id) = watchers(setup).last() else { return Vec::new() };
    vec![at(3_000, Action::Pause(id)), at(5_200, Action::Resume(id))]
}

/// The last watcher starts anew while the server that it asks first is behind.
pub(super) fn old_list(setup: &Setup) -> Vec<TimedAction> {
    let Some(id) = watchers(setup).next() else { return Vec::new() };
    let Some(server) = last_server(setup) else { return Vec::new() };
    let others = servers(setup).filter(|it| *it != server);
    let cuts = others.flat_map(|it| [(it, server), (server, it)]);
    let cuts = cuts.map(|(from, to)| at(3_000, Action::Cut { from, to }));
    let restart = [at(3_500, Action::Crash(id)), at(3_600, Action::Restart(id))];
    cuts.chain(restart).chain([at(5_000, Action::Heal)]).collect()
}

/// The primary is cut off for longer than its lease, and comes back with a write on its mind.
pub(super) fn primary_is_gone(setup: &Setup) -> Vec<TimedAction> {
    let Some(id) = services(setup).next() else { return Vec::new() };
    let back_ms = 3_500 + 2 * setup.knob("lease");
    vec![at(3_000, Action::Partition(vec![id])), at(back_ms, Action::Heal)]
}
