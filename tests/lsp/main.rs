//! `mfaguard lsp`, driven over pipes as an editor drives it.

#[cfg(test)]
mod client;
#[cfg(test)]
mod conversation;
#[cfg(test)]
mod scenarios;
