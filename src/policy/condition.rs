//! What a condition says in a world, and what policy variables stand for.
//!
//! Follows "IAM JSON policy elements: Condition", "IAM policy elements: Variables and tags" and "AWS global condition
//! context keys" (which requests carry which key).

use std::collections::BTreeMap;

use super::arn;
use super::document::{Item, Statement, Test, Version};
use super::misspelt::is_misspelt_mfa;
use super::operators::{Comparison, Operator, Quantifier};
use super::pattern::{Pattern, Token, glob, wildcard};
use super::truth::Truth;
use crate::value::Text;

/// `aws:MultiFactorAuthPresent`, in lower case.
pub const PRESENT: &str = "aws:multifactorauthpresent";
/// `aws:MultiFactorAuthAge`, in lower case.
pub const AGE: &str = "aws:multifactorauthage";
/// `aws:TokenIssueTime`, in lower case.
pub const ISSUED: &str = "aws:tokenissuetime";

/// True for the two keys that AWS sets by MFA, in any case.
pub fn is_mfa(key: &str) -> bool {
    key.eq_ignore_ascii_case(PRESENT) || key.eq_ignore_ascii_case(AGE)
}

const USERNAME: &str = "aws:username";
const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

/// How a caller is signed in. ("AWS global condition context keys", `aws:MultiFactorAuthPresent`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum World {
    /// With MFA.
    Mfa,
    /// At the console, or with a session of `GetSessionToken`, without MFA.
    Console,
    /// With long-term access keys.
    Keys,
}

impl World {
    /// All worlds.
    pub const ALL: [Self; 3] = [Self::Mfa, Self::Console, Self::Keys];
}

/// What a request carries for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// These values.
    Values(Vec<String>),
    /// Nothing.
    Absent,
    /// Something that is not known here.
    Present,
    /// Whatever the caller chooses, also nothing.
    Caller,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    keys: BTreeMap<String, Key>,
    /// What it carries for keys that are not listed.
    rest: Key,
    /// The account is not known: see [`arn::localise`].
    local: bool,
    /// The user's name is not known, and what the context has for it stands for any.
    nameless: bool,
    /// The same of the path in its ARN.
    pathless: bool,
}

impl Context {
    /// A context that carries these keys and nothing else.
    pub fn closed() -> Self {
        Self { keys: BTreeMap::new(), rest: Key::Absent, local: false, nameless: false, pathless: false }
    }

    /// A context that carries these keys, and for other keys what the caller chooses.
    pub fn open() -> Self {
        Self { rest: Key::Caller, ..Self::closed() }
    }

    /// Says that the principal's own account is not known.
    pub fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// Says that the user's own name is not known.
    pub fn nameless(mut self) -> Self {
        self.nameless = true;
        self
    }

    /// Says that the path in the user's own ARN is not known.
    pub fn pathless(mut self) -> Self {
        self.pathless = true;
        self
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, value: Key) {
        self.keys.insert(key.to_ascii_lowercase(), value);
    }

    /// The same with a key set to one value.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.set(key, Key::Values(vec![value.to_owned()]));
        self
    }

    /// Sets what AWS sets for a world: a session with MFA is a second old.
    pub fn in_world(mut self, world: World) -> Self {
        let value = |v: &str| Key::Values(vec![v.to_owned()]);
        let (present, age, issued) = match world {
            World::Mfa => (value("true"), value("1"), Key::Present),
            World::Console => (value("false"), Key::Absent, Key::Present),
            World::Keys => (Key::Absent, Key::Absent, Key::Absent),
        };
        self.set(PRESENT, present);
        self.set(AGE, age);
        self.set(ISSUED, issued);
        self
    }

    /// What it carries for a key.
    pub fn get(&self, key: &str) -> &Key {
        let key = key.to_ascii_lowercase();
        match self.keys.get(&key) {
            Some(value) => value,
            None if is_misspelt_mfa(&key) => &Key::Absent,
            None => &self.rest,
        }
    }

    /// True when a key of which parts are not known may be one that is listed.
    fn may_list(&self, key: &Text) -> bool {
        let pattern = Pattern::of(key);
        self.keys.keys().any(|listed| glob(pattern.tokens(), listed.as_bytes(), true))
    }

    /// True when the principal's own account is not known.
    pub fn is_local(&self) -> bool {
        self.local
    }
}

