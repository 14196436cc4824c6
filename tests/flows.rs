//! What becomes of downloads across files: steps, scripts, targets, stages, jobs.

#![allow(clippy::unwrap_used, reason = "the test insists")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use cargo_custody::graph::flow::{Checked, FlowView};
use cargo_custody::graph::images::ImageView;
use cargo_custody::read::read_tree;
use cargo_custody::source::{RepoPath, Tree};

/// Each use of each download: `url: use [in calls] @ check`, with the files it stands in where `in_files` asks.
fn told(files: &[(&str, &str)], in_files: bool) -> Vec<String> {
    let all: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
    let paths: BTreeSet<RepoPath> = all.keys().cloned().collect();
    let tree = Tree::from_memory("t", all);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let images = ImageView::build(&reading.documents, &reading.sources, &paths);
    let view = FlowView::build(&reading.documents, &reading.sources, &paths, &images);
    assert!(in_files || view.cut.is_empty(), "{:?}", view.cut);
    let file =
        |word: &str, file| if in_files { format!(" {word} {}", reading.sources.path(file)) } else { String::new() };
    let mut out = Vec::new();
    for download in &view.downloads {
        let url = download.url.text.trim_start_matches("https://example.com/");
        let from = format!("{url}{}", file("of", download.at.file()));
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
            out.push(format!("{from}: {:?}{}{calls} @ {check}", usage.kind, file("by", usage.at.file())));
        }
    }
    out
}

