//! Standard output and standard error: colours, closed pipes, files.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};

use super::args::{Look, When};
use super::formats::{Format, Target};
use crate::account::time::Time;
use crate::fs;
use crate::report::{Detail, Report, Style, human};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 16;

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

/// The time by which ages are told.
pub(super) fn now() -> Option<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(Time::from_seconds)
}

/// Where reports go; the first reporter on standard output when nothing is said.
pub(super) fn targets<R: Format>(said: &[Target<R>]) -> anyhow::Result<Vec<Target<R>>> {
    if said.iter().filter(|t| t.file.is_none()).count() > 1 {
        bail!(
            "only one format can go to standard output; give the others a file, for example `--format sarif=FILE`"
        );
    }
    let default = || R::ALL.first().map(|reporter| Target { reporter, file: None });
    Ok(if said.is_empty() { default().into_iter().collect() } else { said.to_vec() })
}

/// Writes a report to where it goes.
pub(super) fn write<R>(
    target: &Target<R>,
    look: Look,
    report: impl Fn(&mut dyn Write, &Style) -> io::Result<()>,
) -> anyhow::Result<()> {
    let color = target.file.is_none() && color_stdout(look.color);
    let style = Style { color, detail: look.detail() };
    // A report on a large account is as large as all that is known of it.
    let whole = |out: &mut dyn Write| {
        let mut out = BufWriter::with_capacity(BUFFER, out);
        report(&mut out, &style)?;
        out.flush()
    };
    match &target.file {
        Some(file) => fs::create(file)
            .and_then(|mut out| whole(&mut out))
            .with_context(|| format!("`{}` cannot be written", file.display())),
        None => gone(whole(&mut io::stdout().lock())).map(|_| ()),
    }
}

/// Says what is wrong with the input. Formats for programs hold that themselves; people read it on standard error.
pub(super) fn warn_of(report: &Report<'_>, look: Look, for_people: bool) -> anyhow::Result<()> {
    let detail = if for_people { look.detail() } else { Detail::Quiet };
    let mut text = Vec::new();
    let style = Style { color: color_stderr(look.color), detail };
    human::write_diagnostics(report, &mut text, &style)?;
    warn(&text);
    Ok(())
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
