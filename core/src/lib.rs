//! Faultline's core: real state machines that exchange messages in a simulated world, stepped one
//! event at a time and judged by checkers.
//!
//! No I/O, no clock, no thread, no randomness of its own, nothing of a browser: a run is a function
//! of its inputs, to the bit, natively and in WASM.
//!
//! - [`sim`]: the kernel; [`run`]: a run with checkpoints; [`link`]: a run as text.
//! - [`mechanism`]: algorithms that several scenarios share.
//! - [`scenario`]: one file a row of the catalogue; [`check`]: search and shrinking.
//! - [`durable`]: storage engines outside a world, on whatever files there are.
//! - [`order`]: sorting in few bytes.
//! - [`view`]: what the screen may know; [`summary`]: many readings in few numbers; [`witness`]: what
//!   clients asked and were told.

pub mod check;
pub mod drive;
pub mod durable;
pub mod export;
pub mod link;
pub mod mechanism;
pub mod order;
pub mod run;
pub mod scenario;
pub mod sim;
pub mod summary;
pub mod view;
pub mod why;
pub mod witness;
