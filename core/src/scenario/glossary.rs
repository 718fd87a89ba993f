//! Every term of art in its sentence: what a newcomer is told where a text first uses the word.

/// Terms with their sentences. A term is written as in the middle of a sentence; where two begin at
/// the same place, the longer one counts.
const GLOSSARY: &[(&str, &str)] = &[
    (
        "CRDT",
        "A replicated data type: copies change without asking anybody, and merge to the same.",
    ),
    (
        "Fugue's tree",
        "Letters in a tree, each left or right of the one beside which it was typed: read from left to right.",
    ),
    (
        "G2-item",
        "Transactions in a circle, in which each read a row that the next one overwrote (Adya 1999).",
    ),
    (
        "Merkle tree",
        "Each node is the hash of those below: equal roots mean equal copies, and differences are found.",
    ),
    (
        "RPO",
        "Recovery point objective: of what was acknowledged, how far back a disaster may undo it.",
    ),
    (
        "STONITH",
        "“Shoot the other node in the head”: cutting its power, to be sure that it is off.",
    ),
    ("acknowledged", "Said to be done: whoever asked may rely on it from now on."),
    ("anti-entropy", "Peers compare what they know again and again, so that differences die out."),
    ("arbiter", "The one that decides between others, such as who has a lock."),
    ("attempt", "One of several tries to do the same thing, each with a number of its own."),
    ("availability", "Whether whoever asks gets an answer, even while something is broken."),
    ("best effort", "Tried, and not promised."),
    ("block", "A piece of a log or a file that is written at once."),
    ("buffer", "Where things wait until they can go on."),
    ("cache", "A copy kept close by, so as not to ask each time; it may be behind."),
    ("client", "A program that asks the system for something and waits for the answer."),
    ("compacted", "Older versions have been forgotten: whoever is behind must read all anew."),
    ("compare-and-set", "Write only if the value is still the one that was read, in one step."),
    ("concurrent", "Of two events: neither could know of the other, so neither came first."),
    ("cut", "A link that carries nothing; a split cuts all links between two sides."),
    ("datagram", "A message that is sent once: it may be lost, and nobody is told."),
    (
        "diamond",
        "Two changes made on one state, and each carried over the other: both ways must end alike.",
    ),
    (
        "digest",
        "A hash that is sent in place of a copy: enough to see that two copies are the same.",
    ),
    ("entry", "One place of a log or a list, and what is written there."),
    ("epoch", "A numbered period; what carries an older number than the latest is refused."),
    ("eventual consistency", "Once changes stop, all copies come to show the same."),
    ("fail over", "To go on with another machine or place when one does not answer."),
    ("fencing", "Keeping out whoever acts by a right that is over, at the place where they act."),
    (
        "fencing token",
        "A number that grows with each grant, so that the store can refuse older ones.",
    ),
    ("follower", "A server that copies what the leader decides."),
    ("generation", "How often a node has started: what it said in an earlier life is older."),
    ("gossip", "Telling what one knows to a few others, again and again, until all know it."),
    ("grace", "A while that is waited for when all is done, for what may still be under way."),
    ("hash", "A number worked out from a name: the same for everybody, and as if drawn by lot."),
    ("heartbeat", "A message that says only “I am here”, sent again and again."),
    ("hint", "A copy kept by a server whose it is not, while one is silent, to be handed on."),
    ("hot key", "A key that is read and written all the time; a cold one hardly ever is."),
    ("hybrid clock", "Counts like a logical clock, in numbers that stay near the time of day."),
    (
        "incarnation",
        "One life of a node, numbered: coming back, or denying death, begins the next.",
    ),
    ("leader", "The one server that decides the order of writes."),
    ("lease", "A right that ends at a time unless it is renewed before."),
    ("log", "A list that is only added to; its order is the order of what happened."),
    ("majority", "More than half. Any two majorities have a member in common."),
    ("maximum", "The larger of two: taking it again, or in another order, changes nothing."),
    ("modulo", "What is left of a division: 14 modulo 5 is 4."),
    ("monotonic clock", "A clock that never goes back; it measures how long, not what time it is."),
    ("ping", "A short question that only asks whether the other one answers."),
    ("quorum", "So many that any two such groups have a member in common, often a majority."),
    ("read repair", "Whoever is told different things by replicas sends them the newest of it."),
    ("register", "One value that is read and written as a whole."),
    ("replica", "One of several copies, each on a machine of its own."),
    ("retention", "How long something is kept before it is thrown away."),
    ("revision", "A number of the whole store that grows with each change."),
    ("ring", "All hashes in a circle: a key belongs to whoever comes next after its own."),
    ("rollup", "A few numbers for many: how many there are, the least, the greatest, the sum."),
    ("rumor", "News that whoever hears it tells others, until nobody seems to need it."),
    ("seal", "To bar everything with an older number, before the new one begins."),
    ("shard", "A part of the data that is kept apart from the rest, such as one stretch of time."),
    ("sibling", "One of several versions of which none was written in knowledge of another."),
    (
        "sloppy quorum",
        "Enough answers from anybody, stand-ins too, so that two groups may not meet.",
    ),
    ("slot", "The part of a shared count that belongs to one node, and that only it changes."),
    ("snapshot", "The state as of one moment; of a log, all before it can be thrown away."),
    ("split", "The network falls into sides that cannot reach each other."),
    ("stand-in", "A server that takes a write for another one that cannot be reached."),
    ("suspected", "Taken for dead until it is heard of again; nothing final is done about it."),
    ("sync", "Waiting until the disk has really kept what was written."),
    ("term", "A numbered period with at most one leader; a higher number is later."),
    ("time to live", "After this time what was set is deleted by itself."),
    ("tombstone", "What stays of something deleted, so that no old copy is taken for news."),
    ("vector clock", "One number a node: how many of its events an event knows of."),
    ("version vector", "One number a copy: how many of its writes a version contains."),
    ("vote", "A server's word that another may lead, given once a term and kept on disk."),
    ("wall clock", "A clock that says what time it is; it can be wrong, and be set back."),
    ("watch", "A request to be told of every change from now on, in order."),
    ("write", "A change that a client asks for."),
    ("φ", "How unlikely it is that a silence so long comes from a node that is alive."),
];

