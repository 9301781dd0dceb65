//! A policy document, read as both kinds and judged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mfaguard::policy::eval::Grants;
use mfaguard::policy::judge::judge;
use mfaguard::policy::parse::{DocumentKind, parse};
use mfaguard::policy::slices::Subject;
use mfaguard::policy::trust::{TrustSubject, trust};
use mfaguard::value::Value;

fuzz_target!(|text: &str| {
    let value = Value::string(text, None);
    let parsed = parse(&value, DocumentKind::Identity);
    let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
    judge(&grants, &Subject { name: Some("alice".to_owned()), ..Subject::default() });
    let parsed = parse(&value, DocumentKind::Trust);
    trust(&parsed.document, TrustSubject { name: Some("role"), ..TrustSubject::default() });
});
