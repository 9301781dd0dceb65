//! The policies that AWS manages, compiled into the binary and read when they are needed.
//!
//! Their names and ARNs are those of the AWS Managed Policy Reference Guide.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::document::Parsed;
use super::parse::{DocumentKind, parse};
use crate::value::{Text, Value};

/// Name, path and document a line, separated by tabs, sorted by name.
const LIST: &str = include_str!("../../data/aws-managed-policies.txt");

/// A policy that AWS manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Managed {
    /// Its name.
    pub name: &'static str,
    /// Its path, with slashes at both ends.
    pub path: &'static str,
    /// Its document, as JSON.
    json: &'static str,
}

impl Managed {
    fn of_line(line: &'static str) -> Option<Self> {
        let (name, rest) = line.split_once('\t')?;
        let (path, json) = rest.split_once('\t')?;
        Some(Self { name, path, json })
    }

    /// The text of its document.
    pub fn text(self) -> &'static str {
        self.json
    }

    /// The policy of this name, looked for once.
    pub fn by_name(name: &str) -> Option<Self> {
        static FOUND: Mutex<BTreeMap<&str, Managed>> = Mutex::new(BTreeMap::new());
        let found = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found().get(name).copied();
        known.or_else(|| {
            let managed = Self::search(name)?;
            found().insert(managed.name, managed);
            Some(managed)
        })
    }

    /// Looks at a few lines of the list: reading all of it takes longer than most runs.
    fn search(name: &str) -> Option<Self> {
        let mut rest = LIST;
        while !rest.is_empty() {
            // The line around the middle.
            let middle = rest.floor_char_boundary(rest.len() / 2);
            let start = rest.get(..middle)?.rfind('\n').map_or(0, |at| at + 1);
            let end = rest.get(middle..)?.find('\n').map_or(rest.len(), |at| middle + at + 1);
            let managed = Self::of_line(rest.get(start..end)?.trim_end())?;
            rest = match name.cmp(managed.name) {
                Ordering::Equal => return Some(managed),
                Ordering::Less => rest.get(..start)?,
                Ordering::Greater => rest.get(end..)?,
            };
        }
        None
    }

    /// The policy of this ARN, of any partition, with the path it really has.
    pub fn by_arn(arn: &Text) -> Option<Self> {
        let path = aws_managed_path(arn)?;
        let (_, name) = path.rsplit_once('/')?;
        Self::by_name(name).filter(|m| path.strip_suffix(name) == Some(m.path))
    }

    /// The ARN in the partition of commercial regions.
    pub fn arn(self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The document. Parsed once in a run.
    pub fn parsed(self) -> Arc<Parsed> {
        static PARSED: Mutex<BTreeMap<&str, Arc<Parsed>>> = Mutex::new(BTreeMap::new());
        let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
        let parse = || Arc::new(parse(&Value::string(self.json, None), DocumentKind::Identity));
        Arc::clone(parsed.entry(self.name).or_insert_with(parse))
    }
}

/// The path and name in the ARN of a policy that AWS manages (also one that is not in the list): what follows
/// `arn:PARTITION:iam::aws:policy`. The partition may be open; the rest is known.
pub fn aws_managed_path(arn: &Text) -> Option<&str> {
    let known = arn.visible();
    let (partition, path) = known.strip_prefix("arn:")?.split_once(":iam::aws:policy")?;
    let inside = arn.holes().iter().all(|h| h.at >= 4 && h.at <= 4 + partition.len());
    let named =
        partition == "*" || partition.split('-').all(|p| p.bytes().all(|b| b.is_ascii_alphanumeric()));
    (inside && named && (!partition.is_empty() || !arn.holes().is_empty()) && path.starts_with('/'))
        .then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Unknown;

    #[test]
    fn found_by_name_and_by_arn_of_any_partition() {
        let admin = Managed::by_name("AdministratorAccess").unwrap();
        for arn in ["arn:aws:iam::aws:policy/", "arn:aws-us-gov:iam::aws:policy/", "arn:*:iam::aws:policy/"] {
            assert_eq!(
                Managed::by_arn(&Text::new(format!("{arn}AdministratorAccess"))),
                Some(admin),
                "{arn}"
            );
        }
        let mut open = Text::new("arn:");
        open.push(&Text::hole(Unknown::new("the partition is not known", None))).unwrap();
        open.push(&Text::new(":iam::aws:policy/job-function/Billing")).unwrap();
        assert_eq!(Managed::by_arn(&open).unwrap().path, "/job-function/");
        assert_eq!(
            Managed::by_name("Billing").unwrap().arn(),
            "arn:aws:iam::aws:policy/job-function/Billing"
        );
    }

    #[test]
    fn look_alikes_are_not_found() {
        for name in ["", "A", "Billin", "Billing ", "zzz", "\u{e9}"] {
            assert_eq!(Managed::by_name(name), None, "{name}");
        }
        for arn in [
            "arn:aws:iam::aws:policy/Billing",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/service-role/AdministratorAccess",
            "arn::iam::aws:policy/AdministratorAccess",
            "AdministratorAccess",
        ] {
            assert_eq!(Managed::by_arn(&Text::new(arn)), None, "{arn}");
        }
        let mut open = Text::new("arn:aws:iam::aws:policy/");
        open.push(&Text::hole(Unknown::new("`var.policy` has no value", None))).unwrap();
        assert_eq!(Managed::by_arn(&open), None);
    }

    #[test]
    fn every_document_is_accepted_and_none_mentions_mfa() {
        let all: Vec<Managed> = LIST.lines().filter_map(Managed::of_line).collect();
        assert!(all.len() > 1000);
        for managed in all {
            assert_eq!(Managed::by_name(managed.name), Some(managed));
            let parsed = parse(&Value::string(managed.json, None), DocumentKind::Identity);
            assert!(!parsed.refused(), "{}: {:?}", managed.name, parsed.problems);
            assert!(!managed.json.to_ascii_lowercase().contains("multifactorauth"), "{}", managed.name);
        }
    }
}
