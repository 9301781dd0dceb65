//! `mfaguard.toml` as it is written. The schema for editors is made of these types and their comments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// Configuration of mfaguard. Paths are relative to this file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "mfaguard.toml")]
pub(super) struct File {
    /// Lowest severity that makes the exit code 1: info, low, medium (the default), high, critical or never.
    #[schemars(with = "Option<Level>")]
    pub(super) fail_on: Option<Spanned<String>>,
    /// What to do with findings that depend on something that is not settled: fail, warn (the default) or ignore.
    #[schemars(with = "Option<Unknown>")]
    pub(super) unknown: Option<Spanned<String>>,
    /// Only these rules, by code or name.
    #[schemars(with = "Vec<String>")]
    pub(super) select: Vec<Spanned<String>>,
    /// Not these rules, by code or name.
    #[schemars(with = "Vec<String>")]
    pub(super) ignore: Vec<Spanned<String>>,
    /// Files and directories that are not looked at unless they are named, as in a `.gitignore`. What is in them is
    /// still read when other code uses it.
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// File with findings that were there before, as `--write-baseline` writes it.
    pub(super) baseline: Option<PathBuf>,
    /// Read the suppression comments of checkov, tfsec, Trivy and cfn_nag, too.
    pub(super) foreign_suppressions: bool,
    /// Severities instead of those of the rules, by code or name of the rule.
    #[schemars(with = "BTreeMap<String, Severity>")]
    pub(super) severity: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Principals about whom findings are accepted: break-glass users, for example.
    pub(super) allow: Vec<Allow>,
    /// Code that is for one AWS account, to be judged together.
    pub(super) account: Vec<Account>,
    /// Principals that no code given here is about, for `drift`.
    pub(super) managed_elsewhere: Vec<Elsewhere>,
}

/// Principals about whom findings are accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Allow {
    /// Kind of principal.
    #[schemars(with = "Kind")]
    pub(super) kind: Spanned<String>,
    /// Name, in which `*` and `?` may stand.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// Only findings of these rules, by code or name.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) rules: Vec<Spanned<String>>,
    /// Why. Required.
    #[schemars(with = "String")]
    pub(super) reason: Spanned<String>,
    /// The last day on which it counts (UTC): 2027-01-31.
    #[schemars(with = "Option<String>")]
    pub(super) until: Option<Spanned<toml::value::Datetime>>,
}

/// Code that is for one AWS account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// What people call it.
    pub(super) name: Option<String>,
    /// Its number of twelve digits, for `drift`.
    #[schemars(with = "Option<String>")]
    pub(super) id: Option<Spanned<String>>,
    /// Files and directories.
    pub(super) paths: Vec<PathBuf>,
}

/// Principals that no code given here is about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Elsewhere {
    /// Kind of principal.
    #[schemars(with = "Kind")]
    pub(super) kind: Spanned<String>,
    /// Name, in which `*` and `?` may stand.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// Who manages it, and where. Required.
    #[schemars(with = "String")]
    pub(super) reason: Spanned<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($word:ident)+) => {
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[serde(rename_all = "lowercase")]
        #[allow(dead_code, reason = "the words of the schema")]
        enum $name { $($word),+ }
    };
}

words!(
    /// What makes the exit code 1.
    Level: Info Low Medium High Critical Never
);
words!(
    /// Severity of a rule; `off` leaves the rule out.
    Severity: Off Info Low Medium High Critical
);
words!(
    /// What to do with what is not settled.
    Unknown: Fail Warn Ignore
);
words!(
    /// Kind of principal.
    Kind: User Group Role
);

/// The JSON schema of the file.
pub(super) fn schema() -> anyhow::Result<String> {
    let schema = schemars::schema_for!(File);
    Ok(format!("{}\n", serde_json::to_string_pretty(&schema)?))
}
