//! Asks AWS, and only asks: every answer is kept as the file that `account` reads, so that what is read now and what
//! was saved before go the same way.
//!
//! One account takes a handful of calls however many users it has; users are asked for one by one only where that can
//! change an answer (`LiveUser::open_questions`). What cannot be read is told in `meta.json` and stays unknown.

mod answers;
mod calls;
mod collect;
mod meta;
mod organization;
mod report;
mod session;
mod users;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;

pub use calls::Call;
pub use collect::Settings;
pub use organization::Member;
pub use session::{NoSession, Session};

use calls::Calls;

use crate::account::Saved;

/// How many accounts are read at a time.
const ACCOUNTS: usize = 4;

/// Which accounts to read with the credentials at hand.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// All accounts of the organisation.
    pub organization: bool,
    /// These accounts. Without them and without the organisation: the account of the credentials.
    pub accounts: Vec<String>,
    /// The role to assume in every account but the one of the credentials.
    pub role_name: String,
    /// What the role's trust policy may ask for (`sts:ExternalId`).
    pub external_id: Option<String>,
}

/// What an account answered, and what it took.
#[derive(Debug)]
pub struct Answered {
    /// Its snapshot.
    pub saved: Saved,
    /// The calls made for it, for those who want to see them.
    pub calls: Vec<Call>,
}

/// The accounts of a scope.
///
/// # Errors
/// In words, when the organisation cannot be read, so that which accounts there are is not known.
pub async fn members(
    session: &Session,
    scope: &Scope,
    deadline: Duration,
) -> Result<(Vec<Member>, Vec<Call>), String> {
    let calls = Calls::new(deadline);
    let known = if scope.organization { organization::members(session, &calls).await? } else { Vec::new() };
    let asked: BTreeSet<&String> = scope.accounts.iter().collect();
    let members = if asked.is_empty() && !scope.organization {
        vec![Member::alone(&session.account)]
    } else if asked.is_empty() {
        known
    } else {
        let find = |id: &String| known.iter().find(|m| m.id == *id).cloned();
        asked.into_iter().map(|id| find(id).unwrap_or_else(|| Member::alone(id))).collect()
    };
    Ok((members, calls.made()))
}

/// Reads the accounts, a few at a time. One that cannot be read does not keep the others from it. `done` hears of each
/// as it is ready; the order is that of readiness.
pub async fn accounts(
    session: &Session,
    scope: &Scope,
    members: &[Member],
    settings: Settings,
    mut done: impl FnMut(Answered),
) {
    let reading = members.iter().map(|member| one(session, scope, member, settings));
    let mut reading = futures_util::stream::iter(reading).buffer_unordered(ACCOUNTS);
    while let Some(answered) = reading.next().await {
        done(answered);
    }
}

async fn one(session: &Session, scope: &Scope, member: &Member, settings: Settings) -> Answered {
    let calls = Calls::new(settings.deadline);
    if let Some((action, why)) = member.missed.clone() {
        calls.missed(action, why);
    }
    let saved = read(session, scope, member, settings, &calls).await;
    Answered { saved, calls: calls.made() }
}

async fn read(session: &Session, scope: &Scope, member: &Member, settings: Settings, calls: &Calls) -> Saved {
    let partition = &session.partition;
    if let Some(why) = &member.closed {
        return meta::unread(member, partition, calls, meta::Why::Closed(why));
    }
    let own = member.id == session.account;
    let opened = if own { Ok(session.clone()) } else { session.assume(&member.id, scope, calls).await };
    match opened {
        Ok(session) => collect::account(&session, member, settings, calls).await,
        Err(NoSession(why)) => meta::unread(member, partition, calls, meta::Why::Failed(&why)),
    }
}
