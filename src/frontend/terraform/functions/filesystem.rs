//! Functions that read files, through the scope: nothing here touches the disk.

use std::sync::Arc;

use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::{Call, crypto, encoding};
use crate::frontend::terraform::eval::Locals;
use crate::frontend::terraform::glob;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::settled;
use crate::source::Source;
use crate::value::{Text, Unknown, Value};

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

/// A text made of the bytes of the file that an argument names.
fn of_bytes(c: &mut Call<'_, '_, '_>, f: impl Fn(&[u8]) -> String) -> Answer {
    with_file(c, |s| Value::string(f(s.text().as_bytes()), Some(s.span())))
}

pub(super) fn filebase64(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, encoding::base64)
}

pub(super) fn filemd5(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::hex::<Md5>)
}

pub(super) fn filesha1(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::hex::<Sha1>)
}

pub(super) fn filesha256(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::hex::<Sha256>)
}

pub(super) fn filesha512(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::hex::<Sha512>)
}

pub(super) fn filebase64sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::base64::<Sha256>)
}

pub(super) fn filebase64sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    of_bytes(c, crypto::base64::<Sha512>)
}

pub(super) fn fileexists(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    let exists = c.evaluator.scope.file_exists(&path);
    exists.map(|exists| c.bool_result(exists)).ok_or_else(|| format!("`{path}` is a directory"))
}

pub(super) fn fileset(c: &mut Call<'_, '_, '_>) -> Answer {
    let (dir, pattern) = (c.str(0)?, c.str(1)?);
    if !glob::is_valid(&pattern) {
        return Err(format!("`{pattern}` is not a valid pattern"));
    }
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
    if let Some(name) = c.map(1)?.keys().find(|name| !is_name(name)) {
        return Err(format!("`{name}` cannot be used as a name"));
    }
    let locals = Locals::of(c.map(1)?);
    match c.evaluator.scope.read_file(path, c.span) {
        Ok(source) => c.evaluator.template_file(&source, &locals).map_err(|e| e.to_string()),
        Err(u) => Ok(c.unknown(u)),
    }
}

/// True for what can stand in a template as the name of a value.
fn is_name(s: &str) -> bool {
    let mut chars = s.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
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
    c.converted(0, &Type::String)
}

pub(super) fn pathexpand(c: &mut Call<'_, '_, '_>) -> Answer {
    let path = c.str(0)?;
    if path.starts_with('~') && !matches!(path.as_bytes().get(1), None | Some(b'/')) {
        return Err("the home directory of somebody else is not known".into());
    }
    if let Some(inside) = path.strip_prefix('~') {
        let home = Text::hole(Unknown::new("the home directory is not known", Some(c.span)));
        let parts = [home, Text::at(inside, c.span, false)];
        return Ok(c.text_result(Text::concat(&parts).ok_or("the text is too long")?));
    }
    c.converted(0, &Type::String)
}
