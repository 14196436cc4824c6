use super::*;

/// A document on one line: `~` for nothing, text as it is.
fn show(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "~".to_owned(),
        NodeKind::Scalar(scalar) => scalar.text.text.escape_debug().to_string(),
        NodeKind::Sequence(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        NodeKind::Mapping(entries) => {
            let all: Vec<_> = entries.iter().map(|e| format!("{}: {}", show(&e.key), show(&e.value))).collect();
            format!("{{{}}}", all.join(", "))
        }
    }
}

/// Everything that must hold for any text.
fn check(text: &str, yaml: &Yaml) {
    for doc in &yaml.docs {
        check_node(text, doc);
    }
    for comment in &yaml.comments {
        let range = comment.span.range(text.len());
        assert_eq!(text.get(range), Some(format!("#{}", comment.text).as_str()));
    }
    for problem in &yaml.problems {
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
        assert!(problem.span.end <= text.len() as u64, "{problem:?}");
    }
}

fn check_node(text: &str, node: &Node) {
    assert!(node.span.end <= text.len() as u64);
    assert!(text.get(node.span.range(text.len())).is_some(), "{:?}", node.span);
    match &node.kind {
        NodeKind::Null => {}
        NodeKind::Scalar(scalar) => {
            for segment in scalar.text.segments() {
                assert!(node.span.contains(segment.host), "{:?} of {node:?}", segment);
                let host = text.get(segment.host.range(text.len()));
                assert!(host.is_some(), "{text:?} {segment:?} {node:?}");
                if segment.verbatim {
                    assert_eq!(host, scalar.text.text.get(segment.inner.clone()));
                }
            }
        }
        NodeKind::Sequence(items) => {
            for item in items {
                assert!(node.span.contains(item.place()) || node.alias.is_some());
                check_node(text, item);
            }
        }
        NodeKind::Mapping(entries) => {
            for entry in entries {
                assert!(node.span.contains(entry.key.place()) && node.span.contains(entry.value.place()));
                check_node(text, &entry.key);
                check_node(text, &entry.value);
            }
        }
    }
}

fn read(text: &str) -> Yaml {
    let yaml = parse(text, &mut Budget::default());
    check(text, &yaml);
    yaml
}

fn shown(yaml: &Yaml) -> String {
    yaml.docs.iter().map(show).collect::<Vec<_>>().join(" --- ")
}

/// What the problems point at.
fn lost<'t>(text: &'t str, yaml: &Yaml) -> Vec<&'t str> {
    yaml.problems.iter().filter_map(|p| text.get(p.span.range(text.len()))).collect()
}

#[test]
fn sound_files_are_read_whole() {
    let table = [
        ("", ""),
        ("# only\n", ""),
        ("on: push\n", "{on: push}"),
        ("a:\n- 1\n- b: 2\n  c:\n-\n", "{a: [1, {b: 2, c: ~}, ~]}"),
        ("a: {x: 1, y: [2, 3]}\nb: []\n", "{a: {x: 1, y: [2, 3]}, b: []}"),
        ("a: 'it''s'\nb: \"\\t\\x41\\u00e9\\\"\"\n", "{a: it\\'s, b: \\tAé\\\"}"),
        ("a: x\n  y\n\n  z\nb: \"p\n  q\"\n", "{a: x y\\nz, b: p q}"),
        ("a: \"p \\\n   q\"\n", "{a: p q}"),
        ("a: |\n  x\n   y\n\nb: |-\n  x\n\n  y\nc: |+\n  x\n\nd: 1\n", "{a: x\\n y\\n, b: x\\n\\ny, c: x\\n\\n, d: 1}"),
        ("a: >\n  x\n  y\n\n  z\n    m\n  n\n", "{a: x y\\nz\\n  m\\nn\\n}"),
        ("a: |2\n    x\n   y\n", "{a:   x\\n y\\n}"),
        ("a: | # note\n  x", "{a: x}"),
        ("a: !ref [b, c]\n", "{a: [b, c]}"),
        ("%YAML 1.2\n---\na: 1\n...\n---\nb: 2\n", "{a: 1} --- {b: 2}"),
        ("\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 'p\r\n  q'\r\n", "{a: 1, b: x\\ny\\n, c: p q}"),
        ("a: é\nß: [ü]\n", "{a: é, ß: [ü]}"),
        ("a: [\n  1,\n]\nb: {\n}\n", "{a: [1], b: {}}"),
        ("? [a]\n: b\n", "{[a]: b}"),
    ];
    for (text, expected) in table {
        let yaml = read(text);
        assert_eq!(shown(&yaml), expected, "{text:?}");
        assert_eq!(yaml.problems, [], "{text:?}");
    }
}

