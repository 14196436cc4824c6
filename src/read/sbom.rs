//! Bills of materials of others: CycloneDX as JSON, SPDX as JSON, JSON-LD and tag-value. What is read of them here
//! are the releases that advisories can speak of; the rest is told as what they cannot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::identity::distribution_name;
use crate::graph::kinds::sbom::{RecordedAsset, RecordedRelease, Registry, SbomFile};
use crate::parse::{Budget, Problem};
use crate::sbom::model::{Bom, Component, Kind, RelationKind, Scope};
use crate::sbom::purl::Purl;
use crate::source::{RepoPath, SourceFile, Span};

/// Reads them.
#[derive(Debug)]
pub struct SbomReader;

/// Bytes of a file's beginning that tell whether it is a document.
const HEAD: usize = 4096;
/// Hops of a way that are kept.
const HOPS: usize = 16;
/// Qualifiers that say that a package is not the registry's.
const ELSEWHERE: &[&str] = &["repository_url", "vcs_url", "download_url"];
/// Names that nothing but a document has.
const SURE: &[&str] = &[".cdx.json", ".spdx.json", ".spdx3.json"];
/// What the beginning of a document holds.
const MARKS: &[&str] = &["CycloneDX", "cyclonedx.org", "spdxVersion", "SPDXVersion:", "SPDXID", "spdx.org/rdf"];

impl Reader for SbomReader {
    fn id(&self) -> &'static str {
        "sbom"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name().to_ascii_lowercase();
        SURE.iter().any(|ending| name.ends_with(ending))
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        crate::sbom::read::is_name(path.name()).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        // `spdx.json` is also what lists of licences are called.
        let has = |mark: &&str| head.windows(mark.len()).any(|part| part == mark.as_bytes());
        crate::sbom::read::is_name(path.name()) && MARKS.iter().any(has)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "bills of materials: `*.cdx.json`, `*.spdx.json`, `*.spdx`, and `bom.json`, `sbom.json` and their kin \
                    that are one",
            read: "releases of crates.io and PyPI that they list, and the way to each",
            not_read: "XML; parts of other kinds are told as not auditable",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let read = match crate::sbom::read::read(file.text.as_bytes()) {
            Ok(read) => read,
            Err(problem) => {
                out.unread = Some(format!("line {}: {}", problem.line, problem.message));
                return;
            }
        };
        let starts = line_starts(&file.text);
        let of_line = |line: u32| {
            let at = |line: u32| starts.get(line as usize).copied().unwrap_or(file.text.len());
            let start = at(line.saturating_sub(1));
            Span::new(start, at(line).saturating_sub(1).max(start))
        };
        out.problems.extend(read.problems.into_iter().map(|p| Problem::new(of_line(p.line), p.message)));
        let mut document = SbomFile { file: file.id, ..SbomFile::default() };
        if !parts(&read.bom, &file.text, budget, &mut document) {
            out.problems.push(Problem::new(Span::default(), "the document has more parts than are read of one file"));
        }
        out.documents.push(Document::Sbom(document));
    }
}

/// Where each line starts.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Takes the parts of a document; false where there are too many.
fn parts(bom: &Bom, text: &str, budget: &mut Budget, out: &mut SbomFile) -> bool {
    let places = places(text);
    let from = parents(bom);
    let mut seen = BTreeSet::new();
    for (index, part) in bom.components.iter().enumerate() {
        // What the document is about is not what it lists.
        if bom.root.as_ref() == Some(&part.id) || matches!(part.kind, Kind::File) {
            continue;
        }
        if !budget.take_entry(part.name.len()) {
            return false;
        }
        let span = part.purl.as_deref().and_then(|purl| places.get(purl)).copied().unwrap_or_default();
        if part.kind.is_model() || part.kind == Kind::Dataset {
            out.assets.push(asset(part, span));
        }
        match told(part) {
            Ok((registry, name, version)) => {
                if seen.insert((registry, name.clone(), version.clone())) {
                    let way = way(bom, &from, index);
                    let is_excluded = part.scope == Scope::Excluded;
                    out.releases.push(RecordedRelease { registry, name, version, span, way, is_excluded });
                }
            }
            Err(what) => _ = out.apart.entry(what).or_default().entry(label(part)).or_insert(span),
        }
    }
    true
}

