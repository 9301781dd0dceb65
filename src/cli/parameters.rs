//! Values of CloudFormation parameters from files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::anyhow;

use crate::frontend::cloudformation::parse_parameters;
use crate::fs::{FileSystem as _, OsFs};

/// The parameters of all files; later files win.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for file in files {
        let text = OsFs::for_paths([file.as_path()]).read(file)?;
        let values = parse_parameters(&text)
            .map_err(|why| anyhow!("`{}` holds no parameter values: {why}", file.display()))?;
        all.extend(values);
    }
    Ok(all)
}
