//! What can be asked for, and how people type it.

mod understood;

use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;

/// Bytes of a target that are looked at.
const LONGEST: usize = 4096;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A package of a registry.
    Package {
        /// Type of its package URL: `cargo`, `pypi`, `npm`; none where any will do.
        ecosystem: Option<String>,
        /// Its name, in the spelling of its registry.
        name: String,
        /// Versions or ranges that are asked for, as [`super::versions::Versions`] reads them; none for all.
        versions: Option<String>,
    },
    /// An action or reusable workflow of a repository.
    Action {
        /// `owner/repo` in small letters.
        repository: String,
        /// Path in the repository, where one is named.
        path: Option<String>,
        /// Tag, branch, commit, or a range of versions (`<=45.0.7`); none for all.
        reference: Option<String>,
    },
    /// A model, data set or other asset of a hub.
    Asset {
        /// `owner/name`, as the hub spells it.
        name: String,
        /// Branch, tag or commit; none for all.
        revision: Option<String>,
    },
    /// A container image.
    Image {
        /// Its name, without tag and digest.
        name: String,
        /// Tag or digest; none for all.
        reference: Option<String>,
    },
    /// A file, by its digest.
    Digest(Hash),
    /// A host that something is fetched from or sent to, in small letters.
    Host(String),
    /// A flaw or malicious release, by its id; it stands for the packages that its advisory names.
    Advisory(String),
}

/// A question: what was typed, and everything that it may mean. The answer is the weightiest of its meanings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As a person named it.
    pub text: String,
    /// What it may mean, or what an advisory names.
    pub targets: Vec<Target>,
    /// Why it is asked: the id of an advisory, the line of a list.
    pub because: Option<String>,
    /// When it could first be had, in seconds since 1970, where that is known.
    pub since: Option<i64>,
    /// When it was last to be had.
    pub until: Option<i64>,
    /// Registries whose packages are likely to be meant where none is named: types of package URLs.
    pub expects: Vec<String>,
    /// What is to be said about how it was understood.
    pub note: Option<String>,
}

impl Asked {
    /// A question of one meaning.
    #[must_use]
    pub fn one(text: &str, target: Target) -> Self {
        Self {
            text: text.to_owned(),
            targets: vec![target],
            because: None,
            since: None,
            until: None,
            expects: Vec::new(),
            note: None,
        }
    }

    /// Reads what a person typed.
    ///
    /// # Errors
    /// A sentence that says why it names nothing that can be asked for.
    pub fn parse(text: &str) -> Result<Self, String> {
        let targets = parse(text)?;
        let text = text.trim();
        let is = |test: fn(&Target) -> bool| targets.iter().any(test);
        let has_action = is(|t| matches!(t, Target::Action { .. }));
        let note = match targets.len() {
            0 | 1 => None,
            _ if has_action => Some(format!(
                "`{text}` is asked for as an action and as a model or data set; `action:` or `model:` before it says which"
            )),
            _ => Some(format!(
                "`{text}` is asked for as a package and as a host; `host:` or a registry (`pypi:`, `crate:`, `npm:`) \
                 before it says which"
            )),
        };
        Ok(Self { targets, note, ..Self::one(text, Target::Host(String::new())) })
    }

    /// The advisory that is to be looked up, where the question is for one.
    #[must_use]
    pub fn advisory(&self) -> Option<&str> {
        match self.targets.as_slice() {
            [Target::Advisory(id)] => Some(id),
            _ => None,
        }
    }
}

/// Everything that a text may mean, one or two targets.
///
/// # Errors
/// A sentence that says why it names nothing that can be asked for.
pub fn parse(text: &str) -> Result<Vec<Target>, String> {
    let found = named(text)?;
    // Of two meanings it is enough that one can be asked for.
    let (good, bad): (Vec<_>, Vec<_>) =
        found.into_iter().map(|one| understood::check(&one).map(|()| one)).partition(Result::is_ok);
    match bad.into_iter().find_map(Result::err).filter(|_| good.is_empty()) {
        Some(why) => Err(why),
        None => Ok(good.into_iter().flatten().collect()),
    }
}

