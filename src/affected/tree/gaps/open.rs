//! What is installed without a lock: what it brings with it stands nowhere.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::is_aside;
use super::list;
use super::spot;
use crate::affected::tree::compiled::Compiled;
use crate::graph::distributions::Holder;
use crate::graph::distributions::Named;
use crate::graph::kinds::python::Group;
use crate::graph::python::named_role;
use crate::rules::Scene;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Role;

/// Tools of builds and checks that bring no more than a few packages, which are known and are not of those that are
/// asked about.
const TOOLS: &[&str] = &[
    "auditwheel",
    "black",
    "build",
    "cibuildwheel",
    "codespell",
    "coverage",
    "delvewheel",
    "flake8",
    "flit",
    "flit-core",
    "hatch",
    "hatchling",
    "isort",
    "maturin",
    "meson",
    "mypy",
    "ninja",
    "nox",
    "pip",
    "pipenv",
    "pipx",
    "poetry",
    "poetry-core",
    "pre-commit",
    "pyright",
    "pytest",
    "pytest-cov",
    "ruff",
    "setuptools",
    "setuptools-rust",
    "setuptools-scm",
    "tox",
    "twine",
    "uv",
    "virtualenv",
    "wheel",
    "cython",
    "cmake",
    "pytest-xdist",
    "pytest-timeout",
    "pytest-asyncio",
    "yamllint",
    "zizmor",
];

/// What some of them bring with them, beside each other: asked for one of these, the tool counts.
const BRINGS: &[(&str, &[&str])] = &[
    ("auditwheel", &["pyelftools", "packaging"]),
    ("black", &["click", "mypy-extensions", "packaging", "pathspec", "platformdirs", "tomli", "typing-extensions"]),
    ("build", &["packaging", "pyproject-hooks", "tomli", "importlib-metadata"]),
    ("cibuildwheel", &["bashlex", "bracex", "certifi", "dependency-groups", "filelock", "packaging", "platformdirs"]),
    ("flake8", &["mccabe", "pycodestyle", "pyflakes"]),
    (
        "hatch",
        &[
            "click",
            "httpx",
            "hyperlink",
            "keyring",
            "packaging",
            "pexpect",
            "platformdirs",
            "rich",
            "tomlkit",
            "userpath",
            "virtualenv",
            "zstandard",
            "anyio",
            "h11",
            "httpcore",
            "idna",
            "certifi",
            "sniffio",
            "pygments",
        ],
    ),
    ("hatchling", &["packaging", "pathspec", "pluggy", "trove-classifiers", "tomli"]),
    ("mypy", &["mypy-extensions", "pathspec", "tomli", "typing-extensions"]),
    ("nox", &["argcomplete", "attrs", "colorlog", "dependency-groups", "packaging", "virtualenv", "tomli"]),
    ("pipenv", &["certifi", "packaging", "setuptools", "virtualenv"]),
    ("pipx", &["argcomplete", "packaging", "platformdirs", "userpath", "click", "colorama"]),
    (
        "poetry",
        &[
            "build",
            "cachecontrol",
            "certifi",
            "charset-normalizer",
            "cleo",
            "crashtest",
            "dulwich",
            "fastjsonschema",
            "filelock",
            "findpython",
            "idna",
            "installer",
            "keyring",
            "msgpack",
            "packaging",
            "pkginfo",
            "platformdirs",
            "poetry-core",
            "pyproject-hooks",
            "rapidfuzz",
            "requests",
            "requests-toolbelt",
            "shellingham",
            "tomlkit",
            "trove-classifiers",
            "urllib3",
            "virtualenv",
        ],
    ),
    ("pre-commit", &["cfgv", "identify", "nodeenv", "pyyaml", "virtualenv", "distlib", "filelock", "platformdirs"]),
    ("pyright", &["nodeenv", "typing-extensions"]),
    ("pytest", &["exceptiongroup", "iniconfig", "packaging", "pluggy", "pygments", "tomli", "colorama"]),
    ("pytest-cov", &["coverage", "pluggy", "pytest", "tomli"]),
    ("pytest-xdist", &["execnet", "pytest"]),
    ("pytest-timeout", &["pytest"]),
    ("pytest-asyncio", &["pytest", "backports-asyncio-runner", "typing-extensions"]),
    ("setuptools-rust", &["semantic-version", "setuptools"]),
    ("setuptools-scm", &["packaging", "setuptools", "typing-extensions", "tomli", "vcs-versioning"]),
    (
        "tox",
        &[
            "cachetools",
            "chardet",
            "colorama",
            "filelock",
            "packaging",
            "platformdirs",
            "pluggy",
            "pyproject-api",
            "virtualenv",
            "tomli",
        ],
    ),
    (
        "twine",
        &[
            "readme-renderer",
            "requests",
            "requests-toolbelt",
            "urllib3",
            "importlib-metadata",
            "keyring",
            "rfc3986",
            "rich",
            "id",
            "packaging",
            "certifi",
            "charset-normalizer",
            "idna",
            "docutils",
            "nh3",
            "pygments",
            "markdown-it-py",
            "mdurl",
            "jaraco-classes",
            "jaraco-context",
            "jaraco-functools",
            "more-itertools",
            "secretstorage",
            "jeepney",
            "cryptography",
            "cffi",
            "pycparser",
            "backports-tarfile",
            "zipp",
        ],
    ),
    ("virtualenv", &["distlib", "filelock", "platformdirs"]),
    ("yamllint", &["pathspec", "pyyaml"]),
];

