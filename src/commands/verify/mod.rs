//! Checks of digests and signatures: what is checked, by what, and against which word of whom.
//!
//! Knows one script. Whether the expected digest is worth anything where it comes from a file is not decided here.

mod compare;
mod digest;
mod expected;
mod functions;
mod powershell;
mod signature;

use super::act::{Act, ActKind, Check, Verifier};
use super::context::is_fatal;
use super::site::Site;

/// A check as it is read from one command.
struct Found {
    kind: Verifier,
    check: Check,
    targets: Vec<String>,
}

impl Found {
    fn new(kind: Verifier, check: Check, targets: Vec<String>) -> Option<Self> {
        Some(Self { kind, check, targets })
    }
}

/// Gives whether the command is one that may check something.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    signature::keys(site, acts);
    if powershell::recognise(site, acts) || functions::recognise(site, acts) {
        return true;
    }
    let found = digest::list(site).or_else(|| compare::of(site)).or_else(|| signature::of(site));
    let Some(Found { kind, check, targets }) = found else {
        if let Some(files) = digest::printed(site) {
            acts.push(site.act(ActKind::Digest { files }));
            return true;
        }
        return matches!(site.call.name.as_str(), "[" | "[[" | "test");
    };
    let fatal = is_fatal(site.program, site.index);
    acts.push(site.act(ActKind::Verify { kind, check, targets, fatal }));
    true
}
