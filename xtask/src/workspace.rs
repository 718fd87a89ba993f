//! Where things are: this checkout, and a cache beside no checkout that all of them share.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::Step;

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The static site that `build` makes.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's output.
pub(crate) fn target() -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    Ok(path::absolute(target)?)
}

/// Cargo's output for WebAssembly. It has a folder of its own because another compiler may write
/// there, and two compilers in one target folder rebuild each other's work for ever.
pub(crate) fn wasm_target() -> Result<PathBuf> {
    Ok(target()?.join("wasm"))
}

/// Where cargo unpacks what it downloads.
pub(crate) fn registry() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let cargo = cargo.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    Ok(cargo.context("no home folder is known: set HOME or CARGO_HOME")?.join("registry/src"))
}

/// What takes minutes to make and outlives a checkout: tools and a standard library.
pub(crate) fn cache() -> Result<PathBuf> {
    let folder = user_cache(|name| env::var_os(name).filter(|value| !value.is_empty()))
        .context("no folder for caches is known: set HOME (on Windows LOCALAPPDATA)")?
        .join("faultline");
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be created", folder.display()))?;
    Ok(folder)
}

fn user_cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let home = || variable("HOME").map(PathBuf::from);
    if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        // The standard says that a relative XDG_CACHE_HOME is to be ignored.
        let named = variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| home().map(|home| home.join(".cache")))
    }
}

/// Holds the cache while something is put into it: two first runs side by side must not install
/// the same thing twice. Released when the file is dropped; look again for what was missing, since
/// the other may have brought it.
pub(crate) fn lock_cache(step: &Step) -> Result<File> {
    lock(&cache()?, step)
}

/// Holds this checkout's site while it is made: Trunk assembles it in one folder.
pub(crate) fn lock_site(step: &Step) -> Result<File> {
    let folder = wasm_target()?;
    fs::create_dir_all(&folder)?;
    lock(&folder, step)
}

fn lock(folder: &Path, step: &Step) -> Result<File> {
    let file = File::create(folder.join("lock"))?;
    if file.try_lock().is_err() {
        step.say("waiting for another xtask …");
        file.lock()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_follows_the_base_directory_standard() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/ada"));
        assert_eq!(user_cache(home), Some(PathBuf::from("/home/ada/.cache")));
        assert_eq!(user_cache(|_| Some("/caches".into())), Some(PathBuf::from("/caches")));
        assert_eq!(user_cache(|_| Some("relative".into())), Some("relative/.cache".into()));
        assert_eq!(user_cache(|_| None), None);
    }
}
