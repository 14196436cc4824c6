//! Which cargo is started: one of an installed toolchain, with the compiler beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Environment;

/// Cargo and its compiler, by absolute paths outside the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The program.
    pub cargo: PathBuf,
    /// The compiler.
    pub rustc: PathBuf,
    /// The toolchain's name, where rustup installed it.
    pub name: Option<OsString>,
}

/// Finds the toolchain that is active where no file of a tree has a say: the one that
/// `RUSTUP_TOOLCHAIN` names, else rustup's default, else what lies in `PATH` without rustup.
///
/// # Errors
/// Why there is none, as a sentence.
pub fn find(border: &Path, environment: &Environment) -> Result<Toolchain, String> {
    let rustup_home = environment.rustup_home.clone().map(PathBuf::from);
    let rustup_home = rustup_home.or_else(|| environment.home.as_ref().map(|home| Path::new(home).join(".rustup")));
    for folder in environment.path.iter().flat_map(std::env::split_paths).filter(|f| f.is_absolute()) {
        let program = |name: &str| outside(border, &folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)));
        let Some(cargo) = program("cargo") else { continue };
        if program("rustup").is_none() && cargo.file_stem().is_none_or(|stem| stem != "rustup") {
            let Some(rustc) = program("rustc") else { continue };
            return Ok(Toolchain { cargo, rustc, name: None });
        }
        break;
    }
    let home = rustup_home.ok_or("no cargo was found in `PATH`")?;
    let name = match &environment.rustup_toolchain {
        Some(name) => name.clone(),
        None => default_toolchain(&home).ok_or("no cargo was found in `PATH`, and rustup has no default toolchain")?,
    };
    // A path would name programs of whoever set it; cargo hands on what the tree wrote.
    if Path::new(&name).components().count() != 1 || name.to_string_lossy().contains(['/', '\\', ':']) {
        return Err("`RUSTUP_TOOLCHAIN` is a path, not a name".to_owned());
    }
    let (name, folder) = installed(&home.join("toolchains"), &name)
        .ok_or_else(|| format!("the toolchain `{}` is not installed", name.display()))?;
    let program =
        |program: &str| outside(border, &folder.join("bin").join(format!("{program}{}", std::env::consts::EXE_SUFFIX)));
    match (program("cargo"), program("rustc")) {
        (Some(cargo), Some(rustc)) => Ok(Toolchain { cargo, rustc, name: Some(name) }),
        _ => Err(format!("the toolchain `{}` has no cargo outside the audited tree", name.display())),
    }
}

/// A program that is there and does not lie in the tree, with links followed.
fn outside(border: &Path, path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    (real.is_file() && !real.starts_with(border)).then_some(real)
}

/// The folder of a toolchain; short names such as `stable` stand for that of this machine.
fn installed(toolchains: &Path, name: &OsString) -> Option<(OsString, PathBuf)> {
    let exact = toolchains.join(name);
    if exact.join("bin").is_dir() {
        return Some((name.clone(), exact));
    }
    let start = format!("{}-{}", name.to_str()?, std::env::consts::ARCH);
    let mut found: Vec<OsString> = std::fs::read_dir(toolchains)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .filter(|entry| entry.to_str().is_some_and(|entry| entry.starts_with(&start)))
        .collect();
    found.sort();
    let full = found.into_iter().next()?;
    let folder = toolchains.join(&full);
    Some((full, folder))
}

/// `default_toolchain` of rustup's settings.
fn default_toolchain(home: &Path) -> Option<OsString> {
    let text = std::fs::read_to_string(home.join("settings.toml")).ok()?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("default_toolchain"))?;
    let value = line.trim_start().strip_prefix('=')?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| OsString::from(value))
}
