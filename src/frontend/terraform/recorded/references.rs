//! What the expressions of a plan's configuration refer to, through modules.
//!
//! A plan does not show expressions, only the names in them: for `aws_iam_policy.a[each.key].arn` it says
//! `aws_iam_policy.a` and `each.key`. What is not said is not guessed: several candidates stay several.

use std::collections::BTreeMap;

use jsonc_parser::ast::Value as Json;

use super::reader::{Record, Recording, within};
use crate::json::{elements, member, properties, text};
use crate::limits;

/// A part of an address or a reference, with the offset of its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// A name between dots.
    Name(&'a str, usize),
    /// What stands in brackets, with them.
    Index(&'a str, usize),
}

/// Takes an address apart. Names in quotes may hold anything.
pub(super) fn tokens(address: &str) -> Vec<Token<'_>> {
    let bytes = address.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let start = at;
        match first {
            b'.' => at += 1,
            b'[' => {
                let mut quoted = false;
                while let Some(&b) = bytes.get(at) {
                    at += 1;
                    match b {
                        b'\\' if quoted => at += 1,
                        b'"' => quoted = !quoted,
                        b']' if !quoted => break,
                        _ => {}
                    }
                }
                at = at.min(bytes.len());
                out.push(Token::Index(address.get(start..at).unwrap_or_default(), at));
            }
            _ => {
                at = bytes
                    .iter()
                    .skip(at)
                    .position(|b| matches!(b, b'.' | b'['))
                    .map_or(bytes.len(), |n| start + n);
                out.push(Token::Name(address.get(start..at).unwrap_or_default(), at));
            }
        }
    }
    out
}

/// What a plan says of the code.
pub(super) struct Configuration<'t> {
    root: Option<&'t Json<'t>>,
    /// Resources by the names of the calls that lead to their module, and address in it.
    resources: BTreeMap<(String, &'t str), &'t Json<'t>>,
}

impl<'t> Configuration<'t> {
    /// Of the root module, if there is one.
    pub(super) fn new(root: Option<&'t Json<'t>>) -> Self {
        let mut resources = BTreeMap::new();
        let mut todo: Vec<(String, &Json<'_>, usize)> =
            root.map(|r| (String::new(), r, 0)).into_iter().collect();
        while let Some((path, module, depth)) = todo.pop() {
            for resource in elements(member(module, "resources")) {
                if let Some(address) = text(member(resource, "address")) {
                    resources.insert((path.clone(), address), resource);
                }
            }
            for call in properties(member(module, "module_calls")) {
                if let Some(inner) = member(&call.value, "module").filter(|_| depth < limits::MODULE_DEPTH) {
                    todo.push((within(&path, call.name.as_str()), inner, depth + 1));
                }
            }
        }
        Self { root, resources }
    }

    /// The code of a resource.
    pub(super) fn resource(&self, record: &Record<'_>) -> Option<&'t Json<'t>> {
        self.resources.get(&(calls(&record.module).join("."), record.local.as_str())).copied()
    }

    /// The call of a module from another module.
    fn call(&self, module: &str, name: &str) -> Option<&'t Json<'t>> {
        let mut at = self.root?;
        for call in calls(module) {
            at = member(member(member(at, "module_calls")?, call)?, "module")?;
        }
        member(member(at, "module_calls")?, name)
    }
}

/// Names of the calls that lead to a module instance.
fn calls(module: &str) -> Vec<&str> {
    let names = tokens(module).into_iter().filter_map(|t| match t {
        Token::Name(name, _) => Some(name),
        Token::Index(..) => None,
    });
    names.skip(1).step_by(2).collect()
}

/// The instances that an expression refers to.
#[derive(Default)]
pub(super) struct Origins {
    /// Numbers of records, with the attribute that is taken when the plan says which.
    pub(super) found: Vec<(usize, Option<String>)>,
    /// Something is referred to that a plan does not show: a local value.
    pub(super) opaque: bool,
    /// Nothing but attributes of single instances is referred to, so that the expression has nothing to choose by.
    pub(super) plain: bool,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place<'p, 't> {
    /// The module instance.
    module: &'p str,
    /// The instance there of what it belongs to: `["key"]`, `[0]` or nothing.
    suffix: &'p str,
    /// How many instances that has, when it is a resource.
    siblings: Option<usize>,
    /// The `for_each` of that.
    over: Option<&'t Json<'t>>,
}

/// Most references that are followed for one expression.
const VISITS: usize = 1_000;

struct Walk<'r, 't> {
    recording: &'r Recording<'t>,
    out: Origins,
    visits: usize,
}

impl<'t> Recording<'t> {
    /// What an expression of a resource refers to.
    pub(super) fn origins(&self, record: &Record<'_>, expression: &'t Json<'t>) -> Origins {
        let resource = within(&record.module, &record.local);
        let place = Place {
            module: &record.module,
            suffix: &record.suffix,
            siblings: self.by_resource.get(&resource).map(Vec::len),
            over: self.configuration.resource(record).and_then(|r| member(r, "for_each_expression")),
        };
        let out = Origins { plain: true, ..Origins::default() };
        let mut walk = Walk { recording: self, out, visits: 0 };
        walk.expression(place, expression, &[], 0);
        walk.out
    }
}

impl<'t> Walk<'_, 't> {
    /// Follows the references of an expression, of whose value `rest` is taken.
    fn expression(&mut self, place: Place<'_, 't>, expression: &'t Json<'t>, rest: &[&str], depth: usize) {
        let references: Vec<&str> =
            elements(member(expression, "references")).iter().filter_map(|r| text(Some(r))).collect();
        let keyed = references.iter().any(|r| r.starts_with("each.") || r.starts_with("count."));
        for reference in longest(&references) {
            self.visits += 1;
            if self.visits > VISITS || depth > limits::DEPTH {
                self.out.opaque = true;
                return;
            }
            self.reference(place, reference, keyed, rest, depth);
        }
    }

