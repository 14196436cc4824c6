//! Configurations that name code: of the folder, or of another repository.

use std::collections::BTreeSet;

use super::code::Code;
use super::documents::{Scalar, Way, values};
use super::imports;
use super::places::{Place, ancestors, dir_of};
use super::{BASE_CLIMBS, BASE_OUTSIDE, CLASS_DANGEROUS, ESCAPE, FOREIGN_CODE, TRUSTS};
use crate::scan::Context;
use crate::scan::archives::CODE;
use crate::scan::archives::rated::is_dangerous_path;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::source::Folder;

/// References that are kept of one configuration.
const KEPT: usize = 200;

/// What is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// A module of the model. Whether it must be there: else it may be one that is installed.
    Module(String, bool),
    /// A module of a part of a pipeline, in the part's folder or beside the pipeline.
    Part(String, String),
    /// Something of another repository.
    Foreign(String, String),
    /// Code of a repository or of the folder, whichever there is.
    Either(String),
    /// A class that the loader imports, of the folder or of what is installed.
    Class(String),
    /// A path that should lie within.
    Path(String),
    /// A base model that is a path.
    Base(String),
    /// Code is switched on.
    Trust,
}

/// Looks at the configurations of a folder.
pub(super) fn look(place: &Place<'_>, code: &mut Code<'_>, context: &mut Context<'_>) {
    for (name, path) in place.named() {
        if is_configuration(name) {
            configuration(name, path, code, context);
        }
    }
}

/// Whether some loader takes code by what a file of that name says.
fn is_configuration(name: &str) -> bool {
    matches!(name, "model_index.json" | "modular_model_index.json" | "modules.json" | "Manifest.json")
        || (name.ends_with(".json") && name.contains("config") && !matches!(name, "tsconfig.json" | "jsconfig.json"))
}

fn configuration(name: &str, path: &str, code: &mut Code<'_>, context: &mut Context<'_>) {
    // What cannot be opened is told by its own report.
    let Ok(bytes) = code.folder().open(path) else { return };
    let mut found: Vec<(Target, &'static str, u64)> = Vec::new();
    let mut seen = BTreeSet::new();
    values(&bytes, context, |way, value, at| {
        if let Some((target, key)) = named(name, way, value)
            && found.len() < KEPT
            && seen.insert(target.clone())
        {
            found.push((target, key, at));
        }
    });
    let shown_path = code.name(path).to_owned();
    for (target, key, at) in found {
        context.inside(&shown_path, |context| tell(&target, key, at, path, code, context));
        // Outside of the configuration's own name: what is found in code lies in the code.
        for file in resolved(&target, path, code.folder()) {
            code.rate(&file, context);
        }
    }
}

/// What a value names, and under which key.
fn named(file: &str, way: &Way, value: Scalar<'_>) -> Option<(Target, &'static str)> {
    let text = match value {
        Scalar::Text(text) => text,
        Scalar::True if way.index().is_none() && way.last() == Some("trust_remote_code") => {
            return Some((Target::Trust, "trust_remote_code"));
        }
        Scalar::True if file == "configuration.json" && way.depth() == 1 && way.key(0) == Some("allow_remote") => {
            return Some((Target::Trust, "allow_remote"));
        }
        Scalar::True | Scalar::Other => return None,
    };
    if way.is_below("auto_map") && (text.contains('.') || text.contains("--")) {
        return Some((class(text), "auto_map"));
    }
    if way.is_below("custom_pipelines") && way.last() == Some("impl") {
        return Some((class(text), "custom_pipelines"));
    }
    match (way.depth(), way.key(0)) {
        (1, Some("custom_pipeline")) if matches!(file, "model_index.json" | "config.json") => {
            Some((Target::Either(text.to_owned()), "custom_pipeline"))
        }
        (1, Some("custom_generate")) if matches!(file, "generation_config.json" | "config.json") => {
            Some((Target::Either(text.to_owned()), "custom_generate"))
        }
        (2, Some("plugins")) if file == "configuration.json" => Some((Target::Trust, "plugins")),
        (1, Some("tool_class")) if file == "tool_config.json" => Some((class(text), "tool_class")),
        (1, Some("base_model_name_or_path")) if file == "adapter_config.json" => {
            leads_out(text).is_some().then(|| (Target::Base(text.to_owned()), "base_model_name_or_path"))
        }
        // Parts of encoders make their activation, and the encoders of their routes, by name.
        (1, Some("activation_function"))
            if file == "config.json" && is_class(text) && !text.starts_with("torch.nn.") =>
        {
            Some((Target::Class(text.to_owned()), "activation_function"))
        }
        (2, Some("types"))
            if matches!(file, "config.json" | "router_config.json")
                && is_class(text)
                && !text.starts_with("sentence_transformers.") =>
        {
            Some((Target::Class(text.to_owned()), "types"))
        }
        (2, Some("_class_name")) if way.index() == Some(0) => {
            Some((Target::Module(text.to_owned(), true), "_class_name"))
        }
        (2, Some(part)) if file == "model_index.json" && way.index() == Some(0) => {
            Some((Target::Part(part.to_owned(), text.to_owned()), "model_index.json"))
        }
        (2, None) if file == "modules.json" && way.last() == Some("type") => {
            let is_own = text.starts_with("sentence_transformers.") || !text.contains('.');
            (!is_own).then(|| match class(text) {
                Target::Module(module, _) => (Target::Module(module, false), "type"),
                other => (other, "type"),
            })
        }
        (3, _) if file == "Manifest.json" && way.last() == Some("path") => {
            leads_out(text).is_some().then(|| (Target::Path(text.to_owned()), "path"))
        }
        (2, None) if file == "modules.json" && way.last() == Some("path") => {
            leads_out(text).is_some().then(|| (Target::Path(text.to_owned()), "path"))
        }
        _ => None,
    }
}

/// Whether a text has the form of `module.Class`.
fn is_class(text: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c == '_' || c.is_alphanumeric())
            && !part.starts_with(|c: char| c.is_ascii_digit())
    };
    text.contains('.') && text.split('.').all(is_name)
}

