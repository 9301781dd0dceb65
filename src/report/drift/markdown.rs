//! The differences as tables in Markdown.

use std::io::{self, Write};

use super::{DriftReport, list};
use crate::report::Style;
use crate::report::markdown::{Document, inert};

/// How many of those who can act without MFA are named.
const NAMED: usize = 20;

/// Writes a table for each account.
pub(super) fn write(drift: &DriftReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let mut document = Document::new(out);
    document.lines("# Drift between code and account")?;
    for (number, of) in drift.accounts.iter().enumerate() {
        let account = &of.account;
        let alias = account.alias.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
        document.lines(&format!("\n## {}\n", inert(&format!("{}{alias}", account.id))))?;
        let told = drift.worst_first(number);
        let sources = drift.sources(account).join("; ");
        let (differences, units) = (told.len(), of.code.len());
        document
            .lines(&format!("{differences} differences; {units} units of code; {}.\n", inert(&sources)))?;
        let without = drift.without_mfa(number);
        if !without.is_empty() {
            let names = inert(&list(&without, NAMED));
            document.lines(&format!("Can act without MFA because of them: {names}.\n"))?;
        }
        if told.is_empty() {
            continue;
        }
        document.head(&["severity", "rule", "who", "difference", "code", "to do"])?;
        for one in told {
            let (finding, change) = (one.finding, one.change);
            document.row(&[
                format!("{} ({})", finding.severity, finding.certainty.as_str()),
                finding.rule.code.to_owned(),
                change.who.subject(),
                finding.message.clone(),
                change.declared.and_then(|s| drift.place(s)).unwrap_or_default(),
                finding.help.clone(),
            ])?;
        }
    }
    document.finish()
}
