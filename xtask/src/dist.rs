//! What Trunk leaves undone in `dist/`: the worker's files get names that change with their
//! contents, the gallery its catalogue, the lesson panel its sources. And what it all weighs.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use siphasher::sip::SipHasher13;

use crate::report::catalogue_for_page;
use crate::step::Step;
use crate::workspace;

/// `cargo xtask finish-dist`: the hook that Trunk runs before it puts the site in place.
pub(crate) fn finish() -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .context("finish-dist is for Trunk to call: TRUNK_STAGING_DIR is not set")?;
    let staging = Path::new(&staging);
    let build = env::var(BUILD).with_context(|| format!("{BUILD} is not set"))?;
    let engine = name_engine(staging)?;
    announce_engine(staging, &engine, &build)?;
    fs::write(staging.join("catalogue.json"), catalogue_for_page()?)?;
    for (from, to) in [("scenario", "sources"), ("mechanism", "sources/mechanism")] {
        let folder = workspace::root().join("core/src").join(from);
        if folder.is_dir() {
            copy_sources(&folder, &staging.join(to))?;
        }
    }
    Ok(())
}

/// The variable that tells the page, the engine and the hook which build they belong to. The page
/// and the engine compare theirs, since a browser may have kept a file of another build.
pub(crate) const BUILD: &str = "FAULTLINE_BUILD";

/// Names a build after the sources of its two modules, and after nothing else: a change to a style
/// sheet need not compile Rust anew.
pub(crate) fn build_name() -> Result<String> {
    let root = workspace::root();
    let mut files = vec![root.join("Cargo.lock")];
    for sources in ["core/src", "web/src"] {
        files.extend(files_in(&root.join(sources))?);
    }
    files.sort();
    let mut text = Vec::new();
    for file in files {
        text.extend_from_slice(file.strip_prefix(root)?.to_string_lossy().as_bytes());
        text.extend(fs::read(&file)?);
    }
    Ok(digest(&text))
}

/// The worker's two files, by the names they are served under.
#[derive(Debug, PartialEq, Eq)]
struct Engine {
    script: String,
    wasm: String,
}

/// Renames the worker's files after their contents. Trunk cannot: it leaves starting a worker, and
/// so the knowledge of its name, to the page.
fn name_engine(staging: &Path) -> Result<Engine> {
    let script_file = staging.join("engine.js");
    let wasm_file = staging.join("engine_bg.wasm");
    if !script_file.is_file() || !wasm_file.is_file() {
        bail!("trunk made no engine: web/index.html links the binary `engine` as a worker");
    }
    let wasm = format!("engine-{}_bg.wasm", digest(&fs::read(&wasm_file)?));
    let bindings = fs::read_to_string(&script_file)?;
    // The script is the worker: it loads its module itself, found beside it wherever that is. The
    // page hears of errors in a worker, not of rejected promises: a module that is missing must
    // become the former.
    let text = format!(
        "{bindings}\nwasm_bindgen({{ module_or_path: \"{wasm}\" }})\
         .catch((error) => setTimeout(() => {{ throw error; }}));\n"
    );
    let script = format!("engine-{}.js", digest(text.as_bytes()));
    fs::write(staging.join(&script), text)?;
    fs::remove_file(script_file)?;
    fs::rename(wasm_file, staging.join(&wasm))?;
    Ok(Engine { script, wasm })
}

