//! Text that several people write: authors, what is new, what is deleted, and who is where.

use faultline_core::order::sort_by_key;
use faultline_core::view::{Caret, Document, TextRun, TextState};
use yew::{Html, classes, html};

use super::frame::{empty, framed, more};

/// More letters than this are counted below instead.
const MOST_LETTERS: usize = 2_000;

/// A piece of a run between two cursors.
#[derive(Debug, PartialEq)]
struct Piece<'a> {
    /// Who writes before it.
    carets: Vec<&'a str>,
    run: &'a TextRun,
    text: String,
    /// Whether the author is another one than before.
    is_first_of_author: bool,
}

/// Draws a copy of the text.
pub(super) fn document(document: &Document) -> Html {
    if document.runs.is_empty() && document.carets.is_empty() {
        return framed("widget-document", &document.label, empty());
    }
    let letters: usize = document.runs.iter().map(|run| run.text.chars().count()).sum();
    let (pieces, at_end) = pieces(document);
    let body = html! {<>
        <p class="document" tabindex="0" aria-label={document.label.clone()} role="group">
            { for pieces.iter().map(piece) }
            { for at_end.iter().map(|name| caret(name)) }
        </p>
        { more(letters.saturating_sub(MOST_LETTERS), "letters") }
    </>};
    framed("widget-document", &document.label, body)
}

/// Cuts the runs where somebody's cursor is; returns the cursors behind the last letter as well.
fn pieces(document: &Document) -> (Vec<Piece<'_>>, Vec<&str>) {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut carets: Vec<&Caret> = document.carets.iter().collect();
    sort_by_key(&mut carets, |caret| caret.at);
    let mut carets = carets.into_iter().peekable();
    let mut at = 0_u32;
    let mut author = None;
    'runs: for run in &document.runs {
        let mut is_new = true;
        for letter in run.text.chars() {
            if usize::try_from(at).is_ok_and(|at| at >= MOST_LETTERS) {
                break 'runs;
            }
            let mut here = Vec::new();
            while let Some(caret) = carets.next_if(|caret| caret.at <= at) {
                here.push(caret.name.as_str());
            }
            if is_new || !here.is_empty() {
                let is_first_of_author = is_new && author != Some(&run.author);
                let text = String::new();
                pieces.push(Piece { carets: here, run, text, is_first_of_author });
                author = Some(&run.author);
            }
            is_new = false;
            at += 1;
            if let Some(piece) = pieces.last_mut() {
                piece.text.push(letter);
            }
        }
    }
    (pieces, carets.map(|caret| caret.name.as_str()).collect())
}

fn piece(piece: &Piece<'_>) -> Html {
    let run = piece.run;
    let class = classes!(run.is_bold.then_some("is-bold"), run.is_italic.then_some("is-italic"));
    let author = run.author.as_ref().filter(|_| piece.is_first_of_author);
    let text = piece.text.clone();
    let text = match run.state {
        TextState::Kept => html! { <span {class}>{ text }</span> },
        TextState::Inserted => html! { <ins {class}>{ text }</ins> },
        TextState::Deleted => html! { <del {class}>{ text }</del> },
    };
    html! {<>
        { for piece.carets.iter().map(|name| caret(name)) }
        if let Some(author) = author { <sup class="document-author">{ author }</sup> }
        { text }
    </>}
}

fn caret(name: &str) -> Html {
    html! {
        <span class="document-caret"><span class="visually-hidden">{ "[cursor of " }</span>
        <b>{ name }</b><span class="visually-hidden">{ "]" }</span></span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_cut_the_text_where_they_are() {
        let document = Document::new(
            "copy",
            [TextRun::by("A", TextState::Kept, "abc"), TextRun::by("A", TextState::Deleted, "de")],
        )
        .with_caret("B", 1)
        .with_caret("C", 5);
        let (pieces, at_end) = pieces(&document);
        let said: Vec<(&str, Vec<&str>, bool)> = pieces
            .iter()
            .map(|it| (it.text.as_str(), it.carets.clone(), it.is_first_of_author))
            .collect();
        let expected = [("a", vec![], true), ("bc", vec!["B"], false), ("de", vec![], false)];
        assert_eq!(said, expected);
        assert_eq!(at_end, ["C"]);
    }

    #[test]
    fn a_long_text_is_cut() {
        let document = Document::new("copy", [TextRun::new("x".repeat(9_000))]);
        assert_eq!(pieces(&document).0[0].text.len(), MOST_LETTERS);
    }
}
