//! Times as AWS writes them, to be compared and shown.

use std::fmt;

/// A second, counted from the beginning of 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(i64);

const DAY: i64 = 86_400;

impl Time {
    /// The time so many seconds after the beginning of 1970.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Thousandths of a second since then.
    #[cfg(feature = "parquet")]
    pub fn milliseconds(self) -> i64 {
        self.0 * 1000
    }

    /// Reads `2026-01-31T10:00:00Z`, also with fractions of a second and with an offset (`+00:00`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_once(['T', 't', ' '])?;
        let at = rest.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = rest.split_at_checked(at)?;
        let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(whole, ':')?;
        let valid = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60
            && (1..=9999).contains(&year);
        if !valid {
            return None;
        }
        let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        Some(Self(seconds - offset(zone)?))
    }

    /// The last second of a day that is written `2026-01-31`.
    pub fn end_of_day(day: &str) -> Option<Self> {
        let end = Self::parse(&format!("{day}T23:59:59Z"))?;
        // The thirtieth of February is none.
        (end.day() == day).then_some(end)
    }

    /// The day it is in, `2026-01-31`.
    pub fn day(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// How long before `now` it was, in words: `3 h`, `12 days`. Nothing for times to come.
    pub fn age(self, now: Self) -> Option<String> {
        let seconds = now.0.checked_sub(self.0).filter(|s| *s >= 0)?;
        Some(match seconds {
            0..3600 => format!("{} min", seconds / 60),
            3600..172_800 => format!("{} h", seconds / 3600),
            _ => format!("{} days", seconds / DAY),
        })
    }
}

impl fmt::Display for Time {
    /// `2026-01-31T10:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
    }
}

/// Three numbers of at most four digits with something between them.
fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|p| {
        let digits = !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit());
        p.parse::<i64>().ok().filter(|_| digits)
    });
    let out = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(out)
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then(|| sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; years begin in March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// The date so many days after 1970-01-01: [`days`] the other way round.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_aws_writes_is_read() {
        let at = |text: &str| Time::parse(text).map(|t| t.to_string());
        for same in [
            "2026-01-31T10:00:00Z",
            "2026-01-31T10:00:00+00:00",
            "2026-01-31T10:00:00.123456+00:00",
            "2026-01-31T11:30:00+01:30",
            "2026-01-31 10:00:00Z",
        ] {
            assert_eq!(at(same).as_deref(), Some("2026-01-31T10:00:00Z"), "{same}");
        }
        assert_eq!(at("2024-02-29T23:59:59Z").as_deref(), Some("2024-02-29T23:59:59Z"));
        for none in
            ["N/A", "no_information", "not_supported", "", "2026-13-01T00:00:00Z", "2026-01-31", "T", "é"]
        {
            assert_eq!(at(none), None, "{none}");
        }
    }

    #[test]
    fn ages_are_told_in_words() {
        let at = |s| Time::from_seconds(s);
        assert_eq!(at(0).age(at(7200)).as_deref(), Some("2 h"));
        assert_eq!(at(0).age(at(86_400 * 5)).as_deref(), Some("5 days"));
        assert_eq!(at(10).age(at(5)), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(seconds in -60_000_000_000_i64..250_000_000_000) {
            let time = Time::from_seconds(seconds);
            prop_assert_eq!(Time::parse(&time.to_string()), Some(time));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = Time::parse(&text);
        }
    }
}
