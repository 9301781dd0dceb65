//! `mfaguard simulate`.

use std::io::{self, BufRead, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;

use super::args::{Simulate, SimulateFormat};
use super::{Exit, actions, output};
use crate::fs::{self, FileSystem as _, OsFs};
use crate::limits;
use crate::policy::simulate::{Answer, Requests, Simulator, answer_for_all_actions};

/// Decides every request of every case. A case that cannot be read is said on standard error; the others are
/// answered all the same.
pub(super) fn run(args: &Simulate) -> anyhow::Result<Exit> {
    args.actions_file.as_deref().map(actions::replace).transpose()?;
    let shown = args.cases.display();
    let mut input = open(&args.cases).with_context(|| format!("`{shown}` cannot be read"))?;
    let mut simulator = args.requests.as_deref().map(simulator).transpose()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = (&mut input).take(limits::FILE_BYTES).read_until(b'\n', &mut line);
        if read.with_context(|| format!("`{shown}` cannot be read"))? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let answer = match &mut simulator {
            Some(simulator) => simulator.answer(&text),
            None => answer_for_all_actions(&text),
        };
        let written = match answer {
            Ok(answer) => writeln!(out, "{}", show(&answer, args.format)?),
            Err(e) => {
                output::complain(&format!("`{shown}` line {number}: {e}"));
                exit = Exit::Failed;
                Ok(())
            }
        };
        if output::gone(written)? {
            return Ok(exit);
        }
    }
    output::gone(out.flush())?;
    Ok(exit)
}

fn simulator(path: &Path) -> anyhow::Result<Simulator> {
    let text = OsFs::for_paths([path]).read(path)?;
    let requests = Requests::from_json(&text);
    Ok(Simulator::new(requests.with_context(|| format!("`{}` is no request file", path.display()))?))
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    Ok(if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(fs::open(path)?) })
}

fn show(answer: &Answer, format: SimulateFormat) -> anyhow::Result<String> {
    Ok(match format {
        SimulateFormat::Jsonl => serde_json::to_string(answer)?,
        SimulateFormat::Text => {
            let id = answer.id.as_str().map_or_else(|| answer.id.to_string(), str::to_owned);
            let takeover = if answer.takeover { ", open to takeover" } else { "" };
            let counts = [&answer.allowed.mfa, &answer.allowed.console, &answer.allowed.keys].map(Vec::len);
            let [mfa, console, keys] = counts;
            format!(
                "{id}: console {}, keys {}{takeover}; allowed {mfa} with MFA, {console} without, {keys} with keys",
                answer.mfa, answer.mfa_keys
            )
        }
    })
}
