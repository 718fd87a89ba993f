//! The stage's named parts: zones and layers as fields, and groups of a crowd as disks.

use faultline_core::sim::NodeId;
use faultline_core::view::{NodeScene, Role, Scene, Status};
use yew::{AttrValue, Html, Properties, classes, component, html};

use super::geometry::{Point, real};
use super::hue::hue_class;
use super::layout::{Field, Group, Layout, Line};
use super::placing::{Obstacle, Room};
use super::shapes::{hatching, px, translate};
use super::words::{name_of, role_name};
use crate::epoch::{epoch_in_words, epoch_word};
use crate::format::counted;
use crate::wire::Frame;

/// As many steps of grey show how much traffic a group has.
const HEAT_LEVELS: usize = 5;

/// The height of a map line's name, as a share of a label's.
const LINE_NAME: f64 = 0.75;

/// Draws the fields, or the lines of a map, behind everything else. Those of a map have their names where the
/// `taken` room and the stage's buttons leave any.
pub(crate) fn fields(layout: &Layout, taken: Vec<Obstacle>) -> Html {
    let mut room = Room::beside(taken);
    let (wide, tools) = (layout.area.width / 2.0, layout.area.tools() / 2.0);
    room.take((Point::new(wide, tools), (wide, tools)));
    let draw = |field: &Field| {
        let size = field.to - field.from;
        let at = field.name_at(layout.label_text) + Point::new(0.0, layout.label_text * 0.35);
        html! {
            <g class="stage-field" key={field.name.clone()}>
                <rect x={px(field.from.x)} y={px(field.from.y)} width={px(size.x.max(0.0))}
                    height={px(size.y.max(0.0))} rx="12" />
                <text x={px(at.x)} y={px(at.y)} font-size={px(layout.label_text * 0.92)}>
                    { &field.name }
                </text>
            </g>
        }
    };
    let line = |line: &Line| {
        let is_meridian = (line.from.x - line.to.x).abs() < 1e-9;
        let size = layout.label_text * LINE_NAME;
        // At the stage's left edge or below its buttons, wherever the line begins.
        let at = if is_meridian {
            Point::new(line.from.x + 4.0, line.from.y.max(layout.area.tools()) + layout.label_text)
        } else {
            Point::new(line.from.x.max(0.0) + 4.0, line.from.y - 4.0)
        };
        let letters = real(line.name.chars().count());
        let half = (letters * layout.letter_width() * LINE_NAME / 2.0, size / 2.0);
        let is_named = room.take((at + Point::new(half.0, -half.1 * 0.7), half));
        html! {
            <g class="stage-meridian" key={line.name.clone()}>
                <path d={format!("M{} {}L{} {}", px(line.from.x), px(line.from.y), px(line.to.x), px(line.to.y))} />
                if is_named {
                    <text x={px(at.x)} y={px(at.y)} font-size={px(size)}>{ &line.name }</text>
                }
            </g>
        }
    };
    let lines: Vec<Html> = layout.lines.iter().map(line).collect();
    html! {
        <g class="stage-fields" aria-hidden="true">
            { lines }
            { for layout.fields.iter().map(draw) }
        </g>
    }
}

/// What a group's disk shows: sums over its members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Census {
    pub(crate) name: String,
    pub(crate) count: usize,
    /// Roles with how many play them, in order of appearance.
    pub(crate) roles: Vec<(Role, usize)>,
    /// The least and the highest epoch.
    pub(crate) epochs: Option<(u64, u64)>,
    pub(crate) down: usize,
    pub(crate) paused: usize,
    pub(crate) slow: usize,
    pub(crate) full: usize,
    pub(crate) broken: usize,
    /// How much of the traffic is its own, from 0 to [`HEAT_LEVELS`].
    pub(crate) heat: usize,
}

