//! A requirement that nothing holds to a release, and that lets in what advisories name.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::releases;
use super::topic::topic;
use super::vulnerable_crate::severity;
use crate::advisory::pep440::{Allowed, Exposed, Exposure, Reach, compare};
use crate::advisory::{FixedIn, Kind};
use crate::diag::{Confidence, Edit, Severity, Topic};
use crate::graph::conda;
use crate::graph::distributions::{Held, Holder, Named, Whose};
use crate::graph::python::Purpose;
use crate::parse::marker::{self, Environment, Platform};
use crate::rules::python::site::Sites;
use crate::rules::python::tools::is_tool;
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{Place, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "exposed-requirement",
    title: "requirement whose allowed releases have known vulnerabilities",
    many: "{n} requirements allow only releases with known vulnerabilities",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("exposed_requirement.md"),
    check,
};

/// Advisories named in a message.
const NAMED: usize = 3;

/// Where a requirement stands, and what for.
type Asked<'a> = (&'a Named, Role, Purpose);

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let (nodes, sites) = (releases::nodes(scene), Sites::of(scene));
    let mut asked: BTreeMap<(&str, &str), Vec<Asked<'_>>> = BTreeMap::new();
    for named in scene.distributions.named.iter().filter(|n| n.whose.is_published() && n.is_open(scene.python)) {
        let Held::Within(specifiers) = &named.held else { continue };
        if let Some((role, purpose)) =
            purpose(scene, named).filter(|(_, purpose)| !is_elsewhere(scene, named, *purpose))
        {
            asked.entry((&named.name, specifiers)).or_default().push((named, role, purpose));
        }
    }
    for ((name, specifiers), mut at) in asked {
        at.sort_by_key(|(named, role, purpose)| (*role, *purpose, named.holder));
        let (Some(exposure), Some((main, role, _))) = (scene.known.exposure(name, specifiers), at.first()) else {
            continue;
        };
        let Some(case) = Case::of(exposure, specifiers) else { continue };
        // conda has another spelling, and often another name.
        let written = match main.whose {
            Whose::Channel => scene.sources.get(main.place.file).map(|f| f.text_at(main.place.span).to_owned()),
            _ => None,
        };
        let written = written.unwrap_or_else(|| format!("{name}{specifiers}"));
        let called = match main.whose {
            Whose::Channel => written.split(['=', '<', '>', '!', '~', '[', ' ']).next().filter(|word| !word.is_empty()),
            _ => None,
        };
        let (message, advice) = case.words(called.unwrap_or(name), specifiers, &written, exposure);
        let draft = report.at(main.place, format!("allows `{name}` {}", allowed(specifiers)));
        let mut draft = match nodes.get(&main.place) {
            Some(node) => draft.on(*node),
            None => draft.about("distribution", name, None),
        };
        draft = draft
            // A bound on a build tool is mostly there for what the next release took out.
            .severity(if is_tool(name) { case.severity.min(Severity::Low) } else { case.severity })
            .confidence(Confidence::Medium)
            .role(*role)
            .also(at.iter().map(|(named, ..)| named.place))
            // Whatever it is written as: what it lets in is the same.
            .each(case.flaws.iter().map(|f| f.flaw.id.as_str()))
            .evidence("no lock, pin or constraint of the tree says which release is installed")
            .evidence(format!(
                "judged by the ranges of advisories and the {} that they name and it allows",
                count(exposure.known, "release")
            ))
            .advise(advice);
        if main.whose == Whose::Channel {
            draft = draft.evidence("a conda build of the same software; its recipe may carry the fix as a patch");
        }
        draft = releases::route(scene, &sites, main, draft);
        let safe = exposure.safe.as_deref();
        draft = draft.fix(safe.and_then(|safe| raised(scene, &at, specifiers, safe)).unwrap_or_default());
        if let Some(worst) = case.worst() {
            draft = draft.topic(Topic { upgrade: exposure.safe.clone(), ..topic(&worst.flaw) });
        }
        draft.say(message);
    }
}

