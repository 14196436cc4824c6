//! What the view says of whole trees, in tables.

// Tests may look around: the layers hold for what stands before this line.
#[cfg(test)]
use std::collections::BTreeMap;

use super::*;
use crate::read::{Reading, read_tree};
use crate::source::{RepoPath, Tree as Listed};

fn read(files: &[(&str, &str)]) -> Reading {
    let all: BTreeMap<RepoPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
    read_tree(&Listed::from_memory("t", all), 1, &|_, _| {})
}

/// What the view says of a tree, a line each: who causes a job and whose code runs in it, then what leads where.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let reading = read(files);
    let view = TrustView::build(&reading.documents, &reading.sources, &Tree::of(&reading.documents, &reading.sources));
    let jobs = view.jobs.iter().map(|job| {
        let runs: Vec<String> = job
            .intrusions
            .iter()
            .map(|i| format!("{} by {}", i.runs.what, i.checkout.as_ref().map_or("text", |c| c.what.as_str())))
            .collect();
        format!("{}: {} {runs:?}", job.id.0, job.who.as_str())
    });
    let mut out: Vec<String> = jobs.collect();
    for flow in &view.caches {
        let (writer, reader) = (view.job(flow.writer).unwrap(), view.job(flow.reader).unwrap());
        let token = match flow.token {
            CacheToken::Writes(_) => "writes",
            CacheToken::ReadsByDefault => "reads by default",
            CacheToken::Reads => "reads",
        };
        let key = flow.save.map_or_else(|| "any".to_owned(), |at| writer.caches[at].key.shown());
        out.push(format!("cache {key}: {} ({token}) -> {}", writer.id.0, reader.id.0));
    }
    for flow in &view.artifacts {
        let reader = view.job(flow.reader).unwrap();
        let taken = reader.taken[flow.download].as_ref().unwrap();
        let origin = flow.source.map(|(_, origin)| origin);
        out.push(format!("artifact of {origin:?}: {} {:?} {}", reader.id.0, taken.how, taken.what));
    }
    out
}

/// A workflow that builds a stranger's commit, with lines of the workflow and of a step put in.
fn pull(top: &str, cache: &str) -> String {
    format!(
        "on: pull_request_target\n{top}jobs:\n  size:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - uses: actions/checkout@v4.2.2\n        with:\n          ref: ${{{{ github.event.pull_request.head.sha }}}}\n      \
         {cache}\n      - run: pnpm build\n"
    )
}

const STORE: &str = "- uses: actions/cache@v4\n        with:\n          path: s\n          key: ${{ runner.os }}-pnpm-${{ hashFiles('pnpm-lock.yaml') }}";

/// A job that publishes, with a step put in.
fn release(top: &str, cache: &str) -> String {
    format!(
        "on: {{ push: {{ tags: ['*'] }} }}\npermissions: {{ id-token: write }}\n{top}jobs:\n  publish:\n    runs-on: ubuntu-latest\n    \
         steps:\n      {cache}\n      - run: pnpm publish\n"
    )
}

#[test]
fn a_cache_leads_from_a_strangers_code_to_a_release() {
    let flows = |pull: &str, release: &str| {
        let files = [(".github/workflows/a.yml", pull), (".github/workflows/b.yml", release)];
        told(&files).into_iter().filter(|line| line.starts_with("cache")).collect::<Vec<_>>()
    };
    let taken = "- uses: actions/cache/restore@v4\n        with: { path: s, key: x, restore-keys: Linux-pnpm- }";
    let (write, read) = ("cache-mode: write\n", "cache-mode: read\n");
    for (pull, release, expected) in [
        (pull(write, STORE), release("", STORE), "cache pnpm: size (writes) -> publish"),
        (pull(write, STORE), release("", taken), "cache pnpm: size (writes) -> publish"),
        (pull("", STORE), release("", STORE), "cache pnpm: size (reads by default) -> publish"),
        (pull(read, STORE), release("", STORE), ""),
        (pull(write, STORE), release("cache-mode: none\n", STORE), ""),
        // The runner's own token fills any key, but only where it may write at all.
        (pull(write, ""), release("", STORE), "cache any: size (writes) -> publish"),
        (pull("", ""), release("", STORE), ""),
        (pull("", &STORE.replace("pnpm-", "yarn-")), release("", STORE), ""),
        (pull("", &STORE.replace("actions/cache@", "actions/cache/restore@")), release("", STORE), ""),
        (
            pull(
                "",
                "- uses: Swatinem/rust-cache@v2\n        with: { shared-key: x, save-if: \"${{ github.event_name == 'push' }}\" }",
            ),
            release("", "- uses: Swatinem/rust-cache@v2\n        with: { shared-key: x }"),
            "",
        ),
        (
            pull("", "- uses: Swatinem/rust-cache@v2\n        with: { shared-key: x }"),
            release("", "- uses: Swatinem/rust-cache@v2\n        with: { shared-key: x }"),
            "cache swatinem/rust-cache-x: size (reads by default) -> publish",
        ),
        // Without a shared key the job's name is part of it.
        (pull("", "- uses: Swatinem/rust-cache@v2"), release("", "- uses: Swatinem/rust-cache@v2"), ""),
    ] {
        let found = flows(&pull, &release);
        assert_eq!(found.first().map_or("", String::as_str), expected, "{pull}\n{release}");
        assert!(found.len() < 2, "{found:?}");
    }
}

