//! The requests a principal is judged by: every AWS action, on resources of every kind that its policies tell
//! apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::actions::{Names, On};
use super::arn::{self, Arn};
use super::bits::BitSet;
use super::classes::{Classes, Whose};
use super::condition::{self, Context, Key, World};
use super::eval::{Program, Slice};
use super::pattern::{Token, glob};
use super::universe::ActionTable;
use crate::limits;
use crate::value::Unknown;

/// Who is judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    /// The user's name, when it is known. Of a group or a role: nothing.
    pub name: Option<String>,
    /// The ARN, when the account is known.
    pub arn: Option<String>,
    /// The user's path when it is known and the ARN is not, other than `/`.
    pub path: Option<String>,
    /// Why the user's name is not known, when it is not. Of a group or a role: nothing.
    pub nameless: Option<Unknown>,
    /// Why the user's path is not known, when it is not.
    pub pathless: Option<Unknown>,
    /// Names of administrator roles of the own account that let it in without MFA: assuming one is a takeover.
    pub roles: Vec<String>,
}

/// The account of ARNs when the own account is not known.
const ACCOUNT: &str = "000000000000";
/// A name that no policy knows.
pub(super) const UNNAMED: &str = "unnamed-by-policies";
/// Part of a region that no policy knows.
const REGION: &str = "unnamed-region-1";
/// Becomes a role.
const ASSUME_ROLE: &str = "sts:AssumeRole";
/// Most roles that are looked at one by one.
const ROLES: usize = limits::WITNESSES / 4;

impl Subject {
    fn name(&self) -> &str {
        let of_arn = || self.arn.as_deref()?.split_once(":user/")?.1.rsplit('/').next();
        self.name.as_deref().or_else(of_arn).unwrap_or(UNNAMED)
    }

    fn account(&self) -> &str {
        let account = self.arn.as_deref().and_then(Arn::parse).map(|a| a.account);
        account.filter(|a| arn::is_account(a)).unwrap_or(ACCOUNT)
    }

    fn own_arn(&self) -> String {
        let path = self.path.as_deref().unwrap_or("/");
        self.arn.clone().unwrap_or_else(|| format!("arn:aws:iam::{ACCOUNT}:user{path}{}", self.name()))
    }

    /// The ARN of a role of its account.
    pub fn role_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account())
    }

    /// What requests of this principal carry in each world, in the order of [`World::ALL`].
    pub fn contexts(&self) -> [Context; 3] {
        World::ALL.map(|world| {
            let mut context = Context::open()
                .with("aws:username", self.name())
                .with("aws:PrincipalArn", &self.own_arn())
                .with("aws:PrincipalType", "User")
                .with("aws:PrincipalIsAWSService", "false")
                .with("aws:ViaAWSService", "false")
                .with("aws:SecureTransport", "true")
                .in_world(world);
            context.set("aws:userid", Key::Present);
            match &self.arn {
                Some(_) => context = context.with("aws:PrincipalAccount", self.account()),
                None => {
                    context.set("aws:PrincipalAccount", Key::Present);
                    context = context.local();
                }
            }
            if self.nameless.is_some() {
                context = context.nameless();
            }
            if self.pathless.is_some() {
                context = context.pathless();
            }
            for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:FederatedProvider"] {
                context.set(key, Key::Absent);
            }
            context
        })
    }
}

/// The actions of a table by what they work on.
struct Kinds {
    nothing: BitSet,
    user: BitSet,
    device: BitSet,
    other: BitSet,
}

impl Kinds {
    fn of(table: &ActionTable) -> Self {
        static LISTED: OnceLock<[BitSet; 4]> = OnceLock::new();
        let [nothing, user, device, other] = LISTED.get_or_init(|| {
            let all = Names::embedded();
            [On::Nothing, On::User, On::Device, On::Other].map(|on| {
                let mut set = BitSet::empty(all.len());
                (0..all.len()).filter(|&i| all.on(i) == on).for_each(|i| set.insert(i));
                set
            })
        });
        let sized = |set: &BitSet| set.resized(table.len());
        let unlisted = Names::embedded().len()..table.len();
        let mut out =
            Self { nothing: sized(nothing), user: sized(user), device: sized(device), other: sized(other) };
        out.nothing.insert_range(unlisted.clone());
        out.other.insert_range(unlisted);
        out
    }
}

