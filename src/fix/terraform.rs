//! Attachments and gates in Terraform: blocks behind that of the principal, in HCL or in JSON.

use super::Edit;
use super::attach::NAME;
use super::page::{Page, range};
use super::propose::Place;
use super::syntax::{self, Node};
use super::tree::Tree;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{Policy, PolicyId, Principal};
use crate::json;
use crate::policy::gate::Gate;
use crate::policy::write;

/// A principal as its resource declares it.
struct Declared {
    /// `aws_iam_user` or `aws_iam_group`.
    kind: String,
    label: String,
    /// `count` or `for_each` of its attachment, and the name of the principal there.
    many: Option<(&'static str, String)>,
    name: String,
    provider: Option<String>,
}

impl Declared {
    fn new(kind: &str, label: &str, body: &Node, page: &Page) -> Option<Self> {
        let all = format!("{kind}.{label}");
        let (many, name) = match (body.member(&["for_each"]), body.member(&["count"])) {
            (Some(_), _) => (Some(("for_each", all)), "each.value.name".to_owned()),
            (_, Some(_)) => (Some(("count", format!("length({all})"))), format!("{all}[count.index].name")),
            (None, None) => (None, format!("{all}.name")),
        };
        let provider = match body.member(&["provider"]) {
            Some(member) => Some(page.text().get(member.value.span.clone())?.trim_matches('"').to_owned()),
            None => None,
        };
        Some(Self { kind: kind.to_owned(), label: label.to_owned(), many, name, provider })
    }

    /// What an attachment says, in order.
    fn attachment(&self, gate: &str) -> Vec<(&'static str, String)> {
        let who = if self.kind == "aws_iam_group" { "group" } else { "user" };
        let many = self.many.iter().map(|(key, value)| (*key, value.clone()));
        let provider = self.provider.iter().map(|p| ("provider", p.clone()));
        let ends = [(who, self.name.clone()), ("policy_arn", format!("aws_iam_policy.{gate}.arn"))];
        many.chain(provider).chain(ends).collect()
    }
}

/// Attaches a gate to a user or a group, or a new one.
pub(super) fn attach(
    place: &Place<'_>,
    page: &Page,
    principal: &Principal,
    gate: Option<(PolicyId, &Policy)>,
) -> Option<Vec<Edit>> {
    let address = principal.address.as_deref()?;
    let (kind, module) = match principal.kind {
        PrincipalKind::User => ("aws_iam_user", module_of(address, "aws_iam_user")?),
        PrincipalKind::Group => ("aws_iam_group", module_of(address, "aws_iam_group")?),
        PrincipalKind::Role => return None,
    };
    let known = match gate {
        Some((id, gate)) => Some(existing(place, page, module, id, gate)?),
        None => None,
    };
    let label = address.strip_prefix(module)?.strip_prefix(kind)?.strip_prefix('.')?;
    let label = label.split('[').next()?;
    // A name that may be there already is only the beginning of one.
    let by_prefix =
        !module.is_empty() || place.iam().policies.iter().any(|p| p.name.as_deref() == Some(NAME));
    let names = place.bench.texts_in(page.directory());
    if syntax::is_hcl(page.path()) {
        let at = range(principal.span);
        if syntax::labels(page.text(), &at)? != ["resource", kind, label] {
            return None;
        }
        let declared = Declared::new(kind, label, &syntax::block(page.text(), &at)?, page)?;
        hcl(page, at.end, &declared, known.as_deref(), by_prefix, &names)
    } else {
        let root = syntax::document(page.text())?;
        let declared = Declared::new(kind, label, root.at(&["resource", kind, label])?, page)?;
        json_file(page, &root, &declared, known.as_deref(), by_prefix, &names)
    }
}

/// The module instance that an address of a type of resource is in: nothing, or `module.a.module.b["x"].`.
fn module_of<'a>(address: &'a str, kind: &str) -> Option<&'a str> {
    let at = address.rfind(&format!("{kind}."))?;
    let module = address.get(..at)?;
    (module.is_empty() || module.starts_with("module.") && module.ends_with('.')).then_some(module)
}

