//! Downloads followed to their use within one script.

use super::act::{Act, ActKind, Input, Output, Transfer, UrlText};
use super::context::guarded_by;
use crate::parse::shell::{Invocation, ListOp, Program, RedirectOp, ScopeKind, basename};

/// A download and what runs it. The numbers are indices into the acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DownloadUse {
    /// The fetch.
    pub fetch: usize,
    /// The execution, interpretation or installation; also what puts it on the search path.
    pub usage: usize,
    /// A check of the file that the use depends on.
    pub verified_by: Option<usize>,
}

/// A file or folder that holds what was downloaded.
#[derive(Debug, Clone)]
struct Held {
    fetch: usize,
    place: Place,
    checked: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    File(String),
    /// Everything unpacked here; with a stem, only what shares its name with the archive, since
    /// the folder holds other things too.
    Dir(String, Option<String>),
}

/// Downloaded files that are executed, interpreted or installed, each with the check its use
/// depends on.
#[must_use]
pub fn download_then_execute(program: &Program, acts: &[Act]) -> Vec<DownloadUse> {
    followed(program, acts, "").out
}

/// Folders that hold much else: what is run from them need not be what was unpacked there.
const SHARED_FOLDERS: &[&str] =
    &["", "/usr", "/usr/local", "/opt", "/tmp", "$HOME", "$RUNNER_TEMP", "$GITHUB_WORKSPACE"];

/// A download that a script leaves, unchecked and unused, where a later script can name it.
#[derive(Debug, Clone)]
pub struct Left {
    /// The fetch.
    pub fetch: usize,
    path: String,
    folder: bool,
}

/// What a script leaves under paths that do not depend on the working folder. `folder` is the one it
/// starts in, empty where that is not known.
#[must_use]
pub fn left_behind(program: &Program, acts: &[Act], folder: &str) -> Vec<Left> {
    let flow = followed(program, acts, folder);
    let unused = flow.held.iter().filter(|h| h.checked.is_empty() && flow.out.iter().all(|u| u.fetch != h.fetch));
    unused
        .filter_map(|held| {
            let (path, folder) = match &held.place {
                Place::File(path) => (one_spelling(path), false),
                Place::Dir(dir, None) => (one_spelling(dir), true),
                Place::Dir(_, Some(_)) => return None,
            };
            let shared = folder && SHARED_FOLDERS.contains(&path.as_str());
            (path.starts_with(['/', '$']) && !shared).then_some(Left { fetch: held.fetch, path, folder })
        })
        .collect()
}

impl Left {
    /// The act of a later script that executes or installs it by its path, unless the script checks
    /// files before. `folder` is the one that script starts in.
    #[must_use]
    pub fn executed_by(&self, acts: &[Act], folder: &str) -> Option<usize> {
        let mut dir = folder.to_owned();
        for (index, act) in acts.iter().enumerate() {
            let path = match &act.kind {
                ActKind::Verify { .. } => return None,
                ActKind::ChangeDir { path } => {
                    dir = path.as_ref().map_or_else(String::new, |path| join(&dir, path));
                    continue;
                }
                ActKind::Execute { path }
                | ActKind::InstallLocal { path, .. }
                | ActKind::Interpret { input: Input::File(path), .. } => path,
                _ => continue,
            };
            // A bare word that is executed is looked for on the search path.
            let bare = matches!(act.kind, ActKind::Execute { .. }) && !path.contains('/');
            let path = one_spelling(&if bare { path.clone() } else { join(&dir, path) });
            let inside = path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.starts_with('/'));
            if path == self.path || (self.folder && inside) {
                return Some(index);
            }
        }
        None
    }
}

fn followed<'a>(program: &'a Program, acts: &'a [Act], folder: &str) -> Flow<'a> {
    let added = added_folders(program);
    let mut flow =
        Flow { program, acts, added, held: Vec::new(), dir: folder.to_owned(), placed: Vec::new(), out: Vec::new() };
    for index in 0..acts.len() {
        flow.step(index);
    }
    flow.placed_for_later();
    flow.out.sort_unstable();
    flow.out.dedup();
    flow
}

struct Flow<'a> {
    program: &'a Program,
    acts: &'a [Act],
    /// What the script adds to the search path.
    added: Vec<String>,
    held: Vec<Held>,
    dir: String,
    /// What was put where programs are looked for, and by which act; later steps run it.
    placed: Vec<(Held, usize)>,
    out: Vec<DownloadUse>,
}

/// Files followed at once; a generated script of thousands of downloads stops there.
const MAX_HELD: usize = 512;

