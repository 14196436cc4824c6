//! A crate whose build script downloads what it links or embeds.

use crate::diag::Severity;
use crate::graph::cargo::Reach;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Dependency, LockSource};
use crate::rules::{Reporter, Rule, Scene, locked};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "prebuilt-binary",
    title: "crate that downloads binaries while it is built",
    many: "{n} crates download binaries while they are built",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("prebuilt_binary.md"),
    check,
};

/// A crate whose build script downloads. Each was read in the build script of the releases named.
struct Downloads {
    /// The crate.
    name: &'static str,
    /// The first release that does, by major and minor version.
    since: (u64, u64),
    /// Crates of which the lock lists one as its dependency where the feature is on; empty where it always
    /// downloads. A feature leaves no other trace in a lock.
    on: &'static [&'static str],
    /// A crate that the lock lists as its dependency where it does not download.
    off: Option<&'static str>,
    /// What is downloaded, and from which host.
    what: &'static str,
    host: &'static str,
    /// Whether the build script compares it with a digest that it brings along.
    is_verified: bool,
    /// The feature that decides, and the crate that people write it at.
    feature: Option<(&'static str, &'static str)>,
    /// What turns it on.
    by: &'static str,
    /// What to do instead.
    instead: &'static str,
}

/// Read in `ort-sys` 2.0.0-rc.10 and rc.12, `torch-sys` 0.26.0, `tensorflow-sys` 0.24.0, `sherpa-rs-sys`
/// 0.6.8, `skia-bindings` 0.156.0, `utoipa-swagger-ui` 10.0.2, `protoc-prebuilt` 0.3.0.
const DOWNLOADS: &[Downloads] = &[
    Downloads {
        name: "ort-sys",
        since: (2, 0),
        on: &["ureq"],
        off: None,
        what: "ONNX Runtime",
        host: "cdn.pyke.io",
        is_verified: true,
        feature: Some(("download-binaries", "ort")),
        by: "the feature `download-binaries` of `ort`, on by default,",
        instead: "turn off default features of `ort`, and link a library of your own by ORT_LIB_PATH or load it by the feature `load-dynamic`",
    },
    Downloads {
        name: "protoc-prebuilt",
        since: (0, 1),
        on: &[],
        off: None,
        what: "the compiler of Protocol Buffers",
        host: "github.com",
        is_verified: false,
        feature: None,
        by: "a build script that calls it",
        instead: "install protoc by a package manager that verifies it, and name it by PROTOC",
    },
    Downloads {
        name: "sherpa-rs-sys",
        since: (0, 1),
        on: &["ureq"],
        off: None,
        what: "sherpa-onnx",
        host: "github.com",
        is_verified: true,
        feature: Some(("download-binaries", "sherpa-rs")),
        by: "the feature `download-binaries`, on by default,",
        instead: "turn off default features, and name a library of your own by SHERPA_LIB_PATH",
    },
    Downloads {
        name: "skia-bindings",
        since: (0, 25),
        on: &["tar", "curl", "ureq"],
        off: None,
        what: "Skia",
        host: "github.com",
        is_verified: false,
        feature: Some(("binary-cache", "skia-safe")),
        by: "the feature `binary-cache`, on by default,",
        instead: "turn off default features, so that Skia is built from source, or name verified binaries by SKIA_BINARIES_URL",
    },
    Downloads {
        name: "tensorflow-sys",
        since: (0, 1),
        on: &[],
        off: None,
        what: "libtensorflow",
        host: "storage.googleapis.com",
        is_verified: false,
        feature: None,
        by: "the crate, where no library is installed,",
        instead: "install libtensorflow by verified means before the build, so that pkg-config finds it",
    },
    Downloads {
        name: "torch-sys",
        since: (0, 1),
        on: &["ureq", "curl"],
        off: None,
        what: "libtorch",
        host: "download.pytorch.org",
        is_verified: false,
        feature: Some(("download-libtorch", "tch")),
        by: "the feature `download-libtorch` of `tch`",
        instead: "turn the feature off, and name a verified libtorch by LIBTORCH",
    },
    Downloads {
        name: "utoipa-swagger-ui",
        since: (7, 1),
        on: &[],
        off: Some("utoipa-swagger-ui-vendored"),
        what: "Swagger UI, whose scripts the program serves,",
        host: "github.com",
        is_verified: false,
        feature: None,
        by: "the crate, without its feature `vendored`,",
        instead: "turn on the feature `vendored`: then the files come with a crate, and the lock holds their checksum",
    },
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for found in locked::crates(scene, |known, package| {
        let needs = |name: &str| package.dependencies.iter().any(|d| d.value.split(' ').next() == Some(name));
        DOWNLOADS.iter().any(|one| one.name == known.name && one.is_on(&package.version.value, &needs))
    }) {
        let package = found.package();
        let is_published = lock_source(package.source.as_ref().map(|s| s.value.as_str())) == LockSource::CratesIo;
        let Some(one) = DOWNLOADS.iter().find(|one| one.name == package.name.value).filter(|_| is_published) else {
            continue;
        };
        // What only tests build decides nothing that ships.
        if found.role() != Role::Product || found.reach() == Reach::Dev {
            continue;
        }
        let (name, version) = (&package.name.value, &package.version.value);
        let (severity, verified) = if one.is_verified {
            (Severity::Low, "compared with a digest that the crate brings along")
        } else {
            (Severity::Medium, "which nothing verifies")
        };
        let named = one.feature.and_then(|(feature, carrier)| written(scene, found.lock_place(), feature, carrier));
        let by = match (named, one.feature) {
            (Some(_), Some((feature, carrier))) => format!("the feature `{feature}`, written at `{carrier}`,"),
            _ => one.by.to_owned(),
        };
        let instead = match (named, one.feature, one.instead.split_once(", ")) {
            (Some(_), Some((feature, carrier)), Some((_, rest))) => {
                format!("take `{feature}` out of the features of `{carrier}`, {rest}")
            }
            _ => one.instead.to_owned(),
        };
        let mut draft = report
            .at(named.unwrap_or_else(|| found.place(scene)), format!("lets `{name}` {version} in"))
            .on(found.node)
            .severity(severity)
            .role(found.role())
            .also(found.lock_places())
            .related(found.lock_place(), format!("{name} {version}"))
            .content(format!("{name} {version}"))
            .evidence("the build script of the crate, as read when this rule was written, and the dependencies that the lock lists for it");
        draft = found.route(scene, draft);
        draft.advise(instead).say(format!(
            "`{name}` {version} downloads {} from {} while it is built, {verified}; {} turns that on",
            one.what, one.host, by
        ));
    }
}

