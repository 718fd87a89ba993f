//! Finds the handler that just ran in a scenario's own files: from the text itself, knowing nothing
//! of what it does.
//!
//! The kind of an event names the function that every process has for it. Within that, the arm is
//! looked for whose pattern names what the event's words name: `Msg::LeaseSeen` for "lease seen".

use faultline_core::sim::EventKind;

/// Lines of a file, numbered from 0: from, and up to but not including.
pub(crate) type Lines = (usize, usize);

/// Where a handler is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handler {
    /// Index of the file.
    pub(crate) file: usize,
    /// What the function is called.
    pub(crate) function: &'static str,
    /// The whole function.
    pub(crate) lines: Lines,
    /// The arm within it, if one names what happened.
    pub(crate) arm: Option<Lines>,
}

/// Returns the function that a process has for a kind of event, if it has one.
const fn function_of(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Started | EventKind::Recovered => Some("on_start"),
        EventKind::Delivered => Some("on_message"),
        EventKind::TimerFired => Some("on_timer"),
        EventKind::Synced => Some("on_synced"),
        EventKind::Refused => Some("on_refused"),
        EventKind::Fell | EventKind::Finished => None,
    }
}

/// Finds the handler of an event of this kind, which is told in `words`.
pub(crate) fn find(files: &[&str], kind: EventKind, words: &str) -> Option<Handler> {
    let failed = kind == EventKind::Synced && words.contains("fail");
    let function = if failed { "on_sync_failed" } else { function_of(kind)? };
    let words = words.to_lowercase();
    let mut best: Option<((bool, usize, bool), Handler)> = None;
    for (file, text) in files.iter().enumerate() {
        let text: Vec<&str> = text.lines().take_while(|line| *line != "#[cfg(test)]").collect();
        for lines in functions(&text, function) {
            let arm = arm(&text, lines, &words);
            // A longer name says more. Without one, what the kernel calls is what surely ran.
            let is_called = is_of_process(&text, lines.0);
            let rank = (arm.is_some(), arm.map_or(0, |(_, named)| named), is_called);
            let handler = Handler { file, function, lines, arm: arm.map(|(arm, _)| arm) };
            if best.as_ref().is_none_or(|(best, _)| *best < rank) {
                best = Some((rank, handler));
            }
        }
    }
    best.map(|(_, handler)| handler)
}

/// Returns where the functions of this name are. Sources are formatted: a function ends at the brace
/// that is indented as it is.
fn functions(text: &[&str], name: &str) -> Vec<Lines> {
    let mark = format!("fn {name}(");
    let begins = text.iter().enumerate().filter(|(_, line)| line.contains(&mark));
    begins.filter_map(|(from, line)| Some((from, block_end(text, from, indent(line))?))).collect()
}

/// Returns true if the function at a line stands in what the kernel calls.
fn is_of_process(text: &[&str], line: usize) -> bool {
    let mut before = text.get(..line).unwrap_or_default().iter().rev();
    before.find(|line| line.starts_with("impl")).is_some_and(|it| it.contains("Process for"))
}

