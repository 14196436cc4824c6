//! Which models the tree makes, of which others, with which data, by which scripts and with which packages.
//!
//! What comes of a training is a component, whether it has a name or not: without it nothing would say that the base
//! and the data are parts of what the tree makes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::assets::id_of;
use super::maker::Maker;
use super::models;
use super::words;
use crate::graph::identity;
use crate::graph::lineage;
use crate::graph::lineage::Lineage;
use crate::references::Output;
use crate::references::Part;
use crate::references::Task;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Process;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::source::Place;

/// Names of folders that say nothing of what lies in them.
const FOLDERS: &[&str] = &[
    "checkpoint",
    "checkpoints",
    "ckpt",
    "ckpts",
    "data",
    "final",
    "log",
    "logs",
    "model",
    "models",
    "out",
    "output",
    "output_dir",
    "outputs",
    "result",
    "results",
    "run",
    "runs",
    "save",
    "saves",
    "tmp",
    "tmp_dir",
    "temp",
    "trained",
    "weights",
    "work_dir",
];

/// Imports whose distributions are named otherwise.
const IMPORTS: &[(&str, &str)] = &[
    ("PIL", "pillow"),
    ("cv2", "opencv-python"),
    ("flash_attn", "flash-attn"),
    ("hydra", "hydra-core"),
    ("lightning_fabric", "lightning"),
    ("pytorch_lightning", "pytorch-lightning"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("yaml", "pyyaml"),
];

/// Adds them, and returns what makes them.
pub(super) fn add(maker: &mut Maker<'_>) -> Vec<Process> {
    let packages = packages(maker);
    let mut out: BTreeMap<String, Process> = BTreeMap::new();
    for lineage in lineage::of(maker.scene.documents, maker.scene.assets) {
        if maker.counts(lineage.trained.place.file)
            && let Some(process) = of_training(maker, &lineage, &packages)
        {
            match out.get_mut(&process.id) {
                None => _ = out.insert(process.id.clone(), process),
                Some(known) => {
                    known.inputs.extend(process.inputs);
                    known.outputs.extend(process.outputs);
                    known.evidence.extend(process.evidence);
                    for (name, value) in process.parameters {
                        known.parameters.entry(name).or_insert(value);
                    }
                }
            }
        }
    }
    out.into_values().collect()
}

/// Components of Python's distributions by name; where some are held at a release, those only.
fn packages(maker: &Maker<'_>) -> BTreeMap<String, Vec<String>> {
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for component in maker.components.values() {
        let is_python = component.purl.as_deref().is_some_and(|purl| purl.starts_with("pkg:pypi/"));
        if is_python {
            let into = if component.version.is_some() { &mut held } else { &mut asked };
            into.entry(identity::distribution_name(&component.name)).or_default().push(component.id.clone());
        }
    }
    for (name, ids) in asked {
        held.entry(name).or_insert(ids);
    }
    held
}

fn of_training(
    maker: &mut Maker<'_>,
    lineage: &Lineage<'_>,
    packages: &BTreeMap<String, Vec<String>>,
) -> Option<Process> {
    let trained = lineage.trained;
    let training = &trained.training;
    let mut inputs: Vec<(Part, String, Occurrence)> = Vec::new();
    // What is one of several to choose from.
    let mut possible: BTreeSet<(Part, String)> = BTreeSet::new();
    for input in &lineage.inputs {
        let (part, id) = (input.part, id_of(maker, input.load));
        if maker.components.contains_key(&id) && !inputs.iter().any(|(own, known, _)| *own == part && *known == id) {
            if input.is_possible {
                possible.insert((part, id.clone()));
            }
            inputs.push((part, id, maker.at(input.place, Some(word_of(part, training.task)))));
        }
    }
    let scope = maker.scope(trained.place.file);
    for (file, place) in training.files.iter().zip(&trained.files) {
        let id = data_file(maker, &file.path, scope, *place);
        if !inputs.iter().any(|(own, known, _)| *own == file.part && *known == id) {
            inputs.push((file.part, id, maker.at(*place, Some(word_of(file.part, training.task)))));
        }
    }
    let of = |part: Part| inputs.iter().filter(move |(own, ..)| *own == part);
    let bases: Vec<&(Part, String, Occurrence)> = of(Part::Base).chain(of(Part::Adapter)).collect();
    let is_told = match training.task {
        Task::Train => !bases.is_empty() || of(Part::Data).next().is_some(),
        Task::Quantise | Task::Merge => !bases.is_empty(),
        Task::Evaluate => !bases.is_empty() && of(Part::TestData).next().is_some(),
    };
    if !is_told {
        return None;
    }
    let at = maker.at(trained.place, Some(&training.by));
    let steps = steps(maker, lineage, scope);
    let first = steps.last().map_or_else(|| at.path.clone(), |id| id.trim_start_matches("file:").to_owned());
    let mut outputs: Vec<String> = Vec::new();
    if training.task != Task::Evaluate {
        outputs = results(maker, lineage, &first, scope, &at);
    }
    for (part, id, place) in &inputs {
        let is_possible = possible.contains(&(*part, id.clone()));
        let scope = if is_possible { scope.max(Scope::Optional) } else { scope };
        let kind = match (part, training.task) {
            (Part::Helper, _) => continue,
            (Part::TestData, Task::Evaluate) => {
                for (_, base, _) in &bases {
                    maker.relate(base, RelationKind::TestedOn, id, scope, Some(place.clone()));
                }
                continue;
            }
            (Part::Base | Part::Adapter, Task::Evaluate) => continue,
            (Part::TestData, _) => RelationKind::TestedOn,
            (Part::Data, Task::Train) => RelationKind::TrainedOn,
            // What quantising looks at sets scales and teaches nothing.
            (Part::Data, _) => RelationKind::DependsOn,
            (_, Task::Quantise) => RelationKind::QuantisedFrom,
            (_, Task::Merge) => RelationKind::MergedFrom,
            (_, Task::Train) if training.makes_adapter => RelationKind::AdapterOf,
            (_, Task::Train) => RelationKind::FineTunedFrom,
        };
        for output in &outputs {
            maker.relate(output, kind, id, scope, Some(place.clone()));
        }
    }
    for output in &outputs {
        for step in &steps {
            maker.relate(output, RelationKind::TrainedBy, step, scope, Some(at.clone()));
        }
    }
    // A recipe says nothing of packages; its script does.
    let tools: BTreeSet<&String> = training
        .imports
        .iter()
        .filter_map(|import| {
            let named = IMPORTS.iter().find(|(own, _)| own == import).map_or(import.as_str(), |(_, name)| name);
            packages.get(&identity::distribution_name(named))
        })
        .flatten()
        .collect();
    let from = if outputs.is_empty() { &steps } else { &outputs };
    for output in from {
        for tool in &tools {
            maker.relate(output, RelationKind::BuiltWith, tool, scope, Some(at.clone()));
        }
    }
    let mut parameters = training.parameters.clone();
    if !training.methods.is_empty() {
        let methods: Vec<&str> = training.methods.iter().map(String::as_str).collect();
        parameters.insert("method".to_owned(), methods.join(","));
    }
    let word = training.task.word();
    Some(Process {
        id: format!("process:{word}:{first}"),
        name: format!("{word} by {first}"),
        task: match training.task {
            Task::Train => "train",
            Task::Evaluate => "test",
            Task::Quantise => "build",
            Task::Merge => "merge",
        }
        .to_owned(),
        inputs: inputs.iter().map(|(_, id, _)| id.clone()).collect(),
        outputs: outputs.into_iter().collect(),
        steps,
        parameters,
        evidence: vec![at],
    })
}

/// The component of a file of the tree that is data.
fn data_file(maker: &mut Maker<'_>, path: &str, scope: Scope, place: Place) -> String {
    let at = maker.at(place, Some("data of the tree"));
    let owner = maker.owner(path).to_owned();
    let entry = FileEntry { path: path.to_owned(), ..FileEntry::default() };
    let mut component = models::of_file(path, entry);
    component.kind = Kind::Dataset;
    component.scope = scope;
    component.evidence.push(at.clone());
    let id = component.id.clone();
    maker.merge(component);
    maker.relate(&owner, RelationKind::Contains, &id, scope, Some(at));
    id
}

/// How a part is told of.
fn word_of(part: Part, task: Task) -> &'static str {
    match (part, task) {
        (Part::Base, Task::Evaluate) => "measured",
        (Part::Base, _) => "base",
        (Part::Adapter, _) => "adapter",
        (Part::Data, Task::Train) => "training data",
        (Part::Data, _) => "data",
        (Part::TestData, _) => "test data",
        (Part::Helper, _) => "helps",
    }
}

