//! Small reports for the tests of the reporters.

use crate::analysis::verdict::{Enforcement, Evidence, Instances, Open, Verdict};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::fix::{Edit, Fix};
use crate::iam::facts::PrincipalKind;
use crate::report::{Report, Style};
use crate::scan::Unit;
use crate::source::{SourceMap, Span};
use crate::tri::Tri;
use crate::value::Unknown;

/// A rule.
pub(super) static RULE: RuleInfo = RuleInfo {
    code: "MFA002",
    name: "admin-user-without-mfa",
    severity: Severity::Critical,
    summary: "an administrator who needs no MFA",
    help: "require MFA in a policy of the user or of one of its groups",
    compliance: &["CIS 1.10"],
    page: "# admin-user-without-mfa\n\nAn administrator who needs no MFA.\n",
};

/// A unit.
pub(super) fn unit(path: &str) -> Unit {
    Unit { path: path.to_owned(), kind: "terraform", files: 2 }
}

/// A finding at a place.
pub(super) fn finding(rule: &'static RuleInfo, span: Span) -> Finding {
    Finding::new(
        rule,
        span,
        Tri::Yes,
        "aws_iam_user.alice",
        "user `alice` is an administrator and needs no MFA",
    )
    .unwrap()
}

/// The place of the first `needle` in a source.
pub(super) fn find(source: &crate::source::Source, needle: &str) -> Span {
    let start = source.text().find(needle).unwrap();
    Span::new(source.id(), start, start + needle.len())
}

/// A verdict.
pub(super) fn verdict(name: &str, span: Option<Span>) -> Verdict {
    Verdict {
        path: None,
        kind: PrincipalKind::User,
        address: Some(format!("aws_iam_user.{name}")),
        name: Some(name.to_owned()),
        span,
        console: Tri::Yes,
        keys: Tri::Yes,
        admin: Tri::Yes,
        mfa: Enforcement::NotEnforced,
        mfa_keys: Enforcement::NotEnforced,
        open: Open { actions: 22_091, takeover: vec!["iam:CreateAccessKey".into()], worst: Vec::new() },
        evidence: Vec::new(),
        unknown: Vec::new(),
        instances: Instances::One,
    }
}

