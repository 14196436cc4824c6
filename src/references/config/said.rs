//! What is said beside a name: its revision, who gives it, and how far it is trusted.

use super::document::Entry;
use super::document::Kind;
use super::document::find;
use super::edit;
use super::hosted;
use super::hosted::Provider;
use super::keys;
use super::values::Named;
use super::walk::Walk;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Loader;
use crate::references::Pin;
use crate::references::Reference;
use crate::references::Said;
use crate::references::Standing;
use crate::source::Span;

impl Walk<'_> {
    /// A reference for something that is named, with what stands beside it. `whole` is the value with its quotes.
    pub(super) fn reference(
        &self,
        named: Named,
        span: Span,
        by: &str,
        key: &str,
        beside: &[Entry],
        whole: Option<Span>,
    ) -> Reference {
        let mut reference = Reference::new(named.kind, named.hub, named.name, self.at(span), by);
        reference.standing = if self.is_catalogue { Standing::Told } else { named.standing };
        reference.files.extend(named.file.filter(|file| file.contains('.')));
        reference.loader = self.loader(by, beside);
        let digest = find(beside, &["sha256", "sha256sum", "checksum"]).and_then(|entry| entry.value.as_str());
        reference.digest = digest.filter(|d| d.len() == 64).map(|digest| format!("sha256:{digest}"));
        if reference.hub == Hub::Ollama {
            return match named.revision {
                Some(tag) => Reference { pin: tag_pin(&tag), revision: Some(tag), ..reference },
                None => reference,
            };
        }
        if let Some(revision) = named.revision {
            return reference.at_revision(revision, Some(self.at(span)));
        }
        if !matches!(reference.hub, Hub::HuggingFace | Hub::ModelScope) {
            return reference;
        }
        let revision = revision_of(key, reference.kind, beside);
        if let Some(entry) = revision {
            if let Some(text) = entry.value.text() {
                let place = self.at(text.host_span(0..text.text.len()));
                let commit = self.at(entry.value.span);
                reference = if text.text.contains('$') {
                    Reference {
                        pin: Pin::Dynamic,
                        revision: Some(text.text.clone()),
                        revision_place: Some(place),
                        ..reference
                    }
                } else {
                    reference.at_revision(text.text.clone(), Some(place))
                };
                reference.edit = edit::replace(self.format, commit);
            } else {
                reference.edit = edit::replace(self.format, self.at(entry.value.span));
            }
        } else if let Some(whole) = whole.filter(|_| self.host.is_none()) {
            let name = edit::revision_key(&self.path, key, &self.above, reference.kind, beside);
            let own = beside.iter().find(|entry| entry.value.span == whole);
            reference.edit =
                name.zip(own).and_then(|(name, own)| edit::insert(self.format, self.text, &self.path, own, name));
        }
        reference
    }

    /// What is said of trust beside a name.
    pub(super) fn loader(&self, by: &str, beside: &[Entry]) -> Loader {
        let mut loader = Loader { by: by.to_owned(), ..Loader::default() };
        let kwargs = [
            "dataset_kwargs",
            "model_kwargs",
            "model_init_kwargs",
            "load_dataset_kwargs",
            "tokenizer_kwargs",
            "model_args",
        ];
        let nested = kwargs.iter().filter_map(|key| find(beside, &[key])).flat_map(|entry| entry.value.entries());
        for entry in beside.iter().chain(nested) {
            let said = match &entry.value.kind {
                Kind::Bool(true) => Said::On(self.span(entry.value.span)),
                Kind::Bool(false) => Said::Off(self.span(entry.value.span)),
                Kind::Text(text) if text.text.contains('$') => Said::Dynamic(self.span(entry.value.span)),
                Kind::Text(text) if text.text.eq_ignore_ascii_case("true") => Said::On(self.span(entry.value.span)),
                _ => continue,
            };
            let slot = match entry.plain.as_str() {
                "trust_remote_code" | "hf_trust_remote_code" | "model_trust_remote_code" => &mut loader.remote_code,
                "use_safetensors" => &mut loader.safetensors,
                "weights_only" => &mut loader.weights_only,
                "allow_pickle" => &mut loader.allow_pickle,
                "safe_mode" => &mut loader.safe_mode,
                _ => continue,
            };
            *slot = slot.or(Some(said));
        }
        loader
    }
}

/// How a tag of Ollama holds: its library moves every tag.
pub(in crate::references) fn tag_pin(tag: &str) -> Pin {
    if tag == "latest" { Pin::Branch } else { Pin::Tag }
}

/// The entry that gives the revision of what a key names.
fn revision_of<'e>(key: &str, kind: AssetKind, beside: &'e [Entry]) -> Option<&'e Entry> {
    if key.is_empty() {
        return None;
    }
    let wanted = keys::revision_keys(key, kind);
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let own = find(beside, &wanted);
    // In `dataset_kwargs` a revision is the data set's.
    own.or_else(|| {
        let kwargs = if kind == AssetKind::Dataset { "dataset_kwargs" } else { "model_kwargs" };
        find(find(beside, &[kwargs])?.value.entries(), &["revision"])
    })
}

/// Who gives the model, as a key beside it says.
pub(super) fn provider(beside: &[Entry]) -> Option<Provider> {
    let keys = [
        "provider",
        "model_provider",
        "llm_provider",
        "custom_llm_provider",
        "api_type",
        "type",
        "provider_type",
        "engine",
        "backend",
        "_type",
        "embedding_provider",
    ];
    keys.iter().filter_map(|key| find(beside, &[key])).find_map(|entry| hosted::provider(entry.value.as_str()?))
}
