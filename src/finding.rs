//! Findings: what a rule says about a principal or a policy.

use std::fmt;

use crate::iam::facts::PrincipalKind;
use crate::source::Span;
use crate::tri::Tri;

/// How bad it is. The order is the order of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Information.
    Info,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// All, from the least.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word of the reports and of `--fail-on`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step lower; `Info` stays.
    pub fn lower(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// It holds whatever the open values are.
    Proven,
    /// It depends on something the input does not settle.
    Possible,
}

impl Certainty {
    /// The word of the reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Possible => "possible",
        }
    }
}

/// A place with what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it shows: "member of group `admins` here".
    pub message: String,
}

/// What a rule is, apart from how it decides. One static per rule.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Code, for example `MFA001`. Never reused.
    pub code: &'static str,
    /// Name, for example `console-user-without-mfa`.
    pub name: &'static str,
    /// Severity of a proven finding.
    pub severity: Severity,
    /// One sentence for lists.
    pub summary: &'static str,
    /// What to do about it, in general.
    pub help: &'static str,
    /// Controls it supports.
    pub compliance: &'static [&'static str],
    /// The page (`docs/rules/<name>.md`): text of `explain`, SARIF help, and a test.
    pub page: &'static str,
}

impl RuleInfo {
    /// The page as people read it: without the marks that say which line of an example is found.
    pub fn page_text(&self) -> String {
        let plain =
            |line: &'static str| line.split_once(" # expect:").map_or(line, |(code, _)| code.trim_end());
        self.page.lines().flat_map(|line| [plain(line), "\n"]).collect()
    }
}

/// A way out of what was found, with the commands that take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What they do: "enrol a device".
    pub action: String,
    /// Commands as a shell takes them, one after the other. Words in capitals are for the reader to fill in.
    pub commands: Vec<String>,
}

/// Who said that a finding is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment in the code, or metadata of a resource.
    Code,
    /// The list of findings that were there before (`--baseline`).
    Baseline,
    /// `[[allow]]` in the configuration.
    Configuration,
}

/// Why a finding is suppressed: it is kept, and fails nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// Who said so.
    pub by: SuppressedBy,
    /// What they gave as the reason.
    pub reason: String,
    /// Where they said so, when it is in the code.
    pub span: Option<Span>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleInfo,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// Address of the principal or policy it is about.
    pub subject: String,
    /// What is wrong, why, and what to change.
    pub message: String,
    /// The user, group or role it is about, when it is about one whose name is known.
    pub principal: Option<(PrincipalKind, String)>,
    /// The primary place.
    pub span: Span,
    /// Where its subject is declared, when that is one place and another than the primary one.
    pub declared: Option<Span>,
    /// What the primary place shows: the subject, or the element that is wrong.
    pub label: String,
    /// The other places that prove it, in the order of the proof.
    pub related: Vec<Label>,
    /// What to change, for this finding.
    pub help: String,
    /// The same as commands, where there are some: each is enough alone.
    pub remedies: Vec<Remedy>,
    /// Number of the unit it is about, among those that are judged together.
    pub unit: usize,
    /// Why it is suppressed, when it is.
    pub suppressed: Option<Suppressed>,
}

impl Finding {
    /// Every place that it names.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        let said = self.suppressed.iter().filter_map(|s| s.span);
        let related = self.related.iter().map(|label| label.span);
        [self.span].into_iter().chain(self.declared).chain(related).chain(said)
    }

    /// A finding at its primary place. `holds` says how sure it is: a `Maybe` makes it possible and one severity
    /// lower; a `No` makes none.
    pub fn new(
        rule: &'static RuleInfo,
        span: Span,
        holds: Tri,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Option<Self> {
        let (severity, certainty) = match holds {
            Tri::Yes => (rule.severity, Certainty::Proven),
            Tri::Maybe => (rule.severity.lower(), Certainty::Possible),
            Tri::No => return None,
        };
        let subject = subject.into();
        Some(Self {
            rule,
            severity,
            certainty,
            label: subject.clone(),
            subject,
            message: message.into(),
            principal: None,
            span,
            declared: None,
            related: Vec::new(),
            help: rule.help.to_owned(),
            remedies: Vec::new(),
            unit: 0,
            suppressed: None,
        })
    }

    /// Makes these ways out the help.
    pub fn remedy(&mut self, remedies: Vec<Remedy>) {
        let way = |r: &Remedy| {
            let commands: Vec<String> = r.commands.iter().map(|c| format!("`{c}`")).collect();
            format!("{}: {}", r.action, commands.join(", then "))
        };
        self.help = remedies.iter().map(way).collect::<Vec<_>>().join("; or ");
        self.remedies = remedies;
    }
}
