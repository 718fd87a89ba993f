//! What members say, and how it reads.

use crate::mechanism::swim::{Claim, Condition, Update};
use crate::sim::{Describe, MessageKind, Names, NodeId, Payload};

/// What a member can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// Are you there?
    Ping {
        /// Names the probe at its sender.
        probe: u64,
        /// What rides along.
        news: Vec<Update>,
    },
    /// Ask this member whether it is there, for me.
    PingReq {
        /// Names the probe at its sender.
        probe: u64,
        /// Who is to be asked.
        target: NodeId,
        /// What rides along.
        news: Vec<Update>,
    },
    /// I am there; or somebody says that he is of whom you asked.
    Ack {
        /// The probe that this answers.
        probe: u64,
        /// What rides along.
        news: Vec<Update>,
    },
    /// I am alive, in this incarnation, whatever you have heard.
    Objection(u64),
}

impl Msg {
    /// Returns what rides along.
    pub(super) fn news(&self) -> &[Update] {
        match self {
            Self::Ping { news, .. } | Self::PingReq { news, .. } | Self::Ack { news, .. } => news,
            Self::Objection(_) => &[],
        }
    }
}

/// What wakes a member.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A new period begins.
    Period,
    /// The answer to a probe is late.
    Late,
    /// This member had time to object.
    TimeToObject(NodeId),
}

/// What happens to a list of members.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A probe failed: nobody has heard the member that was asked.
    Misses(NodeId),
    /// A late probe was answered after all, through this helper.
    IsHelped(NodeId),
    /// The list has a new word of a member, by its own judgement or as it was told.
    Believes {
        /// What.
        update: Update,
        /// Who told it; `None` for its own judgement.
        from: Option<NodeId>,
    },
    /// The member answers a claim of its death, or of a suspicion, with a word of its own.
    Objects {
        /// What it was told.
        to: Claim,
        /// The incarnation in which it says to be alive.
        with: u64,
    },
    /// The member has heard that another one is alive in this incarnation.
    HearsAlive(NodeId, u64),
    /// The member restarted, and takes everybody for alive.
    ComesBack,
}

/// Returns what a member is called.
pub(super) fn name_of(id: NodeId) -> String {
    format!("M{}", id.0 + 1)
}

/// Returns a claim in words: "dead (2)".
pub(super) fn claim_text(claim: Claim) -> String {
    let condition = match claim.condition {
        Condition::Alive => "alive",
        Condition::Suspect => "suspect",
        Condition::Dead => "dead",
    };
    format!("{condition} ({})", claim.incarnation)
}

fn news_text(news: &[Update], names: &Names) -> String {
    let text = |it: &Update| format!("{} {}", &names[it.member], claim_text(it.claim));
    let texts: Vec<String> = news.iter().map(text).collect();
    if texts.is_empty() { String::new() } else { format!("; {}", texts.join(", ")) }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Ping { .. } => "ping".into(),
            Self::PingReq { .. } => "ping-req".into(),
            Self::Ack { .. } => "ack".into(),
            Self::Objection(_) => "I live!".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let news = news_text(self.news(), names);
        match self {
            Self::Ping { .. } => format!("ping{news}"),
            Self::PingReq { target, .. } => format!("ping-req for {}{news}", &names[*target]),
            Self::Ack { .. } => format!("ack{news}"),
            Self::Objection(incarnation) => format!("I am alive, incarnation {incarnation}"),
        }
    }

    fn is_error(&self) -> bool {
        self.news().iter().any(|update| update.claim.condition == Condition::Dead)
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Ping { .. } => MessageKind::Heartbeat,
            Self::PingReq { .. } => MessageKind::Request,
            Self::Ack { .. } => MessageKind::Reply,
            Self::Objection(_) => MessageKind::Gossip,
        }
    }

    fn bytes(&self) -> u64 {
        // A member, an incarnation, and a byte for the condition.
        let news = 17 * self.news().len() as u64;
        match self {
            Self::Ping { .. } | Self::Ack { .. } => 9 + 1 + news,
            Self::PingReq { .. } => 17 + 1 + news,
            Self::Objection(_) => 9,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Period => "period".into(),
            Self::Late => "late".into(),
            Self::TimeToObject(_) => "suspicion".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Period => "a new period begins".into(),
            Self::Late => "the answer is late".into(),
            Self::TimeToObject(member) => format!("{} had time to object", &names[*member]),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Misses(_) => "no answer".into(),
            Self::IsHelped(_) => "helped".into(),
            Self::Believes { update, .. } => match update.claim.condition {
                Condition::Alive => "alive".into(),
                Condition::Suspect => "suspects".into(),
                Condition::Dead => "dead".into(),
            },
            Self::Objects { .. } => "objects".into(),
            Self::HearsAlive(..) => "hears".into(),
            Self::ComesBack => "came back".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Misses(member) => format!("has no answer from {}", &names[*member]),
            Self::IsHelped(helper) => format!("has its answer through {}", &names[*helper]),
            Self::Believes { update: Update { member, claim }, from } => {
                let (member, claim) = (&names[*member], claim_text(*claim));
                match from {
                    Some(from) => format!("hears from {} that {member} is {claim}", &names[*from]),
                    None => format!("takes {member} for {claim}"),
                }
            }
            Self::Objects { to, with } => {
                format!("objects to “{}”: alive ({with})", claim_text(*to))
            }
            Self::HearsAlive(member, incarnation) => {
                format!("hears that {} is alive ({incarnation})", &names[*member])
            }
            Self::ComesBack => "is back, and takes everybody for alive".into(),
        }
    }
}
