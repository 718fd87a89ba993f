//! Trees: spread from the top where there is room, else as an outline.
//!
//! Both are the same nested lists, so that a tree reads well without its picture.

use faultline_core::view::{Branch, Datum, Tree};
use yew::{Html, Properties, classes, component, html, use_node_ref};

use super::changes::use_changes;
use super::datum::{cell_classes, cell_content};
use super::frame::{empty, framed, more, more_in_words};
use crate::stage::{real, use_area};

/// More nodes than this are counted instead.
const MOST_NODES: usize = 160;
/// More nodes below one node than this are counted instead.
const MOST_CHILDREN: usize = 24;
/// A letter of a tree that is spread out takes at most this share of the text's height, all told.
const LETTER: f64 = 0.52;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TreeProps {
    pub(super) tree: Tree,
    pub(super) now_us: u64,
}

/// Draws a tree.
#[component]
pub(super) fn TreeView(props: &TreeProps) -> Html {
    let tree = &props.tree;
    let mut all = Vec::new();
    let mut path = Vec::new();
    tree.roots.iter().enumerate().for_each(|(at, root)| gather(root, at, &mut path, &mut all));
    let has_changed = use_changes(&all, props.now_us);
    let room = use_node_ref();
    let area = use_area(&room);
    let is_spread = room_for(&tree.roots, area.text) <= area.width;
    let changed = all.iter().zip(has_changed).filter(|(_, has)| *has).map(|((key, _), _)| key);
    let mut drawing = Drawing { left: MOST_NODES, changed: changed.collect(), path: Vec::new() };
    let roots = drawing.nodes(&tree.roots);
    let hidden = tree.roots.iter().map(nodes).sum::<usize>().saturating_sub(MOST_NODES);
    let class = classes!("tree", is_spread.then_some("is-spread"));
    let body = html! {
        <div ref={room}>
            if tree.roots.is_empty() {
                { empty() }
            } else {
                <div class="widget-scroll" tabindex="0" role="group"
                    aria-label={tree.label.clone()}>
                    <ul {class}>{ for roots }</ul>
                </div>
            }
            { more(hidden, "nodes") }
        </div>
    };
    framed("widget-tree", &tree.label, body)
}

/// Where a value stands: the places on the way down, and its own in the node.
type Path = (Vec<usize>, usize);

fn gather(branch: &Branch, at: usize, path: &mut Vec<usize>, all: &mut Vec<(Path, Datum)>) {
    path.push(at);
    let cells = branch.cells.iter().enumerate();
    all.extend(cells.map(|(place, cell)| ((path.clone(), place), cell.clone())));
    for (at, child) in branch.children.iter().enumerate() {
        gather(child, at, path, all);
    }
    path.pop();
}

/// Returns the number of nodes from here on.
pub(super) fn nodes(branch: &Branch) -> usize {
    1 + branch.children.iter().map(nodes).sum::<usize>()
}

/// A tree while it is drawn.
struct Drawing<'a> {
    /// How many nodes may still be drawn.
    left: usize,
    changed: Vec<&'a Path>,
    path: Vec<usize>,
}

impl Drawing<'_> {
    fn nodes(&mut self, branches: &[Branch]) -> Vec<Html> {
        let mut drawn: Vec<Html> = Vec::new();
        for (at, branch) in branches.iter().take(MOST_CHILDREN).enumerate() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            self.path.push(at);
            drawn.push(self.node(branch));
            self.path.pop();
        }
        let hidden = branches.len() - drawn.len();
        if hidden > 0 {
            drawn.push(html! { <li class="tree-more">{ more_in_words(hidden, "here") }</li> });
        }
        drawn
    }

    fn node(&mut self, branch: &Branch) -> Html {
        let cell = |(place, cell): (usize, &Datum)| {
            let has_changed =
                self.changed.iter().any(|(path, at)| (path, *at) == (&self.path, place));
            html! { <span class={cell_classes(cell, has_changed)}>{ cell_content(cell) }</span> }
        };
        let cells: Vec<Html> = branch.cells.iter().enumerate().map(cell).collect();
        let class = classes!("tree-node", branch.mark.as_ref().map(|_| "is-marked"));
        html! {
            <li>
                <div {class}>
                    if !branch.edge.is_empty() { <span class="tree-edge">{ &branch.edge }</span> }
                    <span class="tree-cells">{ for cells }</span>
                    if let Some(mark) = &branch.mark { <em class="tree-mark">{ mark }</em> }
                </div>
                if !branch.children.is_empty() { <ul>{ for self.nodes(&branch.children) }</ul> }
            </li>
        }
    }
}

/// Returns how wide a tree is when it is spread out, in text of this height.
fn room_for(roots: &[Branch], text: f64) -> f64 {
    real(roots.iter().map(width).sum()) * text * LETTER
}

/// Returns how wide a node and all below it are, in letters.
fn width(branch: &Branch) -> usize {
    let length = |text: &str| text.chars().count();
    let cell = |cell: &Datum| {
        length(&cell.text) + cell.epoch.map_or(0, |it| length(&it.to_string()) + 1) + 3
    };
    let mark = branch.mark.as_deref().map_or(0, length);
    let own = branch.cells.iter().map(cell).sum::<usize>().max(mark).max(length(&branch.edge)) + 1;
    own.max(branch.children.iter().map(width).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_needs_room_for_its_widest_level() {
        let leaves = |count: usize| (0..count).map(|_| Branch::new("ab12"));
        let room = |count| room_for(&[Branch::new("r").with(leaves(count))], 14.0);
        assert!(room(4) < 300.0 && room(8) > 320.0 && room(8) < 700.0, "{} {}", room(4), room(8));
        assert!((room(16) - 2.0 * room(8)).abs() < 1e-9);
        assert!(room(1) >= room_for(&[Branch::new("ab12")], 14.0));
    }

    #[test]
    fn nodes_are_counted_with_all_below() {
        let tree = Branch::new("r").with([Branch::new("a").with([Branch::new("b")])]);
        assert_eq!(nodes(&tree), 3);
    }
}
