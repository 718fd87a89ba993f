//! Rules of the house that no compiler knows.

use std::fs;
use std::path::{Path, PathBuf};

/// A file longer than this is two files.
const LONGEST: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// Returns the files under a folder whose names end so, with their texts.
fn files(folder: &str, extensions: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut |path| {
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        if extensions.contains(&extension) {
            let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
            found.push((name, fs::read_to_string(path).expect("sources are text")));
        }
    });
    found.sort();
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if !path.is_dir() {
            visit(&path);
        } else if !["target", "dist", "node_modules"].contains(&name) && !name.starts_with('.') {
            walk(&path, visit);
        }
    }
}

/// Returns the text without comments, so that a rule on code does not forbid to speak of it.
fn code(source: &str) -> String {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Splits into lower-case words, within names too: `AppendEntries` gives `append` and `entries`.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_small = false;
    for c in text.chars() {
        let begins = !c.is_alphabetic() || (c.is_uppercase() && was_small);
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word).to_lowercase());
        }
        if c.is_alphabetic() {
            word.push(c);
        }
        was_small = c.is_lowercase();
    }
    words.push(word.to_lowercase());
    words.into_iter().filter(|word| !word.is_empty())
}

#[test]
fn a_mod_file_holds_no_logic() {
    for folder in ["core/src", "web/src", "xtask/src", "tests"] {
        for (name, source) in files(folder, &["rs"]) {
            if !name.ends_with("/mod.rs") {
                continue;
            }
            let begins = ["mod ", "pub mod ", "pub(crate) mod ", "use ", "pub use ", "const "];
            let more =
                ["pub const ", "pub(super) const ", "pub(crate) use ", "pub(super) use ", "#["];
            let mut inside = 0_i32;
            for line in code(&source).lines().map(str::trim).filter(|line| !line.is_empty()) {
                let is_start = begins.iter().chain(&more).any(|begin| line.starts_with(begin));
                assert!(inside > 0 || is_start, "{name} holds logic: {line}");
                let open = line.matches(['{', '[', '(']).count();
                let close = line.matches(['}', ']', ')']).count();
                inside += i32::try_from(open).unwrap_or(0) - i32::try_from(close).unwrap_or(0);
            }
        }
    }
}

#[test]
fn a_file_is_short_enough_to_be_read() {
    for folder in ["core/src", "web/src", "xtask/src"] {
        for (name, source) in files(folder, &["rs"]) {
            let lines = source.lines().count();
            assert!(lines <= LONGEST, "{name} has {lines} lines");
        }
    }
}

#[test]
fn folders_are_at_most_three_deep() {
    for folder in ["core/src", "web/src", "xtask/src"] {
        for (name, _) in files(folder, &["rs"]) {
            let folders = name[folder.len()..].matches('/').count() - 1;
            assert!(folders <= 3, "{name} is {folders} folders deep");
        }
    }
}

#[test]
fn nothing_depends_on_where_it_was_written() {
    // Folders of people and machines; put together here so that this file does not hold them.
    let places =
        ["/work/", "/root/", "/home/runner"].map(|place| place.trim_end_matches('/').to_owned());
    for (name, source) in files(".", &["rs", "toml", "md", "mjs", "html", "css", "yml", "json"]) {
        if name.ends_with("tidy.rs") || name.ends_with("package-lock.json") {
            continue;
        }
        for place in &places {
            let found = source.match_indices(place.as_str()).find(|(at, _)| {
                let end = source[at + place.len()..].chars().next();
                let begin = source[..*at].chars().next_back();
                // A path of its own, not the tail of a longer one such as `target/work`.
                end.is_some_and(|c| c == '/')
                    && begin.is_none_or(|c| !c.is_alphanumeric() && c != '.')
            });
            assert!(found.is_none(), "{name} names {place}");
        }
    }
}

#[test]
fn the_page_names_no_mechanism() {
    // The folders and files of the mechanisms, and the words of their papers.
    let mut forbidden: Vec<String> = [
        "raft",
        "paxos",
        "vote",
        "votes",
        "voter",
        "ballot",
        "quorum",
        "election",
        "term",
        "lease",
        "heartbeats",
        "appendentries",
        "crdt",
        "counter",
        "increment",
        "decrement",
        "merge",
    ]
    .map(str::to_owned)
    .into();
    for (name, _) in files("core/src/mechanism", &["rs"]) {
        let last = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        // A word such as `log` or `message` belongs to everybody; a name of several is its own.
        forbidden.extend(Some(last.replace('_', "")).filter(|_| last.contains('_')));
    }
    for folder in ["web/src", "web/index.html"] {
        for (name, source) in files(folder, &["rs", "html"]) {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for word in words(&code(source)) {
                assert!(!forbidden.contains(&word), "{name} says “{word}”");
            }
        }
    }
}

#[test]
fn the_page_s_own_module_runs_no_scenario() {
    // The engine may; the page must not, or the linker puts every scenario into its module.
    let calls = ["scenario::all", "scenario::find", "run::Run", "link::parse", "check::"];
    for (name, source) in files("web/src", &["rs"]) {
        if name.contains("/engine") {
            continue;
        }
        let source = code(&source);
        for call in calls {
            let found = source.lines().find(|line| {
                line.contains("faultline_core") && line.contains(call)
                    || line.contains(&format!("faultline_core::{call}"))
            });
            assert!(found.is_none(), "{name}: {found:?}");
        }
    }
}

#[test]
fn hashed_state_holds_no_usize() {
    // A field of type `usize` is widened by the hasher; a slice of them is not. None in a struct or
    // enum that derives `Hash` is the simple rule.
    for (name, source) in files("core/src", &["rs"]) {
        let source = code(&source);
        for (at, _) in source.match_indices("#[derive(") {
            let Some(end) = source[at..].find(")]") else { continue };
            let derives = &source[at..at + end];
            if !words(derives).any(|word| word == "hash") {
                continue;
            }
            // What it is called and generic over holds nothing.
            let item = &source[at + end + 2..];
            let item = item.find(['{', '(']).map_or(item, |begin| &item[begin..]);
            let body = item.find("\n}").map_or(item, |end| &item[..end]);
            let body = item
                .find(";\n")
                .map_or(body, |end| if end < body.len() { &item[..end] } else { body });
            let is_bare = |word: String| word == "usize" || word == "isize";
            assert!(!words(body).any(is_bare), "{name}: hashed and holds a usize: {body}");
        }
    }
}
