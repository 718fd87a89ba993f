//! Bits one after the other, the highest of each byte first.

/// Writes bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BitWriter {
    bytes: Vec<u8>,
    len_bits: u64,
}

impl BitWriter {
    /// Adds the lowest `count` bits of a number, at most 64, highest first.
    pub fn push(&mut self, value: u64, count: u32) {
        let mut left = count.min(64);
        while left > 0 {
            let used = (self.len_bits % 8) as u32;
            if used == 0 {
                self.bytes.push(0);
            }
            let taken = (8 - used).min(left);
            let part = (value >> (left - taken)) & ((1 << taken) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= part.to_le_bytes()[0] << (8 - used - taken);
            }
            left -= taken;
            self.len_bits += u64::from(taken);
        }
    }

    /// Returns how many bits there are.
    pub fn len_bits(&self) -> u64 {
        self.len_bits
    }

    /// Returns them, with zeros after the last up to a whole byte.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads bits.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at_bit: u64,
}

impl<'a> BitReader<'a> {
    /// Begins at the first bit.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at_bit: 0 }
    }

    /// Returns which bit comes next.
    pub fn at_bit(&self) -> u64 {
        self.at_bit
    }

    /// Reads `count` bits, at most 64, as a number; `None` if there are not so many.
    pub fn next(&mut self, count: u32) -> Option<u64> {
        let mut left = count.min(64);
        let mut value = 0;
        while left > 0 {
            let byte = *self.bytes.get(usize::try_from(self.at_bit / 8).ok()?)?;
            let used = (self.at_bit % 8) as u32;
            let taken = (8 - used).min(left);
            let part = (byte >> (8 - used - taken)) & (u8::MAX >> (8 - taken));
            value = value << taken | u64::from(part);
            left -= taken;
            self.at_bit += u64::from(taken);
        }
        Some(value)
    }

    /// Reads one bit.
    pub fn bit(&mut self) -> Option<bool> {
        Some(self.next(1)? == 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_highest_bit_comes_first() {
        let mut bits = BitWriter::default();
        bits.push(0b1, 1);
        bits.push(0b0110, 4);
        bits.push(0x3ff, 10);
        assert_eq!((bits.bytes(), bits.len_bits()), (&[0b1011_0111, 0b1111_1110][..], 15));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(fields in prop::collection::vec((any::<u64>(), 1..=64_u32), 0..60)) {
            let mut writer = BitWriter::default();
            for (value, count) in &fields {
                writer.push(*value, *count);
            }
            let mut reader = BitReader::new(writer.bytes());
            for (value, count) in &fields {
                prop_assert_eq!(reader.next(*count), Some(value & (u64::MAX >> (64 - count))));
            }
            prop_assert_eq!(reader.at_bit(), writer.len_bits());
            prop_assert_eq!(reader.next(8), None);
        }
    }
}
