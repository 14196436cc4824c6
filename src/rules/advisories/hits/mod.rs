//! What the rules on crates of a lock share: which locked crates an advisory names, by which way
//! each is reached, and how sure that makes us.
//!
//! The same release in several locks is one hit; the lock in which it weighs most speaks for it.

mod advice;
mod binaries;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::{Kind, Match};
use crate::diag::Confidence;
use crate::graph::build_class::BuildClass;
use crate::graph::cargo::{LockView, Member, Reach, Reached, Workspace, lock_key};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Dependency, Lock, LockPackage, LockSource};
use crate::graph::{NodeId, NodeKind};
use crate::rules::Scene;
use crate::rules::locked::declared;
use crate::source::{Place, Role};

pub(super) use binaries::in_binaries;
pub(super) use words::say;

/// A release that an advisory names, over all locks of the tree.
pub(super) struct Hit<'a> {
    /// The crate in the graph.
    pub(super) node: NodeId,
    /// The flaw.
    pub(super) flaw: &'a Match,
    /// Its entries, the weightiest first; never empty.
    at: Vec<Locked<'a>>,
}

/// An entry of a lock.
#[derive(Clone, Copy)]
struct Locked<'a> {
    view: &'a LockView,
    lock: &'a Lock,
    workspace: Option<&'a Workspace>,
    /// Beside a member of a workspace whose lock stands elsewhere: cargo never reads it.
    is_stray: bool,
    /// Where `custody.toml` declares its registry a mirror of crates.io.
    mirror: Option<Place>,
    index: usize,
}

impl<'a> Locked<'a> {
    fn package(&self) -> &'a LockPackage {
        &self.lock.packages[self.index]
    }

    fn reached(&self) -> &'a Reached {
        &self.view.reached[self.index]
    }

    fn place(&self) -> Place {
        Place::new(self.lock.file, self.package().name.span)
    }

    fn member(&self) -> Option<&'a Member> {
        self.workspace?.members.get(self.reached().member?)
    }

    /// What a build uses it for, where cargo said so.
    fn class(&self) -> Option<BuildClass> {
        self.view.class(self.index)
    }

    /// The role of what it is in, no more than a test's where only tests build it.
    fn role(&self) -> Role {
        let role = self.reached().role;
        match self.class() {
            Some(BuildClass::DevOnly | BuildClass::NeverBuilt) => role.max(Role::Test),
            _ => role,
        }
    }

    fn weight(&self) -> impl Ord + use<> {
        let reached = self.reached();
        let is_class = self.class().map_or((reached.reach, reached.optional, reached.target.is_some()), |class| {
            let reach = match class {
                BuildClass::DevOnly => Reach::Dev,
                BuildClass::NeverBuilt => Reach::Unknown,
                BuildClass::BuildTime => Reach::Build,
                _ => Reach::Normal,
            };
            (reach, class == BuildClass::NonDefaultFeature, class == BuildClass::OtherPlatform)
        });
        (self.is_stray, self.role(), is_class, reached.hops)
    }
}

