//! Well-known modules that are not downloaded, by models of our own.
//!
//! A model is a small module that declares the same inputs, outputs and IAM resources as the published one, under the
//! same names, so that addresses and verdicts are those of the downloaded module. It is evaluated like any other
//! module. Where versions differ, the model asks `var.since_5_24_0`, which the version of the call answers; a version
//! that is not settled leaves an open choice. `docs/known-modules.md` lists the models.

mod address;
mod version;

use std::path::PathBuf;
use std::sync::Arc;

use address::{Address, Revision};
use version::{Version, Versions, show};

use super::body::Body;
use super::discover::{Def, Dir};
use super::eval::Locals;
use super::module::{Ctx, Found};
use super::remote::META;
use super::world::{ModuleId, World};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::source::Span;
use crate::value::{Unknown, Value};

/// A module that is modelled.
struct Model {
    /// Its address in the registry.
    name: &'static str,
    /// Repositories that carry the same releases.
    forks: &'static [&'static str],
    /// First and last version that the model was checked for.
    versions: (Version, Version),
    /// The model.
    text: &'static str,
}

/// The fork of terraform-aws-iam that is used by itself.
const IAM_FORKS: &[&str] = &["binbashar/terraform-aws-iam"];

macro_rules! models {
    ($($name:literal $forks:ident $first:tt $last:tt $file:literal)+) => {
        &[$(Model { name: $name, forks: $forks, versions: ($first, $last), text: include_str!($file) }),+]
    };
}

const NO_FORKS: &[&str] = &[];

/// The modules that are modelled, by name.
static MODELS: &[Model] = models! {
    "cloudposse/iam-user/aws" NO_FORKS (0, 3, 0) (0, 9, 0) "cloudposse-iam-user.tf"
    "terraform-aws-modules/iam/aws//modules/iam-assumable-role" IAM_FORKS (2, 0, 0) (5, 60, 0) "iam-assumable-role.tf"
    "terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc" IAM_FORKS (2, 6, 0) (5, 60, 0) "iam-assumable-role-with-oidc.tf"
    "terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-saml" IAM_FORKS (3, 12, 0) (5, 60, 0) "iam-assumable-role-with-saml.tf"
    "terraform-aws-modules/iam/aws//modules/iam-assumable-roles" IAM_FORKS (2, 0, 0) (5, 60, 0) "iam-assumable-roles.tf"
    "terraform-aws-modules/iam/aws//modules/iam-assumable-roles-with-saml" IAM_FORKS (2, 0, 0) (5, 60, 0) "iam-assumable-roles-with-saml.tf"
    "terraform-aws-modules/iam/aws//modules/iam-group" IAM_FORKS (6, 0, 0) (6, 8, 0) "iam-group.tf"
    "terraform-aws-modules/iam/aws//modules/iam-group-with-assumable-roles-policy" IAM_FORKS (2, 0, 0) (5, 60, 0) "iam-group-with-assumable-roles-policy.tf"
    "terraform-aws-modules/iam/aws//modules/iam-group-with-policies" IAM_FORKS (2, 0, 0) (5, 60, 0) "iam-group-with-policies.tf"
    "terraform-aws-modules/iam/aws//modules/iam-policy" IAM_FORKS (2, 0, 0) (6, 8, 0) "iam-policy.tf"
    "terraform-aws-modules/iam/aws//modules/iam-read-only-policy" IAM_FORKS (4, 8, 0) (6, 8, 0) "iam-read-only-policy.tf"
    "terraform-aws-modules/iam/aws//modules/iam-role" IAM_FORKS (6, 0, 0) (6, 8, 0) "iam-role.tf"
    "terraform-aws-modules/iam/aws//modules/iam-user" IAM_FORKS (2, 0, 0) (6, 8, 0) "iam-user.tf"
    "terraform-module/enforce-mfa/aws" NO_FORKS (0, 0, 2) (1, 2, 0) "enforce-mfa.tf"
};

/// What the variables of a model start with that its version answers.
const SINCE: &str = "since_";

impl Model {
    fn is_at(&self, address: &Address) -> bool {
        let Some(own) = address::parse(self.name) else { return false };
        let repository = address.repository.as_str();
        own.path == address.path && (own.repository == repository || self.forks.contains(&repository))
    }

