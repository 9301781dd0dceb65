//! `mfaguard completions` and `mfaguard man`.

use std::io::Write as _;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Args;
use super::{Exit, output};

/// Prints what a shell needs to complete commands, options and their values.
pub(super) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "mfaguard", &mut text);
    output::print(&text)?;
    Ok(Exit::Clean)
}

/// Prints the manual page: that of the program, then those of its commands, one below the other.
pub(super) fn page() -> anyhow::Result<Exit> {
    let mut all = Args::command();
    // Commands get the name they are called by: `mfaguard check`.
    all.build();
    let mut text = Vec::new();
    Man::new(all.clone()).render(&mut text)?;
    for command in all.get_subcommands().filter(|c| c.get_name() != "help") {
        let called = command.get_bin_name().unwrap_or_default();
        writeln!(text, ".SH {}", called.to_uppercase())?;
        let man = Man::new(Command::clone(command));
        man.render_synopsis_section(&mut text)?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
    }
    output::print(&text)?;
    Ok(Exit::Clean)
}
