//! The authorization details ("GetAccountAuthorizationDetails") and what is known of passwords and keys, as facts.
//!
//! The address of a declaration is its ARN.

use std::collections::{BTreeMap, BTreeSet};

use super::User;
use super::pages::{self, Pages, items, text};
use super::reconcile::Listed;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::iam::facts::{Fact, Facts, Kept, PrincipalKind, What};
use crate::limits;
use crate::policy::arn::{self, Arn};
use crate::source::{Source, Span};
use crate::tri::Tri;
use crate::value::{Kind, Text, Unknown, Value, When};

/// The lists of an answer, in the order in which they are read. Any of them makes it authorization details.
const LISTS: [&str; 4] = ["Policies", "UserDetailList", "GroupDetailList", "RoleDetailList"];

/// The authorization details of an account.
pub(super) struct Details {
    /// The users, by name.
    pub(super) users: BTreeMap<String, Listed>,
    /// Numbers and partitions of accounts that the ARNs of principals name.
    pub(super) accounts: BTreeSet<(String, String)>,
    /// Principals and policies.
    facts: Vec<Fact>,
}

impl Details {
    /// Reads them one principal after the other: of a large account all at once are much. Returns the documents, too, with
    /// empty lists.
    pub(super) fn read(source: &Source, problems: &mut Vec<Diagnostic>) -> (Pages, Self) {
        let whole = source.span();
        let (mut users, mut accounts) = (BTreeMap::new(), BTreeSet::new());
        let mut lowering = Lowering { facts: Vec::new(), whole };
        let mut principals = 0_usize;
        let pages = pages::read_in_parts(source, problems, &LISTS, &mut |list, part| {
            let Some(kind) = kind_of(list) else { return lowering.policy(&part, source) };
            principals += 1;
            if principals > limits::PRINCIPALS {
                return;
            }
            let arn = text(&part, "Arn");
            accounts.extend(arn.and_then(account));
            if let (PrincipalKind::User, Some(name)) = (kind, text(&part, "UserName")) {
                let arn = arn.unwrap_or_default().to_owned();
                users.insert(name.to_owned(), Listed { arn, span: part.span.unwrap_or(whole) });
            }
            lowering.principal(&part, kind, source);
        });
        if principals > limits::PRINCIPALS {
            // Without those left out nothing is certain about the others.
            let message = format!("there are more than {} principals; nobody is judged", limits::PRINCIPALS);
            problems.push(Diagnostic::at(Code::Limit, Level::Error, whole, message));
            users.clear();
            lowering.facts.clear();
        }
        (pages, Self { users, accounts, facts: lowering.facts })
    }
}

/// Whether a document is an answer, or a part of one. A page may be empty and say only that there are more.
pub(super) fn is_details(page: &Value) -> bool {
    page.get("IsTruncated").is_some() || LISTS.iter().any(|list| has(page, list))
}

/// The kinds of principals of which there is a list.
pub(super) fn kinds(pages: &[Value]) -> BTreeSet<PrincipalKind> {
    let listed = LISTS.iter().filter(|list| pages.iter().any(|page| has(page, list)));
    listed.filter_map(|list| kind_of(list)).collect()
}

/// Everything they and the credentials of the users say. Without them, what anybody may do is not known.
pub(super) fn facts(details: Option<Details>, users: &[User], whole: Span) -> Facts {
    let (mut facts, listed) = details.map(|d| (d.facts, d.users)).unwrap_or_default();
    // A password and a key each, and not twice as much as there is.
    facts.reserve_exact(2 * users.len());
    let mut lowering = Lowering { facts, whole };
    for user in users {
        lowering.user(user, listed.contains_key(&user.name));
    }
    Facts { facts: lowering.facts, ..Facts::default() }
}

/// Whether a page has a list.
fn has(page: &Value, list: &str) -> bool {
    page.get(list).and_then(Value::as_list).is_some()
}

/// Of which kind the principals of a list are; none are in the list of policies.
fn kind_of(list: &str) -> Option<PrincipalKind> {
    match list {
        "UserDetailList" => Some(PrincipalKind::User),
        "GroupDetailList" => Some(PrincipalKind::Group),
        "RoleDetailList" => Some(PrincipalKind::Role),
        _ => None,
    }
}

/// Number and partition of the account of an ARN.
pub(super) fn account(arn: &str) -> Option<(String, String)> {
    let arn = Arn::parse(arn).filter(|a| arn::is_account(a.account))?;
    Some((arn.account.to_owned(), arn.partition.to_owned()))
}

/// A document as the text that it is: what is parsed one by one need not be a tree of values before.
fn document(value: &Value, source: &Source) -> Value {
    match (&value.kind, value.span) {
        (Kind::Map(_), Some(span)) => Value::text(Text::at(source.slice(span), span, true), Some(span)),
        _ => value.clone(),
    }
}

struct Lowering {
    facts: Vec<Fact>,
    whole: Span,
}

impl Lowering {
    fn add(&mut self, what: What, address: &str, span: Option<Span>) {
        self.facts.push(Fact {
            what,
            when: When::always(),
            uncertain: None,
            each: Vec::new(),
            address: address.to_owned(),
            path: None,
            span: span.unwrap_or(self.whole),
            unit: 0,
            provider: "".into(),
        });
    }