impl Flow<'_> {
    fn step(&mut self, index: usize) {
        let Some(act) = self.acts.get(index) else { return };
        match &act.kind {
            ActKind::Fetch { url, to, .. } => self.fetched(index, act.command, url, to),
            ActKind::ChangeDir { path } => {
                self.dir = match path {
                    Some(path) => self.absolute(path),
                    None => String::new(),
                };
            }
            ActKind::Extract { archive: Some(archive), dir, members } => {
                for held in self.matching(archive) {
                    self.unpacked(&held, archive, dir.as_deref(), members);
                    if dir.as_deref().is_some_and(|d| self.is_program_folder(d)) {
                        self.placed.push((held, index));
                    }
                }
            }
            // `curl ... | tar xz -C ~/.cargo/bin`
            ActKind::Extract { archive: None, dir: Some(dir), .. } if self.is_program_folder(dir) => {
                let into = Place::Dir(self.absolute(dir), None);
                let held: Vec<Held> = self.held.iter().filter(|h| h.place == into).cloned().collect();
                self.placed.extend(held.into_iter().map(|h| (h, index)));
            }
            ActKind::MakeExecutable { path } if self.in_program_folder(path) => {
                let held = self.matching(path);
                self.placed.extend(held.into_iter().map(|h| (h, index)));
            }
            ActKind::Transfer { how, from, to, executable } => {
                let made = |path: &String| {
                    let earlier = self.acts.get(..index).unwrap_or_default();
                    earlier.iter().any(|a| matches!(&a.kind, ActKind::MakeExecutable { path: made } if made == path))
                };
                if self.is_program_folder(to) || self.in_program_folder(to) {
                    for path in from.iter().filter(|path| *executable || made(path)) {
                        let held = self.matching(path);
                        self.placed.extend(held.into_iter().map(|h| (h, index)));
                    }
                }
                self.moved(*how, from, to);
            }
            ActKind::Verify { targets, .. } => self.checked(index, targets),
            ActKind::Execute { path } | ActKind::InstallLocal { path, .. } => self.used(index, path),
            ActKind::Interpret { input: Input::File(path), .. } => self.used(index, path),
            _ => {}
        }
    }

    /// What is put on the search path counts as used, unless the script uses it itself. A check
    /// anywhere in the script speaks for it: nothing ran in between.
    fn placed_for_later(&mut self) {
        for (held, index) in std::mem::take(&mut self.placed) {
            if self.out.iter().any(|known| known.fetch == held.fetch) {
                continue;
            }
            let same = self.held.iter().filter(|h| h.fetch == held.fetch);
            let checks = held.checked.iter().chain(same.flat_map(|h| &h.checked));
            let verified_by = checks.copied().find(|check| {
                self.acts.get(*check).is_some_and(|act| {
                    matches!(act.kind, ActKind::Verify { fatal: true, .. })
                        || self
                            .acts
                            .get(index)
                            .is_some_and(|usage| guarded_by(self.program, act.command, usage.command))
                })
            });
            self.out.push(DownloadUse { fetch: held.fetch, usage: index, verified_by });
        }
    }

    fn fetched(&mut self, index: usize, command: usize, url: &UrlText, to: &Output) {
        if self.held.len() >= MAX_HELD {
            return;
        }
        let mut places = Vec::new();
        match to {
            Output::File(path) => places.push(Place::File(self.absolute(path))),
            Output::Dir(dir) => places.push(Place::Dir(self.absolute(dir), None)),
            Output::Stdout => places = self.piped(command, url),
            Output::Nowhere | Output::Unknown => {}
        }
        for place in places {
            // A new download takes the place of what was there, checks included.
            self.held.retain(|h| h.place != place);
            self.held.push(Held { fetch: index, place, checked: Vec::new() });
        }
    }

    /// Where later stages of the pipeline put what is fetched to standard output.
    fn piped(&self, command: usize, url: &UrlText) -> Vec<Place> {
        let mut places = Vec::new();
        let Some(own) = self.program.commands.get(command) else { return places };
        let stages = self.program.pipelines.get(own.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
        let end = stages.last().map_or(command, |s| s.end);
        let from = self.acts.partition_point(|a| a.command <= command);
        for act in self.acts.get(from..).unwrap_or_default().iter().take_while(|a| a.command < end) {
            let Some(later) = self.program.commands.get(act.command) else { continue };
            if later.pipeline != own.pipeline || later.position <= own.position {
                continue;
            }
            if let ActKind::Extract { archive: None, dir, members } = &act.kind {
                let into = self.absolute(dir.as_deref().unwrap_or("."));
                if members.is_empty() {
                    places.push(Place::Dir(into, dir.is_none().then(|| url.text.clone())));
                }
                places.extend(members.iter().map(|m| Place::File(self.absolute(m))));
            }
        }
        for stage in stages.get(own.position + 1..).unwrap_or_default() {
            let Some(command) = self.program.commands.get(stage.start) else { continue };
            let Some(call) = Invocation::of(self.program, command) else { continue };
            if matches!(call.name.as_str(), "tee" | "sponge") {
                places.extend(call.operands(&[]).iter().map(|a| Place::File(self.absolute(&a.text))));
            }
            let passes = matches!(
                call.name.as_str(),
                "cat" | "gunzip" | "zcat" | "gzip" | "xz" | "base64" | "sed" | "tr" | "zstd" | "gpg" | "funzip"
            );
            let written =
                command.redirects.iter().find(|r| matches!(r.op, RedirectOp::Write) && r.fd.is_none_or(|fd| fd == 1));
            if let Some(redirect) = written.filter(|_| passes) {
                places.push(Place::File(self.absolute(&self.program.show(&redirect.target).0)));
            }
        }
        places
    }

    fn unpacked(&mut self, held: &Held, archive: &str, dir: Option<&str>, members: &[String]) {
        let into = self.absolute(dir.unwrap_or("."));
        let mut places: Vec<Place> = members.iter().map(|m| Place::File(join(&into, m))).collect();
        if members.is_empty() {
            // A folder named for the purpose holds the archive alone; the current one does not.
            places.push(Place::Dir(into, dir.is_none().then(|| basename(archive).to_owned())));
        }
        for place in places {
            self.hold(held, place);
        }
    }

    fn moved(&mut self, how: Transfer, from: &[String], to: &str) {
        for path in from {
            for held in self.matching(path) {
                let target = self.absolute(to);
                let known_dir = to.ends_with('/') || to == "." || from.len() > 1 || basename(&target) == "bin";
                let place = match &held.place {
                    // A folder moved as a whole, or everything in it.
                    Place::Dir(dir, _) if *dir == self.absolute(path) || path.contains('*') => Place::Dir(target, None),
                    _ if known_dir => Place::File(join(&target, basename(path))),
                    _ => Place::File(target),
                };
                let gone = Place::File(self.absolute(path));
                if how == Transfer::Move {
                    self.held.retain(|h| h.place != gone);
                }
                self.hold(&held, place);
            }
        }
    }

    fn hold(&mut self, from: &Held, place: Place) {
        if self.held.len() < MAX_HELD {
            self.held.push(Held { fetch: from.fetch, place, checked: from.checked.clone() });
        }
    }

    fn checked(&mut self, index: usize, targets: &[String]) {
        // A list of digests that names no file here speaks for what was downloaded so far.
        let places: Vec<String> = targets.iter().map(|t| self.absolute(t)).collect();
        for held in &mut self.held {
            let named = match &held.place {
                Place::File(path) => places.iter().any(|p| p == path || basename(p) == basename(path)),
                Place::Dir(dir, _) => places.iter().any(|p| p.starts_with(dir.as_str())),
            };
            if (named || targets.is_empty()) && held.checked.len() < 64 {
                held.checked.push(index);
            }
        }
    }

    fn used(&mut self, index: usize, path: &str) {
        let Some(usage) = self.acts.get(index) else { return };
        for held in self.matching(path) {
            let verified_by = held.checked.iter().copied().find(|check| {
                self.acts.get(*check).is_some_and(|act| {
                    let fatal = matches!(act.kind, ActKind::Verify { fatal: true, .. });
                    (fatal && runs_before(self.program, act.command, usage.command))
                        || guarded_by(self.program, act.command, usage.command)
                })
            });
            self.out.push(DownloadUse { fetch: held.fetch, usage: index, verified_by });
        }
    }

    /// What is held under a path, or by name alone for a program found on the search path.
    fn matching(&self, path: &str) -> Vec<Held> {
        let bare = !path.contains('/');
        let full = self.absolute(path);
        let found = |held: &&Held| match &held.place {
            Place::File(file) if file.contains(['*', '?']) || full.contains(['*', '?']) => {
                globs(file, &full) || globs(&full, file)
            }
            Place::File(file) => *file == full || (bare && basename(file) == path && !file.ends_with("/.")),
            Place::Dir(dir, stem) => {
                let inside = full == *dir
                    || full.strip_prefix(dir.as_str()).is_some_and(|rest| dir.is_empty() || rest.starts_with('/'));
                let rest = full.strip_prefix(dir.as_str()).unwrap_or(&full).trim_start_matches('/');
                match stem {
                    None => inside && !dir.is_empty(),
                    Some(stem) => inside && !full.starts_with('/') && shares_name(rest, stem),
                }
            }
        };
        self.held.iter().filter(found).cloned().collect()
    }

    /// A path from the folder the script started in; folders it changed to are put before it.
    fn absolute(&self, path: &str) -> String {
        join(&self.dir, path)
    }
}

