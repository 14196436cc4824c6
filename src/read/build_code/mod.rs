//! Code that runs because something is built, as far as it brings something from elsewhere: build scripts of
//! Rust, `setup.py` and hooks of Python's builds, CMake, Bazel, Meson's wraps. Nothing is run; what is told is where
//! a download stands, from where, and what says which content it must have.

mod bazel;
mod cmake;
mod code;
mod hook;
mod idle;
mod names;
mod process;
mod python;
mod rust;
mod text;
mod wrap;

pub use bazel::BazelReader;
pub use cmake::CMakeReader;
pub use hook::BuildHookReader;
pub(super) use hook::named as named_hooks;
pub(super) use python::of_module;
pub use rust::RustScriptReader;
pub use wrap::WrapReader;
