use proptest::prelude::*;

use super::*;

fn show(value: &Value) -> String {
    match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::String(text) => format!("'{}'", text.text.escape_debug()),
        Kind::Array(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Kind::Object(object) => {
            let all: Vec<_> = object.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
            format!("{{{}}}", all.join(" "))
        }
        Kind::Unreadable => "?".to_owned(),
    }
}

/// Everything that must hold for any text.
fn check(text: &str, value: &Value) {
    assert!(text.get(value.span.range(text.len())).is_some(), "{value:?}");
    match &value.kind {
        Kind::String(string) => {
            for segment in string.segments() {
                assert!(value.span.contains(segment.host), "{segment:?} of {value:?}");
                if segment.verbatim {
                    let host = text.get(segment.host.range(text.len()));
                    assert_eq!(host, string.text.get(segment.inner.clone()));
                }
            }
        }
        Kind::Array(items) => {
            for item in items {
                assert!(value.span.contains(item.span));
                check(text, item);
            }
        }
        Kind::Object(object) => {
            for entry in object.entries() {
                assert!(value.span.contains(entry.span()));
                assert!(text.get(entry.key.span.range(text.len())).is_some());
                check(text, &entry.value);
            }
        }
        _ => {}
    }
}

fn read(text: &str) -> Json {
    let json = parse(text, &mut Budget::default());
    json.root.iter().for_each(|value| check(text, value));
    for problem in &json.problems {
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
    }
    json
}

#[test]
fn sound_files_are_read_whole() {
    let table = [
        ("{}", "{}"),
        ("\u{feff} [1, -2.5, 1e3, true, false, null] \r\n", "[1 -2.5 1000.0 true false null]"),
        ("{\"a\": {\"b\": [\"x\", {}]}, \"c\": []}", "{a={b=['x' {}]} c=[]}"),
        ("\"\\t\\u00e9\\\\\\/\\ud83d\\ude00\"", "'\\té\\\\/😀'"),
        ("[123456789012345678901, NaN, -Infinity]", "[1.2345678901234568e20 NaN -inf]"),
        ("[\"tab\tinside\", \"\\ud800\"]", "['tab\\tinside' '\u{fffd}']"),
    ];
    for (text, expected) in table {
        let json = read(text);
        assert_eq!(json.problems, [], "{text}");
        assert_eq!(json.root.as_ref().map(show).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn broken_items_cost_themselves() {
    let table = [
        ("", None, vec![]),
        ("[1 2]", Some("[1 2]"), vec!["expected `,`"]),
        ("[1, 2,]", Some("[1 2]"), vec!["comma before the end"]),
        ("{\"a\": 1, b: 2, \"c\": 3}", Some("{a=1 c=3}"), vec!["expected a key in quotes"]),
        ("{\"a\": x, \"c\": 3}", Some("{c=3}"), vec!["expected a value"]),
        ("{\"a\" 1, \"c\": 3}", Some("{c=3}"), vec!["expected `:` after the key"]),
        ("{\"a\": \"x\n, \"c\": 3}", Some("{a=? c=3}"), vec!["string is not closed"]),
        ("{\"a\": [1, 2}", Some("{a=[1 2]}"), vec!["bracket is not closed"]),
        ("{\"a\": [1, {\"b\": 2", Some("{a=[1 {b=2}]}"), vec!["bracket is not closed"; 3]),
        ("[1] 2", Some("[1]"), vec!["text after the end of the value"]),
        ("[1}]", Some("[1]"), vec!["bracket that closes nothing"]),
        ("{\n<<<<<<< HEAD\n\"a\": 1,\n=======\n\"b\": 2\n}", Some("{a=1 b=2}"), vec!["expected a key in quotes"; 2]),
        ("<<<<<<< HEAD\n{\"a\": 1}", Some("{a=1}"), vec!["expected a value"]),
    ];
    for (text, expected, problems) in table {
        let json = read(text);
        assert_eq!(json.root.as_ref().map(show).as_deref(), expected, "{text}");
        let found: Vec<_> = json.problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(found, problems, "{text}");
    }
}

#[test]
fn the_last_of_two_equal_keys_counts_and_both_are_told() {
    let json = read("{\"a\": 1, \"b\": 2, \"a\": 3}");
    assert_eq!(json.get(&["a"]).and_then(Value::as_integer), Some(3));
    assert_eq!(json.duplicates, [Duplicate { key: "a".into(), first: Span::new(1, 4), again: Span::new(17, 20) }]);
    let many: Vec<_> = (0..100).map(|n| format!("\"k{}\": {n}", n % 60)).collect();
    let json = read(&format!("{{{}}}", many.join(",")));
    assert_eq!(json.duplicates.len(), 40);
    assert_eq!(json.get(&["k3"]).and_then(Value::as_integer), Some(63));
}

#[test]
fn hostile_files_end_within_the_budget() {
    for text in ["[".repeat(2 << 20), "{\"a\":".repeat(400_000), "[[]".repeat(600_000), "\\\"[".repeat(600_000)] {
        let json = parse(&text, &mut Budget::default());
        assert!(!json.problems.is_empty());
    }
    let mut budget = Budget { items: 10, ..Budget::default() };
    let json = parse(&format!("[{}]", "1,".repeat(100)), &mut budget);
    assert!(budget.is_spent());
    assert!(json.problems.iter().any(|p| p.message.contains("limit")));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([\\[\\]{}:,\"\\\\ \nu0a1é]|null|\"a\"){0,40}") {
        read(&text);
    }

    #[test]
    fn what_serde_reads_is_read_the_same(text in "([\\[\\]{}:,1-9 ]|null|\"a\"|\"b\\\\n\"){0,14}") {
        if let Ok(expected) = serde_json::from_str::<serde_json::Value>(&text) {
            let json = read(&text);
            prop_assert_eq!(json.problems, []);
            prop_assert_eq!(json.root.map(|value| plain(&value)), Some(expected));
        }
    }
}

fn plain(value: &Value) -> serde_json::Value {
    match &value.kind {
        Kind::Null | Kind::Unreadable => serde_json::Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Integer(number) => (*number).into(),
        Kind::Float(number) => (*number).into(),
        Kind::String(text) => text.text.clone().into(),
        Kind::Array(items) => items.iter().map(plain).collect(),
        Kind::Object(object) => object.iter().map(|(key, value)| (key.to_owned(), plain(value))).collect(),
    }
}

#[test]
fn what_stands_under_a_key_is_left_out_and_its_mistakes_are_told() {
    let text = r#"{"a": [1, {"a": 2}], "b": {"a": "x\q", "c": [{"a": [}], 3]}, "d": "a"}"#;
    let (whole, without) = (parse(text, &mut Budget::default()), parse_without(text, &["a"], &mut Budget::default()));
    assert_eq!(without.problems, whole.problems);
    assert!(!whole.problems.is_empty());
    let spans = |json: &Json| json.root.as_ref().map(|root| root.entries().iter().map(Entry::span).collect::<Vec<_>>());
    assert_eq!(spans(&without), spans(&whole));
    assert_eq!(without.get(&["a"]).map(|value| &value.kind), Some(&Kind::Null));
    assert_eq!(without.get(&["b", "a"]).map(|value| &value.kind), Some(&Kind::Null));
    let length = |json: &Json| json.get(&["b", "c"]).map(|value| value.items().len());
    assert!(length(&whole).is_some());
    assert_eq!(length(&without), length(&whole));
    assert_eq!(without.get(&["d"]).and_then(Value::as_str), Some("a"));
}
