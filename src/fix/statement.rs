//! Mending what a statement says: its test on MFA, and what it leaves open.

use super::Edit;
use super::page::{Page, range};
use super::syntax::{Kind, Node, Style};
use super::tree::Tree;
use crate::policy::classes::Classes;
use crate::policy::condition::{AGE, is_mfa};
use crate::policy::document::{Document, Effect, Elements, Item, Statement, Test};
use crate::policy::gate;
use crate::policy::lockout;
use crate::policy::mfa_use::{self, MfaUse};
use crate::policy::misspelt::is_misspelt_mfa;
use crate::policy::operators::Operator;
use crate::policy::universe::ActionTable;
use crate::value::Text;

/// The key as it is documented.
pub(super) const KEY: &str = "aws:MultiFactorAuthPresent";

/// The key of the age as it is documented.
const KEY_OF_AGE: &str = "aws:MultiFactorAuthAge";

/// A way to mend a statement.
#[derive(Debug, Clone)]
pub(super) struct Mend {
    /// What it does.
    pub(super) title: String,
    /// The edits.
    pub(super) edits: Vec<Edit>,
    /// What it says then.
    pub(super) statement: Statement,
}

/// Ways to mend a statement, the smallest first.
pub(super) fn mends(page: &Page, document: &Document, number: usize) -> Vec<Mend> {
    let Some(statement) = document.statements.get(number) else { return Vec::new() };
    let Some(tested) = condition(page, document, statement) else { return Vec::new() };
    let mut out = Vec::new();
    if !tested.edits.is_empty() {
        out.push(tested.clone());
    }
    let closed = action(page, document, number, &tested.statement);
    out.extend(closed.map(|closed| Mend {
        title:
            [tested.title, closed.title].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", "),
        edits: tested.edits.into_iter().chain(closed.edits).collect(),
        statement: closed.statement,
    }));
    out
}

/// The smallest change of one test on MFA after which the statement enforces it. Without edits when it does already.
pub(super) fn condition(page: &Page, document: &Document, statement: &Statement) -> Option<Mend> {
    let effect = *statement.effect.as_ref().ok()?;
    let as_is = Mend { title: String::new(), edits: Vec::new(), statement: statement.clone() };
    let enforces = |s: &Statement| mfa_use::mfa_use(s, document.version) == Some(MfaUse::Enforces);
    if enforces(statement) {
        return Some(as_is);
    }
    let tests = statement.condition.iter().enumerate();
    let meant = tests.filter(|(_, t)| t.key.known().is_some_and(|k| is_mfa(k) || is_misspelt_mfa(k)));
    let ways = meant.flat_map(|(i, t)| rewritten(t, effect).into_iter().map(move |new| (i, t, new)));
    let mut best: Option<Mend> = None;
    for (i, old, new) in ways {
        let mut changed = statement.clone();
        let Some(slot) = changed.condition.get_mut(i) else { continue };
        *slot = new.clone();
        if !enforces(&changed) {
            continue;
        }
        let Some((title, edits)) = rewrite(page, statement, old, &new) else { continue };
        if best.as_ref().is_none_or(|b| edits.len() < b.edits.len()) {
            best = Some(Mend { title, edits, statement: changed });
        }
    }
    best
}

/// What a test may have been meant to be.
fn rewritten(test: &Test, effect: Effect) -> Vec<Test> {
    let (Some(operator), Some(key)) = (test.operator.known(), test.key.known()) else { return Vec::new() };
    let is_age = key.eq_ignore_ascii_case(AGE) || !is_mfa(key) && key.to_ascii_lowercase().contains("age");
    let key = match (is_mfa(key), is_age) {
        (true, _) => key,
        (false, true) => KEY_OF_AGE,
        (false, false) => KEY,
    };
    let base = operator.strip_suffix("IfExists").unwrap_or(operator);
    let is_null = operator.eq_ignore_ascii_case("Null");
    let (usual, value) = match (effect, is_age) {
        (Effect::Allow, false) => ("Bool", "true"),
        (Effect::Deny, false) => ("BoolIfExists", "false"),
        // An age has no value that could be made up; whether there is one says the same as its presence.
        (Effect::Allow, true) if is_null => ("Null", "false"),
        (Effect::Deny, true) if is_null => ("Null", "true"),
        (Effect::Allow, true) => ("NumericLessThan", ""),
        (Effect::Deny, true) => ("NumericGreaterThanIfExists", ""),
    };
    let operators = [operator.to_owned(), base.to_owned(), format!("{base}IfExists"), usual.to_owned()];
    let operators = operators.into_iter().filter(|o| Operator::parse(o).is_some());
    let other = match test.values.as_slice() {
        [one] if !value.is_empty() && one.text.known() != Some(value) => {
            Some(vec![Item { text: Text::new(value), span: one.span }])
        }
        _ => None,
    };
    let values: Vec<Vec<Item>> = std::iter::once(test.values.clone()).chain(other).collect();
    operators
        .flat_map(|operator| {
            values.iter().map(move |values| Test {
                operator: Text::new(operator.as_str()),
                key: Text::new(key),
                values: values.clone(),
                ..test.clone()
            })
        })
        .collect()
}

