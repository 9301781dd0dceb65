//! Documents that lock their holders out: whoever has them can never enrol a device, or can do nothing at all.
//!
//! What enrolling takes is in "Assign MFA devices in the AWS CLI or AWS API".

use super::classes::{Classes, Whose};
use super::condition::World;
use super::document::{Document, Effect};
use super::eval::{Ask, Engine, Grants, Reading};
use super::slices::{self, Subject};
use super::universe::ActionTable;
use crate::tri::Tri;

/// How a document locks its holders out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lockout {
    /// Enrolling a device needs MFA, for which a device is needed.
    Enrolment,
    /// Everything is denied, with MFA too.
    Everything,
}

/// What a first device takes, on one's own device and on oneself.
const ENROL: [&str; 2] = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"];

/// Whether a document locks out whoever has it, whatever else they are granted.
pub fn lockout(document: &Document) -> Option<(Lockout, Tri)> {
    let grants = Grants { identity: vec![document], ..Grants::default() };
    let table = ActionTable::with_elements(document.statements.iter().map(|s| &s.action));
    let program = grants.compile(&table);
    let classes = Classes::of(&table);
    let subject = Subject::default();
    let (slices, _) = slices::slices(&subject, &program, &table, &classes);
    let engine = Engine::new(&program, &slices, &subject.contexts());
    let certain = engine.certain();
    let mut strictest = certain.clone();
    for (take, compiled) in strictest.takes.iter_mut().zip(&program.statements) {
        if compiled.statement.effect == Ok(Effect::Deny) {
            take.code = [true; 3];
        }
    }
    let of = |reading: &Reading| {
        if World::ALL.iter().all(|&w| engine.closed_under_any_grant(reading, w)) {
            return Some(Lockout::Everything);
        }
        ENROL.iter().any(|a| needs_mfa(&engine, &table, reading, a)).then_some(Lockout::Enrolment)
    };
    match of(&certain) {
        Some(proven) => Some((proven, Tri::Yes)),
        None => of(&strictest).map(|possible| (possible, Tri::Maybe)),
    }
}

/// True when an action on oneself is denied without MFA of either kind, and not with MFA.
fn needs_mfa(engine: &Engine<'_, '_>, table: &ActionTable, reading: &Reading, action: &str) -> bool {
    let Some(bit) = table.find(action) else { return false };
    let denied = |world: World| {
        let mut own = engine
            .slices
            .iter()
            .enumerate()
            .filter(|(_, s)| s.whose == Whose::Own && s.members.contains(bit));
        own.any(|(slice, s)| {
            let mut left = s.members.clone();
            engine.remove_denied(&Ask { reading, slice, world }, true, &mut left);
            !left.contains(bit)
        })
    };
    denied(World::Console) && denied(World::Keys) && !denied(World::Mfa)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::parse::{DocumentKind, parse};
    use crate::value::Value;

    fn of(statements: &str) -> Option<(Lockout, Tri)> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let parsed = parse(&Value::string(text, None), DocumentKind::Identity);
        assert!(!parsed.refused(), "{:?}", parsed.problems);
        lockout(&parsed.document)
    }

    #[test]
    fn who_is_locked_out() {
        let gate = |actions: &str, rest: &str| {
            format!(
                r#"{{"Effect":"Deny",{actions},"Resource":"*","Condition":{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"false"}}{rest}}}}}"#
            )
        };
        let enrol = r#""NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice"]"#;
        for (statements, want) in [
            (gate(enrol, ""), None),
            (gate(r#""Action":"s3:*""#, ""), None),
            (gate(r#""Action":"*""#, ""), Some(Lockout::Enrolment)),
            (gate(r#""NotAction":"iam:CreateVirtualMFADevice""#, ""), Some(Lockout::Enrolment)),
            // At the office a device can be enrolled.
            (gate(r#""Action":"*""#, r#","NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#), None),
            (
                gate(enrol, "")
                    + r#",{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
                Some(Lockout::Everything),
            ),
            (r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#.to_owned(), None),
        ] {
            assert_eq!(of(&statements), want.map(|l| (l, Tri::Yes)), "{statements}");
        }
    }
}
