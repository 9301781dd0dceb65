//! The snapshot of an account before it is in a directory.

use std::collections::BTreeMap;

/// The answers about an account, as files.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// The number of the account.
    pub account: String,
    /// The files of its snapshot, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What could not be read, one sentence each. The snapshot says the same in `meta.json`.
    pub problems: Vec<String>,
}
