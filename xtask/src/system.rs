//! What this machine has: programs, a package manager, and the right to use it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step::Step;

/// Finds a program the way a shell would.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// What a program prints, if it runs and succeeds.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}

/// PATH with these folders in front.
pub(crate) fn path_with(folders: &[PathBuf]) -> Result<std::ffi::OsString> {
    let present = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&present));
    env::join_paths(all).context("a folder of the tools cannot be part of PATH")
}

/// Whether `apt-get install` would work: Debian itself, and as root. (Ubuntu's `chromium` package
/// is a stand-in for a snap, and it has no `rustc-web`.)
pub(crate) fn can_install_debian_packages() -> bool {
    let debian = fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"));
    debian
        && find_program("apt-get").is_some()
        && output_of(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs Debian packages, with fresh lists: a container's lists are often empty or old.
pub(crate) fn install_debian_packages(step: &Step, subject: &str, packages: &[&str]) -> Result<()> {
    if !can_install_debian_packages() {
        bail!("only root on Debian can install {}", packages.join(", "));
    }
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--yes");
        // Another installation on this machine is waited for, five minutes at most.
        command.args(["--option", "DPkg::Lock::Timeout=300"]);
        command
    };
    step.run(subject, "refreshing apt's package lists", apt_get().arg("update"))?;
    let doing = format!("installing {} by apt-get", packages.join(", "));
    let mut install = apt_get();
    step.run(subject, &doing, install.args(["install", "--no-install-recommends"]).args(packages))
}

/// Makes `link` point at `target`, whatever it pointed at before.
#[cfg(unix)]
pub(crate) fn link(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|present| present == target) {
        return Ok(());
    }
    if link.symlink_metadata().is_ok() {
        fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(target, link)
        .with_context(|| format!("{} cannot be linked", link.display()))
}

/// Only Debian's compiler needs links.
#[cfg(not(unix))]
pub(crate) fn link(_target: &Path, link: &Path) -> Result<()> {
    bail!("{} cannot be linked on this system", link.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(find_program("cargo").is_some());
        assert!(find_program("no-such-program").is_none());
    }

    #[test]
    fn given_folders_come_first() {
        let path = path_with(&[PathBuf::from("first")]).unwrap();
        assert_eq!(env::split_paths(&path).next(), Some(PathBuf::from("first")));
    }
}
