//! What an address names: on a hub, in a bucket, or a file of weights.

use super::values::Named;
use super::values::behind;
use super::values::ollama;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Standing;
use crate::references::names;

/// What an address names: on a hub, in a bucket, or a file of weights. With no kind, only what surely is loaded: a file
/// of a hub or of weights.
pub(in crate::references) fn address(text: &str, kind: Option<AssetKind>) -> Option<Named> {
    if text.contains(char::is_whitespace) || text.contains(['{', '}', '$', '<', '*']) {
        return None;
    }
    let whole = 0..text.len();
    let of = |hub, kind, name: &str| Named {
        hub,
        kind,
        name: name.to_owned(),
        revision: None,
        file: None,
        range: whole.clone(),
        standing: Standing::Runs,
    };
    let (scheme, rest) = text.split_once("://")?;
    let asked = kind.unwrap_or(AssetKind::Model);
    match scheme {
        "huggingface" => {
            // LocalAI: a branch may stand behind the file.
            let (path, revision) = rest.rsplit_once('@').map_or((rest, None), |(path, r)| (path, Some(r.to_owned())));
            let mut parts = path.splitn(3, '/');
            let name = format!("{}/{}", parts.next()?, parts.next()?);
            let file = parts.next().filter(|f| !f.is_empty()).map(str::to_owned);
            return names::has_owner(&name).then(|| Named { revision, file, ..of(Hub::HuggingFace, asked, &name) });
        }
        "hf" | "http" | "https" => {}
        "ollama" => return ollama(rest).map(|found| behind(found, text.len() - rest.len())),
        "modelscope" | "ms" => return names::has_owner(rest).then(|| of(Hub::ModelScope, asked, rest)),
        "s3" | "gs" | "az" | "wasbs" | "abfss" | "oss" | "tos" => {
            return (kind.is_some() && rest.contains('/') && !names::is_placeholder(rest))
                .then(|| of(Hub::Bucket, asked, text));
        }
        _ => return None,
    }
    if let Some(found) = names::of_address(text) {
        let is_loaded = scheme == "hf" || kind.is_some() || text.contains("/resolve/");
        let page = scheme != "hf"
            && found.revision.is_none()
            && kind == Some(AssetKind::Model)
            && found.kind != AssetKind::Model;
        let kind = if found.kind == AssetKind::Dataset { AssetKind::Dataset } else { asked };
        return (is_loaded && !page).then(|| Named {
            revision: found.revision,
            file: found.file,
            ..of(found.hub, kind, &found.name)
        });
    }
    // A page for readers on a hub is no file.
    let is_file = names::is_weights(text) && !text.contains("example.com/") && !text.contains("localhost");
    is_file.then(|| of(Hub::Address, asked, text))
}
