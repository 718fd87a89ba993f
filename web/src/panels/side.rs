//! Beside the stage: what is selected, the state of the whole, what must hold, the source.

use std::rc::Rc;

use yew::prelude::*;

use super::beside::which_run;
use super::inspect::Inspect;
use super::properties::PropertiesPanel;
use super::source::SourcePanel;
use super::state_panel::StatePanel;
use super::tabs::Tabs;
use super::turn::use_in_turn;
use crate::disk::DiskPanel;
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
    let SideProps { lab, sources, on } = props;
    let lab = &use_in_turn(lab, 2);
    // Last of all, and only where there is one.
    let has_disk = lab.opened.as_ref().is_some_and(|opened| opened.on_disk);
    let all = &SideTab::ALL[..SideTab::ALL.len() - usize::from(!has_disk)];
    let tabs: Vec<AttrValue> = all.iter().map(|tab| tab.label().into()).collect();
    let chosen = all.iter().position(|tab| *tab == lab.side).unwrap_or_default();
    let on_choose = on
        .reform(|place: usize| Intent::Side(SideTab::ALL.get(place).copied().unwrap_or_default()));
    let body = match (&lab.opened, &lab.frame) {
        (Some(opened), Some(frame)) => body(lab, sources, (opened, frame), on),
        _ => Html::default(),
    };
    html! {
        <aside class="side" aria-label="Details">
            <Tabs label="Details" prefix="side" {tabs} {chosen} {on_choose} />
            // Another tab begins at its top.
            <div key={lab.side.label()} class="side-body" id="side-panel" role="tabpanel" tabindex="0"
                aria-labelledby={format!("side-tab-{chosen}")}>
                { which_run(lab.beside.as_ref(), lab.side_shown()) }
                { body }
            </div>
        </aside>
    }
}

fn body(
    lab: &Shared<LabState>,
    sources: &Rc<[String]>,
    (opened, frame): (&Shared<Opened>, &Shared<Frame>),
    on: &Callback<Intent>,
) -> Html {
    match lab.side {
        SideTab::Inspect => html! {
            <Inspect frame={frame.clone()} selected={lab.selected} offers={lab.offers.clone()}
                reasons={lab.reasons.clone()} trace={lab.trace.clone()} plays={lab.plays}
                on={on.clone()} />
        },
        SideTab::State => html! { <StatePanel lab={lab.clone()} on={on.clone()} /> },
        // The lesson has a place of its own; where there is no room, it takes this one.
        SideTab::Lesson | SideTab::Properties => html! {
            <>
                <PropertiesPanel opened={opened.clone()} checks={lab.checks.clone()}
                    of={lab.beside.as_ref().map(|beside| beside.shown)}
                    on={on.clone()} />
                <StatePanel lab={lab.clone()} on={on.clone()} />
            </>
        },
        SideTab::Disk if opened.on_disk => html! {
            <DiskPanel key={opened.card.slug.clone()} slug={opened.card.slug.clone()} />
        },
        SideTab::Source | SideTab::Disk => html! {
            <SourcePanel addresses={sources.clone()} last={frame.last}
                caption={frame.caption.clone()} />
        },
    }
}
