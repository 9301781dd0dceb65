//! One analysis of a folder, in a thread of its own.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use super::Requests;
use super::results::Results;
use crate::fs::overlay::{Overlay, Texts};
use crate::fs::{FileSystem, OsFs};
use crate::scan;
use crate::source::SourceMap;

/// What to analyse.
pub(super) struct Job {
    pub(super) folder: PathBuf,
    /// What was asked before, when there was something.
    pub(super) request: Option<scan::Request>,
    /// The configuration and the disk are looked at again.
    pub(super) anew: bool,
    /// Only what these files belong to.
    pub(super) changed: Option<BTreeSet<PathBuf>>,
    /// There is more that was analysed before.
    pub(super) partial: bool,
    /// The files that were edited since the analysis before.
    pub(super) edited: BTreeSet<PathBuf>,
    /// What is open.
    pub(super) texts: Texts,
    /// The versions of that.
    pub(super) versions: BTreeMap<PathBuf, i32>,
}

/// What came of it.
pub(super) struct Done {
    pub(super) folder: PathBuf,
    pub(super) request: Option<scan::Request>,
    pub(super) partial: bool,
    pub(super) edited: BTreeSet<PathBuf>,
    pub(super) versions: BTreeMap<PathBuf, i32>,
    /// What is wrong with the configuration.
    pub(super) trouble: Option<String>,
    /// What is found; nothing when the analysis broke down, with the reason.
    pub(super) results: Result<Results, String>,
}

/// Analyses. A panic in it is ours to mend, and ends nothing but this analysis.
pub(super) fn run(job: Job, requests: &Requests) -> Done {
    let Job { folder, request: before, anew, changed, partial, edited, texts, versions } = job;
    let mut trouble = None;
    let request = match before {
        Some(request) if !anew => request,
        before => {
            let made = catch_unwind(AssertUnwindSafe(|| requests(&folder)));
            match made.unwrap_or_else(|panic| Err(reason(&*panic))) {
                Ok(request) => request,
                Err(e) => {
                    trouble = Some(e);
                    let plain = || {
                        let fs = OsFs::for_paths([folder.as_path()]);
                        scan::Request::new(vec![folder.clone()], Arc::new(fs))
                    };
                    before.unwrap_or_else(plain)
                }
            }
        }
    };
    let changed = changed.map(|files| files.into_iter().collect());
    let open = texts.keys().cloned().collect();
    let fs: Arc<dyn FileSystem> = Arc::new(Overlay::new(Arc::clone(&request.fs), Arc::new(texts)));
    let asked = scan::Request { fs: Arc::clone(&fs), changed, open, ..request.clone() };
    let results = catch_unwind(AssertUnwindSafe(|| {
        let sources = SourceMap::new();
        let outcome = scan::check(&asked, &sources);
        Results::of(outcome, &sources, &*fs)
    }));
    let results = results.map_err(|panic| reason(&*panic));
    Done { folder, request: Some(request), partial, edited, versions, trouble, results }
}

/// What a panic says.
pub(super) fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned())
}
