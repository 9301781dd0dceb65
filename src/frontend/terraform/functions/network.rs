//! Addresses and prefixes.

use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigUint;

use super::Call;
use crate::value::{Number, Value};

type Answer = Result<Value, String>;

/// A network: the bits of its first address, how many an address has, and how many are fixed.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    bits: u32,
    fixed: u32,
}

impl Network {
    fn parse(s: &str) -> Result<Self, String> {
        let wrong = || format!("`{s}` is not an address with the length of a prefix, such as `10.0.0.0/8`");
        let (address, length) = s.split_once('/').ok_or_else(wrong)?;
        let (address, bits) = match v4(address) {
            Some(address) => (u128::from(address.to_bits()), 32),
            None => (address.parse::<Ipv6Addr>().map_err(|_| wrong())?.to_bits(), 128),
        };
        let fixed = digits(length).filter(|&n| n <= bits).ok_or_else(wrong)?;
        let network = Self { first: address, bits, fixed };
        Ok(Self { first: address & !network.hosts(), ..network })
    }

    /// The largest number of a host, which is also the mask of the bits that are not fixed.
    fn hosts(self) -> u128 {
        u128::MAX.checked_shr(128 - (self.bits - self.fixed)).unwrap_or(0)
    }

    fn address(self, bits: u128) -> String {
        match u32::try_from(bits) {
            Ok(bits) if self.bits == 32 => Ipv4Addr::from_bits(bits).to_string(),
            Ok(_) | Err(_) => Ipv6Addr::from_bits(bits).to_string(),
        }
    }

    /// The IPv4 address of a network that is written as one of IPv6.
    fn mapped(self) -> Option<Ipv4Addr> {
        if self.bits == 128 { Ipv6Addr::from_bits(self.first).to_ipv4_mapped() } else { None }
    }

    fn shown(self) -> String {
        match self.mapped() {
            Some(address) => format!("{address}/{}", self.fixed.saturating_sub(96)),
            None => format!("{}/{}", self.address(self.first), self.fixed),
        }
    }

    /// The network with so many more bits fixed and this number in them. As in Terraform, only the last 64 bits of the
    /// number are compared with the largest.
    fn subnet(self, more: i64, number: &Number) -> Option<Self> {
        let fixed = i64::from(self.fixed) + more;
        let fixed = u32::try_from(fixed).ok().filter(|&n| n <= self.bits)?;
        let largest = match u32::try_from(more) {
            Ok(more) => 1_u64.checked_shl(more).unwrap_or(0).wrapping_sub(1),
            Err(_) => u64::MAX,
        };
        (low(number) <= largest).then_some(())?;
        let first = self.with(number, self.bits - fixed)?;
        Some(Self { first, fixed, ..self })
    }

    /// The bits of the first address and those of a number that is shifted. A negative one stands for the bits that
    /// it has in two's complement, and so does the result.
    fn with(self, number: &Number, shift: u32) -> Option<u128> {
        let shifted = number.trunc() << shift;
        let bits = u128::try_from(&shifted).ok().filter(|_| shifted.bits() <= u64::from(self.bits))?;
        Some(match number.is_negative() && bits > 0 {
            true => ((bits - 1) & !self.first) + 1,
            false => self.first | bits,
        })
    }
}

/// The last 64 bits of the size of a whole number.
fn low(n: &Number) -> u64 {
    n.trunc().iter_u64_digits().next().unwrap_or(0)
}

/// An IPv4 address; zeros in front mean nothing.
fn v4(s: &str) -> Option<Ipv4Addr> {
    let mut parts = s.split('.').map(|part| digits(part).and_then(|n| u8::try_from(n).ok()));
    let address = Ipv4Addr::new(parts.next()??, parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(address)
}

fn digits(s: &str) -> Option<u32> {
    if s.bytes().all(|b| b.is_ascii_digit()) { s.parse().ok() } else { None }
}

fn network(c: &Call<'_, '_, '_>) -> Result<Network, String> {
    Network::parse(&c.str(0)?)
}

fn whole(c: &Call<'_, '_, '_>, i: usize) -> Result<Number, String> {
    let n = c.number(i)?;
    if n.is_integer() { Ok(n) } else { Err(format!("argument {} must be a whole number", i + 1)) }
}

pub(super) fn cidrhost(c: &mut Call<'_, '_, '_>) -> Answer {
    let (network, n) = (network(c)?, whole(c, 1)?);
    let none = || format!("{} has no host of this number", network.shown());
    let size = || u128::try_from(n.trunc()).ok();
    // Negative numbers count from the end. Of others only the last 64 bits are compared with the largest, with a sign.
    let beyond = |n: i64| u128::try_from(n).is_ok_and(|n| n > network.hosts());
    let host = match n.is_negative() && !n.is_zero() {
        true => size().and_then(|n| network.hosts().checked_sub(n - 1)).map(BigUint::from),
        false => Some(n.trunc()).filter(|_| !beyond(low(&n).cast_signed())),
    };
    let host = host.and_then(|size| Number::whole(false, size)).ok_or_else(none)?;
    // An IPv4 address that is written as IPv6 is taken for one of 32 bits, which stand at the wrong end.
    let address = network.with(&host, if network.mapped().is_some() { 96 } else { 0 }).ok_or_else(none)?;
    Ok(c.string_result(network.address(address)))
}

pub(super) fn cidrnetmask(c: &mut Call<'_, '_, '_>) -> Answer {
    let network = network(c)?;
    let all = match (network.bits, network.mapped()) {
        (32, _) => u128::from(u32::MAX),
        (_, Some(_)) => u128::MAX,
        (_, None) => return Err("only IPv4 networks have a mask".into()),
    };
    Ok(c.string_result(network.address(all & !network.hosts())))
}

pub(super) fn cidrsubnet(c: &mut Call<'_, '_, '_>) -> Answer {
    let (network, more, number) = (network(c)?, c.integer(1)?, whole(c, 2)?);
    let subnet = network.subnet(more, &number);
    let subnet =
        subnet.ok_or_else(|| format!("{} has no subnet of this size and number", network.shown()))?;
    Ok(c.string_result(subnet.shown()))
}

/// Networks one after another, each with so many more bits fixed.
pub(super) fn cidrsubnets(c: &mut Call<'_, '_, '_>) -> Answer {
    let network = network(c)?;
    if network.mapped().is_some() {
        return Err(format!("`{}` is written as an IPv6 address", network.shown()));
    }
    let (mut at, mut out) = (Some(network.first), Vec::new());
    for i in 1..c.args.len() {
        let more = Some(c.integer(i)?).filter(|n| (1..=32).contains(n));
        let more = more.ok_or_else(|| format!("argument {} must be from 1 to 32", i + 1))?;
        let full = || format!("{} has no room for all of them", network.shown());
        let sized = network.subnet(more, &Number::from(0)).ok_or_else(full)?;
        let from = at.ok_or_else(full)?;
        // The next place that is aligned to the size.
        let first = from.checked_add(sized.hosts()).ok_or_else(full)? & !sized.hosts();
        if first & !network.hosts() != network.first {
            return Err(full());
        }
        out.push(c.string_result(Network { first, ..sized }.shown()));
        at = (first | sized.hosts()).checked_add(1);
    }
    Ok(c.list_result(out))
}
