//! Signatures and attestations: who checks, and whose signature counts.

use super::{Found, digest};
use crate::commands::act::{Act, ActKind, Check, KeySource, Signer, UrlText, Verifier};
use crate::commands::site::Site;
use crate::parse::shell::{Arg, Invocation, Part, RedirectOp};

pub(super) fn of(site: &Site<'_>) -> Option<Found> {
    let call = &site.call;
    let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
    let name = call.name.as_str();
    let signed = |kind, signer, targets: Vec<String>| Found::new(kind, Check::Signature(signer), targets);
    match name {
        "gpg" | "gpg2" if call.flag(None, "verify") => {
            let operands = call.operands(GPG_VALUED);
            signed(Verifier::Gpg, gpg_signer(call), signature_targets(&operands))
        }
        "gpgv" | "gpgv2" | "sqv" => {
            let operands = call.operands(&["--keyring", "--homedir", "--status-fd", "--keyring-file"]);
            signed(Verifier::Gpg, gpg_signer(call), signature_targets(&operands))
        }
        "cosign" => cosign(call, &words),
        "gh" if words.starts_with(&["attestation", "verify"])
            || words.starts_with(&["at", "verify"])
            || words.starts_with(&["release", "verify-asset"]) =>
        {
            let operands = call.operands(GH_VALUED);
            let signer = gh_signer(call, words.first() == Some(&"release"));
            let targets = operands.iter().skip(2).map(|a| a.text.clone()).collect();
            signed(Verifier::GhAttestation, signer, targets)
        }
        "openssl" => openssl(call, &words),
        "minisign" | "rsign" if call.flag(Some('V'), "verify") || words.first() == Some(&"verify") => {
            let key = call.value(Some('P'), "").or_else(|| call.value(Some('p'), ""));
            signed(Verifier::Minisign, key_or_default(key, "minisign.pub"), message(call))
        }
        "signify" | "signify-openbsd" if call.flag(Some('V'), "") || call.flag(Some('C'), "") => {
            signed(Verifier::Signify, key_or_default(call.value(Some('p'), ""), "signify.pub"), message(call))
        }
        "slsa-verifier"
            if matches!(words.first(), Some(&"verify-artifact" | &"verify-image" | &"verify-npm-package")) =>
        {
            let source = call.value(None, "source-uri");
            let signer = source.map_or(Signer::Anybody, |s| identity(s, false));
            signed(Verifier::Slsa, signer, last_operands(call))
        }
        "sigstore" if words.first() == Some(&"verify") => {
            signed(Verifier::Sigstore, sigstore_signer(call), last_operands(call))
        }
        _ if name.starts_with("python") && words.starts_with(&["-m", "sigstore", "verify"]) => {
            let last = call.args.last().map(|a| a.text.clone()).into_iter().collect();
            signed(Verifier::Sigstore, sigstore_signer(call), last)
        }
        "rpm" | "rpmkeys" if call.flag(Some('K'), "checksig") && !call.flag(None, "nosignature") => {
            let files = call.operands(&[]).iter().map(|a| a.text.clone()).collect();
            signed(Verifier::Gpg, Signer::Keyring, files)
        }
        "apksigner" | "jarsigner" | "codesign" | "signtool" | "osslsigncode" if !words.is_empty() => {
            vendor(call, &words)
        }
        _ => None,
    }
}

/// Options of gpg that take a value.
const GPG_VALUED: &[&str] = &[
    "--keyring",
    "--homedir",
    "--status-fd",
    "--logger-fd",
    "--trust-model",
    "--keyserver",
    "--keyserver-options",
    "--primary-keyring",
    "--trusted-key",
    "--assert-signer",
    "-o",
    "--output",
];

/// Options of `gh attestation verify` that take a value.
const GH_VALUED: &[&str] = &[
    "-R",
    "--repo",
    "-o",
    "--owner",
    "--signer-workflow",
    "--signer-repo",
    "--signer-digest",
    "--source-ref",
    "--source-digest",
    "--cert-identity",
    "--cert-identity-regex",
    "-i",
    "--cert-oidc-issuer",
    "--predicate-type",
    "--hostname",
    "--format",
    "-q",
    "--jq",
    "-t",
    "--template",
    "-L",
    "--limit",
    "-b",
    "--bundle",
    "--custom-trusted-root",
    "-d",
    "--digest-alg",
];

fn key_or_default(key: Option<&str>, default: &str) -> Signer {
    Signer::Key(key.unwrap_or(default).to_owned())
}

