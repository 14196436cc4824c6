use proptest::prelude::*;

use super::*;

fn show(expression: &Expression) -> String {
    let all = |items: &[Expression]| items.iter().map(show).collect::<Vec<_>>().join(" ");
    match &expression.kind {
        Kind::Text(text) => format!("'{}'", text.text.escape_debug()),
        Kind::Bool(value) => value.to_string(),
        Kind::Nothing => "none".to_owned(),
        Kind::Name(name) => name.clone(),
        Kind::Attribute(object, name) => format!("{}.{name}", show(object)),
        Kind::Item(object, index) => format!("{}[{}]", show(object), show(index)),
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Dict(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}:{}", key.as_ref().map_or("**".to_owned(), show), show(value)))
                .collect();
            format!("{{{}}}", pairs.join(" "))
        }
        Kind::Call(function, arguments) => {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|a| format!("{}{}", a.name.as_ref().map_or(String::new(), |n| format!("{n}=")), show(&a.value)))
                .collect();
            format!("{}({})", show(function), arguments.join(" "))
        }
        Kind::Add(left, right) => format!("({} + {})", show(left), show(right)),
        Kind::Divide(left, right) => format!("({} / {})", show(left), show(right)),
        Kind::Either(first, second) => format!("({} | {})", show(first), show(second)),
        Kind::Splat(inner) => format!("*{}", show(inner)),
        Kind::Each { body, loops } => {
            let loops: Vec<String> = loops.iter().map(|(t, v)| format!("{}<{}", show(t), show(v))).collect();
            format!("each({} {})", show(body), loops.join(" "))
        }
        Kind::Made(Made::Template(pieces), parts) => {
            let one = |piece: &Piece| match piece {
                Piece::Text(text, _) => format!("'{}'", text.escape_debug()),
                Piece::Value(at) => parts.get(*at).map_or("??".to_owned(), show),
                Piece::Formatted(at) => format!("format({})", parts.get(*at).map_or("??".to_owned(), show)),
            };
            format!("f({})", pieces.iter().map(one).collect::<Vec<_>>().join(" "))
        }
        Kind::Made(Made::Integer(number), _) => number.to_string(),
        Kind::Made(made, parts) => format!("{made:?}({})", all(parts)).to_lowercase(),
        Kind::Other(parts) => format!("?({})", all(parts)),
    }
}

