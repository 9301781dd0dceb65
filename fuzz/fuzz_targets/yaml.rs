//! A CloudFormation template in YAML, evaluated and judged.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

fuzz_target!(|text: &str| {
    let request = scan::Request {
        paths: vec![PathBuf::from("template.yaml")],
        fs: Arc::new(MemFs::new().with("template.yaml", text)),
        rules: Default::default(),
        terraform: Default::default(),
        cloudformation: Default::default(),
    };
    scan::check(&request, &SourceMap::new());
});
