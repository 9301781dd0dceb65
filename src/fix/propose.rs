//! What may take a finding away. Nothing here is certain: every candidate is tried.

use std::sync::Arc;

use super::bench::Bench;
use super::page::Page;
use super::statement::{self, Mend};
use super::{Edit, Fix, attach, patch, wrap};
use crate::finding::{Certainty, Finding};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Principal};
use crate::policy::document::{Effect, Parsed, PrincipalItem, PrincipalType, Statement};
use crate::scan::Model;
use crate::source::Span;

/// The order in which findings are fixed: policies before those who have them, groups before their members.
pub(super) fn order(finding: &Finding) -> u8 {
    match finding.rule.code {
        "MFA106" | "MFA102" => 0,
        "MFA101" | "MFA104" | "MFA005" | "MFA006" => 1,
        "MFA004" => 2,
        "MFA003" => 3,
        _ => 4,
    }
}

/// Whether findings of this kind have fixes.
pub(super) fn may_be_fixed(finding: &Finding) -> bool {
    const CODES: [&str; 10] =
        ["MFA001", "MFA002", "MFA003", "MFA004", "MFA005", "MFA006", "MFA101", "MFA102", "MFA104", "MFA106"];
    let counts = finding.certainty == Certainty::Proven && finding.suppressed.is_none();
    counts && CODES.contains(&finding.rule.code)
}

/// Fixes for a finding, the best first.
pub(super) fn candidates(bench: &Bench<'_>, unit: usize, finding: &Finding) -> Vec<Fix> {
    let mut out: Vec<Fix> = Vec::new();
    for (model, gates) in bench.models_of(unit) {
        let place = Place { bench, unit, model };
        let respelt = || place.respelt(finding).into_iter();
        let found: Vec<Fix> = match finding.rule.code {
            "MFA101" | "MFA104" => place.of_statement(finding),
            "MFA102" => place.of_statement(finding).into_iter().chain(respelt()).collect(),
            "MFA106" => place.wrapped(finding).into_iter().chain(respelt()).collect(),
            "MFA004" => place.of_trust(finding),
            // A gate that leaves something open is better closed than doubled.
            _ => {
                out.extend(place.of_gates(finding));
                out.extend(place.attached(finding, gates));
                continue;
            }
        };
        out.extend(found);
    }
    out
}

/// Where fixes are looked for.
#[derive(Clone, Copy)]
pub(super) struct Place<'b> {
    pub(super) bench: &'b Bench<'b>,
    pub(super) unit: usize,
    pub(super) model: &'b Model,
}

impl<'b> Place<'b> {
    /// The page of a text that may be changed.
    pub(super) fn page(&self, span: Span) -> Option<Page> {
        let sources = self.bench.sources;
        let source = sources.get(span.source).filter(|_| sources.shown_as(span) == span)?;
        self.bench.may_change(source.path(), self.unit).then(|| Page::new(source))
    }

    /// A fix of edits, which keep columns aligned.
    pub(super) fn fix(&self, title: impl Into<String>, edits: Vec<Edit>) -> Option<Fix> {
        let edits = patch::aligned(edits, self.bench.sources)?;
        let may = |e: &Edit| self.page(e.span).is_some();
        (!edits.is_empty() && edits.iter().all(may)).then(|| Fix {
            title: title.into(),
            edits,
            declares: false,
        })
    }

