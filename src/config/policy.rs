//! What the people of a tree allow in it: `[[build-code]]`, `[sources]`, `[duplicates]`, `[licences]`, `[actions]`, `[lock]`.
//! Each of them can only add findings; a tree without them is judged by what everybody should mind.

use super::lock::LockRules;
use super::read::wanted_text;
use super::words::unknown;
use crate::parse::Problem;
use crate::parse::toml::{Entry, Table};
use crate::source::{Span, Spanned};

/// What is allowed; none where the file does not speak of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// `[[build-code]]`: crates whose code may run while others are built.
    pub build_code: Option<Vec<BuildCode>>,
    /// `[sources]`.
    pub sources: Option<SourcesAllowed>,
    /// `[duplicates] deny`: crates that a lock may hold in one version only.
    pub single: Vec<Spanned<String>>,
    /// `[cooldown] days`: days that a release is to be out before it is taken.
    pub cooldown: Option<Spanned<u32>>,
    /// `[licences]`.
    pub licences: Option<LicencesAllowed>,
    /// `[actions]`.
    pub actions: Option<ActionsAllowed>,
    /// `[lock]`.
    pub lock: Option<LockRules>,
}

/// `[actions]`: actions, reusable workflows and images that workflows may use. A pattern is `owner/*`,
/// `owner/repo`, `owner/repo@v4` or `docker://registry.example.com/*`; `*` stands for any signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionsAllowed {
    /// `allow`: no other will do.
    pub allow: Option<Vec<Spanned<String>>>,
    /// `deny`: these will not do, whatever is allowed.
    pub deny: Vec<Spanned<String>>,
    /// The table's header.
    pub span: Span,
}

/// One `[[build-code]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCode {
    /// The crate.
    pub name: Spanned<String>,
    /// SHA-256 of its release, or the commit of its repository.
    pub checksum: Spanned<String>,
    /// The whole table.
    pub span: Span,
}

/// `[sources]`: where dependencies may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcesAllowed {
    /// `registries`: `crates.io`, `pypi` and addresses of other indexes.
    pub registries: Option<Vec<Spanned<String>>>,
    /// `git`: addresses of repositories; `*` stands for a part of the path.
    pub git: Option<Vec<Spanned<String>>>,
    /// The table's header.
    pub span: Span,
}

/// `[licences]`: SPDX names of licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicencesAllowed {
    /// `allow`: no other will do.
    pub allow: Option<Vec<Spanned<String>>>,
    /// `deny`: these will not do, whatever is allowed.
    pub deny: Vec<Spanned<String>>,
    /// `models`: what is taken of models and what belongs to them.
    pub models: Option<AssetLicences>,
    /// `datasets`: what is taken of data sets.
    pub datasets: Option<AssetLicences>,
    /// The table's header.
    pub span: Span,
}

impl LicencesAllowed {
    /// Whether it speaks of packages. A table without a list asks for any licence at all, unless it is about models or
    /// data sets alone.
    #[must_use]
    pub fn is_of_packages(&self) -> bool {
        self.allow.is_some() || !self.deny.is_empty() || (self.models.is_none() && self.datasets.is_none())
    }
}

/// `[licences.models]` and `[licences.datasets]`: names of licences as hubs spell them, `*` for any signs. Letters are
/// compared without their case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetLicences {
    /// `allow`: no other will do.
    pub allow: Option<Vec<Spanned<String>>>,
    /// `deny`: these will not do, whatever is allowed.
    pub deny: Vec<Spanned<String>>,
    /// `required`: a licence has to be known.
    pub required: bool,
    /// The table.
    pub span: Span,
}

/// Keys of `[licences]`.
pub(super) const LICENCES: &[&str] = &["allow", "deny", "models", "datasets"];
/// Keys of its tables.
pub(super) const ASSET_LICENCES: &[&str] = &["allow", "deny", "required"];

/// Keys of the file that are read here.
pub(super) const KEYS: &[&str] = &["build-code", "sources", "duplicates", "licences", "cooldown", "actions", "lock"];

