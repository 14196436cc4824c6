//! Conda packages that are builds of distributions of PyPI, as what advisories may speak of.

use super::{Hold, distribution_of, is_common_version};
use crate::graph::Document;
use crate::graph::distributions::{CondaHolder, Held, Holder, Named, Whose};
use crate::graph::kinds::conda::CondaRequirement;
use crate::graph::kinds::python::Group;
use crate::graph::python::PythonView;
use crate::source::{FileId, Place};

/// All of them: of locks, of environments, of commands.
pub(in crate::graph) fn named(documents: &[Document], python: &PythonView) -> Vec<Named> {
    let mut out = Vec::new();
    for (number, view) in python.conda.locks.iter().enumerate() {
        let Some(Document::CondaLock(lock)) = documents.get(view.document) else { continue };
        for (index, package) in lock.packages.iter().enumerate() {
            // The lock's own word counts, where it gives one.
            let name = match &package.pypi {
                Some(name) => Some(crate::graph::identity::distribution_name(name)).filter(|n| !n.is_empty()),
                None => distribution_of(&package.name.value),
            };
            let version = package.version.as_ref().map(|v| v.value.as_str()).filter(|v| is_common_version(v));
            let (Some(name), Some(version)) = (name, version) else { continue };
            let holder = Holder::Conda(CondaHolder::Lock(number), index);
            out.push(one(name, Held::At(version.to_owned()), holder, Place::new(view.file, package.name.span)));
        }
    }
    for (number, view) in python.conda.environments.iter().enumerate() {
        let Some(Document::CondaEnvironment(found)) = documents.get(view.document) else { continue };
        requirements(&found.packages, view.file, CondaHolder::Environment(number), &mut out);
    }
    for (number, install) in python.installs.iter().enumerate() {
        let Some(conda) = &install.conda else { continue };
        requirements(&conda.packages, install.place.file, CondaHolder::Install(number), &mut out);
    }
    out
}

fn requirements(packages: &[CondaRequirement], file: FileId, holder: CondaHolder, out: &mut Vec<Named>) {
    for (index, package) in packages.iter().enumerate() {
        let Some(name) = distribution_of(&package.name.value) else { continue };
        let held = match package.exact() {
            Some(version) if is_common_version(version) => Held::At(version.to_owned()),
            Some(_) => continue,
            None => match specifiers(package) {
                Some(specifiers) => Held::Within(specifiers),
                None => continue,
            },
        };
        out.push(one(name, held, Holder::Conda(holder, index), Place::new(file, package.span)));
    }
}

fn one(name: String, held: Held, holder: Holder, place: Place) -> Named {
    Named {
        name,
        held,
        whose: Whose::Channel,
        because: None,
        group: Group::Runtime,
        holder,
        is_constrained: false,
        place,
    }
}

/// A version specification in PEP 440's form; none where that cannot say it.
fn specifiers(package: &CondaRequirement) -> Option<String> {
    if package.hold() == Hold::Any {
        return Some(String::new());
    }
    let text = &package.version.as_ref()?.value;
    let part = |part: &str| {
        let part = part.trim();
        let version = part.trim_start_matches(['=', '<', '>', '!', '~']);
        let operator = part.get(..part.len() - version.len())?;
        let version = version.trim();
        let bare = version.strip_suffix(".*").or_else(|| version.strip_suffix('*')).unwrap_or(version);
        if !is_common_version(bare) {
            return None;
        }
        let is_series = bare.len() != version.len();
        Some(match (operator, is_series) {
            ("=", _) | ("" | "==", true) => format!("=={bare}.*"),
            ("" | "==", false) => format!("=={bare}"),
            ("!=", true) => format!("!={bare}.*"),
            ("<" | ">" | "<=" | ">=" | "!=" | "~=", _) => format!("{operator}{bare}"),
            _ => return None,
        })
    };
    let parts: Option<Vec<String>> = text.split(',').map(part).collect();
    parts.map(|parts| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    #[test]
    fn specifications_in_the_words_of_pep_440() {
        for (version, expected) in [
            ("", Some("")),
            ("*", Some("")),
            ("=1.2", Some("==1.2.*")),
            ("1.2.*", Some("==1.2.*")),
            ("=1.2.*", Some("==1.2.*")),
            (">=1.2, <2", Some(">=1.2,<2")),
            ("~=1.2.0", Some("~=1.2.0")),
            (">=1|<0.5", None),
            (">=${V}", None),
        ] {
            let package = CondaRequirement {
                version: Some(Spanned::new(version.to_owned(), Span::default())).filter(|v| !v.value.is_empty()),
                ..CondaRequirement::default()
            };
            assert_eq!(specifiers(&package).as_deref(), expected, "{version}");
        }
    }
}