/// The slices for a principal with these policies, and whether they are all: policies that name more than
/// [`limits::WITNESSES`] resources are not looked at on every one of them.
pub fn slices(
    subject: &Subject,
    program: &Program<'_>,
    table: &ActionTable,
    classes: &Classes,
) -> (Vec<Slice>, bool) {
    made_of(subject, program, table, classes, |slices, candidate| {
        slices.iter().any(|s| s.resource != "*" && glob(&candidate.tokens, s.resource.as_bytes(), false))
    })
}

/// The same with a slice for every pattern, also for those that match the resource of another one: enough to tell
/// policies apart, more than it takes to judge them.
pub fn witnesses(
    subject: &Subject,
    program: &Program<'_>,
    table: &ActionTable,
    classes: &Classes,
) -> (Vec<Slice>, bool) {
    made_of(subject, program, table, classes, |_, _| false)
}

fn made_of(
    subject: &Subject,
    program: &Program<'_>,
    table: &ActionTable,
    classes: &Classes,
    is_met: impl Fn(&[Slice], &Candidate) -> bool,
) -> (Vec<Slice>, bool) {
    let kinds = Kinds::of(table);
    let account = subject.account();
    let own = subject.own_arn();
    let name = subject.name();
    let general =
        |resource: String, whose, members: &BitSet| Slice::new(classes, resource, whose, members, true);
    let mut out = vec![
        general("*".to_owned(), Whose::None, &kinds.nothing),
        general(own.clone(), Whose::Own, &kinds.user),
        general(format!("arn:aws:iam::{account}:user/{UNNAMED}-other"), Whose::Other, &kinds.user),
        general(format!("arn:aws:iam::{account}:mfa/{name}"), Whose::Own, &kinds.device),
        general(format!("arn:aws:iam::{account}:mfa/{UNNAMED}-other"), Whose::Other, &kinds.device),
    ];
    out.extend(
        subject.roles.iter().take(ROLES).filter_map(|r| assuming(subject.role_arn(r), table, classes)),
    );
    let candidates = candidates(subject, program, table);
    let mut rest = kinds.other.clone();
    let mut services: BTreeMap<&str, Slice> = BTreeMap::new();
    for candidate in &candidates {
        if services.len() >= limits::WITNESSES {
            break;
        }
        let slice = services.entry(&candidate.service).or_insert_with(|| {
            let mut members = table.service(&candidate.service);
            members.keep(&kinds.other);
            rest.remove(&members);
            general(unnamed(&candidate.service, account), Whose::Generic, &members)
        });
        if glob(&candidate.tokens, slice.resource.as_bytes(), false) {
            let mut named = candidate.named.clone();
            named.keep(&kinds.other);
            slice.extend(classes, &named);
        }
    }
    let everything = unnamed("unnamed", account);
    out.push(general(everything, Whose::Generic, &rest));
    out.extend(services.into_values());
    for candidate in candidates {
        if out.len() >= limits::WITNESSES {
            return (out, false);
        }
        if is_met(&out, &candidate) {
            continue;
        }
        out.push(candidate.slice(account, table, &kinds, classes));
    }
    (out, true)
}

/// The slice of assuming a role that makes whoever does an administrator.
fn assuming(role: String, table: &ActionTable, classes: &Classes) -> Option<Slice> {
    let mut members = table.empty();
    members.insert(table.find(ASSUME_ROLE)?);
    let slice = Slice::new(classes, role, Whose::Generic, &members, false);
    Some(Slice { takeover: slice.members.clone(), ..slice })
}

