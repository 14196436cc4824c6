//! What expressions in scripts may hold, followed across steps, jobs, actions and workflows: each case says what is
//! pasted and whose it is.

#![allow(clippy::expect_used, reason = "a test may insist")]

mod common;

use cargo_custody::audit::Audit;

/// Whose a text is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Stranger,
    Open,
    Fixed,
}

fn audit(files: &[(&str, &str)]) -> Audit {
    common::audit_of(&common::tree(files))
}

fn whose(files: &[(&str, &str)]) -> Whose {
    let audit = audit(files);
    let says = |rule: &str| audit.findings.iter().any(|f| f.rule == rule);
    match (says("script-injection"), says("template-expansion")) {
        (true, _) => Whose::Stranger,
        (false, true) => Whose::Open,
        (false, false) => Whose::Fixed,
    }
}

/// A workflow under `pull_request_target` with these steps.
fn steps(steps: &str) -> String {
    format!(
        "on:\n  pull_request_target:\n  workflow_dispatch:\n    inputs:\n      text:\n        type: string\n      level:\n        type: choice\n        options: [a, b]\n\
         env:\n  FIXED: main\n  TITLE: ${{{{ github.event.pull_request.title }}}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    \
         strategy:\n      matrix:\n        os: [linux, mac]\n        pair: [{{x: 1, y: 2}}]\n        list: ${{{{ fromJSON(vars.LIST) }}}}\n    steps:\n{steps}"
    )
}

#[test]
fn values_are_followed_within_a_job() {
    use Whose::{Fixed, Open, Stranger};
    for (text, expected) in [
        ("      - run: echo ${{ env.FIXED }} ${{ matrix.os }} ${{ matrix.pair.y }} ${{ inputs.level }}\n", Fixed),
        ("      - run: echo ${{ github.sha }} ${{ github.event.pull_request.base.sha }} ${{ github.actor }}\n", Fixed),
        ("      - run: echo ${{ toJSON(github.event.pull_request.number) }} ${{ runner.temp }}\n", Fixed),
        ("      - run: echo ${{ matrix.list }}\n", Open),
        ("      - run: echo ${{ inputs.text }}\n", Open),
        ("      - run: echo ${{ github.base_ref }}\n", Open),
        ("      - run: echo ${{ vars.A }}\n", Open),
        ("      - run: echo ${{ secrets.A }}\n", Open),
        ("      - run: echo ${{ env.TITLE }}\n", Stranger),
        ("      - env:\n          TITLE: x\n        run: echo ${{ env.TITLE }}\n", Fixed),
        ("      - env:\n          A: ${{ env.TITLE }}\n        run: echo ${{ env.A }}\n", Stranger),
        ("      - run: echo \"A=$TITLE\" >> $GITHUB_ENV\n      - run: echo ${{ env.A }}\n", Stranger),
        ("      - run: echo \"A=1\" >> $GITHUB_ENV\n      - run: echo ${{ env.A }}\n", Fixed),
        (
            "      - id: s\n        run: echo \"a=$TITLE\" >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Stranger,
        ),
        (
            "      - id: s\n        run: |\n          T=$(echo \"$TITLE\" | cut -c1-9)\n          echo \"a=$T\" >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Stranger,
        ),
        (
            "      - id: s\n        run: echo \"a=$(echo \"$TITLE\" | tr -cd 'a-z')\" >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Open,
        ),
        (
            "      - id: s\n        run: |\n          {\n            echo 'a<<EOF'\n            echo \"$TITLE\"\n            echo EOF\n          } >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Stranger,
        ),
        (
            "      - id: s\n        run: echo \"a=$(git rev-parse HEAD)\" >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Fixed,
        ),
        (
            "      - id: s\n        run: echo \"a=$GITHUB_HEAD_REF\" >> $GITHUB_OUTPUT\n      - run: echo ${{ steps.s.outputs.a }}\n",
            Stranger,
        ),
        ("      - id: s\n        uses: some/thing@v1\n      - run: echo ${{ steps.s.outputs.a }}\n", Open),
        (
            "      - id: s\n        uses: some/thing@v1\n      - run: echo ${{ steps.s.outputs.cache-hit }} ${{ steps.s.outcome }}\n",
            Fixed,
        ),
        (
            "      - id: s\n        uses: tj-actions/changed-files@v35\n      - run: echo ${{ steps.s.outputs.all_changed_files }}\n",
            Stranger,
        ),
        (
            "      - id: s\n        uses: tj-actions/changed-files@v46\n      - run: echo ${{ steps.s.outputs.all_changed_files }}\n",
            Open,
        ),
        (
            "      - id: s\n        uses: actions/github-script@v8\n        with:\n          script: |\n            core.setOutput('t', context.payload.pull_request.title)\n      - run: echo ${{ steps.s.outputs.t }}\n",
            Stranger,
        ),
        (
            "      - uses: mikefarah/yq@v4\n        with:\n          cmd: yq '.a = \"${{ github.head_ref }}\"' x\n",
            Stranger,
        ),
        ("      - shell: ${{ github.head_ref }} {0}\n        run: a\n", Stranger),
        ("      - run: eval \"echo $TITLE\"\n", Stranger),
        ("      - run: python -c \"print('$TITLE')\"\n", Stranger),
        ("      - run: |\n          python <<EOF\n          print('$TITLE')\n          EOF\n", Stranger),
        ("      - run: |\n          python <<'EOF'\n          print('$TITLE')\n          EOF\n", Fixed),
        ("      - run: echo \"$TITLE\"\n", Fixed),
        ("      - run: echo ${{ (github.event.pull_request || github.event.issue).title }}\n", Stranger),
        ("      - run: echo ${{ github.event_name == 'push' && github.head_ref || 'x' }}\n", Fixed),
        ("      - if: github.event_name == 'workflow_dispatch'\n        run: echo ${{ github.head_ref }}\n", Open),
        ("      - run: echo ${{ nonsense( }}\n", Open),
    ] {
        assert_eq!(whose(&[(".github/workflows/a.yml", &steps(text))]), expected, "{text}");
    }
}

