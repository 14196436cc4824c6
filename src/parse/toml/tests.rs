use super::*;

/// A table on one line.
fn show(table: &Table) -> String {
    let all: Vec<_> = table.iter().map(|(key, value)| format!("{key}={}", show_value(value))).collect();
    format!("{{{}}}", all.join(" "))
}

fn show_value(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) => format!("'{}'", text.text.escape_debug()),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Bool(value) => value.to_string(),
        Kind::Datetime(text) => text.clone(),
        Kind::Array(items) => format!("[{}]", items.iter().map(show_value).collect::<Vec<_>>().join(" ")),
        Kind::Table(table) => show(table),
        Kind::Unreadable => "?".to_owned(),
    }
}

/// Everything that must hold for any text.
fn check(text: &str, table: &Table) {
    assert!(text.get(table.span.range(text.len())).is_some());
    for entry in table.entries() {
        assert!(text.get(entry.key.span.range(text.len())).is_some());
        assert!(text.get(entry.span().range(text.len())).is_some());
        check_value(text, &entry.value);
    }
}

fn check_value(text: &str, value: &Value) {
    assert!(value.span.end <= text.len() as u64);
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
        Kind::Array(items) => items.iter().for_each(|item| check_value(text, item)),
        Kind::Table(table) => check(text, table),
        _ => {}
    }
}

fn read(text: &str) -> Toml {
    let toml = parse(text, &mut Budget::default());
    check(text, &toml.root);
    for problem in &toml.problems {
        assert!(problem.span.end <= text.len() as u64);
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
    }
    toml
}

fn at(text: &str, span: Span) -> &str {
    text.get(span.range(text.len())).unwrap_or("outside")
}

#[test]
fn sound_files_are_read_whole() {
    let table = [
        ("", "{}"),
        ("a = 1\nb = 'x'\nc = true\n", "{a=1 b='x' c=true}"),
        ("\u{feff}a = 1\r\nb = \"x\"\r\n", "{a=1 b='x'}"),
        ("[a]\nb = 1\n[c.d]\ne = 2\n[c]\nf = 3\n", "{a={b=1} c={d={e=2} f=3}}"),
        ("[[p]]\nn = 1\n[[p]]\nn = 2\n[p.q]\nr = 3\n", "{p=[{n=1} {n=2 q={r=3}}]}"),
        ("a.b.c = 1\na.b.d = 2\n'x y'.\"z\" = 3\n", "{a={b={c=1 d=2}} x y={z=3}}"),
        ("a = { b = 1, c.d = [1, { e = 2 }] }\n", "{a={b=1 c={d=[1 {e=2}]}}}"),
        ("a = [\n  1, # one\n  2,\n]\nb = []\nc = {}\n", "{a=[1 2] b=[] c={}}"),
        ("a = {\n  b = 1,\n  c = 2,\n}\n", "{a={b=1 c=2}}"),
        ("a = \"\\t\\u00e9\\\\\"\nb = 'c:\\x'\n", "{a='\\té\\\\' b='c:\\\\x'}"),
        ("a = \"\"\"\nx\\\n   y\nz\"\"\"\nb = '''\nx\ny'''\n", "{a='xy\\nz' b='x\\ny'}"),
        ("a = 0xff\nb = 1_000\nc = 1.5e3\nd = -inf\n", "{a=255 b=1000 c=1500.0 d=-inf}"),
        ("a = 1979-05-27 07:32:00Z\nb = 07:32:00.5\n", "{a=1979-05-27 07:32:00Z b=07:32:00.5}"),
        ("a = [\n[1, 2],\n[3]\n]\nb = [[\"x\"]]\n", "{a=[[1 2] [3]] b=[['x']]}"),
    ];
    for (text, expected) in table {
        let toml = read(text);
        assert_eq!(show(&toml.root), expected, "{text:?}");
        assert_eq!((toml.problems, toml.duplicates), (vec![], vec![]), "{text:?}");
    }
}

