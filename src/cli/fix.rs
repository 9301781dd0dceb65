//! `mfaguard check --fix` and `--diff`.

use anyhow::Context as _;
use similar::TextDiff;

use super::args::Check;
use super::{Exit, output};
use crate::finding::Finding;
use crate::fix::{self, Mended};
use crate::fs;
use crate::report::Detail;
use crate::scan::Request;

/// Fixes the files, and says how many findings are gone.
pub(super) fn write(request: &Request, args: &Check) -> anyhow::Result<()> {
    let mended = mend(request);
    for file in &mended.files {
        fs::rewrite(&file.path, &file.old, &file.new)
            .with_context(|| format!("`{}` cannot be fixed", file.path.display()))?;
    }
    summary("fixed", &mended, args);
    Ok(())
}

/// Prints what fixing would change.
pub(super) fn diff(request: &Request, args: &Check) -> anyhow::Result<Exit> {
    let mended = mend(request);
    let mut out = String::new();
    for file in &mended.files {
        let path = file.path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/");
        let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
        let (before, after) = (named("a", &path), named("b", &path));
        let diff = TextDiff::from_lines(&*file.old, &*file.new);
        let text = diff.unified_diff().header(&before, &after).to_string();
        out.push_str(&text);
    }
    output::print(out.as_bytes())?;
    summary("would fix", &mended, args);
    Ok(match (mended.incomplete, out.is_empty() || args.judging.exit_zero) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Findings,
    })
}

/// A path in the head of a diff, as Git writes it: in quotes when it holds what would end the line or the quotes.
fn named(side: &str, path: &str) -> String {
    let name = format!("{side}/{path}");
    let plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\');
    if name.chars().all(plain) {
        return name;
    }
    let written = name.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if plain(c) => c.to_string(),
        c => c.to_string().bytes().map(|b| format!("\\{b:03o}")).collect(),
    });
    format!("\"{}\"", written.collect::<String>())
}

fn mend(request: &Request) -> Mended {
    let counts = |f: &Finding| f.suppressed.is_none() && request.rules.takes(f.rule);
    fix::mend(request, counts)
}

fn summary(did: &str, mended: &Mended, args: &Check) {
    if args.look.detail() == Detail::Quiet {
        return;
    }
    let number = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let (found, files) = (number(mended.found, "finding"), number(mended.files.len(), "file"));
    output::warn(format!("{did} {} of {found} in {files}\n", mended.fixed).as_bytes());
}
