//! Debian's compiler for WebAssembly. Debian ships it with the standard library's source instead
//! of a compiled one, so the library is compiled once, into the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step::Step;
use crate::system::{find_program, install_debian_packages, link, output_of};
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace;

/// What apt installs for this route.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LIBRARIES: &str = "/usr/lib/rustlib";

/// Debian's installed compiler, known by what `rustc -vV` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compiler {
    version: String,
    commit: String,
    host: String,
    llvm: String,
}

impl Compiler {
    /// The installed compiler, if it comes with its standard library's source.
    pub(crate) fn find() -> Option<Self> {
        let source = Path::new(LIBRARIES).join("src/rust/library/std/Cargo.toml");
        if !Path::new(CARGO).is_file() || !source.is_file() {
            return None;
        }
        let compiler = Self::parse(&output_of(Command::new(RUSTC).arg("-vV"))?)?;
        compiler.is_new_enough().then_some(compiler)
    }

    /// Installs what is missing: packages, a linker, a compiled standard library.
    pub(crate) fn install(step: &Step, subject: &str) -> Result<Self> {
        let compiler = if let Some(compiler) = Self::find() {
            compiler
        } else {
            install_debian_packages(step, subject, &PACKAGES)?;
            Self::find().with_context(|| {
                let oldest = env!("CARGO_PKG_RUST_VERSION");
                format!("Debian's rustc-web is older than the {oldest} that is needed")
            })?
        };
        if compiler.linker().is_none() {
            install_debian_packages(step, subject, &[&compiler.linker_package()])?;
        }
        if !compiler.has_standard_library()? {
            compiler.build_standard_library(step)?;
        }
        Ok(compiler)
    }

    /// Its version, such as 1.96.0.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Whether the cache has this compiler's standard library. The folder gets its name when
    /// everything is in it, so half a library is never taken for a whole one.
    pub(crate) fn has_standard_library(&self) -> Result<bool> {
        Ok(self.sysroot()?.is_dir() && self.linker().is_some())
    }

    /// How a command uses this compiler.
    pub(crate) fn toolchain(&self) -> Result<Toolchain> {
        let sysroot = self.sysroot()?;
        self.link_linker(&sysroot)?;
        // Trunk calls whatever `cargo` comes first on PATH, and cargo whatever `rustc`.
        let programs = workspace::cache()?.join("debian-rust");
        fs::create_dir_all(&programs)?;
        link(Path::new(CARGO), &programs.join("cargo"))?;
        link(Path::new(RUSTC), &programs.join("rustc"))?;
        Ok(Toolchain { path: vec![programs], sysroot: Some(sysroot) })
    }

    fn parse(verbose_version: &str) -> Option<Self> {
        let field = |name: &str| {
            verbose_version.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
        };
        Some(Self {
            version: field("release:")?.to_owned(),
            commit: field("commit-hash:")?.chars().take(9).collect(),
            host: field("host:")?.to_owned(),
            llvm: field("LLVM version:")?.split('.').next()?.to_owned(),
        })
    }

    fn is_new_enough(&self) -> bool {
        let parts = |version: &str| -> Vec<u32> {
            version.split('.').map_while(|part| part.parse().ok()).collect()
        };
        parts(&self.version) >= parts(env!("CARGO_PKG_RUST_VERSION"))
    }

    fn sysroot(&self) -> Result<PathBuf> {
        Ok(workspace::cache()?.join(format!("sysroot-{}-{}", self.version, self.commit)))
    }

    fn linker_package(&self) -> String {
        format!("lld-{}", self.llvm)
    }

    /// LLVM's linker: rustup's compiler brings one, and Debian has it as a package.
    fn linker(&self) -> Option<PathBuf> {
        let beside =
            |sysroot: &Path| sysroot.join("lib/rustlib").join(&self.host).join("bin/rust-lld");
        let in_use = output_of(Command::new("rustc").args(["--print", "sysroot"]))
            .map(|sysroot| beside(Path::new(&sysroot)));
        let packaged = PathBuf::from(format!("/usr/lib/llvm-{}/bin/lld", self.llvm));
        in_use
            .into_iter()
            .chain([beside(Path::new("/usr")), packaged])
            .find(|linker| linker.is_file())
            .or_else(|| find_program("rust-lld"))
    }

