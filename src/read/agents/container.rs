//! `devcontainer.json`. Source: containers.dev, "Dev Container metadata reference".

use super::{object_or_problem, pairs, scripts};
use crate::graph::Document;
use crate::graph::kinds::agents::{AgentFile, AutoCommand, Container, Power, PowerKind};
use crate::parse::Budget;
use crate::parse::json::{Kind, Value};
use crate::read::json_help::{document_with_comments, text};
use crate::read::{Facts, Format, Reader, mentions};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads devcontainers.
#[derive(Debug)]
pub struct DevcontainerReader;

/// Commands of the life of a container, and when they run; the first runs on the person's machine.
const COMMANDS: &[(&str, &str)] = &[
    ("initializeCommand", "on the host, before the container is made"),
    ("onCreateCommand", "when the container is made"),
    ("updateContentCommand", "when the container is made"),
    ("postCreateCommand", "when the container is made"),
    ("postStartCommand", "when the container is started"),
    ("postAttachCommand", "when an editor is attached to the container"),
];

impl Reader for DevcontainerReader {
    fn id(&self) -> &'static str {
        "devcontainer"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "devcontainer.json" | ".devcontainer.json")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`devcontainer.json`",
            read: "image, features, commands, mounts, rights, variables; the Dockerfile it builds",
            not_read: "Compose files, what a feature installs, settings of editors",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let parsed = document_with_comments(file, budget, out);
        let Some(root) = parsed.root else { return };
        if !matches!(root.kind, Kind::Object(_)) {
            out.unread = Some("its top is no object".to_owned());
            return;
        }
        let mut agent = AgentFile { file: file.id, program: "devcontainer", ..AgentFile::default() };
        for (key, when) in COMMANDS {
            let on_host = *key == "initializeCommand";
            let Some(value) = root.get(key) else { continue };
            // Several commands of one stage have names and run beside each other.
            let parts = match value.as_object() {
                Some(object) => object.entries().iter().map(|e| &e.value).collect(),
                None => vec![value],
            };
            for part in parts {
                command(part, when, on_host, &mut agent, budget, out);
            }
        }
        object_or_problem(root.get("features"), "features", out);
        let features = root.get("features").map_or(&[][..], Value::entries);
        agent.container = Some(Container {
            image: text(root.get("image")),
            features: features.iter().map(|entry| entry.key.clone()).collect(),
            powers: powers(&root),
        });
        for key in ["containerEnv", "remoteEnv"] {
            agent.env.extend(pairs(root.get(key)));
        }
        let build = root.get("build");
        let dockerfile = build.and_then(|b| b.get("dockerfile")).or_else(|| root.get("dockerFile"));
        if let Some(path) = dockerfile.and_then(Value::as_str).and_then(|name| file.path.parent().join(name)) {
            mentions::of_dockerfile(path.as_str(), &mut out.mentions);
        }
        out.documents.push(Document::Agent(agent));
    }
}

fn command(value: &Value, when: &str, on_host: bool, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    let text = match value.as_text() {
        Some(text) => text.clone(),
        None => scripts::of_words(value.items().iter().filter_map(|w| Some((w.as_text()?, w.span)))),
    };
    if let Some(script) = scripts::of_text(text, value.span, budget, out) {
        agent.commands.push(AutoCommand { when: when.to_owned(), script, on_host, at_start: true, unseen: false });
    }
}

fn powers(root: &Value) -> Vec<Power> {
    let mut out = Vec::new();
    if let Some(entry) = root.as_object().and_then(|o| o.entry("privileged"))
        && entry.value.as_bool() == Some(true)
    {
        let text = Spanned::new("privileged".to_owned(), entry.span());
        out.push(Power { text, what: PowerKind::Privileged });
    }
    let args: Vec<Spanned<String>> =
        root.get("runArgs").map_or(&[][..], Value::items).iter().filter_map(|a| text(Some(a))).collect();
    for (index, arg) in args.iter().enumerate() {
        // `--pid=host`, and `--pid` with `host` behind it.
        let next = args.get(index + 1).map_or("", |a| a.value.as_str());
        let (name, value) = arg.value.split_once('=').unwrap_or((arg.value.as_str(), next));
        let what = match (name, value) {
            ("--privileged", "false") => None,
            ("--privileged", _) => Some(PowerKind::Privileged),
            ("--cap-add", "ALL" | "SYS_ADMIN" | "CAP_SYS_ADMIN") => Some(PowerKind::Privileged),
            ("--pid", "host") => Some(PowerKind::HostSystem),
            ("-v" | "--volume" | "--mount", mount) => of_mount(mount),
            _ => None,
        };
        let glued = arg.value.contains('=') || name == "--privileged";
        let written = if glued { arg } else { args.get(index + 1).unwrap_or(arg) };
        out.extend(what.map(|what| Power { text: written.clone(), what }));
    }
    for mount in root.get("mounts").map_or(&[][..], Value::items) {
        let (text, what) = match text(Some(mount)) {
            Some(text) => {
                let what = of_mount(&text.value);
                (text, what)
            }
            None => {
                let Some(source) = text(mount.get("source")) else { continue };
                let what = of_source(&source.value);
                (source, what)
            }
        };
        out.extend(what.map(|what| Power { text, what }));
    }
    out
}

/// `source=/var/run/docker.sock,target=..,type=bind`, and `/var/run/docker.sock:/..` of `-v`.
fn of_mount(text: &str) -> Option<PowerKind> {
    let named = text.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        matches!(name.trim(), "source" | "src").then_some(value)
    });
    of_source(named.unwrap_or_else(|| text.split(':').next().unwrap_or(text)))
}

/// What a folder or file of the host opens.
fn of_source(source: &str) -> Option<PowerKind> {
    let source = source.trim().trim_end_matches('/');
    let last = source.rsplit('/').next().unwrap_or(source);
    // A folder of that name beside the tree is another one.
    let of_person = ["HOME", "USERPROFILE", "~/"].iter().any(|home| source.contains(home))
        || source.starts_with("/home/")
        || source.starts_with("/root/");
    if source.ends_with("docker.sock") || source.ends_with("podman.sock") || source.ends_with("containerd.sock") {
        Some(PowerKind::EngineSocket)
    } else if source.is_empty() || matches!(source, "/etc" | "/proc" | "/root" | "/home" | "/var/run") {
        Some(PowerKind::HostSystem)
    } else if of_person && matches!(last, ".ssh" | ".aws" | ".gnupg" | ".kube" | ".azure" | ".netrc") {
        Some(PowerKind::Keys)
    } else {
        None
    }
}
