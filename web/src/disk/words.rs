//! What the panel says of what a worker did and found.

use faultline_core::durable::Cut;

use crate::format::{count, counted};
use crate::wire::{Bit, Examined, FoundOnDisk as Found};

/// Why a store cannot be opened that another window has.
pub(super) const LOCKED: &str =
    "Another tab has this store open; close it there, then press Recover. Nothing is lost.";

/// Says what was found, in a sentence or two.
pub(super) fn recovered(found: &Found) -> String {
    let tally = &found.tally;
    if tally.issued == 0 {
        return "The store is new: nothing is in it yet.".into();
    }
    let acknowledged = counted(tally.acknowledged, "acknowledged operation");
    let looked_up = if tally.looked_up() < tally.acknowledged {
        let last = count(tally.looked_up());
        format!("of {acknowledged} the last {last} were {}:", found.looked_up)
    } else {
        format!("of {acknowledged},")
    };
    let (lost, wrong) = (tally.lost.len() as u64, tally.wrong.len() as u64);
    let harms = [
        (lost > 0).then(|| format!("{} lost", is_or_are(lost))),
        (wrong > 0).then(|| format!("{} not what was written", is_or_are(wrong))),
        (found.unreadable > 0).then(|| format!("{} cannot be read", count(found.unreadable))),
    ];
    let harms: Vec<String> = harms.into_iter().flatten().collect();
    let why = found.why_unreadable.as_ref().map(|why| format!(" {why}")).unwrap_or_default();
    if harms.is_empty() {
        format!("Recovered: {looked_up} none is lost.{why}{}{}", mended(found), flipped(found))
    } else {
        format!("Damage: {looked_up} {}.{why}", harms.join(", "))
    }
}

/// Says what was damaged and is good again, behind another sentence; nothing if none was.
fn mended(found: &Found) -> String {
    if found.mended.is_empty() {
        return String::new();
    }
    format!(" Found torn or damaged, and made good: {}.", found.mended.join("; "))
}

/// Says of what was flipped that it is still there, behind another sentence; nothing if it is not.
fn flipped(found: &Found) -> String {
    let Some(Bit { file, offset, bit }) = found.flipped.first() else { return String::new() };
    format!(
        " Bit {bit} of byte {} of {file} is still flipped: not every block was read, and what was {} \
         did not need that one.",
        count(*offset),
        found.looked_up
    )
}

/// Says what became of the operations that nobody had been promised; nothing if there were none.
pub(super) fn unpromised(found: &Found) -> String {
    let (recovered, gone) = (found.tally.recovered, found.tally.gone);
    let recovered = match recovered {
        0 => String::new(),
        _ => format!(
            "{} found beyond what this page had last noted as acknowledged. Recovery makes durable \
             whatever it finds, so from now on that is acknowledged, too.",
            was_or_were(recovered),
        ),
    };
    let gone = match gone {
        0 => String::new(),
        _ => format!("{} written and not promised, and did not last.", was_or_were(gone)),
    };
    [recovered, gone].join(" ").trim().to_owned()
}

/// Says where the plug went.
pub(super) fn pulled(cut: Cut) -> String {
    let writes = counted(cut.writes.into(), "file write");
    let next = match cut.of_bytes {
        0 => "before the next could change the length of its file".into(),
        of => {
            let of = counted(of.into(), "byte");
            format!("with {} of the next one’s {of} in the file", count(cut.bytes.into()))
        }
    };
    format!(
        "The plug was pulled {writes} later, {next}. Only the files are left; recover to see what they \
         are worth."
    )
}

/// Says why an engine is not up, and what that means for what it had acknowledged.
pub(super) fn not_up(why: &str, acknowledged: u64) -> String {
    let none = match acknowledged {
        0 => String::new(),
        _ => format!(": none of {} can be read", counted(acknowledged, "acknowledged operation")),
    };
    format!("{why} The engine is not up{none}.")
}

/// Says what came of examining.
pub(super) fn survived(examined: &Examined) -> String {
    let Examined { properties, kills, kills_in_recovery, acknowledged, looked_up } = examined;
    format!(
        "This browser's files did all {properties} things that a disk must do. The plug was pulled {} \
         times, {} of them in the middle of a recovery: of {} the last were {looked_up} after each, \
         and none is lost.",
        count((*kills).into()),
        count((*kills_in_recovery).into()),
        counted(*acknowledged, "acknowledged operation"),
    )
}

fn was_or_were(number: u64) -> String {
    let verb = if number == 1 { "was" } else { "were" };
    format!("{} {verb}", counted(number, "operation"))
}

