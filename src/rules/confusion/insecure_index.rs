//! An index whose answers anybody on the way may change, or whose password stands in the tree.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::{IndexKind, is_of_closed_network};
use crate::graph::kinds::python::{IndexOptionKind, LockedOrigin};
use crate::graph::kinds::settings::SettingsForm;
use crate::rules::python::lookup::{self, shown};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "insecure-index",
    title: "Python index over http, or with its password in the tree",
    many: "{n} Python indexes are read unencrypted or give their password away",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("insecure_index.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// An address at a place.
struct Seen {
    role: Role,
    hashed: bool,
    what: &'static str,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // A file's options count for each command that installs it; told once, at their own place.
    let mut seen: BTreeMap<(Place, String), Seen> = BTreeMap::new();
    let mut note = |place: Place, address: &str, one: Seen| {
        let known = seen.entry((place, address.to_owned())).or_insert(Seen { ..one });
        known.role = known.role.min(one.role);
        known.hashed &= one.hashed;
    };
    for lookup in lookup::all(scene) {
        for (kind, what) in [
            (IndexOptionKind::Index, "index"),
            (IndexOptionKind::ExtraIndex, "index"),
            (IndexOptionKind::FindLinks, "page of links"),
        ] {
            for (place, address) in lookup.addresses(kind) {
                note(place, address, Seen { role: lookup.role, hashed: lookup.is_hashed, what });
            }
        }
    }
    for tables in lookup::tables(scene) {
        let hashed = !tables.projects.is_empty() && tables.projects.iter().all(|p| p.lock.is_some());
        for url in tables.told.declared.iter().filter_map(|(_, index)| index.url.as_ref()) {
            note(Place::new(tables.file, url.span), &url.value, Seen { role: tables.role, hashed, what: "index" });
        }
    }
    // One address is one decision, wherever it stands.
    let mut plain: BTreeMap<(String, bool), Vec<(Place, &Seen)>> = BTreeMap::new();
    let mut held: BTreeMap<String, Vec<(Place, Role)>> = BTreeMap::new();
    for ((place, address), one) in &seen {
        if is_plain(scene, address) {
            plain.entry((shown(address), one.hashed)).or_default().push((*place, one));
        }
        if holds_credential(address) {
            held.entry(shown(address)).or_default().push((*place, one.role));
        }
    }
    for ((address, hashed), mut places) in plain {
        places.sort_by_key(|(place, one)| (one.role, *place));
        unencrypted(report, &address, hashed, &places);
    }
    for (address, mut places) in held {
        places.sort_by_key(|(place, role)| (*role, *place));
        credential(report, &address, &places);
    }
    locks(scene, report);
    uploads(scene, report);
}

fn is_plain(scene: &Scene<'_>, address: &str) -> bool {
    address.starts_with("http://") && scene.indexes.kind(address) != IndexKind::Machine
}

fn unencrypted(report: &mut Reporter<'_>, address: &str, hashed: bool, places: &[(Place, &Seen)]) {
    let Some((first, one)) = places.first() else { return };
    let (severity, hold) = if hashed {
        (Severity::Low, "; hashes hold what is locked until somebody locks again")
    } else if is_of_closed_network(address) {
        (Severity::Low, "; its name is one of a closed network")
    } else {
        (Severity::High, "")
    };
    report
        .at(*first, "unencrypted")
        .about("index", address, None)
        .severity(severity)
        .role(one.role)
        .also(places.iter().take(PLACES).map(|(place, _)| *place))
        .content(address)
        .evidence("the address")
        .advise(if is_of_closed_network(address) {
            // A service of a cluster or an office seldom has a certificate.
            "put a certificate of the network's own before it, or hold what is installed by hashes: --require-hashes"
                .to_owned()
        } else {
            format!("use https: {}", address.replacen("http://", "https://", 1))
        })
        .say(format!(
            "the {} {address} is read unencrypted: whoever sits on the way chooses what is installed{hold}",
            one.what
        ));
}

fn credential(report: &mut Reporter<'_>, address: &str, places: &[(Place, Role)]) {
    let Some((first, role)) = places.first() else { return };
    report
        .at(*first, "a password in the address")
        .about("credential", address, None)
        .role(*role)
        .also(places.iter().take(PLACES).map(|(place, _)| *place))
        .content(format!("credential of {address}"))
        .evidence("the address")
        .advise(
            "revoke it; keep the next one in netrc, a keyring or a variable of the build: https://${USER}:${PASSWORD}@..",
        )
        .say(format!("the address of {address} holds a user and password that everybody with the tree can read"));
}

/// Whether the user part of an address is a secret that stands there, rather than a name, a variable or
/// the word of an example.
fn holds_credential(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let secret = match user.split_once(':') {
        Some((_, password)) => password,
        // A token may stand alone.
        None if user.len() >= 20 => user,
        None => return false,
    };
    let lower = secret.to_ascii_lowercase();
    let is_word =
        ["password", "token", "secret", "xxx", "changeme", "example", "pass"].iter().any(|w| lower.contains(w));
    !secret.is_empty() && !secret.contains(['$', '{', '<', '%', '*']) && !is_word
}

/// Upload targets of `.pypirc`.
fn uploads(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let files = lookup::settings(scene).filter(|(file, _)| file.form == SettingsForm::Pypirc);
    for (file, settings) in files {
        for url in settings.indexes.iter().filter_map(|i| i.url.as_ref()).filter(|url| is_plain(scene, &url.value)) {
            let address = shown(&url.value);
            report
                .at(Place::new(file.file, url.span), "unencrypted")
                .about("index", address.clone(), None)
                .severity(if is_of_closed_network(&url.value) { Severity::Low } else { Severity::High })
                .role(file.role)
                .content(address.clone())
                .evidence("the address")
                .advise(format!("use https: {}", address.replacen("http://", "https://", 1)))
                .say(format!(
                    "releases go to {address} unencrypted: whoever sits on the way reads the password and changes them"
                ));
        }
        for secret in &settings.secrets {
            let path = scene.sources.path(file.file);
            report
                .at(Place::new(file.file, secret.span), "a password stands here")
                .about("credential", path, None)
                .role(file.role)
                .content(format!("credential of {path}"))
                .evidence("the file; the value was not kept")
                .advise("revoke it; publish from a job with trusted publishing, or keep the next one in a keyring")
                .say(format!("{path} holds the {} of an upload that everybody with the tree can read", secret.value));
        }
    }
}

/// Locks that were written against an unencrypted index.
fn locks(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.python.locks {
        let Some(lock) = scene.python_lock(view.document) else { continue };
        let mut found: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for package in &lock.packages {
            if let LockedOrigin::Registry(address) = &package.source
                && is_plain(scene, address)
            {
                let span = package.source_span.unwrap_or(package.name.span);
                found.entry(address).or_default().push(Place::new(view.file, span));
            }
        }
        for (address, places) in found {
            let Some(first) = places.first() else { continue };
            let address = shown(address);
            report
                .at(*first, "unencrypted")
                .about("index", address.clone(), None)
                .severity(Severity::Medium)
                .confidence(Confidence::High)
                .role(view.role)
                .also(places.iter().copied().take(PLACES))
                .content(address.clone())
                .evidence("the lock; its hashes came over the same way")
                .advise("lock again from the https address of the index")
                .say(format!(
                    "{} takes {} packages from {address}, read unencrypted, hashes included",
                    scene.sources.path(view.file),
                    places.len()
                ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_more_than_a_name() {
        for (address, holds) in [
            ("https://ci:h7Gf2kQ9@pypi.example.com/simple", true),
            ("https://AbCdEfGhIjKlMnOpQrStUv@pypi.example.com/simple", true),
            ("https://ci@pypi.example.com/simple", false),
            ("https://oauth2accesstoken@pypi.example.com/simple", false),
            ("https://ci:${PASSWORD}@pypi.example.com/simple", false),
            ("https://user:password@pypi.example.com/simple", false),
            ("https://__token__:<token>@pypi.example.com/simple", false),
            ("https://pypi.example.com/@scope/simple", false),
        ] {
            assert_eq!(holds_credential(address), holds, "{address}");
        }
    }
}