/// Tells the page the engine's names and the build's, as data within the document: the page
/// starts its worker without asking the server for one more file.
fn announce_engine(staging: &Path, engine: &Engine, build: &str) -> Result<()> {
    let file = staging.join("index.html");
    let html = fs::read_to_string(&file)?;
    let names = json!({ "script": engine.script, "wasm": engine.wasm, "build": build });
    let element = format!(r#"<script type="application/json" id="engine">{names}</script>"#);
    let Some(end_of_head) = html.find("</head>") else {
        bail!("web/index.html has no </head> for the engine's names to stand before");
    };
    let (head, rest) = html.split_at(end_of_head);
    Ok(fs::write(file, format!("{head}{element}\n{rest}"))?)
}

fn digest(bytes: &[u8]) -> String {
    format!("{:016x}", SipHasher13::new().hash(bytes))
}

/// Copies the Rust files of a folder, and of the folders in it.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_sources(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// What a group of files weighs, as stored and as sent.
#[derive(Clone, Copy, Default)]
struct Weight {
    raw: u64,
    brotli: u64,
}

/// In the order printed.
const GROUPS: [&str; 6] =
    ["page WebAssembly", "engine WebAssembly", "JavaScript", "CSS", "HTML", "other"];

/// Prints raw and compressed sizes. What every visit downloads stands above "other".
pub(crate) fn print_sizes(step: &Step, dist: &Path) -> Result<()> {
    let mut groups = [Weight::default(); GROUPS.len()];
    for file in files_in(dist)? {
        let bytes = fs::read(&file)?;
        let weight = &mut groups[group_of(&file)];
        weight.raw += bytes.len() as u64;
        weight.brotli += brotli_size(&bytes)?;
    }
    step.say(&format!("{:<20} {:>9} {:>9}", "sizes in kB", "raw", "brotli"));
    let mut total = Weight::default();
    for (name, weight) in GROUPS.iter().zip(groups) {
        step.say(&size_line(name, weight));
        total.raw += weight.raw;
        total.brotli += weight.brotli;
    }
    step.say(&size_line("total", total));
    Ok(())
}

fn size_line(name: &str, weight: Weight) -> String {
    let kilobytes = |bytes: u64| format!("{}.{}", bytes / 1000, bytes % 1000 / 100);
    format!("{name:<20} {:>9} {:>9}", kilobytes(weight.raw), kilobytes(weight.brotli))
}

fn group_of(file: &Path) -> usize {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("wasm") if name.starts_with("engine-") => 1,
        Some("wasm") => 0,
        Some("js") => 2,
        Some("css") => 3,
        Some("html") => 4,
        _ => 5,
    }
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The size after the strongest compression, which is what a static host stores.
fn brotli_size(bytes: &[u8]) -> Result<u64> {
    let mut compressor = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    compressor.write_all(bytes)?;
    Ok(compressor.into_inner().len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staging(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("faultline-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("engine.js"), "let wasm_bindgen = () => {};").unwrap();
        fs::write(folder.join("engine_bg.wasm"), b"\0asm").unwrap();
        fs::write(folder.join("index.html"), "<html><head></head><body></body></html>").unwrap();
        folder
    }

    #[test]
    fn the_engine_is_named_after_its_contents_and_starts_itself() {
        let folder = staging("names");
        let engine = name_engine(&folder).unwrap();
        let script = fs::read_to_string(folder.join(&engine.script)).unwrap();
        assert!(script.contains(&engine.wasm));
        assert!(folder.join(&engine.wasm).is_file());
        assert!(!folder.join("engine.js").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_document_names_the_engine() {
        let folder = staging("document");
        let engine = Engine { script: "engine-1.js".into(), wasm: "engine-2_bg.wasm".into() };
        announce_engine(&folder, &engine, "b").unwrap();
        let html = fs::read_to_string(folder.join("index.html")).unwrap();
        let (_, rest) = html.split_once(r#"id="engine">"#).unwrap();
        let (names, _) = rest.split_once("</script>").unwrap();
        let names: serde_json::Value = serde_json::from_str(names).unwrap();
        assert_eq!(names["script"], "engine-1.js");
        assert_eq!(names["wasm"], "engine-2_bg.wasm");
        assert_eq!(names["build"], "b");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_site_without_an_engine_is_an_error() {
        let folder = staging("without");
        fs::remove_file(folder.join("engine.js")).unwrap();
        assert!(name_engine(&folder).is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn sizes_are_in_thousands_of_bytes() {
        let line = size_line("CSS", Weight { raw: 12_340, brotli: 999 });
        assert!(line.starts_with("CSS ") && line.ends_with("12.3       0.9"), "{line}");
    }

    #[test]
    fn compression_shrinks_what_repeats() {
        assert!(brotli_size(&[7; 10_000]).unwrap() < 100);
    }
}
