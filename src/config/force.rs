//! Puts the policy in force together: what is built in, what is inherited, what the tree's own file says.

use std::collections::BTreeMap;

use super::effective::{Effective, GatePolicy, Level, Origin, WaiverEntry};
use super::{Config, Home, read};
use crate::parse::{Budget, Problem, toml};
use crate::source::{FileId, RepoPath, SourceFile, Sources, Span, Spanned};

/// Days that the end of a waiver of high severity may lie ahead where no policy says another number.
pub const MAX_DAYS: u32 = 180;

/// What holds where no file says otherwise, as `config show` prints it.
const BUILT_IN: &[(&str, &str)] = &[
    ("gate.on-change", "\"new\""),
    ("gate.on-schedule", "\"all\""),
    ("gate.spread", "\"advise\""),
    ("gate.incomplete", "\"new\""),
    ("gate.confidence", "\"medium\""),
    ("gate.fixable-only", "false"),
    ("gate.reachable-only", "false"),
    ("gate.direct-only", "false"),
];

/// A policy from a file outside of the tree.
#[derive(Debug)]
pub struct Outside {
    /// What it is called.
    pub name: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// What it says.
    pub config: Config,
    file: SourceFile,
}

impl Outside {
    /// Reads one; its mistakes are told with their lines.
    ///
    /// # Errors
    ///
    /// What is wrong with it, each with its line. Nothing of such a file holds.
    pub fn read(name: &str, text: String, sha256: String) -> Result<Self, Vec<String>> {
        let parsed = toml::parse(&text, &mut Budget::default());
        let (config, mut problems) = read::of(&parsed, FileId(0), Home::Inherited);
        problems.extend(parsed.problems);
        let again = |d: &toml::Duplicate| Problem::new(d.again, format!("`{}` is defined twice", d.key));
        problems.extend(parsed.duplicates.iter().map(again));
        let file = SourceFile::new(FileId(0), RepoPath::default(), text.into_bytes());
        if problems.is_empty() {
            return Ok(Self { name: name.to_owned(), sha256, config, file });
        }
        let told = |p: &Problem| format!("{name} line {}: {}", file.position(p.span.start).line, p.message);
        Err(problems.iter().map(told).collect())
    }
}

/// A file of the policy, with what its places are told by.
struct Part<'a> {
    name: String,
    config: &'a Config,
    file: Option<&'a SourceFile>,
}

impl Part<'_> {
    fn line(&self, span: Span) -> u32 {
        self.file.map_or(1, |file| file.position(span.start).line)
    }

    fn at(&self, span: Span) -> String {
        format!("{} line {}", self.name, self.line(span))
    }

    fn waivers(&self) -> impl Iterator<Item = WaiverEntry> {
        self.config.waivers.iter().map(|waiver| WaiverEntry { from: self.at(waiver.span), ..waiver.clone() })
    }

    /// Whether it says anything of what the gate makes of findings.
    fn speaks(&self) -> bool {
        let Config { gate, waivers, waiver_rules, services, roles, .. } = self.config;
        *gate != GatePolicy::default()
            || *waiver_rules != super::WaiverRules::default()
            || !(waivers.is_empty() && services.is_empty() && roles.is_empty())
    }
}

