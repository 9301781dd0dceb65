//! Every bound on what an input may cost, in one place.
//!
//! Input is hostile until proven otherwise: a pull request can hold any file. Whatever grows with input is
//! bounded here, and reaching a bound is a diagnostic or an unknown with a reason, never a silent cut.

/// Largest file that is read, in bytes. Larger files get a diagnostic.
pub const FILE_BYTES: u64 = 16 << 20;

/// Largest plan or state that is read, in bytes.
pub const RECORDED_BYTES: u64 = 64 << 20;

/// Largest diff of a pull request that is read, in bytes.
pub const DIFF_BYTES: u64 = 64 << 20;

/// Largest message of an editor, in bytes: the largest file, every byte of it escaped.
pub const MESSAGE_BYTES: u64 = 8 * FILE_BYTES;

/// Largest file that says what is left out of a project, in bytes.
pub const PATTERNS_BYTES: u64 = 256 << 10;

/// Longest pattern of what is left out, in bytes. No path is longer.
pub const PATTERN_BYTES: usize = 4 << 10;

/// Largest configuration that is read, in bytes.
pub const CONFIG_BYTES: u64 = 1 << 20;

/// Deepest nesting of an expression, a document or a call that is followed.
pub const DEPTH: usize = 64;

/// Deepest chain of module calls (a module that calls itself ends here).
pub const MODULE_DEPTH: usize = 24;

/// Most module instances of one Terraform root.
pub const MODULES: usize = 5_000;
/// Most values that one list or map may hold, all that is in them counted.
pub const PARTS: usize = 1 << 18;
/// Most elements that one `range`, `for`, `count`, `for_each` or `setproduct` may produce.
pub const ELEMENTS: usize = 100_000;

/// Most steps (expression nodes) that the evaluation of one Terraform root may take.
pub const STEPS: u64 = 10_000_000;

/// How many steps it takes to include a file in a template once more.
pub const INCLUDE_STEPS: u64 = 100;

/// How many bytes of a template that another one nests are read in the time of a step.
pub const BYTES_A_STEP: u64 = 4;

/// Longest text that an expression may build, in bytes.
pub const TEXT_BYTES: usize = 8 << 20;

/// Most unknown parts and runs with places of their own that a text may be put together of.
pub const TEXT_PARTS: usize = 1 << 17;

/// Most alternatives that a value may keep when a choice is open (`OneOf`).
pub const ALTERNATIVES: usize = 32;

/// Bytes of configuration that are kept from finding what calls what to evaluating it. What is beyond is read twice.
pub const HELD_BYTES: usize = 16 << 20;

/// Most principals that are judged together: four times the users that AWS permits in an account ("IAM and STS quotas").
/// Of more nobody is judged, because those left out bear on the others.
pub const PRINCIPALS: usize = 20_000;

/// Most combinations of open choices that are judged one by one for a principal.
pub const ASSIGNMENTS: usize = 256;

/// Most reasons, and most steps of a proof, that are listed for one answer: more than the policies that AWS permits for a
/// principal and its groups ("IAM and STS quotas"). All of them bear on the answer. Also of broken rows.
pub const LISTED: usize = 200;

/// Most steps (statements times resources) that judging the readings of one principal's policies may take.
pub const READING_STEPS: usize = 1_000_000;

/// Most distinct resources that a verdict looks at. Beyond that nothing is called enforced.
pub const WITNESSES: usize = 1024;

/// Most names of actions that the patterns of one policy document are compared with. What comes after is taken for
/// patterns that are not known.
pub const PATTERN_STEPS: usize = 20_000_000;

/// Most steps (statements times resources) that comparing two policy documents may take.
pub const COMPARED: usize = 100_000;

/// Most statements of one policy document that are judged.
pub const STATEMENTS: usize = 10_000;

/// Most nodes of one YAML or JSON document (aliases count every time they are used).
pub const NODES: usize = 2_000_000;

/// Most values of a file of code in JSON.
pub const JSON_VALUES: usize = 1 << 19;

/// Deepest nesting of a CloudFormation template, and of the evaluation of a value in it.
pub const TEMPLATE_DEPTH: usize = 128;

/// Most answers that one open parameter of a template is split into.
pub const ANSWERS: usize = 8;

/// Most templates that one template nests, directly and through others.
pub const NESTED_STACKS: usize = 1_000;

/// Longest output of a template that others may import, in bytes ("AWS CloudFormation quotas").
pub const EXPORT_BYTES: usize = 4096;

/// Most organisational units of an organisation whose names are asked for (AWS permits 2,000: "Quotas for AWS
/// Organizations").
pub const UNITS: usize = 10_000;

/// How much text that is exported is filled in where it is imported, in bytes, over all units of an account.
pub const IMPORT_BYTES: usize = 16 << 20;

/// How much text is looked at to tell what the comments of one file are about, in bytes. Comments beyond that count for
/// nothing.
pub const REMARK_BYTES: usize = 1 << 30;

/// Most signs (brackets, operators, commas, line breaks) of a block of Terraform, or of a file of variables, that is
/// parsed, because the tree takes some hundred bytes for each.
pub const SIGNS: usize = 400_000;

/// Most steps (findings times files and principals) that a report may take to offer fixes.
pub const FIX_STEPS: usize = 2_500;

/// Most fixes, or groups of fixes, that one run tries. What is left then is not fixed.
pub const FIX_TRIALS: usize = 500;

/// Most times that a project is analysed again to fix what is left.
pub const FIX_ROUNDS: usize = 64;
