//! Functions that read files, through the scope: nothing here touches the disk.

use std::sync::Arc;

use sha2::{Digest as _, Sha256, Sha512};

use super::{Call, crypto, encoding};
use crate::frontend::terraform::eval::Locals;
use crate::frontend::terraform::types::convert::settled;
use crate::source::Source;
use crate::value::{Entry, Text, Value};

type Answer = Result<Value, String>;

/// Runs `f` on the file an argument names; what cannot be read is unknown.
fn with_file(c: &mut Call<'_, '_, '_>, f: impl Fn(&Arc<Source>) -> Value) -> Answer {
    let path = c.str(0)?;
    Ok(match c.evaluator.scope.read_file(&path, c.span) {
        Ok(source) => f(&source),
        Err(u) => c.unknown(u),
    })
}

fn content(source: &Arc<Source>) -> Value {
    let text = Text::at(Arc::clone(source.text()), source.span(), true);
    Value::text(text, Some(source.span()))
}

pub(super) fn file(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, content)
}

pub(super) fn filebase64(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, |s| Value::string(encoding::base64(s.text().as_bytes()), Some(s.span())))
}

pub(super) fn filesha256(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, |s| Value::string(crypto::hex(&Sha256::digest(s.text().as_bytes())), Some(s.span())))
}

pub(super) fn filesha512(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, |s| Value::string(crypto::hex(&Sha512::digest(s.text().as_bytes())), Some(s.span())))
}

pub(super) fn filebase64sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, |s| Value::string(encoding::base64(&Sha256::digest(s.text().as_bytes())), Some(s.span())))
}

pub(super) fn filebase64sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    with_file(c, |s| Value::string(encoding::base64(&Sha512::digest(s.text().as_bytes())), Some(s.span())))
}

pub(super) fn fileexists(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    Ok(match c.evaluator.scope.file_exists(&path, c.span) {
        Ok(exists) => c.bool_result(exists),
        Err(u) => c.unknown(u),
    })
}

pub(super) fn fileset(c: &mut Call<'_, '_, '_>) -> Answer {
    let (dir, pattern) = (c.str(0)?, c.str(1)?);
    Ok(match c.evaluator.scope.fileset(&dir, &pattern, c.span) {
        Ok(names) => c.set_result(names.into_iter().map(|n| c.string_result(n)).collect()),
        Err(u) => c.unknown(u),
    })
}

/// Renders the file an argument names with the entries of a map as names.
pub(super) fn templatefile(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(u) = c.args.iter().find_map(Value::as_unknown) {
        return Ok(c.unknown(u.clone()));
    }
    let path = c.text(0)?;
    let path = match settled(&path) {
        Ok(path) => path,
        Err(u) => return Ok(c.unknown(u)),
    };
    let bind = |l: Locals, (k, e): (&Arc<str>, &Entry)| l.bind(Arc::clone(k), e.value.clone());
    let locals = c.map(1)?.iter().fold(Locals::new(), bind);
    match c.evaluator.scope.read_file(path, c.span) {
        Ok(source) => c.evaluator.template_file(&source, &locals).map_err(|e| e.to_string()),
        Err(u) => Ok(c.unknown(u)),
    }
}

/// The last part of a path. It is known when it follows everything that is not.
pub(super) fn basename(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.text(0)?;
    let last = crate::frontend::terraform::eval::equality::last(&path);
    match (last.trim_end_matches('/').rsplit_once('/'), path.holes().first()) {
        (Some((_, name)), _) => Ok(c.string_result(name)),
        (None, Some(hole)) => Ok(c.unknown(hole.unknown.clone())),
        (None, None) => Ok(c.string_result(match last {
            "" => ".",
            _ if last.bytes().all(|b| b == b'/') => "/",
            name => name.trim_end_matches('/'),
        })),
    }
}

pub(super) fn dirname(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    let dir = match path.rsplit_once('/') {
        None => ".".to_owned(),
        Some(("", _)) => "/".to_owned(),
        Some((dir, _)) => clean(dir),
    };
    Ok(c.string_result(dir))
}

/// A path without `.`, `..` and doubled slashes where they can be taken out.
fn clean(path: &str) -> String {
    crate::fs::normalize(std::path::Path::new(path)).to_string_lossy().replace('\\', "/")
}

pub(super) fn abspath(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    if path.starts_with('/') {
        return Ok(c.string_result(clean(&path)));
    }
    // A path inside the configuration reads the same file either way.
    c.arg(0).cloned()
}

pub(super) fn pathexpand(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    if path.starts_with('~') {
        return Ok(Value::unknown("the home directory is not known", Some(c.span)));
    }
    c.arg(0).cloned()
}
