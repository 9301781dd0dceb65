//! What Terraform itself says, recorded by `testdata/terraform/record.py`: every difference is named there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Level};
use crate::frontend::terraform::Options;
use crate::frontend::terraform::functions::{FUNCTIONS, exists};
use crate::frontend::terraform::load::Loader;
use crate::frontend::terraform::module::Target;
use crate::frontend::terraform::world::World;
use crate::fs::{FileSystem as _, MemFs, OsFs};
use crate::source::SourceMap;
use crate::value::{Kind, Number, Value};

const UNKNOWN: &str = "<unknown>";

/// What no plan can hold.
const INFINITE: &str = "<infinite>";

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform")
}

/// The files below a directory of the test data, by their paths relative to it.
fn files(dir: &Path) -> BTreeMap<PathBuf, String> {
    let fs = OsFs::for_paths([dir]);
    let (paths, problems) = fs.walk(dir, &|_| true);
    assert!(problems.is_empty(), "{problems:?}");
    let relative = |p: &PathBuf| (p.strip_prefix(dir).unwrap().to_owned(), fs.read(p).unwrap());
    paths.iter().map(relative).collect()
}

fn in_memory(files: BTreeMap<PathBuf, String>) -> MemFs {
    files.into_iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, text))
}

/// Runs `f` on the evaluation of the root module in a file system, and gives the problems it met.
fn evaluate<T>(fs: MemFs, f: impl FnOnce(&mut World<'_>) -> T) -> (T, Vec<Diagnostic>) {
    let (sources, options) = (SourceMap::new(), Options::default());
    let loader = Loader::new(&sources);
    let mut world = World::new(&loader, Arc::new(fs), Path::new("."), &options);
    world.read_given();
    let made = f(&mut world);
    (made, world.diagnostics)
}

/// A number as a plan holds it: as a float when it is one, and without the sign of a zero.
fn held(n: &Number) -> Number {
    if n.is_zero() || (n.is_integer() && u64::try_from(n.trunc()).is_ok()) {
        return if n.is_zero() { 0.into() } else { n.clone() };
    }
    Number::from_f64(n.to_f64()).filter(|float| float == n).unwrap_or_else(|| n.clone())
}

/// A value in the notation of what is recorded.
fn shown(v: &Value) -> Json {
    match &v.kind {
        Kind::Null => Json::Null,
        Kind::Bool(b) => (*b).into(),
        Kind::Number(n) if n.is_infinite() => INFINITE.into(),
        Kind::Number(n) => match held(n).to_string() {
            n if n.len() > 15 => format!("<number>{n}").into(),
            n => serde_json::from_str(&n).unwrap(),
        },
        Kind::String(t) => t.known().unwrap_or(UNKNOWN).into(),
        Kind::List(l) => l.iter().map(shown).collect(),
        Kind::Set(l) => std::iter::once("<set>".into()).chain(l.iter().map(shown)).collect(),
        Kind::Map(m) => m.iter().map(|(k, e)| (k.to_string(), shown(&e.value))).collect(),
        Kind::OneOf(_) | Kind::Unknown(_) => UNKNOWN.into(),
    }
}

fn has_unknown(v: &Json) -> bool {
    match v {
        Json::String(s) => s == UNKNOWN,
        Json::Array(l) => l.iter().any(has_unknown),
        Json::Object(m) => m.values().any(has_unknown),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// How our answer differs from Terraform's.
fn difference(ours: &Json, theirs: &Json) -> Option<&'static str> {
    let set = |l: &[Json]| l.first().is_some_and(|v| v == "<set>");
    match (ours, theirs) {
        (o, t) if o == t => None,
        (o, Json::String(t)) if t == UNKNOWN => (!has_unknown(o)).then_some("known here"),
        (Json::String(o), _) if o == UNKNOWN => Some("unknown here"),
        (Json::Array(o), Json::Array(t)) => {
            // Where something is unknown, a plan does not tell sets from lists.
            let o = if set(o) && !set(t) && has_unknown(theirs) { &o[1..] } else { &o[..] };
            if o.len() != t.len() {
                return Some("different");
            }
            o.iter().zip(t).find_map(|(o, t)| difference(o, t))
        }
        (Json::Object(o), Json::Object(t)) if o.keys().eq(t.keys()) => {
            o.values().zip(t.values()).find_map(|(o, t)| difference(o, t))
        }
        _ => Some("different"),
    }
}

struct Row<'t> {
    expression: &'t str,
    answer: &'t str,
    /// The answers when the variables have one value or another, where we know the answer without.
    completed: Vec<&'t str>,
    /// Why a difference is accepted.
    reason: Option<&'t str>,
}

fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|line| {
        let (expression, rest) = line.split_once("  =>  ").unwrap();
        let (answer, reason) = rest.split_once("  ~~  ").map_or((rest, None), |(a, r)| (a, Some(r)));
        let mut answers = answer.split("  <~  ");
        Row { expression, answer: answers.next().unwrap(), completed: answers.collect(), reason }
    })
}

