//! Credentials, and whose they are.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iam::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};

use super::Scope;
use super::calls::{Calls, Failure};
use crate::policy::arn::Arn;

/// Any region will do: IAM has none. The partition is that of the region.
const REGION: &str = "us-east-1";
/// How long a connection may take, and the answer to one attempt.
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(30);
/// What CloudTrail shows as the name of the session.
const SESSION_NAME: &str = "mfaguard";

/// Why there are no credentials, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSession(pub String);

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NoSession {}

/// Credentials of which it is known whose they are.
#[derive(Clone)]
pub struct Session {
    config: SdkConfig,
    /// The number of the account.
    pub account: String,
    /// Its partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The ARN of the caller.
    pub caller: String,
}

impl fmt::Debug for Session {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Session {
    /// The credentials of a profile, or those that the SDK finds ("Configure tools to use AWS credentials").
    ///
    /// # Errors
    /// When there are none, or AWS does not accept them.
    pub async fn open(profile: Option<&str>, deadline: Duration) -> Result<Self, NoSession> {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
        if let Some(profile) = profile {
            // The chain of the SDK would prefer credentials in the environment to those of a profile that was asked for.
            let credentials = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(credentials);
        }
        let mut config = loader.load().await;
        if config.region().is_none() {
            config = config.into_builder().region(Region::new(REGION)).build();
        }
        let whose = profile.map_or_else(String::new, |p| format!(" of profile `{p}`"));
        let provider = config.credentials_provider().ok_or_else(|| nobody(&whose, None))?;
        match tokio::time::timeout(deadline, provider.provide_credentials()).await {
            Ok(Ok(_)) => Self::identify(config, &Calls::new(deadline), &whose).await,
            // Where it looked says less than what to do.
            Ok(Err(CredentialsError::CredentialsNotLoaded(_))) => Err(nobody(&whose, None)),
            Ok(Err(e)) => Err(nobody(&whose, Some(&e))),
            Err(_) => Err(NoSession(format!("the credentials{whose} were not there in time"))),
        }
    }

    async fn identify(config: SdkConfig, calls: &Calls, whose: &str) -> Result<Self, NoSession> {
        let sts = aws_sdk_sts::Client::from_conf(
            aws_sdk_sts::config::Builder::from(&config).interceptor(calls.counter()).build(),
        );
        let answer = calls.ask("sts:GetCallerIdentity", sts.get_caller_identity().send()).await;
        let answer = answer.map_err(|why| {
            NoSession(format!(
                "whose the credentials{whose} are could not be asked (sts:GetCallerIdentity): {why}"
            ))
        })?;
        let caller = answer.arn.unwrap_or_default();
        let (Some(account), Some(arn)) = (answer.account, Arn::parse(&caller)) else {
            return Err(NoSession("sts:GetCallerIdentity was answered without an account".to_owned()));
        };
        let partition = arn.partition.to_owned();
        Ok(Self { config, account, partition, caller })
    }

    /// A session of the scope's role in another account.
    pub(super) async fn assume(
        &self,
        account: &str,
        scope: &Scope,
        calls: &Calls,
    ) -> Result<Self, NoSession> {
        let role = format!("arn:{}:iam::{account}:role/{}", self.partition, scope.role_name);
        let sts = aws_sdk_sts::Client::from_conf(
            aws_sdk_sts::config::Builder::from(&self.config).interceptor(calls.counter()).build(),
        );
        let call = sts
            .assume_role()
            .role_arn(&role)
            .role_session_name(SESSION_NAME)
            .set_external_id(scope.external_id.clone());
        let refused = |why: Failure| match why {
            Failure::Denied => NoSession(format!(
                "role `{role}` cannot be assumed: `sts:AssumeRole` is not permitted, or the role does not exist or \
                 does not trust `{}` (`mfaguard policy --org` prints what both need)",
                self.caller
            )),
            why @ (Failure::Credentials
            | Failure::Code(_)
            | Failure::Status(_)
            | Failure::Late
            | Failure::Unreachable
            | Failure::Endless) => NoSession(format!("role `{role}` cannot be assumed: {why}")),
        };
        let answer = calls.ask("sts:AssumeRole", call.send()).await.map_err(refused)?;
        let (Some(user), Some(given)) = (answer.assumed_role_user, answer.credentials) else {
            return Err(NoSession(format!("role `{role}` was assumed without credentials")));
        };
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            None,
            "sts:AssumeRole",
        );
        let provider = SharedCredentialsProvider::new(credentials);
        let config = self.config.clone().into_builder().credentials_provider(provider).build();
        let partition = self.partition.clone();
        Ok(Self { config, account: account.to_owned(), partition, caller: user.arn })
    }

    pub(super) fn iam(&self, calls: &Calls) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.config).interceptor(calls.counter());
        aws_sdk_iam::Client::from_conf(config.build())
    }

    pub(super) fn organizations(&self, calls: &Calls) -> aws_sdk_organizations::Client {
        let config = aws_sdk_organizations::config::Builder::from(&self.config).interceptor(calls.counter());
        aws_sdk_organizations::Client::from_conf(config.build())
    }
}

/// That there are no credentials, with the reasons the SDK gives: they name files, profiles and settings, no secrets.
fn nobody(whose: &str, why: Option<&(dyn Error + 'static)>) -> NoSession {
    let mut reasons = Vec::new();
    let mut next = why;
    while let Some(reason) = next {
        let text = reason.to_string();
        if !reasons.contains(&text) {
            reasons.push(text);
        }
        next = reason.source();
    }
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(": ")) };
    NoSession(format!(
        "there are no AWS credentials{whose}{reasons}; sign in or set a profile (`AWS_PROFILE`, `--profile`), or give \
         saved answers (`--from DIR`, `--credential-report FILE`)"
    ))
}
