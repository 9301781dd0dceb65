//! Times, as RFC 3339 writes them, and durations, as Go writes them.

use super::Call;
use crate::value::Value;

type Answer = Result<Value, String>;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const SECOND: i128 = 1_000_000_000;

/// A moment, and the zone it is told in.
struct Time {
    /// Nanoseconds since 1970 in UTC.
    nanos: i128,
    /// Minutes that the zone is ahead.
    offset: i64,
}

/// A moment as its zone tells it.
struct Clock {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: &'static str,
}

/// Days from 1970-01-01 to a date, in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + day - 1 - 719_468
}

/// The date so many days from 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let m = (5 * day + 2) / 153;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day - (153 * m + 2) / 5 + 1)
}

/// A part of a text of exactly these digits, from 0 to `most`.
fn field(s: &str, from: usize, len: usize, most: i64) -> Option<i64> {
    let digits = s.get(from..from + len)?;
    let n = if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok()? } else { return None };
    (n <= most).then_some(n)
}

impl Time {
    fn parse(s: &str) -> Result<Self, String> {
        Self::read(s).ok_or_else(|| format!("`{s}` is not a time, such as `2024-02-29T13:04:05Z`"))
    }

    fn read(s: &str) -> Option<Self> {
        let (year, month, day) = (field(s, 0, 4, 9999)?, field(s, 5, 2, 12)?, field(s, 8, 2, 31)?);
        let (hour, minute, second) = (field(s, 11, 2, 23)?, field(s, 14, 2, 59)?, field(s, 17, 2, 59)?);
        let between = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if between.iter().any(|&(at, b)| s.as_bytes().get(at) != Some(&b)) {
            return None;
        }
        let midnight = days(year, month, day);
        if date(midnight) != (year, month, day) {
            return None;
        }
        let mut rest = s.get(19..)?;
        let mut fraction = 0;
        if let Some(after) = rest.strip_prefix('.') {
            let len = after.bytes().take_while(u8::is_ascii_digit).count();
            let digits = after.get(..len).filter(|d| !d.is_empty())?;
            fraction = format!("{digits:0<9}").get(..9)?.parse().ok()?;
            rest = after.get(len..)?;
        }
        let offset = match rest.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let minutes = field(rest, 1, 2, 23)? * 60 + field(rest, 4, 2, 59)?;
                if *sign == b'+' { minutes } else { -minutes }
            }
            _ => return None,
        };
        let seconds = midnight * 86_400 + hour * 3600 + minute * 60 + second - offset * 60;
        Some(Self { nanos: i128::from(seconds) * SECOND + fraction, offset })
    }

    fn clock(&self) -> Clock {
        let seconds = i64::try_from(self.nanos.div_euclid(SECOND)).unwrap_or_default() + self.offset * 60;
        let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date(days);
        let weekday = usize::try_from(days.rem_euclid(7)).ok().and_then(|d| DAYS.get(d)).copied();
        Clock {
            year,
            month,
            day,
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            weekday: weekday.unwrap_or_default(),
        }
    }

    fn zone(&self, colon: &str) -> String {
        let (sign, size) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        format!("{sign}{:02}{colon}{:02}", size / 60, size % 60)
    }

    /// What a sequence of one letter stands for; `None` when it stands for nothing.
    fn verb(&self, verb: &str) -> Option<String> {
        let at = self.clock();
        let month =
            usize::try_from(at.month - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default();
        let twelve = (at.hour + 11) % 12 + 1;
        let (two, plain) = (|n: i64| Some(format!("{n:02}")), |n: i64| Some(n.to_string()));
        let half = if at.hour < 12 { "am" } else { "pm" };
        match verb {
            "YYYY" => Some(format!("{:04}", at.year)),
            "YY" => two(at.year % 100),
            "MMMM" => Some(month.to_owned()),
            "MMM" => month.get(..3).map(str::to_owned),
            "MM" => two(at.month),
            "M" => plain(at.month),
            "DD" => two(at.day),
            "D" => plain(at.day),
            "EEEE" => Some(at.weekday.to_owned()),
            "EEE" => at.weekday.get(..3).map(str::to_owned),
            "hh" => two(at.hour),
            "h" => plain(at.hour),
            "HH" => two(twelve),
            "H" => plain(twelve),
            "AA" => Some(half.to_uppercase()),
            "aa" => Some(half.to_owned()),
            "mm" => two(at.minute),
            "m" => plain(at.minute),
            "ss" => two(at.second),
            "s" => plain(at.second),
            "ZZZZZ" => Some(self.zone(":")),
            "ZZZ" if self.offset == 0 => Some("UTC".to_owned()),
            "ZZZZ" | "ZZZ" => Some(self.zone("")),
            "Z" if self.offset == 0 => Some("Z".to_owned()),
            "Z" => Some(self.zone(":")),
            _ => None,
        }
    }

    /// As `formatdate` writes it: letters are verbs, `'…'` is text with `''` as a quote.
    fn format(&self, pattern: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), pattern);
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                let mut from = 1;
                loop {
                    let after = rest.get(from..).unwrap_or("");
                    let end = after.find('\'').ok_or("a quote is not closed")?;
                    out.push_str(after.get(..end).unwrap_or(""));
                    from += end + 1;
                    if rest.as_bytes().get(from) != Some(&b'\'') {
                        break;
                    }
                    out.push('\'');
                    from += 1;
                }
                rest = rest.get(from..).unwrap_or("");
                continue;
            }
            let len = match first.is_ascii_alphabetic() {
                true => rest.chars().take_while(|&c| c == first).count(),
                false => first.len_utf8(),
            };
            let (run, after) = rest.split_at(len);
            match first.is_ascii_alphabetic() {
                true => out.push_str(&self.verb(run).ok_or_else(|| format!("`{run}` stands for nothing"))?),
                false => out.push_str(run),
            }
            rest = after;
        }
        Ok(out)
    }
}