/// The edits that make one test another, and what they do.
fn rewrite(page: &Page, statement: &Statement, old: &Test, new: &Test) -> Option<(String, Vec<Edit>)> {
    let (mut edits, mut done) = (Vec::new(), Vec::new());
    let mut change = |span, old: &Text, new: &Text| {
        let (old, new) = (old.known()?, new.known()?);
        if old != new {
            edits.push(page.replace_text(span?, old, new)?);
            done.push(format!("`{new}` instead of `{old}`"));
        }
        Some(())
    };
    if old.operator != new.operator && !alone(statement, old) {
        return None;
    }
    change(old.operator_span, &old.operator, &new.operator)?;
    change(old.key_span, &old.key, &new.key)?;
    old.values.iter().zip(&new.values).try_for_each(|(o, n)| change(o.span, &o.text, &n.text))?;
    Some((format!("write {}", done.join(" and ")), edits))
}

/// Whether an operator may change: the other keys it is for mean the same with and without `IfExists`, or there are none.
fn alone(statement: &Statement, test: &Test) -> bool {
    let same =
        statement.condition.iter().filter(|t| t.operator_span == test.operator_span && t.key != test.key);
    same.into_iter().all(|t| t.key.known().is_some_and(|k| k.eq_ignore_ascii_case("aws:ViaAWSService")))
}

/// Closes what the exceptions of a gate leave open, and leaves open what enrolling a device needs.
fn action(page: &Page, document: &Document, number: usize, statement: &Statement) -> Option<Mend> {
    if statement.effect != Ok(Effect::Deny) || statement.action.more.is_some() {
        return None;
    }
    let node = page.object(statement.span?)?;
    let old: Vec<&str> = statement.action.items.iter().map(|i| i.text.known()).collect::<Option<_>>()?;
    let (mut left, dropped): (Vec<&str>, Vec<&str>) = match statement.action.negated {
        true => old.iter().partition(|action| is_harmless(action)),
        false if old == ["*"] => (Vec::new(), Vec::new()),
        false => return None,
    };
    let enrolling = gate::all_but_enrolling();
    let needed: Vec<&str> = enrolling.items.iter().filter_map(|i| i.text.known()).collect();
    let with = |names: &[&str]| {
        let items = names.iter().map(|n| Item { text: Text::new(*n), span: None });
        Statement {
            action: Elements::new(true, items.collect(), None, statement.action.span),
            ..statement.clone()
        }
    };
    let locks_out = |names: &[&str]| {
        let mut changed = document.clone();
        if let Some(slot) = changed.statements.get_mut(number) {
            *slot = with(names);
        }
        lockout::lockout(&changed).is_some()
    };
    let mut added = Vec::new();
    if left.is_empty() || locks_out(&left) {
        added = needed.into_iter().filter(|n| !left.iter().any(|l| l.eq_ignore_ascii_case(n))).collect();
        left.extend(&added);
    }
    if (dropped.is_empty() && added.is_empty()) || locks_out(&left) {
        return None;
    }
    let title = match (statement.action.negated, added.is_empty()) {
        (true, true) => format!("take {} out of `NotAction`", named(&dropped)),
        (true, false) if dropped.is_empty() => "add what enrolling a device needs to `NotAction`".to_owned(),
        (true, false) => {
            format!("write what enrolling a device needs instead of {} in `NotAction`", named(&dropped))
        }
        (false, _) => "deny everything but enrolling a device".to_owned(),
    };
    let edits = write_actions(page, &node, statement, &dropped, &added, &left)?;
    Some(Mend { title, edits, statement: with(&left) })
}

