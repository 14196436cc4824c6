//! Distributions that lie in the tree already built: whose each is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, RequirementSet};
use crate::graph::Document;
use crate::graph::identity::{DistributionSource, distribution_name};
use crate::graph::kinds::artifact::{BuiltForm, DirectUrl};
use crate::graph::kinds::python::Origin;
use crate::source::{FileId, RepoPath, Role, Sources};

/// A distribution of the tree, installed or packed.
#[derive(Debug, Clone)]
pub struct BuiltView {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Where it comes from.
    pub origin: BuiltOrigin,
    /// The weightiest role of a requirements or project file that names it by path.
    pub asked_by: Option<Role>,
}

/// Where a distribution of the tree comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuiltOrigin {
    /// An index, as far as anybody says: name and version are all there is.
    Index,
    /// A repository: address and commit.
    Repository(String, Option<String>),
    /// A file or folder, by its address.
    File(String),
    /// The tree itself: what was built from one of its projects.
    Tree,
}

impl BuiltOrigin {
    /// The source by which the graph knows it.
    #[must_use]
    pub fn source(&self) -> DistributionSource<'_> {
        match self {
            Self::Index => DistributionSource::PyPi,
            Self::Repository(url, commit) => DistributionSource::Repository { url, commit: commit.as_deref() },
            Self::File(url) => DistributionSource::Url(url),
            Self::Tree => DistributionSource::Path(""),
        }
    }
}

/// Files that make a folder a project.
const PROJECT: &[&str] = &["pyproject.toml", "setup.py", "setup.cfg"];

pub(super) fn find(
    documents: &[Document],
    sources: &Sources,
    files: &BTreeSet<RepoPath>,
    projects: &[Project],
    sets: &[RequirementSet],
) -> Vec<BuiltView> {
    let by_path = by_path(documents, sources, projects, sets);
    let names: BTreeSet<&str> = projects.iter().filter_map(|p| p.name.as_deref()).collect();
    let folder = |file: FileId| sources.get(file).map(|f| f.path.parent()).unwrap_or_default();
    let mut urls: BTreeMap<RepoPath, &DirectUrl> = BTreeMap::new();
    for document in documents {
        if let Document::DirectUrl(url) = document {
            urls.insert(folder(url.file), url);
        }
    }
    let mut out = Vec::new();
    for (document, built) in documents.iter().enumerate() {
        let Document::Built(built) = built else { continue };
        let own = folder(built.file);
        let is_project =
            |folder: &RepoPath| PROJECT.iter().filter_map(|name| folder.child(name)).any(|path| files.contains(&path));
        // What setuptools writes beside a project is about that project.
        let egg =
            || own.name().ends_with(".egg-info") && (is_project(&own.parent()) || is_project(&own.parent().parent()));
        let origin = match urls.get(&own).filter(|_| built.form == BuiltForm::Installed) {
            Some(url) if url.commit.is_some() => BuiltOrigin::Repository(url.url.clone(), url.commit.clone()),
            Some(url) => BuiltOrigin::File(url.url.clone()),
            None if names.contains(distribution_name(&built.name.value).as_str()) => BuiltOrigin::Tree,
            None if built.form == BuiltForm::Installed && egg() => BuiltOrigin::Tree,
            None => BuiltOrigin::Index,
        };
        let asked_by = sources.get(built.file).and_then(|f| by_path.get(&f.path).copied());
        out.push(BuiltView { document, file: built.file, origin, asked_by });
    }
    out
}

/// Files that requirements name by path, with the weightiest role of who does.
fn by_path(
    documents: &[Document],
    sources: &Sources,
    projects: &[Project],
    sets: &[RequirementSet],
) -> BTreeMap<RepoPath, Role> {
    let of_sets = sets.iter().map(|s| (s.document, s.file, s.role));
    let of_projects = projects.iter().map(|p| (p.document, p.file, p.role));
    let mut out: BTreeMap<RepoPath, Role> = BTreeMap::new();
    for (document, file, role) in of_sets.chain(of_projects) {
        let requirements = match documents.get(document) {
            Some(Document::Requirements(file)) => &file.requirements,
            Some(Document::PyProject(file)) => &file.requirements,
            _ => continue,
        };
        let folder = sources.get(file).map(|f| f.path.parent()).unwrap_or_default();
        for requirement in requirements {
            let Some(Origin::Path { path }) = &requirement.origin else { continue };
            // pip takes a path from where it is started, which is mostly the folder of the file or the root.
            for base in [&folder, &RepoPath::default()] {
                if let Some(path) = base.join(&path.value).filter(|_| !path.value.starts_with('/')) {
                    out.entry(path).and_modify(|known| *known = role.min(*known)).or_insert(role);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::graph::images::ImageView;
    use crate::graph::python::PythonView;
    use crate::source::Tree;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let paths: BTreeSet<RepoPath> = files.keys().cloned().collect();
        let reading = crate::read::read_tree(&Tree::from_memory("t", files), 1, &|_, _| {});
        let images = ImageView::build(&reading.documents, &reading.sources, &paths);
        let view = PythonView::build(&reading.documents, &reading.sources, &paths, &images);
        view.built.iter().map(|b| format!("{:?} {:?}", b.origin, b.asked_by)).collect()
    }

    #[test]
    fn whose_a_distribution_is_follows_from_what_lies_beside_it() {
        let info = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
        let url = r#"{"url":"https://git.example.com/a","vcs_info":{"vcs":"git","commit_id":"01"}}"#;
        let project = "[project]\nname = \"demo\"\nversion = \"1.0\"\n";
        for (files, wanted) in [
            (vec![("s/demo-1.0.dist-info/METADATA", info)], "Index None"),
            (
                vec![("s/demo-1.0.dist-info/METADATA", info), ("s/demo-1.0.dist-info/direct_url.json", url)],
                "Repository(\"https://git.example.com/a\", Some(\"01\")) None",
            ),
            (vec![("s/demo-1.0.dist-info/METADATA", info), ("pyproject.toml", project)], "Tree None"),
            (vec![("src/demo.egg-info/PKG-INFO", info), ("setup.py", "")], "Tree None"),
            (vec![("third_party/demo/PKG-INFO", info), ("third_party/demo/setup.py", "")], "Index None"),
        ] {
            assert_eq!(told(&files), [wanted], "{files:?}");
        }
    }

    #[test]
    fn a_wheel_that_is_installed_by_path_is_for_what_installs_it() {
        let files = [
            ("vendor/demo-1.0-py3-none-any.whl", "no zip"),
            ("requirements.txt", "./vendor/demo-1.0-py3-none-any.whl\n"),
        ];
        assert_eq!(told(&files), ["Index Some(Product)"]);
    }
}
