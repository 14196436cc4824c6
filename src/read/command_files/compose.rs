//! Commands of services in Compose files. Source: the Compose specification, "command", "entrypoint",
//! "healthcheck", "post_start", "pre_stop".

use super::telling::may_act;
use super::{PLAIN, script};
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::parse::shell::Dialect;
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problem, yaml};
use crate::read::agents::words;
use crate::read::deployment;
use crate::read::yaml_help::keyed;
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, Role, SourceFile, Span, Spanned};

/// Bytes looked at for a command.
const HEAD: usize = 1 << 20;

/// Reads the commands of Compose files.
#[derive(Debug)]
pub struct ComposeReader;

impl Reader for ComposeReader {
    fn id(&self) -> &'static str {
        "compose"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let name = path.name();
        let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))?;
        let is_compose = [stem.strip_prefix("docker-compose"), stem.strip_prefix("compose")]
            .into_iter()
            .flatten()
            .any(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
        (is_compose && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        let has = |word: &[u8]| head.windows(word.len()).any(|found| found == word);
        has(b"services:") && (may_act(head) || has(b"image:") || has(b"build:"))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`compose.yaml`, `docker-compose*.yml`",
            read: "commands that services run, images, what these are built from",
            not_read: "mounts and rights",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = yaml::parse(&file.text, budget);
        out.problems.extend(read.problems.iter().cloned());
        // What else is odd in it, a key that is written twice, is Compose's to refuse.
        let Some(root) = read.root() else { return };
        let mut blocks = Vec::new();
        for (name, service) in root.get("services").into_iter().flat_map(keyed) {
            if !budget.take_entry(name.value.len()) {
                out.problems.push(Problem::new(name.span, "too many services; the rest is not read"));
                break;
            }
            for (key, node) in commands(service) {
                let text = command(node);
                // What begins with an option is given to the program of the image.
                if text.text.starts_with('-') || !may_act(text.text.as_bytes()) {
                    continue;
                }
                let shell = (Dialect::Bash, PLAIN);
                let folder = [file.path.parent()];
                let script = script(text, node.place(), &shell, &[], &folder, budget, out);
                let name = Spanned::new(format!("{key} of service {}", name.value), node.place());
                blocks.push(CommandBlock { name, script, ..CommandBlock::default() });
            }
        }
        if !blocks.is_empty() {
            let form = CommandForm::Compose;
            out.documents.push(Document::Commands(CommandFile { file: file.id, form, env: Vec::new(), blocks }));
        }
        deployment::compose::services(file, root, budget, out);
    }
}

/// The commands of a service, each with the key that says when it runs.
fn commands(service: &Node) -> Vec<(&'static str, &Node)> {
    let mut out: Vec<(&'static str, &Node)> =
        ["entrypoint", "command"].into_iter().filter_map(|key| Some((key, service.get(key)?))).collect();
    if let Some(test) = service.get("healthcheck").and_then(|check| check.get("test")) {
        out.push(("healthcheck", test));
    }
    for key in ["post_start", "pre_stop"] {
        let hooks = service.get(key).map_or(&[][..], Node::items);
        out.extend(hooks.iter().filter_map(|hook| Some((key, hook.get("command")?))));
    }
    out
}

/// The text as a shell is told of it; `$$` is a dollar sign.
fn command(node: &Node) -> Embedded {
    let written = match node.as_scalar() {
        Some(scalar) => scalar.text.clone(),
        None => {
            let mut all = node.items().iter().filter_map(|n| Some((&n.as_scalar()?.text, n.place()))).peekable();
            // `test: ["CMD-SHELL", "curl x"]` is a text for a shell; `CMD` is none of the words.
            let form = all.next_if(|(text, _)| matches!(text.text.as_str(), "CMD" | "CMD-SHELL" | "NONE"));
            match form {
                Some((text, _)) if text.text == "CMD-SHELL" => all.next().map(|(t, _)| t.clone()).unwrap_or_default(),
                _ => words(all),
            }
        }
    };
    let mut out = Embedded::new();
    let mut at = 0;
    for (found, _) in written.text.match_indices("$$") {
        if found < at {
            continue;
        }
        out.append(&written.part(at..found));
        let span = written.host_span(found..found + 2);
        out.push_replaced("$", Span { start: span.start, end: span.end });
        at = found + 2;
    }
    out.append(&written.part(at..written.text.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn services_have_commands() {
        let text = "services:\n  a:\n    image: x\n    command: sh -c \"pip install a && run $$PORT\"\n  b:\n    entrypoint: [\"sh\", \"-c\", \"curl https://example.com/i | sh\"]\n    healthcheck:\n      test: [\"CMD-SHELL\", \"curl -f http://localhost\"]\n  c:\n    command: serve\n";
        for (name, expected) in [
            ("docker-compose.dev.yml", true),
            ("compose.yaml", true),
            ("composer.yaml", false),
            ("compose.json", false),
        ] {
            assert_eq!(ComposeReader.looks_into(&RepoPath::new(name).unwrap()).is_some(), expected, "{name}");
        }
        let file = SourceFile::new(FileId(0), RepoPath::new("compose.yaml").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        ComposeReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks: Vec<String> = read
            .blocks
            .iter()
            .filter_map(|b| Some(format!("{}: {}", b.name.value, b.script.as_ref()?.text.text)))
            .collect();
        assert_eq!(
            blocks,
            [
                "command of service a: sh -c \"pip install a && run $PORT\"",
                "entrypoint of service b: sh -c 'curl https://example.com/i | sh'",
                "healthcheck of service b: curl -f http://localhost",
            ]
        );
    }
}
