//! The binary in a repository of its own.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A directory that is the top of a repository, with files.
pub(crate) fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(".git")).unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

/// Writes a file, in a directory that may be new.
pub(crate) fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Runs the binary in a directory, without anything of the environment.
pub(crate) fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .args(args)
        .env_clear()
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}
