//! What elections cost: messages, and time without a leader that stays.

/// An election is over when nothing has been said for so long, and nobody else came to lead.
const QUIET_US: u64 = 250_000;

/// What an election took.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Cost {
    /// Messages, without a leader's signs of life.
    pub(super) messages: u64,
    /// From the last write before it to the first of the leader that stayed.
    pub(super) took_us: u64,
}

/// An election, or an attempt at one, that goes on.
#[derive(Copy, Clone, Debug, Hash)]
struct Unrest {
    /// The last write before it.
    since_us: u64,
    /// When something was said, or somebody else began to write.
    last_us: u64,
    /// The first write of the last that began to.
    led_us: Option<u64>,
    messages: u64,
}

/// The elections of a group, as its store and whoever counts messages see them.
///
/// What ends with the same leader as it began was none: nobody was elected.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Elections {
    now: Option<Unrest>,
    last_write_us: u64,
    /// The elections that are over.
    pub(super) over: Vec<Cost>,
}

impl Elections {
    /// So many messages of an election were sent.
    pub(super) fn said(&mut self, at_us: u64, messages: u64) {
        let unrest = self.at(at_us);
        (unrest.last_us, unrest.messages) = (at_us, unrest.messages + messages);
    }

    /// The store has acknowledged a write, perhaps the first of a reign, or the first after another's.
    pub(super) fn taken(&mut self, at_us: u64, is_other: bool) {
        if is_other {
            let unrest = self.at(at_us);
            (unrest.last_us, unrest.led_us) = (at_us, Some(at_us));
        } else {
            self.close(at_us);
        }
        self.last_write_us = at_us;
    }

    fn at(&mut self, at_us: u64) -> &mut Unrest {
        self.close(at_us);
        let since_us = self.last_write_us;
        self.now.get_or_insert(Unrest { since_us, last_us: at_us, led_us: None, messages: 0 })
    }

    /// Counts what is over by now.
    fn close(&mut self, at_us: u64) {
        let Some(Unrest { since_us, last_us, led_us, messages }) = self.now else { return };
        if at_us <= last_us + QUIET_US {
            return;
        }
        if let Some(led_us) = led_us {
            self.over.push(Cost { messages, took_us: led_us.saturating_sub(since_us) });
        } else if self.last_write_us <= since_us {
            // Nobody leads, and nobody has: it goes on.
            return;
        }
        self.now = None;
    }

    /// Returns what the last election took.
    pub(super) fn last(&self) -> Cost {
        self.over.last().copied().unwrap_or_default()
    }

    /// Returns the most messages, and the longest time, that any took.
    pub(super) fn worst(&self) -> Cost {
        let messages = self.over.iter().map(|it| it.messages).max().unwrap_or_default();
        let took_us = self.over.iter().map(|it| it.took_us).max().unwrap_or_default();
        Cost { messages, took_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_election_lasts_from_the_last_write_to_the_first_of_who_stays() {
        let mut elections = Elections::default();
        elections.taken(1_000, true);
        elections.taken(500_000, false);
        assert_eq!(elections.over, [Cost { messages: 0, took_us: 1_000 }], "the first leader");
        elections.said(700_000, 4);
        elections.said(720_000, 3);
        elections.taken(730_000, true);
        elections.taken(800_000, true);
        elections.taken(900_000, false);
        assert_eq!(elections.over.len(), 1, "who leads may change yet");
        elections.taken(1_100_000, false);
        assert_eq!(elections.last(), Cost { messages: 7, took_us: 300_000 });
        assert_eq!(elections.worst(), elections.last());
    }

    #[test]
    fn asking_in_vain_is_no_election() {
        let mut elections = Elections::default();
        elections.taken(1_000, true);
        elections.taken(300_000, false);
        elections.said(310_000, 8);
        elections.taken(320_000, false);
        elections.taken(900_000, false);
        assert_eq!(elections.over.len(), 1);
        elections.said(1_000_000, 2);
        elections.taken(1_010_000, true);
        elections.taken(1_500_000, false);
        assert_eq!(elections.last().messages, 2, "what was said in vain is not counted");
    }
}
