//! Environments of hatch: what each lists is a group of its own. Source: hatch's manual, "Environment
//! configuration".

use super::Reading;
use crate::graph::kinds::python::Group;
use crate::parse::toml::{Table, Value};
use crate::read::toml_help::table;

impl Reading {
    /// `[tool.hatch.envs.NAME] dependencies`.
    pub(super) fn hatch_environments(&mut self, tools: &Table) {
        let Some(environments) = table(tools, &["hatch", "envs"]) else { return };
        for (name, environment) in environments.iter() {
            let group = Group::Named(name.to_owned());
            for key in ["dependencies", "extra-dependencies"] {
                let Some(value) = environment.get(key) else { continue };
                let Some(items) = value.as_array() else {
                    self.problems.push(value.span, format!("`{key}` should be a list"));
                    continue;
                };
                // `other @ {root:uri}/other` is a folder of the tree; hatch alone knows what it puts in.
                let is_plain = |item: &&Value| item.as_str().is_none_or(|text| !text.contains(['{', '}']));
                items.iter().filter(is_plain).for_each(|item| self.item(item, &group));
            }
        }
    }
}
