//! A container image whose release was malicious.

use crate::diag::{Impact, Severity};
use crate::graph::NodeKind;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "compromised-image",
    title: "container image that was malicious",
    many: "{n} container images were malicious",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("compromised_image.md"),
    check,
};

/// A malicious release of an image. No database has one for images, so that these stand here.
struct Release {
    /// Names it was put out under, without the host of Docker Hub.
    names: &'static [&'static str],
    /// Its tag.
    tag: &'static str,
    advisory: &'static str,
    /// What to take in its place.
    clean: &'static str,
}

const TRIVY: &[&str] = &["aquasec/trivy", "ghcr.io/aquasecurity/trivy", "public.ecr.aws/aquasecurity/trivy"];
/// Put out under stolen credentials of Docker Hub alone.
const TRIVY_HUB: &[&str] = &["aquasec/trivy"];

/// Sources: GHSA-69fq-xp46-6x23 and aquasecurity/trivy-action#541 for 0.69.4; future-architect/vuls#2489 and
/// opendatahub-io/notebooks#3410, which quote the advisory, for the two after it. Their digests are left out: no
/// record that was seen has them.
const RELEASES: &[Release] = &[
    Release { names: TRIVY, tag: "0.69.4", advisory: "GHSA-69fq-xp46-6x23", clean: "0.69.3" },
    Release { names: TRIVY_HUB, tag: "0.69.5", advisory: "GHSA-69fq-xp46-6x23", clean: "0.69.3" },
    Release { names: TRIVY_HUB, tag: "0.69.6", advisory: "GHSA-69fq-xp46-6x23", clean: "0.69.3" },
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (id, node) in scene.graph.of(NodeKind::Image) {
        let tag = node.version.as_deref().unwrap_or_default();
        let Some(release) = release(&node.name, tag) else { continue };
        let mut places = node.sightings.clone();
        places.sort_by_key(|place| (scene.role(place.file), *place));
        let Some(first) = places.first() else { continue };
        report
            .at(*first, release.advisory)
            .on(id)
            .impact(Some(Impact::Malicious))
            .also(places.iter().copied())
            .content(format!("{} {}:{tag}", release.advisory, node.name))
            .evidence(format!("the release {} of it was malicious ({}); mirrors may still have it", release.tag, release.advisory))
            .advise(format!(
                "take it out, change every secret that was in its reach, and look through the logs; then pin {} or a later release by its digest",
                release.clean
            ))
            .say(format!("the image `{}:{tag}` is a malicious release ({})", node.name, release.advisory));
    }
}

fn release(name: &str, tag: &str) -> Option<&'static Release> {
    let name = ["docker.io/", "index.docker.io/", "registry-1.docker.io/", "mirror.gcr.io/"]
        .iter()
        .find_map(|host| name.strip_prefix(host))
        .unwrap_or(name);
    // Variants of one release differ behind a dash: `0.69.4-amd64`.
    let bare = tag.strip_prefix('v').unwrap_or(tag);
    let bare = bare.split('-').next().unwrap_or(bare);
    RELEASES.iter().find(|release| release.tag == bare && release.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_by_name_and_tag() {
        for (name, tag, found) in [
            ("aquasec/trivy", "0.69.4", true),
            ("docker.io/aquasec/trivy", "v0.69.6", true),
            ("mirror.gcr.io/aquasec/trivy", "0.69.5-arm64", true),
            ("ghcr.io/aquasecurity/trivy", "0.69.4", true),
            ("ghcr.io/aquasecurity/trivy", "0.69.5", false),
            ("aquasec/trivy", "0.69.3", false),
            ("aquasec/trivy", "latest", false),
            ("aquasec/trivy", "", false),
            ("example/trivy", "0.69.4", false),
        ] {
            assert_eq!(release(name, tag).is_some(), found, "{name}:{tag}");
        }
    }
}
