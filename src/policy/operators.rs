//! Condition operators ("IAM JSON policy elements: Condition operators").

use std::net::IpAddr;

use super::arn;
use super::pattern::{Token, glob};

/// How the values of a key with several values are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// No prefix.
    None,
    /// `ForAllValues:`.
    All,
    /// `ForAnyValue:`.
    Any,
}

/// How a number or a date is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equals.
    Equal,
    /// Less than.
    Less,
    /// Less than or equals.
    LessOrEqual,
    /// Greater than.
    Greater,
    /// Greater than or equals.
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, value: T, bound: T) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Strings, without wildcards.
    String {
        /// Without regard to case.
        ignore_case: bool,
    },
    /// Strings, with wildcards.
    Like,
    /// ARNs, field by field, with wildcards.
    Arn,
    /// Decimal numbers.
    Numeric(Order),
    /// ISO 8601 dates, or seconds since 1970.
    Date(Order),
    /// `true` or `false`.
    Bool,
    /// Base64 text.
    Binary,
    /// Addresses in a range.
    IpAddress,
    /// Whether the key is missing.
    Null,
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// The prefix.
    pub quantifier: Quantifier,
    /// The comparison.
    pub comparison: Comparison,
    /// True for the forms with `Not`.
    pub negated: bool,
    /// True with the suffix `IfExists`.
    pub if_exists: bool,
}

impl Operator {
    /// Reads an operator, in any case. `None` when AWS knows no such operator.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::None, lower.as_str())
        };
        let (name, if_exists) = match rest.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (comparison, negated) = comparison(name)?;
        if comparison == Comparison::Null && (if_exists || quantifier != Quantifier::None) {
            return None;
        }
        Some(Self { quantifier, comparison, negated, if_exists })
    }

    /// True when `*` and `?` in its values are wildcards.
    pub fn has_wildcards(self) -> bool {
        matches!(self.comparison, Comparison::Like | Comparison::Arn)
    }

    /// Whether a value of the request compares with a value of the policy, negation left aside. Open tokens
    /// stand for anything.
    pub fn compare(self, value: &str, policy: &[Token]) -> bool {
        let open = policy.iter().any(|t| matches!(t, Token::Code | Token::Caller));
        let text = || {
            let bytes: Option<Vec<u8>> = policy
                .iter()
                .map(|t| match t {
                    Token::Byte(b) => Some(*b),
                    Token::One | Token::Many | Token::Code | Token::Caller => None,
                })
                .collect();
            bytes.and_then(|b| String::from_utf8(b).ok())
        };
        match self.comparison {
            Comparison::String { ignore_case } => glob(policy, value.as_bytes(), ignore_case),
            Comparison::Binary | Comparison::Like => glob(policy, value.as_bytes(), false),
            Comparison::Arn => {
                // A hole may hold colons, so that its pattern has not all fields.
                if open { glob(policy, value.as_bytes(), false) } else { arn::matches(policy, value) }
            }
            Comparison::Numeric(_)
            | Comparison::Date(_)
            | Comparison::Bool
            | Comparison::IpAddress
            | Comparison::Null
                if open =>
            {
                true
            }
            Comparison::Bool => text().is_some_and(|t| t.eq_ignore_ascii_case(value)),
            Comparison::Numeric(order) => {
                text().and_then(|t| Some(order.holds(number(value)?, number(&t)?))).unwrap_or(false)
            }
            Comparison::Date(order) => {
                text().and_then(|t| Some(order.holds(date(value)?, date(&t)?))).unwrap_or(false)
            }
            Comparison::IpAddress => text().is_some_and(|t| in_range(value, &t)),
            Comparison::Null => false,
        }
    }
}

fn comparison(name: &str) -> Option<(Comparison, bool)> {
    use Comparison::{Arn, Binary, Bool, Date, IpAddress, Like, Null, Numeric, String};
    Some(match name {
        "stringequals" => (String { ignore_case: false }, false),
        "stringnotequals" => (String { ignore_case: false }, true),
        "stringequalsignorecase" => (String { ignore_case: true }, false),
        "stringnotequalsignorecase" => (String { ignore_case: true }, true),
        "stringlike" => (Like, false),
        "stringnotlike" => (Like, true),
        "arnequals" | "arnlike" => (Arn, false),
        "arnnotequals" | "arnnotlike" => (Arn, true),
        "bool" => (Bool, false),
        "binaryequals" => (Binary, false),
        "ipaddress" => (IpAddress, false),
        "notipaddress" => (IpAddress, true),
        "null" => (Null, false),
        _ => {
            if let Some(order) = name.strip_prefix("numeric") {
                let (order, negated) = order_of(order)?;
                (Numeric(order), negated)
            } else {
                let (order, negated) = order_of(name.strip_prefix("date")?)?;
                (Date(order), negated)
            }
        }
    })
}

