//! Whether policies tell one user from another: where they do not, a judgement about one holds for all.

use super::arn::Arn;
use super::condition;
use super::document::{Item, Statement};
use super::eval::Grants;
use super::slices::{Subject, UNNAMED};

/// The user that stands for all who differ from `subject` in nothing but the name; `None` when its name is not known or
/// none that IAM allows. Right for policies that do not [tell users apart](tell_users_apart).
pub fn anyone(subject: &Subject) -> Option<Subject> {
    let name = subject.name.as_deref().filter(|n| is_name(n))?;
    let arn = match &subject.arn {
        None => None,
        Some(arn) => {
            let path = arn.strip_suffix(name).filter(|path| path.ends_with('/'))?;
            is_path(Arn::parse(path)?.resource).then(|| Some(format!("{path}{UNNAMED}")))?
        }
    };
    Some(Subject { name: Some(UNNAMED.to_owned()), arn, ..subject.clone() })
}

/// Follows "IAM name requirements": letters, digits and `+=,.@_-`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

fn is_path(path: &str) -> bool {
    path.starts_with("user/") && path.split('/').all(|part| part.is_empty() || is_name(part))
}

/// False when the policies say of every user whose ARN has the same path the same. What looks as if it might name
/// users counts as if it did.
pub fn tell_users_apart(grants: &Grants<'_>) -> bool {
    let mut statements = grants.documents().flat_map(|(_, document)| &document.statements);
    statements.any(names_a_user)
}

fn names_a_user(statement: &Statement) -> bool {
    let of_resource = statement.resource.iter().flat_map(|r| &r.items).any(|item| !is_about_all(item));
    of_resource || statement.condition.iter().any(condition::may_concern_name)
}

/// True for a resource that is none of a user, or one of every user.
fn is_about_all(item: &Item) -> bool {
    let Some(text) = item.text.known() else { return false };
    if text == "*" {
        return true;
    }
    let Some(arn) = Arn::parse(text) else { return false };
    let wild = |field: &str| field.contains(['*', '?', '$']);
    if wild(arn.partition) || wild(arn.service) {
        return false;
    }
    if arn.service != "iam" {
        return !text.contains('$');
    }
    match arn.resource.split_once('/') {
        None => arn.resource == "*",
        Some(("user" | "mfa", name)) => matches!(name, "*" | "${aws:username}"),
        Some(("group" | "role" | "policy" | "instance-profile", name)) => !name.contains('$'),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_user_has_the_same_path() {
        let user = |name: &str, arn: Option<&str>| Subject {
            name: Some(name.to_owned()),
            arn: arn.map(str::to_owned),
            ..Subject::default()
        };
        let ann = user("ann", Some("arn:aws:iam::111122223333:user/eng/ann"));
        let arn = anyone(&ann).and_then(|s| s.arn);
        assert_eq!(arn.as_deref(), Some("arn:aws:iam::111122223333:user/eng/unnamed-by-policies"));
        assert_eq!(anyone(&user("ann", None)), anyone(&user("ben", None)));
        for (name, arn) in [
            ("", None),
            ("a/b", None),
            ("a*", None),
            ("ann", Some("arn:aws:iam::111122223333:user/joann")),
            ("ann", Some("arn:aws:iam::111122223333:user/a:b/ann")),
            ("ann", Some("arn:aws:iam::111122223333:role/ann")),
        ] {
            assert_eq!(anyone(&user(name, arn)), None, "{name} {arn:?}");
        }
        assert_eq!(anyone(&Subject::default()), None);
    }
}
