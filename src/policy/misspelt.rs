//! Condition keys that are meant to be about MFA and are not: "AWS global condition context keys" has two that are.

use super::condition::{AGE, PRESENT};

/// True for a key that looks like one of the two MFA keys and is none. No request carries such a key.
pub fn is_misspelt_mfa(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    if key == PRESENT || key == AGE || key.contains('/') {
        return false;
    }
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    ["multifactor", "mfapresent", "mfaage", "mfaauth"].iter().any(|part| letters.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

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
