//! How long a row's file is, and how much of it only draws: what one more scenario costs.
//!
//! Counted by reading the file as text, so the numbers are honest but no more than that:
//!
//! - a row's file is the one in `core/src/scenario` that holds its slug, together with the folder of
//!   the same name beside it, if there is one;
//! - the algorithms that it shares with other rows are the modules of `core/src/mechanism` that it names,
//!   and those that these name: the page shows them too, and no line of them is counted;
//! - `scenario_lines` are the lines up to `#[cfg(test)]`, comments and blank lines included;
//! - `view_lines` are those of every function whose result is in the screen's terms (a node's view, a
//!   panel, a widget, a cell, a span), from its `fn` to the brace that ends it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace;

/// A row's file.
pub(super) struct Source {
    /// The file and then its parts, relative to `core/src/scenario`.
    pub(super) paths: Vec<PathBuf>,
    /// The files of the algorithms that it shares with other rows, relative to `core/src`.
    pub(super) shared: Vec<PathBuf>,
    /// Lines that are not tests.
    pub(super) scenario_lines: usize,
    /// Lines that only draw.
    pub(super) view_lines: usize,
}

/// What a function that draws returns.
const VIEW_TYPES: [&str; 6] = ["NodeView", "Panel", "Widget", "Datum", "Span", "Tone"];

impl Source {
    /// Finds the file of the row called `slug`, and counts.
    pub(super) fn of(slug: &str) -> Result<Self> {
        let folder = workspace::root().join("core/src/scenario");
        let mark = format!("    slug: \"{slug}\",");
        let mut found = None;
        for file in rust_files(&folder)? {
            if fs::read_to_string(&file)?.contains(&mark) {
                found = Some(file);
                break;
            }
        }
        let file =
            found.with_context(|| format!("no file in {} holds {slug}", folder.display()))?;
        let parts = file.with_extension("");
        let mut files = vec![file];
        if parts.is_dir() {
            files.extend(rust_files(&parts)?);
        }
        let texts = files.iter().map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
        let paths = files.iter().map(|file| Ok(file.strip_prefix(&folder)?.to_owned()));
        let shared = shared_files(&texts)?;
        let texts: Vec<&str> = texts.iter().map(|text| without_tests(text)).collect();
        Ok(Self {
            paths: paths.collect::<Result<_>>()?,
            shared,
            scenario_lines: texts.iter().map(|text| text.lines().count()).sum(),
            view_lines: texts.iter().map(|text| view_lines(text)).sum(),
        })
    }

    /// Returns where the page finds the files, relative to its own address.
    pub(super) fn addresses(&self) -> Vec<String> {
        let address = |path: &PathBuf| {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            format!("sources/{}", parts.join("/"))
        };
        self.paths.iter().chain(&self.shared).map(address).collect()
    }
}

