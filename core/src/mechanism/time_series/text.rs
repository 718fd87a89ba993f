//! The naive store: one file of lines, "series time value", to which every point is added as it comes.
//!
//! It takes whatever comes, however late. To forget, it writes the file again without what is too old, in
//! place. A line may carry the sum of what is before it.

use std::collections::BTreeMap;

use super::log::read_file;
use super::store::{Measures, Taken};
use super::{Point, Rollup, Series, Settings, StoreError};
use crate::mechanism::frame::CRC32C;
use crate::mechanism::mount::State;
use crate::sim::{Extent, FileSystem, SyncId};

/// What the file is called.
pub(super) const FILE: &str = "points.txt";

/// So many bytes are read at a time: eight sectors.
const PIECE_BYTES: u64 = 4_096;

/// A place in the file, up to where it is to be read, and the line that has begun there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cursor {
    at: u64,
    end: u64,
    line: Vec<u8>,
}

impl Cursor {
    /// Begins at the beginning.
    pub(super) fn new(disk: &(impl FileSystem + ?Sized)) -> Self {
        let length = disk.open(FILE).and_then(|file| disk.len_bytes(file));
        Self { at: 0, end: length.unwrap_or_default(), line: Vec::new() }
    }

    /// Is at the end already.
    pub(super) fn nothing() -> Self {
        Self { at: 0, end: 0, line: Vec::new() }
    }

    /// Returns true if there is nothing more.
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// Reads the next piece.
    pub(super) fn read(
        &mut self,
        disk: &(impl FileSystem + ?Sized),
        is_summed: bool,
    ) -> Result<Vec<(Series, Point)>, StoreError> {
        let length = PIECE_BYTES.min(self.end.saturating_sub(self.at));
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        let read = disk.read_at(disk.open(FILE)?, self.at, &mut bytes)?;
        self.at = if read == 0 { self.end } else { self.at + read as u64 };
        self.line.extend(&bytes[..read]);
        let whole = self.line.iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1);
        let lines: Vec<u8> = self.line.drain(..whole).collect();
        Ok(parse(&lines, is_summed))
    }
}

/// The store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    settings: Settings,
    state: State,
    newest: Option<u64>,
    oldest: Option<u64>,
    /// What is before this was forgotten.
    kept_from: u64,
    early: BTreeMap<(Series, u64), Rollup>,
    written: u64,
    durable: u64,
    syncing: Option<(SyncId, u64)>,
    /// Bytes and points of the file.
    len_bytes: u64,
    points: u64,
    readers: u32,
    measures: Measures,
}

impl Text {
    /// Opens the file, or makes an empty one.
    ///
    /// # Errors
    ///
    /// If it cannot be read or made.
    pub fn open(
        settings: Settings,
        disk: &mut (impl FileSystem + ?Sized),
    ) -> Result<Self, StoreError> {
        if disk.open(FILE).is_err() {
            disk.create(FILE)?;
        }
        let mut store = Self {
            settings,
            state: State::Open,
            newest: None,
            oldest: None,
            kept_from: 0,
            early: BTreeMap::new(),
            written: 0,
            durable: 0,
            syncing: None,
            len_bytes: 0,
            points: 0,
            readers: 0,
            measures: Measures::default(),
        };
        let points = parse(&read_file(disk, FILE)?, store.settings.is_summed);
        for (series, point) in points {
            store.have(series, point);
        }
        store.measures = Measures::default();
        store.kept_from = store.oldest.unwrap_or_default();
        store.len_bytes = disk.len_bytes(disk.open(FILE)?)?;
        if store.settings.is_synced {
            // What a failed sync has left in the cache is not on the disk.
            store.rewrite(disk, 0)?;
            store.state = State::Opening;
        }
        Ok(store)
    }

    /// Returns whether it serves.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns the last ticket whose points no crash can undo.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns the time of the newest point.
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Returns how it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns what it has done since it was opened.
    pub fn measures(&self) -> Measures {
        self.measures
    }

    /// Returns how many points it has, and how many bytes they take.
    pub fn size(&self) -> (u64, u64) {
        (self.points, self.len_bytes)
    }

    pub(super) fn kept_from(&self) -> u64 {
        self.kept_from
    }

    pub(super) fn early(&self, series: Series) -> Vec<(u64, Rollup)> {
        let of = self.early.range((series, 0)..=(series, u64::MAX));
        of.map(|((_, start), rollup)| (*start, *rollup)).collect()
    }

    /// Takes points of a series: all that come.
    ///
    /// # Errors
    ///
    /// If the store takes nothing now, or the disk is full.
    pub fn write(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        series: Series,
        points: &[Point],
    ) -> Result<Taken, StoreError> {
        match self.state {
            State::Opening => return Err(StoreError::Busy),
            State::InDoubt => return Err(StoreError::ReadOnly),
            State::Open => {}
        }
        let lines = points.iter().map(|it| line(series, *it, self.settings.is_summed));
        let lines: String = lines.collect();
        let file = disk.open(FILE)?;
        let end = disk.len_bytes(file)?;
        if let Err(error) = disk.write_at(file, end, lines.as_bytes()) {
            disk.truncate(file, end)?;
            return Err(error.into());
        }
        self.measures.log_bytes += lines.len() as u64;
        self.len_bytes = end + lines.len() as u64;
        for point in points {
            self.have(series, *point);
        }
        self.written += 1;
        self.forget(disk)?;
        self.sync(disk)?;
        Ok(Taken { ticket: self.written, refused: Vec::new() })
    }