/// The lower bound raised to a release that the range allows already, wherever the requirement stands.
fn raised(scene: &Scene<'_>, at: &[Asked<'_>], specifiers: &str, safe: &str) -> Option<Vec<Edit>> {
    Allowed::parse(specifiers).filter(|allowed| allowed.admits(safe))?;
    let text = edits::raised(specifiers, safe)?;
    let edit = |(named, ..): &Asked<'_>| {
        let requirement = releases::requirement(scene, named)?;
        let file = scene.sources.get(named.place.file)?;
        let span = match &requirement.specifiers {
            // What a reader put into PEP 440 stands in the file in another form.
            Some(written) => {
                (file.text_at(written.span) == written.value && written.value == specifiers).then_some(written.span)?
            }
            None => {
                let name = requirement.name.span;
                let is_bare = requirement.extras.is_empty() && file.text_at(name) == requirement.name.value;
                // A key of a table is no text to add to, and a shell takes `>` for a redirection.
                let around = |end: u64| file.text.get(usize::try_from(end).ok()?..).map(str::trim_start);
                let is_key = around(name.end)?.starts_with(['=', '.']);
                let before = file.text.get(..usize::try_from(name.start).ok()?)?;
                let is_word = matches!(named.holder, Holder::Install(..)) && !before.ends_with(['"', '\'']);
                (is_bare && !is_key && !is_word).then_some(Span { start: name.end, end: name.end })?
            }
        };
        Some(Edit { place: Place::new(named.place.file, span), text: text.clone() })
    };
    at.iter().map(edit).collect()
}

fn purpose(scene: &Scene<'_>, named: &Named) -> Option<(Role, Purpose)> {
    let python = scene.python;
    match named.holder {
        Holder::Lock(..) | Holder::Built(_) => None,
        Holder::Set(set, _) => python.sets.get(set).map(|s| (s.role, s.purpose)),
        Holder::Project(project, _) => python.projects.get(project).map(|p| (p.role, p.purpose)),
        Holder::Install(install, _) => python.installs.get(install).map(|i| (i.role, i.purpose)),
        Holder::Conda(holder, _) => conda::standing(python, holder).map(|s| (s.role, s.purpose)),
    }
}

/// Whether a marker keeps the requirement out of every image: those run Linux.
fn is_elsewhere(scene: &Scene<'_>, named: &Named, purpose: Purpose) -> bool {
    let marker = releases::requirement(scene, named).and_then(|r| r.marker.as_ref()).map(|m| m.value.as_str());
    let linux = || Environment::common().filter(|e| e.platform == Platform::Linux);
    purpose == Purpose::Image
        && marker
            .and_then(|text| marker::parse(text).ok())
            .is_some_and(|marker| linux().all(|environment| marker.holds(&environment) == Some(false)))
}

/// What is to be said of a requirement.
struct Case<'a> {
    /// The weightiest reach among the flaws that are told.
    reach: Reach,
    severity: Severity,
    /// Flaws of that reach, the gravest first.
    flaws: Vec<&'a Exposed>,
}

