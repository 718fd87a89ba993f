//! What survives an engine that is lost, a reload and a cancellation: all that the page has kept.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, NodeId};
use faultline_web::wire::{ActionView, Against, Command, Kept, LaneView, Side};

use crate::page::Page;

/// A counter with two futures left behind and a muted action, beside the first of these.
fn forked() -> Page {
    let mut page = Page::open("#/s/g-counter?seed=3&a=");
    page.send(Command::Act(vec![Action::Pause(NodeId(2))]));
    page.send(Command::Seek { at_us: 1_000_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
    page.send(Command::Seek { at_us: 3_000_000 });
    page.send(Command::Seek { at_us: 2_000_000 });
    page.send(Command::RemoveAction(page.action(1)));
    page.send(Command::MuteAction(page.action(0)));
    assert_eq!((page.timeline().lanes.len(), page.timeline().muted.len()), (2, 1));
    let LaneView { name, link, .. } = page.timeline().lanes[0].clone();
    page.send(Command::Compare(Some(Against::Run { name, link })));
    page
}

/// What a page keeps of all that.
fn kept(page: &Page) -> Kept {
    let timeline = page.timeline();
    Kept {
        name: timeline.name.clone(),
        lanes: timeline.lanes.clone(),
        muted: timeline.muted.iter().map(ActionView::timed).collect(),
        against: page.compared.as_ref().and_then(|it| it.against.clone()),
    }
}

fn assert_same(page: &Page, other: &Page) {
    assert_eq!(other.timeline().name, page.timeline().name);
    assert_eq!(other.timeline().lanes, page.timeline().lanes);
    assert_eq!(other.timeline().muted, page.timeline().muted);
    let names = |page: &Page| page.compared.as_ref().map(|it| it.names.clone());
    assert_eq!(names(other), names(page));
}

#[test]
fn another_engine_has_all_that_the_page_has_kept() {
    let mut page = forked();
    let (link, kept) = (page.link(), kept(&page));
    let mut other = Page::default();
    other.send(Command::Open { request: 1, link: link.clone(), default_seed: 1, kept });
    assert_same(&page, &other);
    // An address that says less than what was kept beside it: nothing is in the run and muted.
    let mut early = Page::open(&link);
    let muted: Vec<_> = early.timeline().actions.iter().map(ActionView::timed).collect();
    let both = Kept { muted, ..Kept::default() };
    early.send(Command::Open { request: 1, link: link.clone(), default_seed: 1, kept: both });
    assert!(early.timeline().muted.is_empty());
    let digest = |page: &Page| page.other.as_ref().map(|it| it.digest);
    assert_eq!(digest(&other), digest(&page));
    for page in [&mut page, &mut other] {
        page.send(Command::Compare(None));
        page.send(Command::OpenLane { lane: page.lane(0) });
    }
    assert_eq!(other.frame().digest, page.frame().digest);
    assert_eq!(other.timeline().known_us, page.timeline().known_us);
    assert_eq!(other.timeline().actions.len(), 2);
}

#[test]
fn the_run_beside_is_there_again_when_it_has_no_preset_any_more() {
    let mut page = Page::open("#/s/single-leader?seed=1&vs=hardened&at=1s");
    let key = page.opened.as_ref().unwrap().switches[0].key.clone();
    page.send(Command::Set { key, value: "on".into() });
    page.send(Command::Flip(Preset::Hardened));
    assert_eq!(page.compared.as_ref().unwrap().names, ["Hardened", "with A majority to lead"]);
    let kept = kept(&page);
    let mut other = Page::default();
    let link = page.link();
    assert!(!link.contains("vs="), "it is not said in the link: {link}");
    other.send(Command::Open { request: 1, link, default_seed: 1, kept });
    assert_same(&page, &other);
}

#[test]
fn a_cancellation_while_a_link_opens_loses_nothing() {
    let mut page = forked();
    let (link, kept) = (page.link(), kept(&page));
    let mut other = Page::default();
    assert!(other.begin(Command::Open { request: 1, link, default_seed: 1, kept }));
    other.begin(Command::Show(Side::Other));
    other.begin(Command::Cancel);
    other.settle();
    assert_same(&page, &other);
    let mut preset = Page::default();
    let link = "#/s/single-leader?seed=1&vs=hardened&at=5s".into();
    assert!(preset.begin(Command::Open {
        request: 1,
        link,
        default_seed: 1,
        kept: Kept::default()
    }));
    assert!(preset.slice(1));
    preset.begin(Command::Cancel);
    preset.settle();
    assert_eq!(preset.compared.as_ref().unwrap().names[1], "Hardened");
    assert!(preset.opened.is_some() && preset.other.is_some());
}

#[test]
fn lanes_that_are_no_runs_of_this_scenario_are_left_out() {
    let mut page = forked();
    let good = page.timeline().lanes[0].clone();
    let with = |link: &str| LaneView { link: link.into(), ..good.clone() };
    page.send(Command::Compare(None));
    let own = page.link();
    let lanes = vec![
        with("#/s/single-leader?seed=1&a="),
        with("nonsense"),
        with(&own),
        LaneView { name: String::new(), ..good.clone() },
        good.clone(),
    ];
    let kept = Kept { lanes, ..Kept::default() };
    page.send(Command::Open { request: 1, link: own, default_seed: 1, kept });
    assert_eq!(page.timeline().lanes, [good]);
}