/// Reads one of [`KEYS`].
pub(super) fn read(entry: &Entry, policy: &mut Policy, problems: &mut Vec<Problem>) {
    match entry.key.value.as_str() {
        "build-code" => build_code(entry, policy, problems),
        "sources" => {
            let Some(table) = table(entry, &["registries", "git"], problems) else { return };
            let registries = words(table, "registries", problems);
            let git = words(table, "git", problems);
            policy.sources = Some(SourcesAllowed { registries, git, span: header(table, entry) });
        }
        "lock" => policy.lock = super::lock::read(entry, problems),
        "cooldown" => {
            let Some(table) = table(entry, &["days"], problems) else { return };
            policy.cooldown = days(table, entry, problems);
        }
        "duplicates" => {
            let Some(table) = table(entry, &["deny"], problems) else { return };
            policy.single = words(table, "deny", problems).unwrap_or_default();
        }
        "licences" => {
            let Some(table) = table(entry, LICENCES, problems) else { return };
            let (allow, deny) = (words(table, "allow", problems), words(table, "deny", problems));
            let deny = deny.unwrap_or_default();
            let models = assets(table, "models", problems);
            let datasets = assets(table, "datasets", problems);
            policy.licences = Some(LicencesAllowed { allow, deny, models, datasets, span: header(table, entry) });
        }
        "actions" => {
            let Some(table) = table(entry, &["allow", "deny"], problems) else { return };
            let (mut allow, mut deny) = (words(table, "allow", problems), words(table, "deny", problems));
            for list in [&mut allow, &mut deny].into_iter().flatten() {
                list.retain(|pattern| is_pattern(pattern, problems));
            }
            let deny = deny.unwrap_or_default();
            policy.actions = Some(ActionsAllowed { allow, deny, span: header(table, entry) });
        }
        _ => {}
    }
}

/// What is taken of models or of data sets.
fn assets(of: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<AssetLicences> {
    let entry = of.entries().iter().find(|entry| entry.key.as_str() == key)?;
    let inner = table(entry, ASSET_LICENCES, problems)?;
    Some(AssetLicences {
        allow: words(inner, "allow", problems),
        deny: words(inner, "deny", problems).unwrap_or_default(),
        required: super::words::flag(inner, "required", problems).is_some_and(|flag| flag.value),
        span: inner.header.unwrap_or(entry.key.span),
    })
}

/// Whether a text can name an action: an owner and something of theirs, or an image.
fn is_pattern(pattern: &Spanned<String>, problems: &mut Vec<Problem>) -> bool {
    let text = pattern.as_str();
    let names = match text.strip_prefix("docker://") {
        Some(image) => !image.is_empty(),
        None => text.split_once('/').is_some_and(|(owner, rest)| !owner.is_empty() && !rest.is_empty()),
    };
    let is_plain = !text.contains(char::is_whitespace) && !text.starts_with(['.', '/', '$']);
    if !names || !is_plain || text.ends_with('@') {
        let why = "an action is `owner/*`, `owner/repo`, `owner/repo@ref` or `docker://image`";
        problems.push(Problem::new(pattern.span, why));
        return false;
    }
    true
}

/// A number of days, up to ten years.
fn days(table: &Table, entry: &Entry, problems: &mut Vec<Problem>) -> Option<Spanned<u32>> {
    let Some(value) = table.get("days") else {
        problems.push(Problem::new(entry.span(), "`[cooldown]` without `days`"));
        return None;
    };
    let days = value.as_integer().and_then(|days| u32::try_from(days).ok()).filter(|days| *days <= 3_650);
    if days.is_none() {
        problems.push(Problem::new(value.span, "`days` is a number of days, up to 3650"));
    }
    days.map(|days| Spanned::new(days, value.span))
}

fn header(table: &Table, entry: &Entry) -> Span {
    table.header.unwrap_or(entry.key.span)
}

fn table<'t>(entry: &'t Entry, keys: &[&str], problems: &mut Vec<Problem>) -> Option<&'t Table> {
    let name = &entry.key.value;
    let Some(table) = entry.value.as_table() else {
        problems.push(Problem::new(entry.span(), format!("`{name}` is a table, `[{name}]`")));
        return None;
    };
    for entry in table.entries() {
        if !keys.contains(&entry.key.value.as_str()) {
            problems.push(unknown(entry, &format!("`[{name}]`"), keys));
        }
    }
    Some(table)
}

