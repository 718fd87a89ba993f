//! One member.

use super::Message;
use crate::mechanism::fencing::Promise;
use crate::mechanism::majority::majority;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What is to be sent, and to whom.
pub type Sends = Vec<(NodeId, Message)>;

/// What all members agree on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The members. Who has the higher identity ranks higher.
    pub members: Vec<NodeId>,
    /// Who has not answered for so long will not answer: the paper's T, twice the longest time of a
    /// message.
    pub answer_us: u64,
    /// Who has not been heard for so long is not there.
    pub silence_us: u64,
    /// How often a leader says that it is there.
    pub alive_us: u64,
    /// Safeguard: a majority has to accept a leader, and to be heard by it.
    pub majority: bool,
    /// Safeguard: a claim is numbered, and refused where a later one, or another one of the same number,
    /// is known.
    pub epochs: bool,
}

/// What a member is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It waits for a leader's word.
    Follows,
    /// It has asked all higher members.
    Asks,
    /// A higher one has answered, and is to lead.
    Waits,
    /// It claims the lead, and waits until enough have accepted.
    Claims {
        /// In this epoch.
        epoch: u64,
        /// Who has accepted, itself left out.
        accepted: SmallMap<NodeId, ()>,
    },
    /// It leads.
    Leads {
        /// In this epoch.
        epoch: u64,
        /// When others were last heard.
        heard_us: SmallMap<NodeId, u64>,
    },
}

/// A member of a group in which the highest leads.
#[derive(Clone, Debug, Hash)]
pub struct Bully {
    me: NodeId,
    config: Config,
    stage: Stage,
    leader: Option<NodeId>,
    promise: Promise,
    due_us: u64,
    /// Until then it takes the lead from nobody: its last claim has failed.
    rests_until_us: u64,
}

impl Bully {
    /// Makes a member that has heard of nobody. What it promised before a crash is `promise`.
    pub fn new(me: NodeId, config: Config, promise: Promise) -> Self {
        let (stage, due_us) = (Stage::Follows, config.silence_us);
        Self { me, config, stage, leader: None, promise, due_us, rests_until_us: 0 }
    }

    /// Returns what it is at.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Returns the epoch that it leads, if it leads.
    pub fn reign(&self) -> Option<u64> {
        if let Stage::Leads { epoch, .. } = self.stage { Some(epoch) } else { None }
    }

    /// Returns whom it takes for the leader.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// Returns what has to be on disk before anything that it wants sent is.
    pub fn promise(&self) -> Promise {
        self.promise
    }

    /// Returns when it wants to be woken, in the time of its events.
    pub fn due_us(&self) -> u64 {
        self.due_us
    }

    /// Asks all higher members to lead, or leads if there are none.
    pub fn call_election(&mut self, now_us: u64) -> Sends {
        self.leader = None;
        let epoch = self.promise.epoch;
        let asked = self.ranked(|id, me| id > me, Message::Election { epoch });
        if asked.is_empty() {
            return self.claim(now_us);
        }
        self.stage = Stage::Asks;
        self.due_us = now_us + self.config.answer_us;
        asked
    }

    /// Its time has come.
    pub fn on_due(&mut self, now_us: u64) -> Sends {
        if now_us < self.due_us {
            return Vec::new();
        }
        match &self.stage {
            Stage::Follows | Stage::Waits => self.call_election(now_us),
            // Nobody higher is there: in the paper's network that is certain.
            Stage::Asks => self.claim(now_us),
            Stage::Claims { .. } => self.give_up(now_us),
            Stage::Leads { epoch, heard_us } => {
                let oldest_us = now_us.saturating_sub(self.config.silence_us);
                let heard = heard_us.values().filter(|at_us| **at_us >= oldest_us).count();
                if self.config.majority && !self.is_majority(heard) {
                    return self.give_up(now_us);
                }
                let alive = Message::Alive { epoch: *epoch };
                self.due_us = now_us + self.config.alive_us;
                self.ranked(|_, _| true, alive)
            }
        }
    }

    /// A message has come.
    pub fn on_message(&mut self, now_us: u64, from: NodeId, message: Message) -> Sends {
        match message {
            Message::Election { epoch } => {
                self.promise.learn(epoch);
                self.on_election(now_us, from)
            }
            Message::Answer { epoch } => {
                self.promise.learn(epoch);
                if self.stage == Stage::Asks {
                    self.stage = Stage::Waits;
                    // Time enough for it to ask, to claim and to tell.
                    self.due_us = now_us + 4 * self.config.answer_us;
                }
                Vec::new()
            }
            Message::Coordinator { epoch } => {
                self.on_leader(now_us, from, epoch, Message::Accept { epoch })
            }
            Message::Alive { epoch } => {
                self.on_leader(now_us, from, epoch, Message::Present { epoch })
            }
            Message::Accept { epoch } | Message::Present { epoch } => {
                self.on_accepted(now_us, from, epoch);
                Vec::new()
            }
            Message::Refuse { epoch } => self.on_later(now_us, epoch),
        }
    }