#[test]
fn values_are_followed_into_reusable_workflows_and_out_of_them() {
    let called = "on:\n  workflow_call:\n    inputs:\n      text:\n        type: string\n        default: a\n    outputs:\n      text:\n        value: ${{ jobs.b.outputs.text }}\njobs:\n  b:\n    runs-on: ubuntu-latest\n    outputs:\n      text: ${{ steps.s.outputs.text }}\n    steps:\n      - id: s\n        run: echo \"text=$TEXT\" >> $GITHUB_OUTPUT\n        env:\n          TEXT: ${{ inputs.text }}\n";
    let pastes = "      - run: echo ${{ inputs.text }}\n";
    let caller = |text: &str, rest: &str| {
        format!(
            "on: issues\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n    with:\n      text: {text}\n{rest}"
        )
    };
    let uses = "  c:\n    needs: a\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ needs.a.outputs.text }} ${{ needs.a.result }}\n";
    let title = "${{ github.event.issue.title }}";
    for (called, caller, expected) in [
        (format!("{called}{pastes}"), caller(title, ""), Whose::Stranger),
        // Others may call it with what they like.
        (format!("{called}{pastes}"), caller("plain", ""), Whose::Open),
        (called.to_owned(), caller(title, uses), Whose::Stranger),
        (called.to_owned(), caller("plain", uses), Whose::Fixed),
    ] {
        let files = [(".github/workflows/called.yml", called.as_str()), (".github/workflows/a.yml", caller.as_str())];
        assert_eq!(whose(&files), expected, "{caller}");
    }
    let alone = format!("{called}{pastes}");
    assert_eq!(whose(&[(".github/workflows/called.yml", &alone)]), Whose::Open);
}

#[test]
fn the_name_of_a_branch_handed_to_an_action_within_an_action_is_followed() {
    let inner = "name: inner\ninputs:\n  ref:\n    default: main\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: git pull origin ${{ inputs.ref }}\n";
    let outer = "name: outer\ninputs:\n  branch:\n    required: true\nruns:\n  using: composite\n  steps:\n    - uses: ./inner\n      with:\n        ref: ${{ inputs.branch }}\n";
    let workflow = |branch: &str| {
        format!(
            "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    permissions:\n      contents: write\n    steps:\n      - uses: ./outer\n        with:\n          branch: {branch}\n"
        )
    };
    for (branch, expected) in [("${{ github.head_ref || github.ref }}", Whose::Stranger), ("main", Whose::Open)] {
        let workflow = workflow(branch);
        let files =
            [("inner/action.yml", inner), ("outer/action.yml", outer), (".github/workflows/a.yml", workflow.as_str())];
        assert_eq!(whose(&files), expected, "{branch}");
        if expected == Whose::Stranger {
            let audit = audit(&files);
            let found = audit.findings.iter().find(|f| f.rule == "script-injection").expect("a finding");
            let route: Vec<&str> = found.route.iter().map(|hop| hop.text.as_str()).collect();
            assert!(route.iter().any(|hop| hop.contains("job a")), "{route:?}");
            assert!(route.iter().any(|hop| hop.contains("inputs.branch")), "{route:?}");
        }
    }
}

#[test]
fn references_in_circles_and_towers_end() {
    let mut text = String::from("on: pull_request_target\nenv:\n  A: ${{ env.B }}\n  B: ${{ env.A }}\n");
    for number in 0..300 {
        text.push_str(&format!("  V{number}: ${{{{ env.V{} }}}}${{{{ env.V{} }}}}\n", number + 1, number + 1));
    }
    text.push_str("jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n");
    for number in 0..300 {
        text.push_str(&format!("      - run: echo ${{{{ env.A }}}} ${{{{ env.V{number} }}}}\n"));
    }
    assert_ne!(whose(&[(".github/workflows/a.yml", &text)]), Whose::Stranger);
}