fn named(text: &str) -> Result<Vec<Target>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("an empty target names nothing".to_owned());
    }
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err("a target is one short line".to_owned());
    }
    if let Some(id) = advisory_id(text) {
        return Ok(vec![Target::Advisory(id)]);
    }
    if let Some(hash) = digest(text) {
        return Ok(vec![Target::Digest(hash)]);
    }
    if let Some(why) = understood::broken_digest(text) {
        return Err(why);
    }
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("pkg:")) {
        return package_url(text).map(|target| vec![target]).ok_or_else(|| format!("`{text}` is no package URL"));
    }
    if let Some(host) = host_of_url(text) {
        return Ok(vec![Target::Host(host)]);
    }
    if let Some((prefix, rest)) = text.split_once(':')
        && let Some(target) = prefixed(&prefix.to_ascii_lowercase(), rest.trim())
    {
        let is_file = matches!(prefix.to_ascii_lowercase().as_str(), "file" | "digest" | "hash");
        if let Some(why) = understood::broken_digest(rest).filter(|_| is_file) {
            return Err(why);
        }
        return target.map(|target| vec![target]).ok_or_else(|| format!("`{text}` names nothing after `{prefix}:`"));
    }
    let found = if text.contains('/') { with_slash(text) } else { without_slash(text) };
    if found.is_empty() {
        return Err(format!(
            "`{text}` names no advisory, package, action, model, image, digest or host; PACKAGE@VERSIONS, OWNER/ACTION@REF \
             and `model:OWNER/NAME` do"
        ));
    }
    Ok(found)
}

/// The id of an advisory, in the spelling of its database.
fn advisory_id(text: &str) -> Option<String> {
    const KNOWN: &[&str] = &["RUSTSEC-", "GHSA-", "CVE-", "PYSEC-", "MAL-", "OSV-"];
    let upper = text.to_ascii_uppercase();
    let prefix = KNOWN.iter().find(|prefix| upper.starts_with(**prefix))?;
    let rest = text.get(prefix.len()..)?;
    let is_rest = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    // What GitHub gives are small letters behind the first four.
    let spelt = if *prefix == "GHSA-" { rest.to_ascii_lowercase() } else { rest.to_owned() };
    is_rest.then(|| format!("{prefix}{spelt}"))
}

/// `sha256:0123…` or the digits alone.
fn digest(text: &str) -> Option<Hash> {
    const BARE: &[Algorithm] =
        &[Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
    Hash::of_text(text).or_else(|| BARE.iter().find_map(|algorithm| Hash::new(*algorithm, text)))
}

/// The host of an address.
fn host_of_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.'));
    is_scheme.then(|| host_of_authority(rest)).flatten()
}

/// The host of what follows `://`: without who logs in, port and path.
pub(super) fn host_of_authority(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// A target whose kind is said; none where the word before the colon says no kind.
fn prefixed(prefix: &str, rest: &str) -> Option<Option<Target>> {
    let package = |ecosystem: &str| {
        let (name, versions) = name_and_versions(rest);
        (!name.is_empty()).then(|| Target::Package {
            ecosystem: Some(ecosystem.to_owned()),
            name: name.to_owned(),
            versions: versions.map(str::to_owned),
        })
    };
    Some(match prefix {
        "crate" | "crates" | "cargo" | "crates.io" => package("cargo"),
        // Images are called so as well.
        "golang" | "maven" | "composer" | "python" | "docker" if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            image(&format!("{prefix}:{rest}"))
        }
        "pypi" | "pip" | "python" => package("pypi"),
        "npm" | "conda" | "nuget" | "maven" | "golang" | "gem" | "composer" | "deb" | "apk" | "rpm" => package(prefix),
        "package" => {
            let (name, versions) = name_and_versions(rest);
            (!name.is_empty()).then(|| Target::Package {
                ecosystem: None,
                name: name.to_owned(),
                versions: versions.map(str::to_owned),
            })
        }
        "action" | "actions" | "workflow" | "github" => action(rest),
        "model" | "dataset" | "data" | "asset" | "adapter" | "kernel" | "huggingface" | "hf" => asset(rest),
        "image" | "docker" | "oci" | "container" => image(rest.trim_start_matches("//")),
        "host" | "domain" | "site" => {
            is_host(rest).then(|| Target::Host(rest.trim_end_matches('.').to_ascii_lowercase()))
        }
        "file" | "digest" | "hash" => digest(rest).map(Target::Digest),
        "advisory" | "id" => advisory_id(rest).map(Target::Advisory),
        _ => return None,
    })
}

