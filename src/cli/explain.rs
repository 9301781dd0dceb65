//! `mfaguard explain`.

use anyhow::bail;

use super::args::Explain;
use super::{Exit, output};
use crate::rules::{self, RULES};

/// Least likeness of a name that is worth suggesting (Jaro-Winkler, 0 to 1).
const LIKENESS: f64 = 0.7;

/// Prints the page of a rule.
pub(super) fn run(args: &Explain) -> anyhow::Result<Exit> {
    let Some(rule) = rules::find(&args.rule) else {
        bail!(no_such_rule(&args.rule));
    };
    let page = rule.info.page_text();
    let page = if output::color_stdout(args.color) { colored(&page) } else { page };
    output::print(page.as_bytes())?;
    Ok(Exit::Clean)
}

/// What to say about a rule that does not exist: the nearest ones, or where the list is.
pub(super) fn no_such_rule(name: &str) -> String {
    let wanted = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = RULES
        .iter()
        .flat_map(|r| [r.info.code, r.info.name])
        .map(|known| (strsim::jaro_winkler(&wanted, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let names: Vec<String> = near.iter().take(3).map(|(_, known)| format!("`{known}`")).collect();
    if names.is_empty() {
        format!("no rule is called `{name}`; `mfaguard rules` lists them")
    } else {
        format!("no rule is called `{name}`; did you mean {}?", names.join(", "))
    }
}

/// Markdown with bold headings and faint code, which is all that pages hold.
fn colored(page: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for line in page.lines() {
        let fence = line.starts_with("```");
        let style = match (fence || code, line.starts_with('#')) {
            (true, _) => "\x1b[2m",
            (false, true) => "\x1b[1m",
            (false, false) => "",
        };
        code ^= fence;
        out.push_str(style);
        out.push_str(line);
        out.push_str(if style.is_empty() { "\n" } else { "\x1b[0m\n" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_answered_with_near_ones() {
        assert!(no_such_rule("MFA01").contains("`MFA001`"));
        assert!(no_such_rule("admin-user-with-mfa").contains("`admin-user-without-mfa`"));
        assert!(no_such_rule("zzz").contains("`mfaguard rules`"));
    }

    #[test]
    fn colours_change_no_text() {
        let page = "# A\n\ntext\n```hcl\n# code\n```\n## B\n";
        let mut plain = colored(page);
        for code in ["\x1b[2m", "\x1b[1m", "\x1b[0m"] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, page);
    }
}
