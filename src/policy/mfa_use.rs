//! What a statement does with MFA: the truth table of conditions on `aws:MultiFactorAuthPresent` and
//! `aws:MultiFactorAuthAge`.
//!
//! Follows "Secure API access with MFA" and the entries of both keys in "AWS global condition context keys": requests
//! with long-term access keys carry neither, `aws:MultiFactorAuthAge` is in seconds and there only after MFA.

use super::condition::{self, AGE, Context, Key, World};
use super::document::{Effect, Statement, Test, Version};
use super::truth::Truth;

/// What a condition on MFA achieves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MfaUse {
    /// Sessions without MFA are kept out, of both kinds.
    Enforces,
    /// Long-term access keys escape.
    KeysEscape,
    /// Sessions without MFA escape, long-term access keys do not.
    ConsoleEscapes,
    /// It rewards the absence of MFA.
    Inverted,
    /// It never holds: the statement says nothing.
    Dead,
    /// It holds only for sessions with MFA that are not fresh any more.
    Stale,
    /// It always holds: MFA makes no difference.
    Always,
    /// The code does not settle it.
    Unsettled,
}

/// Whether the tests on MFA hold in each world, in the order of [`World::ALL`]; other tests are left aside.
/// `None` when there is no test on MFA.
pub fn mfa_truth(statement: &Statement, version: Version) -> Option<[Truth; 3]> {
    let tests: Vec<&Test> = statement.condition.iter().filter(|t| names_mfa(t)).collect();
    if tests.is_empty() {
        return None;
    }
    Some(World::ALL.map(|world| {
        let context = Context::open().in_world(world);
        Truth::all(tests.iter().map(|t| condition::test_holds(t, version, &context)))
    }))
}

/// True for a test on one of the two MFA keys.
pub fn names_mfa(test: &Test) -> bool {
    test.key.known().is_some_and(condition::is_mfa)
}

/// What the tests on MFA of a statement achieve; `None` when it has none, or when its effect is not known.
pub fn mfa_use(statement: &Statement, version: Version) -> Option<MfaUse> {
    let effect = *statement.effect.as_ref().ok()?;
    let truth = mfa_truth(statement, version)?;
    if truth.iter().any(|t| t.depends_on_code()) {
        return Some(MfaUse::Unsettled);
    }
    match meaning(effect, truth.map(|t| t.at(true, true))) {
        MfaUse::Dead if holds_later(statement, version) => Some(MfaUse::Stale),
        meaning => Some(meaning),
    }
}

/// True when what the code does not settle may make it reward the absence of MFA.
pub fn may_be_inverted(statement: &Statement, version: Version) -> bool {
    let Some([with, console, keys]) = mfa_truth(statement, version) else { return false };
    let can_miss = |t: Truth| !t.at(true, false);
    let can_hold = |t: Truth| t.at(true, true);
    let allow = can_miss(with) && (can_hold(console) || can_hold(keys));
    let deny = can_hold(with) && (can_miss(console) || can_miss(keys));
    match statement.effect {
        Ok(Effect::Allow) => allow,
        Ok(Effect::Deny) => deny,
        Err(_) => allow || deny,
    }
}

/// The longest a session with MFA lasts, in seconds ("GetSessionToken").
const LONGEST: i64 = 129_600;

/// Whether the tests on MFA hold for a session with MFA that is older.
fn holds_later(statement: &Statement, version: Version) -> bool {
    let tests: Vec<&Test> = statement.condition.iter().filter(|t| names_mfa(t)).collect();
    let written = tests.iter().flat_map(|t| &t.values).filter_map(|v| v.text.known()?.parse::<i64>().ok());
    let ages = written.flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)]).chain([LONGEST]);
    ages.filter(|age| (0..=LONGEST).contains(age)).any(|age| {
        let mut context = Context::open().in_world(World::Mfa);
        context.set(AGE, Key::Values(vec![age.to_string()]));
        Truth::all(tests.iter().map(|t| condition::test_holds(t, version, &context))).at(true, true)
    })
}