/// Folders that programs are looked for in on GitHub's runners and in most images.
const PROGRAM_FOLDERS: &[&str] = &[
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "$CARGO_HOME/bin",
    "$HOME/.cargo/bin",
    "$HOME/.local/bin",
];

/// A path with the home folder and variables in one spelling.
fn one_spelling(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let path = path.strip_prefix("~/").map_or_else(|| path.to_owned(), |rest| format!("$HOME/{rest}"));
    path.replace("${HOME}", "$HOME")
        .replace("${CARGO_HOME}", "$CARGO_HOME")
        .replace("${{ env.CARGO_HOME }}", "$CARGO_HOME")
        .replace("/home/runner/", "$HOME/")
        .replace("/root/", "$HOME/")
}

/// Folders that the script adds to the search path: `echo ~/bin >> $GITHUB_PATH`, `PATH=~/bin:$PATH`.
fn added_folders(program: &Program) -> Vec<String> {
    let mut out = Vec::new();
    for command in &program.commands {
        for assignment in command.assignments.iter().filter(|a| a.name == "PATH") {
            let value = program.show(&assignment.value).0;
            out.extend(value.split(':').map(one_spelling).filter(|dir| !dir.contains("PATH")));
        }
        let to_path = command.redirects.iter().any(|r| program.show(&r.target).0.contains("GITHUB_PATH"));
        if let Some(call) = Invocation::of(program, command).filter(|c| to_path && c.name == "echo") {
            out.extend(call.args.iter().map(|a| one_spelling(&a.text)));
        }
    }
    out
}

