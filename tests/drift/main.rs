//! Code against accounts: every kind of difference in both directions, mixtures, and what agrees.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod round_trip;
mod run;
mod scenarios;
mod simulate;
mod unsettled;
mod world;
