//! What a lock file shows of itself.

use std::fmt;

use super::{Expiry, LockFile, Record};
use crate::sim::files::SectorState;
use crate::sim::{Files, Names};
use crate::view::{Column, Datum, Table, Widget};

/// How many grants are shown.
const SHOWN: usize = 8;

impl LockFile {
    /// Shows the last grants in the file. Each carries a lock if a crash would leave it: where grants are
    /// synced before they are told, only the last one can still be on its way to the disk.
    pub fn show(self, disk: &Files, are_synced: bool, names: &Names) -> Widget {
        let records = self.read(disk).unwrap_or_default();
        let picture = disk.picture(u32::MAX).files.into_iter().next();
        let is_durable = picture.is_some_and(|file| {
            let is_durable = |sector: &SectorState| *sector == SectorState::Durable;
            file.is_name_durable && file.is_length_durable && file.sectors.iter().all(is_durable)
        });
        let count = records.len();
        let rows = records.iter().enumerate().skip(count.saturating_sub(SHOWN));
        let rows = rows.map(|(nth, Record { token, owner, expiry, .. })| {
            let is_durable = is_durable || (are_synced && nth + 1 < count);
            let number = Datum::from(*token).durable_if(is_durable);
            let cells = [number, Datum::new(&names[*owner]), expiry.to_string().into()];
            cells.map(|cell| cell.in_epoch(*token))
        });
        let columns = [Column::number("number"), Column::text("owner"), Column::text("ends")];
        Widget::Table(Table::new("grants, the last one counts", columns).with(rows))
    }
}

/// Says when a grant ends.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(0) => f.write_str("given back"),
            Self::After(us) => write!(f, "for {} ms", us / 1_000),
            Self::AtWall(us) => write!(f, "until {} ms by the wall clock", us / 1_000),
        }
    }
}