/// The label of a gate that can be attached in the same module. One whose attachment takes it away from everybody else
/// cannot.
fn existing(place: &Place<'_>, page: &Page, module: &str, id: PolicyId, gate: &Policy) -> Option<String> {
    let address = gate.address.as_deref()?;
    let label = address.strip_prefix(module)?.strip_prefix("aws_iam_policy.")?;
    let sources = place.bench.sources;
    let source =
        |span: crate::source::Span| sources.get(span.source).filter(|_| sources.shown_as(span) == span);
    let home = source(gate.span?)?;
    let directory = |path: &str| path.rsplit_once('/').map(|(dir, _)| dir.to_owned());
    let same_module = directory(home.shown()) == directory(page.path());
    let grants = place.iam().principals.iter().flat_map(|p| &p.grants);
    let exclusive = grants.filter(|g| g.policy == Ok(id)).any(|g| {
        let text = source(g.span).map(|s| s.slice(g.span).to_owned()).unwrap_or_default();
        text.contains("aws_iam_policy_attachment")
    });
    let plain = label.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    (plain && same_module && !exclusive).then(|| label.to_owned())
}

/// A name that no block in these texts has.
fn free(names: &str, wanted: &str) -> Option<String> {
    let taken = |label: &str| names.contains(&format!("\"{label}\""));
    let numbered = (2..100).map(|n| format!("{wanted}_{n}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|label| !taken(label))
}

fn hcl(
    page: &Page,
    end: usize,
    declared: &Declared,
    known: Option<&str>,
    by_prefix: bool,
    names: &str,
) -> Option<Vec<Edit>> {
    let mut blocks = Vec::new();
    let gate = match known {
        Some(label) => label.to_owned(),
        None => {
            let label = free(names, &NAME.replace('-', "_"))?;
            blocks.push(write::data_source(&Gate::Identity.document(), &label).trim_end().to_owned());
            let provider = declared.provider.iter().map(|p| ("provider", p.clone()));
            let document = ("policy", format!("data.aws_iam_policy_document.{label}.json"));
            let arguments: Vec<_> = provider.chain([named(by_prefix), document]).collect();
            blocks.push(block("aws_iam_policy", &label, &arguments));
            label
        }
    };
    let label = free(names, &format!("{}_{}", declared.label, NAME.replace('-', "_")))?;
    blocks.push(block(&format!("{}_policy_attachment", declared.kind), &label, &declared.attachment(&gate)));
    let text: String = blocks.iter().map(|b| format!("\n\n{b}")).collect();
    let at = page.line_end(end);
    Some(vec![page.edit(at..at, text.replace('\n', page.newline()))])
}

/// The name of a policy, or what makes it unique in an account.
fn named(by_prefix: bool) -> (&'static str, String) {
    if by_prefix { ("name_prefix", format!("\"{NAME}-\"")) } else { ("name", format!("\"{NAME}\"")) }
}

fn block(kind: &str, label: &str, arguments: &[(&str, String)]) -> String {
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: String =
        arguments.iter().map(|(name, value)| format!("  {name:width$} = {value}\n")).collect();
    format!("resource \"{kind}\" \"{label}\" {{\n{lines}}}")
}

fn json_file(
    page: &Page,
    root: &Node,
    declared: &Declared,
    known: Option<&str>,
    by_prefix: bool,
    names: &str,
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut resources: Vec<(String, String, Tree)> = Vec::new();
    let code = |key: &'static str, value: String| {
        let tree = if key == "provider" { Tree::Text(value) } else { Tree::Code(value) };
        (key.to_owned(), tree)
    };
    let gate = match known {
        Some(label) => label.to_owned(),
        None => {
            let label = free(names, &NAME.replace('-', "_"))?;
            let document = Tree::map([("aws_iam_policy_document", Tree::map([(&label, data_source()?)]))]);
            edits.extend(put(page, root, "data", document)?);
            let (key, name) = named(by_prefix);
            let name = (key.to_owned(), Tree::text(name.trim_matches('"')));
            let document = code("policy", format!("data.aws_iam_policy_document.{label}.json"));
            let provider = declared.provider.iter().map(|p| code("provider", p.clone()));
            let policy = Tree::Map(provider.chain([name, document]).collect());
            resources.push(("aws_iam_policy".to_owned(), label.clone(), policy));
            label
        }
    };
    let label = free(names, &format!("{}_{}", declared.label, NAME.replace('-', "_")))?;
    let attachment = declared.attachment(&gate).into_iter().map(|(key, value)| code(key, value)).collect();
    resources.push((format!("{}_policy_attachment", declared.kind), label, Tree::Map(attachment)));
    let there = root.at(&["resource"])?;
    for (kind, label, tree) in resources {
        edits.extend(match there.at(&[&kind]) {
            Some(of_kind) => page.add(of_kind, &label, &tree)?,
            None => page.add(there, &kind, &Tree::map([(&label, tree)]))?,
        });
    }
    Some(edits)
}

/// Puts an object into what the file has under a key, two levels deep.
fn put(page: &Page, root: &Node, key: &str, tree: Tree) -> Option<Vec<Edit>> {
    let (Some(there), Tree::Map(entries)) = (root.at(&[key]), &tree) else {
        return page.add(root, key, &tree);
    };
    let mut edits = Vec::new();
    for (kind, value) in entries {
        edits.extend(match (there.at(&[kind]), value) {
            (Some(of_kind), Tree::Map(inner)) => {
                let added: Option<Vec<Vec<Edit>>> =
                    inner.iter().map(|(k, v)| page.add(of_kind, k, v)).collect();
                added?.concat()
            }
            (_, value) => page.add(there, kind, value)?,
        });
    }
    Some(edits)
}

/// The gate as the arguments of a data source `aws_iam_policy_document`.
fn data_source() -> Option<Tree> {
    let text = write::json(&Gate::Identity.document()).ok()?;
    let parsed = json::parse(&text).ok()??;
    let statements = json::elements(json::member(&parsed, "Statement"));
    let statements = statements.iter().map(|statement| {
        let mut out = Vec::new();
        for p in json::properties(Some(statement)) {
            match p.name.as_str() {
                "Condition" => out.push(("condition".to_owned(), conditions(&p.value))),
                name => {
                    let name = match name {
                        "NotAction" => "not_actions",
                        "Action" => "actions",
                        "NotResource" => "not_resources",
                        "Resource" => "resources",
                        "Sid" => "sid",
                        _ => "effect",
                    };
                    out.push((name.to_owned(), variables(Tree::of(&p.value))));
                }
            }
        }
        Tree::Map(out)
    });
    Some(Tree::map([("statement", Tree::List(statements.collect()))]))
}

fn conditions(value: &jsonc_parser::ast::Value<'_>) -> Tree {
    let tests = json::properties(Some(value)).iter().flat_map(|operator| {
        json::properties(Some(&operator.value)).iter().map(|key| {
            Tree::map([
                ("test", Tree::text(operator.name.as_str())),
                ("variable", Tree::text(key.name.as_str())),
                ("values", Tree::of(&key.value)),
            ])
        })
    });
    Tree::List(tests.collect())
}

/// The variables of policies as Terraform writes them.
fn variables(tree: Tree) -> Tree {
    match tree {
        Tree::Text(text) => Tree::Text(text.replace("${", "&{")),
        Tree::List(items) => Tree::List(items.into_iter().map(variables).collect()),
        other @ (Tree::Ref(_) | Tree::Code(_) | Tree::Map(_)) => other,
    }
}
