//! A check of certificates or signatures turned off.

use std::collections::BTreeMap;

use crate::commands::{ActKind, variable_off};
use crate::diag::Severity;
use crate::graph::kinds::docker::InstructionKind;
use crate::graph::kinds::workflow::Script;
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
];

/// Settings by file and name, with their places.
type Settings<'a, 'r> = BTreeMap<(Option<FileId>, &'static str), Vec<(Place, &'r Run<'a>)>>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: Settings<'_, '_> = BTreeMap::new();
    for run in runs {
        let mut add = |what: &'static str, place: Place| {
            let places = found.entry((run.one_file(), what)).or_default();
            if !places.iter().any(|(known, _)| *known == place) {
                places.push((place, run));
            }
        };
        let around = run.holder.as_ref().filter(|_| run.action.is_none());
        let pairs = around.into_iter().flat_map(|h| h.workflow.env.iter().chain(&h.job.env));
        for (key, value) in pairs.chain(run.steps.iter().flat_map(|s| &s.env)) {
            if let Some(what) = variable_off(&key.value, value.value.trim()) {
                add(what, Place::new(run.file, key.span.to(value.span)));
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
                add(what, Place::new(run.file, key.span.to(value.span)));
            }
        }
        for piece in run.scripts() {
            let script = piece.script;
            for act in &script.acts {
                if let ActKind::VerificationOff { what } = &act.kind
                    && !is_local(script, act.command)
                {
                    add(what, Place::new(run.file, script.text.host_span(act.range.clone())));
                }
            }
        }
    }
    for ((_, what), places) in &found {
        say(scene, report, what, places);
    }
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

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, what: &str, found: &[(Place, &Run<'_>)]) {
    let Some((place, run)) =
        found.iter().reduce(|best, next| if next.1.weight() > best.1.weight() { next } else { best })
    else {
        return;
    };
    let minor = MINOR.contains(&what);
    let severity = match (minor, run.impact()) {
        (true, _) => Severity::Low,
        (false, Some(_)) => Severity::High,
        (false, None) => Severity::Medium,
    };
    let held = if minor { String::new() } else { run.held() };
    let draft = report
        .at(*place, "turned off here")
        .severity(severity)
        .also(found.iter().map(|(place, _)| *place))
        .about("setting", what, None)
        .content(what)
        .evidence(consequence(what));
    run.route(scene, draft).advise(advice(what)).say(format!("`{what}`: {}{held}", consequence(what)));
}

fn consequence(what: &str) -> &'static str {
    match what {
        "GONOSUMDB" | "GONOSUMCHECK" | "GOSUMDB=off" => "modules are not compared with the checksum database",
        "GOINSECURE" | "GOFLAGS=-insecure" => "modules may come over connections that nobody verified",
        "apt --allow-unauthenticated"
        | "apt [trusted=yes]"
        | "dnf --nogpgcheck"
        | "rpm --nosignature"
        | "apk --allow-untrusted" => "packages are installed whose signature was not checked",
        "cosign --insecure-ignore-tlog" => "a signature counts without an entry in the transparency log",
        "gem NoSecurity" | "DOCKER_CONTENT_TRUST=0" | "HOMEBREW_NO_VERIFY_ATTESTATIONS" => "signatures are not checked",
        "CARGO_HTTP_CHECK_REVOKE=false" => "revoked certificates are accepted",
        "ssh StrictHostKeyChecking=no" => "any host that answers is taken for the right one",
        _ => "any host that answers is believed, whatever its certificate",
    }
}

fn advice(what: &str) -> &'static str {
    match what {
        "ssh StrictHostKeyChecking=no" => {
            "keep the host's key in the repository and name it: ssh -o UserKnownHostsFile=ci/known_hosts"
        }
        "GONOSUMDB" | "GONOSUMCHECK" | "GOSUMDB=off" => "name the private modules alone: GOPRIVATE=example.com/private",
        "apt --allow-unauthenticated" | "apt [trusted=yes]" => {
            "keep the repository's key in the tree and name it in the source: deb [signed-by=/usr/share/keyrings/<name>.gpg] ..."
        }
        "dnf --nogpgcheck" | "rpm --nosignature" | "apk --allow-untrusted" => {
            "import the publisher's key, kept in the tree, and drop the option"
        }
        _ => {
            "drop it; where the host has a certificate of its own authority, trust that one: --cacert <file>, or SSL_CERT_FILE"
        }
    }
}
