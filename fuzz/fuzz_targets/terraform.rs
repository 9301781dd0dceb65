//! A Terraform file, evaluated and judged.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

fuzz_target!(|text: &str| {
    let fs = Arc::new(MemFs::new().with("main.tf", text));
    let request = scan::Request::new(vec![PathBuf::from("main.tf")], fs);
    scan::check(&request, &SourceMap::new());
});
