use super::*;
use crate::graph::kinds::python::{IndexOptionKind, Origin, Priority};
use crate::source::FileId;

fn read(text: &str) -> (SourceFile, PyProject, Facts) {
    let path = RepoPath::new("a/pyproject.toml").unwrap();
    let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
    let mut facts = Facts::default();
    PyProjectReader.read(&file, &mut Budget::default(), &mut facts);
    let Some(Document::PyProject(found)) = facts.documents.pop() else { panic!("no document") };
    (file, found, facts)
}

fn shown(requirement: &Requirement) -> String {
    let mut out = format!("{:?} {}", requirement.group, requirement.name.value);
    if !requirement.extras.is_empty() {
        out += &format!("[{}]", requirement.extras.join(","));
    }
    if let Some(specifiers) = &requirement.specifiers {
        out += &format!(" {}", specifiers.value);
    }
    match &requirement.origin {
        Some(Origin::Url { url }) => out += &format!(" url({})", url.value),
        Some(Origin::Vcs { kind, url, revision }) => {
            out += &format!(" {kind}({}@{})", url.value, revision.as_ref().map_or("", |r| r.value.as_str()));
        }
        Some(Origin::Path { path }) => out += &format!(" path({})", path.value),
        Some(Origin::Workspace) => out += " workspace",
        None => {}
    }
    if let Some(index) = &requirement.index {
        out += &format!(" index({})", index.value);
    }
    if let Some(marker) = &requirement.marker {
        out += &format!(" ;{}", marker.value);
    }
    if requirement.editable {
        out += " -e";
    }
    out
}

