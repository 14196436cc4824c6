//! Faked environments and histories: what each event compares.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::base::find;
use super::*;

/// An id made of one digit.
fn id(digit: char) -> String {
    digit.to_string().repeat(40)
}

/// A history of commits with one-digit names: `b` is the base's tip, `h` the change, `m` their merge.
#[derive(Default)]
struct Fake {
    parents: BTreeMap<String, Vec<String>>,
    names: BTreeMap<String, String>,
    shallow: bool,
}

impl Fake {
    /// Lines `child: parents` and `name = commit`.
    fn of(text: &str) -> Self {
        let mut out = Self::default();
        for part in text.split(',').map(str::trim) {
            if let Some((name, commit)) = part.split_once(" = ") {
                out.names.insert(name.to_owned(), id(commit.chars().next().expect("a commit")));
            } else if let Some((child, parents)) = part.split_once(':') {
                let parents = parents.trim().chars().filter(|c| !c.is_whitespace()).map(id).collect();
                out.parents.insert(id(child.chars().next().expect("a commit")), parents);
            } else if part == "shallow" {
                out.shallow = true;
            }
        }
        out
    }

    fn ancestors(&self, of: &str) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut rest = vec![of.to_owned()];
        while let Some(commit) = rest.pop() {
            if out.insert(commit.clone()) {
                rest.extend(self.parents.get(&commit).into_iter().flatten().cloned());
            }
        }
        out
    }
}

impl History for Fake {
    fn resolve(&self, revision: &str) -> Result<String, String> {
        let commit = self.names.get(revision).cloned().unwrap_or_else(|| revision.to_owned());
        if self.parents.contains_key(&commit) { Ok(commit) } else { Err(format!("`{revision}` is not in this clone")) }
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, String> {
        self.parents.get(commit).cloned().ok_or_else(|| "not in this clone".to_owned())
    }

    fn merge_base(&self, one: &str, other: &str) -> Result<(Option<String>, bool), String> {
        let others = self.ancestors(other);
        let common: Vec<String> = self.ancestors(one).into_iter().filter(|c| others.contains(c)).collect();
        let is_best = |commit: &&String| !common.iter().any(|c| c != *commit && self.ancestors(c).contains(*commit));
        Ok((common.iter().find(is_best).cloned(), self.shallow))
    }

    fn is_shallow(&self) -> bool {
        self.shallow
    }
}

fn environment(variables: &[(&str, &str)], event: Payload) -> Environment {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment { variables, event }
}

fn github(name: &str, more: &[(&str, &str)], event: &str) -> Run {
    let mut variables = vec![
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", name),
        ("GITHUB_REPOSITORY", "example/app"),
        ("GITHUB_SERVER_URL", "https://github.example"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_ACTOR", "somebody"),
        ("RUNNER_TEMP", "/runner/temp"),
    ];
    variables.extend_from_slice(more);
    environment(&variables, Payload::Text(event.to_owned())).run()
}

/// The event of a pull request whose head is `h` and whose base was `b`.
fn opened(repository: &str, author: &str) -> String {
    let (base, head) = (id('b'), id('e'));
    format!(
        r#"{{"number": 7, "pull_request": {{"number": 7, "user": {{"login": "{author}"}}, "labels": [{{"name": "one"}}, {{"name": "two"}}],
        "base": {{"sha": "{base}", "ref": "main", "repo": {{"full_name": "example/app"}}}},
        "head": {{"sha": "{head}", "ref": "$(x)", "repo": {{"full_name": "{repository}"}}}}}},
        "repository": {{"default_branch": "main"}}}}"#
    )
}

fn pull(checked_out: &str, history: &str) -> Result<Comparison, Missing> {
    let merge = id('d');
    let more = [("GITHUB_SHA", merge.as_str()), ("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_BASE_REF", "main")];
    let run = github("pull_request", &more, &opened("example/app", "somebody"));
    find(&run, &Fake::of(&format!("{history}, HEAD = {checked_out}")))
}

fn base_of(found: Result<Comparison, Missing>) -> (String, String) {
    let found = found.expect("a base");
    (found.base.commit.chars().take(1).collect(), found.base.how)
}

