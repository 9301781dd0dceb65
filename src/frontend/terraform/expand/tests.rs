//! Instances of blocks, counted and not.

use super::*;
use crate::value::{Choices, Number};

fn suffixes(e: &Expansion) -> Vec<&str> {
    e.instances.iter().map(|i| i.suffix.as_str()).collect()
}

fn s(text: &str) -> Value {
    Value::string(text, None)
}

fn set(items: Vec<Value>) -> Value {
    Value::new(Kind::Set(Arc::new(items)), None)
}

fn flag(choices: &mut Choices) -> crate::value::ChoiceId {
    choices.intern("var.flag", Unknown::new("`var.flag` has no value", None), &["true", "false"])
}

#[test]
fn counted_instances_have_numbers() {
    let e = Expansion::by_count(&Value::number(2, None)).ok().unwrap();
    assert_eq!(suffixes(&e), ["[0]", "[1]"]);
    assert!(e.instances.iter().all(|i| i.whens == [When::always()]));
    let text = Expansion::by_count(&s("1")).ok().unwrap();
    assert_eq!(suffixes(&text), ["[0]"]);
}

#[test]
fn an_open_count_of_one_has_no_number_and_a_condition() {
    let mut choices = Choices::default();
    let c = flag(&mut choices);
    let v = Value::one_of(c, vec![Value::number(1, None), Value::number(0, None)], None);
    let e = Expansion::by_count(&v).ok().unwrap();
    assert_eq!(suffixes(&e), [""]);
    assert_eq!(e.instances[0].whens, [When::always().and(c, 0).unwrap()]);
    let two = Value::one_of(c, vec![Value::number(2, None), Value::number(1, None)], None);
    let e = Expansion::by_count(&two).ok().unwrap();
    assert_eq!(suffixes(&e), ["[0]", "[1]"]);
    assert_eq!(e.instances[0].whens, [When::always()]);
}

#[test]
fn keys_are_printed_as_terraform_prints_them() {
    let e = Expansion::by_for_each(&set(vec![s("a\"b"), s("${x}"), s("p\\q"), s("ü")])).ok().unwrap();
    assert_eq!(suffixes(&e), ["[\"$${x}\"]", "[\"a\\\"b\"]", "[\"p\\\\q\"]", "[\"ü\"]"]);
}

#[test]
fn arms_give_the_union_of_their_keys() {
    let mut choices = Choices::default();
    let c = flag(&mut choices);
    let v = Value::one_of(c, vec![set(vec![s("a"), s("b")]), set(vec![s("b")])], None);
    let e = Expansion::by_for_each(&v).ok().unwrap();
    assert_eq!(suffixes(&e), ["[\"a\"]", "[\"b\"]"]);
    assert_eq!(e.instances[0].whens, [When::always().and(c, 0).unwrap()]);
    assert_eq!(e.instances[1].whens, [When::always()]);
}

#[test]
fn what_is_not_known_stands_once_and_uncertain() {
    let e = Expansion::by_for_each(&Value::unknown("`var.x` has no value", None)).ok().unwrap();
    assert_eq!(suffixes(&e), [""]);
    assert!(e.instances[0].uncertain.is_some());
    let each = e.instances[0].locals.get("each").unwrap().get("key").unwrap().clone();
    let span = crate::source::SourceMap::new().add("a", "a", "").span();
    let step = Step::Index { value: each, span };
    assert!(matches!(e.select(&[step], false), Selected::One(0, 1)));
    let other = Step::Index { value: s("bob"), span };
    assert!(matches!(e.select(&[other], false), Selected::Unknown(_)));
    let part = Expansion::by_for_each(&set(vec![s("a"), Value::unknown("?", None)])).ok().unwrap();
    assert_eq!(suffixes(&part), ["[\"a\"]", ""]);
    assert!(part.instances[0].uncertain.is_none() && part.instances[1].uncertain.is_some());
}

#[test]
fn lists_and_odd_counts_are_refused() {
    assert!(Expansion::by_for_each(&Value::list(vec![s("a")], None)).is_err());
    assert!(Expansion::by_for_each(&Value::null(None)).is_err());
    assert!(Expansion::by_count(&Value::number(Number::parse("1.5").unwrap(), None)).is_err());
    assert!(Expansion::by_count(&Value::number(-1, None)).is_err());
}
