//! What to merge, and when. Merging itself is done elsewhere.
//!
//! Leveled: tables of a level do not overlap but in the first, and each level may hold so many times as
//! much as the one above (O'Neil et al. 1996, section 3; `LevelDB`, "impl.md", Compactions). Size-tiered:
//! a level holds so many runs of like size, which together become one run of the next (Lakshman and
//! Malik, "Cassandra" 2010, section 5.7). The first reads and stores less, the second writes less:
//! Athanassoulis et al., "Designing Access Methods: The RUM Conjecture" (EDBT 2016).

use super::version::Version;

/// What is merged, and when.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Tables of a level do not overlap, but in the first.
    Leveled {
        /// So many tables in the first level begin a merge.
        trigger: u32,
        /// The second level holds so many bytes.
        base_bytes: u64,
        /// Each further level holds so many times as much as the one above.
        fanout: u64,
    },
    /// A level holds runs of like size.
    SizeTiered {
        /// So many runs become one of the next level.
        runs: u32,
    },
    /// Nothing is ever merged.
    None,
}

/// A merge: which tables, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Merge {
    /// The level that has too much.
    pub level: u32,
    /// Numbers of tables of this level and the next.
    pub tables: Vec<u64>,
    /// Whether what comes of it is one run, however long.
    pub is_one_run: bool,
}

impl Policy {
    /// Returns what should be merged next, if anything. `turn` goes round: which table of a level is
    /// next, so that all have their turn.
    pub fn pick(self, version: &Version, turn: u64) -> Option<Merge> {
        match self {
            Self::None => None,
            Self::SizeTiered { runs } => {
                let level =
                    version.levels.iter().position(|level| level.len() >= runs.max(2) as usize)?;
                let tables = version.levels[level].iter().map(|table| table.number).collect();
                Some(Merge { level: level_number(level), tables, is_one_run: true })
            }
            Self::Leveled { trigger, base_bytes, fanout } => {
                if version.levels.first()?.len() >= trigger.max(1) as usize {
                    let all: Vec<usize> = (0..version.levels[0].len()).collect();
                    return Some(into_next(version, 0, &all));
                }
                let mut most_bytes = base_bytes;
                for (level, bytes) in version.level_bytes().into_iter().enumerate().skip(1) {
                    if bytes > most_bytes {
                        let place = turn % version.levels[level].len().max(1) as u64;
                        let place = usize::try_from(place).unwrap_or_default();
                        return Some(into_next(version, level, &[place]));
                    }
                    most_bytes = most_bytes.saturating_mul(fanout.max(2));
                }
                None
            }
        }
    }
}

/// Merges tables of a level with all of the next that they overlap.
fn into_next(version: &Version, level: usize, places: &[usize]) -> Merge {
    let chosen: Vec<_> = places.iter().map(|place| &version.levels[level][*place]).collect();
    let first = chosen.iter().map(|table| &table.first).min();
    let last = chosen.iter().map(|table| &table.last).max();
    let next = version.levels.get(level + 1).into_iter().flatten();
    let below = next.filter(|table| match (first, last) {
        (Some(first), Some(last)) => table.overlaps(first, last),
        _ => false,
    });
    let tables = chosen.iter().copied().chain(below).map(|table| table.number).collect();
    Merge { level: level_number(level), tables, is_one_run: false }
}

/// There are few levels: each holds several times as much as the one above.
fn level_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
