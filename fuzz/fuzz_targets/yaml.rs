//! A CloudFormation template in YAML, evaluated and judged.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

fuzz_target!(|text: &str| {
    let request = scan::Request::new(
        vec![PathBuf::from("template.yaml")],
        Arc::new(MemFs::new().with("template.yaml", text)),
    );
    scan::check(&request, &SourceMap::new());
});