fn is_or_are(number: u64) -> String {
    if number == 1 { "1 is".into() } else { format!("{} are", count(number)) }
}

#[cfg(test)]
mod tests {
    use faultline_core::durable::Tally;

    use super::*;

    fn found(tally: Tally) -> Found {
        Found { tally, looked_up: "looked up".into(), ..Found::default() }
    }

    #[test]
    fn what_an_engine_does_with_an_operation_is_in_its_own_words() {
        let tally = Tally { acknowledged: 3_000, first: 2_001, issued: 3_000, ..Tally::default() };
        let looked_up = "compared with the count".to_owned();
        let found = Found { looked_up: looked_up.clone(), ..found(tally) };
        assert_eq!(
            recovered(&found),
            "Recovered: of 3,000 acknowledged operations the last 1,000 were compared with the count: \
             none is lost."
        );
        let (properties, kills, kills_in_recovery, acknowledged) = (5, 200, 9, 3_000);
        let examined = Examined { properties, kills, kills_in_recovery, acknowledged, looked_up };
        let sentence = survived(&examined);
        assert!(
            sentence.contains("the last were compared with the count after each"),
            "{sentence}"
        );
    }

    #[test]
    fn what_was_found_is_a_sentence_and_says_no_more_than_was_looked_up() {
        let all = Tally { acknowledged: 1_200, issued: 1_203, first: 1, ..Tally::default() };
        let last = Tally { first: 201, ..all.clone() };
        let sentence = |tally: &Tally| recovered(&found(tally.clone()));
        assert_eq!(
            [sentence(&all), sentence(&last)],
            [
                "Recovered: of 1,200 acknowledged operations, none is lost.",
                "Recovered: of 1,200 acknowledged operations the last 1,000 were looked up: none is \
                 lost.",
            ]
        );
        let damaged =
            Found { mended: vec!["copy b, from the other one".into()], ..found(all.clone()) };
        assert_eq!(
            recovered(&damaged),
            "Recovered: of 1,200 acknowledged operations, none is lost. Found torn or \
             damaged, and made good: copy b, from the other one."
        );
        let (all, last) = (Tally { lost: vec![7], ..all }, Tally { lost: vec![777, 778], ..last });
        assert_eq!(
            [sentence(&all), sentence(&last)],
            [
                "Damage: of 1,200 acknowledged operations, 1 is lost.",
                "Damage: of 1,200 acknowledged operations the last 1,000 were looked up: 2 are lost.",
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_what_is_still_flipped_is_told() {
        let all = Tally { acknowledged: 1_000, issued: 1_000, first: 1, ..Tally::default() };
        let bit = Bit { file: "000011.table".into(), offset: 1_020, bit: 3 };
        let unseen = Found { flipped: vec![bit], ..found(all) };
        assert_eq!(
            recovered(&unseen),
            "Recovered: of 1,000 acknowledged operations, none is lost. Bit 3 of byte 1,020 of \
             000011.table is still flipped: not every block was read, and what was looked up did not \
             need that one."
        );
        let why_unreadable = Some("000011.table is damaged.".into());
        let seen = Found { unreadable: 37, why_unreadable, ..unseen };
        assert_eq!(
            recovered(&seen),
            "Damage: of 1,000 acknowledged operations, 37 cannot be read. 000011.table is damaged."
        );
        assert_eq!(
            [not_up("It is damaged.", 1_000), not_up("It is damaged.", 0)],
            [
                "It is damaged. The engine is not up: none of 1,000 acknowledged operations can be \
                 read.",
                "It is damaged. The engine is not up.",
            ]
        );
    }

    #[test]
    fn what_nobody_was_promised_is_told_with_the_reason() {
        let tally = Tally { acknowledged: 5, issued: 9, recovered: 3, gone: 1, ..Tally::default() };
        assert_eq!(
            unpromised(&found(tally)),
            "3 operations were found beyond what this page had last noted as acknowledged. Recovery \
             makes durable whatever it finds, so from now on that is acknowledged, too. 1 operation \
             was written and not promised, and did not last."
        );
        assert_eq!(unpromised(&found(Tally::default())), "");
    }

    #[test]
    fn a_pulled_plug_says_how_much_of_which_write_there_is() {
        let sentence = pulled(Cut { writes: 3, bytes: 1, of_bytes: 512 });
        let in_write = "3 file writes later, with 1 of the next one’s 512 bytes in the file.";
        assert!(sentence.contains(in_write), "{sentence}");
        let sentence = pulled(Cut { writes: 1, bytes: 0, of_bytes: 0 });
        let in_cut = "1 file write later, before the next could change the length of its file.";
        assert!(sentence.contains(in_cut), "{sentence}");
    }
}
