//! Names of AWS actions, by service: the embedded list, or a list made from what is asked about.
//!
//! The list and the access levels are those of "Actions, resources, and condition keys for AWS services" in the
//! Service Authorization Reference.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::pattern::{Token, glob};
use crate::value::Text;

/// Access level, as in the "Service Authorization Reference". Ordered from what matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Changes permissions.
    Permissions,
    /// Changes other things.
    Write,
    /// Changes tags.
    Tagging,
    /// Reads contents.
    Read,
    /// Lists.
    List,
    /// Not in the list.
    Unlisted,
}

impl Level {
    /// All levels, in order.
    pub const ALL: [Self; 6] =
        [Self::Permissions, Self::Write, Self::Tagging, Self::Read, Self::List, Self::Unlisted];

    fn of_letter(letter: u8) -> Self {
        match letter {
            b'P' => Self::Permissions,
            b'W' => Self::Write,
            b'T' => Self::Tagging,
            b'R' => Self::Read,
            b'L' => Self::List,
            _ => Self::Unlisted,
        }
    }
}

/// What kind of resource an action works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// None: only `Resource: "*"` matches.
    Nothing,
    /// An IAM user.
    User,
    /// An MFA device.
    Device,
    /// Anything else.
    Other,
    /// Not in the list.
    Unlisted,
}

impl On {
    fn of_letter(letter: u8) -> Self {
        match letter {
            b'n' => Self::Nothing,
            b'u' => Self::User,
            b'm' => Self::Device,
            b'r' => Self::Other,
            _ => Self::Unlisted,
        }
    }
}

/// Actions sorted by service and name, both without regard to case. An action is known by its position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    services: Vec<(String, Range<usize>)>,
    names: Vec<Name>,
    /// Where the names stand, among other things.
    text: Cow<'static, str>,
    /// The same in lower case, so that a search compares bytes.
    lower: String,
}

/// One name: its bytes in the text. Small, because there are many.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    start: u32,
    end: u32,
    level: Level,
    on: On,
}

impl Name {
    fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

static EMBEDDED: OnceLock<Names> = OnceLock::new();

/// Why a list of actions cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// A line is not of the form of the list.
    #[error(
        "line {0}: `{1}` is no action; expected a service and, for each action, the letters of its level (P, W, T, R, L) and resource (n, u, m, r) before its name"
    )]
    Line(usize, String),
    /// It holds no action.
    #[error("it holds no action")]
    Empty,
    /// Something was judged by the embedded list already.
    #[error("a list is already in use")]
    InUse,
}