    /// What is declared.
    pub(super) fn iam(&self) -> &'b IamModel {
        &self.model.model
    }

    /// The documents of policies and trusts.
    fn documents(&self) -> impl Iterator<Item = &'b Arc<Parsed>> {
        let policies = self.iam().policies.iter().flat_map(|p| &p.documents);
        let trusts = self.iam().principals.iter().flat_map(|p| &p.trust);
        policies.chain(trusts).map(|(_, parsed)| parsed)
    }

    fn principal(&self, finding: &Finding) -> Option<(usize, &'b Principal)> {
        let named = |p: &Principal| {
            p.unit == self.model.number && p.address.as_deref() == Some(finding.subject.as_str())
        };
        self.iam().principals.iter().enumerate().find(|(_, p)| named(p))
    }

    /// Of the statement that a finding is about, or whose key it is about.
    fn of_statement(&self, finding: &Finding) -> Vec<Fix> {
        let about = |s: &Statement| {
            let key = |t: &crate::policy::document::Test| t.key_span == Some(finding.span);
            s.span == Some(finding.span) || s.condition.iter().any(key)
        };
        let found = self.documents().find_map(|parsed| {
            let at = parsed.document.statements.iter().position(about)?;
            Some((parsed, at))
        });
        found.map(|(parsed, at)| self.mended(parsed, at)).unwrap_or_default()
    }

    fn mended(&self, parsed: &Parsed, number: usize) -> Vec<Fix> {
        let span = parsed.document.statements.get(number).and_then(|s| s.span);
        let Some(page) = span.and_then(|span| self.page(span)) else { return Vec::new() };
        let mends = statement::mends(&page, &parsed.document, number);
        mends.into_iter().filter_map(|m| self.fix(m.title, m.edits)).collect()
    }

    /// Of the statements that ask for MFA, in the policies of a principal and of its groups: each alone, then all.
    fn of_gates(&self, finding: &Finding) -> Vec<Fix> {
        let Some((_, principal)) = self.principal(finding) else { return Vec::new() };
        let groups =
            principal.memberships.iter().filter_map(|m| self.iam().principal(*m.group.as_ref().ok()?));
        let grants = std::iter::once(principal).chain(groups).flat_map(|p| &p.grants);
        let policies = grants.filter_map(|g| self.iam().policy(*g.policy.as_ref().ok()?));
        let mut seen: Vec<&Parsed> = Vec::new();
        let (mut alone, mut all): (Vec<Fix>, Vec<Mend>) = (Vec::new(), Vec::new());
        for (_, parsed) in policies.flat_map(|p| &p.documents) {
            if seen.iter().any(|s| std::ptr::eq(*s, Arc::as_ref(parsed))) {
                continue;
            }
            seen.push(parsed);
            let gates = parsed.document.statements.iter().enumerate();
            let gates = gates.filter(|(_, s)| s.condition.iter().any(crate::policy::mfa_use::names_mfa));
            for (number, gate) in gates {
                let Some(page) = gate.span.and_then(|span| self.page(span)) else { continue };
                let mends = statement::mends(&page, &parsed.document, number);
                all.extend(mends.last().cloned());
                alone.extend(mends.into_iter().filter_map(|m| self.fix(m.title, m.edits)));
            }
        }
        if all.len() > 1 {
            let titles: Vec<String> = all.iter().map(|m| m.title.clone()).collect();
            let edits = all.into_iter().flat_map(|m| m.edits).collect();
            alone.extend(self.fix(titles.join(", "), edits));
        }
        alone
    }

    /// A misspelt operator.
    fn respelt(&self, finding: &Finding) -> Option<Fix> {
        let (title, edits) = wrap::respell(&self.page(finding.span)?, finding.span)?;
        self.fix(title, edits)
    }

    /// A document without `Statement`.
    fn wrapped(&self, finding: &Finding) -> Option<Fix> {
        let about = |p: &&Arc<Parsed>| {
            p.document.span == Some(finding.span) && p.problems.iter().any(|p| p.span == Some(finding.span))
        };
        let span = self.documents().find(about)?.document.span?;
        self.fix("put the elements into a `Statement`", wrap::wrap(&self.page(span)?, span)?)
    }

    /// The condition that lets nobody assume a role without MFA.
    fn of_trust(&self, finding: &Finding) -> Vec<Fix> {
        let Some((_, role)) = self.principal(finding) else { return Vec::new() };
        let [(_, parsed)] = role.trust.as_slice() else { return Vec::new() };
        let mut edits = Vec::new();
        for statement in parsed.document.statements.iter().filter(|s| s.effect == Ok(Effect::Allow)) {
            match self.asking(parsed, statement) {
                Some(more) => edits.extend(more),
                // One that stays open would leave the role open.
                None if is_for_people(statement) => return Vec::new(),
                None => {}
            }
        }
        self.fix("ask for MFA in the trust policy", edits).into_iter().collect()
    }

    fn asking(&self, parsed: &Parsed, statement: &Statement) -> Option<Vec<Edit>> {
        let others = |s: &Statement| {
            s.principal.as_ref().is_some_and(|p| {
                let without_mfa = |i: &PrincipalItem| {
                    let text = &i.item.text;
                    i.kind != Some(PrincipalType::Aws)
                        || self.iam().is_role(i.refer.as_deref(), text.visible())
                };
                p.more.is_some() || p.items.iter().any(without_mfa)
            })
        };
        // Services, identity providers and sessions of roles never have MFA.
        if !is_for_people(statement) || others(statement) {
            return None;
        }
        let page = self.page(statement.span?)?;
        let tested = statement.condition.iter().any(crate::policy::mfa_use::names_mfa);
        if let Some(mend) = statement::condition(&page, &parsed.document, statement).filter(|_| tested) {
            return Some(mend.edits);
        }
        statement::ask(&page, &page.object(statement.span?)?)
    }

    /// A gate for a principal: one that is there, or a new one; for a user that of a group first.
    fn attached(&self, finding: &Finding, gates: &[crate::iam::model::PolicyId]) -> Vec<Fix> {
        let Some((_, principal)) = self.principal(finding) else { return Vec::new() };
        let groups = principal.memberships.iter().filter(|m| m.when.answers().is_empty());
        let groups = groups.filter_map(|m| self.iam().principal(*m.group.as_ref().ok()?));
        let holders: Vec<&Principal> = groups
            .filter(|g| g.unit == self.model.number && g.kind == PrincipalKind::Group)
            .chain([principal])
            .collect();
        let gates: Vec<_> = gates.iter().filter_map(|id| Some((*id, self.iam().policy(*id)?))).collect();
        let with = |gate: Option<_>| {
            let fixes = holders.iter().filter_map(move |h| attach::attach(self, h, gate));
            fixes.map(move |fix| Fix { declares: gate.is_none(), ..fix })
        };
        gates.iter().flat_map(|gate| with(Some(*gate))).chain(with(None)).collect()
    }
}

/// Whether somebody of AWS is trusted.
fn is_for_people(statement: &Statement) -> bool {
    let aws = |p: &crate::policy::document::Principals| {
        p.negated || p.items.iter().any(|i| i.kind == Some(PrincipalType::Aws))
    };
    statement.principal.as_ref().is_some_and(aws)
}
