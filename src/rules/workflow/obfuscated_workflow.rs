//! Ways of writing that hide what a workflow uses or runs.

use super::constant;
use super::written::{self, Written, and_others, shown};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::workflow::{Evaluated, Step, Template, Uses};
use crate::parse::expression::{Expression, ExpressionKind, Part};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "obfuscated-workflow",
    title: "a workflow that hides what it does",
    many: "{n} places hide what a workflow does",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("obfuscated_workflow.md"),
    check,
};

/// Shortest text in base64 that is worth hiding something in.
const BLOB: usize = 40;
/// Programs that run what they are given as text. Lower case.
const INTERPRETERS: &[&str] =
    &["sh", "bash", "zsh", "dash", "python", "python3", "perl", "ruby", "node", "php", "eval", "source", "iex"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let steps: Vec<&Step> = file.steps().collect();
        for step in &steps {
            path(scene, report, &file, step);
            blob(report, &file, step);
        }
        constants(scene, report, &file);
        computed(report, &file);
    }
}

/// `owner/repo/./x/../y@ref`.
fn path(scene: &Scene<'_>, report: &mut Reporter<'_>, file: &Written<'_>, step: &Step) {
    let Some(uses) = &step.uses else { return };
    let Uses::Repository { owner, repo, path, reference } = &uses.value else { return };
    let raw = scene.sources.get(file.file).map_or("", |f| f.text_at(uses.span));
    let is_odd = |part: &str| matches!(part, "" | "." | "..");
    // The model does not tell `owner/repo/@ref` from `owner/repo@ref`.
    let ends_odd = raw.trim_matches(['"', '\'']).rsplit_once('@').is_some_and(|(name, _)| name.ends_with('/'));
    if !(ends_odd || (!path.is_empty() && path.split('/').any(is_odd))) {
        return;
    }
    let mut kept: Option<Vec<&str>> = Some(Vec::new());
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // Above the repository: what that stands for is nobody's guess.
            ".." => kept = kept.and_then(|mut k| k.pop().map(|_| k)),
            other => kept.iter_mut().for_each(|k| k.push(other)),
        }
    }
    let plain = kept.map(|kept| {
        let folder: String = kept.iter().flat_map(|part| ["/", part]).collect();
        format!("{owner}/{repo}{folder}@{reference}")
    });
    let is_bare = !raw.starts_with(['"', '\'', '|', '>']);
    let mut draft = report
        .at(file.at(uses.span), "steps that lead nowhere")
        .severity(if plain.is_some() { Severity::Low } else { Severity::Medium })
        .about("action", format!("{owner}/{repo}"), Some(reference.clone()));
    if let Some(plain) = &plain {
        let edit = Edit { place: file.at(uses.span), text: plain.clone() };
        draft = draft.fix(is_bare.then_some(edit)).advise(format!("write {plain}"));
    } else {
        draft = draft.advise("name the folder of the action as it is");
    }
    draft.say(format!("`{}` hides which action it names", shown(raw)));
}

/// A text in base64 that is decoded and run.
fn blob(report: &mut Reporter<'_>, file: &Written<'_>, step: &Step) {
    let Some(script) = &step.run else { return };
    let mut start = 0;
    for line in script.text.text.split_inclusive('\n') {
        let at = start..start + line.trim_end().len();
        start += line.len();
        if line.trim_start().starts_with('#') || !has_blob(line) || !decodes_and_runs(line) {
            continue;
        }
        report
            .at(file.at(script.text.host_span(at)), "decoded and run")
            .severity(Severity::High)
            .confidence(Confidence::Medium)
            .about("step", step.title(), None)
            .content(line.trim().to_owned())
            .advise("write the script as it is, or keep it in a file of the tree")
            .say(format!("step {} runs a text that it decodes first", step.title()));
        return;
    }
}

fn has_blob(line: &str) -> bool {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')))
        // A path or an address has no such length without a dot or dash.
        .any(|word| word.len() >= BLOB && word.bytes().any(|b| b.is_ascii_uppercase()) && word.matches('/').count() < 6)
}

fn decodes_and_runs(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let words =
        || lower.split(|c: char| c.is_whitespace() || matches!(c, '|' | ';' | '(' | ')' | '"' | '\'' | '$' | '<'));
    let decodes = lower.contains("base64")
        && words().any(|w| matches!(w, "-d" | "--decode" | "-di" | "frombase64string" | "[convert]::frombase64string"))
        || lower.contains("b64decode")
        || lower.contains("frombase64string");
    let encoded = words().any(|w| matches!(w, "-encodedcommand" | "-enc" | "-encoded"))
        && words().any(|w| matches!(w, "pwsh" | "powershell" | "powershell.exe"));
    let runs = lower.split(['|', ';', '&', '$', '(', '<']).any(|part| {
        let first = part.split_whitespace().find(|w| !matches!(*w, "sudo" | "exec" | "env"));
        first.is_some_and(|w| INTERPRETERS.contains(&w.rsplit('/').next().unwrap_or(w)))
    }) || lower.contains("exec(")
        || lower.contains("invoke-expression");
    encoded || (decodes && runs)
}

