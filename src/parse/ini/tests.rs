use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Ini {
    let ini = parse(text, &mut Budget::default());
    for section in &ini.sections {
        assert!(text.get(section.header.range(text.len())).is_some());
        assert_eq!(text.get(section.name.span.range(text.len())), Some(section.name.as_str()));
        for entry in &section.options {
            assert_eq!(text.get(entry.key.span.range(text.len())), Some(entry.key.as_str()));
            assert!(text.get(entry.span.range(text.len())).is_some());
            assert!(text.get(entry.text().span.range(text.len())).is_some());
            for line in entry.lines() {
                assert_eq!(text.get(line.span.range(text.len())), Some(line.as_str()));
            }
        }
    }
    for problem in &ini.problems {
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
    }
    ini
}

fn show(ini: &Ini) -> String {
    let mut out = String::new();
    for section in &ini.sections {
        out.push_str(&format!("[{}]", section.name.value));
        for entry in &section.options {
            out.push_str(&format!(" {}='{}'", entry.key.value, entry.value.text.escape_debug()));
        }
    }
    out
}

/// The expected values are what `configparser.ConfigParser(interpolation=None)` of CPython 3.13 gives.
#[test]
fn files_are_read_as_configparser_reads_them() {
    let table = [
        ("[a]\nb = 1\nc: 2\n", "[a] b='1' c='2'"),
        ("\u{feff}[a]\r\nb = 1\r\n", "[a] b='1'"),
        ("[a]\nb =\n  x\n  y\n\n[c]\n", "[a] b='\\nx\\ny'[c]"),
        ("[a]\nb = x\n\n  y\n", "[a] b='x\\n\\ny'"),
        ("[a]\nb = x\n  # no\n  y # yes\nc=1 ; yes\n", "[a] b='x\\ny # yes' c='1 ; yes'"),
        ("[a]\nb = x\n# no\n  y\n", "[a] b='x\\ny'"),
        ("  [a]\n  b = 1\n    c = 2\n  d = 3\n", "[a] b='1\\nc = 2' d='3'"),
        ("[a]\nb = c = d : e\n", "[a] b='c = d : e'"),
        ("[a]\nb.c:d = %(x)s %\n", "[a] b.c='d = %(x)s %'"),
        ("[tool:a] x]\nb=\n", "[tool:a] x] b=''"),
        ("[a]\nhttps://x = 1\n", "[a] https='//x = 1'"),
    ];
    for (text, expected) in table {
        let ini = read(text);
        assert_eq!(ini.problems, [], "{text}");
        assert_eq!(show(&ini), expected, "{text}");
    }
}

#[test]
fn lines_that_configparser_refuses_are_problems() {
    let table = [
        ("a = 1\n[b]\nc = 2\n", "[b] c='2'", "line before the first section"),
        ("[b]\nword\nc = 2\n", "[b] c='2'", "line that is neither a section nor an option"),
        ("[b]\n= x\nc = 2\n", "[b] c='2'", "option without a name"),
    ];
    for (text, expected, problem) in table {
        let ini = read(text);
        assert_eq!(show(&ini), expected, "{text}");
        assert_eq!(ini.problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>(), [problem], "{text}");
    }
}

#[test]
fn names_are_looked_up_in_either_case_and_in_the_defaults() {
    let ini = read("[DEFAULT]\nd = 0\n[a]\nIndex-Url = 1\n");
    assert_eq!(ini.get("a", "index-url").map(|e| e.value.text.as_str()), Some("1"));
    assert_eq!(ini.get("a", "D").map(|e| e.value.text.as_str()), Some("0"));
    assert_eq!(ini.get("b", "d"), None);
}

#[test]
fn what_stands_twice_is_told() {
    let ini = read("[a]\nb = 1\nB = 2\n[c]\nb = 3\n[a]\nb = 4\n");
    let names: Vec<_> = ini.duplicates.iter().map(|d| (d.name.as_str(), d.again.start)).collect();
    assert_eq!(names, [("B", 10), ("a", 27), ("b", 30)]);
}

#[test]
fn lines_have_their_own_places() {
    let text = "[options]\ninstall_requires =\n    one>=1\n    # no\n    two\n";
    let ini = read(text);
    let entry = ini.get("options", "install_requires").expect("the option");
    let lines: Vec<_> = entry.lines().map(|line| line.value).collect();
    assert_eq!(lines, ["one>=1", "two"]);
}

#[test]
fn hostile_files_end_within_the_budget() {
    let mut budget = Budget { items: 10, ..Budget::default() };
    let ini = parse(&format!("[a]\n{}", "b=1\n".repeat(100)), &mut budget);
    assert_eq!(ini.problems.last().map(|p| p.message.as_str()), Some("file has more lines than the limit"));
    let many = format!("[a]\nb=\n{}", " x\n".repeat(500_000));
    assert_eq!(parse(&many, &mut Budget::default()).problems, []);
    let blank = format!("[a]\nb=\n{} x", "\n".repeat(500_000));
    assert_eq!(parse(&blank, &mut Budget::default()).problems, []);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([\\[\\]=:#; \t\r\na-cé\u{a0}]|\n\\[a\\]\n|\nb=){0,40}") {
        read(&text);
    }
}
