//! What comments in the files excuse. Nothing vanishes: what is excused stays as a note that names the
//! comment, and an attack is excused by nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Impact, WaivedBy, Waiver};
use crate::graph::kinds::ignores::InlineIgnore;
use crate::source::{FileId, Place, Sources};

/// Findings that are excused, by their position, and the comments' rules that met one: the position of the
/// comment and that of the rule in it.
#[derive(Debug, Default)]
pub(super) struct Excused {
    pub(super) waivers: BTreeMap<usize, Waiver>,
    /// What comments excused whose time is over.
    pub(super) expired: BTreeMap<usize, Waiver>,
    pub(super) used: BTreeSet<(usize, usize)>,
}

/// Joins comments and findings. A finding is excused where every place that it stands for is. On a day that is
/// not known, a comment with an end does not count.
pub(super) fn excused(
    diagnostics: &[Diagnostic],
    ignores: &[InlineIgnore],
    sources: &Sources,
    today: Option<&str>,
) -> Excused {
    let mut out = Excused::default();
    // Rule, file and line to the comment that names them.
    let mut by_place: BTreeMap<(&str, FileId, u32), (usize, usize)> = BTreeMap::new();
    let mut over = BTreeMap::new();
    for (index, ignore) in ignores.iter().enumerate() {
        let is_over = ignore.until.is_some() && today.is_none_or(|today| ignore.is_expired(today));
        let Some(line) = ignore.target.filter(|_| ignore.trouble.is_none()) else { continue };
        // Without a day nothing is over, and what has an end does not count.
        if is_over && today.is_none() {
            continue;
        }
        for (position, rule) in ignore.rules.iter().enumerate() {
            let map = if is_over { &mut over } else { &mut by_place };
            map.entry((&rule.value, ignore.file, line)).or_insert((index, position));
        }
    }
    if by_place.is_empty() && over.is_empty() {
        return out;
    }
    for (position, diagnostic) in diagnostics.iter().enumerate() {
        if diagnostic.impact == Some(Impact::Malicious) {
            continue;
        }
        let places = std::iter::once(&diagnostic.primary.place).chain(&diagnostic.places);
        let lines: BTreeSet<(FileId, u32)> = places.map(|p: &Place| (p.file, sources.start(*p).line)).collect();
        let met: Vec<(usize, usize)> =
            lines.iter().filter_map(|(file, line)| by_place.get(&(diagnostic.rule, *file, *line)).copied()).collect();
        out.used.extend(met.iter().copied());
        if let Some(ignore) = met.first().filter(|_| met.len() == lines.len()).and_then(|(at, _)| ignores.get(*at)) {
            let reason = ignore.reason.as_ref().map_or("no reason given", |reason| reason.value.as_str());
            let text = format!("ignored in {} line {}: {reason}", sources.path(ignore.file), ignore.line);
            out.waivers.insert(
                position,
                Waiver { text, by: WaivedBy::Comment, at: Some(Place::new(ignore.file, ignore.span)), stance: None },
            );
            continue;
        }
        // One that is over is enough for what nothing excuses now.
        let was = lines.iter().find_map(|(file, line)| over.get(&(diagnostic.rule, *file, *line)));
        if let Some((ignore, until)) =
            was.and_then(|(at, _)| ignores.get(*at)).and_then(|i| Some((i, i.until.as_ref()?)))
        {
            let (path, line, until) = (sources.path(ignore.file), ignore.line, &until.value);
            let reason = ignore.reason.as_ref().map_or("no reason given", |reason| reason.value.as_str());
            let text = format!("was ignored in {path} line {line} until {until}, which is past: {reason}");
            out.expired.insert(
                position,
                Waiver { text, by: WaivedBy::Comment, at: Some(Place::new(ignore.file, ignore.span)), stance: None },
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::advisory::{Date, Index};
    use crate::check::{Checked, Evidence, run_with};
    use crate::outside::cached::Cached;
    use crate::source::{RepoPath, Tree};

    fn checked(files: &[(&str, &str)], ignores_no_comments: bool) -> Checked {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect();
        let tree = Tree::from_memory("t", files);
        let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
        let evidence = Evidence { ignores_no_comments, today: Date::new(2026, 11, 23), ..Evidence::default() };
        run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence)
    }

    fn workflow(first: &str, second: &str) -> String {
        format!(
            "on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: example/a@v1{first}\n      - uses: example/a@v1{second}\n"
        )
    }

    fn waivers(text: &str, off: bool) -> Vec<String> {
        let found = checked(&[(".github/workflows/a.yml", text)], off);
        found
            .waivers
            .iter()
            .filter(|(index, _)| found.diagnostics[**index].rule == "unpinned-action")
            .map(|(_, w)| w.text.clone())
            .collect()
    }

    #[test]
    fn a_finding_is_excused_where_all_its_places_are() {
        let ignore = " # custody: ignore[unpinned-action] -- ours";
        let both = workflow(ignore, ignore);
        assert_eq!(waivers(&both, false), ["ignored in .github/workflows/a.yml line 7: ours"]);
        assert!(waivers(&both, true).is_empty(), "switched off");
        assert!(waivers(&workflow(ignore, ""), false).is_empty(), "one of two");
        let over = " # custody: ignore[unpinned-action] until=2026-11-22 -- ours";
        assert!(waivers(&workflow(over, over), false).is_empty(), "over");
        let star = " # custody: ignore[*] -- ours";
        assert!(waivers(&workflow(star, star), false).is_empty(), "not all rules at once");
    }

    #[test]
    fn an_attack_is_excused_by_nothing() {
        let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"rustdecimal\"]\n\
                    # custody: ignore[malicious-crate] -- fine\n[[package]]\n# custody: ignore[malicious-crate] -- fine\n\
                    name = \"rustdecimal\" # custody: ignore[malicious-crate] -- fine\nversion = \"1.23.1\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\n\
                        rustdecimal = \"1\" # custody: ignore[malicious-crate] -- fine\n";
        let found = checked(&[("Cargo.toml", manifest), ("Cargo.lock", lock)], false);
        assert!(found.diagnostics.iter().any(|d| d.rule == "malicious-crate"));
        assert!(found.waivers.is_empty(), "{:?}", found.waivers);
    }
}
