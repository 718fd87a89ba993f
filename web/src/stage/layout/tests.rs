use faultline_core::view::Place;

use super::*;
use crate::stage::rings::letter_places;
use crate::wire::ZoneView;

const AREAS: [Area; 5] = [
    Area { width: 800.0, height: 600.0, text: 14.0 },
    Area { width: 390.0, height: 480.0, text: 14.0 },
    Area { width: 390.0, height: 700.0, text: 16.0 },
    Area { width: 1600.0, height: 900.0, text: 14.0 },
    Area { width: 1024.0, height: 640.0, text: 24.0 },
];

/// Servers and clients, as many as that.
fn servers(count: usize, clients: usize) -> Vec<Tier> {
    let clients = clients.min(count);
    let mut tiers = vec![Tier::Server; count - clients];
    tiers.extend(vec![Tier::Client; clients]);
    tiers
}

/// All kinds of nodes, in turns.
fn all_kinds(count: usize) -> Vec<Tier> {
    Tier::ALL.into_iter().cycle().take(count).collect()
}

fn grounds(count: usize) -> Vec<(Ground, Vec<Tier>)> {
    let zones = |sizes: usize| {
        let zone = |zone: usize| ZoneView {
            name: format!("zone {zone}"),
            nodes: (0..count)
                .filter(|it| it % sizes == zone)
                .map(crate::stage::node::id_at)
                .collect(),
        };
        (0..sizes).map(zone).collect::<Vec<_>>()
    };
    let places = |of: fn(i32) -> (i32, i32)| {
        let count = i32::try_from(count).unwrap();
        (0..count).map(of).map(|(x, y)| Place { x, y }).collect::<Vec<_>>()
    };
    let on = |layout: view::Layout| Ground { layout, zones: Vec::new() };
    // Cities close to each other, as on any map; and some on one place.
    let city = |it: i32| (it % 7 * 11_000 - 30_000, it % 5 * 9_000 + it * 100);
    let anywhere = |it: i32| (it * 37 % 1_000, it * 91 % 1_100);
    vec![
        (Ground { layout: view::Layout::Zones, zones: zones(3) }, servers(count, 0)),
        (Ground { layout: view::Layout::Zones, zones: zones(5) }, servers(count, 2)),
        (on(view::Layout::Layers), all_kinds(count)),
        (on(view::Layout::Layers), servers(count, count / 3)),
        (on(view::Layout::Map(places(city))), servers(count, 0)),
        (on(view::Layout::Free(places(anywhere))), servers(count, 0)),
        (on(view::Layout::Free(places(|_| (0, 0)))), servers(count, 0)),
    ]
}

fn each_layout(check: impl Fn(&Layout, &str)) {
    let few = (1..=9).chain([12, 14, 20, 33, 60]);
    for area in AREAS {
        let check = |tiers: &[Tier], ground: &Ground| {
            let layout = Layout::new(tiers, ground, area).seen_by(&Camera::default());
            assert_eq!(layout.spots.len(), tiers.len());
            let clients = tiers.iter().filter(|&&tier| tier == Tier::Client).count();
            let (size, hint) = ((area.width, area.height), &ground.layout);
            let hint: String = format!("{hint:?}").chars().take(6).collect();
            check(&layout, &format!("{hint}, {} nodes, {clients} clients, {size:?}", tiers.len()));
        };
        for count in few.clone() {
            for clients in [0, 1, 2, 3, count / 2, count] {
                check(&servers(count, clients), &Ground::default());
            }
            for (ground, tiers) in grounds(count) {
                check(&tiers, &ground);
            }
        }
    }
}

#[test]
fn everybody_is_on_the_stage() {
    each_layout(|layout, case| {
        for Spot { at, radius, .. } in &layout.spots {
            assert!(*radius >= 4.0, "{case}: radius {radius}");
            assert!(at.x - radius >= 0.0 && at.x + radius <= layout.area.width, "{case}");
            assert!(at.y - radius >= 0.0 && at.y + radius <= layout.area.height, "{case}");
        }
    });
}

#[test]
fn nobody_stands_on_somebody_else() {
    each_layout(|layout, case| {
        for (index, one) in layout.spots.iter().enumerate() {
            for (other_index, other) in layout.spots.iter().enumerate().skip(index + 1) {
                let apart = one.at.distance(other.at) - one.radius - other.radius;
                assert!(apart > 0.0, "{case}: {index} and {other_index} overlap by {apart}");
            }
        }
    });
}

