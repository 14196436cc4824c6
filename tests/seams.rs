//! Python's files, Dockerfiles and workflows tied together: who uses what, what for, and how each
//! locked package is reached.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cargo_custody::graph::Document;
use cargo_custody::graph::images::ImageView;
use cargo_custody::graph::kinds::python::{Group, PythonLock};
use cargo_custody::graph::python::{PythonView, Use};
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{RepoPath, Tree};

struct Views {
    reading: Reading,
    python: PythonView,
    images: ImageView,
}

fn views(tree: &Tree) -> Views {
    let reading = read_tree(tree, 1, &|_, _| {});
    let files: BTreeSet<RepoPath> = tree.entries.iter().map(|e| e.path.clone()).collect();
    let images = ImageView::build(&reading.documents, &reading.sources, &files);
    let python = PythonView::build(&reading.documents, &reading.sources, &files, &images);
    Views { reading, python, images }
}

fn of(files: &[(&str, &str)]) -> Views {
    views(&common::tree(files))
}

fn group(group: &Group) -> String {
    match group {
        Group::Runtime => "runtime".to_owned(),
        Group::Extra(name) => format!("extra {name}"),
        Group::Build => "build".to_owned(),
        Group::Named(name) => format!("group {name}"),
        Group::Constraint => "constraint".to_owned(),
    }
}

fn uses(of: &[Use]) -> String {
    let one = |u: &Use| format!("{}{}", u.text, if u.constraint { " -c" } else { "" });
    of.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Views {
    fn path(&self, file: cargo_custody::source::FileId) -> &str {
        self.reading.sources.path(file)
    }

    fn lock(&self, index: usize) -> &PythonLock {
        match &self.reading.documents[self.python.locks[index].document] {
            Document::PythonLock(lock) => lock,
            _ => panic!("a lock"),
        }
    }

    /// Everything, a line each.
    fn told(&self) -> String {
        let mut out = String::new();
        let view = &self.python;
        for project in &view.projects {
            let lock = project.lock.map_or("-", |l| self.path(view.locks[l].file));
            let root = project.root.map_or("-", |r| self.path(view.projects[r].file));
            let _ = writeln!(
                out,
                "project {} {} {} {} lock {lock} root {root} crate {} by [{}]",
                self.path(project.file),
                project.name.as_deref().unwrap_or("-"),
                project.role.as_str(),
                project.purpose.as_str(),
                project.crate_folder.as_ref().map_or("-", |f| f.as_str()),
                uses(&project.used_by)
            );
        }
        for lock in &view.locks {
            let mut needs = std::collections::BTreeMap::new();
            for reached in &lock.reached {
                *needs.entry((reached.role.as_str(), reached.need.as_str())).or_insert(0) += 1;
            }
            let _ = writeln!(
                out,
                "lock {} {} {} {needs:?} by [{}]",
                self.path(lock.file),
                lock.role.as_str(),
                lock.purpose.as_str(),
                uses(&lock.used_by)
            );
        }
        for set in &view.sets {
            let includes: Vec<_> = set.includes.iter().map(|(i, _)| self.path(view.sets[*i].file)).collect();
            let _ = writeln!(
                out,
                "set {} {} {}{}{} includes [{}] by [{}] options {}",
                self.path(set.file),
                set.role.as_str(),
                set.purpose.as_str(),
                if set.is_locked { " locked" } else { "" },
                if set.only_constrains { " constrains" } else { "" },
                includes.join(", "),
                uses(&set.used_by),
                set.options.len()
            );
        }
        for install in &view.installs {
            let names: Vec<_> = install
                .requirements
                .iter()
                .map(|r| {
                    let specifiers = r.specifiers.as_ref().map_or("", |s| s.value.as_str());
                    if r.name.value.is_empty() { "(path)".to_owned() } else { format!("{}{specifiers}", r.name.value) }
                })
                .collect();
            let files: Vec<_> = install
                .files
                .iter()
                .map(|(text, set, c)| {
                    let to = set.map_or("?", |s| self.path(view.sets[s].file));
                    format!("{text}{}={to}", if *c { " -c" } else { "" })
                })
                .collect();
            let options: Vec<_> =
                install.options.iter().map(|(_, o)| format!("{:?} {}", o.kind, o.value.value)).collect();
            let projects: Vec<_> = install.projects.iter().map(|p| self.path(view.projects[*p].file)).collect();
            let line = self.reading.sources.start(install.place).line;
            let _ = writeln!(
                out,
                "install {}:{line} {} {} {} {} [{}] files [{}] options [{}] projects [{}]{}",
                self.path(install.place.file),
                install.role.as_str(),
                install.purpose.as_str(),
                install.manager,
                install.verb,
                names.join(" "),
                files.join(" "),
                options.join("; "),
                projects.join(" "),
                if install.is_locked { " locked" } else { "" }
            );
        }
        for image in &self.images.files {
            let builds: Vec<_> = image
                .builds
                .iter()
                .map(|b| {
                    let line = self.reading.sources.start(b.place).line;
                    let path = self.path(b.place.file);
                    format!(
                        "{path}:{line}{}{}",
                        if b.pushes { " pushes" } else { "" },
                        b.target.as_ref().map_or(String::new(), |t| format!(" {t}"))
                    )
                })
                .collect();
            let copied: Vec<_> = image.copied.iter().filter(|c| c.by_name).map(|c| c.path.as_str()).take(12).collect();
            let _ = writeln!(
                out,
                "image {} {} context {:?} builds [{}] copied [{}]",
                self.path(image.file),
                image.role.as_str(),
                image.context.as_str(),
                builds.join(", "),
                copied.join(" ")
            );
        }
        out
    }
}

const UV_LOCK: &str = r#"version = 1

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "web", extra = ["fast"] }]

