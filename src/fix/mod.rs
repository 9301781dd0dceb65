//! Fixes: patches of bytes that take a finding away.
//!
//! A fix is proposed from what the analysis knows, written in the language and the style of its place, and offered only
//! when it was tried: in memory, with everything that it bears on analysed again. The finding is gone then, no finding is
//! new, and nobody is guarded less. What only possibly is one is never fixed.

mod align;
mod attach;
mod bench;
mod page;
mod patch;
mod propose;
mod statement;
mod syntax;
mod template;
mod terraform;
mod tree;
mod wrap;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::Level;
use crate::finding::Finding;
use crate::fs::Patched;
use crate::limits;
use crate::scan::{Outcome, Request};
use crate::source::{SourceMap, Span};
use bench::{Bench, Key};
pub(crate) use patch::rewritten;

/// A text in place of bytes of a source. Of an empty span the text is added there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that are replaced.
    pub span: Span,
    /// What is written there.
    pub text: String,
}

/// A way to take a finding away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words: "write `BoolIfExists` instead of `Bool`".
    pub title: String,
    /// The edits, by place. They do not overlap; of those at the same place the first is written first.
    pub edits: Vec<Edit>,
    /// It declares a gate. Two of them in one unit would be one too many.
    pub declares: bool,
}

/// The fixes of findings, each tried alone; nothing where there is none. The findings are of an analysis of the same
/// request, with the number of their unit in `outcome`; the edits are in sources that are added to `sources`. It takes
/// one analysis more, and for each finding one of what the fix bears on.
pub fn offers(
    request: &Request,
    sources: &SourceMap,
    outcome: &Outcome,
    findings: &[(usize, Finding)],
) -> Vec<Option<Fix>> {
    if !findings.iter().any(|(_, f)| propose::may_be_fixed(f)) {
        return vec![None; findings.len()];
    }
    let bench = Bench::new(request, sources);
    let known: BTreeMap<_, &(usize, Finding)> = bench
        .outcome
        .findings
        .iter()
        .map(|found| ((bench.key(found.0, &found.1), sources.locate(found.1.span)), found))
        .collect();
    let offer = |(unit, finding): &(usize, Finding)| {
        let key = bench::key(outcome, *unit, finding);
        let same = known.get(&(key.clone(), sources.locate(finding.span)));
        let (unit, finding) = same.filter(|_| propose::may_be_fixed(finding))?;
        let candidates = propose::candidates(&bench, *unit, finding);
        candidates.into_iter().find(|fix| bench.holds(&[&key], &fix.edits))
    };
    findings.iter().map(offer).collect()
}

/// Whether a finding is of a kind that has fixes, proven, and not accepted. It may have none all the same.
pub fn may_be_fixed(finding: &Finding) -> bool {
    propose::may_be_fixed(finding)
}

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The file.
    pub path: PathBuf,
    /// What was in it.
    pub old: Arc<str>,
    /// What is to be in it.
    pub new: Arc<str>,
}

/// What all fixes together make of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// The files, by path.
    pub files: Vec<Rewritten>,
    /// How many findings that count there were before.
    pub found: usize,
    /// How many of them are gone.
    pub fixed: usize,
    /// True when an input that had to be analysed could not be.
    pub incomplete: bool,
}

/// Fixes whatever can be fixed of the findings that `counts` says count, one after the other, until nothing is left that
/// has a fix. Writes nothing.
pub fn mend(request: &Request, counts: impl Fn(&Finding) -> bool) -> Mended {
    let mut work = Work::default();
    let mut before = None;
    let (mut left, mut incomplete) = (BTreeMap::new(), false);
    for _ in 0..limits::FIX_ROUNDS {
        let texts = work.files.iter().map(|(path, file)| (path.as_path(), &file.new));
        let here = Request { fs: Arc::new(Patched::new(Arc::clone(&request.fs), texts)), ..request.clone() };
        let sources = SourceMap::new();
        let bench = Bench::new(&here, &sources);
        left = counted(&bench, &counts);
        incomplete = bench.outcome.diagnostics.iter().any(|d| d.level == Level::Error);
        before.get_or_insert_with(|| left.clone());
        if !work.round(&bench, &counts) {
            break;
        }
    }
    let before = before.unwrap_or_default();
    let fixed = before.iter().map(|(key, n)| n.saturating_sub(left.get(key).copied().unwrap_or(0))).sum();
    let mut files: Vec<Rewritten> = work.files.into_values().filter(|f| f.old != f.new).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Mended { files, found: before.values().sum(), fixed, incomplete }
}

