//! Terms of art in a text: underlined where they are first used, with a sentence for who asks.

use faultline_core::scenario::place_of_word;
use yew::prelude::*;

/// Shows a text with its terms underlined, each where it is first used.
pub(crate) fn explained(text: &str, glossary: &[(String, String)]) -> Html {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Plain(text) => html! { { text } },
        Piece::Word(word, sentence) => {
            html! { <Word word={word.to_owned()} sentence={sentence.to_owned()} /> }
        }
    };
    html! { { for pieces(text, glossary).into_iter().map(piece) } }
}

/// A part of a text.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    /// A term as the text has it, and its sentence.
    Word(&'a str, &'a str),
}

fn pieces<'a>(text: &'a str, glossary: &'a [(String, String)]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut left: Vec<&(String, String)> = glossary.iter().collect();
    let mut rest = text;
    loop {
        let places = left.iter().enumerate().filter_map(|(index, (word, _))| {
            let (from, to) = place_of_word(rest, word)?;
            Some((from, std::cmp::Reverse(to), index))
        });
        let Some((from, std::cmp::Reverse(to), index)) = places.min() else { break };
        let (_, sentence) = left.remove(index);
        if from > 0 {
            pieces.push(Piece::Plain(&rest[..from]));
        }
        pieces.push(Piece::Word(&rest[from..to], sentence));
        rest = &rest[to..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    pieces
}

#[derive(Properties, PartialEq)]
struct WordProps {
    word: AttrValue,
    sentence: AttrValue,
}

/// A word that says what it means when it is pointed at, focused or pressed.
#[component]
fn Word(props: &WordProps) -> Html {
    let is_open = use_state_eq(|| false);
    let set = |open: bool| {
        let setter = is_open.setter();
        move || setter.set(open)
    };
    let (open, close, press) = (set(true), set(false), set(!*is_open));
    let (enter, focus) = (open.clone(), open);
    let (leave, blur, escape) = (close.clone(), close.clone(), close);
    let on_key = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            escape();
        }
        "Enter" | " " => {
            event.prevent_default();
            press();
        }
        _ => {}
    });
    let on_touch = set(true);
    html! {
        <span class="gloss-place" onmouseenter={move |_| enter()} onmouseleave={move |_| leave()}>
            <button type="button" class="gloss" aria-expanded={is_open.to_string()}
                onfocus={move |_| focus()} onblur={move |_| blur()} onclick={move |_| on_touch()}
                onkeydown={on_key}>{ &props.word }</button>
            if *is_open {
                <span class="gloss-says" role="status">
                    <b>{ &props.word }</b>{ ": " }{ &props.sentence }
                </span>
            }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_is_marked_once_and_the_longer_of_two_counts() {
        let glossary: Vec<(String, String)> =
            [("log", "L."), ("log entry", "E."), ("leader", "B.")]
                .map(|(word, sentence)| (word.to_owned(), sentence.to_owned()))
                .into();
        assert_eq!(
            pieces("Leaders write a log entry to the log, leader.", &glossary),
            [
                Piece::Word("Leaders", "B."),
                Piece::Plain(" write a "),
                Piece::Word("log entry", "E."),
                Piece::Plain(" to the "),
                Piece::Word("log", "L."),
                Piece::Plain(", leader."),
            ]
        );
        assert_eq!(pieces("", &glossary), []);
        assert_eq!(pieces("nothing", &[]), [Piece::Plain("nothing")]);
    }
}
