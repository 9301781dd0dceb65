//! A Terraform file, split into blocks; of its blocks only module calls are parsed.

#![no_main]

use std::path::PathBuf;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mfaguard::frontend::terraform::Terraform;
use mfaguard::fs::MemFs;
use mfaguard::source::SourceMap;

fuzz_target!(|text: &str| {
    let sources = SourceMap::new();
    let fs = Arc::new(MemFs::new().with("main.tf", text));
    Terraform::new(fs, &sources).calls(&[PathBuf::from(".")]).roots();
});
