//! A stand-in for the page.

use faultline_core::sim::{Action, TimedAction};
use faultline_web::engine::{Letter, Session};
use faultline_web::wire::{
    ActionName, ActionView, Command, Compared, Frame, Kept, Opened, Reproduced, SpaceTime,
    Timeline, Update,
};

/// A page that believes all it is told.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) session: Session,
    pub(crate) opened: Option<Opened>,
    pub(crate) timeline: Option<Timeline>,
    pub(crate) frame: Option<Frame>,
    pub(crate) compared: Option<Compared>,
    pub(crate) other: Option<Frame>,
    /// Everything since the last command.
    pub(crate) updates: Vec<Update>,
}

impl Page {
    pub(crate) fn open(link: &str) -> Self {
        let mut page = Self::default();
        page.send(Command::Open {
            request: 1,
            link: link.into(),
            default_seed: 7,
            kept: Kept::default(),
        });
        assert!(page.opened.is_some(), "{link}: {:?}", page.updates);
        page
    }

    /// Sends a command and waits until nothing is under way.
    pub(crate) fn send(&mut self, command: Command) {
        self.begin(command);
        self.settle();
    }

    /// Waits until nothing is under way.
    pub(crate) fn settle(&mut self) {
        while self.slice(1_000) {}
    }

    /// Sends a command and returns whether there is more to do.
    pub(crate) fn begin(&mut self, command: Command) -> bool {
        self.updates.clear();
        let mut out = Vec::new();
        let has_more = self.session.command(command, &mut out);
        self.take(out);
        has_more
    }

    pub(crate) fn slice(&mut self, mut looks: u32) -> bool {
        let mut out = Vec::new();
        let budget = || {
            looks = looks.saturating_sub(1);
            looks > 0
        };
        let has_more = self.session.slice(budget, &mut out);
        self.take(out);
        has_more
    }

    pub(crate) fn take(&mut self, updates: Vec<Update>) {
        // What the page gets has travelled as bytes.
        let bytes = Letter::Updates(updates).bytes();
        let Some(Letter::Updates(updates)) = Letter::from_bytes(&bytes) else {
            panic!("updates do not survive the journey");
        };
        for update in updates {
            if let Update::Opened { opened, .. } | Update::Remade(opened) = &update {
                self.opened = Some((**opened).clone());
            }
            if let Update::Timeline(timeline) = &update {
                self.timeline = Some((**timeline).clone());
            }
            if let Update::Frame(frame) = &update {
                self.frame = Some((**frame).clone());
            }
            if let Update::Compared(compared) = &update {
                self.compared = compared.as_deref().cloned();
            }
            if let Update::Other(frame) = &update {
                self.other = Some((**frame).clone());
            }
            self.updates.push(update);
        }
    }

    pub(crate) fn frame(&self) -> &Frame {
        self.frame.as_ref().unwrap()
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        self.timeline.as_ref().unwrap()
    }

    /// Names the action at a place of the list; one that is nowhere if there is none.
    pub(crate) fn action(&self, index: usize) -> ActionName {
        let name = |action: &ActionView| action.named(u32::try_from(index).unwrap());
        let nowhere = || TimedAction { at_us: u64::MAX, action: Action::Heal };
        let found = self.timeline().actions.get(index).map(name);
        found.unwrap_or_else(|| ActionName { index: 0, timed: nowhere() })
    }

    /// Names the abandoned future at a place of the list; one that is nowhere if there is none.
    pub(crate) fn lane(&self, index: usize) -> String {
        self.timeline().lanes.get(index).map_or("nowhere".into(), |lane| lane.link.clone())
    }

    /// Asks for the space-time diagram.
    pub(crate) fn traced(&mut self, events: u32) -> SpaceTime {
        self.send(Command::Trace { events });
        match self.updates.as_slice() {
            [Update::SpaceTime(traced)] => (**traced).clone(),
            other => panic!("no diagram but {other:?}"),
        }
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.frame().scene.now_us
    }

    pub(crate) fn failure(&self) -> Option<&str> {
        self.updates.iter().find_map(|update| {
            let (Update::Failed(sentence) | Update::Unopened { sentence, .. }) = update else {
                return None;
            };
            Some(sentence.as_str())
        })
    }

    pub(crate) fn link(&mut self) -> String {
        self.send(Command::Share);
        match self.updates.as_slice() {
            [Update::Shared { link }] => link.clone(),
            other => panic!("no link but {other:?}"),
        }
    }

    /// Opens the run's own link elsewhere: it must give this very run.
    pub(crate) fn assert_link_gives_this_run(&mut self) {
        let link = self.link();
        let other = Self::open(&link);
        let reproduced = &other.opened.as_ref().unwrap().reproduced;
        assert_eq!(*reproduced, Reproduced::ToTheBit, "{link}");
        assert_eq!(other.now_us(), self.now_us(), "{link}");
        assert_eq!(other.opened.as_ref().unwrap().seed, self.opened.as_ref().unwrap().seed);
    }
}
