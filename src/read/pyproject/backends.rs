//! Tables of PDM and of build backends: setuptools, hatch, flit, maturin, setuptools-rust. Sources:
//! their manuals.

use super::uv::head;
use super::{Reading, one_or_more};
use crate::graph::kinds::python::{DeclaredIndex, Group, Priority, Tool};
use crate::parse::toml::{Table, Value};
use crate::read::toml_help::{table, text};
use crate::source::Spanned;

impl Reading {
    pub(super) fn pdm(&mut self, pdm: &Table) {
        self.found.unpublished |= pdm.get("distribution").and_then(Value::as_bool) == Some(false);
        self.lists("dev-dependencies", pdm.get("dev-dependencies"), Group::Named);
        let order = table(pdm, &["resolution"]).and_then(|resolution| resolution.get("respect-source-order"));
        self.found.keeps_source_order = order.and_then(Value::as_bool) == Some(true);
        for source in pdm.get("source").into_iter().flat_map(Value::tables) {
            self.found.indexes.push(declared(source));
        }
    }

    pub(super) fn backends(&mut self, tools: &Table) {
        self.setuptools(tools);
        self.hatch(tools);
        if let Some(flit) = table(tools, &["flit", "metadata"]) {
            self.list("requires", flit.get("requires"), &Group::Runtime);
            self.lists("requires-extra", flit.get("requires-extra"), Group::Extra);
        }
        let backend = self.found.build_backend.as_ref().map(|backend| backend.value.as_str());
        self.found.is_maturin = backend == Some("maturin");
        let named = text(table(tools, &["maturin"]).and_then(|maturin| maturin.get("manifest-path")));
        self.found.maturin_manifest = named.or_else(|| {
            let modules = table(tools, &["setuptools-rust"])?.get("ext-modules")?;
            text(modules.tables().next()?.get("path"))
        });
    }

    /// Files that `dynamic` fields are read from.
    fn setuptools(&mut self, tools: &Table) {
        let Some(dynamic) = table(tools, &["setuptools", "dynamic"]) else { return };
        let fields = dynamic.get("dependencies").into_iter();
        let extras =
            table(dynamic, &["optional-dependencies"]).into_iter().flat_map(Table::iter).map(|(_, value)| value);
        for field in fields.chain(extras) {
            self.found.dynamic_files.extend(one_or_more(field.get("file")));
        }
    }

    fn hatch(&mut self, tools: &Table) {
        let Some(hatch) = table(tools, &["hatch"]) else { return };
        if let Some(hook) = table(hatch, &["metadata", "hooks", "requirements_txt"]) {
            self.found.dynamic_files.extend(one_or_more(hook.get("files")));
            for (_, files) in table(hook, &["optional-dependencies"]).into_iter().flat_map(Table::iter) {
                self.found.dynamic_files.extend(one_or_more(Some(files)));
            }
        }
        let build = table(hatch, &["build"]);
        let parts = [build.and_then(|b| table(b, &["hooks"])), build.and_then(|b| table(b, &["targets"]))];
        for (name, part) in parts.into_iter().flatten().flat_map(Table::iter) {
            self.list(name, part.get("dependencies"), &Group::Build);
        }
        self.list("build", build.and_then(|build| build.get("dependencies")), &Group::Build);
        for (name, environment) in table(hatch, &["envs"]).into_iter().flat_map(Table::iter) {
            for key in ["dependencies", "extra-dependencies"] {
                self.list(key, environment.get(key), &Group::Named(name.to_owned()));
            }
        }
    }
}

fn declared(source: &Table) -> DeclaredIndex {
    let name = text(source.get("name"));
    // A source of this name takes PyPI's place.
    let is_default = name.as_ref().is_some_and(|name| name.value == "pypi");
    DeclaredIndex {
        tool: Tool::Pdm,
        name: name.unwrap_or_else(|| Spanned::new(String::new(), head(source))),
        url: text(source.get("url")),
        priority: if is_default { Priority::Default } else { Priority::Normal },
        tls_off: source
            .entry("verify_ssl")
            .filter(|entry| entry.value.as_bool() == Some(false))
            .map(crate::parse::toml::Entry::span),
        ignored_errors: None,
        is_filtered: source.get("include_packages").is_some() || source.get("exclude_packages").is_some(),
        span: source.span,
    }
}
