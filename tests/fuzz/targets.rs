//! One function for each reader of hostile bytes. The fuzzer calls them, and so does the test
//! `fuzz_corpus`, which replays what is kept beside this file.
//!
//! Every function claims the same of any input: it ends within its budget, does not panic, and the
//! places it gives lie in the file and on borders of characters.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cargo_custody::advisory::build::{self, Origin, local};
use cargo_custody::advisory::carry::{Trust, pack, unpack};
use cargo_custody::advisory::pep440::{self as python_versions, Allowed, Flaws};
use cargo_custody::advisory::{Advisory, Date, Ecosystem, Event, Index, Kind, Range as Affected, Section};
use cargo_custody::advisory::{match_action, match_crate, match_distribution, match_toolchain, text};
use cargo_custody::audit::Audit;
use cargo_custody::check;
use cargo_custody::commands;
use cargo_custody::config;
use cargo_custody::decide::{Input, assemble, knowledge};
use cargo_custody::diag::redact;
use cargo_custody::graph::Document;
use cargo_custody::graph::flow::{Checked, FlowView, Stop};
use cargo_custody::graph::images::ImageView;
use cargo_custody::graph::kinds::card::Form;
use cargo_custody::graph::kinds::docker::InstructionKind;
use cargo_custody::graph::kinds::workflow::Step;
use cargo_custody::impostor::encode::{Popular, compile as compile_names};
use cargo_custody::impostor::{List, Names, gather, odd, resembles, resembles_owned};
use cargo_custody::lock;
use cargo_custody::outside::cached::Cached;
use cargo_custody::outside::hub::{Ask, Hubs, Manner, Reply, RepoKind, Request};
use cargo_custody::outside::live::Netrc;
use cargo_custody::outside::registry::record::{MAX_RELEASES, Record, Release};
use cargo_custody::outside::registry::{crates, pypi, refs, repository};
use cargo_custody::outside::{Answer, Oracle, Question};
use cargo_custody::parse::expression as expressions;
use cargo_custody::parse::index_cache as index_caches;
use cargo_custody::parse::licence::Licence;
use cargo_custody::parse::metadata::{self, Resolver};
use cargo_custody::parse::pep508::{self as pep508_format, address};
use cargo_custody::parse::shell::{self, Part, Program, Word};
use cargo_custody::parse::{
    Budget, Problem, ini as ini_format, json as json_format, marker, toml as toml_format, yaml as yaml_format,
};
use cargo_custody::read::{
    Facts, Outcome, Reader, actions_lock as actions_locks, agents, azure as azures, build_code, built,
    cards as model_cards, cargo_checksums as cargo_checksum_lists, cargo_config as cargo_configs,
    cargo_lock as cargo_locks, cargo_toml as cargo_tomls, command_files, conda, custody_toml as custody_tomls,
    dockerfile as dockerfiles, elsewhere, gitlab as gitlabs, ignores as ignored, pdm_lock as pdm_locks,
    pipfile as pipfiles, pipfile_lock as pipfile_locks, poetry_lock as poetry_locks, pylock as pylocks,
    pyproject as pyprojects, read_tree, requirements as requirements_files, script as scripts,
    settings as manager_settings_files, setup_cfg as setup_cfgs, setup_py as setup_pys, toolchain as toolchains,
    upkeep, uv_lock as uv_locks, workflow as workflows,
};
use cargo_custody::references;
use cargo_custody::report::{self, Format, Options};
use cargo_custody::scan;
use cargo_custody::sign;
use cargo_custody::source::objects::{Oid, Repository, changes};
use cargo_custody::source::{
    Bytes, DiskFolder, Embedded, FileId, Folder, RepoPath, SourceFile, Sources, Span, Tree, git,
};

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// All of them, by the name of their folders and programs.
pub const TARGETS: &[(&str, Target)] = &[
    ("action", action),
    ("actions_lock", actions_lock),
    ("agent_instructions", agent_instructions),
    ("agent_settings", agent_settings),
    ("advisory_table", advisory_table),
    ("advisory_text", advisory_text),
    ("azure_pipelines", azure_pipelines),
    ("bash", bash),
    ("cargo_checksums", cargo_checksums),
    ("bazel", bazel),
    ("binary", binary),
    ("build_script", build_script),
    ("cargo_config", cargo_config),
    ("cargo_lock", cargo_lock),
    ("cargo_metadata", cargo_metadata),
    ("cargo_toml", cargo_toml),
    ("cmake", cmake),
    ("compiled_code", compiled_code),
    ("carried_index", carried_index),
    ("code_owners", code_owners),
    ("compose", compose),
    ("codex_settings", codex_settings),
    ("conda_environment", conda_environment),
    ("conda_explicit", conda_explicit),
    ("conda_lock", conda_lock),
    ("baseline", baseline),
    ("custody_lock", custody_lock),
    ("custody_toml", custody_toml),
    ("openvex", openvex),
    ("purl", purl),
    ("affected_document", affected_document),
    ("affected_list", affected_list),
    ("sbom_cyclonedx", sbom_cyclonedx),
    ("sbom_spdx2", sbom_spdx2),
    ("sbom_spdx3", sbom_spdx3),
    ("sbom_validate", sbom_validate),
    ("manager_settings", manager_settings),
    ("dependabot", dependabot),
    ("devcontainer", devcontainer),
    ("dockerfile", dockerfile),
    ("line_files", line_files),
    ("expression", expression),
    ("escape", escape),
    ("flow", flow),
    ("git_index", git_index),
    ("git_loose", git_loose),
    ("git_pack", git_pack),
    ("git_tree", git_tree),
    ("pre_commit", pre_commit),
    ("names", names),
    ("index_cache", index_cache),
    ("licence", licence),
    ("gitlab_ci", gitlab_ci),
    ("ignores", ignores),
    ("ini", ini),
    ("justfile", justfile),
    ("makefile", makefile),
    ("netrc", netrc),
    ("notebook", notebook),
    ("loaded", loaded),
    ("nox", nox),
    ("osv_record", osv_record),
    ("osv_zip", osv_zip),
    ("package_json", package_json),
    ("pdm_lock", pdm_lock),
    ("pep440", pep440),
    ("pep508", pep508),
    ("pipfile_lock", pipfile_lock),
    ("pixi_lock", pixi_lock),
    ("pixi_toml", pixi_toml),
    ("poetry_lock", poetry_lock),
    ("powershell", powershell),
    ("pylock", pylock),
    ("pyproject", pyproject),
    ("python_metadata", python_metadata),
    ("python_script", python_script),
    ("redact", redact),
    ("hub_answers", hub_answers),
    ("registry_crates", registry_crates),
    ("registry_pypi", registry_pypi),
    ("meson_wrap", meson_wrap),
    ("repository_refs", repository_refs),
    ("requirements", requirements),
    ("saved_audit", saved_audit),
    ("sdist", sdist),
    ("setup_py", setup_py),
    ("shell_script", shell_script),
    ("taskfile", taskfile),
    ("toml", toml),
    ("toolchain", toolchain),
    ("tox", tox),
    ("tree", tree),
    ("uv_lock", uv_lock),
    ("wheel", wheel),
    ("workflow", workflow),
    ("yaml", yaml),
    ("scan_file", scan_file),
    ("scan_pickle", scan_pickle),
    ("scan_weights_only", scan_weights_only),
    ("scan_zip", scan_zip),
    ("scan_tar", scan_tar),
    ("scan_seven_zip", scan_seven_zip),
    ("scan_stream", scan_stream),
    ("scan_safetensors", scan_safetensors),
    ("scan_gguf", scan_gguf),
    ("cards", cards),
    ("scan_npy", scan_npy),
    ("scan_onnx", scan_onnx),
    ("scan_tensorflow", scan_tensorflow),
    ("scan_tflite", scan_tflite),
    ("scan_coreml", scan_coreml),
    ("scan_xml", scan_xml),
    ("scan_hdf5", scan_hdf5),
    ("scan_keras", scan_keras),
    ("scan_template", scan_template),
    ("scan_tokenizer", scan_tokenizer),
    ("scan_repository", scan_repository),
    ("model_signature", model_signature),
];

/// The day the trees are audited on: 2026-11-23.
const NOW: i64 = 1_795_392_000;

/// A site that gives one answer to everything: a line of headers, `name: value` behind tabs, then the content.
struct OneAnswer(Reply);

impl Ask for OneAnswer {
    fn ask(&self, _: &Request) -> Result<Reply, String> {
        Ok(self.0.clone())
    }

    fn digest(&self, _: &str, _: u64) -> Result<([u8; 32], u64), String> {
        Err("nothing is fetched".to_owned())
    }
}

/// Answers of hubs and registries of images: paths of files stay inside their repository, digests are digests.
pub fn hub_answers(data: &[u8]) {
    let at = data.iter().position(|b| *b == b'\n').unwrap_or(0);
    let (first, bytes) = data.split_at(at);
    let first = String::from_utf8_lossy(first).into_owned();
    let code = first.get(..3).and_then(|code| code.parse().ok()).unwrap_or(200);
    let pair = |text: &str| text.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let headers = first.split('\t').filter_map(pair).collect();
    let one = OneAnswer(Reply { code, headers, bytes: bytes.to_vec() });
    let today = Date::new(2026, 11, 27).expect("a day");
    let hosts = ["docker.io".to_owned()].into();
    let hubs = Hubs::new(&one, Manner { today, hosts, at_once: 1 });
    let (kind, name, commit) = (RepoKind::Model, "a/b".to_owned(), "0".repeat(40));
    let answers = hubs.ask(&[
        Question::HubRevision { kind, name: name.clone(), revision: None },
        Question::HubFiles { kind, name, commit },
        Question::Image { reference: "a/b:1".to_owned() },
    ]);
    assert_eq!(answers.len(), 3);
    for answer in answers {
        match answer {
            Answer::HubRevision(facts) => {
                assert!(facts.commit.is_none_or(|commit| commit.len() == 40 && !commit.contains(['/', '.'])));
            }
            Answer::HubFiles(facts) => {
                for file in &facts.files {
                    assert!(file.path.split('/').all(|part| !matches!(part, "" | "." | "..")));
                    assert!(file.sha256.is_some() != file.missing.is_some());
                }
            }
            Answer::Image(digest) => assert_eq!(digest.len(), 71),
            _ => {}
        }
    }
}

