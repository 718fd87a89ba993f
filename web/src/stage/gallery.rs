//! Every sign of the stage once, each with what it means and what is read out for it.

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html, use_memo};

use super::clock::DisplayClock;
use super::component::Stage;
use super::cuts::Cuts;
use super::geometry::micros;
use super::knowledge::known_in_words;
use super::samples::{NOW_US, Sample, samples};
use super::words::stage_in_words;

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
    stage_in_words(scene, &Cuts::new(scene.nodes.len(), &scene.cuts), &sample.halo)
}
