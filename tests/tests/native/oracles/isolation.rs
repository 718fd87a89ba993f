//! Isolation levels against Hermitage (Kleppmann 2014, "Hermitage: Testing the I in ACID", the schedules for
//! `PostgreSQL`): which anomalies each level lets happen, exactly; and the on-call roster of Cahill et al.
//! 2008, section 2.1.

use faultline_core::mechanism::mvcc::{Certifier, Denied, Key, Stamp, Store, Tx};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};

/// Isolation levels, the weakest first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    ReadCommitted,
    Snapshot,
    Serializable,
}

const ONE: Key = Key { table: 0, row: 1 };
const TWO: Key = Key { table: 0, row: 2 };

/// A database of one store: Hermitage's table "test" with 1 → 10 and 2 → 20.
struct Database {
    level: Level,
    store: Store,
    certifier: Certifier,
    last: Stamp,
    begun: u64,
}

impl Database {
    fn new(level: Level) -> Self {
        let store = Store::new([(ONE, 10), (TWO, 20)]);
        Self { level, store, certifier: Certifier::default(), last: 0, begun: 0 }
    }

    fn begin(&mut self) -> Tx {
        self.begun += 1;
        let snapshot = (self.level > Level::ReadCommitted).then_some(self.last);
        self.store.begin(Tx(self.begun), snapshot);
        Tx(self.begun)
    }

    fn begin_two(&mut self) -> [Tx; 2] {
        [self.begin(), self.begin()]
    }

    /// Reads a row that is there.
    fn read(&mut self, tx: Tx, key: Key) -> u64 {
        self.store.read(tx, key).expect("it is there")
    }

    /// Writes a row; false if the transaction has to wait. It is aborted if it can never write it.
    fn write(&mut self, tx: Tx, key: Key, value: u64) -> bool {
        match self.store.write(tx, key, Some(value)) {
            Ok(()) => true,
            Err(Denied::Held(_)) => false,
            Err(Denied::Changed) => {
                self.store.abort(tx);
                true
            }
        }
    }

    /// Commits; false if the transaction aborts, or has aborted before.
    fn commit(&mut self, tx: Tx) -> bool {
        if !self.store.is_open(tx) {
            return false;
        }
        self.certifier.note(self.store.prepare(tx));
        if self.level == Level::Serializable && self.certifier.danger(tx).is_some() {
            self.certifier.abort(tx);
            self.store.abort(tx);
            return false;
        }
        self.last += 1;
        self.certifier.commit(tx, self.last);
        self.store.commit(tx, self.last);
        true
    }

    fn now(&self, key: Key) -> u64 {
        self.store.version(key, None).and_then(|it| it.value).expect("it is there")
    }

    fn divisible_by_three(&mut self, tx: Tx) -> usize {
        self.store.scan(tx, 0, |value| value % 3 == 0).len()
    }
}

/// Dirty write: what two have written gets mixed.
fn g0(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert!(db.write(one, ONE, 11));
    assert!(!db.write(two, ONE, 12), "it waits");
    assert!(db.write(one, TWO, 21));
    assert!(db.commit(one));
    assert!(db.write(two, ONE, 12));
    if db.store.is_open(two) {
        assert!(db.write(two, TWO, 22));
    }
    db.commit(two);
    db.now(ONE) % 10 != db.now(TWO) % 10
}

/// Aborted read.
fn g1a(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert!(db.write(one, ONE, 101));
    let before = db.read(two, ONE);
    db.store.abort(one);
    let after = db.read(two, ONE);
    db.commit(two);
    [before, after].contains(&101)
}

/// Intermediate read.
fn g1b(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert!(db.write(one, ONE, 101));
    let before = db.read(two, ONE);
    assert!(db.write(one, ONE, 11));
    assert!(db.commit(one));
    let after = db.read(two, ONE);
    db.commit(two);
    [before, after].contains(&101)
}

/// Circular information flow: each reads what the other wrote.
fn g1c(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert!(db.write(one, ONE, 11) && db.write(two, TWO, 22));
    let (by_one, by_two) = (db.read(one, TWO), db.read(two, ONE));
    let both = [one, two].map(|tx| db.commit(tx)) == [true, true];
    both && (by_one, by_two) == (22, 11)
}

/// Observed transaction vanishes.
fn otv(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    let three = db.begin();
    assert!(db.write(one, ONE, 11) && db.write(one, TWO, 19));
    assert!(!db.write(two, ONE, 12), "it waits");
    assert!(db.commit(one));
    assert!(db.write(two, ONE, 12));
    let first = (db.read(three, ONE), {
        if db.store.is_open(two) {
            assert!(db.write(two, TWO, 18));
        }
        db.read(three, TWO)
    });
    db.commit(two);
    let second = (db.read(three, ONE), db.read(three, TWO));
    db.commit(three);
    let states = [(10, 20), (11, 19), (12, 18)];
    let place = |seen| states.iter().position(|state| *state == seen);
    !matches!((place(first), place(second)), (Some(a), Some(b)) if a <= b)
}

