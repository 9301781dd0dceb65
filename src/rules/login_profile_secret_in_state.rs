//! MFA107: secrets that whoever reads the code or the state can use.

use super::{Check, Rule, describe};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::iam::facts::Kept;
use crate::iam::model::{Secret, SecretKind};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA107",
    name: "login-profile-secret-in-state",
    severity: Severity::Low,
    summary: "a password or the seed of an MFA device can be read in the code or in the state",
    help: "set `pgp_key`, read the password from a secret store, and enrol devices outside of the code",
    compliance: &["NIST.800-53.r5 IA-5(7)", "PCI-DSS 8.3.2"],
    page: include_str!("../../docs/rules/login-profile-secret-in-state.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Secret(check) };

fn check(secret: &Secret) -> Option<Finding> {
    let what = match secret.kind {
        SecretKind::Password => "the console password",
        SecretKind::Seed => "the seed of this virtual MFA device, from which its codes are made,",
    };
    let (holds, message) = match &secret.kept {
        Kept::Safe => return None,
        Kept::State => {
            let instead = match secret.kind {
                SecretKind::Password => "set `pgp_key`",
                SecretKind::Seed => "let the user enrol the device",
            };
            (Tri::Yes, format!("{what} is kept in the state in plain text; {instead}"))
        }
        Kept::Code => {
            (Tri::Yes, format!("{what} stands in the code in plain text; read it from a secret store"))
        }
        Kept::Unknown(u) => {
            (Tri::Maybe, format!("{what} may be kept in the state in plain text: {}", u.reason()))
        }
    };
    // Not the place of the secret itself: reports show the line.
    let mut finding = Finding::new(&INFO, secret.span, holds, &secret.address, message)?;
    finding.help = match (&secret.kept, secret.kind) {
        (Kept::Code, _) => "read the password from a secret store (`{{resolve:secretsmanager:…}}`)",
        (Kept::Safe | Kept::State | Kept::Unknown(_), SecretKind::Password) => {
            "set `pgp_key`, so that the state holds the password encrypted"
        }
        (Kept::Safe | Kept::State | Kept::Unknown(_), SecretKind::Seed) => {
            "enrol devices outside of the code"
        }
    }
    .to_owned();
    if let Kept::Unknown(u) = &secret.kept {
        describe::name_unknowns(&mut finding, std::slice::from_ref(u));
    }
    Some(finding)
}