#[test]
fn broken_lines_cost_only_themselves() {
    let table: &[(&str, &str, &[&str])] = &[
        ("on: push\nfoo\nbar: 1\n", "{on: push, bar: 1}", &["foo"]),
        ("on: push\nrun: echo a: b\nz: 1\n", "{on: push, run: ~, z: 1}", &["echo a: b"]),
        ("a: 1\nb: \"open\nc:\n  d: \"x\"\n", "{a: 1, b: ~, c: {d: x}}", &["\"open"]),
        ("a: 1\nb: 'open\nc: 2\n", "{a: 1, b: ~, c: 2}", &["'open"]),
        ("on: [push\njobs:\n  a: [1, 2]\n", "{on: ~, jobs: {a: [1, 2]}}", &["[push"]),
        ("on: {push\njobs:\n  a: 1\n", "{on: ~, jobs: {a: 1}}", &["{push"]),
        ("a: {\n  b: 'x,\n  c: 2\n}\nd: 3\n", "{a: ~, d: 3}", &["{\n  b: 'x,\n  c: 2\n}"]),
        ("a: [1, 2]]\nb: 1\n", "{a: ~, b: 1}", &["[1, 2]]"]),
        ("a:\n  b:\n\tc: 1\n  d: 2\n", "{a: {b: ~, d: 2}}", &["c: 1"]),
        ("a: 1\n\tb: 2\nc: 3\n", "{a: 1, c: 3}", &["b: 2"]),
        ("a:\n    b: 1\n  c:\n    x: 1\nd: 3\n", "{a: {b: 1}, d: 3}", &["c:\n    x: 1"]),
        ("s:\n  - u: a\n  with:\n    x: 1\n  - u: b\n", "{s: [{u: a}, {u: b}]}", &["with:\n    x: 1"]),
        ("a: @x\nb: `y`\nc: %z\nd: 1\n", "{a: ~, b: ~, c: ~, d: 1}", &["@x", "`y`", "%z"]),
        ("a: !x!y z\nb: 1\n", "{a: z, b: 1}", &["!x!y"]),
        ("a: *none\nb: 1\n", "{a: ~, b: 1}", &["*none"]),
        ("a: \"\\q\"\nb: 1\n", "{a: ~, b: 1}", &["\"\\q\""]),
        ("a: |\n  x\n z\nb: 1\n", "{a: x\\n, b: 1}", &["z"]),
        ("a: - b\nc: 1\n", "{a: ~, c: 1}", &["- b"]),
        ("a: 1\n---\nb: [\n---\nc: 3\n", "{a: 1} --- {b: ~} --- {c: 3}", &["["]),
        ("%YAML 1.2\n%YAML 1.2\n---\na: 1\n", "{a: 1}", &["%YAML 1.2"]),
        ("a: x\0\u{1}y\nb: |\n  p\u{1b}q\n", "{a: x\\0\\u{1}y, b: p\\u{1b}q\\n}", &["\0\u{1}", "\u{1b}"]),
        ("a:\r\n  b: \"x\" y\r\nc: 1\r\n", "{a: {b: ~}, c: 1}", &["\"x\" y"]),
        ("a: 1\nb: [é, 'ü\nc: 2\n", "{a: 1, b: ~, c: 2}", &["[é, 'ü"]),
    ];
    for (text, expected, gone) in table {
        let yaml = read(text);
        assert_eq!(shown(&yaml), *expected, "{text:?}");
        assert_eq!(lost(text, &yaml), *gone, "{text:?}");
    }
}

