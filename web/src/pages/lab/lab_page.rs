//! Where everything in the lab stands.

use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};
use yew::prelude::*;

use super::intent::{Dialog, Intent, Sheet, SideTab, Split, StripTab};
use super::offers::flapping;
use super::state::LabState;
use super::wiring::{Wiring, use_lab};
use crate::figures::price_in_words;
use crate::pages::gallery::Row;
use crate::pages::lost::{LostProps, lost};
use crate::panels::announcer::Announcer;
use crate::panels::banner::{banners, told};
use crate::panels::beside::{BesideProps, BesideView};
use crate::panels::card::{CardProps, card_dialog};
use crate::panels::commands::Commands;
use crate::panels::glyph::{Glyph, glyph};
use crate::panels::help::{HelpProps, help_dialog};
use crate::panels::lesson::Lesson;
use crate::panels::menu::Menu;
use crate::panels::share::{ShareProps, share_dialog};
use crate::panels::side::Side;
use crate::panels::stage_head::StageHead;
use crate::panels::strip::Strip;
use crate::panels::top_bar::TopBar;
use crate::panels::transport::Transport;
use crate::panels::turn::use_in_turn;
use crate::panels::why::why;
use crate::panels::writing::Writing;
use crate::preferences::wants_reduced_motion;
use crate::route::{lab_of, slug_of};
use crate::shared::Shared;
use crate::stage::{DisplayClock, Ground, Legend, Stage};
use crate::wire::Frame;

/// While the film runs, everything but stage and transport is drawn anew this often: faster than
/// anybody reads, and the stage gets the time.
const PANELS_EVERY_MS: f64 = 66.0;

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

/// The least height in which a find can be read.
const LEAST_HUNT_PX: u32 = 300;

/// One scenario on the stage.
#[component]
pub(crate) fn Lab(props: &LabProps) -> Html {
    let Wiring { state, clock, on } = use_lab(&props.link, props.visit);
    let lab = &*state;
    let settled = use_settled(lab);
    let shown = match lab.beside {
        Some(_) => Shared::new(lab.as_shown()),
        None => settled.clone(),
    };
    let ground = use_ground(lab);
    let reduced_motion = use_memo((), |()| wants_reduced_motion());
    let slug = lab.opened.as_ref().map(|opened| &opened.card.slug);
    let row = props.rows.iter().find(|row| Some(&row.slug) == slug);
    let sources = row.map(|row| Rc::from(row.sources.as_slice())).unwrap_or_default();
    let title = lab.opened.as_ref().map(|opened| opened.card.title.clone());
    use_effect_with(title, |title| {
        if let Some(title) = title {
            gloo::utils::document().set_title(&format!("{title} · Faultline"));
        }
    });
    if let (None, Some((sentence, true))) = (&lab.opened, &lab.notice) {
        let wanted = slug_of(&props.link);
        let row = props.rows.iter().find(|row| Some(row.slug.as_str()) == wanted);
        let afresh = row.map(|row| (row.title.clone().into(), lab_of(&row.slug).into()));
        return html! { <main>{ lost(&LostProps { sentence: sentence.clone(), afresh }) }</main> };
    }
    html! {
        <div class={classes!("lab", (!lab.preferences.lesson_open).then_some("lesson-closed"),
                lab.beside.is_some().then_some("comparing"),
                (lab.strip == StripTab::Hunt).then_some("hunts"),
                picks_event(lab).then_some("picks-event"),
                lab.why.is_some().then_some("asks-why"))}
            style={format!("--strip:{}px", strip_px(lab))}
            data-side={lab.side.label().to_lowercase()} data-sheet={sheet_name(lab)}>
            <TopBar opened={lab.opened.clone()} timeline={lab.timeline.clone()}
                compares={lab.beside.is_some()}
                preferences={lab.preferences} on={on.clone()} />
            <LessonPlace lab={settled.clone()} rows={props.rows.clone()} on={on.clone()} />
            <main class="centre">
                { centre(lab, (&clock, &ground), *reduced_motion, &on) }
                { menu(lab, &on) }
            </main>
            <Side lab={shown} {sources} on={on.clone()} />
            <Strip lab={settled} on={on.clone()} />
            if let Some(answer) = &lab.why { { why(answer, &on) } }
            <Transport timeline={lab.timeline.clone()} opened={lab.opened.clone()}
                frame={lab.frame.clone()}
                now_us={lab.now_us()} extent_us={lab.extent_us()} plays={lab.plays}
                compares={lab.beside.is_some()}
                speed={lab.speed} chooses_until={lab.chooses_until} already={lab.already.clone()}
                checks={lab.checks.clone()}
                progress={lab.progress} waits={lab.waits()} on={on.clone()} />
            { sheet_bar(lab, &on) }
            { dialog(lab, &on) }
            <Announcer verbosity={lab.preferences.verbosity} plays={lab.plays}
                run={lab.opened.as_ref().map(Shared::address)} frame={lab.frame.clone()} />
        </div>
    }
}

