//! Where a resolver looks for names: one requirements file, one command or one project at a time, with
//! the options that are in force there.

use std::collections::BTreeSet;

use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::{IndexOption, IndexOptionKind, PyProject, Requirement, Tool};
use crate::graph::python::{Install, Purpose, Use};
use crate::rules::Scene;
use crate::source::{Place, Role};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// pip: the highest version over all indexes.
    Pip,
    /// uv: the first index that has the name.
    Uv,
}

/// One look-up.
pub(crate) struct Lookup<'a> {
    /// Who asks.
    pub(crate) resolver: Resolver,
    /// Options in force with the places they stand at.
    pub(crate) options: Vec<(Place, &'a IndexOption)>,
    /// Names that are looked up and that no hash holds.
    pub(crate) names: Vec<&'a str>,
    /// Something is looked up, and hashes hold all of it.
    pub(crate) is_hashed: bool,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The role of its file.
    pub(crate) role: Role,
    /// The command, if it is one.
    pub(crate) install: Option<&'a Install>,
    /// Who uses the file, if it is one.
    pub(crate) used_by: &'a [Use],
}

impl<'a> Lookup<'a> {
    /// Addresses of a kind of option, each with its place.
    pub(crate) fn addresses(&self, kind: IndexOptionKind) -> impl Iterator<Item = (Place, &'a str)> {
        self.options
            .iter()
            .filter(move |(_, o)| o.kind == kind)
            .flat_map(|(place, option)| addresses(option).map(move |address| (*place, address)))
    }

    /// Whether an option stands.
    pub(crate) fn has(&self, kind: IndexOptionKind) -> bool {
        self.options.iter().any(|(_, o)| o.kind == kind)
    }

    /// The strategy that makes uv choose as pip does, with its place.
    pub(crate) fn unsafe_strategy(&self) -> Option<(Place, &'a str)> {
        self.addresses(IndexOptionKind::IndexStrategy).find(|(_, value)| value.starts_with("unsafe"))
    }

    /// Whether the highest version over all indexes wins.
    pub(crate) fn takes_highest(&self) -> bool {
        self.resolver == Resolver::Pip || self.unsafe_strategy().is_some()
    }
}

/// The addresses of one option: a variable may hold several.
pub(crate) fn addresses(option: &IndexOption) -> impl Iterator<Item = &str> {
    // An expression holds blanks of its own.
    let whole = option.value.value.contains("${{");
    let parts: Vec<&str> = if whole {
        vec![option.value.value.trim()]
    } else {
        option.value.value.split([' ', '\t', '\n', ',']).collect()
    };
    parts.into_iter().map(|p| unnamed(p.trim_matches(['"', '\'']))).filter(|p| !p.is_empty())
}

/// uv lets an address have a name before it: `company=https://..`.
fn unnamed(address: &str) -> &str {
    match address.split_once('=') {
        Some((name, rest)) if super::is_plain(name) && rest.contains("://") => rest,
        _ => address,
    }
}

/// All look-ups of the tree.
pub(crate) fn all<'a>(scene: &Scene<'a>) -> Vec<Lookup<'a>> {
    let mut out = Vec::new();
    for set in &scene.python.sets {
        let Some(file) = scene.requirements(set.document) else { continue };
        let (names, is_hashed) = names(&file.requirements);
        out.push(Lookup {
            // pixi asks indexes as uv does.
            resolver: if set.part_of == Some("pixi") { Resolver::Uv } else { Resolver::Pip },
            options: set.options.iter().map(|(place, option)| (*place, option)).collect(),
            names,
            is_hashed: is_hashed || file.require_hashes.is_some(),
            purpose: set.purpose,
            role: set.role,
            install: None,
            used_by: &set.used_by,
        });
    }
    for install in &scene.python.installs {
        out.push(of_install(scene, install));
    }
    for project in &scene.python.projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        if file.options.is_empty() {
            continue;
        }
        let (names, _) = names(&file.requirements);
        out.push(Lookup {
            resolver: Resolver::Uv,
            options: file.options.iter().map(|o| (Place::new(file.file, o.span), o)).collect(),
            names,
            is_hashed: false,
            purpose: project.purpose,
            role: project.role,
            install: None,
            used_by: &[],
        });
    }
    out
}

