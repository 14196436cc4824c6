//! How publishers of well-known tools let others verify what they release: facts, each from the place where the
//! publisher says so. Read on 2026-11-27; a fact that could not be read there is left out.

use super::digest::{Comparer, quotable};
use super::{Ground, download};
use crate::commands::UrlText;

/// How a file of a release can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A GitHub artifact attestation of the file itself.
    Attested,
    /// A GitHub artifact attestation of the list of digests that is released with it.
    AttestedList(&'static str),
    /// A Sigstore bundle beside the file, named like it with this at the end.
    Bundle {
        /// The end of the bundle's name.
        end: &'static str,
        /// Who signs; `{tag}` is the release's.
        identity: &'static str,
        /// Who vouches for that.
        issuer: &'static str,
    },
    /// A signature and a certificate beside the file.
    Detached {
        /// The ends of both names.
        ends: (&'static str, &'static str),
        /// Who signs.
        identity: &'static str,
        /// Who vouches for that.
        issuer: &'static str,
    },
    /// SLSA provenance, a file of the release.
    Provenance(&'static str),
}

/// The issuer of identities of GitHub's workflows.
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// The issuer of identities of Google's accounts.
const GOOGLE: &str = "https://accounts.google.com";

/// Repositories on GitHub, and how files of their releases are verified.
pub(super) const RELEASES: &[(&str, Way)] = &[
    // cli/cli .github/workflows/deployment.yml: attests dist/gh_*
    ("cli/cli", Way::Attested),
    // astral-sh/uv .github/workflows/release.yml: attests archives and installers
    ("astral-sh/uv", Way::Attested),
    // astral-sh/ruff .github/workflows/release.yml: the same
    ("astral-sh/ruff", Way::Attested),
    // j178/prek .github/workflows/release.yml: attests all of artifacts/
    ("j178/prek", Way::Attested),
    // PyO3/maturin .github/workflows/release.yml: attests archives and packages
    ("PyO3/maturin", Way::Attested),
    // zizmorcore/zizmor .github/workflows/release-binaries.yml: attests all of distrib/
    ("zizmorcore/zizmor", Way::Attested),
    // cargo-bins/cargo-binstall .github/workflows/release-cli.yml: attests all of artifact/
    ("cargo-bins/cargo-binstall", Way::Attested),
    // hadolint/hadolint .github/workflows/release.yml: attests what checksums.sha256 lists
    ("hadolint/hadolint", Way::Attested),
    // jqlang/jq NEWS.md, 1.8.0: gh attestation verify --repo jqlang/jq jq-linux-amd64
    ("jqlang/jq", Way::Attested),
    // rhysd/actionlint docs/install.md: gh attestation verify -R rhysd/actionlint
    ("rhysd/actionlint", Way::Attested),
    // golangci/golangci-lint .github/workflows/release.yml: attests what its list of checksums names
    ("golangci/golangci-lint", Way::Attested),
    // goreleaser/goreleaser .github/workflows/release.yml: verifies its own archive so
    ("goreleaser/goreleaser", Way::Attested),
    // terraform-linters/tflint README.md, "Verification"
    ("terraform-linters/tflint", Way::AttestedList("checksums.txt")),
    // aquasecurity/trivy docs/getting-started/signature-verification.md, since 0.68.1
    (
        "aquasecurity/trivy",
        Way::Bundle {
            end: ".sigstore.json",
            identity: "https://github.com/aquasecurity/trivy/.github/workflows/reusable-release.yaml@refs/tags/{tag}",
            issuer: GITHUB,
        },
    ),
    // sigstore/cosign-installer action.yml, for 3.0.1 and later
    (
        "sigstore/cosign",
        Way::Bundle {
            end: ".sigstore.json",
            identity: "keyless@projectsigstore.iam.gserviceaccount.com",
            issuer: GOOGLE,
        },
    ),
    // google/osv-scanner docs/installation.md, "Verifying Builds"
    ("google/osv-scanner", Way::Provenance("multiple.intoto.jsonl")),
    // ko-build/ko docs/install.md
    ("ko-build/ko", Way::Provenance("multiple.intoto.jsonl")),
];

/// Addresses that begin so, and how files there are verified.
const HOSTS: &[(&str, Way)] = &[
    // kubernetes.io, "Verify Signed Kubernetes Artifacts"
    (
        "https://dl.k8s.io/release/",
        Way::Detached {
            ends: (".sig", ".cert"),
            identity: "krel-staging@k8s-releng-prod.iam.gserviceaccount.com",
            issuer: GOOGLE,
        },
    ),
];

/// The repository and the tag of a release that an address is of.
pub(super) fn release(url: &UrlText) -> Option<(String, Option<String>)> {
    let (path, between) = match url.text.strip_prefix("gh:") {
        Some(path) => (path, "/releases/"),
        None => (url.text.strip_prefix("https://github.com/")?, "/releases/download/"),
    };
    let (repository, rest) = match path.split_once(between) {
        Some((repository, rest)) => (repository, rest),
        // `releases/latest/download/x`
        None => (path.split_once("/releases/latest/")?.0, ""),
    };
    let tag = rest.split('/').next().filter(|t| !t.is_empty() && *t != "latest" && download::plain(t));
    Some((repository.to_owned(), tag.map(str::to_owned)))
}

/// The publisher's own check of a file, as advice; none where nothing is known, or where what checks is not at hand.
pub(super) fn check(url: &UrlText, file: &str, comparer: Comparer, ground: Ground) -> Option<String> {
    // An image that is built has neither `gh` nor `cosign`, nor the token that `gh` needs.
    if ground == Ground::Image {
        return None;
    }
    let text = url.text.as_str();
    let found = release(url);
    let way = match &found {
        Some((repository, _)) => RELEASES.iter().find(|(known, _)| known.eq_ignore_ascii_case(repository)),
        None => HOSTS.iter().find(|(start, _)| text.starts_with(start)),
    };
    let (repository, way) = way?;
    let shell = comparer != Comparer::PowerShell;
    let tag = found.and_then(|(_, tag)| tag);
    let tag = tag.as_deref().unwrap_or("<tag>");
    let file = quotable(file);
    let folder = text.rsplit_once('/').map_or(text, |(folder, _)| folder);
    let address = |name: &str| {
        if download::plain(text) && !text.starts_with("gh:") {
            format!("{folder}/{name}")
        } else {
            format!("https://github.com/{repository}/releases/download/{tag}/{name}")
        }
    };
    let name = url.file_name().filter(|n| download::plain(n) && !text.starts_with("gh:")).unwrap_or(file.as_str());
    let token = match ground {
        Ground::Runner => ", with GH_TOKEN set to ${{ github.token }} in the step's env",
        Ground::Image | Ground::Hand => "",
    };
    let signed = "check who signed it before it is used, with cosign 2.4 or later";
    Some(match way {
        Way::Attested => {
            format!(
                "check where it was built before it is used{token}: gh attestation verify \"{file}\" --repo {repository}"
            )
        }
        _ if !shell => return None,
        Way::AttestedList(list) => format!(
            "check where its list of digests was built before it is used{token}: curl -fsSLO \"{}\" && \
             gh attestation verify {list} --repo {repository} && sha256sum --ignore-missing -c {list}",
            address(list)
        ),
        Way::Bundle { end, identity, issuer } => format!(
            "{signed}: curl -fsSL -o \"{file}{end}\" \"{}\" && cosign verify-blob \"{file}\" --bundle \"{file}{end}\" \
             --certificate-identity \"{}\" --certificate-oidc-issuer {issuer}",
            address(&format!("{name}{end}")),
            identity.replace("{tag}", tag)
        ),
        Way::Detached { ends: (signature, certificate), identity, issuer } => format!(
            "{signed}: curl -fsSL -o \"{file}{signature}\" \"{}\" && curl -fsSL -o \"{file}{certificate}\" \"{}\" && \
             cosign verify-blob \"{file}\" --signature \"{file}{signature}\" --certificate \"{file}{certificate}\" \
             --certificate-identity {identity} --certificate-oidc-issuer {issuer}",
            address(&format!("{name}{signature}")),
            address(&format!("{name}{certificate}"))
        ),
        Way::Provenance(list) => format!(
            "check where it was built before it is used: curl -fsSLO \"{}\" && slsa-verifier verify-artifact \"{file}\" \
             --provenance-path {list} --source-uri github.com/{repository} --source-tag \"{tag}\"",
            address(list)
        ),
    })
}
