//! Hosts whose certificates are not checked.
//!
//! What pip is told on its command line in a script is `verification-disabled`'s to report; here it is
//! files, variables of images and jobs, uv's commands and the tables of projects.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::indexes::{IndexKind, is_of_closed_network};
use crate::graph::kinds::python::IndexOptionKind;
use crate::rules::python::lookup::{self, Lookup, Resolver, shown};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "trusted-host",
    title: "Python index whose certificate is not checked",
    many: "{n} Python indexes are taken without a look at their certificate",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("trusted_host.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    let mut found: BTreeMap<(Place, String), (Role, bool)> = BTreeMap::new();
    let lookups = lookup::all(scene);
    for lookup in &lookups {
        // A command's own words are told elsewhere.
        let script = lookup.install.filter(|_| lookup.resolver == Resolver::Pip).and_then(|i| sites.script(i.site));
        for (place, host) in lookup.addresses(IndexOptionKind::TrustedHost) {
            let told = script.is_some_and(|s| s.file == place.file && s.span.contains(place.span));
            // What is read over http has no certificate; `insecure-index` tells of it.
            if told || is_of_machine(scene, host) || is_plain(&lookups, lookup, place, host) {
                continue;
            }
            let one = found.entry((place, host.to_owned())).or_insert((lookup.role, true));
            *one = (one.0.min(lookup.role), one.1 && lookup.is_hashed);
        }
    }
    // Hosts of one line are one decision, and the same hosts in many places are as well.
    let mut lines: BTreeMap<Place, (Vec<String>, Role, bool)> = BTreeMap::new();
    for ((place, host), (role, hashed)) in found {
        let one = lines.entry(place).or_insert((Vec::new(), role, hashed));
        one.0.push(host);
        one.1 = one.1.min(role);
        one.2 &= hashed;
    }
    for tables in lookup::tables(scene) {
        let hashed = !tables.projects.is_empty() && tables.projects.iter().all(|p| p.lock.is_some());
        for (_, index) in &tables.told.declared {
            let Some(span) = index.tls_off else { continue };
            let address = index.url.as_ref().map_or(index.name.value.as_str(), |u| u.value.as_str());
            if !is_of_machine(scene, address) {
                lines.insert(Place::new(tables.file, span), (vec![shown(address)], tables.role, hashed));
            }
        }
    }
    let mut groups: BTreeMap<(String, bool), Vec<(Role, Place)>> = BTreeMap::new();
    for (place, (hosts, role, hashed)) in lines {
        groups.entry((hosts.join(" and "), hashed)).or_default().push((role, place));
    }
    for ((hosts, hashed), mut places) in groups {
        places.sort();
        say(report, &hosts, hashed, &places);
    }
}

fn is_of_machine(scene: &Scene<'_>, host: &str) -> bool {
    let address = if host.contains("://") { host.to_owned() } else { format!("https://{host}/") };
    matches!(scene.indexes.kind(&address), IndexKind::Machine)
}

/// Whether everything that is read from a host is read over http: by the look-up, and where it reads nothing
/// there, by the others with settings in the same file.
fn is_plain(lookups: &[Lookup<'_>], lookup: &Lookup<'_>, place: Place, host: &str) -> bool {
    let of = |lookup: &Lookup<'_>| -> (bool, bool) {
        let kinds = [IndexOptionKind::Index, IndexOptionKind::ExtraIndex, IndexOptionKind::FindLinks];
        let mut of_host = kinds.into_iter().flat_map(|kind| lookup.addresses(kind)).filter(|(_, a)| names(a, host));
        let first = of_host.next();
        let is_plain = |address: &str| address.starts_with("http://");
        (first.is_some(), first.is_none_or(|(_, a)| is_plain(a)) && of_host.all(|(_, a)| is_plain(a)))
    };
    match of(lookup) {
        (true, plain) => plain,
        (false, _) => {
            let mut found = false;
            let near = lookups.iter().filter(|other| other.options.iter().any(|(at, _)| at.file == place.file));
            let all = near.map(of).all(|(any, plain)| {
                found |= any;
                plain
            });
            found && all
        }
    }
}

/// Whether an address is one of a host. Either may leave the port out.
fn names(address: &str, host: &str) -> bool {
    let bare = |text: &str| {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        let host = authority.rsplit('@').next().unwrap_or(authority);
        host.split(':').next().unwrap_or(host).to_ascii_lowercase()
    };
    bare(address) == bare(host)
}

fn say(report: &mut Reporter<'_>, host: &str, hashed: bool, places: &[(Role, Place)]) {
    let Some((role, first)) = places.first() else { return };
    let (severity, hold) = if hashed {
        (Severity::Low, "; hashes hold what is locked until somebody locks again")
    } else if is_of_closed_network(host) {
        (Severity::Low, "; its name is one of a closed network")
    } else {
        (Severity::High, "")
    };
    report
        .at(*first, "certificates are not checked")
        .about("index", host, None)
        .severity(severity)
        .role(*role)
        .also(places.iter().take(PLACES).map(|(_, place)| *place))
        .content(host)
        .evidence("the setting")
        .advise(
            "take it out; where a company's proxy has a certificate of its own, name its root: --cert, PIP_CERT or SSL_CERT_FILE",
        )
        .say(format!(
            "the certificate of {host} is not checked: whoever sits on the way chooses what is installed{hold}"
        ));
}