/// The uses in a tree of several files.
fn flows(files: &[(&str, &str)]) -> Vec<String> {
    told(files, true)
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

/// The uses in one script of a tree.
fn of_script(text: &str) -> Vec<String> {
    told(&[("x.sh", &format!("#!/bin/bash\n# pip\nset -e\n{text}\n"))], false)
}

const CHECK: &str = "echo 'ab12  f' | sha256sum -c";

#[test]
fn downloads_are_followed_to_their_use() {
    let u = "https://example.com/u";
    let cases: &[(String, &[&str])] = &[
        (format!("curl -o f {u}\nsh f"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}\nchmod +x f\n./f"), &["u: Executed @ no"]),
        (format!("curl -o f {u}; mv f /usr/local/bin/g; g --version"), &["u: Executed @ no"]),
        (format!("cd /tmp; wget {u}; /tmp/u"), &["u: Executed @ no"]),
        (format!("curl -LO {u}/tool-1.tgz; tar xzf tool-1.tgz; ./tool-1/bin/tool"), &["u/tool-1.tgz: Executed @ no"]),
        (format!("curl {u}.tgz | tar xz -C /opt/t; /opt/t/bin/t"), &["u.tgz: Executed @ no"]),
        (format!("curl {u}/tool.tgz | tar xz; ./scripts/build.sh"), &["u/tool.tgz: nothing"]),
        (format!("curl {u} | tee f.sh >/dev/null; bash f.sh"), &["u: Interpreted @ no"]),
        (format!("curl -o x.deb {u}; sudo dpkg -i x.deb"), &["u: Installed @ no"]),
        (format!("curl -o f.json {u}; jq . f.json; ./build.sh"), &["u: nothing"]),
        (format!("curl -o f {u}; chmod +x f; mv f ~/.cargo/bin/"), &["u: OnPath @ no"]),
        (format!("curl {u} | tar xzf - -C ${{CARGO_HOME:-~/.cargo}}/bin"), &["u: OnPath @ no"]),
        // A folder named `bin` is not on the search path for that.
        (format!("curl {u} | tar xzf - -C ~/bin"), &["u: nothing"]),
        (format!("PATH=~/bin:$PATH; curl {u} | tar xzf - -C ~/bin"), &["u: OnPath @ no"]),
        (format!("curl {u} | sh"), &["u: Interpreted @ no"]),
        (format!("bash <(curl {u})"), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\neval \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u} | base64 -d)\nbash -c \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\necho \"$x\" | sh"), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\nbash <<< \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u} | jq -r .v)\neval \"$x\""), &["u: Interpreted @ no"]),
        (format!("x=$(curl {u})\nx=1\neval \"$x\""), &["u: nothing"]),
        (format!("curl -o f {u}; cat f | sh"), &["u: Interpreted @ no"]),
        (format!("curl -o f.gz {u}; gunzip -c f.gz | bash"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; bash -c \"$(cat f)\""), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; bash < f"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}; rm f; sh f"), &["u: nothing"]),
        (format!("curl -o t.tgz {u}; mkdir d; tar xf t.tgz -C d; cd d; make"), &["u: Built @ no"]),
        (format!("(cd /tmp; curl -o f {u})\nsh f"), &["u: nothing"]),
        (format!("(cd /tmp; curl -o f {u})\nsh /tmp/f"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl -o \"$2\" \"$1\"; }}\nget {u} f\nsh f"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl \"$1\"; }}\nget {u} | sh"), &["u: Interpreted @ no"]),
        (format!("get() {{ curl \"$1\"; }}\nget {u} > f\nsh f"), &["u: Interpreted @ no"]),
        (format!("never() {{ curl {u} | sh; }}"), &["u: Interpreted @ no"]),
        (format!("curl -o f {u}/a || curl -o f {u}/b\nsh f"), &["u/a: Interpreted @ no", "u/b: Interpreted @ no"]),
        (
            format!("if x; then curl -o f {u}/a; else curl -o f {u}/b; fi\nsh f"),
            &["u/a: Interpreted @ no", "u/b: Interpreted @ no"],
        ),
        (format!("curl -o f {u}/a; curl -o f {u}/b\nsh f"), &["u/a: nothing", "u/b: Interpreted @ no"]),
        (format!("if x; then curl -o f {u}/a; else sh f; fi"), &["u/a: nothing"]),
        ("echo 'curl u | sh'\ncat <<EOF\ncurl u | sh\nEOF\n".to_owned(), &[]),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = of_script(text);
        if found != *expected {
            wrong.push(format!("{text}\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn checks_stand_before_the_use_or_not() {
    let fetch = "curl -o f https://example.com/u";
    let cases: &[(String, &str)] = &[
        (format!("{fetch}\n{CHECK}\nsh f"), "LiteralDigest"),
        (format!("{fetch} && {CHECK} && sh f"), "LiteralDigest"),
        (format!("{fetch}\n{CHECK} || true\nsh f"), "Ignored"),
        (format!("set +e; {fetch}\n{CHECK}\nsh f"), "Ignored"),
        (format!("{fetch}\nif {CHECK}; then sh f; fi"), "LiteralDigest"),
        (format!("{fetch}\nif ! {CHECK}; then exit 1; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nsha256sum f\nsh f"), "no"),
        (format!("{fetch}\nsh f\n{CHECK}"), "no"),
        (format!("{fetch}; gpg --verify f.asc f; sh f"), "Signature"),
        (format!("{fetch}; echo 'ab  other' | sha256sum -c; sh f"), "no"),
        (format!("{fetch}\nif x; then {CHECK}; fi\nsh f"), "Bypassed"),
        (format!("{fetch}\nif x; then {CHECK}; else {CHECK}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nif x; then {CHECK}; elif y; then {CHECK}; else {CHECK}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\nif x; then {CHECK}; elif y; then {CHECK}; fi\nsh f"), "Bypassed"),
        (format!("{fetch}\ncase $x in a) {CHECK};; *) {CHECK};; esac\nsh f"), "LiteralDigest"),
        (format!("{fetch}\ncase $x in a) {CHECK};; *) true;; esac\nsh f"), "Bypassed"),
        (format!("if x; then {fetch}; {CHECK}; fi\nsh f"), "LiteralDigest"),
        (format!("{fetch}\n[ -n \"$CHECK\" ] && {CHECK}\nsh f"), "Bypassed"),
        (format!("check() {{ {CHECK}; }}\n{fetch}\ncheck\nsh f"), "LiteralDigest"),
        (format!("check() {{ {CHECK}; }}\n{fetch}\ncheck || true\nsh f"), "Ignored"),
        (format!("check() {{ {CHECK}; }}\n{fetch}\nif x; then check; fi\nsh f"), "Bypassed"),
        (format!("check() {{ {CHECK} || exit 1; }}\nset +e\n{fetch}\ncheck\nsh f"), "LiteralDigest"),
        (format!("check() {{ {CHECK} || return 1; }}\nset +e\n{fetch}\ncheck\nsh f"), "Ignored"),
        (format!("check() {{ {CHECK} || return 1; }}\n{fetch}\ncheck && sh f"), "LiteralDigest"),
        (format!("{fetch}; tar xf f -C d; {CHECK}; ./d/f"), "LiteralDigest"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = of_script(text);
        if found.len() != 1 || !found.iter().all(|l| l.ends_with(&format!("@ {expected}"))) {
            wrong.push(format!("{text}\n  {found:?}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sums = "curl -o f.sha256 https://example.com/u.sha256";
    for (text, expected) in [
        (format!("{fetch}\n{sums}\nsha256sum -c f.sha256\nsh f"), "SameOrigin"),
        (format!("{fetch}\ncurl -o S https://sums.example.org/S\nsha256sum -c S\nsh f"), "OtherOrigin"),
        (format!("{fetch}\necho \"$(curl https://example.com/u.sha256)  f\" | sha256sum -c\nsh f"), "SameOrigin"),
    ] {
        let found = of_script(&text);
        assert!(found.contains(&format!("u: Interpreted @ {expected}")), "{text}: {found:?}");
    }
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
