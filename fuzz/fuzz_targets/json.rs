//! A CloudFormation template in JSON, evaluated and judged.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

fuzz_target!(|text: &str| {
    let request = scan::Request::new(
        vec![PathBuf::from("template.json")],
        Arc::new(MemFs::new().with("template.json", text)),
    );
    scan::check(&request, &SourceMap::new());
});
