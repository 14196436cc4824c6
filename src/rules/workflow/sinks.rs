//! Texts of a step that are run as code: `run`, `shell`, and inputs of actions that are scripts. Sources: the
//! models of CodeQL's queries for GitHub Actions (MIT) and the documentation of the actions.

use std::ops::Range;

use crate::graph::kinds::workflow::{Script, Step, Uses};
use crate::parse::shell::Dialect;
use crate::rules::Scene;
use crate::source::{FileId, Span, Spanned};

/// A text that is code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sink<'a> {
    /// The text with its expressions.
    pub(super) text: &'a str,
    /// What reads it: `shell`, `JavaScript`.
    pub(super) language: &'static str,
    /// Where it comes from.
    pub(super) form: SinkForm<'a>,
}

/// Where a [`Sink`] stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum SinkForm<'a> {
    /// `run`.
    Run(&'a Script),
    /// `shell`, or an input of an action.
    Value(&'a Spanned<String>),
}

impl Sink<'_> {
    /// The place of some of its bytes in the file.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self.form {
            SinkForm::Run(script) => script.text.host_span(range),
            SinkForm::Value(value) => {
                Span { start: value.span.start + range.start as u64, end: value.span.start + range.end as u64 }
            }
        }
    }
}

/// Actions with inputs that are code: in lower case, with the inputs and what reads them.
const INPUTS: &[(&str, &[&str], &str)] = &[
    ("8398a7/action-slack", &["custom_payload"], "JavaScript"),
    ("actions/github-script", &["script"], "JavaScript"),
    ("addnab/docker-run-action", &["run", "options"], "shell"),
    ("amadevus/pwsh-script", &["script"], "PowerShell"),
    ("appleboy/ssh-action", &["script"], "shell"),
    ("azure/cli", &["inlinescript"], "shell"),
    ("azure/powershell", &["inlinescript"], "PowerShell"),
    ("cardinalby/js-eval-action", &["expression"], "JavaScript"),
    ("cloudflare/wrangler-action", &["command", "precommands", "postcommands"], "shell"),
    ("coactions/setup-xvfb", &["run"], "shell"),
    ("cross-platform-actions/action", &["run"], "shell"),
    ("d3rhase/ssh-command-action", &["command"], "shell"),
    ("devcontainers/ci", &["runcmd"], "shell"),
    ("devorbitus/yq-action-output", &["cmd"], "shell"),
    ("fifsky/ssh-action", &["command"], "shell"),
    ("gabrielbb/xvfb-action", &["run"], "shell"),
    ("garygrossgarten/github-action-ssh", &["command"], "shell"),
    ("gautamkrishnar/blog-post-workflow", &["item_exec"], "JavaScript"),
    ("google-github-actions/ssh-compute", &["command"], "shell"),
    (
        "imjohnbo/issue-bot",
        &["body", "linked-comments-previous-issue-text", "linked-comments-new-issue-text"],
        "template",
    ),
    ("jannekem/run-python-script-action", &["script"], "Python"),
    ("jarvusinnovations/background-action", &["run"], "shell"),
    ("jimcronqvist/action-ssh", &["command"], "shell"),
    ("knicknic/os-specific-run", &["linux", "macos", "windows"], "shell"),
    ("lucasbento/auto-close-issues", &["issue-close-message"], "JavaScript"),
    ("mathworks/run-command", &["command"], "MATLAB"),
    ("matlab-actions/run-command", &["command"], "MATLAB"),
    ("mikefarah/yq", &["cmd"], "shell"),
    ("nick-fields/retry", &["command", "on_retry_command", "new_command_on_retry"], "shell"),
    ("nick-invision/retry", &["command", "on_retry_command"], "shell"),
    ("reactivecircus/android-emulator-runner", &["script", "pre-emulator-launch-script"], "shell"),
    ("roots/issue-closer", &["issue-close-message", "pr-close-message"], "JavaScript"),
    ("roots/issue-closer-action", &["issue-close-message", "pr-close-message"], "JavaScript"),
    ("rrbutani/use-nix-shell-action", &["script"], "shell"),
    ("sergeysova/jq-action", &["cmd"], "shell"),
    ("skitionek/notify-microsoft-teams", &["overwrite"], "JavaScript"),
    ("tibdex/backport", &["body_template", "head_template", "labels_template", "title_template"], "JavaScript"),
    ("uraimo/run-on-arch-action", &["run", "install", "setup"], "shell"),
    ("vmactions/freebsd-vm", &["run", "prepare"], "shell"),
    ("vmactions/netbsd-vm", &["run", "prepare"], "shell"),
    ("vmactions/omnios-vm", &["run", "prepare"], "shell"),
    ("vmactions/openbsd-vm", &["run", "prepare"], "shell"),
    ("vmactions/solaris-vm", &["run", "prepare"], "shell"),
    ("wandalen/wretry.action", &["command"], "shell"),
    ("workflow/nix-shell-action", &["script"], "shell"),
];

/// The texts of a step that are code.
pub(super) fn sinks<'a>(scene: &Scene<'a>, file: FileId, step: &'a Step) -> Vec<Sink<'a>> {
    let mut out = Vec::new();
    if let Some(script) = &step.run {
        let language = match &script.dialect {
            Dialect::PowerShell => "PowerShell",
            Dialect::Python => "Python",
            Dialect::Bash | Dialect::Cmd | Dialect::Other(_) => "shell",
        };
        out.push(Sink { text: &script.text.text, language, form: SinkForm::Run(script) });
    }
    if let Some(shell) = step.shell.as_ref().filter(|s| s.value.contains("${{")) {
        out.push(Sink { text: &shell.value, language: "shell", form: SinkForm::Value(shell) });
    }
    let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) else { return out };
    let is_it = |name: &str| {
        name.split_once('/').is_some_and(|(o, r)| o.eq_ignore_ascii_case(owner) && r.eq_ignore_ascii_case(repo))
    };
    let Some((_, inputs, language)) = INPUTS.iter().find(|(name, ..)| is_it(name)) else { return out };
    for input in *inputs {
        let Some(value) = step.input(input).filter(|v| v.value.contains("${{")) else { continue };
        // The bytes of the file, so that places are those of the file.
        let host = scene.sources.get(file).map_or("", |f| f.text_at(value.span));
        out.push(Sink { text: host, language, form: SinkForm::Value(value) });
    }
    out
}

/// Whether what stands at a byte is within a comment of its line.
pub(super) fn in_comment(sink: &Sink<'_>, at: usize) -> bool {
    let line = sink.text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
    let comment = if sink.language == "JavaScript" { "//" } else { "#" };
    line.trim_start().starts_with(comment)
}
