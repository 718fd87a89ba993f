//! The world through one node's eyes, and where nodes stand.

use faultline_core::sim::{Action, NodeId};
use faultline_core::view::Layout;
use faultline_web::wire::Command;

use super::page::Page;

const N0: NodeId = NodeId(0);

#[test]
fn a_frame_says_what_the_watched_node_has_heard_wherever_the_cursor_goes() {
    let mut page = Page::open("#/s/test-panics?seed=3&at=2s");
    assert_eq!(page.frame().heard, None);
    let digest = page.frame().digest;
    page.send(Command::Watch(Some(N0)));
    let late = page.frame().heard.clone().unwrap();
    assert_eq!((late.node, late.last_us[0], late.since_us), (N0, None, None));
    let last_us = late.last_us[1].unwrap();
    assert!(last_us > 1_500_000 && last_us <= 2_000_000);
    page.send(Command::Seek { at_us: 0 });
    assert_eq!(page.frame().heard.as_ref().unwrap().last_us, [None, None]);
    page.send(Command::Seek { at_us: 2_000_000 });
    assert_eq!(page.frame().heard, Some(late));
    assert_eq!(page.frame().digest, digest, "to look changes nothing");
    page.send(Command::Watch(None));
    assert_eq!(page.frame().heard, None);
}

#[test]
fn a_crash_makes_the_watched_node_forget() {
    let mut page = Page::open("#/s/test-panics?seed=3&at=2s");
    page.send(Command::Watch(Some(N0)));
    page.send(Command::Act(vec![Action::Crash(N0)]));
    assert_eq!(page.frame().heard.as_ref().unwrap().last_us, [None, None]);
    page.send(Command::Act(vec![Action::Restart(N0)]));
    page.send(Command::Step);
    let heard = page.frame().heard.clone().unwrap();
    assert_eq!(heard.last_us, [None, None]);
    assert!((2_000_000..2_010_000).contains(&heard.since_us.unwrap()));
    page.send(Command::Advance { to_us: 3_000_000, pauses: false });
    let heard = page.frame().heard.clone().unwrap();
    assert!(heard.last_us[1].unwrap() > 2_000_000);
    page.send(Command::Watch(Some(NodeId(99))));
    assert_eq!(page.frame().heard, None, "nobody");
}

#[test]
fn a_page_is_told_where_nodes_stand() {
    let opened = |link: &str| Page::open(link).opened.unwrap();
    assert_eq!(opened("#/s/g-counter?seed=1").layout, Layout::Ring);
    let crowd = opened("#/s/test-crowd?seed=1&nodes=20&zones=3&layout=1");
    assert_eq!(crowd.layout, Layout::Zones);
    let sizes: Vec<usize> = crowd.zones.iter().map(|zone| zone.nodes.len()).collect();
    assert_eq!(sizes, [7, 7, 6]);
    let map = opened("#/s/test-crowd?seed=1&nodes=20&layout=3").layout;
    assert!(matches!(map, Layout::Map(places) if places.len() == 20));
}
