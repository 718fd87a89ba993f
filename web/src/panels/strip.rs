//! Below the stage: what happened over time, in lines, in words, and by whose hand.

use yew::prelude::*;

use super::beside::which_run;
use super::beside_log::BesideLog;
use super::faults::FaultsPanel;
use super::log::LogPanel;
use super::splitter::Splitter;
use super::tabs::Tabs;
use super::turn::use_in_turn;
use crate::figures::HistoryPanel;
use crate::hunt::HuntPanel;
use crate::pages::lab::{Intent, LabState, StripTab};
use crate::shared::Shared;
use crate::spacetime::SpaceTimeView;
use crate::wire::{Frame, Opened, Side};

/// What the tabs show.
#[derive(Properties, PartialEq)]
pub(crate) struct StripProps {
    /// The lab.
    pub(crate) lab: Shared<LabState>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The tabs below the stage.
#[component]
pub(crate) fn Strip(props: &StripProps) -> Html {
    let StripProps { lab, on } = props;
    let lab = &use_in_turn(lab, 1);
    let tabs: Vec<AttrValue> = StripTab::ALL.iter().map(|tab| tab.label().into()).collect();
    let chosen = StripTab::ALL.iter().position(|tab| *tab == lab.strip).unwrap_or_default();
    let on_choose = on.reform(|place: usize| {
        Intent::Strip(StripTab::ALL.get(place).copied().unwrap_or_default())
    });
    let body = match (&lab.opened, &lab.frame) {
        (Some(opened), Some(frame)) => body(lab, opened, frame, on),
        _ => Html::default(),
    };
    html! {
        <section class="strip" aria-label="Over time">
            <Splitter height_px={lab.preferences.strip_px}
                on_resize={on.reform(Intent::StripHeight)} />
            <Tabs label="Over time" prefix="strip" {tabs} {chosen} {on_choose} />
            <div class="strip-body" id="strip-panel" role="tabpanel" tabindex="0"
                aria-labelledby={format!("strip-tab-{chosen}")}>
                // Both logs stand side by side; all else down here is of the open run.
                if lab.strip != StripTab::Log { { which_run(lab.beside.as_ref(), Side::This) } }
                { body }
            </div>
        </section>
    }
}

fn body(
    lab: &LabState,
    opened: &Shared<Opened>,
    frame: &Shared<Frame>,
    on: &Callback<Intent>,
) -> Html {
    match lab.strip {
        StripTab::SpaceTime => {
            let names: Vec<String> =
                frame.scene.nodes.iter().map(|node| node.name.clone()).collect();
            html! {
                <SpaceTimeView trace={lab.trace.clone()} timeline={lab.timeline.clone()} {names}
                    epochs={frame.scene.nodes.iter().map(|node| node.view.epoch).collect::<Vec<_>>()}
                    event={frame.event} now_us={frame.scene.now_us} horizon_us={opened.horizon_us}
                    theme={lab.preferences.theme} on={on.clone()} />
            }
        }
        StripTab::Log => {
            if let Some(beside) = &lab.beside {
                html! {
                    <BesideLog lines={lab.log.clone()} beside={beside.clone()} frame={frame.clone()}
                        on={on.clone()} />
                }
            } else {
                html! {
                    <LogPanel lines={lab.log.clone()} frame={frame.clone()} searches={lab.searches}
                        verbosity={lab.preferences.verbosity} trace={lab.trace.clone()}
                        timeline={lab.timeline.clone()} on={on.clone()} />
                }
            }
        }
        StripTab::Hunt => html! {
            <HuntPanel opened={opened.clone()} board={lab.board.clone()} checks={lab.checks.clone()}
                now_us={frame.scene.now_us} on={on.clone()} />
        },
        StripTab::History => html! {
            <HistoryPanel history={lab.asked.history.clone()} judging={lab.asked.judging()}
                timeline={lab.timeline.clone()} frame={frame.clone()}
                horizon_us={opened.horizon_us} on={on.clone()} />
        },
        StripTab::Faults => html! {
            <FaultsPanel opened={opened.clone()} timeline={lab.timeline.clone()}
                frame={frame.clone()} on={on.clone()} />
        },
    }
}
