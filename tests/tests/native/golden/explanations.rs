//! What to see in each golden trace, in a few sentences by one who had read it.

use faultline_core::scenario::Preset;

/// What to see in a trace, by row and preset.
pub(super) const EXPLANATIONS: &[(&str, Preset, &str)] = &[
    (
        "leaderless-log",
        Preset::Naive,
        "At 359 ms Ben writes B1 without having read C1: the first break says that nobody flags the two. At 815 ms \
         Ann and Cyd write at once, R1 and R3 both give out place 5, and each puts the other's entry over its own: \
         C2 is acknowledged when it is gone already (the second break). So R1 shows A3 without A2, on which it \
         follows (the third). From 1 s on R1 and Ann are cut off, both sides fill the same places, and when \
         the cut ends at 3 s nobody asks for what was not told. R2 crashes at 5 s and comes back with an empty log. \
         2 s into calm a log still lacks what was acknowledged long ago (the last).",
    ),
    (
        "leaderless-log",
        Preset::Hardened,
        "The same schedule. B1 is entry 1 of R2 and C1 entry 1 of R3: both stay, Ben is told that two entries are \
         flagged, and Ann, who has read both, writes a check. Each entry is told to others only after a sync of its \
         replica's disk. During the cut R1 comes to lack 5 acknowledged entries (the alert): nobody waits \
         for it, and it waits for nobody. After it replicas ask each other for what they lack. R2 crashes at 5 s \
         and comes back with the 33 entries that its file holds. No promise breaks.",
    ),
    (
        "read-your-writes",
        Preset::Naive,
        "Washington's cables break at 1.2 s. Its three clients go on writing there, and at 1.53 s the first \
         alert says that another copy is 6 writes behind. At 1.9 s C1 flies to London and reads its own \
         record: London answers at once with v3, though C1 was told of v7 and has seen v7. One answer breaks \
         two promises. At 2.84 s C2, which has failed over, is shown v5 after its own v8, unmarked. \
         When all is mended at 4 s, what was shipped into the broken cable has not been sent again yet, and \
         what comes first does not follow on it: a region takes it over all the same, and from then on its \
         vector claims entries that it never got.",
    ),
    (
        "read-your-writes",
        Preset::Hardened,
        "The same schedule. C1's read carries a token: London sees that it lacks 11 writes, asks Washington \
         into the cut cable, and lets C1 wait. C1 is strict: at 2.4 s the second alert says that it has waited for \
         0.5 s, and it asks one region after the other in vain. Who is not strict is shown what there is, \
         “which may be old”; so is C5 in Tokyo. After the mending at 4 s the first shipments do not follow on \
         what is there, and are not taken over: what was lost in the cable has to be shipped again first. \
         No promise breaks.",
    ),
    (
        "fifty-ms-commit",
        Preset::Naive,
        "W1 leads from 34 ms on, and answers from its memory, as its followers do: at 48.294 ms C3 hears that its write \
         1 is safe, and it is on one disk of three. At 74.013 ms London has an entry before most disks at home \
         have it. W1 is cut off from W2 and W3 at 2.92 s and goes on answering, up to entry 142; at 3 s all \
         three lose their power. W2 and W3 come back at 3.5 s with what had reached their disks by chance, and at \
         3.742 s W3 leads, without C3's write 47 and with no entry beyond 31. It acknowledges new writes. At first the copies \
         take over none of them, since they have that many already: at 4.36 s 21 acknowledged writes are in no other \
         region. W1 is back at 5 s, and drops what it still had: entries 32 to 142.",
    ),
    (
        "fifty-ms-commit",
        Preset::Hardened,
        "The same schedule. Followers answer when their disks have an entry; at 51.953 ms W1 has heard so from one of \
         them and tells C3 that its write 1 is safe. After the cut at 2.92 s W1 reaches no other disk: three \
         writes wait at it, as entries 114 to 116, and nobody is told anything. At 3 s the power goes, and at 3.5 s \
         W2 and W3 are back with all that was acknowledged. W3 leads term 2; who had waited asks again, and \
         is served under the same numbers. When W1 is back at 5 s it drops its entries 114 to 116, which were \
         promised to nobody. No copy has ever had more than most of the region's disks.",
    ),
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
        "g-counter",
        Preset::Naive,
        "Every copy adds what it hears. From 150 ms on, half of the messages arrive twice: N1's delta \
         0 reaches N4 a second time at 209.370 ms, and N4 adds it again: it counts a click of N1 \
         that nobody made. The crash at 1.4 s is the second break: the clicks that N5 had \
         acknowledged were in its memory only, and it comes back with none. After the heal \
         the sums can't find together again, as a sum doesn't know what it is made of: two seconds \
         into the quiet a copy is still wrong, and the goal is missed.",
    ),
    (
        "g-counter",
        Preset::Hardened,
        "The same schedule. A click is acknowledged only when the disk has synced, some milliseconds \
         after it was asked for: so N5 comes back from its crash with the nine clicks of \
         its own. Doubled messages change nothing, since copies exchange vectors and take the larger \
         number of each slot. During the cut both sides count on, and drift apart until the alert \
         rings: available, and wrong for now. The heal at 2.2 s brings every copy to every click \
         within two tenths of a second, without anybody's help.",
    ),
    (
        "offline-editors",
        Preset::Naive,
        "Every edit saves the whole list, and a copy takes over whichever list was saved later. At 713.599 ms \
         that costs Ben his cola: the list that replaces his was saved later, by somebody who had not seen \
         it. Nothing in the list says that anything is missing, so in the end all lists are equal, \
         and short.",
    ),
    (
        "offline-editors",
        Preset::Hardened,
        "The same schedule. Editors ask each other what is new beyond what they have, and tell edits, which name \
         letters. An edit is saved when the disk has synced, some milliseconds after it was made. Ann writes on \
         while she is cut off; Ben comes back from his crash with the edits that he had saved. After the heal \
         at 2.8 s each copy gets what it lacks, and all lists are equal without anybody's help.",
    ),
    (
        "docs-ot",
        Preset::Naive,
        "Cyd types “can ” on revision 1, and on its way to the server it is crossed by Ben's “bees ” and Ann's \
         “an ”. The server moves it over the last of them alone and puts it behind letter 8; at 452.277 ms Cyd \
         hears that it is taken, and shows it elsewhere: from here on the texts part. The server comes back \
         from its crash at 1.3 s with 14 operations. What the clients had on their way is sent \
         again, and at 1.36 s an operation by Cyd takes effect twice. Nobody asks \
         for what the cut of Ann swallows, and in the end, at 4.96 s, all has been quiet for 1.5 s and the texts differ.",
    ),
    (
        "docs-ot",
        Preset::Hardened,
        "The same schedule. The same “can ” is moved over both operations that Cyd had not seen, and Cyd moves \
         what comes over what waits there: no text is ever other than the log says. The crash at 0.9 s undoes \
         nothing that was passed on; at 1.3 s the server reads its log, adds to the snapshot the operations \
         since, and serves some milliseconds later. Ann is cut off at 1.7 s and types into her buffer. More than 8 \
         operations behind, she is what the alert tells of. After the heal at 3 s she asks for what she \
         missed, and her buffer goes out; at 3.4 s everything typed is in one text that all show.",
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
        "wal-lsm",
        Preset::Naive,
        "Clients put and get, and the Store answers “done” in the very event in which it takes a write: no \
         sync stands between. At 500 ms the power goes for the first time. What comes back is a beginning \
         of what was written, but a shorter one than was promised, which is the first break: a client was \
         told of a write that nobody has any more. Nothing in the Store looks wrong, then or later; only \
         the client knows better. Each further crash is a new draw of what the disk kept.",
    ),
    (
        "wal-lsm",
        Preset::Hardened,
        "The same schedule, but now each “done” follows a sync of the Store's disk. After each crash two \
         syncs come before “serves”: the first makes the table durable into which the log was written \
         down, the second the manifest's name. At 1.6 s a sync fails: the Store names the writes in \
         doubt, its clients hear that nobody knows, and 60 ms later it opens its files again and writes \
         all of them anew before it serves. The torn sector of the crash at 2.2 s ends the log where the \
         sum no longer fits; what was lost behind it had been promised to nobody.",
    ),
    (
        "durable-counter",
        Preset::Naive,
        "Clients ask for +1, each answered after a sync. At 600 ms the power goes, and while it is off one \
         bit of the snapshot flips. The Counter comes back, adds what its log holds to what the snapshot \
         says, and counts on from a number that is 64 too large: the break, and the first alert, at the very \
         moment at which it serves. From there on every +1 is counted and every answer is wrong by as much. \
         At 1.4 s the power goes once more, and the log is scratched. At 2 s a sync fails, and the files are \
         opened again: wrong before, wrong after.",
    ),
    (
        "durable-counter",
        Preset::Hardened,
        "The same schedule with two copies. After the crash at 600 ms the Counter says that copy a is \
         damaged, hence the alert, and which count it found nevertheless; three syncs later (snapshots, their \
         names, emptied logs) it serves. After the crash at 1.4 s it is the log of a that was scratched, and \
         again it serves all that was promised. At 2 s a sync fails: the Counter counts nothing more, who \
         waits hears that nobody knows, and 60 ms later it has opened its files again; clients that were in \
         doubt ask once more, and each question counts once.",
    ),
    (
        "tsdb",
        Preset::Naive,
        "Three thermometers send four readings each 40 ms, and the Store says “kept” in the very event in \
         which it writes the lines: no sync stands between. At 600 ms T2 is cut off and keeps what it reads. \
         Back at 1.5 s it sends all of that, sixteen readings a batch, and the Store takes them, however \
         late. But the rollups of that time were closed: at 1632 ms the dashboard has rollups before it, and \
         the one of T2 from 500 ms on counts ten readings of twelve (the first break). The crash at 2.1 s \
         takes the whole file, which nobody ever synced (the second). From then on answers say that they \
         cover what they have not (the third). At 3.3 s the same happens again.",
    ),
    (
        "tsdb",
        Preset::Hardened,
        "The same schedule. Each “kept” follows a sync, so it takes 10 to 20 ms. When T2 is back at 1.6 s, its \
         batch 15 is kept: it had arrived before the cut, and only the answer was lost; the Store finds it in \
         a sealed shard. Batches 16 to 18 and eleven readings of batch 19 are older than the window of 400 ms, \
         and T2 is told so, hence the alert; what is younger is taken and counted. After each crash two syncs \
         come before “serves”, the first of the logs written anew, the second of their names; readings go on \
         from the last that were promised, and T1 to T3 send again what was not. Shard 5 is sealed at 3.4 s: \
         150 readings in 264 bytes, where 16 bytes each would be 2400.",
    ),
    (
        "reliable-delivery",
        Preset::Naive,
        "A1 to A3 hand messages over, the Sender says “taken” in the event in which it writes one down, and the \
         Receiver adds the amount, syncs, and marks. At 600 ms it crashes. What was in the cache is gone; of \
         what stays, the effect of A2.14 has no mark. At 736 ms the Sender, which has heard nothing, sends it \
         again. The Receiver finds no mark and adds the amount once more: the break and the alert at 742 ms. \
         While its answers are cut off from 1.3 s on, messages that are marked come again and change \
         nothing: that half of the design works. At 2.18 s the Sender crashes, whose “taken” was early: the \
         log comes back without its last messages, and the next ones get their places. The Receiver takes \
         A3.47 for what it had from that place before, and says DELIVERED (the second break, 2347 ms).",
    ),
    (
        "reliable-delivery",
        Preset::Hardened,
        "The same schedule. Each “taken” follows a sync of the Sender, each DELIVERED one of the Receiver. When \
         the Receiver is back at 610 ms its log ends at place 22; A2.10 and A1.7, which came to nobody, are \
         sent again after 150 ms. In the crash at 780 ms places 25 and 26 were in the cache alone: both \
         messages come again and take effect then, for the first time as far as any disk knows. While its \
         answers are cut off the Receiver finds every message that comes again, and adds nothing. The \
         Sender, back at 2.23 s, has ten messages to deliver: seven that the file of its index does not \
         know, and three that it does not call delivered. The Receiver has them all but the newest.",
    ),
    (
        "torn-ledger",
        Preset::Naive,
        "S1 makes a block every 60 ms, and S1, S2 and S3 have it on disk some milliseconds later. At 500 ms \
         a bit of an amount rots in S2's block 3; nobody looks. At 1 s S1 goes down, and a bit of its last \
         block, 17, rots. When it is back, that block makes no sense to it, so it cuts it off (the first \
         break: it had vouched for it, and a client was told), waits for nobody, and opens generation 2 \
         after 16 blocks (the second). S2 and S3, whose copies were good, obey and cut theirs. At 1.2 s S2 goes \
         down; when it is back it adds up its blocks anew, the rotten one with them: its balances no \
         longer add up to nothing, nor are they what was agreed on (the third and fourth).",
    ),
    (
        "torn-ledger",
        Preset::Hardened,
        "The same schedule. S2 reads its blocks again and again, finds block 3 bad some milliseconds after \
         500 ms (the alert), and mends it from a peer's copy. S1, back at 1.1 s, finds block 17 bad and \
         knows from its superblock which one belongs there; the first that answers has it, S1 mends it, \
         and only then opens generation 2, after all 17 blocks. At 1.6 s S3's disk puts a block where block \
         5 was: its sum is right, its position is not, and S3 mends both places. The crashes from 2.3 s on \
         strike two milliseconds after S1 made a block, which is on no disk then: S1 comes back without \
         block 38, which S2 and S3 have, and takes it from them before it opens generation 3.",
    ),
    (
        "wal-scheduler",
        Preset::Naive,
        "W1 has A1, has heard from Bank that it is not paid, and makes the payment out when it freezes at \
         120 ms. At 461 ms its 400 ms are over, and W2, which asks for work, gets A1 as attempt 2 (the first \
         alert). It looks, finds A1 unpaid, and has it paid. At 1120 ms W1 wakes up and sends the payment that \
         it had made out. Bank compares no attempts and pays once more: payments 3 and 8, the first break. At \
         1.7 s five bills come at once and are accepted. At 1.78 s the power of Scheduler goes, and with it all \
         that it remembers; the workers still pay what they have, until they go down at 2.08 s. Scheduler is \
         back at 2.1 s, with 0 records: of A6, which A was told is accepted, nobody knows any more (the second \
         break), and from 2.6 s on an alert says that a bill waits.",
    ),
    (
        "wal-scheduler",
        Preset::Hardened,
        "The same schedule, but each state is a record, and nothing is said before the record is on disk. \
         A1 is W2's as attempt 2 from 470 ms on, when W1's lease is over. When W1 wakes up at 1120 ms with \
         attempt 1, Bank has heard of attempt 2 and turns it away; W1 gives A1 up and asks for other work. At \
         1.78 s the power of Scheduler goes. Back at 2.1 s it reads its log, which two syncs put in its place \
         anew, and serves with 43 records: what was queued still waits, what was in progress is its worker's for \
         another 400 ms. But these workers went down at 2.08 s and have forgotten what they paid. So after \
         2.5 s their bills are given out again, as attempt 2; at 2609 ms W2 finds that C5 is paid already, as \
         payment 13, and W3 finds the same of A5. They report that, and nothing is paid twice. A5 had waited for \
         900 ms by then, which an operator would want to know.",
    ),
    (
        "write-skew",
        Preset::Naive,
        "Ann and Bob want to leave on Friday, both at 100 ms. Each gets the same snapshot, reads two on call at \
         both shards, and thinks for 60 ms. Their votes name what each had read and the other overwrites, and \
         nobody looks at that. The coordinator commits both within a millisecond of 190 ms: nobody is on \
         call (the first break, and the alert). Saturday goes the same way. On Sunday the second commit \
         closes a cycle of T5 and T6, which the checker finds in what they had read and written.",
    ),
    (
        "write-skew",
        Preset::Hardened,
        "The same schedule. On Friday both also write the conflict row at S2: the second to prepare finds it held \
         and is aborted; it tries again, reads one on call, and changes nothing. On Saturday the second waits \
         at S1 for the locks of the first, and is denied when the first has committed: a row is newer than its \
         snapshot. On Sunday both shards vote yes for both. The coordinator commits the first, and \
         aborts the second: with it two overwritten reads would follow each other. From 2.6 s on everybody has \
         a turn by the timetable, and no two meet.",
    ),
    (
        "read-repair",
        Preset::Naive,
        "C is down from 1.5 s, and misses two deletes and all writes; at 2.234 s the alert says that 5 copies are \
         behind. Right after its return at 4.5 s it compares trees with A. Nobody asks which version is newer: \
         A takes t1=1, which it had removed, and t2=1 for its own 2, while C takes A's 2. That is the first break, and \
         B follows. At 4.705 s App 1 has heard 1 from C and 2 from A about n2, and believes what it heard first: the \
         second break. At 4.966 s App 2 is told n1=1, because A says “nothing” and C says “1”: a deleted \
         key is back, in a table that nothing repairs. In t it is back too, and so one goal is missed: old copies \
         are not the newest ones, even when all are alike.",
    ),
    (
        "read-repair",
        Preset::Hardened,
        "The same schedule: C misses the same. Back at 4.5 s it is offered the tombstones of t1 and t4, and by \
         4.612 s all three replicas know that all have them; a grace later they go. At 4.627 s the trees of A and C \
         differ in two leaves: C sends what it has in them, A takes nothing of that, and C takes t2=2 and t5=2. A reader \
         is told the newest of what it hears, so nothing comes back, though C goes on saying 1 about n1.",
    ),
    (
        "hash-ring-kv",
        Preset::Naive,
        "N1 dies at 1.2 s. For its keys clients ask the next server, which stores them as if they were its own \
         and will hand none of them on. At 2 s N6 joins: by list 2, which counts six servers, nearly every key \
         has other servers, and the first alert says that 20 copies are missing. Only N6 should get keys, and yet \
         k12 is N3's within 4 ms (the first break). 3 ms later N2 has heard of list 2 as well and lets go of \
         what is no longer its own: k1=2, of which C1 was told that it is on 2 disks, is on one (the second). \
         Nobody hands over what was let go: at 2.69 s C2 asks k10's own replicas, and is told that there is none, \
         though others acknowledged k10=2 (the third). When N1 is back at 4 s, it lets go of four keys, too.",
    ),
    (
        "hash-ring-kv",
        Preset::Hardened,
        "The same schedule. While N1 is down, N4 and N5 stand in for it: they keep k11=1 and k4=2 for those whose \
         they are, and offer them every 0.2 s. At 1.55 s the alert says that 4 copies are missing, all of them at \
         N1. At 2 s N6 joins. N3 and N4 keep what they lose by that, offer it (“k3=4 is kept here, and yours”) and \
         let go once all whose it is have it; within 40 ms N6 has all that these two had. For what N1 had it \
         waits, and does not speak for those keys. N1 is back at 4 s: within 17 ms N4 and N5 hand on all that they \
         kept, N1 hands k6, k7 and k8 over, and at 4.03 s N6 has all. No promise breaks.",
    ),
];
