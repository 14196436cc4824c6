//! Small pipelines and what is read of them.

use super::GitlabReader;
use crate::graph::Document;
use crate::graph::kinds::gitlab::{GitlabPipeline, IncludeSource};
use crate::graph::kinds::workflow::Workflow;
use crate::parse::Budget;
use crate::read::{Facts, Reader};
use crate::source::{FileId, RepoPath, SourceFile};

fn read(text: &str) -> (Facts, SourceFile) {
    let path = RepoPath::new(".gitlab-ci.yml").unwrap();
    let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
    let mut facts = Facts::default();
    GitlabReader.read(&file, &mut Budget::default(), &mut facts);
    (facts, file)
}

fn both(facts: &Facts) -> (&Workflow, &GitlabPipeline) {
    match facts.documents.as_slice() {
        [Document::Workflow(workflow), Document::Gitlab(pipeline)] => (workflow, pipeline),
        other => panic!("{other:?}"),
    }
}

fn problems(facts: &Facts) -> Vec<&str> {
    facts.problems.iter().map(|p| p.message.as_str()).collect()
}

#[test]
fn sections_of_one_shell_are_one_script_with_the_places_of_each_line() {
    let text = ".a: &a\n  - curl -o x\nb:\n  before_script: *a\n  script:\n    - [echo 1, \"echo \\\"2\\\"\"]\n    - !reference [.c, script]\n    - |\n      ./x\n";
    let (facts, file) = read(text);
    let (workflow, pipeline) = both(&facts);
    assert_eq!(problems(&facts), [""; 0]);
    assert_eq!(workflow.jobs.len(), 1, "the list is no job");
    let run = workflow.jobs[0].steps[0].run.as_ref().unwrap();
    assert_eq!(run.text.text, "curl -o x\necho 1\necho \"2\"\n./x\n");
    assert!(run.program.options.errexit && run.program.options.pipefail);
    for (inner, line) in [("curl", 2), ("echo 1", 6), ("echo \"2", 6), ("./x", 9)] {
        let at = run.text.text.find(inner).unwrap();
        assert_eq!(file.position(run.text.host_span(at..at + 1).start).line, line, "{inner}");
    }
    assert_eq!(pipeline.jobs[0].references[0].value, ".c");
}

#[test]
fn jobs_say_what_they_take_over_and_hold() {
    let text = "default: {image: python, before_script: [a]}\nimage: ignored\n.t: {extends: [.u, .v], tags: [windows]}\nj:\n  extends: .t\n  inherit: {default: false}\n  id_tokens: {T: {aud: [x]}}\n  secrets: {S: {vault: a}}\n  cache: {key: {files: [l], prefix: p}, unprotect: true, paths: [v]}\n  needs: [k, {job: m}, {project: g/p, job: b, ref: main, artifacts: false}]\n  rules: [{if: $A, when: never}, {when: manual}]\n  release: {tag_name: v1}\n  allow_failure: true\n";
    let (facts, _) = read(text);
    assert_eq!(problems(&facts), [""; 0]);
    let (workflow, pipeline) = both(&facts);
    let ids: Vec<_> = workflow.jobs.iter().map(|j| j.id.value.as_str()).collect();
    assert_eq!(ids, ["default", ".t", "j"]);
    assert_eq!(workflow.jobs[0].images[0].reference.value, "python");
    let job = &pipeline.jobs[2];
    assert!(job.refuses_default && job.allow_failure && job.release.is_some() && !job.is_hidden);
    assert!(pipeline.jobs[0].is_hidden && pipeline.jobs[1].is_hidden);
    assert_eq!(pipeline.jobs[1].extends.len(), 2);
    let names =
        |list: &[crate::graph::kinds::workflow::Pair]| list.iter().map(|p| p.0.value.clone()).collect::<Vec<_>>();
    assert_eq!(names(&workflow.jobs[2].secrets), ["T", "S"]);
    assert_eq!(job.id_tokens[0].1.as_ref().unwrap().value, "x");
    assert_eq!(job.caches[0].key.as_ref().unwrap().value, "p files:l");
    assert!(job.caches[0].unprotected.is_some());
    assert_eq!(workflow.jobs[2].needs.iter().map(|n| n.value.as_str()).collect::<Vec<_>>(), ["k", "m"]);
    assert!(!job.foreign_needs[0].fetches);
    assert_eq!(job.rules[0].1.as_deref(), Some("never"));
}

