//! Functions that hand a parameter on to a loader: whoever calls them loads.

use super::loaders::{self, Form, Site};
use super::scope::{Chain, File};
use super::values::{Leaf, Values};
use crate::parse::rust::{Kind, Part, Tree};
use crate::references::{AssetKind, Hub};

/// Such a function.
#[derive(Debug, Clone)]
pub(super) struct Wrapper {
    pub(super) name: String,
    /// How many parameters it takes, without `self`.
    pub(super) parameters: usize,
    pub(super) name_at: usize,
    pub(super) revision_at: Option<usize>,
    pub(super) kind: AssetKind,
    /// Its name says enough to be looked for in other files.
    pub(super) is_shared: bool,
}

/// The parameter that a value comes from, by its place, with the function.
pub(super) fn parameter<'f>(file: &'f File<'_>, leaf: &Leaf<'_>) -> Option<(&'f str, usize, usize)> {
    let Kind::Name(name) = &leaf.node.kind else { return None };
    let scope = file.scopes.get(leaf.scope).filter(|_| leaf.text.is_none())?;
    let at = scope.parameters.iter().position(|p| p == name)?;
    Some((scope.name, at, scope.parameters.len()))
}

/// Adds the wrappers of a file to those that are known.
pub(super) fn of_tree(tree: &Tree, text: &str, known: &mut Vec<Wrapper>) {
    let file = File::of(tree);
    let mut values = Values::new(&file);
    for site in loaders::sites(&file, text, known) {
        if site.hub != Hub::HuggingFace {
            continue;
        }
        let revisions = site.revision.map(|r| values.of(r, site.scope)).unwrap_or_default();
        for leaf in values.of(site.name, site.scope) {
            let Some((name, name_at, parameters)) = parameter(&file, &leaf) else { continue };
            let Kind::Name(own) = &leaf.node.kind else { continue };
            let is_path = ["path", "dir", "file", "root"].iter().any(|word| own.contains(word));
            let is_plain = matches!(name, "from_pretrained" | "new" | "main" | "model" | "dataset" | "from");
            if is_path || is_plain || known.iter().any(|w| w.name == name && w.parameters == parameters) {
                continue;
            }
            let revision_at = revisions.iter().find_map(|r| parameter(&file, r)).map(|(_, at, _)| at);
            let is_shared = parameters >= 4 || (name.len() >= 8 && name.contains('_'));
            let wrapper =
                Wrapper { name: name.to_owned(), parameters, name_at, revision_at, kind: site.kind, is_shared };
            known.push(wrapper);
        }
    }
}

/// The calls of wrappers in a chain.
pub(super) fn calls<'t>(chain: &Chain<'t>, known: &[Wrapper], out: &mut Vec<Site<'t>>) {
    let mut find = |name: &str, arguments: &'t [Part], span| {
        for wrapper in known.iter().filter(|w| w.name == name && w.parameters == arguments.len()) {
            let Some(given) = arguments.get(wrapper.name_at) else { continue };
            let revision = wrapper.revision_at.and_then(|at| arguments.get(at));
            out.push(Site {
                kind: wrapper.kind,
                hub: Hub::HuggingFace,
                by: wrapper.name.clone(),
                name: given,
                revision,
                files: Vec::new(),
                scope: chain.scope,
                span,
                needs_owner: true,
                form: Form::Unknown,
            });
        }
    };
    if let Kind::Call(function, arguments) = &chain.root.kind
        && let Kind::Name(path) = &function.kind
    {
        find(path.rsplit("::").next().unwrap_or(""), arguments, chain.root.span);
    }
    for step in &chain.steps {
        find(step.name, step.arguments, step.span);
    }
}
