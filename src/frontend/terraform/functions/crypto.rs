//! Hashes.

use sha2::{Digest as _, Sha256, Sha512};

use super::{Call, encoding};
use crate::value::Value;

type Answer = Result<Value, String>;

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex(&Sha256::digest(c.str(0)?))))
}

pub(super) fn sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(hex(&Sha512::digest(c.str(0)?))))
}

pub(super) fn base64sha256(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(encoding::base64(&Sha256::digest(c.str(0)?))))
}

pub(super) fn base64sha512(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(encoding::base64(&Sha512::digest(c.str(0)?))))
}
