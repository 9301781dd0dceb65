//! Words and labels that several rules share.

use crate::account::{Account, User};
use crate::analysis::policies::MfaStatement;
use crate::analysis::verdict::{Enforcement, Evidence};
use crate::analysis::{Judged, Proof};
use crate::finding::{Finding, Label};
use crate::limits;
use crate::policy::arn::is_account;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::Unknown;

/// Whether a verdict leaves something open.
pub(super) fn weak(mfa: Enforcement) -> Tri {
    match mfa {
        Enforcement::NotEnforced | Enforcement::Partial => Tri::Yes,
        Enforcement::Unknown => Tri::Maybe,
        Enforcement::Enforced | Enforcement::NotApplicable => Tri::No,
    }
}

/// Whether a right is worth a finding: of a principal that is declared elsewhere only what is certain here.
pub(super) fn known_here(judged: &Judged, right: Tri) -> Tri {
    match (right, &judged.verdict.address) {
        (Tri::Maybe, None) => Tri::No,
        (Tri::Yes | Tri::No, None) | (_, Some(_)) => right,
    }
}

/// Whether a gate exists that closes at least something.
pub(super) fn gated(mfa: Enforcement) -> bool {
    match mfa {
        Enforcement::Enforced | Enforcement::Partial => true,
        Enforcement::NotEnforced | Enforcement::Unknown | Enforcement::NotApplicable => false,
    }
}

/// What the subject is called: its address, else its name.
pub(super) fn subject(judged: &Judged) -> String {
    let v = &judged.verdict;
    v.address.clone().or_else(|| v.name.clone()).unwrap_or_else(|| "?".to_owned())
}

/// "user `alice`".
pub(super) fn who(judged: &Judged) -> String {
    let v = &judged.verdict;
    format!("{} `{}`", v.kind.as_str(), v.label())
}

/// What MFA does for this principal, as the end of a sentence that names its rights.
pub(super) fn without_mfa(judged: &Judged) -> String {
    let v = &judged.verdict;
    match (v.mfa, v.mfa_keys) {
        (Enforcement::NotEnforced, Enforcement::NotEnforced) => "and nothing asks for MFA".to_owned(),
        (Enforcement::NotEnforced, _) => "and nothing asks a console session for MFA".to_owned(),
        (Enforcement::Partial, _) => format!("and MFA is enforced only in part: {}", open(judged)),
        (Enforcement::Enforced, Enforcement::NotEnforced) => {
            "and long-term access keys work without MFA".to_owned()
        }
        (Enforcement::Enforced, Enforcement::Partial) => {
            format!("and for long-term access keys MFA is enforced only in part: {}", open(judged))
        }
        (Enforcement::Enforced | Enforcement::Unknown | Enforcement::NotApplicable, _) => {
            format!("and whether MFA is enforced is not settled: {}", missing(judged))
        }
    }
}

/// What stays open, in a few words.
pub(super) fn open(judged: &Judged) -> String {
    let open = &judged.verdict.open;
    let mut names: Vec<&str> = open.takeover.iter().chain(&open.worst).map(String::as_str).collect();
    names.truncate(3);
    let listed = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match open.actions.saturating_sub(names.len()) {
        0 => format!("{listed} {} open", if names.len() == 1 { "stays" } else { "stay" }),
        1 => format!("{listed} and 1 more action stay open"),
        rest => format!("{listed} and {rest} more actions stay open"),
    }
}

/// The first thing that is not settled.
pub(super) fn missing(judged: &Judged) -> String {
    reasons(&judged.verdict.unknown)
}

/// The first of several reasons.
pub(super) fn reasons(unknown: &[Unknown]) -> String {
    match unknown.split_first() {
        Some((first, [])) => first.reason().to_owned(),
        Some((first, rest)) if rest.len() < limits::LISTED => {
            format!("{} (and {} more)", first.reason(), rest.len())
        }
        Some((first, _)) => format!("{} (and many more)", first.reason()),
        None => "the code does not say".to_owned(),
    }
}

