use super::*;

fn events(text: &str) -> Vec<String> {
    let module = parse(text, &mut Budget::default());
    assert!(module.problems.is_empty(), "{:?}", module.problems);
    let value = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Either(texts) => texts.join("|"),
        Value::List(texts) => format!("[{}]", texts.join(",")),
        Value::Chain(_) => "()".to_owned(),
        Value::Other => "?".to_owned(),
    };
    let values = |all: &[Value]| all.iter().map(value).collect::<Vec<_>>().join(",");
    let show = |event: &Event| match event {
        Event::Bind { name, value: bound } => format!("{name} = {}", value(bound)),
        Event::Calls(chain) => {
            let mut out = chain.root.clone();
            if let Some(arguments) = &chain.arguments {
                out.push_str(&format!("({})", values(arguments)));
            }
            for (name, given) in &chain.methods {
                out.push_str(&format!(".{name}({})", values(given)));
            }
            out
        }
    };
    module.events.iter().map(show).collect()
}

#[test]
fn chains_and_texts_are_read() {
    for (text, expected) in [
        (
            "fn main() { Command::new(\"curl\").arg(\"-L\").args([\"a\", &b]).status()?; }",
            vec!["Command::new(curl).arg(-L).args([a,${b}]).status()"],
        ),
        ("const A: &str = \"https://x\";", vec!["A = https://x"]),
        (
            "fn f() { let u = format!(\"{BASE}/{}/a-{:?}.tgz\", version, x.y()); }",
            vec!["u = ${BASE}/${version}/a-${x}.tgz"],
        ),
        ("const A: &str = concat!(\"a\", env!(\"B\"));", vec!["A = a${env}"]),
        ("fn f() { let u = if x == \"q\" { \"https://a\" } else { \"https://b\" }; }", vec!["u = https://a|https://b"]),
        (
            "fn f() { let u = \"a\".to_string() + \"b\"; ureq::get(&u).call()? }",
            vec!["u = ab", "\"a\".to_string()", "ureq::get(${u}).call()"],
        ),
        (
            "fn f() { let c = isahc::blocking::Client::builder().build().unwrap(); }",
            vec!["c = ()", "isahc::blocking::Client::builder().build().unwrap()"],
        ),
        ("fn f() { g(h(1), \"x\") }", vec!["g((),x)", "h(?)"]),
    ] {
        let found = events(text);
        let expected: Vec<String> =
            expected.into_iter().map(|e| e.replace("\"a\".to_string()", ".to_string()")).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn imports_modules_and_parameters_are_read() {
    let text = "use std::{env, process::Command as C};\nuse ureq::get;\nmod a;\n#[path = \"x/b.rs\"]\nmod b;\nmod c { }\nfn f(url: &str, mut to: P) {}\n";
    let module = parse(text, &mut Budget::default());
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(module.imports, [pair("env", "std::env"), pair("C", "std::process::Command"), pair("get", "ureq::get")]);
    assert_eq!(module.modules, [("a".to_owned(), None), ("b".to_owned(), Some("x/b.rs".to_owned()))]);
    assert_eq!(module.functions, [("f".to_owned(), vec!["url".to_owned(), "to".to_owned()])]);
}

#[test]
fn what_is_broken_is_told_and_the_rest_kept() {
    let module = parse("fn main() { ureq::get(\"https://x\").call(); } fn ( { ", &mut Budget::default());
    assert!(!module.problems.is_empty());
    assert!(module.events.iter().any(|e| matches!(e, Event::Calls(c) if c.root == "ureq::get")));
}
