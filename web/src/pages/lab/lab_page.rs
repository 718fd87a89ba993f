//! Where everything in the lab stands.

use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};
use yew::prelude::*;

use super::intent::{Dialog, Intent, Sheet, SideTab, StripTab};
use super::state::LabState;
use super::wiring::{Wiring, use_lab};
use crate::pages::gallery::Row;
use crate::pages::lost::Lost;
use crate::panels::announcer::Announcer;
use crate::panels::banner::banners;
use crate::panels::card::CardDialog;
use crate::panels::faults::FaultsPanel;
use crate::panels::glyph::{Glyph, glyph};
use crate::panels::help::HelpDialog;
use crate::panels::inspect::Inspect;
use crate::panels::lesson::Lesson;
use crate::panels::log::LogPanel;
use crate::panels::menu::Menu;
use crate::panels::properties::PropertiesPanel;
use crate::panels::share::ShareDialog;
use crate::panels::source::SourcePanel;
use crate::panels::stage_head::StageHead;
use crate::panels::state_panel::StatePanel;
use crate::panels::tabs::Tabs;
use crate::panels::top_bar::TopBar;
use crate::panels::transport::Transport;
use crate::preferences::wants_reduced_motion;
use crate::spacetime::SpaceTimeView;
use crate::stage::{DisplayClock, Stage};
use crate::wire::{Frame, Opened};

/// The space-time diagram shows this share of the horizon at a time.
const WINDOWS_A_HORIZON: u64 = 10;

/// What the lab is opened with.
#[derive(Properties, PartialEq)]
pub(crate) struct LabProps {
    /// The fragment for the engine.
    pub(crate) link: AttrValue,
    /// Goes up when the viewer follows a link, even to where they are.
    pub(crate) visit: u32,
    /// The gallery's rows, once read.
    pub(crate) rows: Rc<[Row]>,
}

/// One scenario on the stage.
#[component]
pub(crate) fn Lab(props: &LabProps) -> Html {
    let Wiring { state, clock, on } = use_lab(&props.link, props.visit);
    let lab = &*state;
    let title = lab.opened.as_ref().map(|opened| opened.card.title.clone());
    use_effect_with(title, |title| {
        if let Some(title) = title {
            gloo::utils::document().set_title(&format!("{title} · Faultline"));
        }
    });
    if let (None, Some((sentence, true))) = (&lab.opened, &lab.notice) {
        return html! { <main><Lost sentence={sentence.clone()} /></main> };
    }
    html! {
        <div class={classes!("lab", (!lab.preferences.lesson_open).then_some("lesson-closed"))}
            data-side={lab.side.label().to_lowercase()} data-sheet={sheet_name(lab)}>
            <TopBar opened={lab.opened.clone()} undo={lab.timeline.undo}
                preferences={lab.preferences} on={on.clone()} />
            { lesson(lab, &on) }
            <main class="centre">
                { centre(lab, &clock, &on) }
                { menu(lab, &on) }
            </main>
            { side(lab, &props.rows, &on) }
            { strip(lab, &on) }
            <Transport timeline={lab.timeline.clone()} opened={lab.opened.clone()}
                now_us={lab.now_us()} extent_us={lab.extent_us()} plays={lab.plays}
                speed={lab.speed} chooses_until={lab.chooses_until} checks={lab.checks.clone()}
                progress={lab.progress} on={on.clone()} />
            { sheet_bar(lab, &on) }
            { dialog(lab, &on) }
            <Announcer verbosity={lab.preferences.verbosity} plays={lab.plays}
                frame={lab.frame.clone()} />
        </div>
    }
}

fn lesson(lab: &LabState, on: &Callback<Intent>) -> Html {
    let Some(opened) = &lab.opened else { return html! { <aside class="lesson"></aside> } };
    let answer = lab.frame.as_ref().and_then(|frame| *frame.answers.get(lab.beat)?);
    let open = on.reform(|_: MouseEvent| Intent::ShowLesson(true));
    html! {
        <aside class="lesson" aria-label="Lesson">
            <button type="button" class="icon expand" aria-label="Show the lesson"
                title="Show the lesson" onclick={open}>{ glyph(Glyph::Expand) }</button>
            <div class="lesson-body">
                <Lesson opened={opened.clone()} beat={lab.beat} {answer} bets={lab.bets.clone()}
                    is_shown={lab.sheet.is_some()} on={on.clone()} />
            </div>
        </aside>
    }
}

