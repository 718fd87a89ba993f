//! The roster: which rows there are, where they are, and what may be done to them.

use crate::mechanism::mvcc::{Key, Tx};

/// Which of the three nights.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Night(pub(super) u16);

impl Night {
    /// Guarded by a row that everybody writes.
    pub(super) const FRIDAY: Self = Self(0);
    /// Guarded by `SELECT … FOR UPDATE`.
    pub(super) const SATURDAY: Self = Self(1);
    /// Guarded by serializable snapshot isolation.
    pub(super) const SUNDAY: Self = Self(2);
    /// All of them, in order.
    pub(super) const ALL: [Self; 3] = [Self::FRIDAY, Self::SATURDAY, Self::SUNDAY];
    /// What they are called.
    pub(super) const NAMES: &'static [&'static str] = &["Friday", "Saturday", "Sunday"];

    /// Returns what it is called.
    pub(super) fn name(self) -> &'static str {
        Self::NAMES.get(usize::from(self.0)).copied().unwrap_or("?")
    }

    /// Returns what it is called where there is little room.
    pub(super) fn short(self) -> &'static str {
        self.name().get(..3).unwrap_or("?")
    }

    /// Returns the night after it, which is the first after the last.
    pub(super) fn next(self) -> Self {
        Self((self.0 + 1) % 3)
    }

    /// Returns the table of who is on call, a row a doctor. Each row is on the shard of its doctor.
    pub(super) fn doctors(self) -> u16 {
        self.0 * 3
    }

    /// Returns the table of extra shifts. It is on the first shard.
    pub(super) fn shifts(self) -> u16 {
        self.0 * 3 + 1
    }

    /// Returns the row of a doctor.
    pub(super) fn doctor(self, place: u16) -> Key {
        Key { table: self.doctors(), row: place }
    }

    /// Returns the row that an extra shift has, if there is one.
    pub(super) fn extra(self) -> Key {
        Key { table: self.shifts(), row: 0 }
    }

    /// Returns the row that means nothing, and that everybody writes. It is on the second shard.
    pub(super) fn conflict(self) -> Key {
        Key { table: self.0 * 3 + 2, row: 0 }
    }

    /// Lists the rows that a transaction reads at a shard, the gap of an extra shift among them.
    pub(super) fn read_at(self, shard: u16, doctors: u16) -> impl Iterator<Item = Key> {
        let rows = (0..doctors).filter(move |place| place % 2 == shard);
        let extra = (shard == 0).then_some(self.extra());
        rows.map(move |place| self.doctor(place)).chain(extra)
    }
}

/// Returns the shard of a row, from 0.
pub(super) fn shard_of(key: Key) -> u16 {
    match key.table % 3 {
        0 => key.row % 2,
        kind => kind - 1,
    }
}

/// A row as somebody has read it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) key: Key,
    /// `None` if it is not there.
    pub(super) value: Option<u64>,
    /// Who has written it.
    pub(super) by: Tx,
}

/// What somebody wants to do.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    /// A doctor leaves.
    Leave,
    /// A doctor comes back.
    Return,
    /// The planner inserts an extra shift.
    Insert,
    /// Whoever it is does what has not been done: leaves or comes back, inserts or deletes.
    Change,
}

/// Counts who is on call, and the shifts.
pub(super) fn count(rows: impl IntoIterator<Item = (Key, Option<u64>)>) -> (u64, u64) {
    let (mut on_call, mut shifts) = (0, 1);
    for (key, value) in rows {
        match key.table % 3 {
            0 => on_call += value.unwrap_or_default(),
            1 => shifts += value.unwrap_or_default(),
            _ => {}
        }
    }
    (on_call, shifts)
}

/// Returns what to write so that a wish comes true; `None` if it is true already, or if a shift would be
/// without a doctor then. `place` is a doctor's; the planner has the one after them.
pub(super) fn change(
    rows: &[Row],
    night: Night,
    (place, is_planner): (u16, bool),
    wish: Wish,
) -> Option<(Key, Option<u64>)> {
    let (on_call, shifts) = count(rows.iter().map(|row| (row.key, row.value)));
    let own = if is_planner { night.extra() } else { night.doctor(place) };
    let is_there = rows.iter().any(|row| row.key == own && row.value > Some(0));
    let has_room = on_call > shifts;
    match (wish, is_planner) {
        (Wish::Leave | Wish::Change, false) if is_there => has_room.then_some((own, Some(0))),
        (Wish::Return | Wish::Change, false) if !is_there => Some((own, Some(1))),
        (Wish::Insert | Wish::Change, true) if !is_there => has_room.then_some((own, Some(1))),
        (Wish::Change, true) => Some((own, None)),
        _ => None,
    }
}
