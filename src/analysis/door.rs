//! Administrator roles that can be assumed without MFA, and whom of the own account they let in.

use super::Judged;
use super::role::open_entries;
use super::verdict::{Enforcement, Evidence};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Principal};
use crate::policy::trust::Entry;
use crate::source::Span;
use crate::tri::Tri;

/// An administrator role that can be assumed without MFA.
pub(super) struct Door<'m> {
    role: &'m str,
    /// Those who get in without MFA in every possible world.
    entries: Vec<Entry>,
}

/// How someone gets through a [`Door`].
pub(super) struct Way<'d> {
    /// The name of the role.
    pub(super) role: &'d str,
    span: Option<Span>,
}

impl<'m> Door<'m> {
    /// The door that a role is; `None` when it is none for certain, or goes by no name.
    pub(super) fn of(model: &'m IamModel, judged: &Judged) -> Option<Self> {
        let open = match judged.verdict.mfa {
            Enforcement::NotEnforced | Enforcement::Partial => true,
            Enforcement::Enforced | Enforcement::NotApplicable | Enforcement::Unknown => false,
        };
        let principal = model.principal(judged.principal)?;
        let entries = if open && judged.verdict.admin == Tri::Yes {
            open_entries(model, principal)
        } else {
            return None;
        };
        Some(Self { role: principal.name.as_deref()?, entries })
    }

    /// How it lets a user, or every member of a group, in. Another account than the own one is not looked at: which
    /// users it has is not known here.
    pub(super) fn admits(&self, who: &Principal) -> Option<Way<'_>> {
        let named = |e: &Entry| {
            let refers = e.refer.as_ref().is_some_and(|r| who.is(r));
            let user = e.principal.split_once(":user/").and_then(|(_, path)| path.rsplit('/').next());
            who.kind == PrincipalKind::User && (refers || user.is_some() && user == who.name.as_deref())
        };
        let entry = self.entries.iter().find(|e| e.principal == "*" || e.own_account || named(e))?;
        Some(Way { role: self.role, span: entry.span })
    }
}

impl Way<'_> {
    /// The place that lets it through.
    pub(super) fn evidence(&self) -> Evidence {
        let text = format!("administrator role `{}` may be assumed from here without MFA", self.role);
        Evidence { text, span: self.span }
    }
}
