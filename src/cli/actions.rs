//! `--actions-file`: another list of AWS actions.

use std::path::Path;

use anyhow::Context as _;

use crate::fs::{FileSystem as _, OsFs};
use crate::policy::actions::Names;

/// Judges by the list in this file from now on.
pub(super) fn replace(file: &Path) -> anyhow::Result<()> {
    let list = OsFs::for_paths([file]).read(file)?;
    Names::replace_embedded(&list).with_context(|| format!("`{}` is no list of actions", file.display()))
}
