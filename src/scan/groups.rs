//! Which units are looked at together: templates and those they nest, stacks and what they import, accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Request, UnitFacts, account_of};
use crate::fs::normalize;

/// The units without templates that another one nests: those are analysed with the parameters they are given there.
pub(super) fn outermost(mut units: Vec<UnitFacts>) -> Vec<UnitFacts> {
    let mut nested: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for u in units.iter().filter(|u| u.kind == "cloudformation") {
        let own = normalize(&u.path);
        for file in u.lowered.files.iter().map(|f| normalize(f)).filter(|f| *f != own) {
            nested.entry(file).or_default().insert(own.clone());
        }
    }
    let is_nested = |path: &Path| {
        let around = |p: &Path| nested.get(p).into_iter().flatten();
        // Of templates that nest each other the first one is analysed.
        around(path).any(|outer| outer.as_path() < path || !around(outer).any(|p| p == path))
    };
    units.retain(|u| u.kind != "cloudformation" || !is_nested(&normalize(&u.path)));
    units
}

/// Of templates only those that changed, or nest one that did, are asked for.
pub(super) fn affected(mut units: Vec<UnitFacts>, request: &Request) -> Vec<UnitFacts> {
    if let Some(changed) = &request.changed {
        let changed: BTreeSet<PathBuf> = changed.iter().map(|p| request.fs.identity(p)).collect();
        for u in units.iter_mut().filter(|u| u.kind == "cloudformation") {
            u.asked &= u.lowered.files.iter().any(|f| changed.contains(&request.fs.identity(f)));
        }
    }
    units
}

/// The units in groups that are judged together: those of an account, and stacks with what they import. Each other
/// one alone.
pub(super) fn together(mut units: Vec<UnitFacts>, request: &Request) -> Vec<Vec<UnitFacts>> {
    let accounts: Vec<Option<usize>> =
        units.iter().map(|u| account_of(&u.path, u.recorded, request)).collect();
    let exporters = only_exporters(&mut units, &accounts);
    let mut groups = Groups((0..units.len()).collect());
    let mut first_of = BTreeMap::new();
    for (n, account) in accounts.iter().enumerate() {
        if let Some(account) = account {
            groups.join(*first_of.entry(*account).or_insert(n), n);
        }
    }
    for (n, (unit, account)) in units.iter().zip(&accounts).enumerate() {
        let exporter = |name: &Arc<str>| exporters.get(account)?.get(&**name).copied().flatten();
        unit.lowered.facts.imports.iter().filter_map(exporter).for_each(|from| groups.join(n, from));
    }
    let mut all: BTreeMap<usize, Vec<UnitFacts>> = BTreeMap::new();
    for (n, unit) in units.into_iter().enumerate() {
        all.entry(groups.first(n)).or_default().push(unit);
    }
    all.into_values().filter(|g| g.iter().any(|u| u.asked)).collect()
}

/// Which units are of one group: each points to one before it, the first to itself.
struct Groups(Vec<usize>);

impl Groups {
    /// The first unit of the group of a unit.
    fn first(&mut self, mut n: usize) -> usize {
        while let Some(&before) = self.0.get(n).filter(|before| **before != n) {
            let jump = self.0.get(before).copied().unwrap_or(before);
            if let Some(to) = self.0.get_mut(n) {
                *to = jump;
            }
            n = jump;
        }
        n
    }

    /// Makes one group of two.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(to) = self.0.get_mut(a.max(b)) {
            *to = a.min(b);
        }
    }
}

/// The unit of each export, account by account. Those that several units have are dropped: which is meant nobody knows.
pub(super) fn only_exporters(
    units: &mut [UnitFacts],
    accounts: &[Option<usize>],
) -> BTreeMap<Option<usize>, BTreeMap<String, Option<usize>>> {
    let mut all: BTreeMap<Option<usize>, BTreeMap<String, Option<usize>>> = BTreeMap::new();
    for (n, (unit, account)) in units.iter().zip(accounts).enumerate() {
        let of_account = all.entry(*account).or_default();
        for name in unit.lowered.facts.exports.keys() {
            of_account.entry(name.clone()).and_modify(|only| *only = None).or_insert(Some(n));
        }
    }
    for (unit, account) in units.iter_mut().zip(accounts) {
        let only = |name: &str| all.get(account)?.get(name).copied().flatten();
        unit.lowered.facts.exports.retain(|name, _| only(name).is_some());
    }
    all
}
