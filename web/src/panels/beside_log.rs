//! What happened in two runs, in words, instant by instant side by side.

use std::rc::Rc;

use faultline_core::sim::TextLine;
use yew::prelude::*;

use super::log::class_of;
use super::scroll::reveal;
use crate::contrast::{Row, align, says_same};
use crate::format::instant;
use crate::pages::lab::{Beside, Intent};
use crate::shared::Shared;
use crate::wire::{Frame, Side};

/// What the two logs show.
#[derive(Properties, PartialEq)]
pub(crate) struct BesideLogProps {
    /// The open run's text around the cursor.
    pub(crate) lines: Rc<[TextLine]>,
    /// The run beside it.
    pub(crate) beside: Rc<Beside>,
    /// The open run's world.
    pub(crate) frame: Shared<Frame>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Two logs in two columns.
#[component]
pub(crate) fn BesideLog(props: &BesideLogProps) -> Html {
    let list = use_node_ref();
    let now_us = props.frame.scene.now_us;
    {
        let list = list.clone();
        let deps = (props.lines.clone(), props.beside.log.clone(), now_us);
        use_effect_with(deps, move |_| show_cursor(&list));
    }
    let rows = align([&props.lines, &props.beside.log], now_us);
    let names = &props.beside.compared.names;
    let heading = |side: Side| {
        html! {
            <span><b class="letter">{ side.letter() }</b>{ &names[side.index()] }</span>
        }
    };
    html! {
        <div class="beside-log">
            <div class="beside-log-head"><span></span>{ for Side::BOTH.map(heading) }</div>
            <ol class="beside-lines" ref={list} tabindex="0"
                aria-label="Events of both runs around this moment">
                { for rows.iter().map(|it| row(it, props, now_us)) }
            </ol>
        </div>
    }
}

fn row(row: &Row<'_>, props: &BesideLogProps, now_us: u64) -> Html {
    let at_us = row.at_us;
    let seek = props.on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let first = props.beside.compared.first.as_ref();
    let is_first = first.is_some_and(|first| first.at_us == at_us);
    let is_same = row.is_same();
    let column = |side: Side| {
        let [this, other] = &row.lines;
        let (lines, beside) = if side == Side::This { (this, other) } else { (other, this) };
        let is_own = |line: &TextLine| !beside.iter().any(|it| says_same(it, line));
        html! {
            <span class="lines">
                if !is_same {
                    <span class="visually-hidden">{ format!("{}: ", side.letter()) }</span>
                }
                { for lines.iter().map(|line| {
                    let own = is_own(line).then_some("own");
                    let class = classes!("line", class_of(line.kind), own);
                    html! { <span {class}>{ &line.text }</span> }
                }) }
                if lines.is_empty() { <span class="faint" aria-label="nothing">{ "–" }</span> }
            </span>
        }
    };
    let class = classes!(
        is_first.then_some("is-first"),
        is_same.then_some("is-same"),
        (at_us > now_us).then_some("ahead"),
    );
    html! {
        <>
            if is_first { <li class="first-mark"><b>{ "≠ First difference" }</b></li> }
            <li {class} aria-current={(at_us == now_us).then_some("true")}>
                <button type="button" class="time" onclick={seek}
                    aria-label={format!("Go to {}", instant(at_us))}>{ instant(at_us) }</button>
                if is_same { { column(Side::This) } } else { { for Side::BOTH.map(column) } }
            </li>
        </>
    }
}

/// Scrolls to the instant at the cursor, or to the last one before it.
fn show_cursor(list: &NodeRef) {
    let Some(list) = list.cast::<web_sys::Element>() else { return };
    let find = |selector: &str| list.query_selector(selector).ok().flatten();
    let until_now = || find("li:not(.ahead):has(+ .ahead), li:last-child:not(.ahead)");
    if let Some(line) = find("[aria-current]").or_else(until_now) {
        reveal(&list, &line, 0.0);
    }
}
