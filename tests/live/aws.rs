//! A scripted AWS on loopback: IAM and STS as forms and XML, Organizations as JSON. It answers for accounts that a test
//! describes, as AWS would, unless the test says otherwise for an action, and remembers what it was asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// What a user is, in the credential report and now.
#[derive(Clone, Default)]
pub(crate) struct User {
    pub(crate) name: String,
    /// What the report says; `None` when the user is not in it.
    pub(crate) report: Option<(bool, bool)>,
    /// Whether it has a login profile now.
    pub(crate) password: bool,
    pub(crate) keys: usize,
    /// Serial numbers and times of its devices now.
    pub(crate) devices: Vec<(String, String)>,
    pub(crate) groups: Vec<String>,
    pub(crate) attached: Vec<String>,
    pub(crate) inline: Vec<(String, String)>,
    pub(crate) boundary: Option<String>,
    /// Whether it is gone since the report was made.
    pub(crate) gone: bool,
}

pub(crate) fn user(name: &str) -> User {
    User { name: name.to_owned(), report: Some((false, false)), ..User::default() }
}

impl User {
    /// With a console password, in the report too.
    pub(crate) fn console(mut self) -> Self {
        self.password = true;
        self.report = self.report.map(|(_, mfa)| (true, mfa));
        self
    }

    /// With a virtual device, in the report too.
    pub(crate) fn device(mut self) -> Self {
        let serial = format!("arn:aws:iam::111122223333:mfa/{}", self.name);
        self.devices.push((serial, "2020-01-01T00:00:00Z".to_owned()));
        self.report = self.report.map(|(console, _)| (console, true));
        self
    }

    pub(crate) fn admin(mut self) -> Self {
        self.attached.push("arn:aws:iam::aws:policy/AdministratorAccess".to_owned());
        self
    }
}

/// What an account answers.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) partition: &'static str,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<(String, Vec<String>)>,
    /// Name, document of the default version.
    pub(crate) policies: Vec<(String, String)>,
    pub(crate) summary: BTreeMap<&'static str, i32>,
    pub(crate) generated: String,
    /// Users on a page of the authorization details.
    pub(crate) page: usize,
    pub(crate) alias: Option<String>,
}

impl Account {
    pub(crate) fn new(users: Vec<User>) -> Self {
        let summary = [
            ("AccountMFAEnabled", 1),
            ("AccountPasswordPresent", 1),
            ("AccountAccessKeysPresent", 0),
            ("AccountSigningCertificatesPresent", 0),
        ];
        Self {
            partition: "aws",
            users,
            groups: Vec::new(),
            policies: Vec::new(),
            summary: summary.into_iter().collect(),
            generated: "2026-01-01T00:00:00Z".to_owned(),
            page: 1000,
            alias: None,
        }
    }
}

/// What the server does instead of what AWS would do.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) delay: Duration,
}

/// An error of AWS.
pub(crate) fn refuse(status: u16, code: &str) -> Reply {
    let message = "CANARY-message-of-aws";
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    );
    Reply { status, body, delay: Duration::ZERO }
}

/// Says of a call (number of the account, user, how often this action was called for that account before) whether
/// something else than usual happens.
type Special = Box<dyn Fn(&Asked, usize) -> Option<Reply> + Send + Sync>;

/// A call as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) account: String,
    pub(crate) action: String,
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn user(&self) -> &str {
        self.parameters.get("UserName").map_or("", String::as_str)
    }
}

#[derive(Default)]
struct State {
    accounts: BTreeMap<String, Account>,
    special: BTreeMap<String, Special>,
    organization: Vec<(String, String)>,
    asked: Mutex<Vec<Asked>>,
}

/// The server before it runs.
#[derive(Default)]
pub(crate) struct Aws(State);

pub(crate) const OWN: &str = "111122223333";
/// What must never be seen: the key of the caller, and what AssumeRole gives.
pub(crate) const SECRETS: [&str; 4] =
    ["AKIAOWNKEY111122223333", "CANARY-own-secret", "CANARY-session-token", "CANARY-assumed-secret"];

impl Aws {
    /// With the account of the caller.
    pub(crate) fn of(account: Account) -> Self {
        Self::default().with(OWN, account)
    }

    pub(crate) fn with(mut self, number: &str, account: Account) -> Self {
        self.0.accounts.insert(number.to_owned(), account);
        self
    }

    /// Members of the organisation with their states.
    pub(crate) fn organization(mut self, members: Vec<(String, String)>) -> Self {
        self.0.organization = members;
        self
    }