/// Returns the files of the modules in `core/src/mechanism` that these texts name, and of those that they
/// name in turn, relative to `core/src`. A file of tests is none of them.
fn shared_files(texts: &[String]) -> Result<Vec<PathBuf>> {
    let core = workspace::root().join("core/src");
    let all = rust_files(&core.join("mechanism"))?;
    let mut files: Vec<PathBuf> = Vec::new();
    let mut open: Vec<String> = texts.iter().flat_map(|text| named_modules(text)).collect();
    let mut seen = BTreeSet::new();
    while let Some(module) = open.pop() {
        if !seen.insert(module.clone()) {
            continue;
        }
        for file in &all {
            let path = file.strip_prefix(&core)?;
            let place = path.strip_prefix("mechanism")?.components().next();
            let name = place.map(|it| it.as_os_str().to_string_lossy().into_owned());
            let is_of_module = name.is_some_and(|it| it.trim_end_matches(".rs") == module);
            let is_test =
                path.file_stem().is_some_and(|it| it.to_string_lossy().ends_with("tests"));
            if is_of_module && !is_test {
                open.extend(named_modules(without_tests(&fs::read_to_string(file)?)));
                files.push(path.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the modules of `core/src/mechanism` that a text names.
fn named_modules(text: &str) -> Vec<String> {
    let after = text.split("crate::mechanism::").skip(1);
    let names = after.flat_map(|rest| {
        let is_list = rest.starts_with('{');
        let end = if is_list { rest.find(';') } else { rest.find(|c: char| !is_of_name(c)) };
        let named = &rest[..end.unwrap_or(rest.len())];
        // Of a list only the outermost names are modules; what stands in its braces is theirs.
        let mut depth = 0;
        let outermost = named.split_inclusive(['{', '}', ',']).filter_map(|piece| {
            let at = depth;
            depth += piece.matches('{').count();
            depth -= piece.matches('}').count().min(depth);
            let name: String = piece.trim().chars().take_while(|c| is_of_name(*c)).collect();
            (at <= usize::from(is_list) && !name.is_empty()).then_some(name)
        });
        outermost.collect::<Vec<_>>()
    });
    names.collect()
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// Counts the lines of the functions that return what the screen shows. Sources are formatted, so a
/// function ends at the brace that is indented as it is.
fn view_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let mut count = 0;
    let mut at = 0;
    while at < lines.len() {
        let length = function_length(&lines[at..]).unwrap_or(0);
        let signature = lines[at..].iter().take(length.max(1)).copied();
        if length > 0 && returns_a_view(signature) {
            count += length;
            at += length;
        } else {
            at += 1;
        }
    }
    count
}

/// Returns how many lines the function has that begins here, if one does.
fn function_length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    let code = first.trim_start();
    let is_function = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn "]
        .iter()
        .any(|begin| code.starts_with(begin));
    if !is_function {
        return None;
    }
    if code.ends_with('}') {
        return Some(1);
    }
    let indent = &first[..first.len() - code.len()];
    let end = lines.iter().position(|line| line.strip_prefix(indent) == Some("}"))?;
    Some(end + 1)
}

fn returns_a_view<'a>(function: impl Iterator<Item = &'a str>) -> bool {
    let mut signature = String::new();
    for line in function {
        signature.push_str(line);
        if line.contains('{') {
            break;
        }
    }
    let result = signature.split_once("->").map_or("", |(_, result)| result);
    let is_name = |word: &str| VIEW_TYPES.contains(&word);
    result.split(|c: char| !c.is_alphanumeric()).any(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
impl Process for Node {
    fn on_timer(&mut self) {
        self.count += 1;
    }

    fn view(&self, disk: &Disk) -> NodeView {
        NodeView::default()
    }
}

fn panels(
    world: &World<Node>,
) -> Vec<Panel> {
    if world.is_empty() {
        return Vec::new();
    }
    vec![]
}

fn tone() -> Tone { Tone::Good }

#[cfg(test)]
mod tests {
    fn view() -> NodeView {
        NodeView::default()
    }
}
";

    #[test]
    fn functions_that_draw_are_counted_and_tests_are_not() {
        assert_eq!(view_lines(without_tests(TEXT)), 3 + 8 + 1);
        assert_eq!(without_tests(TEXT).lines().count(), 21);
    }

    #[test]
    fn the_modules_that_a_text_names_are_found() {
        let text =
            "use crate::mechanism::raft::{self, Log};\nuse crate::mechanism::lanes::Lanes;\n";
        assert_eq!(named_modules(text), ["raft", "lanes"]);
        let list = "use crate::mechanism::{crdt::{Counter, Slot}, writer};\n";
        assert_eq!(named_modules(list), ["crdt", "writer"]);
    }

    #[test]
    fn what_a_row_shares_is_served_and_not_counted() {
        let source = Source::of("single-leader").unwrap();
        let addresses = source.addresses();
        assert_eq!(addresses[0], "sources/consensus/single_leader.rs");
        assert!(addresses.contains(&"sources/mechanism/raft/log.rs".to_owned()), "{addresses:?}");
        assert!(addresses.contains(&"sources/mechanism/small_map.rs".to_owned()), "{addresses:?}");
        assert!(!addresses.iter().any(|it| it.contains("/crdt/")), "{addresses:?}");
    }

    #[test]
    fn a_row_has_a_file() {
        let source = Source::of("test-panics").unwrap();
        assert_eq!(source.paths, [Path::new("diagnostics/panics.rs")]);
        assert!(source.view_lines > 3 && source.view_lines < source.scenario_lines);
        assert_eq!(source.addresses(), ["sources/diagnostics/panics.rs"]);
        assert!(Source::of("nothing").is_err());
    }
}