/// Predicate-many-preceders: a predicate is true of a row that was inserted after the first read.
fn pmp(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert_eq!(db.divisible_by_three(one), 0);
    assert!(db.write(two, Key { table: 0, row: 3 }, 30));
    assert!(db.commit(two));
    let seen = db.divisible_by_three(one);
    db.commit(one) && seen > 0
}

/// Lost update.
fn p4(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    assert_eq!([one, two].map(|tx| db.read(tx, ONE)), [10, 10]);
    assert!(db.write(one, ONE, 11));
    assert!(!db.write(two, ONE, 12), "it waits");
    assert!(db.commit(one));
    assert!(db.write(two, ONE, 12));
    db.commit(two)
}

/// Read skew: two rows as they never were together.
fn g_single(db: &mut Database) -> bool {
    let [one, two] = db.begin_two();
    let first = db.read(one, ONE);
    assert!(db.write(two, ONE, 12) && db.write(two, TWO, 18));
    assert!(db.commit(two));
    let second = db.read(one, TWO);
    db.commit(one) && (first, second) == (10, 18)
}

/// Write skew on rows that are there.
fn g2_item(db: &mut Database) -> bool {
    let both = db.begin_two();
    for tx in both {
        assert_eq!((db.read(tx, ONE), db.read(tx, TWO)), (10, 20));
    }
    assert!(db.write(both[0], ONE, 11) && db.write(both[1], TWO, 21));
    both.map(|tx| db.commit(tx)) == [true, true]
}

/// Write skew by predicate: each inserts what the other has read not to be there.
fn g2(db: &mut Database) -> bool {
    let both = db.begin_two();
    for (tx, row) in both.into_iter().zip([3, 4]) {
        assert_eq!(db.divisible_by_three(tx), 0);
        assert!(db.write(tx, Key { table: 0, row }, 30));
    }
    both.map(|tx| db.commit(tx)) == [true, true]
}

/// An anomaly's name, its schedule, and the weakest level that prevents it.
type Anomaly = (&'static str, fn(&mut Database) -> bool, Level);

/// Tolerance: none. Each level prevents exactly what Hermitage says it prevents.
#[test]
fn each_level_prevents_what_hermitage_says_and_no_more() {
    let anomalies: [Anomaly; 10] = [
        ("G0", g0, Level::ReadCommitted),
        ("G1a", g1a, Level::ReadCommitted),
        ("G1b", g1b, Level::ReadCommitted),
        ("G1c", g1c, Level::ReadCommitted),
        ("OTV", otv, Level::ReadCommitted),
        ("PMP", pmp, Level::Snapshot),
        ("P4", p4, Level::Snapshot),
        ("G-single", g_single, Level::Snapshot),
        ("G2-item", g2_item, Level::Serializable),
        ("G2", g2, Level::Serializable),
    ];
    for (name, happens, prevented_from) in anomalies {
        for level in [Level::ReadCommitted, Level::Snapshot, Level::Serializable] {
            let happened = happens(&mut Database::new(level));
            assert_eq!(happened, level < prevented_from, "{name} at {level:?}");
        }
    }
}

/// Cahill et al. 2008, section 2.1: under snapshot isolation both leave, under serializable snapshot isolation
/// exactly one aborts. Tolerance: none.
#[test]
fn of_two_doctors_who_leave_at_once_exactly_one_aborts_if_it_is_serializable() {
    for (level, commits) in [(Level::Snapshot, [true, true]), (Level::Serializable, [true, false])]
    {
        let mut db = Database::new(level);
        let both = db.begin_two();
        for (tx, own) in both.into_iter().zip([ONE, TWO]) {
            assert_eq!(db.store.scan(tx, 0, |on_call| on_call > 0).len(), 2);
            assert!(db.write(tx, own, 0));
        }
        assert_eq!(both.map(|tx| db.commit(tx)), commits, "{level:?}");
    }
}

/// The same by the row's own processes, over two shards: both leave on Sunday, or exactly one aborts.
#[test]
fn so_it_is_over_two_shards() {
    for (preset, right) in
        [(Preset::Naive, "Both commit, and nobody is on call"), (Preset::Hardened, "One aborts")]
    {
        for seed in 1..=20 {
            let setup = Setup::of("write-skew", preset, seed).expect("it is listed");
            let script = setup.scenario().script(&setup, 0);
            let mut run = Run::new(setup, script);
            // Before the timetable begins, so that there are only the two.
            run.seek_time(2_500_000);
            let aborts = run.simulation().readings()[3];
            let lesson = run.simulation().lesson();
            let place = if preset == Preset::Naive { 0 } else { 5 };
            let (_, options) = lesson[place].bet.as_ref().expect("it asks");
            let answer = run.simulation().answer(place).expect("it is answered");
            assert_eq!(options[usize::from(answer.option)], right, "seed {seed}");
            let aborted = i64::from(preset == Preset::Hardened);
            assert_eq!(aborts, aborted, "seed {seed}: Sunday's aborts");
        }
    }
}
