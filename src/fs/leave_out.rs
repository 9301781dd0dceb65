//! The files that say what a walk leaves out. They are read by a library that waits for a pipe and takes every pattern,
//! so that they are looked at before.

use std::path::{Path, PathBuf};

use super::{FileSystem as _, FsError, OsFs};
use crate::limits;

/// What they are called.
const NAMES: [&str; 2] = [".gitignore", ".ignore"];

/// Whether patterns can be taken without more than little time, memory and stack.
pub(crate) fn is_modest(patterns: &[u8]) -> bool {
    patterns.split(|b| *b == b'\n').all(|line| {
        line.len() <= limits::PATTERN_BYTES
            && line.iter().filter(|b| matches!(b, b'{' | b'[')).count() <= limits::DEPTH
    })
}

impl OsFs {
    /// What is wrong with the lists of a directory, the first that cannot be taken.
    pub(super) fn bad_list(&self, dir: &Path) -> Option<(PathBuf, FsError)> {
        NAMES.iter().find_map(|name| {
            let path = dir.join(name);
            let why = match self.bytes(&path, limits::PATTERNS_BYTES) {
                Err(FsError::NotFound(_)) => return None,
                Ok(bytes) if is_modest(&bytes) => return None,
                Ok(_) => "a pattern in it is too long or nested too deep".to_owned(),
                Err(FsError::TooLarge(_, most)) => format!("it is larger than {} KiB", most >> 10),
                Err(FsError::Outside(_)) => "it leads out of the project".to_owned(),
                Err(FsError::NotAFile(_)) => "it is not a regular file".to_owned(),
                Err(e) => e.to_string(),
            };
            let shown = path.display().to_string();
            Some((path, FsError::NotLeftOut(shown, why)))
        })
    }

    /// What is wrong with the lists of the directories around one, as far as they are in the jail.
    pub(super) fn bad_list_above(&self, dir: &Path) -> Option<(PathBuf, FsError)> {
        let (real, _) = self.enter(dir).ok()?;
        let inside = |dir: &&Path| self.roots.iter().any(|root| dir.starts_with(root));
        real.ancestors().skip(1).take_while(inside).find_map(|above| self.bad_list(above))
    }
}
