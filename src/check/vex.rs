//! What VEX documents say of findings. A flaw that somebody answers for is excused and stays visible; what they
//! say of one that does matter is added to it. An attack is excused by nothing.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, FlawStatus, Impact, Stance, WaivedBy, Waiver};
use crate::graph::Document;
use crate::graph::identity::{distribution_name, encode};
use crate::read::vex::{Product, Purl, Statement, VexFile, VexStatus};
use crate::source::{RepoPath, Sources, Spanned};

/// Statements about one flaw of one package that are weighed; more are a mistake of whoever wrote them.
const SAME: usize = 64;
/// Problems that are told of one document.
const TOLD: usize = 16;

/// The documents that were named, and what they know the tree as.
#[derive(Debug, Default)]
pub struct Vex {
    /// The documents.
    pub files: Vec<VexFile>,
    /// Products that the tree is, as documents name them: package URLs and addresses.
    pub products: Vec<String>,
    /// Documents that could not be read, in sentences.
    pub unread: Vec<String>,
}

/// What documents say of findings.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What excuses a finding, by its position.
    pub waivers: BTreeMap<usize, Waiver>,
    /// What else is said of a finding, by its position.
    pub evidence: BTreeMap<usize, String>,
    /// The same in the terms of VEX.
    pub stances: BTreeMap<usize, Stance>,
    /// What could not be used, in sentences.
    pub unknown: Vec<String>,
}

/// A statement and the package it names; none where it speaks of the tree as a whole.
type Entry<'a> = (&'a VexFile, &'a Statement, Option<&'a Purl>);

/// Statements by id of the flaw and package; those of the tree as a whole by an empty name.
type Index<'a> = BTreeMap<(&'a str, &'a str), Vec<Entry<'a>>>;

/// Joins documents and findings.
pub(super) fn said(vex: &Vex, diagnostics: &[Diagnostic], documents: &[Document], sources: &Sources) -> Said {
    let mut out = Said { unknown: vex.unread.clone(), ..Said::default() };
    let own = Own::of(&vex.products, documents, sources);
    let mut index = Index::new();
    for file in &vex.files {
        for (line, why) in file.problems.iter().take(TOLD) {
            out.unknown.push(format!("{} line {line}: {why}", file.name));
        }
        if let Some(more) = file.problems.len().checked_sub(TOLD).filter(|more| *more > 0) {
            out.unknown.push(format!("{}: {more} further statements could not be used", file.name));
        }
        for statement in &file.statements {
            for product in &statement.products {
                enter(&mut index, file, statement, product, &own, &mut out.unknown);
            }
        }
    }
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        let Some(topic) = diagnostic.topic.as_ref().filter(|_| diagnostic.impact != Some(Impact::Malicious)) else {
            continue;
        };
        let purl = diagnostic.subject.as_ref().and_then(|subject| Purl::parse(subject.purl.as_deref()?));
        let ids: Vec<String> =
            std::iter::once(&topic.id).chain(&topic.aliases).map(|id| id.to_ascii_uppercase()).collect();
        let packages = [purl.as_ref().map_or("", Purl::package), ""];
        let said = ids.iter().flat_map(|id| packages.iter().map(move |package| (id.as_str(), *package)));
        let fits = |named: Option<&Purl>| named.is_none_or(|named| purl.as_ref().is_some_and(|p| named.covers(p)));
        // The latest holds; of two at once the one that excuses less.
        let latest = said
            .filter_map(|key| index.get(&key))
            .flatten()
            .filter(|(_, _, named)| fits(*named))
            .max_by_key(|(_, statement, _)| (statement.time, std::cmp::Reverse(statement.status)));
        if let Some((file, statement, _)) = latest {
            tell(&mut out, at, file, statement, &topic.id);
        }
    }
    out
}

