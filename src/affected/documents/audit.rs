//! Answers of a saved audit. An audit keeps what it found and not what it looked at, so that it can say yes and never
//! no.

use super::bare;
use super::cannot_know;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Standing;
use crate::affected::Thing;
use crate::audit;
use crate::parse::json::Value;
use crate::sbom::model::Occurrence;

/// What a finding is about.
#[derive(Debug, Clone)]
pub(super) struct Found {
    kind: String,
    name: String,
    version: Option<String>,
    advisory: Vec<String>,
    message: String,
    at: Occurrence,
    route: Vec<String>,
}

/// The findings of an audit. None where it is none.
pub(super) fn read(root: &Value) -> Option<Vec<Found>> {
    if root.get("schema").and_then(Value::as_str) != Some(audit::SCHEMA) {
        return None;
    }
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let findings = root.get("findings").map(Value::items).unwrap_or_default();
    let all = findings.iter().filter_map(|finding| {
        let subject = finding.get("subject").filter(|subject| subject.as_object().is_some())?;
        let line = finding.get("line").and_then(Value::as_integer).and_then(|line| u32::try_from(line).ok());
        let route = finding.get("route").map(Value::items).unwrap_or_default();
        let advisory = finding.get("advisory");
        let ids = advisory.and_then(|advisory| text(advisory, "id")).into_iter();
        let aliases = advisory.and_then(|advisory| advisory.get("aliases")).map(Value::items).unwrap_or_default();
        Some(Found {
            kind: text(subject, "kind")?,
            name: text(subject, "name")?,
            version: text(subject, "version"),
            advisory: ids.chain(aliases.iter().filter_map(|alias| Some(alias.as_str()?.to_owned()))).collect(),
            message: text(finding, "message").unwrap_or_default(),
            at: Occurrence { path: text(finding, "path")?, line: line.unwrap_or(0), how: None },
            route: route.iter().filter_map(|step| text(step, "text")).collect(),
        })
    });
    Some(all.collect())
}

/// The answer to one question.
pub(super) fn answer(findings: &[Found], asked: &Asked, who: &str) -> Answer {
    let mut best: Option<(Fit, &Found)> = None;
    for found in findings {
        let by_id = asked.because.as_ref().is_some_and(|id| found.advisory.contains(id));
        let fit = if by_id { Fit::Exact } else { found.things().map_or(Fit::Different, |thing| asked.fit(&thing)) };
        if fit > Fit::Elsewhere && best.is_none_or(|(known, _)| fit > known) {
            best = Some((fit, found));
        }
    }
    let Some((fit, found)) = best else {
        let why = "an audit keeps what it found, and not every part: a bill of materials of the same commit can tell";
        return cannot_know(asked, who, why.to_owned());
    };
    let mut answer = bare(asked, who, fit.standing(), found.message.clone());
    if answer.standing > Standing::CannotKnow {
        answer.path.clone_from(&found.route);
        answer.spots = vec![found.at.clone()];
    }
    answer
}

impl Found {
    fn things(&self) -> Option<Thing<'_>> {
        let (name, version) = (self.name.as_str(), self.version.as_deref());
        let package = |ecosystem| Thing::Package { ecosystem, name, version, requirement: None };
        Some(match self.kind.as_str() {
            "crate" => package("cargo"),
            "distribution" => package("pypi"),
            "conda-package" => package("conda"),
            "action" => Thing::Action { name, reference: version, comment: None },
            "image" => Thing::Image {
                name,
                tag: version.filter(|version| !version.contains(':')),
                digest: version.filter(|version| version.contains(':')),
            },
            "model" | "dataset" | "tokenizer" | "adapter" | "kernel" => Thing::Asset { name, revision: version },
            _ => return None,
        })
    }
}
