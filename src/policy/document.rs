//! A policy document as it was written: elements with their places, lists where AWS allows a string or a list.
//!
//! Follows "IAM JSON policy elements reference" of the IAM User Guide.

use super::universe::Listed;
use crate::source::Span;
use crate::value::{Text, Unknown};

/// `Allow` or `Deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Takes away, whatever grants.
    Deny,
}

/// One string of a list element, with its place. Holes are values the code does not settle.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The string.
    pub text: Text,
    /// Its place.
    pub span: Option<Span>,
}

/// A list element of a statement (`Action`, `Resource`, …), or its negated form.
#[derive(Debug, Clone, PartialEq)]
pub struct Elements {
    /// True for `NotAction`, `NotResource`, `NotPrincipal`.
    pub negated: bool,
    /// The strings.
    pub items: Vec<Item>,
    /// Set when the list may hold more than `items`: the element, or part of the list, is not known.
    pub more: Option<Unknown>,
    /// Place of the whole element.
    pub span: Option<Span>,
    /// Of actions: those it matches.
    pub listed: Listed,
}

impl Elements {
    /// An element as it is written.
    pub fn new(negated: bool, items: Vec<Item>, more: Option<Unknown>, span: Option<Span>) -> Self {
        Self { negated, items, more, span, listed: Listed::default() }
    }
}

/// Kind of principal in a resource or trust policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalType {
    /// Accounts, users, roles, sessions.
    Aws,
    /// AWS services.
    Service,
    /// SAML and OIDC providers.
    Federated,
    /// Canonical users (S3).
    CanonicalUser,
}

/// One named principal. `"*"` alone is [`PrincipalType::Aws`] with the text `*`.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalItem {
    /// Its kind; `None` when the kind itself is not known.
    pub kind: Option<PrincipalType>,
    /// Who.
    pub item: Item,
    /// The resource it is an attribute of, when the code says so (`aws_iam_user.x.arn`).
    pub refer: Option<std::sync::Arc<crate::value::Reference>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq)]
pub struct Principals {
    /// True for `NotPrincipal`.
    pub negated: bool,
    /// Who is named.
    pub items: Vec<PrincipalItem>,
    /// Set when there may be more than `items`.
    pub more: Option<Unknown>,
    /// Place of the element.
    pub span: Option<Span>,
}

/// One test of a `Condition`: an operator, a key and the values it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The operator as written, for example `BoolIfExists` or `ForAllValues:StringLike`.
    pub operator: Text,
    /// Place of the operator.
    pub operator_span: Option<Span>,
    /// The key as written.
    pub key: Text,
    /// Place of the key.
    pub key_span: Option<Span>,
    /// The values; booleans and numbers as their text.
    pub values: Vec<Item>,
    /// Set when there may be more values than `values`.
    pub more: Option<Unknown>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// `Sid`, when it is a known string.
    pub sid: Option<String>,
    /// `Effect`; the unknown when it is not settled.
    pub effect: Result<Effect, Unknown>,
    /// `Action` or `NotAction`.
    pub action: Elements,
    /// `Resource` or `NotResource`; `None` in a trust policy.
    pub resource: Option<Elements>,
    /// `Principal` or `NotPrincipal`; `None` in an identity policy.
    pub principal: Option<Principals>,
    /// All tests of `Condition`, which all must hold.
    pub condition: Vec<Test>,
    /// Set when there may be more tests than `condition`.
    pub more_conditions: Option<Unknown>,
    /// Place of the statement.
    pub span: Option<Span>,
}

/// `Version`: policy variables work in `2012-10-17` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Version {
    /// `2008-10-17`, also when the element is missing.
    #[default]
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// `Version`.
    pub version: Version,
    /// The statements.
    pub statements: Vec<Statement>,
    /// Set when there may be more statements than `statements`, or when nothing of the document is known.
    pub more: Option<Unknown>,
    /// Place of the document.
    pub span: Option<Span>,
}

impl Document {
    /// A document of which nothing is known.
    pub fn unknown(unknown: Unknown) -> Self {
        Self { span: unknown.span(), more: Some(unknown), ..Self::default() }
    }
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// True when AWS refuses the whole document, so that it has no effect at all.
    pub refused: bool,
    /// True when it keeps a test on MFA from working: its key or its operator does not exist.
    pub gate: bool,
    /// What is wrong and what to write instead, in one sentence without a full stop.
    pub message: String,
    /// The place.
    pub span: Option<Span>,
}

/// A parsed document with what is wrong with it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The document; without statements when it is refused.
    pub document: Document,
    /// What is wrong, in order of place.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// True when AWS refuses the document.
    pub fn refused(&self) -> bool {
        self.problems.iter().any(|p| p.refused)
    }
}
