//! Reports that can be asked for, and where they go. Lists of formats come from the registries.

use std::path::PathBuf;

use crate::report::drift::{self, DriftReporter};
use crate::report::status::{self, StatusReporter};
use crate::report::{REPORTERS, Reporter};

/// Something that writes a report.
pub(super) trait Format: Sized + 'static {
    /// All of them; the first is the default.
    const ALL: &'static [Self];

    /// Its name and what it is.
    fn about(&self) -> (&'static str, &'static str);
}

impl Format for Reporter {
    const ALL: &'static [Self] = REPORTERS;

    fn about(&self) -> (&'static str, &'static str) {
        (self.name, self.summary)
    }
}

impl Format for StatusReporter {
    const ALL: &'static [Self] = status::REPORTERS;

    fn about(&self) -> (&'static str, &'static str) {
        (self.name, self.summary)
    }
}

impl Format for DriftReporter {
    const ALL: &'static [Self] = drift::REPORTERS;

    fn about(&self) -> (&'static str, &'static str) {
        (self.name, self.summary)
    }
}

/// A report and where it goes.
#[derive(Debug)]
pub(super) struct Target<R: 'static> {
    /// What writes it.
    pub(super) reporter: &'static R,
    /// The file; standard output without one.
    pub(super) file: Option<PathBuf>,
}

impl<R> Clone for Target<R> {
    fn clone(&self) -> Self {
        Self { reporter: self.reporter, file: self.file.clone() }
    }
}

/// The help of `--format`: all formats.
pub(super) fn format_help<R: Format>() -> String {
    let names = || R::ALL.iter().map(Format::about);
    let list: String = names().map(|(name, summary)| format!("\n- {name}: {summary}")).collect();
    let first = names().next().map_or("", |(name, _)| name);
    format!("Report to write, to standard output or to a file (repeatable) [default: {first}]{list}")
}

/// Reads `FORMAT` or `FORMAT=FILE`.
pub(super) fn target<R: Format>(text: &str) -> Result<Target<R>, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("a file name is missing after `=`".to_owned()),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let Some(reporter) = R::ALL.iter().find(|r| r.about().0 == name) else {
        let names: Vec<&str> = R::ALL.iter().map(|r| r.about().0).collect();
        return Err(format!("no format is called `{name}`; there are {}", names.join(", ")));
    };
    Ok(Target { reporter, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_with_and_without_file() {
        assert_eq!(target::<Reporter>("json").unwrap().file, None);
        assert_eq!(target::<Reporter>("sarif=a=b.sarif").unwrap().file, Some(PathBuf::from("a=b.sarif")));
        assert!(target::<Reporter>("sarif=").is_err());
        assert!(target::<Reporter>("xml").unwrap_err().contains("human, json, sarif"));
    }
}
