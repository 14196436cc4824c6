//! Small pipelines and what is read of them.

use super::AzureReader;
use crate::graph::Document;
use crate::graph::kinds::azure::AzurePipeline;
use crate::graph::kinds::workflow::Workflow;
use crate::parse::Budget;
use crate::parse::shell::Dialect;
use crate::read::{Facts, Reader};
use crate::source::{FileId, RepoPath, SourceFile};

fn read(text: &str) -> Facts {
    let path = RepoPath::new("ci/azure-pipelines.yml").unwrap();
    let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
    let mut facts = Facts::default();
    AzureReader.read(&file, &mut Budget::default(), &mut facts);
    facts
}

fn both(facts: &Facts) -> (&Workflow, &AzurePipeline) {
    match facts.documents.as_slice() {
        [Document::Workflow(workflow), Document::Azure(pipeline)] => (workflow, pipeline),
        other => panic!("{other:?}"),
    }
}

#[test]
fn steps_are_found_wherever_they_stand() {
    for (text, wanted) in [
        ("steps: [{script: a}]", "steps:1"),
        ("- bash: a\n- pwsh: b\n", "steps:2"),
        ("jobs: [{job: x, steps: [{script: a}, {task: T@1}]}, {job: y, steps: [{checkout: self}]}]", "x:2 y:1"),
        ("stages: [{stage: s, jobs: [{deployment: d, strategy: {runOnce: {deploy: {steps: [{script: a}]}}}}]}]", "d:1"),
        ("jobs:\n- ${{ if a }}:\n  - job: x\n    steps:\n    - ${{ else }}:\n      - script: a\n", "x:1"),
        ("extends:\n  template: t.yml@r\n  parameters:\n    buildSteps:\n    - script: a\n", "steps:1"),
        ("variables: {script: a}\nsteps: []", ""),
    ] {
        let facts = read(text);
        assert!(facts.problems.is_empty(), "{text} {:?}", facts.problems);
        let (workflow, _) = both(&facts);
        let shown: Vec<_> = workflow.jobs.iter().map(|j| format!("{}:{}", j.id.value, j.steps.len())).collect();
        assert_eq!(shown.join(" "), wanted, "{text}");
    }
}

#[test]
fn the_shell_follows_from_the_key_and_the_machine() {
    for (text, wanted) in [
        ("pool: {vmImage: ubuntu-24.04}\nsteps: [{script: a}]", Dialect::Bash),
        ("pool: {vmImage: windows-2022}\nsteps: [{script: a}]", Dialect::Cmd),
        ("pool: {vmImage: windows-2022}\nsteps: [{bash: a}]", Dialect::Bash),
        ("steps: [{script: 'call x.bat'}]", Dialect::Cmd),
        ("steps: [{script: 'set -e'}]", Dialect::Bash),
        ("steps: [{powershell: a}]", Dialect::PowerShell),
        ("steps: [{task: PowerShell@2, inputs: {targetType: inline, script: a}}]", Dialect::PowerShell),
        ("steps: [{task: AzureCLI@2, inputs: {scriptType: pscore, inlineScript: a}}]", Dialect::PowerShell),
        ("jobs: [{job: a, pool: {vmImage: windows-2022}, steps: [{script: a}]}]", Dialect::Cmd),
        ("pool: {vmImage: macos-14}\njobs: [{job: a, steps: [{script: a}]}]", Dialect::Bash),
    ] {
        let facts = read(text);
        let (workflow, _) = both(&facts);
        let run = workflow.jobs[0].steps[0].run.as_ref().unwrap();
        assert_eq!(run.dialect, wanted, "{text}");
        assert!(!run.program.options.errexit, "a script fails by its last command");
    }
}

#[test]
fn variables_containers_and_templates_are_told() {
    let text = "resources:\n  repositories: [{repository: r, type: github, name: o/n, ref: main}]\n  containers: [{container: c, image: 'python:3'}]\nvariables: [{name: a.b, value: '1'}, {group: g}, {template: vars.yml}]\njobs:\n- job: x\n  container: c\n  steps:\n  - script: echo $(a.b) $(Build.Id)\n  - template: /t.yml\n  - template: s.yml@r\n  - template: ../../out.yml\n";
    let facts = read(text);
    let (workflow, pipeline) = both(&facts);
    assert_eq!(workflow.jobs[0].images[0].reference.value, "python:3");
    let run = workflow.jobs[0].steps[0].run.as_ref().unwrap();
    assert_eq!(run.text.text, "echo ${a_b} ${Build_Id}");
    assert_eq!(pipeline.uses(&pipeline.repositories[0]).count(), 1);
    assert_eq!(facts.mentions.iter().map(|m| m.path.as_str()).collect::<Vec<_>>(), ["t.yml", "ci/vars.yml"]);
    assert_eq!(facts.problems.len(), 1, "a template outside the tree");
}
