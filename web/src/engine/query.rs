//! What can be searched for: words, `kind:`, `node:` and `at:`, and one thing after another.
//!
//! A query is one pattern, or several with `then` between them and `within` behind: "kind:loss
//! node:S2 then leader within 5" finds where a line about a leader comes at most five events after
//! a loss at S2. A line matches a pattern if it has all of its parts.

use faultline_core::sim::{Names, NodeId, TextKind, TextLine};

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    first: Vec<Part>,
    /// Each comes after the one before it.
    then: Vec<Step>,
}

/// A later pattern of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    pattern: Vec<Part>,
    within: Option<Bound>,
}

/// How far a pattern may lie behind the one before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Bound {
    Events(u32),
    Time(u64),
}

/// What a line must have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// In lower case.
    Text(String),
    /// A kind of line, or what it is about: in lower case.
    Kind(String),
    Node(NodeId),
    /// From when to when, in true time.
    At(u64, u64),
}

impl Query {
    /// Reads a query; `Ok(None)` if there is nothing to search for, else a sentence on what is
    /// wrong with it.
    pub(super) fn parse(text: &str, names: &Names) -> Result<Option<Self>, String> {
        let words = words_of(text)?;
        let mut steps: Vec<Step> = vec![Step { pattern: Vec::new(), within: None }];
        let mut words = words.into_iter().peekable();
        while let Some((word, is_quoted)) = words.next() {
            let Some(last) = steps.last_mut() else { break };
            let is_keyword = |keyword: &str| !is_quoted && word.eq_ignore_ascii_case(keyword);
            if is_keyword("then") {
                if last.pattern.is_empty() {
                    return Err(
                        "Say what comes before “then”; to find the word, put it in quotes.".into(),
                    );
                }
                steps.push(Step { pattern: Vec::new(), within: None });
            } else if is_keyword("within") {
                let (bound, _) = words.next().unwrap_or_default();
                let bound = Bound::parse(&bound)?;
                if steps.len() < 2 {
                    return Err(
                        "“within” belongs behind “then”, as in “crash then leader within 5”."
                            .into(),
                    );
                }
                if let Some(last) = steps.last_mut() {
                    last.within = Some(bound);
                }
            } else {
                last.pattern.push(Part::parse(&word, is_quoted, names)?);
            }
        }
        if steps.len() == 1 && steps.iter().all(|step| step.pattern.is_empty()) {
            return Ok(None);
        }
        if steps.iter().any(|step| step.pattern.is_empty()) {
            return Err("Say what comes after “then”.".into());
        }
        let first = steps.remove(0).pattern;
        Ok(Some(Self { first, then: steps }))
    }
}

/// Splits a query at blanks; what is in quotes stays together, and is marked.
fn words_of(text: &str) -> Result<Vec<(String, bool)>, String> {
    let mut words = Vec::new();
    let parts: Vec<&str> = text.split('"').collect();
    if parts.len().is_multiple_of(2) {
        return Err("A quotation mark is missing.".into());
    }
    for (place, part) in parts.into_iter().enumerate() {
        if place % 2 == 1 {
            words.push((part.to_owned(), true));
        } else {
            words.extend(part.split_whitespace().map(|word| (word.to_owned(), false)));
        }
    }
    words.retain(|(word, _)| !word.is_empty());
    Ok(words)
}

impl Bound {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(events) = text.parse() {
            return Ok(Self::Events(events));
        }
        duration(text).map(Self::Time).ok_or_else(|| {
            "“within” needs a number of events or a time, such as 5 or 200ms.".into()
        })
    }
}

impl Part {
    fn parse(word: &str, is_quoted: bool, names: &Names) -> Result<Self, String> {
        let lower = word.to_lowercase();
        let key = lower.split_once(':').filter(|(_, value)| !is_quoted && !value.is_empty());
        match key {
            None => Ok(Self::Text(lower)),
            Some(("kind", kind)) => Ok(Self::Kind(kind.to_owned())),
            Some(("node", name)) => {
                let mut ids = names.ids();
                let found = ids.find(|id| names[*id].to_lowercase() == name);
                found.map(Self::Node).ok_or_else(|| {
                    let some = names.list(names.ids().take(6));
                    format!("There is no node “{name}” here; there are {some}.")
                })
            }
            Some(("at", moment)) => Self::at(moment).ok_or_else(|| {
                "“at:” needs a time, such as at:>1s, at:<250ms or at:1s..2s.".into()
            }),
            Some((other, _)) => Err(format!(
                "There is no “{other}:”; there are kind:, node: and at:. Put text with a colon in \
                 quotes."
            )),
        }
    }

    fn at(moment: &str) -> Option<Self> {
        if let Some((from, to)) = moment.split_once("..") {
            return Some(Self::At(duration(from)?, duration(to)?));
        }
        if let Some(after) = moment.strip_prefix('>') {
            return Some(Self::At(duration(after)?.saturating_add(1), u64::MAX));
        }
        if let Some(before) = moment.strip_prefix('<') {
            return Some(Self::At(0, duration(before)?.saturating_sub(1)));
        }
        let at_us = duration(moment)?;
        Some(Self::At(at_us, at_us.saturating_add(999)))
    }

    fn matches(&self, line: &TextLine) -> bool {
        match self {
            Self::Text(text) => line.text.to_lowercase().contains(text),
            Self::Kind(kind) => {
                kind_name(line.kind) == kind || line.text.to_lowercase().contains(kind)
            }
            Self::Node(node) => line.node == Some(*node),
            Self::At(from_us, to_us) => (*from_us..=*to_us).contains(&line.at_us),
        }
    }
}

