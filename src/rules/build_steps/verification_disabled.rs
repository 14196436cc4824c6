//! A check of certificates or signatures turned off.

use std::collections::{BTreeMap, BTreeSet};

use super::asked_for::{self, Asked};
use crate::commands::{ActKind, variable_off};
use crate::diag::Severity;
use crate::graph::indexes::is_of_closed_network;
use crate::graph::kinds::docker::InstructionKind;
use crate::graph::kinds::python::IndexOptionKind;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::python::lookup;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "verification-disabled",
    title: "a check of origin is turned off",
    many: "{n} checks of origin are turned off",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("verification_disabled.md"),
    check,
};

/// Settings that have honest uses, or turn off little.
const MINOR: &[&str] = &[
    "GONOSUMDB",
    "GONOSUMCHECK",
    "CARGO_HTTP_CHECK_REVOKE=false",
    "ssh StrictHostKeyChecking=no",
    "DOCKER_CONTENT_TRUST=0",
    "HOMEBREW_NO_VERIFY_ATTESTATIONS",
    "ssh-keyscan",
    "--insecure-skip-tls-verify",
    "registry --insecure",
    "zypper --gpg-auto-import-keys",
    "PowerShell -SkipPublisherCheck",
];

/// Why a setting weighs little where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quiet {
    /// It does not.
    Not,
    /// It is for hosts of a closed network.
    Closed,
    /// Only who sets a variable gets it.
    Asked,
}

/// Settings by file, name and weight, with their places.
type Settings<'a, 'r> = BTreeMap<(Option<FileId>, &'static str, Quiet), Vec<(Place, &'r Run<'a>)>>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: Settings<'_, '_> = BTreeMap::new();
    let lookups = lookup::all(scene);
    let told: BTreeSet<Place> = lookups
        .iter()
        .filter(|l| l.install.is_some())
        .flat_map(|l| l.addresses(IndexOptionKind::TrustedHost).map(|(place, _)| place))
        .collect();
    for run in runs {
        let mut add = |what: &'static str, quiet: Quiet, place: Place| {
            let places = found.entry((run.one_file(), what, quiet)).or_default();
            if !places.iter().any(|(known, _)| *known == place) {
                places.push((place, run));
            }
        };
        let around = run.job();
        let pairs = around.into_iter().flat_map(|(workflow, job)| workflow.env.iter().chain(&job.env));
        for (key, value) in pairs.chain(run.steps.iter().flat_map(|s| &s.env)) {
            if let Some(what) = variable_off(&key.value, value.value.trim()) {
                // Around installs that were found it is another rule's.
                if told.iter().any(|t| t.file == run.file && key.span.to(value.span).contains(t.span)) {
                    continue;
                }
                let closed = names_hosts(what) && all_closed(value.value.split([' ', ',']));
                add(
                    what,
                    if closed { Quiet::Closed } else { Quiet::Not },
                    Place::new(run.file, key.span.to(value.span)),
                );
            }
        }
        let set = run.stage.iter().flat_map(|s| &s.stage.instructions).filter_map(|i| match &i.kind {
            InstructionKind::Env(pairs) => Some(pairs),
            _ => None,
        });
        // Python's installers are another rule's: `trusted-host`.
        let python = |key: &str| key.starts_with("PIP_") || key.starts_with("UV_");
        for (key, value) in set.flatten().filter(|(key, _)| !python(&key.value)) {
            if let Some(what) = variable_off(&key.value, value.value.trim()) {
                add(what, Quiet::Not, Place::new(run.file, key.span.to(value.span)));
            }
        }
        for piece in run.scripts() {
            let script = piece.script;
            for act in &script.acts {
                if let ActKind::VerificationOff { what } = &act.kind
                    && !is_local(script, act.command)
                {
                    let hosts = if names_hosts(what) { hosts(script, act.command) } else { Vec::new() };
                    // An argument that is empty unless who builds gives it a value.
                    if !hosts.is_empty() && hosts.iter().all(String::is_empty) {
                        continue;
                    }
                    // So is a test that fails as the file stands.
                    let asked = asked_for::of(script, act.command);
                    if asked == Asked::No {
                        continue;
                    }
                    let closed = !hosts.is_empty() && all_closed(hosts.iter().map(String::as_str));
                    let how = match asked {
                        Asked::Maybe => Quiet::Asked,
                        _ if closed => Quiet::Closed,
                        _ => Quiet::Not,
                    };
                    add(what, how, Place::new(run.file, script.text.host_span(act.range.clone())));
                }
            }
        }
    }
    for ((_, what, quiet), places) in &found {
        say(scene, report, what, *quiet, places);
    }
}

