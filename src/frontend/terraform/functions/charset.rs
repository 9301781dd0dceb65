//! Character encodings by the names of IANA ("Character Sets"), which Terraform asks for: other registries have other
//! names for the same encodings, and the same names for others.

mod pages;

use encoding_rs as rs;
use encoding_rs::Encoding;

use pages::{PAGES, Page};

/// A character encoding.
pub(super) enum Charset {
    Utf8,
    /// One byte a character, below this one.
    Latin(u32),
    Utf16 {
        little: bool,
        /// Whether a byte order mark stands in front.
        marked: bool,
    },
    Page(&'static Page),
    Other(&'static Encoding),
}

impl Page {
    /// The first byte that is not ASCII.
    fn start(&self) -> usize {
        0x100_usize.saturating_sub(self.chars.chars().count())
    }

    fn encode(&self, ch: char) -> Option<u8> {
        let start = self.start();
        let ascii = usize::try_from(u32::from(ch)).ok().filter(|&b| b < start);
        let listed = || Some(start + self.chars.chars().position(|c| c == ch)?);
        u8::try_from(ascii.or_else(listed)?).ok()
    }

    fn decode(&self, byte: u8) -> Option<char> {
        match usize::from(byte).checked_sub(self.start()) {
            Some(at) => self.chars.chars().nth(at),
            None => Some(char::from(byte)),
        }
    }
}

/// Names of the encodings that are tables, in lower case.
static NAMES: &[(&str, &Encoding)] = &[
    ("big5", rs::BIG5),
    ("csbig5", rs::BIG5),
    ("euc-jp", rs::EUC_JP),
    ("cseucpkdfmtjapanese", rs::EUC_JP),
    ("extended_unix_code_packed_format_for_japanese", rs::EUC_JP),
    ("euc-kr", rs::EUC_KR),
    ("cseuckr", rs::EUC_KR),
    ("gb18030", rs::GB18030),
    ("csgb18030", rs::GB18030),
    ("gbk", rs::GBK),
    ("cp936", rs::GBK),
    ("ms936", rs::GBK),
    ("windows-936", rs::GBK),
    ("csgbk", rs::GBK),
    ("ibm866", rs::IBM866),
    ("866", rs::IBM866),
    ("cp866", rs::IBM866),
    ("csibm866", rs::IBM866),
    ("iso-2022-jp", rs::ISO_2022_JP),
    ("csiso2022jp", rs::ISO_2022_JP),
    ("iso-8859-2", rs::ISO_8859_2),
    ("latin2", rs::ISO_8859_2),
    ("iso-8859-3", rs::ISO_8859_3),
    ("latin3", rs::ISO_8859_3),
    ("iso-8859-4", rs::ISO_8859_4),
    ("latin4", rs::ISO_8859_4),
    ("iso-8859-5", rs::ISO_8859_5),
    ("cyrillic", rs::ISO_8859_5),
    ("iso-8859-6", rs::ISO_8859_6),
    ("arabic", rs::ISO_8859_6),
    ("iso-8859-7", rs::ISO_8859_7),
    ("greek", rs::ISO_8859_7),
    ("iso-8859-8", rs::ISO_8859_8),
    ("hebrew", rs::ISO_8859_8),
    ("iso-8859-8-i", rs::ISO_8859_8_I),
    ("iso-8859-10", rs::ISO_8859_10),
    ("latin6", rs::ISO_8859_10),
    ("iso-8859-13", rs::ISO_8859_13),
    ("iso-8859-14", rs::ISO_8859_14),
    ("latin8", rs::ISO_8859_14),
    ("iso-8859-15", rs::ISO_8859_15),
    ("latin-9", rs::ISO_8859_15),
    ("iso-8859-16", rs::ISO_8859_16),
    ("latin10", rs::ISO_8859_16),
    ("koi8-r", rs::KOI8_R),
    ("cskoi8r", rs::KOI8_R),
    ("koi8-u", rs::KOI8_U),
    ("cskoi8u", rs::KOI8_U),
    ("macintosh", rs::MACINTOSH),
    ("mac", rs::MACINTOSH),
    ("csmacintosh", rs::MACINTOSH),
    ("shift_jis", rs::SHIFT_JIS),
    ("ms_kanji", rs::SHIFT_JIS),
    ("csshiftjis", rs::SHIFT_JIS),
    ("windows-874", rs::WINDOWS_874),
    ("cswindows874", rs::WINDOWS_874),
    ("windows-1250", rs::WINDOWS_1250),
    ("cswindows1250", rs::WINDOWS_1250),
    ("windows-1251", rs::WINDOWS_1251),
    ("cswindows1251", rs::WINDOWS_1251),
    ("windows-1252", rs::WINDOWS_1252),
    ("cswindows1252", rs::WINDOWS_1252),
    ("windows-1253", rs::WINDOWS_1253),
    ("cswindows1253", rs::WINDOWS_1253),
    ("windows-1254", rs::WINDOWS_1254),
    ("cswindows1254", rs::WINDOWS_1254),
    ("windows-1255", rs::WINDOWS_1255),
    ("cswindows1255", rs::WINDOWS_1255),
    ("windows-1256", rs::WINDOWS_1256),
    ("cswindows1256", rs::WINDOWS_1256),
    ("windows-1257", rs::WINDOWS_1257),
    ("cswindows1257", rs::WINDOWS_1257),
    ("windows-1258", rs::WINDOWS_1258),
    ("cswindows1258", rs::WINDOWS_1258),
];

/// Names of an encoding for which there is no table here.
static MISSING: &[&str] = &["hz-gb-2312"];

/// True when a text has characters that browsers put where an encoding of Windows has none.
fn fills_gaps(encoding: &'static Encoding, text: &str) -> bool {
    encoding.name().starts_with("windows-") && text.contains(|ch| ('\u{80}'..='\u{9f}').contains(&ch))
}

impl Charset {
    /// True for an encoding that Terraform has and nobody has here.
    pub(super) fn is_missing(name: &str) -> bool {
        MISSING.contains(&name.to_ascii_lowercase().as_str())
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "csutf8" => Self::Utf8,
            "us-ascii" | "iso646-us" | "us" | "cp367" | "ibm367" | "csascii" => Self::Latin(0x80),
            "iso-8859-1" | "iso_8859-1" | "latin1" | "l1" | "cp819" | "ibm819" | "csisolatin1" => {
                Self::Latin(0x100)
            }
            "utf-16" | "csutf16" => Self::Utf16 { little: false, marked: true },
            "utf-16be" | "csutf16be" => Self::Utf16 { little: false, marked: false },
            "utf-16le" | "csutf16le" => Self::Utf16 { little: true, marked: false },
            name => {
                if let Some(page) = PAGES.iter().find(|p| p.names.contains(&name)) {
                    return Some(Self::Page(page));
                }
                // The standards have names of their own.
                let name = name.replacen("iso_8859-", "iso-8859-", 1);
                Self::Other(NAMES.iter().find(|(n, _)| *n == name)?.1)
            }
        })
    }

