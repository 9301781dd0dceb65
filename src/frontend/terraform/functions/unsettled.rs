//! Functions whose results the configuration does not settle. Their arguments are looked at all the same.

use super::Call;
use crate::value::Value;

type Answer = Result<Value, String>;

fn unsettled(c: &Call<'_, '_, '_>, name: &str, why: &str) -> Answer {
    for i in 0..c.args.len() {
        c.str(i)?;
    }
    Ok(Value::unknown(format!("what function `{name}` gives {why}"), Some(c.span)))
}

pub(super) fn base64gzip(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "base64gzip", "depends on the version of the compressor")
}

pub(super) fn bcrypt(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "bcrypt", "depends on chance")
}

pub(super) fn plantimestamp(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "plantimestamp", "depends on the time")
}

pub(super) fn rsadecrypt(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "rsadecrypt", "is a secret")
}

pub(super) fn timestamp(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "timestamp", "depends on the time")
}

pub(super) fn uuid(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "uuid", "depends on chance")
}