[package.optional-dependencies]
gpu = [{ name = "cuda" }]

[package.dev-dependencies]
dev = [{ name = "check" }]

[[package]]
name = "web"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
dependencies = [{ name = "base" }]

[package.optional-dependencies]
fast = [{ name = "loop" }]
slow = [{ name = "never" }]

[[package]]
name = "base"
version = "1.0"
source = { registry = "https://pypi.example/simple" }

[[package]]
name = "loop"
version = "1.0"
source = { registry = "https://pypi.example/simple" }

[[package]]
name = "never"
version = "1.0"
source = { registry = "https://pypi.example/simple" }

[[package]]
name = "cuda"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
dependencies = [{ name = "base" }]

[[package]]
name = "check"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
dependencies = [{ name = "base" }, { name = "plug" }]

[[package]]
name = "plug"
version = "1.0"
source = { registry = "https://pypi.example/simple" }
"#;

const APPLICATION: &str = "[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"web[fast]>=1\"]\n\
    [project.optional-dependencies]\ngpu = [\"cuda\"]\n[dependency-groups]\ndev = [\"check\"]\n";
const LIBRARY: &str = "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n[project]\n\
    name = \"app\"\nversion = \"0.1.0\"\nclassifiers = [\"Programming Language :: Python\"]\n\
    dependencies = [\"web[fast]>=1\"]\n";

/// How each package of the only lock is reached, a line each.
fn reached(views: &Views) -> Vec<String> {
    let lock = views.lock(0);
    let view = &views.python.locks[0];
    let line = |(index, r): (usize, &cargo_custody::graph::python::ReachedDistribution)| {
        let way: Vec<_> = view.way(index).iter().map(|&i| lock.packages[i].name.value.as_str()).collect();
        let enters = r.enters_at.map_or("-".to_owned(), |p| format!("{}", views.reading.sources.start(p).line));
        format!("{} {} [{}] {enters}", r.role.as_str(), way.join(">"), group(&r.group))
    };
    view.reached.iter().enumerate().map(line).collect()
}

#[test]
fn packages_of_a_lock_are_reached_as_uv_resolves_them() {
    let views = of(&[("pyproject.toml", APPLICATION), ("uv.lock", UV_LOCK)]);
    assert_eq!(
        reached(&views),
        [
            "product app [runtime] -",
            "product web [runtime] 4",
            "product web>base [runtime] 4",
            "product web>loop [runtime] 4",
            "product never [runtime] -",
            "product cuda [extra gpu] 6",
            "test check [group dev] 8",
            "test check>plug [group dev] 8",
        ]
    );
    assert_eq!(views.python.locks[0].reached[4].need.as_str(), "unknown");
    // Who publishes a library leaves its lock at home.
    let views = of(&[("pyproject.toml", LIBRARY), ("uv.lock", UV_LOCK)]);
    assert_eq!(reached(&views)[1], "development web [runtime] 8");
    assert_eq!(views.python.locks[0].role.as_str(), "development");
}

