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
fn what_the_grammar_cannot_take_is_read_as_the_word_it_is() {
    for (text, wanted) in [
        ("export P=\"${P:-https://example.com|direct}\"; make", 2),
        ("B=\"in${P:+ as \\`$P\\` member} it\"; make", 2),
        ("next=\"$((10#$patch + 1))\"; make", 2),
    ] {
        let program = read(text);
        assert!(program.problems.is_empty(), "{text}: {:?}", program.problems);
        assert_eq!(program.commands.len(), wanted, "{text}");
    }
    let hidden = read("echo \\${P:-a | sh }");
    assert_eq!(hidden.commands.len(), 2, "what is piped on is a command");
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
        (
            "find . -name x -exec curl -o y {} \\; -print",
            &["find . -name x -exec curl -o y {} ; -print", "curl -o y {}"],
        ),
        ("sudo find . -exec sh -c 'a; b' \\;", &["sudo find . -exec sh -c a; b ;", "sh -c a; b", "a", "b"]),
        ("trap 'a; b' EXIT", &["trap a; b EXIT", "a", "b"]),
        ("su - me -c 'a | b'", &["su - me -c a | b", "a", "b"]),
        ("sudo -u me bash -c \"a\"", &["sudo -u me bash -c a", "a"]),
        ("ssh -p 22 host 'a | b'", &["ssh -p 22 host a | b", "a", "b"]),
        ("ssh host <<E\na\nE", &["ssh host", "a"]),
        ("docker exec -i x bash <<'E'\na\nE", &["docker exec -i x bash", "a"]),
        ("docker run x bash -ec 'a'", &["docker run x bash -ec a", "a"]),
        ("a `b`; c \"`d`\"", &["a $(...)", "b", "c $(...)", "d"]),
        ("time a; ! b; nohup c & d", &["time a", "b", "nohup c", "d"]),
        ("until a; do b; done", &["a", "b"]),
        ("select x in a; do b; done", &["b"]),
        ("function f { a; }; f", &["a", "f"]),
        ("[[ -f x ]] && a", &["[[ -f x ]]", "a"]),
        ("coproc a; b", &["coproc a", "b"]),
        ("if a\nthen b\nfi <x", &["a", "b"]),
        ("{ a; b; } > f 2>&1", &["a", "b"]),
        ("a <<< \"$(b)\"", &["a", "b"]),
        ("A=$(a) B=`b` c", &["c", "a", "b"]),
        ("A=($(a) b)", &["a"]),
        ("echo ${X:-$(a)}", &["echo ${X:-$(a)}", "a"]),
        ("a; # b\nc # d | e", &["a", "c"]),
        ("a|&b", &["a", "b"]),
        ("a;b&&c||d&e", &["a", "b", "c", "d", "e"]),
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
    assert_eq!(resolve("V=1 a $V"), None);
    assert_eq!(resolve("for V in a b; do a $V; done"), None);
    assert_eq!(resolve("V=1; read V; a $V"), None);
    assert_eq!(resolve("export V=1; a $V"), Some("1".into()));
    assert_eq!(resolve("V=$V; a $V"), None);
    let mut program = read("a $V");
    program.assume("V", "3");
    assert_eq!(program.resolve(&program.commands[0].args[0]), Some("3".into()));
}

/// The last argument of the command `use`, as far as it is known there.
fn used(text: &str) -> String {
    let program = read(text);
    let is_use = |c: &&Command| c.name.as_ref().and_then(Word::literal).as_deref() == Some("use");
    let command = program.commands.iter().find(is_use).expect("a command `use`");
    let (text, known) = program.show(command.args.last().expect("an argument"));
    if known { text } else { format!("? {text}") }
}

