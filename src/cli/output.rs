//! Standard output and standard error: colours, closed pipes, files.

use std::io::{self, IsTerminal as _, Write};

use anyhow::Context as _;

use super::args::When;

/// Whether output on standard output is coloured.
pub(super) fn color_stdout(when: When) -> bool {
    color(when, io::stdout().is_terminal())
}

/// Whether output on standard error is coloured.
pub(super) fn color_stderr(when: When) -> bool {
    color(when, io::stderr().is_terminal())
}

/// "If NO_COLOR is present and not an empty string, no colour" (no-color.org); a dumb terminal has none either.
fn color(when: When, terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
            terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    }
}

/// Writes to standard output.
pub(super) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    gone(out.write_all(bytes).and_then(|()| out.flush()))?;
    Ok(())
}

/// Writes to standard error, where nobody may listen.
pub(super) fn warn(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}

/// Says why something could not be done.
pub(super) fn complain(message: &str) {
    warn(format!("error: {message}\n").as_bytes());
}

/// Whether the reader of standard output went away, which is not an error.
pub(super) fn gone(written: io::Result<()>) -> anyhow::Result<bool> {
    match written {
        Ok(()) => Ok(false),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        Err(e) => Err(e).context("standard output cannot be written"),
    }
}