/// Advisories of one kind that name locked crates, in the order of the graph's keys.
pub(super) fn hits<'a>(scene: &Scene<'a>, kind: Kind) -> Vec<Hit<'a>> {
    let known = scene.known;
    let flawed: BTreeSet<NodeId> = scene
        .graph
        .of(NodeKind::Crate)
        .map(|(id, _)| id)
        .filter(|id| known.advisories(*id).iter().any(|m| m.kind == kind))
        .collect();
    let names: BTreeSet<&str> = flawed.iter().map(|id| scene.graph.node(*id).name.as_str()).collect();
    let mut at: BTreeMap<NodeId, Vec<Locked<'a>>> = BTreeMap::new();
    let (locks, workspaces) = (&scene.cargo.locks, &scene.cargo.workspaces);
    for view in locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| workspaces.get(w));
        let folder = scene.sources.get(view.file).map(|f| f.path.parent()).unwrap_or_default();
        let is_stray = workspace.is_none() && workspaces.iter().flat_map(|w| &w.members).any(|m| m.folder == folder);
        // Building a key costs more than a look at the name.
        for (index, package) in lock.packages.iter().enumerate().filter(|(_, p)| names.contains(p.name.value.as_str()))
        {
            if let Some(node) = scene.graph.find(&lock_key(package, workspace)).filter(|n| flawed.contains(n)) {
                let mirror = match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
                    LockSource::Registry(address) => scene.indexes.declared_of_crates_io(address),
                    _ => None,
                };
                at.entry(node).or_default().push(Locked { view, lock, workspace, is_stray, mirror, index });
            }
        }
    }
    let mut out = Vec::new();
    for (node, mut at) in at {
        // Stable, so that among equals the first path speaks.
        at.sort_by_key(Locked::weight);
        for flaw in known.advisories(node).iter().filter(|m| m.kind == kind) {
            out.push(Hit { node, flaw, at: at.clone() });
        }
    }
    out
}

impl<'a> Hit<'a> {
    fn main(&self) -> Locked<'a> {
        self.at[0]
    }

    fn package(&self) -> &'a LockPackage {
        self.main().package()
    }

    fn source(&self) -> LockSource<'a> {
        lock_source(self.package().source.as_ref().map(|s| s.value.as_str()))
    }

    /// Whether a manifest of the tree names the crate.
    pub(super) fn is_direct(&self) -> bool {
        self.main().reached().hops == 1
    }

    /// Whether the release is the one that the advisory speaks of, and not a name that matches.
    pub(super) fn is_published_release(&self) -> bool {
        self.source() == LockSource::CratesIo || self.main().mirror.is_some()
    }

    fn confidence(&self) -> Confidence {
        if !self.is_published_release() || self.main().is_stray {
            return Confidence::Low;
        }
        let reached = self.main().reached();
        let lessened = |confidence| if self.is_elsewhere() { lower(confidence) } else { confidence };
        match self.main().class() {
            // That it is part of what ships is what the files alone could not prove.
            Some(BuildClass::DefaultRuntime) if self.main().role() == Role::Product => {
                return lessened(Confidence::High);
            }
            // Whether the flaw can be met is another question where it does not ship, or not to all.
            Some(BuildClass::NeverBuilt) => return Confidence::Low,
            Some(_) => return lessened(Confidence::Medium),
            None => {}
        }
        let always = self.is_direct() && !reached.optional && reached.target.is_none();
        let base = match reached.reach {
            // A lock that stands alone says nothing of reach; one whose manifests do not reach the
            // crate says that it may not be built at all.
            Reach::Unknown if self.main().workspace.is_some() => Confidence::Low,
            Reach::Normal | Reach::Build if always && reached.role == Role::Product => Confidence::High,
            _ => Confidence::Medium,
        };
        lessened(base)
    }

    /// Whether cargo says that nothing builds it.
    fn is_never_built(&self) -> bool {
        self.main().class() == Some(BuildClass::NeverBuilt)
    }

    /// Whether the flaw spares the platforms most programs are built for.
    fn is_elsewhere(&self) -> bool {
        let spared = |list: &dyn Fn(&crate::advisory::Advisory) -> &Vec<String>, common: &[&str]| {
            self.flaw.advisories.iter().all(|a| {
                let list = list(a);
                !list.is_empty() && !list.iter().any(|entry| common.contains(&entry.as_str()))
            })
        };
        spared(&|a| &a.os, &["linux"]) || spared(&|a| &a.arch, &["x86_64", "aarch64"])
    }

    /// The line a person would change and its manifest, where one is known.
    fn declared(&self, scene: &Scene<'a>) -> Option<Declared<'a>> {
        let main = self.main();
        let workspace = main.workspace?;
        let line = Declared::of(scene, workspace, main.reached())?;
        // The last patch on the way decides what follows it.
        let way = main.view.way(main.index);
        let patch = way.into_iter().rev().find_map(|index| {
            let place = patch_of(scene, workspace, &main.lock.packages[index])?;
            Some(Patched { index, place })
        });
        Some(Declared { patch, ..line })
    }

    /// Lines by which the crate would still come if the declared one were gone, the weightiest first.
    fn other_ways(&self, scene: &Scene<'a>, declared: Option<&Declared<'a>>) -> Vec<Place> {
        let main = self.main();
        let (Some(workspace), Some(declared)) = (main.workspace, declared) else { return Vec::new() };
        let ways = main.view.ways_in(main.index, declared.patch.as_ref().map(|p| p.index));
        let mut lines: Vec<(Role, Place)> = ways
            .into_iter()
            .filter(|r| r.member.and_then(|m| workspace.members.get(m)).is_some_and(|m| !m.is_generated))
            .filter_map(|r| Some((r.role, Declared::of(scene, workspace, r)?.place)))
            .filter(|(_, place)| *place != declared.place)
            .collect();
        lines.sort_unstable();
        let mut seen = BTreeSet::new();
        lines.into_iter().map(|(_, place)| place).filter(|place| seen.insert(*place)).collect()
    }
}