fn gpg_signer(call: &Invocation<'_>) -> Signer {
    if let Some(signer) = call.value(None, "assert-signer") {
        return Signer::Key(signer.to_owned());
    }
    let fetches = call.flag(None, "auto-key-retrieve")
        || call
            .value(None, "keyserver-options")
            .is_some_and(|v| v.split([',', ' ']).any(|o| o == "auto-key-retrieve" || o == "auto-key-retrieve=yes"));
    // Then the key of whoever signed is fetched along the way.
    if fetches {
        return Signer::Anybody;
    }
    match call.value(None, "keyring").or_else(|| call.value(None, "primary-keyring")) {
        Some(keyring) => Signer::Key(keyring.to_owned()),
        None => Signer::Keyring,
    }
}

fn cosign(call: &Invocation<'_>, words: &[&str]) -> Option<Found> {
    let verb = *words.first()?;
    if !matches!(verb, "verify-blob" | "verify" | "verify-attestation" | "verify-blob-attestation" | "dockerfile") {
        return None;
    }
    let key = call.value(None, "key").or_else(|| call.value(None, "certificate-chain").filter(|_| call.has("--sk")));
    let either = |long: &str, short: &str| call.value(None, long).or_else(|| call.value(None, short));
    let signer = if let Some(key) = key {
        Signer::Key(key.to_owned())
    } else if call.flag(None, "sk") {
        Signer::Key("a hardware token".to_owned())
    } else {
        let issuer = either("certificate-oidc-issuer-regexp", "cert-oidc-issuer-regexp");
        let exact = either("certificate-identity", "cert-identity");
        let pattern = either("certificate-identity-regexp", "cert-identity-regexp");
        let repository = either("certificate-github-workflow-repository", "cert-github-workflow-repository");
        let by = match (exact, pattern) {
            (Some(exact), _) => Signer::Identity(exact.to_owned()),
            (None, Some(pattern)) => identity(pattern, true),
            (None, None) => Signer::Anybody,
        };
        match (repository, by) {
            // The repository is named by an option of its own.
            (Some(repository), Signer::Anybody | Signer::AnyIdentity(_)) => Signer::Identity(repository.to_owned()),
            // Whoever vouches may say any name.
            (_, Signer::Identity(_)) if issuer.is_some_and(is_open_issuer) => {
                Signer::AnyIdentity(issuer.unwrap_or_default().to_owned())
            }
            (_, by) => by,
        }
    };
    Found::new(Verifier::Cosign, Check::Signature(signer), last_operands(call))
}

/// A pattern of issuers that lets anybody vouch.
fn is_open_issuer(pattern: &str) -> bool {
    !pattern.bytes().any(|b| b.is_ascii_alphanumeric()) || matches!(bare(pattern).as_str(), "https" | "http")
}

fn sigstore_signer(call: &Invocation<'_>) -> Signer {
    if let Some(exact) = call.value(None, "cert-identity") {
        return Signer::Identity(exact.to_owned());
    }
    match call.value(None, "repository") {
        Some(repository) => Signer::Identity(repository.to_owned()),
        None => Signer::Anybody,
    }
}

fn gh_signer(call: &Invocation<'_>, is_release: bool) -> Signer {
    let named = call
        .value(None, "signer-workflow")
        .or_else(|| call.value(None, "cert-identity"))
        .or_else(|| call.value(Some('R'), "repo"))
        .or_else(|| call.value(None, "signer-repo"));
    if let Some(named) = named {
        return Signer::Identity(named.to_owned());
    }
    if let Some(owner) = call.value(Some('o'), "owner") {
        return Signer::Identity(owner.to_owned());
    }
    match call.value(Some('i'), "cert-identity-regex") {
        Some(pattern) => identity(pattern, true),
        // The tool takes the repository it stands in for a release, and refuses to work otherwise.
        None if is_release => Signer::Identity("this repository".to_owned()),
        None => Signer::Anybody,
    }
}

