//! When a lease is over: the leader's clock proposes, the log decides.

use super::store::Store;
use super::transaction::{Command, LeaseId};
use crate::mechanism::small_map::SmallMap;

/// What the leader waits for. It lives in memory alone: whoever comes to lead gives every lease its
/// whole time anew, so that a lease may last longer than it should, and never shorter by the leader's
/// clock, as a new master of Chubby extends all sessions (Burrows 2006, §2.9).
#[derive(Clone, Debug, Default, Hash)]
pub struct LeaseClock {
    /// For each lease: after how many renewals, and until when by the own monotonic clock.
    ends: SmallMap<LeaseId, (u64, u64)>,
}

impl LeaseClock {
    /// Takes note of what the log has come to.
    pub fn follow(&mut self, store: &Store, leads: bool, now_us: u64) {
        let leases = if leads { store.leases() } else { &[] };
        self.ends.retain(|id, _| leases.iter().any(|lease| lease.id == id));
        for lease in leases {
            let known = self.ends.get(lease.id).is_some_and(|(seen, _)| *seen == lease.renewals);
            if !known {
                self.ends.insert(lease.id, (lease.renewals, now_us.saturating_add(lease.lasts_us)));
            }
        }
    }

    /// Returns the ends to be proposed now.
    pub fn take_due(&mut self, now_us: u64) -> Vec<Command> {
        let is_due = |(_, (_, end_us)): &(LeaseId, &(u64, u64))| *end_us <= now_us;
        let revoke = |(lease, (seen, _)): (LeaseId, &(u64, u64))| Command::Revoke {
            lease,
            renewals: Some(*seen),
        };
        let due: Vec<Command> = self.ends.iter().filter(is_due).map(revoke).collect();
        // Proposed once: if that comes to nothing, another leads by then.
        for command in &due {
            if let Command::Revoke { lease, .. } = command
                && let Some((_, end_us)) = self.ends.get_mut(*lease)
            {
                *end_us = u64::MAX;
            }
        }
        due
    }
}
