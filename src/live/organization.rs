//! The accounts of an organisation, and where they are in it.

use std::collections::BTreeMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account, ChildType};

use super::Session;
use super::calls::{Calls, Failure, pages};
use crate::limits;

const ACCOUNTS: &str = "organizations:ListAccounts";
const ROOTS: &str = "organizations:ListRoots";
const UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
const CHILDREN: &str = "organizations:ListChildren";

/// An account to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its number.
    pub id: String,
    /// Its organisational unit, as the names from the root: `Root/Workloads/Prod`.
    pub ou: Option<String>,
    /// Its state when it is not active: nobody can act in it, and it cannot be read.
    pub closed: Option<String>,
    /// What could not be read about the organisation. It is told once, with one of its accounts.
    pub(super) missed: Option<(&'static str, Failure)>,
}

impl Member {
    /// An account about which nothing else is known.
    pub fn alone(id: &str) -> Self {
        Self { id: id.to_owned(), ou: None, closed: None, missed: None }
    }
}

/// All accounts, by number.
pub(super) async fn members(session: &Session, calls: &Calls) -> Result<Vec<Member>, String> {
    let client = session.organizations(calls);
    let accounts = accounts(&client, calls).await.map_err(|why| match why {
        Failure::Denied => format!(
            "the accounts of the organisation cannot be listed: `{ACCOUNTS}` is not permitted to `{}`; it is answered \
             in the management account and to delegated administrators",
            session.caller
        ),
        why if why.is("AWSOrganizationsNotInUseException") => {
            format!("account {} is in no organisation; leave `--org` out", session.account)
        }
        why @ (Failure::Credentials
        | Failure::Code(_)
        | Failure::Status(_)
        | Failure::Late
        | Failure::Unreachable
        | Failure::Endless) => {
            format!("the accounts of the organisation cannot be listed ({ACCOUNTS}): {why}")
        }
    })?;
    // Where an account is decides nothing, so that the accounts are read without it.
    let (units, missed) = match units(&client, calls).await {
        Ok(units) => (units, None),
        Err(missed) => (BTreeMap::new(), Some(missed)),
    };
    let mut members: Vec<Member> = accounts
        .into_iter()
        .filter_map(|account| {
            let id = account.id.clone()?;
            Some(Member { ou: units.get(&id).cloned(), closed: state(&account), id, missed: None })
        })
        .collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    members.dedup_by(|a, b| a.id == b.id);
    if let Some(first) = members.iter_mut().find(|m| m.closed.is_none()) {
        first.missed = missed;
    }
    Ok(members)
}

/// The state of an account that is not active. `State` has replaced `Status`, which older endpoints still send alone.
fn state(account: &Account) -> Option<String> {
    let state = account.state.as_ref().map(|s| s.as_str());
    #[allow(deprecated, reason = "the only answer of endpoints that do not know `State` yet")]
    let state = state.or(account.status.as_ref().map(|s| s.as_str()));
    state.filter(|s| *s != "ACTIVE").map(str::to_owned)
}

async fn accounts(client: &Client, calls: &Calls) -> Result<Vec<Account>, Failure> {
    pages(async |at| {
        let page = calls.ask(ACCOUNTS, client.list_accounts().set_next_token(at).send()).await?;
        Ok((page.accounts.unwrap_or_default(), page.next_token.is_some(), page.next_token))
    })
    .await
}

/// The paths of the organisational units of all accounts, or which action gave no answer.
async fn units(client: &Client, calls: &Calls) -> Result<BTreeMap<String, String>, (&'static str, Failure)> {
    let roots = calls.ask(ROOTS, client.list_roots().send()).await.map_err(|why| (ROOTS, why))?;
    let name = |name: Option<String>| name.unwrap_or_else(|| "Root".to_owned());
    let roots = roots.roots.unwrap_or_default().into_iter();
    let mut open: Vec<(String, String)> =
        roots.filter_map(|root| Some((root.id?, name(root.name)))).collect();
    let mut out = BTreeMap::new();
    let mut seen = 0;
    while let Some((id, path)) = open.pop() {
        seen += 1;
        if seen > limits::UNITS {
            return Err((UNITS, Failure::Endless));
        }
        for account in children(client, calls, &id).await.map_err(|why| (CHILDREN, why))? {
            out.insert(account, path.clone());
        }
        for (unit, name) in below(client, calls, &id).await.map_err(|why| (UNITS, why))? {
            open.push((unit, format!("{path}/{name}")));
        }
    }
    Ok(out)
}

/// The accounts directly in a unit.
async fn children(client: &Client, calls: &Calls, parent: &str) -> Result<Vec<String>, Failure> {
    pages(async |at| {
        let call = client.list_children().parent_id(parent).child_type(ChildType::Account).set_next_token(at);
        let page = calls.ask(CHILDREN, call.send()).await?;
        let children = page.children.unwrap_or_default().into_iter().filter_map(|child| child.id);
        Ok((children.collect(), page.next_token.is_some(), page.next_token))
    })
    .await
}

/// The units directly in a unit, with their names.
async fn below(client: &Client, calls: &Calls, parent: &str) -> Result<Vec<(String, String)>, Failure> {
    pages(async |at| {
        let call = client.list_organizational_units_for_parent().parent_id(parent).set_next_token(at);
        let page = calls.ask(UNITS, call.send()).await?;
        let units = page.organizational_units.unwrap_or_default().into_iter();
        let units = units.filter_map(|unit| Some((unit.id?, unit.name?)));
        Ok((units.collect(), page.next_token.is_some(), page.next_token))
    })
    .await
}