/// The scripts and recipes that are followed, as components: the script first.
fn steps(maker: &mut Maker<'_>, lineage: &Lineage<'_>, scope: Scope) -> Vec<String> {
    let training = &lineage.trained.training;
    let mut out: Vec<String> = Vec::new();
    for path in training.script.iter().chain(&training.recipes) {
        let id = format!("file:{path}");
        if out.contains(&id) {
            continue;
        }
        // The line is told where the file is the one that trains.
        let own = Some(lineage.trained.place).filter(|place| maker.path(place.file) == &**path);
        let at = own.map_or_else(
            || Occurrence { path: path.to_string(), line: 0, how: None },
            |place| maker.at(place, Some(&training.by)),
        );
        let owner = maker.owner(path).to_owned();
        maker.merge(Component {
            id: id.clone(),
            kind: Kind::File,
            name: path.to_string(),
            scope,
            evidence: vec![at.clone()],
            ..Component::default()
        });
        maker.relate(&owner, RelationKind::Contains, &id, scope, Some(at));
        out.push(id);
    }
    out
}

/// What comes of a training: what is put to a hub, else one model by the name of its folder, else one without a name.
fn results(maker: &mut Maker<'_>, lineage: &Lineage<'_>, first: &str, scope: Scope, at: &Occurrence) -> Vec<String> {
    let trained = lineage.trained;
    let training = &trained.training;
    let kind = if training.makes_adapter { Kind::Adapter } else { Kind::Model };
    let told = || training.outputs.iter().map(|(output, _)| output).zip(trained.outputs.iter().copied());
    let folder = told().find_map(|(output, place)| match output {
        Output::Path(path) => Some((path.as_str(), place)),
        Output::Hub(_) => None,
    });
    let mut hubs: Vec<(&str, Place)> = Vec::new();
    for (output, place) in told() {
        if let Output::Hub(name) = output
            && words::name(name).is_some()
        {
            hubs.push((name, place));
        }
    }
    let new = |id: String, evidence: Occurrence| Component {
        id,
        kind,
        scope,
        evidence: vec![evidence],
        dependencies: Completeness::Unknown,
        ..Component::default()
    };
    let mut out = Vec::new();
    for (name, place) in hubs {
        let mut component = match name.split_once('/') {
            Some((owner, rest)) => {
                let mut own = new(format!("model:huggingface:{name}"), maker.at(place, Some("output")));
                own.group = Some(owner.to_owned());
                own.name = rest.to_owned();
                own.properties.insert("custody:hub".to_owned(), "huggingface".to_owned());
                own
            }
            // Whoever runs it is the owner.
            None => {
                let mut own = new(format!("model:trained:{name}"), maker.at(place, Some("output")));
                own.name = name.to_owned();
                own
            }
        };
        component.properties.insert("custody:output".to_owned(), "hub".to_owned());
        out.push(component.id.clone());
        maker.merge(component);
    }
    if !out.is_empty() {
        return out;
    }
    let name = folder.and_then(|(path, place)| Some((name_of(path)?, place)));
    let component = match name {
        Some((name, place)) => {
            let mut own = new(format!("model:trained:{first}:{name}"), maker.at(place, Some("output")));
            own.name = name;
            own.properties.insert("custody:output".to_owned(), "folder".to_owned());
            own
        }
        None => {
            let mut own = new(format!("model:trained:{first}"), at.clone());
            let done = match training.task {
                Task::Quantise => "quantised",
                Task::Merge => "merged",
                Task::Train | Task::Evaluate => "trained",
            };
            let of_tokenizer = training.task == Task::Train && training.by.ends_with("from_iterator");
            own.kind = if of_tokenizer { Kind::Tokenizer } else { kind };
            let what = if of_tokenizer { "tokenizer" } else { "model" };
            own.name = format!("{what} {done} by {first}");
            own.properties.insert("custody:output".to_owned(), "unnamed".to_owned());
            own
        }
    };
    out.push(component.id.clone());
    maker.merge(component);
    out
}

/// The name that a folder or file gives to what lies in it: its last part that says something.
fn name_of(path: &str) -> Option<String> {
    let says = |part: &&str| {
        let lower = part.to_ascii_lowercase();
        !matches!(*part, "" | "." | ".." | "~") && !FOLDERS.contains(&lower.as_str()) && lower.parse::<u64>().is_err()
    };
    path.split(['/', '\\']).rev().take(2).find(says).and_then(words::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_names_where_they_say_something() {
        for (path, expected) in [
            ("data/OpenR1-Distill-7B", Some("OpenR1-Distill-7B")),
            ("./outputs", None),
            ("outputs/x/final", Some("x")),
            ("/home/somebody/models/llama-sft", Some("llama-sft")),
            ("results/", None),
        ] {
            assert_eq!(name_of(path.trim_end_matches('/')).as_deref(), expected, "{path}");
        }
    }
}
