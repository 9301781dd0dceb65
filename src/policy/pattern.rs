//! Patterns with `*` and `?`, and with parts that are not known.
//!
//! Follows "IAM JSON policy elements: Resource" and "Action" on wildcards, and "IAM policy elements: Variables and tags"
//! on `${*}`, `${?}` and `${$}`.

use super::truth::Truth;
use crate::value::Text;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    /// This byte.
    Byte(u8),
    /// `?`: any one character.
    One,
    /// `*`: any characters, also none.
    Many,
    /// Something the code does not settle.
    Code,
    /// Something the caller chooses (a policy variable).
    Caller,
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern {
    tokens: Vec<Token>,
    code: bool,
    caller: bool,
}

impl Pattern {
    /// A pattern of tokens.
    pub fn new(tokens: Vec<Token>) -> Self {
        let code = tokens.contains(&Token::Code);
        let caller = tokens.contains(&Token::Caller);
        Self { tokens, code, caller }
    }

    /// A pattern as it is written, holes being what the code does not settle. No policy variables.
    pub fn of(text: &Text) -> Self {
        let mut tokens = Vec::with_capacity(text.visible().len());
        for piece in text.pieces() {
            match piece {
                Ok(s) => tokens.extend(s.bytes().map(wildcard)),
                Err(_) => tokens.push(Token::Code),
            }
        }
        Self::new(tokens)
    }

    /// The tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// True when it matches every text.
    pub fn is_everything(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|t| *t == Token::Many)
    }

    /// True when it has no wildcard and nothing open.
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|t| matches!(t, Token::Byte(_)))
    }

    /// True when a part is not settled by the code.
    pub fn has_hole(&self) -> bool {
        self.code
    }

    /// How certain a match is: with open parts it depends on them.
    pub fn certainty(&self) -> Truth {
        let code = if self.code { Truth::CODE } else { Truth::YES };
        let caller = if self.caller { Truth::CALLER } else { Truth::YES };
        code & caller
    }

    /// Whether it matches, case-sensitively.
    pub fn matches(&self, text: &str) -> Truth {
        if glob(&self.tokens, text.as_bytes(), false) { self.certainty() } else { Truth::NO }
    }
}

/// The token of a byte of a pattern.
pub fn wildcard(b: u8) -> Token {
    match b {
        b'*' => Token::Many,
        b'?' => Token::One,
        other => Token::Byte(other),
    }
}

/// True when the tokens can match the text, open parts standing for any characters. Looks at most once at each
/// pair of token and byte: on a mismatch only the last `*` takes one more character.
pub fn glob(tokens: &[Token], text: &[u8], ignore_case: bool) -> bool {
    let same = |a: u8, b: u8| a == b || ignore_case && a.eq_ignore_ascii_case(&b);
    // What does not match differs at the end more often than at the start.
    for pair in tokens.iter().rev().zip(text.iter().rev()) {
        match pair {
            (Token::Byte(a), b) if same(*a, *b) => {}
            (Token::Byte(_), _) => return false,
            (Token::One | Token::Many | Token::Code | Token::Caller, _) => break,
        }
    }
    let (mut t, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let advanced = match (tokens.get(t), text.get(i)) {
            (None, None) => return true,
            (Some(Token::Many | Token::Code | Token::Caller), _) => {
                retry = Some((t + 1, i));
                t += 1;
                true
            }
            (Some(Token::One), Some(_)) => {
                t += 1;
                i += 1;
                // One character may be several bytes.
                while text.get(i).is_some_and(|b| b & 0xC0 == 0x80) {
                    i += 1;
                }
                true
            }
            (Some(Token::Byte(a)), Some(b)) if same(*a, *b) => {
                t += 1;
                i += 1;
                true
            }
            (Some(Token::Byte(_)), Some(_)) | (Some(Token::One | Token::Byte(_)), None) | (None, Some(_)) => {
                false
            }
        };
        if !advanced {
            match retry {
                Some((after, from)) if from < text.len() => {
                    retry = Some((after, from + 1));
                    t = after;
                    i = from + 1;
                }
                Some(_) | None => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Unknown;
    use proptest::prelude::*;

    fn naive(p: &[u8], s: &[u8]) -> bool {
        match p.first() {
            None => s.is_empty(),
            Some(b'*') => (0..=s.len()).any(|n| naive(&p[1..], &s[n..])),
            Some(b'?') => !s.is_empty() && naive(&p[1..], &s[1..]),
            Some(c) => s.first() == Some(c) && naive(&p[1..], &s[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_matcher(p in "[ab*?]{0,8}", s in "[ab]{0,10}") {
            let pattern = Pattern::of(&Text::new(p.as_str()));
            prop_assert_eq!(pattern.matches(&s).is_yes(), naive(p.as_bytes(), s.as_bytes()));
        }
    }

    #[test]
    fn everything() {
        for (pattern, want) in
            [("*", true), ("**", true), ("", false), ("a", false), ("a*", false), ("*?", false)]
        {
            assert_eq!(Pattern::of(&Text::new(pattern)).is_everything(), want, "{pattern}");
        }
    }

    #[test]
    fn does_not_blow_up() {
        let p = Pattern::of(&Text::new("*a".repeat(2000)));
        assert!(p.matches(&"a".repeat(4000)).is_yes());
        assert!(p.matches(&"b".repeat(4000)).is_no());
    }

    #[test]
    fn one_stands_for_a_character_of_several_bytes() {
        assert!(Pattern::of(&Text::new("user/?x")).matches("user/éx").is_yes());
    }

    #[test]
    fn holes_are_never_certain_and_never_ruled_out() {
        let mut text = Text::new("arn:aws:s3:::");
        text.push(&Text::hole(Unknown::new("`var.bucket` has no value", None))).unwrap();
        text.push(&Text::new("/*")).unwrap();
        let p = Pattern::of(&text);
        assert_eq!(p.matches("arn:aws:s3:::logs/x"), Truth::CODE);
        assert_eq!(p.matches("arn:aws:sns:::logs/x"), Truth::NO);
    }
}
