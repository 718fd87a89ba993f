//! Compression: what was written is read, to the bit.

use proptest::prelude::*;

use super::super::gorilla::{Decoder, Encoder, FIRST_DELTA_BITS, Outside, Point, decode};
use super::super::{OpenShard, SealedShard, Settings};
use crate::sim::{FileSystem as _, Files};

fn encoded(start: u64, points: &[Point]) -> Encoder {
    let mut encoder = Encoder::new(start);
    for point in points {
        encoder.push(*point).expect("it is near the start");
    }
    encoder
}

/// Bits that look like anything: doubles of all kinds, and any bits at all.
fn bits() -> impl Strategy<Value = u64> {
    let special =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MIN_POSITIVE, 5e-324];
    prop_oneof![
        any::<u64>(),
        prop::num::f64::ANY.prop_map(f64::to_bits),
        prop::sample::select(special.map(f64::to_bits).to_vec()),
        (0..40_u32).prop_map(|it| f64::from(it).to_bits()),
        (0..64_u32).prop_map(|it| 1 << it),
    ]
}

/// Figure 2 of the paper: a block from 2 o'clock on, and readings at 02:01:02, 02:02:02 and 02:03:02.
#[test]
fn the_paper_s_example_has_the_paper_s_bits() {
    let start = 7_200;
    let mut encoder = Encoder::new(start);
    let mut lengths = Vec::new();
    let mut before = encoder.len_bits();
    for (after, value) in [(62, 12.0), (122, 12.0), (182, 24.0)] {
        encoder.push(Point::new(start + after, value)).expect("it is near");
        lengths.push(encoder.len_bits() - before);
        before = encoder.len_bits();
    }
    // 14 and 64 bits; '10' and −2 in 7, and '0'; '0', and '11' with 5 + 6 bits and one meaningful.
    assert_eq!(lengths, [14 + 64, 9 + 1, 1 + 14]);
    let bits =
        encoder.bytes()[8..].iter().fold(String::new(), |bits, it| bits + &format!("{it:08b}"));
    let value = format!("{:064b}", 12.0_f64.to_bits());
    let expected = format!("{:014b}{value}10{:07b}0", 62, -2_i8 & 0x7f)
        + "0"
        + "11"
        + "01011"
        + "000001"
        + "1";
    assert_eq!(&bits[..expected.len()], expected);
}

#[test]
fn every_range_of_a_delta_of_delta_has_the_paper_s_length() {
    let cases = [
        (0, 1),
        (-1, 9),
        (-63, 9),
        (64, 9),
        (-64, 12),
        (65, 12),
        (-255, 12),
        (256, 12),
        (-256, 16),
        (257, 16),
        (-2_047, 16),
        (2_048, 16),
        (-2_048, 36),
        (2_049, 36),
    ];
    for (delta_of_delta, length) in cases {
        let mut encoder = encoded(0, &[Point::new(3_000, 1.0)]);
        let before = encoder.len_bits();
        let at = 6_000_u64.saturating_add_signed(delta_of_delta);
        encoder.push(Point::new(at, 1.0)).expect("it is near");
        assert_eq!(encoder.len_bits() - before, length + 1, "{delta_of_delta}");
        let read = decode(encoder.bytes(), 2).expect("it is whole");
        assert_eq!(read[1].at, at, "{delta_of_delta}");
    }
}

#[test]
fn a_time_that_is_far_away_is_refused() {
    let mut encoder = Encoder::new(1_000);
    assert_eq!(encoder.push(Point::new(999, 0.0)), Err(Outside));
    assert_eq!(encoder.push(Point::new(1_000 + (1 << FIRST_DELTA_BITS), 0.0)), Err(Outside));
    assert_eq!(encoder.points(), 0);
}

proptest! {
    /// In whatever order they come.
    #[test]
    fn a_block_gives_back_every_bit(
        start in any::<u64>(),
        points in prop::collection::vec((0..1_u64 << FIRST_DELTA_BITS, bits()), 0..200),
    ) {
        let points: Vec<Point> = points
            .into_iter()
            .filter_map(|(after, bits)| Some(Point { at: start.checked_add(after)?, bits }))
            .collect();
        let encoder = encoded(start, &points);
        prop_assert_eq!(decode(encoder.bytes(), encoder.points()), Some(points));
    }

    /// Any times of 64 bits, shared out to the shards that have them.
    #[test]
    fn shards_give_back_every_point(
        points in prop::collection::btree_map(
            prop_oneof![any::<u64>(), 0..40_000_u64],
            bits(),
            1..60,
        ),
    ) {
        let settings = Settings::default();
        let mut disk = Files::default();
        let mut shards = std::collections::BTreeMap::<u64, OpenShard>::new();
        for (at, bits) in &points {
            let shard = shards.entry(settings.shard_of(*at)).or_default();
            shard.insert(&settings, 3, Point { at: *at, bits: *bits }, *at);
        }
        let mut found = Vec::new();
        for (number, young) in &shards {
            let (sealed, bytes) = SealedShard::seal(&settings, *number, young);
            let file = disk.create(&super::super::shard::file_name(*number)).expect("it is new");
            disk.write_at(file, 0, &bytes).expect("there is room");
            let opened = SealedShard::open(&disk, *number, true).expect("it is whole");
            prop_assert_eq!(&opened, &sealed);
            found.extend(opened.read(&disk, 3, true).expect("it is whole"));
        }
        let points: Vec<Point> = points.iter().map(|(at, bits)| Point { at: *at, bits: *bits }).collect();
        prop_assert_eq!(found, points);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        points in any::<u32>(),
    ) {
        if let Some(decoder) = Decoder::new(&bytes, points) {
            prop_assert!(decoder.count() <= 8 * bytes.len());
        }
    }
}
