//! How a rumor spreads among many: the differential equations.

use super::{Interest, Rule, Spread};

/// Steps a round: enough for three digits.
const STEPS: u32 = 512;

/// Shares of a population in which a rumor spreads (Demers et al. 1987, section 1.4): whoever has not
/// heard it is susceptible, whoever tells it is infective, the rest has lost interest.
///
/// The paper solves the case of feedback and a coin: ds/dt = −s·i, di/dt = s·i − (1−s)·i/k, so that in
/// the end s = e^−(k+1)(1−s). For a counter the infective are split by what stands on their counters.
/// Time is in rounds; in each, everybody who calls makes one contact.
#[derive(Clone, Debug)]
pub struct Epidemic {
    rule: Rule,
    /// Contacts that arrive, each round, for each that may tell.
    contacts: f64,
    susceptible: f64,
    /// By the counter.
    infective: Vec<f64>,
    /// Times that the rumor was told, a member.
    told: f64,
}

impl Epidemic {
    /// One of `members` begins to tell; so many contacts in a hundred are lost on the way.
    pub fn new(rule: Rule, spread: Spread, members: u16, loss_percent: u8) -> Self {
        let first = 1.0 / f64::from(members.max(1));
        let stages = if rule.interest == Interest::Counter { rule.k.max(1) } else { 1 };
        let mut infective = vec![first];
        infective.resize(usize::try_from(stages).unwrap_or(1), 0.0);
        let ways = if spread == Spread::PushPull { 2.0 } else { 1.0 };
        let contacts = ways * f64::from(100 - loss_percent.min(100)) / 100.0;
        Self { rule, contacts, susceptible: 1.0 - first, infective, told: 0.0 }
    }

    /// Returns the share that has not heard the rumor: in the end, the residue.
    pub fn susceptible(&self) -> f64 {
        self.susceptible
    }

    /// Returns the share that tells the rumor.
    pub fn infective(&self) -> f64 {
        self.infective.iter().sum()
    }

    /// Returns how often each member has told the rumor, on the average: the traffic.
    pub fn told(&self) -> f64 {
        self.told
    }

    /// Goes on by so many thousandths of a round.
    pub fn go_on(&mut self, thousandths: u32) {
        let steps = (STEPS * thousandths).div_ceil(1_000).max(1);
        let step = f64::from(thousandths) / 1_000.0 / f64::from(steps);
        (0..steps).for_each(|_| self.step(step));
    }

    fn step(&mut self, step: f64) {
        let s = self.susceptible;
        let all = self.infective() * self.contacts * step;
        let chance = match self.rule.interest {
            Interest::Coin => 1.0 / f64::from(self.rule.k.max(1)),
            Interest::Counter => 1.0,
        };
        let in_vain = if self.rule.has_feedback { 1.0 - s } else { 1.0 };
        let mut begins = s * all;
        for infective in &mut self.infective {
            let contacts = *infective * self.contacts * step;
            // A useful contact sets the counter back; what goes on is one further against it.
            let set_back = contacts * (1.0 - in_vain);
            let goes_on = contacts * in_vain * chance;
            let stays_at_zero = self.rule.interest == Interest::Coin;
            *infective += begins - goes_on - if stays_at_zero { 0.0 } else { set_back };
            begins = goes_on;
        }
        if self.rule.interest == Interest::Counter {
            self.infective[0] += all * (1.0 - in_vain);
        }
        self.susceptible -= s * all;
        self.told += all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: u16 = 50_000;

    fn end_of(rule: Rule) -> Epidemic {
        let mut epidemic = Epidemic::new(rule, Spread::Push, MANY, 0);
        epidemic.go_on(400_000);
        epidemic
    }

    /// Source: Demers et al. 1987, section 1.4: s = e^−(k+1)(1−s). Tolerance 1 %.
    #[test]
    fn the_residue_with_feedback_and_a_coin_solves_the_papers_equation() {
        for k in 1..=5 {
            let rule = Rule { has_feedback: true, interest: Interest::Coin, k };
            let found = end_of(rule).susceptible();
            let mut expected = 0.1;
            for _ in 0..200 {
                expected = libm::exp(-f64::from(k + 1) * (1.0 - expected));
            }
            let off = (found - expected).abs() / expected;
            assert!(off < 0.01, "k {k}: {found} of {expected}");
        }
    }

    /// Source: the same section: for every variant of push, s = e^−m. Tolerance 2 %.
    #[test]
    fn residue_and_traffic_of_every_push_go_together() {
        for (has_feedback, interest, k) in [
            (true, Interest::Coin, 2),
            (true, Interest::Counter, 2),
            (false, Interest::Coin, 3),
            (false, Interest::Counter, 3),
        ] {
            let epidemic = end_of(Rule { has_feedback, interest, k });
            let expected = libm::exp(-epidemic.told());
            let off = (epidemic.susceptible() - expected).abs() / expected;
            assert!(off < 0.02, "{has_feedback} {interest:?} {k}: {epidemic:?}, {expected}");
        }
    }

    #[test]
    fn nobody_is_lost_and_a_lossy_network_is_slower() {
        let rule = Rule { has_feedback: true, interest: Interest::Counter, k: 2 };
        let share = |loss_percent| {
            let mut epidemic = Epidemic::new(rule, Spread::PushPull, 10, loss_percent);
            epidemic.go_on(2_500);
            epidemic.susceptible()
        };
        assert!(0.0 < share(0) && share(0) < share(50) && share(50) < 0.9);
        assert!(share(100) >= 0.9);
    }
}
