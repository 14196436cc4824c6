//! What is put into an engine or a cluster, and folders that are built.

use super::act::{Act, ActKind};
use super::site::Site;
use crate::parse::shell::{Invocation, basename};

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    engines(site, acts);
    clusters(site, acts);
    folders(site, acts);
}

/// `docker load -i x`, `docker import x`, `ctr images import x`.
fn engines(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let operands =
        call.operands(&["-i", "--input", "-c", "--change", "-m", "--message", "--name", "-n", "--namespace"]);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    let input = || call.value(Some('i'), "input").map(str::to_owned).or_else(|| super::files::read_from(site));
    let (by, path): (&'static str, Option<String>) = match (call.name.as_str(), words.as_slice()) {
        ("docker" | "podman" | "nerdctl", ["load", ..] | ["image", "load", ..]) => ("docker load", input()),
        ("docker" | "podman" | "nerdctl", ["import", path, ..] | ["image", "import", path, ..]) => {
            ("docker import", Some((*path).to_owned()))
        }
        ("ctr", ["images" | "image" | "i", "import", path, ..]) => ("ctr images import", Some((*path).to_owned())),
        ("kind", ["load", "image-archive", path, ..]) => ("kind load", Some((*path).to_owned())),
        ("minikube", ["image", "load", path, ..]) if path.contains(['/', '.']) => {
            ("minikube image load", Some((*path).to_owned()))
        }
        ("ollama", ["create", ..]) => ("ollama create", call.value(Some('f'), "file").map(str::to_owned)),
        _ => return,
    };
    if let Some(path) = path {
        acts.push(site.act(ActKind::Load { by, path }));
    }
}

/// `kubectl apply -f x`, `helm install name x`, `docker compose -f x up`.
fn clusters(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let operands = call.operands(&[
        "-f",
        "--filename",
        "-k",
        "--kustomize",
        "-n",
        "--namespace",
        "--context",
        "--kubeconfig",
        "--version",
        "--values",
        "--set",
        "--timeout",
        "--repo",
        "-p",
        "--file",
        "--project-name",
        "--set-string",
        "-l",
        "--selector",
    ]);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    let by: &'static str = match (call.name.as_str(), words.as_slice()) {
        ("kubectl" | "oc" | "k3s" | "microk8s", ["kubectl", "apply" | "create" | "replace", ..])
        | ("kubectl" | "oc", ["apply" | "create" | "replace", ..]) => "kubectl apply",
        ("kustomize", ["build", path, ..]) => {
            acts.push(site.act(ActKind::Load { by: "kustomize build", path: (*path).to_owned() }));
            return;
        }
        ("helm", ["install" | "upgrade", rest @ ..]) => {
            if let Some(chart) = rest.last().filter(|_| rest.len() > 1) {
                acts.push(site.act(ActKind::Load { by: "helm install", path: (*chart).to_owned() }));
            }
            return;
        }
        ("docker", ["compose", "up" | "run" | "pull" | "create" | "build", ..])
        | ("docker-compose" | "podman-compose", ["up" | "run" | "pull" | "create" | "build", ..]) => "docker compose",
        _ => return,
    };
    for (path, range) in values(call, &["-f", "--filename", "--file", "-k", "--kustomize"]) {
        let path = if path == "-" { super::files::read_from(site).unwrap_or(path) } else { path };
        acts.push(Act { command: site.index, range, kind: ActKind::Load { by, path } });
    }
}

/// Every value of an option, with its place.
fn values(call: &Invocation<'_>, names: &[&str]) -> Vec<(String, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    let mut args = call.args.iter().peekable();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        let joined = || names.iter().find_map(|n| text.strip_prefix(n)?.strip_prefix('='));
        if names.contains(&text) {
            if let Some(value) = args.peek() {
                out.push((value.text.clone(), value.range.clone()));
            }
        } else if let Some(value) = joined() {
            out.push((value.to_owned(), arg.range.clone()));
        } else if let Some(value) = text.strip_prefix("-f").filter(|v| v.contains('/') && names.contains(&"-f")) {
            out.push((value.to_owned(), arg.range.clone()));
        }
    }
    out
}

