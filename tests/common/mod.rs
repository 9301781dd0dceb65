//! The binary with little time and memory.

use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a tree of files.
pub(crate) fn write(root: &Path, files: &[(String, String)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Analyses a tree with little time and memory; gives the report, and everything that was printed.
pub(crate) fn run_bounded(root: &Path) -> (serde_json::Value, String) {
    // Seconds of processor time, for a binary that is not optimised; the stack of a thread is reserved, not used.
    let script = "ulimit -t 60 && ulimit -v 3000000 && exec \"$0\" check . --format json --exit-zero";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_mfaguard")])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let all = format!("{out}{err}");
    let report = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {:?} {err}", output.status));
    (report, all)
}

/// The codes of the diagnostics of a report.
pub(crate) fn codes(report: &serde_json::Value) -> Vec<&str> {
    report["diagnostics"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect()
}
