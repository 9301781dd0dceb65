//! `mfaguard lsp`.

use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::args::Lsp;
use super::{Exit, code, config, judging, output};
use crate::lsp;
use crate::scan;

/// Serves the editor at the other end of standard input and output.
pub(super) fn run(mut args: Lsp) -> anyhow::Result<Exit> {
    // Its paths have to be those of the folders, which have the whole way.
    args.config = args.config.map(std::path::absolute).transpose()?;
    let requests = Arc::new(move |folder: &Path| request(folder, &args).map_err(|e| format!("{e:#}")));
    // Not locked: a thread of the server reads, and a lock stays in the thread that took it.
    match lsp::serve(BufReader::new(io::stdin()), &mut io::stdout().lock(), requests) {
        Ok(clean) => Ok(if clean { Exit::Clean } else { Exit::Findings }),
        Err(e) => output::gone(Err(e)).map(|_| Exit::Findings),
    }
}

/// What is analysed of a folder, with the configuration that holds there.
fn request(folder: &Path, args: &Lsp) -> anyhow::Result<scan::Request> {
    let config = config::read_for(folder, args.config.as_deref())?;
    let mut triage = judging::triage(args.suppressions, &config);
    triage.baseline = config.baseline.as_deref().map(judging::baseline).transpose()?;
    code::request(&[folder.to_path_buf()], &args.inputs, &config, judging::selected(&config), triage)
}
