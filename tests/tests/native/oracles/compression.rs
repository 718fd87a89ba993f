//! Compression of time series against the paper: Pelkonen et al. 2015, “Gorilla: A Fast, Scalable, In-Memory
//! Time Series Database” (VLDB 8(12)), sections 4.1.1 and 4.1.2. The encoder is the one that seals shards;
//! what it wrote is read here by the paper's rules, not by its own decoder.

use faultline_core::mechanism::time_series::Point;
use faultline_core::mechanism::time_series::bits::BitReader;
use faultline_core::mechanism::time_series::gorilla::{Encoder, decode};
use faultline_core::mechanism::time_series::probe::Probe;

/// Seconds of a block, and between two points.
const BLOCK: u64 = 7_200;
const STEP: u64 = 60;

fn encoded(start: u64, points: &[Point]) -> Encoder {
    let mut encoder = Encoder::new(start);
    for point in points {
        encoder.push(*point).expect("it is within two hours");
    }
    encoder
}

fn steady(values: &[f64]) -> Encoder {
    let points: Vec<Point> =
        values.iter().zip(1..).map(|(value, nth)| Point::new(nth * STEP, *value)).collect();
    encoded(0, &points)
}

/// Section 4.1.2, figure 4: the XORs of doubles with many values in common, exact.
#[test]
fn xors_of_neighbours_are_the_paper_s() {
    let encoder = steady(&[15.5, 14.0625, 3.25, 8.625, 13.1]);
    let mut bits = BitReader::new(encoder.bytes());
    // The header, the first time and the first value are written in full.
    bits.next(64).expect("when it begins");
    assert_eq!(bits.next(14), Some(STEP));
    assert_eq!(bits.next(64), Some(15.5_f64.to_bits()));
    let mut meaningful = (0, 0);
    let mut xors = Vec::new();
    for _ in 1..encoder.points() {
        assert_eq!(bits.next(1), Some(0), "the step is the same");
        assert_eq!(bits.next(1), Some(1), "the value is not");
        if bits.next(1) == Some(1) {
            let leading = bits.next(5).expect("leading zeros");
            meaningful = (leading, bits.next(6).expect("how many mean something"));
        }
        let (leading, count) = meaningful;
        let xor = bits.next(u32::try_from(count).expect("at most 64")).expect("those");
        xors.push(xor << (64 - leading - count));
    }
    let expected: [u64; 4] = [
        0x0003_2000_0000_0000,
        0x0026_2000_0000_0000,
        0x002b_4000_0000_0000,
        0x000b_7333_3333_3333,
    ];
    assert_eq!(xors, expected);
    assert_eq!(bits.at_bit(), encoder.len_bits());
}

/// A constant series at a fixed step, exact: 64 bits of header, 14 and 64 of the first point, and two for
/// each of the other 119.
#[test]
fn a_constant_series_takes_two_bits_a_point() {
    assert_eq!(steady(&[12.0; 120]).len_bits(), 380);
}

/// Figure 3: the paper's own data took 1.37 bytes a point in blocks of two hours. This is another series,
/// so only the shape is compared: between 1 and 2.5. It is a day of a thermometer in steps of 1/16 °C,
/// read once a minute, one reading in forty a second late, whose room wanders about 4 °C and whose noise
/// is a few hundredths; about one reading in a hundred fails and is a NaN with a number.
#[test]
fn a_reading_of_a_real_looking_series_takes_one_to_two_and_a_half_bytes() {
    let mut state = 1_u64;
    let mut draw = move |options: u64| {
        // SplitMix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % options
    };
    let mut probe = Probe::new(4);
    let (mut bits, mut points) = (0, 0);
    for block in 0..12 {
        let start = block * BLOCK;
        let read: Vec<Point> = (0..BLOCK / STEP)
            .map(|nth| {
                let late = u64::from(draw(40) == 0);
                Point { at: start + nth * STEP + late, bits: probe.read(&mut draw) }
            })
            .collect();
        let encoder = encoded(start, &read);
        assert_eq!(decode(encoder.bytes(), encoder.points()), Some(read));
        bits += encoder.len_bits();
        points += u64::from(encoder.points());
    }
    let hundredths = bits * 100 / 8 / points;
    eprintln!("{}.{:02} bytes a reading", hundredths / 100, hundredths % 100);
    assert!((100..=250).contains(&hundredths), "{hundredths} hundredths of a byte");
}
