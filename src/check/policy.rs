//! The policy of a tree, and what of it speaks of rules that there are not.

use crate::config::{Config, Effective, Home, Outside, closest};
use crate::graph::Document;
use crate::read::Reading;
use crate::rules;
use crate::source::Spanned;

/// The policy that a tree's own files set, with one from outside in place of what they inherit. In a gate it is asked
/// of the base.
#[must_use]
pub fn policy_of(reading: &Reading, outside: Option<&Outside>) -> Effective {
    let own = reading.documents.iter().find_map(Document::custody);
    let inherited = reading.documents.iter().find_map(|document| match document {
        Document::Custody(config) if config.home == Home::Inherited => Some(config.as_ref()),
        _ => None,
    });
    let mut out = Effective::of(own, inherited, &reading.sources, outside);
    let from = |config: &Config, name: &Spanned<String>| {
        let file = reading.sources.get(config.file);
        let line = file.map_or(1, |file| file.position(name.span.start).line);
        format!("{} line {line}", reading.sources.path(config.file))
    };
    for config in own.into_iter().chain(inherited) {
        out.problems
            .extend(names_of(config).filter_map(|name| Some(format!("{}: {}", from(config, name.0), wrong(name)?))));
    }
    if let Some(outside) = outside {
        let named = names_of(&outside.config);
        out.problems.extend(named.filter_map(|name| Some(format!("{}: {}", outside.name, wrong(name)?))));
    }
    out
}

/// What a name stands for.
#[derive(Clone, Copy)]
enum Named {
    Family,
    Rule,
}

fn names_of(config: &Config) -> impl Iterator<Item = (&Spanned<String>, Named)> {
    let families = config.gate.families.values().filter_map(|t| Some((t.name.as_ref()?, Named::Family)));
    let rules = config.gate.rules.values().filter_map(|t| Some((t.name.as_ref()?, Named::Rule)));
    let waived = config.waivers.iter().filter_map(|waiver| Some((waiver.rule.as_ref()?, Named::Rule)));
    families.chain(rules).chain(waived)
}

/// What is wrong with a name, if there is no such thing.
fn wrong((name, named): (&Spanned<String>, Named)) -> Option<String> {
    let word = name.as_str();
    let (what, is_known, near) = match named {
        Named::Family => {
            let ids = || rules::FAMILIES.iter().map(|family| family.id);
            ("family", ids().any(|id| id == word), closest(word, ids()))
        }
        Named::Rule => ("rule", rules::find(word).is_some(), closest(word, rules::all().map(|(_, rule)| rule.id))),
    };
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    (!is_known).then(|| format!("there is no {what} `{word}`{hint}"))
}
