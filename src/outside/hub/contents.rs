//! Small files, of which a hub says the name that git gives them and no SHA-256: they are fetched, compared with that
//! name and hashed.

use std::sync::Mutex;

use sha2::Digest as _;
use sha2::Sha256;

use super::HubFile;
use super::RepoKind;
use super::Request;
use super::Site;
use super::manners::Manners;
use super::manners::at_once;
use super::repository::is_commit;
use super::repository::is_name;
use super::repository::refusal;
use crate::source::objects::Oid;

/// Most bytes of a file. The hub takes no larger ones outside of large file storage.
const MOST_OF_ONE: u64 = 10 << 20;
/// Most bytes of all files of a repository.
const MOST_OF_ALL: u64 = 256 << 20;
/// Files of a repository that are fetched.
const MAX_FILES: usize = 20_000;

/// The bytes of a small file at a commit.
pub(super) fn content(
    manners: &Manners<'_>,
    kind: RepoKind,
    name: &str,
    commit: &str,
    path: &str,
) -> Result<Vec<u8>, String> {
    if !is_name(name) || !is_commit(commit) || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("a file is asked for by name, commit in full and path".to_owned());
    }
    fetch(manners, kind, name, commit, path).map_err(|lack| lack.why)
}

/// Why a file cannot be had.
struct Lack {
    why: String,
    /// Whether it is the same for every other file of its repository.
    is_of_all: bool,
}

fn fetch(manners: &Manners<'_>, kind: RepoKind, name: &str, commit: &str, path: &str) -> Result<Vec<u8>, Lack> {
    // Models are what a name is of where its address says nothing.
    let kind = match kind {
        RepoKind::Model => None,
        RepoKind::Dataset | RepoKind::Kernel => Some(kind.word()),
    };
    let parts = kind.into_iter().chain(name.split('/')).chain(["resolve", commit]).chain(path.split('/'));
    let request = Request {
        site: Site::Hub,
        path: parts.map(str::to_owned).collect(),
        query: None,
        accept: "",
        is_head: false,
        bearer: None,
        most: MOST_OF_ONE,
    };
    let reply = manners.ask(&request).map_err(|why| Lack { why, is_of_all: false })?;
    if reply.code == 200 {
        return Ok(reply.bytes);
    }
    match refusal(&reply) {
        Ok(state) => Err(Lack { why: state.why().to_owned(), is_of_all: true }),
        Err(why) => Err(Lack { why, is_of_all: matches!(reply.code, 401 | 403) }),
    }
}

/// Tells the SHA-256 of files of which it is not known, or why it cannot be told. Which files are fetched depends on
/// the list alone, so that one list is always answered in one way.
pub(super) fn complete(manners: &Manners<'_>, kind: RepoKind, name: &str, commit: &str, files: &mut [HubFile]) {
    let (mut bytes, mut count) = (0_u64, 0);
    let mut wanted = Vec::new();
    for (at, file) in files.iter_mut().enumerate() {
        let Some(blob) = file.blob.as_deref().and_then(Oid::from_hex).filter(|_| file.sha256.is_none()) else {
            continue;
        };
        if file.size > MOST_OF_ONE {
            file.missing = Some(format!(
                "it has more than {} MiB and no SHA-256 on the hub, which asks for a download",
                MOST_OF_ONE >> 20
            ));
        } else if count == MAX_FILES || bytes.saturating_add(file.size) > MOST_OF_ALL {
            file.missing = Some(format!(
                "more than {MAX_FILES} small files or {} MiB of them, the rest were not fetched",
                MOST_OF_ALL >> 20
            ));
        } else {
            (bytes, count) = (bytes + file.size, count + 1);
            wanted.push((at, file.path.clone(), file.size, blob));
        }
    }
    let of_all: Mutex<Option<String>> = Mutex::new(None);
    let told = at_once(manners.manner.at_once, wanted, |(at, path, size, blob)| {
        if let Some(why) = of_all.lock().ok().and_then(|why| why.clone()) {
            return (at, Err(why));
        }
        let told = fetch(manners, kind, name, commit, &path).map_err(|lack| {
            if lack.is_of_all
                && let Ok(mut of_all) = of_all.lock()
            {
                *of_all = Some(lack.why.clone());
            }
            lack.why
        });
        (at, told.and_then(|bytes| compare(&bytes, size, &blob)))
    });
    for (at, told) in told {
        if let Some(file) = files.get_mut(at) {
            match told {
                Ok(sha256) => file.sha256 = Some(sha256),
                Err(why) => file.missing = Some(why),
            }
        }
    }
}

/// The SHA-256 of bytes that are what git's name says.
fn compare(bytes: &[u8], size: u64, blob: &Oid) -> Result<[u8; 32], String> {
    if bytes.len() as u64 != size || blob.of_blob(bytes).as_ref() != Some(blob) {
        return Err("the hub sends other bytes than its list of files names".to_owned());
    }
    Ok(Sha256::digest(bytes).into())
}
