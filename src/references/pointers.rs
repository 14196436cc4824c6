//! Small files that stand for large ones by a digest, and the lock of hub kernels: git LFS, DVC, `kernels.lock`,
//! `[tool.kernels.dependencies]`.
//!
//! Sources: the specification of git LFS, `docs/spec.md`; the `.dvc` files and `dvc.lock` of DVC; `kernels/lockfile.py`
//! of the kernels library.

use std::sync::Arc;

use super::found::FileFound;
use super::names;
use super::{AssetKind, At, Hub, Pin, Pointer, Reference};
use crate::parse::{Budget, json, toml, yaml};
use crate::source::Span;

/// A pointer of LFS is shorter, by its specification.
const MAX_LFS: usize = 1024;
/// Ends of files of weights and of data. Source: the `.gitattributes` that Hugging Face gives new repositories.
const LARGE: &[&str] = &[
    "7z",
    "arrow",
    "bin",
    "bz2",
    "caffemodel",
    "ckpt",
    "ftz",
    "ggml",
    "gguf",
    "gz",
    "h5",
    "joblib",
    "keras",
    "mlmodel",
    "model",
    "msgpack",
    "nemo",
    "npy",
    "npz",
    "onnx",
    "onnx_data",
    "ot",
    "parquet",
    "pb",
    "pickle",
    "pkl",
    "pt",
    "pth",
    "rar",
    "safetensors",
    "tar",
    "tflite",
    "tgz",
    "wasm",
    "xz",
    "zip",
    "zst",
];
/// Files of one pointer of DVC.
const MAX_OUTS: usize = 10_000;

/// Whether a file is a pointer or a lock of kernels, by its name. A pointer of LFS is known by [`is_lfs`] alone.
pub(in crate::references) fn claims(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    matches!(name, "kernels.lock" | "dvc.lock" | "pyproject.toml") || (name.ends_with(".dvc") && name.len() > 4)
}

