//! Joins facts: which principal a name or a reference means, which policy an ARN means.
//!
//! Order of declaration does not matter; everything is joined once all facts are in. A reference
//! (`aws_iam_user.a.name`) wins over a name, and names compare without case, as IAM does ("IAM and STS quotas:
//! name requirements").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::{Each, Fact, Facts, Kept, PrincipalKind, What};
use super::model::{
    Credential, Grant, IamModel, Membership, Policy, PolicyId, PolicyOrigin, Principal, PrincipalId, Secret,
    SecretKind,
};
use super::names::{
    Policies, Principals, Target, device, first_unknown, known_names, may_be_equal, only, policy_name,
    targets,
};
use super::replaced;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;
use crate::policy::document::{Document, Parsed};
use crate::policy::managed::{self, Managed};
use crate::policy::parse::{DocumentKind, parse};
use crate::source::Span;
use crate::value::{Choices, Kind, Reference, Text, Unknown, Value, When};

/// Joins the facts of one unit, or of the units of one account. Returns what could not be joined as diagnostics.
pub fn build(facts: Facts, names: Names) -> (IamModel, Vec<Diagnostic>) {
    let Facts { facts, choices, exports: _, imports: _ } = facts;
    let model = IamModel { choices, ..IamModel::default() };
    let mut b = Builder { model, own_names: names == Names::OfUnit, ..Builder::default() };
    facts.iter().for_each(|f| b.declare(f));
    // What is joined is not needed any more: of a large account it is much.
    for fact in facts {
        if let Some(span) = b.too_many {
            return nobody(b.model.choices, span);
        }
        b.join(&fact);
    }
    if let Some(span) = b.too_many {
        return nobody(b.model.choices, span);
    }
    b.model.principals.iter_mut().for_each(|p| once_each(&mut p.grants));
    replaced::one_of_each_name(&mut b.model);
    (b.model, b.diagnostics)
}

/// What is known when there are too many principals: without those left out nothing is certain about the others.
fn nobody(choices: Choices, span: Span) -> (IamModel, Vec<Diagnostic>) {
    let message = format!("there are more than {} principals; nobody is judged", limits::PRINCIPALS);
    let model = IamModel { choices, ..IamModel::default() };
    (model, vec![Diagnostic::at(Code::Limit, Level::Error, span, message)])
}

/// Keeps the first of the grants that give the same policy under the same answers.
fn once_each(grants: &mut Vec<Grant>) {
    let mut seen = BTreeSet::new();
    grants.retain(|g| g.policy.as_ref().map_or(true, |policy| seen.insert((*policy, g.when.clone()))));
}

/// What a name means that a unit writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The same in every unit: they are of one account.
    OfAccount,
    /// What the unit itself declares: two stacks that import from one template may be of two accounts, to both of
    /// which that is deployed. Only references join them.
    OfUnit,
}

/// The principals a value names.
#[derive(Default)]
struct Named {
    /// Those that are known, each with the answers under which it is named.
    known: Vec<(PrincipalId, When)>,
    /// Why others are not.
    unknown: Vec<Unknown>,
}

#[derive(Default)]
struct Builder {
    model: IamModel,
    principals_by_address: BTreeMap<(usize, PrincipalKind, String), PrincipalId>,
    own_names: bool,
    principals_by_name: Principals,
    /// Those called by a value that is not known, such as a variable that nobody sets.
    principals_by_reference: BTreeMap<(PrincipalKind, Reference), Vec<PrincipalId>>,
    policies_by_address: BTreeMap<(usize, String), PolicyId>,
    policies_by_name: Policies,
    aws_policies: BTreeMap<String, PolicyId>,
    diagnostics: Vec<Diagnostic>,
    /// Where the first principal stands that is one too many.
    too_many: Option<Span>,
}

impl Builder {
    /// Number of the units in which a name of a unit means the same.
    fn scope(&self, unit: usize) -> usize {
        if self.own_names { unit } else { 0 }
    }