/// A model or data set with its licences.
fn asset(part: &Component, span: Span) -> RecordedAsset {
    let name = match part.group.as_deref().filter(|group| !group.is_empty()) {
        Some(group) if !part.name.contains('/') => format!("{group}/{}", part.name),
        _ => part.name.clone(),
    };
    RecordedAsset {
        is_dataset: part.kind == Kind::Dataset,
        name: crate::sbom::read::cut(&name),
        version: part.version.clone(),
        licences: part.licences.iter().map(|licence| licence.name.text().to_owned()).collect(),
        span,
    }
}

/// The release that a part is, or what it is that no advisory here speaks of.
fn told(part: &Component) -> Result<(Registry, String, String), &'static str> {
    let Some(purl) = part.purl.as_deref().and_then(Purl::parse) else {
        return Err(match part.kind {
            kind if kind.is_model() => "listed as a model or as data by a bill of materials",
            Kind::Dataset => "listed as a model or as data by a bill of materials",
            _ => "listed without a package URL by a bill of materials",
        });
    };
    let registry = match purl.kind() {
        "cargo" => Registry::CratesIo,
        "pypi" => Registry::PyPi,
        "huggingface" | "mlflow" => return Err("listed as a model or as data by a bill of materials"),
        _ => return Err("listed as neither a crate nor a distribution of Python by a bill of materials"),
    };
    if ELSEWHERE.iter().any(|name| purl.qualifiers.contains_key(*name)) {
        return Err("listed from elsewhere than crates.io and PyPI by a bill of materials");
    }
    let Some(version) = purl.version.clone().or_else(|| part.version.clone()) else {
        return Err("listed without a release by a bill of materials");
    };
    let name = match registry {
        Registry::CratesIo => purl.name().to_owned(),
        Registry::PyPi => distribution_name(purl.name()),
    };
    Ok((registry, name, version))
}

/// Where each package URL stands: where the document says that it is one, else where it stands first.
fn places(text: &str) -> BTreeMap<&str, Span> {
    let mut out: BTreeMap<&str, (bool, Span)> = BTreeMap::new();
    for (at, _) in text.match_indices("pkg:") {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find(|c: char| c == '"' || c == '\\' || c.is_whitespace()).unwrap_or(rest.len());
        let purl = rest.get(..end).unwrap_or_default();
        let before = text.as_bytes().get(at.saturating_sub(24)..at).unwrap_or_default();
        let is_said = [&b"\"purl\""[..], b"eferenceLocator\"", b"packageUrl\"", b" purl "]
            .iter()
            .any(|key| before.windows(key.len()).any(|part| part == *key));
        let found = (is_said, Span::new(at, at + end));
        let known = out.entry(purl).or_insert(found);
        if is_said && !known.0 {
            *known = found;
        }
    }
    out.into_iter().map(|(purl, (_, span))| (purl, span)).collect()
}

/// From where each component is reached first, by position.
fn parents(bom: &Bom) -> Vec<Option<usize>> {
    let by_id: BTreeMap<&str, usize> = bom.components.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); bom.components.len()];
    for relation in bom.relations.iter().filter(|r| matches!(r.kind, RelationKind::DependsOn | RelationKind::Contains))
    {
        if let (Some(&from), Some(&to)) = (by_id.get(relation.from.as_str()), by_id.get(relation.to.as_str()))
            && let Some(list) = needs.get_mut(from)
        {
            list.push(to);
        }
    }
    let mut from = vec![None; bom.components.len()];
    let Some(&root) = bom.root.as_deref().and_then(|root| by_id.get(root)) else { return from };
    let mut queue = VecDeque::from([root]);
    while let Some(index) = queue.pop_front() {
        for &next in needs.get(index).into_iter().flatten() {
            if next != root
                && let Some(slot) = from.get_mut(next).filter(|slot| slot.is_none())
            {
                *slot = Some(index);
                queue.push_back(next);
            }
        }
    }
    from
}

/// The way to a component, without what the document is about.
fn way(bom: &Bom, from: &[Option<usize>], index: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = Some(index);
    while let Some(index) = at.filter(|_| out.len() < HOPS) {
        let Some(part) = bom.components.get(index).filter(|part| bom.root.as_ref() != Some(&part.id)) else { break };
        out.push(label(part));
        at = from.get(index).copied().flatten();
    }
    out.reverse();
    out
}