/// What hides something: of the product in one sentence, of tests, examples and docs a sentence each.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Why it cannot be known; none where nothing of the product hides it.
    pub(super) why: Option<String>,
    /// What hides something and does not decide.
    pub(super) aside: Vec<String>,
    /// Tools that are installed without a lock, each with where.
    tools: BTreeMap<String, String>,
}

impl Open {
    /// The tool that brings a package with it, where one is installed without a lock.
    pub(super) fn brought(&self, package: &str) -> Option<String> {
        let brings = BRINGS.iter().filter(|(_, brought)| brought.contains(&package));
        brings.filter_map(|(tool, _)| self.tools.get_key_value(*tool)).next().map(|(tool, place)| {
            format!("{}{place} installs {tool} without a lock, which brings it with it", super::UNNAMED)
        })
    }
}

/// What Python's files ask for without a lock.
pub(super) fn python(scene: &Scene<'_>, compiled: &Compiled) -> Open {
    let held = Held::of(scene);
    let mut names = BTreeSet::new();
    let mut first: Option<Place> = None;
    let mut tools = BTreeMap::new();
    let mut aside: BTreeMap<&str, (Place, BTreeSet<String>)> = BTreeMap::new();
    for named in &scene.distributions.named {
        if held.has(named) || !is_open(scene, compiled, named) {
            continue;
        }
        if TOOLS.contains(&named.name.as_str()) {
            if !role(scene, named).is_set_aside() {
                tools.entry(named.name.clone()).or_insert_with(|| spot(scene, named.place));
            }
            continue;
        }
        let role = role(scene, named);
        if role.is_set_aside() {
            continue;
        }
        if is_aside(role) {
            let path = scene.sources.path(named.place.file);
            let known = aside.entry(path).or_insert_with(|| (named.place, BTreeSet::new()));
            known.1.insert(named.name.clone());
            continue;
        }
        names.insert(named.name.clone());
        first.get_or_insert(named.place);
    }
    let why = first.map(|place| {
        let (names, place) = (list(&names), spot(scene, place));
        format!("nothing names it, but installs without a lock ({names}; {place}) may bring it with them")
    });
    let one = |(place, names): (Place, BTreeSet<String>)| {
        format!("{}: installs without a lock ({}) may bring it with them", spot(scene, place), list(&names))
    };
    Open { why, aside: aside.into_values().map(one).collect(), tools }
}

