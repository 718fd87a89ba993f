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

/// Returns the records that lie one behind the other in `bytes`, each with where it begins; `None` for one
/// that is not as it was written. Where sums are checked, what comes behind such a one is looked for: it can
/// tell whether what is missing was durable.
pub fn records<R>(
    bytes: &[u8],
    is_summed: bool,
    read: impl Fn(&[u8]) -> Option<R>,
) -> impl Iterator<Item = (usize, Option<R>)> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let at = next.filter(|at| *at < bytes.len())?;
        let found = decode(&bytes[at..], is_summed);
        let found = found.and_then(|(body, length)| Some((read(body)?, length)));
        next = match &found {
            Some((_, length)) => Some(at + length),
            None if is_summed => next_after(bytes, at),
            None => None,
        };
        Some((at, found.map(|(record, _)| record)))
    })
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
    fn behind_a_bad_record_others_are_found_where_sums_tell_them() {
        let mut bytes = Vec::new();
        let bodies = [&b"first"[..], b"second", b"third"];
        for body in bodies {
            append(&mut bytes, body);
        }
        let found = |bytes: &[u8], is_summed| {
            let all = records(bytes, is_summed, |body| Some(body.to_vec()));
            all.map(|(at, body)| (at, body.unwrap_or_default())).collect::<Vec<_>>()
        };
        let whole = vec![(0, bodies[0].to_vec()), (13, bodies[1].into()), (27, bodies[2].into())];
        assert_eq!(found(&bytes, true), whole);
        // A bit of the second one's length.
        bytes[15] ^= 1;
        assert_eq!(found(&bytes, true), [whole[0].clone(), (13, vec![]), whole[2].clone()]);
        assert_eq!(found(&bytes, false), [whole[0].clone(), (13, vec![])]);
        assert_eq!(found(&[], true), []);
    }

    #[test]
    fn zeros_are_no_frame_even_to_whoever_checks_nothing() {
        assert_eq!(decode(&[0; 64], false), None);
        assert_eq!(decode(&[0; 64], true), None);
        assert_eq!(next_after(&[0; 64], 0), None);
    }
}
