//! What a run costs: messages, bytes, round trips and syncs, for each operation of a client and for
//! each node. The same figures in the same units for every scenario, so that they can be compared.

use faultline_core::sim::Costs;
use yew::{Html, html};

use crate::format::{bytes, count, counted};
use crate::shared::Shared;
use crate::wire::Frame;

/// One quantity: its name, how it reads, and how much of it there was.
struct Cost {
    name: &'static str,
    show: fn(u64) -> String,
    total: fn(&Costs) -> u64,
}

const COSTS: [Cost; 4] = [
    Cost { name: "messages", show: count, total: |costs| costs.messages },
    Cost { name: "bytes", show: bytes, total: |costs| costs.bytes },
    Cost { name: "syncs", show: count, total: |costs| costs.syncs },
    Cost { name: "written to disks", show: bytes, total: |costs| costs.written_bytes },
];

/// Shows the figures of an operation, and what is behind them: what is written only where that is counted.
pub(crate) fn cost_strip(frame: &Shared<Frame>) -> Html {
    let (costs, nodes) = (&frame.costs, frame.scene.nodes.len() as u64);
    let tile = |cost: &Cost| {
        let total = (cost.total)(costs);
        let details =
            format!("{} in all, {} a node", (cost.show)(total), mean(total, nodes, cost.show));
        tile(cost.name, &mean(total, costs.operations, cost.show), &details)
    };
    let hops = &frame.figures.hops;
    let answered = format!("over {}", counted(hops.count, "answer"));
    html! {
        <div class="cost-strip">
            <ul class="cost-tiles" aria-label="What an operation costs">
                { tile(&COSTS[0]) }
                { tile(&COSTS[1]) }
                { self::tile("round trips", &mean(hops.sum, hops.count * 2, count), &answered) }
                { tile(&COSTS[2]) }
                if costs.written_bytes > 0 { { tile(&COSTS[3]) } }
            </ul>
            <p class="hint">
                { format!("{} ended, {}, {} lost", counted(costs.operations, "operation"),
                    counted(costs.events, "event"), counted(costs.fallen, "message")) }
            </p>
            { by_node(frame) }
        </div>
    }
}

fn tile(name: &str, figure: &str, details: &str) -> Html {
    html! {
        <li>
            <span class="cost-name">{ name }</span>
            <b class="cost-figure">{ figure }<small>{ " an operation" }</small></b>
            <span class="cost-details">{ details }</span>
        </li>
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
pub(super) fn mean(total: u64, of: u64, show: fn(u64) -> String) -> String {
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
    fn a_mean_has_a_tenth_while_it_is_small_and_none_of_nothing() {
        assert_eq!(mean(7, 0, count), "—");
        assert_eq!(mean(7, 2, count), "3.5");
        assert_eq!(mean(8, 2, count), "4");
        assert_eq!(mean(250, 20, bytes), "12.5 B");
        assert_eq!(mean(24_690, 2, count), "12,345");
    }
}
