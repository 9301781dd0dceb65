//! `status` of a large account that is asked on loopback: time, memory, calls. `cargo bench --bench live`
//!
//! The memory is the high-water mark that Linux keeps of a process; elsewhere it is left out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark fails by panicking"
)]

#[path = "../tests/live/aws.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod aws;
#[path = "../tests/common/peak.rs"]
mod peak;

use std::process::Stdio;
use std::time::Instant;

use aws::{Account, Aws, user};
use peak::peak;

fn main() {
    for (users, suspicious) in [(1_000, 20), (5_000, 100)] {
        let mut all: Vec<_> =
            (0..users - suspicious).map(|n| user(&format!("good{n}")).console().device()).collect();
        all.extend((0..suspicious).map(|n| user(&format!("bad{n}")).console()));
        let statement = r#"{"Effect": "Allow", "Action": ["s3:Get*", "ec2:Describe*"], "Resource": "*"}"#;
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        for user in &mut all {
            user.inline.push(("own".to_owned(), document.clone()));
            user.groups.push("people".to_owned());
        }
        let mut account = Account::new(all);
        account.groups.push(("people".to_owned(), vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()]));
        let aws = Aws::of(account).start();
        let begun = Instant::now();
        let child = aws.command(&["status", "--format", "json"]).stdout(Stdio::null()).spawn().unwrap();
        let (ended, memory) = peak(child);
        assert_eq!(ended.code(), Some(1));
        let memory = memory.map_or_else(|| "?".to_owned(), |mb| mb.to_string());
        println!(
            "{users} users, {suspicious} suspicious: {:.2} s, {memory} MB, {} calls",
            begun.elapsed().as_secs_f64(),
            aws.asked().len()
        );
    }
}