/// Nanoseconds of a duration such as `1h30m`.
fn duration(s: &str) -> Option<i128> {
    let (sign, mut rest) = match s.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, s.strip_prefix('+').unwrap_or(s)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total = if rest.is_empty() { return None } else { 0_i128 };
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, after) = rest.split_at(number);
        let len = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(len);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            _ => return None,
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + part.len() == 0 || whole.len() > 18 || part.len() > 18 || part.contains('.') {
            return None;
        }
        let number = |s: &str| if s.is_empty() { Some(0) } else { s.parse::<i128>().ok() };
        let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
        total += number(whole)? * unit + number(part)? * unit / scale;
        rest = after;
    }
    // Go's durations are 64 bits of nanoseconds.
    (total <= i128::from(i64::MAX)).then_some(sign * total)
}

pub(super) fn formatdate(c: &mut Call<'_, '_, '_>) -> Answer {
    let (pattern, time) = (c.str(0)?, Time::parse(&c.str(1)?)?);
    Ok(c.string_result(time.format(&pattern)?))
}

pub(super) fn timeadd(c: &mut Call<'_, '_, '_>) -> Answer {
    let (time, text) = (Time::parse(&c.str(0)?)?, c.str(1)?);
    let more = duration(&text).ok_or_else(|| format!("`{text}` is not a duration, such as `1h30m`"))?;
    let time = Time { nanos: time.nanos + more, ..time };
    Ok(c.string_result(time.format("YYYY-MM-DD'T'hh:mm:ssZ")?))
}

pub(super) fn timecmp(c: &mut Call<'_, '_, '_>) -> Answer {
    let (a, b) = (Time::parse(&c.str(0)?)?, Time::parse(&c.str(1)?)?);
    Ok(Value::number(a.nanos.cmp(&b.nanos) as i64, Some(c.span)))
}
