//! Hashes.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Call, encoding};
use crate::value::Value;

type Answer = Result<Value, String>;

/// A hash in hexadecimal digits.
pub(super) fn hex<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A hash in base64.
pub(super) fn base64<D: Digest>(bytes: &[u8]) -> String {
    encoding::base64(&D::digest(bytes))
}

pub(super) fn md5(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex::<Md5>(c.str(0)?.as_bytes())))
}

pub(super) fn sha1(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex::<Sha1>(c.str(0)?.as_bytes())))
}

pub(super) fn sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex::<Sha256>(c.str(0)?.as_bytes())))
}

pub(super) fn sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex::<Sha512>(c.str(0)?.as_bytes())))
}

pub(super) fn base64sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(base64::<Sha256>(c.str(0)?.as_bytes())))
}

pub(super) fn base64sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(base64::<Sha512>(c.str(0)?.as_bytes())))
}

/// The bytes of a UUID in hexadecimal digits, also in braces, as a URN or without dashes.
fn uuid(s: &str) -> Option<u128> {
    let inner = s.strip_prefix("urn:uuid:").or_else(|| s.strip_prefix('{')?.strip_suffix('}')).unwrap_or(s);
    let digits = match inner.len() {
        32 if inner == s => inner.to_owned(),
        36 => {
            let parts: Vec<&str> = inner.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
            if lengths == [8, 4, 4, 4, 12] { parts.concat() } else { return None }
        }
        _ => return None,
    };
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u128::from_str_radix(&digits, 16).ok() } else { None }
}

/// The UUID of a name in a namespace (RFC 4122, version 5).
pub(super) fn uuidv5(c: &mut Call<'_, '_, '_>) -> Answer {
    const DNS: u128 = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8;
    let (namespace, name) = (c.str(0)?, c.str(1)?);
    // The namespaces of the RFC are numbered in their first part.
    let known = |n: u128| Some(DNS + (n << 96));
    let space = match namespace.as_str() {
        "dns" => known(0),
        "url" => known(1),
        "oid" => known(2),
        "x500" => known(4),
        other => uuid(other),
    };
    let space = space.ok_or_else(|| format!("`{namespace}` is not a namespace"))?;
    let hash = Sha1::new().chain_update(space.to_be_bytes()).chain_update(name).finalize();
    let n = hash.iter().take(16).fold(0_u128, |n, &b| n << 8 | u128::from(b));
    let n = n & !(0xf << 76) & !(0b11 << 62) | 5 << 76 | 0b10 << 62;
    let digits = format!("{n:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    Ok(c.string_result(parts.join("-")))
}
