//! Compiles `advisories-cache/*.tsv` and `advisories-cache/names/*.tsv` into the tables the library embeds.
//!
//! The tables are not kept in git: what is reviewed is the text, and what is shipped follows from it.

use std::path::Path;
use std::{env, fs, io};

use sha2::{Digest, Sha256};

// The same source the library uses and tests; these modules need nothing but `std`.
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/advisory/cluster.rs"]
mod cluster;
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/advisory/encode.rs"]
mod encode;
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/advisory/model.rs"]
mod model;
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/advisory/pool.rs"]
mod pool;
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/advisory/text.rs"]
mod text;

/// The lists of popular names; these modules, too, need nothing but `std`.
#[allow(dead_code, unreachable_pub, reason = "the library uses the rest")]
#[path = "src/impostor"]
mod impostor {
    pub mod encode;
    pub mod shape;
}

#[allow(clippy::disallowed_methods, reason = "a build script reads its inputs and writes its output")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=advisories-cache");
    println!("cargo::rerun-if-changed=build.rs");
    for module in ["cluster", "encode", "model", "pool", "text"] {
        println!("cargo::rerun-if-changed=src/advisory/{module}.rs");
    }
    for module in ["encode", "shape"] {
        println!("cargo::rerun-if-changed=src/impostor/{module}.rs");
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let files = texts("advisories-cache")?;
    let digest: [u8; 32] = Sha256::digest(encode::digest_input(&files)).into();
    let table = encode::compile(&files, digest).map_err(|e| io::Error::other(e.to_string()))?;
    fs::write(Path::new(&out).join("advisories.bin"), table)?;
    let mut lists = Vec::new();
    for (name, text) in texts("advisories-cache/names")? {
        let list = impostor::encode::Popular::parse(&text);
        lists.push(list.map_err(|(line, why)| io::Error::other(format!("names/{name}:{line}: {why}")))?);
    }
    fs::write(Path::new(&out).join("names.bin"), impostor::encode::compile(&lists))
}

/// The `.tsv` files of a folder by their names, in order.
#[allow(clippy::disallowed_methods, reason = "a build script reads its inputs")]
fn texts(folder: &str) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|e| e == "tsv") {
            // Checkouts on Windows may turn line ends; the digest must not depend on it.
            files.push((name, fs::read_to_string(&path)?.replace("\r\n", "\n")));
        }
    }
    files.sort();
    Ok(files)
}
