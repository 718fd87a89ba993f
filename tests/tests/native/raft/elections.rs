//! How long a group is without a leader: Raft §9.3 and Figure 16.

use faultline_core::sim::{Action, Stream};

use super::group::{Group, setup};

/// What splits votes is the time from one server's timeout until another hears of it: its own disk, and
/// one way through the network. The paper says only that asking, writing and answering take 15 ms
/// together. A half of that each way would make 150–155 ms take two seconds; its shape comes out
/// if most of it is the voter's disk.
const BROADCAST: [(&str, u64); 3] = [("latency", 1_000), ("jitter", 200), ("sync", 500)];

/// Crashes the leader at any time between two of its heartbeats, which come at half the shortest
/// timeout, and returns how long it takes until there is another one; `None` if it takes 10 s.
fn time_without_leader_us((low_us, high_us): (u64, u64), trial: u64) -> Option<u64> {
    let heartbeat_us = low_us / 2;
    let times = [("shortest", low_us), ("longest", high_us), ("heartbeat", heartbeat_us)];
    let mut group = Group::new(&setup(trial, &[&BROADCAST[..], &times].concat(), &["pre-vote"]));
    let mut found = None;
    let (term, leader) = loop {
        group.run_for(10 * high_us);
        let before = std::mem::replace(&mut found, group.leader());
        // Whoever leads has done so for a while.
        if let Some(found) = found.filter(|it| before == Some(*it)) {
            break found;
        }
        assert!(group.0.now_us() < 100_000_000, "nobody leads at first");
    };
    group.run_for(Stream::new(trial, "crash").range(0, heartbeat_us));
    group.act(&Action::Crash(leader));
    let crashed_us = group.0.now_us();
    let is_led = |group: &Group| group.leader().is_some_and(|(new, _)| new > term);
    Some(group.run_until(crashed_us + 10_000_000, is_led)? - crashed_us)
}

/// The times of so many trials, the shortest first; `None` for those without an end.
fn times_us(timeouts_us: (u64, u64), trials: u64) -> Vec<Option<u64>> {
    let mut times: Vec<_> =
        (0..trials).map(|trial| time_without_leader_us(timeouts_us, trial)).collect();
    times.sort_unstable_by_key(|time| time.unwrap_or(u64::MAX));
    times
}

/// Without randomness all stand at the same moment, again and again. As in the paper, these are 100 trials, and
/// those of each other curve are 1,000.
#[test]
fn equal_timeouts_never_elect_anybody() {
    let times = times_us((150_000, 150_000), 100);
    assert!(times.iter().all(Option::is_none), "{times:?}");
}

/// Shape only: the paper does not give its jitter. Median of 150–155 ms in [130, 600] ms.
#[test]
fn five_milliseconds_of_randomness_help() {
    let times = times_us((150_000, 155_000), 1_000);
    let median_us = times[times.len() / 2].expect("most trials end");
    eprintln!("150–155 ms: median {median_us} µs");
    assert!((130_000..=600_000).contains(&median_us), "{median_us}");
    // A follower has waited for half the shortest timeout at most when its leader crashes.
    assert!(times[0].is_some_and(|least_us| least_us >= 75_000), "{:?}", times[0]);
}

/// Mean of 12–24 ms in [16, 90] ms.
#[test]
fn short_timeouts_make_short_elections() {
    let times = times_us((12_000, 24_000), 1_000);
    let ended: Vec<u64> = times.iter().copied().flatten().collect();
    let mean_us = ended.iter().sum::<u64>() / ended.len() as u64;
    eprintln!("12–24 ms: mean {mean_us} µs, {} of {} ended", ended.len(), times.len());
    assert_eq!(ended.len(), times.len());
    assert!((16_000..=90_000).contains(&mean_us), "{mean_us}");
    assert!(ended[0] >= 6_000, "half the shortest timeout at least: {}", ended[0]);
}