    fn have(&mut self, series: Series, point: Point) {
        let newest = self.newest.map_or(point.at, |newest| newest.max(point.at));
        self.newest = Some(newest);
        self.oldest = Some(self.oldest.map_or(point.at, |oldest| oldest.min(point.at)));
        self.points += 1;
        self.measures.points += 1;
        let interval = self.settings.interval_of(point.at);
        if self.settings.is_closed(interval, newest) {
            self.measures.after_close += 1;
        } else {
            self.early.entry((series, interval)).or_default().add(point.bits);
        }
    }

    /// Writes the file again when it has more than a shard's time of what is not kept.
    fn forget(&mut self, disk: &mut (impl FileSystem + ?Sized)) -> Result<(), StoreError> {
        let kept_from = self.newest.unwrap_or_default().saturating_sub(self.settings.retention);
        let is_held = self.settings.is_held && self.readers > 0;
        let is_due = self.oldest.is_some_and(|it| it + self.settings.shard_span < kept_from);
        if is_held || !is_due {
            return Ok(());
        }
        self.measures.expired += 1;
        self.rewrite(disk, kept_from)
    }

    /// Writes the file again, in place, with what is from a time on.
    fn rewrite(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        kept_from: u64,
    ) -> Result<(), StoreError> {
        let mut points = parse(&read_file(disk, FILE)?, self.settings.is_summed);
        points.retain(|(_, point)| point.at >= kept_from);
        let lines = points.iter().map(|it| line(it.0, it.1, self.settings.is_summed));
        let lines: String = lines.collect();
        let file = disk.open(FILE)?;
        disk.truncate(file, 0)?;
        disk.write_at(file, 0, lines.as_bytes())?;
        self.measures.sealed_bytes += lines.len() as u64;
        self.len_bytes = lines.len() as u64;
        self.points = points.len() as u64;
        self.oldest = points.iter().map(|(_, point)| point.at).min();
        self.kept_from = self.kept_from.max(kept_from);
        self.early.retain(|(_, start), _| *start >= kept_from);
        self.written += 1;
        self.sync(disk)
    }

    fn sync(&mut self, disk: &mut (impl FileSystem + ?Sized)) -> Result<(), StoreError> {
        if self.settings.is_synced && self.syncing.is_none() && self.durable < self.written {
            disk.sync(Extent::Names)?;
            let sync = disk.sync(Extent::File(disk.open(FILE)?))?;
            self.syncing = Some((sync, self.written));
        }
        Ok(())
    }

    /// Learns that a sync has made durable what it covered.
    pub fn synced(&mut self, disk: &mut (impl FileSystem + ?Sized), sync: SyncId) {
        if let Some((_, ticket)) = self.syncing.take_if(|(of, _)| *of == sync) {
            self.durable = self.durable.max(ticket);
            if self.state == State::Opening {
                self.state = State::Open;
            }
            // Without its file there is nothing to sync; the next write says so.
            _ = self.sync(disk);
        }
    }

    /// Learns that a sync has failed: it takes nothing more.
    pub fn sync_failed(&mut self, sync: SyncId) {
        if self.syncing.take_if(|(of, _)| *of == sync).is_some() {
            self.state = State::InDoubt;
        }
    }

    /// Knows of one reader more.
    pub fn hold(&mut self) {
        self.readers += 1;
    }

    /// Knows of one reader less.
    pub fn release(&mut self) {
        self.readers = self.readers.saturating_sub(1);
    }
}

/// Returns a point as a line.
fn line(series: Series, point: Point, is_summed: bool) -> String {
    // A NaN in words has lost its bits.
    let is_nan = point.value().is_nan();
    let value = if is_nan { format!("#{:x}", point.bits) } else { point.value().to_string() };
    let text = format!("{series} {} {value}", point.at);
    if is_summed {
        format!("{text} {:08x}\n", CRC32C.checksum(text.as_bytes()))
    } else {
        format!("{text}\n")
    }
}

/// Reads the lines that look like points.
fn parse(bytes: &[u8], is_summed: bool) -> Vec<(Series, Point)> {
    let lines = bytes.split(|it| *it == b'\n');
    lines.filter_map(|line| parse_line(std::str::from_utf8(line).ok()?, is_summed)).collect()
}

fn parse_line(line: &str, is_summed: bool) -> Option<(Series, Point)> {
    let text = if is_summed {
        let (text, sum) = line.rsplit_once(' ')?;
        let sum = u32::from_str_radix(sum, 16).ok()?;
        Some(text).filter(|text| CRC32C.checksum(text.as_bytes()) == sum)?
    } else {
        line
    };
    let mut words = text.split(' ');
    let (series, at) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let value = words.next()?;
    let bits = match value.strip_prefix('#') {
        Some(bits) => u64::from_str_radix(bits, 16).ok()?,
        None => value.parse::<f64>().ok()?.to_bits(),
    };
    Some((series, Point { at, bits }))
}