impl<'a> Case<'a> {
    /// Nothing is said where only older releases than the newest have a flaw and the requirement gives no
    /// lower bound: whoever installs it gets the newest.
    fn of(exposure: &'a Exposure, specifiers: &str) -> Option<Self> {
        // A name of which every release is an attack is told by `malicious-name`.
        let told = |e: &&Exposed| {
            let every = e.flaw.kind == Kind::Malicious && e.reach == Reach::Every && e.flaw.fixed.is_none();
            e.flaw.kind <= Kind::Vulnerability && !every
        };
        let mut sure: Vec<&Exposed> = exposure.flaws.iter().filter(told).filter(|e| e.reach < Reach::Some).collect();
        // What nobody has fixed is no reason to move a range.
        let is_fixed = |e: &&Exposed| e.flaw.fixed.is_some();
        if sure.iter().any(is_fixed) {
            sure.retain(is_fixed);
        }
        if let Some(reach) = sure.iter().map(|e| e.reach).min() {
            sure.retain(|e| e.reach == reach);
            let worst = sure.iter().map(|e| severity(&e.flaw)).max().unwrap_or(Severity::Medium);
            let is_fixable = sure.iter().any(is_fixed);
            let severity = match (is_fixable, reach) {
                (false, _) => Severity::Low,
                (true, Reach::Every) => worst.min(Severity::High),
                (true, _) => worst.min(Severity::Medium),
            };
            return Some(Self { reach, severity, flaws: by_weight(sure) });
        }
        let some: Vec<&Exposed> =
            exposure.flaws.iter().filter(told).filter(|e| e.flaw.kind != Kind::Malicious).collect();
        let has_lower_bound = specifiers.contains(['>', '~']);
        (has_lower_bound && exposure.safe.is_some() && !some.is_empty()).then(|| Self {
            reach: Reach::Some,
            severity: Severity::Info,
            flaws: by_weight(some),
        })
    }

    fn worst(&self) -> Option<&'a Exposed> {
        self.flaws.first().copied()
    }

    /// The highest fix among those that are told: what lies below leaves one of them in.
    fn last_fix(&self) -> Option<&'a FixedIn> {
        let key = |fixed: &FixedIn| match fixed {
            FixedIn::At(version) => (version.clone(), false),
            FixedIn::After(version) => (version.clone(), true),
        };
        self.flaws.iter().filter_map(|e| e.flaw.fixed.as_ref()).reduce(|best, next| {
            let ((one, at), (other, after)) = (key(best), key(next));
            let order = compare(&other, &one).unwrap_or(Ordering::Less).then(after.cmp(&at));
            if order == Ordering::Greater { next } else { best }
        })
    }

    fn words(&self, name: &str, specifiers: &str, written: &str, exposure: &Exposure) -> (String, String) {
        let ids: Vec<&str> = self.flaws.iter().take(NAMED).map(|f| f.flaw.id.as_str()).collect();
        let more = match self.flaws.len().saturating_sub(NAMED) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let ids = format!("{}{more}", ids.join(", "));
        let written = format!("`{written}`");
        let unfixed = self.worst().is_some_and(|w| w.flaw.fixed.is_none());
        let message = match self.reach {
            Reach::Every if unfixed => {
                format!("every version of `{name}` that is allowed has {ids}, and no release fixes it")
            }
            Reach::Every => format!("every version that {written} allows has {ids}"),
            Reach::Newest => format!("the newest versions that {written} allows have {ids}"),
            Reach::Some => format!("older versions that {written} allows have {ids}"),
        };
        let advice = match (&exposure.safe, self.last_fix()) {
            (Some(safe), _) => {
                let is_within = Allowed::parse(specifiers).is_some_and(|a| a.admits(safe));
                let how = if is_within { "raise its lower bound" } else { "raise the range" };
                format!(
                    "{how}: {safe} is the lowest release that is known to be free of them, so {name}>={safe}, and lock what is installed"
                )
            }
            (None, Some(FixedIn::After(last))) => {
                format!("take a release of `{name}` above {last}, and lock what is installed")
            }
            (None, Some(FixedIn::At(fixed))) => {
                format!("take {name}>={fixed}, and lock what is installed")
            }
            (None, None) => format!("do without `{name}` or accept it with a reason"),
        };
        (message, advice)
    }
}

/// The gravest first: by severity, then by identifier.
fn by_weight(mut flaws: Vec<&Exposed>) -> Vec<&Exposed> {
    flaws.sort_by(|a, b| {
        let key = |e: &Exposed| (e.reach, std::cmp::Reverse(severity(&e.flaw)));
        key(a).cmp(&key(b)).then_with(|| a.flaw.id.cmp(&b.flaw.id))
    });
    flaws
}

fn allowed(specifiers: &str) -> &str {
    if specifiers.is_empty() { "in any version" } else { specifiers }
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