fn of(text: &str, how: &str) -> (String, String) {
    (text.to_owned(), how.to_owned())
}

/// `a` is the root; `b` the base when the event came, `c` the base now, `e` the change, `d` the merge of `c` and `e`.
const WHOLE: &str = "a:, b: a, c: b, e: a, d: c e, refs/remotes/origin/main = c";

#[test]
fn the_merge_commit_is_compared_with_its_first_parent() {
    assert_eq!(base_of(pull("d", WHOLE)), of("c", "first parent of the merge commit"));
    // Two commits deep are enough.
    assert_eq!(base_of(pull("d", "shallow, c:, e:, d: c e")), of("c", "first parent of the merge commit"));
}

#[test]
fn the_head_of_a_change_is_compared_with_where_it_left_the_target() {
    assert_eq!(base_of(pull("e", WHOLE)), of("a", "where the change left the target branch"));
    // The change took the target in after the event: the newer copy of the branch says so.
    let merged = "a:, b: a, c: b, e: a c, refs/remotes/origin/main = c";
    assert_eq!(base_of(pull("e", merged)).0, "c");
    // Without that copy, or with a stale one, the event's base.
    assert_eq!(base_of(pull("e", "a:, b: a, e: b")).0, "b");
    assert_eq!(base_of(pull("e", "a:, b: a, e: b, refs/remotes/origin/main = a")).0, "b");
}

#[test]
fn a_merge_commit_of_the_author_is_not_believed() {
    // `f` is evil and the first parent of the author's own merge `e`; what is checked out is `e`.
    let evil = "a:, f: a, b: a, e: f b, refs/remotes/origin/main = b";
    assert_eq!(base_of(pull("e", evil)).0, "b");
    // A merge commit that does not merge what is under review.
    let other = "a:, f: a, b: a, d: f b, e: a, refs/remotes/origin/main = b";
    assert_eq!(base_of(pull("d", other)), of("b", "where the change left the target branch"));
}

#[test]
fn a_shallow_clone_gets_the_sentence_that_helps() {
    let missing = pull("d", "shallow, d:").expect_err("no base");
    assert!(missing.sentence.contains("`fetch-depth: 2`"), "{}", missing.sentence);
    assert!(missing.sentence.contains("shallow"));
    assert_eq!(missing.tried.len(), 2);
}

#[test]
fn nothing_to_compare_is_no_base() {
    // The change was merged before the run came to it.
    let missing = pull("e", "a:, e: a, b: e, refs/remotes/origin/main = b").expect_err("no base");
    assert!(missing.sentence.contains("the target branch holds all that is judged already"), "{}", missing.sentence);
    assert!(missing.sentence.contains("--gate all"));
    // No history in common.
    let missing = pull("e", "a:, e: a, b:, refs/remotes/origin/main = b").expect_err("no base");
    assert!(missing.sentence.contains("shares no history"), "{}", missing.sentence);
}

