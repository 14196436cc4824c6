//! Actions and programs that are agents. Facts of each one's own documentation, as of 2026-08.

/// What an agent may do where nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// Answers, and nothing else.
    Answers,
    /// Edits files or comments by tools of its own.
    Edits,
    /// Runs commands in a sandbox without network.
    Sandboxed,
    /// Runs any command.
    Shell,
}

/// An action that is an agent.
#[derive(Debug)]
pub(super) struct Action {
    /// `owner/repo`, with its folder where it has one.
    pub(super) name: &'static str,
    /// It refuses people who may not write to the repository.
    pub(super) checks_person: bool,
    /// Inputs that open it to more people or bots; `*` is everybody. Apps of strangers are bots too.
    pub(super) openers: &'static [&'static str],
    /// It looks up what the event is about.
    pub(super) reads_event: bool,
    /// Inputs that tell it what to do.
    pub(super) prompts: &'static [&'static str],
    /// Inputs with tools, arguments or settings.
    pub(super) limits: &'static [&'static str],
    /// What it may do where nobody says.
    pub(super) usual: Usual,
}

/// An action nobody limits, for short lines below.
const OPEN: Action = Action {
    name: "",
    checks_person: false,
    openers: &[],
    reads_event: false,
    prompts: &["prompt"],
    limits: &[],
    usual: Usual::Shell,
};

const CLAUDE_LIMITS: &[&str] = &["claude_args", "allowed_tools", "settings"];
const GEMINI: Action = Action { limits: &["settings"], ..OPEN };
const OPENCODE: Action = Action { checks_person: true, reads_event: true, ..OPEN };
const PR_AGENT: Action = Action { reads_event: true, usual: Usual::Answers, ..OPEN };

/// By name; case does not matter.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "anthropics/claude-code-action",
        checks_person: true,
        openers: &["allowed_non_write_users", "allowed_bots"],
        reads_event: true,
        prompts: &["prompt", "direct_prompt", "override_prompt"],
        limits: CLAUDE_LIMITS,
        usual: Usual::Edits,
    },
    Action {
        name: "anthropics/claude-code-base-action",
        prompts: &["prompt", "prompt_file"],
        limits: CLAUDE_LIMITS,
        usual: Usual::Edits,
        ..OPEN
    },
    Action {
        name: "anthropics/claude-code-action/base-action",
        prompts: &["prompt", "prompt_file"],
        limits: CLAUDE_LIMITS,
        usual: Usual::Edits,
        ..OPEN
    },
    Action { name: "google-github-actions/run-gemini-cli", ..GEMINI },
    Action { name: "google-gemini/gemini-cli-action", ..GEMINI },
    Action { name: "qwenlm/qwen-code-action", ..GEMINI },
    Action {
        name: "openai/codex-action",
        checks_person: true,
        openers: &["allow-users"],
        prompts: &["prompt", "prompt-file"],
        limits: &["sandbox", "safety-strategy", "permission-profile", "codex-args"],
        usual: Usual::Sandboxed,
        ..OPEN
    },
    Action { name: "sst/opencode/github", ..OPENCODE },
    Action { name: "anomalyco/opencode/github", ..OPENCODE },
    Action { name: "factory-ai/droid-action", checks_person: true, reads_event: true, ..OPEN },
    Action { name: "warpdotdev/oz-agent-action", ..OPEN },
    Action { name: "warpdotdev/warp-agent-action", ..OPEN },
    Action {
        name: "augmentcode/augment-agent",
        prompts: &["instruction", "instruction_file", "template_directory"],
        ..OPEN
    },
    Action { name: "qodo-ai/pr-agent", ..PR_AGENT },
    Action { name: "codium-ai/pr-agent", ..PR_AGENT },
    Action { name: "the-pr-agent/pr-agent", ..PR_AGENT },
    Action { name: "coderabbitai/ai-pr-reviewer", ..PR_AGENT },
    Action { name: "anc95/chatgpt-codereview", ..PR_AGENT },
    Action { name: "actions/ai-inference", prompts: &["prompt", "prompt-file"], usual: Usual::Answers, ..OPEN },
];

