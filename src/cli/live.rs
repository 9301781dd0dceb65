//! Asking AWS from the command line.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::{Aws, Talk};
use crate::fs::{FileSystem, MemFs, OsFs};

#[cfg(feature = "live")]
pub(super) use asking::read;
#[cfg(not(feature = "live"))]
pub(super) use silent::read;

/// Where the answers about accounts are: in files, or in memory when AWS was asked just now.
pub(super) struct Answers {
    /// Snapshots, or directories that hold one for each account.
    pub(super) snapshots: Vec<PathBuf>,
    /// Credential reports, each alone.
    pub(super) reports: Vec<PathBuf>,
    /// Where they are.
    pub(super) fs: Arc<dyn FileSystem>,
}

/// The answers that are saved in what is named; those of AWS when nothing is.
pub(super) fn answers(
    snapshots: &[PathBuf],
    reports: &[PathBuf],
    aws: &Aws,
    talk: Talk,
) -> anyhow::Result<Answers> {
    if snapshots.is_empty() && reports.is_empty() {
        let mut fs = MemFs::new();
        let mut snapshots = Vec::new();
        read(aws, talk, &|_| false, &mut |saved| {
            let dir = PathBuf::from(saved.account);
            for (name, bytes) in saved.files {
                fs = std::mem::take(&mut fs).with(dir.join(name), bytes);
            }
            snapshots.push(dir);
            Ok(())
        })?;
        snapshots.sort();
        return Ok(Answers { snapshots, reports: Vec::new(), fs: Arc::new(fs) });
    }
    let named = snapshots.iter().chain(reports).map(PathBuf::as_path);
    let fs = Arc::new(OsFs::for_paths(named));
    Ok(Answers { snapshots: snapshots.to_vec(), reports: reports.to_vec(), fs })
}

#[cfg(feature = "live")]
mod asking {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use anyhow::Context as _;
    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

    use super::super::args::{Aws, Talk};
    use super::super::output;
    use crate::account::Saved;
    use crate::live::{self, Call, Member, NoSession, Scope, Session, Settings};

    /// Reads the accounts that the arguments ask for. `skip` says which are not needed, `keep` takes each as soon as it
    /// is read.
    pub(in super::super) fn read(
        aws: &Aws,
        talk: Talk,
        skip: &dyn Fn(&str) -> bool,
        keep: &mut dyn FnMut(Saved) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("no thread can be started")?;
        let profiles: Vec<Option<&str>> = match aws.profile.as_slice() {
            [] => vec![None],
            names => names.iter().map(|name| Some(name.as_str())).collect(),
        };
        let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
        for profile in profiles {
            let reading = async { Box::pin(of_profile(aws, profile, talk, skip, &mut seen, keep)).await };
            match runtime.block_on(reading) {
                Ok(()) => {}
                // One profile that cannot be used does not keep the others from it.
                Err(e) if e.is::<NoSession>() && aws.profile.len() > 1 => missing.push(e.to_string()),
                Err(e) => return Err(e),
            }
        }
        for why in &missing {
            output::complain(why);
        }
        anyhow::ensure!(missing.len() < aws.profile.len().max(1), "no account could be read");
        Ok(())
    }

    async fn of_profile(
        aws: &Aws,
        profile: Option<&str>,
        talk: Talk,
        skip: &dyn Fn(&str) -> bool,
        seen: &mut BTreeSet<String>,
        keep: &mut dyn FnMut(Saved) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let deadline = Duration::from_secs(aws.deadline);
        let session = Session::open(profile, deadline).await?;
        let scope = Scope {
            organization: aws.org,
            accounts: aws.accounts.clone(),
            role_name: aws.role_name.clone(),
            external_id: aws.external_id.clone(),
        };
        let (members, calls) = live::members(&session, &scope, deadline).await.map_err(anyhow::Error::msg)?;
        show_calls("organisation", &calls, talk);
        let members: Vec<Member> =
            members.into_iter().filter(|m| !skip(&m.id) && seen.insert(m.id.clone())).collect();
        let bar = bar(members.len(), talk);
        let settings = Settings { fresh: aws.fresh, deadline };
        let mut kept = Ok(());
        live::accounts(&session, &scope, &members, settings, |answered| {
            bar.inc(1);
            bar.suspend(|| {
                if talk >= Talk::Accounts {
                    let (account, calls) = (&answered.saved.account, answered.calls.len());
                    output::warn(format!("account {account}: {calls} calls\n").as_bytes());
                }
                show_calls(&answered.saved.account, &answered.calls, talk);
            });
            if kept.is_ok() {
                kept = keep(answered.saved);
            }
        })
        .await;
        bar.finish_and_clear();
        kept
    }

    /// Actions, outcomes and times: nothing that was sent or answered.
    fn show_calls(of: &str, calls: &[Call], talk: Talk) {
        if talk < Talk::Calls {
            return;
        }
        for Call { action, ended, took } in calls {
            output::warn(format!("{of}: {action}: {ended} ({} ms)\n", took.as_millis()).as_bytes());
        }
    }

    /// A bar on standard error when that is a terminal.
    fn bar(accounts: usize, talk: Talk) -> ProgressBar {
        let hidden = talk == Talk::Nothing;
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(accounts as u64), target);
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {pos} of {len} accounts {wide_bar} {elapsed}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}

#[cfg(not(feature = "live"))]
mod silent {
    use super::super::args::{Aws, Talk};
    use crate::account::Saved;

    /// Says that this build asks nobody.
    pub(in super::super) fn read(
        _: &Aws,
        _: Talk,
        _: &dyn Fn(&str) -> bool,
        _: &mut dyn FnMut(Saved) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        anyhow::bail!(
            "this build of mfaguard does not ask AWS (it was built without the feature `live`); give `--from DIR` with \
             saved answers, or `--credential-report FILE` (`aws iam get-credential-report` writes one)"
        )
    }
}
