//! Below the stage: what happened over time, in lines, in words, and by whose hand.

use yew::prelude::*;

use super::beside_log::BesideLog;
use super::faults::FaultsPanel;
use super::log::LogPanel;
use super::splitter::Splitter;
use super::tabs::Tabs;
use crate::figures::HistoryPanel;
use crate::pages::lab::{Intent, LabState, StripTab};
use crate::shared::Shared;
use crate::spacetime::SpaceTimeView;
use crate::wire::{Frame, Opened};

/// The space-time diagram shows this share of the horizon at a time.
const WINDOWS_A_HORIZON: u64 = 10;

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
                aria-labelledby={format!("strip-tab-{chosen}")}>{ body }</div>
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
            let now_us = frame.scene.now_us;
            html! {
                <SpaceTimeView spacetime={lab.timeline.spacetime.clone()} {names}
                    marks={lab.timeline.marks.clone()} window={window(now_us, opened.horizon_us)}
                    {now_us} on_seek={on.reform(Intent::Seek)} />
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
                        verbosity={lab.preferences.verbosity} on={on.clone()} />
                }
            }
        }
        StripTab::History => html! {
            <HistoryPanel history={lab.asked.history.clone()} is_judging={lab.asked.is_judging}
                timeline={lab.timeline.clone()} frame={frame.clone()}
                horizon_us={opened.horizon_us} on={on.clone()} />
        },
        StripTab::Faults => html! {
            <FaultsPanel opened={opened.clone()} timeline={lab.timeline.clone()}
                frame={frame.clone()} on={on.clone()} />
        },
    }
}

/// The stretch of time around the cursor that the diagram shows. It moves in half-widths, so that
/// the cursor sweeps over lines that stand still.
fn window(now_us: u64, horizon_us: u64) -> (u64, u64) {
    let half_us = (horizon_us / WINDOWS_A_HORIZON / 2).max(1);
    let from_us = (now_us / half_us).saturating_sub(1) * half_us;
    (from_us, from_us + 2 * half_us)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn the_cursor_sweeps_the_second_half_of_the_window() {
        assert_eq!(window(0, 20_000), (0, 2_000));
        assert_eq!(window(1_500, 20_000), (0, 2_000));
        assert_eq!(window(2_000, 20_000), (1_000, 3_000));
        assert_eq!(window(2_999, 20_000), (1_000, 3_000));
    }
}