    /// Something else than usual for an action.
    pub(crate) fn on(
        mut self,
        action: &str,
        special: impl Fn(&Asked, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        self.0.special.insert(action.to_owned(), Box::new(special));
        self
    }

    /// An action that is always refused.
    pub(crate) fn refuses(self, action: &str, status: u16, code: &'static str) -> Self {
        self.on(action, move |_, _| Some(refuse(status, code)))
    }

    pub(crate) fn start(self) -> Running {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let state = Arc::new(self.0);
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(Answering(Arc::clone(&state))).mount(&server).await;
            server
        });
        Running { server, state, _runtime: runtime }
    }
}

/// The server as it runs.
pub(crate) struct Running {
    server: MockServer,
    state: Arc<State>,
    _runtime: tokio::runtime::Runtime,
}

impl Running {
    /// Runs the binary against this server. Nothing of the machine's own configuration is seen.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
        command
            .env_clear()
            .env("AWS_ENDPOINT_URL", self.server.uri())
            .env("AWS_ACCESS_KEY_ID", SECRETS[0])
            .env("AWS_SECRET_ACCESS_KEY", SECRETS[1])
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/nowhere/config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials")
            .env("AWS_MAX_ATTEMPTS", "2")
            .args(args);
        command
    }

    /// The endpoint.
    pub(crate) fn uri(&self) -> String {
        self.server.uri()
    }

    /// All calls so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// How often an action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.asked().iter().filter(|a| a.action == action).count()
    }
}

struct Answering(Arc<State>);

impl Respond for Answering {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let state = &self.0;
        let asked = read(request);
        let before = {
            let mut all = state.asked.lock().unwrap();
            let same = |a: &&Asked| a.action == asked.action && a.account == asked.account;
            let before = all.iter().filter(same).count();
            all.push(asked.clone());
            before
        };
        if let Some(reply) = state.special.get(&asked.action).and_then(|s| s(&asked, before)) {
            return ResponseTemplate::new(reply.status).set_body_string(reply.body).set_delay(reply.delay);
        }
        let reply = state.answer(&asked);
        ResponseTemplate::new(reply.status).set_body_string(reply.body)
    }
}

/// The action, its parameters, and whose credentials signed it.
fn read(request: &Request) -> Asked {
    let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let key = header("authorization").split("Credential=").nth(1).unwrap_or_default();
    let account: String = key.split('/').next().unwrap_or_default().chars().rev().take(12).collect();
    let account = account.chars().rev().collect();
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let target = header("x-amz-target");
    if let Some((_, action)) = target.split_once('.') {
        let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        let parameters = json.as_object().into_iter().flatten();
        let parameters = parameters.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect();
        return Asked { account, action: action.to_owned(), parameters };
    }
    let mut parameters: BTreeMap<String, String> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decode(value)))
        .collect();
    let action = parameters.remove("Action").unwrap_or_default();
    Asked { account, action, parameters }
}

/// Percent-decoded, as a form is.
fn decode(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            b => b,
        });
    }
    String::from_utf8(out).unwrap()
}

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().fold(String::new(), |mut out, b| {
        if plain(b) {
            out.push(b as char)
        } else {
            write!(out, "%{b:02X}").unwrap()
        }
        out
    })
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn tag(name: &str, inner: impl AsRef<str>) -> String {
    format!("<{name}>{}</{name}>", inner.as_ref())
}

fn members(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().map(|item| tag("member", item)).collect()
}

fn ok(action: &str, result: String) -> Reply {
    let body = tag(&format!("{action}Response"), tag(&format!("{action}Result"), result));
    Reply { status: 200, body, delay: Duration::ZERO }
}

