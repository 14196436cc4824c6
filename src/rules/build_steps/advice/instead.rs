//! Other ways to well-known tools that check what they bring. Read on 2026-11-27 in the README.md or action.yml of
//! the action named.

use super::publishers::release;
use super::{Ground, download};
use crate::commands::UrlText;

/// Addresses that hold such a text, the action that brings the tool, and its input for the version.
const ACTIONS: &[(&[&str], &str, &str)] = &[
    // It carries the digests of all versions.
    (&["astral.sh/uv", "astral-sh/uv", "releases.astral.sh/github/uv"], "astral-sh/setup-uv", "version"),
    // It verifies the signature of what it brings.
    (&["sigstore/cosign"], "sigstore/cosign-installer", "cosign-release"),
    (
        &["deb.nodesource.com", "rpm.nodesource.com", "nvm-sh/nvm", "creationix/nvm"],
        "actions/setup-node",
        "node-version",
    ),
    (&["bun.sh/install"], "oven-sh/setup-bun", "bun-version"),
    (&["deno.land/install", "deno.land/x/install"], "denoland/setup-deno", "deno-version"),
    (&["pixi.sh/install"], "prefix-dev/setup-pixi", "pixi-version"),
    (&["micro.mamba.pm"], "mamba-org/setup-micromamba", "micromamba-version"),
    (&["releases.hashicorp.com/terraform/"], "hashicorp/setup-terraform", "terraform_version"),
];

/// Actions that are known to compare what they bring with digests or signatures that they carry.
const CHECKING: &[&str] = &["astral-sh/setup-uv", "sigstore/cosign-installer"];

/// Tools that `taiki-e/install-action` brings from releases, checking digests and attestations: the name it has for
/// each, and the repository. From tools/codegen/base of that repository and "Security" of its README.md.
const INSTALLED: &[(&str, &str)] = &[
    ("biome", "biomejs/biome"),
    ("cargo-about", "EmbarkStudios/cargo-about"),
    ("cargo-audit", "rustsec/rustsec"),
    ("cargo-auditable", "rust-secure-code/cargo-auditable"),
    ("cargo-binstall", "cargo-bins/cargo-binstall"),
    ("cargo-cyclonedx", "CycloneDX/cyclonedx-rust-cargo"),
    ("cargo-deb", "kornelski/cargo-deb"),
    ("cargo-deny", "EmbarkStudios/cargo-deny"),
    ("cargo-hack", "taiki-e/cargo-hack"),
    ("cargo-insta", "mitsuhiko/insta"),
    ("cargo-lambda", "cargo-lambda/cargo-lambda"),
    ("cargo-llvm-cov", "taiki-e/cargo-llvm-cov"),
    ("cargo-machete", "bnjbvr/cargo-machete"),
    ("cargo-make", "sagiegurari/cargo-make"),
    ("cargo-mutants", "sourcefrog/cargo-mutants"),
    ("cargo-nextest", "nextest-rs/nextest"),
    ("cargo-semver-checks", "obi1kenobi/cargo-semver-checks"),
    ("cargo-shear", "Boshen/cargo-shear"),
    ("cargo-tarpaulin", "xd009642/tarpaulin"),
    ("cargo-udeps", "est31/cargo-udeps"),
    ("cargo-vet", "mozilla/cargo-vet"),
    ("cargo-xwin", "rust-cross/cargo-xwin"),
    ("cargo-zigbuild", "rust-cross/cargo-zigbuild"),
    ("cross", "cross-rs/cross"),
    ("cyclonedx", "CycloneDX/cyclonedx-cli"),
    ("d2", "terrastruct/d2"),
    ("dprint", "dprint/dprint"),
    ("earthly", "earthly/earthly"),
    ("editorconfig-checker", "editorconfig-checker/editorconfig-checker"),
    ("git-cliff", "orhun/git-cliff"),
    ("grcov", "mozilla/grcov"),
    ("hyperfine", "sharkdp/hyperfine"),
    ("just", "casey/just"),
    ("mdbook", "rust-lang/mdBook"),
    ("mise", "jdx/mise"),
    ("osv-scanner", "google/osv-scanner"),
    ("prek", "j178/prek"),
    ("protoc", "protocolbuffers/protobuf"),
    ("rclone", "rclone/rclone"),
    ("release-plz", "release-plz/release-plz"),
    ("sccache", "mozilla/sccache"),
    ("shellcheck", "koalaman/shellcheck"),
    ("shfmt", "mvdan/sh"),
    ("syft", "anchore/syft"),
    ("taplo", "tamasfe/taplo"),
    ("tombi", "tombi-toml/tombi"),
    ("trivy", "aquasecurity/trivy"),
    ("trunk", "trunk-rs/trunk"),
    ("typos", "crate-ci/typos"),
    ("vacuum", "daveshanley/vacuum"),
    ("wasm-bindgen", "wasm-bindgen/wasm-bindgen"),
    ("wasm-pack", "wasm-bindgen/wasm-pack"),
    ("wasm-tools", "bytecodealliance/wasm-tools"),
    ("wasmtime", "bytecodealliance/wasmtime"),
    ("xh", "ducaale/xh"),
    ("zizmor", "zizmorcore/zizmor"),
    ("zola", "getzola/zola"),
];

