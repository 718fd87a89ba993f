//! What is counted and measured, as the page is told of it.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, NodeId};
use faultline_web::wire::{
    Command, HistoryAnswer, HistoryView, Listed, Measure, Part, Price, Update,
};

use crate::page::Page;

fn history(page: &mut Page, judge: bool) -> HistoryView {
    page.send(Command::History { judge });
    let found = page.updates.iter().find_map(|update| {
        if let Update::History(history) = update { Some((**history).clone()) } else { None }
    });
    found.unwrap()
}

fn listed(page: &mut Page, measure: Measure, (from, to): (u64, u64)) -> Listed {
    page.send(Command::ListOperations { measure, from, to });
    match page.updates.as_slice() {
        [Update::Operations(listed)] => listed.clone(),
        other => panic!("no list but {other:?}"),
    }
}

#[test]
fn the_histogram_counts_what_has_ended_by_the_cursor_whichever_way_it_got_there() {
    for slug in ["single-leader", "g-counter"] {
        let mut page = Page::open(&format!("#/s/{slug}?seed=3&preset=hardened"));
        page.send(Command::Seek { at_us: 2_000_000 });
        let there = page.frame().figures.clone();
        assert_eq!(there.latency.count, page.frame().costs.operations, "{slug}");
        assert!(there.latency.count > 10, "{slug}");
        for of in [&there.latency, &there.hops] {
            assert_eq!(of.bars.iter().map(|bar| bar.count).sum::<u64>(), of.count);
            assert!(of.median <= of.p95 && of.p95 <= of.p99 && of.p99 <= of.max);
        }
        page.send(Command::Seek { at_us: 5_000_000 });
        assert!(page.frame().figures.latency.count > there.latency.count, "{slug}");
        page.send(Command::Seek { at_us: 2_000_000 });
        assert_eq!(page.frame().figures, there, "{slug}: it depends on the way");
        page.send(Command::Seek { at_us: 0 });
        assert_eq!(page.frame().figures.latency.count, 0, "{slug}");
    }
}

#[test]
fn a_bar_lists_as_many_operations_as_it_counts() {
    let mut page = Page::open("#/s/single-leader?seed=3");
    page.send(Command::Seek { at_us: 3_000_000 });
    let figures = page.frame().figures.clone();
    for (measure, of) in [(Measure::Took, &figures.latency), (Measure::Hops, &figures.hops)] {
        for bar in &of.bars {
            let listed = listed(&mut page, measure.clone(), (bar.from, bar.to));
            assert_eq!((listed.total, listed.as_of_us), (bar.count, 3_000_000));
            assert!(listed.entries.len() <= 20);
            assert!(listed.entries.is_sorted_by_key(|it| u64::MAX - it.at_us - it.took_us));
        }
    }
}

#[test]
fn what_nodes_found_to_take_time_is_counted_up_to_the_cursor_and_listed() {
    let mut page = Page::open("#/s/test-crowd?seed=1");
    page.send(Command::Seek { at_us: 4_000_000 });
    let [(quantity, early)] = page.frame().figures.observed.clone().try_into().unwrap();
    assert_eq!(quantity, "how old news are");
    assert!(early.count > 0);
    page.send(Command::Seek { at_us: 12_000_000 });
    let (_, late) = page.frame().figures.observed[0].clone();
    assert!(late.count > early.count);
    assert_eq!(late.bars.iter().map(|bar| bar.count).sum::<u64>(), late.count);
    for bar in &late.bars {
        let listed = listed(&mut page, Measure::Observed(quantity.clone()), (bar.from, bar.to));
        assert_eq!(listed.total, bar.count);
        assert!(listed.entries.iter().all(|it| it.operation.is_none() && it.at_us <= 12_000_000));
    }
    assert_eq!(listed(&mut page, Measure::Observed("nothing".into()), (0, u64::MAX)).total, 0);
    page.send(Command::Seek { at_us: 4_000_000 });
    assert_eq!(page.frame().figures.observed[0].1, early, "back in time, as it was");
}

#[test]
fn what_a_metric_reads_at_the_cursor_is_told_with_the_frame() {
    let mut page = Page::open("#/s/g-counter?seed=3");
    let metrics = page.opened.as_ref().unwrap().metrics.len();
    page.send(Command::Seek { at_us: 1_234_567 });
    let readings = page.frame().figures.readings.clone();
    assert_eq!(readings.len(), metrics);
    // The last sample before the cursor is no later; what only grows is no less now.
    let acknowledged = page.timeline().series[1].iter().rfind(|it| it.0 <= 1_234_567).unwrap();
    assert!(readings[1] >= acknowledged.1 - 2);
    assert_eq!(page.frame().figures.node_costs.len(), page.frame().scene.nodes.len());
}

