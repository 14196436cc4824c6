//! Code that Python executes at every start.

use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::artifact::{BuiltDistribution, PathFile};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "startup-code",
    title: "code that Python executes at every start",
    many: "{n} files make Python execute code at every start",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("startup_code.md"),
    check,
};

/// Characters of a line that a message shows.
const SHOWN: usize = 80;
/// Characters of a line that says no more than which module is imported; longer ones hide something.
const PLAIN: usize = 200;

/// Words of code that fetches, unpacks or starts something else.
const ACTS: &[&str] = &[
    "exec(",
    "eval(",
    "compile(",
    "b64decode",
    "base64",
    "fromhex",
    "zlib",
    "marshal",
    "subprocess",
    "popen",
    "os.system",
    "urllib",
    "requests",
    "socket",
    "http",
    "ctypes",
    "chr(",
    "\\x",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for document in scene.documents {
        match document {
            Document::PathFile(file) => loose(scene, report, file),
            Document::Built(built) => packed(scene, report, built),
            _ => {}
        }
    }
}

fn loose(scene: &Scene<'_>, report: &mut Reporter<'_>, file: &PathFile) {
    let path = scene.sources.path(file.file);
    let name = path.rsplit('/').next().unwrap_or(path);
    let lines: Vec<_> = file.code.iter().filter(|line| !is_known(name, &line.value)).collect();
    let Some(worst) = lines.iter().find(|line| acts(&line.value)).or(lines.first()) else { return };
    let role = scene.role(file.file);
    let is_site = path.contains("site-packages/") || path.contains("dist-packages/");
    // An environment in the tree is one that somebody uses; its `.pth` files run there and then.
    let role = if is_site && role == Role::Vendored { Role::Development } else { role };
    let where_from = if is_site { "" } else { " once it is installed" };
    report
        .at(Place::new(file.file, worst.span), "executed at every start")
        .about("file", name, None)
        // A file among the sources is there on purpose, and short enough to be read.
        .severity(match acts(&worst.value) {
            true => Severity::High,
            false if is_site => Severity::Medium,
            false => Severity::Low,
        })
        .confidence(if is_site { Confidence::High } else { Confidence::Medium })
        .role(role)
        .also(lines.iter().map(|line| Place::new(file.file, line.span)))
        .each(lines.iter().map(|line| line.value.as_str()))
        .evidence("Python executes lines of a .pth file that begin with `import`, before any program starts")
        .advise("take the line out; code that has to run belongs in a module that programs import")
        .say(format!("{name} makes Python execute `{}` at every start{where_from}", shown(&worst.value)));
}

fn packed(scene: &Scene<'_>, report: &mut Reporter<'_>, built: &BuiltDistribution) {
    let own = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let lines: Vec<_> = built.startup_code.iter().filter(|(path, line)| !is_known(&own(path), line)).collect();
    let Some((path, line)) = lines.iter().find(|(_, line)| acts(line)).or(lines.first()) else { return };
    let archive = scene.sources.path(built.file);
    let archive = archive.rsplit('/').next().unwrap_or(archive);
    report
        .at(Place::new(built.file, Span::default()), format!("holds {path}"))
        .about("distribution", built.name.value.clone(), built.version.as_ref().map(|v| v.value.clone()))
        .severity(if acts(line) { Severity::High } else { Severity::Medium })
        .confidence(Confidence::High)
        .each(lines.iter().map(|(path, line)| format!("{path} {line}")))
        .evidence("Python executes lines of a .pth file that begin with `import`, before any program starts")
        .advise("do not install it before somebody has read that file; look for a release without it")
        .say(format!("{archive} holds {path}, which makes Python execute `{}` at every start", shown(line)));
}

fn acts(line: &str) -> bool {
    let plain = line.to_ascii_lowercase();
    line.chars().count() > PLAIN || ACTS.iter().any(|word| plain.contains(word))
}

fn shown(line: &str) -> String {
    let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= SHOWN {
        return words;
    }
    let head: String = words.chars().take(SHOWN).collect();
    format!("{} …", head.trim_end())
}

/// What coverage.py installs; it does nothing unless a variable asks for it.
const COVERAGE: &str = "import sys; exec('import os\\n\\nif os.getenv(\"COVERAGE_PROCESS_START\") or \
                        os.getenv(\"COVERAGE_PROCESS_CONFIG\"):\\n try:\\n  import coverage\\n except:\\n  pass\\n \
                        else:\\n  coverage.process_startup(slug=\"pth\")')";