#[test]
fn forks_and_dependabot_need_no_rights() {
    for (repository, author, is_fork, is_dependabot) in [
        ("example/app", "somebody", false, false),
        ("Example/App", "somebody", false, false),
        ("stranger/app", "stranger", true, false),
        ("example/app", "dependabot[bot]", false, true),
    ] {
        let run = github("pull_request", &[], &opened(repository, author));
        let request = run.pull_request.as_ref().expect("a pull request");
        assert_eq!((request.is_fork, request.is_dependabot), (is_fork, is_dependabot), "{repository} {author}");
        assert_eq!(run.can_upload, !is_fork && !is_dependabot);
        assert_eq!(request.number, Some(7));
        assert_eq!(request.labels.as_deref(), Some(["one".to_owned(), "two".to_owned()].as_slice()));
        assert_eq!(run.page.as_deref(), Some("https://github.example/example/app/actions/runs/42"));
    }
    // A person's change that Dependabot was told to rebase, and a fork that is gone.
    let run = github("pull_request", &[("GITHUB_ACTOR", "dependabot[bot]")], &opened("example/app", "somebody"));
    assert!(!run.can_upload);
    let gone = opened("x", "y").replace(r#"{"full_name": "x"}"#, "null");
    let run = github("pull_request", &[], &gone);
    assert!(run.pull_request.expect("a pull request").is_fork);
}

#[test]
fn an_event_that_cannot_be_read_costs_trust_and_not_the_gate() {
    let merge = id('d');
    let more = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_SHA", merge.as_str()),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_BASE_REF", "main"),
    ];
    for event in [
        Payload::Absent,
        Payload::Unreadable("no such file".to_owned()),
        Payload::Text("{\"pull_request\": {\"labels\": [{\"name\": \"approved\"}]".to_owned()),
        Payload::Text("[]".to_owned()),
        Payload::Text("[".repeat(100_000)),
        Payload::Text(String::new()),
    ] {
        let run = environment(&more, event.clone()).run();
        let request = run.pull_request.as_ref().expect("a pull request");
        assert!(request.is_fork && request.labels.is_none() && !run.can_upload, "{event:?}");
        assert!(run.notes.iter().any(|note| note.contains("no label counts")), "{:?}", run.notes);
        let found = find(&run, &Fake::of(&format!("{WHOLE}, HEAD = d")));
        assert_eq!(base_of(found), of("c", "first parent of the merge commit"));
    }
    // Values of another kind than they should be are none.
    let odd = r#"{"number": "7", "pull_request": {"number": -1, "labels": [1, {"name": 2}, null], "base": [], "head": {"sha": "$(x)"}}}"#;
    let run = github("pull_request", &[], odd);
    let request = run.pull_request.expect("a pull request");
    assert_eq!((request.number, request.labels), (None, Some(Vec::new())));
}

#[test]
fn hostile_names_of_branches_are_no_revisions() {
    for name in
        ["--upload-pack=x", "x\nGITHUB_OUTPUT", "main~3", "main^", "@{u}", "a..b", ":/x", "x::set-output name=a::b"]
    {
        let run = github("pull_request", &[("GITHUB_BASE_REF", name)], &opened("example/app", "somebody"));
        let Some(Candidate::Ancestor { with, .. }) = run.base.first() else { panic!("{:?}", run.base) };
        assert_eq!(with, &[id('b')], "{name:?}");
    }
    // Names that only a shell would take for more are names.
    let run = github("pull_request", &[("GITHUB_BASE_REF", "$(x);`id`")], &opened("example/app", "somebody"));
    let Some(Candidate::Ancestor { with, .. }) = run.base.first() else { panic!("{:?}", run.base) };
    assert_eq!(with, &["refs/remotes/origin/$(x);`id`".to_owned(), id('b')]);
}

#[test]
fn the_target_branch_alone_is_no_change() {
    let tip = id('b');
    let run = github(
        "pull_request_target",
        &[("GITHUB_SHA", tip.as_str()), ("GITHUB_REF", "refs/heads/main"), ("GITHUB_BASE_REF", "main")],
        &opened("stranger/app", "stranger"),
    );
    assert!(run.notes.iter().any(|note| note.contains("run the gate on pull_request")));
    let history = "a:, b: a, e: a";
    let missing = find(&run, &Fake::of(&format!("{history}, HEAD = b"))).expect_err("no change");
    assert!(missing.sentence.contains("nothing of the change"), "{}", missing.sentence);
    // A workflow that fetched the change has it judged.
    assert_eq!(base_of(find(&run, &Fake::of(&format!("{history}, HEAD = e")))).0, "a");
    let mut named = run;
    named.ask(None, Some("change"));
    assert_eq!(base_of(find(&named, &Fake::of(&format!("{history}, HEAD = b, change = e")))).0, "a");
}

