//! What a project says of itself for readers: PEP 621 and 639, Poetry's tables, classifiers.

use crate::graph::kinds::about::ProjectAbout;
use crate::parse::toml::{Table, Value};
use crate::read::toml_help::{table, text, texts};
use crate::source::Spanned;

/// A longer `license` is the text of one and not its name.
const LONGEST_NAME: usize = 80;

/// What stands before the name of a licence in a classifier.
const CLASS: &str = "License :: ";

/// Classifiers that name one licence of SPDX's list. Source: PyPI's list of classifiers; PEP 639, "Mapping license
/// classifiers to SPDX identifiers".
const CLASSES: &[(&str, &str)] = &[
    ("Apache Software License", "Apache-2.0"),
    ("Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
    ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    ("GNU Affero General Public License v3 or later (AGPLv3+)", "AGPL-3.0-or-later"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Lesser General Public License v2 or later (LGPLv2+)", "LGPL-2.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("Universal Permissive License (UPL)", "UPL-1.0"),
    ("zlib/libpng License", "Zlib"),
];

/// Adds what `[project]` says.
pub(super) fn project(project: &Table, about: &mut ProjectAbout) {
    common(project, about);
    for person in project.get("authors").and_then(Value::as_array).unwrap_or_default() {
        let of = |key: &str| text(person.get(key)).map(|text| text.value);
        about.authors.push((of("name"), of("email")));
    }
    urls(project, about);
}

/// Adds what `[tool.poetry]` says, where `[project]` says nothing.
pub(super) fn poetry(poetry: &Table, about: &mut ProjectAbout) {
    common(poetry, about);
    if about.authors.is_empty() {
        // `Name <mail>`, which is taken apart by who uses it.
        about.authors = texts(poetry.get("authors")).into_iter().map(|author| (Some(author.value), None)).collect();
    }
    for key in ["homepage", "repository", "documentation"] {
        about.urls.extend(text(poetry.get(key)).map(|url| (key.to_owned(), url.value)));
    }
    urls(poetry, about);
}

fn common(from: &Table, about: &mut ProjectAbout) {
    let stated = text(from.get("license")).or_else(|| text(from.get("license").and_then(|l| l.get("text"))));
    about.licence = about.licence.take().or(stated.filter(|text| is_name(&text.value)));
    about.description = about.description.take().or_else(|| text(from.get("description")).map(|text| text.value));
    let classes = texts(from.get("classifiers"));
    about.classified.extend(classes.iter().filter_map(|class| of_class(&class.value)));
}

fn urls(from: &Table, about: &mut ProjectAbout) {
    for (label, url) in table(from, &["urls"]).into_iter().flat_map(Table::iter) {
        about.urls.extend(text(Some(url)).map(|url| (label.to_owned(), url.value)));
    }
}

/// Adds what a project says that is no TOML: single values by the keys of setuptools, its classifiers, its addresses.
pub(in crate::read) fn setuptools(
    value: &dyn Fn(&str) -> Option<Spanned<String>>,
    classes: &[Spanned<String>],
    about: &mut ProjectAbout,
) {
    about.licence = value("license").filter(|text| is_name(&text.value));
    about.description = value("description").map(|text| text.value);
    about.classified = classes.iter().filter_map(|class| of_class(&class.value)).collect();
    let of = |key: &str| value(key).map(|text| text.value);
    let author = (of("author"), of("author_email"));
    about.authors.extend((author != (None, None)).then_some(author));
    about.urls.extend(value("url").map(|url| ("homepage".to_owned(), url.value)));
}

/// Whether a `license` is the name of one and not its text.
fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_NAME && !text.trim().contains('\n')
}

/// The licence that a classifier names; none where it names none, or a whole kind of them.
fn of_class(class: &str) -> Option<String> {
    let name = class.trim().strip_prefix(CLASS)?;
    let name = name.strip_prefix("OSI Approved").map_or(name, |rest| rest.strip_prefix(" :: ").unwrap_or(""));
    let known = CLASSES.iter().find(|(known, _)| *known == name).map(|(_, id)| (*id).to_owned());
    known.or_else(|| (!name.is_empty()).then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifiers_name_a_licence_or_none() {
        for (class, expected) in [
            ("License :: OSI Approved :: MIT License", Some("MIT")),
            ("License :: OSI Approved :: BSD License", Some("BSD License")),
            ("License :: Other/Proprietary License", Some("Other/Proprietary License")),
            ("License :: OSI Approved", None),
            ("Programming Language :: Rust", None),
        ] {
            assert_eq!(of_class(class).as_deref(), expected, "{class}");
        }
    }
}