#[test]
fn variables_hold_what_the_way_to_the_command_gave_them() {
    let cases = [
        // The last assignment on the way.
        ("V=1\nV=2\nuse $V", "2"),
        ("V=1\nuse $V\nV=2", "1"),
        ("V=1; V+=2; use $V", "12"),
        ("V=a; V=$V/b; use $V", "a/b"),
        ("use $V; V=1", "? ${V}"),
        // A branch, and what stands behind it.
        ("if a; then V=1; else V=2; use $V; fi", "2"),
        ("if a; then V=1; else use $V; fi", "? ${V}"),
        ("if a; then V=1; else V=2; fi; use $V", "? ${V}"),
        ("V=0; if a; then V=1; fi; use $V", "? ${V}"),
        ("V=0; if a; then V=1; else use $V; fi", "0"),
        ("if a; then V=1; elif b; then V=2; else use $V; fi", "? ${V}"),
        ("case $x in a) V=1;; b) V=2; use $V;; esac", "2"),
        ("case $x in a) V=1;; b) V=2;; esac; use $V", "? ${V}"),
        ("V=0; case $x in a) V=1;; b) use $V;; esac", "0"),
        ("case $x in a) V=1;; esac; case $x in a) use $V;; esac", "1"),
        ("V=0; a && V=1; use $V", "? ${V}"),
        ("a && V=1 && use $V", "1"),
        ("V=0; a && V=1 && use $V", "1"),
        ("V=0; a && V=1 || use $V", "? ${V}"),
        // Shells of their own.
        ("V=0; (V=1); use $V", "0"),
        ("V=0; (V=1; use $V)", "1"),
        ("V=0; x=$(V=1; echo); use $V", "0"),
        ("V=0; { V=1; }; use $V", "1"),
        ("V=0; { V=1; } | cat; use $V", "0"),
        ("V=0; bash -c 'V=1'; use $V", "0"),
        // Loops.
        ("V=0; while a; do use $V; V=1; done", "? ${V}"),
        ("V=0; while a; do V=1; use $V; done", "1"),
        ("V=0; while a; do V=$V/x; use $V; done", "? ${V}"),
        ("for V in a; do use $V; done", "a"),
        ("for V in a b; do use $V; done", "? ${V}"),
        ("for V in *; do use $V; done", "? ${V}"),
        // Functions.
        ("V=1; f() { use $V; }; f", "1"),
        ("f() { use $V; }; V=1; f", "1"),
        ("V=0; f() { use $V; }; V=1; f", "? ${V}"),
        ("V=0; f() { local V=1; }; f; use $V", "0"),
        ("V=0; f() { V=1; }; f; use $V", "? ${V}"),
        ("f() { local V=1; use $V; }; V=2", "1"),
        // Others.
        ("V=1; read V; use $V", "? ${V}"),
        ("read -r V W <<< \"1 2 3\"; use $W", "2 3"),
        ("V=1; unset V; use $V", "? ${V}"),
        ("readonly V=1; use $V", "1"),
        ("declare -r V=1; use $V", "1"),
        ("V=1 use $V", "? ${V}"),
    ];
    for (text, expected) in cases {
        assert_eq!(used(text), expected, "{text}");
    }
}

#[test]
fn operators_and_printed_words_are_put_in() {
    let cases = [
        ("use ${V:-1.2}", "1.2"),
        ("V=; use ${V:-1.2}", "1.2"),
        ("V=3; use ${V:-1.2}", "3"),
        ("V=$(a); use ${V:-1.2}", "? ${V:-1.2}"),
        ("use ${GITHUB_REF:-main}", "? ${GITHUB_REF:-main}"),
        ("W=9; use ${V:-https://e.com/$W/\"${W}\"}", "https://e.com/9/9"),
        ("V=1; use ${V:+x}", "x"),
        ("V=v1.2; use ${V#v}", "1.2"),
        ("V=a/b/c; use ${V##*/}", "c"),
        ("V=a/b/c; use ${V#*/}", "b/c"),
        ("V=a.tar.gz; use ${V%.*}", "a.tar"),
        ("V=a.tar.gz; use ${V%%.*}", "a"),
        ("V=a.tar.gz; use ${V%.gz}", "a.tar"),
        ("V=1.2.3; use ${V//./_}", "1_2_3"),
        ("V=1.2.3; use ${V/./_}", "1_2.3"),
        ("V=Linux; use ${V,,}-${V^^}", "linux-LINUX"),
        ("V=12345; use ${V:1:3}", "234"),
        ("V=1234; use ${#V}", "4"),
        ("V=1; use ${V?none}", "1"),
        ("V=a; use ${V#[a-z]}", "? ${V#[a-z]}"),
        ("V=$(echo 1.2); use $V", "1.2"),
        ("V=`echo 1.2`; use $V", "1.2"),
        ("V=$(printf '%s' 1.2); use $V", "1.2"),
        ("V=$(cat <<E\n1.2\nE\n); use $V", "1.2"),
        ("V=$(basename https://e.com/a.tgz .tgz); use $V", "a"),
        ("V=$(curl x); use $V", "? ${V}"),
        ("V=$(echo 1 | cut -c1); use $V", "? ${V}"),
        ("A=(x y); A+=(z); use \"${A[*]}\"", "x y z"),
        ("A=(x y); use ${A[1]}", "y"),
    ];
    for (text, expected) in cases {
        assert_eq!(used(text), expected, "{text}");
    }
}