    fn reference(&mut self, place: Place<'_, 't>, reference: &str, keyed: bool, rest: &[&str], depth: usize) {
        let parts = tokens(reference);
        let name = |n: usize| match parts.get(n) {
            Some(Token::Name(name, _)) => Some(*name),
            Some(Token::Index(..)) | None => None,
        };
        // Attributes that are taken of what the first `n` parts stand for.
        let after = |n: usize| -> Vec<&str> {
            let own = parts.iter().skip(n).map_while(|t| match t {
                Token::Name(name, _) => Some(*name),
                Token::Index(..) => None,
            });
            own.chain(rest.iter().copied()).collect()
        };
        match (name(0), name(1)) {
            (Some("each"), Some("value")) => {
                self.out.plain = false;
                if let Some(over) = place.over {
                    self.expression_over(place, over, &after(2), depth);
                }
            }
            (Some("each" | "count" | "path" | "terraform" | "tofu" | "self"), _) => self.out.plain = false,
            (Some("local"), _) => (self.out.opaque, self.out.plain) = (true, false),
            (Some("var"), Some(variable)) => self.variable(place, variable, &after(2), depth),
            (Some("module"), Some(call)) => {
                self.module(place, call, parts.get(2..).unwrap_or_default(), keyed, rest, depth)
            }
            (Some("data"), Some(kind)) => {
                let local = format!("data.{kind}.{}", name(2).unwrap_or_default());
                self.resource(place, &local, parts.get(3..).unwrap_or_default(), keyed, rest);
            }
            (Some(kind), Some(resource)) => {
                let local = format!("{kind}.{resource}");
                self.resource(place, &local, parts.get(2..).unwrap_or_default(), keyed, rest);
            }
            (_, None) | (None, _) => self.out.opaque = true,
        }
    }

    /// The `for_each` of what an expression belongs to: a resource there stands for its instance of the same key.
    fn expression_over(&mut self, place: Place<'_, 't>, over: &'t Json<'t>, rest: &[&str], depth: usize) {
        let references: Vec<&str> =
            elements(member(over, "references")).iter().filter_map(|r| text(Some(r))).collect();
        for reference in longest(&references) {
            self.visits += 1;
            if self.visits > VISITS || depth > limits::DEPTH {
                self.out.opaque = true;
                return;
            }
            self.reference(place, reference, true, rest, depth + 1);
        }
    }

    /// A variable of a child module is an argument of its call; one of the root module is known.
    fn variable(&mut self, place: Place<'_, 't>, variable: &str, rest: &[&str], depth: usize) {
        let around = parent(place.module);
        let argument = around.and_then(|(module, name, suffix)| {
            let call = self.recording.configuration.call(module, name)?;
            let expression = member(member(call, "expressions")?, variable)?;
            let over = member(call, "for_each_expression");
            Some((Place { module, suffix, siblings: None, over }, expression))
        });
        match argument {
            Some((place, expression)) if member(expression, "references").is_some() => {
                self.expression(place, expression, rest, depth + 1);
            }
            // A literal, or a default.
            Some(_) | None => self.out.plain = false,
        }
    }

