//! Build scripts of crates, `setup.py` and hooks of Python's builds that download or install something nobody verifies.

use std::collections::BTreeMap;

use super::declared::{self, State};
use super::download;
use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildFetch, BuildForm, Fetched, Fixed};
use crate::graph::kinds::cargo::{Manifest, Table};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath, Role};

pub(super) static RULE: Rule = Rule {
    id: "build-code-fetches",
    title: "a package downloads unverified files while it is built",
    many: "{n} packages download unverified files while they are built",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("build_code_fetches.md"),
    check,
};

/// Crates that fetch, as dependencies of a build script.
const NETWORK: &[&str] =
    &["attohttpc", "curl", "downloader", "hf-hub", "http_req", "isahc", "minreq", "reqwest", "surf", "ureq"];

/// What is built, and the code that runs for it.
struct Package<'a> {
    /// `the build script of `name``.
    title: String,
    /// Its name, or that of the file.
    name: String,
    role: Role,
    folder: RepoPath,
    /// Where it is declared.
    declared: Option<Place>,
    code: Vec<&'a BuildCode>,
}

impl Package<'_> {
    /// Whether a part computes digests, and one compares them.
    fn verifies(&self) -> bool {
        self.code.iter().any(|code| code.computes) && self.code.iter().any(|code| code.compares)
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let builders = [builder(scene, is_cargo), builder(scene, is_python)];
    for (manifest, package) in crates(scene) {
        if package.code.iter().all(|code| code.fetches.is_empty()) {
            by_dependency(scene, report, manifest, &package);
        } else {
            tell(scene, report, &package, builders[0]);
        }
    }
    for package in projects(scene) {
        tell(scene, report, &package, builders[1]);
    }
}

/// Packages of crates with the code of their build scripts.
fn crates<'a>(scene: &Scene<'a>) -> Vec<(&'a Manifest, Package<'a>)> {
    let of_rust = scene.documents.iter().filter_map(|document| match document {
        Document::BuildCode(code) if code.form == BuildForm::RustScript => Some(code),
        _ => None,
    });
    let by_path: BTreeMap<&RepoPath, &BuildCode> =
        of_rust.filter_map(|code| Some((&scene.sources.get(code.file)?.path, code))).collect();
    let mut out = Vec::new();
    for (_, manifest) in scene.manifests() {
        let (Some(package), Some(file)) = (&manifest.package, scene.sources.get(manifest.file)) else { continue };
        let role = scene.role(manifest.file);
        if package.no_build || role.is_set_aside() {
            continue;
        }
        let folder = file.path.parent();
        let named = package.build.as_ref().map_or("build.rs", |build| build.value.as_str());
        let Some(root) = folder.join(named).filter(|root| scene.files.contains(root)) else { continue };
        let mut code: Vec<&BuildCode> = Vec::new();
        let mut queue = vec![root];
        while let Some(path) = queue.pop() {
            if let Some(found) = by_path.get(&path).filter(|found| !code.iter().any(|known| known.file == found.file)) {
                code.push(found);
                queue.extend(found.parts.iter().cloned());
            }
        }
        let name = package.name.value.clone();
        let title = format!("the build script of `{name}`");
        let declared = Some(Place::new(manifest.file, package.name.span));
        out.push((manifest, Package { title, name, role, folder, declared, code }));
    }
    out
}

/// Files of Python's builds, each by itself.
fn projects<'a>(scene: &Scene<'a>) -> Vec<Package<'a>> {
    let mut out = Vec::new();
    for form in [BuildForm::SetupPy, BuildForm::BuildHook] {
        for code in declared::of_form(scene, form) {
            let Some(file) = scene.sources.get(code.file) else { continue };
            let path = &file.path;
            // A module of this name that calls no `setup` is somebody's own.
            let is_project = form == BuildForm::BuildHook
                || scene.documents.iter().any(|d| matches!(d, Document::PyProject(p) if p.file == code.file));
            if is_project {
                let (title, name) = (format!("`{path}`"), path.as_str().to_owned());
                let (role, folder) = (scene.role(code.file), path.parent());
                out.push(Package { title, name, role, folder, declared: None, code: vec![code] });
            }
        }
    }
    out
}

/// The weightiest run that builds packages of a kind, with the command.
type Builder<'r, 'a> = Option<(&'r Run<'a>, Place)>;