/// What PyPI answers: a page of its index, and its documents about a name and about a file.
pub fn registry_pypi(data: &[u8]) {
    if let Ok(releases) = pypi::releases(data, "demo") {
        kept(Ecosystem::PyPi, releases);
    }
    if let Ok(about) = pypi::about(data) {
        assert!(about.repositories.len() <= 16 && about.owners.len() <= 64, "more than is taken");
        assert!(about.owners.is_sorted() && about.owners.iter().all(|owner| owner.len() <= 256));
    }
    if let Ok(Some(repository)) = pypi::publisher(data) {
        assert!(repository.starts_with("https://git") && repository.len() <= 256);
    }
}

/// What crates.io answers: lines of its index, and the documents of its site.
pub fn registry_crates(data: &[u8]) {
    let today = Date::new(2026, 11, 23).expect("a day");
    let mut record = Record::new("https://example.com", today, true);
    if let Ok(releases) = crates::releases(data, "demo") {
        record.releases = releases.clone();
        kept(Ecosystem::CratesIo, releases);
    }
    let _ = crates::about(data, &mut record);
    if let Ok(owners) = crates::owners(data) {
        assert!(owners.is_sorted() && owners.len() <= 64);
    }
    let _ = Record::read(data, "https://example.com", today);
}

/// Releases as they are kept: every one is found again, and facts of it can be told.
fn kept(ecosystem: Ecosystem, releases: BTreeMap<String, Release>) {
    let today = Date::new(2026, 11, 23).expect("a day");
    let mut record = Record::new("https://example.com", today, true);
    record.releases = releases;
    assert_eq!(Record::read(&record.write(), "https://example.com", today).as_ref(), Some(&record), "kept and read");
    assert!(record.releases.len() <= MAX_RELEASES, "more releases than are taken");
    for version in record.releases.keys().take(8) {
        assert!(version.len() <= 256, "a long version");
        let _ = record.facts(ecosystem, Some(version), "registry");
    }
}

