//! The credential report: made on demand, and not always ("Getting credential reports", "GenerateCredentialReport").

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::ReportStateType;

use super::calls::{Calls, Failure};
use crate::account::time::Time;

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";

/// First and longest time between two questions whether the report is ready.
const SOON: Duration = Duration::from_millis(200);
const LATER: Duration = Duration::from_secs(5);

/// The report.
pub(super) struct Report {
    /// The table.
    pub(super) csv: Vec<u8>,
    /// When AWS made it.
    pub(super) generated: Option<Time>,
}

/// Has a report made, and gets it. One that was made before is taken when no new one can be had.
pub(super) async fn read(iam: &Client, calls: &Calls) -> Option<Report> {
    // Why no new one can be made matters only when there is no old one either; a missing permission is told anyway.
    let mut trouble = generate(iam, calls).await.err();
    if trouble == Some(Failure::Denied) {
        calls.missed(GENERATE, Failure::Denied);
    }
    let mut again = true;
    let mut pauses = Pauses::new();
    loop {
        match calls.ask(GET, iam.get_credential_report().send()).await {
            Ok(answer) => {
                return Some(Report {
                    csv: answer.content.map(aws_sdk_iam::primitives::Blob::into_inner).unwrap_or_default(),
                    generated: answer.generated_time.map(|t| Time::from_seconds(t.secs())),
                });
            }
            Err(why) if why.is("ReportInProgress") => {
                if !pauses.next(calls).await {
                    calls.missed(GET, Failure::Late);
                    return None;
                }
            }
            // It ran out between two calls. Once is bad luck.
            Err(why)
                if again && trouble.is_none() && (why.is("ReportExpired") || why.is("ReportNotPresent")) =>
            {
                again = false;
                trouble = generate(iam, calls).await.err();
            }
            Err(why) => {
                match trouble.filter(|t| *t != Failure::Denied) {
                    Some(trouble) if why != Failure::Denied => calls.missed(GENERATE, trouble),
                    Some(_) | None => calls.missed(GET, why),
                }
                return None;
            }
        }
    }
}

/// Asks for a new report until it is there.
async fn generate(iam: &Client, calls: &Calls) -> Result<(), Failure> {
    let mut pauses = Pauses::new();
    loop {
        let answer = calls.ask(GENERATE, iam.generate_credential_report().send()).await?;
        if answer.state == Some(ReportStateType::Complete) {
            return Ok(());
        }
        if !pauses.next(calls).await {
            return Err(Failure::Late);
        }
    }
}

/// Pauses that grow, each of another length than those of others who wait for the same.
struct Pauses(Duration);

impl Pauses {
    fn new() -> Self {
        Self(SOON)
    }

    /// Waits. Says whether there is time left.
    async fn next(&mut self, calls: &Calls) -> bool {
        let share = u32::try_from(RandomState::new().hash_one(0) % 50).unwrap_or_default();
        let wait = self.0 * (75 + share) / 100;
        self.0 = (self.0 * 2).min(LATER);
        calls.pause(wait).await
    }
}
