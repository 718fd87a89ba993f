//! What to see in each golden trace of replication and consistency, in a few sentences by one who had read it.

use super::Explained;
use faultline_core::scenario::Preset;

pub(super) const EXPLAINED: &[Explained] = &[
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
];
