//! `verify-signature`: whether the files of a model are those that somebody trusted signed. Offline.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde_json::json;

use super::args::{ListFormat, SignatureOptions};
use super::{Surroundings, output, shown};
use crate::report::escape;
use crate::sign::{self, Failure, Keyless, LARGEST_BUNDLE, Model, PublicKey, Roots, Terms, Trust, Verified};
use crate::source::{Bytes as _, FileBytes};

/// Name and version of the JSON.
const SCHEMA: &str = "custody/signature/v1";
/// Exit code where the files are not what was signed.
const REJECTED: u8 = 1;
/// Exit code where it could not be told.
const UNDECIDED: u8 = 3;
/// Largest key, certificate or trust root that is read.
const LARGEST_TRUST: usize = 16 << 20;
/// Most differences on the screen.
const SHOWN: usize = 50;
/// The name that the `model-signing` package gives a bundle.
const BUNDLE: &str = "model.sig";

pub(super) fn run(options: &SignatureOptions, around: &Surroundings) -> Result<u8> {
    let place = around.directory.join(&options.model);
    if place.symlink_metadata().is_err() {
        return Err(anyhow!("there is no `{}`", shown(&options.model)));
    }
    let signature = match &options.signature {
        Some(path) => around.directory.join(path),
        None if place.is_dir() => place.join(BUNDLE),
        None => return Err(anyhow!("`{}` is one file: name its bundle with --signature", shown(&options.model))),
    };
    let bundle = read(&signature, LARGEST_BUNDLE)?;
    let terms = Terms {
        now: around.seconds(),
        bundle: below(&signature, &place),
        ignore: options.ignore.clone(),
        unsigned_files: options.ignore_unsigned_files,
        subject: options.subject.clone(),
        expired: options.allow_expired,
        threads: options.jobs.map_or(around.threads, std::num::NonZero::get),
    };
    let result = match trust(options, around) {
        Ok(trust) => sign::verify(&bundle, &Model::at(&place), &trust, &terms),
        // A key of a kind that nothing here can check is no mistake of whoever calls.
        Err(error) => Err(error.downcast::<Failure>()?),
    };
    let (text, code) = match &result {
        Ok(verified) => (said(verified, &options.model), 0),
        Err(failure) => (refused(failure, &options.model), code(failure)),
    };
    let bytes = match options.format {
        ListFormat::Text => text.into_bytes(),
        ListFormat::Json => {
            let mut text = serde_json::to_string_pretty(&machine(&result)).context("failed to write JSON")?;
            text.push('\n');
            text.into_bytes()
        }
    };
    output::print(&bytes)?;
    Ok(code)
}

fn code(failure: &Failure) -> u8 {
    if failure.is_undecided() { UNDECIDED } else { REJECTED }
}

/// Whom to believe. An error is a [`Failure`] only where the key is good and of an unknown kind.
fn trust(options: &SignatureOptions, around: &Surroundings) -> Result<Trust> {
    let text = |path: &Path| -> Result<String> {
        let bytes = read(&around.directory.join(path), LARGEST_TRUST)?;
        String::from_utf8(bytes).map_err(|_| anyhow!("`{}` is no text", shown(path)))
    };
    let named = |failure: Failure, path: &Path| match failure {
        Failure::Trust(why) => anyhow!("`{}`: {why}", shown(path)),
        other => anyhow::Error::new(other),
    };
    if let Some(path) = &options.key {
        return PublicKey::from_pem(&text(path)?).map(Trust::Key).map_err(|failure| named(failure, path));
    }
    if let Some(path) = &options.trust_root {
        let who = options.identity.as_deref().unwrap_or_default();
        let issuer = options.issuer.as_deref().unwrap_or_default();
        return Keyless::new(&text(path)?, who, issuer).map(Trust::Sigstore).map_err(|failure| named(failure, path));
    }
    let mut roots = Roots::default();
    for path in &options.certificate_chain {
        roots.extend(Roots::from_pem(&text(path)?).map_err(|failure| named(failure, path))?);
    }
    Ok(Trust::Certificates(roots))
}

fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let read = || {
        let file = FileBytes::open(path)?;
        if file.len() > most as u64 {
            return Err(format!("it has more than {most} bytes"));
        }
        file.up_to(0, most)
    };
    read().map_err(|why| anyhow!("failed to read `{}`: {why}", shown(path)))
}

/// Where a bundle lies below a model, with `/` between parts.
fn below(bundle: &Path, model: &Path) -> Option<String> {
    // The bundle itself may be a link: it is what lies in the model, not what it leads to.
    let folder = bundle.parent()?.canonicalize().ok()?;
    let inside = folder.strip_prefix(model.canonicalize().ok()?).ok()?.join(bundle.file_name()?);
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn said(verified: &Verified, model: &Path) -> String {
    let (files, are) = if verified.files.len() == 1 { ("file", "is") } else { ("files", "are") };
    let mut out = format!(
        "verified: {} {files} of `{}` {are} what {} signed ({})\n",
        verified.files.len(),
        escape::terminal(&shown(model)),
        escape::terminal(&verified.signer),
        verified.method
    );
    out.push_str(&format!("  fingerprint sha256:{}\n", verified.fingerprint));
    if let Some(root) = &verified.root {
        out.push_str(&format!("  list of files sha256:{root}\n"));
    }
    if verified.old_format {
        out.push_str("  note: the bundle is of a form that is no longer made; sign anew with a current release\n");
    }
    let files: usize = verified.passed_over.iter().map(|one| one.files).sum();
    let mark = if verified.passed_over.iter().all(|one| one.counted) { "" } else { "at least " };
    if !verified.passed_over.is_empty() {
        let (word, verb) = if files == 1 { ("file", "was") } else { ("files", "were") };
        let names = verified.passed_over.iter().take(SHOWN).map(|one| format!("`{}`", escape::terminal(&one.path)));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = verified.passed_over.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        out.push_str(&format!(
            "  passed over: {mark}{files} {word} that nobody signed {verb} not looked at: {names}{more}\n"
        ));
    }
    for note in &verified.notes {
        out.push_str(&format!("  note: {}\n", escape::terminal(note)));
    }
    out
}

fn refused(failure: &Failure, model: &Path) -> String {
    let model = escape::terminal(&shown(model));
    let word = if failure.is_undecided() { "undecided" } else { "rejected" };
    match failure {
        Failure::Files(differences) => {
            let mut out = format!("{word}: `{model}` is not what was signed\n");
            for difference in differences.iter().take(SHOWN) {
                out.push_str(&format!("  {}\n", escape::terminal(&difference.to_string())));
            }
            if differences.len() > SHOWN {
                out.push_str(&format!("  and {} more; --format json has all\n", differences.len() - SHOWN));
            }
            out
        }
        other => format!("{word}: `{model}`: {}\n", escape::terminal(&other.to_string())),
    }
}

fn machine(result: &Result<Verified, Failure>) -> serde_json::Value {
    match result {
        Ok(verified) => {
            let passed_over =
                |one: &sign::PassedOver| json!({ "path": one.path, "files": one.files, "counted": one.counted });
            let file = |file: &sign::SignedFile| json!({ "path": file.path, "size": file.size, "algorithm": file.algorithm, "digest": file.digest });
            json!({
                "schema": SCHEMA,
                "verdict": "verified",
                "exit_code": 0,
                "method": verified.method.to_string(),
                "signer": verified.signer,
                "fingerprint": verified.fingerprint,
                "root": verified.root,
                "old_format": verified.old_format,
                "notes": verified.notes,
                "passed_over": verified.passed_over.iter().map(passed_over).collect::<Vec<_>>(),
                "files": verified.files.iter().map(file).collect::<Vec<_>>(),
            })
        }
        Err(failure) => {
            let differences = match failure {
                Failure::Files(differences) => differences.as_slice(),
                _ => &[],
            };
            let difference = |one: &sign::Difference| json!({ "kind": one.word(), "path": one.path() });
            json!({
                "schema": SCHEMA,
                "exit_code": code(failure),
                "verdict": if failure.is_undecided() { "undecided" } else { "rejected" },
                "reason": failure.to_string(),
                "differences": differences.iter().map(difference).collect::<Vec<_>>(),
            })
        }
    }
}