/// Expressions whose value is in the text.
fn constants(scene: &Scene<'_>, report: &mut Reporter<'_>, file: &Written<'_>) {
    let mut found: Vec<(&Template, &Evaluated, &Expression)> = Vec::new();
    for (template, of) in file.expressions() {
        // Braces around a constant are a habit in conditions that switch something off.
        let is_switch = matches!(of.tree.kind, ExpressionKind::Bool(_));
        if !is_switch {
            reducible(&of.tree, true, &mut |part| found.push((template, of, part)));
        }
    }
    let Some((template, of, part)) = found.first().copied() else { return };
    let place = |(template, of, part): &(&Template, &Evaluated, &Expression)| file.at(template.place(of, part));
    let edits: Option<Vec<Edit>> = found.iter().map(|f| written_out(scene, file, *f)).collect();
    let result = constant::value(part).map(|value| value.text()).unwrap_or_default();
    report
        .at(place(&(template, of, part)), format!("always `{}`", shown(&result)))
        .confidence(Confidence::Medium)
        .about("expression", shown(template.written(of, part)), None)
        .also(found.iter().map(place))
        .fix(edits.unwrap_or_default())
        .advise("write the value")
        .say(format!(
            "`{}` is a constant written as an expression{}",
            shown(template.written(of, part)),
            and_others(found.len())
        ));
}

/// The outermost parts with a value of their own; a plain constant counts where it is the whole.
fn reducible<'a>(part: &'a Expression, is_whole: bool, take: &mut impl FnMut(&'a Expression)) {
    let is_plain = matches!(
        part.kind,
        ExpressionKind::Text(_) | ExpressionKind::Number(_) | ExpressionKind::Bool(_) | ExpressionKind::Null
    );
    if is_plain && !is_whole {
        return;
    }
    if constant::value(part).is_some() {
        return take(part);
    }
    match &part.kind {
        ExpressionKind::Context(parts) => {
            for inner in parts {
                if let Part::Index(inner) | Part::Head(inner) = inner {
                    reducible(inner, false, take);
                }
            }
        }
        ExpressionKind::Call(_, arguments) => arguments.iter().for_each(|inner| reducible(inner, false, take)),
        ExpressionKind::Not(inner) => reducible(inner, false, take),
        ExpressionKind::Binary(_, left, right) => {
            reducible(left, false, take);
            reducible(right, false, take);
        }
        _ => {}
    }
}

/// The value in place of the braces, where it is plain enough to stand in any text.
fn written_out(
    scene: &Scene<'_>,
    file: &Written<'_>,
    (template, of, part): (&Template, &Evaluated, &Expression),
) -> Option<Edit> {
    let value = constant::value(part)?;
    let text = value.text();
    let is_whole = part.range == of.tree.range;
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    // Of the comparisons only that they are constants is known, and an `if` needs its quotes.
    let is_known = !part.all().iter().any(|p| matches!(p.kind, ExpressionKind::Binary(..)));
    let sits = scene.sources.get(file.file).is_some() && !template.is_condition;
    let span = template.text.editable(of.range.clone())?;
    (is_whole && is_word && is_known && sits && template.key == "run").then_some(Edit { place: file.at(span), text })
}

/// `x[something computed]`, and a table that is computed as a whole.
fn computed(report: &mut Reporter<'_>, file: &Written<'_>) {
    let mut places: Vec<(Place, String)> = Vec::new();
    for (template, of, part) in file.parts() {
        let ExpressionKind::Context(parts) = &part.kind else { continue };
        let is_secrets = matches!(parts.first(), Some(Part::Name(name)) if name.eq_ignore_ascii_case("secrets"));
        let has_index = parts.iter().any(|p| matches!(p, Part::Index(inner) if constant::value(inner).is_none()));
        // Secrets have a rule of their own.
        if has_index && !is_secrets {
            places.push((file.at(template.place(of, part)), template.written(of, part).to_owned()));
        }
    }
    for template in file.templates {
        let is_table = template.key == "with" && !matches!(template.above.as_str(), "with" | "env" | "inputs");
        if is_table
            && template.expressions.first().is_some_and(|e| e.range.len() == template.text.text.trim_end().len())
        {
            places.push((file.at(template.span), format!("with: {}", template.text.text.trim_end())));
        }
    }
    places.sort();
    let Some((first, text)) = places.first() else { return };
    report
        .at(*first, "which it names is decided when it runs")
        .confidence(Confidence::Low)
        .about("expression", shown(text), None)
        .also(places.iter().map(|(place, _)| *place))
        .advise("name what is meant, each with a condition where there are several")
        .say(format!("what `{}` names is computed{}", shown(text), and_others(places.len())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_decoded_and_run_are_told_from_data() {
        const BLOB: &str = "Y3VybCAtcyBodHRwczovL2V4YW1wbGUuY29tL3gKY3VybCAtcwo=";
        for (line, expected) in [
            (format!("echo {BLOB} | base64 -d | bash"), true),
            (format!("bash -c \"$(echo {BLOB} | base64 --decode)\""), true),
            (format!("python3 -c \"import base64; exec(base64.b64decode('{BLOB}'))\""), true),
            (format!("pwsh -EncodedCommand {BLOB}"), true),
            (format!("eval $(base64 -d <<< {BLOB})"), true),
            (format!("echo {BLOB} | base64 -d > key.json"), false),
            ("echo \"$KEY\" | base64 -d | bash".to_owned(), false),
            ("curl https://example.com/a/long/path/that/goes/on/and/on/to/x | bash".to_owned(), false),
        ] {
            assert_eq!(has_blob(&line) && decodes_and_runs(&line), expected, "{line}");
        }
    }
}
