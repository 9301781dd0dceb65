//! Values of CloudFormation parameters from files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;

use crate::fs::{FileSystem as _, OsFs};

/// The parameters of all files; later files win.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for file in files {
        let text = OsFs::for_paths([file.as_path()]).read(file)?;
        all.extend(parse(&text).with_context(|| shown(file))?);
    }
    Ok(all)
}

fn shown(file: &Path) -> String {
    format!("`{}` holds no parameter values", file.display())
}

/// The three forms the AWS command line and its users know: the list of `ParameterKey` and `ParameterValue`, a map
/// (also below the key `Parameters`), and lines `NAME=VALUE`.
fn parse(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
        Some('{' | '[') => match serde_json::from_str(text.trim_start_matches('\u{feff}'))? {
            Value::Array(items) => items.iter().map(list_item).collect(),
            Value::Object(mut map) => match map.remove("Parameters") {
                Some(Value::Object(inner)) => Ok(entries(inner)),
                Some(Value::Array(items)) => items.iter().map(list_item).collect(),
                Some(other) => Ok(BTreeMap::from([("Parameters".to_owned(), plain(&other))])),
                None => Ok(entries(map)),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                bail!("expected a list or a map")
            }
        },
        Some(_) | None => lines(text),
    }
}

fn entries(map: serde_json::Map<String, Value>) -> BTreeMap<String, String> {
    map.into_iter().map(|(name, value)| (name, plain(&value))).collect()
}

fn list_item(item: &Value) -> anyhow::Result<(String, String)> {
    match (item, item.get("ParameterKey").and_then(Value::as_str)) {
        (_, Some(name)) => {
            let value =
                item.get("ParameterValue").ok_or_else(|| anyhow!("`{name}` has no `ParameterValue`"))?;
            Ok((name.to_owned(), plain(value)))
        }
        (Value::String(text), None) => assignment(text),
        (_, None) => bail!("an entry of the list has no `ParameterKey`"),
    }
}

fn lines(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(assignment).collect()
}

fn assignment(line: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = line.split_once('=').ok_or_else(|| anyhow!("`{line}` is not NAME=VALUE"))?;
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    Ok((name.trim().trim_start_matches("export ").trim().to_owned(), bare.to_owned()))
}

/// A value as CloudFormation takes it: text, lists with commas.
fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_same() {
        for text in [
            r#"[{"ParameterKey": "A", "ParameterValue": "x"}, {"ParameterKey": "B", "ParameterValue": "1,2"}]"#,
            r#"{"A": "x", "B": [1, "2"]}"#,
            r#"{"Parameters": {"A": "x", "B": "1,2"}}"#,
            r#"["A=x", "B=1,2"]"#,
            "# comment\r\nA=x\r\n\r\nexport B=\"1,2\"\r\n",
            "\u{feff}{\"A\": \"x\", \"B\": \"1,2\"}",
        ] {
            let all = parse(text).unwrap();
            assert_eq!(all.get("A").map(String::as_str), Some("x"), "{text}");
            assert_eq!(all.get("B").map(String::as_str), Some("1,2"), "{text}");
            assert_eq!(all.len(), 2, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["[1]", "[{\"ParameterKey\": \"A\"}]", "{\"A\":", "just words"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("").unwrap().is_empty());
    }
}