/// The tables of rows: texts at the top, and not what rows read.
fn tables(files: &BTreeMap<PathBuf, String>) -> Vec<&str> {
    let table =
        |path: &Path| path.parent() == Some(Path::new("")) && path.extension().is_some_and(|e| e == "txt");
    files.iter().filter(|(path, _)| table(path)).map(|(_, text)| text.as_str()).collect()
}

/// Our answer: `None` is an error.
fn answer(fs: &MemFs, expression: &str) -> Option<Json> {
    let text = expression.replace('⏎', "\n");
    let fs = fs.clone().with("row.tf", format!("output \"row\" {{\n  value = [\n{text}\n  ]\n}}\n"));
    let (value, problems) = evaluate(fs, |world| shown(&world.outputs(0)));
    let row = match value["row"].as_array() {
        Some(items) => items[0].clone(),
        None => value["row"].clone(),
    };
    (problems.iter().all(|d| d.level == Level::Note) && !row.to_string().contains(INFINITE)).then_some(row)
}

/// How our answer differs from one that is recorded.
fn differs(ours: &Option<Json>, theirs: &str) -> Option<&'static str> {
    match (ours, theirs) {
        (None, "ERROR" | "\"<unknown>\"") => None,
        (None, _) => Some("an error here"),
        (Some(_), "ERROR") => Some("no error here"),
        (Some(ours), theirs) => difference(ours, &serde_json::from_str(theirs).unwrap()),
    }
}

