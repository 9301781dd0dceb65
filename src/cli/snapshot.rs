//! `mfaguard snapshot`.

use super::args::{Snapshot, Talk};
use super::{Exit, live, output};
use crate::account;
use crate::fs::{self, OsFs};

/// Asks AWS, writes one directory for each account, and says how it went.
pub(super) fn run(args: &Snapshot) -> anyhow::Result<Exit> {
    let talk = Talk::of(args.quiet, args.verbose);
    let files = OsFs::for_paths([args.dir.as_path()]);
    let there = |number: &str| args.resume && account::is_whole(&args.dir.join(number), &files);
    let (mut accounts, mut whole, mut problems) = (0_usize, 0_usize, Vec::new());
    live::read(&args.aws, talk, &there, &mut |saved| {
        let dir = args.dir.join(&saved.account);
        fs::save_dir(&dir, &saved.files)
            .map_err(|e| anyhow::anyhow!("`{}` cannot be written: {e}", dir.display()))?;
        accounts += 1;
        whole += usize::from(saved.problems.is_empty());
        problems.extend(saved.problems);
        Ok(())
    })?;
    problems.sort();
    for problem in &problems {
        output::complain(problem);
    }
    if talk >= Talk::Progress {
        let text = format!(
            "{whole} of {accounts} accounts were read to the end; they are in `{}`\n",
            args.dir.display()
        );
        output::warn(text.as_bytes());
    }
    Ok(if problems.is_empty() { Exit::Clean } else { Exit::Failed })
}
