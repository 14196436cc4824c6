//! Words for a hit: message, way, evidence and advice.

use super::advice::{advice, raised};
use super::{Declared, Hit, Locked};
use crate::advisory::Kind;
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::build_class::BuildClass;
use crate::graph::cargo::Reach;
use crate::graph::identity::source_name;
use crate::graph::kinds::cargo::LockSource;
use crate::rules::advisories::topic::topic;
use crate::rules::{Reporter, Scene, rests_on};
use crate::source::Place;

/// Functions named in the evidence.
const FUNCTIONS: usize = 4;

/// Other ways in that are shown.
const WAYS: usize = 3;

/// Reports a hit. `verdict` follows the crate's name in the message.
pub(in crate::rules::advisories) fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    hit: &Hit<'_>,
    severity: Severity,
    verdict: &str,
) {
    let main = hit.main();
    let package = main.package();
    let (name, version) = (&package.name.value, &package.version.value);
    let declared = hit.declared(scene);
    let is_malicious = hit.flaw.kind == Kind::Malicious && hit.is_published_release();
    // Cargo fetches what is in the lock, built or not: an attack keeps its weight.
    let severity = if hit.is_never_built() && !is_malicious { Severity::Info } else { severity };
    let confidence = if is_malicious { Confidence::High } else { hit.confidence() };
    let ways = hit.other_ways(scene, declared.as_ref());
    let others = match ways.len() {
        0 => String::new(),
        1 => ", and 1 other way in".to_owned(),
        n => format!(", and {n} other ways in"),
    };
    let (at, label) = match &declared {
        Some(Declared { patch: Some(patch), .. }) if patch.index == main.index => {
            (patch.place, format!("stands in for `{name}`"))
        }
        Some(Declared { patch: Some(patch), .. }) => {
            let by = &main.lock.packages[patch.index].name.value;
            (patch.place, format!("stands in for `{by}` and lets `{name}` {version} in{others}"))
        }
        Some(line) => (line.place, format!("lets `{name}` {version} in{others}")),
        None => (main.place(), format!("{name} {version}")),
    };
    let mut draft = report
        .at(at, label)
        .on(hit.node)
        .severity(severity)
        .confidence(confidence)
        .role(if is_malicious { main.reached().role } else { main.role() })
        .impact(is_malicious.then_some(Impact::Malicious))
        // A flaw outlives a release; another release of what attacks is another attack.
        .content(if is_malicious { format!("{} {version}", hit.flaw.id) } else { hit.flaw.id.clone() })
        .also(hit.at.iter().map(Locked::place))
        .related(main.place(), format!("{name} {version}"))
        .topic(topic(hit.flaw));
    if let Some(line) = &declared {
        draft = draft.also([line.place, line.used_at].into_iter().filter(|place| *place != at));
    }
    for place in ways.into_iter().take(WAYS) {
        draft = draft.related(place, format!("another way to `{name}`"));
    }
    for (text, place) in way(main, declared.as_ref()) {
        draft = draft.via(text, place);
    }
    for text in evidence(hit) {
        draft = draft.evidence(text);
    }
    for text in advice(scene, hit, declared.as_ref()) {
        draft = draft.advise(text);
    }
    draft = draft.fix(raised(scene, hit, declared.as_ref()));
    draft.say(format!("`{name}` {version} {verdict}{}", circumstances(hit)));
}

/// Member, direct dependency, and on to the crate itself.
fn way(main: Locked<'_>, declared: Option<&Declared<'_>>) -> Vec<(String, Option<Place>)> {
    let mut out = Vec::new();
    if let Some(member) = main.member() {
        out.push((format!("package {}", member.name), declared.map(|d| d.used_at)));
    }
    for (number, index) in main.view.way(main.index).into_iter().enumerate() {
        let package = &main.lock.packages[index];
        let own = Place::new(main.lock.file, package.name.span);
        let place = declared.filter(|_| number == 0).map_or(own, |d| d.place);
        out.push((format!("crate {} {}", package.name.value, package.version.value), Some(place)));
    }
    out
}

/// What cargo says a build uses it for.
fn by_class(class: BuildClass) -> &'static str {
    match class {
        BuildClass::DefaultRuntime => "",
        BuildClass::NonDefaultFeature => ", built only with a feature that is not on by default",
        BuildClass::BuildTime => ", used only while building",
        BuildClass::OtherPlatform => ", built only for targets other than Linux",
        BuildClass::DevOnly => ", built only for tests, examples and benchmarks",
        BuildClass::NeverBuilt => ", in the lock but built by no feature and for no target",
    }
}

/// What the lock and the manifests say of it.
fn by_files(main: Locked<'_>) -> String {
    let reached = main.reached();
    let mut out = String::new();
    match reached.reach {
        Reach::Dev => out.push_str(", reached only through dev-dependencies"),
        Reach::Build => out.push_str(", used only while building"),
        Reach::Unknown if main.workspace.is_some() => {
            out.push_str(", in the lock but reached from no manifest of the tree")
        }
        Reach::Normal | Reach::Unknown => {}
    }
    if reached.by_default {
        out.push_str(", behind a default feature");
    } else if reached.optional {
        out.push_str(", behind an optional dependency");
    }
    if let Some(target) = &reached.target {
        out.push_str(&format!(", only for target {target}"));
    }
    out
}

fn circumstances(hit: &Hit<'_>) -> String {
    let main = hit.main();
    let class = main.class();
    let mut out = String::new();
    if main.is_stray {
        out.push_str(", in a lock that cargo does not read, since its package belongs to another workspace");
    }
    match class {
        Some(class) => out.push_str(by_class(class)),
        None => out.push_str(&by_files(main)),
    }
    if hit.is_elsewhere() {
        out.push_str(&format!(", flawed on {} only", platforms(hit).join(", ")));
    }
    if hit.at.len() > 1 {
        out.push_str(&format!(", in {} locks", hit.at.len()));
    }
    match hit.source() {
        LockSource::CratesIo => {}
        LockSource::Registry(address) if main.mirror.is_some() => {
            out.push_str(&format!("; locked from {address}, which custody.toml declares a mirror of crates.io"));
        }
        LockSource::Local => out.push_str("; the name matches, the code is a path of this tree"),
        other => out.push_str(&format!("; the name matches, the source is another: {}", source_name(&other))),
    }
    out
}

/// Operating systems and processors that the advisory is limited to.
fn platforms<'a>(hit: &Hit<'a>) -> Vec<&'a str> {
    let mut out: Vec<&str> =
        hit.flaw.advisories.iter().flat_map(|a| a.os.iter().chain(&a.arch)).map(String::as_str).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn evidence(hit: &Hit<'_>) -> Vec<String> {
    let mut out = vec![rests_on(hit.main().class(), hit.main().view.is_refined)];
    let mut functions: Vec<&str> =
        hit.flaw.advisories.iter().flat_map(|a| &a.functions).map(|f| f.path.as_str()).collect();
    functions.sort_unstable();
    functions.dedup();
    let platforms = platforms(hit);
    if !platforms.is_empty() {
        out.push(format!("the advisory speaks of {} only", platforms.join(", ")));
    }
    if !functions.is_empty() {
        let whether = if functions.len() == 1 { "it is called" } else { "they are called" };
        let more = functions.len().saturating_sub(FUNCTIONS);
        functions.truncate(FUNCTIONS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push(format!("the advisory names {}{more}; whether {whether} was not looked at", functions.join(", ")));
    }
    out
}