/// A dependency line.
struct Declared<'a> {
    dependency: &'a Dependency,
    place: Place,
    used_at: Place,
    /// What stands in for a crate on the way from here.
    patch: Option<Patched>,
}

impl<'a> Declared<'a> {
    fn of(scene: &Scene<'a>, workspace: &'a Workspace, reached: &Reached) -> Option<Self> {
        let (dependency, place) = declared(scene, workspace, reached)?;
        Some(Declared { dependency, place, used_at: reached.enters_at?, patch: None })
    }
}

/// A crate of the way that a `[patch]` replaces.
struct Patched {
    /// Its index in the lock.
    index: usize,
    /// The line of the patch.
    place: Place,
}

/// The patch that a locked package comes from.
fn patch_of(scene: &Scene<'_>, workspace: &Workspace, package: &LockPackage) -> Option<Place> {
    let LockSource::Git { url, .. } = lock_source(package.source.as_ref().map(|s| s.value.as_str())) else {
        return None;
    };
    let manifest = scene.manifest(workspace.document)?;
    let patch = manifest.patches.iter().map(|p| &p.with).find(|with| {
        with.package_name() == package.name.value && with.git.as_ref().is_some_and(|g| same_repository(&g.value, url))
    })?;
    Some(Place::new(manifest.file, patch.span))
}

fn same_repository(one: &str, other: &str) -> bool {
    let plain = |url: &str| url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    plain(one) == plain(other)
}