    /// Whether one more principal is one too many.
    fn is_full(&mut self, span: Span) -> bool {
        let full = self.model.principals.len() >= limits::PRINCIPALS;
        if full {
            self.too_many.get_or_insert(span);
        }
        full
    }

    /// First pass: what exists.
    fn declare(&mut self, fact: &Fact) {
        match &fact.what {
            What::Principal { kind, name, trust, path, .. } => {
                let id = PrincipalId(self.model.principals.len());
                let key = (fact.unit, *kind, fact.address.clone());
                if let Some(known) = self.principals_by_address.get(&key) {
                    // The same declaration under other answers.
                    let known = self.model.principals.get_mut(known.0);
                    return known.into_iter().for_each(|p| p.whens.push(fact.when.clone()));
                }
                if self.is_full(fact.span) {
                    return;
                }
                self.principals_by_address.insert(key, id);
                let names = known_names(name);
                for n in &names {
                    self.principals_by_name.add(self.scope(fact.unit), *kind, n, &fact.provider, id);
                }
                if let (Some(r), true) = (&name.refer, names.is_empty()) {
                    let key = (*kind, Reference::clone(r));
                    self.principals_by_reference.entry(key).or_default().push(id);
                }
                let trust = if trust.is_null() { Vec::new() } else { documents(trust, DocumentKind::Trust) };
                self.model.principals.push(Principal {
                    address: Some(fact.address.clone()),
                    path: fact.path.clone(),
                    name: if name.sensitive { None } else { only(names) },
                    iam_path: path.as_str().map(str::to_owned),
                    pathless: (!path.is_null() && path.as_str().is_none()).then(|| first_unknown(path)),
                    whens: vec![fact.when.clone()],
                    uncertain: fact.uncertain.clone(),
                    each: fact.each.clone(),
                    trust,
                    ..Principal::new(*kind, name.clone(), fact.span, fact.unit)
                });
            }
            What::ManagedPolicy { name, document } => {
                if let Some(&id) = self.policies_by_address.get(&(fact.unit, fact.address.clone())) {
                    let known = self.model.policies.get_mut(id.0);
                    return known.into_iter().for_each(|p| p.whens.push(fact.when.clone()));
                }
                let id = self.add_policy(fact, PolicyOrigin::Customer, name, document);
                self.policies_by_address.entry((fact.unit, fact.address.clone())).or_insert(id);
                for n in known_names(name) {
                    self.policies_by_name.add(self.scope(fact.unit), (), &n, &fact.provider, id);
                }
            }
            What::InlinePolicy { .. }
            | What::Attachment { .. }
            | What::Membership { .. }
            | What::LoginProfile { .. }
            | What::VirtualDevice { .. }
            | What::AccessKey { .. } => {}
        }
    }

    fn add_policy(&mut self, fact: &Fact, origin: PolicyOrigin, name: &Value, document: &Value) -> PolicyId {
        let id = PolicyId(self.model.policies.len());
        self.model.policies.push(Policy {
            origin,
            address: Some(fact.address.clone()),
            name: if name.sensitive { None } else { only(known_names(name)) },
            span: Some(fact.span),
            unit: fact.unit,
            whens: vec![fact.when.clone()],
            documents: documents(document, DocumentKind::Identity),
            perhaps: Vec::new(),
        });
        id
    }

