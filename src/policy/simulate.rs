//! Offline evaluation of policies for a list of requests: the library half of `mfaguard simulate`.
//!
//! The counterpart of "Testing IAM policies with the IAM policy simulator", without an account and for three worlds at
//! once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::arn::Arn;
use super::bits::BitSet;
use super::classes::{Classes, Whose};
use super::condition::{AGE, Context, ISSUED, Key, PRESENT, World};
use super::document::Document;
use super::eval::{Ask, Engine, Grants, Slice};
use super::json::{self, JsonProblem};
use super::parse::{DocumentKind, parse};
use super::slices::{self, Subject};
use super::universe::ActionTable;
use crate::value::{Kind, Text, Value};

/// Why a line or a request file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulateError {
    /// It is no JSON of the form that is needed.
    #[error("{0}")]
    Json(String),
    /// A case misses something or has something of the wrong kind.
    #[error("{0}")]
    Case(String),
}

/// One request.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// What it is called in the answers.
    pub label: String,
    /// `service:Action`.
    pub action: String,
    /// ARN, or `*`.
    pub resource: String,
}

/// A request file.
#[derive(Debug, Clone, Deserialize)]
pub struct Requests {
    #[serde(default)]
    context: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    worlds: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    requests: Vec<Request>,
}

impl Requests {
    /// Reads a request file.
    ///
    /// # Errors
    /// When it is not of the form of a request file.
    pub fn from_json(text: &str) -> Result<Self, SimulateError> {
        serde_json::from_str(text).map_err(|e| SimulateError::Json(e.to_string()))
    }
}

/// The labels of the allowed requests in each world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// With MFA.
    pub mfa: Vec<String>,
    /// Console without MFA.
    pub console: Vec<String>,
    /// Long-term access keys.
    pub keys: Vec<String>,
}

/// The answer to one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The id of the case, as it was given.
    pub id: serde_json::Value,
    /// What is allowed.
    pub allowed: Allowed,
    /// Verdict for console sessions.
    pub mfa: &'static str,
    /// Verdict for long-term access keys.
    pub mfa_keys: &'static str,
    /// Whether something that is open without MFA is a takeover.
    pub takeover: bool,
}

/// Answers cases over one list of requests.
#[derive(Debug)]
pub struct Simulator {
    requests: Requests,
    table: ActionTable,
    classes: Classes,
    /// Slice and bit of each request.
    places: Vec<(usize, usize)>,
    slices: Vec<Slice>,
    /// Whose resources the slices are made for.
    principal: String,
}

/// Keys of a request file that the caller of an API chooses all the same, so that a verdict does not rest on them.
const CHOSEN: [&str; 6] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:useragent",
];

impl Simulator {
    /// A simulator for these requests.
    pub fn new(requests: Requests) -> Self {
        let table = ActionTable::of(requests.requests.iter().map(|r| r.action.as_str()));
        let classes = Classes::of(&table);
        let (places, slices) = (Vec::new(), Vec::new());
        let mut out = Self { requests, table, classes, places, slices, principal: String::new() };
        out.slice();
        out
    }

    /// Groups the requests by resource.
    fn slice(&mut self) {
        let mut by_resource: BTreeMap<&str, usize> = BTreeMap::new();
        let mut members = Vec::new();
        self.places.clear();
        for request in &self.requests.requests {
            let slice = *by_resource.entry(&request.resource).or_insert_with(|| {
                members.push((request.resource.clone(), self.table.empty()));
                members.len() - 1
            });
            let bit = self.table.find(&request.action).unwrap_or(usize::MAX);
            if let Some((_, set)) = members.get_mut(slice) {
                set.insert(bit);
            }
            self.places.push((slice, bit));
        }
        let one = |(resource, set): (String, BitSet)| {
            let whose = whose(&resource, &self.principal);
            Slice::new(&self.classes, resource, whose, &set, false)
        };
        self.slices = members.into_iter().map(one).collect();
    }

    /// Answers one case, a JSON object on a line.
    ///
    /// # Errors
    /// When the line is no JSON, or no case.
    pub fn answer(&mut self, line: &str) -> Result<Answer, SimulateError> {
        let case = Case::read(line)?;
        if case.principal != self.principal {
            self.principal.clone_from(&case.principal);
            self.slice();
        }
        let grants = case.grants();
        let program = grants.compile(&self.table);
        let given = self.contexts(&case, Context::closed());
        let engine = Engine::new(&program, &self.slices, &given);
        let [mfa, console, keys] = World::ALL.map(|w| self.allowed(&engine, w));

        let chosen = self.contexts(&case, Context::open());
        let engine = Engine::new(&program, &self.slices, &chosen);
        let sets = engine.sets(&engine.certain());
        let [ruling, ruling_keys] = engine.settled_rulings(&sets);
        let takeover = !engine.takeover(&self.classes, &sets).is_empty();
        Ok(Answer {
            id: case.id,
            allowed: Allowed { mfa, console, keys },
            mfa: ruling.as_str(),
            mfa_keys: ruling_keys.as_str(),
            takeover,
        })
    }

