//! Helpers of the catalogue-wide suites.