/// A text with its policy variables replaced ("IAM policy elements: Variables and tags"); `None` when a
/// variable has no value, so that nothing matches.
pub fn resolve(text: &Text, version: Version, context: &Context, wildcards: bool) -> Option<Vec<Token>> {
    let mut out = Vec::with_capacity(text.visible().len());
    for piece in text.pieces() {
        match piece {
            Ok(s) => resolve_piece(s, version, context, wildcards, &mut out)?,
            Err(_) => out.push(Token::Code),
        }
    }
    Some(out)
}

fn resolve_piece(
    mut s: &str,
    version: Version,
    context: &Context,
    wildcards: bool,
    out: &mut Vec<Token>,
) -> Option<()> {
    let token = |b: u8| if wildcards { wildcard(b) } else { Token::Byte(b) };
    while let Some(at) = s.find("${").filter(|_| version == Version::V2012) {
        let (before, rest) = s.split_at_checked(at)?;
        let Some(end) = rest.find('}') else { break };
        out.extend(before.bytes().map(token));
        resolve_variable(rest.get(2..end)?, context, out)?;
        s = rest.get(end + 1..)?;
    }
    out.extend(s.bytes().map(token));
    Some(())
}

fn resolve_variable(variable: &str, context: &Context, out: &mut Vec<Token>) -> Option<()> {
    if let "*" | "?" | "$" = variable {
        out.extend(variable.bytes().map(Token::Byte));
        return Some(());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => {
            (key.trim(), default.trim().strip_prefix('\'').and_then(|d| d.strip_suffix('\'')))
        }
        None => (variable.trim(), None),
    };
    match (context.get(key), default) {
        (Key::Values(values), _) => match values.as_slice() {
            [value] => out.extend(value.bytes().map(Token::Byte)),
            _ => return None,
        },
        (Key::Absent, Some(default)) => out.extend(default.bytes().map(Token::Byte)),
        (Key::Absent, None) => return None,
        (Key::Present | Key::Caller, _) => out.push(Token::Caller),
    }
    Some(())
}

/// What a condition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Whether it holds.
    pub truth: Truth,
    /// True when what the code leaves open may be about MFA itself, so that it may go differently in each world.
    pub mfa_open: bool,
}

/// Whether all tests of a statement hold.
pub fn holds(statement: &Statement, version: Version, context: &Context) -> Holds {
    let mut out = Holds { truth: Truth::YES, mfa_open: statement.more_conditions.is_some() };
    if statement.more_conditions.is_some() {
        out.truth = Truth::CODE;
    }
    for test in &statement.condition {
        let one = test_holds(test, version, context);
        out.truth = out.truth & one;
        out.mfa_open |= one.depends_on_code() && concerns_mfa(test);
    }
    out
}

/// True when a test is about who the user is.
pub fn concerns_name(test: &Test) -> bool {
    test.key.known().is_some_and(|k| [USERNAME, PRINCIPAL_ARN].iter().any(|n| k.eq_ignore_ascii_case(n)))
}

/// True when a test is, or may be, about who the user is, also by a variable in one of its values.
pub fn may_concern_name(test: &Test) -> bool {
    let variable = |v: &Item| v.text.known().is_none_or(|text| text.contains('$'));
    test.key.known().is_none() || concerns_name(test) || test.values.iter().any(variable)
}

/// True when a test is, or may be, about MFA.
pub fn concerns_mfa(test: &Test) -> bool {
    let key = Pattern::of(&test.key);
    [PRESENT, AGE, ISSUED].iter().any(|k| glob(key.tokens(), k.as_bytes(), true))
}

/// True when a test compares whether MFA is present with one value, so that it cannot hold both with MFA and at the
/// console without, whatever the value turns out to be. A value that is not known at all is taken for one: nobody
/// compares with `true` and `false` at once.
pub fn takes_a_side(test: &Test) -> bool {
    let one_value = test.values.len() + usize::from(test.more.is_some()) == 1;
    let exact =
        test.operator.known().and_then(Operator::parse).is_some_and(|o| {
            !o.negated && matches!(o.comparison, Comparison::Bool | Comparison::String { .. })
        });
    one_value && exact && test.key.known().is_some_and(|k| k.eq_ignore_ascii_case(PRESENT))
}