    fn policy(&mut self, policy: &Value, source: &Source) {
        let Some(arn) = text(policy, "Arn") else { return };
        // The ARN ends with the name, also where an answer leaves that out.
        let name = text(policy, "PolicyName").or_else(|| arn.rsplit('/').next()).unwrap_or(arn);
        let name = Value::string(name, policy.get("PolicyName").and_then(|n| n.span).or(policy.span));
        let default = text(policy, "DefaultVersionId");
        let is_default = |version: &&Value| {
            version.get("IsDefaultVersion").is_some_and(|v| *v == Value::bool(true, v.span))
                || default.is_some() && text(version, "VersionId") == default
        };
        let document =
            items(policy, "PolicyVersionList").iter().find(is_default).and_then(|v| v.get("Document"));
        let document =
            document.filter(|d| !d.is_null()).map(|d| self::document(d, source)).unwrap_or_else(|| {
                Value::unknown(format!("the default version of policy `{arn}` was not read"), policy.span)
            });
        self.add(What::ManagedPolicy { name, document }, arn, policy.span);
    }

    fn principal(&mut self, of: &Value, kind: PrincipalKind, source: &Source) {
        let (member, inline) = match kind {
            PrincipalKind::User => ("UserName", "UserPolicyList"),
            PrincipalKind::Group => ("GroupName", "GroupPolicyList"),
            PrincipalKind::Role => ("RoleName", "RolePolicyList"),
        };
        let Some(name) = of.get(member).filter(|n| n.as_str().is_some()) else { return };
        let address = text(of, "Arn").or(name.as_str()).unwrap_or_default().to_owned();
        let missing = |what: &str| Value::unknown(format!("{what} of `{address}` was not read"), of.span);
        let boundary = of.get("PermissionsBoundary").filter(|b| !b.is_null());
        let boundary = boundary.map_or_else(
            || Value::null(None),
            |b| {
                b.get("PermissionsBoundaryArn")
                    .cloned()
                    .unwrap_or_else(|| missing("the permissions boundary"))
            },
        );
        let trust = match kind {
            PrincipalKind::User | PrincipalKind::Group => Value::null(None),
            PrincipalKind::Role => {
                let trust = of.get("AssumeRolePolicyDocument").filter(|t| !t.is_null());
                trust.map(|t| document(t, source)).unwrap_or_else(|| missing("the trust policy"))
            }
        };
        let path = of.get("Path").cloned().unwrap_or_else(|| Value::null(None));
        self.add(What::Principal { kind, name: name.clone(), boundary, trust, path }, &address, of.span);
        // What is there and is no list says something all the same.
        let unread = |list: &&str| of.get(list).is_some_and(|v| !v.is_null() && v.as_list().is_none());
        for list in ["AttachedManagedPolicies", inline].into_iter().filter(unread) {
            let policies = missing(&format!("`{list}`"));
            self.add(What::Attachment { kind, principals: name.clone(), policies }, &address, of.span);
        }
        if kind == PrincipalKind::User && unread(&"GroupList") {
            let groups = missing("`GroupList`");
            self.add(What::Membership { users: name.clone(), groups }, &address, of.span);
        }
        for attached in items(of, "AttachedManagedPolicies") {
            let policies = attached
                .get("PolicyArn")
                .cloned()
                .unwrap_or_else(|| missing("the ARN of an attached policy"));
            let what = What::Attachment { kind, principals: name.clone(), policies };
            self.add(what, &address, attached.span);
        }
        for policy in items(of, inline) {
            let part = |name: &str| policy.get(name).filter(|v| !v.is_null());
            let document = part("PolicyDocument").map(|d| document(d, source));
            let document = document.unwrap_or_else(|| missing("an inline policy"));
            let called = part("PolicyName").cloned();
            let called = called.unwrap_or_else(|| missing("the name of an inline policy"));
            let what = What::InlinePolicy { kind, principals: name.clone(), name: called, document };
            self.add(what, &address, policy.span);
        }
        let groups = items(of, "GroupList").to_vec();
        if kind == PrincipalKind::User && !groups.is_empty() {
            let groups = Value::list(groups, of.get("GroupList").and_then(|g| g.span));
            self.add(What::Membership { users: name.clone(), groups }, &address, of.span);
        }
    }

    /// The password and the keys of a user, and the user itself when only other answers name it.
    fn user(&mut self, user: &User, listed: bool) {
        let name = || Value::string(user.name.as_str(), Some(user.span));
        let address = if user.arn.is_empty() { &user.name } else { &user.arn };
        let kind = PrincipalKind::User;
        if !listed {
            let unread = |what: &str| {
                Value::unknown(format!("the {what} of this user were not read"), Some(user.span))
            };
            let boundary = Value::unknown("the boundary of this user was not read", Some(user.span));
            let (trust, path) = (Value::null(None), Value::null(None));
            self.add(What::Principal { kind, name: name(), boundary, trust, path }, address, Some(user.span));
            let what = What::Attachment { kind, principals: name(), policies: unread("policies") };
            self.add(what, address, Some(user.span));
            let what = What::Membership { users: name(), groups: unread("groups") };
            self.add(what, address, Some(user.span));
        }
        let password = What::LoginProfile { user: name(), kept: Kept::Safe };
        self.credential(
            password,
            user,
            user.console.value,
            "whether there is a console password was not read",
        );
        let key = What::AccessKey { user: name() };
        self.credential(key, user, user.has_keys(), "whether there is an active access key was not read");
    }

    fn credential(&mut self, what: What, user: &User, exists: Tri, why: &str) {
        let uncertain = match exists {
            Tri::No => return,
            Tri::Yes => None,
            Tri::Maybe => Some(Unknown::new(why, Some(user.span))),
        };
        // The address tells the choices apart that stand for what is not known.
        let kind = if matches!(what, What::AccessKey { .. }) { "access key" } else { "console password" };
        let address = format!("{kind} of {}", user.name);
        self.add(what, &address, Some(user.span));
        if let Some(fact) = self.facts.last_mut() {
            fact.uncertain = uncertain;
        }
    }
}
