//! Calls that load a pickle of the tree and run whatever it says.

use super::own;
use super::told;
use crate::diag::{Confidence, Severity};
use crate::graph::distributions::Held;
use crate::graph::kinds::model::{Load, ModelFile, Trust};
use crate::rules::{Reporter, Rule, Scene};
use crate::scan::{Finding, PickleClass, Verdict, WeightsOnly};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "trusted-pickle-load",
    title: "a call runs whatever a pickle of the tree says",
    many: "{n} calls run whatever a pickle of the tree says",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("trusted_pickle_load.md"),
    check,
};

/// The first release of torch whose `torch.load` restricts itself where nothing is said.
const RESTRICTS: (u64, u64) = (2, 6);

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let is_old = torch_is_old(scene);
    for model in told::models(scene) {
        for load in &model.loads {
            say(scene, report, model, load, is_old);
        }
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, model: &ModelFile, load: &Load, is_old: bool) {
    let scanned = &model.report;
    let Some(class) = scanned.pickle else { return };
    let loads_restricted = scanned.weights_only == Some(WeightsOnly::Loads);
    let is_whole = load.trust == Trust::Whole || (load.trust == Trust::Unsaid && is_old);
    let is_torch = load.function == "torch.load";
    let grave = match scanned.verdict {
        Verdict::Dangerous => Severity::High,
        Verdict::Suspicious if class == PickleClass::Unknown && own::are_all_known(scene, scanned) => Severity::Low,
        Verdict::Suspicious => Severity::Medium,
        _ => Severity::Info,
    };
    let severity = match load.trust {
        Trust::Restricted => return,
        _ if is_whole && grave > Severity::Info => grave,
        // Data that was written by a known framework: only where there is a better way to load it.
        _ if is_whole && is_torch && loads_restricted => Severity::Info,
        Trust::Unsaid if grave > Severity::Low => Severity::Low,
        _ => return,
    };
    let path = &scanned.path;
    let told = |finding: &&Finding| finding.rule.verdict >= Verdict::Suspicious;
    let mut draft = report
        .at(load.place, "loaded here")
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(told::role(scene, load.place.file))
        .about("model-file", path.as_str(), None)
        .content(format!("{} {path} {}", load.function, class.word()))
        .related(Place::new(model.file, Span::default()), "the pickle");
    if let Some(finding) = scanned.findings.iter().find(told) {
        draft = draft.evidence(format!("a scan of {path}: {}", finding.message));
    }
    if load.trust == Trust::Unsaid {
        draft = draft.evidence(match is_old {
            true => "a torch before 2.6 is asked for, and that runs whatever the file says where `weights_only` is not given",
            false => "torch restricts itself from 2.6 on where `weights_only` is not given; releases before run whatever the file says",
        });
    }
    let draft = match (is_torch, loads_restricted) {
        (true, true) => draft.advise("give it `weights_only=True`, which loads this file"),
        (true, false) => draft.advise(
            "write the weights anew as safetensors, or allow what they need by name and give `weights_only=True`",
        ),
        (false, _) => draft
            .advise("keep the data in a format that holds no code: safetensors, `.npz` without objects, JSON, skops"),
    };
    let function = &load.function;
    draft.say(match grave {
        Severity::High => format!("`{function}` loads `{path}`, which runs code"),
        Severity::Info => {
            format!("`{function}` runs whatever `{path}` says, and needs nothing of that: `weights_only=True` would do")
        }
        _ if is_whole => {
            format!("`{function}` runs whatever `{path}` says, and not all of that is known to be harmless")
        }
        _ => format!("`{function}` without `weights_only` loads `{path}`, of which not all is known to be harmless"),
    });
}

/// Whether some file of Python's asks for a torch that runs whatever a file says.
fn torch_is_old(scene: &Scene<'_>) -> bool {
    let before = |version: &str| number(version).is_some_and(|number| number < RESTRICTS);
    scene.distributions.named.iter().filter(|named| named.name == "torch").any(|named| match &named.held {
        Held::At(version) => before(version),
        Held::Within(specifiers) => specifiers.split(',').any(|part| {
            let part = part.trim();
            match part.strip_prefix("<=").or_else(|| part.strip_prefix("~=")) {
                Some(most) => before(most),
                None => part.strip_prefix('<').is_some_and(|most| number(most).is_some_and(|most| most <= RESTRICTS)),
            }
        }),
    })
}

/// The first two numbers of a version.
fn number(version: &str) -> Option<(u64, u64)> {
    let mut parts = version.trim().split(['.', '+', '-']).map(|part| part.parse().ok());
    Some((parts.next().flatten()?, parts.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_first_numbers() {
        for (version, expected) in
            [("2.5.1+cu121", Some((2, 5))), ("2.10", Some((2, 10))), ("2", Some((2, 0))), ("x", None)]
        {
            assert_eq!(number(version), expected, "{version}");
        }
    }
}
