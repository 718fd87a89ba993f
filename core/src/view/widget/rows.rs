//! State in rows: tables, replicated logs, arrays of bits, sectors.

use serde::{Deserialize, Serialize};

use super::{Datum, Tone};
use crate::order::sort_by;

/// What stands in a column.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Words: sorted by letter.
    #[default]
    Text,
    /// Numbers, with or without a unit behind: sorted by size, and set flush right.
    Number,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    /// What stands below it.
    pub name: String,
    /// Of which kind that is.
    pub kind: ColumnKind,
}

impl Column {
    /// Makes a column of words.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Text }
    }

    /// Makes a column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Number }
    }
}

/// A row of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// One a column; the first names the row.
    pub cells: Vec<Datum>,
    /// How good or bad the row is as a whole.
    pub tone: Tone,
}

impl Record {
    /// Makes a row with nothing special about it.
    pub fn new(cells: impl IntoIterator<Item = Datum>) -> Self {
        Self { cells: cells.into_iter().collect(), tone: Tone::Neutral }
    }

    /// Gives the row a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl<const CELLS: usize> From<[Datum; CELLS]> for Record {
    fn from(cells: [Datum; CELLS]) -> Self {
        Self::new(cells)
    }
}

/// Records with typed columns, such as jobs, orders or trips. The viewer can sort it by any column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Table {
    /// What the records are.
    pub label: String,
    /// The heads.
    pub columns: Vec<Column>,
    /// The records, in the order in which they are shown at first.
    pub rows: Vec<Record>,
}

impl Table {
    /// Makes a table without records.
    pub fn new(label: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        Self { label: label.into(), columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds records.
    #[must_use]
    pub fn with(mut self, records: impl IntoIterator<Item = impl Into<Record>>) -> Self {
        self.rows.extend(records.into_iter().map(Into::into));
        self
    }

    /// Returns the places of the rows sorted by a column; equal ones keep their order.
    pub fn order_by(&self, column: usize, descending: bool) -> Vec<usize> {
        let kind = self.columns.get(column).map(|column| column.kind).unwrap_or_default();
        let text = |row: &usize| self.rows[*row].cells.get(column).map_or("", |cell| &cell.text);
        let mut rows: Vec<usize> = (0..self.rows.len()).collect();
        sort_by(&mut rows, |one, other| {
            let (one, other) = if descending { (other, one) } else { (one, other) };
            match kind {
                ColumnKind::Text => text(one).to_lowercase().cmp(&text(other).to_lowercase()),
                ColumnKind::Number => thousandths(text(one)).cmp(&thousandths(text(other))),
            }
        });
        rows
    }
}

/// Returns the number that a text begins with, in thousandths: "1,204.5 ms" is 1204500. A text
/// without a number comes before all numbers.
fn thousandths(text: &str) -> Option<i128> {
    let text = text.trim();
    let unsigned = text.trim_start_matches(['-', '\u{2212}', '+']);
    let is_negative = text.starts_with(['-', '\u{2212}']);
    let end = unsigned.find(|it: char| !it.is_ascii_digit() && it != ',' && it != '.');
    let number: String =
        unsigned[..end.unwrap_or(unsigned.len())].chars().filter(|&it| it != ',').collect();
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let size = whole.parse::<i128>().ok()?.checked_mul(1_000)? + part.parse::<i128>().ok()?;
    Some(if is_negative { -size } else { size })
}

/// A named place in a row of a [`LogMatrix`]: a commit index, a high watermark, a reader's cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pointer {
    /// What is there: "commit".
    pub name: String,
    /// The index it has reached; 0 is before the first entry.
    pub at: u64,
}

/// One node's copy of a log, or one partition of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogRow {
    /// Whose copy it is.
    pub name: String,
    /// The index of the first entry that is kept; what comes before is in a snapshot, or gone.
    pub kept_from: u64,
    /// The index of the first entry below: a long copy need not give all that it keeps.
    pub first: u64,
    /// The entries from there on; `None` for a hole.
    pub entries: Vec<Option<Datum>>,
    /// Where somebody has got to.
    pub pointers: Vec<Pointer>,
    /// How good or bad the copy is; muted for that of a node that is down.
    pub tone: Tone,
}

impl LogRow {
    /// Makes a row without holes or pointers that keeps everything.
    pub fn new(
        name: impl Into<String>,
        first: u64,
        entries: impl IntoIterator<Item = Datum>,
    ) -> Self {
        let entries = entries.into_iter().map(Some).collect();
        let (pointers, tone) = (Vec::new(), Tone::Neutral);
        Self { name: name.into(), kept_from: 1, first, entries, pointers, tone }
    }

    /// Makes a row in which entries may be missing.
    pub fn with_holes(
        name: impl Into<String>,
        first: u64,
        entries: impl IntoIterator<Item = Option<impl Into<Datum>>>,
    ) -> Self {
        let entries = entries.into_iter().map(|it| it.map(Into::into)).collect();
        Self { entries, ..Self::new(name, first, []) }
    }

    /// Adds a pointer.
    #[must_use]
    pub fn with_pointer(self, name: impl Into<String>, at: u64) -> Self {
        self.with_pointers([(name, at)])
    }

    /// Adds pointers.
    #[must_use]
    pub fn with_pointers(
        mut self,
        pointers: impl IntoIterator<Item = (impl Into<String>, u64)>,
    ) -> Self {
        let pointer = |(name, at): (_, u64)| Pointer { name: Into::into(name), at };
        self.pointers.extend(pointers.into_iter().map(pointer));
        self
    }

    /// Says that the entries before an index are no longer kept.
    #[must_use]
    pub fn kept_from(self, index: u64) -> Self {
        Self { kept_from: index, ..self }
    }