/// Where a manifest beside or below a lock asks for the feature by name: turning default features off changes
/// nothing there.
fn written(scene: &Scene<'_>, lock: Place, feature: &str, carrier: &str) -> Option<Place> {
    let folder = scene.sources.get(lock.file)?.path.parent();
    let quoted = format!("\"{feature}\"");
    scene.manifests().find_map(|(_, manifest)| {
        let file = scene.sources.get(manifest.file)?;
        let asks = |d: &&Dependency| d.package_name() == carrier && file.text_at(d.span).contains(&quoted);
        let found = manifest.dependencies.iter().find(asks)?;
        (folder.is_root() || file.path.is_under(&folder)).then(|| Place::new(manifest.file, found.span))
    })
}

impl Downloads {
    /// Whether a locked release downloads, by its version and what the lock lists for it.
    fn is_on(&self, version: &str, needs: &dyn Fn(&str) -> bool) -> bool {
        let Ok(version) = semver::Version::parse(version) else { return false };
        (version.major, version.minor) >= self.since
            && (self.on.is_empty() || self.on.iter().any(|name| needs(name)))
            && !self.off.is_some_and(needs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_show_in_what_the_lock_lists() {
        for (name, version, lists, on) in [
            ("ort-sys", "2.0.0-rc.10", &["ureq"][..], true),
            ("ort-sys", "2.0.0-rc.10", &["pkg-config"], false),
            ("utoipa-swagger-ui", "9.0.2", &["url"], true),
            ("utoipa-swagger-ui", "9.0.2", &["url", "utoipa-swagger-ui-vendored"], false),
            ("utoipa-swagger-ui", "6.0.0", &["zip"], false),
            ("tensorflow-sys", "0.24.0", &["curl"], true),
            ("torch-sys", "no version", &["ureq"], false),
        ] {
            let one = DOWNLOADS.iter().find(|one| one.name == name).unwrap();
            assert_eq!(one.is_on(version, &|need| lists.contains(&need)), on, "{name} {version} {lists:?}");
        }
        assert!(DOWNLOADS.iter().map(|one| one.name).is_sorted());
    }
}
