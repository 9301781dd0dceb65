//! Judgements that hold for more than one principal: thousands of users have the same policies, and few policies tell
//! one user from another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::effective::Holdings;
use crate::policy::document::Document;
use crate::policy::judge::{Judgement, judge};
use crate::policy::names;
use crate::policy::slices::Subject;

/// What was found out about the principals of one model.
#[derive(Default)]
pub(super) struct Memo {
    /// Nothing where the policies tell users apart.
    known: Mutex<HashMap<Key, Option<Arc<Judgement>>>>,
}

/// Documents of the model, by where they are, and for whom.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    identity: Vec<usize>,
    boundary: Vec<usize>,
    arn: Option<String>,
    path: Option<String>,
    pathless: bool,
    roles: Vec<String>,
}

impl Memo {
    /// What the policies amount to for a principal.
    pub(super) fn judge(&self, holdings: &Holdings<'_>, subject: &Subject) -> Arc<Judgement> {
        let grants = holdings.grants();
        let own = || Arc::new(judge(&grants, subject));
        // A document that stands for what is not known lives no longer than the holdings.
        let of_model = grants.documents().all(|(_, document)| document.more.is_none());
        let Some(anyone) = names::anyone(subject).filter(|_| of_model) else { return own() };
        let place = |d: &&Document| std::ptr::from_ref(*d).addr();
        let key = Key {
            identity: grants.identity.iter().map(place).collect(),
            boundary: grants.boundary.iter().map(place).collect(),
            arn: anyone.arn.clone(),
            path: anyone.path.clone(),
            pathless: anyone.pathless.is_some(),
            roles: anyone.roles.clone(),
        };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let judgement = known.unwrap_or_else(|| {
            let found = (!names::tell_users_apart(&grants)).then(|| Arc::new(judge(&grants, &anyone)));
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
            found
        });
        judgement.unwrap_or_else(own)
    }
}
