//! What an edit does to a step that still runs the audit.

use super::calls::{Call, JUDGING};
use crate::graph::kinds::workflow::{Job, Pair, Step, Trigger, Uses, Workflow};
use crate::rules::changes::compared::{Compared, listed};
use crate::source::{FileId, Place, Span, Spanned};

/// What an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Something beside it is other.
    Notes,
    /// It runs in another way.
    Edits,
    /// It stops nothing any more.
    Takes,
}

/// One edit.
pub(super) struct Change {
    pub(super) weight: Weight,
    pub(super) text: String,
    pub(super) place: Place,
    pub(super) old: Place,
}

/// Ways in which a script lets a failure pass, flags of our own among them.
const LETS_PASS: &[&str] = &[
    "|| true",
    "||true",
    "|| :",
    "|| exit 0",
    "|| echo",
    "set +e",
    "|| return 0",
    "; true",
    "--no-fail",
    "--break-glass",
];

/// The edits of a file that runs the audit before and after.
pub(super) fn changes(compared: &Compared<'_>, file: FileId, was: &[&Call<'_>], now: &[&Call<'_>]) -> Vec<Change> {
    let mut out = Vec::new();
    for (index, old) in was.iter().enumerate() {
        // The one of the same job, else the one at the same position.
        let id = |call: &Call<'_>| call.workflow.map(|(_, job)| job.id.value.clone());
        let rank = was.iter().take(index).filter(|other| id(other) == id(old)).count();
        let same = now.iter().filter(|call| id(call) == id(old)).nth(rank);
        let Some(new) = same.or_else(|| now.get(index)) else {
            let text = "one of the steps that run this audit is gone; others are left".to_owned();
            out.push(Change { weight: Weight::Edits, text, place: compared.head_of(file), old: old.place() });
            continue;
        };
        let pair = Pairing { compared, old, new };
        pair.step(&mut out);
        pair.job(&mut out);
        if index == 0 {
            pair.triggers(&mut out);
        }
    }
    out
}

struct Pairing<'p> {
    compared: &'p Compared<'p>,
    old: &'p Call<'p>,
    new: &'p Call<'p>,
}

/// Whether a condition never holds.
fn is_never(condition: &str) -> bool {
    let inner = condition.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
    matches!(inner, "false" | "'false' == 'true'" | "1 == 2" | "!true" | "0")
}

fn value(of: Option<&Spanned<String>>) -> &str {
    of.map_or("", |text| text.value.as_str())
}

fn pairs(of: &[Pair]) -> Vec<(&str, &str)> {
    let mut out: Vec<(&str, &str)> = of.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    out.sort_unstable();
    out
}

