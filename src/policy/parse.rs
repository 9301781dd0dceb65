//! From a value (a structure, or JSON text with holes) to a [`Document`](super::document::Document).
