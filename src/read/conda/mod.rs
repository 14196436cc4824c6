//! Files of conda's world: environments, locks, settings, and pixi's. Which files are of which kind, and
//! how each writes what it asks for. Sources: conda's manual ("Managing environments", "Package match
//! specifications", "Using the .condarc configuration file"), conda-lock's lock schema v1, pixi's manual.

pub mod environment;
pub mod explicit;
pub mod lock;
pub mod pixi;
pub mod pixi_lock;
pub mod settings;
mod spec;

#[cfg(test)]
mod tests;
