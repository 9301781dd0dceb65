//! Writes many generated users as one file of a data set, and says what that took:
//! `cargo run --release --no-default-features --features parquet --example dataset -- FILE ROWS`

#![allow(clippy::unwrap_used, reason = "an example fails by panicking")]

use std::fs;
use std::time::Instant;

use mfaguard::account::time::Time;
use mfaguard::report::dataset::{self, Record};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args().skip(1);
    let (file, rows) = (args.next().unwrap(), args.next().unwrap().parse::<u32>().unwrap());
    let names =
        (0..rows).map(|n| (n, format!("user-{n}"), format!("arn:aws:iam::111122223333:user/team/user-{n}")));
    let started = Instant::now();
    let records = names.map(|(n, name, arn)| Record {
        alias: Some("example"),
        user: name.into(),
        arn: arn.into(),
        console: Some(n % 3 != 0),
        password_last_used: (n % 5 != 0).then(|| Time::from_seconds(1_700_000_000 + i64::from(n))),
        mfa_active: (n % 11 != 0).then_some(n % 10 != 0),
        access_keys: Some((n % 3).cast_signed()),
        mfa: "enforced",
        mfa_keys: "not-enforced",
        verdict: if n % 10 == 0 { "fail" } else { "ok" },
        ..Record::default()
    });
    dataset::write(records, fs::File::create(&file).unwrap()).unwrap();
    let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("?").trim().to_owned();
    println!(
        "{rows} rows in {:.1} s, {} bytes, peak {peak}",
        started.elapsed().as_secs_f32(),
        fs::metadata(&file).unwrap().len()
    );
}