fn builder<'a>(scene: &Scene<'a>, builds: fn(&ActKind) -> bool) -> Builder<'a, 'a> {
    let mut best: Builder<'a, 'a> = None;
    for run in reach::all_runs(scene) {
        if best.as_ref().is_some_and(|(known, _)| known.weight() >= run.weight()) {
            continue;
        }
        let acts = run.scripts().into_iter().find_map(|piece| {
            let act = piece.script.acts.iter().find(|act| builds(&act.kind))?;
            Some(Place::new(run.file, piece.script.text.host_span(act.range.clone())))
        });
        if let Some(place) = acts {
            best = Some((run, place));
        }
    }
    best
}

fn is_cargo(act: &ActKind) -> bool {
    match act {
        ActKind::CargoBuild { subcommand, .. } => {
            matches!(subcommand.as_str(), "build" | "b" | "run" | "r" | "test" | "t")
        }
        ActKind::CargoInstall { path, .. } => path.is_some(),
        _ => false,
    }
}

fn is_python(act: &ActKind) -> bool {
    let local = |name: &str| name == "." || name.starts_with("./") || name.starts_with(".[");
    match act {
        ActKind::PackageInstall { manager, names, .. } => {
            matches!(manager.as_str(), "pip" | "uv") && names.iter().any(|name| local(&name.text))
        }
        ActKind::InstallLocal { manager, path } => matches!(manager.as_str(), "pip" | "uv") && local(path),
        _ => false,
    }
}

/// How bad one download is: what follows whoever answers comes first.
fn severity(code: &BuildCode, fetch: &BuildFetch, is_compared: bool, role: Role) -> Option<Severity> {
    let state = match declared::state(code, fetch) {
        State::Fixed => return None,
        _ if is_compared && fetch.fixed == Fixed::Open => return None,
        state => state,
    };
    let is_weighty = matches!(role, Role::Product | Role::Ci);
    Some(match (state, fetch.what) {
        (_, Fetched::Packages) => Severity::Low,
        _ if !is_weighty => Severity::Low,
        (State::Moving, Fetched::Program) => Severity::High,
        (State::Named, Fetched::Repository) => Severity::Low,
        // What is opened at an address that nobody knows here may be looked at and nothing else.
        _ if is_unknown(fetch) && (fetch.by == "urlopen" || fetch.by.ends_with(".get")) => Severity::Low,
        _ => Severity::Medium,
    })
}

/// Whether not even the host is known.
fn is_unknown(fetch: &BuildFetch) -> bool {
    download::host(&fetch.url).contains(' ')
}

fn tell(scene: &Scene<'_>, report: &mut Reporter<'_>, package: &Package<'_>, builder: Builder<'_, '_>) {
    let is_compared = package.verifies();
    let mut found: Vec<(Severity, State, FileId, &BuildFetch)> = Vec::new();
    for code in &package.code {
        for fetch in &code.fetches {
            if let Some(severity) = severity(code, fetch, is_compared, package.role) {
                found.push((severity, declared::state(code, fetch), code.file, fetch));
            }
        }
    }
    // Of equals the first in the text speaks.
    found.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let Some(&(severity, state, file, fetch)) = found.first() else { return };
    let place = Place::new(file, fetch.span);
    let is_certain = fetch.what == Fetched::Packages || !is_unknown(fetch);
    // Which of several packages a command builds is not followed: only one at the root is built for certain.
    let built = builder.filter(|_| package.folder.is_root());
    let is_followed = state == State::Moving && is_certain && fetch.what != Fetched::Packages;
    let impact = built.filter(|_| is_followed).and_then(|(run, _)| run.impact());
    let mut draft = report
        .at(place, download::shown(&fetch.url))
        .severity(severity)
        .confidence(if is_certain { Confidence::High } else { Confidence::Medium })
        .impact(impact)
        .role(package.role)
        .also(found.iter().map(|(_, _, file, fetch)| Place::new(*file, fetch.span)))
        .about("package", package.name.clone(), None)
        .each(found.iter().map(|(.., fetch)| fetch.url.text.as_str()))
        .evidence(match fetch.what {
            Fetched::Packages => format!("`{}` runs in it", fetch.by),
            _ => format!("{}; no digest is compared", download::evidence(&fetch.url)),
        });
    if let Some((run, place)) = built {
        draft = run.route(scene, draft).via("builds it", Some(place));
    }
    if let Some(declared) = package.declared {
        draft = draft.via(format!("crate {}", package.name), Some(declared));
    }
    draft = draft.via(format!("{} in the {}", fetch.by, of(package)), Some(place));
    let held = if impact.is_some() { built.map(|(run, _)| run.held()).unwrap_or_default() } else { String::new() };
    let more = match found.len() {
        1 => String::new(),
        2 => ", and one more download".to_owned(),
        n => format!(", and {} more downloads", n - 1),
    };
    for advice in advice(package, fetch) {
        draft = draft.advise(advice);
    }
    draft.say(format!("{} {}{more}{held}", package.title, what(fetch)));
}

