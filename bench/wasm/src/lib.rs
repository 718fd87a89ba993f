//! The workloads as a WebAssembly module: one exported function that takes and returns numbers, so
//! that it needs no bindings. Whoever calls it measures the time.

use faultline_bench_workloads::WORKLOADS;

/// Does `amount` of the workload at this place of the list and returns how much was done; nothing if
/// there is no such workload.
#[expect(unsafe_code, reason = "an exported function needs a name that nothing else has")]
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
#[unsafe(no_mangle)]
pub extern "C" fn work(place: usize, amount: u32) -> f64 {
    WORKLOADS.get(place).map_or(0, |workload| (workload.work)(amount.into())) as f64
}
