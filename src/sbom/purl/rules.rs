//! What the definitions of types say of package URLs. Source: the purl specification, `types/`; `githubactions` is
//! no part of it and is as OSV writes it.

use super::Purl;

/// Whether a type has namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Required,
    Optional,
    Prohibited,
}

/// What a type says of its package URLs.
#[derive(Debug)]
pub(super) struct Rule {
    kind: &'static str,
    namespace: Namespace,
    /// Whether namespaces are spelt in lower case.
    pub(super) lower_namespace: bool,
    /// Whether names are.
    pub(super) lower_name: bool,
    /// Whether versions are.
    pub(super) lower_version: bool,
}

const fn rule(kind: &'static str, namespace: Namespace, lower: &'static str) -> Rule {
    let bytes = lower.as_bytes();
    let (mut at, mut is) = (0, [false; 3]);
    while at < bytes.len() {
        match bytes[at] {
            b's' => is[0] = true,
            b'n' => is[1] = true,
            _ => is[2] = true,
        }
        at += 1;
    }
    Rule { kind, namespace, lower_namespace: is[0], lower_name: is[1], lower_version: is[2] }
}

use Namespace::Optional;
use Namespace::Prohibited;
use Namespace::Required;

/// The types by name. What is spelt in lower case: `s` the namespace, `n` the name, `v` the version.
const RULES: &[Rule] = &[
    rule("alpm", Required, "sn"),
    rule("apk", Required, "sn"),
    rule("bazel", Prohibited, ""),
    rule("bitbucket", Required, "sn"),
    rule("bitnami", Prohibited, "n"),
    rule("brew", Optional, "sn"),
    rule("cargo", Prohibited, ""),
    rule("chrome-extension", Prohibited, "n"),
    rule("cocoapods", Prohibited, ""),
    rule("composer", Required, "sn"),
    rule("conan", Optional, ""),
    rule("conda", Prohibited, ""),
    rule("cpan", Optional, ""),
    rule("cran", Prohibited, ""),
    rule("deb", Required, "sn"),
    rule("docker", Optional, ""),
    rule("gem", Prohibited, ""),
    rule("generic", Optional, ""),
    rule("git", Required, ""),
    rule("github", Required, "sn"),
    rule("githubactions", Required, "sn"),
    rule("golang", Optional, ""),
    rule("hackage", Prohibited, ""),
    rule("hex", Optional, "sn"),
    rule("huggingface", Required, "v"),
    rule("julia", Prohibited, ""),
    rule("luarocks", Optional, "sn"),
    rule("maven", Required, ""),
    rule("mlflow", Prohibited, ""),
    rule("npm", Optional, ""),
    rule("nuget", Prohibited, ""),
    rule("oci", Prohibited, "nv"),
    rule("opam", Prohibited, ""),
    rule("otp", Prohibited, "n"),
    rule("pub", Prohibited, "n"),
    rule("pypi", Prohibited, "v"),
    rule("qpkg", Required, "s"),
    rule("rpm", Required, "s"),
    rule("swid", Optional, ""),
    rule("swift", Required, ""),
    rule("vcpkg", Prohibited, ""),
    rule("vscode-extension", Required, "snv"),
    rule("yocto", Optional, "s"),
];

impl Rule {
    /// The rule of a type; none for a type that nobody defined.
    pub(super) fn of(kind: &str) -> Option<&'static Self> {
        RULES.binary_search_by(|rule| rule.kind.cmp(kind)).ok().and_then(|at| RULES.get(at))
    }
}

/// What the definition of its type says against a package URL.
pub(super) fn problem(purl: &Purl) -> Option<String> {
    let kind = purl.kind();
    let rule = Rule::of(kind)?;
    match (rule.namespace, purl.namespace()) {
        (Namespace::Required, None) => return Some(format!("type `{kind}` demands a namespace")),
        (Namespace::Prohibited, Some(_)) => return Some(format!("type `{kind}` has no namespaces")),
        _ => {}
    }
    let version = purl.version.as_deref();
    let asks = |name: &str| (!purl.qualifiers.contains_key(name)).then(|| format!("type `{kind}` demands `{name}`"));
    match kind {
        "huggingface" => {
            let is_commit =
                |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|one| one.is_ascii_hexdigit());
            if purl.namespace().is_some_and(|namespace| namespace.contains('/')) {
                return Some("a repository of Hugging Face has one owner".to_owned());
            }
            version.filter(|text| !is_commit(text)).map(|_| "its version is no commit in full".to_owned())
        }
        "oci" => version
            .filter(|text| !text.split_once(':').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty()))
            .map(|_| "its version is no digest".to_owned()),
        "githubactions" => {
            let has_more = purl.namespace().is_some_and(|namespace| namespace.contains('/'));
            has_more.then(|| "a path within the repository stands in the name, and not behind `#`".to_owned())
        }
        "cpan" if purl.name().contains("::") => Some("its name is that of a module, not of a distribution".to_owned()),
        "cpan" if purl.namespace().is_some_and(|author| author.chars().any(char::is_lowercase)) => {
            Some("the author of a distribution is spelt in upper case".to_owned())
        }
        "chrome-extension" => chrome(purl.name(), version),
        "julia" => asks("uuid"),
        "swid" => asks("tag_id"),
        _ => None,
    }
}

fn chrome(name: &str, version: Option<&str>) -> Option<String> {
    if name.len() != 32 || !name.bytes().all(|one| matches!(one, b'a'..=b'p')) {
        return Some("its name is no identifier of an extension".to_owned());
    }
    let is_release = |text: &str| {
        let parts: Vec<&str> = text.split('.').collect();
        parts.len() <= 4 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit()))
    };
    version.filter(|text| !is_release(text)).map(|_| "its version is not up to four numbers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_order() {
        assert!(RULES.is_sorted_by(|a, b| a.kind < b.kind));
    }
}
