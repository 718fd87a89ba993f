//! Judging runs by the thousand: swarm fuzzing within what a design claims to survive, and shrinking.