/// What a repository advertises.
pub fn repository_refs(data: &[u8]) {
    for name in [None, Some("main"), Some("v1"), Some("refs/heads/main"), Some("")] {
        if let Ok(Some(commit)) = refs::find(data, name) {
            assert!(matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
    if let Ok(refs) = refs::read(data) {
        for (tag, commit) in refs.tags.iter().take(8) {
            assert!(refs.tags_of(commit).contains(tag), "a tag that leads nowhere");
        }
    }
    let text = String::from_utf8_lossy(data);
    let hosts = [String::from("github.com")].into();
    if let Some(address) = repository::to_ask(&text, &hosts) {
        assert!(address.starts_with("https://github.com/") && !address.contains(['@', '?', '#']));
    }
    if let Some(normal) = repository::normal(&text) {
        assert!(
            normal.matches('/').count() >= 2
                && repository::normal(&format!("https://{normal}")).as_ref() == Some(&normal)
        );
    }
}

/// YAML as a document.
pub fn yaml(data: &[u8]) {
    let file = source("a.yml", data);
    let mut budget = Budget::default();
    let limits = budget.clone();
    let out = yaml_format::parse(&file.text, &mut budget);
    problems(&file.text, &out.problems, &limits);
    let mut nodes = 0;
    for doc in &out.docs {
        node(&file.text, doc, &mut nodes);
    }
    assert!(nodes <= limits.items + limits.aliases, "{nodes} nodes");
    for comment in &out.comments {
        let place = span(&file.text, comment.span);
        assert!(file.text[place].starts_with('#'), "a comment without its sign");
    }
    for again in &out.duplicates {
        span(&file.text, again.first);
        span(&file.text, again.again);
    }
}

fn node(text: &str, node: &yaml_format::Node, nodes: &mut usize) {
    use yaml_format::NodeKind;
    *nodes += 1;
    span(text, node.span);
    span(text, node.place());
    if let Some(tag) = &node.tag {
        span(text, tag.span);
    }
    match &node.kind {
        NodeKind::Null => {}
        NodeKind::Scalar(scalar) => embedded(text, &scalar.text),
        NodeKind::Sequence(items) => items.iter().for_each(|item| self::node(text, item, nodes)),
        NodeKind::Mapping(entries) => {
            for entry in entries {
                self::node(text, &entry.key, nodes);
                self::node(text, &entry.value, nodes);
                span(text, entry.span());
            }
        }
    }
}

/// TOML as a document.
pub fn toml(data: &[u8]) {
    let file = source("a.toml", data);
    let mut budget = Budget::default();
    let limits = budget.clone();
    let out = toml_format::parse(&file.text, &mut budget);
    problems(&file.text, &out.problems, &limits);
    table(&file.text, &out.root);
    for again in &out.duplicates {
        span(&file.text, again.first);
        span(&file.text, again.again);
    }
    for comment in &out.comments {
        span(&file.text, comment.span);
    }
}

/// INI as a document, and a project in it.
pub fn ini(data: &[u8]) {
    let file = source("setup.cfg", data);
    let mut budget = Budget::default();
    let limits = budget.clone();
    let out = ini_format::parse(&file.text, &mut budget);
    problems(&file.text, &out.problems, &limits);
    for section in &out.sections {
        span(&file.text, section.header);
        span(&file.text, section.name.span);
        for entry in &section.options {
            span(&file.text, entry.span);
            span(&file.text, entry.text().span);
            for line in entry.lines() {
                span(&file.text, line.span);
            }
        }
    }
    read_file(&setup_cfgs::SetupCfgReader, &file);
}

fn table(text: &str, table: &toml_format::Table) {
    span(text, table.span);
    if let Some(header) = table.header {
        span(text, header);
    }
    for entry in table.entries() {
        span(text, entry.key.span);
        span(text, entry.span());
        value(text, &entry.value);
    }
}

fn value(text: &str, value: &toml_format::Value) {
    use toml_format::Kind;
    span(text, value.span);
    match &value.kind {
        Kind::String(inner) => embedded(text, inner),
        Kind::Array(items) => items.iter().for_each(|item| self::value(text, item)),
        Kind::Table(inner) => table(text, inner),
        _ => {}
    }
}

/// What `cargo metadata` prints. The library below panics over what cargo would not write; libFuzzer
/// counts that as a crash before it is caught, so `-close_fd_mask=2` and a look at the trace help.
pub fn cargo_metadata(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(read) = metadata::parse(text, &mut metadata::budget()) else { return };
    for resolver in [Resolver::V1, Resolver::V2] {
        if let Ok(classes) = read.classes(resolver) {
            assert_eq!(classes.len(), read.packages.len(), "a class for each package");
        }
    }
}

/// A script for bash, and what its commands do.
pub fn bash(data: &[u8]) {
    let file = source("a.sh", data);
    script(&file.text, &shell::parse(&file.text, &mut Budget::default()));
}

/// A script for PowerShell, and what its commands do.
pub fn powershell(data: &[u8]) {
    let file = source("a.ps1", data);
    script(&file.text, &shell::parse_powershell(&file.text, &mut Budget::default()));
}

/// The claims about a program, and the recognisers over it.
fn script(text: &str, program: &Program) {
    problems(text, &program.problems, &Budget::default());
    let commands = program.commands.len();
    let within = |range: &Range<usize>| {
        assert!(range.start <= range.end && range.end <= commands, "{range:?} of {commands} commands");
    };
    for (index, command) in program.commands.iter().enumerate() {
        bytes(text, &command.range);
        assert!(command.pipeline < program.pipelines.len(), "a pipeline that is not there");
        assert!(command.scope < program.scopes.len(), "a scope that is not there");
        let stages = program.pipelines[command.pipeline].stages.len();
        assert!(command.position < stages.max(1), "stage {} of {stages}", command.position);
        if let Some(at) = command.list {
            assert!(at.item < program.lists[at.list].items.len(), "an item that is not there");
        }
        let words = command.name.iter().chain(&command.args).chain(command.assignments.iter().map(|a| &a.value));
        for word in words.chain(command.redirects.iter().map(|r| &r.target)) {
            self::word(text, word, commands);
            let (shown, _) = program.show(word);
            assert!(program.resolve(word).is_none_or(|t| t == shown), "two readings of a word");
        }
        for assignment in &command.assignments {
            bytes(text, &assignment.range);
        }
        for heredoc in command.redirects.iter().filter_map(|r| r.heredoc.as_ref()) {
            bytes(text, heredoc);
        }
        assert!(program.scopes_of(index).count() <= program.scopes.len(), "scopes go in a circle");
        // Each takes a look at the whole script; `facts` knows how often that may be.
        if index < 100 {
            let _ = (commands::errexit_at(program, index), commands::pipefail_at(program, index));
            let _ = commands::is_fatal(program, index);
            for later in index + 1..commands.min(100) {
                let guarded = commands::guarded_by(program, index, later);
                assert!(!guarded || commands::prevents(program, index, later), "guarded and not prevented");
            }
        }
        if let Some(inner) = program.enter(index).filter(|_| index < 100) {
            entered(text, &inner, commands);
        }
    }
    program.pipelines.iter().flat_map(|p| &p.stages).for_each(within);
    program.lists.iter().flat_map(|l| &l.items).for_each(|item| within(&item.commands));
    for (index, scope) in program.scopes.iter().enumerate() {
        within(&scope.commands);
        assert!(scope.parent.is_none_or(|parent| parent < index), "scope {index} stands before its parent");
        if let Some(outer) = scope.parent.and_then(|parent| program.scopes.get(parent)) {
            let (inside, around) = (&scope.commands, &outer.commands);
            let nests = around.start <= inside.start && inside.end <= around.end;
            assert!(nests, "scope {index} reaches out of its parent: {inside:?} of {around:?}");
        }
        if let Some((pipeline, stage)) = scope.stage {
            assert!(stage < program.pipelines[pipeline].stages.len(), "a stage that is not there");
        }
        if let Some(at) = scope.list {
            assert!(at.item < program.lists[at.list].items.len(), "an item that is not there");
        }
    }
    for function in &program.functions {
        bytes(text, &function.range);
        within(&function.commands);
    }
    for expression in &program.expressions {
        bytes(text, &expression.range);
    }
    for act in acts(program) {
        bytes(text, &act.range);
        assert!(act.command < commands, "an act of no command");
    }
}

/// The claims about a function as a call finds it: it stands where it stood.
fn entered(text: &str, program: &Program, commands: usize) {
    assert!(program.commands.len() == commands, "a call moves commands");
    for act in commands::facts(program) {
        bytes(text, &act.range);
        assert!(act.command < commands, "an act of no command");
    }
    for command in 0..commands.min(50) {
        let _ = (commands::is_fatal(program, command), program.enter(command).is_some());
    }
}

fn acts(program: &Program) -> Vec<commands::Act> {
    let acts = commands::facts(program);
    for (from, to) in commands::pipe_to_interpreter(program, &acts) {
        assert!(from < acts.len() && to < acts.len(), "a pipe of no act");
    }
    acts
}

fn word(text: &str, word: &Word, commands: usize) {
    bytes(text, &word.range);
    for part in &word.parts {
        if let Part::Substitution(range) | Part::ProcessSubstitution(range) = part {
            assert!(range.start <= range.end && range.end <= commands, "{range:?} of {commands} commands");
        }
    }
}

/// A workflow.
pub fn workflow(data: &[u8]) {
    read(&workflows::WorkflowReader, ".github/workflows/a.yml", data);
}

/// A pipeline of GitLab, or a component.
pub fn gitlab_ci(data: &[u8]) {
    read(&gitlabs::GitlabReader, ".gitlab-ci.yml", data);
}

/// A pipeline of Azure, or a template.
pub fn azure_pipelines(data: &[u8]) {
    read(&azures::AzureReader, "azure-pipelines.yml", data);
}

/// An `action.yml`.
pub fn action(data: &[u8]) {
    read(&workflows::ActionReader, "action.yml", data);
    let text = String::from_utf8_lossy(data);
    for path in ["action.yml", ".github/workflows/a.yml"] {
        if let Ok((uses, _)) = elsewhere::definition(path, &text) {
            assert!(uses.iter().all(|(_, line)| *line >= 1), "a line before the first");
        }
    }
}

/// An expression: the places of its parts lie in each other, and a workflow that pastes it is judged.
pub fn expression(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(found) = expressions::parse(&text) {
        for part in found.all() {
            bytes(&text, &part.range);
            assert!(found.range.start <= part.range.start && part.range.end <= found.range.end, "{part:?}");
        }
    }
    let mut end = 0;
    for (all, inner) in expressions::embedded(&text) {
        bytes(&text, &all);
        bytes(&text, &inner);
        assert!(end <= all.start && all.start <= inner.start && inner.end <= all.end, "{all:?} {inner:?}");
        end = all.end;
    }
    // As one line of a script, of a condition and of a variable.
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    let quoted = line.replace('\\', "\\\\").replace('"', "\\\"");
    let workflow = format!(
        "=== .github/workflows/a.yml\non: pull_request_target\nenv:\n  A: \"${{{{ {quoted} }}}}\"\njobs:\n  a:\n    if: \"{quoted}\"\n    steps:\n      - id: s\n        run: \"echo a=${{{{ {quoted} }}}} >> $GITHUB_OUTPUT\"\n      - run: \"eval ${{{{ {quoted} }}}} ${{{{ env.A }}}} ${{{{ steps.s.outputs.a }}}}\"\n"
    );
    tree(workflow.as_bytes());
}

/// GitHub's lock of actions.
pub fn actions_lock(data: &[u8]) {
    read(&actions_locks::ActionsLockReader, ".github/workflows/actions.lock", data);
}

/// Settings of agents and editors, in all their forms.
pub fn agent_settings(data: &[u8]) {
    for path in [
        ".mcp.json",
        ".claude/settings.json",
        ".gemini/settings.json",
        "opencode.json",
        ".cursor/hooks.json",
        ".cursor/environment.json",
        ".cursor/worktrees.json",
        ".vscode/tasks.json",
        ".vscode/settings.json",
    ] {
        read(&agents::SettingsReader, path, data);
    }
}

/// `.codex/config.toml`.
pub fn codex_settings(data: &[u8]) {
    read(&agents::CodexReader, ".codex/config.toml", data);
}

/// `devcontainer.json`.
pub fn devcontainer(data: &[u8]) {
    read(&agents::DevcontainerReader, ".devcontainer/devcontainer.json", data);
}

/// Instructions for agents.
pub fn agent_instructions(data: &[u8]) {
    read(&agents::InstructionsReader, ".claude/commands/a.md", data);
}

/// `.github/dependabot.yml`.
pub fn dependabot(data: &[u8]) {
    read(&upkeep::DependabotReader, ".github/dependabot.yml", data);
}

/// `.pre-commit-config.yaml`.
pub fn pre_commit(data: &[u8]) {
    read(&upkeep::PreCommitReader, ".pre-commit-config.yaml", data);
}

/// `CODEOWNERS`.
pub fn code_owners(data: &[u8]) {
    read(&upkeep::CodeOwnersReader, "CODEOWNERS", data);
}

/// `.gitattributes`, `.gitignore`, `.gitmodules` and what other tools pass over.
pub fn line_files(data: &[u8]) {
    read(&cargo_custody::read::lines::LinesReader, ".gitattributes", data);
}

/// A Dockerfile.
pub fn dockerfile(data: &[u8]) {
    read(&dockerfiles::DockerfileReader, "Dockerfile", data);
}

/// `Cargo.toml`.
pub fn cargo_toml(data: &[u8]) {
    read(&cargo_tomls::CargoTomlReader, "Cargo.toml", data);
}

/// `Cargo.lock`.
pub fn cargo_lock(data: &[u8]) {
    read(&cargo_locks::CargoLockReader, "Cargo.lock", data);
}

/// `.cargo-checksum.json` of a vendored crate.
pub fn cargo_checksums(data: &[u8]) {
    read(&cargo_checksum_lists::CargoChecksumsReader, "vendor/a/.cargo-checksum.json", data);
}

/// A crate's file in cargo's cache of an index. No row speaks for a version that nobody asked for.
pub fn index_cache(data: &[u8]) {
    let wanted = BTreeSet::from(["1.0.0", "0.1.0"]);
    if let Ok((releases, problems)) = index_caches::releases(data, &wanted, &mut Budget::default()) {
        assert!(releases.iter().all(|release| wanted.contains(release.version.as_str())), "a version of its own");
        assert!(problems.iter().all(|problem| problem.span.end <= data.len() as u64), "a place beyond the file");
    }
}

/// A licence expression. What takes every licence is always content, what takes none never is.
pub fn licence(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(read) = Licence::parse(text) else { return };
    assert!(read.is_met(&|_| true) && !read.is_met(&|_| false), "{text}");
    assert!(!read.terms().is_empty(), "{text}");
}

/// `.cargo/config.toml`.
pub fn cargo_config(data: &[u8]) {
    read(&cargo_configs::CargoConfigReader, ".cargo/config.toml", data);
}

/// `custody.toml`, and what its declarations make of addresses.
pub fn custody_toml(data: &[u8]) {
    read(&custody_tomls::CustodyTomlReader, "custody.toml", data);
    // Another file's policy, put together; every origin names a value of it, and every pattern ends.
    let text = String::from_utf8_lossy(data).into_owned();
    let Ok(outside) = config::Outside::read("org.toml", text, String::new()) else { return };
    let policy = config::Effective::of(None, None, &Sources::default(), Some(&outside));
    assert!(policy.origins.iter().all(|origin| !origin.key.is_empty() && !origin.from.is_empty()));
    assert!(policy.waivers.iter().all(|waiver| waiver.from.starts_with("org.toml line ")));
    for path in ["", "a", "a/b/c", "docs/a.md"] {
        let _ = policy.service([path], Some("registry.example.com/a:1@sha256:00"));
        for entry in &policy.roles {
            let _ = config::glob::fits(entry.glob.as_str(), path);
        }
    }
    for threshold in policy.gate.rules.keys() {
        let _ = policy.gate.threshold("pinning", threshold, None);
    }
}

/// `custody.lock`: places lie in the file, and what is understood is written as it is read.
pub fn custody_lock(data: &[u8]) {
    let read = lock::read(data);
    for mistake in read.mistakes.iter().chain(read.broken.values()).chain(read.places.values()) {
        assert!(mistake.span.start <= mistake.span.end && mistake.span.end <= data.len() as u64, "{mistake:?}");
        assert!(mistake.line >= 1, "{mistake:?}");
    }
    if read.mistakes.is_empty() && read.broken.is_empty() {
        let text = read.lock.to_text();
        let again = lock::read_text(&text);
        assert_eq!(again.lock, read.lock, "{text}");
        assert_eq!(again.lock.to_text(), text);
        assert_eq!(lock::diff(&read.lock, &again.lock), []);
    }
}

/// What somebody says of known flaws.
pub fn openvex(data: &[u8]) {
    use cargo_custody::read::vex;
    let mut budget = Budget::default();
    let lines = 1 + data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let in_file = |line: u32| assert!(line >= 1 && usize::try_from(line).expect("small") <= lines, "line {line}");
    match vex::read("openvex.json", data.to_vec(), &mut budget) {
        Ok(file) => {
            let mut files = [file];
            vex::link(&mut files);
            let [file] = &files;
            file.problems.iter().for_each(|(line, _)| in_file(*line));
            for statement in &file.statements {
                in_file(statement.line);
                assert!(!statement.flaws.is_empty() && !statement.products.is_empty());
                for purl in statement.products.iter().flat_map(|p| p.purl.iter().chain(&p.parts)) {
                    assert!(purl.covers(purl), "{purl:?} is not itself");
                }
            }
        }
        Err((line, _)) => in_file(line),
    }
}

/// A package URL: its one spelling is read as it was.
pub fn purl(data: &[u8]) {
    use cargo_custody::sbom::purl::Purl;
    let text = String::from_utf8_lossy(data);
    let _ = Purl::legal(&text);
    if let Some(purl) = Purl::parse(&text) {
        assert!(purl.covers(&purl), "{purl:?} is not itself");
        let written = purl.to_string();
        let again = Purl::parse(&written).expect("what is written is read");
        assert_eq!(again.to_string(), written, "{text}");
    }
}

/// A stored document that is asked: each question gets one answer, or it is no document.
pub fn affected_document(data: &[u8]) {
    use cargo_custody::affected::Asked;
    use cargo_custody::affected::documents::{Documents, Told};
    let asked = ["litellm@1.82.7", "acme/tool@v1", "python:3.12", "host:example.com"];
    let questions: Vec<Asked> = asked.iter().map(|text| Asked::parse(text).expect("a target")).collect();
    if let Told::Answers(answers) = Documents::new(&questions).ask("bom.json", data) {
        assert_eq!(answers.len(), questions.len());
        assert!(answers.iter().all(|answer| !answer.why.is_empty() && answer.who == "bom.json"));
    }
}

/// A list of what to look for: what is told lies in it, and what is asked says how it is asked again.
pub fn affected_list(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
    let list = cargo_custody::affected::ioc::read(&text);
    assert!(list.problems.iter().all(|(line, why)| *line <= lines && !why.is_empty()));
    assert!(list.asked.iter().all(|asked| !asked.targets.is_empty()));
    for line in text.lines().take(64) {
        let _ = cargo_custody::affected::target::parse(line);
        let _ = cargo_custody::affected::when::moment(line);
        if let Some(versions) = cargo_custody::affected::versions::Versions::parse(line) {
            let _ = (versions.covers(Some("pypi"), line), versions.admitted_by(Some("cargo"), line));
        }
    }
}

/// A bill of materials as SPDX 2: JSON, or tags and values.
pub fn sbom_spdx2(data: &[u8]) {
    spdx(data);
}

/// A bill of materials as SPDX 3.
pub fn sbom_spdx3(data: &[u8]) {
    spdx(data);
}

/// What is understood of it is written, and what was written is read without a problem.
fn spdx(data: &[u8]) {
    use cargo_custody::sbom::read;
    use cargo_custody::sbom::write::spdx::write;
    let lines = 1 + data.iter().filter(|byte| **byte == b'\n').count();
    let in_file = |line: u32| assert!(line >= 1 && usize::try_from(line).expect("small") <= lines, "line {line}");
    match read::read(data) {
        Ok(read) => {
            read.problems.iter().for_each(|problem| in_file(problem.line));
            let mut out = Vec::new();
            write(&read.bom, &mut out).expect("a vector takes everything");
            let again = read::read(&out).expect("what is written is read");
            assert_eq!(again.problems, [], "{}", String::from_utf8_lossy(data));
        }
        Err(problem) => in_file(problem.line),
    }
}

/// A bill of materials as CycloneDX: what is understood of it is written, and read again.
pub fn sbom_cyclonedx(data: &[u8]) {
    use cargo_custody::sbom::read;
    use cargo_custody::sbom::write::cyclonedx::{Version, write};
    let lines = 1 + data.iter().filter(|byte| **byte == b'\n').count();
    let in_file = |line: u32| assert!(line >= 1 && usize::try_from(line).expect("small") <= lines, "line {line}");
    let is_wide = data.starts_with(&[0xFF, 0xFE]) || data.starts_with(&[0xFE, 0xFF]);
    match read::read(data) {
        Ok(read) => {
            read.problems.iter().filter(|_| !is_wide).for_each(|problem| in_file(problem.line));
            let mut out = Vec::new();
            write(&read.bom, Version::V1_7, &mut out).expect("a vector takes everything");
            let again = read::read(&out).expect("what is written is read");
            assert_eq!(again.bom.components.len(), read.bom.components.len());
        }
        Err(problem) => assert!(is_wide || problem.line >= 1),
    }
}

/// A bill of materials, held against its format: every finding has a line of the file and says something.
pub fn sbom_validate(data: &[u8]) {
    use cargo_custody::sbom::validate;
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = 1 + text.matches('\n').count();
    let checked = validate::check(text, &mut validate::budget());
    for finding in &checked.findings {
        let line = usize::try_from(finding.line).expect("small");
        assert!((1..=lines).contains(&line) && !finding.message.is_empty(), "{finding:?}");
        assert!(finding.pointer.is_empty() || finding.pointer.starts_with('/'), "{finding:?}");
    }
    assert!(!checked.is_valid() || checked.fits_schema());
}

/// A file of accepted findings.
pub fn baseline(data: &[u8]) {
    use cargo_custody::gate::read_baseline;
    let Ok(text) = std::str::from_utf8(data) else { return };
    match read_baseline(text) {
        Ok(file) => assert_eq!(read_baseline(&file.text().expect("text")), Ok(file), "not what was written"),
        Err(broken) => assert!(broken.line >= 1),
    }
}

/// The settings of pip and uv, and the upload targets.
pub fn manager_settings(data: &[u8]) {
    read(&manager_settings_files::PipConfReader, "pip.conf", data);
    read(&manager_settings_files::UvTomlReader, "uv.toml", data);
    read(&manager_settings_files::PypircReader, ".pypirc", data);
}

/// `rust-toolchain.toml`, and the older form of one line.
pub fn toolchain(data: &[u8]) {
    read(&toolchains::ToolchainReader, "rust-toolchain.toml", data);
    read(&toolchains::ToolchainReader, "rust-toolchain", data);
}

/// A requirement or a marker of Python's.
pub fn pep508(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let inside = |range: Range<usize>| assert!(text.get(range.clone()).is_some(), "{range:?} cuts a character");
    match pep508_format::parse(&text) {
        Err(wrong) => assert!(text.is_char_boundary(wrong.at), "{wrong:?}"),
        Ok(parsed) => {
            assert!(pep508_format::is_name(&text[parsed.name.clone()]));
            parsed.extras.into_iter().chain(parsed.specifiers).chain(parsed.url).for_each(inside);
            if let Some(range) = parsed.marker {
                let allowed = marker::marker_allows_somewhere(&text[range.clone()]);
                assert!(marker::parse(&text[range]).is_ok(), "{allowed:?} of what is no marker");
            }
        }
    }
    if let Err(wrong) = marker::parse(&text) {
        assert!(text.is_char_boundary(wrong.at), "{wrong:?}");
    }
    let found = address::split(&text);
    [Some(found.target), found.revision, found.egg, found.hash].into_iter().flatten().for_each(inside);
    address::wheel(&text).into_iter().for_each(|(name, version)| {
        inside(name);
        inside(version);
    });
}

/// A requirements file, by its name and by its beginning.
pub fn requirements(data: &[u8]) {
    let path = RepoPath::new("requirements.txt").expect("a path");
    let reader = requirements_files::RequirementsReader;
    for path in ["requirements/a.txt", "server/req.txt"] {
        reader.claims_head(&RepoPath::new(path).expect("a path"), data);
    }
    assert!(reader.claims(&path));
    read_file(&reader, &SourceFile::decoded(FileId(0), path, data.to_vec()));
}

/// `pyproject.toml`.
pub fn pyproject(data: &[u8]) {
    read(&pyprojects::PyProjectReader, "pyproject.toml", data);
}

/// A script with inline metadata.
pub fn python_script(data: &[u8]) {
    let file = source("a.py", data);
    scripts::ScriptReader.claims_head(&file.path, data);
    read_file(&scripts::ScriptReader, &file);
}

/// A Makefile.
pub fn makefile(data: &[u8]) {
    read(&command_files::MakeReader, "Makefile", data);
}

/// A justfile.
pub fn justfile(data: &[u8]) {
    read(&command_files::JustReader, "justfile", data);
}

/// A notebook.
pub fn notebook(data: &[u8]) {
    let file = source("a.ipynb", data);
    command_files::NotebookReader.claims_head(&file.path, data);
    read_file(&command_files::NotebookReader, &file);
}

/// A Compose file.
pub fn compose(data: &[u8]) {
    by_head(&command_files::ComposeReader, "compose.yaml", data);
}

/// `package.json`.
pub fn package_json(data: &[u8]) {
    by_head(&command_files::PackageJsonReader, "package.json", data);
}

/// A Taskfile.
pub fn taskfile(data: &[u8]) {
    by_head(&command_files::TaskReader, "Taskfile.yml", data);
}

/// A reader that looks into a file before it claims it.
fn by_head(reader: &dyn Reader, path: &str, data: &[u8]) {
    let file = source(path, data);
    reader.claims_head(&file.path, data);
    read_file(reader, &file);
}

/// A shell script.
pub fn shell_script(data: &[u8]) {
    let file = source("a.sh", data);
    command_files::ShellReader.claims_head(&file.path, data);
    read_file(&command_files::ShellReader, &file);
}

/// `noxfile.py`.
pub fn nox(data: &[u8]) {
    read(&command_files::NoxReader, "noxfile.py", data);
}

/// `tox.ini` and `tox.toml`, whatever it is.
pub fn tox(data: &[u8]) {
    read(&command_files::ToxReader, "tox.ini", data);
    read(&command_files::ToxTomlReader, "tox.toml", data);
}

/// `uv.lock`.
pub fn uv_lock(data: &[u8]) {
    read(&uv_locks::UvLockReader, "uv.lock", data);
}

/// conda's `environment.yml`.
pub fn conda_environment(data: &[u8]) {
    let reader = conda::environment::CondaEnvironmentReader;
    let file = source("environment.yml", data);
    reader.claims_head(&file.path, data);
    read_file(&reader, &file);
}

/// conda's explicit lists, and lists of specifications.
pub fn conda_explicit(data: &[u8]) {
    let reader = conda::explicit::ExplicitListReader;
    let file = source("conda-linux-64.lock", data);
    reader.claims_head(&file.path, data);
    read_file(&reader, &file);
}

/// `conda-lock.yml`.
pub fn conda_lock(data: &[u8]) {
    read(&conda::lock::CondaLockReader, "conda-lock.yml", data);
}

/// `pixi.toml`.
pub fn pixi_toml(data: &[u8]) {
    read(&conda::pixi::PixiReader, "pixi.toml", data);
}

/// `pixi.lock`.
pub fn pixi_lock(data: &[u8]) {
    read(&conda::pixi_lock::PixiLockReader, "pixi.lock", data);
}

/// `poetry.lock`.
pub fn poetry_lock(data: &[u8]) {
    read(&poetry_locks::PoetryLockReader, "poetry.lock", data);
}

/// A wheel.
pub fn wheel(data: &[u8]) {
    read(&built::wheel::WheelReader, "demo-1.0-py3-none-any.whl", data);
}

/// A source distribution.
pub fn sdist(data: &[u8]) {
    for path in ["demo-1.0.tar.gz", "demo-1.0.zip"] {
        let path = RepoPath::new(path).expect("a path");
        built::sdist::SdistReader.claims_head(&path, data.get(..4096).unwrap_or(data));
        read_file(&built::sdist::SdistReader, &SourceFile::binary(FileId(0), path, data.to_vec()));
    }
}

/// Files of an installed distribution, and a `.pth` file.
pub fn python_metadata(data: &[u8]) {
    read(&built::installed::MetadataReader, "demo-1.0.dist-info/METADATA", data);
    read(&built::installed::RecordReader, "demo-1.0.dist-info/RECORD", data);
    read(&built::installed::DirectUrlReader, "demo-1.0.dist-info/direct_url.json", data);
    let path = RepoPath::new("demo.pth").expect("a path");
    built::path_file::PathFileReader.claims_head(&path, data);
    read_file(&built::path_file::PathFileReader, &SourceFile::decoded(FileId(0), path, data.to_vec()));
}

/// A program or library.
pub fn binary(data: &[u8]) {
    let path = RepoPath::new("app").expect("a path");
    if built::binary::BinaryReader.claims_head(&path, data.get(..8).unwrap_or(data)) {
        read_file(&built::binary::BinaryReader, &SourceFile::binary(FileId(0), path, data.to_vec()));
    }
}

/// CMake's files.
pub fn cmake(data: &[u8]) {
    read(&build_code::CMakeReader, "CMakeLists.txt", data);
}

/// Bazel's `WORKSPACE` and its kin.
pub fn bazel(data: &[u8]) {
    read(&build_code::BazelReader, "WORKSPACE", data);
}

/// A wrap of Meson.
pub fn meson_wrap(data: &[u8]) {
    read(&build_code::WrapReader, "subprojects/a.wrap", data);
}

/// A build script of a crate, and the same text as a hook of a Python build.
pub fn build_script(data: &[u8]) {
    read(&build_code::RustScriptReader, "build.rs", data);
    read(&build_code::BuildHookReader, "hatch_build.py", data);
}

/// Archives of Java and packages of systems, told by their first bytes.
pub fn compiled_code(data: &[u8]) {
    let path = RepoPath::new("a.jar").expect("a path");
    if built::opaque::OpaqueReader.claims_head(&path, data.get(..24).unwrap_or(data)) {
        read_file(&built::opaque::OpaqueReader, &SourceFile::binary(FileId(0), path, data.to_vec()));
    }
}

/// What other tools are told to ignore.
pub fn ignores(data: &[u8]) {
    for path in ["deny.toml", ".cargo/audit.toml", "osv-scanner.toml"] {
        read(&ignored::IgnoresReader, path, data);
    }
    let file = source("a.yml", data);
    let text = file.text.clone();
    for ignore in ignored::inline(&Sources::new(vec![file]), &[]) {
        span(&text, ignore.span);
        span(&text, ignore.whole);
        for rule in &ignore.rules {
            assert_eq!(text[span(&text, rule.span)], rule.value);
        }
        for part in ignore.until.iter().chain(&ignore.reason) {
            assert_eq!(text[span(&text, part.span)], part.value);
        }
        assert!(ignore.target.is_none_or(|line| line >= ignore.line), "it speaks of what stands above it");
    }
}

/// `pdm.lock`, and a `Pipfile` of the same bytes.
pub fn pdm_lock(data: &[u8]) {
    read(&pdm_locks::PdmLockReader, "pdm.lock", data);
    read(&pipfiles::PipfileReader, "Pipfile", data);
}

/// JSON as a document, and the `Pipfile.lock` in it.
pub fn pipfile_lock(data: &[u8]) {
    let file = source("Pipfile.lock", data);
    let mut budget = Budget::default();
    let limits = budget.clone();
    let out = json_format::parse(&file.text, &mut budget);
    problems(&file.text, &out.problems, &limits);
    every_span(&file.text, &format!("{:?}", out.root));
    read_file(&pipfile_locks::PipfileLockReader, &file);
}

/// A lock in the common format.
pub fn pylock(data: &[u8]) {
    read(&pylocks::PylockReader, "pylock.toml", data);
}

/// `setup.py`.
pub fn setup_py(data: &[u8]) {
    read(&setup_pys::SetupPyReader, "setup.py", data);
}

fn read(reader: &dyn Reader, path: &str, data: &[u8]) {
    let file = if reader.takes_bytes() {
        SourceFile::binary(FileId(0), RepoPath::new(path).expect("a path"), data.to_vec())
    } else {
        source(path, data)
    };
    assert!(reader.claims(&file.path), "{path} is not read by {}", reader.id());
    read_file(reader, &file);
}

fn read_file(reader: &dyn Reader, file: &SourceFile) {
    let mut facts = Facts::default();
    let limits = Budget::default();
    reader.read(file, &mut limits.clone(), &mut facts);
    for problem in &facts.problems {
        span(&file.text, problem.span);
    }
    for document in &facts.documents {
        every_span(&file.text, &format!("{document:?}"));
        match document {
            Document::Workflow(workflow) => {
                workflow.jobs.iter().flat_map(|job| &job.steps).for_each(|step| self::step(&file.text, step));
            }
            Document::Dockerfile(dockerfile) => {
                for instruction in dockerfile.stages.iter().flat_map(|stage| &stage.instructions) {
                    if let InstructionKind::Run { script, .. } | InstructionKind::Start(script) = &instruction.kind {
                        self::script(&script.text.text, &script.program);
                        for command in &script.program.commands {
                            span(&file.text, script.text.host_span(command.range.clone()));
                        }
                    }
                }
            }
            Document::Commands(commands) => {
                for script in commands.blocks.iter().filter_map(|block| block.script.as_ref()) {
                    self::script(&script.text.text, &script.program);
                    for command in &script.program.commands {
                        span(&file.text, script.text.host_span(command.range.clone()));
                    }
                }
            }
            Document::Action(action) => action.steps.iter().for_each(|step| self::step(&file.text, step)),
            Document::Agent(_) | Document::Hooks(_) => {
                for script in document.scripts() {
                    self::script(&script.text.text, &script.program);
                    for command in &script.program.commands {
                        span(&file.text, script.text.host_span(command.range.clone()));
                    }
                }
            }
            _ => {}
        }
    }
}

fn step(text: &str, step: &Step) {
    let Some(run) = &step.run else { return };
    script(&run.text.text, &run.program);
    for command in &run.program.commands {
        span(text, run.text.host_span(command.range.clone()));
    }
}

/// Every place that a document shows when it is printed for us, so that no field is forgotten.
/// What a string says is passed over, and so are problems of a script: their places are the script's.
fn every_span(text: &str, shown: &str) {
    const START: &str = "Span { start: ";
    let mut rest = shown;
    while let Some(at) = rest.find(['"', 'S']) {
        let (before, here) = rest.split_at(at);
        if let Some(string) = here.strip_prefix('"') {
            let mut escaped = false;
            let end = string.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |end| &string[end + 1..]);
        } else if let Some(inner) = here.strip_prefix(START) {
            let numbers = inner.split_once(" }").and_then(|(numbers, _)| numbers.split_once(", end: "));
            let place =
                numbers.and_then(|(start, end)| Some(Span { start: start.parse().ok()?, end: end.parse().ok()? }));
            if let Some(place) = place.filter(|_| !before.ends_with("Problem { span: ")) {
                span(text, place);
            }
            rest = inner;
        } else {
            rest = &here[1..];
        }
    }
}

/// A tree of several files, from the first byte to every report. A line `=== path` begins a file.
pub fn tree(data: &[u8]) {
    let mut files: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
    let mut current = None;
    for line in data.split_inclusive(|b| *b == b'\n') {
        if let Some(path) = line.strip_prefix(b"=== ") {
            current = RepoPath::new(String::from_utf8_lossy(path).trim()).filter(|p| !p.is_root());
            if let Some(path) = &current {
                files.entry(path.clone()).or_default();
            }
        } else if let Some(content) = current.as_ref().and_then(|path| files.get_mut(path)) {
            content.extend_from_slice(line);
        }
    }
    let tree = Tree::from_memory("example", files);
    let reading = read_tree(&tree, 1, &|_, _| {});
    for file in &reading.files {
        if let Outcome::Unread(why) = &file.outcome {
            assert!(!why.contains("a bug of cargo-custody"), "{}: {why}", file.path.as_str());
        }
    }
    let checked = check::run(&tree, &reading, &Cached::new(Index::embedded()));
    assert!(checked.failed_rules.is_empty(), "rules failed: {:?}", checked.failed_rules);
    let mut out = Vec::new();
    report::graph::json(&checked.graph, &reading.sources, &mut out).expect("memory takes everything");
    serde_json::from_slice::<serde_json::Value>(&out).expect("the graph is JSON");
    report::graph::dot(&checked.graph, &mut out).expect("memory takes everything");
    report::graph::mermaid(&checked.graph, &mut out).expect("memory takes everything");
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    let mut audit = assemble(Input { tree: &tree, reading: &reading, checked: &checked, knowledge, policy: None });
    let saved = render(&audit);
    // How far a gap reaches is for the comparison with a base, and is not saved.
    audit.coverage.gaps.iter_mut().for_each(|gap| gap.lost = None);
    assert_eq!(saved, audit, "saving lost something");
    assert_eq!(saved.exit_code(), audit.exit_code());
}

/// The files of [`flow`], one for each piece between lines `===`.
const FLOW_FILES: &[&str] = &[
    ".github/workflows/w.yml",
    "build.sh",
    "Makefile",
    "Dockerfile",
    "tools/action.yml",
    "package.json",
    "lib/common.sh",
    "Taskfile.yml",
];

/// What becomes of downloads in a workflow, a script, a Makefile and more that call each other.
pub fn flow(data: &[u8]) {
    let mut pieces: Vec<Vec<u8>> = vec![Vec::new()];
    for line in data.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii_end() == b"===" {
            pieces.push(Vec::new());
        } else if let Some(last) = pieces.last_mut() {
            last.extend_from_slice(line);
        }
    }
    let files: BTreeMap<RepoPath, Vec<u8>> =
        FLOW_FILES.iter().zip(pieces).filter_map(|(path, text)| Some((RepoPath::new(path)?, text))).collect();
    let paths: BTreeSet<RepoPath> = files.keys().cloned().collect();
    let tree = Tree::from_memory("example", files);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let images = ImageView::build(&reading.documents, &reading.sources, &paths);
    let view = FlowView::build(&reading.documents, &reading.sources, &paths, &images);
    let stop = |at: &Stop<'_>| {
        for place in at.calls.iter().map(|(_, place)| *place).chain([at.place]) {
            let text = reading.sources.get(place.file).expect("a file of the tree").text.as_str();
            span(text, place.span);
        }
        assert!(at.script.is_none() || at.act().is_some(), "an act that its script does not have");
    };
    for (index, routine) in view.routines.iter().enumerate() {
        assert_eq!(view.by_home(routine.home), Some(index), "two routines of one home");
    }
    assert!(view.downloads.is_sorted_by_key(|d| d.routine), "downloads out of order");
    for download in &view.downloads {
        stop(&download.at);
        assert!(download.routine < view.routines.len());
        for usage in &download.uses {
            stop(&usage.at);
            assert!(usage.routine < view.routines.len());
            if let Checked::Flawed { at, .. } | Checked::Yes { at, .. } = &usage.check {
                stop(at);
            }
        }
    }
}

