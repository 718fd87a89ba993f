//! Playing: turns the time that passes for the viewer into commands for the engine.
//!
//! No browser in here. The page calls [`Player::tick`] once an animation frame and sends what comes
//! back; at most one command is on its way at a time, so a slow engine slows the film, not the page.

use crate::wire::Command;

/// Animation speeds, as factors on the scenario's own time scale.
pub const SPEEDS: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Index of the usual speed.
pub const USUAL_SPEED: usize = 3;

/// How long a scenario's horizon takes to play at the usual speed.
const HORIZON_MS: f64 = 30_000.0;

/// The most real time that one animation frame catches up with.
const CATCH_UP_MS: f64 = 250.0;

/// After this long without a word, an answer is no longer awaited: the engine drops a move that
/// another one overtakes, and does not say so.
const PATIENCE_MS: f64 = 500.0;

/// How often the engine is asked for a frame although nothing is due: keeps clocks and charts moving.
const IDLE_MS: f64 = 100.0;

/// Returns how much virtual time passes in a millisecond of the viewer's.
pub fn rate_us(horizon_us: u64, speed: usize) -> f64 {
    let factor = SPEEDS.get(speed).copied().unwrap_or(1.0);
    #[expect(clippy::cast_precision_loss, reason = "horizons are far below 2^53 microseconds")]
    let horizon_us = horizon_us.max(1_000) as f64;
    horizon_us / HORIZON_MS * factor
}

/// Keeps display time, and what is on its way to the engine.
#[derive(Debug, Default)]
pub struct Player {
    /// Where the film is, in virtual microseconds with fraction.
    target_us: f64,
    /// Where the engine was last heard to be.
    frame_us: f64,
    /// When something next happens there.
    next_us: Option<f64>,
    /// Real time since that was heard.
    silence_ms: f64,
    /// How many commands on their way will be answered with a frame.
    awaited: u32,
    /// Where the viewer has dragged to meanwhile.
    wanted_us: Option<u64>,
    /// Whether nothing stops the film.
    runs_through: bool,
}

impl Player {
    /// Takes note that the engine said anything at all.
    pub fn hear_anything(&mut self) {
        self.silence_ms = 0.0;
    }

    /// Takes note of a frame; returns a seek that had to wait for it.
    pub fn hear(&mut self, now_us: u64, next_at_us: Option<u64>, plays: bool) -> Option<Command> {
        let now_us = float(now_us);
        let jumped = now_us > self.target_us || now_us < self.frame_us;
        self.frame_us = now_us;
        self.next_us = next_at_us.map(float);
        self.silence_ms = 0.0;
        self.awaited = self.awaited.saturating_sub(1);
        if jumped || !plays {
            self.target_us = now_us;
        }
        if self.awaited > 0 {
            return None;
        }
        self.wanted_us.take().map(|at_us| self.ask(Command::Seek { at_us }))
    }

    /// Takes note that somebody else sent a command that will be answered with a frame: until then
    /// the film must not ask to go on from where it was.
    pub fn expect_frame(&mut self) {
        self.awaited += 1;
    }

    /// Takes note that the engine owes no answer any more: of commands that overtake each other it
    /// answers the last. Returns a seek that had to wait.
    pub fn settle(&mut self) -> Option<Command> {
        self.awaited = 0;
        self.wanted_us.take().map(|at_us| self.ask(Command::Seek { at_us }))
    }

    /// Takes note that commands were refused or their engine is gone.
    pub fn forget(&mut self) {
        self.awaited = 0;
        self.wanted_us = None;
        self.target_us = self.frame_us;
    }

    /// Goes to a time, now or as soon as the last frame asked for is here.
    pub fn seek(&mut self, at_us: u64) -> Option<Command> {
        if self.awaited > 0 {
            self.wanted_us = Some(at_us);
            return None;
        }
        Some(self.ask(Command::Seek { at_us }))
    }

    /// Says whether the film runs through steps of the lesson and violations, instead of stopping where the viewer
    /// should look.
    pub fn run_through(&mut self, runs_through: bool) {
        self.runs_through = runs_through;
    }

