//! Globals of pickles that are the tree's own code.

use crate::rules::Scene;
use crate::scan::{FileReport, PickleClass};
use crate::source::RepoPath;

/// Folders that packages lie in.
const ROOTS: &[&str] = &["", "src/", "lib/", "python/"];

/// Whether all globals of a file that are not known lie in modules of the tree: what they do stands there to be read.
pub(super) fn are_all_known(scene: &Scene<'_>, report: &FileReport) -> bool {
    let mut unknown = report.globals.iter().filter(|global| global.class == PickleClass::Unknown).peekable();
    unknown.peek().is_some() && unknown.all(|global| is_own(scene, &global.module))
}

fn is_own(scene: &Scene<'_>, module: &str) -> bool {
    let path = module.replace('.', "/");
    ROOTS.iter().any(|root| {
        let is_there = |path: String| RepoPath::new(&path).is_some_and(|path| scene.files.contains(&path));
        is_there(format!("{root}{path}.py")) || is_there(format!("{root}{path}/__init__.py"))
    })
}
