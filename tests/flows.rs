//! What becomes of downloads across files: steps, scripts, targets, stages, jobs.

#![allow(clippy::unwrap_used, reason = "the test insists")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use cargo_custody::graph::flow::{Checked, FlowView};
use cargo_custody::graph::images::ImageView;
use cargo_custody::read::read_tree;
use cargo_custody::source::{RepoPath, Tree};

/// Each use of each download: `place of the download: use [in calls] @ check`.
fn flows(files: &[(&str, &str)]) -> Vec<String> {
    let all: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
    let paths: BTreeSet<RepoPath> = all.keys().cloned().collect();
    let tree = Tree::from_memory("t", all);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let images = ImageView::build(&reading.documents, &reading.sources, &paths);
    let view = FlowView::build(&reading.documents, &reading.sources, &paths, &images);
    let mut out = Vec::new();
    for download in &view.downloads {
        let url = download.url.text.trim_start_matches("https://example.com/");
        let file = |file| reading.sources.path(file);
        let from = format!("{url} of {}", file(download.at.file()));
        if download.uses.is_empty() {
            out.push(format!("{from}: nothing"));
        }
        for usage in &download.uses {
            let check = match &usage.check {
                Checked::No => "no".to_owned(),
                Checked::Flawed { flaw, .. } => format!("{flaw:?}"),
                Checked::Yes { strength, .. } => format!("{strength:?}"),
            };
            let calls: Vec<&str> = usage.at.calls.iter().map(|(text, _)| text.as_str()).collect();
            let calls = if calls.is_empty() { String::new() } else { format!(" in {}", calls.join(" < ")) };
            out.push(format!("{from}: {:?} by {}{calls} @ {check}", usage.kind, file(usage.at.file())));
        }
    }
    out
}

const DIGEST: &str = "ab12";

fn job(steps: &str) -> String {
    let steps: String = steps.lines().map(|line| format!("      {line}\n")).collect();
    format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      V: 1.2\n    steps:\n{steps}")
}

const W: &str = ".github/workflows/w.yml";

#[test]
fn from_step_to_step() {
    let u = "https://example.com/u";
    for (steps, expected) in [
        (format!("- run: curl -o tool {u}\n- run: sh tool"), "Interpreted by W @ no"),
        (format!("- run: curl -o tool {u}\n- run: sh tool\n  working-directory: sub"), "nothing"),
        (format!("- run: curl -o tool {u}\n- run: sh ../tool\n  working-directory: sub"), "Interpreted by W @ no"),
        (format!("- run: curl -o ~/bin/tool {u}\n- run: ~/bin/tool"), "Executed by W @ no"),
        (format!("- run: curl -o $RUNNER_TEMP/x {u}\n- run: sh ${{{{ runner.temp }}}}/x"), "Interpreted by W @ no"),
        (
            format!("- run: echo \"D=/opt/d\" >> $GITHUB_ENV\n- run: curl -o $D/x {u}\n- run: sh /opt/d/x"),
            "Interpreted by W @ no",
        ),
        (format!("- run: echo ~/bin >> $GITHUB_PATH\n- run: curl {u} | tar xz -C ~/bin"), "OnPath by W @ no"),
        (
            format!("- run: curl -o tool {u}\n- run: echo '{DIGEST}  tool' | sha256sum -c\n- run: sh tool"),
            "Interpreted by W @ LiteralDigest",
        ),
        (
            format!(
                "- run: curl -o tool {u}\n- run: echo '{DIGEST}  tool' | sha256sum -c\n  continue-on-error: true\n- run: sh tool"
            ),
            "Interpreted by W @ Ignored",
        ),
        (
            format!(
                "- run: curl -o tool {u}\n- run: echo '{DIGEST}  tool' | sha256sum -c\n  if: runner.os == 'Linux'\n- run: sh tool"
            ),
            "Interpreted by W @ Bypassed",
        ),
        (
            format!(
                "- run: curl -o tool {u}\n- run: echo '{DIGEST}  tool' | sha256sum -c\n  if: a\n- run: sh tool\n  if: a"
            ),
            "Interpreted by W @ LiteralDigest",
        ),
        (format!("- run: curl -o t.tgz {u}\n- run: gh release upload v1 t.tgz"), "Published by W @ no"),
    ] {
        let expected = format!("u of {W}: {}", expected.replace("by W", &format!("by {W}")));
        assert_eq!(flows(&[(W, &job(&steps))]), [expected], "{steps}");
    }
    let found = flows(&[(W, &job("- run: curl https://example.com/$V/u | sh"))]);
    assert_eq!(found, [format!("1.2/u of {W}: Interpreted by {W} @ no")]);
}

