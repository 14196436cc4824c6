//! How one thing that a document or tree names stands to a question. Nothing here knows documents, trees or history;
//! these find the things and say why.

mod references;

use super::answer::Standing;
use super::target::Asked;
use super::target::Target;
use super::target::image_name;
use super::versions::Held;
use super::versions::Versions;
use super::versions::is_version;
use crate::advisory::Ecosystem;
use crate::sbom::model::Hash;

use references::action;
use references::image;
pub use references::is_commit;
pub use references::is_range;
pub use references::is_short_commit;

/// How a thing stands to a question. The order is that of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// It is something else.
    Different,
    /// It is what is asked for, held at another version.
    Elsewhere,
    /// It is what is asked for, and its version cannot be told or compared.
    Unclear,
    /// It is what is asked for, and nothing keeps it from being what was asked.
    Admits,
    /// It is what is asked for, at what is asked for.
    Exact,
}

impl Fit {
    /// The standing that follows.
    #[must_use]
    pub fn standing(self) -> Standing {
        match self {
            Self::Different | Self::Elsewhere => Standing::No,
            Self::Unclear => Standing::CannotKnow,
            Self::Admits => Standing::CouldHaveResolved,
            Self::Exact => Standing::Locked,
        }
    }
}

/// A thing that a document or tree names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing<'a> {
    /// A package of a registry.
    Package {
        /// Type of its package URL: `pypi`.
        ecosystem: &'a str,
        /// Its name with its group, as written.
        name: &'a str,
        /// The version that it is held at.
        version: Option<&'a str>,
        /// The requirement that asks for it, where nothing holds it.
        requirement: Option<&'a str>,
    },
    /// An action or reusable workflow.
    Action {
        /// `owner/repo` or `owner/repo/path`.
        name: &'a str,
        /// Commit, tag or branch.
        reference: Option<&'a str>,
        /// The version that a comment beside a commit says.
        comment: Option<&'a str>,
    },
    /// A model, data set or other asset.
    Asset {
        /// `owner/name`.
        name: &'a str,
        /// Commit, branch or tag.
        revision: Option<&'a str>,
    },
    /// A container image.
    Image {
        /// With its host and path.
        name: &'a str,
        /// Its tag.
        tag: Option<&'a str>,
        /// Its digest.
        digest: Option<&'a str>,
    },
    /// A digest, by its hexadecimal digits alone.
    Digest(&'a str),
    /// A host.
    Host(&'a str),
}

impl Asked {
    /// How a thing stands to the question: the weightiest of its meanings.
    #[must_use]
    pub fn fit(&self, thing: &Thing<'_>) -> Fit {
        let best = self.targets.iter().map(|target| target.fit(thing)).max().unwrap_or(Fit::Different);
        let is_by_name =
            |target: &&Target| matches!(target, Target::Action { reference: Some(known), .. } if !is_commit(known));
        let is_id = |reference: &str| is_commit(reference) || is_short_commit(reference);
        match thing {
            // Where the bad tags are known, another tag does not lead to the bad commits.
            Thing::Action { reference: Some(reference), .. } if best == Fit::Admits && !is_id(reference) => {
                let by_name = self.targets.iter().filter(is_by_name).map(|target| target.fit(thing));
                by_name.filter(|fit| *fit > Fit::Different).max().unwrap_or(best)
            }
            // Where the bad commits are known, a commit that is none of them is no longer in doubt.
            Thing::Action { reference: Some(reference), .. } if best == Fit::Unclear && is_id(reference) => {
                let knows = self
                    .targets
                    .iter()
                    .any(|t| matches!(t, Target::Action { reference: Some(known), .. } if is_commit(known)));
                if knows { Fit::Elsewhere } else { best }
            }
            _ => best,
        }
    }
}

impl Target {
    /// How a thing stands to it.
    #[must_use]
    pub fn fit(&self, thing: &Thing<'_>) -> Fit {
        match (self, thing) {
            (
                Self::Package { ecosystem, name, versions },
                Thing::Package { ecosystem: own, name: thing, version, requirement },
            ) => {
                // A document may tell a package without its registry.
                let same = ecosystem.as_deref().is_none_or(|wanted| own.is_empty() || wanted.eq_ignore_ascii_case(own));
                // One without a registry is named as the registry does that is asked for.
                let registry = if own.is_empty() { ecosystem.as_deref().unwrap_or("cargo") } else { own };
                // PyPI has no name spaces, whatever a document puts before the name.
                let thing = if *own == "pypi" { thing.rsplit('/').next().unwrap_or(thing) } else { thing };
                if !is_name(registry, name, thing) || !same && !is_akin(ecosystem.as_deref(), own) {
                    return Fit::Different;
                }
                match package(versions.as_deref(), own, *version, *requirement) {
                    fit if same => fit,
                    // What others made of it has its versions, and may have its contents.
                    Fit::Exact | Fit::Admits | Fit::Unclear => Fit::Unclear,
                    Fit::Elsewhere | Fit::Different => Fit::Different,
                }
            }
            (Self::Action { repository, path, reference }, Thing::Action { name, reference: own, .. }) => {
                let same = is_action(repository, path.as_deref(), name);
                if same { action(reference.as_deref(), *own) } else { Fit::Different }
            }
            (Self::Asset { name, revision }, Thing::Asset { name: thing, revision: own }) => {
                if name.eq_ignore_ascii_case(thing) { asset(revision.as_deref(), *own) } else { Fit::Different }
            }
            (Self::Image { name, reference }, Thing::Image { name: thing, tag, digest }) => {
                if *name == image_name(thing) { image(reference.as_deref(), *tag, *digest) } else { Fit::Different }
            }
            (Self::Image { reference: Some(reference), .. }, Thing::Digest(own)) => digest_fit(reference, own),
            (Self::Digest(Hash { value, .. }), Thing::Digest(own)) => exact(value.eq_ignore_ascii_case(own)),
            (Self::Digest(Hash { value, .. }), Thing::Image { digest: Some(own), .. }) => digest_fit(value, own),
            (
                Self::Digest(Hash { value, .. }),
                Thing::Action { reference: Some(own), .. } | Thing::Asset { revision: Some(own), .. },
            ) => exact(value.eq_ignore_ascii_case(own)),
            (Self::Host(host), Thing::Host(own)) => exact(is_host_of(host, own)),
            _ => Fit::Different,
        }
    }
}

fn exact(is: bool) -> Fit {
    if is { Fit::Exact } else { Fit::Different }
}

/// Whether two digests are one, with or without the name of their algorithm.
fn digest_fit(asked: &str, own: &str) -> Fit {
    let bare = |text: &str| text.rsplit(':').next().unwrap_or(text).to_ascii_lowercase();
    exact(bare(asked) == bare(own))
}

/// Whether two names are one to a registry.
#[must_use]
pub fn is_name(ecosystem: &str, asked: &str, own: &str) -> bool {
    let folded = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    match ecosystem {
        "pypi" => Ecosystem::PyPi.normalise(asked) == Ecosystem::PyPi.normalise(own),
        "cargo" => folded(asked) == folded(own),
        _ => asked.eq_ignore_ascii_case(own),
    }
}

/// Whether packages of the one kind are often made of those of the other: conda's, sources without a registry.
fn is_akin(wanted: Option<&str>, own: &str) -> bool {
    matches!(wanted, Some("pypi" | "cargo" | "npm" | "gem" | "golang"))
        && matches!(own, "conda" | "generic" | "github" | "gitlab" | "bitbucket")
}

/// Whether a host is the one that is asked for or stands under it.
#[must_use]
pub fn is_host_of(asked: &str, own: &str) -> bool {
    let own = own.trim_end_matches('.').to_ascii_lowercase();
    own == asked || own.strip_suffix(asked).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a name of an action is of the repository and below the path that are asked for.
fn is_action(repository: &str, path: Option<&str>, name: &str) -> bool {
    let Some((owner, rest)) = name.split_once('/') else { return false };
    let (repo, own) = rest.split_once('/').unwrap_or((rest, ""));
    let is_repository = repository
        .split_once('/')
        .is_some_and(|(asked, wanted)| asked.eq_ignore_ascii_case(owner) && wanted.eq_ignore_ascii_case(repo));
    is_repository && path.is_none_or(|path| path.trim_matches('/') == own.trim_matches('/'))
}

fn package(versions: Option<&str>, ecosystem: &str, version: Option<&str>, requirement: Option<&str>) -> Fit {
    let version = version.map(str::trim).filter(|version| !version.is_empty());
    let Some(versions) = versions else {
        return if version.is_some_and(|version| is_version(Some(ecosystem), version)) {
            Fit::Exact
        } else {
            Fit::Admits
        };
    };
    let Some(versions) = Versions::parse(versions) else { return Fit::Unclear };
    match (version, requirement) {
        (Some(version), _) => match versions.stand(Some(ecosystem), version) {
            Held::Is => Fit::Exact,
            Held::MayBe => Fit::Admits,
            Held::IsNot => Fit::Elsewhere,
            Held::Unclear => Fit::Unclear,
        },
        (None, None) => Fit::Admits,
        (None, Some(requirement)) => match versions.admitted_by(Some(ecosystem), requirement) {
            Some(true) => Fit::Admits,
            Some(false) => Fit::Elsewhere,
            None => Fit::Unclear,
        },
    }
}

fn asset(asked: Option<&str>, own: Option<&str>) -> Fit {
    let Some(asked) = asked else { return if own.is_some_and(is_commit) { Fit::Exact } else { Fit::Admits } };
    match own {
        None => Fit::Admits,
        Some(own) if own.eq_ignore_ascii_case(asked) => {
            if is_commit(own) {
                Fit::Exact
            } else {
                Fit::Admits
            }
        }
        Some(own) if is_commit(own) && (is_commit(asked) || is_short_commit(asked)) => {
            let is = own.to_ascii_lowercase().starts_with(&asked.to_ascii_lowercase());
            if is { Fit::Exact } else { Fit::Elsewhere }
        }
        Some(own) if is_commit(own) => Fit::Unclear,
        // A branch may have led to the commit; another branch is another one.
        Some(_) => {
            if is_commit(asked) || is_short_commit(asked) {
                Fit::Admits
            } else {
                Fit::Elsewhere
            }
        }
    }
}

#[cfg(test)]
#[path = "fit/tests.rs"]
mod tests;
