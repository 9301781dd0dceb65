//! The shares of console users as slices of a circle.

use std::f64::consts::TAU;

use crate::status::Counts;

/// The chart.
pub(super) struct Pie {
    /// What it shows, for those who do not see it.
    pub(super) label: String,
    /// Every share, also of nobody.
    pub(super) shares: Vec<Share>,
    /// The shares of somebody, from the top and clockwise.
    pub(super) slices: Vec<Slice>,
}

/// How many of the users.
pub(super) struct Share {
    pub(super) name: &'static str,
    pub(super) tone: &'static str,
    pub(super) count: usize,
    /// Of all; empty when there is nobody.
    pub(super) percent: String,
}

/// A share as it is drawn.
pub(super) struct Slice {
    pub(super) name: &'static str,
    pub(super) tone: &'static str,
    pub(super) count: usize,
    /// Its outline; `None` for the whole circle, which no arc can be.
    pub(super) path: Option<String>,
}

impl Pie {
    pub(super) fn of(counts: &Counts) -> Self {
        let parts = [
            ("with MFA", "good", counts.with_mfa),
            ("without MFA", "bad", counts.without_mfa),
            ("not known", "doubt", counts.unknown),
        ];
        let all: usize = parts.iter().map(|(.., n)| n).sum();
        let (mut slices, mut before) = (Vec::new(), 0);
        for (name, tone, count) in parts.into_iter().filter(|(.., n)| *n > 0) {
            let path = (count < all).then(|| outline(before, before + count, all));
            slices.push(Slice { name, tone, count, path });
            before += count;
        }
        let share = |(name, tone, count): (&'static str, &'static str, usize)| Share {
            name,
            tone,
            count,
            percent: percent(count, all),
        };
        let shares: Vec<Share> = parts.into_iter().map(share).collect();
        let label = match all {
            0 => "no users with a console password".to_owned(),
            _ => shares.iter().map(|s| format!("{} {}", s.count, s.name)).collect::<Vec<_>>().join(", "),
        };
        Self { label, shares, slices }
    }
}

/// Part of a whole in percent. Nobody is not rounded away, and not all are not all.
fn percent(part: usize, all: usize) -> String {
    if all == 0 {
        return String::new();
    }
    let rounded = (part * 100 + all / 2) / all;
    match rounded {
        0 if part > 0 => "< 1 %".to_owned(),
        100 if part < all => "> 99 %".to_owned(),
        n => format!("{n} %"),
    }
}

/// The sector from one share of the circle to another.
fn outline(from: usize, to: usize, all: usize) -> String {
    let point = |n: usize| {
        let angle = n as f64 / all as f64 * TAU;
        format!("{:.4} {:.4}", angle.sin(), -angle.cos())
    };
    let large = u8::from((to - from) * 2 > all);
    format!("M0 0L{}A1 1 0 {large} 1 {}Z", point(from), point(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pie(with_mfa: usize, without_mfa: usize, unknown: usize) -> Pie {
        Pie::of(&Counts { with_mfa, without_mfa, unknown, ..Counts::default() })
    }

    /// The angles of a slice, in degrees clockwise from the top.
    fn angles(slice: &Slice) -> (i64, i64) {
        let Some(path) = &slice.path else { return (0, 360) };
        let numbers: Vec<f64> = path
            .split(['M', 'L', 'A', 'Z', ' '])
            .filter(|n| !n.is_empty())
            .map(|n| n.parse().unwrap())
            .collect();
        let [_, _, x1, y1, _, _, _, large, _, x2, y2] = numbers[..] else { panic!("{path}") };
        let angle = |x: f64, y: f64| x.atan2(-y).to_degrees().rem_euclid(360.0).round() as i64;
        let (from, to) = (angle(x1, y1), angle(x2, y2));
        let to = if to <= from { to + 360 } else { to };
        assert_eq!(large == 1.0, to - from > 180, "{path}");
        (from, to)
    }

    #[test]
    fn slices_are_as_wide_as_their_shares() {
        for (counts, expected) in [
            ((1, 1, 0), vec![(0, 180), (180, 360)]),
            ((1, 2, 1), vec![(0, 90), (90, 270), (270, 360)]),
            ((0, 3, 1), vec![(0, 270), (270, 360)]),
            ((4500, 500, 0), vec![(0, 324), (324, 360)]),
            ((7, 0, 0), vec![(0, 360)]),
            ((0, 0, 2), vec![(0, 360)]),
            ((0, 0, 0), vec![]),
        ] {
            let (a, b, c) = counts;
            let found: Vec<(i64, i64)> = pie(a, b, c).slices.iter().map(angles).collect();
            assert_eq!(found, expected, "{counts:?}");
        }
    }

    #[test]
    fn nobody_and_almost_nobody() {
        assert_eq!(pie(0, 0, 0).label, "no users with a console password");
        assert!(pie(0, 0, 0).shares.iter().all(|s| s.percent.is_empty()));
        let shares: Vec<String> = pie(1, 4999, 0).shares.into_iter().map(|s| s.percent).collect();
        assert_eq!(shares, ["< 1 %", "> 99 %", "0 %"]);
    }
}