    /// Second pass: who has what.
    fn join(&mut self, fact: &Fact) {
        let when = self.existence(fact);
        match &fact.what {
            What::ManagedPolicy { .. } => {}
            What::Principal { kind, boundary, .. } => {
                let Some(&id) = self.principals_by_address.get(&(fact.unit, *kind, fact.address.clone()))
                else {
                    return;
                };
                if boundary.is_null() {
                    return;
                }
                let grants = self.grants(boundary, &When::always(), fact);
                if let Some(p) = self.model.principals.get_mut(id.0).filter(|p| p.boundaries.is_empty()) {
                    p.boundaries = grants;
                }
            }
            What::InlinePolicy { kind, principals, name, document } => {
                let policy = self.add_policy(fact, PolicyOrigin::Inline, name, document);
                let grant = Grant {
                    policy: Ok(policy),
                    elsewhere: false,
                    arn: None,
                    when: When::always(),
                    span: fact.span,
                };
                for (id, w) in self.principals(*kind, principals, &when, fact).known {
                    self.give(id, &grant, &w);
                }
            }
            What::Attachment { kind, principals, policies } => {
                let grants = self.grants(policies, &When::always(), fact);
                let named = self.principals(*kind, principals, &when, fact);
                for (id, w) in named.known {
                    grants.iter().for_each(|g| self.give(id, g, &w));
                }
                for id in grants.iter().filter_map(|g| g.policy.as_ref().ok()) {
                    let policy = self.model.policies.get_mut(id.0);
                    policy.into_iter().for_each(|p| p.perhaps.extend(named.unknown.iter().cloned()));
                }
            }
            What::Membership { users, groups } => self.join_membership(fact, &when, users, groups),
            What::VirtualDevice { name, users, kept } => {
                self.keep(fact, SecretKind::Seed, kept);
                self.model.devices.push(device(fact, when, name, users));
            }
            What::LoginProfile { user, kept } => {
                self.keep(fact, SecretKind::Password, kept);
                self.join_credential(fact, &when, user, |p| &mut p.login_profiles);
            }
            What::AccessKey { user } => self.join_credential(fact, &when, user, |p| &mut p.access_keys),
        }
    }

    fn join_credential(
        &mut self,
        fact: &Fact,
        when: &When,
        user: &Value,
        list: fn(&mut Principal) -> &mut Vec<Credential>,
    ) {
        for (id, when) in self.principals(PrincipalKind::User, user, when, fact).known {
            if let Some(p) = self.model.principals.get_mut(id.0) {
                list(p).push(Credential { when, span: fact.span });
            }
        }
    }

    /// Under which answers a fact exists. One whose existence is uncertain gets a choice of its own.
    fn existence(&mut self, fact: &Fact) -> When {
        let Some(unknown) = &fact.uncertain else { return fact.when.clone() };
        let key = format!("existence of {} at {} in {}", fact.address, fact.span.start, fact.unit);
        let labels = [format!("{} exists", fact.address), format!("{} does not exist", fact.address)];
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let choice = self.model.choices.intern(&key, unknown.clone(), &labels);
        fact.when.and(choice, 0).unwrap_or_else(|| fact.when.clone())
    }

    fn join_membership(&mut self, fact: &Fact, when: &When, users: &Value, groups: &Value) {
        let mut joined: Vec<(Result<PrincipalId, Unknown>, When, Span)> = Vec::new();
        for (w, target) in targets(groups) {
            let at = target.written(fact.span);
            match self.resolve(PrincipalKind::Group, target, fact) {
                Ok(ids) => joined.extend(ids.into_iter().map(|id| (Ok(id), w.clone(), at))),
                Err(u) => joined.push((Err(u), w, at)),
            }
        }
        for (id, w) in self.principals(PrincipalKind::User, users, when, fact).known {
            let Some(p) = self.model.principals.get_mut(id.0) else { continue };
            for (group, gw, span) in &joined {
                if let Some(when) = w.and_all(gw) {
                    p.memberships.push(Membership { group: group.clone(), when, span: *span });
                }
            }
        }
    }

    fn keep(&mut self, fact: &Fact, kind: SecretKind, kept: &Kept) {
        let (kept, address) = (kept.clone(), fact.address.clone());
        self.model.secrets.push(Secret { kind, kept, address, span: fact.span, unit: fact.unit });
    }

    fn give(&mut self, id: PrincipalId, grant: &Grant, when: &When) {
        if let (Some(p), Some(w)) = (self.model.principals.get_mut(id.0), grant.when.and_all(when)) {
            p.grants.push(Grant { when: w, ..grant.clone() });
        }
    }

