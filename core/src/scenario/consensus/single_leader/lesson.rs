//! What is told: a lease and two clocks first, then majorities.

use super::S1;
use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::raft;
use crate::mechanism::writer::{LONG_WAIT_US, Writer};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, World};
use crate::view::instant;

/// Somewhat longer than a leader without a majority takes to step down.
const A_WHILE_US: u64 = 400_000;

/// S1 and the first client hear each other and none of the other servers.
fn is_cut_off(world: &World<Node>) -> bool {
    judge::is_cut_off_with(world, S1, judge::first_client(world.setup()))
}

/// Returns how S1 came to acknowledge a write since the cut, or no longer to lead.
fn what_s1_did(world: &World<Node>, history: &History) -> String {
    let cut_us = judge::cut_us(world).unwrap_or_default();
    let after_ms = |at_us: u64| at_us.saturating_sub(cut_us) / 1_000;
    if let Some((at_us, it)) = history.last_issued(S1).filter(|(at_us, _)| *at_us > cut_us) {
        let (number, client) = (it.write.number, it.write.client + 1);
        let (copies, of) = judge::copies(world, &it);
        return format!(
            "S1 acknowledged write {number} of C{client} at {}, {} ms after the cut, as entry {}, which is \
             on {copies} of {of} disks",
            instant(at_us),
            after_ms(at_us),
            it.index
        );
    }
    let client = judge::first_client(world.setup());
    let write = world.process(client).and_then(Node::client).and_then(Writer::write);
    let waits = write.map_or("C1 has nothing to write".into(), |it| {
        format!("write {} of C1 is not acknowledged", it.number)
    });
    let (now_us, ms) = (world.now_us(), after_ms(world.now_us()));
    format!("S1 stopped leading at {}, {ms} ms after the cut, and {waits}", instant(now_us))
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One leader, one log",
        say: "Servers keep one log; clients write through its leader. Acknowledging a write is a \
              promise: its entry stays, and no other takes its place.",
        preset: Preset::Naive,
        when: |world, history| judge::serves(world, history),
        bet: None,
    },
    Beat {
        title: "A lease, and a clock behind",
        say: "S1 leads until its lease ends, which each server reads off its own clock. S1's clock \
              is now behind. So far nothing looks wrong.",
        preset: Preset::Naive,
        when: |world, history| {
            world.clock(S1).error_us(world.now_us()) < 0
                && judge::leads(world, S1)
                && raft::one_believes(world, &history.raft).is_ok()
        },
        bet: None,
    },
    Beat {
        title: "The cut",
        say: "S1 and C1 are cut off, so the others hear of no new lease. By their clocks the last one \
              ends soon; by S1's own clock there is time left.",
        preset: Preset::Naive,
        when: |world, _| judge::leads(world, S1) && is_cut_off(world),
        bet: Some(Answer {
            question: "S1 hears nobody. What does it do with C1's writes?",
            options: &["Acknowledges them", "Refuses them"],
            evidence: what_s1_did,
            right: |world, history| {
                let acknowledged = history.acknowledged_since_cut(world, S1);
                if acknowledged { Some(0) } else { history.raft.gave_up().then_some(1) }
            },
        }),
    },
    Beat {
        title: "More than one leader",
        say: "Another server saw the lease end, took over and asked nobody; S1 leads on by its \
              own clock. Two writes are acknowledged for one entry.",
        preset: Preset::Naive,
        when: |world, history| {
            judge::is_overtaken(world, S1)
                && history.contradicted(S1)
                && judge::receipts_agree(world, history).is_err()
        },
        bet: None,
    },
    Beat {
        title: "The bill",
        say: "The cut has healed. S1 heard of the higher term, follows, and copied the new \
              leader's log. Writes that S1 acknowledged are on no disk.",
        preset: Preset::Naive,
        when: |world, history| {
            world.network().is_whole()
                && judge::follows(world, S1)
                && judge::lost(world, history).is_some_and(|it| it.by == S1)
        },
        bet: None,
    },
    Beat {
        title: "Count votes, not seconds",
        say: "Now it takes a majority of votes to lead, and a majority of disks to acknowledge. Any \
              two majorities share a server, and it remembers.",
        preset: Preset::Hardened,
        when: |world, history| judge::serves(world, history),
        bet: Some(Answer {
            question: "The same wrong clock and the same cut are coming. What will S1 do?",
            options: &["Acknowledge C1's writes as before", "Stop leading, and let C1 wait"],
            evidence: what_s1_did,
            right: |world, history| {
                let breaks = judge::earlier_is_silent(world, history).is_err();
                let has_stopped = is_cut_off(world) && !judge::leads(world, S1);
                if breaks { Some(0) } else { has_stopped.then_some(1) }
            },
        }),
    },
    Beat {
        title: "Why not better clocks?",
        say: "S1's clock is still wrong, and it did no harm: votes say who leads, disks what is safe. \
              Better clocks make two leaders rare, not impossible.",
        preset: Preset::Hardened,
        when: |world, history| {
            world.clock(S1).error_us(world.now_us()) < 0
                && !judge::leads(world, S1)
                && judge::leader_exists(world, history)
                && judge::waits_cut_off(world, history, (S1, A_WHILE_US))
        },
        bet: None,
    },
    Beat {
        title: "The price",
        say: "C1 is on the small side of the cut, and waits: without a majority nothing is \
              acknowledged. Having one leader costs this availability.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.raft.gave_up() && judge::waits_cut_off(world, history, (S1, LONG_WAIT_US))
        },
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "No one repaired anything: S1 heard of the later term, follows, and has copied the others' \
              log. Nothing that was acknowledged is gone.",
        preset: Preset::Hardened,
        when: |world, history| {
            // What looks through all receipts comes last.
            world.network().is_whole()
                && judge::follows(world, S1)
                && judge::caught_up(world, history)
                && history.others_served(world, S1)
        },
        bet: None,
    },
];