/// Whether one test holds.
pub fn test_holds(test: &Test, version: Version, context: &Context) -> Truth {
    let Some(operator) = test.operator.known() else { return Truth::CODE };
    // Documents with other operators are refused.
    let Some(operator) = Operator::parse(operator) else { return Truth::NO };
    let key = test.key.visible();
    let key_value = match test.key.known() {
        Some(key) => context.get(key),
        None if context.may_list(&test.key) => return Truth::CODE,
        None => &context.rest,
    };
    if operator.comparison == Comparison::Null {
        return null_holds(test, key_value);
    }
    match key_value {
        Key::Absent => Truth::from_bool(match operator.quantifier {
            Quantifier::All => true,
            Quantifier::Any => false,
            Quantifier::None => operator.if_exists || operator.negated,
        }),
        Key::Caller | Key::Present => Truth::CALLER,
        Key::Values(values) => {
            let one = |value: &String| {
                let any = Truth::any(
                    test.values.iter().map(|i| compare(operator, key, value, i, version, context)),
                );
                if test.more.is_some() { any | Truth::CODE } else { any }
            };
            let sign = |t: Truth| if operator.negated { !t } else { t };
            match operator.quantifier {
                Quantifier::None => sign(Truth::any(values.iter().map(one))),
                Quantifier::All => Truth::all(values.iter().map(|v| sign(one(v)))),
                Quantifier::Any => Truth::any(values.iter().map(|v| sign(one(v)))),
            }
        }
    }
}

fn null_holds(test: &Test, key: &Key) -> Truth {
    let missing = match key {
        Key::Absent => Truth::YES,
        Key::Values(_) | Key::Present => Truth::NO,
        Key::Caller => Truth::CALLER,
    };
    let values = test.values.iter().map(|item| match item.text.known() {
        Some(v) if v.eq_ignore_ascii_case("true") => missing,
        Some(v) if v.eq_ignore_ascii_case("false") => !missing,
        Some(_) => Truth::NO,
        None => Truth::CODE,
    });
    let any = Truth::any(values);
    if test.more.is_some() { any | Truth::CODE } else { any }
}

fn compare(op: Operator, key: &str, value: &str, item: &Item, version: Version, context: &Context) -> Truth {
    let Some(mut tokens) = resolve(&item.text, version, context, op.has_wildcards()) else {
        return Truth::NO;
    };
    if context.is_local() && key.eq_ignore_ascii_case(PRINCIPAL_ARN) {
        tokens = arn::localise(&tokens);
    }
    let own_arn = key.eq_ignore_ascii_case(PRINCIPAL_ARN);
    let without_path = context.pathless && own_arn;
    let matches = op.compare(value, &tokens);
    if matches && (!without_path || op.compare(&with_a_path(value), &tokens)) {
        return Pattern::new(tokens).certainty();
    }
    // What is written out may be what is not known. Whatever its path, an ARN ends with the name.
    let named = key.eq_ignore_ascii_case(USERNAME) || own_arn && item.text.visible().contains(":user/");
    let with_path = || matches || context.nameless || may_end_like(&tokens, value);
    let may_be_own = context.nameless && named || without_path && with_path();
    if may_be_own { Truth::CODE } else { Truth::NO }
}

/// The ARN of a user without a path with one that no pattern is written for.
fn with_a_path(arn: &str) -> String {
    match arn.rsplit_once('/') {
        Some((before, name)) => format!("{before}/\u{1}/{name}"),
        None => arn.to_owned(),
    }
}

/// Whether the end of a pattern permits the name at the end of an ARN.
fn may_end_like(tokens: &[Token], arn: &str) -> bool {
    let name = arn.rfind('/').and_then(|at| arn.get(at..)).unwrap_or(arn);
    for pair in tokens.iter().rev().zip(name.bytes().rev()) {
        match pair {
            (Token::Byte(a), b) if !a.eq_ignore_ascii_case(&b) => return false,
            (Token::Byte(_) | Token::One, _) => {}
            (Token::Many | Token::Code | Token::Caller, _) => return true,
        }
    }
    true
}
