//! Calls to AWS: how many, how they ended, and how long all of them may take.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_iam::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_iam::error::{BoxError, ProvideErrorMetadata, SdkError};
use tokio::time::Instant;

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The action, as policies name it.
    pub action: &'static str,
    /// How it ended, in words.
    pub ended: String,
    /// How long it took, with all attempts.
    pub took: Duration,
}

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is not permitted.
    Denied,
    /// The credentials are expired or not valid: no other call will be answered either.
    Credentials,
    /// AWS refuses with this code.
    Code(String),
    /// The answer was no answer of AWS.
    Status(u16),
    /// There was no answer in time.
    Late,
    /// There is no connection.
    Unreachable,
    /// A list goes on without end: it says that there is more, and not where.
    Endless,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied => f.write_str("it is not permitted"),
            Self::Credentials => f.write_str("the credentials are expired or not valid"),
            Self::Code(code) => write!(f, "AWS refused with `{code}`"),
            Self::Status(status) => write!(f, "the answer (HTTP {status}) is not one of AWS"),
            Self::Late => f.write_str("there was no answer in time"),
            Self::Unreachable => f.write_str("there is no connection to AWS"),
            Self::Endless => f.write_str("the list does not end"),
        }
    }
}

impl Failure {
    /// Whether AWS refused with this code.
    pub(super) fn is(&self, code: &str) -> bool {
        matches!(self, Self::Code(c) if c == code)
    }

    /// What an error of the SDK says. Its text may repeat what was sent and is not shown.
    fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Late,
            SdkError::DispatchFailure(e) if e.is_timeout() => Self::Late,
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => Self::Unreachable,
            _ => match error.code() {
                Some(
                    "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "AuthorizationError",
                ) => Self::Denied,
                Some(
                    "ExpiredToken"
                    | "ExpiredTokenException"
                    | "RequestExpired"
                    | "InvalidClientTokenId"
                    | "UnrecognizedClientException"
                    | "SignatureDoesNotMatch"
                    | "IncompleteSignature"
                    | "AuthFailure",
                ) => Self::Credentials,
                Some(code) => Self::Code(plain(code)),
                None => Self::Status(error.raw_response().map_or(0, |r| r.status().as_u16())),
            },
        }
    }
}

/// Where a list goes on, asked for from `at`: not at all, or at another place.
pub(super) fn next(
    at: &Option<String>,
    truncated: bool,
    marker: Option<String>,
) -> Result<Option<String>, Failure> {
    match marker.filter(|_| truncated) {
        None if truncated => Err(Failure::Endless),
        Some(same) if at.as_ref() == Some(&same) => Err(Failure::Endless),
        next => Ok(next),
    }
}

/// A list to its end. `page` asks for what comes at a place, and says where it goes on.
pub(super) async fn pages<T>(
    page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, bool, Option<String>), Failure>,
) -> Result<Vec<T>, Failure> {
    let (mut all, mut at) = (Vec::new(), None);
    loop {
        let (items, truncated, marker) = page(at.clone()).await?;
        all.extend(items);
        match next(&at, truncated, marker)? {
            None => return Ok(all),
            next => at = next,
        }
    }
}

/// A code without what does not belong into one.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(80).collect()
}

/// The calls for one account.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    sent: Sent,
    until: Instant,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    made: Vec<Call>,
    denied: BTreeSet<&'static str>,
    failed: BTreeMap<&'static str, Failure>,
    /// No call will be answered any more.
    over: Option<Failure>,
}

impl Calls {
    /// Calls that all have to be answered within this time.
    pub(super) fn new(deadline: Duration) -> Self {
        Self { sent: Sent::default(), until: Instant::now() + deadline, told: Arc::default() }
    }

    /// Waits for the answer of a call, not beyond the deadline.
    pub(super) async fn ask<T, E: ProvideErrorMetadata>(
        &self,
        action: &'static str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure> {
        if let Some(over) = self.told().over.clone() {
            return Err(over);
        }
        let begun = Instant::now();
        let answer = match tokio::time::timeout_at(self.until, call).await {
            Ok(answer) => answer.map_err(|e| Failure::of(&e)),
            Err(_) => Err(Failure::Late),
        };
        let ended = answer.as_ref().map_or_else(ToString::to_string, |_| "answered".to_owned());
        let mut told = self.told();
        told.made.push(Call { action, ended, took: begun.elapsed() });
        if let Err(failure @ (Failure::Credentials | Failure::Unreachable)) = &answer {
            told.over = Some(failure.clone());
        } else if Instant::now() >= self.until {
            told.over = Some(Failure::Late);
        }
        answer
    }

    /// Waits, but not beyond the deadline. Says whether there is time left.
    pub(super) async fn pause(&self, wait: Duration) -> bool {
        tokio::time::sleep_until((Instant::now() + wait).min(self.until)).await;
        Instant::now() < self.until
    }

    /// Keeps that what this action would have said is not known.
    pub(super) fn missed(&self, action: &'static str, failure: Failure) {
        let mut told = self.told();
        match failure {
            Failure::Denied => {
                told.denied.insert(action);
            }
            Failure::Credentials
            | Failure::Code(_)
            | Failure::Status(_)
            | Failure::Late
            | Failure::Unreachable
            | Failure::Endless => {
                told.failed.insert(action, failure);
            }
        }
    }

    /// Whether it is known that this action is not permitted.
    pub(super) fn is_denied(&self, action: &str) -> bool {
        self.told().denied.contains(action)
    }

    /// How many requests were sent, retries counted.
    pub(super) fn sent(&self) -> u64 {
        self.sent.0.load(Ordering::Relaxed)
    }

    /// What counts the requests of a client.
    pub(super) fn counter(&self) -> Sent {
        self.sent.clone()
    }

    /// The actions that are not permitted.
    pub(super) fn denied(&self) -> Vec<&'static str> {
        self.told().denied.iter().copied().collect()
    }

    /// The actions that gave no answer, and why.
    pub(super) fn failed(&self) -> Vec<(&'static str, String)> {
        self.told().failed.iter().map(|(action, why)| (*action, why.to_string())).collect()
    }

    /// All calls so far.
    pub(super) fn made(&self) -> Vec<Call> {
        self.told().made.clone()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts requests as they are sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent(Arc<AtomicU64>);

impl Intercept for Sent {
    fn name(&self) -> &'static str {
        "count requests"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