    /// Somebody says that a later epoch has begun: a member, or whatever checks epochs.
    pub fn on_later(&mut self, now_us: u64, epoch: u64) -> Sends {
        self.promise.learn(epoch);
        match self.stage {
            Stage::Claims { epoch: own, .. } | Stage::Leads { epoch: own, .. } if own <= epoch => {
                self.give_up(now_us)
            }
            Stage::Follows
            | Stage::Asks
            | Stage::Waits
            | Stage::Claims { .. }
            | Stage::Leads { .. } => Vec::new(),
        }
    }

    fn on_election(&mut self, now_us: u64, from: NodeId) -> Sends {
        let mut sends = vec![(from, Message::Answer { epoch: self.promise.epoch })];
        match self.stage {
            Stage::Follows => sends.extend(self.call_election(now_us)),
            Stage::Leads { epoch, .. } => sends.push((from, Message::Coordinator { epoch })),
            Stage::Asks | Stage::Waits | Stage::Claims { .. } => {}
        }
        sends
    }

    /// Somebody says that it leads.
    fn on_leader(&mut self, now_us: u64, from: NodeId, epoch: u64, yes: Message) -> Sends {
        if from < self.me {
            return self.on_lower_leader(now_us, epoch);
        }
        if !self.config.epochs {
            self.promise.learn(epoch);
        } else if let Err(stale) = self.promise.give(epoch, from) {
            return vec![(from, Message::Refuse { epoch: stale.epoch })];
        }
        (self.stage, self.leader) = (Stage::Follows, Some(from));
        self.due_us = now_us + self.config.silence_us;
        if self.config.majority { vec![(from, yes)] } else { Vec::new() }
    }

    /// A lower member leads: that is for this one to do.
    fn on_lower_leader(&mut self, now_us: u64, epoch: u64) -> Sends {
        self.promise.learn(epoch);
        let is_free = matches!(self.stage, Stage::Follows | Stage::Leads { .. });
        if is_free && now_us >= self.rests_until_us {
            self.call_election(now_us)
        } else {
            Vec::new()
        }
    }

    fn on_accepted(&mut self, now_us: u64, from: NodeId, of: u64) {
        match &mut self.stage {
            Stage::Claims { epoch, accepted } if *epoch == of => {
                accepted.insert(from, ());
                let (count, epoch) = (accepted.len(), *epoch);
                let heard_us = accepted.iter().map(|(id, ())| (id, now_us)).collect();
                if self.is_majority(count) {
                    self.lead(now_us, epoch, heard_us);
                }
            }
            Stage::Leads { epoch, heard_us } if *epoch == of => heard_us.insert(from, now_us),
            Stage::Follows
            | Stage::Asks
            | Stage::Waits
            | Stage::Claims { .. }
            | Stage::Leads { .. } => {}
        }
    }

    /// "I lead": at once, or as soon as a majority agrees.
    fn claim(&mut self, now_us: u64) -> Sends {
        let epoch = self.promise.take_next(self.me);
        if self.config.majority {
            self.stage = Stage::Claims { epoch, accepted: SmallMap::default() };
            self.due_us = now_us + 2 * self.config.answer_us;
        } else {
            self.lead(now_us, epoch, SmallMap::default());
        }
        self.ranked(|id, me| id < me, Message::Coordinator { epoch })
    }

    fn lead(&mut self, now_us: u64, epoch: u64, heard_us: SmallMap<NodeId, u64>) {
        (self.stage, self.leader) = (Stage::Leads { epoch, heard_us }, Some(self.me));
        self.due_us = now_us + self.config.alive_us;
    }

    fn give_up(&mut self, now_us: u64) -> Sends {
        (self.stage, self.leader) = (Stage::Follows, None);
        self.due_us = now_us + self.config.silence_us;
        self.rests_until_us = self.due_us;
        Vec::new()
    }

    fn is_majority(&self, others: usize) -> bool {
        let all = u32::try_from(self.config.members.len()).unwrap_or(u32::MAX);
        others + 1 >= majority(all) as usize
    }

    /// Addresses a message to all others whose rank is as asked.
    fn ranked(&self, is_to: impl Fn(NodeId, NodeId) -> bool, message: Message) -> Sends {
        let others = self.config.members.iter().copied().filter(|id| *id != self.me);
        others.filter(|id| is_to(*id, self.me)).map(|id| (id, message)).collect()
    }
}
