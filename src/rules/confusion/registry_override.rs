//! A variable that sends the crates of a registry elsewhere than the configuration says.

use super::registry_variables;
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "registry-override",
    title: "registry that a variable sends elsewhere",
    many: "{n} registries are sent elsewhere by variables",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("registry_override.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let capitals = |name: &str| name.to_ascii_uppercase().replace('-', "_");
    for variable in registry_variables::all(scene) {
        let role = scene.role(variable.place.file);
        let declared = scene.configs().flat_map(|config| config.registries.iter().map(move |r| (config, r)));
        let mut of_name = declared
            .filter(|(_, registry)| capitals(&registry.name.value) == variable.registry)
            .filter_map(|(config, registry)| Some((config, &registry.name.value, registry.index.as_ref()?)));
        let Some((config, name, index)) = of_name.next() else { continue };
        let bare = |url: &str| url.strip_prefix("sparse+").unwrap_or(url).trim_end_matches('/').to_owned();
        let is_same = |url: &str| bare(url) == bare(&variable.address.value);
        if is_same(&index.value) || of_name.any(|(_, _, other)| is_same(&other.value)) || role.is_set_aside() {
            continue;
        }
        report
            .at(variable.place, variable.address.value.clone())
            .about("registry", name.clone(), None)
            .role(role)
            .related(Place::new(config.file, index.span), format!("the configuration names {}", index.value))
            .content(format!("{name} {}", variable.address.value))
            .evidence("the configuration and the variable; cargo takes the variable first")
            .advise("give the registry one address: in .cargo/config.toml, or in the variable and nowhere else")
            .say(format!(
                "crates of registry `{name}` come from {} here, and from {} where the variable is not set",
                variable.address.value, index.value
            ));
    }
}