/// A list of texts; none where the key is missing. What is no text costs itself.
fn words(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<Vec<Spanned<String>>> {
    let value = table.get(key)?;
    let Some(items) = value.as_array() else {
        problems.push(Problem::new(value.span, format!("`{key}` is a list of texts in quotes")));
        // Nothing is allowed by a list that cannot be read.
        return Some(Vec::new());
    };
    let mut out = Vec::new();
    for item in items {
        match item.as_str().filter(|text| !text.trim().is_empty()) {
            Some(text) => out.push(Spanned::new(text.to_owned(), item.span)),
            None => problems.push(Problem::new(item.span, format!("`{key}` is a list of texts in quotes"))),
        }
    }
    Some(out)
}

fn build_code(entry: &Entry, policy: &mut Policy, problems: &mut Vec<Problem>) {
    let list = policy.build_code.get_or_insert_default();
    let Some(items) = entry.value.as_array() else {
        problems.push(Problem::new(entry.span(), "`build-code` is a list of tables, `[[build-code]]`"));
        return;
    };
    for item in items {
        let Some(table) = item.as_table() else {
            problems.push(Problem::new(item.span, "build code is a table with `name` and `checksum`"));
            continue;
        };
        let before = problems.len();
        for entry in table.entries() {
            if !matches!(entry.key.value.as_str(), "name" | "checksum") {
                problems.push(unknown(entry, "`[[build-code]]`", &["name", "checksum"]));
            }
        }
        let span = table.header.unwrap_or(item.span);
        let what = "build code";
        let name = wanted_text(table, "name", what, span, problems);
        let checksum = wanted_text(table, "checksum", what, span, problems);
        if let Some(sum) = checksum.as_ref().filter(|sum| !is_digest(&sum.value)) {
            let why = "the checksum is that of the lock, 64 hexadecimal digits, or the 40 of a commit";
            problems.push(Problem::new(sum.span, why));
        }
        if let (Some(name), Some(checksum), true) = (name, checksum, problems.len() == before) {
            list.push(BuildCode { name, checksum, span: table.span });
        }
    }
}

fn is_digest(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::parse::{Budget, toml};
    use crate::source::FileId;

    fn policy(text: &str) -> (Policy, Vec<String>) {
        let (config, problems) = of(&toml::parse(text, &mut Budget::default()), FileId(0), super::super::Home::Root);
        (config.policy, problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn what_is_allowed() {
        let sum = "0123456789abcdef".repeat(4);
        let text = format!(
            "[[build-code]]\nname = \"ring\"\nchecksum = \"{sum}\"\n\n[sources]\nregistries = [\"crates.io\"]\n\
             git = [\"https://git.example.com/team/*\"]\n\n[duplicates]\ndeny = [\"openssl\"]\n\n\
             [licences]\nallow = [\"MIT\"]\ndeny = [\"AGPL-3.0-only\"]\n\n\
             [actions]\nallow = [\"example/*\"]\ndeny = [\"example/old@*\", \"docker://*\"]\n"
        );
        let (policy, problems) = policy(&text);
        assert_eq!(problems, Vec::<String>::new());
        let build_code = policy.build_code.unwrap();
        assert_eq!((build_code[0].name.value.as_str(), &build_code[0].checksum.value), ("ring", &sum));
        let sources = policy.sources.unwrap();
        assert_eq!(sources.registries.unwrap()[0].value, "crates.io");
        assert_eq!(sources.git.unwrap()[0].value, "https://git.example.com/team/*");
        assert_eq!(policy.single[0].value, "openssl");
        let licences = policy.licences.unwrap();
        assert_eq!((licences.allow.unwrap()[0].value.as_str(), licences.deny.len()), ("MIT", 1));
        let actions = policy.actions.unwrap();
        assert_eq!((actions.allow.unwrap()[0].value.as_str(), actions.deny.len()), ("example/*", 2));
    }

    #[test]
    fn a_mistake_is_told_and_allows_nothing() {
        for (text, told) in [
            ("build-code = 1\n", "is a list of tables"),
            ("[[build-code]]\nname = \"ring\"\n", "without `checksum`"),
            ("[[build-code]]\nname = \"ring\"\nchecksum = \"12\"\n", "64 hexadecimal digits"),
            ("[[build-code]]\nname = \"ring\"\nchecksum = \"12\"\nwhy = \"x\"\n", "`why` is no key"),
            ("sources = 1\n", "is a table"),
            ("[sources]\nregistry = []\n", "`registry` is no key"),
            ("[sources]\ngit = \"x\"\n", "is a list of texts"),
            ("[licences]\nallow = [1]\n", "is a list of texts"),
            ("[actions]\nallow = [\"checkout\"]\n", "an action is `owner/*`"),
            ("[actions]\ndeny = [\"./x\"]\n", "an action is `owner/*`"),
            ("[actions]\nforbid = []\n", "`forbid` is no key"),
            ("[duplicates]\nallow = []\n", "`allow` is no key"),
        ] {
            let (policy, problems) = policy(text);
            assert!(problems.iter().any(|p| p.contains(told)), "{text}: {problems:?}");
            assert!(policy.build_code.is_none_or(|list| list.is_empty()), "{text}");
        }
        assert_eq!(policy("build-code = []\n").0.build_code, Some(Vec::new()), "an empty list allows nothing");
        assert_eq!(policy("[sources]\ngit = \"x\"\n").0.sources.unwrap().git, Some(Vec::new()));
    }
}