fn of(package: &Package<'_>) -> &'static str {
    package.code.first().map_or("build script", |code| code.form.as_str())
}

/// What it does, behind its name.
fn what(fetch: &BuildFetch) -> String {
    let host = download::host(&fetch.url);
    match fetch.what {
        Fetched::Packages => format!("installs `{}` by `{}` while it is built", download::shown(&fetch.url), fetch.by),
        Fetched::Program => format!("runs what {host} serves"),
        Fetched::Repository => format!("clones a repository of {host} without naming its commit"),
        Fetched::File => {
            let title = declared::title(fetch);
            format!("downloads {title} from {host} and compares no digest")
        }
    }
}

fn advice(package: &Package<'_>, fetch: &BuildFetch) -> Vec<String> {
    let first = match fetch.what {
        Fetched::Packages => {
            "name it among the requirements of the build or of the package, so that the installer resolves and locks it"
                .to_owned()
        }
        Fetched::Program => {
            "fetch one version, compare it with a digest that stands in the tree, then run it".to_owned()
        }
        Fetched::Repository => {
            "check out one commit that stands in the tree, or add the repository as a submodule".to_owned()
        }
        Fetched::File if package.declared.is_some() => {
            "keep the SHA-256 of each file in the build script and stop the build where it differs".to_owned()
        }
        Fetched::File => {
            "keep the SHA-256 of each file beside its address, compare it by `hashlib` and raise where it differs"
                .to_owned()
        }
    };
    let switches: Vec<&str> = package.code.iter().flat_map(|code| &code.switches).map(String::as_str).take(3).collect();
    let mut out = vec![first];
    if !switches.is_empty() {
        out.push(format!(
            "where it is built for release, name what is there already: {} {} asked for",
            switches.join(", "),
            if switches.len() == 1 { "is" } else { "are" }
        ));
    }
    out
}

/// A crate that fetches stands among the dependencies of a build script that says nothing of what it fetches.
fn by_dependency(scene: &Scene<'_>, report: &mut Reporter<'_>, manifest: &Manifest, package: &Package<'_>) {
    if package.verifies() {
        return;
    }
    let asked = manifest.dependencies.iter().filter(|d| d.table == Table::Build);
    let Some(found) = asked.into_iter().find(|d| NETWORK.contains(&d.package_name())) else { return };
    let place = Place::new(manifest.file, found.key.span);
    let name = found.package_name();
    let draft = report
        .at(place, name.to_owned())
        .severity(Severity::Low)
        .confidence(Confidence::Low)
        .role(scene.role(manifest.file))
        .about("package", package.name.clone(), None)
        .content(format!("{} {name}", package.name))
        .via(format!("crate {}", package.name), package.declared)
        .evidence("the dependency alone: which address it fetches is not written as a text in the build script");
    draft
        .advise("see what it fetches, and whether a digest is compared")
        .say(format!("{} may download: `{name}` is among its dependencies", package.title));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::UrlText;
    use crate::source::Span;

    fn fetch(url: &str, what: Fetched, fixed: Fixed) -> BuildFetch {
        let url = UrlText::new(url, !url.contains('$'));
        BuildFetch { span: Span::new(0, 1), by: "x".into(), name: None, url, what, fixed, tls_off: false, within: None }
    }

    #[test]
    fn what_follows_whoever_answers_weighs_most() {
        let form = BuildForm::RustScript;
        let code = BuildCode {
            file: FileId(0),
            form,
            fetches: vec![],
            parts: vec![],
            switches: vec![],
            computes: false,
            compares: false,
        };
        for (url, what, fixed, role, expected) in [
            ("https://x.example/latest.tgz", Fetched::File, Fixed::Open, Role::Product, Some(Severity::Medium)),
            ("https://x.example/v1.2/a.tgz", Fetched::File, Fixed::Open, Role::Product, Some(Severity::Medium)),
            ("https://x.example/v1.2/a.tgz", Fetched::File, Fixed::Content, Role::Product, None),
            ("https://x.example/install.sh", Fetched::Program, Fixed::Open, Role::Product, Some(Severity::High)),
            ("https://x.example/install.sh", Fetched::Program, Fixed::Open, Role::Example, Some(Severity::Low)),
            (
                "https://x.example/a.git",
                Fetched::Repository,
                Fixed::Reference("v1".into()),
                Role::Product,
                Some(Severity::Low),
            ),
            ("torch", Fetched::Packages, Fixed::Open, Role::Product, Some(Severity::Low)),
        ] {
            assert_eq!(severity(&code, &fetch(url, what, fixed), false, role), expected, "{url}");
        }
    }
}
