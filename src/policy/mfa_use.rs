//! What a statement does with MFA: the truth table of conditions on `aws:MultiFactorAuthPresent` and
//! `aws:MultiFactorAuthAge`.

use super::condition::{self, AGE, Context, PRESENT, World};
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
    test.key.known().is_some_and(|k| k.eq_ignore_ascii_case(PRESENT) || k.eq_ignore_ascii_case(AGE))
}

/// What the tests on MFA of a statement achieve; `None` when it has none, or when its effect is not known.
pub fn mfa_use(statement: &Statement, version: Version) -> Option<MfaUse> {
    let effect = *statement.effect.as_ref().ok()?;
    let truth = mfa_truth(statement, version)?;
    if truth.iter().any(|t| t.depends_on_code()) {
        return Some(MfaUse::Unsettled);
    }
    Some(meaning(effect, truth.map(|t| t.at(true, true))))
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
    use crate::value::Value;

    fn statement(effect: &str, condition: &str) -> Statement {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        let parsed = parse(&Value::string(text, None), DocumentKind::Identity);
        assert_eq!(parsed.problems, []);
        parsed.document.statements[0].clone()
    }

    /// Every row of the table: condition, worlds in which it holds, meaning in an Allow and in a Deny.
    #[test]
    fn truth_table() {
        use MfaUse::{Always, ConsoleEscapes, Dead, Enforces, Inverted, KeysEscape};
        let p = "aws:MultiFactorAuthPresent";
        let age = "aws:MultiFactorAuthAge";
        let one = |op: &str, key: &str, value: &str| format!(r#"{{"{op}":{{"{key}":{value}}}}}"#);
        let two = |a: &str, av: &str, b: &str, bv: &str| {
            format!(r#"{{"{a}":{{"{p}":{av}}},"{b}":{{"{p}":{bv}}}}}"#)
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
            (one("Bool", p, r#"["true","false"]"#), [1, 1, 0], ConsoleEscapes, Inverted),
            (one("BoolIfExists", p, r#"["true","false"]"#), [1, 1, 1], Always, Always),
            (one("Bool", p, r#""yes""#), [0, 0, 0], Dead, Dead),
            (two("Bool", f, "Null", t), [0, 0, 0], Dead, Dead),
            (two("BoolIfExists", f, "Null", f), [0, 1, 0], Inverted, KeysEscape),
            (one("NumericLessThan", age, "3600"), [1, 0, 0], Enforces, Inverted),
            (one("NumericLessThanIfExists", age, "3600"), [1, 1, 1], Always, Always),
            (one("NumericGreaterThan", age, "3600"), [0, 0, 0], Dead, Dead),
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
}