    fn allowed(&self, engine: &Engine<'_, '_>, world: World) -> Vec<String> {
        let reading = engine.certain();
        let by_slice: Vec<_> = (0..self.slices.len())
            .map(|slice| engine.allowed(&Ask { reading: &reading, slice, world }, false))
            .collect();
        let allowed = |(slice, bit): &(usize, usize)| by_slice.get(*slice).is_some_and(|s| s.contains(*bit));
        let requests = self.requests.requests.iter().zip(&self.places);
        requests.filter(|(_, place)| allowed(place)).map(|(r, _)| r.label.clone()).collect()
    }

    /// The context of each world. In an open one some are the caller's choice.
    fn contexts(&self, case: &Case, base: Context) -> [Context; 3] {
        let open = base == Context::open();
        World::ALL.map(|world| {
            let name = match world {
                World::Mfa => "mfa",
                World::Console => "console",
                World::Keys => "keys",
            };
            let mut context = base.clone();
            if open {
                context.set("aws:CalledVia", Key::Absent);
                context.set("aws:CalledViaFirst", Key::Absent);
                context.set("aws:CalledViaLast", Key::Absent);
            }
            let mut set = |key: &str, value: &serde_json::Value| {
                if !open || !CHOSEN.contains(&key.to_ascii_lowercase().as_str()) {
                    context.set(key, Key::Values(strings(value)));
                }
            };
            self.requests.context.iter().for_each(|(k, v)| set(k, v));
            principal_keys(&case.principal).iter().for_each(|(k, v)| set(k, &v.as_str().into()));
            case.context.iter().for_each(|(k, v)| set(k, v));
            let empty = BTreeMap::new();
            let of_world = self.requests.worlds.get(name).unwrap_or(&empty);
            for key in [PRESENT, AGE, ISSUED] {
                context.set(key, Key::Absent);
            }
            for (key, value) in of_world {
                context.set(key, Key::Values(strings(value)));
            }
            context
        })
    }
}

/// Answers one case over all AWS actions and every kind of resource: what is called allowed is what the caller
/// can make allowed on some resource. Nothing of the case's context is needed for that.
///
/// # Errors
/// As [`Simulator::answer`].
pub fn answer_for_all_actions(line: &str) -> Result<Answer, SimulateError> {
    let case = Case::read(line)?;
    let known = Some(case.principal.clone()).filter(|p| user_name(p).is_some());
    let subject =
        Subject { name: user_name(&case.principal).map(str::to_owned), arn: known, ..Subject::default() };
    let grants = case.grants();
    let table =
        ActionTable::with_elements(grants.documents().flat_map(|(_, d)| &d.statements).map(|s| &s.action));
    let classes = Classes::of(&table);
    let program = grants.compile(&table);
    let (slices, complete) = slices::slices(&subject, &program, &table, &classes);
    let engine = Engine::new(&program, &slices, &subject.contexts());
    let reading = engine.certain();
    let [mfa, console, keys] = World::ALL.map(|world| {
        let mut all = table.empty();
        (0..slices.len())
            .for_each(|slice| all.add(&engine.allowed(&Ask { reading: &reading, slice, world }, true)));
        all.iter().map(|bit| table.name(bit)).collect::<Vec<_>>()
    });
    let sets = engine.sets(&reading);
    let [ruling, ruling_keys] = engine.settled_rulings(&sets).map(|r| r.of(complete));
    let takeover = !engine.takeover(&classes, &sets).is_empty();
    let allowed = Allowed { mfa, console, keys };
    Ok(Answer { id: case.id, allowed, mfa: ruling.as_str(), mfa_keys: ruling_keys.as_str(), takeover })
}

/// Keys that follow from the ARN of a principal.
fn principal_keys(principal: &str) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if let Some(arn) = Arn::parse(principal) {
        out.push(("aws:PrincipalArn", principal.to_owned()));
        out.push(("aws:PrincipalAccount", arn.account.to_owned()));
        if let Some(name) = user_name(principal) {
            out.push(("aws:username", name.to_owned()));
        }
    }
    out
}

/// The name in the ARN of a user, without its path.
fn user_name(principal: &str) -> Option<&str> {
    Arn::parse(principal)?.resource.strip_prefix("user/")?.rsplit('/').next()
}

fn whose(resource: &str, principal: &str) -> Whose {
    let Some(arn) = Arn::parse(resource) else { return Whose::None };
    let device = arn.resource.strip_prefix("mfa/");
    let user = arn.service == "iam" && (arn.resource.starts_with("user/") || device.is_some());
    match (user, resource == principal || device.is_some() && device == user_name(principal)) {
        (true, true) => Whose::Own,
        (true, false) => Whose::Other,
        (false, _) => Whose::Generic,
    }
}

fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(s) => vec![s.clone()],
        serde_json::Value::Array(list) => list.iter().flat_map(strings).collect(),
        serde_json::Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// One line of the input.
struct Case {
    id: serde_json::Value,
    principal: String,
    policies: Vec<Document>,
    boundary: Option<Document>,
    scps: Vec<Vec<Document>>,
    context: BTreeMap<String, serde_json::Value>,
}

