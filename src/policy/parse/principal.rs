//! The `Principal` element of trust policies.

use super::super::document::{Item, PrincipalItem, PrincipalType, Principals};
use super::{DocumentKind, Parser, Scalar, open, scalar};
use crate::source::Span;
use crate::value::{Entries, Kind, Text, Value};

impl Parser {
    /// `Principal` or `NotPrincipal`, which only a trust policy has.
    pub(super) fn principal(&mut self, entries: &Entries, span: Option<Span>) -> Option<Principals> {
        let before = self.problems.len();
        let Some((negated, value)) = self.pair(entries, "Principal", span) else {
            if self.kind == DocumentKind::Trust && self.problems.len() == before {
                self.refuse("a statement of a trust policy needs a `Principal`", span);
            }
            return None;
        };
        if self.kind == DocumentKind::Identity {
            self.refuse("an identity policy has no `Principal`, it is attached to the principal", value.span);
            return None;
        }
        let mut out = Principals { negated, items: Vec::new(), more: None, span: value.span };
        match &value.kind {
            Kind::Map(kinds) => {
                out.more = self.open_key(kinds);
                for (name, entry) in kinds.iter() {
                    if !self.open.contains_key(&**name) {
                        self.principals_of_kind(name, &entry.value, &mut out);
                    }
                }
            }
            Kind::String(text) => {
                if text.known().is_some_and(|t| t != "*") {
                    self.refuse("`Principal` is `*` or an object such as `{\"AWS\": …}`", value.span);
                }
                let kind = text.known().map(|_| PrincipalType::Aws);
                let item = Item { text: text.clone(), span: value.span };
                out.items.push(PrincipalItem { kind, item, refer: None });
            }
            Kind::Unknown(_) | Kind::OneOf(_) => out.more = open(value),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) => {
                self.refuse("`Principal` is `*` or an object such as `{\"AWS\": …}`", value.span);
            }
        }
        Some(out)
    }

    fn principals_of_kind(&mut self, name: &str, value: &Value, out: &mut Principals) {
        let kind = match name.to_ascii_lowercase().as_str() {
            "aws" => PrincipalType::Aws,
            "service" => PrincipalType::Service,
            "federated" => PrincipalType::Federated,
            "canonicaluser" => PrincipalType::CanonicalUser,
            _ => return self.refuse(format!("there is no kind of principal `{name}`"), value.span),
        };
        let list = value.as_list().unwrap_or(std::slice::from_ref(value));
        for value in list {
            match scalar(value, true) {
                Scalar::Text(text) => out.items.push(PrincipalItem {
                    kind: Some(kind),
                    item: Item { text, span: value.span },
                    refer: value.refer.clone(),
                }),
                // Who it is, is not known; what kind it is, is.
                Scalar::Open(u) => out.items.push(PrincipalItem {
                    kind: Some(kind),
                    item: Item { text: Text::hole(u), span: value.span },
                    refer: value.refer.clone(),
                }),
                Scalar::Wrong => self.refuse("a principal is a string", value.span),
            }
        }
    }
}