/// "statement `DenyWithoutMfa`".
pub(super) fn statement(statement: &MfaStatement) -> String {
    match &statement.sid {
        Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
        Some(_) | None => "this statement".to_owned(),
    }
}

/// Makes the element that opens the gate the primary place; the gate itself when no element is to blame.
pub(super) fn move_to_gate(finding: &mut Finding, proof: &Proof) {
    if let Some((span, text)) = gate_place(proof) {
        finding.span = span;
        text.clone_into(&mut finding.label);
    }
}

/// The element that opens the gate; the gate itself when no element is to blame.
pub(super) fn gate_place(proof: &Proof) -> Option<(Span, &str)> {
    proof.holes.iter().chain(&proof.gate).find_map(|e| Some((e.span?, e.text.as_str())))
}

/// Where a gate exists already, the help is to close it.
pub(super) fn close_the_gate(finding: &mut Finding, judged: &Judged) {
    let v = &judged.verdict;
    if let Some(hole) = judged.proof.holes.first().filter(|_| gated(v.mfa) || gated(v.mfa_keys)) {
        finding.help = format!("close what the gate leaves open: {}", hole.text);
        finding.remedies.clear();
    }
}

/// Adds the places of a proof as related labels, each place once, and no more than are listed.
pub(super) fn prove<'a>(finding: &mut Finding, evidence: impl IntoIterator<Item = &'a Evidence>) {
    for e in evidence {
        if finding.related.len() >= limits::LISTED {
            return;
        }
        if let Some(span) = e.span
            && (span != finding.span || e.text != finding.label)
            && !finding.related.iter().any(|l| l.span == span && l.message == e.text)
        {
            finding.related.push(Label { span, message: e.text.clone() });
        }
    }
}

/// Adds a place as a related label, unless it is the primary one.
pub(super) fn point(finding: &mut Finding, span: Span, text: &str) {
    prove(finding, &[Evidence { text: text.to_owned(), span: Some(span) }]);
}

/// Adds what is not settled as related labels.
pub(super) fn name_unknowns(finding: &mut Finding, unknown: &[Unknown]) {
    let room = limits::LISTED.saturating_sub(finding.related.len());
    let label =
        |u: &Unknown| Some(Label { span: u.span()?, message: format!("not settled: {}", u.reason()) });
    finding.related.extend(unknown.iter().filter_map(label).take(room));
}

/// What a user of an account is called: its ARN, else its name.
pub(super) fn account_user(user: &User) -> String {
    if user.arn.is_empty() { user.name.clone() } else { user.arn.clone() }
}

/// What the root user of an account is called.
pub(super) fn account_root(account: &Account) -> String {
    match is_account(&account.id) {
        true => format!("arn:{}:iam::{}:root", account.partition, account.id),
        false => format!("root of {}", account.id),
    }
}

/// "has a console password and no MFA device (credential-report of 2026-11-22T08:00:00Z)".
pub(super) fn password_and_device(user: &User) -> String {
    let has = match (user.console.value, user.has_keys()) {
        (Tri::Yes, _) => "has a console password",
        (Tri::Maybe, Tri::Yes) => "has an access key, perhaps a console password",
        (Tri::No, Tri::Yes) => "has an access key",
        (Tri::Maybe, Tri::No | Tri::Maybe) => "may have a console password",
        (Tri::No, Tri::No | Tri::Maybe) => "may have an access key",
    };
    let lacks = match user.mfa.value {
        Tri::No => "no MFA device",
        Tri::Maybe | Tri::Yes => "perhaps no MFA device",
    };
    let source = user.mfa.source.or(user.console.source).map(|s| match s.at {
        Some(at) => format!(" ({} of {at})", s.from.as_str()),
        None => format!(" ({})", s.from.as_str()),
    });
    format!("{has} and {lacks}{}", source.unwrap_or_default())
}