/// What has a slash and no kind: an action, a model, an image, a package of npm.
fn with_slash(text: &str) -> Vec<Target> {
    if text.starts_with('@') {
        let (name, versions) = name_and_versions(text);
        let is_scoped = name.split('/').count() == 2 && name.split('/').all(|part| part.len() > 1 || part == "@");
        return is_scoped
            .then(|| Target::Package {
                ecosystem: Some("npm".to_owned()),
                name: name.to_owned(),
                versions: versions.map(str::to_owned),
            })
            .into_iter()
            .collect();
    }
    let name = text.split('@').next().unwrap_or_default();
    let first = name.split('/').next().unwrap_or_default();
    if first.eq_ignore_ascii_case("github.com") {
        let rest = text.get(first.len() + 1..).unwrap_or_default();
        return action(rest.strip_suffix(".git").unwrap_or(rest)).into_iter().collect();
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let is_image = first.contains(['.', ':'])
        || first == "localhost"
        || last.contains(':')
        || text.split_once('@').is_some_and(|(_, reference)| Hash::of_text(reference).is_some());
    if is_image {
        return image(text).into_iter().collect();
    }
    let mut out: Vec<Target> = action(text).into_iter().collect();
    if name.split('/').count() == 2 {
        out.extend(asset(text));
    }
    out
}

/// What has no slash and no kind: a package, a host, an image with its tag.
fn without_slash(text: &str) -> Vec<Target> {
    let (name, versions) = name_and_versions(text);
    let mut out = Vec::new();
    if name.contains(':') {
        out.extend(image(text));
        return out;
    }
    if versions.is_some_and(|versions| Hash::of_text(versions).is_some()) {
        out.extend(image(text));
        return out;
    }
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    // Nobody's package has three dots and ends in letters; that is a host.
    let is_long = name.matches('.').count() >= 2;
    if is_name && !(versions.is_none() && is_long && is_host(name)) {
        out.push(Target::Package { ecosystem: None, name: name.to_owned(), versions: versions.map(str::to_owned) });
    }
    if versions.is_none() && is_host(name) {
        out.push(Target::Host(name.trim_end_matches('.').to_ascii_lowercase()));
    }
    out
}

/// A name and what follows it: `a==1`, `a@1,2`, `a>=1,<2`, `@scope/a@1`.
pub(super) fn name_and_versions(text: &str) -> (&str, Option<&str>) {
    // The first sign may be that of a scope.
    let start = usize::from(text.starts_with('@'));
    let at = text
        .get(start..)
        .and_then(|rest| rest.find(['@', '=', '<', '>', '!', '~', '^', ' ', '[']))
        .map(|at| at + start);
    let Some(at) = at else { return (text, None) };
    let (name, rest) = text.split_at(at);
    // Extras of a distribution are no part of its name.
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let versions = rest.trim_start().strip_prefix('@').unwrap_or(rest).trim();
    (name, (!versions.is_empty() && versions != "*").then_some(versions))
}

/// `owner/repo[/path][@ref]`.
pub(super) fn action(text: &str) -> Option<Target> {
    let (name, reference) =
        text.split_once('@').map_or((text, None), |(name, reference)| (name, Some(reference.trim())));
    let mut parts = name.split('/');
    let (owner, repo) = (parts.next()?, parts.next()?);
    let path = parts.collect::<Vec<_>>().join("/");
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    (is_part(owner) && is_part(repo)).then(|| Target::Action {
        repository: format!("{owner}/{repo}").to_ascii_lowercase(),
        path: (!path.is_empty()).then_some(path),
        reference: reference.filter(|r| !r.is_empty() && *r != "*").map(str::to_owned),
    })
}

/// `owner/name[@revision]`, or a name that stands under no owner.
fn asset(text: &str) -> Option<Target> {
    let (name, revision) = text.split_once('@').map_or((text, None), |(name, revision)| (name, Some(revision.trim())));
    let name = name.trim_matches('/').strip_prefix("datasets/").unwrap_or(name.trim_matches('/'));
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let count = name.split('/').count();
    (count <= 2 && name.split('/').all(is_part)).then(|| Target::Asset {
        name: name.to_owned(),
        revision: revision.filter(|r| !r.is_empty()).map(str::to_owned),
    })
}

/// `[host/]name[:tag][@digest]`.
fn image(text: &str) -> Option<Target> {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name.get(slash..)?.find(':') {
        Some(at) => (name.get(..slash + at)?, name.get(slash + at + 1..)),
        None => (name, None),
    };
    let reference = digest.or(tag).filter(|r| !r.is_empty());
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'=' | b'<' | b'>'));
    is_name.then(|| Target::Image { name: image_name(name), reference: reference.map(str::to_owned) })
}

