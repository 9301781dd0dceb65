//! What is not known, and why.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::Reference;
use crate::source::Span;

/// Why something is not known, and where the cause is written. Cheap to clone; two clones are the same unknown.
#[derive(Clone)]
pub struct Unknown(Arc<Cause>);

#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Cause {
    reason: String,
    span: Option<Span>,
    own: Option<Own>,
    import: Option<Arc<str>>,
    chars: Option<usize>,
    rest: bool,
    refer: Option<Reference>,
}

/// What is not known of the account that the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Own {
    /// Its number.
    Account,
    /// Its partition.
    Partition,
}

impl Unknown {
    /// An unknown with its reason (lower case, no full stop: "`var.team` has no value") and its place.
    pub fn new(reason: impl Into<String>, span: Option<Span>) -> Self {
        Self(Arc::new(Cause { reason: reason.into(), span, ..Cause::default() }))
    }

    /// A text of which only its length is known, in characters.
    pub fn of_length(chars: usize, reason: impl Into<String>, span: Option<Span>) -> Self {
        let chars = Some(chars);
        Self(Arc::new(Cause { reason: reason.into(), span, chars, ..Cause::default() }))
    }

    /// An attribute of a declared resource, which is what it refers to wherever it stands alone.
    pub fn attribute(refer: Reference, reason: impl Into<String>, span: Option<Span>) -> Self {
        let refer = Some(refer);
        Self(Arc::new(Cause { reason: reason.into(), span, refer, ..Cause::default() }))
    }

    /// The number of the account that the code is for.
    pub fn own_account(reason: impl Into<String>, span: Option<Span>) -> Self {
        Self(Arc::new(Cause { reason: reason.into(), span, own: Some(Own::Account), ..Cause::default() }))
    }

    /// The partition of the account that the code is for.
    pub fn own_partition(reason: impl Into<String>, span: Option<Span>) -> Self {
        Self(Arc::new(Cause { reason: reason.into(), span, own: Some(Own::Partition), ..Cause::default() }))
    }

    /// What another unit exports under this name. Units are joined after each was evaluated alone.
    pub fn import(name: Arc<str>, span: Option<Span>) -> Self {
        let reason = format!("the export `{name}` of another stack is not known");
        Self(Arc::new(Cause { reason, span, import: Some(name), ..Cause::default() }))
    }

    /// True when it is the number of the account that the code is for.
    pub fn is_own_account(&self) -> bool {
        self.0.own == Some(Own::Account)
    }

    /// True when it is the partition of the account that the code is for.
    pub fn is_own_partition(&self) -> bool {
        self.0.own == Some(Own::Partition)
    }

    /// The name of the export that it is.
    pub fn imports(&self) -> Option<&str> {
        self.0.import.as_deref()
    }

    /// The resource that it is an attribute of.
    pub fn refer(&self) -> Option<&Reference> {
        self.0.refer.as_ref()
    }

    /// The same unknown as any number of elements of a list.
    pub fn as_rest(&self) -> Self {
        let Cause { reason, span, .. } = &*self.0;
        Self(Arc::new(Cause { reason: reason.clone(), span: *span, rest: true, ..Cause::default() }))
    }

    /// True when it stands for any number of elements.
    pub fn is_rest(&self) -> bool {
        self.0.rest
    }

    /// How many characters it is, when that is known.
    pub fn chars(&self) -> Option<usize> {
        self.0.chars
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where the cause is written.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// True when both are one unknown, so that whatever value it has, both have it.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "?({})", self.0.reason)
    }
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl Eq for Unknown {}

impl Hash for Unknown {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
