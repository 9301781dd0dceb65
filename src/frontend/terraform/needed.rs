//! Which directories of configuration are still needed, so that the others can be let go.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Which directories call which as local modules. All by the one name for their spellings.
pub(crate) type Edges = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// What calls what, and how many still need a directory: those that call it, and those who look at it as a root module.
#[derive(Debug, Default)]
pub(crate) struct Needed {
    calls: HashMap<PathBuf, BTreeSet<PathBuf>>,
    users: HashMap<PathBuf, usize>,
    /// Those that somebody reached another way than was expected.
    kept: BTreeSet<PathBuf>,
}

impl Needed {
    /// Takes in what calls what, as far as it is new.
    pub(crate) fn expect(&mut self, calls: &Edges) {
        for (caller, targets) in calls {
            if !self.calls.contains_key(caller) {
                targets.iter().for_each(|t| self.begin(t));
                self.calls.insert(caller.clone(), targets.clone());
            }
        }
    }

    /// Somebody looks at a directory, until it is [`Self::done`].
    pub(crate) fn begin(&mut self, dir: &Path) {
        *self.users.entry(dir.to_path_buf()).or_default() += 1;
    }

    /// `caller` calls `target`. When that was not to be expected, nobody knows who else does.
    pub(crate) fn call(&mut self, caller: &Path, target: &Path) {
        if !self.calls.get(caller).is_some_and(|targets| targets.contains(target)) {
            self.kept.insert(target.to_path_buf());
        }
    }

    /// Somebody who [began](Self::begin) is done. Gives the directories that nobody needs any more.
    pub(crate) fn done(&mut self, dir: &Path) -> Vec<PathBuf> {
        let (mut out, mut todo) = (Vec::new(), vec![dir.to_path_buf()]);
        while let Some(dir) = todo.pop() {
            let Some(users) = self.users.get_mut(&dir) else { continue };
            *users = users.saturating_sub(1);
            if *users == 0 && !self.kept.contains(&dir) {
                todo.extend(self.calls.remove(&dir).into_iter().flatten());
                out.push(dir);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is let go after each root is done, of calls like `a>m`.
    fn let_go(calls: &str, reached: &str, roots: &str) -> Vec<String> {
        let pair = |s: &str| s.split_once('>').map(|(a, b)| (PathBuf::from(a), PathBuf::from(b)));
        let mut edges = Edges::new();
        for (from, to) in calls.split_whitespace().filter_map(pair) {
            edges.entry(to.clone()).or_default();
            edges.entry(from).or_default().insert(to);
        }
        let mut needed = Needed::default();
        needed.expect(&edges);
        needed.expect(&edges);
        roots.split_whitespace().for_each(|r| needed.begin(Path::new(r)));
        reached.split_whitespace().filter_map(pair).for_each(|(from, to)| needed.call(&from, &to));
        let names = |dirs: Vec<PathBuf>| {
            let mut names: Vec<String> = dirs.iter().map(|d| d.display().to_string()).collect();
            names.sort();
            names.join(" ")
        };
        roots.split_whitespace().map(|r| names(needed.done(Path::new(r)))).collect()
    }

    #[test]
    fn a_module_is_let_go_with_the_last_that_reaches_it() {
        assert_eq!(let_go("a>m b>m m>n a>own", "a>m m>n", "a b c"), ["a own", "b m n", "c"]);
        // A root that another one calls.
        assert_eq!(let_go("a>b b>m", "", "b a"), ["", "a b m"]);
        assert_eq!(let_go("a>b b>m", "", "a b"), ["a", "b m"]);
    }

    #[test]
    fn what_is_reached_otherwise_is_kept() {
        assert_eq!(let_go("a>m m>n", "x>m", "a x"), ["a", "x"]);
        assert_eq!(let_go("a>m m>a", "", "a"), [""]);
    }
}
