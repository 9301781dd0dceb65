//! JSON: syntax, and keys that stand twice.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Keys;

/// True when the text is JSON in which no key stands twice in a map.
pub(super) fn is_sound(text: &str) -> bool {
    let keys = RefCell::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    Value { keys: &keys }.deserialize(&mut reader).is_ok() && reader.end().is_ok()
}

/// Any value. Nesting is bounded by the reader.
#[derive(Clone, Copy)]
struct Value<'k, 't> {
    keys: &'k RefCell<Keys<'t>>,
}

impl<'t> DeserializeSeed<'t> for Value<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Value<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value in which no key stands twice")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<(), A::Error> {
        let first = self.keys.borrow().0.len();
        while let Some(key) = entries.next_key::<Cow<'t, str>>()? {
            if self.keys.borrow_mut().add(first, key).is_none() {
                return Err(serde::de::Error::custom("a key stands twice"));
            }
            entries.next_value_seed(self)?;
        }
        self.keys.borrow_mut().0.truncate(first);
        Ok(())
    }
}