impl State {
    fn answer(&self, asked: &Asked) -> Reply {
        let action = asked.action.as_str();
        if let Some(reply) = self.of_organization(asked) {
            return reply;
        }
        if action == "AssumeRole" {
            return self.assume(asked);
        }
        let Some(account) = self.accounts.get(&asked.account) else {
            return refuse(403, "InvalidClientTokenId");
        };
        let find = || account.users.iter().find(|u| u.name == asked.user() && !u.gone);
        let result = match action {
            "GetCallerIdentity" => [
                tag("Arn", format!("arn:{}:iam::{}:user/auditor", account.partition, asked.account)),
                tag("UserId", "AIDAEXAMPLE"),
                tag("Account", &asked.account),
            ]
            .concat(),
            "GenerateCredentialReport" => tag("State", "COMPLETE"),
            "GetCredentialReport" => {
                use base64::Engine as _;
                let csv = report(account, &asked.account);
                let content = base64::engine::general_purpose::STANDARD.encode(csv);
                [tag("Content", content), tag("GeneratedTime", &account.generated)].concat()
            }
            "GetAccountAuthorizationDetails" => details(account, asked),
            "GetAccountSummary" => {
                let entry =
                    |(k, v): (&&str, &i32)| tag("entry", tag("key", k) + &tag("value", v.to_string()));
                tag("SummaryMap", account.summary.iter().map(entry).collect::<String>())
            }
            "ListVirtualMFADevices" => virtual_devices(account, &asked.account),
            "ListAccountAliases" => {
                let aliases = account.alias.iter().map(|a| xml(a));
                tag("IsTruncated", "false") + &tag("AccountAliases", members(aliases))
            }
            "GetLoginProfile" => match find().filter(|u| u.password) {
                Some(u) => {
                    let inner = tag("UserName", xml(&u.name)) + &tag("CreateDate", "2026-02-01T00:00:00Z");
                    tag("LoginProfile", inner)
                }
                None => return refuse(404, "NoSuchEntity"),
            },
            "ListMFADevices" => match find() {
                Some(u) => tag("IsTruncated", "false") + &tag("MFADevices", devices(u)),
                None => return refuse(404, "NoSuchEntity"),
            },
            "GetMFADevice" => {
                let serial = asked.parameters.get("SerialNumber").cloned().unwrap_or_default();
                let entry = tag("key", "FIDO") + &tag("value", "L1");
                tag("SerialNumber", serial) + &tag("Certifications", tag("entry", entry))
            }
            _ => return refuse(400, "InvalidAction"),
        };
        ok(action, result)
    }