#[test]
fn images_are_told_with_their_variables_put_in_where_a_person_would_change_them() {
    let (facts, file) = read(
        "variables:\n  V: '3'\n  IMG: {value: 'python:$V'}\na:\n  image: $IMG\n  services: [{name: 'x:${V}'}, $UNKNOWN]\n  script: [a]\nb:\n  image: macos-15-xcode-16\n  script: [a]\n",
    );
    let (workflow, _) = both(&facts);
    let shown: Vec<_> = workflow.jobs[0]
        .images
        .iter()
        .map(|i| (i.reference.value.as_str(), file.position(i.reference.span.start).line))
        .collect();
    assert_eq!(shown, [("python:3", 3), ("x:3", 6), ("$UNKNOWN", 6)]);
    assert!(workflow.jobs[1].images.is_empty(), "a machine");
}

#[test]
fn includes_of_all_kinds_are_read_and_files_of_the_tree_followed() {
    let text = "include:\n  - /ci/a.yml\n  - https://example.com/b.yml\n  - {local: '/ci/*.yml'}\n  - {project: p, ref: r, file: f}\n  - {component: h/p/c@1}\n  - {template: T.gitlab-ci.yml}\nc:\n  trigger: {include: [{local: ci/child.yml}, {artifact: x, job: y}]}\n";
    let (facts, _) = read(text);
    assert_eq!(problems(&facts), [""; 0]);
    let (_, pipeline) = both(&facts);
    let kinds: Vec<_> = pipeline
        .includes
        .iter()
        .map(|include| match &include.source {
            IncludeSource::Local(_) => "local",
            IncludeSource::Remote(_) => "remote",
            IncludeSource::Project { .. } => "project",
            IncludeSource::Component(_) => "component",
            IncludeSource::Template(_) => "template",
        })
        .collect();
    assert_eq!(kinds, ["local", "remote", "local", "project", "component", "template", "local"]);
    assert_eq!(facts.mentions.iter().map(|m| m.path.as_str()).collect::<Vec<_>>(), ["ci/a.yml", "ci/child.yml"]);
}

#[test]
fn inputs_are_put_in_before_the_shell_and_stand_as_expressions() {
    let (facts, _) =
        read("spec:\n  inputs:\n    x: {type: number}\n---\na:\n  script: ['echo $[[ inputs.x | f ]] $[[ broken']\n");
    assert_eq!(problems(&facts), [""; 0]);
    let (workflow, _) = both(&facts);
    let program = &workflow.jobs[0].steps[0].run.as_ref().unwrap().program;
    assert_eq!(program.expressions[0].text, "inputs.x | f");
    assert_eq!(workflow.inputs[0].kind.as_ref().unwrap().value, "number");
}

#[test]
fn a_fault_costs_its_key() {
    for (text, wanted) in [
        ("a: b\nc: {script: [x]}\n", vec!["job `a` should be a mapping"]),
        ("c: {script: [{a: b}, x]}\n", vec!["a command should be text"]),
        ("include: [{x: y}]\nc: {script: [x]}\n", vec!["an include of an unknown kind"]),
        ("c: {script: [x]}\nc: {script: [y]}\n", vec!["`c` is written twice; the first is read"]),
    ] {
        let (facts, _) = read(text);
        assert_eq!(problems(&facts), wanted, "{text}");
        let (workflow, _) = both(&facts);
        assert_eq!(workflow.jobs[0].steps.len(), 1, "{text}");
    }
    assert!(read("").0.unread.is_some() && read("[a]").0.unread.is_some());
}