    pub(super) fn encode(&self, s: &str) -> Option<Vec<u8>> {
        match *self {
            Self::Utf8 => Some(s.as_bytes().to_vec()),
            Self::Latin(end) => {
                s.chars().map(|ch| u8::try_from(ch).ok().filter(|&b| u32::from(b) < end)).collect()
            }
            Self::Utf16 { little, marked } => {
                let mark = marked.then_some(0xfeff);
                let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
                Some(mark.into_iter().chain(s.encode_utf16()).flat_map(bytes).collect())
            }
            Self::Page(page) => s.chars().map(|ch| page.encode(ch)).collect(),
            Self::Other(encoding) => {
                let (bytes, _, lost) = encoding.encode(s);
                (!lost && !fills_gaps(encoding, s)).then(|| bytes.into_owned())
            }
        }
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> Option<String> {
        match *self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Latin(end) => {
                bytes.iter().map(|&b| (u32::from(b) < end).then_some(char::from(b))).collect()
            }
            Self::Utf16 { little, marked } => {
                let (pairs, []) = bytes.as_chunks::<2>() else { return None };
                let little = little || marked && pairs.first() == Some(&[0xff, 0xfe]);
                let unit = |&p: &[u8; 2]| if little { u16::from_le_bytes(p) } else { u16::from_be_bytes(p) };
                let units: Vec<u16> = pairs.iter().map(unit).collect();
                let units = units.strip_prefix(&[0xfeff]).filter(|_| marked).unwrap_or(&units);
                Some(String::from_utf16_lossy(units))
            }
            Self::Page(page) => bytes.iter().map(|&b| page.decode(b)).collect(),
            Self::Other(encoding) => {
                let (text, lost) = encoding.decode_without_bom_handling(bytes);
                (!lost && !fills_gaps(encoding, &text)).then(|| text.into_owned())
            }
        }
    }
}
