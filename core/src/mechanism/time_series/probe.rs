//! A thermometer, for series that look like real ones.
//!
//! It measures as a DS18B20 does: 12 bits, steps of 1/16 °C, cut off towards zero, so that just below
//! freezing it reads −0. The room wanders around its set point by up to 2/256 °C a reading and is drawn back
//! to it, the reading has noise of up to 8/256 °C, most often little; about one in a hundred readings
//! fails, and is a NaN that carries an error number. All is whole numbers until the last division, which
//! is exact.

/// Steps of the reckoning in one degree, and in one step of the reading.
const STEPS: (i32, i32) = (256, 16);

/// The bits of a NaN without an error number.
const NAN_BITS: u64 = 0x7ff8 << 48;

/// A thermometer in a room.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    set_point: i32,
    /// The room's temperature, in steps of the reckoning.
    truth: i32,
}

impl Probe {
    /// Puts one into a room of so many degrees.
    pub fn new(degrees: i16) -> Self {
        let truth = i32::from(degrees) * STEPS.0;
        Self { set_point: truth, truth }
    }

    /// Reads it; returns the bits of a double. `draw` gives one of `0..options`.
    pub fn read(&mut self, mut draw: impl FnMut(u64) -> u64) -> u64 {
        let mut around = |most: i32| {
            let drawn = draw(u64::from((2 * most + 1).unsigned_abs()));
            i32::try_from(drawn).unwrap_or_default() - most
        };
        self.truth += around(2) - (self.truth - self.set_point) / 64;
        let noise = around(4) + around(4);
        if draw(100) == 0 {
            return NAN_BITS | (1 + draw(4));
        }
        let reading = self.truth + noise;
        let steps = f64::from(reading.abs() / STEPS.1) / f64::from(STEPS.0 / STEPS.1);
        (if reading < 0 { -steps } else { steps }).to_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_sixteenths_and_keeps_the_sign_of_nothing() {
        assert_eq!(Probe::new(4).read(|options| options / 2), 4.0_f64.to_bits());
        // Drawn so that the room is at 2/256 °C below freezing, and that nothing is added.
        let mut draws = [0, 4, 4, 50].into_iter();
        let below = Probe::new(0).read(|_| draws.next().unwrap_or_default());
        assert_eq!(below, (-0.0_f64).to_bits());
        let mut draws = [2, 4, 4, 0, 3].into_iter();
        let failed = Probe::new(0).read(|_| draws.next().unwrap_or_default());
        assert_eq!(failed, 0x7ff8_0000_0000_0004);
    }
}