/// An audit that somebody saved, or says so.
pub fn saved_audit(data: &[u8]) {
    let Ok(audit) = serde_json::from_slice::<Audit>(data) else { return };
    assert_eq!(render(&audit), audit, "saving lost something");
}

/// Every report of an audit; gives back the audit that the JSON holds.
fn render(audit: &Audit) -> Audit {
    let plain = Options::default;
    let full = || Options { all: true, snippets: true, ..plain() };
    let screens = [
        plain(),
        full(),
        Options { width: Some(80), as_cargo: true, folder: Some("a b"), ..plain() },
        Options { width: Some(1), ..full() },
        Options { width: Some(0), ..plain() },
    ];
    for options in screens {
        let text = rendered(audit, Format::Terminal, &options);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a control character on the terminal");
        assert!(!text.contains("##["), "a command to the runner");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "a command to the runner");
    }
    rendered(audit, Format::Terminal, &Options { colour: true, width: Some(80), ..full() });
    for format in [Format::Github, Format::Markdown] {
        let text = rendered(audit, format, &plain());
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!text.contains(control), "a control character in {format:?}");
    }
    let sarif = rendered(audit, Format::Sarif, &plain());
    serde_json::from_str::<serde_json::Value>(&sarif).expect("SARIF is JSON");
    serde_json::from_str(&rendered(audit, Format::Json, &plain())).expect("the JSON is an audit")
}

