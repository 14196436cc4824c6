//! What to write to hold a load, by who loads it and by what is known of it.

use crate::graph::assets::Load;
use crate::graph::locked::Hold;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::rules::Scene;
use crate::source::RepoPath;
use crate::source::Role;

/// Functions of Python that take `revision=` beside a name, by the last part of their names. Source: the
/// documentation of transformers, datasets, huggingface_hub, diffusers, sentence-transformers, vLLM, kernels and
/// modelscope.
const TAKE_REVISION: &[&str] = &[
    "AsyncEngineArgs",
    "CrossEncoder",
    "EngineArgs",
    "LLM",
    "LayerRepository",
    "ModelConfig",
    "MsDataset.load",
    "SentenceTransformer",
    "SparseEncoder",
    "cached_file",
    "from_pretrained",
    "from_single_file",
    "get_dataset_config_info",
    "get_dataset_config_names",
    "get_dataset_infos",
    "get_dataset_split_names",
    "get_kernel",
    "hf_hub_download",
    "hf_hub_url",
    "load_adapter",
    "load_dataset",
    "load_dataset_builder",
    "load_ip_adapter",
    "load_lora_weights",
    "load_textual_inversion",
    "model_file_download",
    "pipeline",
    "snapshot_download",
];

/// What to write to hold it.
pub(super) fn hold(scene: &Scene<'_>, load: &Load) -> String {
    let reference = &load.loaded.reference;
    let path = scene.sources.path(load.loaded.call.file);
    if let Some(commit) = scene.assets.locked_at(scene.documents, load) {
        return match &reference.edit {
            Some(_) => format!("write the commit that the lock holds, {commit}, at the call: `cargo custody fix`"),
            None => format!("write the commit that the lock holds, {commit}, where it is loaded"),
        };
    }
    let written = match (&reference.edit, written(reference.hub, reference.kind, &reference.loader.by, path)) {
        (Some(edit), _) if reference.hub != Hub::TorchHub => {
            let written = format!("{}<commit>{}", edit.before.trim_start_matches([',', ' ', '\n']), edit.after);
            format!("name the commit: {}", written.trim())
        }
        (_, Some(words)) => words.replace("{name}", &reference.name),
        _ => "fetch a commit of it first and load its folder, unless its loader takes a revision".to_owned(),
    };
    if is_lockable(reference.hub) && is_locked_by_default(path) {
        let keeps = match load.hold {
            Hold::Missing(_) => "puts it into the lock",
            _ => "finds and keeps it",
        };
        return format!("{written}; `cargo custody lock --online` {keeps}");
    }
    written
}

/// The words for a commit where no one place is known for it; `{name}` stands for the name.
fn written(hub: Hub, kind: AssetKind, by: &str, path: &str) -> Option<String> {
    let last = by.rsplit('.').next().unwrap_or(by);
    let is_python = path.ends_with(".py") || path.ends_with(".ipynb");
    let words = match hub {
        Hub::TorchHub => "name the commit behind the repository: owner/name:<commit>",
        _ if is_python && TAKE_REVISION.iter().any(|known| *known == last || *known == by) => {
            "name the commit: revision=\"<commit>\""
        }
        _ if path.ends_with(".rs") => "name the commit: `Repo::with_revision(…, \"<commit>\")`",
        _ if kind == AssetKind::Kernel => "name the commit behind the name: {name}@<commit>",
        // The tasks of lm-evaluation-harness.
        _ if !is_python && last == "dataset_path" => {
            "name the commit beside it: `dataset_kwargs: {revision: <commit>}`"
        }
        _ if !is_python => {
            "name the commit where what reads the file takes one, else fetch it first and name its folder"
        }
        _ => return None,
    };
    Some(words.to_owned())
}

/// Whether `cargo custody lock` can find what stands behind a name.
pub(in crate::rules) fn is_lockable(hub: Hub) -> bool {
    matches!(hub, Hub::HuggingFace | Hub::Address)
}

/// Whether `cargo custody lock` holds what a file loads where nobody asks for more.
pub(in crate::rules) fn is_locked_by_default(path: &str) -> bool {
    let role = RepoPath::new(path).map(|path| Role::of_path(&path));
    matches!(role, Some(Role::Product | Role::Ci | Role::Development))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_who_loads_it() {
        let cases: &[(Hub, AssetKind, &str, &str, Option<&str>)] = &[
            (Hub::HuggingFace, AssetKind::Model, "AutoModel.from_pretrained", "a.py", Some("revision=\"<commit>\"")),
            (Hub::HuggingFace, AssetKind::Model, "pipeline", "a.ipynb", Some("revision=\"<commit>\"")),
            (Hub::HuggingFace, AssetKind::Dataset, "load_dataset", "a.py", Some("revision=\"<commit>\"")),
            (Hub::HuggingFace, AssetKind::Model, "Api.model", "src/a.rs", Some("Repo::with_revision")),
            (Hub::HuggingFace, AssetKind::Kernel, "attn_implementation", "a.yaml", Some("{name}@<commit>")),
            (Hub::TorchHub, AssetKind::Model, "torch.hub.load", "a.py", Some("owner/name:<commit>")),
            (Hub::HuggingFace, AssetKind::Dataset, "dataset_path", "a.yaml", Some("dataset_kwargs")),
            (Hub::HuggingFace, AssetKind::Model, "BERTopic", "a.py", None),
        ];
        for (hub, kind, by, path, expected) in cases {
            let found = written(*hub, *kind, by, path);
            match expected {
                Some(words) => assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{by}: {found:?}"),
                None => assert_eq!(found, None, "{by}"),
            }
        }
        assert!(is_locked_by_default("src/serve.py") && !is_locked_by_default("tests/test_serve.py"));
    }
}
