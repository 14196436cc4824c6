//! Options and variables that choose where a package manager looks.

use crate::commands::Opt;
use crate::graph::images::layout::InForce;
use crate::graph::kinds::python::{IndexOption, IndexOptionKind as Kind};
use crate::graph::kinds::workflow::Script;
use crate::source::{FileId, Place, Spanned};

/// Options of pip, uv and pipx. Source: the `--help` of each.
const OPTIONS: &[(&str, Kind)] = &[
    ("-i", Kind::Index),
    ("--index-url", Kind::Index),
    ("--pypi-url", Kind::Index),
    ("--default-index", Kind::Index),
    ("--extra-index-url", Kind::ExtraIndex),
    // pip takes the beginning of an option for it.
    ("--extra-index", Kind::ExtraIndex),
    ("--index", Kind::ExtraIndex),
    ("-f", Kind::FindLinks),
    ("--find-links", Kind::FindLinks),
    ("--no-index", Kind::NoIndex),
    ("--trusted-host", Kind::TrustedHost),
    ("--allow-insecure-host", Kind::TrustedHost),
    ("--pre", Kind::Pre),
    ("--prerelease", Kind::Pre),
    ("--no-binary", Kind::NoBinary),
    ("--only-binary", Kind::OnlyBinary),
    ("--index-strategy", Kind::IndexStrategy),
    ("--require-hashes", Kind::RequireHashes),
    ("--no-build-isolation", Kind::NoBuildIsolation),
];

/// The ends of variables' names, behind `PIP_` and `UV_`. Sources: pip's "Configuration", uv's
/// "Environment variables".
const VARIABLES: &[(&str, &str, Kind)] = &[
    ("PIP_", "INDEX_URL", Kind::Index),
    ("PIP_", "EXTRA_INDEX_URL", Kind::ExtraIndex),
    ("PIP_", "FIND_LINKS", Kind::FindLinks),
    ("PIP_", "NO_INDEX", Kind::NoIndex),
    ("PIP_", "TRUSTED_HOST", Kind::TrustedHost),
    ("PIP_", "PRE", Kind::Pre),
    ("PIP_", "NO_BINARY", Kind::NoBinary),
    ("PIP_", "ONLY_BINARY", Kind::OnlyBinary),
    ("PIP_", "REQUIRE_HASHES", Kind::RequireHashes),
    ("PIP_", "NO_BUILD_ISOLATION", Kind::NoBuildIsolation),
    ("UV_", "INDEX_URL", Kind::Index),
    ("UV_", "DEFAULT_INDEX", Kind::Index),
    ("UV_", "EXTRA_INDEX_URL", Kind::ExtraIndex),
    ("UV_", "INDEX", Kind::ExtraIndex),
    ("UV_", "FIND_LINKS", Kind::FindLinks),
    ("UV_", "NO_INDEX", Kind::NoIndex),
    ("UV_", "INSECURE_HOST", Kind::TrustedHost),
    ("UV_", "PRERELEASE", Kind::Pre),
    ("UV_", "NO_BINARY", Kind::NoBinary),
    ("UV_", "INDEX_STRATEGY", Kind::IndexStrategy),
    ("UV_", "REQUIRE_HASHES", Kind::RequireHashes),
    ("UV_", "NO_BUILD_ISOLATION", Kind::NoBuildIsolation),
];

/// Kinds whose variable holds yes or no.
fn is_switch(kind: Kind) -> bool {
    matches!(kind, Kind::NoIndex | Kind::RequireHashes | Kind::NoBuildIsolation)
}

/// What the options of a command choose.
pub(super) fn of_command(file: FileId, script: &Script, options: &[Opt]) -> Vec<(Place, IndexOption)> {
    let known = |option: &Opt| OPTIONS.iter().find(|(name, _)| *name == option.name).map(|(_, kind)| *kind);
    let found = options.iter().filter_map(|option| {
        let kind = known(option)?;
        let span = script.text.host_span(option.range.clone());
        let value = match &option.value {
            Some(value) => {
                let written = script.text.text.get(option.range.clone()).unwrap_or("");
                let at = written.rfind(value.as_str()).map(|at| option.range.start + at);
                let place = at.map_or(span, |at| script.text.host_span(at..at + value.len()));
                Spanned::new(value.clone(), place)
            }
            None => Spanned::new(String::new(), span),
        };
        Some((Place::new(file, span), IndexOption { kind, value, span }))
    });
    // `--index-url "$X"` of an argument that is empty unless who builds gives it a value.
    let says_nothing = |o: &IndexOption| {
        o.value.value.is_empty()
            && matches!(o.kind, Kind::Index | Kind::ExtraIndex | Kind::FindLinks | Kind::TrustedHost)
    };
    found.filter(|(_, option)| !says_nothing(option)).collect()
}

/// What variables in force choose for a manager.
pub(super) fn of_settings(manager: &str, settings: &[InForce]) -> Vec<(Place, IndexOption)> {
    let own = match manager {
        "pip" | "pipx" => "PIP_",
        "uv" | "uvx" => "UV_",
        _ => return Vec::new(),
    };
    let mut out = Vec::new();
    for setting in settings {
        let Some(end) = setting.name.strip_prefix(own) else { continue };
        let Some((.., kind)) = VARIABLES.iter().find(|(prefix, name, _)| *prefix == own && *name == end) else {
            continue;
        };
        let value = setting.value.trim();
        let off = value.is_empty()
            || (is_switch(*kind) && matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off"));
        if off {
            continue;
        }
        // An expression holds blanks of its own.
        let is_one = is_switch(*kind) || value.contains("${{");
        let texts: Vec<&str> = if is_one { vec![value] } else { value.split_whitespace().collect() };
        for text in texts {
            // uv may name an index: `name=https://..`.
            let text = text.split_once("=http").map_or(text, |(name, _)| text.get(name.len() + 1..).unwrap_or(text));
            let span = setting.place.span;
            out.push((setting.place, IndexOption { kind: *kind, value: Spanned::new(text.to_owned(), span), span }));
        }
    }
    out
}