/// Whether a file is often kept in git LFS, so that a small one may be its pointer.
pub(in crate::references) fn may_be_lfs(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    let Some((stem, end)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else { return false };
    let end = end.to_ascii_lowercase();
    LARGE.binary_search(&end.as_str()).is_ok() || (stem.ends_with(".tar") && end.len() <= 3)
}

/// Whether a file of this size may be a pointer.
pub(in crate::references) fn is_small(size: u64) -> bool {
    size < MAX_LFS as u64
}

/// Whether the first bytes of a file are those of a pointer of LFS.
pub(in crate::references) fn is_lfs(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs.github.com/spec/")
        || head.starts_with(b"version https://hawser.github.com/spec/")
}

/// What one file points to.
pub(in crate::references) fn of_file(path: &Arc<str>, text: &str, out: &mut FileFound) {
    if is_lfs(text.as_bytes()) {
        match lfs(path, text) {
            Some(pointer) => out.pointers.push(pointer),
            None => out.problems.push("the pointer of git LFS names no digest".to_owned()),
        }
        return;
    }
    let name = path.rsplit('/').next().unwrap_or("");
    match name {
        "kernels.lock" => kernels(path, text, out),
        "pyproject.toml" => dependencies(path, text, out),
        "dvc.lock" => dvc_lock(path, text, out),
        _ if name.ends_with(".dvc") => dvc(path, text, out),
        _ => {}
    }
}

fn at(path: &Arc<str>, span: Span) -> At {
    At { path: Arc::clone(path), span }
}

fn lfs(path: &Arc<str>, text: &str) -> Option<Pointer> {
    if text.len() >= MAX_LFS {
        return None;
    }
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')).map(str::trim);
    let digest = value("oid")?;
    let (algorithm, hex) = digest.split_once(':')?;
    let is_digest = algorithm == "sha256" && hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let span = Span::new(0, text.len());
    is_digest.then(|| Pointer {
        at: at(path, span),
        target: path.to_string(),
        digest: digest.to_ascii_lowercase(),
        size: value("size").and_then(|size| size.parse().ok()),
        from: None,
    })
}

/// A list of kernels, each with the commit and the digests of its builds.
fn kernels(path: &Arc<str>, text: &str, out: &mut FileFound) {
    let document = json::parse(text, &mut Budget::default());
    let Some(locks) = document.root.as_ref().and_then(|root| root.as_array()) else {
        out.problems.push("the lock of kernels is no list".to_owned());
        return;
    };
    for lock in locks {
        let (Some(name), Some(commit)) = (lock.get("repo_id"), lock.get("sha")) else {
            out.problems.push("an entry of the lock of kernels names no repository or no commit".to_owned());
            continue;
        };
        let (Some(id), Some(sha)) = (name.as_str(), commit.as_str()) else { continue };
        if !names::has_owner(id) {
            continue;
        }
        let reference = Reference::new(AssetKind::Kernel, Hub::HuggingFace, id, at(path, name.span), "kernels.lock");
        out.references.push(reference.at_revision(sha, Some(at(path, commit.span))));
        // What is no commit holds nothing.
        if names::pin_of(sha) == Pin::Commit {
            out.kernels.push((id.to_owned(), sha.to_owned()));
        }
    }
    if !document.problems.is_empty() {
        out.problems.push("the lock of kernels is no JSON throughout".to_owned());
    }
}

/// `[tool.kernels.dependencies]`: kernels with the versions that the lock may take.
fn dependencies(path: &Arc<str>, text: &str, out: &mut FileFound) {
    if !text.contains("kernels") {
        return;
    }
    let document = toml::parse(text, &mut Budget::default());
    let Some(table) = document.get(&["tool", "kernels", "dependencies"]).and_then(|value| value.as_table()) else {
        return;
    };
    for entry in table.entries() {
        let name = entry.key.value.as_str();
        if !names::has_owner(name) {
            continue;
        }
        let by = "tool.kernels.dependencies";
        let mut reference = Reference::new(AssetKind::Kernel, Hub::HuggingFace, name, at(path, entry.key.span), by);
        let version =
            entry.value.as_str().map(str::to_owned).or_else(|| entry.value.as_integer().map(|n| n.to_string()));
        if let Some(version) = version {
            // One version is a name that is given once; a range is whatever comes.
            let is_one = version.starts_with("==") || version.bytes().all(|b| b.is_ascii_digit());
            reference.pin = if is_one { Pin::Tag } else { Pin::Branch };
            reference.revision = Some(version);
            reference.revision_place = Some(at(path, entry.value.span));
        }
        out.references.push(reference);
    }
}

/// `name.dvc`: its outputs beside it, and where they were brought from.
fn dvc(path: &Arc<str>, text: &str, out: &mut FileFound) {
    let document = yaml::parse(text, &mut Budget::default());
    let Some(root) = document.root() else {
        out.problems.push("the pointer of DVC is empty".to_owned());
        return;
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = joined(folder, root.get("wdir").and_then(|n| n.as_str()).unwrap_or("."));
    let from = root.get("deps").and_then(|deps| deps.items().first()).and_then(origin);
    outs(path, root, &folder, from.as_deref(), out);
}

/// `dvc.lock`: the outputs of each stage, from the folder it lies in.
fn dvc_lock(path: &Arc<str>, text: &str, out: &mut FileFound) {
    let document = yaml::parse(text, &mut Budget::default());
    let Some(root) = document.root() else { return };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // Since version 2 of the file the stages have a key of their own.
    let stages = root.get("stages").unwrap_or(root);
    for stage in stages.entries() {
        outs(path, &stage.value, folder, None, out);
    }
    for data in root.get("datasets").map(|n| n.items()).unwrap_or_default() {
        let Some(url) = data.get("url").and_then(|n| n.as_str()) else { continue };
        if let Some(found) = names::of_address(url) {
            let mut reference =
                Reference::new(AssetKind::Dataset, found.hub, found.name, at(path, data.span), "dvc.lock");
            if let Some(revision) = found.revision {
                reference = reference.at_revision(revision, None);
            }
            out.references.push(reference);
        }
    }
}

fn outs(path: &Arc<str>, node: &yaml::Node, folder: &str, from: Option<&str>, out: &mut FileFound) {
    for one in node.get("outs").map(|n| n.items()).unwrap_or_default().iter().take(MAX_OUTS) {
        let Some(target) = one.get("path").and_then(|n| n.as_str()) else { continue };
        let digest = ["md5", "sha256", "checksum", "etag"].iter().find_map(|key| {
            let value = one.get(key).and_then(|n| n.as_str())?;
            Some(format!("{key}:{value}"))
        });
        // An output that is not cached has none, as one that was never made.
        let Some(digest) = digest else { continue };
        let size = one.get("size").and_then(|n| n.as_str()).and_then(|size| size.parse().ok());
        out.pointers.push(Pointer {
            at: at(path, one.span),
            target: joined(folder, target),
            digest,
            size,
            from: from.map(str::to_owned),
        });
    }
}

/// Where a dependency lies: an address, or a path of a repository at a commit.
fn origin(node: &yaml::Node) -> Option<String> {
    let text = |node: &yaml::Node, key: &str| node.get(key).and_then(|n| n.as_str()).map(str::to_owned);
    if let Some(repository) = node.get("repo") {
        let url = text(repository, "url")?;
        let revision = text(repository, "rev_lock").or_else(|| text(repository, "rev"));
        let path = text(node, "path").unwrap_or_default();
        return Some(match revision {
            Some(revision) => format!("{url}@{revision}:{path}"),
            None => format!("{url}:{path}"),
        });
    }
    text(node, "url").or_else(|| text(node, "path").filter(|path| path.contains("://")))
}

/// A path from the root of the tree.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> FileFound {
        let mut out = FileFound::default();
        of_file(&Arc::from(path), text, &mut out);
        out
    }

    const SHA: &str = "02dbf31fea0b92714c80fdc90888da7e96374a1f52c621a939835fd3c876ddcc";

    /// A pointer's file and text, then what it points to: path, digest, size, origin.
    type Case<'c> = (&'c str, &'c str, &'c str, &'c str, Option<u64>, Option<&'c str>);

    #[test]
    fn files_that_are_often_large_are_known_by_their_ends() {
        assert!(LARGE.is_sorted());
        for yes in ["a/model.safetensors", "pytorch_model.BIN", "x.tar.gz", "x.parquet", "a.onnx_data"] {
            assert!(may_be_lfs(yes), "{yes}");
        }
        for no in ["a/model.py", ".bin", "bin", "a.bin/readme", "x.md"] {
            assert!(!may_be_lfs(no), "{no}");
        }
        assert!(is_small(130) && !is_small(1024));
    }

    #[test]
    fn pointers_name_what_they_stand_for() {
        let lfs = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{SHA}\nsize 426084\n");
        let cases: &[Case<'_>] = &[
            ("a/model.bin", &lfs, "a/model.bin", &format!("sha256:{SHA}"), Some(426_084), None),
            (
                "a/x.dvc",
                "outs:\n- md5: ab.dir\n  size: 7\n  path: x\n  hash: md5\n",
                "a/x",
                "md5:ab.dir",
                Some(7),
                None,
            ),
            (
                "a/b/x.dvc",
                "wdir: ..\ndeps:\n- url: s3://bucket/x\n  etag: q\nouts:\n- md5: ab\n  path: x\n",
                "a/x",
                "md5:ab",
                None,
                Some("s3://bucket/x"),
            ),
            (
                "x.dvc",
                "deps:\n- path: d/x\n  repo:\n    url: https://example.com/r\n    rev_lock: c0\nouts:\n- md5: ab\n  path: x\n",
                "x",
                "md5:ab",
                None,
                Some("https://example.com/r@c0:d/x"),
            ),
            (
                "p/dvc.lock",
                "schema: '2.0'\nstages:\n  train:\n    cmd: t\n    outs:\n    - path: models\n      md5: cd.dir\n      size: 9\n",
                "p/models",
                "md5:cd.dir",
                Some(9),
                None,
            ),
        ];
        for (path, text, target, digest, size, from) in cases {
            let out = found(path, text);
            assert_eq!(out.pointers.len(), 1, "{path}");
            let pointer = &out.pointers[0];
            assert_eq!((pointer.target.as_str(), pointer.digest.as_str()), (*target, *digest), "{path}");
            assert_eq!((pointer.size, pointer.from.as_deref()), (*size, *from), "{path}");
        }
        assert_eq!(found("m", "version https://git-lfs.github.com/spec/v1\nsize 3\n").problems.len(), 1);
    }

    #[test]
    fn kernels_are_held_by_their_lock() {
        let commit = "1e0a9708f0fe47009a3d292226c5492474353258";
        let lock = format!(
            "[{{\"repo_id\": \"kernels-community/moe\", \"sha\": \"{commit}\", \"variants\": {{\"torch25-cxx11\": \
             {{\"hash\": \"sha256-{SHA}\", \"hash_type\": \"git_lfs_concat\"}}}}}}]"
        );
        let out = found("server/kernels.lock", &lock);
        assert_eq!(out.kernels, [("kernels-community/moe".to_owned(), commit.to_owned())]);
        assert_eq!(
            out.references.iter().map(|r| (r.kind, r.pin)).collect::<Vec<_>>(),
            [(AssetKind::Kernel, Pin::Commit)]
        );
        let out = found("p/pyproject.toml", "[tool.kernels.dependencies]\n\"kernels-community/moe\" = \">=0.1.1\"\n");
        let kernel = &out.references[0];
        assert_eq!((kernel.name.as_str(), kernel.revision.as_deref()), ("kernels-community/moe", Some(">=0.1.1")));
        assert_eq!(kernel.pin, Pin::Branch);
        assert_eq!(found("kernels.lock", "{}").problems.len(), 1);
    }
}