#[test]
fn called_workflows_get_no_more_of_the_cache_than_their_callers() {
    let call = |mode: &str| {
        format!("on: pull_request_target\n{mode}jobs:\n  call:\n    uses: ./.github/workflows/called.yml\n")
    };
    let called = pull("cache-mode: write\n", STORE).replace("on: pull_request_target", "on: workflow_call");
    for (mode, expected) in [("", "reads by default"), ("cache-mode: write\n", "writes")] {
        let (call, release) = (call(mode), release("", STORE));
        let found = told(&[
            (".github/workflows/a.yml", &call),
            (".github/workflows/called.yml", &called),
            (".github/workflows/release.yml", &release),
        ]);
        let last = found.last().cloned().unwrap_or_default();
        assert_eq!(last, format!("cache pnpm: size ({expected}) -> publish"), "{found:#?}");
    }
}

#[test]
fn steps_of_local_actions_count_where_they_run() {
    let action = "name: x\ninputs: { branch: {}, ref: {} }\nruns:\n  using: composite\n  steps:\n    - uses: actions/checkout@v4.2.2\n      with:\n        ref: ${{ inputs.ref }}\n    - shell: bash\n      run: echo ${{ inputs.branch }}\n";
    let workflow = |with: &str| {
        format!(
            "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./.github/actions/x\n        with: {with}\n      - run: make\n"
        )
    };
    for (with, expected) in [
        ("{ branch: '${{ github.head_ref }}' }", r#"a: a stranger ["inputs.branch by text"]"#),
        ("{ branch: main }", "a: a stranger []"),
        (
            "{ ref: '${{ github.event.pull_request.head.sha }}' }",
            r#"a: a stranger ["make by ${{ github.event.pull_request.head.sha }}"]"#,
        ),
        ("{ ref: '${{ github.event.pull_request.base.sha }}' }", "a: a stranger []"),
    ] {
        let workflow = workflow(with);
        let found = told(&[(".github/workflows/a.yml", &workflow), (".github/actions/x/action.yml", action)]);
        assert_eq!(found, [expected], "{with}");
    }
}

#[test]
fn who_can_cause_a_job_is_the_least_trusted() {
    for (on, condition, expected) in [
        ("push", "", Who::Contributor),
        ("[push, pull_request]", "", Who::Fork),
        ("{ schedule: [{ cron: '0 0 * * *' }] }", "", Who::Schedule),
        ("[push, issue_comment]", "", Who::Stranger),
        ("[push, issue_comment]", "if: github.event_name == 'push'", Who::Contributor),
        ("pull_request_target", "if: contains(github.event.pull_request.labels.*.name, 'ok')", Who::StrangerAfterGate),
        ("{ pull_request_target: { types: [labeled] } }", "", Who::StrangerAfterGate),
        ("{ pull_request_target: { types: [labeled, synchronize] } }", "", Who::Stranger),
        ("workflow_call", "", Who::Nobody),
    ] {
        let text = format!(
            "on: {on}\njobs:\n  a:\n    {condition}\n    runs-on: ubuntu-latest\n    steps: [{{ run: make }}]\n"
        );
        let reading = read(&[(".github/workflows/a.yml", &text)]);
        let view =
            TrustView::build(&reading.documents, &reading.sources, &Tree::of(&reading.documents, &reading.sources));
        assert_eq!(view.jobs[0].who, expected, "{text}");
    }
}

#[test]
fn artifacts_of_strangers_runs_are_told_from_others() {
    let take = |event: &str, run: &str, steps: &str| {
        let ci = format!(
            "name: CI\non: {event}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/upload-artifact@v4\n        with: {{ name: dist, path: d }}\n"
        );
        let after = format!(
            "on:\n  workflow_run:\n    workflows: [CI]\njobs:\n  after:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/download-artifact@v4\n        with: {{ name: dist, path: d, run-id: '{run}' }}\n{steps}"
        );
        let found = told(&[(".github/workflows/ci.yml", &ci), (".github/workflows/after.yml", &after)]);
        found.into_iter().find(|line| line.starts_with("artifact")).unwrap_or_default()
    };
    let cause = "${{ github.event.workflow_run.id }}";
    for (event, run, steps, expected) in [
        ("pull_request", cause, "      - run: ./d/tool\n", "artifact of Some(PullRequest): after Runs ./d/tool"),
        ("push", cause, "      - run: ./d/tool\n", ""),
        ("pull_request", "${{ github.run_id }}", "      - run: ./d/tool\n", ""),
        ("pull_request", cause, "      - run: wc -l d/report\n", ""),
        ("pull_request", cause, "      - if: github.event.workflow_run.event == 'push'\n        run: ./d/tool\n", ""),
        (
            "pull_request",
            cause,
            "      - run: pip install d/x.whl\n",
            "artifact of Some(PullRequest): after Installs pip install d/x.whl",
        ),
        (
            "pull_request",
            cause,
            "      - run: cat d/env >> $GITHUB_ENV\n",
            "artifact of Some(PullRequest): after Environment cat d/env >> $GITHUB_ENV",
        ),
        (
            "pull_request",
            cause,
            "      - run: |\n          N=$(cat d/n)\n          [[ $N =~ ^[0-9]+$ ]] || exit 1\n          echo \"N=$N\" >> $GITHUB_ENV\n",
            "",
        ),
        // A checkout of the whole tree removes what lay there.
        ("pull_request", cause, "      - uses: actions/checkout@v4\n      - run: ./d/tool\n", ""),
        (
            "pull_request",
            cause,
            "      - working-directory: d\n        run: npm ci\n",
            "artifact of Some(PullRequest): after Runs npm ci",
        ),
        ("pull_request", cause, "      - run: npm ci\n", ""),
    ] {
        assert_eq!(take(event, run, steps), expected, "{event} {steps}");
    }
}

#[test]
fn what_a_file_says_is_followed_into_the_jobs_that_wait_for_its_reader() {
    let ci = "name: CI\non: pull_request\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/upload-artifact@v4\n        with: { name: changes, path: output.json }\n";
    let take = |reads: &str, output: &str, last: &str| {
        let after = format!(
            "on:\n  workflow_run:\n    workflows: [CI]\njobs:\n  read:\n    runs-on: ubuntu-latest\n    outputs:\n      sha: {output}\n    steps:\n      - uses: actions/download-artifact@v4\n        with: {{ name: changes, run-id: '${{{{ github.event.workflow_run.id }}}}' }}\n{reads}  last:\n    runs-on: ubuntu-latest\n{last}"
        );
        let found = told(&[(".github/workflows/ci.yml", ci), (".github/workflows/after.yml", &after)]);
        found.into_iter().find(|line| line.starts_with("artifact")).unwrap_or_default()
    };
    let by_action = "      - uses: juliangruber/read-file-action@v1\n        id: json\n        with: { path: sha }\n";
    let by_script = "      - id: json\n        run: echo \"sha=$(cat sha)\" >> $GITHUB_OUTPUT\n";
    let checked = "      - id: json\n        run: |\n          [[ $(cat sha) =~ ^[0-9a-f]+$ ]] || exit 1\n          echo \"sha=$(cat sha)\" >> $GITHUB_OUTPUT\n";
    let other = "      - id: json\n        run: echo \"sha=$(date)\" >> $GITHUB_OUTPUT\n";
    let output = "${{ steps.json.outputs.sha }}";
    let pastes = "    needs: read\n    steps:\n      - run: deploy ${{ needs.read.outputs.sha }}\n";
    let told = "artifact of Some(PullRequest): read Script needs.read.outputs.sha";
    for (reads, output, last, expected) in [
        (by_action, output, pastes, told),
        (by_script, output, pastes, told),
        (checked, output, pastes, ""),
        (other, output, pastes, ""),
        (by_script, "${{ github.sha }}", pastes, ""),
        // By the environment it is data.
        (
            by_script,
            output,
            "    needs: read\n    steps:\n      - run: deploy \"$SHA\"\n        env: { SHA: '${{ needs.read.outputs.sha }}' }\n",
            "",
        ),
        // What is compared is true or false.
        (
            by_script,
            output,
            "    needs: read\n    steps:\n      - run: deploy ${{ needs.read.outputs.sha == 'a' }}\n",
            "",
        ),
        // Who does not wait sees nothing.
        (by_script, output, "    steps:\n      - run: deploy ${{ needs.read.outputs.sha }}\n", ""),
    ] {
        assert_eq!(take(reads, output, last), expected, "{reads} {output} {last}");
    }
}

#[test]
fn ten_thousand_jobs_with_caches_and_artifacts_end() {
    let job = |i: usize| {
        format!(
            "  j{i}:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4.2.2\n        with: {{ ref: '${{{{ github.event.pull_request.head.sha }}}}' }}\n      \
             - uses: actions/cache@v4\n        with: {{ path: s, key: a-{i} }}\n      - uses: actions/upload-artifact@v4\n        with: {{ name: n{i} }}\n      \
             - uses: actions/download-artifact@v4\n        with: {{ pattern: 'n*' }}\n      - run: make && twine upload d\n"
        )
    };
    let text =
        format!("on: pull_request_target\ncache-mode: write\njobs:\n{}", (0..4_000).map(job).collect::<String>());
    let reading = read(&[(".github/workflows/a.yml", &text)]);
    let view = TrustView::build(&reading.documents, &reading.sources, &Tree::of(&reading.documents, &reading.sources));
    assert!(view.jobs.len() > 1_000, "{}", view.jobs.len());
    assert!(view.caches.len() <= view.jobs.len());
}
