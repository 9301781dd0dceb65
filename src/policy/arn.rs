//! Amazon Resource Names (`arn:partition:service:region:account:resource`) and patterns of them.
//!
//! Follows "Identify AWS resources with Amazon Resource Names (ARNs)" and "IAM identifiers".

use super::pattern::{Token, glob};

/// The six fields of an ARN, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The service: `iam`, `s3`, …
    pub service: &'a str,
    /// The region, or nothing.
    pub region: &'a str,
    /// The account, or nothing.
    pub account: &'a str,
    /// The rest; may hold further colons.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` when it has fewer than six fields.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut fields = text.splitn(6, ':');
        if fields.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: fields.next()?,
            service: fields.next()?,
            region: fields.next()?,
            account: fields.next()?,
            resource: fields.next()?,
        })
    }
}

/// True for twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The fields of a pattern of ARNs, split at colons; the last field keeps its colons. `None` when there are
/// fewer than six.
pub fn fields(tokens: &[Token]) -> Option<[&[Token]; 6]> {
    let mut out: [&[Token]; 6] = [&[]; 6];
    let mut rest = tokens;
    let (last, first) = out.split_last_mut()?;
    for field in first {
        let at = rest.iter().position(|t| *t == Token::Byte(b':'))?;
        *field = rest.get(..at)?;
        rest = rest.get(at + 1..)?;
    }
    *last = rest;
    Some(out)
}

/// True when a pattern can match an ARN field by field, as the `Arn…` condition operators compare.
pub fn matches(tokens: &[Token], arn: &str) -> bool {
    let (Some(pattern), Some(a)) = (fields(tokens), Arn::parse(arn)) else { return false };
    let values = ["arn", a.partition, a.service, a.region, a.account, a.resource];
    pattern.iter().zip(values).all(|(p, v)| glob(p, v.as_bytes(), false))
}

/// A pattern as it applies to an account whose number and partition are not known: whatever stands for the
/// account of an IAM or STS resource (twelve digits, a hole) is that account, the partition is any, and a hole
/// in the region is every region. Other patterns are left as they are.
pub fn localise(tokens: &[Token]) -> Vec<Token> {
    let Some([arn, partition, service, region, account, resource]) = fields(tokens) else {
        return tokens.to_vec();
    };
    let iam = is_word(service, b"iam") || is_word(service, b"sts");
    let any: &[Token] = &[Token::Many];
    let open = |f: &[Token]| f.contains(&Token::Code);
    let known_partition =
        open(partition) || [&b"aws"[..], b"aws-cn", b"aws-us-gov"].iter().any(|p| is_word(partition, p));
    let partition = if known_partition { any } else { partition };
    let region = if open(region) { any } else { region };
    let digits = account.len() == 12 && account.iter().all(|t| matches!(t, Token::Byte(b'0'..=b'9')));
    let account = if open(account) || iam && digits { any } else { account };
    [arn, partition, service, region, account, resource].join(&Token::Byte(b':'))
}

fn is_word(tokens: &[Token], word: &[u8]) -> bool {
    tokens.len() == word.len() && tokens.iter().zip(word).all(|(t, b)| *t == Token::Byte(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Pattern;
    use crate::value::{Text, Unknown};

    fn tokens(s: &str) -> Vec<Token> {
        Pattern::of(&Text::new(s)).tokens().to_vec()
    }

    #[test]
    fn fields_keep_colons_of_the_resource() {
        let a = Arn::parse("arn:aws:logs:eu-west-1:111122223333:log-group:x:*").unwrap();
        assert_eq!((a.service, a.account, a.resource), ("logs", "111122223333", "log-group:x:*"));
        assert!(Arn::parse("arn:aws:s3").is_none());
    }

    #[test]
    fn compares_field_by_field() {
        assert!(matches(&tokens("arn:aws:iam::*:role/*"), "arn:aws:iam::111122223333:role/a/b"));
        assert!(!matches(&tokens("arn:aws:iam::*"), "arn:aws:iam::111122223333:role/a"));
        assert!(!matches(&tokens("arn:*:role/x"), "arn:aws:iam::111122223333:role/x"));
    }

    #[test]
    fn the_own_account_is_any_account_of_an_iam_arn() {
        let mut text = Text::new("arn:aws:iam::");
        text.push(&Text::hole(Unknown::new("the account is not known", None))).unwrap();
        text.push(&Text::new(":user/x")).unwrap();
        let local = localise(Pattern::of(&text).tokens());
        assert_eq!(local, localise(&tokens("arn:aws-cn:iam::111122223333:user/x")));
        assert_eq!(local, tokens("arn:*:iam::*:user/x"));
        assert_eq!(localise(&tokens("arn:aws:sns:x:111122223333:t")), tokens("arn:*:sns:x:111122223333:t"));
        assert_eq!(localise(&tokens("*")), tokens("*"));
    }
}