/// A class as `module.Class` or `owner/repository--module.Class`.
fn class(text: &str) -> Target {
    if let Some((repository, class)) = text.split_once("--") {
        return Target::Foreign(repository.to_owned(), class.to_owned());
    }
    let module = text.rsplit_once('.').map_or(text, |(module, _)| module);
    Target::Module(module.to_owned(), true)
}

fn tell(target: &Target, key: &str, at: u64, path: &str, code: &Code<'_>, context: &mut Context<'_>) {
    let is_there = || !resolved(target, path, code.folder()).is_empty();
    match target {
        Target::Module(module, _) if leads_out(module).is_some() => {
            context.find(&ESCAPE, at, format!("`{key}` loads code from `{}`, outside of the model", shown(module)));
        }
        Target::Module(module, must) => {
            let file = shown(&file_of(module));
            if is_there() {
                let message = if key == "_class_name" {
                    format!("the pipeline itself is `{file}`, code of the model")
                } else {
                    format!("`{key}` has `{file}` run with `trust_remote_code=True`")
                };
                context.find(&CODE, at, message);
            } else if *must {
                context.find(&CODE, at, format!("`{key}` names the code `{file}`, which runs with the model"));
                context.unread(at, format!("the code `{file}` is not in the folder"));
            }
        }
        Target::Part(part, module) => {
            if leads_out(module).is_some() || leads_out(part).is_some() {
                let message = format!("the part `{}` is loaded from `{}`", shown(part), shown(module));
                context.find(&ESCAPE, at, message);
            } else if is_there() {
                let (part, file) = (shown(part), shown(&file_of(module)));
                context.find(&CODE, at, format!("the part `{part}` of the pipeline is `{file}`, code of the model"));
            }
        }
        Target::Class(class) if is_dangerous_path(class) && !is_there() => {
            let message = format!("`{key}` has `{}` imported and called", shown(class));
            context.find(&CLASS_DANGEROUS, at, message);
        }
        Target::Class(class) => {
            context.find(&CODE, at, format!("`{key}` has `{}` imported and called", shown(class)));
        }
        Target::Base(path) => {
            // A path of the machine it was trained on is left over in many; one that climbs is meant.
            let climbs = path.split(['/', '\\']).any(|part| part == "..");
            let rule = if climbs { &BASE_CLIMBS } else { &BASE_OUTSIDE };
            context.find(rule, at, format!("the base model is `{}`", shown(path)));
        }
        Target::Foreign(repository, class) => {
            let (repository, class) = (shown(repository), shown(class));
            let message = format!("`{key}` fetches the code of `{class}` from the repository `{repository}`");
            context.find(&FOREIGN_CODE, at, message);
        }
        Target::Either(named) if is_there() => {
            context.find(&CODE, at, format!("`{key}` runs `{}`, code of the model", shown(named)));
        }
        Target::Either(named) => {
            context.find(&FOREIGN_CODE, at, format!("`{key}` fetches code from `{}`", shown(named)));
        }
        Target::Path(named) => {
            context.find(&ESCAPE, at, format!("`{key}` is `{}`, outside of the model", shown(named)));
        }
        Target::Trust => {
            context.find(&TRUSTS, at, format!("`{key}` is switched on by the configuration"));
        }
    }
}

/// Files of the folder that are meant: beside the configuration, or in a folder above it, where loaders look for
/// the code of a part.
fn resolved(target: &Target, path: &str, folder: &dyn Folder) -> Vec<String> {
    let (module, part) = match target {
        Target::Class(class) => (class.rsplit_once('.').map_or(class.as_str(), |(module, _)| module), None),
        Target::Module(module, _) | Target::Either(module) => (module.as_str(), None),
        Target::Part(part, module) => (module.as_str(), Some(part)),
        Target::Foreign(..) | Target::Path(_) | Target::Base(_) | Target::Trust => return Vec::new(),
    };
    let module = module.strip_suffix(".py").unwrap_or(module);
    if leads_out(module).is_some() {
        return Vec::new();
    }
    let parts: Vec<&str> = module.split(['.', '/']).filter(|part| !part.is_empty()).collect();
    let mut out = Vec::new();
    for dir in ancestors(dir_of(path)) {
        if let Some(part) = part {
            imports::resolve(folder, &format!("{dir}{part}/"), &parts, &mut out);
        }
        imports::resolve(folder, dir, &parts, &mut out);
        if !out.is_empty() || part.is_some() {
            break;
        }
    }
    out
}

/// The file of a module, as messages have it.
fn file_of(module: &str) -> String {
    let module = module.strip_suffix(".py").unwrap_or(module);
    if module.contains('/') { format!("{module}.py") } else { format!("{}.py", module.replace('.', "/")) }
}