#[test]
fn into_scripts_targets_and_actions() {
    let script = "#!/bin/bash\n# pip\nset -e\ncurl -o \"$1\" https://example.com/u\n";
    let check = "#!/bin/bash\n# pip\nset -e\necho \"ab12  $1\" | sha256sum -c\n";
    let library = "# shellcheck shell=bash pip\nget() { curl -o f \"$1\"; }\n";
    let make = "all: tool\n\tsh tool # pip\ntool:\n\tbash ci/get.sh tool\n";
    let action = "runs:\n  using: composite\n  steps:\n    - run: bash $GITHUB_ACTION_PATH/in.sh\n      shell: bash\n";
    let tree = |workflow: &str| {
        let workflow = job(workflow);
        let files = [
            (W, workflow.as_str()),
            ("ci/get.sh", script),
            ("ci/check.sh", check),
            ("ci/lib.sh", library),
            ("Makefile", make),
            ("act/action.yml", action),
            ("act/in.sh", "# pip\ncurl https://example.com/u | sh\n"),
        ];
        let is_asked = |path: &str| match path {
            W => true,
            "Makefile" => workflow.contains("make"),
            "ci/get.sh" => workflow.contains("make") || workflow.contains("get.sh"),
            path if path.starts_with("act/") => workflow.contains("./act"),
            path => workflow.contains(path),
        };
        let all = files.iter().filter(|(path, _)| is_asked(path));
        flows(&all.copied().collect::<Vec<_>>())
    };
    assert_eq!(
        tree("- run: |\n    ./ci/get.sh tool\n    sh tool"),
        [format!("u of ci/get.sh: Interpreted by {W} @ no")]
    );
    assert_eq!(
        tree("- run: |\n    ./ci/get.sh tool\n    ./ci/check.sh tool\n    sh tool"),
        [format!("u of ci/get.sh: Interpreted by {W} @ LiteralDigest")]
    );
    assert_eq!(
        tree("- run: |\n    ./ci/get.sh tool\n    ./ci/check.sh tool || true\n    sh tool"),
        [format!("u of ci/get.sh: Interpreted by {W} @ Ignored")]
    );
    assert_eq!(
        tree("- run: |\n    source ci/lib.sh\n    get https://example.com/u\n    sh f"),
        [format!("u of ci/lib.sh: Interpreted by {W} @ no")]
    );
    assert_eq!(tree("- run: make"), ["u of ci/get.sh: Interpreted by Makefile in all of Makefile @ no".to_owned()]);
    assert_eq!(
        tree("- uses: ./act"),
        ["u of act/in.sh: Interpreted by act/in.sh in action ./act < act/in.sh @ no".to_owned()]
    );
}

#[test]
fn from_stage_to_stage_and_job_to_job() {
    let docker = "FROM a AS get\nWORKDIR /w\nRUN curl -o x https://example.com/u\nFROM get AS more\nRUN sh x\nFROM b\nCOPY --from=get /w/x /opt/\nRUN /opt/x\n";
    assert_eq!(
        flows(&[("Dockerfile", docker)]),
        [
            "u of Dockerfile: Interpreted by Dockerfile @ no",
            "u of Dockerfile: InImage by Dockerfile @ no",
            "u of Dockerfile: Executed by Dockerfile @ no",
        ]
    );
    let checked = docker.replace("/u\nFROM get", "/u && echo 'ab12  x' | sha256sum -c\nFROM get");
    assert!(flows(&[("Dockerfile", &checked)]).iter().all(|l| l.ends_with("@ LiteralDigest")));
    let added = "FROM a\nADD https://example.com/u /x.sh\nRUN sh /x.sh\n";
    assert_eq!(flows(&[("Dockerfile", added)]), ["u of Dockerfile: Interpreted by Dockerfile @ no"]);
    let jobs = "on: push\njobs:\n  b:\n    needs: a\n    runs-on: x\n    steps:\n      - uses: actions/download-artifact@v4\n        with: {name: n, path: in}\n      - run: sh in/tool\n  a:\n    runs-on: x\n    steps:\n      - run: curl -o out/tool https://example.com/u\n      - uses: actions/upload-artifact@v4\n        with: {name: n, path: out}\n";
    assert_eq!(flows(&[(W, jobs)]), [format!("u of {W}: Interpreted by {W} @ no")]);
}

#[test]
fn many_jobs_over_one_script_end() {
    let mut workflow = "on: push\njobs:\n".to_owned();
    for index in 0..2_000 {
        workflow.push_str(&format!("  j{index}:\n    runs-on: x\n    steps:\n      - run: bash ci/big.sh\n"));
    }
    let script = format!("# pip\n{}", "echo a\ncurl -o f https://example.com/u\nsh f\n".repeat(300));
    let found = flows(&[(W, &workflow), ("ci/big.sh", &script)]);
    assert!(found.len() > 1_000, "{}", found.len());
}

#[test]
fn downloads_that_are_all_checked_are_praised() {
    let workflow = |check: &str| {
        format!(
            "on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          \
             curl -fsSLo tool https://example.com/v1.2.3/tool\n          {check}\n          chmod +x tool && ./tool\n"
        )
    };
    let praised = |check: &str| {
        let text = workflow(check);
        let audit = common::audit(&[(".github/workflows/a.yml", &text)]);
        audit.good.iter().any(|line| line.contains("the one download that runs is checked"))
    };
    let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    assert!(praised(&format!("echo '{digest}  tool' | sha256sum -c -")));
    assert!(!praised(&format!("echo '{digest}  tool' | sha256sum -c - || true")));
    assert!(!praised("sha256sum tool"));
}