fn unnamed(service: &str, account: &str) -> String {
    match service {
        "s3" | "route53" | "cloudfront" => format!("arn:aws:{service}:::{UNNAMED}/{UNNAMED}"),
        "iam" | "sts" | "organizations" => format!("arn:aws:{service}::{account}:{UNNAMED}/{UNNAMED}"),
        _ => format!("arn:aws:{service}:{REGION}:{account}:{UNNAMED}/{UNNAMED}"),
    }
}

/// A pattern of resources of one service, as a policy writes it.
struct Candidate {
    service: String,
    tokens: Vec<Token>,
    /// Actions of services that the statement names, whatever the resource's service.
    named: BitSet,
    /// How many patterns of the service stand before it in its statement.
    rank: usize,
}

/// The patterns of resources that name a service, those that come first in their statements first.
fn candidates(subject: &Subject, program: &Program<'_>, table: &ActionTable) -> Vec<Candidate> {
    let [context, _, _] = subject.contexts();
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    for compiled in &program.statements {
        let Some(resource) = &compiled.statement.resource else { continue };
        let mut ranks: BTreeMap<String, usize> = BTreeMap::new();
        let mut named: Option<BitSet> = None;
        for item in &resource.items {
            let Some(mut tokens) = condition::resolve(&item.text, compiled.version, &context, true) else {
                continue;
            };
            if context.is_local() {
                tokens = arn::localise(&tokens);
            }
            let Some(service) = service_of(&tokens) else { continue };
            if !seen.insert(tokens.clone()) {
                continue;
            }
            let named = named.get_or_insert_with(|| {
                let mut services = table.empty();
                for action in
                    compiled.statement.action.items.iter().filter(|_| !compiled.statement.action.negated)
                {
                    if let Some((service, _)) = action.text.visible().split_once(':') {
                        services.add(&table.service(service));
                    }
                }
                services.keep(compiled.mask.at(true));
                services.trimmed()
            });
            let rank = ranks.entry(service.clone()).or_default();
            out.push(Candidate { service, tokens, named: named.clone(), rank: *rank });
            *rank += 1;
        }
    }
    out.sort_by_key(|c: &Candidate| c.rank);
    out
}

fn service_of(tokens: &[Token]) -> Option<String> {
    let [_, _, service, _, _, _] = arn::fields(tokens)?;
    let bytes: Option<Vec<u8>> = service
        .iter()
        .map(|t| match t {
            Token::Byte(b) => Some(*b),
            Token::One | Token::Many | Token::Code | Token::Caller => None,
        })
        .collect();
    String::from_utf8(bytes?).ok().filter(|s| !s.is_empty())
}

impl Candidate {
    /// A slice for one resource that the pattern matches and that no other pattern means.
    fn slice(self, account: &str, table: &ActionTable, kinds: &Kinds, classes: &Classes) -> Slice {
        let fields = arn::fields(&self.tokens).unwrap_or_default();
        let defaults = ["arn", "aws", &self.service, REGION, account, "unnamed-resource"];
        let parts: Vec<String> = fields.iter().zip(defaults).map(|(field, many)| made(field, many)).collect();
        let resource = parts.join(":");
        let kind = parts.last().map_or("", String::as_str);
        let iam = self.service == "iam";
        let (mut members, whose) = if iam && kind.starts_with("user/") {
            (kinds.user.clone(), Whose::Other)
        } else if iam && (kind.starts_with("mfa/") || kind.starts_with("sms-mfa/")) {
            (kinds.device.clone(), Whose::Other)
        } else {
            let mut members = table.service(&self.service);
            members.keep(&kinds.other);
            (members, Whose::Generic)
        };
        if whose == Whose::Generic {
            let mut named = self.named;
            named.keep(&kinds.other);
            members.add(&named);
        }
        Slice::new(classes, resource, whose, &members, false)
    }
}

/// A text that a pattern matches.
fn made(tokens: &[Token], many: &str) -> String {
    let mut bytes = Vec::new();
    for token in tokens {
        match token {
            Token::Byte(b) => bytes.push(*b),
            Token::One => bytes.push(b'q'),
            Token::Many | Token::Code | Token::Caller => bytes.extend(many.bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