/// Returns the terms that these texts use, with their sentences.
pub fn glossary_of<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Vec<(&'static str, &'static str)> {
    let texts: Vec<&str> = texts.into_iter().collect();
    let is_used = |term: &str| texts.iter().any(|text| place_of_word(text, term).is_some());
    GLOSSARY.iter().copied().filter(|(term, _)| is_used(term)).collect()
}

/// Finds where a text first uses a term of the glossary, as a word of its own: in any case, and with an "s" for
/// several. Returns the bytes from and to.
pub fn place_of_word(text: &str, term: &str) -> Option<(usize, usize)> {
    let is_letter = |c: char| c.is_alphanumeric();
    text.char_indices().find_map(|(from, _)| {
        let begin = text.get(from..from + term.len())?;
        let is_inside = text[..from].chars().next_back().is_some_and(is_letter);
        if is_inside || !begin.eq_ignore_ascii_case(term) {
            return None;
        }
        let rest = &text[from + term.len()..];
        let many = usize::from(rest.starts_with('s'));
        let goes_on = rest.chars().nth(many).is_some_and(is_letter);
        (!goes_on).then_some((from, from + term.len() + many))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_word_of_its_own() {
        assert_eq!(place_of_word("Leaders lead", "leader"), Some((0, 7)));
        assert_eq!(place_of_word("a catalog, a log", "log"), Some((13, 16)));
        assert_eq!(place_of_word("logging", "log"), None);
        assert_eq!(place_of_word("“+1” for a term", "term"), Some((15, 19)));
        assert_eq!(place_of_word("", "term"), None);
    }

    #[test]
    fn terms_are_in_order_and_say_something_in_a_sentence() {
        assert!(GLOSSARY.is_sorted_by(|a, b| a.0 < b.0));
        for (term, sentence) in GLOSSARY {
            assert!(sentence.ends_with('.') && sentence.len() <= 120, "{term}: {sentence}");
        }
        let used = glossary_of(["A leader of a term", "the leaders"]);
        assert_eq!(used.iter().map(|it| it.0).collect::<Vec<_>>(), ["leader", "term"]);
    }
}