impl Effective {
    /// The policy of a tree: its own file, the one that it inherits, or in place of that one from outside.
    #[must_use]
    pub fn of(own: Option<&Config>, inherited: Option<&Config>, sources: &Sources, outside: Option<&Outside>) -> Self {
        let mut out = Self { max_days: MAX_DAYS, ..Self::default() };
        let part = |config: &'_ Config| {
            let file = sources.get(config.file);
            (file.map_or_else(String::new, |file| file.path.as_str().to_owned()), file)
        };
        let own = own.map(|config| {
            let (name, file) = part(config);
            Part { name, config, file }
        });
        let above = match outside {
            Some(outside) => {
                Some(Part { name: outside.name.clone(), config: &outside.config, file: Some(&outside.file) })
            }
            None => inherited.map(|config| {
                let (name, file) = part(config);
                Part { name, config, file }
            }),
        };
        if let (Some(outside), Some(own)) = (outside, &own)
            && let Some(extends) = own.config.extends.as_ref().filter(|e| e.sha256.value != outside.sha256)
        {
            let at = own.at(extends.sha256.span);
            let sum = &outside.sha256;
            out.problems
                .push(format!("{at}: `extends` wants another file than {}, whose digest is {sum}", outside.name));
        }
        let is_local =
            above.as_ref().and_then(|above| above.config.waiver_rules.local.as_ref()).is_none_or(|l| l.value);
        let days =
            |part: &Option<Part<'_>>| part.as_ref()?.config.waiver_rules.max_days.as_ref().map(|days| days.value);
        out.no_own_waivers = !is_local;
        out.max_days = match (days(&above), days(&own)) {
            // The tree's own may be shorter only.
            (Some(above), Some(own)) => above.min(own),
            (above, own) => above.or(own).unwrap_or(MAX_DAYS),
        };
        for part in above.iter().chain(&own).filter(|part| part.speaks()) {
            out.text.push_str(&part.name);
            out.text.push('\n');
            out.text.push_str(part.file.map_or("", |file| file.text.as_str()));
        }
        let names: Vec<&str> = own.iter().chain(&above).filter(|p| p.speaks()).map(|p| p.name.as_str()).collect();
        out.name = names.join(" and ");
        out.origins = origins(above.as_ref(), own.as_ref(), out.max_days);
        if let Some(above) = above {
            out.waivers.extend(above.waivers());
            out.services.clone_from(&above.config.services);
            out.roles.clone_from(&above.config.roles);
            out.gate = above.config.gate.clone();
            out.inherited = Some(above.config.gate.clone());
        }
        if let Some(own) = own {
            match is_local {
                true => out.waivers.extend(own.waivers()),
                false => out.problems.extend(own.config.waivers.first().map(|waiver| {
                    format!("{}: the inherited policy allows the tree no waivers of its own", own.at(waiver.span))
                })),
            }
            let declared = |name: &str| own.config.services.iter().any(|service| service.name.value == name);
            out.services.retain(|service| !declared(&service.name.value));
            out.services.extend(own.config.services.iter().cloned());
            out.roles.extend(own.config.roles.iter().cloned());
            out.vex.clone_from(&own.config.vex);
            out.gate = joined(&own.config.gate, out.inherited.as_ref());
        }
        out
    }
}

/// The tree's own word on the gate over the inherited one. Thresholds are the tree's here; how far they hold is
/// weighed with each finding.
fn joined(own: &GatePolicy, above: Option<&GatePolicy>) -> GatePolicy {
    let Some(above) = above else { return own.clone() };
    let loose = above.default.may_loosen.as_ref().is_some_and(|may| may.value);
    // `all` is more than `new`.
    let stricter = |own: &Option<Spanned<String>>, above: &Option<Spanned<String>>| match (own, above) {
        (Some(own), Some(above)) if !loose && above.value == "all" && own.value != "all" => Some(above.clone()),
        (own, above) => own.clone().or_else(|| above.clone()),
    };
    let fixed = |own: &Option<Spanned<String>>, above: &Option<Spanned<String>>| match loose {
        true => own.clone().or_else(|| above.clone()),
        false => above.clone().or_else(|| own.clone()),
    };
    let spread = |own: &Option<Spanned<Level>>, above: &Option<Spanned<Level>>| match (own, above) {
        (Some(own), Some(above)) if !loose && above.value > own.value => Some(above.clone()),
        (own, above) => own.clone().or_else(|| above.clone()),
    };
    GatePolicy {
        on_change: stricter(&own.on_change, &above.on_change),
        on_schedule: stricter(&own.on_schedule, &above.on_schedule),
        spread: spread(&own.spread, &above.spread),
        incomplete: stricter(&own.incomplete, &above.incomplete),
        approval_label: fixed(&own.approval_label, &above.approval_label),
        break_glass_label: fixed(&own.break_glass_label, &above.break_glass_label),
        baseline: own.baseline.clone().or_else(|| above.baseline.clone()),
        default: own.default.clone(),
        families: own.families.clone(),
        rules: own.rules.clone(),
    }
}

/// Every key with its value and where that comes from.
fn origins(above: Option<&Part<'_>>, own: Option<&Part<'_>>, max_days: u32) -> Vec<Origin> {
    let built_in = BUILT_IN.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let mut out: Vec<Origin> = built_in
        .chain([("waivers.max-days".to_owned(), max_days.to_string())])
        .map(|(key, value)| Origin { key, value, from: "built in".to_owned() })
        .collect();
    let mut at: BTreeMap<String, usize> = out.iter().enumerate().map(|(at, o)| (o.key.clone(), at)).collect();
    for part in above.into_iter().chain(own) {
        for said in &part.config.said {
            let text = part.file.map_or("", |file| file.text_at(said.span));
            let value = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (key, from) = (said.key.clone(), part.at(said.span));
            let is_list = ["waiver.", "service."].iter().any(|list| key.starts_with(list));
            match at.get(&key).filter(|_| !is_list).and_then(|at| out.get_mut(*at)) {
                // Two files speak of it: both are shown, since either may hold.
                Some(known) if known.from == "built in" => *known = Origin { key, value, from },
                _ => {
                    at.insert(key.clone(), out.len());
                    out.push(Origin { key, value, from });
                }
            }
        }
    }
    out
}
