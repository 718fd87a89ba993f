//! What editors say, and how it reads.

use super::copy::News;
use crate::mechanism::clock::VersionVector;
use crate::mechanism::crdt::LwwMap;
use crate::mechanism::crdt::sequence::Id;
use crate::sim::{Describe, MessageKind, Names, Payload, Splice};

/// Which letters are bold.
pub(super) type Marks = LwwMap<Id, bool>;

/// Where an item is put.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// Before all others.
    Top,
    /// After all others.
    Bottom,
}

/// What an editor can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// The viewer types an item.
    Type(End, String),
    /// The viewer deletes the item with this number.
    Strike(u32),
    /// The viewer makes the item with this number bold, or plain.
    Embolden(u32),
    /// The viewer edits the text, wherever in it.
    Edit(Splice),
    /// Tell me what this version does not contain.
    Ask(VersionVector),
    /// This is what was asked for.
    Tell(News, Marks),
}

/// What wakes an editor.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Its person does something.
    Person,
    /// Time to ask the next editor for news.
    Round,
}

/// What happens at an editor.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// Its person typed an item.
    Typed {
        /// The name of its first letter.
        id: Id,
        /// How many letters it has.
        length: u32,
        /// The first letter of those typed in a row at one place, of which these are the last.
        row: Id,
        /// What the person had seen by then.
        seen: VersionVector,
        /// The item.
        item: String,
    },
    /// Its person deleted these letters.
    Struck(Vec<Id>),
    /// Its person changed how an item looks.
    Emboldened {
        /// Which letters.
        letters: Vec<Id>,
        /// When, on its Lamport clock.
        at: u32,
    },
    /// So many of its person's edits are safe.
    Saved(u64),
    /// It heard of edits that it did not know.
    Heard,
    /// It restarted, with so many of its person's edits.
    CameBack(u64),
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Type(_, item) if item.chars().count() < 12 => format!("+{item}"),
            Self::Type(..) => "types".into(),
            Self::Strike(_) => "strike out".into(),
            Self::Embolden(_) => "bold".into(),
            Self::Edit(_) => "edit".into(),
            Self::Ask(_) => "news?".into(),
            Self::Tell(News::Whole(_), _) => "whole text".into(),
            Self::Tell(news, _) => match news.pieces() {
                0 => "no edits".into(),
                1 => "1 edit".into(),
                more => format!("{more} edits"),
            },
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Type(End::Top, item) => format!("type “{item}” at the top"),
            Self::Type(End::Bottom, item) => format!("type “{item}” at the end"),
            Self::Strike(number) => format!("strike out item {number}"),
            Self::Embolden(number) => format!("make item {number} bold, or plain again"),
            Self::Edit(edit) => {
                let (at, deleted, inserted) = (edit.at, edit.deleted, edit.length());
                format!("behind letter {at}, delete {deleted} and type {inserted}")
            }
            Self::Ask(version) => {
                let known = |id| format!("{} {}", &names[id], version.updates(id));
                let known: Vec<String> =
                    names.ids().filter(|&id| version.updates(id) > 0).map(known).collect();
                format!("what is new beyond ({})?", known.join(", "))
            }
            Self::Tell(News::Whole(_), _) => "the whole text as last saved".into(),
            Self::Tell(news, marks) => {
                format!(
                    "edits: {}, letters of them: {}, marks: {}",
                    news.pieces(),
                    news.letters(),
                    marks.len()
                )
            }
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Type(..) | Self::Strike(_) | Self::Embolden(_) | Self::Edit(_) => {
                MessageKind::Request
            }
            Self::Ask(_) => MessageKind::Gossip,
            Self::Tell(..) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Type(_, item) => 1 + item.len() as u64,
            Self::Strike(_) | Self::Embolden(_) => 5,
            Self::Edit(edit) => 9 + edit.inserted.len() as u64,
            Self::Ask(version) => 1 + 6 * version.replicas(),
            // An edit names itself and a letter; a mark names a letter and says when and by whom.
            Self::Tell(news, marks) => {
                1 + 16 * news.pieces() as u64 + news.letters() + 13 * marks.len() as u64
            }
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Person => "person".into(),
            Self::Round => "round".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Person => "the person at this editor does something".into(),
            Self::Round => "the next round begins".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Typed { .. } => "typed",
            Self::Struck(_) => "struck out",
            Self::Emboldened { .. } => "bold",
            Self::Saved(_) => "saved",
            Self::Heard => "heard",
            Self::CameBack(_) => "came back",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Typed { item, .. } => format!("types “{item}”"),
            Self::Struck(letters) if letters.len() == 1 => "strikes out a letter".into(),
            Self::Struck(letters) => format!("strikes out {} letters", letters.len()),
            Self::Emboldened { .. } => "makes an item bold, or plain again".into(),
            Self::Saved(edits) => format!("has saved {edits} edits of its own"),
            Self::Heard => "hears of edits that it did not know".into(),
            Self::CameBack(edits) => format!("comes back with {edits} edits of its own"),
        }
    }
}