fn order_of(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "equals" => (Order::Equal, false),
        "notequals" => (Order::Equal, true),
        "lessthan" => (Order::Less, false),
        "lessthanequals" => (Order::LessOrEqual, false),
        "greaterthan" => (Order::Greater, false),
        "greaterthanequals" => (Order::GreaterOrEqual, false),
        _ => return None,
    })
}

fn number(text: &str) -> Option<f64> {
    // `f64` also reads words such as `inf`, which are no numbers to IAM.
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse().ok().filter(|_| plain)
}

/// Seconds since 1970 of a date of "Date condition operators": a W3C profile of ISO 8601, or a number.
fn date(text: &str) -> Option<f64> {
    let Some((day, rest)) = text.split_at_checked(10).filter(|(day, _)| day.find('-') == Some(4)) else {
        return number(text);
    };
    let mut parts = day.splitn(3, '-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let midnight = days(year, month, day)? as f64 * 86_400.0;
    let Some(clock) = rest.strip_prefix(['T', 't']) else {
        return rest.is_empty().then_some(midnight);
    };
    let (clock, offset) = match clock.find(['Z', 'z', '+', '-']) {
        Some(at) => clock.split_at_checked(at)?,
        None => (clock, "Z"),
    };
    let mut fields = clock.split(':').map(number);
    let (hour, minute) = (fields.next()??, fields.next()??);
    let second = fields.next().unwrap_or(Some(0.0))?;
    Some(midnight + hour * 3600.0 + minute * 60.0 + second - offset_seconds(offset)?)
}

fn offset_seconds(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0.0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let seconds = number(hours)? * 3600.0 + number(minutes)? * 60.0;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Days since 1970-01-01 of a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    // Years start in March, so that the leap day is the last one.
    let shifted = if month > 2 { year } else { year - 1 };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    Some(
        shifted * 365 + shifted.div_euclid(4) - shifted.div_euclid(100)
            + shifted.div_euclid(400)
            + day_of_year
            - 719_468,
    )
}

fn in_range(value: &str, range: &str) -> bool {
    let (network, bits) = match range.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let (Ok(value), Ok(network), Some(bits)) = (value.parse(), network.parse(), bits) else { return false };
    match (value, network) {
        (IpAddr::V4(v), IpAddr::V4(n)) => {
            let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
            u32::from(v) & mask == u32::from(n) & mask
        }
        (IpAddr::V6(v), IpAddr::V6(n)) => {
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            u128::from(v) & mask == u128::from(n) & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pattern::Pattern;
    use crate::value::Text;

    fn compare(operator: &str, value: &str, policy: &str) -> bool {
        let op = Operator::parse(operator).unwrap();
        let tokens: Vec<Token> = if op.has_wildcards() {
            Pattern::of(&Text::new(policy)).tokens().to_vec()
        } else {
            policy.bytes().map(Token::Byte).collect()
        };
        op.compare(value, &tokens)
    }

    #[test]
    fn names() {
        let op = Operator::parse("forallvalues:StringNotLikeIfExists").unwrap();
        assert_eq!(op.quantifier, Quantifier::All);
        assert!(op.negated && op.if_exists && op.comparison == Comparison::Like);
        for bad in [
            "ConditionIfBoolExists",
            "Boolean",
            "NullIfExists",
            "ForAnyValue:Null",
            "ForEachValue:Bool",
            "NumericLess",
            "",
        ] {
            assert_eq!(Operator::parse(bad), None, "{bad}");
        }
        assert!(Operator::parse("boolifexists").unwrap().if_exists);
        let negated = |name: &str| Operator::parse(name).unwrap().negated;
        for name in [
            "StringEquals",
            "StringLike",
            "ArnLike",
            "Bool",
            "BinaryEquals",
            "IpAddress",
            "NumericEquals",
            "Null",
        ] {
            assert!(!negated(name), "{name}");
        }
        for name in [
            "StringNotEquals",
            "StringNotEqualsIgnoreCase",
            "ArnNotEquals",
            "ArnNotLike",
            "NotIpAddress",
            "DateNotEquals",
        ] {
            assert!(negated(name), "{name}");
        }
    }

    #[test]
    fn comparisons() {
        for (operator, value, policy, want) in [
            ("StringEquals", "a*", "a*", true),
            ("StringEquals", "ab", "a*", false),
            ("StringEquals", "True", "true", false),
            ("StringEqualsIgnoreCase", "True", "true", true),
            ("StringLike", "true", "tr*", true),
            ("Bool", "true", "TRUE", true),
            ("Bool", "true", "yes", false),
            ("NumericLessThan", "60", "3600", true),
            ("NumericLessThan", "60", "60.0", false),
            ("NumericLessThanEquals", "60", "60.0", true),
            ("NumericEquals", "60", "inf", false),
            ("NumericEquals", "-15", "-1.5E+1", true),
            ("NumericLessThanEquals", "61", "60", false),
            ("NumericGreaterThan", "60", "60", false),
            ("NumericGreaterThan", "61", "60", true),
            ("NumericGreaterThanEquals", "60", "60", true),
            ("NumericGreaterThanEquals", "59", "60", false),
            ("BinaryEquals", "QUJD", "QUJD", true),
            ("BinaryEquals", "QUJD", "qujd", false),
            ("DateGreaterThan", "2025-06-15T12:00:00Z", "2020-01-01", true),
            ("DateLessThan", "2025-06-15T12:00:00Z", "2025-06-15T12:30:00+01:00", false),
            ("DateEquals", "2025-06-15T12:00:00Z", "1749988800", true),
            ("DateEquals", "1970-01-01T00:00:00Z", "0", true),
            ("DateEquals", "2024-02-29", "1709164800", true),
            ("DateEquals", "2000-03-01T00:00:00Z", "951868800", true),
            ("DateEquals", "1900-03-01", "-2203891200", true),
            ("DateEquals", "1969-12-31", "-86400", true),
            ("DateEquals", "2023-01-01", "1672531200", true),
            ("DateEquals", "2026-11-30t23:59:58z", "1796083198", true),
            ("DateEquals", "2025-06-15T12:00Z", "2025-06-15T12:00:00", true),
            ("DateEquals", "2025-06-15T12:00:00-05:30", "2025-06-15T17:30:00Z", true),
            ("DateEquals", "2025-06-15T12:00:00+0130", "2025-06-15T10:30:00Z", true),
            ("DateLessThanEquals", "2025-06-15T12:00:00Z", "2025-06-15T12:00:00Z", true),
            ("DateGreaterThan", "soon", "2020-01-01", false),
            ("DateGreaterThan", "2025-06-15 12:00:00", "2020-01-01", false),
            ("DateGreaterThan", "2025-13-01", "2020-01-01", false),
            ("DateGreaterThan", "2025-00-01", "2020-01-01", false),
            ("DateGreaterThan", "2025-12-32", "2020-01-01", false),
            ("DateGreaterThan", "2025-12-00", "2020-01-01", false),
            ("IpAddress", "203.0.113.10", "203.0.113.0/24", true),
            ("IpAddress", "203.0.114.10", "203.0.113.0/24", false),
            ("IpAddress", "203.0.113.10", "203.0.113.10", true),
            ("IpAddress", "203.0.113.11", "203.0.113.10", false),
            ("IpAddress", "203.0.113.127", "203.0.113.0/25", true),
            ("IpAddress", "203.0.113.128", "203.0.113.0/25", false),
            ("IpAddress", "203.0.113.10", "0.0.0.0/0", true),
            ("IpAddress", "203.0.113.10", "203.0.113.0/all", false),
            ("IpAddress", "2001:db8::1", "2001:db8::/32", true),
            ("IpAddress", "2001:db9::1", "2001:db8::/32", false),
            ("IpAddress", "2001:db8::1", "2001:db8::1", true),
            ("IpAddress", "2001:db8::2", "2001:db8::1", false),
            ("IpAddress", "2001:db8::1", "::/0", true),
            ("IpAddress", "2001:db8::1", "0.0.0.0/0", false),
            ("ArnLike", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::*:role/*", true),
            ("ArnEquals", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::*", false),
        ] {
            assert_eq!(compare(operator, value, policy), want, "{operator} {value} {policy}");
        }
    }
}
