//! Tables over the shapes real files have.

use super::*;

fn read(text: &str) -> Dockerfile {
    parse(text, &mut Budget::default())
}

fn shown(text: &str) -> Vec<String> {
    let show = |i: &Instruction| {
        let flags: Vec<&str> = i.flags.iter().map(|f| f.name.as_str()).collect();
        format!("{} {:?} {}", i.keyword.value, flags, i.arguments.text)
    };
    read(text).instructions.iter().map(show).collect()
}

#[test]
fn lines_are_joined_as_buildkit_joins_them() {
    for (text, expected) in [
        ("FROM a\nrun x\n", vec!["FROM [] a", "RUN [] x"]),
        ("RUN a \\\n  b\n", vec!["RUN [] a   b"]),
        ("RUN a \\  \n# why\n\n   # more \\\n && b\r\nCMD c", vec!["RUN [] a  && b", "CMD [] c"]),
        // Two of them are a character.
        ("RUN a \\\\\nCMD b", vec!["RUN [] a \\\\", "CMD [] b"]),
        ("\u{feff}FROM a\n\n  # c\n\tRUN b", vec!["FROM [] a", "RUN [] b"]),
        ("# escape=`\nRUN a `\n b\n", vec!["RUN [] a  b"]),
        ("# a comment\n# escape=`\nRUN a `\nRUN b", vec!["RUN [] a `", "RUN [] b"]),
        ("RUN --mount=type=cache,target=/x \\\n --network=none pip", vec!["RUN [\"mount\", \"network\"] pip"]),
        ("RUN a \\", vec!["RUN [] a"]),
        ("ONBUILD COPY . /x", vec!["COPY [] . /x"]),
    ] {
        assert_eq!(shown(text), expected, "{text:?}");
    }
}

#[test]
fn one_broken_line_costs_that_line() {
    let out = read("FROM a\n{% if x %}\nRUNN b\nRUN <<EOF\necho\nRUN c\n");
    let problems: Vec<&str> = out.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        problems,
        [
            "a line for a template engine",
            "`RUNN` is no instruction",
            "a here-document that no line `EOF` ends",
            "`echo` is no instruction"
        ]
    );
    assert_eq!(out.instructions.len(), 3);
}

#[test]
fn here_documents_end_at_their_line() {
    let text =
        "COPY <<-ONE <<\"TWO\" /x/\n\tone\n\tONE\ntwo\nTWO\nRUN cat <<EOF | sh\nFROM b\nEOF\nRUN echo $((1<<2)) a<<b\n";
    let out = read(text);
    assert!(out.problems.is_empty(), "{:?}", out.problems);
    let documents = |at: usize| {
        let body = |d: &HereDocument| (d.name.clone(), d.expands, text[d.body.range(text.len())].to_owned());
        out.instructions[at].here_documents.iter().map(body).collect::<Vec<_>>()
    };
    assert_eq!(documents(0), [("ONE".into(), true, "\tone\n".into()), ("TWO".into(), false, "two\n".into())]);
    assert_eq!(documents(1), [("EOF".into(), true, "FROM b\n".into())]);
    assert_eq!(out.instructions.len(), 3);
    assert!(text[out.instructions[1].span.range(text.len())].ends_with("\nEOF"));
}

#[test]
fn places_are_those_of_the_file() {
    let text = "FROM a\nRUN one \\\n # c\n  two three\n";
    let arguments = &read(text).instructions[1].arguments;
    let at = arguments.text.find("two").unwrap();
    let span = arguments.host_span(at..at + 9);
    assert_eq!(&text[span.range(text.len())], "two three");
}

#[test]
fn the_syntax_directive_has_its_place() {
    let text = "# syntax = docker/dockerfile:1 \n# escape=\\\nFROM a";
    let syntax = read(text).syntax.unwrap();
    assert_eq!(syntax.value, "docker/dockerfile:1");
    assert_eq!(&text[syntax.span.range(text.len())], "docker/dockerfile:1");
    assert!(read("\n# syntax=a\nFROM a").syntax.is_none());
}

#[test]
fn the_exec_form_is_a_list_of_strings() {
    for (text, expected) in [
        (r#"["a", "b\n\u0041"]"#, Some(vec!["a", "b\nA"])),
        (r#" [ "a" , "b" ] "#, Some(vec!["a", "b"])),
        ("[]", Some(vec![])),
        (r#"["a" "b"]"#, None),
        (r#"['a']"#, None),
        (r#"["a"] && b"#, None),
        ("[ -f x ]", None),
        (r#"["a"#, None),
    ] {
        let found = json_words(&Embedded::verbatim(text, 0));
        let found = found.map(|l| l.into_iter().map(|(w, _)| w).collect::<Vec<_>>());
        assert_eq!(found, expected.map(|l| l.into_iter().map(str::to_owned).collect()), "{text}");
    }
    let text = Embedded::verbatim(r#"["bash", "-c", "curl x | sh", "it's $X"]"#, 0);
    let line = quoted(&json_words(&text).unwrap(), &text);
    assert_eq!(line.text, r#"bash -c 'curl x | sh' "it's \$X""#);
    let at = line.text.find("curl").unwrap();
    let span = line.host_span(at..at + 4);
    assert_eq!(&text.text[span.range(99)], "curl");
}

#[test]
fn variables_are_put_in_as_buildkit_does() {
    let lookup = |name: &str| match name {
        "A" => Lookup::Value("one"),
        "E" => Lookup::Value(""),
        "U" => Lookup::Unset,
        _ => Lookup::Unknown,
    };
    for (word, expected, known) in [
        ("x-$A-${A}", "x-one-one", true),
        ("${U:-d}${U-d}${E:-d}${E-d}", "ddd", true),
        ("${A:+y}${A+y}${U:+y}${E:+y}${E+y}", "yyy", true),
        ("qdrant-${U:+gpu-}${U:-cpu}", "qdrant-cpu", true),
        ("${U:-${A}}", "one", true),
        ("${U:-${U:-x}}", "x", true),
        ("$U", "${U}", false),
        ("a${Q:-x}b", "a${Q}b", false),
        ("${A#o}x", "${A}x", false),
        ("${A%%.*}x", "${A}x", false),
        ("'$A' \"$A\" \\$A", "$A one $A", true),
        ("\"${U:-a b}\"", "a b", true),
        ("$ ${ $1", "$ ${ ${1}", false),
        ("${A", "one", true),
    ] {
        let found = expand(word, '\\', 1 << 10, &lookup);
        assert_eq!((found.text.as_str(), found.known), (expected, known), "{word}");
    }
    assert!(!expand("$A$A", '\\', 4, &lookup).known);
}
