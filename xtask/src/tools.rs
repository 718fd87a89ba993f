//! Programs that cargo builds into the cache, one folder a version.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::step::Step;
use crate::system::output_of;
use crate::workspace;

/// A program to install from its source.
pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    programs: &'static [&'static str],
    minutes: u32,
}

/// Builds the page from `web/index.html`.
pub(crate) const TRUNK: Tool =
    Tool { package: "trunk", version: "0.21.14", programs: &["trunk"], minutes: 7 };

/// Writes the JavaScript between the page and WebAssembly: exactly the library's version.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.128",
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    minutes: 3,
};

impl Tool {
    /// Installs the tool if it is missing, and returns the folder of its programs.
    pub(crate) fn prepare(&self, step: &Step) -> Result<PathBuf> {
        let subject = format!("{} {}", self.package, self.version);
        let root =
            workspace::cache()?.join("tools").join(format!("{}-{}", self.package, self.version));
        let programs = root.join("bin");
        if self.works(&programs) {
            step.say(&format!("{subject}: ready"));
            return Ok(programs);
        }
        let _lock = workspace::lock_cache(step)?;
        if self.works(&programs) {
            return Ok(programs);
        }
        let building = workspace::cache()?.join("building").join(self.package);
        let mut install = Command::new("cargo");
        install
            .current_dir(workspace::cache()?)
            .args(["install", "--locked", "--force", "--root"])
            .arg(&root)
            .args(["--version", &format!("={}", self.version), self.package])
            // An interrupted installation goes on where it stopped.
            .env("CARGO_TARGET_DIR", &building);
        let doing = format!("building from source, about {} minutes", self.minutes);
        step.run(&subject, &doing, &mut install)?;
        if building.exists() {
            fs::remove_dir_all(&building)?;
        }
        Ok(programs)
    }

    /// Cargo puts programs in place one by one when all are built, so an interruption shows as a
    /// missing program.
    fn works(&self, programs: &std::path::Path) -> bool {
        self.programs.iter().all(|program| {
            let file = programs.join(format!("{program}{}", env::consts::EXE_SUFFIX));
            output_of(Command::new(file).arg("--version"))
                .is_some_and(|text| text.split_whitespace().any(|word| word == self.version))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_is_of_the_library_s_version() {
        let manifest = fs::read_to_string(workspace::root().join("Cargo.toml")).unwrap();
        let pin = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(manifest.contains(&pin), "Cargo.toml pins another wasm-bindgen than {pin}");
    }

    #[test]
    fn a_folder_without_the_programs_does_not_count() {
        assert!(!TRUNK.works(&env::temp_dir().join("no-such-folder")));
    }
}
