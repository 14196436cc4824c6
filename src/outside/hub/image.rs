//! The digest that the tag of an image leads to.
//!
//! Sources: OCI, "Distribution Specification" (checking if content exists, pulling manifests); Docker, "Token
//! authentication specification".

use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::Reply;
use super::Request;
use super::Site;
use super::manners::Manners;
use super::tool::is_host;
use super::tool::unasked;
use crate::graph::identity;
use crate::graph::indexes::DOCKER_HUB;

/// Manifests and lists of them, as registries spell their media types.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";
/// Most bytes of a manifest. Source: OCI, "Distribution Specification", pushing manifests.
const MOST: u64 = 4 << 20;
/// Most bytes of a token.
const MOST_OF_TOKEN: usize = 16 << 10;
/// What Docker Hub is called in names of images.
const DOCKER_NAMES: &[&str] = &["docker.io", "index.docker.io", DOCKER_HUB];

/// The digest of the manifest, or of the list of manifests, that a reference leads to.
pub(super) fn digest(manners: &Manners<'_>, reference: &str) -> Result<String, String> {
    let name = identity::image(reference);
    if let Some(digest) = name.digest {
        return is_digest(digest).then(|| digest.to_owned()).ok_or_else(|| "its digest is none".to_owned());
    }
    let written = name.host.unwrap_or("docker.io").to_ascii_lowercase();
    let tag = name.tag.unwrap_or("latest");
    if !is_host(&written) || !is_repository(name.repository) || !is_tag(tag) {
        return Err("it is no reference of an image that a registry could hold".to_owned());
    }
    if !manners.manner.hosts.contains(&written) {
        return Err(unasked(&written));
    }
    let is_docker = DOCKER_NAMES.contains(&written.as_str());
    let host = if is_docker { DOCKER_HUB.to_owned() } else { written };
    let repository = match name.repository.contains('/') {
        false if is_docker => format!("library/{}", name.repository),
        _ => name.repository.to_owned(),
    };
    let path = ["v2"].into_iter().chain(repository.split('/')).chain(["manifests", tag]);
    let mut request = Request {
        site: Site::Registry(host.clone()),
        path: path.map(str::to_owned).collect(),
        query: None,
        accept: MANIFESTS,
        is_head: true,
        bearer: None,
        most: MOST,
    };
    let mut reply = manners.ask(&request)?;
    if reply.code == 401
        && let Some(challenge) = reply.header("www-authenticate").and_then(Challenge::parse)
    {
        if !challenge.is_fit(&host) {
            return Err(format!("{host} asks for its token where no registry of the public has one"));
        }
        request.bearer = Some(token(manners, &challenge, &repository)?);
        reply = manners.ask(&request)?;
    }
    if reply.code == 200
        && let Some(digest) = reply.header("docker-content-digest").filter(|digest| is_digest(digest))
    {
        return Ok(digest.to_owned());
    }
    if reply.code == 200 {
        // The header may be left out; the digest is that of the manifest's bytes.
        request.is_head = false;
        reply = manners.ask(&request)?;
        if reply.code == 200 && serde_json::from_slice::<Value>(&reply.bytes).is_ok_and(|value| value.is_object()) {
            let digest: String = Sha256::digest(&reply.bytes).iter().map(|b| format!("{b:02x}")).collect();
            return Ok(format!("sha256:{digest}"));
        }
    }
    Err(match reply.code {
        401 | 403 => format!("{host} has no such image, or asks for a login before it tells"),
        404 => format!("{host} has no such image or tag"),
        200 => format!("{host} answers something else than a manifest"),
        code => format!("{host} answers {code}"),
    })
}

/// Where a token is to be had, for whom.
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    service: Option<String>,
}