/// Returns the classes of where the stage is: which panels stand beside it in there.
fn stage_place(lab: &LabState) -> Classes {
    classes!(
        "stage-place",
        lab.commands.is_open.then_some("commands-open"),
        lab.preferences.legend_open.then_some("legend-open"),
    )
}

/// Returns true if what is selected in the diagram is told over the stage's lower edge. (As a class, for
/// a style that asks whether the page holds such a thing is computed anew with all that comes and goes.)
fn picks_event(lab: &LabState) -> bool {
    lab.strip == StripTab::SpaceTime && lab.trace.selected.is_some()
}

/// Returns how high the panels below the stage are: what a search found takes room to read.
fn strip_px(lab: &LabState) -> u32 {
    let least_px = if lab.strip == StripTab::Hunt { LEAST_HUNT_PX } else { 0 };
    lab.preferences.strip_px.max(least_px)
}

/// Returns the state as the panels show it: the latest, unless the film alone has moved on.
#[hook]
fn use_settled(lab: &LabState) -> Shared<LabState> {
    let kept = use_mut_ref(|| None::<(Shared<LabState>, f64)>);
    let now_ms = gloo::utils::window().performance().map_or(0.0, |clock| clock.now());
    let mut kept = kept.borrow_mut();
    if let Some((settled, at_ms)) = &*kept
        && lab.plays
        && settled.turn == lab.turn
        && now_ms - at_ms < PANELS_EVERY_MS
    {
        return settled.clone();
    }
    let settled = Shared::new(lab.clone());
    *kept = Some((settled.clone(), now_ms));
    settled
}

/// What the lesson is drawn from.
#[derive(Properties, PartialEq)]
struct LessonPlaceProps {
    lab: Shared<LabState>,
    rows: Rc<[Row]>,
    on: Callback<Intent>,
}

/// The lesson beside the stage.
#[component]
fn LessonPlace(props: &LessonPlaceProps) -> Html {
    let LessonPlaceProps { lab, rows, on } = props;
    let lab = &use_in_turn(lab, 4);
    let Some(opened) = &lab.opened else { return html! { <aside class="lesson"></aside> } };
    let answers = lab.frame.as_ref().map(|frame| frame.answers.clone()).unwrap_or_default();
    let grades = lab.frame.as_ref().map(|frame| frame.grades.clone()).unwrap_or_default();
    let has_come_up = |frame: &Shared<Frame>| frame.beats.last().is_some_and(Option::is_some);
    let is_over = lab.frame.as_ref().is_some_and(has_come_up);
    let open = on.reform(|_: MouseEvent| Intent::ShowLesson(true));
    html! {
        <aside class="lesson" aria-label="Lesson">
            <button type="button" class="icon expand" aria-label="Show the lesson"
                title="Show the lesson" onclick={open}>{ glyph(Glyph::Expand) }</button>
            <div class="lesson-body">
                <Lesson opened={opened.clone()} beat={lab.beat} {answers} {grades} study={lab.study.clone()}
                    unread={lab.unread()} open_bets={lab.open_bets()} naive_left={lab.naive_left()}
                    waits={lab.waits().or_else(|| lab.begins())} price={lab.price.as_deref().map(price_in_words)} {is_over} rows={rows.clone()}
                    script={lab.timeline.script}
                    is_shown={lab.sheet.is_some()} on={on.clone()} />
            </div>
        </aside>
    }
}

/// Returns what decides where nodes stand; the same allocation as long as it says the same.
#[hook]
fn use_ground(lab: &LabState) -> Rc<Ground> {
    let opened = lab.opened.clone();
    let ground = use_memo(opened.as_ref().map(Shared::address), move |_| {
        opened.map(|opened| Ground::of(&opened)).unwrap_or_default()
    });
    let kept = use_mut_ref(|| ground.clone());
    if **kept.borrow() != *ground {
        kept.replace(ground);
    }
    let kept = kept.borrow();
    kept.clone()
}