#[test]
fn broken_lines_cost_only_themselves() {
    let table: &[(&str, &str, &[&str])] = &[
        ("a = 1\nb\nc = 2\n", "{a=1 c=2}", &["b"]),
        ("a = \nb = 2\n", "{a=? b=2}", &["a ="]),
        ("a = \"open\nb = 2\n", "{a=? b=2}", &["a = \"open"]),
        ("a = x y\nb = 2\n", "{a=? b=2}", &["a = x y"]),
        ("a = 1 2\nb = 2\n", "{a=1 b=2}", &["2"]),
        ("a = [1\nb = 2\n[c]\nd = 3\n", "{a=? b=2 c={d=3}}", &["a = [1"]),
        ("a = { x = 1\nb = 2\n[c]\nd = 3\n", "{a=? b=2 c={d=3}}", &["a = { x = 1"]),
        ("a = { x = 1\n[c]\nd = 3\n", "{a=? c={d=3}}", &["a = { x = 1"]),
        ("a = [\n  1,\n  nope,\n  3,\n]\nb = 2\n", "{a=[1 ? 3] b=2}", &["nope"]),
        ("a = [1 2]\nb = 2\n", "{a=[1 2] b=2}", &["2"]),
        ("a = { x = 1, y, z = 3 }\nb = 2\n", "{a={x=1 z=3} b=2}", &["y"]),
        ("a = [1, }, 2]\nb = 2\n", "{a=[1 2] b=2}", &["}"]),
        ("a = [{ x = 1 ]\nb = 2\n", "{a=? b=2}", &["a = [{ x = 1 ]"]),
        ("a = [\n  [1, 2],\n  [3, 4]\nb = 2\n", "{a=? b=2}", &["a = [", "[1, 2],", "[3, 4]"]),
        ("[a\nb = 1\n[c]\nd = 2\n", "{a={b=1} c={d=2}}", &["[a"]),
        ("[[a]\nb = 1\n", "{a=[{b=1}]}", &["[[a]"]),
        ("x = 1\n[]\nb = 1\n[c]\nd = 2\n", "{x=1 c={d=2}}", &["[]"]),
        ("a = \"\"\"open\nb = 1\n[c]\nd = 2\n", "{a=? b=1 c={d=2}}", &["a = \"\"\"open"]),
        ("a = '''open\nb = 1\nc = '''x'''\nd = 2\n", "{a=? b=1 c='x' d=2}", &["a = '''open"]),
        ("a = 99999999999999999999\nb = 1\n", "{a=? b=1}", &["a = 99999999999999999999"]),
        ("a = \"\\q\"\nb = 1\n", "{a=? b=1}", &["a = \"\\q\""]),
        ("a = 1\n\0\u{1}\nb = é\nc = 3\n", "{a=1 b=? c=3}", &["\0\u{1}", "b = é"]),
        ("a = 1\n\u{2028}\nb = 2\n", "{a=1 b=2}", &["\u{2028}"]),
        ("]\n= 1\na = 1\n", "{a=1}", &["]", "= 1"]),
    ];
    for (text, expected, gone) in table {
        let toml = read(text);
        assert_eq!(show(&toml.root), *expected, "{text:?}");
        let lost: Vec<_> = toml.problems.iter().map(|p| at(text, p.span)).collect();
        assert_eq!(lost, *gone, "{text:?}");
    }
}

#[test]
fn spans_name_what_is_written() {
    let text =
        "# top\nv = 4\n\n[[package]]\nname = \"a\" # why\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = 'b'\n";
    let toml = read(text);
    let packages = toml.root.get("package").unwrap();
    let spans: Vec<_> = packages.tables().map(|t| at(text, t.span)).collect();
    assert_eq!(spans, ["[[package]]\nname = \"a\" # why\ndependencies = [\n \"b\",\n]", "[[package]]\nname = 'b'"]);
    let first = packages.tables().next().unwrap();
    assert_eq!(first.header.map(|s| at(text, s)), Some("[[package]]"));
    let name = first.entry("name").unwrap();
    assert_eq!(at(text, name.span()), "name = \"a\"");
    assert_eq!(at(text, name.value.span), "\"a\"");
    assert_eq!(at(text, name.value.as_text().unwrap().editable(0..1).unwrap()), "a");
    let comments: Vec<_> = toml.comments.iter().map(Spanned::as_str).collect();
    assert_eq!(comments, [" top", " why"]);
    let text = "a.b = { c = 1 }\n[x.y]\nz = 1\n";
    let toml = read(text);
    assert_eq!(at(text, toml.root.entry("a").unwrap().span()), "a.b = { c = 1 }");
    assert_eq!(toml.get(&["a", "b", "c"]).and_then(Value::as_integer), Some(1));
    let x = toml.root.get("x").and_then(|x| x.as_table()?.entry("y")).unwrap();
    assert_eq!(at(text, x.span()), "[x.y]\nz = 1");
}

#[test]
fn long_strings_are_mapped() {
    let text = "a = \"\"\"\r\none\\\r\n  two \\u0041\r\n\"\"\"\n";
    let toml = read(text);
    let string = toml.root.get("a").and_then(Value::as_text).unwrap();
    for word in ["one", "two "] {
        let start = string.text.find(word).unwrap();
        assert_eq!(string.editable(start..start + word.len()).map(|s| at(text, s)), Some(word));
    }
    let escape = string.text.find('A').unwrap();
    assert_eq!(at(text, string.host_span(escape..escape + 1)), "\\u0041");
}