impl Pairing<'_> {
    fn push(&self, out: &mut Vec<Change>, weight: Weight, text: impl Into<String>, span: Option<Span>) {
        let place = Place::new(self.new.file, span.unwrap_or(self.new.span));
        out.push(Change { weight, text: text.into(), place, old: self.old.place() });
    }

    fn condition(&self, out: &mut Vec<Change>, of: &str, old: Option<&Spanned<String>>, new: Option<&Spanned<String>>) {
        let Some(new) = new.filter(|new| new.value != value(old)) else { return };
        match is_never(&new.value) {
            true => {
                self.push(
                    out,
                    Weight::Takes,
                    format!("the {of} that runs this audit never runs: if: {}", new.value),
                    Some(new.span),
                );
            }
            false => {
                self.push(
                    out,
                    Weight::Edits,
                    format!("the {of} that runs this audit has another condition: if: {}", new.value),
                    Some(new.span),
                );
            }
        }
    }

    fn step(&self, out: &mut Vec<Change>) {
        let (Some(old), Some(new)) = (self.old.step, self.new.step) else { return };
        if new.continue_on_error && !old.continue_on_error {
            self.push(out, Weight::Takes, "the step that runs this audit may fail: continue-on-error", None);
        }
        self.condition(out, "step", old.condition.as_ref(), new.condition.as_ref());
        self.uses(out, old, new);
        self.script(out, old, new);
        if pairs(&old.with) != pairs(&new.with) {
            let names = differing(&old.with, &new.with);
            let span = new.with.iter().find(|(name, _)| names.contains(&name.value)).map(|(_, value)| value.span);
            self.push(
                out,
                Weight::Edits,
                format!("the step that runs this audit has other inputs: {}", listed(&names)),
                span,
            );
        }
        if pairs(&old.env) != pairs(&new.env) {
            let names = differing(&old.env, &new.env);
            let span = new.env.iter().find(|(name, _)| names.contains(&name.value)).map(|(_, value)| value.span);
            self.push(
                out,
                Weight::Edits,
                format!("the step that runs this audit has other variables: {}", listed(&names)),
                span,
            );
        }
        if value(old.shell.as_ref()) != value(new.shell.as_ref()) {
            let shell = value(new.shell.as_ref());
            let weight = if shell.contains("||") { Weight::Takes } else { Weight::Edits };
            self.push(
                out,
                weight,
                format!("the step that runs this audit has another shell: `{shell}`"),
                new.shell.as_ref().map(|s| s.span),
            );
        }
    }

    fn uses(&self, out: &mut Vec<Change>, old: &Step, new: &Step) {
        let (Some(was), Some(now)) = (&old.uses, &new.uses) else { return };
        if was.value == now.value {
            return;
        }
        let (name, reference) = parts(&was.value);
        let (new_name, new_reference) = parts(&now.value);
        if !name.eq_ignore_ascii_case(&new_name) {
            let text = format!("this audit is run by `{new_name}` and was run by `{name}`");
            self.push(out, Weight::Takes, text, Some(now.span));
        } else {
            // An update like those that update tools make.
            let is_kept = Uses::is_commit(&new_reference) || !Uses::is_commit(&reference);
            let weight = if is_kept { Weight::Notes } else { Weight::Edits };
            self.push(
                out,
                weight,
                format!("this audit is run in another version: {new_reference}, was {reference}"),
                Some(now.span),
            );
        }
    }

    fn script(&self, out: &mut Vec<Change>, old: &Step, new: &Step) {
        let (Some(was), Some(now)) = (&old.run, &new.run) else { return };
        let (before, after) = (was.text.text.trim(), now.text.text.trim());
        if before == after {
            return;
        }
        let passes = |text: &str| LETS_PASS.iter().filter(|way| text.contains(**way)).count();
        let (weight, text) = match passes(after) > passes(before) {
            true => (Weight::Takes, "the script that runs this audit lets its failure pass"),
            false => (Weight::Edits, "the script that runs this audit is another"),
        };
        self.push(out, weight, text, Some(now.span));
    }

    fn job(&self, out: &mut Vec<Change>) {
        let (Some((_, old)), Some((_, new))) = (self.old.workflow, self.new.workflow) else { return };
        if new.continue_on_error && !old.continue_on_error {
            self.push(
                out,
                Weight::Takes,
                "the job that runs this audit may fail: continue-on-error",
                Some(new.id.span),
            );
        }
        self.condition(out, "job", old.condition.as_ref(), new.condition.as_ref());
        let labels = |job: &Job| job.runs_on.iter().map(|label| label.value.clone()).collect::<Vec<_>>();
        if labels(old) != labels(new) && labels(new).iter().any(|label| label == "self-hosted") {
            let span = new.runs_on.first().map(|label| label.span);
            self.push(out, Weight::Edits, "the job that runs this audit runs on a machine of one's own", span);
        }
        if pairs(&old.with) != pairs(&new.with) {
            let names = differing(&old.with, &new.with);
            self.push(
                out,
                Weight::Edits,
                format!("the job that runs this audit has other inputs: {}", listed(&names)),
                None,
            );
        }
        let above = |job: &Job, step: Option<&Step>| -> Vec<String> {
            let own = step.map_or(0, |step| step.index);
            let before = job.steps.iter().take(own);
            before.map(|s| s.run.as_ref().map_or_else(|| named(s), |run| run.text.text.clone())).collect()
        };
        let known = above(old, self.old.step);
        if let Some(fresh) = new.steps.iter().take(self.new.step.map_or(0, |s| s.index)).find(|step| {
            let text = step.run.as_ref().map_or_else(|| named(step), |run| run.text.text.clone());
            !known.contains(&text)
        }) {
            self.push(
                out,
                Weight::Notes,
                format!("before this audit runs another step: {}", fresh.title()),
                Some(fresh.span),
            );
        }
    }

    fn triggers(&self, out: &mut Vec<Change>) {
        let (Some((old, _)), Some((new, _))) = (self.old.workflow, self.new.workflow) else { return };
        for trigger in old.triggers.iter().filter(|t| JUDGING.contains(&t.name.value.as_str())) {
            let name = &trigger.name.value;
            let Some(now) = new.triggers.iter().find(|t| t.name.value == *name) else {
                let span = new.triggers.first().map(|t| t.name.span);
                // A change that nobody else judges is judged by nobody.
                let rest = new.triggers.iter().any(|t| t.name.value.starts_with("pull_request"));
                let weight = if name.starts_with("pull_request") && !rest { Weight::Takes } else { Weight::Edits };
                self.push(out, weight, format!("the workflow that runs this audit no longer starts by {name}"), span);
                continue;
            };
            if narrowed(trigger, now) {
                self.push(
                    out,
                    Weight::Edits,
                    format!("the workflow that runs this audit starts for fewer changes by {name}"),
                    Some(now.name.span),
                );
            }
        }
        let ignores = |workflow: &Workflow, compared: &Compared<'_>, is_old: bool| {
            let sources = if is_old { compared.base().sources } else { compared.scene.sources };
            let text = sources.get(workflow.file).map_or("", |file| file.text.as_str());
            text.matches("paths-ignore:").count() + text.matches("branches-ignore:").count()
        };
        if ignores(new, self.compared, false) > ignores(old, self.compared, true) {
            let span = new.triggers.first().map(|t| t.name.span);
            self.push(out, Weight::Edits, "the workflow that runs this audit passes over some changes", span);
        }
    }
}

fn narrowed(old: &Trigger, new: &Trigger) -> bool {
    let values = |list: &[Spanned<String>]| list.iter().map(|one| one.value.clone()).collect::<Vec<_>>();
    let fewer = |old: Vec<String>, new: Vec<String>| {
        !new.is_empty() && (old.is_empty() || old.iter().any(|one| !new.contains(one)))
    };
    fewer(old.types.clone(), new.types.clone())
        || fewer(values(&old.branches), values(&new.branches))
        || fewer(values(&old.paths), values(&new.paths))
}

fn named(step: &Step) -> String {
    step.uses.as_ref().map_or_else(|| step.title(), |uses| parts(&uses.value).0)
}

/// What `uses` names, and in which version.
fn parts(uses: &Uses) -> (String, String) {
    let text = uses.to_string();
    text.rsplit_once('@').map_or((text.clone(), String::new()), |(name, at)| (name.to_owned(), at.to_owned()))
}

/// Keys of which the value differs.
fn differing(old: &[Pair], new: &[Pair]) -> Vec<String> {
    let (old, new) = (pairs(old), pairs(new));
    let only = |one: &[(&str, &str)], other: &[(&str, &str)]| {
        one.iter().filter(|pair| !other.contains(pair)).map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
    };
    let mut names = only(&new, &old);
    names.extend(only(&old, &new));
    names.sort();
    names.dedup();
    names
}
