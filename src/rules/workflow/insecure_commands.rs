//! The commands by which any line of output set variables and paths, switched on again.

use super::settings::{self, Switched};
use super::written::{self, Written, and_others};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::workflow::Template;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "insecure-commands",
    title: "output that sets variables and paths",
    many: "{n} files let a step's output set variables and paths",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("insecure_commands.md"),
    check,
};

const NAME: &str = "ACTIONS_ALLOW_UNSECURE_COMMANDS";

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (_, found) in settings::by_file(settings::switched(scene, &[NAME])) {
        let Some(first) = found.first() else { continue };
        let Switched { file, place, .. } = first;
        let edits: Option<Vec<Edit>> = found.iter().map(|f| f.fix.clone()).collect();
        report
            .at(*place, "switched on")
            .about("variable", NAME, None)
            .also(found.iter().map(|f| f.place))
            .fix(edits.unwrap_or_default())
            .evidence("any line `::set-env name=..::` or `::add-path::..` that a program prints is then obeyed")
            .advise(format!("take {NAME} out, and write to the files $GITHUB_ENV and $GITHUB_PATH"))
            .say(format!(
                "{} lets whatever a step prints set variables and paths{}",
                file.owner(place.span),
                and_others(found.len())
            ));
    }
    for file in written::files(scene) {
        let computed = file.templates.iter().filter(|t| {
            let whole = t.expressions.first().is_some_and(|e| e.range == (0..t.text.text.trim_end().len()));
            // The value of `env` itself, not of a name in it.
            let is_table = !matches!(t.above.as_str(), "with" | "inputs" | "outputs" | "matrix" | "secrets" | "env");
            t.key == "env" && is_table && whole && !is_in_matrix(scene, &file, t)
        });
        let places: Vec<_> = computed.map(|t| file.at(t.span)).collect();
        let Some(first) = places.first() else { continue };
        report
            .at(*first, "which variables it sets is not in the file")
            .severity(Severity::Low)
            .confidence(Confidence::Low)
            .about("variable", NAME, None)
            .also(places.iter().copied())
            .content("computed env")
            .advise("name the variables, each with its value")
            .say(format!("`env` of {} is computed, and may hold {NAME}", file.owner(first.span)));
    }
}

/// Whether a text is a value of the job's matrix, which stands in the file and does not name the variable.
fn is_in_matrix(scene: &Scene<'_>, file: &Written<'_>, text: &Template) -> bool {
    let key = text.expressions.first().and_then(|e| e.tree.context());
    let Some(key) = key.as_deref().and_then(|name| name.strip_prefix("matrix.")) else { return false };
    let Some(job) = file.job(text.span) else { return false };
    let is_computed = job.computed_matrix.iter().any(|(name, _)| {
        let name = name.value.as_str();
        name.is_empty() || name.eq_ignore_ascii_case("include") || name.eq_ignore_ascii_case(key)
    });
    let written = scene.sources.get(file.file).map_or("", |host| host.text_at(job.span));
    !is_computed && !written.contains(NAME)
}
