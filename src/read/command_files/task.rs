//! Taskfiles. Source: the documentation of Task, "Schema reference".

use super::expand::UNKNOWN;
use super::recipe::may_call;
use super::telling::may_act;
use super::{LINE_BY_LINE, folders, script};
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::parse::shell::Dialect;
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problem};
use crate::read::yaml_help::{document, keyed, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, Role, SourceFile, Span};

/// Bytes looked at for a command.
const HEAD: usize = 1 << 20;

/// Reads Taskfiles.
#[derive(Debug)]
pub struct TaskReader;

impl Reader for TaskReader {
    fn id(&self) -> &'static str {
        "taskfile"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let name = path.name().to_ascii_lowercase();
        let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))?;
        (matches!(stem, "taskfile" | "taskfile.dist") && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        may_act(head) || may_call(&String::from_utf8_lossy(head))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`Taskfile.yml`",
            read: "the commands of tasks and what they depend on",
            not_read: "templates of Task, which stay unknown words; included files",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let folders = folders(&file.path);
        let mut blocks = Vec::new();
        for (name, task) in root.get("tasks").into_iter().flat_map(keyed) {
            if !budget.take_entry(name.value.len()) {
                out.problems.push(Problem::new(name.span, "too many tasks; the rest is not read"));
                break;
            }
            let mut whole = Embedded::new();
            let mut needs: Vec<String> = Vec::new();
            for need in task.get("deps").map_or(&[][..], Node::items) {
                needs.extend(text(Some(need.get("task").unwrap_or(need))).map(|t| t.value));
            }
            // A task may be one command, a list of them, or a mapping that holds either.
            let commands = task.get("cmds").or_else(|| task.get("cmd")).unwrap_or(task);
            let one = commands.as_str().is_some().then_some(commands);
            for command in commands.items().iter().chain(one) {
                needs.extend(text(command.get("task")).map(|t| t.value));
                let written = command.get("cmd").or_else(|| command.get("defer")).unwrap_or(command);
                if let Some(scalar) = written.as_scalar() {
                    push(&scalar.text, &mut whole);
                }
            }
            let aliases = texts(task.get("aliases")).into_iter().map(|alias| alias.value).collect();
            let shell = (Dialect::Bash, LINE_BY_LINE);
            let span = name.span.to(task.place());
            let is_empty = whole.text.trim().is_empty();
            let script = (!is_empty).then(|| script(whole, span, &shell, &[], &folders, budget, out)).flatten();
            blocks.push(CommandBlock { name, aliases, needs, script, ..CommandBlock::default() });
        }
        let form = CommandForm::Task;
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env: Vec::new(), blocks }));
    }
}

/// Puts one command behind a script; what a template yields is unknown.
fn push(command: &Embedded, out: &mut Embedded) {
    let text = command.text.as_str();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|found| at + found) {
        let Some(end) = text.get(start..).and_then(|rest| rest.find("}}")).map(|end| start + end + 2) else { break };
        out.append(&command.part(at..start));
        out.push_replaced(UNKNOWN, command.host_span(start..end));
        at = end;
    }
    out.append(&command.part(at..text.len()));
    let end = command.host_span(text.len()..text.len());
    out.push_replaced("\n", Span { start: end.end, end: end.end });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn tasks_are_parts_with_what_they_need() {
        let text = "version: '3'\ntasks:\n  build:\n    deps: [setup, {task: other}]\n    aliases: [b]\n    cmds:\n      - task: lint\n      - curl -o x https://example.com/{{.VERSION}}/x\n      - cmd: |\n          chmod +x x\n          ./x\n  lint: go install example.com/x@latest\n  empty:\n    desc: nothing\n";
        let file = SourceFile::new(FileId(0), RepoPath::new("Taskfile.yml").unwrap(), text.as_bytes().to_vec());
        assert!(TaskReader.claims_head(&file.path, text.as_bytes()));
        assert_eq!(TaskReader.looks_into(&RepoPath::new("a/taskfile.dist.yaml").unwrap()), Some(HEAD));
        let mut facts = Facts::default();
        TaskReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks: Vec<String> = read
            .blocks
            .iter()
            .map(|b| {
                let script = b.script.as_ref().map_or("-".to_owned(), |s| s.text.text.trim().replace('\n', "|"));
                format!("{} {:?} {:?} {script}", b.name.value, b.aliases, b.needs)
            })
            .collect();
        assert_eq!(
            blocks,
            [
                "build [\"b\"] [\"setup\", \"other\", \"lint\"] curl -o x https://example.com/${_}/x|chmod +x x|./x",
                "lint [] [] go install example.com/x@latest",
                "empty [] [] -",
            ]
        );
    }
}
