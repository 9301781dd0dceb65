//! What may stand on the command line.

mod values;

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

pub(super) use self::values::FailOn;
use self::values::{account, assignment, external_id, fail_on, on_unknown, role_name};
use super::formats::{Target, format_help, target};
use crate::report::drift::DriftReporter;
use crate::report::status::StatusReporter;
use crate::report::{Detail, Reporter};
use crate::rules::OnUnknown;

/// Exit codes, below every help.
const EXIT_CODES: &str = "Exit codes:
  0  ran to the end; nothing at or above --fail-on
  1  ran to the end; findings at or above --fail-on
  2  could not do what was asked: usage, an unreadable path, an input that could not be parsed";

/// Exit codes of a command that judges nothing.
const SNAPSHOT_EXIT_CODES: &str = "Exit codes:
  0  everything was read
  2  could not do what was asked, or not all of it: usage, no credentials, an account or an answer that is missing";

/// Tells, per principal, whether MFA is enforced for AWS console users and administrators.
#[derive(Debug, Parser)]
#[command(name = "mfaguard", version, about, after_help = EXIT_CODES, max_term_width = 110)]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Analyse Terraform, OpenTofu and CloudFormation code
    Check(Check),
    /// Show who has MFA in AWS accounts, live or from saved answers of AWS: users, a summary, the root user
    Status(Status),
    /// Save what `status` and `drift` would read from AWS, to be read later with `--from DIR`
    Snapshot(Snapshot),
    /// Compare code with an account: what differs, and who can act without MFA because of it
    Drift(Drift),
    /// Serve an editor: findings while you type, verdicts where you point (a language server on standard input and output)
    Lsp(Lsp),
    /// Evaluate IAM policies offline with MFA, without MFA and with access keys
    Simulate(Simulate),
    /// Print what reading accounts needs to be permitted, or a policy that enforces MFA
    Policy(Policy),
    /// List the rules
    Rules(Rules),
    /// Explain a rule: what, why, examples, when it cannot tell
    Explain(Explain),
    /// Write a commented `mfaguard.toml`
    Init(Init),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

/// Arguments of `init`.
#[derive(Debug, Parser)]
pub(super) struct Init {
    /// Write it although there is one already
    #[arg(long)]
    pub(super) force: bool,
    /// Print the JSON schema of the file, for editors, and write nothing
    #[arg(long, conflicts_with = "force")]
    pub(super) schema: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Parser)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

/// Arguments of `check`.
#[derive(Debug, Parser)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Check {
    /// Files and directories: directories are searched for Terraform root modules and templates, a file of a module
    /// stands for the root modules that it belongs to
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Only what these files belong to: root modules that hold or call them, templates that are or nest them. Without
    /// files of its own it takes the PATHs for them, everywhere below the working directory
    #[arg(long, value_name = "FILE", num_args = 0..)]
    pub(super) changed: Option<Vec<PathBuf>>,
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = target::<Reporter>, help = format_help::<Reporter>())]
    pub(super) format: Vec<Target<Reporter>>,
    /// The diff of the pull request, for the format github-review: suggestions for other lines than those that it shows
    /// are left out, because GitHub would refuse them
    #[arg(long, value_name = "DIFF", conflicts_with = "diff")]
    pub(super) review_of: Option<PathBuf>,
    /// Fix what can be fixed, and report what is left. Each fix is tried before: it takes a finding away and adds none
    #[arg(long, conflicts_with = "diff")]
    pub(super) fix: bool,
    /// Write nothing and print what --fix would change, for `git apply` or `patch -p1`; the exit code is 1 when there
    /// is something
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
    /// The list of all AWS actions to judge by, as `scripts/update-aws-data.py` writes it, instead of the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) actions_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) judging: Judging,
    #[command(flatten)]
    pub(super) suppressions: Suppressions,
    #[command(flatten)]
    pub(super) baselines: Baselines,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) look: Look,
}

/// What of the findings counts, and how. The same for every command that has some.
#[derive(Debug, Clone, Parser)]
pub(super) struct Judging {
    /// Configuration file [default: `mfaguard.toml` here or above, up to the top of the repository]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Lowest severity that makes the exit code 1 [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on())]
    pub(super) fail_on: Option<FailOn>,
    /// Only these rules (code or name, comma-separated)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Not these rules (code or name, comma-separated)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// What to do with findings that depend on something that is not settled or was not read [default: warn]
    #[arg(long, value_name = "WHAT", value_parser = on_unknown())]
    pub(super) unknown: Option<OnUnknown>,
    /// Exit with 0 also when there are findings
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// Leave durations and ages out of the report
    #[arg(long)]
    pub(super) no_timing: bool,
}