impl Census {
    /// Counts a group. `heat` is how many messages are on their way to or from it, and how many to or
    /// from the busiest.
    pub(crate) fn of(scene: &Scene, group: &Group, halo: &[NodeId], heat: (usize, usize)) -> Self {
        let members = || group.members.iter().filter_map(|id| scene.nodes.get(id.index()));
        let count_of = |is: fn(&NodeScene) -> bool| members().filter(|node| is(node)).count();
        let mut roles: Vec<(Role, usize)> = Vec::new();
        for role in members().map(|node| node.view.role) {
            match roles.iter_mut().find(|(known, _)| *known == role) {
                Some((_, count)) => *count += 1,
                None => roles.push((role, 1)),
            }
        }
        let epochs = || members().filter_map(|node| node.view.epoch);
        let end = |id: Option<&NodeId>| id.map_or("", |&id| name_of(&scene.nodes, id)).to_owned();
        let from_to = || format!("{} – {}", end(group.members.first()), end(group.members.last()));
        Self {
            name: group.name.clone().unwrap_or_else(from_to),
            count: group.members.len(),
            roles,
            epochs: epochs().min().zip(epochs().max()),
            down: count_of(|node| node.status == Status::Down),
            paused: count_of(|node| node.status == Status::Paused),
            slow: count_of(|node| node.slowness_us > 0),
            full: count_of(|node| node.load.is_full()),
            broken: group.members.iter().filter(|id| halo.contains(id)).count(),
            heat: (heat.0 * HEAT_LEVELS).div_ceil(heat.1.max(1)),
        }
    }

    /// Leaves only who they are.
    fn forgotten(self) -> Self {
        Self { name: self.name, count: self.count, ..Self::default() }
    }

    /// Returns what is wrong with members, the worst first.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let kinds = [
            (self.broken, "broken"),
            (self.down, "crashed"),
            (self.paused, "paused"),
            (self.full, "full"),
            (self.slow, "slow"),
        ];
        let present = kinds.iter().filter(|(count, _)| *count > 0);
        present.map(|(count, what)| format!("{count} {what}")).collect()
    }

    /// Returns the epochs of the members.
    fn epochs_in_words(&self) -> Option<String> {
        let (least, most) = self.epochs?;
        Some(if least == most {
            epoch_in_words(most)
        } else {
            format!("{}s {least} – {most}", epoch_word())
        })
    }

    /// Returns all that the disk says.
    pub(crate) fn in_words(&self) -> String {
        let mut parts = vec![self.name.clone(), counted(self.count as u64, "node")];
        if self.roles.len() > 1 {
            let roles = self.roles.iter();
            parts.extend(roles.map(|(role, count)| counted(*count as u64, role_name(*role))));
        }
        parts.extend(self.epochs_in_words());
        parts.extend(self.troubles());
        parts.push(format!("traffic {} of {HEAT_LEVELS}", self.heat));
        parts.join(", ")
    }
}

/// Returns for each group how many messages are on their way to, from or within it.
pub(crate) fn traffic(scene: &Scene, groups: &[Group], count: usize) -> Vec<usize> {
    let mut of = vec![usize::MAX; count];
    for (index, group) in groups.iter().enumerate() {
        for id in group.members.iter().filter(|id| id.index() < count) {
            of[id.index()] = index;
        }
    }
    let mut traffic = vec![0; groups.len()];
    for name in scene.messages.iter().map(|message| message.name) {
        let end = |id: NodeId| of.get(id.index()).copied().filter(|&it| it != usize::MAX);
        let (from, to) = (end(name.from), end(name.to));
        for group in from.into_iter().chain(to.filter(|_| to != from)) {
            traffic[group] += 1;
        }
    }
    traffic
}

/// Counts all groups, by index. Through one node's eyes, how the others are is not known.
pub(crate) fn censuses(frame: &Frame, layout: &Layout, halo: &[NodeId]) -> Vec<Census> {
    let scene = &frame.scene;
    let traffic = traffic(scene, &layout.groups, scene.nodes.len());
    let busiest = traffic.iter().copied().max().unwrap_or(0);
    let census = |(group, &own): (&Group, &usize)| {
        let census = Census::of(scene, group, halo, (own, busiest));
        if frame.heard.is_none() { census } else { census.forgotten() }
    };
    layout.groups.iter().zip(&traffic).map(census).collect()
}

/// Properties of [`GroupDisk`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct GroupDiskProps {
    pub(crate) index: usize,
    pub(crate) at: Point,
    pub(crate) radius: f64,
    pub(crate) census: Census,
}

