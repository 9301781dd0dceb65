//! Numbers as Terraform has them.

use std::fmt;

use bigdecimal::BigDecimal;

/// A number, with the precision Terraform keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub BigDecimal);

impl Number {
    /// As an index or a count: a whole number of at least 0 that fits.
    pub fn as_usize(&self) -> Option<usize> {
        use bigdecimal::ToPrimitive;
        if self.0.is_integer() { self.0.to_usize() } else { None }
    }

    /// As a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        use bigdecimal::ToPrimitive;
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(BigDecimal::from(n))
    }
}

impl std::str::FromStr for Number {
    type Err = bigdecimal::ParseBigDecimalError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

impl fmt::Display for Number {
    /// As Terraform turns a number into a string: no exponent, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}