/// A part as people call it.
fn label(part: &Component) -> String {
    let name = crate::sbom::read::cut(&part.name);
    match &part.version {
        Some(version) => format!("{name} {}", crate::sbom::read::cut(version)),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(name: &str, text: &str) -> Facts {
        let file = SourceFile::new(FileId(0), RepoPath::new(name).unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        SbomReader.read(&file, &mut Budget::default(), &mut facts);
        facts
    }

    const DEMO: &str = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": { "component": { "type": "application", "bom-ref": "app", "name": "app", "version": "1.0" } },
  "components": [
    { "type": "library", "bom-ref": "a", "name": "web", "version": "2.0.0", "purl": "pkg:cargo/web@2.0.0" },
    { "type": "library", "bom-ref": "pkg:cargo/time@0.1.42", "name": "time", "version": "0.1.42",
      "purl": "pkg:cargo/time@0.1.42" },
    { "type": "library", "bom-ref": "c", "name": "PyYAML", "version": "5.3", "purl": "pkg:pypi/pyyaml@5.3", "scope": "excluded" },
    { "type": "library", "bom-ref": "d", "name": "left-pad", "version": "1.0.0", "purl": "pkg:npm/left-pad@1.0.0" },
    { "type": "library", "bom-ref": "e", "name": "own", "version": "1.0.0", "purl": "pkg:cargo/own@1.0.0?download_url=file://." }
  ],
  "dependencies": [ { "ref": "app", "dependsOn": ["a"] }, { "ref": "a", "dependsOn": ["pkg:cargo/time@0.1.42"] } ]
}"#;

    #[test]
    fn releases_are_told_with_their_line_and_way() {
        let facts = read("bom.cdx.json", DEMO);
        assert_eq!((&facts.problems, &facts.unread), (&Vec::new(), &None));
        let Some(Document::Sbom(found)) = facts.documents.first() else { panic!("{facts:?}") };
        let line = |span: Span| DEMO[..usize::try_from(span.start).unwrap()].lines().count();
        let told: Vec<String> = found
            .releases
            .iter()
            .map(|r| {
                format!("{} {} line {} by {} {}", r.name, r.version, line(r.span), r.way.join(" > "), r.is_excluded)
            })
            .collect();
        assert_eq!(
            told,
            [
                "web 2.0.0 line 5 by web 2.0.0 false",
                "pyyaml 5.3 line 8 by PyYAML 5.3 true",
                "time 0.1.42 line 7 by web 2.0.0 > time 0.1.42 false",
            ]
        );
        let apart: Vec<(&str, Vec<&String>)> = found.apart.iter().map(|(w, n)| (*w, n.keys().collect())).collect();
        assert_eq!(apart.len(), 2, "{apart:?}");
        assert!(apart.iter().any(|(what, names)| what.contains("neither a crate") && names[0] == "left-pad 1.0.0"));
        assert!(apart.iter().any(|(what, names)| what.contains("elsewhere") && names[0] == "own 1.0.0"));
    }

    #[test]
    fn what_is_cut_short_is_a_gap() {
        for text in ["", "{", "[]", "{\"a\": 1}", "<bom/>", &DEMO[..40]] {
            let facts = read("bom.cdx.json", text);
            assert!(facts.unread.is_some() || !facts.problems.is_empty(), "{text}");
        }
        assert!(!read("bom.cdx.json", &DEMO[..500]).problems.is_empty());
    }

    #[test]
    fn a_list_of_licences_is_no_document() {
        let claims = |name: &str, head: &str| {
            let path = RepoPath::new(name).unwrap();
            SbomReader.claims(&path)
                || SbomReader.looks_into(&path).is_some() && SbomReader.claims_head(&path, head.as_bytes())
        };
        for (name, head, wanted) in [
            ("a/bom.json", DEMO, true),
            ("LICENSE.spdx", "SPDXVersion: SPDX-2.1\n", true),
            ("x.cdx.json", "", true),
            ("spdx.json", "{\"MIT\": \"MIT License\"}", false),
            ("package.json", DEMO, false),
        ] {
            assert_eq!(claims(name, head), wanted, "{name}");
        }
    }
}