impl Names {
    /// The embedded list of all AWS actions, or the one that [`Names::replace_embedded`] put in its place.
    pub fn embedded() -> &'static Self {
        EMBEDDED.get_or_init(|| Self::read(include_str!("../../data/aws-actions.txt")))
    }

    /// Uses another list instead of the embedded one, in the form that `scripts/update-aws-data.py` writes: a
    /// service a line, then its actions. Before anything is judged.
    ///
    /// # Errors
    /// When the text is no such list, or when a list is in use already.
    pub fn replace_embedded(list: &str) -> Result<(), ListError> {
        let mut services: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
        for (number, line) in list.lines().enumerate() {
            let mut words = line.split_whitespace();
            let Some(service) = words.next() else { continue };
            let names = services.entry(service.to_ascii_lowercase()).or_default();
            for word in words {
                let name = word
                    .strip_prefix(['P', 'W', 'T', 'R', 'L'])
                    .and_then(|w| w.strip_prefix(['n', 'u', 'm', 'r']));
                let name = name.filter(|n| !n.is_empty());
                let wrong = || ListError::Line(number + 1, word.chars().take(40).collect());
                names.insert(name.ok_or_else(wrong)?.to_ascii_lowercase(), word);
            }
        }
        services.retain(|_, names| !names.is_empty());
        if services.is_empty() {
            return Err(ListError::Empty);
        }
        let line = |(service, names): (&String, &BTreeMap<String, &str>)| {
            let names: Vec<&str> = names.values().copied().collect();
            format!("{service} {}\n", names.join(" "))
        };
        let text: String = services.iter().map(line).collect();
        // One list lives as long as the program.
        EMBEDDED.set(Self::read(text.leak())).map_err(|_| ListError::InUse)
    }

    /// Reads the generated list: a service a line, each name behind the letters of its level and resource.
    fn read(list: &'static str) -> Self {
        let mut out = Self { text: list.into(), lower: list.to_ascii_lowercase(), ..Self::default() };
        let (mut start, mut at_service) = (0, true);
        for end in memchr::memchr2_iter(b' ', b'\n', list.as_bytes()) {
            if at_service {
                let service = out.lower.get(start..end).unwrap_or_default().to_owned();
                out.services.push((service, out.names.len()..out.names.len()));
            } else if let Some(&[level, on]) = list.as_bytes().get(start..start + 2) {
                out.push(start + 2..end, Level::of_letter(level), On::of_letter(on));
            }
            at_service = list.as_bytes().get(end) == Some(&b'\n');
            start = end + 1;
        }
        out
    }

    /// Adds a name to the last service.
    fn push(&mut self, range: Range<usize>, level: Level, on: On) {
        let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) else { return };
        self.names.push(Name { start, end, level, on });
        if let Some((_, names)) = self.services.last_mut() {
            names.end = self.names.len();
        }
    }

    /// A list of these actions (`service:Name`); what is no action is left out.
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_service: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
        for action in actions {
            if let Some((service, name)) = action.split_once(':') {
                let names = by_service.entry(service.to_ascii_lowercase()).or_default();
                names.entry(name.to_ascii_lowercase()).or_insert(name);
            }
        }
        let text: String = by_service.values().flat_map(BTreeMap::values).copied().collect();
        let mut out = Self { lower: text.to_ascii_lowercase(), text: text.into(), ..Self::default() };
        let mut start = 0;
        for (service, names) in by_service {
            out.services.push((service, out.names.len()..out.names.len()));
            for name in names.into_values() {
                let end = start + name.len();
                out.push(start..end, Level::Unlisted, On::Unlisted);
                start = end;
            }
        }
        out
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The action at a position, as `service:Name`.
    pub fn name(&self, index: usize) -> Option<String> {
        let name = self.names.get(index)?;
        Some(format!("{}:{}", self.service_of(index)?, self.text.get(name.range())?))
    }

    /// The service of the action at a position.
    pub fn service_of(&self, index: usize) -> Option<&str> {
        let at = self.services.partition_point(|(_, range)| range.end <= index);
        self.services.get(at).map(|(service, _)| service.as_str())
    }

    /// The level of the action at a position.
    pub fn level(&self, index: usize) -> Level {
        self.names.get(index).map_or(Level::Unlisted, |n| n.level)
    }

    /// What the action at a position works on.
    pub fn on(&self, index: usize) -> On {
        self.names.get(index).map_or(On::Unlisted, |n| n.on)
    }

    /// The positions of the actions of a service.
    pub fn service(&self, service: &str) -> Range<usize> {
        let lower = |b: u8| b.to_ascii_lowercase();
        match self.services.binary_search_by(|(s, _)| s.bytes().cmp(service.bytes().map(lower))) {
            Ok(i) => self.services.get(i).map_or(0..0, |(_, range)| range.clone()),
            Err(_) => 0..0,
        }
    }

    /// The position of an action (`service:Name`).
    pub fn find(&self, action: &str) -> Option<usize> {
        let (service, name) = action.split_once(':')?;
        let range = self.service(service);
        let names = self.names.get(range.clone())?;
        let name = name.to_ascii_lowercase();
        names.binary_search_by(|n| self.lower(n).cmp(name.as_bytes())).ok().map(|i| range.start + i)
    }

    fn lower(&self, name: &Name) -> &[u8] {
        self.lower.as_bytes().get(name.range()).unwrap_or_default()
    }

    /// The part of `range` (names of one service) that starts with a prefix in lower case.
    fn with_prefix(&self, range: &Range<usize>, prefix: &[u8]) -> Range<usize> {
        let Some(names) = self.names.get(range.clone()) else { return 0..0 };
        let before = |n: &Name| self.lower(n) < prefix;
        let start = range.start + names.partition_point(before);
        let rest = names.get(start - range.start..).unwrap_or_default();
        start..start + rest.partition_point(|n| self.lower(n).starts_with(prefix))
    }

    /// Calls `found` with ranges of positions that together are the actions a pattern matches. Open parts of the
    /// pattern stand for anything.
    pub fn matching(&self, tokens: &[Token], found: &mut impl FnMut(Range<usize>)) {
        if self.is_empty() {
            return;
        }
        if !tokens.is_empty() && tokens.iter().all(|t| matches!(t, Token::Many | Token::Code | Token::Caller))
        {
            return found(0..self.names.len());
        }
        let colon = tokens.iter().position(|t| *t == Token::Byte(b':'));
        let Some((service, name)) = colon.and_then(|at| tokens.split_at_checked(at)) else {
            return self.matching_whole(tokens, found);
        };
        // There is one colon in an action, so what stands before it in the pattern is about the service.
        let name = name.get(1..).unwrap_or_default();
        let (literal, rest) = leading(service);
        if rest.is_empty() {
            let service = self.service(&String::from_utf8_lossy(&literal));
            return self.matching_names(service, name, found);
        }
        for (s, range) in &self.services {
            if glob(service, s.as_bytes(), true) {
                self.matching_names(range.clone(), name, found);
            }
        }
    }

    /// The names of one service that match.
    fn matching_names(&self, service: Range<usize>, tokens: &[Token], found: &mut impl FnMut(Range<usize>)) {
        let (prefix, rest) = leading(tokens);
        let range = self.with_prefix(&service, &prefix);
        if rest == [Token::Many] {
            return found(range);
        }
        for i in range {
            let name = self.names.get(i).map(|n| self.lower(n)).unwrap_or_default();
            if name.get(prefix.len()..).is_some_and(|tail| glob(rest, tail, true)) {
                found(i..i + 1);
            }
        }
    }

    /// The actions that match a pattern without a colon.
    fn matching_whole(&self, tokens: &[Token], found: &mut impl FnMut(Range<usize>)) {
        let mut action = Vec::new();
        for (service, range) in &self.services {
            for i in range.clone() {
                let Some(name) = self.names.get(i) else { continue };
                action.clear();
                for part in [service.as_bytes(), b":", self.lower(name)] {
                    action.extend_from_slice(part);
                }
                if glob(tokens, &action, true) {
                    found(i..i + 1);
                }
            }
        }
    }
}

