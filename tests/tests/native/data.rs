//! Data made elsewhere, which the project does not hold.

use std::path::{Path, PathBuf};

/// Returns a folder of it, if it is there.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("FAULTLINE_DATA").map_or_else(beside, PathBuf::from).join(name);
    if !folder.is_dir() {
        eprintln!("skipped: no data (FAULTLINE_DATA names the folder)");
        return None;
    }
    Some(folder)
}