/// Whether a setting names the hosts it is for.
fn names_hosts(what: &str) -> bool {
    matches!(what, "pip --trusted-host" | "uv --allow-insecure-host")
}

/// Whether every host's name is one of a closed network.
fn all_closed<'h>(hosts: impl Iterator<Item = &'h str>) -> bool {
    let mut named = hosts.filter(|host| !host.is_empty()).peekable();
    named.peek().is_some() && named.all(|host| is_of_closed_network(host) && !host.contains(['$', '*']))
}

/// The hosts that a command of pip or uv trusts.
fn hosts(script: &Script, command: usize) -> Vec<String> {
    let call = script.program.commands.get(command).and_then(|c| Invocation::of(&script.program, c));
    let Some(call) = call else { return Vec::new() };
    let mut out = Vec::new();
    for (index, arg) in call.args.iter().enumerate() {
        let next = call.args.get(index + 1).map(|a| a.text.clone());
        match arg.text.split_once('=') {
            Some(("--trusted-host" | "--allow-insecure-host", host)) => out.push(host.to_owned()),
            _ if matches!(arg.text.as_str(), "--trusted-host" | "--allow-insecure-host") => out.extend(next),
            // `pip config set global.trusted-host "a b"`
            _ if arg.text.ends_with(".trusted-host") => {
                let value = next.unwrap_or_default();
                out.extend(value.split(' ').map(str::to_owned));
            }
            _ => {}
        }
    }
    out
}

