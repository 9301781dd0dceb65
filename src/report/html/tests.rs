//! What a page holds and what it does not.

use super::{SCRIPT, STYLE};
use crate::report::testing::Parts;
use crate::report::{Detail, Style};

fn page(parts: &Parts) -> String {
    parts.written("html", &Style { color: true, detail: Detail::Normal })
}

#[test]
fn a_page_loads_nothing_and_allows_nothing_but_itself() {
    let page = page(&Parts::example());
    for word in
        ["http:", "https:", "src=", "<link", "<iframe", "url(", "@import", "import(", "fetch(", "style=\""]
    {
        assert!(!page.contains(word), "{word}");
    }
    let between = |start: &str, end: &str| page.split(start).nth(1).unwrap().split(end).next().unwrap();
    let policy = between("Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (name, text) in [
        ("style-src", between("<style>", "</style>")),
        ("script-src", page.split("<script>").last().unwrap().split("</script>").next().unwrap()),
    ] {
        use base64::Engine as _;
        use sha2::Digest as _;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
        assert!(policy.contains(&format!("{name} 'sha256-{hash}'")), "{name}: {policy}");
    }
    assert!(page.contains(STYLE) && page.contains(SCRIPT));
}

/// Nothing but the style and the script goes past the escaper.
#[test]
fn only_our_own_text_is_not_escaped() {
    for (template, trusted) in [
        (include_str!("page.html"), vec!["{{ shell.style|safe }}", "{{ shell.script|safe }}"]),
        (include_str!("parts.html"), vec![]),
        (include_str!("status.html"), vec![]),
        (include_str!("check.html"), vec![]),
    ] {
        assert_eq!(template.matches("safe").count(), trusted.len());
        assert!(trusted.iter().all(|t| template.contains(t)));
        // A value that is an attribute stands in quotes.
        assert!(!template.contains("={{"));
    }
}

#[test]
fn verdicts_proofs_code_and_problems_of_a_check() {
    let page = page(&Parts::example());
    for text in [
        "<td data-name=\"principal\" class=\"strong\" title=\"aws_iam_user.alice\">alice</td>",
        "<li>`AdministratorAccess` attached here <code class=\"faint\">modules/groups/main.tf:3:15</code></li>",
        "<li>not settled: `var.extra_groups` has no value",
        "<mark>resource &quot;aws_iam_user&quot; &quot;alice&quot; {</mark>",
        " policy_arn = <mark>&quot;arn:aws:iam::aws:policy/AdministratorAccess&quot;</mark></code>",
        "`envs/prod/latin1.tf` is not UTF-8 text",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
}

#[test]
fn an_empty_run_is_a_whole_page() {
    let page = page(&Parts::empty());
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
    assert!(page.contains("<p>None.</p>"));
}

/// Names of files, of users and of resources come from anybody.
#[test]
fn hostile_code_is_inert() {
    let evil = "</script><img src=x onerror=alert(1)>\" onclick='x' \u{202e}\u{1b}[2J & {{ 7 }}";
    let mut parts = Parts::example();
    for (_, finding) in &mut parts.findings {
        finding.message = evil.to_owned();
        finding.label = evil.to_owned();
        finding.help = evil.to_owned();
    }
    for (_, verdict) in &mut parts.verdicts {
        verdict.name = Some(evil.to_owned());
        verdict.address = Some(evil.to_owned());
    }
    parts.units[0].path = evil.to_owned();
    let page = page(&parts);
    assert_eq!(page.matches("</script>").count(), 1);
    for word in ["<img", "\u{202e}", "\u{1b}", "\" onclick", "' onclick", "& {{"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains(
        "&lt;img src=x onerror=alert(1)&gt;&quot; onclick=&#39;x&#39; \u{fffd}\u{fffd}[2J &amp; {{ 7 }}"
    ));
}