fn of_install<'a>(scene: &Scene<'a>, install: &'a Install) -> Lookup<'a> {
    let (mut found, mut is_hashed) = names(&install.requirements);
    let mut options: Vec<(Place, &IndexOption)> = install.options.iter().map(|(p, o)| (*p, o)).collect();
    let sets = install.files.iter().filter(|(.., constrains)| !constrains).filter_map(|(_, set, _)| *set);
    for set in sets.filter_map(|set| scene.python.sets.get(set)) {
        let Some(file) = scene.requirements(set.document) else { continue };
        let (more, hashed) = names(&file.requirements);
        is_hashed = (is_hashed || install.requirements.is_empty()) && hashed;
        found.extend(more);
        // What the file brings along is in force for the command, and told at its own line.
        options.extend(set.options.iter().map(|(p, o)| (*p, o)));
    }
    let mut seen = BTreeSet::new();
    options.retain(|(place, option)| seen.insert((*place, option.kind, option.value.value.as_str())));
    Lookup {
        resolver: if matches!(install.manager.as_str(), "uv" | "uvx" | "pixi") { Resolver::Uv } else { Resolver::Pip },
        is_hashed: is_hashed || options.iter().any(|(_, o)| o.kind == IndexOptionKind::RequireHashes),
        options,
        names: found,
        purpose: install.purpose,
        role: install.role,
        install: Some(install),
        used_by: &[],
    }
}

/// Names that an index answers and no hash holds; and whether there are names and hashes hold all.
fn names(requirements: &[Requirement]) -> (Vec<&str>, bool) {
    let asked = || requirements.iter().filter(|r| r.origin.is_none() && !r.editable && !r.name.value.is_empty());
    let loose: Vec<&str> = asked().filter(|r| r.hashes.is_empty()).map(|r| r.name.value.as_str()).collect();
    let is_hashed = loose.is_empty() && asked().next().is_some();
    (loose, is_hashed)
}

/// Indexes that a project's tables of one tool declare and that answer for every name.
pub(crate) fn open_indexes(
    file: &PyProject,
    tool: Tool,
) -> impl Iterator<Item = &crate::graph::kinds::python::DeclaredIndex> {
    use crate::graph::kinds::python::Priority;
    file.indexes.iter().filter(move |i| i.tool == tool && i.priority != Priority::Explicit)
}

/// An address as it may be printed: without user, password, query and fragment.
pub(crate) fn shown(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    if rest.contains("${{") {
        return address.to_owned();
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let text = rest[host..].trim_end_matches('/');
    // conda's servers take a token in the path: `/t/TOKEN/channel`.
    let token = text.split_once("/t/").and_then(|(before, after)| Some((before, after.split_once('/')?.1)));
    match token {
        Some((before, after)) => format!("{scheme}://{before}/{after}"),
        None => format!("{scheme}://{text}"),
    }
}

/// What an index is, for a sentence.
pub(crate) fn words(kind: IndexKind, address: &str) -> String {
    match kind {
        IndexKind::PyPi => "PyPI".to_owned(),
        IndexKind::Mirror => format!("{}, a mirror of PyPI", shown(address)),
        IndexKind::Publisher => format!("{}, a publisher's own", shown(address)),
        IndexKind::Trial => "TestPyPI, where anybody may take any name".to_owned(),
        IndexKind::Machine | IndexKind::Other => shown(address),
        IndexKind::Unknown if address.starts_with("${{") => "an address that an expression holds".to_owned(),
        IndexKind::Unknown => format!("{}, known only when it runs", shown(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    #[test]
    fn addresses_are_printed_without_credentials() {
        for (address, text) in [
            ("https://user:word@pypi.example.com/simple/", "https://pypi.example.com/simple"),
            ("https://pypi.example.com/simple?token=x", "https://pypi.example.com/simple"),
            ("${{ vars.INDEX }}", "${{ vars.INDEX }}"),
            ("./dist", "./dist"),
            ("https://conda.example.com/t/ab-0123456789abcdef/team/", "https://conda.example.com/team"),
        ] {
            assert_eq!(shown(address), text);
        }
    }

    #[test]
    fn one_option_may_hold_several_addresses() {
        let option = |value: &str| IndexOption {
            kind: IndexOptionKind::ExtraIndex,
            value: Spanned::new(value.to_owned(), Span::default()),
            span: Span::default(),
        };
        let of = |value: &str| addresses(&option(value)).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of("https://a.example.com  'https://b.example.com'").len(), 2);
        assert_eq!(of("${{ vars.A || vars.B }}"), ["${{ vars.A || vars.B }}"]);
        assert_eq!(of("company=https://a.example.com/simple?x=1"), ["https://a.example.com/simple?x=1"]);
        assert!(of("").is_empty());
    }
}
