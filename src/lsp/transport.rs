//! Messages as they go over a pipe: a header with the length, a blank line, JSON.
//!
//! Whatever comes is answered or skipped; only the end of the input ends it.

use std::io::{self, BufRead, Read as _, Write};

use gen_lsp_types::ErrorCodes;
use gen_lsp_types::json_rpc::{Error, Id};
use serde_json::Value;

use crate::limits;

/// Something that came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Something that wants an answer.
    Request {
        /// Its number.
        id: Id,
        /// What is asked.
        method: String,
        /// About what.
        params: Value,
    },
    /// Something that wants none.
    Notification {
        /// What happened.
        method: String,
        /// To what.
        params: Value,
    },
    /// An answer to a request of ours.
    Answer,
    /// Nothing of these; the number when there is one.
    Broken(Id, Error),
}

/// Longest line of a header.
const HEADER_BYTES: u64 = 1 << 12;

/// The next message; nothing at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else { return Ok(None) };
    if length > limits::MESSAGE_BYTES {
        let skipped = io::copy(&mut input.take(length), &mut io::sink())?;
        let error = error(ErrorCodes::InvalidRequest, "this message is too large");
        return Ok((skipped == length).then_some(Incoming::Broken(Id::Null, error)));
    }
    let mut body = Vec::new();
    if input.take(length).read_to_end(&mut body)? as u64 != length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => sort(message),
        Err(e) => Incoming::Broken(Id::Null, error(ErrorCodes::ParseError, &format!("this is no JSON: {e}"))),
    }))
}

/// Reads a header and the blank line behind it. Lines that belong to none are skipped.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.take(HEADER_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        match (text.trim_end_matches(['\r', '\n']).split_once(':'), length) {
            (Some((name, value)), _) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            (None, Some(length)) if text.trim().is_empty() => return Ok(Some(length)),
            _ => {}
        }
    }
}

fn sort(message: Value) -> Incoming {
    let Value::Object(mut message) = message else {
        return Incoming::Broken(Id::Null, error(ErrorCodes::InvalidRequest, "a message is one object"));
    };
    let id = message.remove("id").map(serde_json::from_value::<Id>);
    let params = message.remove("params").unwrap_or_default();
    match (message.remove("method"), id) {
        (Some(Value::String(method)), None) => Incoming::Notification { method, params },
        (Some(Value::String(method)), Some(Ok(id))) => Incoming::Request { id, method, params },
        (None, Some(_)) => Incoming::Answer,
        (Some(_), Some(Ok(id))) => {
            Incoming::Broken(id, error(ErrorCodes::InvalidRequest, "`method` is a text"))
        }
        (_, Some(Err(_))) => {
            Incoming::Broken(Id::Null, error(ErrorCodes::InvalidRequest, "`id` is a number or a text"))
        }
        (_, None) => Incoming::Broken(
            Id::Null,
            error(ErrorCodes::InvalidRequest, "this is no request, notification or answer"),
        ),
    }
}

/// An error that answers a request.
pub(super) fn error(code: ErrorCodes, message: &str) -> Error {
    Error { code, message: message.to_owned(), data: None }
}

/// Writes a message.
pub(super) fn write(output: &mut dyn Write, message: &impl serde::Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    write!(output, "Content-Length: {}\r\n\r\n", body.len())?;
    output.write_all(&body)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each message of a stream is taken for.
    fn all(stream: &str) -> Vec<String> {
        let mut input = stream.as_bytes();
        std::iter::from_fn(|| read(&mut input).unwrap())
            .map(|m| match m {
                Incoming::Request { method, .. } => format!("request {method}"),
                Incoming::Notification { method, .. } => format!("notification {method}"),
                Incoming::Answer => "answer".to_owned(),
                Incoming::Broken(id, e) => format!("{} {:?}", serde_json::to_string(&id).unwrap(), e.code),
            })
            .collect()
    }

    fn framed(bodies: &[&str]) -> String {
        bodies.iter().map(|b| format!("Content-Length: {}\r\n\r\n{b}", b.len())).collect()
    }

    #[test]
    fn messages_are_told_apart() {
        let bodies = [
            r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#,
            r#"{"jsonrpc":"2.0","id":"x","method":"b","params":{}}"#,
            r#"{"jsonrpc":"2.0","method":"c"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            "{",
            "[]",
            "{}",
            r#"{"id":1.5,"method":"a"}"#,
            r#"{"id":2,"method":3}"#,
        ];
        let expected = [
            "request a",
            "request b",
            "notification c",
            "answer",
            "null ParseError",
            "null InvalidRequest",
            "null InvalidRequest",
            "null InvalidRequest",
            "2 InvalidRequest",
        ];
        assert_eq!(all(&framed(&bodies)), expected);
    }

    #[test]
    fn what_is_no_message_is_skipped() {
        let good = framed(&[r#"{"method":"a"}"#]);
        let huge = format!("Content-Length: {}\r\n\r\nshort", u64::MAX);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for (before, expected) in [
            ("garbage\r\n\r\n\r\n", "notification a"),
            ("Content-Length: x\r\n\r\n", "notification a"),
            ("content-type: x\r\nCONTENT-LENGTH:2\n\n{}", "null InvalidRequest notification a"),
            (&framed(&[&deep]), "null ParseError notification a"),
            (&"x".repeat(10_000), ""),
            ("\u{0}\u{fffd}\n", "notification a"),
        ] {
            let found = all(&format!("{before}{good}")).join(" ");
            // A header behind a line without an end is part of that line, or found behind it.
            assert!(found == expected || expected.is_empty(), "{before:.40}: {found}");
        }
        assert_eq!(all(&huge), [""; 0]);
        assert_eq!(all("Content-Length: 5\r\n\r\n{}"), [""; 0]);
    }
}
