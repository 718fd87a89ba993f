//! What the safeguards cost: what grew, of all that is measured, in both designs up to the same moment.

use faultline_core::order::sort_by_key;
use yew::{AttrValue, Html, html};

use super::costs::mean;
use crate::format::{bytes, count, duration, instant};
use crate::wire::{Price, Spent};

/// Of what grew, so much is said in a sentence.
const SAID: usize = 3;
/// What grew by less than this many hundredths is not said to have grown.
const GROWN_PERCENT: u64 = 105;

/// One quantity of a price.
struct Item {
    /// As the table names it.
    name: &'static str,
    /// As a sentence names it, before the figure.
    said: &'static str,
    /// The quantity.
    of: fn(&Spent) -> u64,
    /// What it is of.
    scope: Scope,
    show: fn(u64) -> String,
}

/// What a quantity is of.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Scope {
    /// One number for all answers, if there are any: a time.
    Answers,
    /// So many for each answer; in all where nobody asks anything, so that there are none.
    Each,
    /// Half so many for each answer whose way is known: there and back is one.
    Pairs,
    /// How many answers there are, the more the better.
    Count,
}

const ITEMS: [Item; 9] = [
    Item {
        name: "half of the answers within",
        said: "half of the answers take up to",
        of: |it| it.median_us,
        scope: Scope::Answers,
        show: duration,
    },
    Item {
        name: "99 of 100 answers within",
        said: "99 of 100 answers take up to",
        of: |it| it.p99_us,
        scope: Scope::Answers,
        show: duration,
    },
    Item {
        name: "longest wait for an answer",
        said: "the longest wait for an answer is",
        of: |it| it.wait_us,
        scope: Scope::Answers,
        show: duration,
    },
    Item {
        name: "round trips",
        said: "round trips",
        of: |it| it.hops,
        scope: Scope::Pairs,
        show: count,
    },
    Item {
        name: "written to disks",
        said: "bytes written to disks",
        of: |it| it.costs.written_bytes,
        scope: Scope::Each,
        show: bytes,
    },
    Item { name: "syncs", said: "syncs", of: |it| it.costs.syncs, scope: Scope::Each, show: count },
    Item {
        name: "messages",
        said: "messages",
        of: |it| it.costs.messages,
        scope: Scope::Each,
        show: count,
    },
    Item {
        name: "sent",
        said: "bytes sent",
        of: |it| it.costs.bytes,
        scope: Scope::Each,
        show: bytes,
    },
    Item {
        name: "answers",
        said: "answers in all:",
        of: |it| it.answered,
        scope: Scope::Count,
        show: count,
    },
];

impl Item {
    /// Returns the quantity, and of how many; of none if it is not measured.
    fn ratio(&self, spent: &Spent, has_answers: bool) -> (u64, u64) {
        let of = match self.scope {
            Scope::Answers => spent.answered.min(1),
            Scope::Each if !has_answers => 1,
            Scope::Each => spent.answered,
            Scope::Pairs => spent.traced * 2,
            Scope::Count => has_answers.into(),
        };
        ((self.of)(spent), of)
    }

    /// Adds what the quantity is of to its name.
    fn named(&self, name: &str, has_answers: bool, end: &str) -> String {
        match self.scope {
            Scope::Answers | Scope::Count => name.to_owned(),
            Scope::Each if !has_answers => format!("{name} in all{end}"),
            Scope::Each | Scope::Pairs => format!("{name} an answer{end}"),
        }
    }
}

/// Returns true if anybody was answered anything in either design.
fn has_answers(designs: &[Spent; 2]) -> bool {
    designs.iter().any(|it| it.answered > 0)
}

/// Returns by how many hundredths a quantity is worse in the hardened design; nothing if it is not, or
/// if it is not measured. Of answers, fewer is worse.
fn grown(item: &Item, designs: &[Spent; 2]) -> Option<u64> {
    let has_answers = has_answers(designs);
    let [mut was, mut is] = designs.each_ref().map(|it| item.ratio(it, has_answers));
    if was.1 == 0 || is.1 == 0 {
        return None;
    }
    if item.scope == Scope::Count {
        (was, is) = (is, was);
    }
    let (before, now) =
        (u128::from(was.0) * u128::from(is.1), u128::from(is.0) * u128::from(was.1));
    let percent = (now * 100).checked_div(before).unwrap_or(if now > 0 { u128::MAX } else { 0 });
    Some(u64::try_from(percent).unwrap_or(u64::MAX)).filter(|percent| *percent >= GROWN_PERCENT)
}

