//! Turmoil 0.7: pairs of hosts that exchange datagrams.

use std::net::Ipv4Addr;
use std::time::Duration;

use turmoil::net::UdpSocket;

const PORT: u16 = 9000;

/// Lets `pairs` exchange about `messages` in all, 1 to 10 ms each, and returns how many it was.
pub(crate) fn ping_pong(pairs: u16, messages: u64) -> u64 {
    let rounds = messages / 2 / u64::from(pairs);
    let mut simulation = turmoil::Builder::new()
        .rng_seed(1)
        .simulation_duration(Duration::from_secs(u64::from(u32::MAX)))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(10))
        .build();
    for pair in 0..pairs {
        simulation.host(format!("answerer-{pair}"), || async {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
            let mut buffer = [0; 8];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await?;
                socket.send_to(&buffer[..length], from).await?;
            }
        });
    }
    for pair in 0..pairs {
        simulation.client(format!("asker-{pair}"), async move {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
            let answerer = format!("answerer-{pair}");
            let mut buffer = [0; 8];
            for round in 0..rounds {
                socket.send_to(&round.to_le_bytes(), (answerer.as_str(), PORT)).await?;
                socket.recv_from(&mut buffer).await?;
            }
            Ok(())
        });
    }
    simulation.run().expect("no faults");
    2 * u64::from(pairs) * rounds
}