/// With how many names, about, a written pattern has to be compared: with all when its service is a pattern, and with
/// those of its service when it does not only end with a `*`.
pub fn steps(pattern: &Text) -> usize {
    const ALL: usize = 22_000;
    const LARGE_SERVICE: usize = 800;
    let wild = |s: &str| s.contains(['*', '?']);
    if !pattern.holes().is_empty() {
        return ALL;
    }
    match pattern.visible().split_once(':') {
        Some((service, name)) if wild(service) && name != "*" => ALL,
        Some((_, name)) if wild(name.strip_suffix('*').unwrap_or(name)) => LARGE_SERVICE,
        Some(_) | None => 1,
    }
}

/// The bytes that a pattern starts with, in lower case, and what follows them.
fn leading(tokens: &[Token]) -> (Vec<u8>, &[Token]) {
    let literal = tokens.iter().take_while(|t| matches!(t, Token::Byte(_))).count();
    let (head, rest) = tokens.split_at_checked(literal).unwrap_or_default();
    let lower = |t: &Token| match t {
        Token::Byte(b) => b.to_ascii_lowercase(),
        Token::One | Token::Many | Token::Code | Token::Caller => 0,
    };
    (head.iter().map(lower).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Pattern;

    fn matched(names: &Names, pattern: &str) -> Vec<String> {
        let mut out = Vec::new();
        names.matching(Pattern::of(&Text::new(pattern)).tokens(), &mut |r| {
            out.extend(r.filter_map(|i| names.name(i)));
        });
        out
    }

    #[test]
    fn the_embedded_list_is_sorted_and_classified() {
        let all = Names::embedded();
        assert!(all.len() > 20_000);
        assert!(all.services.windows(2).all(|w| w[0].0 < w[1].0));
        for (_, range) in &all.services {
            let names = &all.names[range.clone()];
            assert!(names.windows(2).all(|w| all.lower(&w[0]) < all.lower(&w[1])));
        }
        let create_key = all.find("IAM:createaccesskey").unwrap();
        assert_eq!(all.name(create_key).unwrap(), "iam:CreateAccessKey");
        assert_eq!((all.level(create_key), all.on(create_key)), (Level::Write, On::User));
        assert_eq!(all.on(all.find("iam:CreateVirtualMFADevice").unwrap()), On::Device);
        assert_eq!(all.on(all.find("iam:ListUsers").unwrap()), On::Nothing);
        assert_eq!(all.find("iam:CreateAccess"), None);
        assert_eq!(all.find("nosuch:Thing"), None);
    }

    #[test]
    fn patterns_find_what_a_walk_over_all_names_finds() {
        let all = Names::embedded();
        for pattern in [
            "iam:*",
            "iam:*MFA*",
            "iam:??tUser",
            "S3:get*",
            "s3:Get*Acl",
            "*:*Tags",
            "*:*",
            "?am:Get*",
            "i*User",
            "a:b:*",
            "iam:GetUser",
            "ec2:*s",
            "iam",
        ] {
            let tokens = Pattern::of(&Text::new(pattern)).tokens().to_vec();
            let walked: Vec<String> = (0..all.len())
                .filter_map(|i| all.name(i))
                .filter(|n| glob(&tokens, n.as_bytes(), true))
                .collect();
            assert_eq!(matched(all, pattern), walked, "{pattern}");
        }
        assert_eq!(matched(all, "*").len(), all.len());
        assert_eq!(matched(all, "*:*").len(), all.len());
    }

    #[test]
    fn a_made_list_matches_like_the_embedded_one() {
        let names = Names::of(["new:ThingA", "NEW:thinga", "new:Other", "odd"]);
        assert_eq!(names.len(), 2);
        assert_eq!(matched(&names, "new:thing*"), ["new:ThingA"]);
    }
}