    /// Done before every use: the compiler that lent its linker may have been updated since.
    fn link_linker(&self, sysroot: &Path) -> Result<()> {
        let linker = self.linker().with_context(|| {
            format!("no WebAssembly linker: install Debian's {}", self.linker_package())
        })?;
        let folder = sysroot.join("lib/rustlib").join(&self.host).join("bin");
        fs::create_dir_all(&folder)?;
        link(&linker, &folder.join("rust-lld"))
    }

    fn build_standard_library(&self, step: &Step) -> Result<()> {
        let seed = workspace::cache()?.join("building/standard-library");
        fs::create_dir_all(seed.join("src"))?;
        fs::write(seed.join("Cargo.toml"), SEED)?;
        fs::write(seed.join("src/lib.rs"), "//! Nothing: only what it is built with matters.\n")?;
        let mut build = Command::new(CARGO);
        build
            .current_dir(&seed)
            .args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET])
            .env("RUSTC", RUSTC)
            // The packaged cargo is a stable one; building std is still behind this door.
            .env("RUSTC_BOOTSTRAP", "1")
            // Without bitcode, link-time optimisation cannot look into the library.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env("CARGO_TARGET_DIR", seed.join("target"))
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("LD_LIBRARY_PATH");
        let subject = format!("standard library for Debian's rustc {}", self.version);
        step.run(&subject, "compiling, about 2 minutes", &mut build)?;
        self.assemble_sysroot(&seed.join("target").join(TARGET).join("release/deps"))?;
        fs::remove_dir_all(&seed).context("the standard library's build folder cannot be removed")
    }

    fn assemble_sysroot(&self, built: &Path) -> Result<()> {
        let sysroot = self.sysroot()?;
        let partial = workspace::cache()?.join("building/sysroot");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        let libraries = partial.join("lib/rustlib").join(TARGET).join("lib");
        let host = partial.join("lib/rustlib").join(&self.host);
        fs::create_dir_all(&libraries)?;
        fs::create_dir_all(&host)?;
        let mut copied = 0;
        for file in fs::read_dir(built)? {
            let file = file?.path();
            let (Some(name), Some("rlib")) =
                (file.file_name(), file.extension().and_then(|extension| extension.to_str()))
            else {
                continue;
            };
            if !name.to_string_lossy().starts_with("libseed-") {
                fs::copy(&file, libraries.join(name))?;
                copied += 1;
            }
        }
        if copied == 0 {
            bail!("compiling the standard library left no library in {}", built.display());
        }
        link(&Path::new(LIBRARIES).join(&self.host).join("lib"), &host.join("lib"))?;
        fs::rename(&partial, &sysroot)
            .with_context(|| format!("{} cannot be put in place", sysroot.display()))
    }
}

/// An empty package: `-Zbuild-std` builds the library for something.
const SEED: &str = r#"[package]
name = "seed"
version = "0.0.0"
edition = "2024"

[workspace]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const VERBOSE_VERSION: &str =
        "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)
binary: rustc
commit-hash: ac68faa20c58cbccd01ee7208bf3b6e93a7d7f96
commit-date: 2026-05-25
host: x86_64-unknown-linux-gnu
release: 1.96.0
LLVM version: 22.1.8
";

    #[test]
    fn a_compiler_is_known_by_its_verbose_version() {
        let compiler = Compiler::parse(VERBOSE_VERSION).unwrap();
        assert_eq!(compiler.version(), "1.96.0");
        assert_eq!(compiler.commit, "ac68faa20");
        assert_eq!(compiler.host, "x86_64-unknown-linux-gnu");
        assert_eq!(compiler.linker_package(), "lld-22");
        assert!(compiler.is_new_enough());
        assert_eq!(Compiler::parse("rustc 1.96.0"), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        let mut compiler = Compiler::parse(VERBOSE_VERSION).unwrap();
        compiler.version = "1.100.0".to_owned();
        assert!(compiler.is_new_enough());
        compiler.version = "1.85.0".to_owned();
        assert!(!compiler.is_new_enough());
    }
}
