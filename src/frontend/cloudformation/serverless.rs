//! Roles that the Serverless transform makes: what a function or a state machine has no `Role` for runs as
//! `<its id>Role`.
//!
//! Follows "Generated resources" and the properties of `AWS::Serverless::Function` and
//! `AWS::Serverless::StateMachine` of the AWS SAM Developer Guide.

use std::sync::Arc;

use super::places::Style;
use super::stack::Resource;
use super::tree::{Node, NodeKind, Pair, Scalar};
use crate::source::Span;

/// A resource that gets a role.
struct Runs {
    kind: &'static str,
    /// Its section of `Globals`.
    globals: &'static str,
    /// Who assumes the role.
    service: &'static str,
}

const RUNS: &[Runs] = &[
    Runs { kind: "AWS::Serverless::Function", globals: "Function", service: "lambda.amazonaws.com" },
    Runs { kind: "AWS::Serverless::StateMachine", globals: "StateMachine", service: "states.amazonaws.com" },
];

/// The role of a resource, if the transform makes one.
pub(super) fn role_of(resource: &Resource, template: &Node) -> Option<Resource> {
    let runs = RUNS.iter().find(|r| r.kind == &*resource.kind)?;
    let globals = template.get("Globals").and_then(|g| g.get(runs.globals));
    let property = |name: &str| resource.property(name).or_else(|| globals?.get(name));
    if property("Role").is_some_and(|role| !may_be_nothing(role)) {
        return None;
    }
    let make = Maker { at: resource.span };
    let trust = property("AssumeRolePolicyDocument").cloned().unwrap_or_else(|| make.trust(runs.service));
    let mut properties = vec![make.pair("AssumeRolePolicyDocument", trust)];
    if let Some(boundary) = property("PermissionsBoundary") {
        properties.push(make.pair("PermissionsBoundary", boundary.clone()));
    }
    let policies = resource.property("Policies");
    let policies = policies.map(|p| p.items().unwrap_or(std::slice::from_ref(p))).unwrap_or_default();
    let (mut managed, mut inline) = (Vec::new(), Vec::new());
    for (n, policy) in policies.iter().enumerate() {
        let (arn, embedded) = make.policy(policy, &format!("{}RolePolicy{n}", resource.id));
        managed.extend(arn);
        inline.extend(embedded);
    }
    properties.push(make.pair("ManagedPolicyArns", make.list(managed)));
    properties.push(make.pair("Policies", make.list(inline)));
    let mut entries = vec![make.pair("Properties", make.map(properties))];
    entries.extend(resource.node.pair("Condition").cloned());
    Some(Resource {
        id: format!("{}Role", resource.id).into(),
        kind: "AWS::IAM::Role".into(),
        node: make.map(entries),
        span: resource.span,
    })
}

/// True for a property that some branch of an `Fn::If` takes away.
fn may_be_nothing(node: &Node) -> bool {
    match node.only().map(|p| (&*p.key, &p.value)) {
        Some(("Ref", name)) => name.text() == Some("AWS::NoValue"),
        Some(("Fn::If", branches)) => branches.items().unwrap_or_default().iter().any(may_be_nothing),
        Some(_) | None => false,
    }
}

/// Makes nodes that all stand at one place.
struct Maker {
    at: Span,
}

impl Maker {
    fn text(&self, text: &str) -> Node {
        let scalar = Scalar { text: text.into(), body: self.at, style: Style::Made };
        Node { kind: NodeKind::Scalar(scalar), span: self.at }
    }

    fn list(&self, items: Vec<Node>) -> Node {
        Node { kind: NodeKind::Seq(Arc::new(items)), span: self.at }
    }

    fn map(&self, pairs: Vec<Pair>) -> Node {
        Node { kind: NodeKind::Map(Arc::new(pairs)), span: self.at }
    }

    fn pair(&self, key: &str, value: Node) -> Pair {
        Pair { key: key.into(), key_span: self.at, value }
    }

    fn trust(&self, service: &str) -> Node {
        let principal = self.map(vec![self.pair("Service", self.text(service))]);
        let statement = self.map(vec![
            self.pair("Effect", self.text("Allow")),
            self.pair("Action", self.text("sts:AssumeRole")),
            self.pair("Principal", principal),
        ]);
        self.map(vec![self.pair("Statement", statement)])
    }

    /// An element of `Policies` as an ARN, or as a policy of the role. The templates that AWS has for policies are
    /// neither: each is about one resource, and none makes an administrator.
    fn policy(&self, node: &Node, called: &str) -> (Option<Node>, Option<Node>) {
        match (node.only().map(|p| (&*p.key, p.value.items())), node.text()) {
            (_, Some(name)) if name.contains(':') => (Some(node.clone()), None),
            (_, Some(name)) => {
                let arn = self.text(&format!("arn:aws:iam::aws:policy/{name}"));
                (Some(Node { span: node.span, ..arn }), None)
            }
            (Some(("Fn::If", Some([condition, yes, no]))), _) => {
                let ((managed, inline), (other_managed, other_inline)) =
                    (self.policy(yes, called), self.policy(no, called));
                let either = |yes, no| self.either(condition, yes, no);
                (either(managed, other_managed), either(inline, other_inline))
            }
            (Some((key, _)), _) if key == "Ref" || key.starts_with("Fn::") => (Some(node.clone()), None),
            (_, None) if node.get("Statement").is_some() => {
                let named = vec![
                    self.pair("PolicyName", self.text(called)),
                    self.pair("PolicyDocument", node.clone()),
                ];
                (None, Some(self.map(named)))
            }
            (_, None) => (None, None),
        }
    }

    fn either(&self, condition: &Node, yes: Option<Node>, no: Option<Node>) -> Option<Node> {
        if yes.is_none() && no.is_none() {
            return None;
        }
        let nothing = || self.map(vec![self.pair("Ref", self.text("AWS::NoValue"))]);
        let branches = vec![condition.clone(), yes.unwrap_or_else(nothing), no.unwrap_or_else(nothing)];
        Some(self.map(vec![self.pair("Fn::If", self.list(branches))]))
    }
}