    fn assume(&self, asked: &Asked) -> Reply {
        let role = asked.parameters.get("RoleArn").cloned().unwrap_or_default();
        let number = role.split(':').nth(4).unwrap_or_default().to_owned();
        if !self.accounts.contains_key(&number) {
            return refuse(403, "AccessDenied");
        }
        let credentials = [
            tag("AccessKeyId", format!("ASIASESSION{number}")),
            tag("SecretAccessKey", SECRETS[3]),
            tag("SessionToken", SECRETS[2]),
            tag("Expiration", "2036-01-01T00:00:00Z"),
        ];
        let user = tag("AssumedRoleId", "AROAEXAMPLE:mfaguard")
            + &tag("Arn", role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/mfaguard");
        ok("AssumeRole", tag("Credentials", credentials.concat()) + &tag("AssumedRoleUser", user))
    }

    /// Twenty accounts a page, all in one organisational unit below the root.
    fn of_organization(&self, asked: &Asked) -> Option<Reply> {
        let json =
            |value: serde_json::Value| Reply { status: 200, body: value.to_string(), delay: Duration::ZERO };
        let parent = asked.parameters.get("ParentId").map_or("", String::as_str);
        Some(json(match asked.action.as_str() {
            "ListAccounts" => {
                let from: usize = asked.parameters.get("NextToken").map_or(0, |t| t.parse().unwrap());
                let page: Vec<_> = self.organization.iter().skip(from).take(20).collect();
                let next = (from + 20 < self.organization.len()).then(|| (from + 20).to_string());
                let accounts: Vec<_> = page
                    .iter()
                    .map(|(id, state)| serde_json::json!({"Id": id, "Name": format!("account {id}"), "State": state}))
                    .collect();
                serde_json::json!({"Accounts": accounts, "NextToken": next})
            }
            "ListRoots" => serde_json::json!({"Roots": [{"Id": "r-1", "Name": "Root"}]}),
            "ListOrganizationalUnitsForParent" if parent == "r-1" => {
                serde_json::json!({"OrganizationalUnits": [{"Id": "ou-1", "Name": "Prod|=1+1<b>"}]})
            }
            "ListOrganizationalUnitsForParent" => serde_json::json!({"OrganizationalUnits": []}),
            "ListChildren" if parent == "ou-1" => {
                let all = self.organization.iter();
                let children: Vec<_> =
                    all.map(|(id, _)| serde_json::json!({"Id": id, "Type": "ACCOUNT"})).collect();
                serde_json::json!({"Children": children})
            }
            "ListChildren" => serde_json::json!({"Children": []}),
            _ => return None,
        }))
    }
}

fn arn(account: &Account, number: &str, what: &str) -> String {
    format!("arn:{}:iam::{number}:{what}", account.partition)
}

fn report(account: &Account, number: &str) -> String {
    let mut csv =
        "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,\
                   access_key_2_active,cert_1_active,cert_2_active\n"
            .to_owned();
    for u in &account.users {
        if let Some((console, mfa)) = u.report {
            let arn = arn(account, number, &format!("user/{}", u.name));
            let name = if u.name.contains(',') { format!("\"{}\"", u.name) } else { u.name.clone() };
            let arn = if u.name.contains(',') { format!("\"{arn}\"") } else { arn };
            let keys = [u.keys > 0, u.keys > 1];
            writeln!(
                csv,
                "{name},{arn},2019-01-01T00:00:00Z,{console},no_information,{mfa},{},{},false,false",
                keys[0], keys[1]
            )
            .unwrap();
        }
    }
    csv
}

fn details(account: &Account, asked: &Asked) -> String {
    let number = &asked.account;
    let from: usize = asked.parameters.get("Marker").map_or(0, |m| m.parse().unwrap());
    let users: Vec<&User> = account.users.iter().filter(|u| !u.gone).collect();
    let page = users.iter().skip(from).take(account.page);
    let attached = |arns: &[String]| {
        let one = |arn: &String| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            tag("PolicyName", name) + &tag("PolicyArn", arn)
        };
        tag("AttachedManagedPolicies", members(arns.iter().map(one)))
    };
    let inline = |policies: &[(String, String)]| {
        let one = |(name, document): &(String, String)| {
            tag("PolicyName", name) + &tag("PolicyDocument", encode(document))
        };
        members(policies.iter().map(one))
    };
    let user = |u: &&User| {
        let mut out = tag("UserName", xml(&u.name))
            + &tag("Arn", arn(account, number, &format!("user/{}", xml(&u.name))))
            + &tag("Path", "/")
            + &tag("GroupList", members(u.groups.iter().cloned()))
            + &tag("UserPolicyList", inline(&u.inline))
            + &attached(&u.attached);
        if let Some(boundary) = &u.boundary {
            let inner = tag("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
                + &tag("PermissionsBoundaryArn", boundary);
            out += &tag("PermissionsBoundary", inner);
        }
        out
    };
    let group = |(name, policies): &(String, Vec<String>)| {
        tag("GroupName", name)
            + &tag("Arn", arn(account, number, &format!("group/{name}")))
            + &attached(policies)
    };
    let policy = |(name, document): &(String, String)| {
        let old = tag("VersionId", "v1") + &tag("IsDefaultVersion", "false") + &tag("Document", encode("{}"));
        let now =
            tag("VersionId", "v3") + &tag("IsDefaultVersion", "true") + &tag("Document", encode(document));
        tag("PolicyName", name)
            + &tag("Arn", arn(account, number, &format!("policy/{name}")))
            + &tag("DefaultVersionId", "v3")
            + &tag("PolicyVersionList", members([old, now]))
    };
    let more = from + account.page < users.len();
    let mut out = tag("IsTruncated", more.to_string()) + &tag("UserDetailList", members(page.map(user)));
    if from == 0 {
        out += &tag("GroupDetailList", members(account.groups.iter().map(group)));
        out += &tag("Policies", members(account.policies.iter().map(policy)));
    }
    if more {
        out += &tag("Marker", (from + account.page).to_string());
    }
    out
}

fn devices(user: &User) -> String {
    members(user.devices.iter().map(|(serial, at)| {
        tag("UserName", xml(&user.name)) + &tag("SerialNumber", serial) + &tag("EnableDate", at)
    }))
}

fn virtual_devices(account: &Account, number: &str) -> String {
    let of_user = |u: &User| {
        let name = u.name.clone();
        let arn = arn(account, number, &format!("user/{name}"));
        let virtual_ones = u.devices.iter().filter(|(serial, _)| serial.contains(":mfa/"));
        let one = move |(serial, at): &(String, String)| {
            let user = tag("UserName", xml(&name)) + &tag("Arn", xml(&arn)) + &tag("Path", "/");
            let user = user + &tag("UserId", "AIDAEXAMPLE") + &tag("CreateDate", "2019-01-01T00:00:00Z");
            tag("SerialNumber", serial) + &tag("User", user) + &tag("EnableDate", at)
        };
        virtual_ones.map(one).collect::<Vec<_>>()
    };
    let all: Vec<String> = account.users.iter().filter(|u| !u.gone).flat_map(of_user).collect();
    tag("IsTruncated", "false") + &tag("VirtualMFADevices", members(all))
}
