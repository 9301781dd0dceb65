//! YAML, line by line.

use super::{Keys, flow};

/// Levels of blocks.
const DEPTH: usize = 64;

/// True when the text is YAML of the kind that is known here, in which no key stands twice in a map.
pub(super) fn is_sound(text: &str) -> bool {
    if !is_printable(text) {
        return false;
    }
    let mut scan = Scan { open: Vec::new(), keys: Keys::default(), before: Before::Start };
    let mut begin = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = text.get(begin..end).unwrap_or_default();
        if scan.line(line.strip_suffix('\r').unwrap_or(line)).is_none() {
            return false;
        }
        begin = end + 1;
    }
    scan.is_closed()
}

/// Whether there are no tabs, no breaks but at ends of lines, and nothing that YAML does not allow or skips.
fn is_printable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |b: &u8| (*b < b' ') & (*b != b'\n') & (*b != b'\r') | (*b == 0x7f);
    // Chunks, so that many are compared at once.
    if bytes.chunks(64).any(|chunk| chunk.iter().fold(false, |any, b| any | is_control(b))) {
        return false;
    }
    let ends_line = |at: usize| bytes.get(at + 1) == Some(&b'\n');
    let special = |c: char| {
        c > '\u{7f}'
            && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
    };
    memchr::memchr_iter(b'\r', bytes).all(ends_line) && (text.is_ascii() || !text.chars().any(special))
}

struct Scan<'t> {
    open: Vec<Block>,
    keys: Keys<'t>,
    before: Before,
}

/// A map or sequence whose entries begin in this column.
#[derive(Clone, Copy)]
struct Block {
    column: usize,
    is_list: bool,
    /// The first of the keys of a map.
    first: usize,
}

/// What stands before a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing, or the line that begins the document.
    Start,
    /// A key or dash whose value may follow.
    Open,
    /// A tag whose value follows.
    Tag,
    /// Words that may go on.
    Words,
    /// Text over several lines: what its lines are indented by, when one was there, and the most spaces of empty lines
    /// before it.
    Text { column: Option<usize>, blank: usize },
    /// A value that ended.
    Done,
}

impl<'t> Scan<'t> {
    /// Takes in one line. `None` when it is for the parser.
    fn line(&mut self, line: &'t str) -> Option<()> {
        let content = trim(line);
        let column = line.len() - content.len();
        if let Before::Text { .. } = self.before
            && self.is_text(column, content)?
        {
            return Some(());
        }
        if content.is_empty() {
            return Some(());
        }
        if content.starts_with('#') {
            if self.before == Before::Words {
                self.before = Before::Done;
            }
            return Some(());
        }
        if column == 0 {
            if content.trim_end_matches(' ') == "---" && self.before == Before::Start && self.open.is_empty()
            {
                self.before = Before::Open;
                return Some(());
            }
            if content.starts_with("---") || content.starts_with("...") || content.starts_with('%') {
                return None;
            }
        }
        self.entry(column, content)
    }

    /// Whether a line belongs to the text over several lines that stands before it.
    fn is_text(&mut self, column: usize, content: &str) -> Option<bool> {
        let Before::Text { column: of_text, blank } = self.before else { return Some(false) };
        match of_text {
            _ if content.is_empty() => {
                if of_text.is_none() {
                    self.before = Before::Text { column: None, blank: blank.max(column) };
                }
                Some(true)
            }
            Some(least) if column >= least => Some(true),
            None if column > self.column()? && blank <= column => {
                self.before = Before::Text { column: Some(column), blank };
                Some(true)
            }
            // Further in than the block, and yet not as far as the text.
            _ if column > self.column()? || of_text.is_none() && blank > 0 => None,
            _ => {
                self.before = Before::Done;
                Some(false)
            }
        }
    }

    /// The column of the innermost block.
    fn column(&self) -> Option<usize> {
        self.open.last().map(|block| block.column)
    }

    /// An entry of a block, or the value of one.
    fn entry(&mut self, column: usize, text: &'t str) -> Option<()> {
        let deeper = self.column().is_none_or(|inner| column > inner);
        match self.before {
            Before::Words if deeper => return words(text)?.is_empty().then_some(()),
            Before::Tag if !deeper => return None,
            Before::Done if deeper => return None,
            _ => {}
        }
        let may_open = matches!(self.before, Before::Start | Before::Open | Before::Tag);
        let may_open = !self.leave(column) && may_open;
        let content = Content::of(text);
        let is_list = match content {
            Content::Dash => true,
            Content::Key(..) => false,
            // The value of what is open, on a line of its own, with one tag at most.
            Content::Other => {
                let tagged = self.before == Before::Tag && text.starts_with('!');
                let goes_on = may_open && deeper && !tagged && !self.open.is_empty();
                return if goes_on { self.value(text) } else { None };
            }
        };
        match self.open.last() {
            Some(block) if block.column == column => match (block.is_list, is_list) {
                (true, true) | (false, false) => {}
                (false, true) if may_open => self.enter(column, true)?,
                (false, true) => return None,
                (true, false) => {
                    self.open.pop();
                    self.open.last().filter(|map| map.column == column && !map.is_list)?;
                }
            },
            Some(_) | None if may_open => self.enter(column, is_list)?,
            Some(_) | None => return None,
        }
        self.inside(column, text, content)
    }