/// How many findings count, by unit, rule and subject.
fn counted(bench: &Bench<'_>, counts: &impl Fn(&Finding) -> bool) -> BTreeMap<bench::Subject, usize> {
    let mut out = BTreeMap::new();
    for (unit, finding) in bench.outcome.findings.iter().filter(|(_, f)| counts(f)) {
        *out.entry(bench.key(*unit, finding).0).or_default() += 1;
    }
    out
}

/// A project that is being mended.
#[derive(Default)]
struct Work {
    /// What became of files, by their identity.
    files: BTreeMap<PathBuf, Rewritten>,
    /// How many candidates of a finding did not hold.
    tried: BTreeMap<Key, usize>,
    /// How often everything was analysed to try something.
    trials: usize,
}

/// A fix that is tried, with what it is for.
type Trial = (Key, Fix);

impl Work {
    /// Tries the next candidates of the findings that come first. False when there are none any more.
    fn round(&mut self, bench: &Bench<'_>, counts: &impl Fn(&Finding) -> bool) -> bool {
        let mut targets: Vec<&(usize, Finding)> =
            bench.outcome.findings.iter().filter(|(_, f)| counts(f) && propose::may_be_fixed(f)).collect();
        targets.sort_by_key(|(unit, f)| (propose::order(f), *unit, f.span));
        let mut at = 0;
        while let Some(first) = targets.get(at) {
            let order = propose::order(&first.1);
            let phase: Vec<_> =
                targets.iter().skip(at).take_while(|t| propose::order(&t.1) == order).collect();
            at += phase.len();
            while let Some(batch) = self.batch(bench, &phase).filter(|_| self.trials < limits::FIX_TRIALS) {
                let mut accepted = Vec::new();
                self.settle(bench, batch, &mut accepted);
                if !accepted.is_empty() {
                    return self.take(bench, &accepted);
                }
            }
        }
        false
    }

    /// One candidate of each of these findings, as far as they do not get in each other's way.
    fn batch(&self, bench: &Bench<'_>, findings: &[&&(usize, Finding)]) -> Option<Vec<Trial>> {
        let (mut batch, mut declaring): (Vec<Trial>, BTreeSet<usize>) = (Vec::new(), BTreeSet::new());
        for (unit, finding) in findings {
            let key = bench.key(*unit, finding);
            let tried = self.tried.get(&key).copied().unwrap_or(0);
            let candidate = propose::candidates(bench, *unit, finding).into_iter().nth(tried);
            let Some(fix) = candidate else { continue };
            if fix.declares && !declaring.insert(*unit) {
                continue;
            }
            if !batch.iter().any(|(_, other)| patch::conflict(&other.edits, &fix.edits)) {
                batch.push((key, fix));
            }
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Takes what holds of a batch: all of it, or what holds of each half.
    fn settle(&mut self, bench: &Bench<'_>, mut batch: Vec<Trial>, accepted: &mut Vec<Trial>) {
        if self.trials >= limits::FIX_TRIALS {
            return;
        }
        self.trials += 1;
        let all: Vec<&Trial> = accepted.iter().chain(&batch).collect();
        let keys: Vec<&Key> = all.iter().map(|(key, _)| key).collect();
        let edits: Vec<Edit> = all.iter().flat_map(|(_, fix)| fix.edits.iter().cloned()).collect();
        if bench.holds(&keys, &edits) {
            accepted.append(&mut batch);
        } else if batch.len() == 1 {
            // What fails only beside others comes again in the next round, when they are in the texts.
            batch.retain(|_| accepted.is_empty());
            batch.into_iter().for_each(|(key, _)| *self.tried.entry(key).or_default() += 1);
        } else {
            let rest = batch.split_off(batch.len() / 2);
            self.settle(bench, batch, accepted);
            self.settle(bench, rest, accepted);
        }
    }

    /// Puts the edits into the texts.
    fn take(&mut self, bench: &Bench<'_>, accepted: &[Trial]) -> bool {
        let edits: Vec<Edit> = accepted.iter().flat_map(|(_, fix)| fix.edits.iter().cloned()).collect();
        let Some(texts) = patch::apply(&edits, bench.sources) else { return false };
        for (path, new) in texts {
            let Some(old) = bench.text(&path) else { return false };
            let file = self.files.entry(bench.request.fs.identity(&path));
            file.or_insert_with(|| Rewritten { path, old, new: Arc::default() }).new = new;
        }
        true
    }
}
