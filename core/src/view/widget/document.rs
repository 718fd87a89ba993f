//! Text that several people write.

use serde::{Deserialize, Serialize};

use crate::sim::NodeId;

/// What has become of a piece of text.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextState {
    /// Part of the text.
    #[default]
    Kept,
    /// New: not everybody has it yet.
    Inserted,
    /// Deleted, and kept as a tombstone.
    Deleted,
}

/// A piece of text with one history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextRun {
    /// The letters.
    pub text: String,
    /// Who wrote it, in as few letters as will do: "A".
    pub author: Option<String>,
    /// What has become of it.
    pub state: TextState,
    /// Set in bold.
    pub is_bold: bool,
    /// Set in italics.
    pub is_italic: bool,
}

impl TextRun {
    /// Makes a piece of plain text of nobody in particular.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Makes a piece of somebody's text.
    pub fn by(author: impl Into<String>, state: TextState, text: impl Into<String>) -> Self {
        Self { text: text.into(), author: Some(author.into()), state, ..Self::default() }
    }
}

/// Where somebody writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Caret {
    /// Before this letter, counted from 0 over all pieces, deleted ones included.
    pub at: u32,
    /// Who.
    pub name: String,
}

/// A copy of a text with its tombstones, authors and cursors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Document {
    /// Whose copy it is.
    pub label: String,
    /// The node that keeps it, if one does: a command that takes an edit edits it there.
    pub keeper: Option<NodeId>,
    /// The pieces, in order.
    pub runs: Vec<TextRun>,
    /// Who writes where.
    pub carets: Vec<Caret>,
}

impl Document {
    /// Makes a document without cursors.
    pub fn new(label: impl Into<String>, runs: impl IntoIterator<Item = TextRun>) -> Self {
        Self { label: label.into(), runs: runs.into_iter().collect(), ..Self::default() }
    }

    /// Makes a document of single letters, each with its author and what has become of it: neighbours that have
    /// both in common are one piece.
    pub fn of_letters(
        label: impl Into<String>,
        letters: impl IntoIterator<Item = (Option<String>, TextState, char)>,
    ) -> Self {
        let mut runs: Vec<TextRun> = Vec::new();
        for (author, state, letter) in letters {
            match runs.last_mut() {
                Some(run) if run.author == author && run.state == state => run.text.push(letter),
                _ => runs.push(TextRun { author, state, ..TextRun::new(letter) }),
            }
        }
        Self::new(label, runs)
    }

    /// Says which node keeps it.
    #[must_use]
    pub fn kept_by(self, node: NodeId) -> Self {
        Self { keeper: Some(node), ..self }
    }

    /// Adds somebody's cursor.
    #[must_use]
    pub fn with_caret(mut self, name: impl Into<String>, at: u32) -> Self {
        self.carets.push(Caret { at, name: name.into() });
        self
    }

    /// Returns the text as a reader sees it: without what was deleted.
    pub fn text(&self) -> String {
        let kept = self.runs.iter().filter(|run| run.state != TextState::Deleted);
        kept.map(|run| run.text.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_what_was_not_deleted() {
        let document = Document::new(
            "A's copy",
            [
                TextRun::new("The "),
                TextRun::by("A", TextState::Deleted, "quick "),
                TextRun::by("B", TextState::Inserted, "slow "),
                TextRun::new("fox"),
            ],
        );
        assert_eq!(document.text(), "The slow fox");
    }

    #[test]
    fn neighbours_of_one_author_and_state_are_one_piece() {
        let letter = |author: &str, state, letter| (Some(author.to_owned()), state, letter);
        let (kept, new) = (TextState::Kept, TextState::Inserted);
        let letters = [letter("A", kept, 'o'), letter("A", kept, 'n'), letter("A", new, 'e')];
        let runs = Document::of_letters("A's copy", letters).runs;
        assert_eq!(runs, [TextRun::by("A", kept, "on"), TextRun::by("A", new, "e")]);
    }
}
