//! What the lesson of `single-leader` says of a run is so, whatever the seed: read off the stage and
//! the log, and not by the predicates that bring the beats up.

use std::collections::BTreeSet;

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup, find};
use faultline_core::sim::{NodeId, TextKind};
use faultline_core::view::{Check, NodeScene, Role, Scene, Verdict};
use faultline_tests::default_actions;

const S1: NodeId = NodeId(0);

/// A run at the moment in which a beat came up.
struct Moment {
    scene: Scene,
    checks: Vec<Check>,
    /// When somebody did what, in words.
    done: Vec<(u64, String)>,
    /// Who recorded what up to then, and when.
    facts: Vec<(NodeId, u64, String)>,
}

impl Moment {
    fn node(&self, name: &str) -> &NodeScene {
        self.scene.nodes.iter().find(|node| node.name == name).expect("there is one")
    }

    fn leaders(&self) -> Vec<(NodeId, u64)> {
        let leaders = self.scene.nodes.iter().filter(|node| node.view.role == Role::Leader);
        leaders.map(|node| (node.id, node.view.epoch.unwrap_or_default())).collect()
    }

    fn follows(&self, name: &str) -> bool {
        let view = &self.node(name).view;
        view.role == Role::Follower && view.label.starts_with("follows ")
    }

    /// Whether neither hears the other.
    fn are_cut(&self, a: NodeId, b: NodeId) -> bool {
        let cuts = self.scene.cuts.iter();
        cuts.filter(|cut| [(a, b), (b, a)].contains(&(cut.from, cut.to))).count() == 2
    }

    fn is_cut_off_with_c1(&self) -> bool {
        let c1 = self.node("C1").id;
        let others =
            self.scene.nodes.iter().map(|node| node.id).filter(|id| ![S1, c1].contains(id));
        others.clone().all(|id| self.are_cut(S1, id) && self.are_cut(c1, id))
            && !self.are_cut(S1, c1)
    }

    /// Who acknowledged which write as which entry, and when.
    fn acknowledgements(&self) -> Vec<(NodeId, u64, &str, &str)> {
        let acknowledged = self.facts.iter().filter_map(|(node, at_us, text)| {
            let (write, entry) = text.split_once("acknowledges ")?.1.split_once(" as entry ")?;
            Some((*node, *at_us, write, entry.split(' ').next()?))
        });
        acknowledged.collect()
    }

    fn has_recorded(&self, node: NodeId, words: &str) -> bool {
        self.facts.iter().any(|(id, _, text)| *id == node && text.contains(words))
    }

    /// When the last cut began that has been applied, and when it was healed.
    fn cut_us(&self) -> (u64, u64) {
        let of = |words: &str| {
            let last = self.done.iter().rfind(|(_, text)| text.to_lowercase().contains(words));
            last.map(|(at_us, _)| *at_us)
        };
        (of("cut").unwrap_or_default(), of("heal").unwrap_or(u64::MAX))
    }
}

fn moment(run: &mut Run, at_us: u64) -> Moment {
    run.seek_time(at_us);
    let (mut facts, mut done) = (Vec::new(), Vec::new());
    for line in run.text(0, run.position().events) {
        match (line.kind, line.node) {
            (TextKind::Fact, Some(node)) => facts.push((node, line.at_us, line.text)),
            (TextKind::Action, _) => done.push((line.at_us, line.text)),
            _ => {}
        }
    }
    let (scene, checks) = (run.simulation().scene(), run.simulation().checks());
    Moment { scene, checks, done, facts }
}

fn is_so(title: &str, it: &Moment) -> bool {
    let is_broken = |name: &str| {
        let check = it.checks.iter().find(|check| check.name == name).expect("there is one");
        matches!(check.verdict, Verdict::Broken { .. })
    };
    match title {
        "One leader, one log" => it.leaders().len() == 1 && !it.acknowledgements().is_empty(),
        "A lease, and a clock behind" => {
            it.leaders() == [(S1, 1)]
                && it.node("S1").clock_error_us < 0
                && !it.checks.iter().any(Check::is_violated)
        }
        "The cut" => it.leaders().iter().any(|(id, _)| *id == S1) && it.is_cut_off_with_c1(),
        "More than one leader" => {
            let leaders = it.leaders();
            let own = leaders.iter().find(|(id, _)| *id == S1).map(|(_, term)| *term);
            let all = it.acknowledgements();
            let twice = all.iter().any(|(a, _, write, entry)| {
                *a == S1 && all.iter().any(|(b, _, w, e)| *b != S1 && w != write && e == entry)
            });
            own.is_some_and(|own| leaders.iter().any(|(_, term)| *term > own))
                && it.facts.iter().any(|(id, _, text)| *id != S1 && text.contains("takes over"))
                && twice
        }
        "The bill" => {
            it.scene.cuts.is_empty()
                && it.follows("S1")
                && it.has_recorded(S1, "drops entr")
                && is_broken("an acknowledged write stays on a disk")
        }
        "Count votes, not seconds" => it.has_recorded(S1, "becomes leader"),
        "Why not better clocks?" => it.node("S1").clock_error_us < 0,
        "The price" => {
            let (cut_us, _) = it.cut_us();
            let c1 = it.node("C1").id;
            let served = |&(id, at_us, ref text): &(NodeId, u64, String)| {
                id == c1 && at_us > cut_us + 20_000 && text.contains("acknowledged by")
            };
            it.is_cut_off_with_c1() && !it.facts.iter().any(served)
        }
        "Healed by itself" => {
            let (cut_us, heal_us) = it.cut_us();
            let served = |&(id, at_us, ..): &(NodeId, u64, &str, &str)| {
                id != S1 && (cut_us..heal_us).contains(&at_us)
            };
            it.scene.cuts.is_empty()
                && it.follows("S1")
                && !it.checks.iter().any(Check::is_violated)
                && it.acknowledgements().iter().any(served)
        }
        _ => panic!("nobody has said when “{title}” is so"),
    }
}

#[test]
fn what_each_beat_says_is_so_in_the_run_in_which_it_comes_up() {
    let row = find("single-leader").expect("it is listed");
    let (mut seen, mut listed) = (BTreeSet::new(), BTreeSet::new());
    for preset in Preset::ALL {
        for seed in 1..=40 {
            let setup = Setup::new(row, preset, seed);
            let mut run = Run::new(setup.clone(), default_actions(&setup));
            run.seek_time(row.horizon_us);
            let beats = run.simulation().beats().to_vec();
            for (beat, at_us) in run.simulation().lesson().iter().zip(beats) {
                listed.insert(beat.title.clone());
                let Some(at_us) = at_us else { continue };
                let it = moment(&mut run, at_us);
                assert!(is_so(&beat.title, &it), "seed {seed}: “{}” at {at_us} µs", beat.title);
                seen.insert(beat.title.clone());
            }
        }
    }
    assert_eq!(seen, listed, "each beat comes up in some run");
}