#[test]
fn what_a_poetry_lock_holds_is_reached_from_its_manifest() {
    let manifest = "[tool.poetry]\nname = \"app\"\nversion = \"1\"\npackage-mode = false\n\
        [tool.poetry.dependencies]\npython = \"^3.11\"\nweb = \"^1.0\"\n\
        [tool.poetry.group.dev.dependencies]\ncheck = \"*\"\n";
    let lock = "[[package]]\nname = \"web\"\nversion = \"1.0\"\noptional = false\n[package.dependencies]\nbase = \">=1\"\n\
        [[package]]\nname = \"base\"\nversion = \"1.0\"\noptional = false\n\
        [[package]]\nname = \"check\"\nversion = \"1.0\"\noptional = false\n\
        [metadata]\nlock-version = \"2.0\"\ncontent-hash = \"0\"\n";
    let views = of(&[("pyproject.toml", manifest), ("poetry.lock", lock)]);
    assert_eq!(
        reached(&views),
        ["product web [runtime] 7", "product web>base [runtime] 7", "test check [group dev] 9"]
    );
}

#[test]
fn a_stage_for_developers_ships_nothing_unless_something_starts_from_it() {
    let role = |last: &str| {
        let image = format!(
            "FROM python AS base\nFROM base AS dev\nCOPY tools.txt .\nRUN pip install -r tools.txt\nFROM {last}\nRUN serve\n"
        );
        let views = of(&[("Dockerfile", &image), ("tools.txt", "black==24.1.0\n")]);
        (views.python.installs[0].role.as_str(), views.python.sets[0].used_by[0].role.as_str())
    };
    assert_eq!(role("base"), ("development", "development"));
    assert_eq!(role("dev"), ("product", "product"));
}

#[test]
fn the_lock_of_a_script_is_reached_from_its_head() {
    let script = "# /// script\n# dependencies = [\n#   \"web\",\n# ]\n# ///\nprint()\n";
    let lock = "version = 1\nrevision = 3\n[manifest]\nrequirements = [{ name = \"web\" }]\n\
        [[package]]\nname = \"web\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.example.com/simple\" }\n\
        dependencies = [{ name = \"base\" }]\n\
        [[package]]\nname = \"base\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.example.com/simple\" }\n";
    let views = of(&[("tool/make.py", script), ("tool/make.py.lock", lock)]);
    assert_eq!(reached(&views), ["development web [runtime] 3", "development web>base [runtime] 3"]);
}

