use super::*;
use crate::graph::Document;
use crate::parse::Budget;
use crate::read::{Facts, Reader};
use crate::source::{FileId, RepoPath, SourceFile};

fn read(reader: &dyn Reader, path: &str, text: &str) -> (Option<Document>, Vec<String>) {
    let file = SourceFile::new(FileId(0), RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
    assert!(reader.claims(&file.path), "{path}");
    let mut facts = Facts::default();
    reader.read(&file, &mut Budget::default(), &mut facts);
    let problems = facts.problems.iter().map(|p| p.message.clone()).chain(facts.unread).collect();
    (facts.documents.into_iter().next(), problems)
}

#[test]
fn updates_are_read_with_their_cooldown() {
    let text = "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directories: [/, /a]\n    cooldown:\n      default-days: 5\n      semver-major-days: 30\n  - package-ecosystem: pip\n    directory: /\n    open-pull-requests-limit: 0\n    insecure-external-code-execution: allow\n";
    let (Some(Document::Dependabot(bot)), problems) = read(&DependabotReader, ".github/dependabot.yml", text) else {
        panic!("no document");
    };
    assert!(problems.is_empty(), "{problems:?}");
    let [cargo, pip] = bot.updates.as_slice() else { panic!("{:?}", bot.updates) };
    assert_eq!(cargo.directories.len(), 2);
    assert_eq!(cargo.default_days.as_ref().unwrap().value, "5");
    assert_eq!(cargo.other_days.first().unwrap().1.value, "30");
    assert!(cargo.cooldown.is_some() && !cargo.only_security);
    assert!(pip.only_security && pip.executes.as_ref().unwrap().value == "allow");
}

#[test]
fn hooks_are_read_with_their_repositories() {
    let text = "repos:\n  - repo: https://example.com/a\n    rev: v1\n    hooks:\n      - id: b\n        additional_dependencies: [c, d]\n  - repo: local\n    hooks:\n      - {id: e, language: system, entry: bash run.sh}\n";
    let (Some(Document::Hooks(config)), problems) = read(&PreCommitReader, ".pre-commit-config.yaml", text) else {
        panic!("no document");
    };
    assert!(problems.is_empty(), "{problems:?}");
    let [foreign, local] = config.repositories.as_slice() else { panic!("{:?}", config.repositories) };
    assert_eq!(foreign.revision.as_ref().unwrap().value, "v1");
    assert_eq!(foreign.hooks.first().unwrap().dependencies.len(), 2);
    let called = local.hooks.first().unwrap().entry.as_ref().unwrap().acts.iter().filter_map(|act| act.called());
    assert!(called.into_iter().any(|(path, _)| path == "run.sh"));
}

#[test]
fn owners_have_sections_comments_and_blanks() {
    let text = "# all\n* @a @b # the rest\n/with\\ blank/ @c\n/none/\n[Build][2] @d\n/ci/\n/own/ @e\n^[Docs]\n/docs/\n[ab]c @f\n";
    let (Some(Document::CodeOwners(owners)), problems) = read(&CodeOwnersReader, ".github/CODEOWNERS", text) else {
        panic!("no document");
    };
    assert!(problems.is_empty(), "{problems:?}");
    let lines: Vec<(String, usize, usize)> =
        owners.lines.iter().map(|l| (l.pattern.value.clone(), l.owners.len(), l.section)).collect();
    let wanted = [
        ("*", 2, 0),
        ("/with blank/", 1, 0),
        ("/none/", 0, 0),
        ("/ci/", 1, 1),
        ("/own/", 1, 1),
        ("/docs/", 0, 2),
        ("[ab]c", 1, 2),
    ];
    assert_eq!(lines, wanted.map(|(pattern, owners, section)| (pattern.to_owned(), owners, section)));
}

#[test]
fn faults_are_gaps() {
    for (reader, path, text, wanted) in [
        (
            &DependabotReader as &dyn Reader,
            ".github/dependabot.yml",
            "version: 2\n",
            "Dependabot's settings without `updates`",
        ),
        (&DependabotReader, ".github/dependabot.yml", "updates: x\n", "`updates` should be a list"),
        (&DependabotReader, ".github/dependabot.yml", "updates: [x]\n", "an update should be a mapping"),
        (&PreCommitReader, ".pre-commit-config.yaml", "a: 1\n", "pre-commit's settings without a list of `repos`"),
        (&PreCommitReader, ".pre-commit-config.yaml", "repos: [{rev: x}]\n", "a repository of hooks without `repo`"),
    ] {
        assert_eq!(read(reader, path, text).1, [wanted], "{text}");
    }
}
