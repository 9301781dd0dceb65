//! Names of AWS actions, by service: the embedded list, or a list made from what is asked about.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::pattern::{Token, glob};

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

/// Actions sorted by service and name, both without regard to case. An action is known by its position.
#[derive(Debug, Default)]
pub struct Names {
    services: Vec<(String, Range<usize>)>,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    text: NameText,
    level: Level,
    on: On,
}

#[derive(Debug)]
enum NameText {
    Embedded(&'static str),
    Made(String),
}

impl Name {
    fn as_str(&self) -> &str {
        match &self.text {
            NameText::Embedded(s) => s,
            NameText::Made(s) => s,
        }
    }
}

impl Names {
    /// The embedded list of all AWS actions.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Names> = OnceLock::new();
        EMBEDDED.get_or_init(|| Self::read(include_str!("../../data/aws-actions.txt")))
    }

    /// Reads the generated list: a service a line, each name behind the letters of its level and resource.
    fn read(list: &'static str) -> Self {
        let mut out = Self::default();
        for line in list.lines() {
            let mut words = line.split(' ');
            let Some(service) = words.next() else { continue };
            let start = out.names.len();
            for word in words {
                let Some((letters, name)) = word.split_at_checked(2) else { continue };
                let mut letters = letters.bytes();
                let level = match letters.next() {
                    Some(b'P') => Level::Permissions,
                    Some(b'W') => Level::Write,
                    Some(b'T') => Level::Tagging,
                    Some(b'R') => Level::Read,
                    Some(b'L') => Level::List,
                    Some(_) | None => Level::Unlisted,
                };
                let on = match letters.next() {
                    Some(b'n') => On::Nothing,
                    Some(b'u') => On::User,
                    Some(b'm') => On::Device,
                    Some(b'r') => On::Other,
                    Some(_) | None => On::Unlisted,
                };
                out.names.push(Name { text: NameText::Embedded(name), level, on });
            }
            out.services.push((service.to_owned(), start..out.names.len()));
        }
        out
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
        let mut out = Self::default();
        for (service, names) in by_service {
            let start = out.names.len();
            for name in names.into_values() {
                let text = NameText::Made(name.to_owned());
                out.names.push(Name { text, level: Level::Unlisted, on: On::Unlisted });
            }
            out.services.push((service, start..out.names.len()));
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
        Some(format!("{}:{}", self.service_of(index)?, name.as_str()))
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
        let service = service.to_ascii_lowercase();
        match self.services.binary_search_by(|(s, _)| s.as_str().cmp(&service)) {
            Ok(i) => self.services.get(i).map_or(0..0, |(_, range)| range.clone()),
            Err(_) => 0..0,
        }
    }

    /// The position of an action (`service:Name`).
    pub fn find(&self, action: &str) -> Option<usize> {
        let (service, name) = action.split_once(':')?;
        let range = self.service(service);
        let found = self.with_prefix(&range, name.as_bytes());
        found.clone().next().filter(|&i| self.names.get(i).is_some_and(|n| n.as_str().len() == name.len()))
    }

    /// The part of `range` (names of one service) that starts with a prefix.
    fn with_prefix(&self, range: &Range<usize>, prefix: &[u8]) -> Range<usize> {
        let Some(names) = self.names.get(range.clone()) else { return 0..0 };
        let cut = |n: &Name| {
            let name = n.as_str().as_bytes();
            let head = name.get(..prefix.len()).unwrap_or(name);
            head.iter().map(u8::to_ascii_lowercase).cmp(prefix.iter().map(u8::to_ascii_lowercase))
        };
        let start = names.partition_point(|n| cut(n).is_lt());
        let end = names.partition_point(|n| cut(n).is_le());
        range.start + start..range.start + end.max(start)
    }

    /// Calls `found` with ranges of positions that together are the actions a pattern matches. Open parts of the
    /// pattern stand for anything.
    pub fn matching(&self, tokens: &[Token], found: &mut impl FnMut(Range<usize>)) {
        if !tokens.is_empty() && tokens.iter().all(|t| matches!(t, Token::Many | Token::Code | Token::Caller))
        {
            return found(0..self.names.len());
        }
        let literal: Vec<u8> = tokens
            .iter()
            .map_while(|t| match t {
                Token::Byte(b) => Some(*b),
                Token::One | Token::Many | Token::Code | Token::Caller => None,
            })
            .collect();
        match literal.iter().position(|b| *b == b':') {
            Some(colon) => {
                let (service, prefix) = (literal.get(..colon), literal.get(colon + 1..));
                let (Some(Ok(service)), Some(prefix)) = (service.map(std::str::from_utf8), prefix) else {
                    return;
                };
                let range = self.with_prefix(&self.service(service), prefix);
                let rest = tokens.get(literal.len()..).unwrap_or(&[]);
                self.matching_rest(range, prefix.len(), rest, found);
            }
            None => {
                for (service, range) in &self.services {
                    let start = format!("{service}:").into_bytes();
                    self.matching_whole(&start, range, tokens, found);
                }
            }
        }
    }

    fn matching_rest(
        &self,
        range: Range<usize>,
        skip: usize,
        rest: &[Token],
        found: &mut impl FnMut(Range<usize>),
    ) {
        if rest.first() == Some(&Token::Many) && rest.len() == 1 {
            return found(range);
        }
        for i in range {
            let Some(name) = self.names.get(i) else { continue };
            if name.as_str().as_bytes().get(skip..).is_some_and(|tail| glob(rest, tail, true)) {
                found(i..i + 1);
            }
        }
    }

    fn matching_whole(
        &self,
        service: &[u8],
        range: &Range<usize>,
        tokens: &[Token],
        found: &mut impl FnMut(Range<usize>),
    ) {
        for i in range.clone() {
            let Some(name) = self.names.get(i) else { continue };
            if glob(tokens, &[service, name.as_str().as_bytes()].concat(), true) {
                found(i..i + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Pattern;
    use crate::value::Text;

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
            assert!(names.windows(2).all(|w| w[0].as_str().to_lowercase() < w[1].as_str().to_lowercase()));
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
        for pattern in
            ["iam:*", "iam:*MFA*", "iam:??tUser", "S3:get*", "s3:Get*Acl", "*:*Tags", "ec2:*s", "iam"]
        {
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