/// Lines that well-known tools write, word for word but for names: setuptools' own and its namespace
/// packages, virtualenv, coverage.py, editable installs of setuptools and hatch.
fn is_known(file: &str, line: &str) -> bool {
    const SETUPTOOLS: &str = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == \
                              'local'; enabled and __import__('_distutils_hack')";
    let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if file == "distutils-precedence.pth" {
        let rest = line.strip_prefix(SETUPTOOLS).unwrap_or(line);
        return matches!(rest.trim_end_matches(';'), "" | ".add_shim()");
    }
    if file == "a1_coverage.pth" {
        return line == COVERAGE;
    }
    if file == "_virtualenv.pth" {
        return line == "import _virtualenv";
    }
    if let Some(rest) = line.strip_prefix("import ").filter(|_| file.starts_with("__editable__")) {
        let (module, call) = rest.split_once("; ").unwrap_or((rest, ""));
        let own = call.strip_prefix(module).and_then(|call| call.strip_prefix('.'));
        return name(module) && module.starts_with("__editable__") && matches!(own, Some("install()" | "install();"));
    }
    if file.ends_with("-nspkg.pth") {
        return is_namespace(line);
    }
    false
}

/// The line of setuptools that makes a namespace package, with the package's names in their places.
fn is_namespace(line: &str) -> bool {
    const HEADS: &[&str] = &[
        "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(",
        "import sys, types, os;p = os.path.join(",
    ];
    let quoted = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let Some(rest) = HEADS.iter().find_map(|head| line.strip_prefix(head)) else { return false };
    // What is left names modules and calls of `importlib`, and nothing that is not in this list.
    const WORDS: &[&str] = &[
        "sys",
        "_getframe",
        "1",
        "f_locals",
        "sitedir",
        "importlib",
        "__import__",
        "util",
        "machinery",
        "has_mfs",
        "and",
        "m",
        "modules",
        "setdefault",
        "module_from_spec",
        "PathFinder",
        "find_spec",
        "os",
        "path",
        "dirname",
        "p",
        "types",
        "ModuleType",
        "or",
        "mp",
        "__dict__",
        "__path__",
        "not",
        "in",
        "append",
        "setattr",
        "new",
        "ie",
        "exists",
        "join",
        "__init__",
        "py",
        "bool",
        "1",
    ];
    let mut outside = String::new();
    for (index, part) in rest.split('\'').enumerate() {
        if index % 2 == 1 {
            if !quoted(part) {
                return false;
            }
            outside.push(' ');
        } else {
            outside.push_str(part);
        }
    }
    outside
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .all(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tools_are_known_word_for_word() {
        let setuptools = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim();";
        let coverage = r#"import sys; exec('import os\n\nif os.getenv("COVERAGE_PROCESS_START") or os.getenv("COVERAGE_PROCESS_CONFIG"):\n try:\n  import coverage\n except:\n  pass\n else:\n  coverage.process_startup(slug="pth")')"#;
        let namespace = "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('google', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('google', [os.path.dirname(p)])));m = m or sys.modules.setdefault('google', types.ModuleType('google'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)";
        for (file, line, known) in [
            ("distutils-precedence.pth", setuptools, true),
            ("distutils-precedence.pth", "import os; os.system('x')", false),
            ("protobuf-3.20.1-nspkg.pth", namespace, true),
            ("protobuf-3.20.1-nspkg.pth", &namespace.replace("mp.append(p)", "exec(p)"), false),
            ("protobuf-3.20.1-nspkg.pth", &namespace.replace("'google',", "'google x',"), false),
            ("a1_coverage.pth", coverage, true),
            ("a1_coverage.pth", "import sys; exec('x')", false),
            ("_virtualenv.pth", "import _virtualenv", true),
            ("_virtualenv.pth", "import _virtualenv, evil", false),
            ("__editable__.a-1.pth", "import __editable___a_1_finder; __editable___a_1_finder.install()", true),
            ("__editable__.a-1.pth", "import os; os.install()", false),
            ("x.pth", "import x", false),
        ] {
            assert_eq!(is_known(file, line), known, "{file}: {line}");
        }
    }

    #[test]
    fn what_acts_is_told_from_what_imports() {
        assert!(!acts("import a1_coverage"));
        assert!(acts("import os, subprocess; subprocess.Popen(['python'])"));
        assert!(acts("import base64; exec(base64.b64decode('eA=='))"));
        assert_eq!(shown(&format!("import {}", "x".repeat(100))).chars().count(), SHOWN + 2);
    }
}
