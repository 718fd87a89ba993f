//! `build`: makes `dist/`, a static site that works under any path.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::dist;
use crate::step::{Step, Steps};
use crate::toolchain::{TARGET, Toolchain};
use crate::tools::{TRUNK, WASM_BINDGEN};
use crate::workspace;

/// How many steps [`page`] takes.
pub(crate) const STEPS: usize = 4;

/// `cargo xtask build`: the page, and what it weighs.
pub(crate) fn main() -> Result<()> {
    let mut steps = Steps::new(STEPS + 1);
    let dist = page(|| steps.begin())?;
    dist::print_sizes(&steps.begin(), &dist)
}

/// Installs what is missing, builds the page and returns its folder.
pub(crate) fn page(mut next_step: impl FnMut() -> Step) -> Result<PathBuf> {
    let toolchain = Toolchain::prepare(&next_step())?;
    let trunk = TRUNK.prepare(&next_step())?;
    let wasm_bindgen = WASM_BINDGEN.prepare(&next_step())?;
    let step = next_step();
    let _lock = workspace::lock_site(&step)?;
    // Trunk's hook is this very program, found under its name.
    let this_program = env::current_exe()?;
    let this_folder = this_program.parent().context("this program has no folder")?.to_owned();
    let path = [trunk, wasm_bindgen, this_folder];
    let build = dist::build_name()?;

    // Trunk would compile the two binaries one after the other and never downloads a crate;
    // after this it finds both done.
    let mut cargo = toolchain.command("cargo", &path)?;
    cargo.args(["build", "--package", "faultline-web", "--bins"]);
    cargo.args(["--target", TARGET, "--profile", "web"]).env(dist::BUILD, &build);
    step.run("page and engine", "compiling, about 3 minutes the first time", &mut cargo)?;

    let mut trunk = toolchain.command("trunk", &path)?;
    trunk.args(["build", "--skip-version-check"]).env(dist::BUILD, &build);
    // Trunk reads this variable as a yes or a no, and stops at the customary 1.
    trunk.env_remove("NO_COLOR");
    step.run("site", "assembling", &mut trunk)?;
    Ok(workspace::dist())
}