/// A program that is an agent.
#[derive(Debug)]
pub(super) struct Program {
    /// The command.
    pub(super) name: &'static str,
    /// Packages that bring it, for `npx` and `uvx`.
    pub(super) packages: &'static [&'static str],
    /// What has it work without a person: a subcommand or an option. None where it always does.
    pub(super) headless: &'static [&'static str],
    /// Options that take its limits away; those with a value are written `--option=value`.
    pub(super) unlimited: &'static [&'static str],
    /// The option that names allowed tools.
    pub(super) allows: &'static [&'static str],
    /// What it may do where nobody says.
    pub(super) usual: Usual,
}

/// By name.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "claude",
        packages: &["@anthropic-ai/claude-code"],
        headless: &["-p", "--print"],
        unlimited: &["--dangerously-skip-permissions", "--permission-mode=bypassPermissions"],
        allows: &["--allowedTools", "--allowed-tools"],
        usual: Usual::Answers,
    },
    Program {
        name: "gemini",
        packages: &["@google/gemini-cli"],
        headless: &["-p", "--prompt", "-y", "--yolo"],
        unlimited: &["--yolo", "-y", "--approval-mode=yolo"],
        allows: &["--allowed-tools"],
        usual: Usual::Answers,
    },
    Program {
        name: "qwen",
        packages: &["@qwen-code/qwen-code"],
        headless: &["-p", "--prompt", "-y", "--yolo"],
        unlimited: &["--yolo", "-y", "--approval-mode=yolo"],
        allows: &["--allowed-tools"],
        usual: Usual::Answers,
    },
    Program {
        name: "codex",
        packages: &["@openai/codex"],
        headless: &["exec", "e"],
        unlimited: &[
            "--dangerously-bypass-approvals-and-sandbox",
            "--yolo",
            "--sandbox=danger-full-access",
            "-s=danger-full-access",
        ],
        allows: &[],
        usual: Usual::Sandboxed,
    },
    Program {
        name: "copilot",
        packages: &["@github/copilot"],
        headless: &["-p", "--prompt"],
        unlimited: &["--allow-all-tools", "--allow-all", "--yolo"],
        allows: &["--allow-tool"],
        usual: Usual::Answers,
    },
    Program {
        name: "cursor-agent",
        packages: &[],
        headless: &["-p", "--print"],
        unlimited: &["--force", "-f", "--yolo"],
        allows: &[],
        usual: Usual::Answers,
    },
    Program {
        name: "aider",
        packages: &["aider-chat"],
        headless: &["--message", "-m", "--message-file", "-f", "--yes", "--yes-always"],
        unlimited: &[],
        allows: &[],
        usual: Usual::Edits,
    },
    Program { name: "goose", packages: &[], headless: &["run"], unlimited: &[], allows: &[], usual: Usual::Shell },
    Program {
        name: "opencode",
        packages: &["opencode-ai"],
        headless: &["run"],
        unlimited: &[],
        allows: &[],
        usual: Usual::Shell,
    },
    Program {
        name: "q",
        packages: &[],
        headless: &["--no-interactive"],
        unlimited: &["--trust-all-tools", "-a"],
        allows: &["--trust-tools"],
        usual: Usual::Answers,
    },
    Program {
        name: "kiro-cli",
        packages: &[],
        headless: &["--no-interactive"],
        unlimited: &["--trust-all-tools", "-a"],
        allows: &["--trust-tools"],
        usual: Usual::Answers,
    },
    Program {
        name: "amp",
        packages: &["@sourcegraph/amp"],
        headless: &["-x", "--execute"],
        unlimited: &["--dangerously-allow-all"],
        allows: &[],
        usual: Usual::Edits,
    },
    Program {
        name: "droid",
        packages: &[],
        headless: &["exec"],
        unlimited: &["--skip-permissions-unsafe"],
        allows: &[],
        usual: Usual::Answers,
    },
    Program {
        name: "crush",
        packages: &["@charmland/crush"],
        headless: &["run"],
        unlimited: &["--yolo", "-y"],
        allows: &[],
        usual: Usual::Shell,
    },
    Program {
        name: "auggie",
        packages: &["@augmentcode/auggie"],
        headless: &["-p", "--print"],
        unlimited: &[],
        allows: &[],
        usual: Usual::Shell,
    },
];
