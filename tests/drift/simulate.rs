//! The account that code would make: a model of the code written as AWS prints it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mfaguard::fs::OsFs;
use mfaguard::iam::build::{self, Names};
use mfaguard::iam::facts::PrincipalKind;
use mfaguard::iam::model::{Grant, IamModel, PolicyOrigin, Principal};
use mfaguard::policy::document::{
    Document, Effect, Elements, Parsed, PrincipalType, Principals, Statement, Version,
};
use mfaguard::policy::managed::Managed;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::value::{ChoiceId, When};
use serde_json::{Map, Value, json};

/// What a directory or file declares together.
pub(crate) fn model(code: &Path, account: &str) -> IamModel {
    let request = scan::Request::new(vec![code.to_path_buf()], Arc::new(OsFs::for_paths([code])));
    let (mut declared, problems) = scan::declared(&request, &SourceMap::new());
    assert!(problems.is_empty(), "{}: {problems:?}", code.display());
    assert_eq!(declared.len(), 1, "{}", code.display());
    let mut facts = declared.remove(0).facts;
    facts.of_account(account, "aws");
    build::build(facts, Names::OfAccount).0
}

/// One of the accounts that the code can make: every open choice is answered alike.
pub(crate) struct Simulation<'m> {
    pub(crate) model: &'m IamModel,
    pub(crate) answer: usize,
    /// Number of the account.
    pub(crate) account: &'m str,
}

impl Simulation<'_> {
    /// Whether the code says what everything is called.
    pub(crate) fn is_settled(&self) -> bool {
        let named = self.model.principals.iter().all(|p| p.name.is_some());
        let policies = self.model.policies.iter().all(|p| p.name.is_some());
        named && policies && self.model.principals.iter().all(|p| p.uncertain.is_none())
    }

    fn holds(&self, when: &When) -> bool {
        let answers = |c: ChoiceId| self.model.choices.get(c).map_or(1, |c| c.labels.len());
        when.answers().iter().all(|&(c, answer)| answer == self.answer.min(answers(c) - 1))
    }

    /// Writes the answers of AWS.
    pub(crate) fn save(&self, dir: &Path) {
        let mut lists: BTreeMap<PrincipalKind, Vec<Value>> = BTreeMap::new();
        let mut report =
            String::from("user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n");
        for p in self.model.principals.iter().filter(|p| p.whens.iter().any(|w| self.holds(w))) {
            lists.entry(p.kind).or_default().push(self.principal(p));
            if p.kind == PrincipalKind::User {
                let console = p.login_profiles.iter().any(|c| self.holds(&c.when));
                let keys = p.access_keys.iter().any(|c| self.holds(&c.when));
                let (name, arn) = (p.name.as_deref().unwrap(), self.arn_of(p));
                report += &format!("{name},{arn},{console},{console},{keys},false\n");
            }
        }
        let of = |kind| lists.get(&kind).cloned().unwrap_or_default();
        let details = json!({
            "UserDetailList": of(PrincipalKind::User), "GroupDetailList": of(PrincipalKind::Group),
            "RoleDetailList": of(PrincipalKind::Role), "Policies": self.policies(),
        });
        std::fs::create_dir_all(dir).unwrap();
        let text = serde_json::to_string_pretty(&details).unwrap();
        std::fs::write(dir.join("account_authorization_details.json"), text).unwrap();
        std::fs::write(dir.join("credential_report.csv"), report).unwrap();
        std::fs::write(dir.join("meta.json"), json!({"account": self.account}).to_string()).unwrap();
        let devices: Vec<Value> = self
            .model
            .devices
            .iter()
            .map(|d| {
                let name = d.name.as_deref().unwrap();
                let user = d.users.first().map_or(name, String::as_str);
                json!({"SerialNumber": self.arn(&format!("mfa/{name}")), "EnableDate": "2026-01-01T00:00:00Z",
                   "User": {"UserName": user, "Arn": self.arn(&format!("user/{user}"))}})
            })
            .collect();
        let text = json!({"VirtualMFADevices": devices}).to_string();
        std::fs::write(dir.join("virtual_mfa_devices.json"), text).unwrap();
    }

    fn policies(&self) -> Vec<Value> {
        let customer = self.model.policies.iter().filter(|p| p.origin == PolicyOrigin::Customer);
        customer
            .filter(|p| p.whens.iter().any(|w| self.holds(w)))
            .map(|p| {
                let name = p.name.as_deref().unwrap();
                json!({"PolicyName": name, "Arn": self.arn(&format!("policy/{name}")), "DefaultVersionId": "v1",
                       "PolicyVersionList": [{"VersionId": "v1", "Document": self.document(&p.documents)}]})
            })
            .collect()
    }

    /// The document in this world.
    fn document(&self, documents: &[(When, Arc<Parsed>)]) -> Value {
        let (_, parsed) = documents.iter().find(|(w, _)| self.holds(w)).unwrap();
        document(&parsed.document)
    }

    fn principal(&self, p: &Principal) -> Value {
        let name = p.name.as_deref().unwrap();
        let (member, inline) = match p.kind {
            PrincipalKind::User => ("UserName", "UserPolicyList"),
            PrincipalKind::Group => ("GroupName", "GroupPolicyList"),
            PrincipalKind::Role => ("RoleName", "RolePolicyList"),
        };
        let held: Vec<&Grant> = p.grants.iter().filter(|g| self.holds(&g.when)).collect();
        let policy = |g: &&Grant| g.policy.as_ref().ok().and_then(|&id| self.model.policy(id));
        let embedded: Vec<Value> = held
            .iter()
            .filter_map(policy)
            .filter(|p| p.origin == PolicyOrigin::Inline)
            .map(|p| json!({"PolicyName": p.name, "PolicyDocument": self.document(&p.documents)}))
            .collect();
        let attached: Vec<Value> = held.iter().filter_map(|g| self.attached(g)).collect();
        let mut out = json!({"Path": p.iam_path.as_deref().unwrap_or("/"), "Arn": self.arn_of(p),
                             "AttachedManagedPolicies": attached});
        out[member] = json!(name);
        out[inline] = json!(embedded);
        if let Some(boundary) = p.boundaries.iter().find(|b| self.holds(&b.when)) {
            out["PermissionsBoundary"] =
                json!({"PermissionsBoundaryArn": self.attached(boundary).unwrap()["PolicyArn"]});
        }
        match p.kind {
            PrincipalKind::User => {
                let groups = p.memberships.iter().filter(|m| self.holds(&m.when));
                let names: Vec<&str> = groups
                    .filter_map(|m| self.model.principal(*m.group.as_ref().ok()?)?.name.as_deref())
                    .collect();
                out["GroupList"] = json!(names);
            }
            PrincipalKind::Group => {}
            PrincipalKind::Role => {
                let none = json!({"Version": "2012-10-17", "Statement": []});
                let some = !p.trust.is_empty();
                out["AssumeRolePolicyDocument"] = if some { self.document(&p.trust) } else { none };
            }
        }
        out
    }

    fn arn(&self, rest: &str) -> String {
        format!("arn:aws:iam::{}:{rest}", self.account)
    }

    fn arn_of(&self, p: &Principal) -> String {
        let path = p.iam_path.as_deref().unwrap_or("/");
        self.arn(&format!("{}{path}{}", p.kind.as_str(), p.name.as_deref().unwrap()))
    }

    fn attached(&self, grant: &Grant) -> Option<Value> {
        let named = |arn: String| json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn});
        match &grant.policy {
            Err(_) => grant.arn.clone().map(named),
            Ok(id) => {
                let policy = self.model.policy(*id).unwrap();
                let name = policy.name.as_deref().unwrap();
                match policy.origin {
                    PolicyOrigin::Inline => None,
                    PolicyOrigin::Aws => Managed::by_name(name).map(|m| named(m.arn())),
                    PolicyOrigin::Customer => Some(named(self.arn(&format!("policy/{name}")))),
                }
            }
        }
    }
}

