//! Pairs of nodes that exchange datagrams in madsim; prints messages a second.
//!
//! `faultline-bench-madsim PAIRS MESSAGES`, built with `RUSTFLAGS="--cfg madsim"`. A package of its
//! own because of that flag, which changes what madsim's relatives compile to.

use std::net::{IpAddr, SocketAddr};

use cpu_time::ProcessTime;
use madsim::net::Endpoint;
use madsim::runtime::{Handle, Runtime};

const PORT: u16 = 9000;
/// Datagrams to the one who answers, and back, carry these tags.
const PING: u64 = 1;
const PONG: u64 = 2;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (Some(pairs), Some(messages)) = (numbers.next(), numbers.next()) else {
        eprintln!("Say how many pairs, and how many messages in all.");
        std::process::exit(1);
    };
    let rounds = messages / 2 / pairs;
    let start = ProcessTime::now();
    Runtime::new().block_on(play(pairs, rounds));
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let rate = (2 * pairs * rounds) as f64 / start.elapsed().as_secs_f64();
    println!("{rate}");
}

/// Lets every pair exchange so many pings and pongs. The network is madsim's own: 1 to 10 ms.
async fn play(pairs: u64, rounds: u64) {
    let handle = Handle::current();
    let mut players = Vec::new();
    for pair in 0..u8::try_from(pairs).unwrap_or(u8::MAX) {
        let here: IpAddr = [10, 0, 1, pair + 1].into();
        let there: IpAddr = [10, 0, 2, pair + 1].into();
        let answerer = handle.create_node().ip(there).build();
        answerer.spawn(async move {
            let endpoint = Endpoint::bind(SocketAddr::new(there, PORT)).await.expect("free port");
            let mut buffer = [0; 8];
            loop {
                let (length, from) =
                    endpoint.recv_from(PING, &mut buffer).await.expect("no faults");
                endpoint.send_to(from, PONG, &buffer[..length]).await.expect("no faults");
            }
        });
        let asker = handle.create_node().ip(here).build();
        players.push(asker.spawn(async move {
            let endpoint = Endpoint::bind(SocketAddr::new(here, PORT)).await.expect("free port");
            // The one who answers must be listening.
            madsim::time::sleep(std::time::Duration::from_secs(1)).await;
            let mut buffer = [0; 8];
            for round in 0..rounds {
                let to = SocketAddr::new(there, PORT);
                endpoint.send_to(to, PING, &round.to_le_bytes()).await.expect("no faults");
                endpoint.recv_from(PONG, &mut buffer).await.expect("no faults");
            }
        }));
    }
    for player in players {
        player.await.expect("the players do not fail");
    }
}