fn enter<'a>(
    index: &mut Index<'a>,
    file: &'a VexFile,
    statement: &'a Statement,
    product: &'a Product,
    own: &Own,
    unknown: &mut Vec<String>,
) {
    let is_own = own.is(product);
    let named: Vec<Option<&Purl>> = match (product.has_parts, is_own) {
        // A part of somebody else's product: what that does with the package says nothing of this tree.
        (true, false) => return,
        (true, true) => product.parts.iter().map(Some).collect(),
        (false, true) => vec![None],
        (false, false) => product.purl.iter().map(Some).collect(),
    };
    for flaw in &statement.flaws {
        for purl in &named {
            let list = index.entry((flaw, purl.map_or("", Purl::package))).or_default();
            if list.len() < SAME {
                list.push((file, statement, *purl));
            } else if list.len() == SAME {
                list.push((file, statement, *purl));
                unknown.push(format!("{} says more than {SAME} things of {flaw} in one package", file.name));
            }
        }
    }
}

fn tell(out: &mut Said, at: usize, file: &VexFile, statement: &Statement, flaw: &str) {
    let (author, name, line) = (&file.author, &file.name, statement.line);
    let because: Vec<&str> =
        [&statement.justification, &statement.impact].into_iter().flatten().map(String::as_str).collect();
    let because = because.join(", ");
    let colon = |text: &str| if text.is_empty() { String::new() } else { format!(": {text}") };
    let stance = |status, reason: &str| Stance {
        status,
        justification: statement.justification.as_deref().and_then(in_openvex).map(str::to_owned),
        reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        by: Some(author.clone()),
        until: None,
    };
    let excused = |text: String, status, reason: &str| Waiver {
        text,
        by: WaivedBy::Vex,
        at: None,
        stance: Some(stance(status, reason)),
    };
    match statement.status {
        VexStatus::NotAffected => {
            let text = format!("not affected by {flaw}, says {author} in {name} line {line}{}", colon(&because));
            // A reason in words, else the word of a format that has other ones.
            let reason = statement.impact.as_deref().or(statement.justification.as_deref()).unwrap_or_default();
            out.waivers.insert(at, excused(text, FlawStatus::NotAffected, reason));
        }
        VexStatus::Fixed => {
            let text =
                format!("{flaw} is fixed in this version, says {author} in {name} line {line}{}", colon(&because));
            out.waivers.insert(at, excused(text, FlawStatus::Fixed, &because));
        }
        VexStatus::Affected => {
            let action = statement.action.as_deref().unwrap_or_default();
            out.evidence
                .insert(at, format!("what {author} says in {name} line {line}: it is affected{}", colon(action)));
            out.stances.insert(at, stance(FlawStatus::Affected, action));
        }
        VexStatus::UnderInvestigation => {
            out.evidence.insert(at, format!("what {author} says in {name} line {line}: {flaw} is looked into"));
            out.stances
                .insert(at, stance(FlawStatus::UnderInvestigation, statement.impact.as_deref().unwrap_or_default()));
        }
    }
}

/// A justification in the words of OpenVEX. Those of CycloneDX that need something of the surroundings have none.
fn in_openvex(word: &str) -> Option<&str> {
    match word {
        "code_not_present" => Some("vulnerable_code_not_present"),
        "code_not_reachable" => Some("vulnerable_code_not_in_execute_path"),
        _ if word.starts_with("protected_") => Some("inline_mitigations_already_exist"),
        _ if word.starts_with("requires_") => None,
        word => Some(word),
    }
}