fn rendered(audit: &Audit, format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    report::render(audit, format, options, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The name of an object by its number; contents are not checked against names.
fn object(number: u8) -> Option<Oid> {
    Oid::from_hex(&format!("{number:02x}").repeat(20))
}

/// Lists and reads what a commit holds, twice, and compares.
fn list_objects(repository: Repository, commit: &Oid) {
    let repository = std::sync::Arc::new(repository);
    let limits = cargo_custody::source::Limits { files: 2_000, ..cargo_custody::source::Limits::default() };
    let _ = repository.resolve(&format!("{commit}^{{commit}}~3"));
    let _ = repository.merge_base(commit, commit);
    let Ok(tree) = repository.tree(commit, &RepoPath::default(), limits) else { return };
    assert!(tree.entries.windows(2).all(|pair| pair[0].path < pair[1].path));
    let mut heads = tree.heads();
    for entry in &tree.entries {
        let (obstacle, size) = tree.look(entry);
        let read = tree.read_within(&entry.path, 1 << 16);
        if let Ok(bytes) = &read {
            assert!(obstacle.is_none() && size == bytes.len() as u64);
            if let Some(head) = heads.read(entry, 16) {
                assert!(bytes.starts_with(&head));
            }
        }
    }
    assert_eq!(changes(&tree, &tree).count(), 0);
}

/// The bytes of a loose object's file, as a commit, a tree and a blob at once.
pub fn git_loose(bytes: &[u8]) {
    let all = (1..=3).filter_map(|number| Some((object(number)?, bytes.to_vec()))).collect();
    let Some(first) = object(1) else { return };
    list_objects(Repository::from_memory("t", all, Vec::new()), &first);
}

/// The bytes of a tree object, whose entries may name it again or a file.
pub fn git_tree(bytes: &[u8]) {
    let file = |kind: &str, content: &[u8]| {
        let text = [format!("{kind} {}\0", content.len()).as_bytes(), content].concat();
        // Stored, not compressed: a header, one block of at most 65,535 bytes, and no checksum.
        let length = u16::try_from(text.len()).ok()?;
        let mut out = vec![0x78, 0x01, 0x01];
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(&text);
        let (mut low, mut high) = (1_u32, 0_u32);
        for byte in &text {
            low = (low + u32::from(*byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        out.extend(((high << 16) | low).to_be_bytes());
        Some(out)
    };
    let (Some(commit), Some(tree), Some(blob)) = (object(1), object(2), object(3)) else { return };
    let head = format!("tree {tree}\ncommitter A <a@example.com> 1 +0000\n\n");
    let files = [(commit, file("commit", head.as_bytes())), (tree, file("tree", bytes)), (blob, file("blob", b"../x"))];
    let all = files.into_iter().filter_map(|(id, file)| Some((id, file?))).collect();
    list_objects(Repository::from_memory("t", all, Vec::new()), &commit);
}

/// Two bytes that say how long the index is, the index, and the pack.
pub fn git_pack(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_at_checked(2) else { return };
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let (index, pack) = rest.split_at(length.min(rest.len()));
    let Some(first) = object(1) else { return };
    list_objects(Repository::from_memory("t", BTreeMap::new(), vec![(index.to_vec(), pack.to_vec())]), &first);
}

/// The index file of git.
pub fn git_index(data: &[u8]) {
    let mut state = git::GitState::default();
    git::decode(data, &mut state);
    for path in state.tracked.keys() {
        assert_eq!(RepoPath::new(path.as_str()).as_ref(), Some(path), "a path that leaves the tree");
    }
    assert!(state.problem.is_none() || state.tracked.is_empty(), "half an index");
}

/// A compiled table of advisories.
pub fn advisory_table(data: &[u8]) {
    let Ok(index) = Index::from_bytes(data.to_vec()) else { return };
    let sound = index.verify().is_ok();
    let _ = (index.digest_hex(), index.count(), index.size());
    for ecosystem in Ecosystem::ALL {
        let _ = (index.as_of(ecosystem), index.lookup(ecosystem, "hyper"), index.lookup(ecosystem, ""));
    }
    let all = index.all();
    if sound {
        let all = all.expect("a table that was verified can be read");
        assert_eq!(all.len(), index.count());
        look_up(&index, all.iter().take(64));
    } else {
        look_up(&index, all.unwrap_or_default().iter().take(64));
    }
}

/// Asks about what the table itself says of packages.
fn look_up<'a>(index: &Index, advisories: impl Iterator<Item = &'a Advisory>) {
    let releases = ["0.0.0", "1.2.3", "1.0.0-alpha.1", "18446744073709551615.0.0"];
    for advisory in advisories {
        for release in releases {
            let _ = match_crate(index, &advisory.package, &release.parse().expect("a version"));
            let _ = match_toolchain(index, release);
            let _ = match_action(index, &advisory.package, "", release);
            let _ = match_distribution(index, &advisory.package, release);
            let _ = python_versions::expose(index, &advisory.package, &format!("<={release}"));
        }
        let _ = match_action(index, "a/b", &advisory.package, "0123456789012345678901234567890123456789");
    }
}

/// The text that advisories are reviewed in, and the table made of it.
pub fn advisory_text(data: &[u8]) {
    let file = source("a.tsv", data);
    let Ok(sections) = text::parse(&file.text) else { return };
    let _ = text::print(&sections);
    compile(&sections, file.text);
}

/// What the builder made of a feed is written as text and read back by the build script.
fn write(sections: &[Section]) {
    let printed = text::print(sections);
    let again = text::parse(&printed).expect("what was printed can be read");
    assert_eq!(again.len(), sections.len(), "printing lost a section");
    for (again, section) in again.iter().zip(sections) {
        assert_eq!(again.advisories, section.advisories, "printing lost something");
    }
    compile(sections, printed);
}

fn compile(sections: &[Section], text: String) {
    let Ok(table) = build::table(&[("a.tsv".to_owned(), text)]) else { return };
    let index = Index::from_bytes(table).expect("our own table");
    index.verify().expect("our own table");
    let all = index.all().expect("our own table");
    // Records of one id and package are merged, so there may be fewer; none is lost.
    for advisory in sections.iter().flat_map(|s| &s.advisories) {
        let found = index.lookup(advisory.ecosystem, &advisory.package).expect("our own table");
        assert!(found.iter().any(|a| a.id == advisory.id), "compiling lost {}", advisory.id);
    }
    look_up(&index, all.iter().take(16));
}

/// One OSV record, as JSON and as YAML.
pub fn osv_record(data: &[u8]) {
    for name in ["a.json", "a.yaml"] {
        write(&build::from_osv_record(name, data, &origin()).sections);
    }
}

/// A zip of OSV records.
pub fn osv_zip(data: &[u8]) {
    if let Ok(built) = build::from_osv_zip(data, &origin()) {
        write(&built.sections);
    }
    let today = Date::parse("2026-04-21").expect("a date");
    for ecosystem in local::FETCHED {
        let Ok(feed) = local::feed(data, ecosystem, None, today) else { continue };
        assert!(feed.as_of <= today, "a feed of tomorrow");
        let again = local::kept(ecosystem, feed.text.clone(), None).expect("what was printed can be read");
        assert_eq!((again.records, &again.text), (feed.records, &feed.text), "keeping lost something");
        // Without the files laid over it, which are the same every time.
        compile(&text::parse(&feed.text).expect("our own text"), feed.text);
    }
}

/// An index in one file, as it is carried to another machine.
pub fn carried_index(data: &[u8]) {
    let Ok(carried) = unpack(data, Trust::Anybody) else { return };
    advisory_table(carried.index);
    assert!(unpack(data, Trust::Keys(&[])).is_err(), "nobody's signature is trusted");
    let again = pack(carried.index, "2026-04-21", None).expect("a file");
    assert_eq!(unpack(&again, Trust::Anybody).expect("our own file").index, carried.index);
}

/// Names of strangers, and lists of popular names: any text may be compared, and what is read as a list can
/// be written, read and looked up again.
pub fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let known = Names::embedded();
    for name in text.lines().take(64) {
        for list in List::ALL {
            if let Some(found) = resembles(&known, list, name) {
                assert!(found.points <= 100 && known.find(list, name).is_none());
            }
        }
        let (owner, repository) = name.split_once('/').unwrap_or((name, ""));
        let _ = (resembles_owned(&known, List::Models, owner, repository), odd(name));
    }
    let lists = [Popular::parse(&text).ok(), gather::popular(List::PyPi, "2026-11-26", &text).ok()];
    for list in lists.into_iter().flatten() {
        let again = Popular::parse(&list.text());
        // A table may hold more kinds of names than a list does.
        if let Ok(again) = again {
            assert_eq!(again.names, list.names);
            let table = Names::from_bytes(compile_names(std::slice::from_ref(&again)));
            assert!(again.names.iter().all(|(name, _)| table.find(again.list, name).is_some()));
        }
    }
    let table = Names::from_bytes(data.to_vec());
    for list in List::ALL {
        let _ = (table.find(list, "requests"), table.near(list, "reqeusts"), table.rare_runs(list, "reqeusts"));
    }
}

/// Credentials by host.
pub fn netrc(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.lines().count().max(1);
    match Netrc::parse(text) {
        Ok(netrc) => {
            assert!(format!("{netrc:?}").starts_with("Netrc of "), "it shows what is in it");
            for host in ["", "example.com", "mirror.example.com"] {
                let _ = netrc.find(host);
            }
        }
        Err(error) => assert!((1..=lines + 1).contains(&error.line), "line {} of {lines}", error.line),
    }
}

/// A version, a list of specifiers and the words of an advisory's range, one a line.
pub fn pep440(data: &[u8]) {
    let file = source("a.txt", data);
    let mut lines = file.text.lines();
    let (version, specifiers) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).take(256).collect();
    let mut advisory = Advisory::new(Ecosystem::PyPi, "demo", "PYSEC-1", Kind::Vulnerability);
    let event = |(number, word): (usize, &&str)| match number % 4 {
        0 => Event::Introduced((*word).to_owned()),
        1 => Event::Fixed((*word).to_owned()),
        2 => Event::LastAffected((*word).to_owned()),
        _ => Event::Limit((*word).to_owned()),
    };
    advisory.ranges.push(Affected::Ecosystem(words.iter().enumerate().map(event).collect()));
    advisory.ranges.push(Affected::Versions(words.iter().step_by(3).map(|w| (*w).to_owned()).collect()));
    let flaws = Flaws::of(vec![advisory]);
    let _ = flaws.matching(version);
    let exposure = flaws.exposure(specifiers);
    let allowed = Allowed::parse(specifiers);
    assert_eq!(exposure.is_some(), allowed.is_some(), "one reads the specifiers, the other does not");
    for word in words.iter().take(16) {
        let _ = allowed.as_ref().is_some_and(|a| a.admits(word));
        let order = python_versions::compare(version, word).map(std::cmp::Ordering::reverse);
        assert_eq!(order, python_versions::compare(word, version), "an order has two directions");
    }
}

fn origin() -> Origin {
    Origin {
        name: "example/advisories".to_owned(),
        commit: "-".to_owned(),
        as_of: Date::parse("2026-04-21").expect("a date"),
        licence: "CC0-1.0".to_owned(),
        url: "https://example.com".to_owned(),
    }
}

/// Credentials are taken out, and nothing is left for a second time.
pub fn redact(data: &[u8]) {
    let file = source("a.txt", data);
    let once = redact::redact(&file.text);
    assert_eq!(redact::redact(&once), once, "twice is not once");
}

/// A file of any kind, whole.
pub fn scan_file(data: &[u8]) {
    scanned(data);
}

/// What a reader makes of bytes by itself, whatever they begin with.
fn both(data: &[u8], reader: fn(&dyn Bytes, &mut scan::Context<'_>)) {
    report_of(data, reader);
    scanned(data);
}

/// A pickle, on the symbolic machine.
pub fn scan_pickle(data: &[u8]) {
    both(data, scan::pickle::scan);
}

/// The rules of torch's restricted loader, and torch's zips and older files.
pub fn scan_weights_only(data: &[u8]) {
    for path in ["a.pt", "a.safetensors"] {
        let limits = scan_limits();
        let report = scan::file(&data, path, &limits);
        if let Some(scan::WeightsOnly::Refuses { why, .. }) = &report.weights_only {
            assert!(!why.is_empty(), "a refusal without a reason");
        }
        let format = report.format;
        let _ = scan::torch::weights_only(&data, path, format, scan::Verdict::Clean, &limits);
        let _ = scan::torch::weights_only(&data, path, scan::Format::Torch, scan::Verdict::Clean, &limits);
        let _ = scan::torch::weights_only(&data, path, scan::Format::TorchLegacy, scan::Verdict::Clean, &limits);
    }
}

/// A zip, as every reader sees it.
pub fn scan_zip(data: &[u8]) {
    both(data, |bytes, context| scan::container::scan(scan::Format::Zip, bytes, context));
}

/// A tar.
pub fn scan_tar(data: &[u8]) {
    both(data, |bytes, context| scan::container::scan(scan::Format::Tar, bytes, context));
}

/// A 7z.
pub fn scan_seven_zip(data: &[u8]) {
    both(data, |bytes, context| scan::container::scan(scan::Format::SevenZip, bytes, context));
}

/// Packed streams of every kind.
pub fn scan_stream(data: &[u8]) {
    use scan::Format::{Bzip2, Gzip, Lz4, Lzma, Xz, Zlib, Zstd};
    let kinds = [Bzip2, Gzip, Lz4, Lzma, Xz, Zlib, Zstd];
    if let Some((first, rest)) = data.split_first() {
        let format = kinds[usize::from(*first) % kinds.len()];
        let limits = scan_limits();
        let mut context = scan::Context::new("a", rest.len() as u64, &limits);
        scan::container::scan(format, &rest, &mut context);
        check_report(&context.finish(), rest.len() as u64, &limits);
    }
    scanned(data);
}

/// safetensors.
pub fn scan_safetensors(data: &[u8]) {
    both(data, scan::safetensors::scan);
}

/// GGUF.
pub fn scan_gguf(data: &[u8]) {
    both(data, scan::gguf::scan);
}

/// Cards, configurations and descriptions of data: the first byte chooses which. Texts are of a sensible length, and
/// the places of what is named lie in the file.
pub fn cards(data: &[u8]) {
    const FORMS: [(Form, &str); 8] = [
        (Form::Card, "README.md"),
        (Form::Config, "config.json"),
        (Form::AdapterConfig, "adapter_config.json"),
        (Form::ShardIndex, "model.safetensors.index.json"),
        (Form::Tokenizer, "tokenizer_config.json"),
        (Form::Tokenizer, "chat_template.jinja"),
        (Form::DatasetInfo, "dataset_info.json"),
        (Form::Croissant, "croissant.json"),
    ];
    // Cards begin with a line of dashes.
    let (form, name) = match data.first() {
        Some(byte @ b'0'..=b'7') => FORMS[usize::from(byte - b'0')],
        _ => FORMS[0],
    };
    let data = if data.first().is_some_and(|byte| (b'0'..=b'7').contains(byte)) { &data[1..] } else { data };
    let text = String::from_utf8_lossy(data);
    let Some(told) = model_cards::read(form, name, &text, &mut Vec::new()) else { return };
    let spans = told.bases.iter().map(|base| base.span);
    let spans = spans.chain(told.trained_on.iter().chain(&told.tested_on).map(|named| named.span));
    for span in spans.chain(told.licences.iter().map(|licence| licence.span)) {
        let range = usize::try_from(span.start).unwrap_or(usize::MAX)..usize::try_from(span.end).unwrap_or(usize::MAX);
        assert!(text.get(range).is_some(), "{span:?} of {name}");
    }
    let card = &told.card;
    for long in [&card.intended_use, &card.limitations, &card.bias, &card.training, &card.sensitive, &told.description]
    {
        assert!(long.as_ref().is_none_or(|text| !text.trim().is_empty() && text.chars().count() <= 1002));
    }
}

/// An array of numpy.
pub fn scan_npy(data: &[u8]) {
    both(data, scan::numpy::scan_npy);
}

/// ONNX.
pub fn scan_onnx(data: &[u8]) {
    both(data, scan::onnx::scan);
}

/// A graph of TensorFlow.
pub fn scan_tensorflow(data: &[u8]) {
    both(data, scan::tensorflow::scan);
}

/// `TFLite`.
pub fn scan_tflite(data: &[u8]) {
    both(data, scan::tensorflow::scan_tflite);
}

/// Core ML.
pub fn scan_coreml(data: &[u8]) {
    both(data, scan::tensorflow::scan_coreml);
}

/// XML: PMML, `OpenVINO` and others.
pub fn scan_xml(data: &[u8]) {
    both(data, scan::markup::scan);
}

/// HDF5.
pub fn scan_hdf5(data: &[u8]) {
    both(data, scan::hdf5::scan);
}

/// A configuration of Keras as JSON or YAML.
pub fn scan_keras(data: &[u8]) {
    both(data, scan::keras::scan_config);
}

/// A template by itself.
pub fn scan_template(data: &[u8]) {
    both(data, scan::template::scan);
}

/// A tokenizer, or a configuration of a model.
pub fn scan_tokenizer(data: &[u8]) {
    both(data, scan::tokenizer::scan);
}

/// A bundle of a model's signature; the list in it, which is only read once a signature was found good; and keys and
/// certificates as people pass them around.
pub fn model_signature(data: &[u8]) {
    let payload = BASE64_STANDARD.encode(data);
    let inner = serde_json::json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "00"}},
        "dsseEnvelope": {
            "payload": payload,
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": "AAAA"}],
        },
    });
    let certificate = serde_json::json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"x509CertificateChain": {"certificates": [{"rawBytes": payload}]}},
        "dsseEnvelope": inner["dsseEnvelope"],
    });
    let key = sign::PublicKey::from_pem(include_str!("../fixtures/signatures/other.pub"));
    let trust = sign::Trust::Key(key.expect("a key"));
    for bundle in [data.to_vec(), inner.to_string().into_bytes(), certificate.to_string().into_bytes()] {
        if let Ok(claims) = sign::claims(&bundle) {
            for path in &claims.files {
                assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{path} leads out");
            }
            assert!(claims.files.is_sorted(), "files in disorder");
        }
        let nothing = DiskFolder::default();
        let result = sign::verify(&bundle, &sign::Model::of(&nothing), &trust, &sign::Terms::default());
        assert!(result.is_err(), "signed by nobody");
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = sign::PublicKey::from_pem(text);
        let _ = sign::Roots::from_pem(text);
    }
}