    /// Under which answers a fact exists that is about this principal, which exists `when` it does about others.
    fn with(&self, id: PrincipalId, fact: &Fact, when: &When) -> When {
        let together = |p: &Principal| {
            !fact.each.is_empty() && p.unit == fact.unit && Each::together(&fact.each, &p.each)
        };
        if self.model.principals.get(id.0).is_some_and(together) { fact.when.clone() } else { when.clone() }
    }

    /// The principals a value names, each with the answers under which it does.
    fn principals(&mut self, kind: PrincipalKind, value: &Value, when: &When, fact: &Fact) -> Named {
        let mut out = Named::default();
        for (named, target) in targets(value) {
            let Some(w) = when.and_all(&named) else { continue };
            let text = target.text();
            match self.resolve(kind, target, fact) {
                Ok(ids) => {
                    let with = |id| Some((id, self.with(id, fact, when).and_all(&named)?));
                    out.known.extend(ids.into_iter().filter_map(with));
                }
                Err(u) => {
                    out.known.extend(self.perhaps(kind, &text, &u, &w, fact));
                    out.unknown.push(u);
                }
            }
        }
        out
    }

    /// The declared principals that a name which is not known may mean: each perhaps, by a choice of its own.
    fn perhaps(
        &mut self,
        kind: PrincipalKind,
        text: &Text,
        unknown: &Unknown,
        when: &When,
        fact: &Fact,
    ) -> Vec<(PrincipalId, When)> {
        let reason =
            format!("`{}` is for a {} that is not known ({})", fact.address, kind.as_str(), unknown.reason());
        let scope = self.scope(fact.unit);
        let may_mean = |p: &Principal| {
            p.address.is_some()
                && p.kind == kind
                && self.scope(p.unit) == scope
                && may_be_equal(&p.called, text)
        };
        let declared = self.model.principals.iter().enumerate();
        let candidates: Vec<(PrincipalId, String)> = declared
            .filter(|(_, p)| may_mean(p))
            .map(|(i, p)| (PrincipalId(i), p.label().to_owned()))
            .collect();
        if candidates.is_empty() {
            let message = format!("{reason}; it was counted for nobody");
            self.diagnostics.push(Diagnostic::at(Code::UnknownTarget, Level::Note, fact.span, message));
        }
        let unknown = Unknown::new(reason, unknown.span().or(Some(fact.span)));
        let mut perhaps = |(id, label): (PrincipalId, String)| {
            let key =
                format!("{} at {} in {} for {label} {}", fact.address, fact.span.start, fact.unit, id.0);
            let labels = [format!("it is for {label}"), format!("it is not for {label}")];
            let choice =
                self.model.choices.intern(&key, unknown.clone(), &labels.each_ref().map(String::as_str));
            when.and(choice, 0).map(|w| (id, w))
        };
        candidates.into_iter().filter_map(&mut perhaps).collect()
    }

    fn resolve(
        &mut self,
        kind: PrincipalKind,
        target: Target<'_>,
        fact: &Fact,
    ) -> Result<Vec<PrincipalId>, Unknown> {
        let (value, name) = match target {
            Target::Unknown(u) => return Err(u),
            Target::Reference(v) => (v, None),
            Target::Named(v, n) => (v, Some(n)),
        };
        if let Some(r) = &value.refer
            && let Some(&id) = self.principals_by_address.get(&(r.unit, kind, r.address.clone()))
        {
            return Ok(vec![id]);
        }
        let Some(name) = name else {
            let reference = value.refer.as_ref().map(|r| (kind, Reference::clone(r)));
            let same = reference.and_then(|key| self.principals_by_reference.get(&key));
            return same.cloned().ok_or_else(|| first_unknown(value));
        };
        let scope = self.scope(fact.unit);
        if let Some(ids) = self.principals_by_name.find(scope, kind, &name, &fact.provider) {
            return Ok(ids);
        }
        let span = value.span.unwrap_or(fact.span);
        if self.is_full(span) {
            return Ok(Vec::new());
        }
        let id = PrincipalId(self.model.principals.len());
        let called = Value::string(name.as_str(), None);
        let named = Principal::new(kind, called, span, fact.unit);
        self.principals_by_name.add(scope, kind, &name, &fact.provider, id);
        self.model.principals.push(Principal { name: Some(name), ..named });
        Ok(vec![id])
    }

