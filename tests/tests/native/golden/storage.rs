//! What to see in each golden trace of storage and durability, in a few sentences by one who had read it.

use super::Explained;
use faultline_core::scenario::Preset;

pub(super) const EXPLAINED: &[Explained] = &[
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
];
