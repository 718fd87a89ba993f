//! Texts typed in on the page.

use faultline_core::sim::{Action, NodeId};
use faultline_web::wire::{Command, Stop, Typed, Update};

use crate::page::Page;

/// The command that edits a text in the row with editors.
const EDIT: u16 = 4;

fn text(page: &Page, node: NodeId) -> String {
    let mut texts = page.frame().scene.texts();
    texts.find(|(_, keeper)| *keeper == node).unwrap().0.text()
}

/// Opens the row with editors in a run in which nobody writes any more but the viewer.
fn open(preset: &str) -> Page {
    Page::open(&format!("#/s/offline-editors?seed=3&preset={preset}&a=&at=7s"))
}

fn typed(request: u32, node: NodeId, seen: &str, wanted: &str) -> Command {
    let (seen, wanted) = (seen.into(), wanted.into());
    Command::Type(Typed { request, command: EDIT, node, seen, wanted })
}

#[test]
fn what_is_typed_is_there_and_then_everywhere_and_in_the_link() {
    for preset in ["naive", "hardened"] {
        let mut page = open(preset);
        let (ann, ben) = (NodeId(0), NodeId(1));
        let before = text(&page, ann);
        let wanted = format!("{before}🦀 e\u{301} 日本\nend");
        page.send(typed(3, ann, &before, &wanted));
        assert_eq!((page.frame().typed_up_to, text(&page, ann)), (3, wanted.clone()), "{preset}");
        assert_eq!(page.timeline().actions.len(), 1);
        page.assert_link_gives_this_run();
        page.send(Command::Seek { at_us: 9_000_000 });
        assert_eq!(text(&page, ben), wanted, "{preset}");
        page.assert_link_gives_this_run();
        page.send(Command::Undo);
        page.send(Command::Seek { at_us: 9_000_000 });
        assert_eq!(text(&page, ben), before, "{preset}: it can be undone");
    }
}

#[test]
fn an_edit_of_a_text_seen_before_is_made_on_the_text_as_it_is() {
    let mut page = open("hardened");
    let ann = NodeId(0);
    let seen = text(&page, ann);
    page.send(typed(1, ann, &seen, &format!("new {seen}")));
    // The page has not heard of that yet.
    page.send(typed(2, ann, &seen, &format!("{seen}last")));
    assert_eq!(text(&page, ann), format!("new {seen}last"));
    // All that was seen goes; what was not stays.
    page.send(typed(3, ann, &format!("new {seen}"), "all "));
    assert_eq!(text(&page, ann), "all last");
    // What was not seen may be in many places: nothing of it is lost.
    page.send(typed(4, ann, "l", ""));
    assert_eq!(text(&page, ann), "all last");
}

#[test]
fn what_cannot_be_typed_is_said_in_a_sentence() {
    let mut page = open("hardened");
    let ann = NodeId(0);
    let seen = text(&page, ann);
    let note = |page: &Page| {
        let mut notes = page.updates.iter().filter_map(|update| {
            let Update::Note(sentence) = update else { return None };
            Some(sentence.clone())
        });
        notes.next().unwrap_or_default()
    };
    page.send(typed(1, ann, &seen, &"x".repeat(10_000)));
    assert!(note(&page).contains("at most 2000 characters"), "{}", note(&page));
    assert_eq!((page.frame().typed_up_to, text(&page, ann)), (1, seen.clone()));
    page.send(typed(2, NodeId(99), "", "x"));
    assert!(!note(&page).is_empty());
    page.send(Command::Act(vec![Action::Crash(ann)]));
    page.send(typed(3, ann, &seen, "x"));
    assert!(!note(&page).is_empty());
    assert!(page.timeline().actions.len() == 1 && page.frame().typed_up_to == 3);
}

#[test]
fn typing_in_the_past_keeps_the_old_future() {
    let mut page = open("hardened");
    page.send(Command::Seek { at_us: 4_000_000 });
    let seen = text(&page, NodeId(0));
    page.send(typed(1, NodeId(0), &seen, "another past"));
    assert_eq!(text(&page, NodeId(0)), "another past");
    assert_eq!(page.timeline().lanes.len(), 1);
}

#[test]
fn what_is_typed_in_several_places_is_one_change() {
    let mut page = open("hardened");
    let ann = NodeId(0);
    page.send(typed(1, ann, &text(&page, ann), "bread and milk"));
    let before = page.timeline().actions.len();
    page.send(typed(2, ann, "bread and milk", "much bread and milky tea"));
    assert_eq!(text(&page, ann), "much bread and milky tea");
    assert_eq!(page.timeline().actions.len(), before + 2);
    page.assert_link_gives_this_run();
    page.send(Command::Undo);
    assert_eq!(text(&page, ann), "bread and milk");
    page.send(Command::Redo);
    assert_eq!(text(&page, ann), "much bread and milky tea");
    let away = |node| [NodeId(1), NodeId(2)].map(|to| Action::Cut { from: node, to });
    page.send(Command::Act(away(ann).into()));
    assert_eq!(page.frame().scene.cuts.len(), 2);
    page.send(Command::Undo);
    assert_eq!(page.frame().scene.cuts.len(), 0);
}

#[test]
fn what_is_not_done_is_not_waited_for() {
    let mut page = open("hardened");
    let ann = NodeId(0);
    let seen = text(&page, ann);
    assert!(page.begin(Command::Seek { at_us: 60_000_000 }));
    page.begin(typed(1, ann, &seen, "never"));
    page.send(Command::Cancel);
    assert_eq!((page.frame().typed_up_to, page.timeline().actions.len()), (1, 0));
    assert!(page.begin(Command::Seek { at_us: 60_000_000 }));
    for request in 2..100 {
        page.begin(typed(request, ann, "", ""));
    }
    assert!(page.failure().is_some());
    page.settle();
    assert_eq!(page.frame().typed_up_to, 99);
}

#[test]
fn a_film_stops_at_what_typing_brings_about() {
    let mut page = Page::open("#/s/offline-editors?seed=3&preset=naive&a=&at=0s");
    page.send(typed(1, NodeId(0), "", "bread "));
    assert_eq!(page.frame().stop, Some(Stop::Beat(0)));
    assert_eq!(text(&page, NodeId(0)), "bread ");
}
