//! What an analysis says, with its places, file by file and unit by unit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::verdict::Verdict;
use crate::diagnostic::{Code, Diagnostic};
use crate::finding::Finding;
use crate::fs::{FileSystem, normalize};
use crate::scan::{Outcome, Unit};
use crate::source::{Source, SourceMap, Span};

/// A place in a text as it was analysed.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) bytes: Range<usize>,
}

impl Place {
    /// The place that a span is shown as; nothing for a text of no file.
    fn of(sources: &SourceMap, span: Span) -> Option<Self> {
        let span = sources.shown_as(span);
        let source = sources.get(span.source).filter(|s| s.path().is_absolute())?;
        Some(Self { source, bytes: span.start as usize..span.end as usize })
    }

    /// The file.
    pub(super) fn path(&self) -> PathBuf {
        normalize(self.source.path())
    }
}

/// A text with its place.
pub(super) type Step = (String, Option<Place>);

/// A finding with its places.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) place: Place,
    /// Where its subject is declared, when that is another place.
    pub(super) declared: Option<Place>,
    pub(super) related: Vec<Step>,
    pub(super) finding: Finding,
}

/// A principal with its places.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) place: Option<Place>,
    pub(super) evidence: Vec<Step>,
    pub(super) unknown: Vec<Step>,
    pub(super) verdict: Verdict,
}

/// A problem with the input, and where: at a place, or in a file as a whole. Of one with a directory there is nothing to
/// be shown in.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) place: Option<Place>,
    pub(super) path: Option<PathBuf>,
    pub(super) problem: Diagnostic,
}

/// A root module or a template: its path and its kind.
pub(super) type Key = (String, &'static str);

/// What is known of a unit.
#[derive(Debug, Default)]
pub(super) struct OfUnit {
    pub(super) found: Vec<Found>,
    pub(super) judged: Vec<Judged>,
}

/// What is known of a folder.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) units: BTreeMap<Key, OfUnit>,
    pub(super) problems: Vec<Problem>,
    /// Units that keep what was known of them, by the file that cannot be parsed.
    kept: BTreeMap<PathBuf, BTreeSet<Key>>,
}

/// What was analysed.
pub(super) struct Scope<'a> {
    /// Only what these files belong to, otherwise everything.
    pub(super) partial: bool,
    /// The files that were edited since the analysis before.
    pub(super) edited: &'a BTreeSet<PathBuf>,
    /// Whether a file is open.
    pub(super) open: &'a dyn Fn(&Path) -> bool,
}

impl Results {
    /// Resolves the places of an outcome.
    pub(super) fn of(outcome: Outcome, sources: &SourceMap, fs: &dyn FileSystem) -> Self {
        let mut out = Self::default();
        let keys: Vec<Key> = outcome.units.into_iter().map(|Unit { path, kind, .. }| (path, kind)).collect();
        for key in &keys {
            out.units.insert(key.clone(), OfUnit::default());
        }
        let place = |span: Span| Place::of(sources, span);
        for (unit, finding) in outcome.findings.into_iter().filter(|(_, f)| f.suppressed.is_none()) {
            let of = keys.get(unit).and_then(|key| out.units.get_mut(key));
            let (Some(of), Some(at)) = (of, place(finding.span)) else { continue };
            let related = finding.related.iter().map(|l| (l.message.clone(), place(l.span))).collect();
            let declared = finding.declared.and_then(place);
            of.found.push(Found { place: at, declared, related, finding });
        }
        for (unit, verdict) in outcome.verdicts {
            let Some(of) = keys.get(unit).and_then(|key| out.units.get_mut(key)) else { continue };
            let evidence = verdict.evidence.iter().map(|e| (e.text.clone(), e.span.and_then(place)));
            let unknown = verdict.unknown.iter().map(|u| (u.reason().to_owned(), u.span().and_then(place)));
            of.judged.push(Judged {
                place: verdict.span.and_then(place),
                evidence: once_each(evidence),
                unknown: once_each(unknown),
                verdict,
            });
        }
        out.problems = outcome
            .diagnostics
            .into_iter()
            .map(|problem| {
                let place = problem.span.and_then(place);
                let path = place.as_ref().map(Place::path);
                let whole = || problem.path.as_deref().map(|p| normalize(Path::new(p)));
                let path = path.or_else(|| whole().filter(|p| p.is_absolute() && fs.is_file(p)));
                Problem { place, path, problem }
            })
            .collect();
        out
    }

    /// Puts what a later analysis says over what is known. A unit of which an open file cannot be parsed keeps its
    /// findings and verdicts: half a block would make them come and go while somebody types.
    pub(super) fn update(&mut self, later: Self, scope: &Scope<'_>) {
        let broken: BTreeSet<PathBuf> = later
            .problems
            .iter()
            .filter(|p| is_syntax(p.problem.code))
            .filter_map(|p| p.path.clone())
            .collect();
        let broken = |path: &Path| broken.contains(path) && (scope.open)(path);
        // What a file belongs to is known when nothing else was analysed.
        if scope.partial || later.units.len() <= 1 {
            for path in scope.edited.iter().filter(|path| broken(path)) {
                let own = self.units.keys().filter(|(unit, _)| Path::new(unit) == path);
                let keys = later.units.keys().chain(own).cloned().collect();
                self.kept.insert(path.clone(), keys);
            }
        }
        self.kept.retain(|path, _| broken(path) || scope.partial && !scope.edited.contains(path));
        let kept: BTreeSet<Key> = self.kept.values().flatten().cloned().collect();
        if !scope.partial {
            self.units.retain(|key, _| kept.contains(key) || later.units.contains_key(key));
        }
        for (key, unit) in later.units {
            if !kept.contains(&key) || !self.units.contains_key(&key) {
                self.units.insert(key, unit);
            }
        }
        if scope.partial {
            let looked_at: BTreeSet<&PathBuf> =
                later.problems.iter().filter_map(|p| p.path.as_ref()).chain(scope.edited).collect();
            let elsewhere = |p: &Problem| p.path.as_ref().is_none_or(|path| !looked_at.contains(path));
            let before = std::mem::take(&mut self.problems).into_iter().filter(elsewhere).collect();
            self.problems = before;
            self.problems.extend(later.problems);
        } else {
            self.problems = later.problems;
        }
    }
}

/// Whether a text could not be parsed.
fn is_syntax(code: Code) -> bool {
    matches!(code, Code::HclSyntax | Code::YamlSyntax | Code::JsonSyntax)
}

/// Two steps that read the same at one place are one.
fn once_each(steps: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let at = |place: &Option<Place>| place.as_ref().map(|p| (p.source.id(), p.bytes.clone()));
    for step in steps {
        if !out.iter().any(|(text, place)| *text == step.0 && at(place) == at(&step.1)) {
            out.push(step);
        }
    }
    out
}
