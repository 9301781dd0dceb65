//! Who may assume a role without MFA, by its trust policy.
//!
//! A session of a role says nothing about MFA, so a role is judged by who gets in: "Granting permissions to
//! create temporary security credentials", "AWS JSON policy elements: Principal".

use super::arn::{self, Arn};
use super::condition::{self, Context, Key, World};
use super::document::{Document, Effect, PrincipalItem, PrincipalType, Statement};
use super::judge;
use super::operators::{Operator, Quantifier};
use super::truth::Truth;
use super::universe::ActionTable;
use super::verdict::Ruling;
use crate::distinct::Distinct;
use crate::source::Span;
use crate::value::{Reference, Text, Unknown};

/// The role whose trust policy it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrustSubject<'a> {
    /// Its name, when it is known.
    pub name: Option<&'a str>,
    /// Its address in the code.
    pub address: Option<&'a str>,
    /// Number of its unit.
    pub unit: usize,
}

/// Someone a statement lets in.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Index of the statement.
    pub statement: usize,
    /// Who, as it is written, with `…` for what is not known; `*` for everyone. Empty when nothing of it is known.
    pub principal: String,
    /// Everyone of the role's own account who may assume roles.
    pub own_account: bool,
    /// The resource it is an attribute of.
    pub refer: Option<Reference>,
    /// The place.
    pub span: Option<Span>,
    /// Gets in at the console without MFA.
    pub console: bool,
    /// Gets in with long-term access keys.
    pub keys: bool,
}

/// Whether a role can be assumed without MFA.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustJudgement {
    /// The answer. [`Ruling::NotApplicable`] when only services and identity providers get in.
    pub ruling: Ruling,
    /// AWS principals that get in, by what is certain.
    pub entries: Vec<Entry>,
    /// What the code leaves open; set when the answer depends on it.
    pub unknowns: Vec<Unknown>,
}

/// Judges a trust policy.
pub fn trust(document: &Document, subject: TrustSubject<'_>) -> TrustJudgement {
    let gate = Gate { document, subject, table: ActionTable::of(["sts:AssumeRole"]) };
    let entries = gate.entries(Resolve { allow: false, deny: true, more: More::Nothing });
    let mut ruling: Option<Ruling> = None;
    for more in [More::Nothing, More::Everyone, More::Gate] {
        if more != More::Nothing && document.more.is_none() {
            continue;
        }
        for (allow, deny) in [(false, false), (false, true), (true, false), (true, true)] {
            let next = gate.ruling(Resolve { allow, deny, more });
            let agreed = ruling.is_none_or(|r| r == next);
            ruling = Some(if agreed { next } else { Ruling::Unsettled });
        }
    }
    let ruling = ruling.unwrap_or(Ruling::Unsettled);
    let mut unknowns = Distinct::default();
    if ruling == Ruling::Unsettled {
        judge::of_document(document, &mut |u| unknowns.push(u));
    }
    TrustJudgement { ruling, entries, unknowns: unknowns.into_vec() }
}

/// How what the code leaves open is taken.
#[derive(Debug, Clone, Copy)]
struct Resolve {
    /// In statements that allow.
    allow: bool,
    /// In statements that deny.
    deny: bool,
    /// What further statements say.
    more: More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Nothing,
    Everyone,
    Gate,
}

struct Gate<'a> {
    document: &'a Document,
    subject: TrustSubject<'a>,
    table: ActionTable,
}

/// What requests to assume a role carry: whatever the caller chooses, but for the world.
pub(super) fn context(world: World) -> Context {
    let mut out = Context::open()
        .with("aws:ViaAWSService", "false")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true")
        .in_world(world);
    for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
        out.set(key, Key::Absent);
    }
    out
}

/// Someone a statement names.
struct Named<'a> {
    statement: usize,
    item: Option<&'a PrincipalItem>,
    span: Option<Span>,
}

impl<'a> Named<'a> {
    fn text(&self) -> &'a str {
        self.item.map_or("*", |i| i.item.text.visible())
    }

    fn shown(&self) -> String {
        match self.item {
            Some(i) if !i.item.text.visible().is_empty() => {
                i.item.text.pieces().map(|piece| piece.unwrap_or("…")).collect()
            }
            Some(_) => String::new(),
            None => "*".to_owned(),
        }
    }

    fn is_own_account(&self) -> bool {
        self.item.is_some_and(|i| {
            let text = &i.item.text;
            let everyone = text.visible().is_empty() || text.visible().ends_with(":root");
            everyone && text.holes().iter().any(|h| h.unknown.is_own_account())
        })
    }
}