/// Whether what a requirement brings with it is decided only when it is installed.
fn is_open(scene: &Scene<'_>, compiled: &Compiled, named: &Named) -> bool {
    let python = scene.python;
    if named.group == Group::Build {
        return false;
    }
    match named.holder {
        Holder::Set(at, _) => python.sets.get(at).is_some_and(|set| {
            let is_held = set.is_locked || set.locked_as.is_some() || set.held_by.is_some();
            !is_held && !set.only_constrains && compiled.lock_of(at).is_none()
        }),
        Holder::Project(project, _) => python.projects.get(project).is_some_and(|project| project.lock.is_none()),
        Holder::Install(install, _) => python.installs.get(install).is_some_and(|install| !install.is_locked),
        Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => false,
    }
}

/// What is held wherever it is named.
struct Held<'s> {
    /// Lists that are locks, whoever reads requirements from there.
    locks: BTreeSet<FileId>,
    /// Projects of the tree: what they ask for is told by themselves.
    own: BTreeSet<&'s str>,
}

impl<'s> Held<'s> {
    fn of(scene: &Scene<'s>) -> Self {
        let is_written = |at: usize| scene.requirements(at).is_some_and(|file| file.generated_by.is_some());
        let locks = scene.python.sets.iter().filter(|set| set.is_locked || is_written(set.document));
        let own = scene.python.projects.iter().filter_map(|project| project.name.as_deref());
        Self { locks: locks.map(|set| set.file).collect(), own: own.collect() }
    }

    fn has(&self, named: &Named) -> bool {
        self.locks.contains(&named.place.file) || self.own.contains(named.name.as_str())
    }
}

/// What a requirement is for. A list of tests stays one although a job installs it: every list is installed by a job.
fn role(scene: &Scene<'_>, named: &Named) -> Role {
    let own = scene.role(named.place.file);
    match named.holder {
        Holder::Set(at, _) => {
            let Some(set) = scene.python.sets.get(at) else { return own };
            if set.used_by.iter().any(|used| used.role == Role::Product) {
                return Role::Product;
            }
            let path = scene.sources.get(set.file).map(|file| &file.path);
            path.map_or(own, |path| Role::of_path(path).max(named_role(path)))
        }
        Holder::Project(..) => {
            let of_group = named.group.name().and_then(RepoPath::new).map(|name| named_role(&name));
            own.max(of_group.unwrap_or(Role::Product))
        }
        _ => own,
    }
}

/// Packages of cargo without a lock.
pub(super) fn cargo(scene: &Scene<'_>) -> Open {
    let open = scene.cargo.workspaces.iter().filter(|one| one.lock.is_none() && !one.role.is_set_aside());
    let (aside, own): (Vec<_>, Vec<_>) = open.partition(|one| is_aside(one.role));
    let name = |folder: &RepoPath| folder.join("Cargo.toml").map_or_else(String::new, |path| path.to_string());
    let folders: BTreeSet<String> = own.iter().map(|one| name(&one.folder)).collect();
    let why = (!folders.is_empty()).then(|| {
        format!(
            "nothing names it, but no lock stands beside {}, and what its dependencies bring stands nowhere",
            list(&folders)
        )
    });
    let aside = aside.iter().map(|one| format!("{}: no lock stands beside it", name(&one.folder))).collect();
    Open { why, aside, ..Open::default() }
}

/// Names of models that are known only when they are loaded.
pub(super) fn assets(scene: &Scene<'_>) -> Open {
    let places = scene.assets.unresolved.iter().map(|(_, place)| *place);
    let counted = places.filter(|place| !scene.role(place.file).is_set_aside());
    let (aside, own): (Vec<Place>, Vec<Place>) = counted.partition(|place| is_aside(scene.role(place.file)));
    let why = own.first().map(|first| {
        let (first, count) = (spot(scene, *first), own.len());
        if count == 1 {
            format!("nothing names it, but {first} loads something whose name is known only when it runs")
        } else {
            format!(
                "nothing names it, but {count} places load something whose name is known only when they run, {first} \
                 among them"
            )
        }
    });
    let one = |place: &Place| format!("{}: what it loads is known only when it runs", spot(scene, *place));
    Open { why, aside: aside.iter().map(one).collect(), ..Open::default() }
}