/// Requirements, then problems, one a line.
fn facts(text: &str) -> String {
    let (file, found, facts) = read(text);
    for requirement in &found.requirements {
        assert!(!requirement.span.is_empty(), "{text}");
        assert!(file.text_at(requirement.name.span).contains(&requirement.name.value), "{text}");
    }
    let problems = facts.problems.iter().map(|p| format!("! {} [{}]", p.message, file.text_at(p.span)));
    found.requirements.iter().map(shown).chain(problems).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_of_the_standards() {
    for (text, wanted) in [
        (
            "[project]\ndependencies = [\"a>=1\", 'b[x]; os_name == \"nt\"']",
            "Runtime a >=1\nRuntime b[x] ;os_name == \"nt\"",
        ),
        ("[project.optional-dependencies]\nweb = [\"a\"]", "Extra(\"web\") a"),
        ("[build-system]\nrequires = [\"setuptools>=61\"]", "Build setuptools >=61"),
        (
            "[dependency-groups]\ntest = [\"a\"]\ndev = [{include-group = \"Test\"}, \"b\"]",
            "Named(\"test\") a\nNamed(\"dev\") b",
        ),
        (
            "[dependency-groups]\ndev = [{include-group = \"no\"}, 1]",
            "! group `no` is not defined [{include-group = \"no\"}]\n! a requirement should be a text [1]",
        ),
        ("[project]\ndependencies = \"a\"", "! `dependencies` should be a list [\"a\"]"),
        (
            "[project]\ndependencies = [\"a=1\", \"b\"]",
            "Runtime b\n! no requirement: `=` compares nothing; PEP 440 writes `==` [=1]",
        ),
        ("[project]\ndependencies = [\"a @ git+https://example.com/a@v1\"]", "Runtime a git(https://example.com/a@v1)"),
        ("[tool.ruff]\nline-length = 100", ""),
    ] {
        assert_eq!(facts(text), wanted, "{text}");
    }
}

#[test]
fn tables_of_poetry() {
    for (text, wanted) in [
        ("[tool.poetry.dependencies]\npython = \"^3.9\"\na = \"^1.2\"\nb = \"*\"", "Runtime a >=1.2,<2.0\nRuntime b"),
        (
            "[tool.poetry.dependencies]\na = {git = \"https://example.com/a\", rev = \"abc\"}\nb = {path = \"../b\", develop = true}\nc = {url = \"https://example.com/c.whl\"}",
            "Runtime a git(https://example.com/a@abc)\nRuntime b path(../b) -e\nRuntime c url(https://example.com/c.whl)",
        ),
        (
            "[tool.poetry.dependencies]\na = [{version = \"<2\", python = \"<3.9\"}, {version = \"^2.0\", markers = \"os_name == 'nt'\", platform = \"linux\"}]",
            "Runtime a <2 ;python_version < \"3.9\"\nRuntime a >=2.0,<3.0 ;(os_name == 'nt') and (sys_platform == \"linux\")",
        ),
        (
            "[tool.poetry.dependencies]\na = {version = \"1.0\", optional = true, extras = [\"x\"], source = \"corp\"}\n[tool.poetry.dependencies.d]\nversion = \"~1\"\n[tool.poetry.extras]\nfast = [\"A\"]",
            "Extra(\"fast\") a[x] ==1.0 index(corp)\nRuntime d >=1,<2",
        ),
        (
            "[tool.poetry.dev-dependencies]\na = \"1\"\n[tool.poetry.group.docs.dependencies]\nb = \"2\"",
            "Named(\"dev\") a ==1\nNamed(\"docs\") b ==2",
        ),
        (
            "[project]\ndependencies = [\"my_a>=1\"]\n[tool.poetry.dependencies]\nmy-a = {source = \"corp\"}\nb = {path = \"b\"}",
            "Runtime my_a >=1 index(corp)\nRuntime b path(b)",
        ),
        ("[build-system]\nrequires = [\"a\"]\n[tool.poetry.dependencies]\na = \"1\"", "Build a\nRuntime a ==1"),
        ("[tool.poetry.dependencies]\na = 1", "! dependency `a` is neither a version nor a table [a = 1]"),
    ] {
        assert_eq!(facts(text), wanted, "{text}");
    }
}

#[test]
fn tables_of_uv_pdm_and_backends() {
    for (text, wanted) in [
        (
            "[project]\ndependencies = [\"torch\", \"lib_a\", \"b\"]\n[tool.uv.sources]\ntorch = [{index = \"cpu\", marker = \"os_name == 'nt'\"}, {index = \"cu\"}]\nlib-a = {workspace = true}\nb = {git = \"https://example.com/b\", tag = \"v1\"}\nc = {path = \"c\", editable = true}",
            "Runtime torch index(cpu)\nRuntime lib_a workspace\nRuntime b git(https://example.com/b@v1)\nConstraint torch index(cu)\nConstraint c path(c) -e",
        ),
        (
            "[tool.uv]\ndev-dependencies = [\"a\"]\nconstraint-dependencies = [\"b<2\"]\noverride-dependencies = [\"c==1\"]\nbuild-constraint-dependencies = [\"d\"]",
            "Named(\"dev\") a\nConstraint b <2\nConstraint c ==1\nConstraint d",
        ),
        ("[tool.uv.sources]\na = {moon = 1}", "! source of `a` is of no known kind [a = {moon = 1}]"),
        (
            "[tool.pdm.dev-dependencies]\ntest = [\"a\", \"-e file:///${PROJECT_ROOT}/b#egg=b\"]",
            "Named(\"test\") a\nNamed(\"test\") b path(file:///${PROJECT_ROOT}/b) -e",
        ),
        (
            "[tool.flit.metadata]\nrequires = [\"a\"]\n[tool.flit.metadata.requires-extra]\nx = [\"b\"]",
            "Runtime a\nExtra(\"x\") b",
        ),
        (
            "[tool.hatch.envs.lint]\ndependencies = [\"a\"]\nextra-dependencies = [\"b\"]\n[tool.hatch.build.hooks.vcs]\ndependencies = [\"c\"]",
            "Build c\nNamed(\"lint\") a\nNamed(\"lint\") b",
        ),
    ] {
        assert_eq!(facts(text), wanted, "{text}");
    }
}

#[test]
fn indexes_and_options_are_declared() {
    let (file, found, facts) = read(
        "[[tool.uv.index]]\nname = \"cpu\"\nurl = \"https://example.com/cpu\"\nexplicit = true\nignore-error-codes = [403]\n\
         [[tool.uv.index]]\nurl = \"https://example.com/all\"\ndefault = true\n\
         [tool.uv]\nindex-strategy = \"unsafe-best-match\"\nextra-index-url = [\"https://example.com/x\"]\nno-build-isolation = true\nno-index = false\n\
         [tool.uv.pip]\nallow-insecure-host = [\"example.com\"]\n\
         [tool.uv.workspace]\nmembers = [\"libs/*\"]\nexclude = [\"libs/x\"]\n\
         [[tool.poetry.source]]\nname = \"corp\"\nurl = \"https://example.com/p\"\npriority = \"supplemental\"\n\
         [[tool.poetry.source]]\nname = \"PyPI\"\n\
         [[tool.pdm.source]]\nname = \"pypi\"\nurl = \"https://example.com/pdm\"\nverify_ssl = false\ninclude_packages = [\"a\"]\n",
    );
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    let indexes: Vec<_> = found
        .indexes
        .iter()
        .map(|i| (i.tool, i.name.value.as_str(), i.url.as_ref().map_or("", |u| u.value.as_str()), i.priority))
        .collect();
    assert_eq!(
        indexes,
        [
            (Tool::Poetry, "corp", "https://example.com/p", Priority::Supplemental),
            (Tool::Poetry, "PyPI", "", Priority::Default),
            (Tool::Pdm, "pypi", "https://example.com/pdm", Priority::Default),
            (Tool::Uv, "cpu", "https://example.com/cpu", Priority::Explicit),
            (Tool::Uv, "", "https://example.com/all", Priority::Default),
        ]
    );
    assert!(found.indexes[3].ignored_errors.is_some_and(|s| file.text_at(s) == "ignore-error-codes = [403]"));
    assert!(
        found.indexes[2].tls_off.is_some_and(|s| file.text_at(s) == "verify_ssl = false")
            && found.indexes[2].is_filtered
    );
    let options: Vec<_> =
        found.options.iter().map(|o| (o.kind, o.value.value.as_str(), file.text_at(o.span))).collect();
    assert_eq!(
        options,
        [
            (IndexOptionKind::ExtraIndex, "https://example.com/x", "extra-index-url = [\"https://example.com/x\"]"),
            (IndexOptionKind::IndexStrategy, "unsafe-best-match", "index-strategy = \"unsafe-best-match\""),
            (IndexOptionKind::NoBuildIsolation, "", "no-build-isolation = true"),
            (IndexOptionKind::TrustedHost, "example.com", "allow-insecure-host = [\"example.com\"]"),
        ]
    );
    assert_eq!(found.workspace_members.iter().map(|m| m.value.as_str()).collect::<Vec<_>>(), ["libs/*"]);
    assert_eq!(found.workspace_exclude.iter().map(|m| m.value.as_str()).collect::<Vec<_>>(), ["libs/x"]);
    assert_eq!(found.tools, [Tool::Uv, Tool::Poetry, Tool::Pdm]);
}

#[test]
fn what_a_project_says_of_itself() {
    let (_, found, facts) = read(
        "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.10\"\nclassifiers = [\"Private :: Do Not Upload\"]\n\
         [project.scripts]\napp = \"app:main\"\n[build-system]\nbuild-backend = \"maturin\"\n\
         [tool.maturin]\nmanifest-path = \"rust/Cargo.toml\"\n\
         [tool.setuptools.dynamic]\ndependencies = {file = [\"requirements.txt\"]}\noptional-dependencies.dev = {file = \"dev.txt\"}\n\
         [tool.hatch.metadata.hooks.requirements_txt]\nfiles = [\"../r.txt\"]\n",
    );
    assert!(found.unpublished && found.has_scripts && found.has_build_system && found.is_maturin);
    assert_eq!(found.maturin_manifest.map(|m| m.value).as_deref(), Some("rust/Cargo.toml"));
    assert_eq!(found.requires_python.map(|m| m.value).as_deref(), Some(">=3.10"));
    let files: Vec<&str> = found.dynamic_files.iter().map(|f| f.value.as_str()).collect();
    assert_eq!(files, ["requirements.txt", "dev.txt", "../r.txt"]);
    let mentions: Vec<&str> = facts.mentions.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(mentions, ["a/requirements.txt", "a/dev.txt", "r.txt"]);

    let (_, poetry, _) =
        read("[tool.poetry]\nname = \"p\"\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.9\"\n");
    assert!(poetry.unpublished && poetry.requirements.is_empty());
    assert_eq!(poetry.requires_python.map(|m| m.value).as_deref(), Some("^3.9"));
    let (_, uv, _) = read("[tool.uv]\npackage = false\n");
    assert!(uv.unpublished && uv.name.is_none());
}

#[test]
fn repetitions_cost_their_length() {
    let list = "\"a\",".repeat(30_000);
    let names: String = (0..30_000).map(|n| format!("b{n} = {{path = \"x\"}}\n")).collect();
    let (_, found, _) =
        read(&format!("[project]\ndependencies = [{list}]\n[tool.uv.sources]\na = {{path = \"x\"}}\n{names}"));
    assert_eq!(found.requirements.iter().filter(|r| r.origin.is_some()).count(), 60_000);
    let again = "a = {path = \"x\"}\n".repeat(30_000);
    let (_, found, _) = read(&format!("[project]\ndependencies = [{list}]\n[tool.uv.sources]\n{again}"));
    assert_eq!(found.requirements.len(), 30_000);
    let groups: String = (0..30_000).map(|n| format!("g{n} = [{{include-group = \"g{}\"}}]\n", n + 1)).collect();
    let (_, _, facts) = read(&format!("[dependency-groups]\n{groups}"));
    assert_eq!(facts.problems.len(), 1);
}

#[test]
fn what_is_kept_is_bounded_aloud() {
    let list = "\"a\",".repeat(200_000);
    let (_, found, facts) = read(&format!("[project]\ndependencies = [{list}]\n"));
    assert!((10_000..100_000).contains(&found.requirements.len()), "{}", found.requirements.len());
    assert_eq!(facts.problems.len(), 1, "{:?}", facts.problems);
    // A long name of a group and a long address are copied into each requirement.
    let long = "x".repeat(1 << 20);
    let list = "\"a\",".repeat(1000);
    let group = format!("[dependency-groups]\n{long} = [{list}]\n");
    let source = format!("[project]\ndependencies = [{list}]\n[tool.uv.sources]\na = {{url = \"{long}\"}}\n");
    for text in [group, source] {
        let (_, found, facts) = read(&text);
        let bytes: usize = found.requirements.iter().map(Requirement::text_bytes).sum();
        assert!(bytes <= 64 << 20 && facts.problems.len() == 1, "{bytes} {:?}", facts.problems);
    }
}