#[test]
fn functions_run_with_their_arguments() {
    let calls = |text: &str| -> Vec<String> {
        let program = read(text);
        let mut out = Vec::new();
        let mut waiting: Vec<(Program, usize)> = (0..program.commands.len())
            .filter(|i| program.scopes_of(*i).all(|s| !matches!(s.kind, ScopeKind::Function(_))))
            .filter_map(|i| Some((program.enter(i)?, i)))
            .collect();
        while let Some((inner, _)) = waiting.pop() {
            for (index, command) in inner.commands.iter().enumerate() {
                if let Some(deeper) = inner.enter(index) {
                    waiting.push((deeper, index));
                    continue;
                }
                let Some(call) = Invocation::of(&inner, command).filter(|c| c.name != "shift") else { continue };
                let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
                out.push(format!("{} {}", call.name, words.join(" ")));
            }
        }
        out
    };
    let cases: &[(&str, &[&str])] = &[
        ("get() { curl -o \"$2\" \"$1\"; }; get u f", &["curl -o f u"]),
        ("get() { local u=$1 f=${2:-d}; curl -o \"$f\" \"$u\"; }; get u", &["local ", "curl -o d u"]),
        ("V=1; get() { curl $V/$1; }; get a; V=2; get b", &["curl 2/b", "curl 1/a"]),
        ("run() { \"$@\"; }; run curl -o f u", &["curl -o f u"]),
        ("run() { shift; \"$@\"; }; run 5 curl u", &["curl u"]),
        ("run() { n=$1; shift 1; sudo \"${@:2}\"; }; run 5 x curl u", &["curl u"]),
        ("run() { while a; do shift; done; b \"$1\"; }; run 5 x", &["a ", "b ${1}"]),
        ("f() { g \"$1\"; }; g() { curl $1; }; f u", &["curl u"]),
        ("f() { f; a $1; }; f u", &["f ", "a u"]),
        ("f() { a $1; }; f $(b) ", &["a $(...)"]),
        ("f() { a $#; }; f x \"y z\"", &["a 2"]),
    ];
    for (text, expected) in cases {
        assert_eq!(calls(text), *expected, "{text}");
    }
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
        ("retry 5 curl u", "curl"),
        ("retry -t 3 -- curl u", "curl"),
        ("run() { \"$@\"; }\nrun curl u", "curl"),
        ("again() { shift; timeout 5 \"$@\"; }\nagain 3 curl u", "curl"),
        ("run() { eval \"$*\"; }\nrun curl u", "curl"),
        ("gosu app curl u", "curl"),
        ("flock -w 9 /tmp/l curl u", "curl"),
        ("C=(curl -o x)\n\"${C[@]}\" u", "curl"),
        ("C=(curl -o x)\nsudo \"${C[@]}\" u", "curl"),
        ("CURL=${CURL:-curl}\n$CURL u", "curl"),
    ];
    for (text, expected) in cases {
        let program = read(text);
        let is_outside = |i: usize| program.functions.iter().all(|f| !f.commands.contains(&i));
        let commands = program.commands.iter().enumerate().filter(|(i, c)| c.name.is_some() && is_outside(*i));
        let called = commands.into_iter().find_map(|(_, c)| Invocation::of(&program, c));
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
        (Some("alpine.sh --root {0}"), false, Dialect::Bash),
        (Some("script -q -e -c \"bash --noprofile --norc -eo pipefail {0}\""), false, Dialect::Bash),
        (Some("${{ steps.x.outputs.python-path }} -u {0}"), false, Dialect::Python),
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

#[test]
fn long_bodies_are_shortened_and_not_known() {
    let body = "é".repeat(100_000);
    let program = read(&format!("cat <<'E'\n{body}\nE\nnext"));
    assert_eq!(lines(&program), ["cat", "next"]);
    let (text, is_known) = program.show(&program.commands[0].redirects[0].target);
    assert!(!is_known && text.len() < 70_000 && text.starts_with("é"), "{}", text.len());
    let script = read(&format!("bash <<'E'\n# {body}\ncurl x | sh\nE"));
    assert_eq!(lines(&script), ["bash", "curl x", "sh"]);
}

#[test]
fn calls_are_found_by_name() {
    let mut program = read("sudo git a; T=$X; $T b; echo git; /usr/bin/git c");
    let found = |program: &Program| {
        let calls = program.calls_of(|name| name == "git");
        calls.map(|(index, call)| format!("{index} {}", call.args[0].text)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(found(&program), "0 a, 4 c");
    // What is known later counts.
    program.assume("X", "git");
    assert_eq!(found(&program), "0 a, 2 b, 4 c");
}