/// A folder as a hub keeps it: names and contents, each file behind a line of its name and its length.
pub fn scan_repository(data: &[u8]) {
    let mut files = BTreeMap::new();
    let mut rest = data;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let (name, length) = head.rsplit_once(' ').unwrap_or((&head, "0"));
        let length = length.parse().unwrap_or(0_usize).min(rest.len() - end - 1);
        files.insert(name.to_owned(), rest[end + 1..end + 1 + length].to_vec());
        rest = &rest[end + 1 + length..];
    }
    let limits = scan_limits();
    let reports = files.iter().map(|(name, bytes)| (name.clone(), scan::file(bytes, name, &limits))).collect();
    let folder = Hub { names: files.keys().cloned().collect(), files };
    for entry in scan::repository::scan(&folder, &reports, &limits) {
        assert!(entry.path.ends_with('/'), "{} is no folder", entry.path);
    }
}

struct Hub {
    names: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Folder for Hub {
    fn files(&self) -> &[String] {
        &self.names
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        self.files.get(path).map(|bytes| Box::new(bytes) as Box<dyn Bytes>).ok_or_else(|| "it is missing".to_owned())
    }
}

/// What a module, a notebook, a configuration and a program load.
pub fn loaded(data: &[u8]) {
    let names = ["a.py", "b.ipynb", "c.yaml", "d.rs"].map(str::to_owned).to_vec();
    let folder = Hub { files: names.iter().map(|name| (name.clone(), data.to_vec())).collect(), names };
    let limits = references::Limits { file: 1 << 16, python: 1 << 16, notebook: 1 << 16, all: 1 << 18 };
    let found = references::of_folder(&folder, 1, &limits);
    let text = std::str::from_utf8(data).unwrap_or("");
    for reference in &found.references {
        let places = [Some(&reference.place), reference.call.as_ref(), reference.edit.as_ref().map(|edit| &edit.at)];
        for place in places.into_iter().flatten() {
            let (start, end) = (place.span.start as usize, place.span.end as usize);
            assert!(
                start <= end && text.is_char_boundary(start) && text.is_char_boundary(end),
                "a place out of the file"
            );
        }
    }
}

/// Limits that a fuzzer comes to.
fn scan_limits() -> scan::Limits {
    scan::Limits {
        decoded: 16 << 20,
        decoded_free: 1 << 20,
        parts: 2000,
        nodes: 200_000,
        text: 1 << 20,
        ..scan::Limits::default()
    }
}

fn report_of(data: &[u8], reader: fn(&dyn Bytes, &mut scan::Context<'_>)) {
    let limits = scan_limits();
    let mut context = scan::Context::new("a", data.len() as u64, &limits);
    reader(&data, &mut context);
    check_report(&context.finish(), data.len() as u64, &limits);
}

fn scanned(data: &[u8]) {
    let limits = scan_limits();
    let report = scan::file(&data, "a", &limits);
    check_report(&report, data.len() as u64, &limits);
    assert_eq!(report, scan::file(&data, "a", &limits), "twice is not the same");
}

/// What holds of every report: few findings, the verdict is the gravest of them, places in the file lie in it.
fn check_report(report: &scan::FileReport, length: u64, limits: &scan::Limits) {
    assert!(report.findings.len() <= limits.findings, "{} findings", report.findings.len());
    let gravest = report.findings.iter().map(|found| found.rule.verdict).max().unwrap_or_default();
    assert!(gravest <= report.verdict && (report.more > 0 || gravest == report.verdict), "{report:?}");
    for found in &report.findings {
        assert!(!found.message.is_empty() && !found.message.ends_with('.'), "{:?}", found.message);
        if found.inner_path.is_none() {
            assert!(found.offset.is_none_or(|at| at <= length), "{found:?} lies beyond {length}");
        }
    }
}

/// Text of strangers on its way into reports.
pub fn escape(data: &[u8]) {
    use cargo_custody::report::escape;
    let file = source("a.txt", data);
    let text = file.text.as_str();
    let terminal = escape::terminal(text);
    assert!(!terminal.contains(char::is_control) && !terminal.contains("##["), "{terminal:?}");
    assert!(!escape::line(&terminal).trim_start().starts_with("::"), "{terminal:?}");
    assert!(!escape::workflow_data(text).contains(|c: char| c.is_control() && c != '\t'));
    assert!(!escape::workflow_property(text).contains([':', ',']));
    assert!(!escape::markdown(text).contains(['<', '>', '$', '\n']));
    assert!(!escape::sarif(text).contains("]("));
    assert!(escape::uri(text).is_ascii());
    for units in [0, 1, 2, 80] {
        assert!(escape::shorten(text, units).encode_utf16().count() <= units.max(1));
    }
}

fn source(path: &str, data: &[u8]) -> SourceFile {
    let file = SourceFile::new(FileId(0), RepoPath::new(path).expect("a path"), data.to_vec());
    assert_eq!(file.text.len(), data.len(), "offsets in the text are offsets in the file");
    file
}

fn problems(text: &str, problems: &[Problem], limits: &Budget) {
    assert!(problems.len() <= limits.problems + 1, "{} problems", problems.len());
    for problem in problems {
        span(text, problem.span);
    }
}

/// A place that lies in the text, on borders of characters.
fn span(text: &str, span: Span) -> Range<usize> {
    let range = usize::try_from(span.start).expect("small")..usize::try_from(span.end).expect("small");
    bytes(text, &range);
    range
}

fn bytes(text: &str, range: &Range<usize>) {
    assert!(range.start <= range.end, "{range:?} runs backwards");
    assert!(range.end <= text.len(), "{range:?} ends beyond {}", text.len());
    assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end), "{range:?} cuts a character");
}

/// Inner text is covered by its segments, in order, and verbatim ones are what the host says.
fn embedded(text: &str, inner: &Embedded) {
    let mut end = 0;
    for segment in inner.segments() {
        assert_eq!(segment.inner.start, end, "a gap in the map");
        end = segment.inner.end;
        bytes(&inner.text, &segment.inner);
        let host = span(text, segment.host);
        assert!(!segment.verbatim || text[host] == inner.text[segment.inner.clone()], "not verbatim: {segment:?}");
    }
    assert_eq!(end, inner.text.len(), "text without a place");
    span(text, inner.host_span(0..inner.text.len()));
}
