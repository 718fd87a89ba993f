//! Majorities: any two of them share a member, so what one has decided the next one knows.

use crate::sim::{NodeId, Process, World};

/// Returns how many are more than half of `count`.
pub const fn majority(count: u32) -> u32 {
    count / 2 + 1
}

/// Returns a majority of `servers` that run and reach each other both ways without loss, if a running
/// client reaches every server that might lead: them, and whoever else is in touch with a majority.
/// Of several majorities it is the one whose latest members come earliest.
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
    let group = first_group(running.len(), needed, &|a, b| touch(running[a], running[b]))?;
    Some(group.into_iter().map(|place| running[place]).collect())
}

/// Returns `needed` of the numbers below `count` that are all in touch with each other; of several such
/// groups the one whose highest member is lowest, then the next highest, and so on.
fn first_group(
    count: usize,
    needed: usize,
    touch: &impl Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let mut group = Vec::new();
    let mut candidates: Vec<usize> = (0..count).collect();
    while group.len() < needed {
        let missing = needed - group.len();
        // A group among the first few is one among more of them, too.
        let fits = |&end: &usize| are_in_touch(&candidates[..end], end - missing, touch);
        let end = (missing..=candidates.len()).find(fits)?;
        let highest = candidates[end - 1];
        candidates.truncate(end - 1);
        candidates.retain(|&it| touch(it, highest));
        group.push(highest);
    }
    group.reverse();
    Some(group)
}

/// Returns true if all members are in touch with each other once `spare` of them at most are left out.
///
/// This is the vertex cover of who is not in touch with whom, by branching on the member with the most
/// of these (Chen, Kanj & Jia 2001, "Vertex Cover: Further Observations and Further Improvements", have
/// the rules): exact for any number, and exponential only in `spare`, by 1.47 each, and only where
/// links are cut in a tangle.
fn are_in_touch(members: &[usize], spare: usize, touch: &impl Fn(usize, usize) -> bool) -> bool {
    let apart = |of: usize| members.iter().copied().filter(move |&it| !touch(it, of));
    let degrees: Vec<(usize, usize)> = members.iter().map(|&it| (apart(it).count(), it)).collect();
    let Some(&(most, worst)) = degrees.iter().max() else { return true };
    let all: usize = degrees.iter().map(|(degree, _)| degree).sum();
    if most == 0 {
        return true;
    }
    // Each that is left out settles what it is apart from, and that is two entries of the sum.
    if all > 2 * spare * most {
        return false;
    }
    let without = |left_out: &[usize]| -> bool {
        let rest: Vec<usize> =
            members.iter().copied().filter(|it| !left_out.contains(it)).collect();
        let spare = spare.checked_sub(left_out.len());
        spare.is_some_and(|spare| are_in_touch(&rest, spare, touch))
    };
    // Who is apart from one other alone can stay in its place.
    if let Some(&(_, alone)) = degrees.iter().find(|(degree, _)| *degree == 1) {
        return without(&apart(alone).collect::<Vec<_>>());
    }
    // Where all that is left are rings, any member of one will do.
    without(&[worst]) || (most > 2 && without(&apart(worst).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sim::Stream;

    type Pairs = BTreeSet<(usize, usize)>;

    fn are_apart(apart: &Pairs, a: usize, b: usize) -> bool {
        apart.contains(&(a.min(b), a.max(b)))
    }

    fn found(count: usize, needed: usize, apart: &Pairs) -> Option<Vec<usize>> {
        first_group(count, needed, &|a, b| !are_apart(apart, a, b))
    }

    /// Every set of at most so many, in the order of their bits.
    fn tried(count: usize, needed: usize, apart: &Pairs) -> Option<Vec<usize>> {
        let members = |set: u32| (0..count).filter(move |it| set >> it & 1 == 1);
        let agrees = |set: &u32| {
            members(*set).all(|a| members(*set).all(|b| a == b || !are_apart(apart, a, b)))
        };
        let sets = (0..1_u32 << count).filter(|set| set.count_ones() as usize >= needed);
        sets.filter(agrees).map(|set| members(set).collect()).next()
    }

    #[test]
    fn the_first_group_is_what_trying_all_of_them_finds() {
        let mut stream = Stream::new(1, "majorities");
        for round in 0..3_000 {
            let count = 1 + stream.index(9);
            let percent = [5, 15, 30, 60][round % 4];
            let mut apart = Pairs::new();
            for a in 0..count {
                apart.extend((0..a).filter(|_| stream.chance(percent)).map(|b| (b, a)));
            }
            let needed = 1 + stream.index(count);
            assert_eq!(found(count, needed, &apart), tried(count, needed, &apart), "{apart:?}");
        }
    }

    #[test]
    fn more_servers_than_a_word_has_bits_have_a_majority() {
        assert_eq!(found(41, 21, &Pairs::new()), Some((0..21).collect()));
        let split = |at: usize| (0..at).flat_map(move |a| (at..99).map(move |b| (a, b))).collect();
        assert_eq!(found(99, 50, &split(49)), Some((49..99).collect()));
        assert_eq!(found(99, 51, &split(49)), None);
    }

    /// Rings of three and of five, and tangles drawn at random: no majority, which is the hard part.
    #[test]
    fn that_there_is_no_majority_is_found_out_as_well() {
        let ring = |first: usize, size: usize| {
            (0..size).map(move |it| (first + it, first + (it + 1) % size))
        };
        let rings = |size: usize| -> Pairs {
            let rings = (0..45 / size).flat_map(|nth| ring(nth * size, size));
            rings.map(|(a, b)| (a.min(b), a.max(b))).collect()
        };
        assert_eq!(found(45, 23, &rings(3)), None, "one of each three");
        assert_eq!(found(45, 18, &rings(5)).map(|group| group.len()), Some(18), "two of each five");
        assert_eq!(found(45, 19, &rings(5)), None);
        let mut stream = Stream::new(1, "tangles");
        for percent in [5, 10, 20, 40] {
            let mut apart = Pairs::new();
            for a in 0..51 {
                apart.extend((0..a).filter(|_| stream.chance(percent)).map(|b| (b, a)));
            }
            let group = found(51, 26, &apart).unwrap_or_default();
            assert!(group.iter().all(|a| group.iter().all(|b| !are_apart(&apart, *a, *b))));
        }
    }
}