/// The name of an image in one spelling: `python`, `library/python` and `docker.io/library/python` are one, and so are
/// copies of Docker Hub under the names of others.
#[must_use]
pub fn image_name(name: &str) -> String {
    const HUBS: &[&str] = &[
        "docker.io/",
        "index.docker.io/",
        "registry-1.docker.io/",
        "registry.hub.docker.com/",
        "hub.docker.com/",
        "mirror.gcr.io/",
        "public.ecr.aws/docker/",
    ];
    let name = name.to_ascii_lowercase();
    let bare = HUBS.iter().find_map(|hub| name.strip_prefix(hub)).unwrap_or(&name);
    bare.strip_prefix("library/").unwrap_or(bare).to_owned()
}

/// Whether a text is the name of a host: labels between dots, the last of letters.
fn is_host(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let labels: Vec<&str> = text.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let is_address = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    let ends = labels.last().is_some_and(|last| last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic()));
    labels.len() >= 2 && labels.iter().all(is_label) && (ends || is_address)
}

/// The target of a package URL; none where it is none.
#[must_use]
pub fn package_url(text: &str) -> Option<Target> {
    let rest = text.get(4..).filter(|_| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("pkg:")))?;
    let rest = rest.trim_start_matches('/');
    let rest = rest.split('#').next()?;
    let rest = rest.split('?').next()?;
    let (kind, rest) = rest.split_once('/')?;
    let (path, version) =
        rest.rsplit_once('@').filter(|(path, _)| !path.is_empty()).map_or((rest, None), |(p, v)| (p, Some(v)));
    let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect::<Option<_>>()?;
    let (name, group) = parts.split_last()?;
    let version = version.map(decoded).unwrap_or(None).filter(|v| !v.is_empty());
    let full = if group.is_empty() { name.clone() } else { format!("{}/{name}", group.join("/")) };
    Some(match kind.to_ascii_lowercase().as_str() {
        "github" | "githubactions" => action(&version.map_or(full.clone(), |version| format!("{full}@{version}")))?,
        "huggingface" => Target::Asset { name: full, revision: version },
        "oci" | "docker" => Target::Image { name: image_name(&full), reference: version },
        kind => Target::Package { ecosystem: Some(kind.to_owned()), name: full, versions: version },
    })
}

/// A part of a package URL without its percent signs; none where that is no text.
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let value = match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        };
        out.push(value);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
