//! Problems with the input: what could not be read, parsed or followed. Not findings, and never a reason to
//! stop: whatever else could be read is still judged.

use crate::source::Span;

/// How much a problem costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; nothing was lost that a verdict needs.
    Note,
    /// Something could not be followed; the verdicts it touches are unknown, with the reason.
    Warning,
    /// An input that had to be analysed could not be. The run ends with exit code 2.
    Error,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// Kind of problem. Codes are part of the JSON report and never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it is written in reports, for example `E001`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

codes! {
    /// A path that was asked for does not exist.
    NoSuchPath = "E001",
    /// A file or directory could not be read.
    Unreadable = "E002",
    /// A file is too large to be read.
    TooLarge = "E003",
    /// A file is not UTF-8.
    NotUtf8 = "E004",
    /// A file, or a block of it, is not valid HCL.
    HclSyntax = "E005",
    /// A template is not valid YAML.
    YamlSyntax = "E006",
    /// A file is not valid JSON.
    JsonSyntax = "E007",
    /// A path leaves the directory that is analysed.
    OutsideRoot = "E008",
    /// A symbolic link loops, or a directory is reached twice.
    LinkLoop = "E009",
    /// A module calls itself.
    ModuleCycle = "E010",
    /// A local module's directory does not exist or holds no configuration.
    NoSuchModule = "E011",
    /// A module is not on this machine.
    RemoteModule = "E012",
    /// A name refers to nothing, or to itself.
    BadReference = "E013",
    /// An expression fails, as Terraform or CloudFormation would.
    BadExpression = "E014",
    /// A bound on size, depth or number was reached.
    Limit = "E015",
    /// A block or property is declared twice, or misses something it needs.
    BadBlock = "E016",
    /// A policy or a credential is given to a principal whose name is not known.
    UnknownTarget = "E017",
    /// Nothing to analyse was found.
    NothingFound = "E018",
    /// A plan or state has a form that is not read: of another version, or binary.
    BadVersion = "E019",
    /// A resource bears on people in a way that code does not show, and is not judged.
    NotJudged = "E020",
    /// A saved answer of AWS misses something it needs, is not whole, or is of another account.
    BadSnapshot = "E021",
    /// AWS did not permit something to be read.
    NotPermitted = "E022",
    /// Saved answers of AWS say different things.
    Contradiction = "E023",
    /// AWS gave no answer, or not one of its own.
    NotAnswered = "E024",
    /// Code and account do not belong together, or something could not be compared.
    NotCompared = "E025",
}

/// One problem, with its place when it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of problem.
    pub code: Code,
    /// What it costs.
    pub level: Level,
    /// What is wrong and what to do, in lower case, without a full stop.
    pub message: String,
    /// The place.
    pub span: Option<Span>,
    /// The path, for problems with a file that has no text.
    pub path: Option<String>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn at(code: Code, level: Level, span: Span, message: impl Into<String>) -> Self {
        Self { code, level, message: message.into(), span: Some(span), path: None }
    }

    /// A problem with a path as a whole.
    pub fn path(code: Code, level: Level, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, level, message: message.into(), span: None, path: Some(path.into()) }
    }
}
