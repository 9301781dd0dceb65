//! The answers of one account.

use std::time::Duration;

use aws_sdk_iam::Client;

use super::answers::{Details, Summary, VirtualDevices};
use super::calls::{Calls, next, pages};
use super::meta::Answers;
use super::{Member, Session, report, users};
use crate::account::{Origin, Saved};
use crate::status;

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";
const SUMMARY: &str = "iam:GetAccountSummary";
const VIRTUAL: &str = "iam:ListVirtualMFADevices";
const ALIASES: &str = "iam:ListAccountAliases";

/// Most elements of a page that IAM permits.
const PAGE: i32 = 1000;

/// How to read an account.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Ask for every user one by one, also where that changes no answer.
    pub fresh: bool,
    /// How long all calls of an account may take together.
    pub deadline: Duration,
}

/// Reads an account. What cannot be read is told in `meta.json`.
pub(super) async fn account(session: &Session, member: &Member, settings: Settings, calls: &Calls) -> Saved {
    let iam = session.iam(calls);
    let (report, details, (summary, devices, alias)) =
        tokio::join!(report::read(&iam, calls), details(&iam, calls), async {
            (summary(&iam, calls).await, virtual_devices(&iam, calls).await, alias(&iam, calls).await)
        });
    let mut answers = Answers::default();
    if let Some(report) = report {
        match report.generated {
            Some(at) => answers.keep_of(Origin::CredentialReport, report.csv, at),
            None => answers.keep(Origin::CredentialReport, report.csv),
        }
    }
    let base = [
        (Origin::AuthorizationDetails, details),
        (Origin::AccountSummary, summary),
        (Origin::VirtualMfaDevices, devices),
    ];
    for (origin, bytes) in base {
        if let Some(bytes) = bytes {
            answers.keep(origin, bytes);
        }
    }
    let so_far = answers.clone().saved(session, member, alias.as_deref(), calls);
    let asking = tokio::task::spawn_blocking(move || status::questions(so_far, settings.fresh));
    let questions = match asking.await {
        Ok(questions) => questions,
        // Nobody to ask is not what came of it.
        Err(defect) => std::panic::resume_unwind(defect.into_panic()),
    };
    let users = users::ask(&iam, calls, questions).await;
    if let Some(bytes) = users.passwords_json() {
        answers.keep(Origin::LoginProfiles, bytes);
    }
    if let Some(bytes) = users.devices_json() {
        answers.keep(Origin::MfaDevices, bytes);
    }
    answers.saved(session, member, alias.as_deref(), calls)
}

/// All pages, one JSON document after the other. When some could not be read, the last one says that more was to come.
async fn details(iam: &Client, calls: &Calls) -> Option<Vec<u8>> {
    let (mut out, mut at) = (Vec::new(), None);
    // Writing text to memory does not fail.
    let write = |out: &mut Vec<u8>, page: &Details| {
        let _ = serde_json::to_writer(&mut *out, page);
        out.push(b'\n');
    };
    loop {
        let call = iam.get_account_authorization_details().max_items(PAGE).set_marker(at.clone());
        let read = calls.ask(DETAILS, call.send()).await.and_then(|mut page| {
            let marker = page.marker.take();
            let next = next(&at, page.is_truncated, marker);
            write(&mut out, &Details::of(page));
            next
        });
        match read {
            Ok(None) => return Some(out),
            Ok(next) => at = next,
            Err(why) => {
                calls.missed(DETAILS, why);
                if !out.is_empty() {
                    write(&mut out, &Details::cut());
                }
                return Some(out).filter(|out| !out.is_empty());
            }
        }
    }
}

async fn summary(iam: &Client, calls: &Calls) -> Option<Vec<u8>> {
    match calls.ask(SUMMARY, iam.get_account_summary().send()).await {
        Ok(answer) => serde_json::to_vec_pretty(&Summary::of(answer.summary_map.unwrap_or_default())).ok(),
        Err(why) => {
            calls.missed(SUMMARY, why);
            None
        }
    }
}

async fn virtual_devices(iam: &Client, calls: &Calls) -> Option<Vec<u8>> {
    let page = async |at| {
        let call = iam.list_virtual_mfa_devices().max_items(PAGE).set_marker(at);
        let page = calls.ask(VIRTUAL, call.send()).await?;
        Ok((page.virtual_mfa_devices, page.is_truncated, page.marker))
    };
    match pages(page).await {
        Ok(all) => serde_json::to_vec(&VirtualDevices::of(all)).ok(),
        Err(why) => {
            calls.missed(VIRTUAL, why);
            None
        }
    }
}

async fn alias(iam: &Client, calls: &Calls) -> Option<String> {
    match calls.ask(ALIASES, iam.list_account_aliases().send()).await {
        Ok(answer) => answer.account_aliases.into_iter().next(),
        Err(why) => {
            calls.missed(ALIASES, why);
            None
        }
    }
}
