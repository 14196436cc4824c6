//! Folders of models as hubs keep them: code that a loader fetches or imports beside the weights, and weights that
//! are not there.
//!
//! A file by itself says that it names code. Here the code is looked for, read with all that it imports, and rated.
//! What nothing refers to is not loaded, and is not told. Nothing here knows what is installed or reachable.

mod code;
mod documents;
mod imports;
mod places;
mod references;
mod served;
#[cfg(test)]
mod tests;
mod weights;

use std::collections::BTreeMap;

use super::{Context, FileReport, Format, Limits, Rule, Severity, Verdict};
use crate::source::Folder;
use code::Code;
use places::Model;

static FOREIGN_CODE: Rule = Rule {
    id: "repository-foreign-code",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A model that fetches code from another repository",
    help: "With `trust_remote_code` the loader fetches and runs it, in whatever state it is by then. Keep a copy that was read, or take a model that needs none.",
};
static ESCAPE: Rule = Rule {
    id: "repository-escape",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "A model that names files outside of its folder",
    help: "A loader takes what lies there for a part of the model. Do not load it.",
};
static TRUSTS: Rule = Rule {
    id: "repository-trusts-code",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A configuration that switches on code of models",
    help: "Whoever loads it runs code that the configuration or another repository names. Whether to trust code is for the caller to say: take the key out.",
};
static REQUIREMENTS: Rule = Rule {
    id: "repository-requirements",
    verdict: Verdict::Suspicious,
    severity: Severity::Low,
    title: "Packages from elsewhere that a server installs with the model",
    help: "They are installed before the model's code runs, from a place that is no common index. Name packages and versions of an index.",
};
static CLASS_DANGEROUS: Rule = Rule {
    id: "repository-dangerous-class",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A part of a model that is no part of one",
    help: "The loader imports and calls what the configuration names. Do not load it.",
};
static BASE_OUTSIDE: Rule = Rule {
    id: "adapter-base-outside",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "An adapter whose base model is a path of some machine",
    help: "On another machine the path is not there, or is something else. Name the base model as the hub does.",
};
static BASE_CLIMBS: Rule = Rule {
    id: "adapter-base-climbs",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "An adapter whose base model lies above its own folder",
    help: "The loader takes what lies there for the base model. Name the base model as the hub does.",
};
static MISSING: Rule = Rule {
    id: "repository-incomplete",
    verdict: Verdict::Unread,
    severity: Severity::Medium,
    title: "Parts of a model that are not there",
    help: "Nothing is known of them. Fetch them, then scan again.",
};
static PICKLE_BESIDE: Rule = Rule {
    id: "pickle-beside-safetensors",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "The same weights as a pickle too",
    help: "Loaders that prefer safetensors do not read the pickle. Delete it, so that none does.",
};

pub(super) const RULES: &[&Rule] = &[
    &FOREIGN_CODE,
    &ESCAPE,
    &TRUSTS,
    &REQUIREMENTS,
    &CLASS_DANGEROUS,
    &BASE_CLIMBS,
    &BASE_OUTSIDE,
    &MISSING,
    &PICKLE_BESIDE,
];

/// Looks at a folder as a whole: at each folder in it that is a model of its own. `reports` are those of its
/// files, by path. Returns an entry for each such folder that has something to tell, its path ending in `/`.
#[must_use]
pub fn scan(folder: &dyn Folder, reports: &BTreeMap<String, FileReport>, limits: &Limits) -> Vec<FileReport> {
    let mut code = Code::new(folder, limits);
    let mut out = Vec::new();
    for model in places::models(folder) {
        let path = if model.root.is_empty() { "./" } else { model.root };
        let mut context = Context::new(path, 0, limits);
        context.format(model.format());
        look(&model, &mut code, reports, &mut context);
        let mut report = context.finish();
        if !report.findings.is_empty() {
            report.size = sum(reports, model.root);
            out.push(report);
        }
    }
    out
}

/// Looks at one model.
fn look(model: &Model<'_>, code: &mut Code<'_>, reports: &BTreeMap<String, FileReport>, context: &mut Context<'_>) {
    code.begin(model.root);
    for place in &model.places {
        references::look(place, code, context);
        served::look(place, code, context);
        weights::look(place, code, reports, context);
    }
    weights::pointers(model, code.folder(), reports, context);
}

/// Bytes of all files below a folder.
fn sum(reports: &BTreeMap<String, FileReport>, root: &str) -> u64 {
    let below = reports.range(root.to_owned()..).take_while(|(path, _)| path.starts_with(root));
    below.fold(0, |sum, (_, report)| sum.saturating_add(report.size))
}
