//! The job's own token in a request to a host that is not the service's.

use std::collections::{BTreeMap, BTreeSet};

use super::pasted::MAX_VARIABLES;
use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::gitlab::IncludeSource;
use crate::graph::kinds::workflow::{Pair, Script, Service, Step};
use crate::parse::shell::{Invocation, Part, Word};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "token-to-another-host",
    title: "the job's token is sent to another host",
    many: "{n} hosts are sent the token of a job",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("token_to_another_host.md"),
    check,
};

/// Programs that send what they are given.
const SENDERS: &[&str] =
    &["curl", "wget", "git", "http", "https", "xh", "invoke-webrequest", "invoke-restmethod", "iwr", "irm"];

/// One command that sends it.
struct Sent<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: &'a Step,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let known = known_hosts(scene);
    let mut found: BTreeMap<(FileId, String), Vec<Sent<'_, '_>>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let Some((workflow, job)) = run.job().filter(|(workflow, _)| workflow.service != Service::GitHub) else {
            continue;
        };
        for step in run.steps {
            let Some(script) = &step.run else { continue };
            let names = token_names(workflow.service, &[&step.env, &job.env, &workflow.env]);
            for (host, range) in sent(script, &names) {
                if !is_own(workflow.service, &host, &known) {
                    let place = Place::new(run.file, script.text.host_span(range));
                    found.entry((run.file, host)).or_default().push(Sent { place, run, step });
                }
            }
        }
    }
    for ((_, host), places) in &found {
        let Some(Sent { place, run, step }) = places.first() else { continue };
        let draft = report
            .at(*place, format!("goes to {host}"))
            .confidence(Confidence::Medium)
            .also(places.iter().map(|one| one.place))
            .about("host", host.clone(), None)
            .content(host.clone())
            .evidence("the token opens this project, and what lets it in, until the job ends")
            .advise("give the other host a token of its own, in a protected and masked variable");
        let draft = run.route(scene, draft).via(step.title(), Some(*place));
        draft.say(format!("the job's own token is sent to {host}"));
    }
}

/// Variables that hold the token of the job.
fn token_names(service: Service, env: &[&[Pair]]) -> BTreeSet<String> {
    let own: &[&str] = match service {
        Service::GitLab => &["CI_JOB_TOKEN"],
        Service::Azure => &["System_AccessToken", "SYSTEM_ACCESSTOKEN"],
        Service::GitHub => &[],
    };
    let holds = |value: &str| match service {
        Service::Azure => value.eq_ignore_ascii_case("$(System.AccessToken)"),
        _ => matches!(value, "$CI_JOB_TOKEN" | "${CI_JOB_TOKEN}"),
    };
    let near = env.iter().flat_map(|pairs| pairs.iter().take(MAX_VARIABLES));
    let pairs = near.filter(|(_, value)| holds(value.value.trim()));
    own.iter().map(|name| (*name).to_owned()).chain(pairs.map(|(name, _)| name.value.clone())).collect()
}

/// Hosts that commands with the token speak to, with the command.
fn sent(script: &Script, names: &BTreeSet<String>) -> Vec<(String, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    let has_token = |word: &Word| {
        word.parts.iter().any(|part| match part {
            Part::Variable(name) => names.contains(name.strip_prefix("env:").unwrap_or(name)),
            _ => false,
        })
    };
    for command in &script.program.commands {
        if !command.args.iter().any(has_token) {
            continue;
        }
        let Some(invocation) = Invocation::of(&script.program, command) else { continue };
        if !SENDERS.contains(&invocation.name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let hosts = invocation.args.iter().filter_map(|arg| host(&arg.text));
        if let Some(host) = hosts.reduce(|first, _| first) {
            out.push((host, command.range.clone()));
        }
    }
    out
}

/// The host of an address that is written out.
fn host(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let is_plain = host.contains('.') && !host.contains(['$', '{']);
    is_plain.then(|| host.to_ascii_lowercase())
}

/// Hosts that the pipelines of the tree take parts of themselves from: most likely the service's own.
fn known_hosts(scene: &Scene<'_>) -> BTreeSet<String> {
    let pipelines =
        scene.documents.iter().filter_map(|d| if let Document::Gitlab(pipeline) = d { Some(pipeline) } else { None });
    let sources = pipelines.flat_map(|pipeline| &pipeline.includes).map(|include| &include.source);
    let hosts = sources.filter_map(|source| match source {
        IncludeSource::Component(component) => component.value.split('/').next().map(str::to_ascii_lowercase),
        IncludeSource::Remote(address) if address.value.contains("/-/raw/") => host(&address.value),
        _ => None,
    });
    hosts.collect()
}

fn is_own(service: Service, host: &str, known: &BTreeSet<String>) -> bool {
    let ends = |suffix: &str| host == suffix || host.ends_with(&format!(".{suffix}"));
    match service {
        Service::Azure => ends("azure.com") || ends("visualstudio.com"),
        _ => host.contains("gitlab") || host.starts_with("git.") || host == "localhost" || known.contains(host),
    }
}
