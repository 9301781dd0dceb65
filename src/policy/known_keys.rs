//! Global condition keys, to tell a misspelt key from one that a caller can set.

/// "AWS global condition context keys", in lower case.
const GLOBAL: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviaawsmcp",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:ismcpserviceaction",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:signininfo",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:viaawsmcpservice",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

/// True for a key in the space of the global keys (`aws:…`) that is none of them.
pub fn is_misspelt(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("aws:")
        && !GLOBAL.contains(&key.as_str())
        && !["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"]
            .iter()
            .any(|prefix| key.starts_with(prefix))
}

/// True for a key that looks like one of the two MFA keys and is none.
pub fn is_misspelt_mfa(key: &str) -> bool {
    let letters: String = key.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let letters = letters.to_ascii_lowercase();
    let close =
        letters.contains("multifactor") || letters.contains("mfapresent") || letters.contains("mfaage");
    let bare = key.to_ascii_lowercase();
    close && bare != super::condition::PRESENT && bare != super::condition::AGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys() {
        assert!(is_misspelt("aws:MultiFactorAuth"));
        assert!(!is_misspelt("AWS:SourceIp"));
        assert!(!is_misspelt("aws:RequestTag/team"));
        assert!(!is_misspelt("s3:prefix"));
        assert!(is_misspelt_mfa("aws:MultiFactorAuthenticated"));
        assert!(is_misspelt_mfa("MultiFactorAuthPresent"));
        assert!(!is_misspelt_mfa("aws:multifactorauthage"));
        assert!(!is_misspelt_mfa("aws:SourceIp"));
    }
}
