//! Bytes that tell how long they are and whether they are what was written.
//!
//! A frame is the length of its body, a CRC-32C of the body (RFC 3720, appendix B.4), both four bytes,
//! little-endian, and the body. An empty body is no frame: a file whose length survived a crash without
//! its bytes reads as zeros, and zeros would be one.
//!
//! Left out: marks to find the next frame by after a bad one, as in `LevelDB`'s 32 KiB blocks;
//! [`next_after`] looks at every byte instead.

use crc::{CRC_32_ISCSI, Crc};

/// CRC-32C.
pub const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Length and sum, before the body.
pub const HEADER_BYTES: usize = 8;

/// Writes `body` down as a frame, behind what is in `into`.
pub fn append(into: &mut Vec<u8>, body: &[u8]) {
    into.extend(u32::try_from(body.len()).unwrap_or_default().to_le_bytes());
    into.extend(CRC32C.checksum(body).to_le_bytes());
    into.extend(body);
}

/// Returns the body of the frame at the beginning of `bytes`, and how long the frame is with its header;
/// `None` if it is cut short, empty, or, where `is_summed`, not what was written.
pub fn decode(bytes: &[u8], is_summed: bool) -> Option<(&[u8], usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let body = rest.get(..length).filter(|body| !body.is_empty())?;
    let is_right = !is_summed || CRC32C.checksum(body) == u32::from_le_bytes(*sum);
    is_right.then_some((body, HEADER_BYTES + length))
}

/// Returns where the first frame with a right sum begins behind `from`.
pub fn next_after(bytes: &[u8], from: usize) -> Option<usize> {
    (from.saturating_add(1)..bytes.len()).find(|at| decode(&bytes[*at..], true).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the catalogue of CRCs, and the vectors of RFC 3720, appendix B.4.
    #[test]
    fn sums_are_crc_32c() {
        assert_eq!(CRC32C.checksum(b"123456789"), 0xe306_9283);
        assert_eq!(CRC32C.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(CRC32C.checksum(&[0xff; 32]), 0x62a8_ab43);
        let rising: Vec<u8> = (0..32).collect();
        assert_eq!(CRC32C.checksum(&rising), 0x46dd_794e);
    }

    #[test]
    fn a_frame_is_read_back_and_no_flipped_bit_goes_unnoticed() {
        let mut bytes = Vec::new();
        append(&mut bytes, b"first");
        append(&mut bytes, b"second");
        assert_eq!(decode(&bytes, true), Some((&b"first"[..], 13)));
        assert_eq!(decode(&bytes[13..], true), Some((&b"second"[..], 14)));
        for bit in 0..13 * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&bad, true), None, "bit {bit}");
            assert_eq!(next_after(&bad, 0), Some(13));
        }
        for cut in 0..13 {
            assert_eq!(decode(&bytes[..cut], false), None);
        }
    }

    #[test]
    fn zeros_are_no_frame_even_to_whoever_checks_nothing() {
        assert_eq!(decode(&[0; 64], false), None);
        assert_eq!(decode(&[0; 64], true), None);
        assert_eq!(next_after(&[0; 64], 0), None);
    }
}