#[test]
fn a_push_is_compared_with_what_was_there_before() {
    let push = |before: &str, forced: bool, name: &str| {
        let event =
            format!(r#"{{"before": "{before}", "forced": {forced}, "repository": {{"default_branch": "main"}}}}"#);
        github("push", &[("GITHUB_REF", name)], &event)
    };
    let history = |text: &str| Fake::of(text);
    let none = id('0');
    // On a branch, with and without force.
    let run = push(&id('b'), false, "refs/heads/topic");
    let found = find(&run, &history("a:, b: a, e: b, HEAD = e"));
    assert_eq!(base_of(found), of("b", "the commit before the push"));
    let run = push(&id('f'), true, "refs/heads/topic");
    let found = find(&run, &history("a:, f: a, e: a, HEAD = e"));
    assert_eq!(base_of(found), of("f", "the commit before the forced push"));
    // What was there before a forced push may be gone.
    let found = find(&run, &history("a:, b: a, e: a, HEAD = e, refs/remotes/origin/main = b"));
    assert_eq!(base_of(found), of("a", "where the change left the default branch"));
    // A new branch.
    let run = push(&none, false, "refs/heads/topic");
    let found = find(&run, &history("a:, b: a, e: a, HEAD = e, refs/remotes/origin/main = b"));
    assert_eq!(base_of(found), of("a", "where the change left the default branch"));
    // The first push of all: everything is new, and everything is judged.
    let run = push(&none, false, "refs/heads/main");
    assert_eq!((run.occasion, run.base.len(), run.notes.len()), (Occasion::Whole, 0, 1));
    // A forced push to the default branch whose past is gone.
    let missing = find(&push(&id('f'), true, "refs/heads/main"), &history("a:, e: a, HEAD = e")).expect_err("no base");
    assert!(missing.sentence.contains("not in this clone"), "{}", missing.sentence);
    // One commit deep.
    let run = push(&id('b'), false, "refs/heads/main");
    let missing = find(&run, &history("shallow, e:, HEAD = e")).expect_err("no base");
    assert!(missing.sentence.contains("`fetch-depth: 0`"), "{}", missing.sentence);
    // A tag.
    assert_eq!(push(&none, false, "refs/tags/v1").occasion, Occasion::Whole);
}

#[test]
fn a_push_whose_event_is_lost_is_not_the_first() {
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")];
    let run = environment(&variables, Payload::Absent).run();
    assert_eq!(run.occasion, Occasion::Change);
    let missing = find(&run, &Fake::of("a:, HEAD = a")).expect_err("no base");
    assert!(missing.sentence.contains("--base"), "{}", missing.sentence);
}

#[test]
fn a_merge_queue_names_its_base() {
    let event = format!(
        r#"{{"merge_group": {{"base_sha": "{}", "head_sha": "{}", "base_ref": "refs/heads/main"}}}}"#,
        id('b'),
        id('e')
    );
    let run = github("merge_group", &[("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-1")], &event);
    assert_eq!(run.occasion, Occasion::Change);
    assert!(run.can_upload);
    let found = find(&run, &Fake::of("a:, b: a, e: b, HEAD = e"));
    assert_eq!(base_of(found), of("b", "what the merge queue builds on"));
    let missing = find(&run, &Fake::of("shallow, e:, HEAD = e")).expect_err("no base");
    assert!(missing.sentence.contains("`fetch-depth: 0`"));
}

#[test]
fn what_is_no_change_is_judged_whole() {
    for name in ["schedule", "workflow_dispatch", "release", "workflow_run", "repository_dispatch", "issue_comment", ""]
    {
        let run = github(name, &[("GITHUB_REF", "refs/heads/main")], "{}");
        assert_eq!((run.occasion, run.base.len(), run.notes.len()), (Occasion::Whole, 0, 0), "{name}");
    }
}

#[test]
fn a_person_s_word_goes_first() {
    let mut run = github("schedule", &[], "{}");
    run.ask(Some("v1"), None);
    let found = find(&run, &Fake::of("a:, b: a, HEAD = b, v1 = a")).expect("a base");
    assert_eq!((found.base.name.as_str(), found.base.how.as_str()), ("v1", "as it was asked for"));
    // A mistyped base is no empty one.
    let missing = find(&run, &Fake::of("b:, HEAD = b")).expect_err("no base");
    assert!(missing.sentence.contains("`v1` is not in this clone"), "{}", missing.sentence);
    run.ask(None, Some("gone"));
    let missing = find(&run, &Fake::of("b:, HEAD = b")).expect_err("no head");
    assert!(missing.sentence.contains("`gone` cannot be read"), "{}", missing.sentence);
}

fn gitlab(more: &[(&str, &str)]) -> Run {
    let mut variables = vec![("GITLAB_CI", "true"), ("CI_DEFAULT_BRANCH", "main"), ("CI_PROJECT_DIR", "/builds/app")];
    variables.extend_from_slice(more);
    environment(&variables, Payload::Absent).run()
}

#[test]
fn merge_requests_of_gitlab() {
    let (merge, head, tip, base) = (id('d'), id('e'), id('c'), id('a'));
    let common = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_IID", "9"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_LABELS", "one, two"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
    ];
    // Detached: the source branch is checked out, and its own merge commits are the author's.
    let mut list = common.to_vec();
    list.extend([("CI_MERGE_REQUEST_EVENT_TYPE", "detached"), ("CI_COMMIT_SHA", head.as_str())]);
    let run = gitlab(&list);
    let request = run.pull_request.as_ref().expect("a merge request");
    assert_eq!((request.number, request.is_fork), (Some(9), false));
    assert_eq!(request.labels.as_deref(), Some(["one".to_owned(), "two".to_owned()].as_slice()));
    assert_eq!(base_of(find(&run, &Fake::of(&format!("{WHOLE}, HEAD = e")))), of("a", "the base of the merge request"));
    assert_eq!(run.places.reports, Some(PathBuf::from("/builds/app/custody-reports")));
    // A merged result, and a merge train where the target's tip is not the first parent.
    for kind in ["merged_result", "merge_train"] {
        let mut list = common.to_vec();
        list.extend([
            ("CI_MERGE_REQUEST_EVENT_TYPE", kind),
            ("CI_COMMIT_SHA", merge.as_str()),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", head.as_str()),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", tip.as_str()),
        ]);
        let run = gitlab(&list);
        let train = "a:, b: a, c: b, f: c, e: a, d: f e, HEAD = d";
        assert_eq!(base_of(find(&run, &Fake::of(train))), of("f", "first parent of the merge commit"), "{kind}");
        // Cut after the merge: the tip of the target is what GitLab merged with.
        let found = find(&run, &Fake::of("shallow, c:, d:, HEAD = d"));
        assert_eq!(base_of(found), of("c", "the target branch that GitLab merged with"));
    }
    // From a fork.
    let mut list = common.to_vec();
    list.retain(|(name, _)| *name != "CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
    list.push(("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "2"));
    assert!(gitlab(&list).pull_request.expect("a merge request").is_fork);
    // Cut too short.
    let missing = find(&gitlab(&list), &Fake::of("shallow, e:, HEAD = e")).expect_err("no base");
    assert!(missing.sentence.contains("GIT_DEPTH"), "{}", missing.sentence);
}

#[test]
fn branches_schedules_and_tags_of_gitlab() {
    let before = id('b');
    let none = id('0');
    let push =
        [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "topic"), ("CI_COMMIT_BEFORE_SHA", before.as_str())];
    let found = find(&gitlab(&push), &Fake::of("a:, b: a, e: b, HEAD = e"));
    assert_eq!(base_of(found), of("b", "the commit before the push"));
    let new = [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "topic"), ("CI_COMMIT_BEFORE_SHA", none.as_str())];
    let found = find(&gitlab(&new), &Fake::of("a:, b: a, e: a, HEAD = e, refs/remotes/origin/main = b"));
    assert_eq!(base_of(found), of("a", "where the change left the default branch"));
    let first = [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", none.as_str())];
    assert_eq!(gitlab(&first).occasion, Occasion::Whole);
    for source in ["schedule", "web", "api", "trigger", "pipeline"] {
        let run = gitlab(&[("CI_PIPELINE_SOURCE", source), ("CI_COMMIT_BRANCH", "main")]);
        assert_eq!(run.occasion, Occasion::Whole, "{source}");
    }
    let tag = [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_BEFORE_SHA", none.as_str())];
    assert_eq!(gitlab(&tag).occasion, Occasion::Whole);
    // A pull request of GitHub for which GitLab runs the jobs.
    let tip = id('b');
    let external = [
        ("CI_PIPELINE_SOURCE", "external_pull_request_event"),
        ("CI_EXTERNAL_PULL_REQUEST_IID", "3"),
        ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA", tip.as_str()),
    ];
    assert_eq!(base_of(find(&gitlab(&external), &Fake::of("a:, b: a, e: a, HEAD = e"))).0, "a");
}

#[test]
fn other_services_and_none() {
    let (merge, head, base) = (id('d'), id('e'), id('b'));
    let azure = environment(
        &[
            ("TF_BUILD", "True"),
            ("BUILD_REASON", "PullRequest"),
            ("BUILD_SOURCEVERSION", &merge),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", &head),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "5"),
            ("SYSTEM_PULLREQUEST_ISFORK", "False"),
        ],
        Payload::Absent,
    )
    .run();
    assert_eq!(base_of(find(&azure, &Fake::of(&format!("{WHOLE}, HEAD = d")))).1, "first parent of the merge commit");
    assert_eq!(azure.pull_request.as_ref().map(|p| (p.number, p.is_fork)), Some((Some(5), false)));
    let other = |variables: &[(&str, &str)]| environment(variables, Payload::Absent).run();
    let left = of("a", "where the change left the target branch");
    let buildkite = other(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_PULL_REQUEST", "5"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ("BUILDKITE_PULL_REQUEST_REPO", "https://git.example/Owner/app.git"),
        ("BUILDKITE_REPO", "git@git.example:owner/app.git"),
    ]);
    assert_eq!(buildkite.pull_request.as_ref().map(|p| p.is_fork), Some(false));
    assert_eq!(base_of(find(&buildkite, &Fake::of(&format!("{WHOLE}, HEAD = e")))), left);
    let jenkins = other(&[("JENKINS_URL", "https://ci.example"), ("CHANGE_TARGET", "main"), ("CHANGE_ID", "5")]);
    assert_eq!(base_of(find(&jenkins, &Fake::of(&format!("{WHOLE}, HEAD = e")))), left);
    let bitbucket = other(&[
        ("BITBUCKET_BUILD_NUMBER", "1"),
        ("BITBUCKET_PR_ID", "5"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ("BITBUCKET_PR_DESTINATION_COMMIT", &base),
    ]);
    assert_eq!(base_of(find(&bitbucket, &Fake::of("a:, b: a, e: a, HEAD = e"))), left);
    for whole in [
        other(&[("TF_BUILD", "True"), ("BUILD_REASON", "Schedule")]),
        other(&[("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "false"), ("BUILDKITE_SOURCE", "schedule")]),
        other(&[("JENKINS_URL", "https://ci.example"), ("TAG_NAME", "v1")]),
        other(&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_TAG", "v1")]),
    ] {
        assert_eq!(whole.occasion, Occasion::Whole, "{whole:?}");
    }
    // On a person's machine: what the branch brings.
    let here = other(&[]);
    let found = find(&here, &Fake::of("a:, b: a, e: a, HEAD = e, refs/remotes/origin/main = b"));
    assert_eq!(base_of(found), of("a", "where the change left the default branch"));
    let found = find(&here, &Fake::of("a:, b: a, e: a, HEAD = e, refs/heads/master = b"));
    assert_eq!(base_of(found).0, "a");
    // On the default branch itself there is no change.
    let missing = find(&here, &Fake::of("a:, b: a, HEAD = b, refs/heads/main = b")).expect_err("no base");
    assert!(missing.sentence.contains("holds all that is judged already"), "{}", missing.sentence);
}

#[test]
fn every_variable_is_listed_once() {
    let list: BTreeSet<&str> = VARIABLES.iter().copied().collect();
    assert_eq!(list.len(), VARIABLES.len());
    // Nothing that holds a secret.
    assert!(VARIABLES.iter().all(|name| !name.contains("TOKEN") && !name.contains("PASSWORD")));
}
