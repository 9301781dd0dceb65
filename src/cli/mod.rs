//! The command line: arguments, environment, terminal, exit codes. The only place that reads the environment and
//! the clock, prints, and exits.

mod actions;
mod args;
mod check;
mod code;
mod config;
mod drift;
mod explain;
mod fix;
mod formats;
mod judging;
mod live;
mod lsp;
mod manual;
mod output;
mod parameters;
mod policy;
mod rules;
mod simulate;
mod snapshot;
mod status;

use std::process::ExitCode;

use clap::Parser as _;

use crate::report::Report;

/// How a command ended. The same for every command and every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Ran to the end; nothing at or above `--fail-on`.
    Clean,
    /// Ran to the end; findings at or above `--fail-on`.
    Findings,
    /// Could not do what was asked, or not all of it.
    Failed,
}

impl Exit {
    /// How a run that wrote this report ended.
    fn of(report: &Report<'_>, failing: bool) -> Self {
        match (report.incomplete(), failing) {
            (true, _) => Self::Failed,
            (false, true) => Self::Findings,
            (false, false) => Self::Clean,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
        })
    }
}

/// What is wrong with a text as `mfaguard.toml` of the working directory.
pub fn wrong_with_configuration(text: &str) -> Option<String> {
    config::wrong_with(text)
}

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            // Nobody is left to tell when this fails.
            let _ = e.print();
            return if e.use_stderr() { Exit::Failed.into() } else { Exit::Clean.into() };
        }
    };
    let exit = match args.command {
        args::Command::Check(a) => check::run(&a),
        args::Command::Status(a) => status::run(&a),
        args::Command::Snapshot(a) => snapshot::run(&a),
        args::Command::Drift(a) => drift::run(&a),
        args::Command::Lsp(a) => lsp::run(a),
        args::Command::Simulate(a) => simulate::run(&a),
        args::Command::Policy(a) => policy::run(&a),
        args::Command::Rules(a) => rules::run(&a),
        args::Command::Explain(a) => explain::run(&a),
        args::Command::Init(a) => config::init(&a),
        args::Command::Completions(a) => manual::completions(a.shell),
        args::Command::Man => manual::page(),
    };
    exit.unwrap_or_else(|e| {
        output::complain(&format!("{e:#}"));
        Exit::Failed
    })
    .into()
}
