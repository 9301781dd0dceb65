//! Addresses of modules: a registry's `namespace/name/provider//path`, or a repository on GitHub with a revision.

use super::version::{self, Versions};

/// What a source says about where a module comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Owner and name of the repository. The registry takes modules from `namespace/terraform-provider-name`
    /// ("Publishing Modules").
    pub(super) repository: String,
    /// The directory in it; empty for the repository itself.
    pub(super) path: String,
    /// The revision.
    pub(super) revision: Revision,
}

/// Which revision of the repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Revision {
    /// The source does not say; for a registry, the `version` of the call does.
    Open,
    /// These versions.
    Version(Versions),
    /// A commit, a branch, or whatever else is no version.
    Other(String),
}

/// Branches that follow the releases.
const DEFAULT_BRANCHES: [&str; 3] = ["master", "main", "HEAD"];

/// Hosts of the public registries, which hold the same modules.
const REGISTRIES: [&str; 2] = ["registry.terraform.io/", "registry.opentofu.org/"];

/// The parts of a source; `None` when it is neither of the public registry nor on GitHub.
pub(super) fn parse(source: &str) -> Option<Address> {
    let (source, query) = source.split_once('?').unwrap_or((source, ""));
    match github(source) {
        Some(rest) => {
            let (repository, path) = rest.split_once("//").unwrap_or((rest, ""));
            let repository = repository.trim_end_matches('/');
            let repository = repository.strip_suffix(".git").unwrap_or(repository);
            let named = repository.split('/').count() == 2;
            named.then(|| address(repository.to_owned(), path, revision(query)))
        }
        None => {
            let host = REGISTRIES.iter().find_map(|h| source.strip_prefix(h));
            let (name, path) =
                host.unwrap_or(source).split_once("//").unwrap_or((host.unwrap_or(source), ""));
            let [namespace, name, provider] = name.split('/').collect::<Vec<_>>().try_into().ok()?;
            let plain = query.is_empty() && !namespace.contains(['.', ':']);
            let repository = format!("{namespace}/terraform-{provider}-{name}");
            plain.then(|| address(repository, path, Revision::Open))
        }
    }
}

fn address(repository: String, path: &str, revision: Revision) -> Address {
    Address { repository, path: path.trim_matches('/').to_owned(), revision }
}

/// What follows the host of a source on GitHub.
fn github(source: &str) -> Option<&str> {
    let source = source.strip_prefix("git::").unwrap_or(source);
    let source = ["https://", "ssh://", "http://", "git://"]
        .iter()
        .find_map(|s| source.strip_prefix(s))
        .unwrap_or(source);
    let source = source.strip_prefix("git@").unwrap_or(source);
    let source = source.strip_prefix("www.").unwrap_or(source);
    source.strip_prefix("github.com")?.strip_prefix(['/', ':'])
}

fn revision(query: &str) -> Revision {
    let Some(given) = query.split('&').find_map(|p| p.strip_prefix("ref=")) else { return Revision::Open };
    let name = given.strip_prefix("refs/").unwrap_or(given);
    let name = name.strip_prefix("tags/").unwrap_or(name);
    match version::parse(name) {
        Some((version, 3)) => Revision::Version(Versions::between(version, version)),
        Some(_) | None if DEFAULT_BRANCHES.contains(&name) => Revision::Open,
        Some(_) | None => Revision::Other(given.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_one_module() {
        let sources = [
            "terraform-aws-modules/iam/aws//modules/iam-user",
            "registry.terraform.io/terraform-aws-modules/iam/aws//modules/iam-user",
            "registry.opentofu.org/terraform-aws-modules/iam/aws//modules/iam-user/",
            "github.com/terraform-aws-modules/terraform-aws-iam//modules/iam-user",
            "github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?ref=master",
            "git::https://github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?depth=1",
            "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user",
            "git@github.com:terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?ref=refs/tags/main",
            "https://github.com/terraform-aws-modules/terraform-aws-iam//modules/iam-user",
        ];
        for source in sources {
            let repository = "terraform-aws-modules/terraform-aws-iam".to_owned();
            let path = "modules/iam-user".to_owned();
            assert_eq!(
                parse(source),
                Some(Address { repository, path, revision: Revision::Open }),
                "{source}"
            );
        }
        let root = parse("cloudposse/iam-user/aws").unwrap();
        assert_eq!((root.repository.as_str(), root.path.as_str()), ("cloudposse/terraform-aws-iam-user", ""));
    }

    #[test]
    fn revisions() {
        let of =
            |r: &str| parse(&format!("git::https://github.com/a/b.git//c?depth=1&ref={r}")).unwrap().revision;
        let exact = Revision::Version(Versions::between((5, 30, 0), (5, 30, 0)));
        for r in ["v5.30.0", "5.30.0", "tags/v5.30.0", "refs/tags/5.30.0"] {
            assert_eq!(of(r), exact, "{r}");
        }
        for r in ["5.30", "develop", "0123abc", "v1.0.0-rc1"] {
            assert_eq!(of(r), Revision::Other(r.to_owned()));
        }
    }

    #[test]
    fn other_hosts_are_other_modules() {
        let sources = [
            "app.terraform.io/terraform-aws-modules/iam/aws",
            "gitlab.com/a/b",
            "git::https://example.com/a/b.git",
            "s3::https://s3.amazonaws.com/a/b.zip",
            "github.com/only-an-owner",
            "./a/b/c",
            "../a/b",
            "",
        ];
        for source in sources {
            assert_eq!(parse(source), None, "{source}");
        }
    }
}