    /// Its versions, in words.
    fn checked(&self) -> String {
        format!("versions {} to {}", show(self.versions.0), show(self.versions.1))
    }

    /// The versions that a call may mean, of those that were checked. The newest is not taken for granted: what a
    /// machine once downloaded stays.
    fn admitted(&self, address: &Address, constraint: Option<&str>) -> Result<Versions, String> {
        let wanted = match (&address.revision, constraint) {
            (Revision::Version(v), _) => *v,
            (Revision::Other(r), _) => {
                return Err(format!("; `{r}` is no version, known are {}", self.checked()));
            }
            (Revision::Open, None) => Versions::ALL,
            (Revision::Open, Some(c)) => {
                Versions::admitted(c).ok_or_else(|| format!("; `{c}` is not understood as versions"))?
            }
        };
        let checked = Versions::between(self.versions.0, self.versions.1);
        wanted.and(checked).ok_or_else(|| format!("; only {} are known", self.checked()))
    }
}

impl World<'_> {
    /// The model of the module that a call means. If there is none, what else there is to say about that.
    pub(crate) fn known(
        &mut self,
        id: ModuleId,
        def: &Arc<Def>,
        body: &Body,
        source: (&str, Span),
    ) -> Result<Found, String> {
        let address = address::parse(source.0).ok_or_else(String::new)?;
        let model = MODELS.iter().find(|m| m.is_at(&address)).ok_or_else(String::new)?;
        let constraint = match body.argument("version") {
            Some(a) => {
                let value = a.expr.eval(&mut Ctx { world: self, module: id }, &Locals::default());
                let text = value.as_str().map(str::to_owned);
                Some((text.ok_or("; which version of it is not known")?, a.expr.span))
            }
            None => None,
        };
        let versions = model.admitted(&address, constraint.as_ref().map(|(c, _)| c.as_str()))?;
        let dir = self.loader.model(model.name, model.text, def.span);
        let inputs = body.arguments();
        let mut inputs = inputs.iter().map(|a| a.name.as_str()).filter(|a| !META.contains(a));
        if let Some(new) = inputs.find(|a| !dir.blocks.contains_key(&format!("variable.{a}"))) {
            return Err(format!("; {} have no input `{new}`", model.checked()));
        }
        let open = match constraint {
            Some((c, at)) => (format!("`{c}`"), at),
            None => ("none is given".to_owned(), source.1),
        };
        let answers = self.answers(id, def.label(0), versions, &dir, open);
        let fs = self.module(id).map(|m| Arc::clone(&m.fs)).ok_or_else(String::new)?;
        let message = format!(
            "module `{}` is not on this machine; it is judged by what is known of {} {}",
            def.label(0),
            model.name,
            model.checked()
        );
        self.report(Diagnostic::at(Code::RemoteModule, Level::Note, source.1, message));
        let rel = PathBuf::from(".terraform/modules").join(def.label(0));
        Ok(Found { dir, fs, rel, answers })
    }

    /// What the version of a call answers to the questions of a model.
    fn answers(
        &mut self,
        id: ModuleId,
        name: &str,
        versions: Versions,
        dir: &Dir,
        (given, at): (String, Span),
    ) -> Vec<(String, Value)> {
        let asked = dir.blocks.keys().filter_map(|k| k.strip_prefix("variable."));
        let asked: Vec<(String, Version)> = asked
            .filter_map(|v| {
                Some((v.to_owned(), version::parse(&v.strip_prefix(SINCE)?.replace('_', "."))?.0))
            })
            .collect();
        let answer = |(variable, since): (String, Version)| {
            let value = match versions.since(since) {
                Some(settled) => Value::bool(settled, Some(at)),
                None => {
                    let reason = format!(
                        "the version of module `{name}` is not settled ({given}), and it changed in {}",
                        show(since)
                    );
                    let key = self.address(id, &format!("module.{name} {variable}"));
                    let labels = [format!("since {}", show(since)), format!("before {}", show(since))];
                    let labels = labels.each_ref().map(String::as_str);
                    let choice = self.choices.intern(&key, Unknown::new(reason, Some(at)), &labels);
                    let arms = [true, false].map(|b| Value::bool(b, Some(at)));
                    Value::one_of(choice, arms.to_vec(), Some(at))
                }
            };
            (variable, value)
        };
        asked.into_iter().map(answer).collect()
    }
}

#[cfg(test)]
mod tests;
