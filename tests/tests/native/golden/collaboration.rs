//! What to see in each golden trace of collaboration, in a few sentences by one who had read it.

use super::Explained;
use faultline_core::scenario::Preset;

pub(super) const EXPLAINED: &[Explained] = &[
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
];
