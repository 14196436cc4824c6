//! Which commit a person means: `main`, `HEAD~1`, `v1.0`, `1a2b3c4`.
//!
//! The part of `gitrevisions(7)` that names one commit by itself; no reflog, no search.

use super::refs::is_name;
use super::{ObjectError, Oid, Repository};

/// Objects compared where a shortened name fits several.
const MAX_CANDIDATES: usize = 64;

/// Steps back that are taken at most.
const MAX_STEPS: usize = 1_000_000;

/// Why a revision names no commit here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// It is not written as one revision.
    #[error("`{rev}` is no revision: {why}")]
    Malformed {
        /// What was asked for.
        rev: String,
        /// What is wrong with it.
        why: String,
    },
    /// No reference and no object has that name.
    #[error("there is no revision `{rev}` in this clone{}", hint(.near))]
    Unknown {
        /// What was asked for.
        rev: String,
        /// Names that are nearly the same, best first.
        near: Vec<String>,
    },
    /// A commit's whole name, and the commit is not here.
    #[error("commit {id} is not in this clone: set fetch-depth: 0 (actions/checkout), or run git fetch origin {id}")]
    NotHere {
        /// The commit.
        id: Oid,
    },
    /// A shortened name that fits several.
    #[error("`{rev}` may mean {}", .candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        rev: String,
        /// What it may mean.
        candidates: Vec<String>,
    },
    /// The history was cut before the commit that is meant.
    #[error(
        "the clone is shallow and does not hold the parent of {}: set fetch-depth: {depth} (actions/checkout), or run \
         git fetch --deepen {missing}", .at.short()
    )]
    Shallow {
        /// The last commit that is here.
        at: Oid,
        /// Commits that a clone must hold in a row.
        depth: usize,
        /// How many of them it lacks.
        missing: usize,
    },
    /// The commit has no such parent.
    #[error("commit {} has no parent {number}", .of.short())]
    NoParent {
        /// The commit.
        of: Oid,
        /// Which parent, counted from 1.
        number: usize,
    },
    /// Nothing has been committed yet.
    #[error("there is no commit on `{branch}` yet")]
    Unborn {
        /// What HEAD names.
        branch: String,
    },
    /// What was named cannot be read.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        names => format!(": did you mean {}?", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" or ")),
    }
}

/// A step from one commit to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// `~n`: back along first parents.
    Back(usize),
    /// `^n`: to a parent; 0 is the commit itself.
    Parent(usize),
}

impl Repository {
    /// The commit that a revision names: a whole or shortened object name, `HEAD` or `@`, a branch,
    /// a tag (the commit it names), a remote's branch, a whole reference, each followed by any of
    /// `~n`, `^n`, `^{commit}` and `^{}`.
    ///
    /// # Errors
    /// Where it names none, or one that is not here.
    pub fn resolve(&self, rev: &str) -> Result<Oid, RevisionError> {
        let (name, steps) = split(rev).map_err(|why| RevisionError::Malformed { rev: rev.to_owned(), why })?;
        let named = self.named(rev, name)?;
        if steps.is_empty() && Oid::from_hex(name).is_some() && !self.store.holds(&named) {
            return Err(RevisionError::NotHere { id: named });
        }
        let mut at = self.peel_here(&named)?;
        let mut walked = 0;
        for step in steps {
            match step {
                Step::Parent(0) => {}
                Step::Parent(number) => at = self.parent(at, number, walked, 1)?,
                Step::Back(count) => {
                    for done in 0..count {
                        at = self.parent(at, 1, walked, count - done)?;
                        walked += 1;
                    }
                    continue;
                }
            }
            walked += 1;
        }
        Ok(at)
    }

    fn peel_here(&self, id: &Oid) -> Result<Oid, RevisionError> {
        match self.peel(id) {
            Err(ObjectError::Missing { id: missing, .. }) if missing == *id => Err(RevisionError::NotHere { id: *id }),
            other => Ok(other?),
        }
    }

    fn parent(&self, at: Oid, number: usize, walked: usize, left: usize) -> Result<Oid, RevisionError> {
        let commit = self.commit(&at)?;
        if !commit.cut.is_empty() {
            // Numbers count all parents, also those that are not here.
            return Err(RevisionError::Shallow { at, depth: walked + left + 1, missing: left });
        }
        commit.parents.get(number - 1).copied().ok_or(RevisionError::NoParent { of: at, number })
    }