/// Addresses of scripts that install one of those tools.
const SCRIPTS: &[(&str, &str)] = &[
    ("just.systems/install", "just"),
    ("get.nexte.st", "cargo-nextest"),
    ("anchore/syft/", "syft"),
    ("aquasecurity/trivy/", "trivy"),
    ("mise.run", "mise"),
    ("mise.jdx.dev/install", "mise"),
    ("rustwasm.github.io/wasm-pack", "wasm-pack"),
    ("wasmtime.dev/install", "wasmtime"),
    ("dprint.dev/install", "dprint"),
    ("cargo-bins/cargo-binstall/", "cargo-binstall"),
    ("rclone.org/install", "rclone"),
];

/// Another way to what an address serves.
pub(super) fn of(url: &UrlText, ground: Ground) -> Option<String> {
    let text = url.text.as_str();
    let holds = |part: &&str| text.contains(*part);
    if text.contains("sh.rustup.rs") || text.contains("static.rust-lang.org/rustup") {
        let start = if ground == Ground::Runner { "GitHub's runners carry rustup; elsewhere fetch" } else { "fetch" };
        return Some(format!(
            "{start} rustup-init of one version and check it: \
             curl -fsSLO \"https://static.rust-lang.org/rustup/archive/<version>/<target>/rustup-init\" && \
             echo \"<sha256>  rustup-init\" | sha256sum -c - && chmod +x rustup-init && ./rustup-init -y"
        ));
    }
    if text.contains("install.python-poetry.org") {
        return Some(
            "install one version with its dependencies locked by hash: pip install --require-hashes -r poetry.txt"
                .to_owned(),
        );
    }
    // Python documents that it carries pip itself: "ensurepip".
    if text.contains("bootstrap.pypa.io") || text.contains("pypa/get-pip") {
        return Some("take the pip that Python carries: python3 -m ensurepip --upgrade".to_owned());
    }
    let is_uv = ACTIONS.first().is_some_and(|(known, ..)| known.iter().any(holds));
    match ground {
        // docs/guides/integration/docker.md of uv.
        Ground::Image if is_uv => Some(
            "take uv from its image, by digest: COPY --from=ghcr.io/astral-sh/uv:<version>@sha256:<digest> /uv /uvx /usr/local/bin/"
                .to_owned(),
        ),
        Ground::Image | Ground::Hand => None,
        Ground::Runner => {
            if let Some((_, action, input)) = ACTIONS.iter().find(|(known, ..)| known.iter().any(holds)) {
                let checks = if CHECKING.contains(action) { ", which checks what it downloads" } else { "" };
                return Some(format!("use {action} at a commit with a `{input}`{checks}: {action}@<commit>"));
            }
            let repository = release(url).map(|(repository, _)| repository);
            let tool = INSTALLED
                .iter()
                .find(|(_, known)| repository.as_ref().is_some_and(|r| known.eq_ignore_ascii_case(r)))
                .map(|(tool, _)| *tool)
                .or_else(|| SCRIPTS.iter().find(|(known, _)| text.contains(known)).map(|(_, tool)| *tool))?;
            let version = version(url).unwrap_or_else(|| "<version>".to_owned());
            Some(format!(
                "use taiki-e/install-action at a commit with `tool: {tool}@{version}`, which checks digests that it carries: \
                 taiki-e/install-action@<commit>"
            ))
        }
    }
}

/// The version that a release's tag says, without what stands before it: `1.2.3` for `v1.2.3`.
fn version(url: &UrlText) -> Option<String> {
    let (_, tag) = release(url)?;
    let tag = tag?;
    let start = tag.find(|c: char| c.is_ascii_digit())?;
    let version = tag.get(start..)?;
    (download::plain(version) && !tag.contains('$')).then(|| version.to_owned())
}
