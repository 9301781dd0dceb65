//! Suppressions that are written for other programs, for the rules that are nearest to theirs.
//!
//! Follows "Suppressing and skipping policies" of checkov, "Filtering" of Trivy (which took over tfsec's comments) and
//! "Suppressing rules" of cfn_nag.

use super::claim::{Claim, Said};
use crate::account::time::Time;
use crate::frontend::remarks::{self, Remark};

/// Words of which one stands in every file that has such a comment, or one of our own.
pub(super) const WORDS: &[&str] = &["mfaguard", "checkov", "tfsec:ignore:", "trivy:ignore:", "cfn_nag"];

/// Their rules, and which of ours see the same.
const NEAREST: &[(&str, &[&str])] = &[
    // Users of IAM at all; a console password; the managed policy AdministratorAccess.
    ("CKV_AWS_273", &["MFA001", "MFA002"]),
    ("CKV2_AWS_22", &["MFA001"]),
    ("CKV_AWS_274", &["MFA002", "MFA003", "MFA004"]),
    // A group without a policy that asks for MFA.
    ("AVD-AWS-0123", &["MFA003"]),
    ("AWS-0123", &["MFA003"]),
    ("aws-iam-enforce-group-mfa", &["MFA003"]),
    ("aws-iam-enforce-mfa", &["MFA003"]),
    // A role that may do everything.
    ("F3", &["MFA004"]),
    ("W43", &["MFA004"]),
];

/// What a remark for another program claims.
pub(super) fn of(remark: &Remark) -> Option<Claim> {
    match &remark.said {
        remarks::Said::Entry { tool, ids, reason, .. } => {
            let reason = reason.clone().unwrap_or_else(|| format!("{tool}: {}", ids.join(", ")));
            claim(remark, ids.iter().map(String::as_str), reason, None)
        }
        remarks::Said::TooMany => None,
        remarks::Said::Comment(text) => {
            if let Some(rest) = text.strip_prefix("checkov:skip=") {
                let (ids, reason) = rest.split_once(':').unwrap_or((rest, text));
                // It stands in the block it is about.
                let covers = remark.within.unwrap_or(remark.covers);
                return claim(&Remark { covers, ..remark.clone() }, ids.split(','), reason.to_owned(), None);
            }
            let rest = text
                .split(' ')
                .find_map(|w| w.strip_prefix("tfsec:ignore:").or_else(|| w.strip_prefix("trivy:ignore:")))?;
            let (ids, until) = rest.split_once(":exp:").map_or((rest, None), |(ids, day)| (ids, Some(day)));
            claim(remark, ids.split(','), text.clone(), until)
        }
    }
}

fn claim<'t>(
    remark: &Remark,
    ids: impl Iterator<Item = &'t str>,
    reason: String,
    until: Option<&str>,
) -> Option<Claim> {
    let nearest = |id: &'t str| {
        let found = NEAREST.iter().find(|(name, _)| name.eq_ignore_ascii_case(id.trim()));
        found.map_or(&[][..], |(_, rules)| rules)
    };
    let mut rules: Vec<&'static str> = ids.flat_map(nearest).copied().collect();
    rules.sort_unstable();
    rules.dedup();
    // A date that cannot be read ends it: nobody knows when it should have.
    let until = match until.map(Time::end_of_day) {
        Some(None) => return None,
        Some(until) => until,
        None => None,
    };
    let said = Said::Ignore { rules, reason: reason.trim().to_owned(), until };
    Some(Claim { span: remark.span, covers: remark.covers, said, foreign: true })
}
