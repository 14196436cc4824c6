//! How locked crates are reached, where it is known what each needs its dependencies for. A lock knows
//! no kinds, so the first hop decides without it; with the manifests of the crates on the way, what only a
//! build script or a macro needs is told apart, however deep it stands, and so is what only some targets
//! need. Features are still not evaluated.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Document;
use super::cargo::{CargoView, LockView, Reach, Reached, Workspace, lock_key};
use super::crates::{CrateFacts, FactsByKey};
use super::kinds::cargo::Lock;

/// Looks at the ways of every lock again, with what is known of its crates.
pub fn refine(cargo: &mut CargoView, documents: &[Document], facts: &FactsByKey) {
    let CargoView { workspaces, locks, .. } = cargo;
    for view in locks {
        let Some(Document::CargoLock(lock)) = documents.get(view.document) else { continue };
        let Some(workspace) = view.workspace.and_then(|w| workspaces.get(w)) else { continue };
        let of_package: Vec<Option<&CrateFacts>> =
            lock.packages.iter().map(|p| facts.get(&lock_key(p, Some(workspace)))).collect();
        let is_foreign = |index: usize| lock.packages[index].source.is_some();
        let is_known = |facts: &Option<&CrateFacts>| facts.is_some_and(|f| f.needs.is_some());
        if !of_package.iter().enumerate().any(|(index, facts)| is_foreign(index) && is_known(facts)) {
            continue;
        }
        view.is_refined = of_package.iter().enumerate().all(|(index, facts)| !is_foreign(index) || is_known(facts));
        view.reached = ways(view, lock, workspace, &of_package);
    }
}

/// The weightiest way to each package. Hops only ever take weight away, so the heaviest way that is open
/// is the heaviest to where it leads.
fn ways(view: &LockView, lock: &Lock, workspace: &Workspace, facts: &[Option<&CrateFacts>]) -> Vec<Reached> {
    let is_member = |reached: &Reached| reached.hops == 0 && reached.member.is_some();
    let unreached = || Reached {
        reach: Reach::Unknown,
        role: view.role,
        parent: None,
        hops: 0,
        enters_at: None,
        member: None,
        optional: false,
        by_default: false,
        target: None,
    };
    let mut out: Vec<Reached> =
        view.reached.iter().map(|r| if is_member(r) { r.clone() } else { unreached() }).collect();
    let is_generated = |r: &Reached| r.member.is_some_and(|m| workspace.members[m].is_generated);
    let weight = |r: &Reached| (is_generated(r), r.role, r.reach, r.optional, r.target.is_some(), r.hops);
    let mut open = BinaryHeap::new();
    // Ways are kept beside the queue: a place in the list is what is compared last.
    let mut made: Vec<(usize, Reached)> = Vec::new();
    let push = |made: &mut Vec<(usize, Reached)>, open: &mut BinaryHeap<_>, target: usize, way: Reached| {
        open.push(Reverse((weight(&way), target, made.len())));
        made.push((target, way));
    };
    for (target, first) in &view.first_hops {
        push(&mut made, &mut open, *target, by_itself(first.clone(), facts[*target]));
    }
    while let Some(Reverse((_, index, at))) = open.pop() {
        if out[index].reach != Reach::Unknown {
            continue;
        }
        out[index] = made[at].1.clone();
        for &next in &view.edges[index] {
            if out[next].reach == Reach::Unknown {
                let way = hop(&out[index], index, facts[index], &lock.packages[next].name.value);
                push(&mut made, &mut open, next, by_itself(way, facts[next]));
            }
        }
    }
    out
}

/// A procedural macro runs while others are built and is part of no program, and neither is what it needs.
fn by_itself(mut way: Reached, facts: Option<&CrateFacts>) -> Reached {
    if facts.is_some_and(|f| f.proc_macro == Some(true)) {
        way.reach = way.reach.max(Reach::Build);
    }
    way
}

/// One hop further, to a dependency of a package. Where a name is needed in several ways, the weightiest.
fn hop(from: &Reached, index: usize, facts: Option<&CrateFacts>, name: &str) -> Reached {
    let mut way = Reached { parent: Some(index), hops: from.hops + 1, ..from.clone() };
    let needs = facts.and_then(|f| f.needs.as_ref()).into_iter().flatten().filter(|need| need.name == name);
    if let Some(need) = needs.min_by_key(|need| (need.is_build, need.target.is_some())) {
        if need.is_build {
            way.reach = way.reach.max(Reach::Build);
        }
        way.target = way.target.or_else(|| need.target.clone());
    }
    way
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::{self, Evidence};
    use crate::graph::crates::{CrateFacts, Need};
    use crate::outside::layered::Layered;
    use crate::source::{RepoPath, Tree};

    const SOURCE: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"";

    fn lock(packages: &[(&str, &str)]) -> String {
        let mut out = "version = 4\n".to_owned();
        for (name, needs) in packages {
            let source = if *name == "app" { "" } else { SOURCE };
            let needs: Vec<String> = needs.split_whitespace().map(|n| format!("\"{n}\"")).collect();
            out.push_str(&format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}\ndependencies = [{}]\n",
                needs.join(", ")
            ));
        }
        out
    }

    fn need(name: &str, is_build: bool, target: Option<&str>) -> Need {
        Need { name: name.to_owned(), is_build, is_optional: false, target: target.map(str::to_owned) }
    }

    /// What findings say of the way to `time` 0.1.42, which has an advisory.
    fn words(of_direct: Need, is_macro: bool) -> String {
        let files = BTreeMap::from([
            (
                RepoPath::new("Cargo.toml").unwrap(),
                b"[package]\nname = \"app\"\nversion = \"1.0.0\"\n[dependencies]\ndirect = \"1\"\n".to_vec(),
            ),
            (
                RepoPath::new("Cargo.lock").unwrap(),
                lock(&[("app", "direct"), ("direct", "time"), ("time", "")])
                    .replace("name = \"time\"\nversion = \"1.0.0\"", "name = \"time\"\nversion = \"0.1.42\"")
                    .into_bytes(),
            ),
        ]);
        let tree = Tree::from_memory("example", files);
        let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
        let kept = move |name: &str, _: &str, _: &str| {
            let needs = if name == "direct" { vec![of_direct.clone()] } else { Vec::new() };
            let proc_macro = Some(is_macro && name == "direct");
            Some(CrateFacts { needs: Some(needs), proc_macro, ..CrateFacts::default() })
        };
        let advisories = crate::outside::cached::Cached::new(crate::advisory::Index::embedded());
        let evidence = Evidence { kept: Some(&kept), ..Evidence::default() };
        let checked = check::run_with(&tree, &reading, &Layered::new(vec![&advisories]), &evidence);
        let found = checked.diagnostics.into_iter().find(|d| d.rule == "vulnerable-crate").unwrap();
        format!("{} ({})", found.message, found.evidence.join("; "))
    }

    #[test]
    fn kinds_and_targets_count_along_the_whole_way() {
        let plain = words(need("time", false, None), false);
        assert!(!plain.contains("while building") && !plain.contains("target"), "{plain}");
        assert!(plain.contains("manifests of all crates"), "{plain}");
        let build = words(need("time", true, None), false);
        assert!(build.contains("used only while building"), "{build}");
        let of_macro = words(need("time", false, None), true);
        assert!(of_macro.contains("used only while building"), "{of_macro}");
        let target = words(need("time", false, Some("cfg(windows)")), false);
        assert!(target.contains("only for target cfg(windows)"), "{target}");
    }
}
