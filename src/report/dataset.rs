//! The users of accounts as a data set in Parquet, one file for each account and day, which Athena, Spark and DuckDB
//! query as it is. Rows are written in groups: the memory that takes does not grow with their number.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::status::{StatusReport, basis, date};
use crate::account::time::Time;
use crate::analysis::live::LiveUser;
use crate::fs;
use crate::status::AccountStatus;
use crate::tri::Tri;

/// Rows that are held until they are written.
const GROUP: usize = 50_000;

/// What Hive calls a partition without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A user. What is not known is null.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record<'a> {
    /// Alias of the account.
    pub alias: Option<&'a str>,
    /// Path of its organisational unit.
    pub ou: Option<&'a str>,
    /// Name of the user.
    pub user: Cow<'a, str>,
    /// Its ARN.
    pub arn: Cow<'a, str>,
    /// Whether it has a console password.
    pub console: Option<bool>,
    /// When that was last used.
    pub password_last_used: Option<Time>,
    /// Whether it has an MFA device.
    pub mfa_active: Option<bool>,
    /// How many are known.
    pub devices: i32,
    /// Kind of the best of these.
    pub best_device: Option<&'static str>,
    /// Kind of the weakest.
    pub weakest_device: Option<&'static str>,
    /// When the first was enabled.
    pub device_since: Option<Time>,
    /// Whether it is an administrator.
    pub admin: Option<bool>,
    /// The way to these rights.
    pub admin_path: Option<String>,
    /// How many access keys are active.
    pub access_keys: Option<i32>,
    /// Whether policies ask console sessions for MFA.
    pub mfa: &'static str,
    /// Whether policies ask access keys for MFA.
    pub mfa_keys: &'static str,
    /// Whether a session without MFA is within reach.
    pub reachable_console: Option<bool>,
    /// Whether a long-term key is.
    pub reachable_keys: Option<bool>,
    /// Whether who signs in at the console has a device.
    pub verdict: &'static str,
    /// Which answer of AWS the verdict rests on.
    pub source: Option<&'static str>,
    /// The time of that.
    pub source_time: Option<Time>,
}

