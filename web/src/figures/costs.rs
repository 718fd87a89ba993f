//! What a run costs: messages, bytes, round trips and syncs, for each operation of a client and for
//! each node. The same figures in the same units for every scenario, so that they can be compared.

use faultline_core::scenario::Preset;
use faultline_core::sim::Costs;
use yew::{Html, html};

use crate::format::{bytes, count, counted, instant};
use crate::pages::lab::Spent;
use crate::shared::Shared;
use crate::wire::{Distribution, Frame};

/// Properties of [`cost_strip`].
pub(crate) struct CostStripProps {
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// What the same schedule had cost with the safeguards flipped.
    pub(crate) before: Option<std::rc::Rc<Spent>>,
}

/// One quantity: its name, how it reads, and how much of it there was.
struct Cost {
    name: &'static str,
    show: fn(u64) -> String,
    total: fn(&Costs) -> u64,
}

const COSTS: [Cost; 3] = [
    Cost { name: "messages", show: count, total: |costs| costs.messages },
    Cost { name: "bytes", show: bytes, total: |costs| costs.bytes },
    Cost { name: "syncs", show: count, total: |costs| costs.syncs },
];

/// Shows four figures an operation, and what is behind them.
pub(crate) fn cost_strip(props: &CostStripProps) -> Html {
    let (frame, before) = (&props.frame, props.before.as_deref());
    let (costs, nodes) = (&frame.costs, frame.scene.nodes.len() as u64);
    let tile = |cost: &Cost| {
        let total = (cost.total)(costs);
        let an_operation = |costs: &Costs| mean((cost.total)(costs), costs.operations, cost.show);
        let in_all = (cost.show)(total);
        let details = format!("{in_all} in all, {} a node", mean(total, nodes, cost.show));
        let earlier = before.map(|it| an_operation(&it.costs));
        tile(cost.name, &an_operation(costs), &details, earlier.zip(before))
    };
    let hops = &frame.figures.hops;
    let trips = |hops: &Distribution| mean(hops.sum, hops.count * 2, count);
    let answered = format!("over {}", counted(hops.count, "answer"));
    let earlier = before.map(|it| trips(&it.hops));
    html! {
        <div class="cost-strip">
            <ul class="cost-tiles" aria-label="What an operation costs">
                { tile(&COSTS[0]) }
                { tile(&COSTS[1]) }
                { self::tile("round trips", &trips(hops), &answered, earlier.zip(before)) }
                { tile(&COSTS[2]) }
            </ul>
            <p class="hint">
                { format!("{} ended, {}, {} lost", counted(costs.operations, "operation"),
                    counted(costs.events, "event"), counted(costs.fallen, "message")) }
            </p>
            { by_node(frame) }
        </div>
    }
}

/// Says in a sentence what an operation costs now and what it cost in the other design, on the network and
/// on disks; nothing if nothing was done in one of them, or it costs the same.
pub(crate) fn price(frame: &Frame, before: &Spent) -> Option<String> {
    price_of(&frame.costs, &before.costs)
}

fn price_of(costs: &Costs, before: &Costs) -> Option<String> {
    let both = [before, costs];
    if both.iter().any(|costs| costs.operations == 0) {
        return None;
    }
    let figures = |cost: &Cost| both.map(|it| mean((cost.total)(it), it.operations, cost.show));
    let [messages, bytes, syncs] = COSTS.each_ref().map(figures);
    if [&messages, &bytes, &syncs].iter().all(|[was, is]| was == is) {
        return None;
    }
    let part = |[was, is]: [String; 2], unit: &str| {
        let before = if was == is { "as before".into() } else { format!("was {was}") };
        format!("{is}{unit} ({before})")
    };
    let network = format!("sends {}, {}", part(messages, " messages"), part(bytes, ""));
    let has_disk = both.iter().any(|costs| costs.syncs > 0);
    // How much is written between two syncs is not counted.
    let disk = has_disk.then(|| format!(", and waits for disks: {}", part(syncs, " syncs")));
    Some(format!("an operation {network}{}.", disk.unwrap_or_default()))
}

fn tile(name: &str, figure: &str, details: &str, before: Option<(String, &Spent)>) -> Html {
    html! {
        <li>
            <span class="cost-name">{ name }</span>
            <b class="cost-figure">{ figure }<small>{ " an operation" }</small></b>
            <span class="cost-details">{ details }</span>
            if let Some((figure, spent)) = before {
                <span class="cost-before">
                    { format!("{figure} {} at {}", with(spent.preset), instant(spent.at_us)) }
                </span>
            }
        </li>
    }
}

fn with(preset: Preset) -> &'static str {
    match preset {
        Preset::Naive => "naive",
        Preset::Hardened => "hardened",
    }
}

fn by_node(frame: &Frame) -> Html {
    let head = |name: &str| html! { <th scope="col">{ name.to_owned() }</th> };
    let row = |(node, costs): (&faultline_core::view::NodeScene, &Costs)| {
        html! {
            <tr>
                <th scope="row">{ &node.name }</th>
                { for COSTS.iter().map(|it| html! { <td>{ (it.show)((it.total)(costs)) }</td> }) }
                <td>{ count(costs.operations) }</td>
            </tr>
        }
    };
    html! {
        <details class="cost-nodes">
            <summary>{ "By node" }</summary>
            <table class="costs" aria-label="Costs by node">
                <thead><tr>{ head("node") }{ for COSTS.iter().map(|it| head(it.name)) }
                    { head("operations") }</tr></thead>
                <tbody>{ for frame.scene.nodes.iter().zip(&frame.figures.node_costs).map(row) }</tbody>
            </table>
        </details>
    }
}

/// Returns a mean, to a tenth where that says something; "—" of nothing.
fn mean(total: u64, of: u64, show: fn(u64) -> String) -> String {
    let Some(tenths) = total.saturating_mul(10).checked_div(of) else { return "—".into() };
    if tenths >= 1_000 || tenths % 10 == 0 {
        return show(tenths / 10);
    }
    // The unit stays behind the number: "12 B" becomes "12.4 B".
    let whole = show(tenths / 10);
    let digits = whole.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(whole.len());
    let (number, unit) = whole.split_at(digits);
    format!("{number}.{}{unit}", tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_says_what_is_on_the_network_and_what_on_disks() {
        let costs = |messages, syncs| Costs {
            messages,
            bytes: messages * 10,
            syncs,
            operations: 2,
            ..Costs::default()
        };
        let network = "an operation sends 3 messages (was 2), 30 B (was 20 B).";
        assert_eq!(price_of(&costs(6, 0), &costs(4, 0)).unwrap(), network);
        let disk = "an operation sends 2 messages (as before), 20 B (as before), \
                    and waits for disks: 2 syncs (was 1).";
        assert_eq!(price_of(&costs(4, 4), &costs(4, 2)).unwrap(), disk);
        assert_eq!(price_of(&costs(4, 4), &costs(4, 4)), None, "it costs the same");
        assert_eq!(price_of(&Costs::default(), &costs(4, 4)), None, "nothing was done");
    }

    #[test]
    fn a_mean_has_a_tenth_while_it_is_small_and_none_of_nothing() {
        assert_eq!(mean(7, 0, count), "—");
        assert_eq!(mean(7, 2, count), "3.5");
        assert_eq!(mean(8, 2, count), "4");
        assert_eq!(mean(250, 20, bytes), "12.5 B");
        assert_eq!(mean(24_690, 2, count), "12,345");
    }
}
