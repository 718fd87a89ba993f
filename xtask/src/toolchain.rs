//! Which compiler makes WebAssembly here: the one in use, when it has the target or rustup can add
//! it, and else Debian's.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::debian;
use crate::step::Step;
use crate::system::{find_program, output_of};
use crate::workspace;

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const SUBJECT: &str = "WebAssembly compiler";

/// A compiler for WebAssembly, as what a command needs to use it.
#[derive(Default)]
pub(crate) struct Toolchain {
    /// Folders to put first on PATH.
    pub(crate) path: Vec<PathBuf>,
    /// Where the target's standard library is, if not where the compiler looks by itself.
    pub(crate) sysroot: Option<PathBuf>,
}

impl Toolchain {
    /// Finds a compiler, or installs one: a target that is there, then rustup, then Debian.
    pub(crate) fn prepare(step: &Step) -> Result<Self> {
        if let Some(found) = Self::find(step)? {
            return Ok(found);
        }
        let _lock = workspace::lock_cache(step)?;
        if let Some(found) = Self::find(step)? {
            return Ok(found);
        }
        let without_rustup = match add_target(step) {
            Ok(()) => return Ok(Self::default()),
            Err(reason) => format!("{reason:#}"),
        };
        step.say(&format!("{SUBJECT}: {without_rustup}, so trying Debian's rustc-web"));
        match debian::Compiler::install(step, SUBJECT) {
            Ok(compiler) => compiler.toolchain(),
            Err(reason) => bail!(
                "nothing here compiles to WebAssembly: {without_rustup}, and {reason:#}; get Rust \
                 from https://rustup.rs with a connection, or on Debian run this once as root"
            ),
        }
    }

    /// A compiler that needs nothing more.
    fn find(step: &Step) -> Result<Option<Self>> {
        if present_compiler_has_target() {
            step.say(&format!("{SUBJECT}: the Rust in use has the {TARGET} target"));
            return Ok(Some(Self::default()));
        }
        let Some(compiler) = debian::Compiler::find() else { return Ok(None) };
        if !compiler.has_standard_library()? {
            return Ok(None);
        }
        step.say(&format!(
            "{SUBJECT}: Debian's rustc {}, whose standard library is in the cache",
            compiler.version()
        ));
        compiler.toolchain().map(Some)
    }

    /// The compiler's flags, separated as cargo wants them.
    fn flags(&self) -> Result<OsString> {
        // Messages of panics name source files: by names that are the same on every machine, and short.
        // Panics name source files: by names that are the same on every machine, and short.
        let remap = |folder: PathBuf, name| flag("--remap-path-prefix=", folder, name);
        let mut flags = vec![
            remap(workspace::root().to_owned(), "="),
            remap(workspace::registry()?, "=crates"),
        ];
        flags.extend(self.sysroot.clone().map(|sysroot| flag("--sysroot=", sysroot, "")));
        Ok(flags.join(OsStr::new("\x1f")))
    }

    /// A command that compiles with this compiler, in the target folder kept for it.
    pub(crate) fn command(&self, program: &str, more_path: &[PathBuf]) -> Result<Command> {
        let folders = [&self.path, more_path].concat();
        let mut command = Command::new(program);
        command
            .current_dir(workspace::root())
            .env("PATH", crate::system::path_with(&folders)?)
            .env("CARGO_TARGET_DIR", workspace::wasm_target()?)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags()?)
            // `cargo run` points this at its own compiler's libraries.
            .env_remove("LD_LIBRARY_PATH");
        Ok(command)
    }
}

fn flag(name: &str, folder: PathBuf, rest: &str) -> OsString {
    let mut flag = OsString::from(name);
    flag.push(folder);
    flag.push(rest);
    flag
}

fn present_compiler_has_target() -> bool {
    let mut rustc = Command::new("rustc");
    output_of(rustc.args(["--print", "target-libdir", "--target", TARGET]))
        .and_then(|folder| fs::read_dir(folder).ok())
        .is_some_and(|mut files| {
            files.any(|file| {
                file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
            })
        })
}

fn add_target(step: &Step) -> Result<()> {
    if find_program("rustup").is_none() {
        bail!("there is no rustup");
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    // Where nothing can be downloaded, another route waits: one more attempt is enough.
    command.env("RUSTUP_MAX_RETRIES", "1").env_remove("RUST_BACKTRACE");
    let added =
        step.attempt(SUBJECT, &format!("asking rustup for the {TARGET} target"), &mut command)?;
    if !added {
        bail!("rustup cannot download the {TARGET} target");
    }
    if !present_compiler_has_target() {
        bail!("rustup added the {TARGET} target to another Rust than the one in use");
    }
    step.say(&format!("{SUBJECT}: the Rust in use, to which rustup added the {TARGET} target"));
    Ok(())
}