    /// The policies a value names by ARN.
    fn grants(&mut self, value: &Value, when: &When, fact: &Fact) -> Vec<Grant> {
        let mut out = Vec::new();
        for (w, target) in targets(value) {
            let Some(when) = when.and_all(&w) else { continue };
            let span = target.written(fact.span);
            let arn = target.text().known().map(str::to_owned);
            let policies = match target {
                Target::Unknown(u) => vec![Err((u, false))],
                Target::Reference(v) | Target::Named(v, _) => self.policies(v, fact),
            };
            out.extend(policies.into_iter().map(|policy| Grant {
                elsewhere: policy.as_ref().is_err_and(|&(_, elsewhere)| elsewhere),
                policy: policy.map_err(|(u, _)| u),
                arn: arn.clone(),
                when: when.clone(),
                span,
            }));
        }
        once_each(&mut out);
        out
    }

    /// The policies an ARN may mean. An unknown says whether the policy is certainly declared elsewhere.
    fn policies(&mut self, arn: &Value, fact: &Fact) -> Vec<Result<PolicyId, (Unknown, bool)>> {
        if let Some(r) = &arn.refer
            && let Some(&id) = self.policies_by_address.get(&(r.unit, r.address.clone()))
        {
            return vec![Ok(id)];
        }
        let Kind::String(text) = &arn.kind else {
            return vec![Err((Unknown::new("it is not the ARN of a policy", arn.span), false))];
        };
        // In an account the address of a policy is its ARN; an account is a unit of its own.
        if let Some(&id) = text.known().and_then(|t| self.policies_by_address.get(&(0, t.to_owned()))) {
            return vec![Ok(id)];
        }
        if let Some(found) = Managed::by_arn(text) {
            let id = *self.aws_policies.entry(found.name.to_owned()).or_insert_with(|| {
                let id = PolicyId(self.model.policies.len());
                self.model.policies.push(Policy {
                    origin: PolicyOrigin::Aws,
                    address: None,
                    name: Some(found.name.to_owned()),
                    span: None,
                    unit: 0,
                    whens: vec![When::always()],
                    documents: vec![(When::always(), found.parsed())],
                    perhaps: Vec::new(),
                });
                id
            });
            return vec![Ok(id)];
        }
        let Some(name) = policy_name(text) else { return vec![Err((first_unknown(arn), false))] };
        // One of AWS's is not the customer's of the same name.
        let customer = managed::aws_managed_path(text).is_none();
        let declared = self.policies_by_name.find(self.scope(fact.unit), (), name, &fact.provider);
        match declared.filter(|_| customer) {
            Some(ids) => ids.into_iter().map(Ok).collect(),
            None => {
                let reason =
                    format!("policy `{name}` is not declared here and not one of AWS's that are built in");
                vec![Err((Unknown::new(reason, arn.span), true))]
            }
        }
    }
}

/// The documents of a value in the possible worlds.
fn documents(value: &Value, kind: DocumentKind) -> Vec<(When, Arc<Parsed>)> {
    value
        .alternatives()
        .into_iter()
        .map(|(when, v)| {
            let parsed = match &v.kind {
                Kind::Unknown(u) => Parsed { document: Document::unknown(u.clone()), problems: Vec::new() },
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_) => parse(&v, kind),
            };
            (when, Arc::new(parsed))
        })
        .collect()
}
