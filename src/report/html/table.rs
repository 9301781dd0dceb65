//! Tables that can be sorted, filtered, and read on a narrow screen.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// A table.
pub(super) struct Table<'a> {
    /// Its id on the page.
    pub(super) id: &'static str,
    /// Its name for those who do not see it.
    pub(super) label: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row<'a>>,
    /// The last line: all rows together.
    pub(super) total: Vec<Cell<'a>>,
    /// Whether there are controls to filter it.
    pub(super) filter: bool,
    /// Whether rows have proofs.
    pub(super) proofs: bool,
    /// What the reader must know of it.
    pub(super) note: Option<String>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        id: &'static str,
        label: &'static str,
        columns: Vec<Column>,
        rows: Vec<Row<'a>>,
    ) -> Self {
        Self { id, label, columns, rows, total: Vec::new(), filter: false, proofs: false, note: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The verdicts to filter by.
    pub(super) fn verdicts(&self) -> BTreeSet<&'static str> {
        self.rows.iter().filter_map(|r| r.verdict).collect()
    }
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// What is in it.
    pub(super) about: &'static str,
    /// Whether that is numbers.
    pub(super) number: bool,
}

impl Column {
    pub(super) fn text(name: &'static str, about: &'static str) -> Self {
        Self { name, about, number: false }
    }

    pub(super) fn number(name: &'static str, about: &'static str) -> Self {
        Self { name, about, number: true }
    }
}

/// A row.
pub(super) struct Row<'a> {
    /// One for each column.
    pub(super) cells: Vec<Cell<'a>>,
    /// What it is filtered by.
    pub(super) verdict: Option<&'static str>,
    pub(super) proof: Vec<Step<'a>>,
}

impl<'a> Row<'a> {
    pub(super) fn new(cells: Vec<Cell<'a>>) -> Self {
        Self { cells, verdict: None, proof: Vec::new() }
    }
}

/// A step of a proof, or what is missing for one.
pub(super) struct Step<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) place: Option<String>,
}

/// A cell.
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    /// Its class.
    pub(super) tone: &'static str,
    /// What is shown when it is pointed at: where the text comes from.
    pub(super) title: String,
    /// What it is sorted by, when that is not its text.
    pub(super) key: Option<u8>,
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), tone: "", title: String::new(), key: None }
    }

    pub(super) fn number(n: usize) -> Self {
        Self::text(n.to_string())
    }

    /// A number of which one is too many.
    pub(super) fn bad(n: usize) -> Self {
        Self::number(n).tone(if n > 0 { "bad" } else { "" })
    }

    /// A number that ought to be none.
    pub(super) fn doubt(n: usize) -> Self {
        Self::number(n).tone(if n > 0 { "doubt" } else { "" })
    }

    pub(super) fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }

    pub(super) fn title(self, title: String) -> Self {
        Self { title, ..self }
    }

    pub(super) fn key(self, key: u8) -> Self {
        Self { key: Some(key), ..self }
    }
}
