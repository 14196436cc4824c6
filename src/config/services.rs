//! `[[service]]`: parts of a monorepo; `[roles]`: what files are for.

use std::collections::BTreeSet;

use super::effective::{RoleEntry, ServiceEntry};
use super::gate::{THRESHOLD, fields};
use super::words::{ROLES, hint, only, pattern, text, texts};
use crate::parse::Problem;
use crate::parse::toml::{Entry, Table};
use crate::source::Spanned;

/// Keys of a service besides those of a threshold.
pub(super) const OWN: &[&str] = &["name", "paths", "owner", "ships"];
/// Services, patterns of one, and entries of `[roles]`.
const MANY: usize = 200;

/// All keys of a service.
pub(super) fn keys() -> Vec<&'static str> {
    // What an organisation lets be loosened is said of families and rules.
    OWN.iter().chain(THRESHOLD).copied().filter(|key| !matches!(*key, "may-loosen" | "level")).collect()
}

/// Reads `[[service]]`. An entry with a mistake is left out whole.
pub(super) fn read(entry: &Entry, problems: &mut Vec<Problem>) -> Vec<ServiceEntry> {
    let mut out = Vec::new();
    let Some(items) = entry.value.as_array() else {
        problems.push(Problem::new(entry.span(), "`service` is a list of tables, `[[service]]`"));
        return out;
    };
    let mut names = BTreeSet::new();
    for item in items {
        if out.len() == MANY {
            problems.push(Problem::new(item.span, format!("a policy has at most {MANY} services")));
            break;
        }
        let Some(table) = item.as_table() else {
            problems.push(Problem::new(item.span, "a service is a table with `name` and `paths`"));
            continue;
        };
        let before = problems.len();
        let service = one(table, problems);
        if problems.len() == before
            && let Some(service) = service
        {
            if names.insert(service.name.value.clone()) {
                out.push(service);
            } else {
                let why = format!("`{}` is declared twice", service.name.value);
                problems.push(Problem::new(service.name.span, why));
            }
        }
    }
    out
}

fn one(table: &Table, problems: &mut Vec<Problem>) -> Option<ServiceEntry> {
    only(table, "`[[service]]`", &keys(), problems);
    let span = table.header.unwrap_or(table.span);
    for key in ["name", "paths"] {
        if table.get(key).is_none() {
            problems.push(Problem::new(span, format!("a service without `{key}`")));
        }
    }
    let name = text(table, "name", problems);
    if let Some(name) = name.as_ref().filter(|name| name.value.len() > 80 || name.value.contains(char::is_control)) {
        problems.push(Problem::new(name.span, "the name of a service is one line of at most 80 signs"));
    }
    let mut bounded = |key: &str| {
        let list = texts(table, key, problems);
        if let Some(first) = list.get(MANY) {
            problems.push(Problem::new(first.span, format!("`{key}` has at most {MANY} entries")));
        }
        list
    };
    let (paths, ships) = (bounded("paths"), bounded("ships"));
    let paths = paths.into_iter().filter_map(|path| pattern(path, problems)).collect();
    let owner = text(table, "owner", problems);
    Some(ServiceEntry { name: name?, paths, owner, ships, threshold: fields(table, problems), span })
}

/// Reads `[roles]`: `"samples/**" = "example"`.
pub(super) fn roles(table: &Table, problems: &mut Vec<Problem>) -> Vec<RoleEntry> {
    let mut out = Vec::new();
    for entry in table.entries() {
        if out.len() == MANY {
            problems.push(Problem::new(entry.key.span, format!("`[roles]` has at most {MANY} entries")));
            break;
        }
        let Some(glob) = pattern(entry.key.clone(), problems) else { continue };
        match entry.value.as_str() {
            Some(role) if ROLES.contains(&role) => {
                out.push(RoleEntry { glob, role: Spanned::new(role.to_owned(), entry.value.span) });
            }
            word => {
                let hint = word.map(|word| hint(word, ROLES.iter().copied())).unwrap_or_default();
                let why = format!("a role is one of {}{hint}", ROLES.join(", "));
                problems.push(Problem::new(entry.value.span, why));
            }
        }
    }
    out
}