fn figure(item: &Item, spent: &Spent, has_answers: bool) -> String {
    let (total, of) = item.ratio(spent, has_answers);
    // Times are not means.
    if of <= 1 && of > 0 { (item.show)(total) } else { mean(total, of, item.show) }
}

/// Says what grew the most, and up to when both designs were measured.
pub(crate) fn price_in_words(price: &Price) -> AttrValue {
    let designs = &price.designs;
    let has_answers = has_answers(designs);
    let mut worse: Vec<(u64, &Item)> =
        ITEMS.iter().filter_map(|it| Some((grown(it, designs)?, it))).collect();
    sort_by_key(&mut worse, |(percent, _)| u64::MAX - percent);
    let part = |(_, item): &(u64, &Item)| {
        let [was, is] = designs.each_ref().map(|it| figure(item, it, has_answers));
        format!("{} {is} (was {was})", item.named(item.said, has_answers, ":"))
    };
    let parts: Vec<String> = worse.iter().take(SAID).map(part).collect();
    let until = instant(price.until_us);
    if parts.is_empty() {
        return format!("nothing that is measured grew, up to {until}.").into();
    }
    format!("up to {until}, {}.", parts.join("; ")).into()
}

/// All that is measured of both designs; what grew is marked.
pub(crate) fn price_table(price: &Price) -> Html {
    let has_answers = has_answers(&price.designs);
    let is_measured = |item: &&Item| price.designs.iter().any(|it| (item.of)(it) > 0);
    let is_asked = |item: &&Item| has_answers || item.scope == Scope::Each;
    let row = |item: &Item| {
        let [was, is] = price.designs.each_ref().map(|it| figure(item, it, has_answers));
        let is_worse = grown(item, &price.designs).is_some();
        html! {
            <tr>
                <th scope="row">{ item.named(item.name, has_answers, "") }</th>
                <td>{ was }</td>
                <td>{ is }if is_worse { <b title="Grew to the bad">{ " ▲" }</b> }</td>
            </tr>
        }
    };
    let title = format!("The price of the safeguards, up to {}", instant(price.until_us));
    html! {
        <section class="section price">
            <h2 class="label">{ &title }</h2>
            <table class="costs" aria-label={title}>
                <thead><tr>
                    <th scope="col">{ "same schedule" }</th>
                    <th scope="col">{ "naive" }</th>
                    <th scope="col">{ "hardened" }</th>
                </tr></thead>
                <tbody>{ for ITEMS.iter().filter(is_asked).filter(is_measured).map(row) }</tbody>
            </table>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::sim::Costs;

    fn spent(median_us: u64, messages: u64, syncs: u64) -> Spent {
        let costs = Costs { messages, syncs, ..Costs::default() };
        Spent { costs, answered: 2, median_us, p99_us: 9_000, wait_us: 9_000, hops: 4, traced: 2 }
    }

    fn said(was: Spent, is: Spent) -> String {
        price_in_words(&Price { until_us: 1_500_000, designs: [was, is] }).to_string()
    }

    #[test]
    fn the_price_is_what_grew_and_that_first_which_grew_most() {
        assert_eq!(
            said(spent(1_000, 4, 2), spent(2_000, 2, 6)),
            "up to 1.500 s, syncs an answer: 3 (was 1); half of the answers take up to 2 ms (was 1 ms)."
        );
    }

    #[test]
    fn what_came_cheaper_or_as_dear_is_no_price() {
        let was = spent(1_000, 4, 2);
        assert_eq!(said(was, spent(900, 2, 2)), "nothing that is measured grew, up to 1.500 s.");
        let fewer = Spent { answered: 1, hops: 2, traced: 1, ..spent(1_000, 2, 1) };
        assert_eq!(said(was, fewer), "up to 1.500 s, answers in all: 1 (was 2).");
        let from_nothing = said(spent(1_000, 4, 0), was);
        assert_eq!(from_nothing, "up to 1.500 s, syncs an answer: 1 (was 0).");
    }

    /// Editors ask nobody anything: what they send counts all the same.
    #[test]
    fn where_nobody_asks_anything_all_counts_together() {
        let spent = |messages| Spent { answered: 0, hops: 0, wait_us: 0, ..spent(0, messages, 2) };
        assert_eq!(said(spent(40), spent(90)), "up to 1.500 s, messages in all: 90 (was 40).");
    }

    #[test]
    fn of_a_design_that_answered_nothing_only_that_is_said() {
        let none = Spent { answered: 0, hops: 0, median_us: 0, p99_us: 0, ..spent(0, 4, 2) };
        assert_eq!(said(spent(1_000, 4, 2), none), "up to 1.500 s, answers in all: 0 (was 2).");
    }
}