/// How a column is made from a record.
enum Column {
    Text(fn(&Record<'_>) -> Option<ByteArray>),
    Bool(fn(&Record<'_>) -> Option<bool>),
    Number(fn(&Record<'_>) -> Option<i32>),
    Time(fn(&Record<'_>) -> Option<Time>),
}

use Column::{Bool, Number, Text, Time as Timestamp};

/// The columns beside `account` and `date`, which are in the path.
static COLUMNS: &[(&str, Column)] = &[
    ("alias", Text(|r| r.alias.map(ByteArray::from))),
    ("ou", Text(|r| r.ou.map(ByteArray::from))),
    ("user", Text(|r| Some(r.user.as_ref().into()))),
    ("arn", Text(|r| Some(r.arn.as_ref().into()))),
    ("console", Bool(|r| r.console)),
    ("password_last_used", Timestamp(|r| r.password_last_used)),
    ("mfa_active", Bool(|r| r.mfa_active)),
    ("devices", Number(|r| Some(r.devices))),
    ("best_device", Text(|r| r.best_device.map(ByteArray::from))),
    ("weakest_device", Text(|r| r.weakest_device.map(ByteArray::from))),
    ("device_since", Timestamp(|r| r.device_since)),
    ("admin", Bool(|r| r.admin)),
    ("admin_path", Text(|r| r.admin_path.as_deref().map(ByteArray::from))),
    ("access_keys", Number(|r| r.access_keys)),
    ("mfa", Text(|r| Some(r.mfa.into()))),
    ("mfa_keys", Text(|r| Some(r.mfa_keys.into()))),
    ("reachable_console", Bool(|r| r.reachable_console)),
    ("reachable_keys", Bool(|r| r.reachable_keys)),
    ("verdict", Text(|r| Some(r.verdict.into()))),
    ("source", Text(|r| r.source.map(ByteArray::from))),
    ("source_time", Timestamp(|r| r.source_time)),
];

/// Writes the users of each account below a directory; what was there of the same account and day is replaced.
///
/// # Errors
/// When a file cannot be written.
pub fn save(status: &StatusReport<'_>, dir: &Path) -> Result<()> {
    for account in status.accounts {
        let path = dir.join(partition(account, status.now));
        fs::replace(&path, |file| write(account.users().map(|live| record(account, &live)), file))?;
    }
    Ok(())
}

/// Writes records as one file.
///
/// # Errors
/// When it cannot be written.
pub fn write<'a>(records: impl Iterator<Item = Record<'a>>, out: impl Write + Send) -> Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut file = SerializedFileWriter::new(out, schema()?, Arc::new(properties))?;
    let mut records = records.peekable();
    while records.peek().is_some() {
        let rows: Vec<Record<'a>> = records.by_ref().take(GROUP).collect();
        let mut group = file.next_row_group()?;
        for (_, column) in COLUMNS {
            let writer = group.next_column()?;
            cells(
                column,
                &rows,
                writer.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?,
            )?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

fn schema() -> Result<TypePtr> {
    let field = |(name, column): &(&str, Column)| {
        let (physical, logical) = match column {
            Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Bool(_) => (Physical::BOOLEAN, None),
            Number(_) => (Physical::INT32, None),
            Timestamp(_) => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let built = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        built.build().map(Arc::new)
    };
    let fields: Result<Vec<TypePtr>> = COLUMNS.iter().map(field).collect();
    Type::group_type_builder("user").with_fields(fields?).build().map(Arc::new)
}

/// Writes the cells of a column: those that are there, and which ones these are.
fn cells(column: &Column, rows: &[Record<'_>], mut writer: SerializedColumnWriter<'_>) -> Result<()> {
    fn split<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
        let mut there = Vec::new();
        let levels = values
            .map(|v| match v {
                Some(v) => {
                    there.push(v);
                    1
                }
                None => 0,
            })
            .collect();
        (there, levels)
    }
    match column {
        Text(of) => {
            let (there, levels) = split(rows.iter().map(of));
            writer.typed::<ByteArrayType>().write_batch(&there, Some(&levels), None)?;
        }
        Bool(of) => {
            let (there, levels) = split(rows.iter().map(of));
            writer.typed::<BoolType>().write_batch(&there, Some(&levels), None)?;
        }
        Number(of) => {
            let (there, levels) = split(rows.iter().map(of));
            writer.typed::<Int32Type>().write_batch(&there, Some(&levels), None)?;
        }
        Timestamp(of) => {
            let (there, levels) = split(rows.iter().map(|r| of(r).map(Time::milliseconds)));
            writer.typed::<Int64Type>().write_batch(&there, Some(&levels), None)?;
        }
    }
    writer.close()
}

fn record<'a>(of: &'a AccountStatus, live: &LiveUser<'a>) -> Record<'a> {
    let (user, basis) = (live.user, basis(live));
    let devices = &user.devices.value;
    let way = live.admin_way();
    Record {
        alias: of.account.alias.as_deref(),
        ou: of.account.ou.as_deref(),
        user: user.name.as_str().into(),
        arn: user.arn.as_str().into(),
        console: known(user.console.value),
        password_last_used: user.last_used,
        mfa_active: known(user.mfa.value),
        devices: number(devices.len()),
        best_device: devices.first().map(|d| d.kind.as_str()),
        weakest_device: devices.last().map(|d| d.kind.as_str()),
        device_since: devices.iter().filter_map(|d| d.enabled).min(),
        admin: known(live.admin()),
        admin_path: (!way.is_empty()).then(|| way.join(" > ")),
        access_keys: user.keys.value.map(number),
        mfa: live.mfa().as_str(),
        mfa_keys: live.mfa_keys().as_str(),
        reachable_console: known(live.reaches_console()),
        reachable_keys: known(live.reaches_keys()),
        verdict: live.verdict().as_str(),
        source: basis.map(|s| s.from.as_str()),
        source_time: basis.and_then(|s| s.at),
    }
}

fn known(t: Tri) -> Option<bool> {
    match t {
        Tri::Yes => Some(true),
        Tri::No => Some(false),
        Tri::Maybe => None,
    }
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// The path of the file of an account: of the day of its answers, else of today.
fn partition(of: &AccountStatus, now: Option<Time>) -> PathBuf {
    let answers = of.account.users.iter().filter_map(|u| u.mfa.source?.at);
    let day = of.account.report_at.or_else(|| answers.max()).or(now).map(date);
    let account = escaped(&of.account.id);
    format!("account={account}/date={}/users.parquet", day.as_deref().unwrap_or(NO_VALUE)).into()
}

/// The text as Hive writes it into a path.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