fn openssl(call: &Invocation<'_>, words: &[&str]) -> Option<Found> {
    if words.contains(&"s_client") || !words.iter().any(|w| matches!(*w, "-verify" | "-CAfile" | "-pubin")) {
        return None;
    }
    let verifies = words.contains(&"-verify") || words.first() == Some(&"cms") || words.first() == Some(&"smime");
    if !verifies {
        return None;
    }
    let valued = [
        "-verify",
        "-signature",
        "-CAfile",
        "-in",
        "-content",
        "-inform",
        "-out",
        "-certfile",
        "-inkey",
        "-sigfile",
        "-pkeyopt",
    ];
    let after = |option: &str| {
        let at = words.iter().position(|w| *w == option)?;
        words.get(at + 1).map(|w| (*w).to_owned())
    };
    let key = after("-inkey").filter(|_| words.first() == Some(&"pkeyutl"));
    let key = key.or_else(|| after("-CAfile")).or_else(|| after("-verify").filter(|k| !k.starts_with('-')));
    let signer = key.map_or(Signer::Anybody, Signer::Key);
    let operands = call.operands(&valued);
    let mut targets: Vec<String> = operands.iter().skip(1).map(|a| a.text.clone()).collect();
    targets.extend(after("-content").or_else(|| after("-in").filter(|_| targets.is_empty())));
    Found::new(Verifier::Openssl, Check::Signature(signer), targets)
}

/// Signatures by which vendors of systems vouch for programs.
fn vendor(call: &Invocation<'_>, words: &[&str]) -> Option<Found> {
    let verifies = match call.name.as_str() {
        "codesign" => {
            words.iter().any(|w| matches!(*w, "--verify" | "-v" | "-vv" | "-vvv")) && !words.contains(&"--sign")
        }
        "jarsigner" => words.contains(&"-verify"),
        _ => words.first() == Some(&"verify"),
    };
    if !verifies {
        return None;
    }
    // A requirement names who signed; without one any valid signature passes.
    let signer = call.value(Some('R'), "test-requirement").map_or(Signer::Anybody, |r| Signer::Identity(r.to_owned()));
    let targets = call.args.last().map(|a| a.text.clone()).into_iter().collect();
    Found::new(Verifier::Openssl, Check::Signature(signer), targets)
}

/// An identity, which a pattern may leave open.
fn identity(text: &str, is_pattern: bool) -> Signer {
    if is_pattern && matches_anybody(text) {
        Signer::AnyIdentity(text.to_owned())
    } else {
        Signer::Identity(text.to_owned())
    }
}

/// A pattern without its anchors and escapes.
fn bare(pattern: &str) -> String {
    let text = pattern.trim_start_matches('^').trim_end_matches('$').replace('\\', "");
    text.trim_end_matches(['.', '*', '+', '?', ')', '(', '/', ':']).to_owned()
}

