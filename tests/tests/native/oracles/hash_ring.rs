//! The ring of `hash-ring-kv` against what is published of consistent hashing: it calls what the row's
//! nodes and clients call.

use faultline_core::mechanism::partition::{Placement, Ring, place_of};
use faultline_core::sim::NodeId;

/// So many rings are looked at, one a salt.
const RINGS: u64 = 60;

fn nodes(count: u16) -> Vec<NodeId> {
    NodeId::first(count).collect()
}

/// Returns the coefficient of variation of what nodes own: over the nodes of many rings.
fn variation(count: u16, tokens: u64) -> f64 {
    let share = |ring: &Ring, id| {
        let hundredths = ring.length_of(id) >> 32;
        f64::from(u32::try_from(hundredths).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    };
    let squares = |salt: u64| -> f64 {
        let ring = Ring::new(&nodes(count), tokens, salt);
        let off = |id| share(&ring, id) * f64::from(count) - 1.0;
        nodes(count).into_iter().map(|id| off(id) * off(id)).sum()
    };
    let sum: f64 = (0..RINGS).map(squares).sum();
    (sum / (f64::from(count) * f64::from(u16::try_from(RINGS).unwrap_or(1)))).sqrt()
}

/// Source: Lamping & Veach 2014, “A Fast, Minimal Memory, Consistent Hash Algorithm”, the table of standard
/// errors for consistent hashing with 1,000 buckets. Tolerance 2 %.
#[test]
fn the_load_of_a_thousand_nodes_varies_as_published() {
    for (tokens, published) in [(1, 0.998), (10, 0.315)] {
        let found = variation(1_000, tokens);
        println!("{tokens} tokens: {found:.4} of {published}");
        assert!((found - published).abs() / published <= 0.02, "{tokens}: {found}");
    }
}

/// Source: closed form; the lengths between nv points at random are Dirichlet(1, …), so a node's share has
/// the variation √((n − 1) / (nv + 1)). Tolerance 2 %.
#[test]
fn the_load_varies_as_its_closed_form_says() {
    for (count, tokens) in [(1_000, 4), (500, 16), (300, 64)] {
        let (n, v) = (f64::from(count), f64::from(u16::try_from(tokens).unwrap_or(0)));
        let expected = ((n - 1.0) / (n * v + 1.0)).sqrt();
        let found = variation(count, tokens);
        println!("{count} nodes, {tokens} tokens: {found:.4} of {expected:.4}");
        assert!((found - expected).abs() / expected <= 0.02, "{found} of {expected}");
    }
}

/// Returns the share of keys whose first owner is another after a join.
fn moved(placement: impl Fn(&[NodeId], u64) -> Placement, count: u16) -> f64 {
    const KEYS: u32 = 2_000;
    let of_ring = |salt: u64| {
        let (before, after) = (placement(&nodes(count), salt), placement(&nodes(count + 1), salt));
        let first =
            |placement: &Placement, key: u32| placement.owners(place_of("key", key.into()), 1);
        (0..KEYS).filter(|key| first(&before, *key) != first(&after, *key)).count()
    };
    let moved: usize = (0..RINGS).map(of_ring).sum();
    let all = KEYS * u32::try_from(RINGS).unwrap_or(1);
    f64::from(u32::try_from(moved).unwrap_or(0)) / f64::from(all)
}

/// Source: Karger et al. 1997, section 4 (monotone and balanced), and arithmetic: 1/(n+1) of the keys against
/// n/(n+1). Tolerance 10 %.
#[test]
fn a_join_moves_one_share_of_the_keys_or_all_but_one() {
    for count in [5_u16, 9] {
        let n = f64::from(count);
        let ring = moved(|nodes, salt| Placement::Ring(Ring::new(nodes, 64, salt)), count);
        let modulo = moved(|nodes, _| Placement::Modulo(nodes.to_vec()), count);
        println!("{count} nodes: ring {ring:.4}, modulo {modulo:.4}");
        assert!((ring * (n + 1.0) - 1.0).abs() <= 0.1, "{ring}");
        assert!((modulo * (n + 1.0) / n - 1.0).abs() <= 0.1, "{modulo}");
    }
}
