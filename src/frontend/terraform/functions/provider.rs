//! Functions of the AWS provider.

use super::Call;
use crate::value::{Entries, Entry, Kind, Text, Value};

type Answer = Result<Value, String>;

const SECTIONS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

/// The sections of an ARN after `arn:`.
fn sections(arn: &str) -> Result<[&str; 5], String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, region, account, resource] => {
            Ok([*partition, *service, *region, *account, *resource])
        }
        _ => Err(format!("`{arn}` is not an ARN")),
    }
}

pub(super) fn arn_parse(c: &mut Call<'_, '_, '_>) -> Answer {
    let arn = c.str(0)?;
    let entry = |(name, section): (&str, &str)| {
        (name.into(), Entry { key_span: None, value: c.string_result(section) })
    };
    let entries: Entries = SECTIONS.into_iter().zip(sections(&arn)?).map(entry).collect();
    Ok(c.map_result(entries))
}

/// What is not known of a section is not known of the ARN, and the rest is.
pub(super) fn arn_build(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut texts = vec![Text::new("arn")];
    for i in 0..SECTIONS.len() {
        texts.extend([Text::new(":"), c.text(i)?]);
    }
    Ok(c.text_result(Text::concat(&texts).ok_or("the text is too long")?))
}

/// The ARN of a role as `aws-auth` of EKS wants it: without the path.
pub(super) fn trim_iam_role_path(c: &mut Call<'_, '_, '_>) -> Answer {
    let arn = c.str(0)?;
    let [partition, service, region, account, resource] = sections(&arn)?;
    let name = resource.strip_prefix("role/").filter(|_| service == "iam" && region.is_empty());
    let name = name.ok_or_else(|| format!("`{arn}` is not the ARN of a role"))?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let text = format!("arn:{partition}:iam::{account}:role/{name}");
    Ok(Value { kind: Kind::String(Text::at(text, c.span, false)), ..c.arg(0)?.clone() })
}