/// The truth table: what it means that a condition holds in the worlds `mfa`, `console` and `keys`.
fn meaning(effect: Effect, holds: [bool; 3]) -> MfaUse {
    match (effect, holds) {
        (_, [false, false, false]) => MfaUse::Dead,
        (_, [true, true, true]) => MfaUse::Always,
        (Effect::Allow, [true, false, false]) | (Effect::Deny, [false, true, true]) => MfaUse::Enforces,
        (Effect::Allow, [true, false, true]) | (Effect::Deny, [false, true, false]) => MfaUse::KeysEscape,
        (Effect::Allow, [true, true, false]) | (Effect::Deny, [false, false, true]) => MfaUse::ConsoleEscapes,
        (Effect::Allow, [false, _, _]) | (Effect::Deny, [true, _, _]) => MfaUse::Inverted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::parse::{DocumentKind, parse};
    use crate::value::{Text, Unknown, Value};

    /// `@` stands for what is not known.
    fn statement(effect: &str, condition: &str) -> Statement {
        let json = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        let mut text = Text::default();
        for (i, part) in json.split('@').enumerate() {
            if i > 0 {
                text.push(&Text::hole(Unknown::new("nobody knows", None))).unwrap();
            }
            text.push(&Text::new(part)).unwrap();
        }
        let parsed = parse(&Value::text(text, None), DocumentKind::Identity);
        assert!(!parsed.refused(), "{:?}", parsed.problems);
        parsed.document.statements[0].clone()
    }

    /// Every row of the table: condition, worlds in which it holds, meaning in an Allow and in a Deny.
    #[test]
    fn truth_table() {
        use MfaUse::{Always, ConsoleEscapes, Dead, Enforces, Inverted, KeysEscape, Stale};
        let p = "aws:MultiFactorAuthPresent";
        let age = "aws:MultiFactorAuthAge";
        let one = |op: &str, key: &str, value: &str| format!(r#"{{"{op}":{{"{key}":{value}}}}}"#);
        let two = |a: &str, av: &str, b: &str, bv: &str| {
            format!(r#"{{"{a}":{{"{p}":{av}}},"{b}":{{"{p}":{bv}}}}}"#)
        };
        let two_keys = |a: &str, ak: &str, av: &str, b: &str, bk: &str, bv: &str| {
            format!(r#"{{"{a}":{{"{ak}":{av}}},"{b}":{{"{bk}":{bv}}}}}"#)
        };
        let (t, f) = (r#""true""#, r#""false""#);
        for (condition, holds, allow, deny) in [
            (one("Bool", p, t), [1, 0, 0], Enforces, Inverted),
            (one("Bool", p, "true"), [1, 0, 0], Enforces, Inverted),
            (one("Bool", p, r#""TRUE""#), [1, 0, 0], Enforces, Inverted),
            (one("Bool", "AWS:multifactorauthPRESENT", t), [1, 0, 0], Enforces, Inverted),
            (one("Bool", p, f), [0, 1, 0], Inverted, KeysEscape),
            (one("BoolIfExists", p, t), [1, 0, 1], KeysEscape, Inverted),
            (one("BoolIfExists", p, f), [0, 1, 1], Inverted, Enforces),
            (one("ForAllValues:Bool", p, t), [1, 0, 1], KeysEscape, Inverted),
            (one("ForAllValues:Bool", p, f), [0, 1, 1], Inverted, Enforces),
            (one("ForAnyValue:Bool", p, t), [1, 0, 0], Enforces, Inverted),
            (one("ForAnyValue:BoolIfExists", p, t), [1, 0, 0], Enforces, Inverted),
            (one("ForAnyValue:Bool", p, f), [0, 1, 0], Inverted, KeysEscape),
            (one("ForAnyValue:BoolIfExists", p, f), [0, 1, 0], Inverted, KeysEscape),
            (one("StringEquals", p, t), [1, 0, 0], Enforces, Inverted),
            (one("StringEqualsIfExists", p, t), [1, 0, 1], KeysEscape, Inverted),
            (one("StringNotEquals", p, t), [0, 1, 1], Inverted, Enforces),
            (one("StringNotEquals", p, f), [1, 0, 1], KeysEscape, Inverted),
            (one("Null", p, t), [0, 0, 1], Inverted, ConsoleEscapes),
            (one("Null", p, f), [1, 1, 0], ConsoleEscapes, Inverted),
            (one("Null", p, r#""yes""#), [0, 0, 0], Dead, Dead),
            (one("Bool", p, r#"["true","false"]"#), [1, 1, 0], ConsoleEscapes, Inverted),
            (one("BoolIfExists", p, r#"["true","false"]"#), [1, 1, 1], Always, Always),
            (one("Bool", p, r#""yes""#), [0, 0, 0], Dead, Dead),
            (two("Bool", f, "Null", t), [0, 0, 0], Dead, Dead),
            (two("BoolIfExists", f, "Null", f), [0, 1, 0], Inverted, KeysEscape),
            (one("NumericLessThan", age, "3600"), [1, 0, 0], Enforces, Inverted),
            (one("NumericLessThanIfExists", age, "3600"), [1, 1, 1], Always, Always),
            (one("NumericGreaterThan", age, "3600"), [0, 0, 0], Stale, Stale),
            (one("NumericGreaterThan", age, "200000"), [0, 0, 0], Dead, Dead),
            (two_keys("Bool", p, f, "NumericGreaterThan", age, "3600"), [0, 0, 0], Dead, Dead),
            (two_keys("Bool", p, t, "NumericGreaterThan", age, "3600"), [0, 0, 0], Stale, Stale),
            (one("NumericGreaterThanIfExists", age, "3600"), [0, 1, 1], Inverted, Enforces),
            (one("Null", age, t), [0, 1, 1], Inverted, Enforces),
            (one("Null", age, f), [1, 0, 0], Enforces, Inverted),
        ] {
            for (effect, meaning) in [("Allow", allow), ("Deny", deny)] {
                let s = statement(effect, &condition);
                let truth = mfa_truth(&s, Version::V2012).unwrap();
                assert_eq!(truth.map(|t| u8::from(t.is_yes())), holds, "{condition}");
                assert_eq!(truth.map(|t| u8::from(!t.is_no())), holds, "{condition}");
                assert_eq!(mfa_use(&s, Version::V2012), Some(meaning), "{effect} {condition}");
            }
        }
    }

    #[test]
    fn other_tests_are_left_aside() {
        let s = statement(
            "Deny",
            r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false","aws:ViaAWSService":"false"}}"#,
        );
        assert_eq!(mfa_use(&s, Version::V2012), Some(MfaUse::Enforces));
        let s = statement("Deny", r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#);
        assert_eq!(mfa_use(&s, Version::V2012), None);
    }

    #[test]
    fn what_is_not_known_may_be_the_wrong_way_round() {
        let p = "aws:MultiFactorAuthPresent";
        for (operator, key, value, allow, deny) in [
            ("Bool", p, "@", true, true),
            ("Null", p, "@", true, true),
            ("Bool", p, "true", false, true),
            ("BoolIfExists", p, "false", true, false),
            // Whatever the age is: without MFA there is none.
            ("NumericLessThan", "aws:MultiFactorAuthAge", "@", false, true),
            ("NumericLessThanIfExists", "aws:MultiFactorAuthAge", "@", true, false),
            ("IpAddress", "aws:SourceIp", "@", false, false),
        ] {
            let condition = format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#);
            for (effect, want) in [("Allow", allow), ("Deny", deny), ("@", allow || deny)] {
                let inverted = may_be_inverted(&statement(effect, &condition), Version::V2012);
                assert_eq!(inverted, want, "{effect} {condition}");
            }
        }
    }
}
