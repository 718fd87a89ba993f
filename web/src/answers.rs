//! A student's answers as a file: bets with what the run said, and puzzles with the runs that solve
//! them. Plain JSON (RFC 8259), so that whoever collects it needs nothing of ours.

use std::fmt::Write as _;

use crate::bets::{Ledger, Record};
use crate::wire::Opened;

/// Writes all answers in one scenario. `address_of` makes a whole address of a link's fragment.
pub fn answers_file(
    opened: &Opened,
    ledger: &Ledger,
    address_of: impl Fn(&str) -> String,
) -> String {
    let bets: Vec<String> = ledger.records.iter().map(|record| bet(opened, record)).collect();
    let puzzles = opened.puzzles.iter().zip(0..).map(|(puzzle, index)| {
        let mut text = format!("{{\"puzzle\": {}, \"par\": {}", quoted(&puzzle.title), puzzle.par);
        match ledger.solutions.get(&index) {
            Some(it) => {
                let link = quoted(&address_of(&it.link));
                _ = write!(text, ", \"solved\": true, \"faults\": {}, \"link\": {link}}}", it.used);
            }
            None => text.push_str(", \"solved\": false}"),
        }
        text
    });
    let puzzles: Vec<String> = puzzles.collect();
    format!(
        "{{\n  \"scenario\": {},\n  \"title\": {},\n  \"revision\": {},\n  \"score\": {},\n  \
         \"bets\": {},\n  \"puzzles\": {}\n}}\n",
        quoted(&opened.card.slug),
        quoted(&opened.card.title),
        quoted(&opened.revision),
        ledger.score().map_or("null".into(), |score| quoted(&score)),
        list(&bets),
        list(&puzzles),
    )
}

fn bet(opened: &Opened, record: &Record) -> String {
    let beat = opened.lesson.get(usize::from(record.beat));
    let asked = beat.and_then(|beat| beat.bet.as_ref());
    let option = |index: u8| {
        let options = asked.map(|(_, options)| options.as_slice()).unwrap_or_default();
        quoted(options.get(usize::from(index)).map_or("?", String::as_str))
    };
    format!(
        "{{\"step\": {}, \"question\": {}, \"seed\": {}, \"answer\": {}, \"confidence\": {}, \
         \"the run\": {}, \"right\": {}}}",
        quoted(beat.map_or("?", |beat| beat.title.as_str())),
        quoted(asked.map_or("?", |(question, _)| question.as_str())),
        // A number of 64 bits is none that every reader of JSON keeps whole.
        quoted(&record.seed.to_string()),
        record.choice.map_or("null".into(), option),
        record.choice.and(record.confidence).map_or("null".into(), |it| quoted(it.label())),
        option(record.answer),
        record.choice == Some(record.answer),
    )
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return "[]".into();
    }
    format!("[\n    {}\n  ]", items.join(",\n    "))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(letter)),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_cannot_hold_is_escaped() {
        assert_eq!(quoted("“a\"b\\c\n”"), "\"“a\\\"b\\\\c\\u000a”\"");
        assert_eq!(list(&[]), "[]");
    }
}