    /// The object of a name without steps.
    fn named(&self, rev: &str, name: &str) -> Result<Oid, RevisionError> {
        let length = self.layout.hash.len_in_hex();
        if name.len() == length
            && let Some(id) = Oid::from_hex(name)
        {
            return Ok(id);
        }
        let name = if name == "@" { "HEAD" } else { name };
        if !is_name(name) {
            return Err(RevisionError::Malformed { rev: rev.to_owned(), why: "it is no name of a commit".to_owned() });
        }
        if name == "HEAD"
            && let Some(branch) = self.refs.branch()
            && self.refs.get("HEAD").is_none()
            && !self.layout.has_reftable
        {
            return Err(RevisionError::Unborn { branch: branch.trim_start_matches("refs/heads/").to_owned() });
        }
        let own = name.starts_with("refs/") || name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let whole = own.then(|| name.to_owned()).into_iter();
        let kinds = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|kind| format!("{kind}{name}"));
        let places = whole.chain(kinds).chain([format!("refs/remotes/{name}/HEAD")]);
        if let Some(id) = places.into_iter().find_map(|place| self.refs.get(&place)) {
            return Ok(id);
        }
        match self.shortened(name)? {
            Some(id) => Ok(id),
            None => Err(self.unknown(rev, name)),
        }
    }

    /// The object whose name begins with these digits; of several, the one that is a commit.
    fn shortened(&self, name: &str) -> Result<Option<Oid>, RevisionError> {
        let is_short = (4..self.layout.hash.len_in_hex()).contains(&name.len());
        if !is_short || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let all = self.store.with_prefix(&name.to_ascii_lowercase(), MAX_CANDIDATES);
        if let [only] = all.as_slice() {
            return Ok(Some(*only));
        }
        let commits: Vec<Oid> = all.iter().copied().filter(|id| self.is_commitish(id)).collect();
        match commits.as_slice() {
            [] if all.is_empty() => Ok(None),
            [only] => Ok(Some(*only)),
            several => {
                let shown = if several.is_empty() { &all } else { &commits };
                let candidates = shown.iter().take(5).map(Oid::short).collect();
                Err(RevisionError::Ambiguous { rev: name.to_owned(), candidates })
            }
        }
    }

    fn unknown(&self, rev: &str, name: &str) -> RevisionError {
        if self.layout.has_reftable {
            let why = "its references are kept as a reftable, which is not read: name the commit by its digits";
            return ObjectError::Open { path: self.name.clone(), why: why.to_owned() }.into();
        }
        let mut near: Vec<(f64, String)> = self
            .refs
            .names()
            .into_iter()
            .map(|known| {
                // `main` where only `origin/main` is there is the usual slip.
                let is_tail = known.rsplit_once('/').is_some_and(|(_, tail)| tail == name);
                (if is_tail { 2.0 } else { strsim::jaro_winkler(name, &known) }, known)
            })
            .filter(|(score, _)| *score > 0.85)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let near = near.into_iter().take(3).map(|(_, name)| name).collect();
        RevisionError::Unknown { rev: rev.to_owned(), near }
    }
}

/// Parts a revision into its name and the steps after it.
fn split(rev: &str) -> Result<(&str, Vec<Step>), String> {
    if rev.is_empty() {
        return Err("it is empty".to_owned());
    }
    if rev.starts_with('-') {
        return Err("it begins like an option".to_owned());
    }
    if rev.contains("..") {
        return Err("it is a range, and one commit is needed".to_owned());
    }
    if rev.contains(':') {
        return Err("it names a file or a search, and a commit is needed".to_owned());
    }
    if rev.contains("@{") {
        return Err("reflogs and upstreams are not looked up".to_owned());
    }
    let end = rev.find(['~', '^']).unwrap_or(rev.len());
    let (name, mut rest) = rev.split_at(end);
    if name.is_empty() {
        return Err("nothing stands before its steps".to_owned());
    }
    let mut steps = Vec::new();
    while let Some(sign) = rest.chars().next() {
        rest = rest.get(1..).unwrap_or_default();
        if sign == '^'
            && let Some(after) = rest.strip_prefix("{commit}").or_else(|| rest.strip_prefix("{}"))
        {
            rest = after;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let number = if number.is_empty() { Some(1) } else { number.parse().ok() };
        let number = number.filter(|n| *n <= MAX_STEPS).ok_or_else(|| "it goes back too far".to_owned())?;
        match sign {
            '~' => steps.push(Step::Back(number)),
            '^' => steps.push(Step::Parent(number)),
            _ => return Err(format!("`{sign}{rest}` is no step to another commit")),
        }
        rest = after;
    }
    Ok((name, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_name_and_steps() {
        use Step::{Back, Parent};
        for (rev, name, steps) in [
            ("main", "main", vec![]),
            ("HEAD~", "HEAD", vec![Back(1)]),
            ("HEAD~3^2", "HEAD", vec![Back(3), Parent(2)]),
            ("v1^{commit}^", "v1", vec![Parent(1)]),
            ("a^0", "a", vec![Parent(0)]),
            ("v1^{}", "v1", vec![]),
        ] {
            assert_eq!(split(rev).unwrap(), (name, steps), "{rev}");
        }
        for bad in [
            "",
            "-x",
            "--upload-pack=x",
            ":/x",
            "a..b",
            "a...b",
            "HEAD:x",
            "^a",
            "a@{1}",
            "a~99999999999",
            "a^{tree}",
            "a~x",
            "a~é",
        ] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