impl Case {
    fn read(line: &str) -> Result<Self, SimulateError> {
        let value = json::json_to_value(&Text::new(line), None).map_err(|problem| match problem {
            JsonProblem::Invalid { message, .. } => SimulateError::Json(message),
            JsonProblem::Open(u) => SimulateError::Json(u.reason().to_owned()),
        })?;
        let wrong = |what: &str| SimulateError::Case(format!("`{what}` is missing or of the wrong kind"));
        let documents = |list: &[Value]| list.iter().map(document).collect::<Vec<_>>();
        let policies = value.get("policies").and_then(Value::as_list).ok_or_else(|| wrong("policies"))?;
        let scps = match value.get("scps").filter(|v| !v.is_null()) {
            None => Vec::new(),
            Some(list) => {
                let list = list.as_list().ok_or_else(|| wrong("scps"))?;
                let levels = list.iter().any(|v| v.as_list().is_some());
                if list.is_empty() {
                    Vec::new()
                } else if levels {
                    list.iter().map(|l| documents(l.as_list().unwrap_or(std::slice::from_ref(l)))).collect()
                } else {
                    vec![documents(list)]
                }
            }
        };
        Ok(Self {
            id: value.get("id").map_or(serde_json::Value::Null, plain),
            principal: value.get("principal").and_then(Value::as_str).unwrap_or_default().to_owned(),
            policies: documents(policies),
            boundary: value.get("boundary").filter(|v| !v.is_null()).map(document),
            scps,
            context: value.get("context").and_then(Value::as_map).map_or_else(BTreeMap::new, |m| {
                m.iter().map(|(k, e)| (k.to_string(), plain(&e.value))).collect()
            }),
        })
    }

    fn grants(&self) -> Grants<'_> {
        Grants {
            identity: self.policies.iter().collect(),
            boundary: self.boundary.iter().collect(),
            scps: self.scps.iter().map(|level| level.iter().collect()).collect(),
        }
    }
}

fn document(value: &Value) -> Document {
    parse(value, DocumentKind::Identity).document
}

/// A value of an id or a context key as plain JSON.
fn plain(value: &Value) -> serde_json::Value {
    match &value.kind {
        Kind::Bool(b) => (*b).into(),
        Kind::Number(n) => n.as_i64().map_or_else(|| n.to_string().into(), Into::into),
        Kind::String(t) => t.visible().into(),
        Kind::List(l) | Kind::Set(l) => l.iter().map(plain).collect(),
        Kind::Null | Kind::Map(_) | Kind::OneOf(_) | Kind::Unknown(_) => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id":"x","principal":"arn:aws:iam::111122223333:user/team/alice","policies":[
        {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["iam:CreateAccessKey","s3:*"],"Resource":["*"],
             "Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}},
            {"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:mfa/${aws:username}"}]}],
        "scps":[[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]],"boundary":null,
        "context":{"aws:RequestedRegion":"us-east-1"}}"#;

    const REQUESTS: &str = r#"{"worlds":{"mfa":{"aws:MultiFactorAuthPresent":"true"}},"requests":[
        {"label":"key","action":"iam:CreateAccessKey","resource":"arn:aws:iam::111122223333:user/team/alice"},
        {"label":"device","action":"iam:DeactivateMFADevice","resource":"arn:aws:iam::111122223333:mfa/alice"},
        {"label":"bucket","action":"s3:ListAllMyBuckets","resource":"*"},
        {"label":"twice","action":"S3:listallmybuckets","resource":"*"},
        {"label":"no","action":"ec2:RunInstances","resource":"*"}]}"#;

    #[test]
    fn answers_over_requests() {
        let mut simulator = Simulator::new(Requests::from_json(REQUESTS).unwrap());
        let answer = simulator.answer(CASE).unwrap();
        assert_eq!(answer.allowed.keys, ["key", "device", "bucket", "twice"]);
        assert_eq!((answer.mfa, answer.mfa_keys, answer.takeover), ("not-enforced", "not-enforced", false));

        let refused = CASE.replace(r#""Version":"2012-10-17""#, r#""Version":"2020""#);
        let capped = CASE.replace(r#""Action":"*""#, r#""Action":"s3:*""#);
        assert_eq!(simulator.answer(&capped).unwrap().allowed.mfa, ["bucket", "twice"]);
        assert!(simulator.answer(&refused).unwrap().allowed.mfa.is_empty());
    }

    #[test]
    fn answers_over_all_actions() {
        let answer = answer_for_all_actions(CASE).unwrap();
        assert!(answer.allowed.keys.iter().any(|a| a == "s3:GetObject"));
        assert!(!answer.allowed.keys.iter().any(|a| a.starts_with("ec2:")));
        // On others' users too, which a request list without them does not show.
        assert!(answer.takeover);
    }

    #[test]
    fn what_is_no_case() {
        let mut simulator = Simulator::new(Requests::from_json(REQUESTS).unwrap());
        assert!(matches!(simulator.answer("{"), Err(SimulateError::Json(_))));
        assert!(matches!(simulator.answer("{}"), Err(SimulateError::Case(_))));
        assert!(Requests::from_json(r#"{"requests":1}"#).is_err());
    }
}
