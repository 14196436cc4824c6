//! What the readers make of whole files.

use super::environment::CondaEnvironmentReader;
use super::explicit::ExplicitListReader;
use super::lock::CondaLockReader;
use super::pixi::PixiReader;
use super::pixi_lock::PixiLockReader;
use crate::graph::Document;
use crate::parse::Budget;
use crate::read::{Facts, Reader};
use crate::source::{FileId, RepoPath, SourceFile, Spanned};

fn read(reader: &dyn Reader, path: &str, text: &str) -> Facts {
    let file = SourceFile::new(FileId::default(), RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
    let mut out = Facts::default();
    reader.read(&file, &mut Budget::default(), &mut out);
    out
}

fn value(text: &Option<Spanned<String>>) -> &str {
    text.as_ref().map_or("-", |t| t.value.as_str())
}

/// Every package and requirement, a line each.
fn shown(facts: &Facts) -> Vec<String> {
    let mut out = Vec::new();
    for document in &facts.documents {
        match document {
            Document::CondaEnvironment(e) => {
                let channels: Vec<&str> = e.channels.iter().map(|c| c.value.as_str()).collect();
                out.push(format!("{} {} [{}]", e.tool, value(&e.name), channels.join(" ")));
                for p in &e.packages {
                    let feature = p.feature.as_deref().unwrap_or("-");
                    out.push(format!("conda {} {} {} {feature}", p.name.value, value(&p.version), value(&p.channel)));
                }
            }
            Document::Requirements(r) => {
                out.extend(r.requirements.iter().map(|r| {
                    format!("pip {} {} {:?}", r.name.value, value(&r.specifiers), r.group.name().unwrap_or("-"))
                }));
                out.extend(r.includes.iter().map(|i| format!("include {}", i.path.value)));
                out.extend(r.options.iter().map(|o| format!("option {:?} {}", o.kind, o.value.value)));
            }
            Document::CondaLock(l) => {
                let channels: Vec<&str> = l.channels.iter().map(|c| c.value.as_str()).collect();
                out.push(format!("{} [{}]", l.tool, channels.join(" ")));
                for p in &l.packages {
                    let platform = p.platform.as_deref().unwrap_or("-");
                    let (build, pypi) = (p.build.as_deref().unwrap_or("-"), p.pypi.as_deref().unwrap_or("?"));
                    let (version, hashes) = (value(&p.version), p.hashes.join(" "));
                    let needs = p.dependencies.join(" ");
                    out.push(format!(
                        "{} {version} {build} {platform} pypi={pypi} {hashes} needs {needs}",
                        p.name.value
                    ));
                }
            }
            Document::PythonLock(l) => {
                for p in &l.packages {
                    let needs: Vec<&str> = p.dependencies.iter().map(|d| d.name.value.as_str()).collect();
                    let (version, files) = (value(&p.version), p.artifacts.len());
                    let needs = needs.join(" ");
                    out.push(format!("pypi {} {version} {:?} {files} files needs {needs}", p.name.value, p.source));
                }
            }
            other => out.push(format!("{other:?}")),
        }
    }
    out.extend(facts.problems.iter().map(|p| format!("problem {}", p.message)));
    out
}

#[test]
fn an_environment_with_a_part_for_pip() {
    let text = "name: app\nchannels: [conda-forge, nodefaults]\ndependencies:\n  - python=3.11\n  - pytorch::pytorch=2.1.0 # why\n  - pip\n  - pip:\n      - --extra-index-url https://example.com/simple\n      - torch==2.1.0 # held\n      - -r more.txt\n      - -e .\n  - npm:\n      - left\n";
    let facts = read(&CondaEnvironmentReader, "env/environment.yml", text);
    assert_eq!(
        shown(&facts),
        [
            "conda app [conda-forge nodefaults]",
            "conda python =3.11 - -",
            "conda pytorch =2.1.0 pytorch -",
            "conda pip - - -",
            "pip torch ==2.1.0 \"-\"",
            "pip  - \"-\"",
            "include more.txt",
            "option ExtraIndex https://example.com/simple",
            "problem what `npm` installs is not read",
        ]
    );
    assert_eq!(facts.mentions.len(), 1);
    assert_eq!(facts.mentions[0].path.as_str(), "env/more.txt");
}

#[test]
fn environments_are_told_by_what_is_in_them() {
    for (path, head, wanted) in [
        ("environment.yml", "name: a\ndependencies:\n  - numpy\n", true),
        ("environment.yml", "channels:\n- a\ndependencies:\n# why\n- numpy\n", true),
        ("conda/environments/all_cuda.yaml", "channels: [a]\ndependencies:\n  - numpy\n", true),
        ("conda/env-gpu.yaml", "dependencies:\n  - pip:\n    - torch\n", true),
        ("environment.yml", "name: staging\nurl: https://example.com\n", false),
        ("environment.yml", "name: a\ndependencies:\n  - name: redis\n    version: 1\n", false),
        ("env.yaml", "KEY: value\n", false),
        ("env.yaml", "name: a\ndependencies:\n  - b\n", false),
        ("values.yaml", "channels: [a]\ndependencies:\n  - numpy\n", false),
    ] {
        let path = RepoPath::new(path).unwrap();
        let found = CondaEnvironmentReader.looks_into(&path).is_some()
            && CondaEnvironmentReader.claims_head(&path, head.as_bytes());
        assert_eq!(found, wanted, "{path}: {head}");
    }
}

#[test]
fn a_lock_of_conda_lock_has_packages_and_distributions() {
    let text = "version: 1\nmetadata:\n  channels:\n  - url: conda-forge\n    used_env_vars: []\n  sources:\n  - environment.yml\npackage:\n- name: numpy\n  version: 1.26.0\n  manager: conda\n  platform: linux-64\n  dependencies:\n    python: '>=3.11,<3.12.0a0'\n    __glibc: '>=2'\n  url: https://conda.example.com/conda-forge/linux-64/numpy-1.26.0-py311_0.conda\n  hash:\n    md5: aa\n    sha256: bb\n  category: main\n- name: demo\n  version: '1.0'\n  manager: pip\n  platform: linux-64\n  dependencies: {idna: '>=2'}\n  url: https://example.com/demo-1.0-py3-none-any.whl\n  hash: {sha256: cc}\n- name: demo\n  version: '1.0'\n  manager: pip\n  platform: osx-64\n  url: https://example.com/demo-1.0-py3-none-any.whl\n";
    assert_eq!(
        shown(&read(&CondaLockReader, "conda-lock.yml", text)),
        [
            "conda-lock [conda-forge]",
            "numpy 1.26.0 py311_0 linux-64 pypi=? md5:aa sha256:bb needs python",
            "pypi demo 1.0 Url(\"https://example.com/demo-1.0-py3-none-any.whl\") 2 files needs idna",
        ]
    );
}

#[test]
fn explicit_lists_hold_names_in_addresses() {
    let text = "# platform: linux-64\n@EXPLICIT\nhttps://conda.example.com/main/linux-64/openssl-3.0.1-h7_0.conda#d41d8cd98f00b204e9800998ecf8427e\nhttps://conda.example.com/main/noarch/a-b-1.0-py_1.tar.bz2\nnumpy\n";
    assert!(ExplicitListReader.claims_head(&RepoPath::new("conda-linux-64.lock").unwrap(), text.as_bytes()));
    assert_eq!(
        shown(&read(&ExplicitListReader, "conda-linux-64.lock", text)),
        [
            "conda []",
            "openssl 3.0.1 h7_0 linux-64 pypi=? md5:d41d8cd98f00b204e9800998ecf8427e needs ",
            "a-b 1.0 py_1 noarch pypi=?  needs ",
            "problem it is no address of a conda package",
        ]
    );
}

#[test]
fn pixi_manifests_have_features_and_targets() {
    let text = "[workspace]\nname = \"demo\"\nchannels = [\"conda-forge\", { channel = \"nvidia\", priority = -1 }]\n[dependencies]\npython = \"3.11.*\"\ncuda = { version = \">=12\", channel = \"nvidia\" }\nown = { path = \"own\" }\n[target.win-64.dependencies]\nm2 = \"*\"\n[pypi-dependencies]\ntorch = { version = \"==2.1\", index = \"https://example.com/whl\" }\ndemo = { path = \".\", editable = true }\nany = \"*\"\n[feature.test.pypi-dependencies]\npytest = \">=8\"\n[pypi-options]\nextra-index-urls = [\"https://example.com/simple\"]\n";
    assert_eq!(
        shown(&read(&PixiReader, "pixi.toml", text)),
        [
            "pixi demo [conda-forge nvidia]",
            "conda python 3.11.* - -",
            "conda cuda >=12 nvidia -",
            "conda m2 * - win-64",
            "pip torch ==2.1 \"-\"",
            "pip demo - \"-\"",
            "pip any - \"-\"",
            "pip pytest >=8 \"test\"",
            "option ExtraIndex https://example.com/simple",
        ]
    );
}

#[test]
fn pixi_locks_of_both_shapes() {
    let new = "version: 6\nenvironments:\n  default:\n    channels:\n    - url: https://conda.example.com/conda-forge/\n    indexes:\n    - https://example.com/simple\n    packages:\n      linux-64:\n      - conda: https://conda.example.com/conda-forge/linux-64/numpy-1.2-py_0.conda\npackages:\n- conda: https://conda.example.com/conda-forge/linux-64/numpy-1.2-py_0.conda\n  sha256: aa\n  md5: bb\n  depends:\n  - python >=3.11,<3.12.0a0\n  - __glibc >=2\n  purls:\n  - pkg:pypi/numpy?source=hash-mapping\n- conda: https://conda.example.com/conda-forge/linux-64/zlib-1.2-h_0.conda\n  purls: []\n- pypi: https://example.com/files/demo-1.0-py3-none-any.whl\n  name: demo\n  version: '1.0'\n  sha256: cc\n  requires_dist:\n  - idna>=2\n  - pytest ; extra == 'test'\n- pypi: ./\n  name: own\n";
    assert_eq!(
        shown(&read(&PixiLockReader, "pixi.lock", new)),
        [
            "pixi [https://conda.example.com/conda-forge/]",
            "numpy 1.2 py_0 linux-64 pypi=numpy sha256:aa md5:bb needs python",
            "zlib 1.2 h_0 linux-64 pypi=  needs ",
            "pypi demo 1.0 Registry(\"https://example.com/simple\") 1 files needs idna",
            "pypi own - Local(\"./\") 1 files needs ",
        ]
    );
    let old = "version: 5\nenvironments: {}\npackages:\n- kind: conda\n  name: a\n  version: '0.1'\n  build: x\n  subdir: linux-64\n  url: https://conda.example.com/c/linux-64/a-0.1-x.tar.bz2\n  depends: [b]\n- kind: pypi\n  name: c\n  version: '2'\n  url: https://example.com/c-2.tar.gz\n";
    assert_eq!(
        shown(&read(&PixiLockReader, "pixi.lock", old)),
        [
            "pixi []",
            "a 0.1 x linux-64 pypi=?  needs b",
            "pypi c 2 Url(\"https://example.com/c-2.tar.gz\") 1 files needs "
        ]
    );
}

#[test]
fn locks_of_other_names_are_told_by_their_head() {
    let path = RepoPath::new("environments/conda-lock-python-3.10.yaml").unwrap();
    let head =
        b"# This lock file was generated by conda-lock\nversion: 1\nmetadata:\n  content_hash:\n    linux-64: a\n";
    assert!(!CondaLockReader.claims(&path) && CondaLockReader.looks_into(&path).is_some());
    assert!(CondaLockReader.claims_head(&path, head));
    assert!(!CondaLockReader.claims_head(&path, b"channels: [a]\ndependencies:\n  - numpy\n"));
    assert_eq!(CondaLockReader.looks_into(&RepoPath::new("environment.yml").unwrap()), None);
}
