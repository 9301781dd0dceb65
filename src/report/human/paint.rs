//! Colours, and text that cannot do anything to a terminal.

use std::borrow::Cow;

use crate::finding::Severity;
use crate::report::Style;

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something is wrong.
    Bad,
    /// Something is half wrong, or not settled.
    Doubt,
    /// All is well.
    Good,
    /// Of less interest.
    Faint,
    /// A heading.
    Strong,
    /// Nothing to say.
    Plain,
}

impl Tone {
    /// The tone of a severity.
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Bad,
            Severity::Medium | Severity::Low => Self::Doubt,
            Severity::Info => Self::Faint,
        }
    }

    /// The same as a colour of a snippet.
    pub(super) fn color(self) -> ariadne::Color {
        match self {
            Self::Bad => ariadne::Color::Red,
            Self::Doubt => ariadne::Color::Yellow,
            Self::Good => ariadne::Color::Green,
            Self::Faint => ariadne::Color::Cyan,
            Self::Strong | Self::Plain => ariadne::Color::Primary,
        }
    }
}

/// The text in its tone, when colours are on.
pub(super) fn paint(style: &Style, tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Bad => "31;1",
        Tone::Doubt => "33",
        Tone::Good => "32",
        Tone::Faint => "2",
        Tone::Strong => "1",
        Tone::Plain => return text.to_owned(),
    };
    if style.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// The text with everything taken out that would move the cursor, change colours or turn the direction of writing:
/// names and code come from files that anybody may have written. One character for one.
pub(in crate::report) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_harmful) {
        Cow::Owned(text.chars().map(clean_char).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The character, or `\u{fffd}` when a terminal might act on it.
pub(in crate::report) fn clean_char(c: char) -> char {
    if is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c }
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_drive_the_terminal() {
        for bad in ["a\u{1b}[2Jb", "a\nb", "a\rb", "a\u{9b}b", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b"] {
            let cleaned = clean(bad);
            assert!(!cleaned.chars().any(is_harmful), "{bad:?}");
            assert_eq!(cleaned.chars().count(), bad.chars().count());
        }
        assert_eq!(clean("Zoë 日本"), "Zoë 日本");
    }
}
