use proptest::prelude::*;

use super::*;
use crate::graph::Document;
use crate::source::FileId;

fn read(text: &str) -> (Option<PyProject>, Facts) {
    let file = SourceFile::new(FileId(0), RepoPath::new("a/setup.py").unwrap(), text.as_bytes().to_vec());
    let mut facts = Facts::default();
    SetupPyReader.read(&file, &mut Budget::default(), &mut facts);
    let found = facts.documents.pop().map(|document| match document {
        Document::PyProject(found) => found,
        other => panic!("{other:?}"),
    });
    for problem in &facts.problems {
        assert!(text.get(problem.span.range(text.len())).is_some(), "{problem:?}");
    }
    (found, facts)
}

/// Requirements by group, then files, then gaps.
fn show(text: &str) -> String {
    let (found, facts) = read(text);
    let Some(found) = found else { return "none".to_owned() };
    let group = |group: &Group| match group {
        Group::Runtime => String::new(),
        Group::Build => "build:".to_owned(),
        Group::Extra(name) => format!("[{name}]:"),
        other => format!("{other:?}:"),
    };
    let specifiers =
        |r: &crate::graph::kinds::python::Requirement| r.specifiers.as_ref().map_or(String::new(), |s| s.value.clone());
    let mut out: Vec<String> =
        found.requirements.iter().map(|r| format!("{}{}{}", group(&r.group), r.name.value, specifiers(r))).collect();
    out.extend(found.dynamic_files.iter().map(|f| format!("<{}>", f.value)));
    out.extend(facts.problems.iter().map(|p| format!("!{}", p.message.split(';').next().unwrap_or(""))));
    out.join(" ")
}

#[test]
fn lists_are_read_however_they_are_put_together() {
    for (text, expected) in [
        ("setup(install_requires=['a>=1', 'b'])", "a>=1 b"),
        ("import setuptools\nsetuptools.setup(install_requires=('a',))", "a"),
        ("R = ['a']\nR += ['b']\nR.append('c')\nR.extend(['d'])\nsetup(install_requires=R)", "a b c d"),
        ("R = ['a']\nif x:\n  R = ['b']\nelse:\n  R.append('c')\nsetup(install_requires=R)", "b a c"),
        ("E = {'w': ['a']}\nE['x'] = ['b'] + E['w']\nsetup(extras_require=E)", "[w]:a [x]:b"),
        ("E = {'w': ['a']}\nE['all'] = sum(E.values(), [])\nsetup(extras_require={**E})", "[w]:a"),
        ("E = {'w': ['a']}\nE['all'] = [x for l in E.values() for x in l]\nsetup(extras_require=E)", "[w]:a"),
        ("E = dict(w=['a'])\nE.update({'x': 'b'})\nsetup(**dict(extras_require=E))", "[w]:a [x]:b"),
        ("K = {'install_requires': ['a']}\nsetup(name='x', **K)", "a"),
        ("V = '1'\nsetup(install_requires=['a==' + V])", "a==1"),
        (
            "setup(install_requires=list(sorted(['a'])), setup_requires=['w'], tests_require='t')",
            "a build:w Named(\"tests\"):t",
        ),
        ("setup(install_requires='''a>=1\n# no\nb  # yes\n''')", "a>=1 b"),
        ("setup(install_requires='a\\nb'.split('\\n'))", "a b"),
        ("def main():\n  setup(install_requires=['a'])\nif __name__ == '__main__':\n  main()", "a"),
        ("setup(extras_require={':python_version<\"3\"': ['a'], 'w:x': ['b']})", "a [w]:b"),
        ("setup(install_requires=['a'] if x else ['b'])", "a b"),
        (
            "_d = ['a>=1', 'b[x]', 'c']\nd = {n: r for r, n in (f(x)[0] for x in _d)}\ndef pick(*ns):\n  return [d[n] for n in ns]\n\
             E = {}\nE['w'] = pick('a', 'b')\nsetup(install_requires=[d['c']], extras_require=E)",
            "c [w]:a>=1 [w]:b",
        ),
        ("print 'two'\nsetup(install_requires=['a'])", "a"),
    ] {
        assert_eq!(show(text), expected, "{text}");
    }
}