/// Draws a group as one. Its disk is a button; what pressing it does is the stage's business.
#[component]
pub(crate) fn GroupDisk(props: &GroupDiskProps) -> Html {
    let GroupDiskProps { index, at, radius, census } = props;
    let radius = *radius;
    let class = classes!(
        "stage-group",
        format!("heat-{}", census.heat.min(HEAT_LEVELS)),
        (census.broken > 0).then_some("is-broken"),
        (census.down > 0).then_some("has-down"),
    );
    let label: AttrValue = format!("{}. Look closer", census.in_words()).into();
    html! {
        <g {class} transform={translate(at.x, at.y)}>
            <g class="group-button" data-group={index.to_string()} tabindex="0" role="button"
                aria-label={label}>
                if census.broken > 0 {
                    <circle class="halo" r={px(radius + 6.0)} stroke-width="9" />
                }
                <circle class="focus-ring" r={px(radius + 4.0)} />
                <circle class="group-disk" r={px(radius)} />
            </g>
            <g class="group-words" aria-hidden="true">{ words(census, radius) }</g>
        </g>
    }
}

fn words(census: &Census, radius: f64) -> Html {
    let size = (radius * 0.2).clamp(10.0, 19.0);
    let mut lines =
        vec![(census.name.clone(), "group-name"), (counted(census.count as u64, "node"), "")];
    if census.roles.len() > 1 {
        let most = census.roles.iter().max_by_key(|(_, count)| *count);
        lines.extend(most.map(|(role, count)| (counted(*count as u64, role_name(*role)), "")));
    }
    let troubles = census.troubles();
    lines.extend(troubles.iter().take(2).map(|trouble| (trouble.clone(), "group-trouble")));
    let height = size * 1.25;
    let chip = census.epochs_in_words();
    let rows = real(lines.len()) + if chip.is_some() { 1.3 } else { 0.0 };
    let top = size * 0.85 - rows * height / 2.0;
    let line = |(row, (text, class)): (usize, &(String, &'static str))| {
        let y = top + real(row) * height;
        html! { <text class={*class} y={px(y)} font-size={px(size)}>{ text }</text> }
    };
    let chip = chip.map(|text| {
        let hue = census.epochs.map_or("", |(_, most)| hue_class(most));
        let width = real(text.chars().count()) * size * 0.56 + size;
        let y = top + real(lines.len()) * height;
        html! {
            <g class={classes!("group-epochs", hue)} transform={translate(0.0, y)}>
                <rect x={px(width / -2.0)} y={px(-size)} width={px(width)} height={px(size * 1.45)}
                    rx={px(size * 0.7)} />
                <text font-size={px(size * 0.92)} y={px(size * 0.05)}>{ text }</text>
            </g>
        }
    });
    html! {<>
        if census.down > 0 { { hatching(radius * 0.98) } }
        { for lines.iter().enumerate().map(line) }
        { chip }
    </>}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::camera::Camera;
    use crate::stage::ground::{Ground, Tier};
    use crate::stage::layout::Area;
    use crate::stage::samples;

    #[test]
    fn a_group_counts_its_members_and_names_the_worst_first() {
        let mut scene = samples::crowd(90);
        scene.nodes[0].status = Status::Down;
        scene.nodes[1].status = Status::Paused;
        scene.nodes[2].view.epoch = Some(7);
        scene.nodes[3].view.role = Role::Leader;
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let tiers: Vec<Tier> = scene.nodes.iter().map(Tier::of).collect();
        let layout = Layout::new(&tiers, &Ground::default(), area).seen_by(&Camera::default());
        let censuses = censuses(&samples::frame(scene), &layout, &[NodeId(2)]);
        assert_eq!(censuses.iter().map(|census| census.count).sum::<usize>(), 90);
        let first = &censuses[0];
        assert_eq!(first.troubles(), ["1 broken", "1 crashed", "1 paused"]);
        assert_eq!(first.roles.iter().map(|(_, count)| count).sum::<usize>(), first.count);
        assert_eq!(first.epochs.map(|(_, most)| most), Some(7));
        assert!(first.in_words().contains("1 leader"), "{}", first.in_words());
        assert!(censuses[1].troubles().is_empty());
        assert_eq!(censuses.iter().map(|census| census.heat).max(), Some(HEAT_LEVELS));
    }

    #[test]
    fn a_message_within_a_group_counts_once() {
        let scene = samples::crowd(90);
        let all =
            Group { members: scene.nodes.iter().map(|node| node.id).collect(), ..Group::default() };
        assert_eq!(traffic(&scene, &[all], 90), [scene.messages.len()]);
    }
}
