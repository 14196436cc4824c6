//! What other tools are told to ignore, honoured on request. A change may bring its own ignore file, so
//! nothing is honoured unasked, nothing vanishes, and an attack is excused by nothing.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Impact, WaivedBy, Waiver};
use crate::graph::Document;
use crate::graph::kinds::ignores::{IgnoreEntry, IgnoreFile, IgnoringTool};
use crate::source::{Place, RepoPath, Sources};

/// What excuses each finding, by its position: ignore files among `documents`, whose places lie in `from`. On a day
/// that is not known, an ignore with an end does not count.
pub(super) fn waivers(
    diagnostics: &[Diagnostic],
    (documents, from): (&[Document], &Sources),
    sources: &Sources,
    today: Option<&str>,
) -> BTreeMap<usize, Waiver> {
    // Ids of findings to files and entries that name them.
    let mut by_id: BTreeMap<&str, Vec<(&IgnoreFile, &IgnoreEntry)>> = BTreeMap::new();
    for document in documents {
        let Document::Ignores(file) = document else { continue };
        for entry in file.entries.iter().filter(|entry| !entry.id.value.is_empty()) {
            let is_over = entry.until.is_some() && today.is_none_or(|today| entry.is_expired(today));
            if !is_over {
                by_id.entry(&entry.id.value).or_default().push((file, entry));
            }
        }
    }
    let mut out = BTreeMap::new();
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        let Some(topic) = diagnostic.topic.as_ref().filter(|_| diagnostic.impact != Some(Impact::Malicious)) else {
            continue;
        };
        let mut names = std::iter::once(&topic.id).chain(&topic.aliases);
        let found = names.find_map(|id| {
            by_id.get(id.as_str())?.iter().find(|(file, _)| covers(&folder(file, from), file.tool, diagnostic, sources))
        });
        if let Some((file, entry)) = found {
            let path = from.path(file.file);
            let line = from.get(file.file).map_or(1, |f| f.position(entry.span.start).line);
            let reason = entry.reason.as_ref().map_or("no reason given", |reason| reason.value.as_str());
            let text = format!("ignored in {path} line {line}: {reason}");
            let at = Some(Place::new(file.file, entry.span));
            out.insert(index, Waiver { text, by: WaivedBy::IgnoreFile, at, stance: None });
        }
    }
    out
}

/// Whether a tool that reads the file would have met the finding.
fn covers(folder: &RepoPath, tool: IgnoringTool, diagnostic: &Diagnostic, sources: &Sources) -> bool {
    let is_crate = diagnostic.subject.as_ref().is_some_and(|s| s.kind == "crate");
    // Every lock it stands for has to be one that the file speaks of.
    let places = std::iter::once(&diagnostic.primary.place).chain(&diagnostic.places);
    let lies = |path: &str| {
        let Some(path) = RepoPath::new(path) else { return false };
        match tool {
            IgnoringTool::OsvScanner => path.parent() == *folder,
            IgnoringTool::CargoDeny | IgnoringTool::CargoAudit => folder.is_root() || path.is_under(folder),
        }
    };
    (is_crate || tool == IgnoringTool::OsvScanner) && places.into_iter().all(|place| lies(sources.path(place.file)))
}

/// The folder a file speaks of.
fn folder(file: &IgnoreFile, sources: &Sources) -> RepoPath {
    let own = sources.get(file.file).map(|f| f.path.parent()).unwrap_or_default();
    if own.name() == ".cargo" { own.parent() } else { own }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::advisory::Index;
    use crate::check::{Checked, Evidence, run_with};
    use crate::outside::cached::Cached;
    use crate::source::{RepoPath, Tree};

    const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                        [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";

    fn checked(files: &[(&str, &str)], honours_ignores: bool) -> Checked {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let tree = Tree::from_memory("t", files);
        let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
        let evidence =
            Evidence { honours_ignores, today: crate::advisory::Date::new(2026, 11, 23), ..Evidence::default() };
        run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence)
    }

    /// What excuses the flaw of `time` in a tree with an ignore file.
    fn waiver(path: &str, text: &str) -> Option<String> {
        let files = [("a/Cargo.toml", MANIFEST), ("a/Cargo.lock", LOCK), (path, text)];
        let found = checked(&files, true);
        let index = found.diagnostics.iter().position(|d| d.rule == "vulnerable-crate").unwrap();
        assert!(checked(&files, false).waivers.is_empty(), "nothing is honoured unasked");
        found.waivers.get(&index).map(|w| w.text.clone())
    }

    #[test]
    fn an_ignore_excuses_what_its_tool_would_pass_over() {
        let deny = "[advisories]\nignore = [\n  { id = \"RUSTSEC-2020-0071\", reason = \"unused\" },\n]\n";
        let scanner = |until: &str| {
            format!("[[IgnoredVulns]]\nid = \"CVE-2020-26235\"\nignoreUntil = {until}\nreason = \"unused\"\n")
        };
        for (path, text, wanted) in [
            ("deny.toml", deny, Some("ignored in deny.toml line 3: unused")),
            ("a/deny.toml", deny, Some("ignored in a/deny.toml line 3: unused")),
            ("b/deny.toml", deny, None),
            (
                "a/.cargo/audit.toml",
                "[advisories]\nignore = [\"RUSTSEC-2020-0071\"]\n",
                Some("ignored in a/.cargo/audit.toml line 2: no reason given"),
            ),
            ("a/.cargo/audit.toml", "[advisories]\nignore = [\"RUSTSEC-2020-0159\"]\n", None),
            ("a/osv-scanner.toml", &scanner("2027-01-01"), Some("ignored in a/osv-scanner.toml line 1: unused")),
            ("a/osv-scanner.toml", &scanner("2026-11-22"), None),
            ("osv-scanner.toml", &scanner("2027-01-01"), None),
        ] {
            assert_eq!(waiver(path, text).as_deref(), wanted, "{path}: {text}");
        }
    }

    #[test]
    fn an_attack_is_excused_by_nothing() {
        let lock = LOCK.replace("\"time\"", "\"rustdecimal\"").replace("0.1.42", "1.23.1");
        let manifest = MANIFEST.replace("time", "rustdecimal");
        let files = [("Cargo.toml", manifest.as_str()), ("Cargo.lock", lock.as_str())];
        let found = checked(&files, true);
        let attack = found.diagnostics.iter().find(|d| d.rule == "malicious-crate").unwrap();
        let topic = attack.topic.as_ref().unwrap();
        let ids: Vec<String> = std::iter::once(&topic.id).chain(&topic.aliases).map(|id| format!("\"{id}\"")).collect();
        let deny = format!("[advisories]\nignore = [{}]\n", ids.join(", "));
        let found = checked(&[files[0], files[1], ("deny.toml", &deny)], true);
        assert!(found.diagnostics.iter().any(|d| d.rule == "malicious-crate"));
        assert!(found.waivers.is_empty(), "{:?}", found.waivers);
    }
}
