//! Open choices: questions that the code does not answer.

use std::collections::BTreeMap;

use super::Unknown;

/// Number of an open choice in its unit's [`Choices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceId(pub u32);

/// A question the code leaves open, with its possible answers: an unset boolean, a condition, a parameter with
/// a few allowed values. Within one possible world an open choice has one answer everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is open, in words: "`var.require_mfa` has no value".
    pub unknown: Unknown,
    /// What each answer is called: `true`, `false`, `condition Enforce holds`, …
    pub labels: Vec<String>,
}

/// The open choices of one unit.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    list: Vec<Choice>,
    by_key: BTreeMap<String, ChoiceId>,
}

impl Choices {
    /// The choice with this key (for example `module.a.var.flag`), made when it is new. The same key always
    /// gives the same choice, so that one question is never answered in two ways.
    pub fn intern(&mut self, key: &str, unknown: Unknown, labels: &[&str]) -> ChoiceId {
        if let Some(&id) = self.by_key.get(key) {
            return id;
        }
        let id = ChoiceId(self.list.len() as u32);
        self.list.push(Choice { unknown, labels: labels.iter().map(|&s| s.to_owned()).collect() });
        self.by_key.insert(key.to_owned(), id);
        id
    }

    /// Takes the choices of another unit in; their numbers go up by what is returned.
    pub fn append(&mut self, other: Self, unit: usize) -> u32 {
        let by = self.list.len() as u32;
        self.list.extend(other.list);
        let keys = other.by_key.into_iter();
        self.by_key
            .extend(keys.map(|(key, ChoiceId(id))| (format!("unit {unit}: {key}"), ChoiceId(id + by))));
        by
    }

    /// The choice with this number.
    pub fn get(&self, id: ChoiceId) -> Option<&Choice> {
        self.list.get(id.0 as usize)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True when nothing is open.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// Under which answers something holds: a conjunction of (choice, number of the answer). Empty: always.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When(Vec<(ChoiceId, usize)>);

impl When {
    /// Always.
    pub fn always() -> Self {
        Self::default()
    }

    /// True when it depends on nothing.
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Also requires this answer. `None` when that contradicts an answer already required.
    pub fn and(&self, choice: ChoiceId, answer: usize) -> Option<Self> {
        let mut list = self.0.clone();
        match list.binary_search_by_key(&choice, |&(c, _)| c) {
            Ok(i) => list.get(i).is_some_and(|&(_, a)| a == answer).then_some(Self(list)),
            Err(i) => {
                list.insert(i, (choice, answer));
                Some(Self(list))
            }
        }
    }

    /// Both. `None` when they contradict each other.
    pub fn and_all(&self, other: &Self) -> Option<Self> {
        other.0.iter().try_fold(self.clone(), |w, &(c, a)| w.and(c, a))
    }

    /// The same for choices whose numbers went up.
    pub fn renumbered(&self, by: u32) -> Self {
        Self(self.0.iter().map(|&(ChoiceId(id), answer)| (ChoiceId(id + by), answer)).collect())
    }

    /// The answers it requires.
    pub fn answers(&self) -> &[(ChoiceId, usize)] {
        &self.0
    }

    /// The answer it requires of one choice.
    pub fn answer(&self, choice: ChoiceId) -> Option<usize> {
        self.0.iter().find(|&&(c, _)| c == choice).map(|&(_, a)| a)
    }
}