#[test]
fn scripts_are_mapped_line_by_line() {
    let text = "jobs:\n  - run: |\n      one\n\n        two\n  - run: >-\n      a\n      b\n";
    let yaml = read(text);
    let steps = yaml.root().and_then(|r| r.get("jobs")).map(Node::items).unwrap_or_default();
    let script = steps[0].get("run").and_then(Node::as_scalar).unwrap();
    assert_eq!(script.text.text, "one\n\n  two\n");
    let two = script.text.text.find("two").unwrap();
    let host = script.text.editable(two..two + 3).unwrap();
    assert_eq!(text.get(host.range(text.len())), Some("two"));
    let folded = steps[1].get("run").unwrap();
    assert_eq!(folded.as_str(), Some("a b"));
    assert_eq!(text.get(folded.span.range(text.len())), Some(">-\n      a\n      b"));
    assert!(folded.as_scalar().unwrap().text.editable(0..3).is_none());
}

#[test]
fn types_are_those_of_the_core_schema() {
    let text = "on: yes\na: true\nb: \"true\"\nc: ~\nd:\ne: 'null'\nf: !!str null\ng: FALSE\n";
    let yaml = read(text);
    let root = yaml.root().unwrap();
    assert_eq!(root.entries()[0].key.as_str(), Some("on"));
    let bools: Vec<_> = ["on", "a", "b", "g"].map(|k| root.get(k).and_then(Node::as_bool)).into();
    assert_eq!(bools, [None, Some(true), None, Some(false)]);
    let nulls = ["c", "d", "e", "f"].map(|k| root.get(k).is_some_and(Node::is_null));
    assert_eq!(nulls, [true, true, false, false]);
    assert_eq!(root.get("f").and_then(|n| n.tag.as_ref()).map(|t| t.as_str()), Some("!!str"));
}

#[test]
fn spans_name_what_is_written() {
    let text = "a: # note\n  b: 'x'\nc:\nd: [1]\n- bad\n";
    let yaml = read(text);
    let root = yaml.root().unwrap();
    let at = |span: Span| text.get(span.range(text.len())).unwrap_or("?");
    assert_eq!(at(root.entries()[0].span()), "a: # note\n  b: 'x'");
    assert_eq!(at(root.get("d").unwrap().span), "[1]");
    assert_eq!(root.get("c").unwrap().span, Span::new(21, 21));
    assert_eq!(yaml.comments[0].text, " note");
}

#[test]
fn duplicates_are_noticed_and_the_first_counts() {
    let yaml = read("a: 1\nb: {c: 1, c: 2}\na: 3\n");
    assert_eq!(yaml.root().and_then(|r| r.get("a")).and_then(Node::as_str), Some("1"));
    let keys: Vec<_> = yaml.duplicates.iter().map(|d| (d.key.as_str(), d.first.start, d.again.start)).collect();
    assert_eq!(keys, [("c", 9, 15), ("a", 21, 21)].map(|(k, f, a)| if k == "a" { (k, 0, a) } else { (k, f, a) }));
}

#[test]
fn anchors_and_merges_are_followed() {
    let text = "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz:\n  <<: [{q: 1}, *x]\n";
    let yaml = read(text);
    let root = yaml.root().unwrap();
    let value = |of: &str, key: &str| root.get(of).and_then(|n| n.get(key)).and_then(Node::as_str);
    assert_eq!(
        [value("y", "a"), value("y", "b"), value("z", "a"), value("z", "q")],
        [Some("1"), Some("3"), Some("1"), Some("1")]
    );
    let merged = &root.get("y").unwrap().entries()[0].value;
    assert_eq!(text.get(merged.place().range(text.len())), Some("*x"));
}