fn lower(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::advisory::Index;
    use crate::diag::{Confidence, Diagnostic, Severity};
    use crate::outside::cached::Cached;
    use crate::source::{RepoPath, Role, Tree};

    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn manifest(name: &str, dependencies: &str) -> String {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n{dependencies}\n")
    }

    fn lock(own: &str, needs: &[&str], packages: &[(&str, &str, &str, &[&str])]) -> String {
        let list = |deps: &[&str]| deps.iter().map(|d| format!("\"{d}\",")).collect::<String>();
        let mut out = format!(
            "version = 4\n[[package]]\nname = \"{own}\"\nversion = \"0.1.0\"\ndependencies = [{}]\n",
            list(needs)
        );
        for (name, version, source, deps) in packages {
            out.push_str(&format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\ndependencies = [{}]\n",
                list(deps)
            ));
        }
        out
    }

    fn flaws(files: &[(&str, String)]) -> Vec<Diagnostic> {
        let files: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.clone().into_bytes())).collect();
        let tree = Tree::from_memory("example", files);
        let reading = crate::read::read_tree(&tree, 1, &|_, _| {});
        let checked = crate::check::run(&tree, &reading, &Cached::new(Index::embedded()));
        checked.diagnostics.into_iter().filter(|d| d.rule == "vulnerable-crate").collect()
    }

    #[test]
    fn one_release_in_two_locks_is_one_finding_and_the_weightier_lock_speaks() {
        let found = flaws(&[
            ("examples/a/Cargo.toml", manifest("a", "[workspace]\n[dependencies]\ntime = \"0.1\"")),
            ("examples/a/Cargo.lock", lock("a", &["time"], &[("time", "0.1.42", CRATES_IO, &[])])),
            ("server/Cargo.toml", manifest("server", "[dependencies]\ntime = \"0.1\"")),
            ("server/Cargo.lock", lock("server", &["time"], &[("time", "0.1.42", CRATES_IO, &[])])),
        ]);
        let [one] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!((one.severity, one.confidence, one.role), (Severity::Medium, Confidence::High, Some(Role::Product)));
        assert_eq!(one.places.len(), 2);
        assert_eq!(one.advice, ["raise the requirement on `time` to 0.2.23"]);
        assert!(one.message.ends_with("in 2 locks"), "{}", one.message);
    }

    #[test]
    fn an_update_is_proposed_only_where_cargo_would_take_it() {
        let parent: &[&str] = &["time"];
        let locked = |version| {
            lock("app", &["parent"], &[("parent", "1.0.0", CRATES_IO, parent), ("time", version, CRATES_IO, &[])])
        };
        let manifest = manifest("app", "[dependencies]\nparent = \"1\"");
        let compatible = flaws(&[("Cargo.toml", manifest.clone()), ("Cargo.lock", locked("0.3.40"))]);
        assert_eq!(compatible[0].advice, ["update the lock: cargo update -p time@0.3.40 --precise 0.3.47"]);
        assert_eq!(compatible[0].confidence, Confidence::Medium);
        let old = flaws(&[("Cargo.toml", manifest), ("Cargo.lock", locked("0.1.42"))]);
        assert_eq!(
            old[0].advice,
            [
                "try cargo update -p parent: a newer `parent` within its range may take `time` 0.2.23 or later; if not, raise the requirement on `parent` to a release that does"
            ]
        );
    }

    #[test]
    fn inner_crates_are_tried_before_the_direct_one() {
        let found = flaws(&[
            ("tool/Cargo.toml", manifest("app", "[dependencies]\nouter = \"1\"\nside = \"1\"")),
            (
                "tool/Cargo.lock",
                lock(
                    "app",
                    &["outer", "side"],
                    &[
                        ("inner", "1.0.0", CRATES_IO, &["time"]),
                        ("outer", "1.0.0", CRATES_IO, &["inner"]),
                        ("side", "1.0.0", CRATES_IO, &["inner"]),
                        ("time", "0.1.42", CRATES_IO, &[]),
                    ],
                ),
            ),
        ]);
        assert_eq!(
            found[0].advice,
            [
                "try cargo update -p inner --manifest-path tool/Cargo.toml: a newer `inner` within its range may take `time` 0.2.23 or later; if not, `outer` must move; the other ways in need the same"
            ]
        );
        assert_eq!(found[0].primary.text, "lets `time` 0.1.42 in, and 1 other way in");
        assert!(found[0].related.iter().any(|l| l.text == "another way to `time`"), "{:?}", found[0].related);
    }

    #[test]
    fn a_patch_on_the_way_is_the_line_to_change() {
        let git = "git+https://git.example.com/fork/parent?rev=0123456#0123456789abcdef0123456789abcdef01234567";
        let text = "[dependencies]\nparent = \"1\"\n\n[patch.crates-io]\nparent = { git = \"https://git.example.com/fork/parent\", rev = \"0123456\" }";
        let found = flaws(&[
            ("Cargo.toml", manifest("app", text)),
            (
                "Cargo.lock",
                lock("app", &["parent"], &[("parent", "1.0.0", git, &["time"]), ("time", "0.1.42", CRATES_IO, &[])]),
            ),
        ]);
        assert_eq!(found[0].primary.text, "stands in for `parent` and lets `time` 0.1.42 in");
        assert_eq!(found[0].advice, ["point the `[patch]` of `parent` to a commit that takes `time` 0.2.23 or later"]);
    }

    #[test]
    fn a_generated_union_is_named_only_where_nobody_else_needs_the_crate() {
        let members = "[workspace]\nmembers = [\"hack\", \"xtask\"]";
        let hack = "# by hakari\n### BEGIN HAKARI SECTION\n[dependencies]\ntime = \"0.1\"";
        let lock = "version = 4\n[[package]]\nname = \"hack\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n[[package]]\nname = \"real\"\nversion = \"0.1.0\"\ndependencies = [\"hack\", \"time\"]\n";
        let lock = format!("{lock}[[package]]\nname = \"time\"\nversion = \"0.1.42\"\nsource = \"{CRATES_IO}\"\n");
        let found = flaws(&[
            ("Cargo.toml", members.to_owned()),
            ("hack/Cargo.toml", manifest("hack", hack)),
            ("xtask/Cargo.toml", manifest("real", "[dependencies]\nhack = { path = \"../hack\" }\ntime = \"0.1\"")),
            ("Cargo.lock", lock),
        ]);
        assert_eq!(found[0].route[0].text, "package real");
        assert_eq!((found[0].role, found[0].primary.text.as_str()), (Some(Role::Development), "lets `time` 0.1.42 in"));
    }

    #[test]
    fn a_default_feature_is_no_mere_option() {
        for (features, words) in [
            ("default = [\"clock\"]\nclock = [\"dep:time\"]", "behind a default feature"),
            ("default = []\nclock = [\"dep:time\"]", "behind an optional dependency"),
        ] {
            let text =
                format!("[dependencies]\ntime = {{ version = \"0.1\", optional = true }}\n\n[features]\n{features}");
            let found = flaws(&[
                ("Cargo.toml", manifest("app", &text)),
                ("Cargo.lock", lock("app", &["time"], &[("time", "0.1.42", CRATES_IO, &[])])),
            ]);
            assert!(found[0].message.contains(words), "{}", found[0].message);
        }
    }

    #[test]
    fn an_exact_requirement_stands_in_the_way_of_an_update() {
        let found = flaws(&[
            ("Cargo.toml", manifest("app", "[dependencies]\ntime = \"=0.3.40\"")),
            ("Cargo.lock", lock("app", &["time"], &[("time", "0.3.40", CRATES_IO, &[])])),
        ]);
        assert_eq!(found[0].advice, ["raise the requirement on `time` to 0.3.47"]);
    }

    #[test]
    fn what_lessens_a_flaw_is_said() {
        let git = "git+https://git.example.com/fork/time#0123456789abcdef0123456789abcdef01234567";
        for (table, source, confidence, words) in [
            ("[dev-dependencies]", CRATES_IO, Confidence::Medium, "only through dev-dependencies"),
            ("[build-dependencies]", CRATES_IO, Confidence::High, "only while building"),
            ("[target.'cfg(windows)'.dependencies]", CRATES_IO, Confidence::Medium, "only for target cfg(windows)"),
            ("[dependencies]", git, Confidence::Low, "the name matches, the source is another"),
        ] {
            let found = flaws(&[
                ("Cargo.toml", manifest("app", &format!("{table}\ntime = \"0.1\""))),
                ("Cargo.lock", lock("app", &["time"], &[("time", "0.1.42", source, &[])])),
            ]);
            assert!(found[0].message.contains(words), "{}", found[0].message);
            assert_eq!(found[0].confidence, confidence, "{table}");
        }
    }

    #[test]
    fn packages_of_the_tree_are_no_releases() {
        let found = flaws(&[
            ("Cargo.toml", "[package]\nname = \"time\"\nversion = \"0.1.42\"\n".to_owned()),
            ("Cargo.lock", "version = 4\n[[package]]\nname = \"time\"\nversion = \"0.1.42\"\n".to_owned()),
        ]);
        assert!(found.is_empty(), "{found:#?}");
    }
}