/// Reads a time such as `1.5s`, `250ms` or `40us`.
fn duration(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic());
    let unit_us: u64 = match &text[digits.len()..] {
        "s" => 1_000_000,
        "ms" => 1_000,
        "us" | "µs" => 1,
        _ => return None,
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: u64 = whole.parse().ok()?;
    let part_us = match part {
        "" => 0,
        part if part.len() <= 9 => {
            let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
            part.parse::<u64>().ok()?.checked_mul(unit_us)? / scale
        }
        _ => return None,
    };
    whole.checked_mul(unit_us)?.checked_add(part_us)
}

/// Returns how a kind of line is called in a query.
const fn kind_name(kind: TextKind) -> &'static str {
    match kind {
        TextKind::Action => "action",
        TextKind::Event => "event",
        TextKind::Send => "send",
        TextKind::Loss => "loss",
        TextKind::Fact => "fact",
        TextKind::Verdict => "verdict",
    }
}

/// Goes along the lines of a run and says which of them a query finds.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    query: Query,
    /// Of each pattern but the last: the latest line at which the sequence had come so far.
    reached: Vec<Option<(u32, u64)>>,
}

impl Matcher {
    /// Begins at the first line.
    pub(super) fn new(query: Query) -> Self {
        let reached = vec![None; query.then.len()];
        Self { query, reached }
    }

    /// Returns true if the query, or the last pattern of its sequence, is found in this line.
    pub(super) fn finds(&mut self, line: &TextLine) -> bool {
        let matches = |pattern: &[Part]| pattern.iter().all(|part| part.matches(line));
        let mut is_found = self.query.then.is_empty() && matches(&self.query.first);
        // From the last pattern to the first, so that one line is not two steps.
        for place in (0..self.query.then.len()).rev() {
            let step = &self.query.then[place];
            let Some((event, at_us)) = self.reached[place] else { continue };
            let is_near = match step.within {
                None => true,
                Some(Bound::Events(events)) => line.step.number().saturating_sub(event) <= events,
                Some(Bound::Time(us)) => line.at_us.saturating_sub(at_us) <= us,
            };
            if is_near && matches(&step.pattern) {
                // What led here is used up: the next find needs a beginning of its own.
                self.reached[place] = None;
                match self.reached.get_mut(place + 1) {
                    Some(next) => *next = Some((line.step.number(), line.at_us)),
                    None => is_found = true,
                }
            }
        }
        if let Some(reached) = self.reached.first_mut()
            && matches(&self.query.first)
        {
            *reached = Some((line.step.number(), line.at_us));
        }
        is_found
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::Step;

    use super::*;

    fn names() -> Names {
        Names::new(vec!["S1".into(), "S2".into(), "S3".into()])
    }

    fn lines() -> Vec<TextLine> {
        let line = |(event, kind, node, text): (u32, TextKind, u16, &str)| TextLine {
            at_us: u64::from(event) * 100_000,
            step: Step::Event(event),
            kind,
            node: Some(NodeId(node)),
            text: text.into(),
        };
        let lines = [
            (0, TextKind::Event, 0, "S1 starts"),
            (1, TextKind::Event, 1, "S2 receives from S1: Append 3"),
            (2, TextKind::Loss, 1, "S1 → S2: Append 4 is lost"),
            (9, TextKind::Event, 2, "S3 receives from S1: Append 4"),
            (10, TextKind::Fact, 2, "S3: has stored 4"),
        ];
        lines.map(line).to_vec()
    }

    fn found(text: &str) -> Vec<u32> {
        let query = Query::parse(text, &names()).unwrap().unwrap();
        let mut matcher = Matcher::new(query);
        let lines = lines();
        let found = lines.iter().filter(|line| matcher.finds(line));
        found.map(|line| line.step.number()).collect()
    }

    #[test]
    fn all_parts_of_a_pattern_must_be_there() {
        assert_eq!(found("append"), [1, 2, 9]);
        assert_eq!(found("append node:S2"), [1, 2]);
        assert_eq!(found("kind:loss"), [2]);
        assert_eq!(found("kind:Append node:s3"), [9]);
        assert_eq!(found("at:>900ms"), [10]);
        assert_eq!(found("at:0.1s..200ms"), [1, 2]);
        assert_eq!(found("\"from s1\" append"), [1, 9]);
    }

    #[test]
    fn one_thing_after_another_within_so_many_events_or_so_long() {
        assert_eq!(found("starts then append"), [1]);
        assert_eq!(found("kind:loss then append within 5"), [] as [u32; 0]);
        assert_eq!(found("kind:loss then append within 7"), [9]);
        assert_eq!(found("kind:loss then append within 700ms"), [9]);
        assert_eq!(found("starts then kind:loss then stored"), [10]);
        assert_eq!(found("append then append"), [2, 9], "a find can begin the next one");
    }

    #[test]
    fn a_bad_query_gives_a_sentence_and_an_empty_one_nothing() {
        let bad = [
            "then x",
            "x then",
            "x within 5",
            "x then y within",
            "x then y within soon",
            "node:S9",
            "at:noon",
            "knd:loss",
            "\"open",
            "at:1.5",
            "at:99999999999999999999s",
        ];
        for text in bad {
            let sentence = Query::parse(text, &names()).unwrap_err();
            assert!(sentence.ends_with('.'), "{text}: {sentence}");
        }
        assert_eq!(Query::parse("  ", &names()), Ok(None));
        assert_eq!(found("S1:"), [1, 9], "a colon at the end is text");
    }
}