impl Flow<'_> {
    /// Whether programs are looked for in a folder.
    fn is_program_folder(&self, dir: &str) -> bool {
        let dir = one_spelling(dir);
        // `${CARGO_HOME:-~/.cargo}/bin`
        let cargo = dir.ends_with("/bin") && dir.contains("CARGO_HOME");
        cargo || PROGRAM_FOLDERS.contains(&dir.as_str()) || self.added.contains(&dir)
    }

    fn in_program_folder(&self, path: &str) -> bool {
        path.rsplit_once('/').is_some_and(|(dir, _)| self.is_program_folder(dir))
    }
}

/// A check inside a function, a branch or a loop does not stand before what is outside of it.
fn runs_before(program: &Program, check: usize, usage: usize) -> bool {
    let conditional = program.scopes_of(check).find(|s| {
        matches!(
            s.kind,
            ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case | ScopeKind::Function(_) | ScopeKind::Loop(_)
        )
    });
    let own = conditional.is_none_or(|s| {
        // A function is taken to be called; what a loop over the files checks, it checks.
        matches!(s.kind, ScopeKind::Function(_) | ScopeKind::Loop(_)) || s.commands.contains(&usage)
    });
    let skipped = program.commands.get(check).and_then(|c| c.list).is_some_and(|position| {
        // `other && check`: the check may not run at all.
        let items = program.lists.get(position.list).map(|l| l.items.as_slice()).unwrap_or_default();
        let before = items.get(..=position.item).unwrap_or_default();
        before.iter().any(|i| i.op == Some(ListOp::Or))
    });
    check < usage && own && !skipped
}

fn join(dir: &str, path: &str) -> String {
    let rooted = path.starts_with(['/', '~', '$']);
    let mut parts: Vec<&str> = Vec::new();
    let all = if rooted { path.to_owned() } else { format!("{dir}/{path}") };
    let absolute = all.starts_with('/') && (rooted || dir.starts_with('/'));
    for part in all.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let text = parts.join("/");
    if absolute { format!("/{text}") } else { text }
}

/// Whether the first folder or the file name of a path starts like the archive's name.
fn shares_name(path: &str, archive: &str) -> bool {
    let name = |text: &str| -> String {
        let letters = text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_'));
        letters.collect::<String>().to_ascii_lowercase()
    };
    let stem = name(basename(archive));
    let alike = |part: &str| {
        let part = name(part);
        part.len() >= 2
            && (stem == part
                || (part.len() >= 3 && stem.starts_with(&part))
                || (stem.len() >= 3 && part.starts_with(&stem)))
    };
    path.split('/').next().is_some_and(alike) || alike(basename(path))
}

/// A pattern with `*` against a path, folders included.
fn globs(pattern: &str, path: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return false };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.is_empty() || pattern.ends_with('*')
}
