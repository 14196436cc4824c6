//! Binaries that carry the list of crates they were built from: the section `.dep-v0` of ELF, PE, Mach-O
//! and WebAssembly, JSON in zlib. Source: cargo-auditable, "PARSING.md" and its JSON schema.

mod sections;

use serde_json::Value;

use super::Budget;

pub use sections::is_binary;

/// Bytes of the list once it is unpacked. Real ones have some ten kilobytes.
const MAX_LIST: usize = 8 << 20;

/// A crate of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `crates.io`, `git`, `local`, `registry` or another word.
    pub source: String,
    /// Of kind `build`; the others are of kind `runtime`.
    pub is_build: bool,
    /// What was built.
    pub is_root: bool,
    /// Positions of what it needs; none beyond the list.
    pub dependencies: Vec<usize>,
}

/// The crates that a binary says it was built from; none where it says nothing.
///
/// # Errors
/// Why a list that is there cannot be read.
pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<Option<Vec<Package>>, String> {
    let Some(section) = sections::find(bytes, budget)? else { return Ok(None) };
    let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(section, MAX_LIST)
        .map_err(|_| "its list of crates cannot be unpacked".to_owned())?;
    let value: Value = serde_json::from_slice(&text).map_err(|_| "its list of crates is no JSON".to_owned())?;
    let listed = value.get("packages").and_then(Value::as_array).ok_or("its list of crates holds no packages")?;
    let mut out = Vec::new();
    for package in listed {
        if !budget.take_entry(0) {
            return Err("its list of crates is too long".to_owned());
        }
        let word = |key: &str| package.get(key).and_then(Value::as_str);
        let (Some(name), Some(version)) = (word("name"), word("version")) else {
            return Err("a crate in its list has no name or version".to_owned());
        };
        let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        let position = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n < listed.len());
        let dependencies: Vec<usize> = dependencies.filter_map(position).collect();
        if !budget.take_items(dependencies.len()) {
            return Err("its list of crates is too long".to_owned());
        }
        out.push(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            source: word("source").unwrap_or("").to_owned(),
            is_build: word("kind") == Some("build"),
            is_root: package.get("root").and_then(Value::as_bool).unwrap_or(false),
            dependencies,
        });
    }
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_a_module_is_read() {
        let json = br#"{"packages":[{"name":"time","version":"0.1.42","source":"crates.io","dependencies":[9]},
            {"name":"app","version":"1.0.0","source":"local","root":true,"dependencies":[0]},
            {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"}]}"#;
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(json, 6);
        let binary = sections::tests::wasm(".dep-v0", &packed);
        let found = parse(&binary, &mut Budget::default()).unwrap().unwrap();
        let told: Vec<String> = found
            .iter()
            .map(|p| format!("{} {} {} {} {} {:?}", p.name, p.version, p.source, p.is_build, p.is_root, p.dependencies))
            .collect();
        assert_eq!(
            told,
            [
                "time 0.1.42 crates.io false false []",
                "app 1.0.0 local false true [0]",
                "cc 1.0.0 crates.io true false []"
            ]
        );
        assert_eq!(parse(&sections::tests::wasm("name", b"x"), &mut Budget::default()), Ok(None));
        let broken = sections::tests::wasm(".dep-v0", b"not zlib");
        assert!(parse(&broken, &mut Budget::default()).unwrap_err().contains("unpacked"));
    }
}
