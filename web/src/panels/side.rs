//! Beside the stage: what is selected, the state of the whole, what must hold, the source.

use std::rc::Rc;

use yew::prelude::*;

use super::beside::which_run;
use super::inspect::Inspect;
use super::properties::PropertiesPanel;
use super::source::SourcePanel;
use super::state_panel::StatePanel;
use super::tabs::Tabs;
use crate::pages::lab::{Intent, LabState, SideTab};
use crate::shared::Shared;
use crate::wire::{Frame, Opened};

/// What the tabs show.
#[derive(Properties, PartialEq)]
pub(crate) struct SideProps {
    /// The lab.
    pub(crate) lab: Shared<LabState>,
    /// The addresses of the scenario's files, as far as they are served.
    pub(crate) sources: Rc<[String]>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The tabs beside the stage.
#[component]
pub(crate) fn Side(props: &SideProps) -> Html {
    let SideProps { lab, on, .. } = props;
    let tabs: Vec<AttrValue> = SideTab::ALL.iter().map(|tab| tab.label().into()).collect();
    let chosen = SideTab::ALL.iter().position(|tab| *tab == lab.side).unwrap_or_default();
    let on_choose = on
        .reform(|place: usize| Intent::Side(SideTab::ALL.get(place).copied().unwrap_or_default()));
    let body = match (&lab.opened, &lab.frame) {
        (Some(opened), Some(frame)) => body(props, opened, frame),
        _ => Html::default(),
    };
    html! {
        <aside class="side" aria-label="Details">
            <Tabs label="Details" prefix="side" {tabs} {chosen} {on_choose} />
            <div class="side-body" id="side-panel" role="tabpanel" tabindex="0"
                aria-labelledby={format!("side-tab-{chosen}")}>
                { which_run(lab.beside.as_ref(), lab.side_shown()) }
                { body }
            </div>
        </aside>
    }
}

fn body(props: &SideProps, opened: &Shared<Opened>, frame: &Shared<Frame>) -> Html {
    let SideProps { lab, sources, on } = props;
    match lab.side {
        SideTab::Inspect => html! {
            <Inspect frame={frame.clone()} selected={lab.selected} offers={lab.offers.clone()}
                reasons={lab.reasons.clone()} trace={lab.trace.clone()} plays={lab.plays}
                on={on.clone()} />
        },
        SideTab::State => state(lab, opened, frame, on),
        // The lesson has a place of its own; where there is no room, it takes this one.
        SideTab::Lesson | SideTab::Properties => html! {
            <>
                <PropertiesPanel opened={opened.clone()} checks={lab.checks.clone()}
                    of={lab.beside.as_ref().map(|beside| beside.shown)}
                    on={on.clone()} />
                { state(lab, opened, frame, on) }
            </>
        },
        SideTab::Source => html! {
            <SourcePanel addresses={sources.clone()} last={frame.last}
                caption={frame.caption.clone()} />
        },
    }
}

fn state(
    lab: &LabState,
    opened: &Shared<Opened>,
    frame: &Shared<Frame>,
    on: &Callback<Intent>,
) -> Html {
    html! {
        <StatePanel opened={opened.clone()} timeline={lab.timeline.clone()} frame={frame.clone()}
            spent_before={lab.spent_before.clone()} listed={lab.asked.listed.clone()} on={on.clone()} />
    }
}
