//! A disk as plain data, for a screen to draw.

use serde::{Deserialize, Serialize};

use super::FileId;
use super::image::{SECTOR_BYTES, sectors_of};
use super::log::{Change, Claim};
use super::store::{File, Files};
use crate::order::set_of;
use crate::view::{self, Datum, Tone, Widget};

/// How far the version of a sector that the node reads has come.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum SectorState {
    /// On the medium.
    #[default]
    Durable,
    /// A running sync covers it.
    Syncing,
    /// Only in the cache.
    Cached,
    /// Only in the cache, though a sync has claimed it.
    Lost,
    /// Only in the cache: its sync has failed, and no later one takes it up.
    Failed,
    /// On the medium, damaged.
    Rotten,
    /// On the medium, and cannot be read.
    Unreadable,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FilePicture {
    /// What it is called now.
    pub name: String,
    /// How long it is now, in bytes.
    pub len_bytes: u64,
    /// A crash can neither take this name away nor give it to another file.
    pub is_name_durable: bool,
    /// A crash cannot change the length.
    pub is_length_durable: bool,
    /// Each sector, in order.
    pub sectors: Vec<SectorState>,
    /// What the node reads from these sectors, up to the file's length.
    pub bytes: Vec<u8>,
}

/// A whole disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DiskPicture {
    /// In the order of names.
    pub files: Vec<FilePicture>,
    /// Names that are gone, but that a crash may bring back.
    pub undead_names: Vec<String>,
    /// Bytes in use, in whole sectors.
    pub used_bytes: u64,
    /// Room for bytes.
    pub capacity_bytes: u64,
}

impl Files {
    /// Returns what a screen shows of the disk: at most the first `max_sectors` of each file.
    pub fn picture(&self, max_sectors: u32) -> DiskPicture {
        let before = self.names_versions().flat_map(|(_, names)| names.keys());
        let is_undead = |name: &&String| !self.names.contains_key(*name);
        let undead = set_of(before.filter(is_undead).cloned());
        let picture = |(name, id): (&String, &FileId)| {
            let file = self.by_id.get(id)?;
            Some(self.file_picture(name, *id, file, max_sectors))
        };
        DiskPicture {
            files: self.names.iter().filter_map(picture).collect(),
            undead_names: undead.into_iter().collect(),
            used_bytes: self.used_bytes(),
            capacity_bytes: self.capacity_bytes(),
        }
    }

    fn file_picture(&self, name: &str, id: FileId, file: &File, max_sectors: u32) -> FilePicture {
        let len_bytes = file.cached.len_bytes();
        let count = sectors_of(len_bytes).min(u64::from(max_sectors));
        let mut sectors = vec![SectorState::Durable; usize::try_from(count).unwrap_or(0)];
        let mut mark = |sector: u32, state: SectorState| {
            if let Some(place) = sectors.get_mut(sector as usize) {
                *place = state;
            }
        };
        file.rotten.iter().for_each(|sector| mark(*sector, SectorState::Rotten));
        file.unreadable.iter().for_each(|sector| mark(*sector, SectorState::Unreadable));
        let mut is_length_durable = true;
        for pending in self.log.iter().filter(|pending| pending.change.file() == Some(id)) {
            match &pending.change {
                Change::Sector { sector, .. } => mark(*sector, SectorState::of(pending.claim)),
                Change::Grow { .. } | Change::Cut { .. } => is_length_durable = false,
                Change::Names(_) => {}
            }
        }
        let shown = sectors.len() * SECTOR_BYTES;
        let mut bytes = vec![0; usize::try_from(len_bytes).map_or(shown, |len| len.min(shown))];
        file.cached.read(0, &mut bytes);
        FilePicture {
            name: name.to_owned(),
            len_bytes,
            is_name_durable: self.names_versions().all(|(_, names)| names.get(name) == Some(&id)),
            is_length_durable,
            sectors,
            bytes,
        }
    }
}

impl FilePicture {
    /// Returns the file as sectors of which each tells its state and its bytes.
    fn widget(&self) -> Widget {
        let mut bytes = self.bytes.chunks(SECTOR_BYTES);
        let sector = |state: &SectorState| {
            let (look, text) = state.look();
            view::Sector::new(look, text).with_bytes(bytes.next().unwrap_or_default())
        };
        Widget::Sectors(view::Sectors {
            label: self.name.clone(),
            sector_bytes: u32::try_from(SECTOR_BYTES).unwrap_or(u32::MAX),
            sectors: self.sectors.iter().map(sector).collect(),
        })
    }
}

impl DiskPicture {
    /// Returns the disk in shapes that every screen can draw: length and sectors of each file. A row
    /// whose disk is one of files needs no picture of its own.
    pub fn widgets(&self) -> Vec<Widget> {
        let used = format!("{} of {} bytes", self.used_bytes, self.capacity_bytes);
        let mut widgets = vec![Widget::field("used", used)];
        for file in &self.files {
            let length = Datum {
                durable: file.is_name_durable && file.is_length_durable,
                committed: file.is_name_durable && file.is_length_durable,
                ..Datum::new(format!("{} bytes", file.len_bytes))
            };
            widgets.push(Widget::field(format!("length of {}", file.name), length));
            widgets.push(file.widget());
        }
        if !self.undead_names.is_empty() {
            let names = self.undead_names.iter().map(|name| Datum::new(name.as_str()));
            let names = names.map(|name| name.toned(Tone::Muted));
            widgets.push(Widget::cells("removed, not for good yet", names));
        }
        widgets
    }
}

impl SectorState {
    /// Returns how a screen shows it, and what is said of it beyond that.
    const fn look(self) -> (view::SectorState, &'static str) {
        match self {
            Self::Durable => (view::SectorState::Durable, ""),
            Self::Syncing => (view::SectorState::Cached, "syncing"),
            Self::Cached => (view::SectorState::Cached, ""),
            Self::Lost => (view::SectorState::Cached, "claimed durable, is not"),
            Self::Failed => (view::SectorState::Cached, "sync failed: not on the disk"),
            Self::Rotten => (view::SectorState::Rotten, "damaged"),
            Self::Unreadable => (view::SectorState::Rotten, "unreadable"),
        }
    }

    fn of(claim: Claim) -> Self {
        match claim {
            Claim::Unclaimed => Self::Cached,
            Claim::Running(_) => Self::Syncing,
            Claim::Lost => Self::Lost,
            Claim::Failed => Self::Failed,
        }
    }
}
