//! What a handler asked the world to do, in the order in which it asked.

use super::{Embed, NodeId, Process};

/// One request to the world.
#[derive(Clone, Debug)]
pub(super) enum Effect<P: Process> {
    Send { to: NodeId, msg: P::Msg },
    SendAfterSync { to: NodeId, msg: P::Msg },
    SetTimer { after_us: u64, timer: P::Timer },
    CancelTimer(P::Timer),
    StepWall(i64),
    MoveTo(u8),
    Record(P::Fact),
    Observe { quantity: &'static str, took_us: u64 },
}

impl<Q: Process> Effect<Q> {
    /// Returns the same request in the terms of the process around it.
    pub(super) fn lifted<P: Embed<Q>>(self) -> Effect<P> {
        match self {
            Self::Send { to, msg } => Effect::Send { to, msg: P::msg(msg) },
            Self::SendAfterSync { to, msg } => Effect::SendAfterSync { to, msg: P::msg(msg) },
            Self::SetTimer { after_us, timer } => {
                Effect::SetTimer { after_us, timer: P::timer(timer) }
            }
            Self::CancelTimer(timer) => Effect::CancelTimer(P::timer(timer)),
            Self::StepWall(by_us) => Effect::StepWall(by_us),
            Self::MoveTo(zone) => Effect::MoveTo(zone),
            Self::Record(fact) => Effect::Record(P::fact(fact)),
            Self::Observe { quantity, took_us } => Effect::Observe { quantity, took_us },
        }
    }
}
