//! How one thing that a document or tree names stands to a question. Nothing here knows documents, trees or history;
//! these find the things and say why.

use super::answer::Standing;
use super::target::Asked;
use super::target::Target;
use super::target::image_name;
use super::versions::Versions;
use crate::advisory::Ecosystem;
use crate::sbom::model::Hash;

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
        match thing {
            // Where the bad tags are known, another tag does not lead to the bad commits.
            Thing::Action { reference: Some(reference), .. } if best == Fit::Admits && !is_commit(reference) => {
                let by_name = self.targets.iter().filter(is_by_name).map(|target| target.fit(thing));
                by_name.filter(|fit| *fit > Fit::Different).max().unwrap_or(best)
            }
            // Where the bad commits are known, a commit that is none of them is no longer in doubt.
            Thing::Action { reference: Some(reference), .. } if best == Fit::Unclear && is_commit(reference) => {
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
                let same = ecosystem.as_deref().is_none_or(|wanted| own.is_empty() || wanted.eq_ignore_ascii_case(own))
                    && is_name(own, name, thing);
                if same { package(versions.as_deref(), own, *version, *requirement) } else { Fit::Different }
            }
            (Self::Action { repository, path, reference }, Thing::Action { name, reference: own, comment }) => {
                let same = is_action(repository, path.as_deref(), name);
                if same { action(reference.as_deref(), *own, *comment) } else { Fit::Different }
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

/// Whether a reference is a commit in full.
#[must_use]
pub fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether it may be the beginning of a commit.
fn is_short_commit(reference: &str) -> bool {
    (7..40).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_hexdigit())
        // `20250314` is a tag.
        && reference.bytes().any(|b| b.is_ascii_alphabetic())
}

fn package(versions: Option<&str>, ecosystem: &str, version: Option<&str>, requirement: Option<&str>) -> Fit {
    let Some(versions) = versions else {
        return if version.is_some() { Fit::Exact } else { Fit::Admits };
    };
    let Some(versions) = Versions::parse(versions) else { return Fit::Unclear };
    match (version, requirement) {
        (Some(version), _) if versions.covers(Some(ecosystem), version) => Fit::Exact,
        (Some(_), _) => Fit::Elsewhere,
        (None, None) => Fit::Admits,
        (None, Some(requirement)) => match versions.admitted_by(Some(ecosystem), requirement) {
            Some(true) => Fit::Admits,
            Some(false) => Fit::Elsewhere,
            None => Fit::Unclear,
        },
    }
}

fn action(asked: Option<&str>, own: Option<&str>, comment: Option<&str>) -> Fit {
    let Some(own) = own else { return Fit::Unclear };
    let Some(asked) = asked else { return if is_commit(own) { Fit::Exact } else { Fit::Admits } };
    let is_range = asked.starts_with(['<', '>', '=', '^', '~', '!']) || asked.contains("||");
    match (is_commit(asked) || is_short_commit(asked), is_commit(own)) {
        (true, true) => {
            let is = own.to_ascii_lowercase().starts_with(&asked.to_ascii_lowercase());
            if is { Fit::Exact } else { Fit::Elsewhere }
        }
        // A tag or branch may have led to any commit.
        (true, false) => Fit::Admits,
        (false, true) => match comment {
            Some(comment) if is_range => match covers_tag(asked, comment) {
                true => Fit::Unclear,
                false => Fit::Elsewhere,
            },
            Some(comment) if !agrees(asked, comment) => Fit::Elsewhere,
            _ => Fit::Unclear,
        },
        (false, false) if is_range => {
            if covers_tag(asked, own) {
                Fit::Admits
            } else {
                Fit::Elsewhere
            }
        }
        (false, false) => {
            if agrees(bare_reference(asked), bare_reference(own)) {
                Fit::Admits
            } else {
                Fit::Elsewhere
            }
        }
    }
}

fn bare_reference(reference: &str) -> &str {
    reference.strip_prefix("refs/tags/").or_else(|| reference.strip_prefix("refs/heads/")).unwrap_or(reference)
}

/// Whether two tags may be one: `v4` leads to what `v4.1.2` names more exactly, and the other way round.
fn agrees(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.strip_prefix(['v', 'V']).unwrap_or(text).to_ascii_lowercase();
    let (one, other) = (bare(one), bare(other));
    let leads = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    one == other || leads(&one, &other) || leads(&other, &one)
}

/// Whether a tag, or a release that a short tag may lead to, lies in a range.
fn covers_tag(range: &str, tag: &str) -> bool {
    let Some(versions) = Versions::parse(range) else { return false };
    let tag = bare_reference(tag);
    let bare = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let parts = bare.split('.').count();
    let is_number = bare.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if is_number && parts < 3 {
        return versions.admitted_by(None, &format!("~{bare}")).unwrap_or(true);
    }
    // A branch may lead to any of them.
    if versions.covers(None, bare) { true } else { !bare.starts_with(|c: char| c.is_ascii_digit()) }
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

fn image(asked: Option<&str>, tag: Option<&str>, digest: Option<&str>) -> Fit {
    let Some(asked) = asked else { return if digest.is_some() { Fit::Exact } else { Fit::Admits } };
    let asks_digest = asked.contains(':');
    match digest {
        Some(own) if asks_digest => {
            if digest_fit(asked, own) == Fit::Exact {
                Fit::Exact
            } else {
                Fit::Elsewhere
            }
        }
        Some(_) => match tag {
            Some(tag) if tag != asked => Fit::Elsewhere,
            // Which image the tag was, the digest does not say.
            _ => Fit::Unclear,
        },
        None if asks_digest => Fit::Admits,
        None => {
            if tag.unwrap_or("latest") == asked {
                Fit::Admits
            } else {
                Fit::Elsewhere
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: &str = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
    const GOOD: &str = "2f7c5bfce28377bc069a65ba478de0a74aa0ca32";

    fn fit(asked: &str, thing: &Thing<'_>) -> Fit {
        Asked::parse(asked).unwrap().fit(thing)
    }

    #[test]
    fn packages_stand_as_their_locks_and_requirements_say() {
        let of = |asked: &str, version, requirement| {
            fit(asked, &Thing::Package { ecosystem: "pypi", name: "LiteLLM", version, requirement })
        };
        assert_eq!(of("litellm==1.82.7", Some("1.82.7"), None), Fit::Exact);
        assert_eq!(of("litellm==1.82.7", Some("1.82.6"), None), Fit::Elsewhere);
        assert_eq!(of("litellm@1.82.7,1.82.8", None, Some(">=1.80,<2")), Fit::Admits);
        assert_eq!(of("litellm@1.82.7,1.82.8", None, Some("<1.82")), Fit::Elsewhere);
        assert_eq!(of("litellm@1.82.7,1.82.8", None, None), Fit::Admits);
        assert_eq!(of("litellm@1.82.7,1.82.8", None, Some("@@")), Fit::Unclear);
        assert_eq!(of("litellm", Some("1.0"), None), Fit::Exact);
        assert_eq!(of("crate:litellm", Some("1.0"), None), Fit::Different);
        assert_eq!(of("openai", Some("1.0"), None), Fit::Different);
    }

    #[test]
    fn actions_stand_as_their_references_do() {
        let of = |asked: &str, reference: &str, comment| {
            let thing = Thing::Action { name: "TJ-actions/changed-files", reference: Some(reference), comment };
            fit(&format!("action:tj-actions/changed-files{asked}"), &thing)
        };
        assert_eq!(of(&format!("@{BAD}"), BAD, None), Fit::Exact);
        assert_eq!(of("@0e58ed8", BAD, None), Fit::Exact);
        assert_eq!(of(&format!("@{BAD}"), GOOD, Some("v45")), Fit::Elsewhere);
        assert_eq!(of(&format!("@{BAD}"), "v45", None), Fit::Admits);
        assert_eq!(of("@v45", "v45", None), Fit::Admits);
        assert_eq!(of("@v45", "v45.0.7", None), Fit::Admits);
        assert_eq!(of("@v45", "v44", None), Fit::Elsewhere);
        assert_eq!(of("@v45", GOOD, Some("v46.0.1")), Fit::Elsewhere);
        assert_eq!(of("@v45", GOOD, None), Fit::Unclear);
        assert_eq!(of("@<=45.0.7", "v45", None), Fit::Admits);
        assert_eq!(of("@<=45.0.7", "v46", None), Fit::Elsewhere);
        assert_eq!(of("@<=45.0.7", "main", None), Fit::Admits);
        assert_eq!(of("", GOOD, None), Fit::Exact);
        let path = Thing::Action { name: "acme/actions/init", reference: Some("v1"), comment: None };
        assert_eq!(fit("acme/actions/init@v1", &path), Fit::Admits);
        assert_eq!(fit("acme/actions/analyze@v1", &path), Fit::Different);
        assert_eq!(fit("acme/actions@v1", &path), Fit::Admits);
    }

    #[test]
    fn known_commits_leave_no_doubt_about_others() {
        let mut asked = Asked::parse("action:tj-actions/changed-files@<=45.0.7").unwrap();
        let thing = Thing::Action { name: "tj-actions/changed-files", reference: Some(GOOD), comment: Some("v45.0.7") };
        assert_eq!(asked.fit(&thing), Fit::Unclear);
        asked.targets.extend(super::super::target::parse(&format!("action:tj-actions/changed-files@{BAD}")).unwrap());
        assert_eq!(asked.fit(&thing), Fit::Elsewhere);
    }

    #[test]
    fn assets_images_digests_and_hosts() {
        let model = |revision| Thing::Asset { name: "acme/Model", revision };
        assert_eq!(fit("model:acme/model", &model(None)), Fit::Admits);
        assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some(BAD))), Fit::Exact);
        assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some(GOOD))), Fit::Elsewhere);
        assert_eq!(fit(&format!("model:acme/model@{BAD}"), &model(Some("main"))), Fit::Admits);
        assert_eq!(fit("model:acme/model@main", &model(Some(GOOD))), Fit::Unclear);
        let digest = format!("sha256:{}", "ab".repeat(32));
        let image = |tag, digest| Thing::Image { name: "docker.io/library/python", tag, digest };
        assert_eq!(fit("python:3.12", &image(Some("3.12"), None)), Fit::Admits);
        assert_eq!(fit("python:3.12", &image(Some("3.11"), None)), Fit::Elsewhere);
        assert_eq!(fit("python:3.12", &image(Some("3.12"), Some(&digest))), Fit::Unclear);
        assert_eq!(fit(&format!("image:python@{digest}"), &image(None, Some(&digest))), Fit::Exact);
        assert_eq!(fit(&digest, &image(None, Some(&digest))), Fit::Exact);
        assert_eq!(fit(&digest, &Thing::Digest(&"AB".repeat(32))), Fit::Exact);
        assert_eq!(fit("host:example.com", &Thing::Host("models.example.com")), Fit::Exact);
        assert_eq!(fit("host:example.com", &Thing::Host("badexample.com")), Fit::Different);
    }
}