#[test]
fn a_history_that_two_servers_wrote_is_impossible_and_points_explain_the_other() {
    let mut page = Page::open("#/s/single-leader?seed=3&preset=naive");
    page.send(Command::Seek { at_us: 6_000_000 });
    assert_eq!(history(&mut page, false).verdict, None);
    let found = history(&mut page, true);
    let Some(HistoryAnswer::Impossible { from_us, to_us, reason, .. }) =
        found.verdict.map(|verdict| verdict.answer)
    else {
        panic!("it passes for possible");
    };
    assert!(from_us < to_us && to_us <= 6_000_000);
    assert!(reason.contains("was told"), "{reason}");
    assert_eq!(found.operations.iter().filter(|it| it.part == Part::Refused).count(), 1);

    page.send(Command::Flip(faultline_core::scenario::Preset::Hardened));
    assert_eq!(history(&mut page, false).verdict, None, "a verdict on another run is none");
    let found = history(&mut page, true);
    assert_eq!(found.verdict.unwrap().answer, HistoryAnswer::Possible);
    for it in &found.operations {
        let Some(point_us) = it.point_us else { continue };
        let end_us = it.ended.map_or(found.heard_us, |(at_us, _)| at_us);
        assert!((it.began_us..=end_us).contains(&point_us), "{it:?}");
    }
    let answered = found.operations.iter().filter(|it| it.ended.is_some());
    assert!(answered.clone().count() > 20 && answered.clone().all(|it| it.point_us.is_some()));
}

#[test]
fn a_verdict_that_is_being_looked_for_can_be_cancelled() {
    let mut page = Page::open("#/s/single-leader?seed=3&preset=hardened");
    page.send(Command::Seek { at_us: 6_000_000 });
    assert!(page.begin(Command::History { judge: true }));
    for _ in 0..40 {
        assert!(page.slice(1), "hearing and judging take longer");
    }
    let words = |update: &Update| matches!(update, Update::HistoryGoesOn { .. });
    assert!(page.updates.iter().any(words), "the page hears that it goes on");
    page.begin(Command::Cancel);
    page.settle();
    assert!(!page.updates.iter().any(|it| matches!(it, Update::History(_))));
    assert!(history(&mut page, true).verdict.is_some());
}

#[test]
fn a_history_follows_the_run_and_forgets_what_never_happened() {
    let mut page = Page::open("#/s/g-counter?seed=3&preset=hardened");
    page.send(Command::Seek { at_us: 1_000_000 });
    let early = history(&mut page, true);
    assert_eq!((early.object, early.verdict), (None, None), "nothing to judge it by");
    page.send(Command::Seek { at_us: 2_000_000 });
    let late = history(&mut page, false);
    assert!(late.total > early.total && late.heard_us == 2_000_000);
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(history(&mut page, false).total, late.total, "the future is known");
    page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
    assert!(history(&mut page, false).total <= early.total + 1, "it is known no more");
}

fn price(page: &mut Page) -> Price {
    page.send(Command::Price);
    match page.updates.as_slice() {
        [Update::Price(price)] => (**price).clone(),
        other => panic!("no price but {other:?}"),
    }
}

#[test]
fn the_price_is_of_both_designs_under_one_schedule_up_to_the_same_moment() {
    let mut page = Page::open("#/s/single-leader?seed=42&preset=hardened&at=1s");
    let told = price(&mut page);
    let [naive, hardened] = &told.designs;
    assert!(hardened.wait_us > naive.wait_us, "who is cut off waits: {told:?}");
    assert!(hardened.hops * naive.traced > naive.hops * hardened.traced, "{told:?}");
    for (preset, spent) in [(Preset::Hardened, hardened), (Preset::Naive, naive)] {
        page.send(Command::Flip(preset));
        page.send(Command::Seek { at_us: told.until_us });
        assert_eq!(page.frame().costs, spent.costs);
        assert_eq!(page.frame().costs.operations, page.frame().figures.latency.count);
    }
    assert_eq!(price(&mut page), told, "wherever the cursor is, and whichever design is open");
}

#[test]
fn what_is_written_to_disks_is_part_of_the_price() {
    for slug in ["durable-counter", "wal-lsm"] {
        let told = price(&mut Page::open(&format!("#/s/{slug}?seed=42&preset=hardened")));
        let [naive, hardened] = &told.designs;
        let (was, is) = (naive.costs.written_bytes, hardened.costs.written_bytes);
        assert!(was > 0 && is > 0, "{slug}: {was} B and {is} B");
    }
}
