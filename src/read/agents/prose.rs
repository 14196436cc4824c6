//! Instructions for agents: prose that a model is given before it starts. Only shapes are read that fetch and
//! run or obey, that hide text, that grant tools, and lines that run a command when the file is used. Sources:
//! agents.md; Claude Code, "Slash commands", "Skills"; Cursor, "Rules"; GitHub Docs, "Repository custom
//! instructions for Copilot".

use super::{grants, hidden, scripts};
use crate::graph::Document;
use crate::graph::kinds::agents::{AgentFile, AutoCommand, Grant, Told};
use crate::parse::Budget;
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// Reads instructions.
#[derive(Debug)]
pub struct InstructionsReader;

/// Addresses told of one file.
const MAX_TOLD: usize = 64;

/// Bytes of a line that is looked at; what follows is most often data.
const MAX_LINE: usize = 4 << 10;

/// Lines of the part between `---` at the beginning.
const MAX_FRONT: usize = 200;

/// The program that reads a file of prose, by path.
fn program(path: &RepoPath) -> Option<&'static str> {
    let name = path.name();
    match name {
        "AGENTS.md" | "AGENTS.override.md" => return Some("agents"),
        "CLAUDE.md" | "CLAUDE.local.md" => return Some("Claude Code"),
        "GEMINI.md" => return Some("Gemini CLI"),
        ".cursorrules" => return Some("Cursor"),
        ".windsurfrules" => return Some("Windsurf"),
        ".clinerules" => return Some("Cline"),
        "SKILL.md" => return Some("agents"),
        "copilot-instructions.md" if path.parent().name() == ".github" => return Some("GitHub Copilot"),
        _ => {}
    }
    let is_prose = name.ends_with(".md") || name.ends_with(".mdc");
    if !is_prose {
        return None;
    }
    let is_copilots = [".instructions.md", ".prompt.md", ".agent.md", ".chatmode.md"].iter().any(|e| name.ends_with(e));
    let folder = path.parent();
    let parts: Vec<&str> = folder.parts().collect();
    let within = |outer: &str, inner: &[&str]| {
        parts.windows(2).any(|pair| pair.first() == Some(&outer) && pair.get(1).is_some_and(|p| inner.contains(p)))
    };
    match () {
        () if within(".claude", &["agents", "commands", "rules", "skills"]) => Some("Claude Code"),
        () if within(".cursor", &["agents", "commands", "rules", "skills"]) => Some("Cursor"),
        () if within(".windsurf", &["rules", "workflows"]) => Some("Windsurf"),
        () if within(".roo", &["rules"]) => Some("Roo Code"),
        () if within(".amazonq", &["rules"]) => Some("Amazon Q"),
        () if within(".kiro", &["steering"]) => Some("Kiro"),
        () if within(".gemini", &["commands", "skills"]) => Some("Gemini CLI"),
        () if within(".codex", &["prompts", "skills"]) => Some("Codex"),
        () if is_copilots && parts.contains(&".github") => Some("GitHub Copilot"),
        () if parts.contains(&".clinerules") => Some("Cline"),
        () => None,
    }
}

impl Reader for InstructionsReader {
    fn id(&self) -> &'static str {
        "agent-instructions"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        program(path).is_some()
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`AGENTS.md`, `CLAUDE.md`, `GEMINI.md`, `SKILL.md`, `.cursorrules`, \
                    `.github/copilot-instructions.md`, `.claude/{agents,commands,skills}/**/*.md`, \
                    `.cursor/rules/*.mdc` and their kin",
            read: "hidden characters, text that tells to fetch and run or obey, tools that are granted, commands \
                   that run when the file is used",
            not_read: "what the prose asks for otherwise",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(program) = program(&file.path) else { return };
        let text = file.text.as_str();
        if text.len() > budget.bytes {
            out.unread = Some(format!("it has {} bytes, more than the limit of {}", text.len(), budget.bytes));
            return;
        }
        let mut agent = AgentFile {
            file: file.id,
            program,
            instructions: Some(Span::new(0, text.len())),
            hidden: hidden::find(text),
            ..AgentFile::default()
        };
        let front = front(text, &mut agent);
        let runs = file.path.as_str().contains(".claude/") || file.path.name() == "SKILL.md";
        let mut at = front;
        for line in text.get(front..).unwrap_or_default().split_inclusive('\n') {
            let end = line.char_indices().map(|(i, _)| i).find(|i| *i >= MAX_LINE).unwrap_or(line.len());
            let line_of = line.get(..end).unwrap_or(line);
            told(line_of, at, &mut agent);
            if runs {
                commands(line_of, at, &mut agent, budget, out);
            }
            at += line.len();
        }
        out.documents.push(Document::Agent(agent));
    }
}