impl<'a> Gate<'a> {
    fn ruling(&self, resolve: Resolve) -> Ruling {
        let entries = self.entries(resolve);
        let open = entries.iter().filter(|e| e.console || e.keys).count();
        if resolve.more == More::Everyone {
            // Someone gets in freely; whether all do, depends on the others.
            return if open == entries.len() { Ruling::NotEnforced } else { Ruling::Partial };
        }
        let named = self.document.statements.iter().enumerate().any(|(i, _)| !self.named(i).is_empty());
        match (open, entries.len()) {
            (0, 0) if !named && resolve.more == More::Nothing => Ruling::NotApplicable,
            (0, 0) if self.lets_services_in() => Ruling::NotApplicable,
            (0, _) => Ruling::Enforced,
            (open, all) if open == all => Ruling::NotEnforced,
            (_, _) => Ruling::Partial,
        }
    }

    fn lets_services_in(&self) -> bool {
        self.document.statements.iter().filter(|s| s.effect == Ok(Effect::Allow)).any(|s| {
            s.principal.iter().flat_map(|p| &p.items).any(|i| match i.kind {
                Some(PrincipalType::Service | PrincipalType::Federated) => true,
                Some(PrincipalType::Aws | PrincipalType::CanonicalUser) | None => false,
            })
        })
    }

    /// The AWS principals a statement names.
    fn named(&self, statement: usize) -> Vec<Named<'a>> {
        let Some(s) = self.document.statements.get(statement) else { return Vec::new() };
        let Some(principals) = &s.principal else { return Vec::new() };
        let everyone = Named { statement, item: None, span: principals.span };
        if principals.negated || principals.more.is_some() {
            return vec![everyone];
        }
        let aws = principals.items.iter().filter(|i| match i.kind {
            Some(PrincipalType::Aws) | None => true,
            Some(PrincipalType::Service | PrincipalType::Federated | PrincipalType::CanonicalUser) => false,
        });
        aws.map(|i| Named { statement, item: Some(i), span: i.item.span }).collect()
    }

    /// Those whom a Deny spares by `NotPrincipal`, among everyone whom a statement lets in.
    fn spared(&self, among: &[Named<'a>]) -> Vec<Named<'a>> {
        let everyone = |n: &Named<'_>| n.text() == "*" || account(n.text()).is_some_and(|(_, root)| root);
        let mut out: Vec<Named<'a>> = Vec::new();
        for wide in among.iter().filter(|n| everyone(n)) {
            let denies = self.document.statements.iter().filter(|s| s.effect == Ok(Effect::Deny));
            let spared = denies.filter_map(|s| s.principal.as_ref()).filter(|p| p.negated);
            for item in spared.flat_map(|p| &p.items) {
                let one = Named { statement: wide.statement, item: Some(item), span: item.item.span };
                let aws = item.kind.is_none_or(|k| k == PrincipalType::Aws);
                let within = wide.item.is_none_or(|w| !names(w, &one, false).is_no());
                let known = among.iter().chain(&out).any(|n| n.text() == one.text());
                if aws && within && !known && !everyone(&one) {
                    out.push(one);
                }
            }
        }
        out
    }

    /// The AWS principals that get in at all.
    fn entries(&self, resolve: Resolve) -> Vec<Entry> {
        let mut out = Vec::new();
        for (i, statement) in self.document.statements.iter().enumerate() {
            match &statement.effect {
                Ok(Effect::Allow) => {}
                Ok(Effect::Deny) => continue,
                Err(_) if resolve.allow => {}
                Err(_) => continue,
            }
            let named = self.named(i);
            let spared = self.spared(&named);
            for named in named.into_iter().chain(spared) {
                if self.is_itself(&named, statement) {
                    continue;
                }
                let [mfa, console, keys] = World::ALL.map(|w| self.gets_in(&named, statement, w, resolve));
                if mfa || console || keys {
                    out.push(Entry {
                        statement: named.statement,
                        principal: named.shown(),
                        own_account: named.is_own_account(),
                        refer: named.item.and_then(|i| i.refer.as_deref()).cloned(),
                        span: named.span,
                        console,
                        keys,
                    });
                }
            }
        }
        out
    }

    fn gets_in(&self, named: &Named<'a>, allow: &Statement, world: World, resolve: Resolve) -> bool {
        let context = context(world);
        let version = self.document.version;
        let certain = allow.principal.as_ref().is_some_and(|p| p.more.is_none())
            && named.item.is_none_or(|i| i.kind.is_some());
        let truth = if certain { Truth::YES } else { Truth::CODE };
        let allowed = (truth & condition::holds(allow, version, &context).truth).at(true, resolve.allow)
            && self.covers(allow, resolve.allow);
        if !allowed || resolve.more == More::Gate && world != World::Mfa {
            return false;
        }
        !self.document.statements.iter().any(|deny| {
            let applies = match &deny.effect {
                Ok(Effect::Deny) => true,
                Ok(Effect::Allow) => false,
                Err(_) => resolve.deny && !resolve.allow,
            };
            applies
                && self.covers(deny, resolve.deny)
                && (denied(deny, named) & condition::holds(deny, version, &context).truth)
                    .at(false, resolve.deny)
        })
    }

    fn covers(&self, statement: &Statement, code: bool) -> bool {
        !self.table.mask(&statement.action).at(code).is_empty()
    }

    /// True when only the role itself is let in.
    fn is_itself(&self, named: &Named<'a>, statement: &Statement) -> bool {
        let refers = |r: &Reference| {
            self.subject.unit == r.unit && self.subject.address.is_some_and(|a| a == r.address)
        };
        let named_itself = named
            .item
            .is_some_and(|i| i.refer.as_deref().is_some_and(refers) || self.is_own_arn(i.item.text.known()));
        named_itself || self.admits_only_itself(statement)
    }

    fn is_own_arn(&self, text: Option<&str>) -> bool {
        let (Some(name), Some(arn)) = (self.subject.name, text.and_then(Arn::parse)) else { return false };
        let role = arn.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
        let session = arn.resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next());
        role.or(session) == Some(name)
    }

    /// True when a condition on `aws:PrincipalArn` is met by the role itself only.
    fn admits_only_itself(&self, statement: &Statement) -> bool {
        statement.condition.iter().any(|test| {
            let positive = test
                .operator
                .known()
                .and_then(Operator::parse)
                .is_some_and(|o| !o.negated && !o.if_exists && o.quantifier == Quantifier::None);
            let own = |text: &Text| {
                let literal = text.known().is_some_and(|t| !t.contains(['?', '*', '$']));
                literal && self.is_own_arn(text.known())
            };
            positive
                && test.key.known().is_some_and(|k| k.eq_ignore_ascii_case("aws:PrincipalArn"))
                && test.more.is_none()
                && !test.values.is_empty()
                && test.values.iter().all(|v| own(&v.text))
        })
    }
}

