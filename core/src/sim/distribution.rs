//! How long things take: the distributions from which latencies, services and pauses are drawn.

use std::f64::consts::PI;

use super::Stream;

/// A distribution of durations, in whole microseconds. Parameters are integers, so that a setup is
/// the same on every machine; samples are computed with `+ − × ÷ √` and `libm` alone, so that they
/// are the same natively and in WASM.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Always the same.
    Constant(u64),
    /// Every value in the range is as likely as any other.
    Uniform {
        /// Least.
        low_us: u64,
        /// Most.
        high_us: u64,
    },
    /// Memoryless: the time between calls that come at a steady rate, independently.
    Exponential {
        /// Its mean.
        mean_us: u64,
    },
    /// The bell curve, cut off at zero.
    Normal {
        /// Its mean, before the cut.
        mean_us: u64,
        /// Its standard deviation.
        deviation_us: u64,
    },
    /// The logarithm is normal: a long tail, as measured on many networks.
    LogNormal {
        /// Half of all samples are below.
        median_us: u64,
        /// The standard deviation of the logarithm, in hundredths.
        sigma_percent: u32,
    },
    /// A power law: the tail is so long that with a shape of 1 or less there is no mean.
    Pareto {
        /// Least.
        least_us: u64,
        /// The exponent of the tail, in hundredths: smaller is heavier.
        shape_percent: u32,
    },
}

impl Default for Distribution {
    fn default() -> Self {
        Self::Constant(0)
    }
}

impl Distribution {
    /// Draws a duration from `stream`. A constant draws nothing.
    pub fn sample_us(&self, stream: &mut Stream) -> u64 {
        match *self {
            Self::Constant(us) => us,
            Self::Uniform { low_us, high_us } => stream.range(low_us, high_us),
            Self::Exponential { mean_us } => rounded(-real(mean_us) * libm::log(stream.unit())),
            Self::Normal { mean_us, deviation_us } => {
                rounded(real(mean_us) + real(deviation_us) * standard_normal(stream))
            }
            Self::LogNormal { median_us, sigma_percent } => {
                let sigma = f64::from(sigma_percent) / 100.0;
                rounded(real(median_us) * libm::exp(sigma * standard_normal(stream)))
            }
            Self::Pareto { least_us, shape_percent } => {
                let shape = f64::from(shape_percent.max(1)) / 100.0;
                rounded(real(least_us) * libm::exp(-libm::log(stream.unit()) / shape))
            }
        }
    }

    /// Returns the least that can be drawn.
    pub fn least_us(&self) -> u64 {
        match *self {
            Self::Constant(us) => us,
            Self::Uniform { low_us, .. } => low_us,
            Self::Pareto { least_us, .. } => least_us,
            Self::Exponential { .. } | Self::Normal { .. } | Self::LogNormal { .. } => 0,
        }
    }

    /// Returns the most that can be drawn, if there is a bound.
    pub fn most_us(&self) -> Option<u64> {
        match *self {
            Self::Constant(us) => Some(us),
            Self::Uniform { high_us, .. } => Some(high_us),
            Self::Exponential { .. }
            | Self::Normal { .. }
            | Self::LogNormal { .. }
            | Self::Pareto { .. } => None,
        }
    }
}

/// Box & Muller 1958, "A Note on the Generation of Random Normal Deviates".
fn standard_normal(stream: &mut Stream) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(stream.unit()));
    radius * libm::cos(2.0 * PI * stream.unit())
}

#[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^53 microseconds")]
fn real(us: u64) -> f64 {
    us as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates: below zero is zero, and infinity is later than any run goes on"
)]
fn rounded(us: f64) -> u64 {
    libm::round(us) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and standard deviation of a hundred thousand samples.
    fn moments(distribution: Distribution) -> (f64, f64) {
        let mut stream = Stream::new(7, "moments");
        let samples: Vec<f64> =
            (0..100_000).map(|_| real(distribution.sample_us(&mut stream))).collect();
        let mean = samples.iter().sum::<f64>() / 1e5;
        let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        (mean, libm::sqrt(variance))
    }

    fn is_near(found: f64, expected: f64, tolerance: f64) -> bool {
        libm::fabs(found - expected) <= tolerance * expected
    }

    /// The moments are those of the textbooks.
    #[test]
    fn samples_have_the_moments_of_their_distribution() {
        let check = |distribution, mean, deviation, tolerance| {
            let (found_mean, found_deviation) = moments(distribution);
            assert!(is_near(found_mean, mean, tolerance), "{distribution:?}: mean {found_mean}");
            assert!(
                is_near(found_deviation, deviation, tolerance),
                "{distribution:?}: deviation {found_deviation}"
            );
        };
        let width = 6_001.0;
        let uniform = Distribution::Uniform { low_us: 2_000, high_us: 8_000 };
        check(uniform, 5_000.0, libm::sqrt((width * width - 1.0) / 12.0), 0.01);
        check(Distribution::Exponential { mean_us: 5_000 }, 5_000.0, 5_000.0, 0.02);
        let normal = Distribution::Normal { mean_us: 50_000, deviation_us: 4_000 };
        check(normal, 50_000.0, 4_000.0, 0.02);
        let median: f64 = 10_000.0;
        let (mean, spread) = (median * libm::exp(0.125), libm::sqrt(libm::exp(0.25) - 1.0));
        let log_normal = Distribution::LogNormal { median_us: 10_000, sigma_percent: 50 };
        check(log_normal, mean, mean * spread, 0.03);
        // Shape 4: mean 4/3 of the least; deviation least · √(4 / (9 · 2)).
        let pareto = Distribution::Pareto { least_us: 9_000, shape_percent: 400 };
        check(pareto, 12_000.0, 9_000.0 * libm::sqrt(4.0 / 18.0), 0.06);
    }

    #[test]
    fn no_sample_leaves_the_bounds() {
        let mut stream = Stream::new(3, "bounds");
        for distribution in [
            Distribution::Constant(5),
            Distribution::Uniform { low_us: 5, high_us: 9 },
            Distribution::Normal { mean_us: 5, deviation_us: 50 },
            Distribution::Pareto { least_us: 100, shape_percent: 1 },
        ] {
            for _ in 0..10_000 {
                let us = distribution.sample_us(&mut stream);
                assert!(us >= distribution.least_us());
                assert!(distribution.most_us().is_none_or(|most_us| us <= most_us));
            }
        }
    }
}