    /// Leaves the blocks that begin right of a column, and says whether there were any.
    fn leave(&mut self, column: usize) -> bool {
        let before = self.open.len();
        while let Some(block) = self.open.pop_if(|block| block.column > column) {
            self.keys.0.truncate(block.first);
        }
        self.open.len() < before
    }

    fn enter(&mut self, column: usize, is_list: bool) -> Option<()> {
        self.open.push(Block { column, is_list, first: self.keys.0.len() });
        (self.open.len() <= DEPTH).then_some(())
    }

    /// An entry of the innermost block: dashes, a key, a value.
    fn inside(&mut self, mut column: usize, mut text: &'t str, mut content: Content<'t>) -> Option<()> {
        loop {
            match content {
                Content::Key(key, value) => {
                    self.keys.add(self.open.last()?.first, key.into())?;
                    return self.value(value);
                }
                Content::Other => return self.value(text),
                Content::Dash => {}
            }
            let item = trim(text.get(1..)?);
            if item.is_empty() || item.starts_with('#') {
                self.before = Before::Open;
                return Some(());
            }
            column += text.len() - item.len();
            text = item;
            content = Content::of(text);
            match content {
                Content::Dash => self.enter(column, true)?,
                Content::Key(..) => self.enter(column, false)?,
                Content::Other => {}
            }
        }
    }

    /// A value as far as it stands on this line.
    fn value(&mut self, text: &'t str) -> Option<()> {
        let text = trim(text);
        if text.is_empty() || text.starts_with('#') {
            self.before = Before::Open;
            return Some(());
        }
        let text = if text.starts_with('!') { flow::tag(text)? } else { text };
        self.before = match text.as_bytes().first() {
            None | Some(b'#') => Before::Tag,
            Some(b'|' | b'>') => {
                let rest = text.get(1..)?;
                ends(rest.strip_prefix(['-', '+']).unwrap_or(rest))?;
                Before::Text { column: None, blank: 0 }
            }
            Some(b'"' | b'\'') => {
                ends(flow::quoted(text)?.1)?;
                Before::Done
            }
            Some(b'[' | b'{') => {
                ends(flow::after_brackets(text, &mut self.keys)?)?;
                Before::Done
            }
            Some(_) => match words(text)? {
                "" => Before::Words,
                _comment => Before::Done,
            },
        };
        Some(())
    }

    /// Whether nothing is missing at the end.
    fn is_closed(&self) -> bool {
        !self.open.is_empty() && self.before != Before::Tag
    }
}

/// What a line, or the rest of it, begins with.
#[derive(Clone, Copy)]
enum Content<'t> {
    Dash,
    /// A key, and what follows its colon.
    Key(&'t str, &'t str),
    Other,
}

impl<'t> Content<'t> {
    fn of(text: &'t str) -> Self {
        match text.as_bytes() {
            [b'-'] | [b'-', b' ', ..] => Self::Dash,
            _ => key(text).map_or(Self::Other, |(key, value)| Self::Key(key, value)),
        }
    }
}

fn trim(text: &str) -> &str {
    let spaces = text.bytes().take_while(|b| *b == b' ').count();
    text.get(spaces..).unwrap_or_default()
}

/// Nothing follows on the line but a comment.
fn ends(rest: &str) -> Option<()> {
    let bare = trim(rest);
    (bare.is_empty() || bare.starts_with('#') && bare.len() < rest.len()).then_some(())
}

/// The key that a line begins with, and what follows its colon.
fn key(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 256;
    let (key, rest) = if text.starts_with(['"', '\'']) {
        let (key, rest) = flow::quoted(text)?;
        // An escape may stand for what is there.
        (!key.contains(['\\', '\''])).then_some((key, rest.strip_prefix(':')?))?
    } else {
        let bytes = text.as_bytes();
        let begins = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/');
        bytes.first().filter(|b| begins(b))?;
        let mut end = 1;
        loop {
            match bytes.get(end)? {
                b':' if matches!(bytes.get(end + 1), None | Some(b' ')) => break,
                b'-' | b':' => end += 1,
                byte if begins(byte) => end += 1,
                _ => return None,
            }
        }
        (text.get(..end)?, text.get(end + 1..)?)
    };
    (key.len() <= LONGEST && (rest.is_empty() || rest.starts_with(' '))).then_some((key, rest))
}

/// The comment that follows words without quotes, which begin with nothing that means something and have no key in them.
fn words(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let begins = match chars.next()? {
        '-' => chars.next().is_some_and(char::is_alphanumeric),
        first => {
            first.is_alphanumeric() || matches!(first, '_' | '/' | '.' | '$' | '(' | '+' | '=' | '^' | '~')
        }
    };
    begins.then_some(())?;
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        match pair {
            b": " => return None,
            b" #" => return text.get(at..),
            _ => {}
        }
    }
    (!text.ends_with(':')).then_some("")
}
