//! Majorities: any two of them share a member, so what one has decided the next one knows.

use crate::sim::{NodeId, Process, World};

/// Returns how many are more than half of `count`.
pub const fn majority(count: u32) -> u32 {
    count / 2 + 1
}

/// Returns a majority of `servers` that run and reach each other both ways without loss, if a running
/// client reaches every server that might lead: them, and whoever else is in touch with a majority.
///
/// While there is one, a design that lives by majorities owes its clients service, however the other
/// links are cut (Jensen, Howard & Mortier 2021, "Examining Raft's behaviour during partial network
/// failures").
pub fn connected_majority<P: Process>(
    world: &World<P>,
    servers: impl IntoIterator<Item = NodeId>,
    clients: impl IntoIterator<Item = NodeId>,
) -> Option<Vec<NodeId>> {
    let network = world.network();
    if network.loss_percent() > 0 {
        return None;
    }
    let touch = |a: NodeId, b: NodeId| a == b || network.reaches(a, b) && network.reaches(b, a);
    let servers: Vec<NodeId> = servers.into_iter().collect();
    let needed = majority(u32::try_from(servers.len()).unwrap_or(u32::MAX)) as usize;
    let running: Vec<NodeId> = servers.into_iter().filter(|&id| world.is_running(id)).collect();
    let may_lead = |id: NodeId| running.iter().filter(|&&it| touch(it, id)).count() >= needed;
    let reaches_all = |client: &NodeId| {
        world.is_running(*client) && running.iter().all(|&id| touch(*client, id) || !may_lead(id))
    };
    clients.into_iter().find(reaches_all)?;
    let group = |set: u32| -> Vec<NodeId> {
        let members = running.iter().zip(0..).filter(|(_, n)| set >> n & 1 == 1);
        members.map(|(id, _)| *id).collect()
    };
    (0_u32..1 << running.len().min(16))
        .filter(|set| set.count_ones() as usize >= needed)
        .map(group)
        .find(|group| group.iter().all(|&a| group.iter().all(|&b| touch(a, b))))
}
