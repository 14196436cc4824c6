//! What starts images: manifests of Kubernetes, charts of Helm, kustomizations, and what Compose files say of their
//! services.

pub mod chart;
pub mod compose;
pub mod kustomize;
pub mod manifest;

pub use chart::ChartReader;
pub use chart::ValuesReader;
pub use compose::VariablesReader;
pub use kustomize::KustomizationReader;
pub use manifest::ManifestReader;

use crate::parse::Budget;
use crate::parse::yaml::Node;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Spanned;

/// Bytes looked at to tell what a file is.
const HEAD: usize = 1 << 20;

/// Texts that are kept of one file.
const TEXTS: usize = 20_000;

/// The name of a file of YAML without its ending.
fn stem(path: &RepoPath) -> Option<&str> {
    let name = path.name();
    name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))
}

/// Whether a file is set aside by its path. Templates of a chart lie in a folder that is called like one of samples.
fn is_set_aside(path: &RepoPath) -> bool {
    let parts: Vec<&str> = path.parts().filter(|part| *part != "templates").collect();
    RepoPath::new(&parts.join("/")).is_none_or(|path| Role::of_path(&path).is_set_aside())
}

fn has(head: &[u8], word: &str) -> bool {
    head.windows(word.len()).any(|found| found == word.as_bytes())
}

/// The texts of a document by the way of keys that leads to each: `image.tag`, `models.0.image`. False where there are
/// more than are kept.
fn texts(root: &Node, budget: &mut Budget, out: &mut Vec<(String, Spanned<String>)>) -> bool {
    let mut open = vec![(String::new(), root)];
    while let Some((way, node)) = open.pop() {
        if let Some(scalar) = node.as_scalar() {
            if out.len() >= TEXTS || !budget.take_entry(way.len() + scalar.text.text.len()) {
                return false;
            }
            let text = if node.is_null() { String::new() } else { scalar.text.text.clone() };
            out.push((way, Spanned::new(text, node.place())));
            continue;
        }
        let below = |key: &str| if way.is_empty() { key.to_owned() } else { format!("{way}.{key}") };
        let named = node.entries().iter().filter_map(|e| Some((below(e.key.as_str()?), &e.value)));
        let listed = node.items().iter().enumerate().map(|(at, item)| (below(&at.to_string()), item));
        // The way of a deep value repeats all above it.
        if way.len() > WAY {
            continue;
        }
        open.extend(named.chain(listed));
    }
    out.sort_by(|a, b| a.1.span.start.cmp(&b.1.span.start).then_with(|| a.0.cmp(&b.0)));
    true
}

/// Bytes of a way of keys, at most.
const WAY: usize = 512;
