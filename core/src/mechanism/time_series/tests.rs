//! The codec against any bits, and the store against a map and every crash.

mod codec;
mod crashes;
mod harness;
mod workload;
