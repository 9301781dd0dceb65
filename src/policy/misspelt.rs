//! Condition keys and operators that do not exist, and what is meant by them: "AWS global condition context keys" has two
//! keys that are about MFA, "IAM JSON policy elements: Condition operators" has all operators.

use super::condition::{AGE, PRESENT};
use super::operators::Operator;

/// True for a key that looks like one of the two MFA keys and is none. No request carries such a key.
pub fn is_misspelt_mfa(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    if key == PRESENT || key == AGE || key.contains('/') {
        return false;
    }
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    ["multifactor", "mfapresent", "mfaage", "mfaauth"].iter().any(|part| letters.contains(part))
}

/// Operators as they are written.
const OPERATORS: [&str; 28] = [
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "BoolIfExists",
];

/// Most letters that are wrong in a name of which one can tell what is meant.
const WRONG_LETTERS: usize = 3;

/// The operator that is meant by a name that is none, when one is nearer than all others.
pub fn meant_operator(written: &str) -> Option<String> {
    if Operator::parse(written).is_some() {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    let far = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_ascii_lowercase());
    let with_suffix = OPERATORS.iter().filter(|o| !o.contains("Bool")).map(|o| format!("{o}IfExists"));
    let names = OPERATORS.iter().map(|o| (*o).to_owned()).chain(with_suffix);
    let mut near: Vec<(usize, String)> = names
        .filter(|n| Operator::parse(n).is_some())
        .map(|n| (far(&n), n))
        .filter(|(wrong, _)| *wrong <= WRONG_LETTERS)
        .collect();
    near.sort();
    match near.as_slice() {
        [(_, only)] => Some(only.clone()),
        [(first, name), (second, _), ..] if first < second => Some(name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_by_an_operator() {
        for (written, meant) in [
            ("BoolIfExist", Some("BoolIfExists")),
            ("BolIfExists", Some("BoolIfExists")),
            ("Boolean", Some("Bool")),
            ("StringEqual", Some("StringEquals")),
            ("NumericLessThanIfExist", Some("NumericLessThanIfExists")),
            ("Bool", None),
            ("ConditionIfBoolExists", None),
            ("", None),
        ] {
            assert_eq!(meant_operator(written).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn misspelt_keys() {
        for key in [
            "aws:MultiFactorAuth",
            "aws:MultiFactorAuthenticated",
            "MultiFactorAuthPresent",
            "aws:MFAPresent",
        ] {
            assert!(is_misspelt_mfa(key), "{key}");
        }
        for key in
            ["aws:multifactorauthage", "AWS:MultiFactorAuthPresent", "aws:SourceIp", "aws:RequestTag/mfaage"]
        {
            assert!(!is_misspelt_mfa(key), "{key}");
        }
    }
}
