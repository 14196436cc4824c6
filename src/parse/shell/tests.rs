use super::*;

fn read(text: &str) -> Program {
    parse(text, &mut Budget::default())
}

/// Names and arguments, one command a line.
fn lines(program: &Program) -> Vec<String> {
    let line = |c: &Command| {
        let words: Vec<String> = c.name.iter().chain(&c.args).map(Word::lossy).collect();
        words.join(" ")
    };
    program.commands.iter().map(line).filter(|l| !l.is_empty()).collect()
}

#[test]
fn commands_come_out_flat() {
    let cases: &[(&str, &[&str])] = &[
        ("a b 'c d' \"e f\"", &["a b c d e f"]),
        ("a && b | c || d", &["a", "b", "c", "d"]),
        ("# curl x | sh\ntrue", &["true"]),
        ("echo \"curl x | sh\"", &["echo curl x | sh"]),
        ("cat > f <<'EOF'\ncurl x | sh\nEOF\nnext", &["cat", "next"]),
        ("cat <<EOF | tee f\ncurl x | sh\nEOF", &["cat", "tee f"]),
        ("bash <<EOF\ncurl x | sh\nEOF", &["bash", "curl x", "sh"]),
        ("cat <<EOF | sudo sh -e\ncurl x\nEOF", &["cat", "sudo sh -e", "curl x"]),
        ("bash -c 'a | b'", &["bash -c a | b", "a", "b"]),
        ("sudo sh -ec \"a \\\"$X\\\" && b\"", &["sudo sh -ec a \"${X}\" && b", "a ${X}", "b"]),
        ("x=$(a $(b))", &["a $(...)", "b"]),
        ("if a; then b; elif c; then d; else e; fi", &["a", "b", "c", "d", "e"]),
        ("for i in $(a); do b $i; done", &["a", "b ${i}"]),
        ("while a; do b; done < f", &["a", "b"]),
        ("case $x in a) b;; *) c;; esac", &["b", "c"]),
        ("f() { a; }; f", &["a", "f"]),
        ("((i++)); a", &["a"]),
        ("a \\\n  b", &["a b"]),
        ("diff <(a) <(b)", &["diff <(...) <(...)", "a", "b"]),
        ("u/v$X-y.tgz z", &["u/v${X}-y.tgz z"]),
        ("curl u/v$X/v$X-y.tgz z", &["curl u/v${X}/v${X}-y.tgz z"]),
        ("a )) b\nc", &["a b", "c"]),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(&read(text)), *expected, "{text}");
    }
}

#[test]
fn expressions_are_parts_of_words() {
    let text = "run \"a${{ github.head_ref }}b\" --x=${{ inputs['}}'] }} $V${{ y }}";
    let program = read(text);
    let args: Vec<_> = program.commands[0].args.iter().map(|a| a.parts.clone()).collect();
    let literal = |t: &str| Part::Literal(t.to_owned());
    let expression = |t: &str| Part::Expression(t.to_owned());
    assert_eq!(args[0], [literal("a"), expression("github.head_ref"), literal("b")]);
    assert_eq!(args[1], [literal("--x="), expression("inputs['}}']")]);
    assert_eq!(args[2], [Part::Variable("V".into()), expression("y")]);
    for at in &program.expressions {
        assert!(text[at.range.clone()].starts_with("${{") && text[at.range.clone()].ends_with("}}"));
    }
}

#[test]
fn ranges_point_into_the_outer_text() {
    let text = "é; bash -c 'x | curl u'\nsh -c \"echo \\\"q\\\" ; wget v\"\nbash <<E\n wget ${{ w }}\nE\n";
    let program = read(text);
    for command in &program.commands {
        let name = command.name.as_ref().expect("named");
        assert_eq!(&text[name.range.clone()], name.lossy(), "{command:?}");
    }
    let last = program.commands.last().expect("commands");
    assert_eq!(last.args[0].lossy(), "${{ w }}");
    assert_eq!(&text[last.args[0].range.clone()], "${{ w }}");
}

