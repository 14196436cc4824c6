//! What a check of a file goes by, and where that came from.

use std::rc::Rc;

use super::acts::MAX_USES;
use super::checks::Proof;
use super::machine::Machine;
use super::strength::{Compared, Key, Origin, is_short, strength};
use crate::commands::{Act, ActKind, Check, Input, Signer, UrlText, read_by};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Part, ScopeKind};

impl<'a> Machine<'_, 'a> {
    /// Takes down a check of what is held.
    pub(super) fn verify(&mut self, script: &'a Script, at: usize) {
        let Some(act) = script.acts.get(at) else { return };
        let ActKind::Verify { check, targets, fatal, .. } = &act.kind else { return };
        let moment = self.moment();
        let targets: Vec<String> = targets.iter().map(|t| self.shell.path(t)).collect();
        let spoken_of = self.files.checked(&targets, &self.shell.folder, &moment);
        let (fetched, origin) = self.compared_with(script, act, check);
        for download in spoken_of {
            let Some(file) = self.world.downloads.get(download).map(|d| &d.url) else { continue };
            let others: Vec<UrlText> =
                fetched.iter().filter(|(d, _)| *d != Some(download)).map(|(_, u)| u.clone()).collect();
            let result = strength(act, &Compared { file, fetched: &others, origin });
            let stop = self.stop(script, at);
            let proof = Proof { at: stop, moment: moment.clone(), is_fatal: *fatal, result };
            self.files.prove(download, &Rc::new(proof));
        }
    }

    /// From where what a check goes by came in this run, and what else is known of it.
    fn compared_with(&self, script: &'a Script, act: &Act, check: &Check) -> (Vec<(Option<usize>, UrlText)>, Origin) {
        let mut out: Vec<(Option<usize>, UrlText)> = Vec::new();
        let origin = match check {
            Check::File(path) | Check::Signature(Signer::Key(path)) if !path.contains("://") => {
                self.fetched_to(path, &mut out);
                let full = self.shell.path(path);
                let is_of_tree = self.shell.layout.resolve(&self.world.paths, &full).is_some();
                if is_of_tree { Origin::Tree } else { Origin::Unknown }
            }
            Check::File(path) | Check::Signature(Signer::Key(path)) => {
                out.push((None, UrlText::new(self.shell.expand(path).0, !path.contains('$'))));
                Origin::Unknown
            }
            Check::Fetched(url) => {
                out.push((None, self.shell.url(url)));
                Origin::Unknown
            }
            Check::Stdin | Check::Literal | Check::Variable(_) => {
                self.fetched_near(script, act, &mut out);
                let name = if let Check::Variable(name) = check { name.trim_start_matches("env.") } else { "" };
                for held in self.files.in_variable(name, &self.moment()) {
                    let found = self.world.downloads.get(held.download);
                    out.extend(found.map(|found| (Some(held.download), found.url.clone())));
                }
                let is_written =
                    *check == Check::Literal || (!name.is_empty() && self.shell.layout.value(name).is_some());
                if is_written { Origin::Script } else { Origin::Unknown }
            }
            Check::Signature(Signer::Keyring) => {
                let mut origin = Origin::Unknown;
                for key in &self.keys {
                    match key {
                        Key::File(path) => self.fetched_to(path, &mut out),
                        Key::Fetched(url) => out.push((None, url.clone())),
                        Key::Id(id) if is_short(id) => origin = Origin::ShortKey,
                        Key::Id(_) | Key::Unknown => {}
                    }
                }
                origin
            }
            Check::Signature(_) => Origin::Unknown,
        };
        (out, origin)
    }

    /// From where a file of this run came.
    fn fetched_to(&self, path: &str, out: &mut Vec<(Option<usize>, UrlText)>) {
        for held in self.find(path, false) {
            let found = self.world.downloads.get(held.download);
            out.extend(found.map(|found| (Some(held.download), found.url.clone())));
        }
    }

    /// What a check fetches itself: `curl u.sha256 | sha256sum -c -`, `[ "$(curl u.sha256)" = .. ]`, and what was
    /// fetched to variables that it names.
    fn fetched_near(&self, script: &'a Script, act: &Act, out: &mut Vec<(Option<usize>, UrlText)>) {
        let mut add = |download: usize| {
            let found = self.world.downloads.get(download);
            out.extend(found.map(|found| (Some(download), found.url.clone())));
        };
        let fetches = script.acts.iter().filter(|a| matches!(a.kind, ActKind::Fetch { .. }));
        let own = script.program.commands.get(act.command);
        let before = read_by(&script.program, act.command, &Input::Stdin);
        let near = fetches.filter(|fetch| {
            let mut scopes = script.program.scopes_of(fetch.command);
            let is_inside = scopes.any(|s| matches!(s.kind, ScopeKind::Substitution(owner) if owner == act.command));
            is_inside || before.iter().any(|stage| stage.contains(&fetch.command))
        });
        let near: Vec<std::ops::Range<usize>> = near.map(|fetch| fetch.range.clone()).collect();
        for (index, download) in self.world.downloads.iter().enumerate().rev().take(MAX_USES) {
            let fetch = download.at.act().filter(|_| download.routine == self.routine);
            if fetch.is_some_and(|fetch| near.contains(&fetch.range)) {
                add(index);
            }
        }
        let words = own.map(|c| c.args.as_slice()).unwrap_or_default();
        let names = words.iter().flat_map(|w| &w.parts).filter_map(|p| match p {
            Part::Variable(name) => Some(name),
            _ => None,
        });
        let moment = self.moment();
        for name in names {
            self.files.in_variable(name, &moment).iter().for_each(|held| add(held.download));
        }
    }
}
