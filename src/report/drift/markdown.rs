//! The differences as tables in Markdown.

use std::io::{self, Write};

use super::{DriftReport, list};
use crate::report::Style;
use crate::report::markdown::{head, inert, row};

/// How many of those who can act without MFA are named.
const NAMED: usize = 20;

/// Writes a table for each account.
pub(super) fn write(drift: &DriftReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    writeln!(out, "# Drift between code and account")?;
    for (number, of) in drift.accounts.iter().enumerate() {
        let account = &of.account;
        let alias = account.alias.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
        writeln!(out, "\n## {}\n", inert(&format!("{}{alias}", account.id)))?;
        let told = drift.worst_first(number);
        let sources = drift.sources(account).join("; ");
        writeln!(out, "{} differences; {} units of code; {}.\n", told.len(), of.code.len(), inert(&sources))?;
        let without = drift.without_mfa(number);
        if !without.is_empty() {
            writeln!(out, "Can act without MFA because of them: {}.\n", inert(&list(&without, NAMED)))?;
        }
        if told.is_empty() {
            continue;
        }
        head(out, &["severity", "rule", "who", "difference", "code", "to do"])?;
        for one in told {
            let (finding, change) = (one.finding, one.change);
            let cells = [
                format!("{} ({})", finding.severity, finding.certainty.as_str()),
                finding.rule.code.to_owned(),
                change.who.subject(),
                finding.message.clone(),
                change.declared.and_then(|s| drift.place(s)).unwrap_or_default(),
                finding.help.clone(),
            ];
            row(out, &cells)?;
        }
    }
    Ok(())
}