#[test]
fn duplicates_are_noticed_and_the_first_counts() {
    let table = [
        ("a = 1\na = 2\n", "a", "1"),
        ("[a]\nx = 1\n[a]\ny = 2\n", "a", "{x=1 y=2}"),
        ("a = { x = 1 }\n[a]\ny = 2\n", "a", "{x=1 y=2}"),
        ("a = [1]\n[[a]]\ny = 2\n", "a", "[1]"),
        ("a.b = 1\na.b = 2\n", "b", "{b=1 b=2}"),
        ("a = 1\na.b = 2\n", "a", "1"),
        ("[a.b]\nc = 1\n[a]\nb.d = 2\n", "b", "{b={c=1 d=2}}"),
        ("a = 1\n[a.b]\nc = 2\n", "a", "1"),
        ("[[a]]\n[a]\nb = 1\n", "a", "[{}]"),
    ];
    for (text, key, expected) in table {
        let toml = read(text);
        assert_eq!(toml.duplicates.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), [key], "{text:?}");
        assert_eq!(toml.root.get("a").map(show_value).as_deref(), Some(expected), "{text:?}");
        assert_eq!(toml.problems, [], "{text:?}");
    }
}

#[test]
fn large_tables_are_found_by_key() {
    let text: String = (0..100).map(|i| format!("k{i} = {i}\n")).collect();
    let toml = read(&format!("{text}k7 = 0\n"));
    assert_eq!(toml.root.get("k7").and_then(Value::as_integer), Some(7));
    assert_eq!((toml.root.len(), toml.duplicates.len()), (101, 1));
}

#[test]
fn hostile_files_end_within_the_budget() {
    let dotted = vec!["a"; 90].join(".");
    let table = [
        format!("z = 1\nb = {}\ny = 3\n", "[".repeat(100_000)),
        format!("z = 1\nb = {}{}\ny = 3\n", "[".repeat(50_000), "]".repeat(50_000)),
        format!("z = 1\nb = {}\ny = 3\n", "{a = ".repeat(50_000)),
        format!("z = 1\n{}b = 1\ny = 3\n", "a.".repeat(50_000)),
        format!("z = 1\n{}{}\ny = 3\n", format!("{dotted} = {{").repeat(90), "}".repeat(90)),
        format!("z = 1\nb = {}\ny = 3\n", "[\n".repeat(10_000)),
        format!("z = 1\n{}y = 3\n", "a = \"\"\"x\n".repeat(101)),
        format!("z = 1\n{}y = 3\n", "=\n".repeat(10_000)),
        format!("z = 1\nb = [{}]\ny = 3\n", ",".repeat(50_000)),
        format!("z = 1\n[{}b]\ny = 3\n", "a.".repeat(50_000)),
        format!("z = 1\n{}\ny = 3\n", "\0".repeat(50_000)),
    ];
    for text in table {
        let toml = read(&text);
        assert!(!toml.problems.is_empty(), "{:?}", text.get(..40));
        assert_eq!(toml.root.get("z").and_then(Value::as_integer), Some(1), "{:?}", text.get(..40));
        if !text.contains("\n[a") && !text.contains("\"\"\"") {
            assert_eq!(toml.root.get("y").and_then(Value::as_integer), Some(3), "{:?}", text.get(..40));
        }
    }
}

#[test]
fn limits_are_told() {
    let toml = parse("a = 12345678\n", &mut Budget { bytes: 10, ..Budget::default() });
    assert_eq!((toml.root.len(), toml.problems.len()), (0, 1));
    let mut budget = Budget { items: 5, ..Budget::default() };
    let toml = parse(&"a = 1\n".repeat(100), &mut budget);
    // Half is left for what is made of it.
    assert_eq!((budget.items, toml.problems.is_empty()), (2, false));
}

/// Every prefix of a file, and every file with a byte too many, is read without a panic.
#[test]
fn any_damage_is_survived() {
    let text = "a.b = [1, { c = 'x' }] # é\n[t.\"q r\"]\nd = \"\\té\"\n[[p]]\ne = \"\"\"\nx\\\n y\"\"\"\nf = 1979-05-27 07:32:00Z\n[p.g]\nh = -1.5\n";
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        read(&text[..at]);
        for bad in [
            "\"", "'", "[", "]", "{", "}", "=", ".", ",", "\0", "\r", "\n", "#", "\\", "\"\"\"", "'''", "\u{feff}", "é",
        ] {
            read(&format!("{}{bad}{}", &text[..at], &text[at..]));
        }
    }
}