#[test]
fn labels_meet_neither_labels_nor_nodes() {
    each_layout(|layout, case| {
        let boxes: Vec<_> = layout.spots.iter().map(|spot| label_box(layout, spot)).collect();
        for (index, one) in boxes.iter().enumerate() {
            let Some(one) = one else { continue };
            for other in boxes.iter().skip(index + 1).flatten() {
                let apart = one.0 >= other.2 || other.0 >= one.2;
                let above = one.1 >= other.3 || other.1 >= one.3;
                assert!(apart || above, "{case}: labels {one:?} and {other:?}");
            }
            for (other, spot) in layout.spots.iter().enumerate() {
                let Spot { at, radius, .. } = *spot;
                let apart = one.0 >= at.x + radius || at.x - radius >= one.2;
                let above = one.1 >= at.y + radius || at.y - radius >= one.3;
                assert!(index == other || apart || above, "{case}: label {index} on {other}");
            }
        }
    });
}

fn label_box(layout: &Layout, spot: &Spot) -> Option<(f64, f64, f64, f64)> {
    let half = real(spot.label_letters) * layout.label_text * LETTER_WIDTH / 2.0;
    let top = Layout::label_top(spot);
    let bottom = top + layout.line_height() * real(LABEL_LINES);
    (half > 0.0).then_some((spot.at.x - half, top, spot.at.x + half, bottom))
}

#[test]
fn a_usual_crowd_has_labels_and_the_usual_size() {
    let ring = |tiers: &[Tier], area| {
        Layout::new(tiers, &Ground::default(), area).seen_by(&Camera::default())
    };
    for area in &AREAS[..4] {
        for spot in &ring(&servers(7, 2), *area).spots {
            assert!(spot.label_letters >= 9, "{area:?}: {spot:?}");
        }
    }
    let layout = ring(&servers(5, 0), AREAS[0]);
    assert!((layout.spots[0].radius - USUAL_RADIUS).abs() < 1e-9);
    assert!(layout.spots[0].at.y < layout.spots[1].at.y, "the first stands at the top");
    assert!(layout.spots[1].at.x > layout.spots[4].at.x, "the second follows clockwise");
}

#[test]
fn an_empty_stage_and_one_without_size_are_drawn_too() {
    assert!(Layout::new(&[], &Ground::default(), AREAS[0]).spots.is_empty());
    for count in [3, 90] {
        for (ground, tiers) in grounds(count) {
            assert!(Layout::new(&[], &ground, AREAS[0]).spots.is_empty());
            let layout = Layout::new(&tiers, &ground, Area::default());
            let layout = layout.seen_by(&Camera::default());
            assert!(layout.spots.iter().all(|it| it.at.x.is_finite() && it.at.y.is_finite()));
        }
    }
}

#[test]
fn layers_go_from_who_asks_to_what_is_kept() {
    let on = Ground { layout: view::Layout::Layers, zones: Vec::new() };
    let tiers = [Tier::Storage, Tier::Client, Tier::Server, Tier::Client];
    let wide = Layout::new(&tiers, &on, AREAS[0]);
    let x = |index: usize| wide.spots[index].at.x;
    assert!(x(1) < x(2) && x(2) < x(0));
    assert!((x(1) - x(3)).abs() < 1e-9, "one layer, one column");
    let names: Vec<&str> = wide.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["clients", "servers", "storage"]);
    let tall = Layout::new(&tiers, &on, AREAS[2]);
    assert!(tall.spots[1].at.y < tall.spots[2].at.y && tall.spots[2].at.y < tall.spots[0].at.y);
}

#[test]
fn on_a_tall_stage_a_layer_holds_its_nodes_and_their_words() {
    let on = Ground { layout: view::Layout::Layers, zones: Vec::new() };
    let kinds = [Tier::Client, Tier::Client, Tier::Client, Tier::Coordinator, Tier::Storage];
    for tiers in [&kinds[..], &kinds[2..], &[&kinds[..], &[Tier::Server; 3]].concat()] {
        for area in [(390.0, 440.0), (390.0, 500.0), (390.0, 560.0)] {
            let area = Area { width: area.0, height: area.1, text: 13.0 };
            let layout = Layout::new(tiers, &on, area).seen_by(&Camera::default());
            for (spot, tier) in layout.spots.iter().zip(tiers) {
                let field = layout.fields.iter().find(|field| field.name == tier.title()).unwrap();
                let foot = Layout::label_top(spot) + layout.line_height() * 2.0;
                let what =
                    format!("{tier:?} of {} on {area:?}: {spot:?} in {field:?}", tiers.len());
                // With its letters, where it has any.
                let letters = letter_places(3, spot.radius);
                let high =
                    letters.iter().map(|(at, half)| half.1 - at.y).fold(spot.radius, f64::max);
                let name = field.name_at(layout.label_text).y + layout.label_text * 0.45;
                assert!(spot.at.y - high >= name, "{what}");
                assert!(spot.radius < 9.0 || foot <= field.to.y + 2.0, "{what}");
            }
        }
    }
}

