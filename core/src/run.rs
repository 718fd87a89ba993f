//! A run: setup, actions and checkpoints.

/// Goes up whenever the kernel makes another run of the same inputs.
pub const KERNEL_REVISION: u32 = 1;
