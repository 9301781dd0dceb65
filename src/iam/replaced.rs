//! Embedded policies of one name: a principal has one of them, that which was written last ("PutUserPolicy").

use std::collections::BTreeMap;

use super::model::{Grant, IamModel, PolicyId, PolicyOrigin};
use crate::value::{Unknown, When};

/// Makes a choice of which policy a principal has, of those that several declarations embed under one name.
pub(super) fn one_of_each_name(model: &mut IamModel) {
    let IamModel { principals, policies, choices, .. } = model;
    for principal in principals {
        let mut by_name: BTreeMap<String, Vec<(&str, When)>> = BTreeMap::new();
        let embedded = |id: PolicyId| {
            let policy = policies.get(id.0).filter(|p| p.origin == PolicyOrigin::Inline)?;
            Some((policy.name.as_deref()?.to_ascii_lowercase(), policy.address.as_deref()?))
        };
        for grant in &principal.grants {
            if let Some((name, address)) = grant.policy.as_ref().ok().and_then(|&id| embedded(id)) {
                by_name.entry(name).or_default().push((address, grant.when.clone()));
            }
        }
        for (name, mut declared) in by_name {
            // What stands in the principal itself is written first: everything else refers to it.
            let own = principal.address.clone();
            let is_own = |address: &str| own.as_deref() == Some(address);
            let replaced = declared.iter().any(|(address, when)| !is_own(address) && when.is_always());
            declared.retain(|(address, _)| !replaced || !is_own(address));
            let mut addresses: Vec<&str> = declared.iter().map(|(address, _)| *address).collect();
            addresses.sort_unstable();
            addresses.dedup();
            let choice = is_ambiguous(&declared).then(|| {
                let (kind, label) = (principal.kind.as_str(), principal.label());
                let reason = format!(
                    "{} embed policies of one name in {kind} `{label}`, which has the one that is written last",
                    quoted(&addresses)
                );
                let labels: Vec<String> = addresses.iter().map(|a| format!("{a} is written last")).collect();
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                let key = format!("policy {name} of {} {kind} {label}", principal.unit);
                choices.intern(&key, Unknown::new(reason, Some(principal.span)), &labels)
            });
            principal.grants.retain_mut(|grant: &mut Grant| {
                let of = grant.policy.as_ref().ok().and_then(|&id| embedded(id));
                let Some((_, address)) = of.filter(|(n, _)| *n == name) else { return true };
                match (choice, addresses.binary_search(&address)) {
                    (None, found) => found.is_ok(),
                    (Some(_), Err(_)) => false,
                    (Some(choice), Ok(answer)) => {
                        grant.when.and(choice, answer).map(|when| grant.when = when).is_some()
                    }
                }
            });
        }
    }
}

/// True when declarations of different addresses may exist together.
fn is_ambiguous(declared: &[(&str, When)]) -> bool {
    declared.iter().enumerate().any(|(i, (address, when))| {
        declared.iter().skip(i + 1).any(|(other, w)| other != address && when.and_all(w).is_some())
    })
}

fn quoted(addresses: &[&str]) -> String {
    addresses.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(" and ")
}
