//! A check of a signature that is content with anybody's.

use std::collections::{BTreeMap, BTreeSet};

use super::download;
use crate::commands::{Act, ActKind, Check, KeySource, Output, Signer, UrlText, Verifier};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::basename;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-signer",
    title: "a signature of anybody counts",
    many: "{n} checks take anybody's signature",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_signer.md"),
    check,
};

/// Hexadecimal digits of a number that only one key bears in practice: keys whose last eight digits are those of
/// another's are made at will; whose last sixteen are, so far not.
const ENOUGH_DIGITS: usize = 16;

/// A check that anybody can pass.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    what: What,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(FileId, String), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        // Keys count for the steps that follow.
        let mut keys: Vec<(KeySource, Place)> = Vec::new();
        let mut fetched: BTreeSet<(String, String)> = BTreeSet::new();
        for piece in run.scripts() {
            let script = piece.script;
            let place = |act: &Act| Place::new(run.file, script.text.host_span(act.range.clone()));
            for act in &script.acts {
                match &act.kind {
                    ActKind::ImportKey { by, keys: more } if by.starts_with("gpg") => {
                        keys.extend(more.iter().map(|key| (key.clone(), place(act))));
                    }
                    ActKind::Fetch { url, to: Output::File(path), .. } => {
                        fetched.insert((basename(path).to_owned(), url.text.clone()));
                    }
                    ActKind::Verify { kind, check: Check::Signature(signer), targets, .. } => {
                        let open = open(script, act, *kind, signer, targets, &fetched);
                        let told: Vec<(What, Place)> = match signer {
                            Signer::Keyring => weak_key(&keys, targets, &fetched),
                            Signer::Key(path) => {
                                beside(path, targets, &fetched).map(|what| (what, place(act))).into_iter().collect()
                            }
                            _ => open.map(|what| (what, place(act))).into_iter().collect(),
                        };
                        for (what, place) in told {
                            let same = found.entry((run.file, what.message.clone())).or_default();
                            if same.iter().all(|known| known.place != place) {
                                same.push(Found { place, run, step: piece.title(), what });
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// What is wrong with a signer.
struct What {
    severity: Severity,
    message: String,
    evidence: &'static str,
    advice: String,
}

fn open(
    script: &Script,
    act: &Act,
    kind: Verifier,
    signer: &Signer,
    targets: &[String],
    fetched: &BTreeSet<(String, String)>,
) -> Option<What> {
    let repository = targets.iter().find_map(|t| repository_of(t, fetched));
    let owner = repository.as_deref().unwrap_or("<owner>/<repository>");
    let sigstore = || {
        format!(
            "name who signs, exactly: --certificate-identity \
             https://github.com/{owner}/.github/workflows/<workflow>.yml@refs/tags/<tag> \
             --certificate-oidc-issuer https://token.actions.githubusercontent.com"
        )
    };
    match (kind, signer) {
        (_, Signer::AnyIdentity(pattern)) => Some(What {
            severity: Severity::Medium,
            message: format!("the pattern `{}` lets anybody's signature count", short(pattern)),
            evidence: "everybody with an account of the host can sign so that the pattern matches",
            advice: sigstore(),
        }),
        // Since version 2 cosign refuses to work so; before it took any.
        (Verifier::Cosign, Signer::Anybody) => Some(What {
            severity: Severity::Low,
            message: format!("`{}` names neither a key nor who signs", called(script, act)),
            evidence: "cosign before 2.0 takes any signature then",
            advice: sigstore(),
        }),
        (Verifier::Gpg, Signer::Anybody) => Some(What {
            severity: Severity::Medium,
            message: "the key of whoever signed is fetched along the way".to_owned(),
            evidence: "with `auto-key-retrieve` a signature brings its own key, so anybody's counts",
            advice: "keep the publisher's key in the tree and check against it alone: gpgv --keyring ./<publisher>.gpg <file>.asc <file>"
                .to_owned(),
        }),
        _ => None,
    }
}

/// What is wrong with the keys that were taken over before.
fn weak_key(
    keys: &[(KeySource, Place)],
    targets: &[String],
    fetched: &BTreeSet<(String, String)>,
) -> Vec<(What, Place)> {
    let weak = keys.iter().filter_map(|(key, place)| {
        let what = match key {
            KeySource::Id(id) => {
                let digits = id.trim_start_matches("0x");
                let short = digits.len() < ENOUGH_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
                (short && !digits.is_empty()).then(|| What {
                    severity: Severity::Medium,
                    message: format!("the key is asked for by the short number `{id}`"),
                    evidence: "keys with any eight digits at their end are made in seconds, and servers of keys hand out all that match",
                    advice: "ask for the key by its whole fingerprint of forty digits: gpg --keyserver hkps://keys.openpgp.org --recv-keys <fingerprint>"
                        .to_owned(),
                })
            }
            KeySource::Address(url) => same_origin(url, targets, fetched),
            KeySource::File(path) => beside(path, targets, fetched),
            KeySource::Person(_) | KeySource::Stdin => None,
        };
        what.map(|what| (what, *place))
    });
    weak.collect()
}

/// A key that was fetched from where the file comes from.
fn beside(path: &str, targets: &[String], fetched: &BTreeSet<(String, String)>) -> Option<What> {
    if path.contains("://") {
        return same_origin(&UrlText::new(path, !path.contains('$')), targets, fetched);
    }
    let name = basename(path);
    let (_, url) = fetched.iter().find(|(file, _)| file == name)?;
    same_origin(&UrlText::new(url.clone(), true), targets, fetched)
}

fn same_origin(key: &UrlText, targets: &[String], fetched: &BTreeSet<(String, String)>) -> Option<What> {
    let host = download::host(key);
    let of_target = |target: &String| {
        fetched
            .iter()
            .find(|(file, _)| file == basename(target))
            .map(|(_, url)| download::host(&UrlText::new(url.clone(), true)))
    };
    let is_same = targets.iter().filter_map(of_target).any(|other| other == host) && !host.contains(' ');
    is_same.then(|| What {
        severity: Severity::Low,
        message: format!("the key comes from {host} along with what it signed"),
        evidence: "whoever can replace the file there can replace the key and the signature too",
        advice: "keep the publisher's key in the tree and check against it alone: gpgv --keyring ./<publisher>.gpg <file>.asc <file>"
            .to_owned(),
    })
}

/// The repository on GitHub that a file was fetched from.
fn repository_of(target: &str, fetched: &BTreeSet<(String, String)>) -> Option<String> {
    let (_, url) = fetched.iter().find(|(file, _)| file == basename(target))?;
    let rest = url.strip_prefix("https://github.com/").or_else(|| url.strip_prefix("gh:"))?;
    let mut parts = rest.split('/');
    let (owner, name) = (parts.next()?, parts.next()?);
    let plain = |part: &str| !part.is_empty() && download::plain(part) && !part.contains('$') && part != ".";
    (plain(owner) && plain(name)).then(|| format!("{owner}/{name}"))
}

/// The first words of a command.
fn called(script: &Script, act: &Act) -> String {
    let text = script.text.text.get(act.range.clone()).unwrap_or_default();
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn short(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let held = if main.what.severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, "whoever signed passes")
        .severity(main.what.severity)
        .confidence(Confidence::Medium)
        .also(found.iter().map(|f| f.place))
        .about("check", "signature", None)
        .content(main.what.message.clone())
        .evidence(main.what.evidence);
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft.advise(main.what.advice.clone()).say(format!("{}{held}", main.what.message));
}