impl Challenge {
    /// Whether the token is asked for over a connection that is as safe as the registry's own, and not of a machine
    /// that only this one reaches.
    fn is_fit(&self, registry: &str) -> bool {
        let Some((scheme, rest)) = self.realm.split_once("://") else { return false };
        let realm = rest.split(['/', '?', '#']).next().unwrap_or("");
        is_of_this_machine(registry) || (scheme.eq_ignore_ascii_case("https") && !is_of_this_machine(realm))
    }

    /// Reads `Bearer realm="..",service="..",scope=".."`. The scope is our own, whatever the registry would like.
    fn parse(header: &str) -> Option<Self> {
        let (scheme, mut rest) = header.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        while let Some((name, value)) = rest.split_once('=') {
            let value = value.trim_start();
            let (text, after) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => value.split_once(',').unwrap_or((value, "")),
            };
            match name.trim_matches([' ', ',']).to_ascii_lowercase().as_str() {
                "realm" => realm = Some(text.to_owned()),
                "service" => service = Some(text.to_owned()),
                _ => {}
            }
            rest = after;
        }
        Some(Self { realm: realm?, service })
    }
}

/// Whether a host, with or without a port, is this machine or a neighbour by its number.
fn is_of_this_machine(host: &str) -> bool {
    let name = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let name = match name.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => name.split(':').next().unwrap_or(name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// A token that anybody is given, to read one repository.
fn token(manners: &Manners<'_>, challenge: &Challenge, repository: &str) -> Result<String, String> {
    let scope = identity::encode(&format!("repository:{repository}:pull"));
    let query = match &challenge.service {
        Some(service) => format!("service={}&scope={scope}", identity::encode(service)),
        None => format!("scope={scope}"),
    };
    let request = Request {
        site: Site::At(challenge.realm.clone()),
        path: Vec::new(),
        query: Some(query),
        accept: "application/json",
        is_head: false,
        bearer: None,
        most: MOST,
    };
    let Reply { code, bytes, .. } = manners.ask(&request)?;
    if code != 200 {
        return Err(format!("the registry gives no token to anybody: it answers {code}"));
    }
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let token = answer["token"].as_str().or_else(|| answer["access_token"].as_str());
    let is_plain =
        |token: &&str| !token.is_empty() && token.len() <= MOST_OF_TOKEN && token.bytes().all(|b| b.is_ascii_graphic());
    token.filter(is_plain).map(str::to_owned).ok_or_else(|| "the registry's token cannot be understood".to_owned())
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

fn is_repository(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let is_part = |part: &str| !part.is_empty() && part.chars().all(fits) && !matches!(part, "." | "..");
    text.len() <= 255 && text.split('/').all(is_part)
}

fn is_tag(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 128 && text.chars().all(fits) && !text.starts_with(['-', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_asked_for_safely() {
        let fits = |realm: &str, registry: &str| Challenge { realm: realm.to_owned(), service: None }.is_fit(registry);
        assert!(fits("https://auth.example.com/token", "registry.example.com"));
        assert!(fits("http://127.0.0.1:5000/token", "127.0.0.1:5000"));
        for realm in
            ["http://auth.example.com/token", "https://127.0.0.1/token", "https://[::1]:8/t", "https://localhost", "x"]
        {
            assert!(!fits(realm, "registry.example.com"), "{realm}");
        }
    }

    #[test]
    fn challenges() {
        let of = |realm: &str, service: Option<&str>| {
            Some(Challenge { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        let whole = r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="x:y,z""#;
        for (header, expected) in [
            (whole, of("https://auth.example.com/token", Some("registry.example.com"))),
            (r#"bearer scope="a,b", realm="https://a.example.com""#, of("https://a.example.com", None)),
            ("Bearer realm=https://a.example.com,service=s", of("https://a.example.com", Some("s"))),
            ("Basic realm=\"x\"", None),
            ("Bearer service=\"x\"", None),
            ("Bearer realm=\"x", None),
            ("Bearer", None),
        ] {
            assert_eq!(Challenge::parse(header), expected, "{header}");
        }
    }
}