/// Whether a pattern of identities lets in people nobody chose: it names at most a host.
fn matches_anybody(pattern: &str) -> bool {
    let text = pattern.replace('\\', "");
    if text.contains('$') && text.contains('{') {
        // Put together elsewhere.
        return false;
    }
    let text = text.trim_start_matches('^');
    let rest =
        ["https://", "http://", "https?://", "https*://"].iter().find_map(|s| text.strip_prefix(s)).unwrap_or(text);
    let names = |part: &str| part.bytes().any(|b| b.is_ascii_alphanumeric()) && !part.starts_with("[^");
    if !names(rest) {
        return true;
    }
    if let Some((_, domain)) = rest.split('/').next().and_then(|first| first.rsplit_once('@')) {
        return !names(domain);
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let owner = path.split('/').next().unwrap_or_default();
    let open = !names(owner) || owner.starts_with(".*") || owner.starts_with(".+");
    let hosts_many = ["github.com", "gitlab.com", "token.actions.githubusercontent.com", "accounts.google.com"];
    let host = host.trim_matches(['(', ')', '.', '*', '+', '$']);
    hosts_many.contains(&host) && open
}

/// Keys that are taken over, whose signatures count from then on.
pub(super) fn keys(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let given = |option: &str| {
        let at = call.args.iter().position(|a| a.text == option)?;
        let rest = call.args.get(at + 1..)?;
        Some(rest.iter().take_while(|a| !a.text.starts_with('-')).map(|a| a.text.clone()).collect::<Vec<_>>())
    };
    let keys: Vec<KeySource> = match call.name.as_str() {
        "gpg" | "gpg2" => {
            let servers = ["--recv-keys", "--recv-key", "--receive-keys", "--recv"];
            if let Some(ids) = servers.iter().find_map(|o| given(o)) {
                ids.into_iter().map(KeySource::Id).collect()
            } else if let Some(people) = ["--locate-keys", "--locate-external-keys"].iter().find_map(|o| given(o)) {
                people.into_iter().map(KeySource::Person).collect()
            } else if let Some(uris) = given("--fetch-keys") {
                uris.into_iter().map(|u| KeySource::Address(UrlText::new(u.clone(), !u.contains('$')))).collect()
            } else if call.flag(None, "import") {
                match given("--import") {
                    Some(files) if files.iter().any(|f| f != "-") => files.into_iter().map(KeySource::File).collect(),
                    _ => vec![piped_key(site)],
                }
            } else {
                return;
            }
        }
        "rpm" | "rpmkeys" => {
            let Some(files) = given("--import") else { return };
            files
                .into_iter()
                .map(|f| {
                    if f.contains("://") {
                        KeySource::Address(UrlText::new(f.clone(), !f.contains('$')))
                    } else {
                        KeySource::File(f)
                    }
                })
                .collect()
        }
        _ => return,
    };
    acts.push(site.act(ActKind::ImportKey { by: call.name.clone(), keys }));
}

/// Where the keys come from that are piped to a command.
fn piped_key(site: &Site<'_>) -> KeySource {
    if let Some(redirect) = site.command.redirects.iter().find(|r| r.op == RedirectOp::Read) {
        return match redirect.target.parts.first() {
            Some(Part::ProcessSubstitution(commands)) => {
                super::expected::fetched(site.program, commands.clone()).map_or(KeySource::Stdin, KeySource::Address)
            }
            _ => KeySource::File(site.program.show(&redirect.target).0),
        };
    }
    let stages = site.command.position.checked_sub(1).and_then(|last| {
        let stages = site.program.pipelines.get(site.command.pipeline)?.stages.get(..=last)?;
        Some(stages.first()?.start..stages.last()?.end)
    });
    let Some(range) = stages else { return KeySource::Stdin };
    if let Some(url) = super::expected::fetched(site.program, range.clone()) {
        return KeySource::Address(url);
    }
    let first = site.program.commands.get(range.start).and_then(|c| Invocation::of(site.program, c));
    match first {
        Some(call) if call.name == "cat" => {
            call.operands(&[]).first().map_or(KeySource::Stdin, |a| KeySource::File(a.text.clone()))
        }
        _ => KeySource::Stdin,
    }
}

fn signature_targets(operands: &[&Arg<'_>]) -> Vec<String> {
    match operands {
        [signature] => digest::stem(&signature.text).into_iter().collect(),
        [_, files @ ..] => files.iter().map(|a| a.text.clone()).collect(),
        [] => Vec::new(),
    }
}

/// Operands of tools of which every long option takes a value unless written with `=`.
fn last_operands(call: &Invocation<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut args = call.args.iter().skip(1).peekable();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if let Some(option) = text.strip_prefix('-') {
            let boolean = option.contains('=')
                || option.starts_with("-insecure-ignore")
                || matches!(
                    option,
                    "-yes"
                        | "-new-bundle-format"
                        | "-offline"
                        | "-local-image"
                        | "-use-signed-timestamps"
                        | "-sk"
                        | "-print-provenance"
                );
            // The artifact stands last; an option before it never takes it.
            if !boolean && args.len() > 1 {
                args.next();
            }
        } else {
            out.push(arg.text.clone());
        }
    }
    out
}

fn message(call: &Invocation<'_>) -> Vec<String> {
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        // `-Vm FILE` joins the two.
        if text.starts_with('-') && !text.starts_with("--") && text.ends_with('m') {
            return args.next().map(|a| a.text.clone()).into_iter().collect();
        }
    }
    call.operands(&["-p", "-P", "-x"]).iter().filter(|a| a.text != "verify").map(|a| a.text.clone()).take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::matches_anybody;

    #[test]
    fn patterns_name_somebody_or_nobody() {
        for pattern in [
            ".*",
            ".+",
            "^.*$",
            "",
            "https://.*",
            "^https://github\\.com/.*",
            "https://github.com/",
            "github.com",
            "https://github.com/.*/tool/.github/workflows/release.yml@.*",
            "^https://github.com/[^/]+/tool/.+$",
            ".*@.*",
        ] {
            assert!(matches_anybody(pattern), "{pattern}");
        }
        for pattern in [
            "^https://github\\.com/example/.*",
            "https://github.com/example/tool/.github/workflows/release.yml@refs/tags/.*",
            "^https://github.com/example",
            ".*@example.com",
            "example/tool",
            "https://gitlab.com/example/.*",
            "https://git.example.com/.*",
            "https://github.com/${OWNER}/.*",
        ] {
            assert!(!matches_anybody(pattern), "{pattern}");
        }
    }
}
