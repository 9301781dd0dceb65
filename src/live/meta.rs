//! What a snapshot says about itself.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::calls::Calls;
use super::{Member, Session};
use crate::account::time::Time;
use crate::account::{META, Origin, Saved};

/// The answers about an account, and when they were given.
#[derive(Clone, Default)]
pub(super) struct Answers {
    files: BTreeMap<String, Vec<u8>>,
    times: BTreeMap<&'static str, String>,
}

/// Why an account was not read.
pub(super) enum Why<'a> {
    /// It is closed, so that nobody can act in it.
    Closed(&'a str),
    /// It could not be read.
    Failed(&'a str),
}

#[derive(Serialize)]
struct Meta<'a> {
    account: &'a str,
    partition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ou: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    times: &'a BTreeMap<&'static str, String>,
    calls: u64,
    denied: Vec<&'static str>,
    failed: Vec<Failed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<&'a str>,
}

#[derive(Serialize)]
struct Failed {
    action: &'static str,
    why: String,
}

impl Answers {
    /// Keeps an answer that was given just now.
    pub(super) fn keep(&mut self, origin: Origin, bytes: Vec<u8>) {
        self.keep_of(origin, bytes, now());
    }

    /// Keeps an answer that is as old as it says.
    pub(super) fn keep_of(&mut self, origin: Origin, bytes: Vec<u8>, at: Time) {
        let end = if origin == Origin::CredentialReport { "csv" } else { "json" };
        self.files.insert(format!("{}.{end}", origin.file()), bytes);
        self.times.insert(origin.file(), at.to_string());
    }

    /// The snapshot of these answers.
    pub(super) fn saved(
        self,
        session: &Session,
        member: &Member,
        alias: Option<&str>,
        calls: &Calls,
    ) -> Saved {
        let meta = Meta {
            alias,
            caller: Some(&session.caller),
            ..meta(member, &session.partition, &self.times, calls)
        };
        save(meta, self.files)
    }
}

/// The snapshot of an account of which nothing was read.
pub(super) fn unread(member: &Member, partition: &str, calls: &Calls, why: Why<'_>) -> Saved {
    let times = BTreeMap::new();
    let meta = meta(member, partition, &times, calls);
    let meta = match why {
        Why::Closed(why) => Meta { closed: Some(why), ..meta },
        // The reason says what failed.
        Why::Failed(why) => Meta { error: Some(why), denied: Vec::new(), failed: Vec::new(), ..meta },
    };
    save(meta, BTreeMap::new())
}

fn meta<'a>(
    member: &'a Member,
    partition: &'a str,
    times: &'a BTreeMap<&'static str, String>,
    calls: &Calls,
) -> Meta<'a> {
    let failed = calls.failed().into_iter().map(|(action, why)| Failed { action, why });
    Meta {
        account: &member.id,
        partition,
        alias: None,
        ou: member.ou.as_deref(),
        caller: None,
        times,
        calls: calls.sent(),
        denied: calls.denied(),
        failed: failed.collect(),
        error: None,
        closed: None,
    }
}

fn save(meta: Meta<'_>, mut files: BTreeMap<String, Vec<u8>>) -> Saved {
    let account = meta.account;
    let denied = meta.denied.iter().map(|action| format!("account {account}: `{action}` is not permitted"));
    let failed = meta.failed.iter().map(|f| format!("account {account}: `{}`: {}", f.action, f.why));
    let error = meta.error.iter().map(|why| format!("account {account} could not be read: {why}"));
    let problems = error.chain(denied).chain(failed).collect();
    // Writing text to memory does not fail.
    files.insert(META.to_owned(), serde_json::to_vec_pretty(&meta).unwrap_or_default());
    Saved { account: account.to_owned(), files, problems }
}

/// Now.
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Time::from_seconds(i64::try_from(since).unwrap_or(i64::MAX))
}