/// What documents know the tree as: what was given first.
pub(super) fn known_as(vex: Option<&Vex>, documents: &[Document], sources: &Sources) -> Vec<String> {
    let given = vex.map(|vex| vex.products.as_slice()).unwrap_or_default();
    let mut out = given.to_vec();
    for purl in Own::of(&[], documents, sources).purls {
        let text = purl.to_string();
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// What documents know the tree as.
struct Own {
    ids: Vec<String>,
    purls: Vec<Purl>,
}

impl Own {
    fn of(products: &[String], documents: &[Document], sources: &Sources) -> Self {
        let mut purls: Vec<Purl> = products.iter().filter_map(|id| Purl::parse(id)).collect();
        let named = |kind: &str, name: &str, version: Option<&Spanned<String>>| {
            let version = version.map_or_else(String::new, |version| format!("@{}", encode(&version.value)));
            format!("pkg:{kind}/{}{version}", encode(name))
        };
        let at_root = |name: &str| Some(sources.by_path(&RepoPath::new(name)?)?.id);
        let (cargo, python) = (at_root("Cargo.toml"), at_root("pyproject.toml"));
        for document in documents {
            let text = match document {
                Document::CargoManifest(manifest) if Some(manifest.file) == cargo => manifest
                    .package
                    .as_ref()
                    .map(|package| named("cargo", &package.name.value, package.version.as_ref())),
                Document::PyProject(project) if Some(project.file) == python => {
                    project.name.as_ref().map(|name| named("pypi", &distribution_name(&name.value), None))
                }
                // Where it is no package, it goes by the name that a person gives it.
                Document::Custody(config) if cargo.is_none() && python.is_none() => {
                    config.sbom.name.as_ref().map(|name| named("generic", &name.value, config.sbom.version.as_ref()))
                }
                _ => None,
            };
            purls.extend(text.and_then(|text| Purl::parse(&text)));
        }
        Self { ids: products.to_vec(), purls }
    }

    /// Whether a product is the tree: of another version than the tree says of itself it is not.
    fn is(&self, product: &Product) -> bool {
        let is_this = |own: &Purl, purl: &Purl| {
            own.package() == purl.package()
                && (own.version.is_none() || purl.version.is_none() || own.version == purl.version)
        };
        self.ids.contains(&product.id)
            || product.purl.as_ref().is_some_and(|purl| self.purls.iter().any(|own| is_this(own, purl)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::advisory::Index;
    use crate::check::{Checked, Evidence, Side, run_two, run_with};
    use crate::outside::cached::Cached;
    use crate::parse::Budget;
    use crate::read::vex;
    use crate::source::Tree;

    const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                        [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";

    fn checked(files: &[(&str, &str)], vex: &Vex) -> Checked {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let tree = Tree::from_memory("t", files);
        let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
        let evidence =
            Evidence { vex: Some(vex), today: crate::advisory::Date::new(2026, 11, 23), ..Evidence::default() };
        run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence)
    }

    /// A document of statements: id of the flaw, product, the rest, the day of January 2026.
    fn document(statements: &[(&str, &str, &str, u32)]) -> VexFile {
        let statements: Vec<String> = statements
            .iter()
            .map(|(flaw, product, rest, day)| {
                format!(
                    "{{\"vulnerability\": {{\"name\": \"{flaw}\"}}, \"products\": [{product}], {rest}, \
                     \"timestamp\": \"2026-01-{day:02}T00:00:00Z\"}}"
                )
            })
            .collect();
        let text = format!(
            "{{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"author\": \"Team\", \"statements\": [\n{}]}}",
            statements.join(",\n")
        );
        vex::read("vex.json", text.into_bytes(), &mut Budget::default()).unwrap()
    }

    const FLAW: &str = "RUSTSEC-2020-0071";
    const TIME: &str = "{\"@id\": \"pkg:cargo/time@0.1.42\"}";
    const NOT: &str = "\"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_present\"";
    const IS: &str = "\"status\": \"affected\", \"action_statement\": \"update soon\"";

    /// What is said of the flaw of `time`: what excuses it, what is added.
    fn said_of_time(products: &[&str], statements: &[(&str, &str, &str, u32)]) -> (Option<String>, Vec<String>) {
        let products = products.iter().map(|p| (*p).to_owned()).collect();
        let vex = Vex { files: vec![document(statements)], products, unread: Vec::new() };
        let found = checked(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK)], &vex);
        let is_flaw = |d: &Diagnostic| d.topic.as_ref().is_some_and(|t| t.id == FLAW);
        let at = found.diagnostics.iter().position(is_flaw).unwrap();
        let said = found.diagnostics[at].evidence.iter().filter(|text| text.contains("vex.json")).cloned().collect();
        (found.waivers.get(&at).map(|waiver| waiver.text.clone()), said)
    }

    #[test]
    fn who_answers_for_a_flaw_excuses_it() {
        let part =
            |id: &str, part: &str| format!("{{\"@id\": \"{id}\", \"subcomponents\": [{{\"@id\": \"{part}\"}}]}}");
        let fixed = "\"status\": \"fixed\"";
        let ours = "pkg:oci/app";
        for (name, flaw, product, rest, excuses) in [
            ("by its id", FLAW, TIME.to_owned(), NOT, true),
            ("by an alias", "cve-2020-26235", TIME.to_owned(), NOT, true),
            ("by another id", "CVE-2020-26236", TIME.to_owned(), NOT, false),
            ("of every version", FLAW, "{\"@id\": \"pkg:cargo/time\"}".to_owned(), NOT, true),
            ("of another version", FLAW, "{\"@id\": \"pkg:cargo/time@0.1.43\"}".to_owned(), NOT, false),
            ("of another package", FLAW, "{\"@id\": \"pkg:cargo/times@0.1.42\"}".to_owned(), NOT, false),
            ("fixed in this version", FLAW, TIME.to_owned(), fixed, true),
            ("the tree itself", FLAW, "{\"@id\": \"pkg:cargo/app@0.1.0\"}".to_owned(), NOT, true),
            ("the tree in another version", FLAW, "{\"@id\": \"pkg:cargo/app@0.2.0\"}".to_owned(), NOT, false),
            ("in the tree", FLAW, part("pkg:cargo/app", "pkg:cargo/time"), NOT, true),
            ("another part of the tree", FLAW, part("pkg:cargo/app", "pkg:cargo/other"), NOT, false),
            ("in a product that the tree is", FLAW, part("pkg:oci/app", "pkg:cargo/time@0.1.42"), NOT, true),
            ("in a product that it is not", FLAW, part("pkg:oci/other", "pkg:cargo/time@0.1.42"), NOT, false),
            ("affected", FLAW, TIME.to_owned(), IS, false),
            ("looked into", FLAW, TIME.to_owned(), "\"status\": \"under_investigation\"", false),
        ] {
            let (waiver, _) = said_of_time(&[ours], &[(flaw, &product, rest, 1)]);
            assert_eq!(waiver.is_some(), excuses, "{name}: {waiver:?}");
        }
        let (waiver, _) = said_of_time(&[], &[(FLAW, TIME, NOT, 1)]);
        let wanted = "not affected by RUSTSEC-2020-0071, says Team in vex.json line 2: vulnerable_code_not_present";
        assert_eq!(waiver.as_deref(), Some(wanted));
    }

    #[test]
    fn the_latest_word_holds() {
        for (name, statements, excuses) in [
            ("later no", [(FLAW, TIME, IS, 1), (FLAW, TIME, NOT, 2)], true),
            ("later yes", [(FLAW, TIME, NOT, 1), (FLAW, TIME, IS, 2)], false),
            ("later yes, written first", [(FLAW, TIME, IS, 2), (FLAW, TIME, NOT, 1)], false),
            ("both at once", [(FLAW, TIME, NOT, 1), (FLAW, TIME, IS, 1)], false),
            ("later yes by an alias", [(FLAW, TIME, NOT, 1), ("CVE-2020-26235", TIME, IS, 2)], false),
        ] {
            let (waiver, said) = said_of_time(&[], &statements);
            assert_eq!(waiver.is_some(), excuses, "{name}");
            assert_eq!(said.is_empty(), excuses, "{name}");
        }
        let (_, said) = said_of_time(&[], &[(FLAW, TIME, IS, 1)]);
        assert_eq!(said, ["what Team says in vex.json line 2: it is affected: update soon"]);
    }

    #[test]
    fn a_change_does_not_become_what_a_document_speaks_of() {
        let reading_of = |manifest: String| {
            let files = [("Cargo.toml", manifest.as_str()), ("Cargo.lock", LOCK)];
            let files = files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
            let tree = Tree::from_memory("t", files);
            (crate::read::read_tree(&tree, 1, &|_, _| {}), tree)
        };
        for (name, statement, excuses) in [
            ("another name", "{\"@id\": \"pkg:cargo/vendor\"}", false),
            ("another version", "{\"@id\": \"pkg:cargo/app@0.2.0\"}", false),
            ("what the base is", "{\"@id\": \"pkg:cargo/app@0.1.0\"}", true),
        ] {
            let vex = Vex { files: vec![document(&[(FLAW, statement, NOT, 1)])], ..Vex::default() };
            let base = reading_of(MANIFEST.to_owned());
            let head = MANIFEST.replace("name = \"app\"", "name = \"vendor\"");
            let moved = MANIFEST.replace("version = \"0.1.0\"", "version = \"0.2.0\"");
            let head = reading_of(if name == "another version" { moved } else { head });
            let evidence = Evidence { vex: Some(&vex), ..Evidence::default() };
            let oracle = Cached::new(Index::embedded());
            let before = Side { tree: &base.1, reading: &base.0, oracle: &oracle, evidence: &evidence };
            let after = Side { tree: &head.1, reading: &head.0, ..before };
            let (_, found) = run_two(&before, &after, &BTreeMap::new());
            let is_flaw = |d: &Diagnostic| d.topic.as_ref().is_some_and(|t| t.id == FLAW);
            let at = found.diagnostics.iter().position(is_flaw).unwrap();
            assert_eq!(found.waivers.contains_key(&at), excuses, "{name}");
        }
    }

    #[test]
    fn an_attack_is_excused_by_nobody() {
        let files = [
            ("Cargo.toml", MANIFEST.replace("time", "rustdecimal")),
            ("Cargo.lock", LOCK.replace("\"time\"", "\"rustdecimal\"").replace("0.1.42", "1.23.1")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = checked(&files, &Vex::default());
        let attack = found.diagnostics.iter().find(|d| d.rule == "malicious-crate").unwrap();
        let id = &attack.topic.as_ref().unwrap().id;
        let vex =
            Vex { files: vec![document(&[(id, "{\"@id\": \"pkg:cargo/rustdecimal\"}", NOT, 1)])], ..Vex::default() };
        assert!(checked(&files, &vex).waivers.is_empty());
    }

    #[test]
    fn what_could_not_be_used_is_told() {
        let statement = (FLAW, TIME, "\"status\": \"not_affected\"", 1);
        let mut vex = Vex { files: vec![document(&[statement])], ..Vex::default() };
        vex.unread.push("other.json could not be read".to_owned());
        let found = checked(&[("Cargo.toml", MANIFEST), ("Cargo.lock", LOCK)], &vex);
        let told: Vec<&String> = found.unknown.iter().filter(|text| text.contains(".json")).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told.iter().any(|text| text.starts_with("vex.json line 2: the statement says `not_affected` and gives"))
        );
        // One flaw of one package a hundred times over.
        let many: Vec<_> = (0..100).map(|_| (FLAW, TIME, NOT, 1)).collect();
        let found = checked(&[("Cargo.toml", MANIFEST)], &Vex { files: vec![document(&many)], ..Vex::default() });
        assert!(found.unknown.iter().any(|text| text.contains("more than 64 things")), "{:?}", found.unknown);
    }
}