    /// Gives the row a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// Returns the index of the last entry, or of what comes before the first if there is none.
    pub fn last(&self) -> u64 {
        (self.first + self.entries.len() as u64).saturating_sub(1)
    }

    /// Returns the entry at an index.
    pub fn entry(&self, index: u64) -> Option<&Datum> {
        let place = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.entries.get(place)?.as_ref()
    }
}

/// Copies of one log side by side, one row a node and one column an index, as in figures 6 to 8 of
/// the Raft paper; or the partitions of a topic as tapes with their readers' cursors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogMatrix {
    /// What the rows are.
    pub label: String,
    /// The copies.
    pub rows: Vec<LogRow>,
}

impl LogMatrix {
    /// Makes copies side by side.
    pub fn new(label: impl Into<String>, rows: impl IntoIterator<Item = LogRow>) -> Self {
        Self { label: label.into(), rows: rows.into_iter().collect() }
    }

    /// Returns the first and the last index of any row, or `None` without entries.
    pub fn range(&self) -> Option<(u64, u64)> {
        let rows = || self.rows.iter().filter(|row| !row.entries.is_empty());
        Some((rows().map(|row| row.first).min()?, rows().map(LogRow::last).max()?))
    }
}

/// A place in an array that stands out: where a key's hash points.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BitMark {
    /// The place.
    pub at: u32,
    /// Why it stands out: "hash 2 of apple".
    pub text: String,
    /// How good or bad that is.
    pub tone: Tone,
}

/// An array of small numbers: a bitmap, a Bloom filter, the registers of `HyperLogLog`, the counters
/// of a sketch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bits {
    /// What the array is.
    pub label: String,
    /// The numbers; 0 and 1 in a bitmap.
    pub values: Vec<u32>,
    /// The largest number a place can hold; 1 in a bitmap.
    pub most: u32,
    /// How many places make a row, where rows mean something; `None` leaves it to the screen.
    pub width: Option<u32>,
    /// The places that stand out.
    pub marks: Vec<BitMark>,
}

impl Bits {
    /// Makes a bitmap.
    pub fn bitmap(label: impl Into<String>, bits: impl IntoIterator<Item = bool>) -> Self {
        let values = bits.into_iter().map(u32::from).collect();
        Self { label: label.into(), values, most: 1, ..Self::default() }
    }

    /// Makes an array of registers or counters.
    pub fn registers(
        label: impl Into<String>,
        values: impl IntoIterator<Item = u32>,
        most: u32,
    ) -> Self {
        let values = values.into_iter().collect();
        Self { label: label.into(), values, most, ..Self::default() }
    }

    /// Marks a place.
    #[must_use]
    pub fn with_mark(mut self, at: u32, text: impl Into<String>, tone: Tone) -> Self {
        self.marks.push(BitMark { at, text: text.into(), tone });
        self
    }
}

/// What has become of a sector.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SectorState {
    /// Nothing was written there.
    #[default]
    Free,
    /// Written and not synced: a crash may lose it.
    Cached,
    /// Synced: a crash leaves it.
    Durable,
    /// Written in part when a crash came.
    Torn,
    /// Its bytes have changed by themselves.
    Rotten,
    /// Was written, and a crash has lost it.
    Lost,
}

/// A sector of a disk, or a block of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sector {
    /// What has become of it.
    pub state: SectorState,
    /// What it holds: "put 17", "checkpoint".
    pub text: String,
    /// Its bytes, as far as they are known; may be empty.
    pub bytes: Vec<u8>,
}

impl Sector {
    /// Makes a sector of which only the state and what it holds are known.
    pub fn new(state: SectorState, text: impl Into<String>) -> Self {
        Self { state, text: text.into(), bytes: Vec::new() }
    }

    /// Gives the sector its bytes.
    #[must_use]
    pub fn with_bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), ..self }
    }
}

/// Sectors of a disk in order; the bytes of one that is chosen are shown in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sectors {
    /// Which file or disk it is.
    pub label: String,
    /// How many bytes a sector has.
    pub sector_bytes: u32,
    /// The sectors.
    pub sectors: Vec<Sector>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sorted_by_size_and_words_by_letter() {
        let mut table = Table::new("Jobs", [Column::text("name"), Column::number("waited")]);
        for (name, waited) in [("b", "1,204.5 ms"), ("a", "90 ms"), ("C", "−3"), ("d", "—")] {
            table.rows.push(Record::new([name.into(), waited.into()]));
        }
        assert_eq!(table.order_by(0, false), [1, 0, 2, 3]);
        assert_eq!(table.order_by(1, false), [3, 2, 1, 0]);
        assert_eq!(table.order_by(1, true), [0, 1, 2, 3]);
        assert_eq!(table.order_by(9, true), [0, 1, 2, 3], "no such column: as it was");
    }

    #[test]
    fn a_number_is_read_with_its_thousands_sign_and_unit() {
        assert_eq!(thousandths("1,204.5 ms"), Some(1_204_500));
        assert_eq!(thousandths("-7"), Some(-7_000));
        assert_eq!(thousandths("0.0009"), Some(0));
        assert_eq!(thousandths("S1"), None);
    }

    #[test]
    fn a_log_knows_its_entries_by_index() {
        let row = LogRow::new("S1", 5, ["a".into(), "b".into()]);
        assert_eq!(row.last(), 6);
        assert_eq!(row.entry(6).map(|it| &it.text[..]), Some("b"));
        assert_eq!((row.entry(4), row.entry(7)), (None, None));
        assert_eq!(LogRow::new("S2", 1, []).last(), 0);
        let logs = LogMatrix { label: String::new(), rows: vec![LogRow::new("S2", 1, []), row] };
        assert_eq!(logs.range(), Some((5, 6)));
        assert_eq!(LogMatrix::default().range(), None);
    }
}