/// Whether the command speaks to this machine only, as tests of a server do.
fn is_local(script: &Script, command: usize) -> bool {
    let mut urls = script.acts.iter().filter(|a| a.command == command).filter_map(|a| match &a.kind {
        ActKind::Fetch { url, .. } => Some(url.local),
        _ => None,
    });
    let range = script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
    let text = script.text.text.get(range).unwrap_or("");
    match urls.next() {
        Some(first) => first && urls.all(|local| local),
        None => ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| text.contains(host)),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, what: &str, quiet: Quiet, found: &[(Place, &Run<'_>)]) {
    let Some((place, run)) =
        found.iter().reduce(|best, next| if next.1.weight() > best.1.weight() { next } else { best })
    else {
        return;
    };
    let minor = quiet != Quiet::Not || MINOR.contains(&what);
    let severity = match (minor, run.impact()) {
        (true, _) => Severity::Low,
        (false, Some(_)) => Severity::High,
        (false, None) => Severity::Medium,
    };
    let held = match run.held() {
        held if minor || held.is_empty() => String::new(),
        held => format!(",{held}"),
    };
    let network = match quiet {
        Quiet::Not => "",
        Quiet::Closed => "; the host's name is one of a closed network",
        Quiet::Asked => ", where a variable asks for it",
    };
    let draft = report
        .at(*place, "turned off here")
        .severity(severity)
        .also(found.iter().map(|(place, _)| *place))
        .about("setting", what, None)
        .content(what)
        .evidence(consequence(what));
    run.route(scene, draft).advise(advice(what)).say(format!("`{what}`: {}{network}{held}", consequence(what)));
}

fn consequence(what: &str) -> &'static str {
    match what {
        "GONOSUMDB" | "GONOSUMCHECK" | "GOSUMDB=off" => "modules are not compared with the checksum database",
        "GOINSECURE" | "GOFLAGS=-insecure" => "modules may come over connections that nobody verified",
        "apt --allow-unauthenticated"
        | "apt [trusted=yes]"
        | "dnf --nogpgcheck"
        | "rpm --nosignature"
        | "apk --allow-untrusted"
        | "gpgcheck=0" => "packages are installed whose signature was not checked",
        "cosign --insecure-ignore-tlog" => "a signature counts without an entry in the transparency log",
        "gem NoSecurity" | "DOCKER_CONTENT_TRUST=0" | "HOMEBREW_NO_VERIFY_ATTESTATIONS" => "signatures are not checked",
        "CARGO_HTTP_CHECK_REVOKE=false" => "revoked certificates are accepted",
        "ssh StrictHostKeyChecking=no" => "any host that answers is taken for the right one",
        "ssh-keyscan" => "whichever host answers the question for its key is taken for the right one",
        "COREPACK_INTEGRITY_KEYS=0" => "package managers are run whose signature was not checked",
        "yarn checksumBehavior=ignore" | "uv --no-verify-hashes" => {
            "packages are not compared with the digests of the lock"
        }
        "choco --ignore-checksums" | "winget --ignore-security-hash" | "scoop --skip-hash-check" => {
            "installers are not compared with the digests that are known of them"
        }
        "cargo binstall --skip-signatures" | "terraform -verify-plugins=false" | "PowerShell -SkipPublisherCheck" => {
            "signatures are not checked"
        }
        "zypper --gpg-auto-import-keys" => "keys are believed that nobody looked at",
        _ => "any host that answers is believed, whatever its certificate",
    }
}

fn advice(what: &str) -> String {
    let advice = match what {
        "ssh StrictHostKeyChecking=no" | "ssh-keyscan" => {
            "keep the host's key in the repository and name it: ssh -o UserKnownHostsFile=ci/known_hosts"
        }
        "GONOSUMDB" | "GONOSUMCHECK" | "GOSUMDB=off" => "name the private modules alone: GOPRIVATE=example.com/private",
        "apt --allow-unauthenticated" | "apt [trusted=yes]" => {
            "keep the repository's key in the tree and name it in the source: deb [signed-by=/usr/share/keyrings/<name>.gpg] ..."
        }
        "COREPACK_INTEGRITY_KEYS=0" => {
            "take a corepack that knows the new keys (0.31 or later), pinned, and drop the setting"
        }
        "yarn checksumBehavior=ignore"
        | "uv --no-verify-hashes"
        | "choco --ignore-checksums"
        | "winget --ignore-security-hash"
        | "scoop --skip-hash-check"
        | "cargo binstall --skip-signatures"
        | "terraform -verify-plugins=false"
        | "PowerShell -SkipPublisherCheck" => "drop it, and renew the digest or the key that no longer fits",
        "dnf --nogpgcheck"
        | "rpm --nosignature"
        | "apk --allow-untrusted"
        | "gpgcheck=0"
        | "zypper --gpg-auto-import-keys" => "import the publisher's key, kept in the tree, and drop the option",
        _ => {
            return format!(
                "drop it; where the host has a certificate of its own authority, trust that one: {}",
                own_authority(what)
            );
        }
    };
    advice.to_owned()
}

/// How a tool is told of an authority. Sources: the manuals of curl, wget, pip, git and Node.js.
fn own_authority(what: &str) -> &'static str {
    let tool = what.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    match tool {
        "curl" | "CURL" => "curl --cacert <file>",
        "wget" => "wget --ca-certificate=<file>",
        "aria2c" => "aria2c --ca-certificate=<file>",
        "pip" => "pip --cert <file>, or PIP_CERT",
        "git" | "GIT" => "git -c http.sslCAInfo=<file>",
        "npm" | "NODE" => "NODE_EXTRA_CA_CERTS=<file>",
        _ => "SSL_CERT_FILE=<file>",
    }
}