fn centre(lab: &LabState, clock: &DisplayClock, on: &Callback<Intent>) -> Html {
    let (Some(opened), Some(frame)) = (&lab.opened, &lab.frame) else {
        return html! {
            <>
                <p class="waiting" role="status">{ "Starting the engine …" }</p>
                { banners(lab, on) }
            </>
        };
    };
    let halo: Rc<[NodeId]> = lab.broken().map_or_else(|| Rc::from([]), |it| it.nodes.into());
    let on_line = on.reform(|side: Vec<NodeId>| {
        Intent::Do(if side.is_empty() { vec![] } else { vec![Action::Partition(side)] })
    });
    let is_fresh = lab.timeline.known_us == 0;
    html! {
        <>
            <StageHead opened={opened.clone()} {is_fresh} draws_line={lab.draws_line}
                on={on.clone()} />
            <div class="stage-place">
                <Stage frame={frame.clone()} clock={clock.clone()} selected={lab.selected} {halo}
                    drawing_line={lab.draws_line} reduced_motion={wants_reduced_motion()}
                    on_select={on.reform(Intent::Select)}
                    on_menu={on.reform(|(thing, x, y)| Intent::Menu(thing, x, y))} {on_line} />
            </div>
            { banners(lab, on) }
        </>
    }
}

fn menu(lab: &LabState, on: &Callback<Intent>) -> Html {
    let (Some(at), Some(frame)) = (lab.menu_at, &lab.frame) else { return Html::default() };
    html! {
        <Menu key={format!("{at:?}")} {at} selected={lab.selected} frame={frame.clone()}
            offers={lab.offers.clone()} reasons={lab.reasons.clone()} on={on.clone()} />
    }
}

fn side(lab: &LabState, rows: &[Row], on: &Callback<Intent>) -> Html {
    let tabs: Vec<AttrValue> = SideTab::ALL.iter().map(|tab| tab.label().into()).collect();
    let chosen = SideTab::ALL.iter().position(|tab| *tab == lab.side).unwrap_or_default();
    let on_choose = on
        .reform(|place: usize| Intent::Side(SideTab::ALL.get(place).copied().unwrap_or_default()));
    let body = match (&lab.opened, &lab.frame) {
        (Some(opened), Some(frame)) => side_body(lab, opened, frame, rows, on),
        _ => Html::default(),
    };
    html! {
        <aside class="side" aria-label="Details">
            <Tabs label="Details" prefix="side" {tabs} {chosen} {on_choose} />
            <div class="side-body" id="side-panel" role="tabpanel" tabindex="0"
                aria-labelledby={format!("side-tab-{chosen}")}>{ body }</div>
        </aside>
    }
}

fn side_body(
    lab: &LabState,
    opened: &Rc<Opened>,
    frame: &Rc<Frame>,
    rows: &[Row],
    on: &Callback<Intent>,
) -> Html {
    match lab.side {
        SideTab::Inspect => html! {
            <Inspect frame={frame.clone()} selected={lab.selected} offers={lab.offers.clone()}
                reasons={lab.reasons.clone()} on={on.clone()} />
        },
        SideTab::State => html! {
            <StatePanel opened={opened.clone()} timeline={lab.timeline.clone()}
                frame={frame.clone()} on={on.clone()} />
        },
        // The lesson has a place of its own; where there is no room, it takes this one.
        SideTab::Lesson | SideTab::Properties => html! {
            <>
                <PropertiesPanel opened={opened.clone()} checks={lab.checks.clone()}
                    on={on.clone()} />
                <StatePanel opened={opened.clone()} timeline={lab.timeline.clone()}
                    frame={frame.clone()} on={on.clone()} />
            </>
        },
        SideTab::Source => {
            let row = rows.iter().find(|row| row.slug == opened.card.slug);
            html! { <SourcePanel address={row.and_then(|row| row.source.clone())} /> }
        }
    }
}

