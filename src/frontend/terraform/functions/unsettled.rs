//! Functions whose results the configuration does not settle. Their arguments are looked at all the same.

use super::{Call, encoding};
use crate::value::{Text, Unknown, Value};

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
    if c.args.len() > 1 && c.integer(1)? > 31 {
        return Err("the cost must not be over 31".into());
    }
    unsettled(c, "bcrypt", "depends on chance")
}

pub(super) fn plantimestamp(c: &mut Call<'_, '_, '_>) -> Answer {
    // Its digits are not known; the rest is as in every time.
    let digits =
        |n: usize| Text::hole(Unknown::of_length(n, "the time of a plan is not known", Some(c.span)));
    let marks = [(4, "-"), (2, "-"), (2, "T"), (2, ":"), (2, ":"), (2, "Z")];
    let part = |(n, mark): (usize, &'static str)| [digits(n), Text::at(mark, c.span, false)];
    let parts: Vec<Text> = marks.into_iter().flat_map(part).collect();
    Ok(c.text_result(Text::concat(&parts).ok_or("the text is too long")?))
}

pub(super) fn rsadecrypt(c: &mut Call<'_, '_, '_>) -> Answer {
    encoding::from_base64(&c.str(0)?).ok_or("the text is not base64")?;
    let key = c.str(1)?;
    let inside = key.split_once("PRIVATE KEY-----").and_then(|(_, rest)| rest.split_once("-----END "));
    let inside = inside.and_then(|(inside, _)| encoding::from_base64(&inside.replace([' ', '\t'], "")));
    // A sequence, or a key as OpenSSH writes it.
    if !inside.is_some_and(|key| key.starts_with(&[0x30]) || key.starts_with(b"openssh-key")) {
        return Err("the key is not a private key in PEM".into());
    }
    unsettled(c, "rsadecrypt", "is a secret")
}

pub(super) fn timestamp(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "timestamp", "depends on the time")
}

pub(super) fn uuid(c: &mut Call<'_, '_, '_>) -> Answer {
    unsettled(c, "uuid", "depends on chance")
}