/// Which findings are accepted.
#[derive(Debug, Clone, Copy, Parser)]
pub(super) struct Suppressions {
    /// Tell also what comments and metadata in the code suppress
    #[arg(long, conflicts_with = "foreign_suppressions")]
    pub(super) no_inline_suppressions: bool,
    /// Read the suppression comments of checkov, tfsec, Trivy and cfn_nag, too
    #[arg(long)]
    pub(super) foreign_suppressions: bool,
}

/// Findings that were there before.
#[derive(Debug, Clone, Parser)]
pub(super) struct Baselines {
    /// Accept the findings in this file, which `--write-baseline` wrote
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all findings to this file, and accept them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(super) write_baseline: Option<PathBuf>,
}

/// What code is given that is not in it.
#[derive(Debug, Clone, Parser)]
pub(super) struct Inputs {
    /// Terraform variable definitions file (repeatable, later ones win)
    #[arg(long, value_name = "FILE")]
    pub(super) var_file: Vec<PathBuf>,
    /// Value of a Terraform input variable (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub(super) var: Vec<(String, String)>,
    /// Value of `terraform.workspace`
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: Option<String>,
    /// CloudFormation parameter values: JSON (list or map), or lines NAME=VALUE (repeatable, later ones win)
    #[arg(long, value_name = "FILE")]
    pub(super) parameters: Vec<PathBuf>,
}

/// Arguments of `lsp`.
#[derive(Debug, Parser)]
pub(super) struct Lsp {
    /// Configuration file [default: `mfaguard.toml` in each folder or above, up to the top of the repository]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) suppressions: Suppressions,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// Accepted because some editors add it: there is no other way to talk to it
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
}

/// Arguments of `drift`.
#[derive(Debug, Parser)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Drift {
    /// The code: files and directories as for `check`, also a plan or a state of Terraform
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Directory with the saved answers of an account, or with one such directory for each account (repeatable);
    /// without it AWS is asked
    #[arg(long, value_name = "DIR")]
    pub(super) from: Vec<PathBuf>,
    /// A credential report alone (repeatable): passwords and devices are compared, policies are not
    #[arg(long, value_name = "FILE")]
    pub(super) credential_report: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) aws: Aws,
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = target::<DriftReporter>,
          help = format_help::<DriftReporter>())]
    pub(super) format: Vec<Target<DriftReporter>>,
    #[command(flatten)]
    pub(super) judging: Judging,
    #[command(flatten)]
    pub(super) suppressions: Suppressions,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `status`.
#[derive(Debug, Parser)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Status {
    /// Ask nobody and read a directory with the saved answers of an account, or with one such directory for each account (repeatable):
    /// credential_report.csv, account_authorization_details.json, account_summary.json, mfa_devices.json,
    /// virtual_mfa_devices.json, login_profiles.json as `aws iam` prints them, meta.json; any of them may be missing
    #[arg(long, value_name = "DIR")]
    pub(super) from: Vec<PathBuf>,
    /// A credential report alone (repeatable): CSV, or the answer of `aws iam get-credential-report`
    #[arg(long, value_name = "FILE")]
    pub(super) credential_report: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) aws: Aws,
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = target::<StatusReporter>,
          help = format_help::<StatusReporter>())]
    pub(super) format: Vec<Target<StatusReporter>>,
    /// Also write the users as a data set in Parquet, below `account=…/date=…` in this directory
    #[cfg(feature = "parquet")]
    #[arg(long, value_name = "DIR")]
    pub(super) dataset: Option<PathBuf>,
    #[command(flatten)]
    pub(super) judging: Judging,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `snapshot`.
#[derive(Debug, Parser)]
#[command(after_help = SNAPSHOT_EXIT_CODES)]
pub(super) struct Snapshot {
    /// Directory to write to: one directory for each account, named by its number, readable by its owner only
    #[arg(value_name = "DIR")]
    pub(super) dir: PathBuf,
    /// Leave out accounts that were read to the end by an earlier run
    #[arg(long)]
    pub(super) resume: bool,
    #[command(flatten)]
    pub(super) aws: Aws,
    /// Say nothing but what went wrong
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// What was read; twice: every call
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// Which accounts to ask, and how.
#[derive(Debug, Clone, Parser)]
#[command(next_help_heading = "AWS")]
pub(super) struct Aws {
    /// Profile of the AWS configuration whose account to read (repeatable) [default: as the AWS CLI finds credentials]
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Vec<String>,
    /// All accounts of the organisation, in each of which --role-name is assumed
    #[arg(long)]
    pub(super) org: bool,
    /// These accounts, in each of which --role-name is assumed (comma-separated)
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = account)]
    pub(super) accounts: Vec<String>,
    /// The role to assume in other accounts than that of the credentials; `mfaguard policy --org --trust` prints one
    #[arg(long, value_name = "NAME", default_value = "mfaguard-read", value_parser = role_name)]
    pub(super) role_name: String,
    /// External ID that the trust policy of the role asks for
    #[arg(long, value_name = "ID", value_parser = external_id)]
    pub(super) external_id: Option<String>,
    /// Ask for the password and the devices of every user, one by one, also where that changes no answer
    #[arg(long)]
    pub(super) fresh: bool,
    /// How many seconds reading one account may take
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) deadline: u64,
}

