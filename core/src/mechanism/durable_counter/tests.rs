//! A crash at every change of the disk, with everything that it may leave; and damage to every sector.

mod crashes;
mod damage;
mod harness;
