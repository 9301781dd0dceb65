//! How much memory a process took.

use std::process::{Child, ExitStatus};
use std::time::Duration;

/// Waits for a process. Returns the most megabytes that it had at a time, which Linux knows until it ends.
pub(crate) fn peak(mut child: Child) -> (ExitStatus, Option<u64>) {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let high = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = high.and_then(|kb| kb.parse::<u64>().ok()).map(|kb| kb / 1024).or(peak);
        match child.try_wait().unwrap() {
            Some(ended) => return (ended, peak),
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}
