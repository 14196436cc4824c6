//! How parts were made.

use super::Reader;
use super::items;
use super::parts;
use super::parts::text;
use super::parts::texts;
use crate::parse::json::Value;
use crate::sbom::model::Process;
use crate::sbom::model::Scope;
use crate::sbom::properties;

impl Reader<'_, '_> {
    /// A formula: what it was made with, and the workflows.
    pub(super) fn formula(&mut self, formula: &Value) {
        for value in items(formula, "components") {
            if let Some(id) = self.component(value, None)
                && let Some(one) = self.bom.components.iter_mut().rev().find(|one| one.id == id)
                && value.get("scope").is_none()
            {
                // What makes the product is not shipped with it.
                one.scope = Scope::Excluded;
            }
        }
        for value in items(formula, "services") {
            self.service(value, None);
        }
        for workflow in items(formula, "workflows") {
            self.workflow(workflow);
            items(workflow, "tasks").iter().for_each(|task| self.workflow(task));
        }
    }

    fn workflow(&mut self, value: &Value) {
        let Some(id) = text(value, "bom-ref").or_else(|| text(value, "uid")) else {
            self.told.at(value.span, "a workflow without a reference is not used");
            return;
        };
        let mut one = Process {
            name: text(value, "name").unwrap_or_else(|| id.clone()),
            task: texts(value, "taskTypes").into_iter().next().unwrap_or_else(|| "other".to_owned()),
            id,
            ..Process::default()
        };
        for input in items(value, "inputs") {
            one.inputs.extend(self.resource(input));
            for parameter in items(input, "parameters") {
                if let Some(name) = text(parameter, "name") {
                    one.parameters.insert(name, text(parameter, "value").unwrap_or_default());
                }
            }
        }
        for output in items(value, "outputs") {
            one.outputs.extend(self.resource(output));
        }
        for step in items(value, "steps") {
            let names = parts::properties(step).filter(|(name, _)| *name == properties::STEP);
            one.steps.extend(names.map(|(_, id)| id));
        }
        for (name, value) in parts::properties(value) {
            match name {
                properties::EVIDENCE => one.evidence.push(parts::evidence(&value)),
                properties::TASK => one.task = value,
                _ => {}
            }
        }
        self.bom.processes.push(one);
    }

    /// The reference of what goes in or comes out.
    fn resource(&mut self, value: &Value) -> Option<String> {
        let resource = value.get("resource").or_else(|| value.get("source"))?;
        let id = text(resource, "ref")?;
        self.place(resource, "ref", &id);
        Some(id)
    }
}
