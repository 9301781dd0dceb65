//! From places of an analysis to places in the texts as the editor has them now.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use gen_lsp_types::{self as lsp, Location, Uri};

use super::documents::Documents;
use super::position::{Lines, Shift};
use super::results::Place;
use crate::source::Source;

/// The files as they are open now.
pub(super) struct View<'d> {
    documents: &'d Documents,
    known: RefCell<BTreeMap<*const Source, Rc<Current>>>,
}

/// A text that was analysed, as it is now.
struct Current {
    lines: Lines<Arc<str>>,
    /// What happened to it since.
    shift: Option<Shift>,
}

impl<'d> View<'d> {
    /// Nothing is looked at yet.
    pub(super) fn new(documents: &'d Documents) -> Self {
        Self { documents, known: RefCell::default() }
    }

    fn current(&self, source: &Arc<Source>, path: &Path) -> Rc<Current> {
        let mut known = self.known.borrow_mut();
        let current = known.entry(Arc::as_ptr(source)).or_insert_with(|| {
            let open = self.documents.open.get(path).map(|d| &d.text).filter(|text| *text != source.text());
            let shift = open.map(|text| Shift::between(source.text(), text));
            let text = Arc::clone(open.unwrap_or(source.text()));
            Rc::new(Current { lines: Lines::new(text, self.documents.encoding), shift })
        });
        Rc::clone(current)
    }

    /// The bytes of a place now.
    pub(super) fn bytes(&self, place: &Place) -> Range<usize> {
        match self.current(&place.source, &place.path()).shift {
            Some(shift) => shift.range(place.bytes.clone()),
            None => place.bytes.clone(),
        }
    }

    /// The lines and columns of a place now.
    pub(super) fn range(&self, place: &Place) -> lsp::Range {
        let bytes = self.bytes(place);
        self.lines(place, |lines| lines.range(bytes))
    }

    /// The lines of the file of a place, as they are now.
    pub(super) fn lines<T>(&self, place: &Place, ask: impl FnOnce(&Lines<Arc<str>>) -> T) -> T {
        ask(&self.current(&place.source, &place.path()).lines)
    }

    /// The file and the range of a place.
    pub(super) fn location(&self, place: &Place) -> Option<Location> {
        Some(Location { uri: self.uri(&place.path())?, range: self.range(place) })
    }

    /// The address of a file.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        self.documents.uri(path)
    }

    /// The version of a file that is open.
    pub(super) fn version(&self, path: &Path) -> Option<i32> {
        self.documents.open.get(path).map(|d| d.version)
    }

    /// Whether a place is in a file and touches a range of its bytes.
    pub(super) fn touches(&self, place: &Place, path: &Path, bytes: &Range<usize>) -> bool {
        let in_file = || place.source.path() == path || place.path() == path;
        if !in_file() {
            return false;
        }
        let own = self.bytes(place);
        own.start <= bytes.end && bytes.start <= own.end
    }
}