/// The owned parts of a report.
pub(super) struct Parts {
    pub(super) sources: SourceMap,
    pub(super) units: Vec<Unit>,
    pub(super) verdicts: Vec<(usize, Verdict)>,
    pub(super) findings: Vec<(usize, Finding)>,
    pub(super) fixes: Vec<Option<Fix>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Parts {
    /// Nothing.
    pub(super) fn empty() -> Self {
        Self {
            sources: SourceMap::new(),
            units: vec![unit("envs/prod")],
            verdicts: Vec::new(),
            findings: Vec::new(),
            fixes: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Two files, a finding over both, three principals, a diagnostic of each kind.
    pub(super) fn example() -> Self {
        let mut parts = Self::empty();
        let main = parts.sources.add(
            "envs/prod/main.tf",
            "envs/prod/main.tf",
            "# Team\nresource \"aws_iam_user\" \"alice\" {\n  name = \"alice\"\n}\n\nresource \"aws_iam_user_group_membership\" \"alice\" {\n  user   = aws_iam_user.alice.name\n  groups = [\"admins\"]\n}\n",
        );
        let groups = parts.sources.add(
            "modules/groups/main.tf",
            "modules/groups/main.tf",
            "resource \"aws_iam_group_policy_attachment\" \"admins\" {\n\tgroup      = \"admins\"\n\tpolicy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}",
        );
        let declared = find(&main, "resource \"aws_iam_user\" \"alice\" {\n  name = \"alice\"\n}");
        let member = find(&main, "[\"admins\"]");
        let attached = find(&groups, "\"arn:aws:iam::aws:policy/AdministratorAccess\"");
        let mut f = finding(&RULE, declared);
        f.related = vec![
            Label { span: member, message: "member of group `admins`".into() },
            Label { span: attached, message: "`AdministratorAccess` attached here".into() },
        ];
        parts.findings.push((0, f));
        let end = Span::new(attached.source, attached.end as usize + 2, attached.end as usize + 2);
        parts.fixes.push(Some(Fix {
            title: "attach `require-mfa` to group `admins`".into(),
            edits: vec![
                Edit { span: attached, text: "local.admin".into() },
                Edit { span: end, text: "\n\n# More.\n".into() },
            ],
            declares: false,
        }));
        let mut alice = verdict("alice", Some(declared));
        alice.evidence = vec![
            Evidence { text: "member of group `admins`".into(), span: Some(member) },
            Evidence { text: "`AdministratorAccess` attached here".into(), span: Some(attached) },
        ];
        let mut bob = verdict("bob", Some(find(&main, "[\"admins\"]")));
        bob.address = None;
        bob.admin = Tri::Maybe;
        bob.mfa = Enforcement::Unknown;
        bob.mfa_keys = Enforcement::Partial;
        bob.unknown = vec![Unknown::new("`var.extra_groups` has no value", Some(member))];
        let mut deploy = verdict("deploy", None);
        deploy.kind = PrincipalKind::Role;
        deploy.console = Tri::No;
        deploy.admin = Tri::No;
        deploy.mfa = Enforcement::NotApplicable;
        deploy.mfa_keys = Enforcement::NotApplicable;
        deploy.open = Open::default();
        deploy.instances = Instances::Unknown;
        parts.verdicts = vec![(0, deploy), (0, bob), (0, alice)];
        parts.diagnostics = vec![
            Diagnostic::at(
                Code::RemoteModule,
                Level::Warning,
                find(&main, "# Team"),
                "module `team` is not on this machine; run `terraform init`",
            ),
            Diagnostic::path(
                Code::NotUtf8,
                Level::Error,
                "envs/prod/latin1.tf",
                "`envs/prod/latin1.tf` is not UTF-8 text",
            ),
        ];
        parts
    }

    /// A path that nobody should have.
    pub(super) const HOSTILE_PATH: &'static str = "a,b:c%0A=\u{1b}[2J|<i>`@all`/x\u{202e}.tf";

    /// A finding for each name that is more than a name in some format.
    pub(super) fn hostile() -> Self {
        const NAMES: [&str; 12] = [
            "a\n::error::owned",
            "a\r::stop-commands::x",
            "%0A::set-output name=x::y",
            "##[set-output name=x]y",
            "a|b|c",
            "`</code><script>alert(1)</script>",
            "![x](https://example.com/x.png) [y](javascript:z) @everyone #1",
            "]]></failure><failure>",
            "\" message=\"x",
            "&amp;&#0;",
            "\u{0}\u{8}\u{b}\u{1b}[31m\u{7f}\u{85}\u{fffe}\u{ffff}",
            "abc\u{202e}fed\u{2066}",
        ];
        let mut parts = Self::empty();
        let source = parts.sources.add(Self::HOSTILE_PATH, Self::HOSTILE_PATH, "resource x\n");
        parts.units = vec![unit(Self::HOSTILE_PATH)];
        for name in NAMES {
            let mut f = finding(&RULE, find(&source, "resource x"));
            f.subject = name.to_owned();
            f.label = name.to_owned();
            f.message = format!("user `{name}` needs no MFA");
            f.help = format!("ask {name}");
            let mut v = verdict(name, Some(f.span));
            v.address = Some(name.to_owned());
            // What only this one is found by; findings of one place and proof are alike.
            f.related =
                vec![Label { span: Span::new(source.id(), 0, parts.findings.len()), message: name.into() }];
            parts.findings.push((0, f));
            parts.verdicts.push((0, v));
        }
        parts
    }

    /// The report of these parts.
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            sources: &self.sources,
            units: &self.units,
            verdicts: &self.verdicts,
            findings: &self.findings,
            fixes: &self.fixes,
            review_of: None,
            diagnostics: &self.diagnostics,
            files: 2,
            duration_ms: None,
        }
    }

    /// What a reporter writes.
    pub(super) fn written(&self, name: &str, style: &Style) -> String {
        let reporter = super::REPORTERS.iter().find(|r| r.name == name).unwrap();
        let mut out = Vec::new();
        (reporter.write)(&self.report(), &mut out, style).unwrap();
        String::from_utf8(out).unwrap()
    }
}
