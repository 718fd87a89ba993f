//! What keys and values of a recorded history are.

use std::fmt;

/// A key or a value of a recorded history.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// Nothing: Clojure's `nil`, JSON's `null`.
    #[default]
    Nil,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text, a keyword without its colon, or the source of what is none of these.
    Text(String),
    /// A list.
    List(Vec<Self>),
}

impl Datum {
    /// Returns the items if this is a list.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Nil | Self::Bool(_) | Self::Integer(_) | Self::Text(_) => None,
        }
    }

    /// Returns the text if this is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nil | Self::Bool(_) | Self::Integer(_) | Self::List(_) => None,
        }
    }

    /// Returns the number if this is one and it is not negative.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => u64::try_from(*number).ok(),
            Self::Nil | Self::Bool(_) | Self::Text(_) | Self::List(_) => None,
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => formatter.write_str("nil"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::to_string).collect();
                write!(formatter, "[{}]", items.join(" "))
            }
        }
    }
}
