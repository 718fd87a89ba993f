//! A mechanism with its own process inside a bigger one does what it would do alone.

use faultline_core::run::Run;
use faultline_core::scenario::Scenario;
use faultline_core::sim::{
    Action, Boot, Cell, Command, Cx, Describe, Embed, Input, MessageKind, Names, NodeId, Observed,
    Payload, Process, Spec, SyncId, TimedAction,
};
use faultline_core::view::NodeView;

use super::puppet::{
    Behaviour, Bell, Note, Puppet, Say, environment, note, run_of, setup_of, told, with,
};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);

/// The mechanism: stores and passes on a growing number, at its own pace.
#[derive(Clone, Default, Hash)]
struct Inner;

impl Behaviour for Inner {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let disk = *cx.disk().get();
        note(cx, format!("{boot:?} with {disk}"));
        if cx.me() == N0 {
            cx.set_timer(20_000, Bell(0));
        }
    }

    fn on_message(&mut self, from: NodeId, number: u32, cx: &mut Cx<'_, Puppet<Self>>) {
        *cx.disk_mut().get_mut() = number;
        if from != NodeId::OUTSIDE {
            cx.send_after_sync(from, Say(number + 1));
        }
        let pause_us = cx.jitter_us(1_000, 30_000);
        cx.set_timer(pause_us, Bell(1));
    }

    fn on_bell(&mut self, bell: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        match bell {
            0 => cx.send(N1, Say(1)),
            _ => cx.cancel_timer(Bell(0)),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Puppet<Self>>) {
        let durable = *cx.disk().durable();
        note(cx, format!("sync {} holds {durable}", sync.0));
    }
}

/// The bigger process: words of its own beside those of the mechanism.
#[derive(Clone, Default, Hash)]
struct Outer {
    inner: Puppet<Inner>,
}

#[derive(Clone, Debug, Hash)]
enum Word {
    Inner(Say),
    Own,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Clock {
    Inner(Bell),
    Own,
}

impl Describe for Word {
    fn label(&self) -> String {
        self.sentence(&Names::default())
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Inner(say) => say.sentence(names),
            Self::Own => "private".into(),
        }
    }
}

impl Payload for Word {
    fn kind(&self) -> MessageKind {
        MessageKind::Request
    }

    fn bytes(&self) -> u64 {
        1
    }
}

impl Describe for Clock {
    fn label(&self) -> String {
        match self {
            Self::Inner(bell) => bell.label(),
            Self::Own => "private".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Process for Outer {
    type Msg = Word;
    type Timer = Clock;
    type Disk = Cell<u32>;
    type Fact = Note;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        cx.set_timer(50_000, Clock::Own);
        cx.lift(|cx| self.inner.on_start(boot, cx));
    }

    fn on_message(&mut self, from: NodeId, msg: Word, cx: &mut Cx<'_, Self>) {
        match msg {
            Word::Inner(say) => cx.lift(|cx| self.inner.on_message(from, say, cx)),
            Word::Own => cx.record(Note("hears a private word".into())),
        }
    }

    fn on_timer(&mut self, timer: Clock, cx: &mut Cx<'_, Self>) {
        match timer {
            Clock::Inner(bell) => cx.lift(|cx| self.inner.on_timer(bell, cx)),
            Clock::Own => cx.send(N0, Word::Own),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        cx.lift(|cx| self.inner.on_synced(sync, cx));
    }

    fn view(&self, disk: &Cell<u32>) -> NodeView {
        self.inner.view(disk)
    }
}

impl Embed<Puppet<Inner>> for Outer {
    fn msg(msg: Say) -> Word {
        Word::Inner(msg)
    }

    fn timer(timer: Bell) -> Clock {
        Clock::Inner(timer)
    }

    fn fact(fact: Note) -> Note {
        fact
    }

    fn disk(disk: &mut Cell<u32>) -> &mut Cell<u32> {
        disk
    }
}

static SPEC: Spec<Outer, ()> = Spec {
    environment: |_| environment::<Inner>(),
    commands: &[Command {
        label: "Say",
        accepts: |_, _| true,
        input: Input::Nothing,
        say: |nth, _, _| Word::Inner(Say(1_000 + nth)),
    }],
    ..Spec::bare(|_| vec!["N0".into(), "N1".into()], |_, _| Outer::default())
};

static OUTER: std::sync::LazyLock<Scenario> = std::sync::LazyLock::new(|| {
    let alone = setup_of::<Inner>(1);
    Scenario { build: |setup| Observed::boxed(&SPEC, setup), ..copy(alone.scenario()) }
});

/// Copies what a test's scenario says.
fn copy(scenario: &Scenario) -> Scenario {
    let Scenario { survives, fidelity, diagram, .. } = scenario;
    Scenario {
        survives: survives.clone(),
        fidelity: fidelity.clone(),
        diagram: diagram.clone(),
        ..*scenario
    }
}

#[test]
fn an_embedded_mechanism_does_what_it_does_alone() {
    let actions = [
        (33_000, Action::Command { command: 0, node: N1 }),
        (60_000, Action::Crash(N1)),
        (66_000, Action::Restart(N1)),
        (70_000, Action::Drift { node: N0, drift_ppm: 20_000 }),
    ];
    let mut alone = run_of::<Inner>(1, &actions);
    alone.seek_time(300_000);

    let timed = actions.map(|(at_us, action)| TimedAction { at_us, action });
    let setup =
        faultline_core::scenario::Setup::new(&OUTER, faultline_core::scenario::Preset::Naive, 1);
    let mut inside = Run::new(setup, timed.into());
    inside.seek_time(300_000);

    let inside = told(&inside);
    assert!(with(&inside, "hears a private word").len() >= 2);
    let of_inner: Vec<&String> = inside.iter().filter(|line| !line.contains("private")).collect();
    let alone = told(&alone);
    assert!(alone.len() > 10, "{alone:?}");
    assert_eq!(of_inner, alone.iter().collect::<Vec<_>>());
}