    /// Moves the film on by real time; returns display time and what to ask the engine.
    pub fn tick(&mut self, elapsed_ms: f64, rate_us: f64) -> (f64, Option<Command>) {
        let elapsed_ms = elapsed_ms.clamp(0.0, CATCH_UP_MS);
        let furthest = self.frame_us + CATCH_UP_MS * rate_us;
        self.target_us = (self.target_us + elapsed_ms * rate_us).min(furthest).max(self.frame_us);
        self.silence_ms += elapsed_ms;
        if self.silence_ms >= PATIENCE_MS {
            self.awaited = 0;
        }
        let shown_us = self.next_us.map_or(self.target_us, |next| self.target_us.min(next));
        let is_due = self.next_us.is_none_or(|next| next <= self.target_us);
        if self.awaited > 0 || !(is_due || self.silence_ms >= IDLE_MS) {
            return (shown_us, None);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "display time is neither negative nor near the limit; the fraction is kept"
        )]
        let to_us = self.target_us as u64;
        if float(to_us) <= self.frame_us {
            return (shown_us, None);
        }
        (shown_us, Some(self.ask(Command::Advance { to_us, pauses: !self.runs_through })))
    }

    fn ask(&mut self, command: Command) -> Command {
        self.awaited += 1;
        command
    }
}

#[expect(clippy::cast_precision_loss, reason = "runs are far shorter than 2^53 microseconds")]
fn float(us: u64) -> f64 {
    us as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_takes_half_a_minute() {
        let rate = rate_us(15_000_000, USUAL_SPEED);
        assert!((rate * 30_000.0 - 15_000_000.0).abs() < 1.0);
    }

    #[test]
    fn fractions_of_a_microsecond_are_carried() {
        let mut player = Player::default();
        player.hear(0, Some(1_000_000), true);
        let mut shown = 0.0;
        for _ in 0..10 {
            (shown, _) = player.tick(1.0, 0.25);
        }
        assert!((shown - 2.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_asked_while_an_answer_is_awaited() {
        let mut player = Player::default();
        player.hear(0, Some(10), true);
        assert!(player.tick(16.0, 100.0).1.is_some());
        assert_eq!(player.tick(16.0, 100.0).1, None);
        player.hear(1_600, Some(9_000), true);
        // 3,200 µs have passed for the viewer and nothing is due before 9,000.
        assert_eq!(player.tick(0.0, 100.0), (3_200.0, None));
    }

    #[test]
    fn the_film_waits_for_a_jump_to_be_answered() {
        let mut player = Player::default();
        player.hear(5_000, None, true);
        assert!(player.tick(16.0, 100.0).1.is_some());
        player.expect_frame();
        player.hear(6_600, None, true);
        assert_eq!(player.tick(16.0, 100.0).1, None);
        player.hear(0, None, true);
        assert_eq!(player.tick(0.0, 100.0), (0.0, None));
    }

    #[test]
    fn an_answer_is_not_awaited_for_ever() {
        let mut player = Player::default();
        player.hear(0, None, true);
        player.expect_frame();
        assert_eq!(player.tick(200.0, 1.0).1, None);
        player.hear_anything();
        assert_eq!(player.tick(200.0, 1.0).1, None);
        assert_eq!(player.tick(200.0, 1.0).1, None);
        assert!(player.tick(200.0, 1.0).1.is_some());
    }

    #[test]
    fn display_time_waits_for_what_is_due() {
        let mut player = Player::default();
        player.hear(0, Some(500), true);
        assert!((player.tick(16.0, 100.0).0 - 500.0).abs() < 1e-9);
    }

    #[test]
    fn a_long_sleep_is_caught_up_with_for_a_quarter_of_a_second_only() {
        let mut player = Player::default();
        player.hear(0, None, true);
        assert!((player.tick(60_000.0, 1.0).0 - 250.0).abs() < 1e-9);
    }

    #[test]
    fn the_last_of_many_seeks_wins() {
        let mut player = Player::default();
        assert_eq!(player.seek(1), Some(Command::Seek { at_us: 1 }));
        assert_eq!(player.seek(2), None);
        assert_eq!(player.seek(3), None);
        assert_eq!(player.hear(1, None, false), Some(Command::Seek { at_us: 3 }));
        assert_eq!(player.hear(3, None, false), None);
    }

    #[test]
    fn a_seek_that_waits_for_an_answer_that_never_comes_goes_when_the_engine_is_done() {
        let mut player = Player::default();
        // Two moves, of which the engine answers the second only.
        player.expect_frame();
        player.expect_frame();
        assert_eq!(player.hear(1_000, None, false), None);
        assert_eq!(player.seek(5_000), None);
        assert_eq!(player.settle(), Some(Command::Seek { at_us: 5_000 }));
        assert_eq!(player.settle(), None);
        assert_eq!(player.seek(7_000), Some(Command::Seek { at_us: 7_000 }));
    }
}