/// Programs that build the folder they stand in or are given, with the option that names it.
const BUILDERS: &[(&str, &[&str])] = &[
    ("make", &["-C", "--directory"]),
    ("gmake", &["-C", "--directory"]),
    ("ninja", &["-C"]),
    ("samu", &["-C"]),
    ("scons", &["-C", "--directory"]),
    ("bazel", &[]),
    ("bazelisk", &[]),
    ("gradle", &["-p", "--project-dir"]),
    ("mvn", &["-f", "--file"]),
    ("rake", &[]),
    ("autoreconf", &[]),
    ("qmake", &[]),
    ("phpize", &[]),
];

fn folders(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let named = |names: &[&str]| {
        let joined = |text: &str| {
            names.iter().find_map(|n| {
                if n.len() == 2 { text.strip_prefix(n) } else { text.strip_prefix(n)?.strip_prefix('=') }
                    .map(str::to_owned)
            })
        };
        call.args.iter().enumerate().find_map(|(at, arg)| {
            if names.contains(&arg.text.as_str()) {
                return call.args.get(at + 1).map(|a| a.text.clone());
            }
            joined(&arg.text).filter(|v| !v.is_empty())
        })
    };
    let (by, folder) = match call.name.as_str() {
        "cmake" => {
            let Some(folder) = cmake(call) else { return };
            ("cmake", folder)
        }
        "meson" => {
            let operands = call.operands(&["--prefix", "--buildtype", "-C", "--backend"]);
            let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
            match words.as_slice() {
                ["setup", _, source, ..] => ("meson", Some((*source).to_owned())),
                ["compile" | "install" | "setup", ..] => ("meson", named(&["-C"])),
                _ => return,
            }
        }
        "python" | "python3" => {
            let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
            match words.as_slice() {
                [path, ..] if basename(path) == "setup.py" => {
                    ("setup.py", path.strip_suffix("/setup.py").map(str::to_owned))
                }
                ["-m", "build", rest @ ..] => {
                    ("build", rest.iter().find(|w| !w.starts_with('-')).map(|w| (*w).to_owned()))
                }
                _ => return,
            }
        }
        "configure" | "autogen.sh" | "bootstrap" | "bootstrap.sh" if call.path.contains('/') => {
            let folder = call.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
            (call.name.as_str(), folder.filter(|f| f != "."))
        }
        "go" => match call.args.iter().map(|a| a.text.as_str()).next() {
            Some("build" | "generate" | "test" | "run") => ("go", named(&["-C"])),
            _ => return,
        },
        name => match BUILDERS.iter().find(|(n, _)| *n == name) {
            Some((by, names)) => (*by, named(names)),
            None => return,
        },
    };
    acts.push(site.act(ActKind::BuildFolder { by: by.to_owned(), folder }));
}

/// The folder that `cmake` reads or builds; nothing where it does neither.
fn cmake(call: &Invocation<'_>) -> Option<Option<String>> {
    if call.args.iter().any(|a| matches!(a.text.as_str(), "--version" | "--help" | "-E" | "-P")) {
        return None;
    }
    for (at, arg) in call.args.iter().enumerate() {
        let text = arg.text.as_str();
        let next = || call.args.get(at + 1).map(|a| a.text.clone());
        match text {
            "--build" | "--install" | "-S" => return Some(next()),
            _ if text.starts_with("-S") && text.len() > 2 => return Some(text.get(2..).map(str::to_owned)),
            _ => {}
        }
    }
    let operands = call.operands(&["-B", "-G", "-D", "-T", "-A", "-C", "--preset", "--target", "--config", "-j"]);
    Some(operands.first().map(|a| a.text.clone()))
}
