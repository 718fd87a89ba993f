//! Compression of one series: delta-of-delta of times, XOR of values.
//!
//! Pelkonen et al., "Gorilla" (VLDB 2015), section 4.1.1 for times and 4.1.2 for values, to the bit. Where
//! the paper leaves something open it is decided as follows, which its figure 2 and its counts allow: the
//! first value's neighbour before it has no meaningful bits, so the first XOR that is not zero says where
//! its own are; more than 31 leading zeros are written as 31; 64 meaningful bits are written as 0, which
//! no XOR has; and a difference is written in two's complement, in which the one value that the paper's
//! ranges have more above zero than below (64, 256, 2048) takes the place of the lowest.

use serde::{Deserialize, Serialize};

use super::bits::{BitReader, BitWriter};

/// A value at a time.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    /// When, in the store's unit of time.
    pub at: u64,
    /// The bits of an IEEE 754 double: every one of them is kept, of a NaN as well.
    pub bits: u64,
}

impl Point {
    /// Makes a point.
    pub fn new(at: u64, value: f64) -> Self {
        Self { at, bits: value.to_bits() }
    }

    /// Returns its value.
    pub fn value(self) -> f64 {
        f64::from_bits(self.bits)
    }
}

/// Bits of the difference between a block's start and its first time.
pub const FIRST_DELTA_BITS: u32 = 14;

/// The longest block, in units of time: two hours of the paper's seconds, which the first difference
/// has room for.
pub const LONGEST_SPAN: u64 = 7_200;

/// The ranges of a delta-of-delta: how many bits say which, what they are, and the bits of the value.
const RANGES: [(u32, u64, u32); 4] =
    [(2, 0b10, 7), (3, 0b110, 9), (4, 0b1110, 12), (4, 0b1111, 32)];

/// A time that is too far from a block's start.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Outside;

/// What the next point is told from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Before {
    at: u64,
    delta: i64,
    bits: u64,
    /// Leading zeros and meaningful bits of the last XOR that said them.
    meaningful: Option<(u32, u32)>,
}

/// Writes a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Encoder {
    start: u64,
    bits: BitWriter,
    points: u32,
    before: Before,
}

impl Encoder {
    /// Begins a block whose times are from `start` on.
    pub fn new(start: u64) -> Self {
        let mut bits = BitWriter::default();
        bits.push(start, 64);
        let before = Before { at: start, delta: 0, bits: 0, meaningful: None };
        Self { start, bits, points: 0, before }
    }

    /// Adds a point.
    ///
    /// # Errors
    ///
    /// If its time is before the start, or so far behind that 14 bits do not say how far.
    pub fn push(&mut self, point: Point) -> Result<(), Outside> {
        let offset = point.at.checked_sub(self.start).ok_or(Outside)?;
        if offset >> FIRST_DELTA_BITS != 0 {
            return Err(Outside);
        }
        // Both are within 14 bits of the start.
        let delta = point.at.wrapping_sub(self.before.at).cast_signed();
        if self.points == 0 {
            self.bits.push(offset, FIRST_DELTA_BITS);
            self.bits.push(point.bits, 64);
        } else {
            self.push_time(delta - self.before.delta);
            self.push_value(point.bits ^ self.before.bits);
        }
        self.points += 1;
        self.before = Before { at: point.at, delta, bits: point.bits, ..self.before };
        Ok(())
    }

    fn push_time(&mut self, delta_of_delta: i64) {
        if delta_of_delta == 0 {
            return self.bits.push(0, 1);
        }
        let fits = |count: u32| {
            let most = 1_i64 << (count - 1);
            (1 - most..=most).contains(&delta_of_delta)
        };
        let (length, mark, count) =
            RANGES.into_iter().find(|(.., count)| fits(*count)).unwrap_or(RANGES[3]);
        self.bits.push(mark, length);
        self.bits.push(delta_of_delta.cast_unsigned(), count);
    }

