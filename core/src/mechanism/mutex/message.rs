//! What members say to each other.

use crate::sim::{Describe, MessageKind, Names, Payload};

/// A message between members. Each carries its sender's logical clock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// "I want to enter": the clock names the request.
    Request {
        /// The sender's clock.
        time: u64,
    },
    /// Lamport's answer: "I have heard you."
    Acknowledge {
        /// The sender's clock.
        time: u64,
        /// The sender's own request, if it has one: on a link that loses or reorders messages this may
        /// be the first word of it.
        pending: Option<u64>,
    },
    /// Lamport's "I have left".
    Release {
        /// The sender's clock.
        time: u64,
    },
    /// Ricart and Agrawala's answer: "After you."
    Reply {
        /// The sender's clock.
        time: u64,
        /// The request that is answered.
        request: u64,
    },
}

impl Message {
    /// Returns the sender's clock.
    pub fn time(self) -> u64 {
        match self {
            Self::Request { time }
            | Self::Acknowledge { time, .. }
            | Self::Release { time }
            | Self::Reply { time, .. } => time,
        }
    }
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Request { time } => format!("request {time}"),
            Self::Acknowledge { .. } => "heard".into(),
            Self::Release { .. } => "release".into(),
            Self::Reply { .. } => "after you".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Request { time } => format!("Request {time}: I want to enter"),
            Self::Acknowledge { time, pending: None } => format!("Heard at {time}"),
            Self::Acknowledge { time, pending: Some(own) } => {
                format!("Heard at {time}; my own request is {own}")
            }
            Self::Release { time } => format!("Released at {time}"),
            Self::Reply { time, request } => format!("After you with request {request}, at {time}"),
        }
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Request { .. } | Self::Release { .. } => MessageKind::Request,
            Self::Acknowledge { .. } | Self::Reply { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Request { .. } | Self::Release { .. } => 1 + 8,
            Self::Acknowledge { .. } | Self::Reply { .. } => 1 + 2 * 8,
        }
    }
}