#[test]
fn expressions_have_terraforms_answers() {
    let files = files(&data().join("expressions"));
    let fs = in_memory(files.clone());
    let (mut wrong, mut count, mut accepted) = (Vec::new(), 0, 0);
    for table in tables(&files) {
        for row in rows(table) {
            count += 1;
            let ours = answer(&fs, row.expression);
            let difference = match (differs(&ours, row.answer), row.completed.as_slice()) {
                (difference, []) => difference,
                // Not known before the variables are, because it depends on them, or known whatever they are.
                (Some("unknown here"), [a, b]) if a != b => None,
                (Some("known here"), [a, b]) => [a, b].iter().find_map(|a| differs(&ours, a)),
                (_, _) => Some("not known here"),
            };
            let ours = ours.map_or_else(|| "ERROR".to_owned(), |v| v.to_string());
            match (difference, row.reason) {
                (None, None) => {}
                (Some(d), Some(reason)) if reason.starts_with(&format!("{d}:")) => accepted += 1,
                (d, _) => wrong.push(format!(
                    "{}: {}\n    is {ours}, Terraform says {}",
                    d.unwrap_or("no difference"),
                    row.expression,
                    row.answer
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 1_600 && accepted * 20 < count, "{accepted} of {count} differ");
}

#[test]
fn every_function_of_terraform_is_known_and_has_rows() {
    assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    let files = files(&data());
    let listed = &files[Path::new("functions.txt")];
    let listed: BTreeSet<&str> = listed.lines().collect();
    let unknown: Vec<&&str> = listed.iter().filter(|n| !exists(n)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let more: Vec<&str> =
        FUNCTIONS.iter().map(|f| f.name).filter(|n| !listed.contains(n) && !n.contains("::")).collect();
    assert!(more.is_empty(), "{more:?}");
    let expressions = files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("expressions").ok()?.to_owned(), text.clone())));
    let tables = tables(&expressions.collect()).concat();
    for name in listed {
        let count = rows(&tables).filter(|r| r.expression.contains(&format!("{name}("))).count();
        assert!(count >= 2, "{name} has {count} rows");
    }
}

/// The values of a root module as they are recorded: root outputs, and arguments of IAM resources by address.
fn configuration(files: BTreeMap<PathBuf, String>) -> (Json, Vec<Diagnostic>) {
    evaluate(in_memory(files), |world| {
        let mut resources = serde_json::Map::new();
        attributes(world, 0, &mut resources);
        serde_json::json!({ "outputs": shown(&world.outputs(0)), "resources": resources })
    })
}

/// The attributes of all IAM resources of a module instance and of all that it calls.
fn attributes(world: &mut World<'_>, id: usize, out: &mut serde_json::Map<String, Json>) {
    let dir = Arc::clone(&world.module(id).unwrap().dir);
    for key in &dir.order {
        let def = &dir.blocks[key];
        if def.kind == "module" {
            if let Target::Here(ids) = &world.call(id, def.label(0), def).target {
                ids.iter().for_each(|&id| attributes(world, id, out));
            }
        } else if def.kind == "resource" && def.label(0).starts_with("aws_iam_") {
            let expansion = world.expand(id, key, def);
            for i in 0..expansion.instances.len() {
                let site = world.site(id, key, def, &expansion, i);
                out.insert(site.address.clone(), shown(&world.object(&site)));
            }
        }
    }
}

/// A policy is the same however its text is laid out: the provider writes lists of one element as the element
/// and others as sets, which here stay as they are written.
fn normal(v: &Json) -> Json {
    match v {
        Json::String(s) => match serde_json::from_str::<Json>(s) {
            Ok(inner @ (Json::Object(_) | Json::Array(_))) => {
                serde_json::json!({ "<json>": document(inner) })
            }
            Ok(_) | Err(_) => v.clone(),
        },
        Json::Array(l) => l.iter().map(normal).collect(),
        Json::Object(m) => m.iter().map(|(k, v)| (k.clone(), normal(v))).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) => v.clone(),
    }
}

fn document(v: Json) -> Json {
    match v {
        Json::Array(l) if l.iter().all(Json::is_string) => {
            let set: BTreeSet<&str> = l.iter().filter_map(Json::as_str).collect();
            if set.len() == 1 {
                set.into_iter().collect::<String>().into()
            } else {
                set.into_iter().collect()
            }
        }
        Json::Array(l) => l.into_iter().map(document).collect(),
        Json::Object(m) => m.into_iter().map(|(k, v)| (k, document(v))).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => v,
    }
}

/// The differences between our values and those of a plan, each with what it is about.
fn differences(ours: &Json, theirs: &Json) -> Vec<(String, &'static str)> {
    let mut out = Vec::new();
    let mut compare = |what: String, ours: Option<&Json>, theirs: Option<&Json>| match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            out.extend(difference(&normal(ours), &normal(theirs)).map(|d| (what, d)))
        }
        (Some(_), None) => out.push((what, "not there")),
        (None, Some(_)) => out.push((what, "missing")),
        (None, None) => {}
    };
    for (key, prefix) in [("outputs", "output."), ("resources", "")] {
        let (ours, theirs) = (ours[key].as_object().unwrap(), theirs[key].as_object().unwrap());
        for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let what = format!("{prefix}{name}");
            let (ours, theirs) = (ours.get(name), theirs.get(name));
            let (Some(Json::Object(o)), Some(Json::Object(t)), "resources") = (ours, theirs, key) else {
                compare(what, ours, theirs);
                continue;
            };
            // What is not written has defaults and computed values of the provider. The id is known here before
            // it is made, because it is the name.
            for (name, ours) in o.iter().filter(|(name, v)| !v.is_null() && *name != "id") {
                compare(format!("{what}.{name}"), Some(ours), t.get(name).or(Some(ours)));
            }
        }
    }
    out
}

#[test]
fn configurations_have_the_values_of_terraforms_plans() {
    let mut cases: BTreeMap<String, BTreeMap<PathBuf, String>> = BTreeMap::new();
    for (path, text) in files(&data().join("plans")) {
        let name = path.iter().next().unwrap().to_string_lossy().into_owned();
        let inside = path.iter().skip(1).collect();
        cases.entry(name).or_default().insert(inside, text);
    }
    assert!(cases.len() >= 25);
    let mut wrong = Vec::new();
    for (case, files) in cases {
        let theirs: Json = serde_json::from_str(&files[Path::new("expected.json")]).unwrap();
        // `what  ~~  difference: reason`
        let accepted = files.get(Path::new("differences.txt")).cloned().unwrap_or_default();
        let accepted: BTreeSet<String> =
            accepted.lines().map(|l| l.rsplit_once(": ").unwrap().0.to_owned()).collect();
        let (ours, problems) = configuration(files);
        wrong.extend(problems.iter().map(|d| format!("{case}: {d:?}")));
        let found = differences(&ours, &theirs).into_iter().map(|(what, d)| format!("{what}  ~~  {d}"));
        let found: BTreeSet<String> = found.collect();
        wrong.extend(
            found.symmetric_difference(&accepted).map(|d| format!("{case}: {d}\n  {ours}\n  {theirs}")),
        );
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