fn strip(lab: &LabState, on: &Callback<Intent>) -> Html {
    let tabs: Vec<AttrValue> = StripTab::ALL.iter().map(|tab| tab.label().into()).collect();
    let chosen = StripTab::ALL.iter().position(|tab| *tab == lab.strip).unwrap_or_default();
    let on_choose = on.reform(|place: usize| {
        Intent::Strip(StripTab::ALL.get(place).copied().unwrap_or_default())
    });
    let body = match (&lab.opened, &lab.frame) {
        (Some(opened), Some(frame)) => strip_body(lab, opened, frame, on),
        _ => Html::default(),
    };
    html! {
        <section class="strip" aria-label="Over time">
            <Tabs label="Over time" prefix="strip" {tabs} {chosen} {on_choose} />
            <div class="strip-body" id="strip-panel" role="tabpanel" tabindex="0"
                aria-labelledby={format!("strip-tab-{chosen}")}>{ body }</div>
        </section>
    }
}

fn strip_body(
    lab: &LabState,
    opened: &Rc<Opened>,
    frame: &Rc<Frame>,
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
        StripTab::Log => html! {
            <LogPanel lines={lab.log.clone()} frame={frame.clone()} searches={lab.searches}
                verbosity={lab.preferences.verbosity} on={on.clone()} />
        },
        StripTab::Faults => html! {
            <FaultsPanel opened={opened.clone()} timeline={lab.timeline.clone()}
                now_us={frame.scene.now_us} on={on.clone()} />
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

/// On a small screen: what can be pulled up.
fn sheet_bar(lab: &LabState, on: &Callback<Intent>) -> Html {
    let entry = |label: &str, sheet: Sheet, tabs: Vec<Intent>, is_on: bool| {
        let on = on.clone();
        let open = Callback::from(move |_: MouseEvent| {
            for tab in tabs.clone() {
                on.emit(tab);
            }
            on.emit(Intent::Sheet((!is_on).then_some(sheet)));
        });
        html! {
            <button type="button" aria-expanded={is_on.to_string()} onclick={open}>{ label }</button>
        }
    };
    let side = |tab: SideTab| {
        let is_on = lab.sheet == Some(Sheet::Side) && lab.side == tab;
        entry(tab.label(), Sheet::Side, vec![Intent::Side(tab)], is_on)
    };
    let strip = |tab: StripTab| {
        let is_on = lab.sheet == Some(Sheet::Strip) && lab.strip == tab;
        entry(tab.label(), Sheet::Strip, vec![Intent::Strip(tab)], is_on)
    };
    html! {
        <nav class="sheet-bar" aria-label="Panels">
            { side(SideTab::Lesson) }
            { side(SideTab::Properties) }
            { side(SideTab::Inspect) }
            { strip(StripTab::Log) }
            { strip(StripTab::Faults) }
        </nav>
    }
}

fn sheet_name(lab: &LabState) -> Option<&'static str> {
    lab.sheet.map(|sheet| match (sheet, lab.side) {
        (Sheet::Strip, _) => "strip",
        (Sheet::Side, SideTab::Lesson) => "lesson",
        (Sheet::Side, _) => "side",
    })
}

fn dialog(lab: &LabState, on: &Callback<Intent>) -> Html {
    let Some(opened) = &lab.opened else { return Html::default() };
    let on = on.clone();
    match lab.dialog {
        None => Html::default(),
        Some(Dialog::Help) => html! { <HelpDialog preferences={lab.preferences} {on} /> },
        Some(Dialog::Card) => html! { <CardDialog opened={opened.clone()} {on} /> },
        Some(Dialog::Share) => html! {
            <ShareDialog opened={opened.clone()} link={lab.link.clone()} {on} />
        },
    }
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