#[test]
fn alias_bombs_end_within_the_budget() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (this, that) in ('b'..='k').zip('a'..='j') {
        text.push_str(&format!("{this}: &{this} [{}]\n", vec![format!("*{that}"); 9].join(", ")));
    }
    text.push_str("end: 1\n");
    let mut budget = Budget::default();
    let yaml = parse(&text, &mut budget);
    check(&text, &yaml);
    assert_eq!(yaml.root().and_then(|r| r.get("end")).and_then(Node::as_str), Some("1"));
    assert!((1..=budget.problems + 1).contains(&yaml.problems.len()));
    assert_eq!(budget.aliases, 0);
    let yaml = read("a: &a [*a]\nb: 1\n");
    assert_eq!(shown(&yaml), "{a: [~], b: 1}");
}

#[test]
fn hostile_files_end_within_the_budget() {
    let deep: String = (0..3000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let table = [
        format!("z: 1\nb: {}\ny: 3\n", "[".repeat(100_000)),
        format!("z: 1\nb:\n  {}\ny: 3\n", "- ".repeat(100_000)),
        format!("z: 1\n{deep}y: 3\n"),
        format!("z: 1\n? {}\n", "? ".repeat(50_000)),
        format!("z: 1\nb: {}\ny: 3\n", "{a: ".repeat(20_000)),
        format!("z: 1\n{}", "a: [\n".repeat(5_000)),
        format!("z: 1\n{}", "a: 1\n  b: 2\n".repeat(5_000)),
        format!("z: 1\n{}", "\t\n\ta: 1\n".repeat(5_000)),
        format!("z: 1\n{}", "\0".repeat(50_000)),
        format!("z: 1\n{}", "- &a ".repeat(20_000)),
    ];
    for text in table {
        let yaml = read(&text);
        assert!(!yaml.problems.is_empty(), "{:?}", text.get(..40));
        let root = yaml.root();
        assert_eq!(root.and_then(|r| r.get("z")).and_then(Node::as_str), Some("1"), "{:?}", text.get(..40));
        if text.ends_with("y: 3\n") {
            assert_eq!(root.and_then(|r| r.get("y")).and_then(Node::as_str), Some("3"), "{:?}", text.get(..40));
        }
    }
}

#[test]
fn limits_are_told() {
    let mut budget = Budget { bytes: 10, ..Budget::default() };
    let yaml = parse("a: 12345678\n", &mut budget);
    assert_eq!((yaml.docs.len(), yaml.problems.len()), (0, 1));
    let mut budget = Budget { items: 8, ..Budget::default() };
    let yaml = parse("a: [1, 2, 3, 4, 5, 6, 7, 8]\n", &mut budget);
    assert_eq!(shown(&yaml), "{a: [1, 2, 3]}");
    assert_eq!((yaml.problems.len(), budget.items), (1, 0));
}

/// Every prefix of a file, and every file with one byte broken, is read without a panic.
#[test]
fn any_damage_is_survived() {
    let text = "%YAML 1.1\n---\non: [push, {a: b}]\nenv: &e\n  A: \"x\\ty\"\n  B: 'é''s'\njobs:\n  a:\n    <<: *e\n    steps:\n      - uses: x@y # v1\n      - run: |\n          one\n          two\n      - run: >-\n          p\n          q\n";
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        read(&text[..at]);
        for bad in
            ["\"", "'", "[", "}", ":", "\t", "\0", "- ", "&", "*", "!", "\r", "\n", "|", "#", "\u{feff}", "%", "? "]
        {
            let broken = format!("{}{bad}{}", &text[..at], &text[at..]);
            read(&broken);
        }
    }
}
