//! Every sign of the stage once, each with what it means and what is read out for it.

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html, use_memo};

use super::clock::DisplayClock;
use super::component::Stage;
use super::cuts::Cuts;
use super::geometry::micros;
use super::inside::Inside;
use super::knowledge::known_in_words;
use super::samples::{NOW_US, Sample, samples};
use super::words::{stage_in_words, zones_in_words};

/// More lines than this are not read out for one sample.
const MOST_LINES: usize = 6;

/// Shows all signs.
#[component]
pub(crate) fn EncodingsGallery() -> Html {
    let samples = use_memo((), |()| samples());
    let one = |sample: &Sample| html! { <One sample={Rc::new(sample.clone())} /> };
    html! { <div class="encodings">{ for samples.iter().map(one) }</div> }
}

#[derive(Clone, PartialEq, Properties)]
struct OneProps {
    sample: Rc<Sample>,
}

/// One sample, drawn by the stage itself.
#[component]
fn One(props: &OneProps) -> Html {
    let sample = &props.sample;
    let clock = use_memo((), |()| {
        let clock = DisplayClock::default();
        clock.set_us(micros(NOW_US));
        clock
    });
    let lines = in_words(sample);
    let more = lines.len().saturating_sub(MOST_LINES);
    html! {
        <figure class="encoding">
            <div class="encoding-stage">
                <Stage frame={sample.frame.clone()} clock={(*clock).clone()}
                    ground={sample.ground.clone()} halo={sample.halo.clone()} pace={sample.pace}
                    selected={sample.selected} drawing_line={false}
                    reduced_motion={sample.is_still} is_sample=true
                    on_select={Callback::noop()} on_menu={Callback::noop()}
                    on_line={Callback::noop()} />
            </div>
            <figcaption>
                <b>{ sample.caption }</b>
                <ul>
                    { for lines.iter().take(MOST_LINES).map(|line| html! { <li>{ line }</li> }) }
                    if more > 0 { <li>{ format!("and {more} more") }</li> }
                </ul>
            </figcaption>
        </figure>
    }
}

fn in_words(sample: &Sample) -> Vec<String> {
    let scene = &sample.frame.scene;
    if let Some(heard) = &sample.frame.heard {
        return known_in_words(scene, heard, false);
    }
    let cuts = Cuts::new(scene.nodes.len(), &scene.cuts);
    let mut lines = stage_in_words(scene, &cuts, &sample.halo);
    // As the nodes themselves say.
    for (line, node) in lines.iter_mut().zip(&scene.nodes) {
        if let Some(inside) = Inside::of(&node.view) {
            line.push_str(", ");
            line.push_str(&inside.in_words());
        }
    }
    lines.extend(zones_in_words(&scene.nodes, &sample.ground.zones));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the beginning of its caption, what is read out for a sign, whatever it is that shows.
    const SAID: [(&str, &[&str]); 28] = [
        ("Roles of servers", &["S1, follower", "S2, candidate, 2 of 3", "S3, leader"]),
        ("Other roles", &["client", "coordinator", "storage", "queue", "gateway", "peer"]),
        ("Epochs", &["S1, follower, epoch 1", "S8, follower, epoch 8"]),
        ("The value that matters most", &["N1, peer, value 41"]),
        ("What a node holds", &["log: ", "epoch 1 x=1", "epoch 2 y=2", "x=3, not committed"]),
        (
            "Timers",
            &["timeout fires in", "heartbeat fires in", "retry fires in", "S2, follower, paused"],
        ),
        (
            "Crashed",
            &["S2, follower, crashed", "S3, follower, paused", "slow: 20 ms more an event"],
        ),
        ("A full inbox", &["inbox full: 8 of 8", "clock 180 ms"]),
        ("Broken", &["S1, leader, epoch 1, involved in what broke", "involved in what broke"]),
        ("A request", &["A to B: append 3, arrives in", "B to A: ok 2, arrives in"]),
        ("Gossip", &["A to B: state", "B to A: beat"]),
        ("An error", &["B to A: refused, arrives in", ", an error"]),
        ("A second copy", &["append 3, arrives in", ", second copy"]),
        ("Delayed", &["append 3, arrives in", ", delayed"]),
        ("Lost", &["A to B: append 3, lost by the network at"]),
        ("Held", &["A to B: held, nothing arrives and nothing is lost", "append 3"]),
        ("Without motion", &["A to B: write x", "B to A: ok"]),
        ("At more than four times", &["A to B: append 3"]),
        ("A split: tinted", &["The network is split since 1.200 s: S1, S2, S5 | S3, S4"]),
        ("A split that comes and goes", &["every other 500 ms, since 1.200 s (whole just now)"]),
        ("Cut one way", &["A to B: cut since 1.200 s"]),
        ("Cut both ways", &["S1 to S2: cut since 1.200 s", "S2 to S1: cut since 1.200 s"]),
        ("Only what S2 knows", &["S1, last heard 180 ms ago", "C1, never heard"]),
        ("Picked", &["S1, leader"]),
        ("Zones", &["In Frankfurt: S1, S2, S3", "In Virginia: S4, S5"]),
        ("Layers", &["C1, client", "D1, storage"]),
        ("On ", &["S1, follower"]),
        ("More than 60 nodes", &["N90, follower"]),
    ];

    #[test]
    fn every_sign_is_read_out_and_every_expectation_has_its_sign() {
        let samples = samples();
        for (begin, words) in SAID {
            let meant = samples.iter().filter(|sample| sample.caption.starts_with(begin));
            let mut count = 0;
            for sample in meant {
                let said = in_words(sample).join("\n");
                for word in words {
                    assert!(said.contains(word), "{}: {word:?} is not in\n{said}", sample.caption);
                }
                count += 1;
            }
            assert!(count > 0, "{begin} has no sign");
        }
        let is_listed =
            |sample: &&Sample| SAID.iter().any(|(begin, _)| sample.caption.starts_with(begin));
        let missing: Vec<&str> =
            samples.iter().filter(|it| !is_listed(it)).map(|it| it.caption).collect();
        assert!(missing.is_empty(), "nobody asks what is read out for {missing:?}");
    }

    /// A sign's picture is found by its caption up to the first stop.
    #[test]
    fn every_sign_has_its_picture() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser/visual");
        for sample in samples() {
            let name = sample.caption.split([':', ',']).next().unwrap_or_default().to_lowercase();
            let words = name.split(|it: char| !it.is_ascii_alphanumeric());
            let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
            for theme in ["light", "dark"] {
                let file = format!("{folder}/sign-{}-{theme}.png", words.join("-"));
                assert!(std::path::Path::new(&file).exists(), "{file}");
            }
        }
    }
}