fn document(of: &Document) -> Value {
    let version = match of.version {
        Version::V2008 => "2008-10-17",
        Version::V2012 => "2012-10-17",
    };
    json!({"Version": version, "Statement": of.statements.iter().map(statement).collect::<Vec<_>>()})
}

fn statement(of: &Statement) -> Value {
    let mut out = Map::new();
    let effect = if of.effect == Ok(Effect::Allow) { "Allow" } else { "Deny" };
    out.insert("Effect".to_owned(), json!(effect));
    let mut add = |name: &str, e: &Elements| {
        let name = if e.negated { format!("Not{name}") } else { name.to_owned() };
        out.insert(name, e.items.iter().map(|i| i.text.known().unwrap()).collect());
    };
    add("Action", &of.action);
    of.resource.iter().for_each(|r| add("Resource", r));
    if let Some(p) = &of.principal {
        out.insert(if p.negated { "NotPrincipal" } else { "Principal" }.to_owned(), principals(p));
    }
    let mut condition: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for test in &of.condition {
        let values = test.values.iter().map(|v| v.text.known().unwrap()).collect();
        condition
            .entry(test.operator.known().unwrap())
            .or_default()
            .insert(test.key.known().unwrap(), values);
    }
    if !condition.is_empty() {
        out.insert("Condition".to_owned(), json!(condition));
    }
    Value::Object(out)
}

fn principals(of: &Principals) -> Value {
    let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in &of.items {
        let kind = match item.kind.unwrap() {
            PrincipalType::Aws => "AWS",
            PrincipalType::Service => "Service",
            PrincipalType::Federated => "Federated",
            PrincipalType::CanonicalUser => "CanonicalUser",
        };
        out.entry(kind).or_default().push(item.item.text.known().unwrap());
    }
    json!(out)
}
