//! A query, answered block by block from the store as it was when the query began.

use std::rc::Rc;

use super::rollup::rollups_of;
use super::text::{self, Text};
use super::{OpenShard, Point, Rollup, SealedShard, Series, Settings, Store, StoreError};
use crate::order::sort_by_key;
use crate::sim::{FileError, FileSystem};

/// What is asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The points.
    Points,
    /// Rollups of the intervals that begin there.
    Rollups,
}

/// A question to a store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// Of which series.
    pub series: Series,
    /// From when on.
    pub from: u64,
    /// Before when.
    pub to: u64,
    /// What.
    pub what: What,
}

impl Query {
    fn has(&self, at: u64) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// What a store answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Answer {
    /// What is before this is kept no more; all that is not is in here.
    pub covers_from: u64,
    /// By time.
    pub points: Vec<Point>,
    /// By the beginning of their intervals.
    pub rollups: Vec<(u64, Rollup)>,
    /// How many blocks of the disk were read.
    pub blocks: u32,
}

/// A shard as it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Young(Rc<OpenShard>),
    Sealed(Rc<SealedShard>),
}

/// Where the rest of an answer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// Shards, oldest first; they are read from the end, since what is newest is wanted first.
    Shards(Vec<Part>),
    /// A file of text.
    Text(text::Cursor),
}

/// A query under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    query: Query,
    answer: Answer,
    source: Source,
    /// The sealed shards that it reads.
    shards: Vec<u64>,
}

impl Reader {
    /// Returns what is asked.
    pub fn query(&self) -> Query {
        self.query
    }

    /// Returns the answer, as far as it was read.
    pub fn into_answer(mut self, settings: &Settings) -> Answer {
        sort_by_key(&mut self.answer.points, |point| *point);
        self.answer.points.dedup_by_key(|point| point.at);
        if self.query.what == What::Rollups && matches!(self.source, Source::Text(_)) {
            let points = std::mem::take(&mut self.answer.points);
            if settings.waits_for_late {
                self.answer.rollups = rollups_of(points, settings.rollup_span);
            }
        }
        sort_by_key(&mut self.answer.rollups, |(start, _)| *start);
        self.answer.rollups.retain(|(start, _)| self.query.has(*start));
        self.answer
    }
}

impl Store {
    /// Begins a query. Who reads on later has its shards [held](Self::hold) meanwhile.
    pub fn reader(&self, query: Query) -> Reader {
        let covers_from = query.from.max(self.kept_from());
        let mut parts = Vec::new();
        let is_asked = |number: u64| {
            let (start, end) = (self.settings.start_of(number), self.settings.start_of(number + 1));
            start < query.to && query.from < end
        };
        for (number, shard) in self.sealed.iter().filter(|(number, _)| is_asked(**number)) {
            if self.settings.start_of(number + 1) > covers_from {
                parts.push((*number, Part::Sealed(Rc::clone(shard))));
            }
        }
        for (number, shard) in self.young.iter().filter(|(number, _)| is_asked(**number)) {
            parts.push((*number, Part::Young(Rc::clone(shard))));
        }
        sort_by_key(&mut parts, |(number, _)| *number);
        let sealed = parts.iter().filter(|(_, part)| matches!(part, Part::Sealed(_)));
        let shards = sealed.map(|(number, _)| *number).collect();
        let source = Source::Shards(parts.into_iter().map(|(_, part)| part).collect());
        let answer = Answer { covers_from, ..Answer::default() };
        Reader { query, answer, source, shards }
    }

    /// Keeps the shards of a reader from being removed.
    pub fn hold(&mut self, reader: &Reader) {
        for number in &reader.shards {
            *self.held.entry(*number).or_default() += 1;
        }
    }

    /// Ends the [hold](Self::hold) of a reader.
    pub fn release(&mut self, disk: &mut (impl FileSystem + ?Sized), reader: &Reader) {
        for number in &reader.shards {
            if let Some(holds) = self.held.get_mut(number) {
                *holds -= 1;
                if *holds == 0 {
                    self.held.remove(number);
                }
            }
        }
        self.remove_doomed(disk);
    }

    /// Reads the next block; returns false when there is nothing more.
    ///
    /// # Errors
    ///
    /// If what is read is damaged.
    pub fn read_on(
        &self,
        disk: &(impl FileSystem + ?Sized),
        reader: &mut Reader,
    ) -> Result<bool, StoreError> {
        let Source::Shards(parts) = &mut reader.source else { return Ok(false) };
        let query = reader.query;
        let answer = &mut reader.answer;
        while let Some(part) = parts.pop() {
            match (part, query.what) {
                (Part::Young(shard), What::Rollups) => {
                    answer.rollups.extend(shard.rollups(&self.settings, query.series));
                }
                (Part::Sealed(shard), What::Rollups) => {
                    let block = shard.block(query.series);
                    answer.rollups.extend(block.into_iter().flat_map(|it| &it.rollups).copied());
                }
                (Part::Young(shard), What::Points) => {
                    let points = shard.points(query.series);
                    answer.points.extend(points.filter(|point| query.has(point.at)));
                }
                (Part::Sealed(shard), What::Points) => {
                    let points = match shard.read(disk, query.series, self.settings.is_summed) {
                        // A store that lets readers go has removed it under this one.
                        Err(StoreError::Disk(FileError::NotFound(_))) => Vec::new(),
                        read => read?,
                    };
                    answer.blocks += 1;
                    answer.points.extend(points.into_iter().filter(|point| query.has(point.at)));
                    return Ok(!parts.is_empty());
                }
            }
        }
        Ok(false)
    }
}

impl Text {
    /// Begins a query.
    pub fn reader(&self, disk: &(impl FileSystem + ?Sized), query: Query) -> Reader {
        let mut answer =
            Answer { covers_from: query.from.max(self.kept_from()), ..Answer::default() };
        let is_known = query.what == What::Rollups && !self.settings().waits_for_late;
        if is_known {
            answer.rollups = self.early(query.series);
        }
        let cursor = if is_known { text::Cursor::nothing() } else { text::Cursor::new(disk) };
        let source = Source::Text(cursor);
        Reader { query, answer, source, shards: Vec::new() }
    }

    /// Reads the next piece of the file; returns false when there is nothing more.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn read_on(
        &self,
        disk: &(impl FileSystem + ?Sized),
        reader: &mut Reader,
    ) -> Result<bool, StoreError> {
        let Source::Text(cursor) = &mut reader.source else { return Ok(false) };
        if cursor.is_at_end() {
            return Ok(false);
        }
        let read = cursor.read(disk, self.settings().is_summed)?;
        reader.answer.blocks += 1;
        let query = reader.query;
        let of =
            read.into_iter().filter(|(series, it)| *series == query.series && query.has(it.at));
        reader.answer.points.extend(of.map(|(_, point)| point));
        Ok(!cursor.is_at_end())
    }
}