/// How the output looks.
#[derive(Debug, Clone, Copy, Parser)]
pub(super) struct Look {
    /// When to use colours; `auto` asks the terminal and NO_COLOR
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
    /// Findings and the summary only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// All principals, what is not settled about them, and notes; twice: also every call to AWS
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
}

impl Look {
    /// How much to show.
    pub(super) fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, 1..) => Detail::Verbose,
            (false, 0) => Detail::Normal,
        }
    }

    /// What to say on standard error while AWS is asked.
    pub(super) fn talk(&self) -> Talk {
        Talk::of(self.quiet, self.verbose)
    }
}

/// What to say on standard error while AWS is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Talk {
    /// Nothing.
    Nothing,
    /// How far it is, on a terminal.
    Progress,
    /// What was read.
    Accounts,
    /// Every call.
    Calls,
}

impl Talk {
    /// As `-q` and the number of `-v` ask for.
    pub(super) fn of(quiet: bool, verbose: u8) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Nothing,
            (false, 0) => Self::Progress,
            (false, 1) => Self::Accounts,
            (false, 2..) => Self::Calls,
        }
    }
}

/// Arguments of `simulate`.
#[derive(Debug, Parser)]
pub(super) struct Simulate {
    /// Cases, one JSON object a line; `-` reads standard input
    #[arg(value_name = "CASES.jsonl")]
    pub(super) cases: PathBuf,
    /// Context, worlds and requests to decide; all AWS actions without it
    #[arg(long, value_name = "REQUESTS.json")]
    pub(super) requests: Option<PathBuf>,
    /// The list of all AWS actions to judge by, instead of the built-in one
    #[arg(long, value_name = "FILE", conflicts_with = "requests")]
    pub(super) actions_file: Option<PathBuf>,
    /// Form of the answers
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(super) format: SimulateFormat,
}

/// Forms of the answers of `simulate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SimulateFormat {
    /// One JSON object a line
    Jsonl,
    /// One line of words a case
    Text,
}

/// Arguments of `policy`.
#[derive(Debug, Parser)]
pub(super) struct Policy {
    /// The policy that enforces MFA: for users and groups, with all that enrolling a device needs
    #[arg(long, conflicts_with_all = ["org", "trust"])]
    pub(super) enforce: bool,
    /// The same as a service control policy: for the IAM users of whole accounts, not for roles, services and root
    #[arg(long, requires = "enforce")]
    pub(super) scp: bool,
    /// What reading an organisation needs in its management account: its accounts, and a role in each of them
    #[arg(long)]
    pub(super) org: bool,
    /// The role in each account, which callers from this account may assume (as a template: for a StackSet)
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(super) trust: Option<String>,
    /// What the role is called
    #[arg(long, value_name = "NAME", default_value = "mfaguard-read", value_parser = role_name)]
    pub(super) role_name: String,
    /// The external id that callers of the role have to give
    #[arg(long, value_name = "ID", requires = "trust", value_parser = external_id)]
    pub(super) external_id: Option<String>,
    /// Language of the policy
    #[arg(long, value_name = "LANGUAGE", default_value = "json")]
    pub(super) format: PolicyFormat,
}

/// Languages that a policy is printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PolicyFormat {
    /// The policy document
    Json,
    /// A data source and the resource of the policy
    Terraform,
    /// A template in YAML
    #[value(name = "cloudformation")]
    CloudFormation,
}

/// Arguments of `rules`.
#[derive(Debug, Parser)]
pub(super) struct Rules {
    /// Form of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: RulesFormat,
}

/// Forms of the list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    /// One line a rule
    Text,
    /// One JSON document
    Json,
}

/// Arguments of `explain`.
#[derive(Debug, Parser)]
pub(super) struct Explain {
    /// Code or name of a rule: MFA001, console-user-without-mfa
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
    /// When to use colours; `auto` asks the terminal and NO_COLOR
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always on standard output, never in files
    Always,
    /// Never
    Never,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn values_of_variables_may_hold_anything() {
        assert_eq!(assignment("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(assignment("a="), Ok(("a".to_owned(), String::new())));
        assert!(assignment("a").is_err());
        assert!(assignment("=b").is_err());
    }
}