#[test]
fn an_image_makes_product_of_what_it_installs() {
    let push = "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n\
        \x20     - uses: docker/build-push-action@v6\n        with:\n          context: .\n\
        \x20         file: ci/${{ matrix.kind }}.Dockerfile\n          push: true\n    strategy:\n      matrix:\n        kind: [app]\n";
    let dockerfile = "FROM python:3.12 AS app\nENV HOME_DIR=/srv\nWORKDIR $HOME_DIR/app\nCOPY tests/*.txt deps/\n\
        COPY pyproject.toml uv.lock ./\nRUN cd deps && pip install -r extra.txt\nRUN uv sync --frozen --no-dev\n";
    let views = of(&[
        (".github/workflows/push.yml", push),
        ("ci/app.Dockerfile", dockerfile),
        ("ci/other.Dockerfile", "FROM scratch\n"),
        ("pyproject.toml", LIBRARY),
        ("tests/extra.txt", "a==1\n-r more.txt\n"),
        ("tests/more.txt", "b>=1\n"),
        ("uv.lock", UV_LOCK),
    ]);
    let told = views.told();
    for line in [
        "image ci/app.Dockerfile product context \"\" builds [.github/workflows/push.yml:6 pushes]",
        "image ci/other.Dockerfile ci context",
        "set tests/extra.txt product image locked includes [tests/more.txt] by [ci/app.Dockerfile stage app]",
        "set tests/more.txt product image includes [] by [tests/extra.txt]",
        "lock uv.lock product image",
        "project pyproject.toml app product library lock uv.lock",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(reached(&views).contains(&"product web [runtime] 8".to_owned()));
    assert!(reached(&views).contains(&"test check [group dev] -".to_owned()), "left out by `--no-dev`");
}

#[test]
fn commands_are_read_where_they_stand_with_what_is_in_force() {
    let workflow = "on: push\nenv:\n  UV_INDEX_STRATEGY: unsafe-best-match\njobs:\n  test:\n    runs-on: ubuntu-latest\n\
        \x20   defaults:\n      run:\n        working-directory: py\n    steps:\n\
        \x20     - run: pip config set global.extra-index-url https://example.com/simple\n\
        \x20     - run: |\n          (cd sub && pip install -r dev.txt)\n          pip install -r dev.txt 'x[y]==1'\n\
        \x20     - run: uv pip install -e . z\n        env:\n          PIP_INDEX_URL: https://example.com/other\n";
    let views = of(&[
        (".github/workflows/a.yml", workflow),
        ("py/dev.txt", "a==1\n"),
        ("py/sub/dev.txt", "b\n"),
        ("py/pyproject.toml", LIBRARY),
    ]);
    let told: Vec<String> = views.told().lines().filter(|l| l.starts_with("install")).map(str::to_owned).collect();
    assert_eq!(
        told,
        [
            "install .github/workflows/a.yml:13 ci ci pip install [] files [dev.txt=py/sub/dev.txt] options \
             [ExtraIndex https://example.com/simple] projects []",
            "install .github/workflows/a.yml:14 ci ci pip install [x==1] files [dev.txt=py/dev.txt] options \
             [ExtraIndex https://example.com/simple] projects []",
            "install .github/workflows/a.yml:15 ci ci uv pip install [z (path)] files [] options \
             [IndexStrategy unsafe-best-match] projects [py/pyproject.toml]",
        ]
    );
}

#[test]
fn purposes_follow_what_a_project_says_of_itself() {
    for (path, text, purpose) in [
        ("pyproject.toml", LIBRARY.to_owned(), "library"),
        ("pyproject.toml", APPLICATION.to_owned(), "application"),
        ("sdk/python/pyproject.toml", APPLICATION.to_owned(), "library"),
        ("docs/pyproject.toml", APPLICATION.to_owned(), "development"),
        ("pyproject.toml", format!("{LIBRARY}[tool.uv]\npackage = false\n"), "application"),
        ("pyproject.toml", LIBRARY.replace("Programming Language :: Python", "Private :: x"), "application"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n".to_owned(), "development"),
    ] {
        let views = of(&[(path, text.as_str())]);
        assert_eq!(views.python.projects[0].purpose.as_str(), purpose, "{path}\n{text}");
    }
}

#[test]
fn requirements_files_are_for_what_uses_them() {
    let setup = ("setup.py", "from setuptools import setup\n");
    for (files, told) in [
        (vec![("requirements.txt", "a\n")], "product application"),
        (vec![("requirements.txt", "a\n"), setup], "product library"),
        (vec![("requirements-dev.txt", "a\n")], "development development"),
        (vec![("docs/requirements.txt", "a\n")], "documentation development"),
        (
            vec![
                ("requirements.txt", "a\n"),
                ("Dockerfile", "FROM x\nCOPY . /a\nRUN pip install -r /a/requirements.txt\n"),
                setup,
            ],
            "product image",
        ),
        (
            vec![
                ("requirements.txt", "a\n"),
                ("Dockerfile", "FROM x\nCOPY . /a\nRUN pip install -r /b/requirements.txt\n"),
                setup,
            ],
            "product library",
        ),
    ] {
        let views = of(&files);
        let set = &views.python.sets[0];
        assert_eq!(format!("{} {}", set.role.as_str(), set.purpose.as_str()), told, "{files:?}");
    }
}

#[test]
fn a_crate_becomes_a_distribution_and_a_stage_copies_locks() {
    let files = [
        ("Cargo.toml", "[package]\nname = \"core\"\nversion = \"0.1.0\"\n[lib]\ncrate-type = [\"cdylib\"]\n"),
        (
            "pyproject.toml",
            "[build-system]\nrequires = [\"maturin\"]\nbuild-backend = \"maturin\"\n[project]\nname = \"Core_py\"\n",
        ),
        ("src/lib.rs", ""),
        (
            "Dockerfile",
            "FROM python:3.12@sha256:00 AS build\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nFROM build\nCOPY --from=build /a /a\n",
        ),
        ("requirements.txt", "a==1.0 --hash=sha256:00\nb>=2\n"),
    ];
    let (_, checked) = common::look(&common::tree(&files));
    let graph = &checked.graph;
    let edges: Vec<String> = graph
        .edges()
        .into_iter()
        .map(|(from, to, edge)| format!("{} {} {}", graph.node(from).key, edge.kind.as_str(), graph.node(to).key))
        .collect();
    for edge in [
        "crate:path :core builds distribution:path :core-py",
        "manifest:requirements.txt depends-on distribution:pypi:a@1.0",
        "manifest:requirements.txt depends-on distribution:pypi:b",
        "stage:Dockerfile:0 depends-on image:python:3.12@sha256:00",
        "stage:Dockerfile:0 uses manifest:requirements.txt",
        "stage:Dockerfile:1 depends-on stage:Dockerfile:0",
        "dockerfile:Dockerfile declares stage:Dockerfile:1",
        "distribution:path :core-py depends-on distribution:pypi:maturin",
    ] {
        assert!(edges.iter().any(|e| e == edge), "{edge}\n{}", edges.join("\n"));
    }
}
