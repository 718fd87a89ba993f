//! The world through one node's eyes: of the others it knows only when it last heard from them.

use faultline_core::sim::NodeId;
use faultline_core::view::{NodeScene, Role, Scene};

use super::words::{name_of, node_in_words};
use crate::format::{duration, instant};
use crate::wire::Heard;

/// Returns when a node was last heard from, in words that change no more often than one can read:
/// "last heard 180 ms ago".
pub(crate) fn last_heard(heard: &Heard, id: NodeId, now_us: u64) -> String {
    let Some(at_us) = heard.last_us.get(id.index()).copied().flatten() else {
        return "never heard".into();
    };
    let ago_us = now_us.saturating_sub(at_us);
    let grain_us = if ago_us < 1_000_000 { 10_000 } else { 100_000 };
    match ago_us / grain_us * grain_us {
        0 => "heard just now".into(),
        ago_us => format!("last heard {} ago", duration(ago_us)),
    }
}

/// Returns the part that a node is known to play by all: that of a server changes, and nobody can
/// know it from afar.
pub(crate) fn known_role(role: Role) -> Role {
    match role {
        Role::Peer | Role::Follower | Role::Candidate | Role::Leader => Role::Peer,
        Role::Client | Role::Coordinator | Role::Storage | Role::Queue | Role::Gateway => role,
    }
}

/// Returns all that the stage shows of what a node knows.
pub(crate) fn known_in_words(scene: &Scene, heard: &Heard, is_broken: bool) -> Vec<String> {
    let name = name_of(&scene.nodes, heard.node);
    let mut lines = vec![match heard.since_us {
        Some(since_us) => format!(
            "Only what {name} knows: it was restarted at {} and has forgotten what it heard before",
            instant(since_us)
        ),
        None => format!("Only what {name} knows"),
    }];
    lines.extend(scene.nodes.iter().map(|node: &NodeScene| {
        if node.id == heard.node {
            node_in_words(node, is_broken)
        } else {
            format!("{}, {}", node.name, last_heard(heard, node.id, scene.now_us))
        }
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_hearing_are_no_finer_than_one_can_read() {
        let last_us = vec![Some(1_000_000), None, Some(1_183_999), Some(1_199_999)];
        let heard = Heard { node: NodeId(1), last_us, since_us: None };
        let words = |id: u16, now_us: u64| last_heard(&heard, NodeId(id), now_us);
        assert_eq!(words(0, 1_187_654), "last heard 180 ms ago");
        assert_eq!(words(0, 4_567_890), "last heard 3.5 s ago");
        assert_eq!(words(1, 1_200_000), "never heard");
        assert_eq!(words(3, 1_200_000), "heard just now");
        assert_eq!(words(9, 1_200_000), "never heard");
    }
}