    fn push_value(&mut self, xor: u64) {
        if xor == 0 {
            return self.bits.push(0, 1);
        }
        let leading = xor.leading_zeros().min(31);
        let trailing = xor.trailing_zeros();
        if let Some((zeros, count)) = self.before.meaningful
            && leading >= zeros
            && trailing >= 64 - zeros - count
        {
            self.bits.push(0b10, 2);
            return self.bits.push(xor >> (64 - zeros - count), count);
        }
        let count = 64 - leading - trailing;
        self.bits.push(0b11, 2);
        self.bits.push(u64::from(leading), 5);
        self.bits.push(u64::from(count % 64), 6);
        self.bits.push(xor >> trailing, count);
        self.before.meaningful = Some((leading, count));
    }

    /// Returns how many bits it has.
    pub fn len_bits(&self) -> u64 {
        self.bits.len_bits()
    }

    /// Returns how many points it has.
    pub fn points(&self) -> u32 {
        self.points
    }

    /// Returns the block, with zeros after the last bit up to a whole byte.
    pub fn bytes(&self) -> &[u8] {
        self.bits.bytes()
    }
}

/// Reads a block, point by point; it ends early where the bits do.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    reader: BitReader<'a>,
    left: u32,
    is_first: bool,
    before: Before,
}

impl<'a> Decoder<'a> {
    /// Begins a block of so many points; `None` if it is too short to say when it starts.
    pub fn new(bytes: &'a [u8], points: u32) -> Option<Self> {
        let mut reader = BitReader::new(bytes);
        let at = reader.next(64)?;
        let before = Before { at, delta: 0, bits: 0, meaningful: None };
        Some(Self { reader, left: points, is_first: true, before })
    }

    /// Returns which bit comes next: the next point's first.
    pub fn at_bit(&self) -> u64 {
        self.reader.at_bit()
    }

    fn read(&mut self) -> Option<Point> {
        let before = self.before;
        let (delta, bits) = if self.is_first {
            (self.reader.next(FIRST_DELTA_BITS)?.cast_signed(), self.reader.next(64)?)
        } else {
            // Of a damaged block any number may come; nothing is to be made of it.
            (before.delta.wrapping_add(self.read_time()?), before.bits ^ self.read_value()?)
        };
        let at = before.at.wrapping_add_signed(delta);
        let meaningful = self.before.meaningful;
        self.before = Before { at, delta, bits, meaningful };
        self.is_first = false;
        Some(Point { at, bits })
    }

    fn read_time(&mut self) -> Option<i64> {
        let mut ones = 0;
        while ones < RANGES.len() && self.reader.bit()? {
            ones += 1;
        }
        let Some(range) = ones.checked_sub(1) else { return Some(0) };
        let count = RANGES[range].2;
        let read = self.reader.next(count)?.cast_signed();
        let most = 1_i64 << (count - 1);
        Some(if read > most { read - 2 * most } else { read })
    }

    fn read_value(&mut self) -> Option<u64> {
        if !self.reader.bit()? {
            return Some(0);
        }
        if self.reader.bit()? {
            let leading = u32::try_from(self.reader.next(5)?).ok()?;
            let count = u32::try_from(self.reader.next(6)?).ok()?;
            let count = if count == 0 { 64 } else { count };
            self.before.meaningful = Some((leading, count));
        }
        let (leading, count) = self.before.meaningful?;
        let shift = 64_u32.checked_sub(leading)?.checked_sub(count)?;
        Some(self.reader.next(count)? << shift)
    }
}

impl Iterator for Decoder<'_> {
    type Item = Point;

    fn next(&mut self) -> Option<Point> {
        self.left = self.left.checked_sub(1)?;
        self.read()
    }
}

/// Reads a whole block; `None` if it does not have so many points.
pub fn decode(bytes: &[u8], points: u32) -> Option<Vec<Point>> {
    let found: Vec<Point> = Decoder::new(bytes, points)?.collect();
    (found.len() as u64 == u64::from(points)).then_some(found)
}