    /// An output of a module.
    fn module(
        &mut self,
        place: Place<'_, 't>,
        call: &str,
        parts: &[Token<'_>],
        keyed: bool,
        rest: &[&str],
        depth: usize,
    ) {
        let base = within(place.module, &format!("module.{call}"));
        let (index, parts) = match parts.split_first() {
            Some((Token::Index(index, _), parts)) => (Some(*index), parts),
            Some((Token::Name(..), _)) | None => (None, parts),
        };
        let instances: Vec<&String> = self
            .recording
            .modules
            .iter()
            .filter(|m| {
                m.strip_prefix(base.as_str())
                    .is_some_and(|s| matches!(tokens(s).as_slice(), [] | [Token::Index(..)]))
            })
            .collect();
        let wanted = index.map(str::to_owned).or_else(|| keyed.then(|| place.suffix.to_owned()));
        let chosen: Vec<&String> = match wanted.map(|s| format!("{base}{s}")) {
            Some(one) if index.is_some() || instances.contains(&&one) => {
                instances.into_iter().filter(|m| **m == one).collect()
            }
            Some(_) | None => instances,
        };
        self.out.plain &= chosen.len() == 1;
        let output = match parts.first() {
            Some(Token::Name(output, _)) => Some(*output),
            Some(Token::Index(..)) | None => None,
        };
        let names = parts.iter().skip(1).map_while(|t| match t {
            Token::Name(name, _) => Some(*name),
            Token::Index(..) => None,
        });
        let rest: Vec<&str> = names.chain(rest.iter().copied().skip(usize::from(output.is_none()))).collect();
        let code = self.recording.configuration.call(place.module, call).and_then(|c| member(c, "module"));
        for outputs in properties(code.and_then(|c| member(c, "outputs"))) {
            let Some(expression) = member(&outputs.value, "expression") else { continue };
            if output.is_some_and(|o| o != outputs.name.as_str()) {
                continue;
            }
            self.out.plain &= output.is_some();
            for module in &chosen {
                let place = Place { module, suffix: "", siblings: None, over: None };
                self.expression(place, expression, &rest, depth + 1);
            }
        }
    }

    /// Instances of a resource or data source of the same module.
    fn resource(
        &mut self,
        place: Place<'_, 't>,
        local: &str,
        parts: &[Token<'_>],
        keyed: bool,
        rest: &[&str],
    ) {
        let base = within(place.module, local);
        let Some(all) = self.recording.by_resource.get(&base) else {
            // Not one that is looked at; a known value may depend on it all the same.
            self.out.plain = false;
            return;
        };
        let (index, parts) = match parts.split_first() {
            Some((Token::Index(index, _), parts)) => (Some(*index), parts),
            Some((Token::Name(..), _)) | None => (None, parts),
        };
        let attribute = match parts.first() {
            Some(Token::Name(name, _)) => Some(*name),
            Some(Token::Index(..)) => None,
            None => rest.first().copied(),
        };
        let of = |suffix: &str| -> Vec<usize> {
            let same = |n: &&usize| self.recording.records.get(**n).is_some_and(|r| r.suffix == suffix);
            all.iter().filter(same).copied().collect()
        };
        let same_keys = place.siblings.is_none_or(|n| n == all.len());
        let chosen = match index {
            Some(index) => of(index),
            None if keyed && same_keys && !place.suffix.is_empty() => of(place.suffix),
            None => Vec::new(),
        };
        let chosen = if chosen.is_empty() && index.is_none() { all.clone() } else { chosen };
        self.out.plain &= attribute.is_some() && chosen.len() == 1;
        self.out.found.extend(chosen.into_iter().map(|n| (n, attribute.map(str::to_owned))));
    }
}

/// The module around a module instance, the name of its call, and its instance.
fn parent(module: &str) -> Option<(&str, &str, &str)> {
    let parts = tokens(module);
    let (suffix, parts) = match parts.split_last()? {
        (Token::Index(index, _), rest) => (*index, rest),
        (Token::Name(..), _) => ("", parts.as_slice()),
    };
    let (Token::Name(name, _), rest) = parts.split_last()? else { return None };
    let end = match rest.split_last()?.1.last() {
        Some(Token::Name(_, end) | Token::Index(_, end)) => *end,
        None => 0,
    };
    Some((module.get(..end)?, name, suffix))
}

/// References without the shorter ones that Terraform lists after each (`a.b.c`, `a.b`).
fn longest<'a>(references: &[&'a str]) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    let mut last = usize::MAX;
    for &r in references {
        let shorter =
            out.last().and_then(|head| head.strip_prefix(r)).is_some_and(|rest| rest.starts_with(['.', '[']));
        if !(shorter && r.len() < last) {
            out.push(r);
        }
        last = r.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(address: &str) -> Vec<&str> {
        tokens(address)
            .into_iter()
            .map(|t| match t {
                Token::Name(s, _) | Token::Index(s, _) => s,
            })
            .collect()
    }

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(
            parts("module.a[\"x.]y\\\"\"].module.b[0].c.d"),
            ["module", "a", "[\"x.]y\\\"\"]", "module", "b", "[0]", "c", "d"]
        );
        assert_eq!(calls("module.a[\"x\"].module.b"), ["a", "b"]);
        assert_eq!(parent("module.a[\"x.y\"].module.b[0]"), Some(("module.a[\"x.y\"]", "b", "[0]")));
        assert_eq!(parent("module.a"), Some(("", "a", "")));
        assert_eq!(parent(""), None);
        // What nobody writes does no harm.
        for odd in ["[", "[\"", "[\"\\", "..", "module", "module.[0]", "\u{e9}.[\"\u{e9}"] {
            parts(odd);
            parent(odd);
        }
    }

    #[test]
    fn the_shorter_names_behind_a_reference_are_left_out() {
        assert_eq!(
            longest(&["a.b[2].c", "a.b[2]", "a.b", "var.x", "a.bc", "a.b"]),
            ["a.b[2].c", "var.x", "a.bc", "a.b"]
        );
        assert_eq!(longest(&["a.b", "a.b"]), ["a.b", "a.b"]);
    }
}