#[test]
fn variables_resolve_where_there_is_one_value() {
    let resolve = |text: &str| {
        let program = read(text);
        let last = program.commands.last().expect("commands").clone();
        program.resolve(last.args.last().expect("an argument"))
    };
    assert_eq!(resolve("V=1.2\nU=https://x/$V\ncurl \"${U}/a\""), Some("https://x/1.2/a".into()));
    assert_eq!(resolve("V=1\nV=1\na $V"), Some("1".into()));
    assert_eq!(resolve("V=1\nV=2\na $V"), None);
    assert_eq!(resolve("V=1 a $V"), None);
    assert_eq!(resolve("V=1; V+=2; a $V"), None);
    assert_eq!(resolve("for V in a b; do a $V; done"), None);
    assert_eq!(resolve("V=1; read V; a $V"), None);
    assert_eq!(resolve("export V=1; a $V"), Some("1".into()));
    assert_eq!(resolve("V=$V; a $V"), None);
    let mut program = read("a $V");
    program.assume("V", "3");
    assert_eq!(program.resolve(&program.commands[0].args[0]), Some("3".into()));
}

#[test]
fn calls_are_looked_through() {
    let cases = [
        ("sudo -E -u root apt install x", "apt"),
        ("env A=1 /usr/bin/curl x", "curl"),
        ("sudo A=1 nice -n 5 make", "make"),
        ("timeout -k 5 30 cargo test", "cargo"),
        ("find . | xargs -0 -n 1 rm", "find"),
        ("xargs -0 -n 1 rm", "rm"),
        ("command -v cargo", "command"),
        ("C='python -m pip'\n$C install x", "python"),
        ("$SUDO apt-get update", "apt-get"),
        ("exec > log", "exec"),
    ];
    for (text, expected) in cases {
        let program = read(text);
        let called = program.commands.iter().filter(|c| c.name.is_some()).find_map(|c| Invocation::of(&program, c));
        assert_eq!(called.expect("a call").name, expected, "{text}");
    }
}

#[test]
fn dialects_are_told_apart() {
    let cases = [
        (None, false, Dialect::Bash),
        (None, true, Dialect::PowerShell),
        (Some("bash -euo pipefail {0}"), true, Dialect::Bash),
        (Some("bash -l {0}"), false, Dialect::Bash),
        (Some("C:\\msys64\\usr\\bin\\bash.exe -l {0}"), true, Dialect::Bash),
        (Some("pwsh"), false, Dialect::PowerShell),
        (Some("cmd"), true, Dialect::Cmd),
        (Some("python3 {0}"), false, Dialect::Python),
        (Some("nix develop -c bash {0}"), false, Dialect::Bash),
        (Some("nu {0}"), false, Dialect::Other("nu {0}".into())),
    ];
    for (shell, windows, expected) in cases {
        assert_eq!(Dialect::from_shell(shell, windows), expected, "{shell:?}");
    }
}

#[test]
fn hostile_text_ends() {
    // A test's own thread has the two megabytes a worker has.
    let cases = [
        "(".repeat(100_000),
        "$(".repeat(50_000),
        "\"$(".repeat(30_000),
        "{ ".repeat(50_000),
        "if a; then ".repeat(20_000),
        "a && ".repeat(60_000),
        "a | ".repeat(60_000),
        "a <<E\n".repeat(20_000),
        "a <<E;".repeat(100_000),
        "<(".repeat(50_000),
        "${a:-".repeat(30_000),
        "[[ ( ".repeat(20_000),
        "$((".repeat(30_000),
        "`".repeat(100_000),
        "case x in ".repeat(10_000),
        "f() { ".repeat(20_000),
        "! ".repeat(50_000),
        "bash -c \"".repeat(10_000),
        "\0a\0 b\0".repeat(10_000),
        "${{".repeat(30_000),
        "a=$b$b; b=$a$a; c $a\n".repeat(100),
        "x".repeat(2 << 20),
        "\\".repeat(10_001),
        "é'\"é${{ é }}`$(é".repeat(500),
    ];
    for text in &cases {
        let program = read(text);
        for command in &program.commands {
            assert!(text.get(command.range.clone()).is_some(), "{:?}", command.range);
        }
        let _ = parse_powershell(text, &mut Budget::default());
    }
    assert!(!read(&cases[21]).problems.is_empty());
    assert!(!read(&cases[8]).problems.is_empty());
}

#[test]
fn blanks_between_variables_are_text() {
    for (text, expected) in [
        ("echo \"$S  $F\"", "${S}  ${F}"),
        ("echo \"$S ${F} $(x) $((1))\"", "${S} ${F} $(...) $((1))"),
        ("cat <<EOF\n$S  $F\nEOF", "${S}  ${F}\n"),
    ] {
        let program = parse(text, &mut Budget::default());
        let command = &program.commands[0];
        let word = command.args.first().unwrap_or_else(|| &command.redirects[0].target);
        assert_eq!(word.lossy(), expected, "{text}");
    }
}