fn lines(statements: &[Statement]) -> String {
    let all: Vec<String> = statements
        .iter()
        .map(|statement| match statement {
            Statement::Assign { target, value } => format!("{} = {}", show(target), show(value)),
            Statement::Add { target, value } => format!("{} += {}", show(target), show(value)),
            Statement::Value(value) => show(value),
            Statement::Return(value) => format!("return {}", show(value)),
            Statement::With { items, body } => {
                let items: Vec<String> = items.iter().map(|(v, n)| format!("{} as {n:?}", show(v))).collect();
                format!("with {} {{{}}}", items.join(", "), lines(body))
            }
            Statement::Function { name, parameters, body, .. } => {
                let parameters: Vec<String> = parameters
                    .iter()
                    .map(|(name, value)| {
                        format!("{name}{}", value.as_ref().map_or(String::new(), |v| format!("={}", show(v))))
                    })
                    .collect();
                format!("def {name}({}) {{{}}}", parameters.join(" "), lines(body))
            }
            Statement::For { target, values, body } => {
                format!("for {} in {} {{{}}}", show(target), show(values), lines(body))
            }
            Statement::Class { name, bases, body, .. } => {
                let bases: Vec<String> = bases.iter().map(show).collect();
                format!("class {name}({}): {}", bases.join(", "), lines(body))
            }
            Statement::Import(all) => {
                let one = |i: &Imported| match &i.item {
                    Some(item) => format!("{}:{item} as {}", i.module, i.name),
                    None => format!("{} as {}", i.module, i.name),
                };
                format!("import {}", all.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            Statement::Branches(bodies) => {
                format!("branches {}", bodies.iter().map(|b| format!("{{{}}}", lines(b))).collect::<String>())
            }
        })
        .collect();
    all.join("; ")
}

fn read(text: &str) -> Module {
    let module = parse(text, &mut Budget::default());
    for problem in &module.problems {
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
    }
    module
}

#[test]
fn what_setup_files_are_made_of_is_read() {
    for (text, expected) in [
        ("a = 'x' \"y\"\n", "a = 'xy'"),
        ("a = '''x\n'y'''\n", "a = 'x\\n\\'y'"),
        ("a = u'x\\n' r'\\d' '\\d'\n", "a = 'x\\n\\\\d\\\\d'"),
        ("a = f'x' f'{y}.z'\n", "a = f('x' y '.z')"),
        ("a = b'x'\n", "a = ?()"),
        ("a: list[str] = ['x', *b]  # c\n", "a = ['x' *b]"),
        ("a = b = 1, True, None\n", "b = [1 true none]; a = [1 true none]"),
        ("a['k'] += b.c + ['x']\n", "a['k'] += (b.c + ['x'])"),
        ("setup(*a, name='x', **k)\n", "setup(*a name='x' **=k)"),
        ("d = {'a': ['x'], **b}\n", "d = {'a':['x'] **:b}"),
        ("with open('r') as f, g():\n    a = f.read()\n", "with open('r') as Some(\"f\"), g() as None {a = f.read()}"),
        ("if a:\n  b = 1\nelif c:\n  b = 2\nelse:\n  b = 3\n", "branches {b = 1}{b = 2}{b = 3}"),
        ("try:\n  import x\nexcept E:\n  y = 1\n", "branches {import x as x}{y = 1}"),
        (
            "def f(x, y: int = 1, z='a'):\n    return [l.strip() for l in open(x) if l]\n",
            "def f(x y=1 z='a') {return each(l.strip() l<open(x))}",
        ),
        ("a = {k: v for k, v in b}\n", "a = each(?(k v) [k v]<b)"),
        ("a = list(x for x in y)\n", "a = list(each(x x<y))"),
        ("a = b if c else d\n", "a = (b | d)"),
        ("p = Path('a') / 'b'\n", "p = (Path('a') / 'b')"),
        ("for x in y:\n  z.append(x)\n", "for x in y {z.append(x)}"),
        ("class A(B, metaclass=C):\n  x: str = 'y'\n", "class A(B): x = 'y'"),
        (
            "import a.b, c as d\nfrom ..e import f as g\nfrom h import *\n",
            "import a.b as a, c as d; import ..e:f as g; import h:* as *",
        ),
        ("a = b or 'x'\nc = 'x%s' % d\n", "a = or(b 'x'); c = remainder('x%s' d)"),
        ("a = f'{b!r}{c:>3}'\n", "a = f(format(b) format(c))"),
        ("if (m := load('x')):\n  pass\n", "named(\"m\")(load('x')); branches {}"),
        ("a = lambda x: f(x)\nb = await g(-1)\n", "a = lambda(f(x)); b = g(-1)"),
    ] {
        let module = read(text);
        assert_eq!(module.problems, [], "{text}");
        assert_eq!(lines(&module.statements), expected, "{text}");
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "x = [\n    'a\\x41>=1',\n]\n";
    let module = read(text);
    let [Statement::Assign { value, .. }] = module.statements.as_slice() else { panic!("{module:?}") };
    let Kind::List(items) = &value.kind else { panic!("{value:?}") };
    let string = items[0].as_text().expect("a string");
    assert_eq!(string.text, "aA>=1");
    assert_eq!(text.get(string.host_span(2..5).range(text.len())), Some(">=1"));
    assert_eq!(text.get(items[0].span.range(text.len())), Some("'a\\x41>=1'"));
}

#[test]
fn a_mistake_costs_its_statement() {
    let module = read("a = ['x'\nb = ]\nc = 'y'\nprint 'z'\n");
    assert!(!module.problems.is_empty());
    assert!(lines(&module.statements).contains("c = 'y'"), "{}", lines(&module.statements));
}

#[test]
fn hostile_files_end_within_the_budget() {
    for text in [
        "[".repeat(1 << 20),
        "a+".repeat(400_000),
        "f(".repeat(400_000),
        "a=".repeat(400_000),
        "(a)".repeat(300_000),
        "'''".repeat(300_001),
        "f'{".repeat(300_000),
        "x".repeat(2 << 20),
    ] {
        let module = parse(&text, &mut Budget::default());
        assert!(!module.problems.is_empty(), "{}", &text[..10]);
    }
    // Blocks without statements are read as if they had some.
    let _ = parse(&"if a:\n ".repeat(100_000), &mut Budget::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_read(text in "(['\"\\\\\\[\\](){}:,=+*/ \n#fé]|def |if |a\n  |\"\"\"|for ){0,30}") {
        read(&text);
    }
}

#[test]
fn what_nests_deeper_than_python_reads_is_refused_on_a_small_stack() {
    let deep = 200_000;
    let texts = [
        "[".repeat(deep),
        format!("x = {}", "(".repeat(deep)),
        format!("x = {}y", "-".repeat(deep)),
        format!("x = {}y", "not ".repeat(deep)),
        format!("x = {}y", "lambda: ".repeat(deep)),
        format!("x = y{}", ".z".repeat(deep)),
        format!("x = y{}", "()".repeat(deep)),
        format!("x = y{}", "[0]".repeat(deep)),
        format!("x = y{}", " + z".repeat(deep)),
        format!("x = y{}", " if z else w".repeat(deep)),
        format!("x = y{}", " ** z".repeat(deep)),
        format!("x = {}", "f'{".repeat(deep)),
        (0..300).map(|n| format!("{}if x:\n", " ".repeat(n))).collect::<String>(),
        format!("match x:\n  case {}:\n    pass\n", "[".repeat(deep)),
        format!("x = y{}", " and z or w".repeat(deep)),
        format!("x: {}", "a[".repeat(deep)),
    ];
    let run = move || {
        for text in &texts {
            let module = read(text);
            assert!(!module.problems.is_empty(), "{}", text.get(..40).unwrap_or(text));
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join().expect("no overflow");
}

#[test]
fn long_lists_of_data_are_not_tangled() {
    let text = format!("x = [{}]\n", "-1, a.b(c)[0] + 'd',\n".repeat(20_000));
    assert_eq!(read(&text).problems, []);
}