/// Reads the part between `---` at the beginning and says where it ends. Its values are often no YAML
/// (`globs: *.py`), so that it is read by lines.
fn front(text: &str, agent: &mut AgentFile) -> usize {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.len() - body.len();
    let mut lines = body.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return start };
    let mut at = start + first.len();
    let mut in_tools = false;
    let mut found = Vec::new();
    for line in lines.take(MAX_FRONT) {
        let end = at + line.len();
        let plain = line.trim_end();
        if plain == "---" {
            agent.grants.extend(found);
            return end;
        }
        let item = plain.trim_start().strip_prefix("- ");
        if let Some((key, value)) = plain.split_once(':').filter(|(key, _)| is_key(key)) {
            in_tools = key == "allowed-tools";
            if in_tools {
                tools(value, at + key.len() + 1, &mut found);
            }
        } else if let Some(item) = item.filter(|_| in_tools) {
            tools(item, at + plain.len() - item.len(), &mut found);
        }
        at = end;
    }
    start
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Tools of `allowed-tools`, between commas outside of brackets.
fn tools(text: &str, start: usize, out: &mut Vec<Grant>) {
    let mut depth = 0_usize;
    let separate = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    };
    let mut at = start;
    for part in text.split(separate) {
        let is_mark = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | ']');
        let lead = part.len() - part.trim_start_matches(is_mark).len();
        let plain = part.trim_matches(is_mark);
        if !plain.is_empty() && out.len() < MAX_TOLD {
            let text = Spanned::new(plain.to_owned(), Span::new(at + lead, at + lead + plain.len()));
            out.push(Grant { reach: grants::reach(plain), text, key: "allowed-tools" });
        }
        at += part.len() + 1;
    }
}

/// Commands that run when a command or skill is called: `` !`git status` ``.
fn commands(line: &str, start: usize, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    for (at, _) in line.match_indices("!`").take(MAX_TOLD) {
        // `#[allow(..)]!` and the like: it stands at the beginning or behind a blank.
        if line.get(..at).is_some_and(|before| !(before.is_empty() || before.ends_with([' ', '\t', '(']))) {
            continue;
        }
        let inner = at + 2;
        let Some(length) = line.get(inner..).and_then(|rest| rest.find('`')) else { continue };
        let Some(text) = line.get(inner..inner + length) else { continue };
        let place = Span::new(start + inner, start + inner + length);
        if let Some(script) = scripts::of_text(Embedded::verbatim(text, place.start), place, budget, out) {
            let when = "when it is called".to_owned();
            agent.commands.push(AutoCommand { when, script, on_host: true, at_start: false, unseen: false });
        }
    }
}

/// Words by which a text is fetched.
const FETCH: &[&str] = &["fetch", "download", "retrieve", "curl", "wget", "webfetch"];

/// Words by which what was fetched is obeyed.
const OBEY: &[&str] = &[
    "follow its instructions",
    "follow the instructions",
    "follow these instructions",
    "follow those instructions",
    "follow all instructions",
    "follow any instructions",
    "follow the steps",
    "follow what it says",
    "follow it",
    "execute its instructions",
    "execute the instructions",
    "execute it",
    "execute them",
    "do what it says",
    "obey",
    "treat it as instructions",
    "run it",
    "run the script",
    "and execute",
];

/// Programs that run what they are given on their standard input.
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "python", "python3", "node", "iex", "invoke-expression"];

/// Addresses that a line tells to fetch and run or obey.
fn told(line: &str, start: usize, agent: &mut AgentFile) {
    if !line.contains("://") {
        return;
    }
    let lower = line.to_ascii_lowercase();
    for (at, _) in lower.match_indices("://").take(8) {
        if agent.fetches.len() >= MAX_TOLD {
            return;
        }
        let Some(begin) = ["https", "http"].iter().find(|s| lower.get(..at).is_some_and(|b| b.ends_with(*s))) else {
            continue;
        };
        let begin = at - begin.len();
        let rest = line.get(begin..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || "\"'`<>)]|;,\\".contains(c);
        let end = begin + rest.find(ends).unwrap_or(rest.len());
        let (Some(before), Some(after)) = (lower.get(..begin), lower.get(end..)) else { continue };
        let is_run = pipes(before, after);
        let is_obeyed = || {
            let has_word =
                |words: &[&str]| before.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word));
            has_word(FETCH) && OBEY.iter().any(|phrase| after.contains(phrase))
        };
        if is_run || is_obeyed() {
            let url = line.get(begin..end).unwrap_or_default().trim_end_matches(['.', ':']).to_owned();
            let span = Span::new(start + begin, start + begin + url.len());
            agent.fetches.push(Told { url: Spanned::new(url, span), is_run });
        }
    }
}

/// Whether what is around an address hands what it serves to a shell: `curl .. | sh`, `bash <(curl ..)`,
/// `sh -c "$(curl ..)"`, `iwr .. | iex`.
fn pipes(before: &str, after: &str) -> bool {
    let fetches = before
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .any(|word| matches!(word, "curl" | "wget" | "iwr" | "irm" | "invoke-webrequest" | "invoke-restmethod"));
    if !fetches {
        return false;
    }
    let inner = ["<(curl", "<(wget", "$(curl", "$(wget"].iter().any(|shape| before.contains(shape));
    let by_shell = || before.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| SHELLS.contains(&word));
    if inner && by_shell() {
        return true;
    }
    let Some((_, rest)) = after.split_once('|') else { return false };
    let mut words = rest.split_whitespace().skip_while(|word| *word == "sudo" || word.contains('=') || *word == "env");
    let word = words.next().unwrap_or_default();
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    SHELLS.contains(&word.rsplit('/').next().unwrap_or(word))
}
