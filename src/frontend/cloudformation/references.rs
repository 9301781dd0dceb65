//! `Ref` and `Fn::GetAtt`: parameters, pseudo parameters, and resources.

use super::choice::lift;
use super::stack::{Resource, Stack};
use super::text;
use super::tree::Node;
use crate::diagnostic::{Code, Level};
use crate::source::Span;
use crate::value::{Kind, Reference, Text, Unknown, Value};

/// A resource type whose name and ARN are known by rule.
struct Named {
    kind: &'static str,
    /// The property that gives the name.
    property: &'static str,
    /// How its ARNs begin after the account.
    arn: &'static str,
}

/// Resources that have an ARN of the form `arn:…:iam::account:kind/path/name`.
const NAMED: &[Named] = &[
    Named { kind: "AWS::IAM::User", property: "UserName", arn: "user" },
    Named { kind: "AWS::IAM::Group", property: "GroupName", arn: "group" },
    Named { kind: "AWS::IAM::Role", property: "RoleName", arn: "role" },
    Named { kind: "AWS::IAM::ManagedPolicy", property: "ManagedPolicyName", arn: "policy" },
];

/// Pseudo parameters that are one string, known only when the stack is deployed.
const PSEUDO: &[&str] =
    &["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"];

/// The value of a pseudo parameter. The same everywhere in a run, so it has no place.
fn pseudo(name: &str) -> Text {
    let reason = format!("`{name}` is known only when the stack is deployed");
    Text::hole(match name {
        "AWS::AccountId" => Unknown::own_account(reason, None),
        "AWS::Partition" => Unknown::own_partition(reason, None),
        _ => Unknown::new(reason, None),
    })
}

/// True for what a pseudo parameter stands for, or a name that CloudFormation chooses: no `:`, `/` or `,` is in it.
pub(super) fn is_one_word(unknown: &Unknown) -> bool {
    let names = PSEUDO.iter().filter(|name| **name != "AWS::StackId");
    unknown.refer().is_some()
        || names.into_iter().any(|name| pseudo(name).holes().iter().any(|h| h.unknown.same(unknown)))
}

