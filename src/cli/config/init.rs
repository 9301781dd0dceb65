//! `mfaguard init`.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::{NAME, file};
use crate::cli::args::Init;
use crate::cli::{Exit, output};
use crate::fs;

/// The file with everything that may stand in it.
const TEMPLATE: &str = include_str!("template.toml");

/// Writes a commented `mfaguard.toml`, or prints the schema of one.
pub(in crate::cli) fn run(args: &Init) -> anyhow::Result<Exit> {
    if args.schema {
        output::print(file::schema()?.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let path = Path::new(NAME);
    if path.exists() && !args.force {
        bail!("`{NAME}` is there already; `--force` writes it again");
    }
    fs::save(path, TEMPLATE.as_bytes()).with_context(|| format!("`{NAME}` cannot be written"))?;
    output::warn(format!("wrote `{NAME}`\n").as_bytes());
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::super::{Text, resolve};
    use super::*;

    /// The template with everything in it that is commented out.
    fn whole() -> String {
        let is_code = |line: &str| line.contains('=') || line.starts_with('[');
        let open = |line: &str| match line.strip_prefix("# ").filter(|rest| is_code(rest)) {
            // Sentences begin with a capital letter.
            Some(rest)
                if rest
                    .starts_with(|c: char| c.is_ascii_lowercase() || c == '[' || rest.starts_with("MFA")) =>
            {
                rest.to_owned()
            }
            _ => line.to_owned(),
        };
        TEMPLATE.lines().map(|line| open(line) + "\n").collect()
    }

    #[test]
    fn the_template_is_read_as_it_is_and_with_all_of_its_examples() {
        let path = Path::new("mfaguard.toml");
        let plain = resolve(Text { path, text: TEMPLATE }).unwrap();
        assert!(plain.allowed.is_empty() && plain.ignore.is_empty() && plain.accounts.is_empty());
        let text = whole();
        let config = resolve(Text { path, text: &text }).unwrap();
        assert_eq!(config.allowed.len(), 1);
        assert_eq!(config.accounts.len(), 1);
        assert_eq!(config.elsewhere.len(), 1);
        assert_eq!(config.severities.len(), 1);
        assert_eq!(config.ignore, ["MFA107"]);
        assert!(config.baseline.is_some() && config.foreign_suppressions);
    }

    /// Every key of the schema is in the template, so that people find it.
    #[test]
    fn the_template_and_the_schema_know_the_same_keys() {
        let schema: serde_json::Value = serde_json::from_str(&file::schema().unwrap()).unwrap();
        for key in schema["properties"].as_object().unwrap().keys() {
            assert!(TEMPLATE.contains(key.as_str()) || key == "select", "{key}");
        }
    }
}
