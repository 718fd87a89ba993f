//! What the blocks add up to.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

use super::Block;
use crate::sim::StableHasher;

/// The balances after some first blocks. Each client's last transfer is remembered: a client asks for one
/// at a time, so an older number, or that one again, is a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Accounts {
    balances: BTreeMap<u16, i64>,
    applied: u64,
    digest: u64,
    last: BTreeMap<u16, (u32, u64)>,
}

impl Accounts {
    /// Takes the next block.
    pub fn apply(&mut self, block: &Block) {
        let mut hasher = StableHasher::chained(self.digest);
        block.transfers.hash(&mut hasher);
        self.digest = hasher.finish();
        self.applied += 1;
        for transfer in &block.transfers {
            let paid = self.balances.entry(transfer.debit.account).or_default();
            *paid = paid.wrapping_sub_unsigned(transfer.debit.amount);
            let got = self.balances.entry(transfer.credit.account).or_default();
            *got = got.wrapping_add_unsigned(transfer.credit.amount);
            self.last.insert(transfer.client, (transfer.number, self.applied));
        }
    }

    /// Returns how many blocks have been applied.
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// Returns a digest of all transfers so far, in order.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Returns the number of a client's last transfer, and the position of its block.
    pub fn last_of(&self, client: u16) -> Option<(u32, u64)> {
        self.last.get(&client).copied()
    }

    /// Returns each balance in minor units, by account.
    pub fn balances(&self) -> impl Iterator<Item = (u16, i64)> + '_ {
        self.balances.iter().map(|(account, balance)| (*account, *balance))
    }

    /// Returns what all balances add up to: nothing, if each debit has its credit.
    pub fn sum(&self) -> i128 {
        self.balances.values().map(|it| i128::from(*it)).sum()
    }
}
