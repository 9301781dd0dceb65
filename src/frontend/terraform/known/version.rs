//! Versions of modules, and which of them a constraint admits.

/// Major, minor and patch.
pub(super) type Version = (u64, u64, u64);

/// A run of versions: the first one, and the first one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) from: Version,
    pub(super) before: Version,
}

/// After every version.
const END: Version = (u64::MAX, 0, 0);

impl Versions {
    /// All there are and will be.
    pub(super) const ALL: Self = Self { from: (0, 0, 0), before: END };

    /// Those from `first` to `last`.
    pub(super) fn between(first: Version, last: Version) -> Self {
        Self { from: first, before: after(last) }
    }

    /// Those of both; `None` when there are none.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), before: self.before.min(other.before) };
        (both.from < both.before).then_some(both)
    }

    /// Whether all of them are `version` or later; `None` when only some are.
    pub(super) fn since(self, version: Version) -> Option<bool> {
        if self.from >= version {
            return Some(true);
        }
        (self.before <= version).then_some(false)
    }

    /// What a constraint such as `~> 5.0, < 5.30` admits; exclusions (`!=`) leave what is around them. `None` when it
    /// is not a constraint, or asks for a pre-release.
    pub(super) fn admitted(constraint: &str) -> Option<Self> {
        constraint.split(',').try_fold(Self::ALL, |all, part| {
            let part = part.trim();
            let at = part.find(|c: char| !"=!<>~".contains(c))?;
            let (operator, text) = part.split_at_checked(at)?;
            let (version, given) = parse(text.trim())?;
            let (major, minor, _) = version;
            let one = match operator {
                "" | "=" => Self { from: version, before: after(version) },
                "!=" => Self::ALL,
                ">" => Self { from: after(version), before: END },
                ">=" => Self { from: version, before: END },
                "<" => Self { from: (0, 0, 0), before: version },
                "<=" => Self { from: (0, 0, 0), before: after(version) },
                "~>" if given == 3 => Self { from: version, before: (major, minor.checked_add(1)?, 0) },
                "~>" => Self { from: version, before: (major.checked_add(1)?, 0, 0) },
                _ => return None,
            };
            // A constraint that nothing meets admits no version: an empty run.
            Some(all.and(one).unwrap_or(Self { from: END, before: END }))
        })
    }
}

/// The version that comes right after.
fn after((major, minor, patch): Version) -> Version {
    (major, minor, patch.saturating_add(1))
}

/// A version (`v5.30`, `5.30.0`) and how many numbers it has.
pub(super) fn parse(text: &str) -> Option<(Version, usize)> {
    let mut numbers = [0; 3];
    let parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).split('.').collect();
    if parts.len() > numbers.len() {
        return None;
    }
    for (number, part) in numbers.iter_mut().zip(&parts) {
        *number = Some(part).filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    }
    let [major, minor, patch] = numbers;
    Some(((major, minor, patch), parts.len()))
}

/// `5.30.0`.
pub(super) fn show((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_admit_what_terraform_admits() {
        let cases = [
            ("5.30.0", (5, 30, 0), (5, 30, 1)),
            ("= 5.30", (5, 30, 0), (5, 30, 1)),
            ("v1.2.3", (1, 2, 3), (1, 2, 4)),
            ("~> 5.0", (5, 0, 0), (6, 0, 0)),
            ("~> 5", (5, 0, 0), (6, 0, 0)),
            ("~>5.30.1", (5, 30, 1), (5, 31, 0)),
            (">= 4.1, < 5.0.0", (4, 1, 0), (5, 0, 0)),
            ("> 4.1, <= 5", (4, 1, 1), (5, 0, 1)),
            (">= 2.0, != 2.1.0", (2, 0, 0), END),
        ];
        for (text, from, before) in cases {
            assert_eq!(Versions::admitted(text), Some(Versions { from, before }), "{text}");
        }
        for text in ["", "latest", "5.x", "1.0.0-beta1", "=> 1", "1.2.3.4", "1,", "99999999999999999999"] {
            assert_eq!(Versions::admitted(text), None, "{text}");
        }
        let none = Versions::admitted("< 1.0, > 2.0").and_then(|v| v.and(Versions::ALL));
        assert_eq!(none, None);
    }

    #[test]
    fn a_run_is_before_since_or_around_a_version() {
        let run = |text| Versions::admitted(text).unwrap();
        assert_eq!(run("~> 5.0").since((5, 0, 0)), Some(true));
        assert_eq!(run("~> 5.0").since((6, 0, 0)), Some(false));
        assert_eq!(run("~> 5.0").since((5, 24, 0)), None);
        assert_eq!(run("<= 0.12.2").since((0, 12, 3)), Some(false));
        let known = Versions::between((2, 0, 0), (5, 60, 0));
        assert_eq!(known.and(run(">= 5")), Some(Versions { from: (5, 0, 0), before: (5, 60, 1) }));
        assert_eq!(known.and(run("~> 6.0")), None);
    }
}
