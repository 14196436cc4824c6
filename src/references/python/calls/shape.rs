//! What a call looks like before anything of it is followed.

use crate::parse::python::Kind;
use crate::references::Standing;
use crate::references::python::evaluate::given;
use crate::references::python::loaders;
use crate::references::python::loaders::NOWHERE;
use crate::references::python::scope::Call;

/// Whether a call may be one of a loader by its name as it is written: what is reached by a dot ends so whatever
/// stands before it, but for what an object keeps of its own.
pub(super) fn may_load(call: &Call<'_>) -> bool {
    let Kind::Attribute(object, name) = &call.function.kind else { return true };
    let is_own = matches!(&object.kind, Kind::Name(own) if own == "self" || own == "cls");
    // A kernel may be named beside whatever is called.
    let has_attention = name == "set_attn_implementation"
        || call.arguments.iter().any(|argument| argument.name.as_deref() == Some("attn_implementation"));
    is_own || has_attention || loaders::may_be_last(name)
}

/// Whether a call of a download looks into the cache only.
pub(in crate::references::python) fn is_look(call: &Call<'_>) -> bool {
    let is_download = call.function.last_name().is_some_and(|name| {
        matches!(name, "hf_hub_download" | "snapshot_download" | "cached_file" | "try_to_load_from_cache")
    });
    let only = given(call.arguments, "local_files_only", NOWHERE);
    is_download && only.is_some_and(|a| matches!(a.value.kind, Kind::Bool(true)))
}

pub(super) fn is_torch_load(paths: &[String]) -> bool {
    paths.iter().any(|path| path == "torch.load")
}

pub(super) fn is_true(call: &Call<'_>, keyword: &str) -> bool {
    given(call.arguments, keyword, 1).is_some_and(|a| !matches!(a.value.kind, Kind::Bool(false) | Kind::Nothing))
}

/// Whether the file of an address has the beginning of its SHA-256 in its name: `net-5c106cde.pth`. Source: the
/// documentation of `torch.hub`, `check_hash`.
pub(super) fn has_digest(address: &str) -> bool {
    let file = address.rsplit('/').next().unwrap_or(address);
    let digest = file.split_once('-').map_or("", |_| file.rsplit('-').next().unwrap_or(""));
    let digest = digest.split('.').next().unwrap_or(digest);
    digest.len() >= 8 && digest.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A dotted name as people know it: the class and its method.
pub(super) fn shown_of(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches(['.', '?']).split('.').collect();
    let length = parts.len();
    let is_class = |part: &str| part.starts_with(char::is_uppercase);
    match parts.as_slice() {
        [.., class, method] if is_class(class) || length == 2 => format!("{class}.{method}"),
        [.., "hub", method] => format!("torch.hub.{method}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    }
}

/// Whether a standing is the firmer one.
pub(in crate::references::python) fn is_firmer(a: Standing, b: Standing) -> bool {
    a < b
}
