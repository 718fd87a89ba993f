//! What a client carries with it from region to region.

use crate::mechanism::clock::VersionVector;
use crate::sim::NodeId;

/// How much of each region's log a session has written or read: a copy that contains less would take the
/// client back in time.
///
/// The paper keeps a vector for writes and one for reads, since a session may ask for some of its four
/// guarantees only; this is the greater of both. A record's changes all stand in one region's log, that of
/// its home, so for one record one entry of the vector decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SessionToken(VersionVector);

impl SessionToken {
    /// The session has written or read what stands at this position of a region's log.
    pub fn raise(&mut self, home: NodeId, position: u64) {
        self.0.contain(home, position);
    }

    /// Returns how much of a region's log a copy must contain.
    pub fn needs(&self, home: NodeId) -> u64 {
        self.0.updates(home)
    }

    /// Returns how much of what it must contain of a region's log a copy lacks.
    pub fn missing(&self, home: NodeId, copy: &VersionVector) -> u64 {
        self.needs(home).saturating_sub(copy.updates(home))
    }

    /// Returns how many regions it knows of, which is what it costs on the wire.
    pub fn regions(&self) -> u64 {
        self.0.replicas()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(0);
    const THERE: NodeId = NodeId(1);

    #[test]
    fn a_copy_is_behind_if_it_lacks_what_was_written_or_read() {
        let (mut token, mut copy) = (SessionToken::default(), VersionVector::default());
        assert_eq!(token.missing(HERE, &copy), 0);
        token.raise(HERE, 3);
        copy.contain(HERE, 1);
        copy.contain(THERE, 9);
        assert_eq!((token.missing(HERE, &copy), token.missing(THERE, &copy)), (2, 0));
        copy.contain(HERE, 3);
        assert_eq!(token.missing(HERE, &copy), 0);
    }

    #[test]
    fn a_token_never_falls() {
        let mut token = SessionToken::default();
        token.raise(HERE, 5);
        token.raise(HERE, 2);
        assert_eq!((token.needs(HERE), token.needs(THERE), token.regions()), (5, 0, 1));
    }
}
