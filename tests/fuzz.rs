//! Every target of `fuzz/` with its seeds and some changes of them, the same on every machine: what libFuzzer does for
//! hours, for seconds and without its toolchain. With `FUZZ_CORPUS=DIR` the seeds are written there for it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[allow(unreachable_pub, reason = "it is a crate of its own as well")]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fuzz::{BETWEEN, TARGETS, Target};

/// Changed texts for each target.
const CHANGED: u64 = 120;
/// Longer seeds are for libFuzzer.
const LONGEST: usize = 8 << 10;

/// What matters to one of the languages.
const WORDS: &[&str] = &[
    "\"",
    "${",
    "}",
    "{",
    "[",
    "]",
    "\n",
    "<<E\n",
    "*/",
    "/*",
    "#",
    "//",
    "\\u0000",
    "\\",
    ":",
    "- ",
    "!Sub ",
    "&a ",
    "*a",
    "<<: ",
    "Fn::If",
    "mfaguard: ignore[MFA001] x until=2027-01-31",
    "for_each",
    "count = 1",
    "jsonencode(",
    "Resource",
    "NotAction",
    "Condition",
    "*",
    "?",
    "true",
    "null",
    "-1",
    "1e999",
    "\u{feff}",
    "é\u{301}",
    "\u{1e}",
];

/// Numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    fn range(&mut self, of: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(of.len() + 1);
        start..(start + self.below(40)).min(of.len())
    }
}

fn changed(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.range(&out);
        match dice.below(6) {
            0 => drop(out.splice(at, [])),
            1 => drop(out.splice(at.start..at.start, WORDS[dice.below(WORDS.len())].bytes())),
            2 => drop(out.splice(at, WORDS[dice.below(WORDS.len())].bytes())),
            3 => {
                let piece = other[dice.range(other)].to_vec();
                drop(out.splice(at.start..at.start, piece));
            }
            4 => drop(out.splice(at, [dice.below(256) as u8])),
            _ => {
                let piece = out[at.clone()].to_vec();
                drop(out.splice(at.end..at.end, piece));
            }
        }
    }
    out
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    for path in entries.collect::<BTreeSet<_>>() {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// The texts that a target begins with.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let (dir, endings) = target.seeds;
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(dir), &mut all);
    let first = all.iter().filter(|p| endings.first().is_some_and(|e| p.to_string_lossy().ends_with(e)));
    let read = |path: &PathBuf| match endings {
        [_] => std::fs::read(path).unwrap(),
        names => {
            let parts = names.iter().map(|n| std::fs::read(path.with_file_name(n)).unwrap_or_default());
            parts.collect::<Vec<_>>().join(&BETWEEN)
        }
    };
    let mut seeds: Vec<Vec<u8>> = first.map(read).collect();
    seeds.extend(target.texts.iter().map(|text| text.as_bytes().to_vec()));
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    seeds
}

fn run(target: &Target, text: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| fuzz::run(target.name, text))).is_err() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
        std::fs::write(&file, text).unwrap();
        panic!("{} fails on the text in {}", target.name, file.display());
    }
}

fn smoke(name: &str) {
    let target = TARGETS.iter().find(|t| t.name == name).unwrap();
    let all = seeds(target);
    if let Some(dir) = std::env::var_os("FUZZ_CORPUS") {
        let dir = Path::new(&dir).join(name);
        std::fs::create_dir_all(&dir).unwrap();
        all.iter().enumerate().for_each(|(n, s)| std::fs::write(dir.join(format!("seed-{n}")), s).unwrap());
        return;
    }
    let mut short: Vec<&Vec<u8>> = all.iter().filter(|s| s.len() <= LONGEST).collect();
    if short.is_empty() {
        short = all.iter().collect();
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for n in 0..CHANGED {
        // Some seeds as they are, then what becomes of them.
        let seed = short[dice.below(short.len())];
        let other = short[dice.below(short.len())];
        let text = if n < 5 { seed.clone() } else { changed(seed, other, &mut dice) };
        run(target, &text);
    }
}

macro_rules! smoke {
    ($($name:ident)+) => {
        $(#[test] fn $name() { smoke(stringify!($name)); })+

        /// No target is left out, here or there.
        #[test]
        fn every_target_is_run() {
            let names: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
            let cargo = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml")).unwrap();
            for name in names {
                assert!(cargo.contains(&format!("fuzz_targets/{name}.rs")), "{name}");
            }
        }
    };
}

smoke!(index terraform terraform_json variables recorded state modules yaml json parameters policy change account
    answer report drift config baseline fix_terraform fix_yaml fix_json editor);