#[test]
fn every_node_stands_within_its_zone() {
    for (ground, tiers) in grounds(17).into_iter().take(2) {
        let layout = Layout::new(&tiers, &ground, AREAS[0]);
        assert_eq!(layout.fields.len(), ground.zones.len());
        for (zone, field) in ground.zones.iter().zip(&layout.fields) {
            assert_eq!(zone.name, field.name);
            for spot in zone.nodes.iter().map(|id| layout.spots[id.index()]) {
                let is_in = |at: f64, from: f64, to: f64| {
                    at - spot.radius >= from && at + spot.radius <= to
                };
                assert!(is_in(spot.at.x, field.from.x, field.to.x), "{spot:?} not in {field:?}");
                assert!(is_in(spot.at.y, field.from.y, field.to.y), "{spot:?} not in {field:?}");
            }
        }
    }
}

#[test]
fn a_map_has_north_at_the_top_and_east_at_the_right() {
    let place = |x, y| Place { x, y };
    let places = vec![place(-74_000, 40_700), place(151_200, -33_900), place(139_700, 35_700)];
    let ground = Ground { layout: view::Layout::Map(places), zones: Vec::new() };
    let layout = Layout::new(&servers(3, 0), &ground, AREAS[0]);
    let at = |index: usize| layout.spots[index].at;
    assert!(at(0).x < at(2).x && at(2).x < at(1).x);
    assert!(at(0).y < at(2).y && at(2).y < at(1).y);
}

#[test]
fn what_is_moved_stays_where_it_was_put_and_others_stay_too() {
    let plain = Layout::new(&servers(5, 0), &Ground::default(), AREAS[0]);
    let moved = Moved::from([(NodeId(2), Point::new(0.25, 0.5)), (NodeId(9), Point::default())]);
    let layout = plain.clone().with_moved(&moved);
    assert_eq!(layout.spots[2].at, Point::new(200.0, 300.0));
    assert_eq!(layout.spots[1], plain.spots[1]);
}

#[test]
fn a_camera_moves_and_enlarges_everything_alike() {
    let plain = Layout::new(&servers(5, 0), &Ground::default(), AREAS[0]);
    let camera = Camera { zoom: 2.0, middle: Point::new(0.5, 0.25) };
    let seen = plain.clone().seen_by(&camera);
    for (before, after) in plain.spots.iter().zip(&seen.spots) {
        assert_eq!(after.at, camera.on_screen(plain.area, before.at));
        assert!((after.radius - before.radius * 2.0).abs() < 1e-9);
    }
}

#[test]
fn a_crowd_stands_in_groups_that_open_when_one_comes_close() {
    for area in AREAS {
        for (count, zones) in [(61, 0), (200, 0), (200, 3), (200, 6), (90, 1)] {
            for (mut ground, tiers) in grounds(count) {
                ground.zones.truncate(zones);
                let plain = Layout::new(&tiers, &ground, area);
                let case = format!("{count} nodes in {zones} zones, {area:?}");
                let far = plain.clone().seen_by(&Camera::default());
                assert!(far.spots.iter().all(|spot| spot.is_hidden), "{case}");
                let members: usize = far.groups.iter().map(|group| group.members.len()).sum();
                assert_eq!(members, count, "{case}");
                for (index, one) in far.groups.iter().enumerate() {
                    for other in &far.groups[index + 1..] {
                        let apart = one.spot.at.distance(other.spot.at);
                        assert!(apart > one.spot.radius + other.spot.radius, "{case}");
                    }
                }
                let group = &far.groups[0];
                let near = plain.clone().seen_by(&group.close_up(area));
                assert!(near.groups[0].is_open, "{case}");
                let shown = |id: &NodeId| !near.spots[id.index()].is_hidden;
                assert!(group.members.iter().all(shown), "{case}: {:?}", near.groups[0]);
                let close = near.most_zoom();
                assert!(close >= group.close_up(area).zoom * 0.9, "{case}");
            }
        }
    }
}
