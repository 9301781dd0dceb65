//! Files of parameter values.

use std::collections::BTreeMap;

use serde_json::Value;

/// Reads a file of parameter values: a JSON list of `ParameterKey`/`ParameterValue` (as of the command line
/// client) or of `Key=Value` strings, a JSON map (also below `Parameters`, as of CodePipeline), or lines of
/// `KEY=value`. A parameter that keeps its previous value has none here.
///
/// # Errors
/// What is wrong with the file, in words.
pub fn parse_parameters(text: &str) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return lines(text);
    }
    let json: Value = serde_json::from_str(text).map_err(|e| format!("not valid JSON: {e}"))?;
    let below = json.get("Parameters").filter(|v| v.is_object() || v.is_array());
    match below.unwrap_or(&json) {
        Value::Array(items) => items.iter().filter_map(|item| item_of(item).transpose()).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| Ok((key.clone(), plain(key, value)?))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err("neither a list nor a map of parameters".to_owned())
        }
    }
}

fn item_of(item: &Value) -> Result<Option<(String, String)>, String> {
    if let Some(text) = item.as_str() {
        return assignment(text).map(Some);
    }
    let key = item.get("ParameterKey").and_then(Value::as_str);
    let key = key.ok_or("a parameter is neither `ParameterKey` with `ParameterValue` nor `Key=Value`")?;
    match item.get("ParameterValue") {
        Some(value) => Ok(Some((key.to_owned(), plain(key, value)?))),
        None if item.get("UsePreviousValue").and_then(Value::as_bool) == Some(true) => Ok(None),
        None => Err(format!("`{key}` has no `ParameterValue`")),
    }
}

/// A value as text; a list as CloudFormation writes it, with commas.
fn plain(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(s) => Ok(s.clone()),
        Value::Number(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| plain(key, item)).collect();
            Ok(items?.join(","))
        }
        Value::Null | Value::Object(_) => Err(format!("the value of `{key}` is not a string")),
    }
}

fn lines(text: &str) -> Result<BTreeMap<String, String>, String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(assignment).collect()
}

fn assignment(line: &str) -> Result<(String, String), String> {
    let (key, value) = line.split_once('=').ok_or_else(|| format!("`{line}` is not `KEY=value`"))?;
    let (key, value) = (key.trim(), value.trim());
    let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
    let key = key.strip_prefix("export ").map_or(key, str::trim);
    Ok((key.to_owned(), quoted.unwrap_or(value).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_same() {
        let expected: BTreeMap<String, String> =
            [("A", "1"), ("B", "x,y")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        for text in [
            r#"[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "x,y"}]"#,
            r#"[{"ParameterKey": "C", "UsePreviousValue": true}, "A=1", "B=x,y"]"#,
            r#"{"A": 1, "B": ["x", "y"]}"#,
            "\u{feff}{\"Parameters\": {\"A\": \"1\", \"B\": \"x,y\"}, \"Tags\": {}}",
            r#"{"Parameters": ["A=1", "B=x,y"]}"#,
            "# comment\r\nA = 1\r\n\r\nexport B='x,y'\r\n",
            "A=\"1\"\nB=x,y",
        ] {
            assert_eq!(parse_parameters(text), Ok(expected.clone()), "{text}");
        }
        assert_eq!(parse_parameters(""), Ok(BTreeMap::new()));
        assert_eq!(parse_parameters(r#"{"Parameters": "p"}"#).unwrap().get("Parameters").unwrap(), "p");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["{", "[1]", "A", "null", r#"[{"ParameterKey": "A"}]"#, r#"{"A": {}}"#, r#"{"A": null}"#]
        {
            assert!(parse_parameters(text).is_err(), "{text}");
        }
    }
}