/// Returns the line after the brace that closes a block.
fn block_end(text: &[&str], from: usize, indent_of_block: usize) -> Option<usize> {
    let rest = text.get(from + 1..)?;
    let is_end =
        |line: &&str| indent(line) == indent_of_block && line.trim_start().starts_with('}');
    Some(from + 2 + rest.iter().position(is_end)?)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the arm whose pattern names what is told, and how long that name is: longer is better,
/// and a pattern that names fewer things is.
fn arm(text: &[&str], (from, to): Lines, words: &str) -> Option<(Lines, usize)> {
    let mut best: Option<(Lines, usize)> = None;
    for at in from + 1..to {
        let line = text.get(at).copied().unwrap_or_default();
        let Some(pattern) = pattern_of(text, at, to) else { continue };
        let named = variants(line).filter(|variant| is_named(variant, words));
        let Some(longest) = named.map(str::len).max() else { continue };
        let alternatives = pattern.matches('|').count();
        let rank = (longest * 8).saturating_sub(alternatives);
        if best.is_none_or(|(_, best)| best < rank) {
            let end = if pattern.trim_end().ends_with('{') {
                block_end(text, at, indent(line)).unwrap_or(at + 1)
            } else {
                expression_end(text, at, to)
            };
            best = Some(((at, end.min(to)), rank));
        }
    }
    best
}

/// Returns the pattern that begins at a line, up to its arrow or brace.
fn pattern_of(text: &[&str], at: usize, to: usize) -> Option<String> {
    let mut pattern = String::new();
    for line in text.get(at..to.min(at + 4))? {
        pattern.push_str(line);
        if line.contains("=>") || (line.contains("if let") && line.ends_with('{')) {
            return Some(pattern);
        }
    }
    None
}

/// Returns the line after an arm that has no braces of its own.
fn expression_end(text: &[&str], at: usize, to: usize) -> usize {
    let depth = text.get(at).map_or(0, |line| indent(line));
    let rest = text.get(at + 1..to).unwrap_or_default();
    let next = rest.iter().position(|line| !line.is_empty() && indent(line) <= depth);
    let next = next.unwrap_or(0);
    // A bracket that closes belongs to what it closes.
    let closes = rest.get(next).is_some_and(|line| line.trim_start().starts_with([')', ']']));
    at + 1 + next + usize::from(closes)
}

/// Returns the names behind `::` that begin with a capital letter.
fn variants(line: &str) -> impl Iterator<Item = &str> {
    line.split("::").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        let name = rest.get(..end)?;
        name.starts_with(char::is_uppercase).then_some(name)
    })
}

/// Returns true if words name a variant, as it is or word by word.
fn is_named(variant: &str, words: &str) -> bool {
    let apart = crate::format::words(variant).to_lowercase();
    let joined = variant.to_lowercase();
    let begins_word = |name: &str| {
        words.match_indices(name).any(|(at, _)| {
            let before = words.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(char::is_alphanumeric)
        })
    };
    begins_word(&joined) || begins_word(&apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "impl Process for Node {
    fn on_start(&mut self) {
        self.begin();
    }

    fn on_message(&mut self, msg: Msg) {
        match (self, msg) {
            (Self::Server(server), msg) => server.on_message(msg),
            (Self::Client(_), Msg::Lease { .. } | Msg::LeaseSeen { .. }) => {}
        }
    }
}
";
    const SERVER: &str = "impl Server {
    fn on_message(&mut self, msg: Msg) {
        match msg {
            Msg::Lease { term } => self.lease(term),
            Msg::LeaseSeen { term } => {
                self.seen(term);
                self.go_on();
            }
            Msg::Write(write) => self.write(
                write,
            ),
        }
    }
}
";

    fn found(kind: EventKind, words: &str) -> (usize, Lines, Option<Lines>) {
        let handler = find(&[NODE, SERVER], kind, words).unwrap();
        (handler.file, handler.lines, handler.arm)
    }

    #[test]
    fn the_arm_that_names_the_message_is_found_wherever_it_is() {
        let told = "S2 receives from S1: Lease of term 2 until 1.2 s";
        assert_eq!(found(EventKind::Delivered, told), (1, (1, 13), Some((3, 4))));
        let told = "S2 receives from S1: lease seen, term 2";
        assert_eq!(found(EventKind::Delivered, told), (1, (1, 13), Some((4, 8))));
        let told = "S2 receives from C1: Write 3";
        assert_eq!(found(EventKind::Delivered, told), (1, (1, 13), Some((8, 11))));
    }

    #[test]
    fn without_a_name_it_is_the_function_that_the_kernel_calls() {
        assert_eq!(found(EventKind::Delivered, "S2 receives: Unheard"), (0, (5, 11), None));
        assert_eq!(found(EventKind::Started, "S1 starts"), (0, (1, 4), None));
        assert_eq!(find(&[NODE, SERVER], EventKind::Synced, "S1's disk syncs"), None);
        assert_eq!(find(&[NODE], EventKind::Fell, "lost"), None);
    }
}
