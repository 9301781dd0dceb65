//! `mfaguard simulate`.

use super::Exit;
use super::args::Simulate;

/// Decides every request of every case.
pub(super) fn run(args: &Simulate) -> anyhow::Result<Exit> {
    anyhow::bail!("{:?}", args)
}