#[test]
fn files_that_lists_are_read_from_are_followed() {
    for text in [
        "setup(install_requires=open('req.txt').read().splitlines())",
        "with open('req.txt') as f:\n  R = f.read().splitlines()\nsetup(install_requires=R)",
        "with open('req.txt') as f:\n  R = [l.strip() for l in f if l]\nsetup(install_requires=R)",
        "R = [l for l in open(os.path.join(HERE, 'req.txt'))]\nsetup(install_requires=R)",
        "R = (Path(__file__).parent / 'req.txt').read_text().split()\nsetup(install_requires=R)",
        "R = Path('req.txt').read_text().splitlines()\nsetup(install_requires=R)",
        "def parse(n):\n  return [l for l in open(n)]\nsetup(install_requires=parse('req.txt'))",
        "def parse():\n  with open('req.txt') as f:\n    return f.readlines()\nsetup(install_requires=parse())",
        "R = [str(r.req) for r in parse_requirements('req.txt', session=s)]\nsetup(install_requires=R)",
        "F = 'req.txt'\nwith open(F) as f:\n  lines = f.readlines()\nsetup(install_requires=[l.strip() for l in lines])",
    ] {
        assert_eq!(show(text), "<req.txt>", "{text}");
    }
    assert_eq!(
        show(
            "def r(n, folder='reqs'):\n  return open(join(folder, n)).readlines()\nsetup(install_requires=r('req.txt'), tests_require=r('treq.txt', folder='t'))"
        ),
        "<reqs/req.txt> <t/treq.txt>"
    );
    let (_, facts) = read("setup(install_requires=open('req.txt').read().splitlines())");
    assert_eq!(facts.mentions.iter().map(|m| m.path.as_str()).collect::<Vec<_>>(), ["a/req.txt"]);
}

#[test]
fn what_code_works_out_is_a_gap() {
    for (text, expected) in [
        ("setup(install_requires=ask())", "!`install_requires` is worked out by code"),
        ("setup(install_requires=['a', ask()])", "a !`install_requires` is worked out by code"),
        ("setup(install_requires=[f'a=={v}'])", "!`install_requires` is worked out by code"),
        ("setup(install_requires=[x + '1' for x in ['a']])", "!`install_requires` is worked out by code"),
        ("setup(extras_require={name: ['a']})", "!`extras_require` is worked out by code"),
        ("setup(**ask())", "!what `setup` is given is worked out by code"),
        ("setup(install_requires=['=='])", "!no requirement: expected a name"),
        // A version is for those who build.
        ("setup(name='x', version=ask())", ""),
        ("x = 1\n", "none"),
        ("def f():\n  other()\n", "none"),
    ] {
        assert_eq!(show(text), expected, "{text}");
    }
}

#[test]
fn what_a_project_says_of_itself() {
    let (found, _) = read(
        "V = '1.2'\nsetup(name='My.App', version=V, python_requires='>=3.8', url='https://example.com',\n\
         classifiers=['Private :: No'], entry_points={}, dependency_links=['https://example.com/a-1.tar.gz#egg=a'])",
    );
    let found = found.expect("a project");
    assert_eq!(found.name.map(|n| n.value).as_deref(), Some("My.App"));
    assert_eq!(found.version.map(|n| n.value).as_deref(), Some("1.2"));
    assert_eq!(found.requires_python.map(|n| n.value).as_deref(), Some(">=3.8"));
    assert!(found.unpublished && found.is_described && found.has_scripts);
    assert_eq!(found.requirements[0].group, Group::Constraint);
}

#[test]
fn doubling_ends_within_the_budget() {
    let text = format!("a = ['x']\n{}setup(install_requires=a)", "a = a + a\n".repeat(1000));
    let (found, facts) = read(&text);
    assert!(found.is_some_and(|f| f.requirements.len() < 100_000) && !facts.problems.is_empty());
    let nested = format!("a = {{}}\n{}setup(extras_require=a)", "a = {'x': a, 'y': a}\n".repeat(1000));
    let _ = read(&nested);
    let keys: String = (0..20_000).map(|n| format!("a['k{n}'] = ['x']\n")).collect();
    let _ = read(&format!("a = {{}}\n{keys}setup(extras_require=a)"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_read(text in "(setup\\(|install_requires=|['\"\\[\\](){}:,=+*a\n #]|a\\['a'\\]|open\\('a'\\)|\\.read\\(\\)|def a\\(\\):\n |if a:\n ){0,30}") {
        read(&text);
    }
}
