//! Commands that set right what is wrong with a user of an account, with its name filled in.

use super::AccountUser;
use crate::finding::Remedy;
use crate::policy::arn::is_account;
use crate::tri::Tri;

/// To give a user a device, or to take away what it signs in with.
pub(super) fn enrol(subject: &AccountUser<'_>) -> Vec<Remedy> {
    let user = subject.live.user;
    let name = shell(&user.name);
    let serial = shell(&arn(subject, &format!("mfa/{}", user.name)));
    let dedicated = match subject.live.admin() {
        Tri::Yes => " (a dedicated one for administrators, not a personal phone)",
        Tri::No | Tri::Maybe => "",
    };
    let enrol = Remedy {
        action: format!("enrol a device{dedicated}"),
        commands: vec![
            format!(
                "aws iam create-virtual-mfa-device --virtual-mfa-device-name {name} --outfile mfa.png \
                 --bootstrap-method QRCodePNG"
            ),
            format!(
                "aws iam enable-mfa-device --user-name {name} --serial-number {serial} \
                 --authentication-code1 CODE --authentication-code2 NEXT"
            ),
        ],
    };
    let password = (!user.console.value.is_no()).then(|| remove_password(&user.name));
    // A device helps against a password alone; a key works without one.
    let keys = (user.console.value.is_no() && !user.has_keys().is_no()).then(|| Remedy {
        action: "deactivate the access keys".to_owned(),
        commands: vec![
            format!("aws iam list-access-keys --user-name {name}"),
            format!("aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive"),
        ],
    });
    [enrol].into_iter().chain(password).chain(keys).collect()
}

/// To take a password away.
pub(super) fn remove_password(user: &str) -> Remedy {
    Remedy {
        action: "remove the password".to_owned(),
        commands: vec![format!("aws iam delete-login-profile --user-name {}", shell(user))],
    }
}

/// To take text messages away from a user who has something better by then.
pub(super) fn replace_sms(subject: &AccountUser<'_>) -> Vec<Remedy> {
    let name = shell(&subject.live.user.name);
    let mut remedies = enrol(subject);
    remedies.truncate(1);
    let serial = "SERIAL-NUMBER-OF-THE-SMS-DEVICE";
    for enrol in &mut remedies {
        enrol.action.push_str(", then deactivate the SMS device");
        enrol.commands.extend([
            format!("aws iam list-mfa-devices --user-name {name}"),
            format!("aws iam deactivate-mfa-device --user-name {name} --serial-number {serial}"),
        ]);
    }
    remedies
}

/// To attach a policy that enforces MFA.
pub(super) fn gate(subject: &AccountUser<'_>) -> Vec<Remedy> {
    let name = shell(&subject.live.user.name);
    let policy = shell(&arn(subject, "policy/require-mfa"));
    vec![Remedy {
        action: "attach a policy that denies everything but enrolling a device unless \
                 `aws:MultiFactorAuthPresent` is true, to the user or to a group that all users are in"
            .to_owned(),
        commands: vec![
            "mfaguard policy --enforce > require-mfa.json".to_owned(),
            "aws iam create-policy --policy-name require-mfa --policy-document file://require-mfa.json"
                .to_owned(),
            format!("aws iam attach-user-policy --user-name {name} --policy-arn {policy}"),
        ],
    }]
}

/// The ARN of something in the account of a user.
fn arn(subject: &AccountUser<'_>, resource: &str) -> String {
    let account = subject.account;
    let id = if is_account(&account.id) { &account.id } else { "ACCOUNT" };
    format!("arn:{}:iam::{id}:{resource}", account.partition)
}

/// A word as a shell takes it. Names come from files that anybody may have written.
fn shell(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b);
    match !word.is_empty() && !word.starts_with('-') && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
