//! What to see in each golden trace of consensus and coordination, in a few sentences by one who had read it.

use super::Explained;
use faultline_core::scenario::Preset;

pub(super) const EXPLAINED: &[Explained] = &[
    (
        "single-leader",
        Preset::Naive,
        "Nobody votes: the first server simply leads, and every other server waits for the lease to \
         end by its own wall clock. At 500 ms S1's clock is set back, so that S1 believes in its \
         lease for longer than the others do; nothing looks wrong, heartbeats keep coming. The cut at \
         1 s leaves S1 alone with C1. S5's clock ends the lease and S5 takes over, in term 2, while \
         S1 goes on acknowledging C1's writes from its own disk. The first break is one line later \
         than the harm: S5 acknowledges entry 36 to C2, which S1 had already promised to C1. From then \
         on both speak in turn, though S1 should be silent (the second break). At 3 s the cut heals, \
         S1 follows S5 and drops its entries: with them goes a write that was acknowledged (the third).",
    ),
    (
        "single-leader",
        Preset::Hardened,
        "The same schedule. S1 leads after a pre-vote and four votes, and answers a client only when \
         a majority has the entry on disk (each “acknowledges” follows its “counts entries up to …”). The \
         clock set back at 500 ms moves nothing, since no decision reads a wall clock. After the cut \
         at 1 s the majority elects S3 in term 2. For a while S1 believes that it leads, too, hence \
         the first alert; but it gets no majority, acknowledges nothing and steps down, and soon only \
         asks who would vote for it. C1 waits: that is the price, and the second alert. After the \
         heal S1 drops two entries: neither had been acknowledged.",
    ),
    (
        "election-styles",
        Preset::Naive,
        "Three groups, and in each the fifth server leads. At 1 s B5, L5 and R5 no longer reach the next \
         server. B4 hears nothing, asks B5, gets no answer (B5's OK is cut off), and makes itself \
         coordinator of epoch 2: B5 and B4 both write, and Store B takes what they send in turn, which is \
         the break. B5 hears of B4 all the while, and declares itself anew, up to epoch 32. Nothing moves \
         in the other groups: L1 goes on granting L5 its lease, and R4 only asks who would vote for it. At \
         3.2 s all three leaders crash, and B4, L4 and R1 come to lead. At 4.2 s they are back. B5 has \
         forgotten all numbers, and takes the lead by force in epoch 1; L5 and R5 follow.",
    ),
    (
        "election-styles",
        Preset::Hardened,
        "The same schedule. B4 claims epoch 2; when a majority has accepted, it leads, and B5 is refused by \
         the same majority and steps down. It hears of B4 from B4 itself, and claims epoch 3: so it goes on \
         for as long as the link is cut, up to epoch 9. What the one that was replaced still sends is \
         refused by Store B, at 1342 ms for the first time: nothing overlaps. L5 and R5 lead all the while: \
         a majority hears them. After the crash at 3.2 s another one of each group leads. At 4.2 s B5 is \
         back with the numbers that its disk kept. Its first claim is of an epoch that the others have \
         given to B4, and refused; its next one is accepted.",
    ),
    (
        "raft-log",
        Preset::Naive,
        "S1 leads term 2. At 400 ms it is alone with S2: C1's write becomes entry 12 there and is \
         on two disks of five when S1 crashes: Figure 8 (a). S5 leads term 3 with the votes of S3 \
         and S4, which never saw that entry, puts C2's write in place 12 on its own disk alone, \
         and crashes: (b). S1 comes back, leads term 4 and copies its old entry 12 to S3, so that \
         three have it. Counting copies, it calls the entry committed, and tells C1 at 2.11 s: \
         (c). S1 crashes; S5 comes back, its last entry is of a later term, so S2, S3 and S4 vote \
         for it: it leads term 5 without what is committed (the first break), the others drop \
         entry 12, and S5 applies its own in that place (the second break): (d).",
    ),
    (
        "raft-log",
        Preset::Hardened,
        "The same schedule. A leader begins its term with a blank entry: S1's is entry 2, so the \
         write of (a) is entry 13. Then S5 leads term 3, has entry 13 blank, and commits it with \
         S3 and S4. When S1 comes back at 1.3 s its log is older than theirs, so nobody lets it \
         lead: C1 is refused at 2.11 s, where the naive design told it that all was well. S5 \
         comes back at 2.25 s. After the heal C2's write 6 is answered from entry 14, C1's goes \
         in as entry 16, and S1 drops the entry 13 that it alone still had.",
    ),
    (
        "config-store",
        Preset::Naive,
        "S1 leads, P1 becomes the primary by a key with its lease, and each change of the limit is \
         a revision that every server makes and both watchers see: W1 from S3, W2 from S2. At 1 s \
         S3 is cut off; W1 has seen up to revision 12. Then P2 turns the flag off: revision 14, \
         made by S1 and S2 and seen by W2. W1 hears nothing for long and at 1.118 s asks S1 for \
         what changes from now on. The first word from S1 (no news, you have all up to 16) makes \
         W1's flag wrong by its own account, hence the alert; the break is W1's next change: it \
         goes on from revision 12 to 17. From then on W1 sees every change of the limit, and nobody \
         tells it of the flag: not even the heal, where S3 catches up by a snapshot and ten \
         entries.",
    ),
    (
        "config-store",
        Preset::Hardened,
        "The same schedule. W1 and W2 ask S1 and then S2 for their first list, are refused until S1 \
         leads and has committed something, and get it at 83 ms: a confirmed read cannot be \
         answered sooner. At 1 s S3 is cut off, P2 turns the flag off (revision 14), and at 1.181 s \
         W1 goes to S1: now it asks for what follows revision 12, and is told all at once: limit 11 \
         (13), flag off (14), limit 12 (15), limit 13 (16). It was four revisions behind, which is \
         the alert, and missed none. P2 asks now and then to be the primary and is told that it is \
         not, at no revision's cost. S3 is far behind when the cut heals, takes a snapshot of the \
         store and follows; nothing breaks.",
    ),
    (
        "split-brain",
        Preset::Naive,
        "S1 leads, and writes 1 to 22 stand in their blocks. The cut at 1 s parts S1, S2 and C1 from the \
         rest, but for the wires to store and power switch. After 300 ms of silence the larger side has a \
         leader of its own, which asks the store where to go on and never where S1 is: two serve (the \
         first break). C2's write 11 goes into block 23 and is acknowledged. S1 had sent C1's write 13 for \
         the same block 23, and it was stuck: released at 1.8 s, it lands on top, in an epoch that is \
         over (the second break), and what C2 was told is gone (the third). Until the heal both go on so.",
    ),
    (
        "split-brain",
        Preset::Hardened,
        "The same schedule. S5 stands only when S3 and S4 say that they see no leader either, learns from \
         the store that S1 had it last, and has S1 switched off; when that is confirmed the store is sealed \
         with epoch 2, and only then S5 leads. C2 finds it after asking two servers that do not lead, hence the \
         first alert. At 1.8 s S1's write is released, 400 ms after S1 was switched off: the store refuses \
         it, and block 23 keeps what C2 was told. C1 waits until the cut heals.",
    ),
    (
        "quorum-dial",
        Preset::Naive,
        "N = 3 and R = W = 1, and nothing fails for 1.5 s. C2 reads 22 from R1 just after C1 has read 23 \
         from R2: no order explains both, the first break. C2's next read is told that nothing was ever \
         written, though its own 22 has long been acknowledged: it asked a replica to which no write had \
         gone yet. At 600 ms all three claim seat 1; each looks, finds it free and takes it, so that each is \
         told that it is its own. The cut leaves C1 with the stand-ins: its write goes to X1 or X2 after \
         100 ms of silence, and is acknowledged though no replica has it. After the heal the stand-ins \
         hand it off and, since what comes last counts, old values come back: reads return 91 long after \
         91 was overwritten.",
    ),
    (
        "quorum-dial",
        Preset::Hardened,
        "The same schedule. An operation takes two rounds of two replicas each, hence 25 ms instead of 10. \
         C1 reads 23 and has it stored before it returns: R1 takes it over just then, from the reader. All \
         are told that seat 1 is C3's. When the cut comes, C1's read stays unanswered until the heal: \
         the alert at 2 s is the price, while C2 and C3 go on. R2 crashes and comes back, and takes over \
         what it missed as soon as somebody reads or writes through it. Nothing breaks.",
    ),
    (
        "lock-from-scratch",
        Preset::Naive,
        "W1 has the lock under number 1 and has written two parts when it freezes at 150 ms. From 300 ms \
         on the file's answers to W2 and W3 are held up, and W1's lease ends meanwhile. At 500 ms all \
         answers come: W3 and W2 both read that the lock is free, both write, both are stored under 2, \
         and both hold it (the first break, and one with it: the number was given away twice). Soon \
         their parts mix (the third). W1 wakes up at 1.1 s: the part that it had ready leaves before it \
         looks at its lease, and is applied under 1 after a part of W3 under 3 (the last break). At \
         1.436 s W2 and W1 both renew the lock under 4: the race needs no late answers. The file server \
         crashes at 3.5 s and has synced nothing; with this seed its cache happens to have been written \
         back.",
    ),
    (
        "lock-from-scratch",
        Preset::Hardened,
        "The same schedule. Each grant comes some milliseconds after the one before it is given back: \
         it is on disk first. W1 freezes; the arbiter ends its lease at 424 ms by its own clock, later \
         than W1's clock does (395 ms): that is the margin. It lends the lock to W2 alone, which hears of \
         that at 500 ms with all other late answers. W1 wakes up at 1.1 s and its part is late, as \
         before, but it carries number 1, the store has seen 4, and refuses it. The arbiter crashes at \
         3.5 s while W1 holds the lock under 14; it comes back with 14 from its file, does not know how \
         much of that lease is left, and gives the lock to nobody new for 300 ms, hence the second \
         alert. At 3.961 s W3 gets 15.",
    ),
    (
        "redis-lock",
        Preset::Naive,
        "C1 has set the key and prints ticket 1 when it freezes at 100 ms. Its key expires at 414 ms; \
         C3 gets the lock, reads that nothing is sold, and sells ticket 1. At 1.5 s C1 wakes up and \
         writes the ticket that it had printed: ticket 1 is sold a second time, and as the book now \
         says 1, C3, who reads it in that moment, goes on from there. Then C1 asks to delete the key, \
         and it is C3's: from here on the lock is open to anybody. At 2.3 s R1 dies, and R2 takes over \
         with what it had heard.",
    ),
    (
        "redis-lock",
        Preset::Hardened,
        "The same schedule. A key at each of five instances, set and counted as a lock once three have \
         answered; then a number from the counter, and only then the office. C1 freezes with number 1. \
         The keys expire one by one, each by its instance's clock, and C2 gets its majority. At 1.5 s \
         C1 shows number 1, the office has seen a higher one, and refuses. C1's DEL goes to all \
         instances, and each keeps the key, since it holds another's value. R1 comes back empty at \
         2.9 s and is silent for 400 ms.",
    ),
    (
        "heartbeats",
        Preset::Naive,
        "From 1 s on most messages are lost. At the third look after that, W1 and W4 have missed one \
         heartbeat: two living workers are declared dead (the first break), and their partitions go to \
         W2, W3 and W5. W4's next heartbeat comes through, and it is back as if nothing had been (the \
         second break). Whoever takes a partition over is busy with it, so its own heartbeat is late: \
         W3 and W5 follow, and W2 just after the burst is over, at 1.4 s. From there on the storm needs \
         no burst: everybody takes over what everybody else was late for. At 2.619 s, with all \
         well for a second and more, W4 is not listed: the last break. W2's pause at 2.9 s and W3's \
         crash at 4 s hardly show in it.",
    ),
    (
        "heartbeats",
        Preset::Hardened,
        "The same schedule. In the burst W1, W4, W3 and others are suspected, and trusted again at \
         their next heartbeats; nothing moves. W2's pause looks the same to the monitor, and so does \
         W3's crash at 4 s, at first. Only after six misses W3 is condemned, and declared dead when \
         that is on disk; its partitions, two of twelve, go to the others (the alert: nobody serves them \
         for a moment). The restart at 5.6 s brings W3 back in incarnation 2, so it is listed again.",
    ),
    (
        "swim-membership",
        Preset::Naive,
        "Each member pings one other in each period of 200 ms. From 1 s on a third of all datagrams is \
         lost; M8's answer to M10 at 1015.758 ms is one of them, and when the period ends M10 strikes M8 \
         off, which runs: the first break. By 3 s the lists have 49 such entries; one is M2's of M4, for \
         the link that was cut one way. The heal mends the network and no list, since the dead are \
         never asked.",
    ),
    (
        "swim-membership",
        Preset::Hardened,
        "The same schedule. M10 misses M8's answer as well, but asks helpers, and M5 brings it at \
         1079.701 ms; M3 does the same for M2, whose link to M4 is cut. During the loss there are 26 \
         suspicions and no death: suspects hear what is said of them and object under their next \
         incarnation. M3 is suspected by four while it is frozen, reads that the moment it wakes up at \
         2.1 s, and objects. M10 dies at 4.2 s. M5 misses it first, at 4547.704 ms; it has a second to \
         object, and by 5.8 s it is dead on all lists. When it restarts at 7.7 s the alert rings, as it \
         runs and is listed as dead; others knock, it objects as incarnation 2, and is back on all lists \
         within 130 ms.",
    ),
    (
        "gossip-udp",
        Preset::Naive,
        "Whoever hears something takes it over and tells it on. At 650 ms N1 moves to :7802 and N4 to \
         :3922; at 720 ms N2, N5 and N8 freeze with that on their hands. Meanwhile N1 moves on, at last \
         to :4289, and N4 withdraws. The three wake up at 1.5 s, and tell what they know before they \
         read what has come. So at 1507.433 ms N6, which has long deleted N4's address, hears :3922 \
         from N2 and takes it for new (the first break), and N4 goes back to N1's :7802 (the second). \
         All tell on what they hear last: old and new chase each other. During the cut N3 announces \
         :3952; only N6 and N9, on its side, hear of it. Rumors die out and nobody compares, so at the \
         end N1 still shows nothing for N3.",
    ),
    (
        "gossip-udp",
        Preset::Hardened,
        "The same schedule. The three that wake up at 1.5 s have old news to tell as before (such as \
         N1 :2456, version 1.2), but N1 is at version 1.5, so nobody takes it over, and they learn the \
         newer versions in the same instant; how much they had missed makes the alert ring. During the \
         cut each side goes on by itself. After the heal at 3 s nodes learn several entries at one time, \
         and of owners on the other side: those are comparisons, as the rumors have long died out. N10 \
         is back at 3 s and announces :5532 as version 2.1: its second generation is newer than the 1.4 \
         that the others still show.",
    ),
    (
        "vector-clocks",
        Preset::Naive,
        "Each event has four stamps; only the wall clock decides. At 0.8 s A's clock is set ahead, and \
         C's receipt of A's next message shows how the hybrid clock goes along: 2.301 s + 1, while C's \
         own wall clock says 0.825 s. At 1.115 s C has read A1 and writes C2. C2's stamp is a second \
         behind A1's, so C2 is gone before its editor is told that it is kept, and C tells the others A1: \
         the first break. Vectors know better: C's (9 5 10 6) contains A's. After the cut, at 5.2 s, A's \
         and B's side knows nothing of D5, and D5 nothing of A4; the clock lets A4 win, and D5 is lost \
         although nobody had read it: the second break.",
    ),
    (
        "vector-clocks",
        Preset::Hardened,
        "The same schedule. Stamps are on disk before anything is told, so sends and acknowledgements \
         come a millisecond or more after their events. A's clock is ahead again, and C2 stays: its \
         version vector contains A1. After the cut B6 and D5 meet, each of which has seen what the \
         other has not. Both stay, side by side, and the alert asks for somebody to reconcile them; \
         the next editor does, by writing.",
    ),
];
