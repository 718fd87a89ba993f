//! Mechanisms against what others have published or what can be computed in closed form. Each test
//! names its source and its tolerance, and gets its figure by running the mechanism in the kernel.

mod availability;
mod causality;
mod compression;
mod decree;
mod dial;
mod either;
mod elections;
mod gossip;
mod hash_ring;
mod isolation;
mod linearizability;
mod membership;
mod mutual_exclusion;
mod register;
mod sequences;
mod staleness;
mod store;
mod time_service;
mod transformation;