fn centre(
    lab: &LabState,
    (clock, ground): (&DisplayClock, &Rc<Ground>),
    reduced_motion: bool,
    on: &Callback<Intent>,
) -> Html {
    let (Some(opened), Some(frame)) = (&lab.opened, &lab.frame) else {
        return html! {
            <>
                <p class="waiting" role="status">{ "Starting the engine …" }</p>
                { banners(lab, on) }
            </>
        };
    };
    let halo = lab.involved();
    let drawn = lab.split;
    let on_line = on.reform(move |side: Vec<NodeId>| {
        let split = match drawn {
            Split::Stays => Action::Partition,
            Split::ComesAndGoes => flapping,
        };
        Intent::Do(if side.is_empty() { vec![] } else { vec![split(side)] })
    });
    let is_fresh = lab.timeline.known_us == 0;
    let kept = (ground.clone(), opened.card.slug.clone().into());
    if let Some(beside) = BesideProps::of(lab, clock, kept, reduced_motion, (on, &on_line)) {
        return html! { <><BesideView ..beside />{ banners(lab, on) }</> };
    }
    html! {
        <>
            <StageHead opened={opened.clone()} {is_fresh} puzzle={lab.study.puzzle}
                telling={lab.telling_of_script()} draws_line={lab.draws_line} split={lab.split}
                letter_keys={lab.preferences.letter_keys} on={on.clone()}>
                { told(lab, on) }
            </StageHead>
            <div class={stage_place(lab)}>
                <Stage frame={frame.clone()} clock={clock.clone()} selected={lab.selected}
                    halo={halo.clone()} ground={ground.clone()} row={opened.card.slug.clone()}
                    pace={lab.pace()} zoom={lab.zoom} on_watch={on.reform(Intent::Watch)}
                    drawing_line={lab.draws_line} {reduced_motion}
                    on_select={on.reform(Intent::Select)}
                    on_menu={on.reform(|(thing, x, y)| Intent::Menu(thing, x, y))} {on_line} />
                <Commands opened={opened.clone()} frame={frame.clone()} bar={lab.commands.clone()}
                    selected={lab.selected_node()} letter_keys={lab.preferences.letter_keys}
                    on={on.clone()} />
                { legend(lab, (frame, ground), halo, on) }
            </div>
            <Writing key={opened.card.slug.clone()} opened={opened.clone()} frame={frame.clone()}
                timeline={lab.timeline.clone()} is_lost={lab.trouble.is_some()}
                plays={lab.plays} on={on.clone()} />
            { banners(lab, on) }
        </>
    }
}

/// The button that has the signs on the stage explained, and what it opens.
fn legend(
    lab: &LabState,
    (frame, ground): (&Shared<Frame>, &Rc<Ground>),
    halo: Rc<[NodeId]>,
    on: &Callback<Intent>,
) -> Html {
    let is_open = lab.preferences.legend_open;
    let toggle = on.reform(move |_: MouseEvent| Intent::ShowLegend(!is_open));
    html! {
        <div class="legend-place">
            <button type="button" class="chip" aria-expanded={is_open.to_string()}
                title="What the signs mean (L)" onclick={toggle}>{ "Legend" }</button>
            if is_open {
                <Legend frame={frame.clone()} {halo} pace={lab.pace()}
                    ground={ground.clone()} />
            }
        </div>
    }
}

fn menu(lab: &LabState, on: &Callback<Intent>) -> Html {
    let (Some(at), Some(frame)) = (lab.menu_at, &lab.frame) else { return Html::default() };
    html! {
        <Menu key={format!("{at:?}")} {at} selected={lab.selected} frame={frame.clone()}
            offers={lab.offers.clone()} reasons={lab.reasons.clone()} on={on.clone()} />
    }
}

/// On a small screen: what can be pulled up. What a sheet has, its own tabs say.
fn sheet_bar(lab: &LabState, on: &Callback<Intent>) -> Html {
    let entry = |label: String, sheet: Sheet, tab: Intent, is_on: bool| {
        let on = on.clone();
        let open = Callback::from(move |_: MouseEvent| {
            on.emit(tab.clone());
            on.emit(Intent::Sheet((!is_on).then_some(sheet)));
        });
        html! {
            <button type="button" aria-expanded={is_on.to_string()} onclick={open}>{ label }</button>
        }
    };
    let side = |label: String, tab: SideTab| {
        let is_on = lab.sheet == Some(Sheet::Side) && lab.side == tab;
        entry(label, Sheet::Side, Intent::Side(tab), is_on)
    };
    let strip = |label: &str, tab: StripTab| {
        let is_on = lab.sheet == Some(Sheet::Strip) && lab.strip == tab;
        entry(label.to_owned(), Sheet::Strip, Intent::Strip(tab), is_on)
    };
    let lesson = match lab.unread_elsewhere() {
        0 => SideTab::Lesson.label().to_owned(),
        count => format!("{} ({count})", SideTab::Lesson.label()),
    };
    let details = if lab.side == SideTab::Lesson { SideTab::default() } else { lab.side };
    let over_time = if lab.strip == StripTab::Hunt { StripTab::Log } else { lab.strip };
    html! {
        <nav class="sheet-bar" aria-label="Panels">
            { side(lesson, SideTab::Lesson) }
            { side("Details".to_owned(), details) }
            { strip("Over time", over_time) }
            { strip(StripTab::Hunt.label(), StripTab::Hunt) }
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
        Some(Dialog::Help) => {
            html! { { help_dialog(&HelpProps { preferences: lab.preferences, on }) } }
        }
        Some(Dialog::Card) => html! { { card_dialog(&CardProps { opened: opened.clone(), on }) } },
        Some(Dialog::Share) => html! {
            { share_dialog(&ShareProps { opened: opened.clone(), link: lab.link.clone(), on }) }
        },
    }
}
