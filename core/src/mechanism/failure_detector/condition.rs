//! How a member is, as a list of members says, and how that looks.

use std::fmt::Display;

use crate::view::{Datum, Tone};

/// A list names so many members in short at most.
const MOST_NAMED: usize = 3;

/// How a member is, as somebody says. Of two words of one incarnation the graver counts.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It answers.
    #[default]
    Alive,
    /// It did not answer, and has time to object.
    Suspect,
    /// It did not object in time, or nobody waited for that.
    Dead,
}

impl Condition {
    /// Returns the sign that stands behind a name.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Alive => "",
            Self::Suspect => "?",
            Self::Dead => "†",
        }
    }

    /// Returns how good or bad that is.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Alive => Tone::Good,
            Self::Suspect => Tone::Warn,
            Self::Dead => Tone::Bad,
        }
    }

    /// Puts the sign behind a name.
    pub fn mark(self, name: impl Display) -> Datum {
        Datum::new(format!("{name}{}", self.sign())).toned(self.tone())
    }
}

/// Says in a few letters who of those on a list is not alive: "W1† W3?", or only how many are dead and
/// suspected.
pub fn in_short(list: impl Iterator<Item = (String, Condition)>) -> String {
    let doubted: Vec<_> = list.filter(|(_, it)| *it != Condition::Alive).collect();
    if doubted.is_empty() {
        return "lists all".into();
    }
    if doubted.len() <= MOST_NAMED {
        let names = doubted.iter().map(|(name, it)| format!("{name}{}", it.sign()));
        return names.collect::<Vec<_>>().join(" ");
    }
    let count = |of| doubted.iter().filter(|(_, it)| *it == of).count();
    match (count(Condition::Dead), count(Condition::Suspect)) {
        (dead, 0) => format!("{dead}†"),
        (0, suspects) => format!("{suspects}?"),
        (dead, suspects) => format!("{dead}† {suspects}?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_doubts_are_named_and_many_are_counted() {
        let list = |conditions: &[Condition]| {
            in_short(conditions.iter().zip(1..).map(|(it, nth)| (format!("M{nth}"), *it)))
        };
        let (alive, suspect, dead) = (Condition::Alive, Condition::Suspect, Condition::Dead);
        assert_eq!(list(&[alive, alive]), "lists all");
        assert_eq!(list(&[dead, alive, suspect]), "M1† M3?");
        assert_eq!(list(&[dead, dead, suspect, dead]), "3† 1?");
        assert_eq!(list(&[dead; 4]), "4†");
        assert_eq!(list(&[suspect; 4]), "4?");
    }
}