impl Stack<'_> {
    /// `Ref`.
    pub(super) fn reference(&mut self, node: &Node, at: Span) -> Value {
        match node.text() {
            Some(name) => self.named(name, at),
            None => self.malformed("Ref", at),
        }
    }

    /// What a name in a `Ref` or `${…}` stands for.
    pub(super) fn named(&mut self, name: &str, at: Span) -> Value {
        if name == "AWS::NoValue" {
            return Value::null(Some(at));
        }
        if PSEUDO.contains(&name) {
            return Value::text(pseudo(name), Some(at));
        }
        if name.starts_with("AWS::") {
            return Value::unknown(format!("`{name}` is known only when the stack is deployed"), Some(at));
        }
        if let Some(value) = self.parameter(name) {
            return value.at(Some(at));
        }
        match self.resource(name) {
            Some(resource) => self.resource_ref(&resource, at),
            None => self.nowhere(name, at),
        }
    }

    fn nowhere(&mut self, name: &str, at: Span) -> Value {
        let message = format!("`{name}` is neither a parameter nor a resource of the template");
        if self.template().root.get("Transform").is_some() {
            // A macro may declare it: the Serverless one makes roles for functions.
            return Value::unknown(message, Some(at));
        }
        self.report(Code::BadReference, Level::Warning, at, message.clone());
        Value::unknown(message, Some(at))
    }

    fn resource_ref(&mut self, resource: &Resource, at: Span) -> Value {
        match &*resource.kind {
            "AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::Role" => self.name_of(resource).at(Some(at)),
            "AWS::IAM::ManagedPolicy" => self.arn_of(resource, "Ref").at(Some(at)),
            kind => {
                let message = format!("the name of `{}` ({kind}) is not known", resource.id);
                Value::unknown(message, Some(at)).refers(self.address(&resource.id), "Ref")
            }
        }
    }

    /// The name of a user, group, role or managed policy: as given, otherwise chosen by CloudFormation.
    pub(super) fn name_of(&mut self, resource: &Resource) -> Value {
        let id = &*resource.id;
        match self.names.get(id) {
            Some(Some(name)) => return name.clone(),
            Some(None) => {
                let message = format!("the name of `{id}` refers to itself");
                self.report(Code::BadReference, Level::Warning, resource.span, message.clone());
                return Value::unknown(message, Some(resource.span));
            }
            None => {}
        }
        self.names.insert(id.to_owned(), None);
        let property = NAMED.iter().find(|n| n.kind == &*resource.kind).map(|n| n.property);
        let given = match property.and_then(|p| resource.property(p)) {
            Some(node) => self.eval(node),
            None => Value::null(None),
        };
        let address = self.address(id);
        let name = given.map_arms(&mut |v| {
            let v = if v.is_null() {
                let key = Span { end: resource.span.start.saturating_add(id.len() as u32), ..resource.span };
                let refer = Reference { unit: 0, address: address.clone(), attribute: "Ref".to_owned() };
                let reason = format!("the name of `{id}` is chosen by CloudFormation");
                Value::new(Kind::Unknown(Unknown::attribute(refer, reason, Some(key))), Some(key))
            } else {
                v.clone()
            };
            v.refers(address.clone(), "Ref")
        });
        let name = name.refers(address, "Ref");
        self.names.insert(id.to_owned(), Some(name.clone()));
        name
    }

    /// The ARN of a user, group, role or managed policy, which is `attribute` of it.
    pub(super) fn arn_of(&mut self, resource: &Resource, attribute: &str) -> Value {
        let address = self.address(&resource.id);
        let Some(named) = NAMED.iter().find(|n| n.kind == &*resource.kind) else {
            let message = format!("the ARN of `{}` ({}) is not known", resource.id, resource.kind);
            return Value::unknown(message, Some(resource.span)).refers(address, attribute);
        };
        let path = match resource.property("Path") {
            Some(node) => self.eval(node),
            None => Value::string("/", None),
        };
        let args = [path, self.name_of(resource)];
        let literal = |s: String| Value::text(Text::new(s), None);
        let arn = lift(&args, &mut |args| {
            let [path, name] = args else { return Value::unknown("it has no name", Some(resource.span)) };
            let path = if path.is_null() { literal("/".to_owned()) } else { path.clone() };
            let parts = [
                literal("arn:".to_owned()),
                Value::text(pseudo("AWS::Partition"), None),
                literal(":iam::".to_owned()),
                Value::text(pseudo("AWS::AccountId"), None),
                literal(format!(":{}", named.arn)),
                path,
                name.clone(),
            ];
            match text::concat(&parts, resource.span) {
                Ok(text) => Value::text(text, None).refers(address.clone(), attribute),
                Err(u) => Value::unknown(u.reason(), u.span()).refers(address.clone(), attribute),
            }
        });
        arn.refers(address, attribute)
    }

    /// `Fn::GetAtt`, as `Id.Attribute` or as a list.
    pub(super) fn get_att(&mut self, node: &Node, at: Span) -> Value {
        if let Some((id, attribute)) = node.text().and_then(|t| t.split_once('.')) {
            return self.attribute(id, attribute, at);
        }
        let Some([id, attribute]) = node.items() else { return self.malformed("Fn::GetAtt", at) };
        let Some(id) = id.text() else { return self.malformed("Fn::GetAtt", at) };
        let attribute = self.eval(attribute);
        lift(&[attribute], &mut |args| match args.first().map(|v| text::known(v, at)) {
            Some(Ok(attribute)) => self.attribute(id, attribute, at),
            Some(Err(u)) => Value::unknown(u.reason(), u.span()),
            None => Value::unknown("it has no attribute", Some(at)),
        })
    }

    /// An attribute of a resource.
    pub(super) fn attribute(&mut self, id: &str, attribute: &str, at: Span) -> Value {
        let Some(resource) = self.resource(id) else { return self.nowhere(id, at) };
        match (&*resource.kind, attribute) {
            ("AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::Role", "Arn")
            | ("AWS::IAM::ManagedPolicy", "PolicyArn") => self.arn_of(&resource, attribute).at(Some(at)),
            ("AWS::CloudFormation::Stack" | "AWS::Serverless::Application", _) => {
                match attribute.strip_prefix("Outputs.") {
                    Some(output) => self.output_of(&resource, output, at),
                    None => Value::unknown(format!("`{id}.{attribute}` is not known"), Some(at)),
                }
            }
            (kind, _) => {
                let message = format!("`{attribute}` of `{id}` ({kind}) is not known");
                Value::unknown(message, Some(at)).refers(self.address(id), attribute)
            }
        }
    }
}

/// The elements of a property, each with its place: of a list, or of a value that should have been one.
pub(super) fn elements(v: &Value) -> Vec<Value> {
    match &v.kind {
        Kind::List(l) | Kind::Set(l) => l.as_ref().clone(),
        Kind::Null => Vec::new(),
        Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => vec![v.clone()],
    }
}
