//! Which findings are accepted: by whoever wrote the code, by a baseline, by the configuration.
//!
//! An accepted finding is kept with the reason that was given, and fails nothing. What was to suppress something and
//! does not is told (MFA901): it has no reason, its time is over, or it meets nothing.

pub mod baseline;
mod claim;
pub mod fingerprint;
mod foreign;

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::account::time::Time;
use crate::finding::{Finding, Suppressed, SuppressedBy};
use crate::frontend::remarks::remarks;
use crate::iam::pattern::PrincipalPattern;
use crate::rules::{self, Defect, OnUnknown, Selection};
use crate::source::{SourceMap, Span};
use baseline::Baseline;
use claim::{Claim, Said};

/// Whose comments count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comments {
    /// Nobody's.
    None,
    /// Those of this program.
    #[default]
    Own,
    /// Also those of other programs, for the rules that are nearest to theirs.
    Foreign,
}

/// What is accepted.
#[derive(Debug, Clone, Default)]
pub struct Triage {
    /// Comments and metadata in the code.
    pub comments: Comments,
    /// Principals about whom nothing is to be told.
    pub allowed: Vec<Allowed>,
    /// Findings that were there before.
    pub baseline: Option<Baseline>,
    /// Now. Without it nothing ever ends.
    pub now: Option<Time>,
}

/// Principals that the configuration accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Who.
    pub who: PrincipalPattern,
    /// Only these rules; all of them when empty.
    pub rules: Vec<&'static str>,
    /// Why.
    pub reason: String,
    /// The end of the last day.
    pub until: Option<Time>,
}

/// The run whose findings are looked at.
pub struct Run<'a> {
    /// The texts.
    pub sources: &'a SourceMap,
    /// How many of the texts, from the first, are no code: nobody's comments are in them.
    pub code: usize,
    /// The rules that ran.
    pub rules: &'a Selection,
    /// The paths of the units, by number.
    pub units: &'a [&'a str],
    /// The number of a unit that a file belongs to, by its path as it is shown, when everything that uses the file was
    /// looked at. What is wrong with suppressions in other files is not told.
    pub unit_of: &'a dyn Fn(&str) -> Option<usize>,
}

impl Triage {
    /// Marks the findings that are accepted, and adds one for each comment that does not do what it is there for.
    pub fn apply(&self, findings: &mut Vec<(usize, Finding)>, run: &Run<'_>) {
        let defects = self.by_comments(findings, run);
        findings.extend(rules::run_defects(defects, run.rules));
        for (_, finding) in findings.iter_mut().filter(|(_, f)| f.suppressed.is_none()) {
            finding.suppressed = self.by_configuration(finding);
        }
        if let Some(baseline) = &self.baseline {
            baseline.apply(findings, run.sources, run.units);
        }
    }

    fn by_configuration(&self, finding: &Finding) -> Option<Suppressed> {
        let (kind, name) = finding.principal.as_ref()?;
        let matches = |a: &&Allowed| {
            a.who.holds(*kind, name)
                && (a.rules.is_empty() || a.rules.contains(&finding.rule.code))
                && a.until.is_none_or(|until| !self.is_over(until))
        };
        let allowed = self.allowed.iter().find(matches)?;
        let reason = allowed.reason.clone();
        Some(Suppressed { by: SuppressedBy::Configuration, reason, span: None })
    }

    fn is_over(&self, until: Time) -> bool {
        self.now.is_some_and(|now| now > until)
    }

    /// Returns what is wrong with comments, with the number of a unit.
    fn by_comments(&self, findings: &mut [(usize, Finding)], run: &Run<'_>) -> Vec<(usize, Defect)> {
        let claims = self.claims(run.sources, run.code);
        if claims.is_empty() {
            return Vec::new();
        }
        let mut by_file: BTreeMap<&str, Vec<(usize, &Claim)>> = BTreeMap::new();
        for (n, (file, claim)) in claims.iter().enumerate() {
            by_file.entry(file).or_default().push((n, claim));
        }
        let mut used: BTreeSet<(usize, &str)> = BTreeSet::new();
        for (_, finding) in findings {
            let places = [Some(finding.span), finding.declared].into_iter().flatten();
            for place in places.map(|p| run.sources.shown_as(p)) {
                let Some(source) = run.sources.get(place.source) else { continue };
                for &(n, claim) in by_file.get(&**source.shown()).into_iter().flatten() {
                    let Said::Ignore { rules, reason, until } = &claim.said else { continue };
                    let holds = claim.covers(place) && until.is_none_or(|until| !self.is_over(until));
                    if let Some(rule) = rules.iter().find(|r| **r == finding.rule.code).filter(|_| holds) {
                        used.insert((n, rule));
                        let by = SuppressedBy::Code;
                        let reason = reason.clone();
                        finding.suppressed.get_or_insert(Suppressed { by, reason, span: Some(claim.span) });
                    }
                }
            }
        }
        let wrong = claims.iter().enumerate().filter_map(|(n, (file, claim))| {
            let text = self.wrong_with(claim, run.rules, &|rule| used.contains(&(n, rule)))?;
            Some(((run.unit_of)(file)?, Defect { span: claim.span, message: text }))
        });
        wrong.collect()
    }

    /// Whether a text may claim that something is accepted.
    pub fn may_claim(&self, text: &str) -> bool {
        self.words().iter().any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }

    /// The words of which each claim has one in it.
    fn words(&self) -> &'static [&'static str] {
        match self.comments {
            Comments::None => &[],
            Comments::Own => claim::WORDS,
            Comments::Foreign => foreign::WORDS,
        }
    }

    /// Every claim once, with its file: a file that several units read is in the map several times.
    fn claims(&self, sources: &SourceMap, code: usize) -> Vec<(String, Claim)> {
        let words = self.words();
        if words.is_empty() {
            return Vec::new();
        }
        let mut seen: BTreeSet<(String, u32)> = BTreeSet::new();
        let mut out = Vec::new();
        for source in sources.all().into_iter().skip(code) {
            if sources.shown_as(source.span()) != source.span() {
                continue;
            }
            for claim in remarks(&source, words).iter().filter_map(|r| claim::of(r, self.comments)) {
                let file = source.shown().to_string();
                if seen.insert((file.clone(), claim.span.start)) {
                    out.push((file, claim));
                }
            }
        }
        out
    }

    fn wrong_with(&self, claim: &Claim, ran: &Selection, used: &dyn Fn(&str) -> bool) -> Option<String> {
        let (rules, until) = match &claim.said {
            Said::Wrong(message) => return Some(message.clone()),
            Said::Ignore { .. } if claim.foreign => return None,
            Said::Ignore { rules, until, .. } => (rules, until),
        };
        let list = rules.join(", ");
        if let Some(until) = until.filter(|until| self.is_over(*until)) {
            let day = until.day();
            return Some(format!(
                "the suppression of {list} ended on {day}: what it was for is reported again"
            ));
        }
        // What is possible and not wanted may be what it is for.
        if ran.on_unknown == OnUnknown::Ignore {
            return None;
        }
        let idle: Vec<&str> = rules.iter().copied().filter(|r| !used(r) && ran.runs_on_code(r)).collect();
        let what = idle.join(", ");
        (!idle.is_empty())
            .then(|| format!("the suppression of {what} meets nothing: there is no such finding here"))
    }
}

impl Claim {
    /// Whether a place begins in what it is about.
    fn covers(&self, place: Span) -> bool {
        (self.covers.start..=self.covers.end).contains(&place.start)
    }
}