fn named(actions: &[&str]) -> String {
    actions.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ")
}

/// Whether what a pattern matches does not count when it is open.
fn is_harmless(pattern: &str) -> bool {
    let item = Item { text: Text::new(pattern), span: None };
    let elements = Elements::new(false, vec![item], None, None);
    let table = ActionTable::with_elements([&elements]);
    table.mask(&elements).at(true).is_subset(Classes::of(&table).out())
}

fn write_actions(
    page: &Page,
    node: &Node,
    statement: &Statement,
    dropped: &[&str],
    added: &[&str],
    left: &[&str],
) -> Option<Vec<Edit>> {
    let (names, renamed): (&[&str], Option<(&str, &str)>) = match statement.action.negated {
        true => (&["NotAction", "not_actions"], None),
        false => (&["Action", "actions"], Some(("Action", "NotAction"))),
    };
    let member = node.member(names)?;
    let literal = |i: &Item| {
        let at = range(i.span?);
        let inside = member.value.span.start <= at.start && at.end <= member.value.span.end;
        (inside && page.is_text(at, i.text.known()?)).then_some(())
    };
    statement.action.items.iter().try_for_each(literal)?;
    let one_of_list = match (&member.value.kind, dropped) {
        (Kind::List(items), [gone]) if items.len() == statement.action.items.len() => {
            statement.action.items.iter().position(|i| i.text.known() == Some(gone))
        }
        _ => None,
    };
    // A line does not grow to hold many more.
    if let Some(number) = one_of_list.filter(|_| added.len() < 3 || !page.is_one_line(&member.value)) {
        return page.replace_item(&member.value, number, added);
    }
    let all = Tree::List(left.iter().map(|a| Tree::text(a)).collect());
    let mut edits = vec![page.set(node, member, &all)?];
    if let Some((old, new)) = renamed {
        let (old, new) = if member.name == "actions" { ("actions", "not_actions") } else { (old, new) };
        let key = page.text().get(member.start..member.value.span.start)?;
        let at = member.start + key.find(old)?;
        edits.insert(0, page.edit(at..at + old.len(), new));
    }
    Some(edits)
}

/// Asks for MFA in a statement that does not.
pub(super) fn ask(page: &Page, node: &Node) -> Option<Vec<Edit>> {
    let test = |rest| Tree::map([("Bool", Tree::map([(KEY, rest)]))]);
    let yes = || Tree::text("true");
    if node.style == Style::Block {
        return add_block(page, node);
    }
    if node.member(&["principals", "actions"]).is_some() {
        // A block of Terraform in JSON.
        let block = [
            ("test", Tree::text("Bool")),
            ("variable", Tree::text(KEY)),
            ("values", Tree::List(vec![yes()])),
        ];
        let block = Tree::map(block);
        return match node.member(&["condition"]) {
            Some(there) => page.push(&there.value, &block),
            None => page.add(node, "condition", &Tree::List(vec![block])),
        };
    }
    let Some(condition) = node.member(&["Condition"]) else {
        return page.add(node, "Condition", &test(yes()));
    };
    match condition.value.member(&["Bool"]) {
        Some(there) => page.add(&there.value, KEY, &yes()),
        None => page.add(&condition.value, "Bool", &Tree::map([(KEY, yes())])),
    }
}

/// Adds a block that asks for MFA at the end of a `statement` block.
fn add_block(page: &Page, node: &Node) -> Option<Vec<Edit>> {
    let last = node.members().last()?;
    let newline = page.newline();
    let indent = page.indent(last.start);
    let unit = indent.strip_prefix(page.indent(node.span.start)).filter(|u| !u.is_empty())?;
    let lines = [
        "condition {".to_owned(),
        format!("{unit}test     = \"Bool\""),
        format!("{unit}variable = \"{KEY}\""),
        format!("{unit}values   = [\"true\"]"),
        "}".to_owned(),
    ];
    let at = page.line_end(last.value.span.end);
    let text: String = lines.iter().map(|line| format!("{newline}{indent}{line}")).collect();
    Some(vec![page.edit(at..at, newline.to_owned() + &text)])
}