/// Whether a statement that denies names someone.
fn denied(statement: &Statement, named: &Named<'_>) -> Truth {
    let Some(principals) = &statement.principal else { return Truth::NO };
    let any = Truth::any(principals.items.iter().map(|i| names(i, named, principals.negated)));
    let any = if principals.more.is_some() { any | Truth::CODE } else { any };
    if principals.negated { !any } else { any }
}

/// Whether an item names someone; in `NotPrincipal` when `exempt`.
fn names(item: &PrincipalItem, named: &Named<'_>, exempt: bool) -> Truth {
    match item.kind {
        Some(PrincipalType::Aws) | None => {}
        Some(PrincipalType::Service | PrincipalType::Federated | PrincipalType::CanonicalUser) => {
            return Truth::NO;
        }
    }
    let text = item.item.text.visible();
    if item.item.text.known() == Some("*") {
        return Truth::YES;
    }
    let Some(other) = named.item else { return Truth::NO };
    if item.refer.is_some() && item.refer == other.refer || item.item.text == other.item.text {
        return Truth::YES;
    }
    if !item.item.text.holes().is_empty() || !other.item.text.holes().is_empty() {
        return Truth::CODE;
    }
    match (account(text), account(named.text())) {
        // Everyone of the account. An exception for a root user says nothing about others of the account.
        (Some((a, true)), Some((b, root))) => Truth::from_bool(a == b && (root || !exempt)),
        (Some((_, false)), Some(_)) | (None, _) | (_, None) => Truth::NO,
    }
}

/// The account of a principal, and whether it stands for everyone of it.
fn account(principal: &str) -> Option<(String, bool)> {
    match Arn::parse(principal) {
        Some(arn) => Some((arn.account.to_owned(), arn.resource == "root")),
        None => arn::is_account(principal).then(|| (principal.to_owned(), true)),
    }
}

#[cfg(test)]
mod tests;
